/** What our own server adds to the published API (api.md, "Extension"). */
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import { Slot, slotQueryFields, slotRange } from "../slot/Slot.ts"
import { Authorization } from "./Authorization.ts"
import { lang, readErrors } from "./Endpoint.ts"
import { Success } from "./Envelope.ts"
import { AllowedAccess, everyone, Provenance } from "./Operation.ts"
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
      .annotate(Provenance, "extension")
  )
  .middleware(RequestForm)
  .middleware(Authorization)
  .annotate(OpenApi.Title, "Extension") {}
