/** What our own server adds to the published API (api.md, "Extension"). */
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import { AuditEntry } from "../audit/AuditEntry.ts"
import { Pagination } from "../page/Page.ts"
import { described } from "../scalar/Described.ts"
import { Slot, slotQueryFields, slotRange } from "../slot/Slot.ts"
import { LocalDate } from "../time/LocalDate.ts"
import { Authorization } from "./Authorization.ts"
import { lang, paging, readErrors } from "./Endpoint.ts"
import { Success } from "./Envelope.ts"
import { AllowedAccess, admins, everyone, Provenance } from "./Operation.ts"
import { RequestForm } from "./RequestForm.ts"

export class ExtensionGroup extends HttpApiGroup.make("extension")
  .add(
    HttpApiEndpoint.get("listSlots", "/slots", {
      query: Schema.Struct({ ...slotQueryFields, ...lang }).check(slotRange),
      success: Success(Schema.Struct({ slots: Schema.Array(Slot) })),
      error: readErrors
    })
      .annotate(OpenApi.Summary, "Returns the free slots of a service.")
      .annotate(AllowedAccess, everyone)
      .annotate(Provenance, "extension"),
    HttpApiEndpoint.get("listAuditEntries", "/audit", {
      query: Schema.Struct({
        from: described(Schema.optionalKey(LocalDate), "The first day, in UTC."),
        to: described(Schema.optionalKey(LocalDate), "The last day, in UTC, inclusive."),
        ...paging,
        ...lang
      }),
      success: Success(Schema.Struct({ pagination: Pagination, entries: Schema.Array(AuditEntry) })),
      error: readErrors
    })
      .annotate(OpenApi.Summary, "Returns who changed what, for tokens of access admin.")
      .annotate(AllowedAccess, admins)
      .annotate(Provenance, "extension")
  )
  .middleware(RequestForm)
  .middleware(Authorization)
  .annotate(OpenApi.Title, "Extension") {}
