/** Operations 6 to 10 of the reference. */
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import { Pagination } from "../page/Page.ts"
import {
  NewReservation,
  Reservation,
  ReservationStatus,
  StatusChange,
  SyncConfirmation,
  TermChange
} from "../reservation/Reservation.ts"
import { described } from "../scalar/Described.ts"
import { ExternalId, ReservationId } from "../scalar/Id.ts"
import { BooleanText, fromDecimal } from "../scalar/Parameters.ts"
import { tolerant } from "../scalar/Tolerant.ts"
import { SearchTerm } from "../scalar/Words.ts"
import { LocalDate } from "../time/LocalDate.ts"
import { Authorization } from "./Authorization.ts"
import { idempotency, lang, lastSync, oneFacility, paging, readErrors, writeErrors } from "./Endpoint.ts"
import { Success } from "./Envelope.ts"
import { AllowedAccess, bookers, everyone, Provenance, writers } from "./Operation.ts"
import { RequestForm } from "./RequestForm.ts"

const Written = Success(Schema.Struct({ reservationId: ReservationId, externalId: tolerant(ExternalId) }))
const params = Schema.Struct({ reservationId: fromDecimal(ReservationId) })

export class ReservationsGroup extends HttpApiGroup.make("reservations")
  .add(
    HttpApiEndpoint.get("listReservations", "/reservations", {
      query: Schema.Struct({
        email: described(Schema.optionalKey(SearchTerm), "E-mail of the person, whole, in any letter case."),
        number: described(Schema.optionalKey(SearchTerm), "Bookio reservation number, whole."),
        status: Schema.optionalKey(ReservationStatus),
        ...paging,
        facilityId: oneFacility,
        from: described(Schema.optionalKey(LocalDate), "The first day that dateFrom may fall on."),
        to: described(Schema.optionalKey(LocalDate), "The last day that dateFrom may fall on, inclusive."),
        onlyUnsynced: described(
          Schema.optionalKey(BooleanText),
          "true: only those that changed since the token's channel confirmed their sync."
        ),
        lastSync,
        ...lang
      }),
      success: Success(Schema.Struct({ pagination: Pagination, reservations: Schema.Array(Reservation) })),
      error: readErrors
    })
      .annotate(OpenApi.Summary, "Returns a list of reservations by filter.")
      .annotate(AllowedAccess, everyone)
      .annotate(Provenance, "sister API"),
    HttpApiEndpoint.post("createReservation", "/reservations", {
      headers: idempotency,
      query: Schema.Struct(lang),
      payload: NewReservation,
      success: Written,
      error: writeErrors
    })
      .annotate(OpenApi.Summary, "Creates reservation from requested data.")
      .annotate(AllowedAccess, bookers)
      .annotate(Provenance, "inferred"),
    HttpApiEndpoint.put("changeReservationStatus", "/reservations/:reservationId/status", {
      params,
      query: Schema.Struct(lang),
      payload: StatusChange,
      success: Written,
      error: writeErrors
    })
      .annotate(OpenApi.Summary, "Change status of reservation")
      .annotate(AllowedAccess, writers)
      .annotate(Provenance, "inferred"),
    HttpApiEndpoint.put("changeReservationTerm", "/reservations/:reservationId/term", {
      params,
      query: Schema.Struct(lang),
      payload: TermChange,
      success: Written,
      error: writeErrors
    })
      .annotate(OpenApi.Summary, "Change term of reservation")
      .annotate(AllowedAccess, writers)
      .annotate(Provenance, "inferred"),
    HttpApiEndpoint.put("confirmReservationSync", "/reservations/:reservationId/sync", {
      params,
      query: Schema.Struct(lang),
      payload: SyncConfirmation,
      success: Written,
      error: writeErrors
    })
      .annotate(OpenApi.Summary, "Confirms sync of reservation")
      .annotate(AllowedAccess, writers)
      .annotate(Provenance, "inferred")
  )
  .middleware(RequestForm)
  .middleware(Authorization)
  .annotate(OpenApi.Title, "Reservations") {}
