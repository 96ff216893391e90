/** Core's port of reservations over HTTP. A write whose outcome is unknown is settled by externalId or by id. */
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import { type ReservationRef, Reservations } from "@bookio-kit/core/reservation/Reservations"
import type { FacilityId, ReservationId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { BookioClient, type BookioClientService } from "./BookioClient.ts"
import { CurrentIdempotencyKey, headersOf } from "./CurrentIdempotencyKey.ts"
import * as Listing from "./Listing.ts"
import { ambiguous, settleBy } from "./LookUp.ts"
import { listReservations, only, reservations, responseMode, successOf } from "./Operations.ts"
import type { Settled } from "./Retry.ts"
import { showsTerm } from "./Terms.ts"

const { changeReservationStatus, changeReservationTerm, confirmReservationSync, createReservation } =
  reservations.endpoints
const createSuccess = successOf(createReservation)
const statusSuccess = successOf(changeReservationStatus)
const termSuccess = successOf(changeReservationTerm)
const syncSuccess = successOf(confirmReservationSync)

const refOf = ({ externalId, id }: Reservation): ReservationRef =>
  externalId === undefined ? { reservationId: id } : { reservationId: id, externalId }

const done = (row: Reservation): Settled<ReservationRef> => ({ _tag: "Done", data: refOf(row) })

const settleWhere = (
  client: BookioClientService,
  facilityId: FacilityId | undefined,
  match: (row: Reservation) => Settled<ReservationRef> | undefined
) =>
  settleBy(
    client,
    (lastSync, deadlineMs) =>
      Listing.reservations(facilityId === undefined ? { lastSync } : { facilityId, lastSync }, deadlineMs),
    match
  )

// Which facility a reservation is in is not known here, so a change is looked for in all that the token reaches.
const settleChange = (
  client: BookioClientService,
  reservationId: ReservationId,
  isShown: (row: Reservation) => boolean
) =>
  settleWhere(client, undefined, (row) => (row.id !== reservationId ? undefined : isShown(row) ? done(row) : ambiguous))

const bookingErrors = only(
  "ValidationError",
  "ResourceNotFound",
  "DuplicateReservation",
  "NoCapacityLeft",
  "PermissionDenied",
  "InvalidToken"
)
const syncErrors = only(
  "ValidationError",
  "ResourceNotFound",
  "DuplicateReservation",
  "PermissionDenied",
  "InvalidToken"
)

type Lang = { readonly lang: string }

export const layer: Layer.Layer<Reservations, never, BookioClient> = Layer.effect(Reservations)(
  Effect.map(BookioClient, (client) =>
    Reservations.of({
      list: Effect.fn("Reservations.list")((query) => listReservations(client, query)),
      create: Effect.fn("Reservations.create")(function* (payload) {
        const headers = headersOf(yield* CurrentIdempotencyKey)
        const settlement = yield* settleWhere(client, payload.facilityId, (row) =>
          row.externalId === payload.externalId ? done(row) : undefined
        )
        const call = {
          operation: "createReservation",
          success: createSuccess,
          send: (query: Lang) => client.api.reservations.createReservation({ headers, query, payload, responseMode })
        }
        return (yield* bookingErrors(client.write(call, settlement))).data
      }),
      changeStatus: Effect.fn("Reservations.changeStatus")(function* (reservationId, payload) {
        const settlement = yield* settleChange(client, reservationId, (row) => row.status === payload.status)
        const call = {
          operation: "changeReservationStatus",
          success: statusSuccess,
          send: (query: Lang) =>
            client.api.reservations.changeReservationStatus({ params: { reservationId }, query, payload, responseMode })
        }
        return (yield* bookingErrors(client.write(call, settlement))).data
      }),
      changeTerm: Effect.fn("Reservations.changeTerm")(function* (reservationId, payload) {
        const { dateTo, ...start } = payload
        // Without its end a term cannot be recognised: the length would become the service's duration (api.md, 9).
        const isWhole = dateTo !== null && (dateTo !== undefined || start.dateFrom === undefined)
        const term = dateTo === null || dateTo === undefined ? start : { ...start, dateTo }
        const settlement = yield* settleChange(client, reservationId, (row) => isWhole && showsTerm(term, row, 0))
        const call = {
          operation: "changeReservationTerm",
          success: termSuccess,
          send: (query: Lang) =>
            client.api.reservations.changeReservationTerm({ params: { reservationId }, query, payload, responseMode })
        }
        return (yield* bookingErrors(client.write(call, settlement))).data
      }),
      confirmSync: Effect.fn("Reservations.confirmSync")(function* (reservationId, payload) {
        const settlement = yield* settleChange(
          client,
          reservationId,
          (row) => !row.needsSync && (payload.externalId === undefined || row.externalId === payload.externalId)
        )
        const call = {
          operation: "confirmReservationSync",
          success: syncSuccess,
          send: (query: Lang) =>
            client.api.reservations.confirmReservationSync({ params: { reservationId }, query, payload, responseMode })
        }
        return (yield* syncErrors(client.write(call, settlement))).data
      })
    })
  )
)
