/** What our own server adds to the published API (api.md, "Extension"). */
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import { AuditEntry } from "../audit/AuditEntry.ts"
import { EventId } from "../event/Event.ts"
import { Pagination } from "../page/Page.ts"
import { described } from "../scalar/Described.ts"
import { BooleanText, fromDecimal } from "../scalar/Parameters.ts"
import { Slot, slotQueryFields, slotRange } from "../slot/Slot.ts"
import { LocalDate } from "../time/LocalDate.ts"
import { Authorization } from "./Authorization.ts"
import { lang, oneFacility, paging, readErrors } from "./Endpoint.ts"
import { Success } from "./Envelope.ts"
import { AllowedAccess, admins, everyone, Provenance, readers } from "./Operation.ts"
import { RequestForm } from "./RequestForm.ts"

/** The media type of the change feed (WHATWG HTML, 9.2). */
export const eventStream = "text/event-stream"

const eventId = fromDecimal(EventId)

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
      .annotate(Provenance, "extension"),
    HttpApiEndpoint.get("listEvents", "/events", {
      headers: Schema.Struct({
        "last-event-id": described(Schema.optionalKey(eventId), "As `after`, which it overrides.")
      }),
      query: Schema.Struct({
        after: described(Schema.optionalKey(eventId), "Only events with a greater id; without it, all that are kept."),
        facilityId: oneFacility,
        follow: described(
          Schema.optionalKey(BooleanText),
          "Whether to go on with events as they happen, true by default. With false the answer ends when all is told."
        ),
        ...lang
      }),
      success: HttpApiSchema.StreamUint8Array({ contentType: eventStream }),
      error: readErrors
    })
      .annotate(
        OpenApi.Summary,
        "Follows the changes of reservations, blocked times and calendars, as Server-Sent Events. Not for tokens of access book."
      )
      .annotate(AllowedAccess, readers)
      .annotate(Provenance, "extension")
  )
  .middleware(RequestForm)
  .middleware(Authorization)
  .annotate(OpenApi.Title, "Extension") {}
