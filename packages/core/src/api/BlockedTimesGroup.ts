/** Operations 11 to 14 of the reference. */
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import { BlockedTime, BlockedTimeChange, NewBlockedTime } from "../blocked-time/BlockedTime.ts"
import { Pagination } from "../page/Page.ts"
import { described } from "../scalar/Described.ts"
import { BlockedTimeId, ExternalId } from "../scalar/Id.ts"
import { fromDecimal } from "../scalar/Parameters.ts"
import { tolerant } from "../scalar/Tolerant.ts"
import { LocalDate } from "../time/LocalDate.ts"
import { Authorization } from "./Authorization.ts"
import { idempotency, lang, lastSync, oneFacility, paging, readErrors, writeErrors } from "./Endpoint.ts"
import { Success } from "./Envelope.ts"
import { AllowedAccess, Provenance, readers, writers } from "./Operation.ts"
import { RequestForm } from "./RequestForm.ts"

const params = Schema.Struct({ blockedTimeId: fromDecimal(BlockedTimeId) })

// The reference's sample of operation 13 has `reservationId`; ours sends both, equal, and reads either (api.md, 13).
const Moved = Schema.Struct({
  blockedTimeId: tolerant(BlockedTimeId),
  reservationId: tolerant(BlockedTimeId)
})

export class BlockedTimesGroup extends HttpApiGroup.make("blockedTimes")
  .add(
    HttpApiEndpoint.get("listBlockedTimes", "/blocked-times", {
      query: Schema.Struct({
        dateFrom: described(Schema.optionalKey(LocalDate), "Only what overlaps this day or a later one."),
        dateTo: described(Schema.optionalKey(LocalDate), "Only what overlaps this day or an earlier one."),
        ...paging,
        facilityId: oneFacility,
        lastSync,
        ...lang
      }),
      success: Success(Schema.Struct({ pagination: Pagination, blockedTimes: Schema.Array(BlockedTime) })),
      error: readErrors
    })
      .annotate(OpenApi.Summary, "Returns a list of blocked times by filter.")
      .annotate(AllowedAccess, readers)
      .annotate(Provenance, "inferred"),
    HttpApiEndpoint.post("createBlockedTime", "/blocked-times", {
      headers: idempotency,
      query: Schema.Struct(lang),
      payload: NewBlockedTime,
      success: Success(Schema.Struct({ blockedTimeId: BlockedTimeId, externalId: tolerant(ExternalId) })),
      error: writeErrors
    })
      .annotate(OpenApi.Summary, "Creates blocked time from requested data.")
      .annotate(AllowedAccess, writers)
      .annotate(Provenance, "inferred"),
    HttpApiEndpoint.put("changeBlockedTimeTerm", "/blocked-times/:blockedTimeId/term", {
      params,
      query: Schema.Struct(lang),
      payload: BlockedTimeChange,
      success: Success(Moved),
      error: writeErrors
    })
      .annotate(OpenApi.Summary, "Change term of blocked time")
      .annotate(AllowedAccess, writers)
      .annotate(Provenance, "inferred"),
    HttpApiEndpoint.delete("removeBlockedTime", "/blocked-times/:blockedTimeId", {
      params,
      query: Schema.Struct(lang),
      success: Success(Schema.Struct({ blockedTimeId: BlockedTimeId })),
      error: readErrors
    })
      .annotate(OpenApi.Summary, "Remove blocked time")
      .annotate(AllowedAccess, writers)
      .annotate(Provenance, "inferred")
  )
  .middleware(RequestForm)
  .middleware(Authorization)
  .annotate(OpenApi.Title, "Blocked times") {}
