/** Reservations of the engine (engine.md, rules 2 to 10). */
import { Caller } from "@bookio-kit/core/access/Caller"
import type { Term } from "@bookio-kit/core/booking/Term"
import { ResourceNotFound } from "@bookio-kit/core/error/Refusal"
import type {
  NewReservation,
  StatusChange,
  SyncConfirmation,
  TermChange
} from "@bookio-kit/core/reservation/Reservation"
import { type ReservationQuery, type ReservationRef, Reservations } from "@bookio-kit/core/reservation/Reservations"
import type { CalendarId, ChannelId, ExternalId, ReservationId } from "@bookio-kit/core/scalar/Id"
import { about } from "@bookio-kit/core/text/Text"
import { offsetProblems } from "@bookio-kit/core/time/TermOffsets"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { prepared } from "../database/Prepared.ts"
import * as Booking from "./Booking.ts"
import * as CalendarMemory from "./CalendarMemory.ts"
import * as EventStore from "./EventStore.ts"
import * as FacilityState from "./FacilityState.ts"
import * as ListedRows from "./ListedRows.ts"
import { draw } from "./Number.ts"
import * as Pages from "./ReservationPages.ts"
import * as Store from "./ReservationStore.ts"
import { fromInstant, type GivenTime, refuse, termOf } from "./Times.ts"

type CallerService = Caller["Service"]

const minuteMs = 60_000

const ref = (reservationId: ReservationId, externalId: ExternalId | null): ReservationRef =>
  externalId === null ? { reservationId } : { reservationId, externalId }

// About fifty megabytes of rows, with their texts.
const knownRows = 49_152

const list = Effect.fnUntraced(function* (
  caller: CallerService,
  query: ReservationQuery,
  known: ListedRows.ListedRows
) {
  const facilities =
    query.facilityId === undefined
      ? yield* FacilityState.reachable(caller)
      : [yield* FacilityState.named(caller, query.facilityId, "read")]
  return yield* Pages.list(caller, facilities, query, known)
})

interface Placed {
  readonly calendar_id: CalendarId
  readonly term: Term
  readonly nowMs: number
  readonly changedMs: number
}

const insertReservation = prepared<{ readonly id: ReservationId }>(`INSERT INTO reservation (facility_id, calendar_id,
    service_id, channel_id, number, name, surname, email, email_key, phone, locale, note, status, from_ms, to_ms,
    created_ms, changed_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'CONFIRMED', ?, ?, ?, ?)
  ON CONFLICT (number) DO NOTHING RETURNING id`)

/** Adds the row of a new reservation under a number that no other has. */
const insert = Effect.fnUntraced(function* (
  caller: CallerService,
  facility: FacilityState.FacilityState,
  given: NewReservation,
  { calendar_id, changedMs, nowMs, term }: Placed
) {
  const { email, locale, name, note = null, phone, serviceId, surname } = given
  for (;;) {
    const [row] = yield* insertReservation(
      ...[facility.id, calendar_id, serviceId, caller.channelId, draw(), name, surname, email, Store.emailKey(email)],
      ...[phone, locale, note, term.fromMs, term.toMs, nowMs, changedMs]
    )
    if (row !== undefined) return row.id
  }
})

const insertLink = prepared(`INSERT INTO reservation_channel (reservation_id, channel_id, facility_id, external_id,
    needs_sync, cancelled)
  VALUES (?, ?, ?, ?, 0, 0)`)

export const create = Effect.fnUntraced(function* (caller: CallerService, given: NewReservation) {
  const facility = yield* FacilityState.named(caller, given.facilityId, "lock")
  const service = yield* CalendarMemory.serviceOf(facility, given.serviceId)
  if (service === undefined || service.removed) return yield* new ResourceNotFound({ resource: "Service" })
  const start: GivenTime = { field: "dateFrom", time: given.dateFrom, offset: given.dateFromOffset }
  const startMs = Result.getOrUndefined(fromInstant(facility.timeZone, start))
  yield* Booking.checkNewExternalId(caller, facility, given, startMs)
  const term = yield* termOf(facility.timeZone, start, (fromMs) => fromMs + service.durationMinutes * minuteMs)
  yield* Booking.checkPlacement(caller, facility, { service, term, person: given, self: undefined })

  const { changedMs, nowMs } = yield* FacilityState.instantOfChange(facility)
  const id = yield* insert(caller, facility, given, { calendar_id: service.calendarId, term, nowMs, changedMs })
  yield* insertLink(id, caller.channelId, facility.id, given.externalId)
  yield* EventStore.add("reservation.created", facility.id, id, changedMs)
  return ref(id, given.externalId)
})

/** The reservation of a request by id, its facility locked. */
const locked = Effect.fnUntraced(function* (caller: CallerService, id: ReservationId) {
  const facility = yield* FacilityState.ownerOf(caller, "Reservation", id)
  const reservation = yield* Store.find(caller, facility, id)
  if (reservation === undefined) return yield* new ResourceNotFound({ resource: "Reservation" })
  return { facility, reservation }
})

const serviceOf = Effect.fnUntraced(function* (
  facility: FacilityState.FacilityState,
  { service_id }: Store.StoredReservation
) {
  const service = yield* CalendarMemory.serviceOf(facility, service_id)
  return service ?? (yield* Effect.die(new Error("a reservation names a service of another facility")))
})

/** Rule 7: back to CONFIRMED takes the place again, with every externalId that a channel gave it. */
const checkReconfirm = Effect.fnUntraced(function* (
  caller: CallerService,
  facility: FacilityState.FacilityState,
  reservation: Store.StoredReservation
) {
  const sql = yield* SqlClient.SqlClient
  const links = yield* sql<{ readonly channel_id: ChannelId; readonly external_id: ExternalId }>`
    SELECT channel_id, external_id FROM reservation_channel
    WHERE reservation_id = ${reservation.id} AND external_id IS NOT NULL ORDER BY channel_id`
  for (const link of links) {
    yield* Booking.checkExternalId(caller, facility, link.channel_id, link.external_id, reservation.id)
  }
  const service = yield* serviceOf(facility, reservation)
  if (service.removed) yield* refuse([about("status", "serviceRemoved")])
  yield* Booking.checkPlacement(caller, facility, {
    service,
    term: { fromMs: reservation.from_ms, toMs: reservation.to_ms },
    person: reservation,
    self: reservation.id
  })
})

const updateStatus = prepared(`UPDATE reservation SET status = ?, changed_ms = ?, cancel_ms = ?, cancellation_reason = ?
  WHERE id = ?`)
const updateCancelled = prepared("UPDATE reservation_channel SET cancelled = ? WHERE reservation_id = ?")

export const changeStatus = Effect.fnUntraced(function* (
  caller: CallerService,
  id: ReservationId,
  change: StatusChange
) {
  const { facility, reservation } = yield* locked(caller, id)
  const from = reservation.status
  const to = change.status
  if (from === to) return ref(id, reservation.external_id)
  if (from !== "CONFIRMED" && to !== "CONFIRMED") yield* refuse([about("status", "statusChange", { from, to })])
  if (to === "CONFIRMED") yield* checkReconfirm(caller, facility, reservation)
  const { changedMs, nowMs } = yield* FacilityState.changeNow(facility)
  const isCancelled = to === "CANCELLED"
  yield* updateStatus(
    ...[to, changedMs, isCancelled ? nowMs : null, isCancelled ? (change.cancellationReason ?? null) : null, id]
  )
  yield* updateCancelled(isCancelled ? 1 : 0, id)
  yield* Store.touch(id)
  yield* EventStore.add("reservation.changed", facility.id, id, changedMs)
  return ref(id, reservation.external_id)
})

const updateTerm = prepared("UPDATE reservation SET from_ms = ?, to_ms = ?, changed_ms = ? WHERE id = ?")

const changeTerm = Effect.fnUntraced(function* (caller: CallerService, id: ReservationId, change: TermChange) {
  const { facility, reservation } = yield* locked(caller, id)
  if (reservation.status !== "CONFIRMED") {
    yield* refuse([about("reservationId", "notConfirmed", { status: reservation.status })])
  }
  yield* refuse(offsetProblems(change))
  if (change.dateFrom === undefined && change.dateTo === undefined) return ref(id, reservation.external_id)
  const service = yield* serviceOf(facility, reservation)
  const term = yield* termOf(
    facility.timeZone,
    change.dateFrom === undefined
      ? reservation.from_ms
      : { field: "dateFrom", time: change.dateFrom, offset: change.dateFromOffset },
    change.dateTo === undefined || change.dateTo === null
      ? (fromMs) => fromMs + service.durationMinutes * minuteMs
      : { field: "dateTo", time: change.dateTo, offset: change.dateToOffset }
  )
  yield* Booking.checkPlacement(caller, facility, { service, term, person: reservation, self: id })
  if (term.fromMs === reservation.from_ms && term.toMs === reservation.to_ms) return ref(id, reservation.external_id)
  const { changedMs } = yield* FacilityState.changeNow(facility)
  yield* updateTerm(term.fromMs, term.toMs, changedMs, id)
  yield* Store.touch(id)
  yield* EventStore.add("reservation.changed", facility.id, id, changedMs)
  return ref(id, reservation.external_id)
})

const upsertLink = prepared(`INSERT INTO reservation_channel (reservation_id, channel_id, facility_id, external_id,
    needs_sync, cancelled)
  VALUES (?, ?, ?, ?, 0, ?)
  ON CONFLICT (reservation_id, channel_id) DO UPDATE SET external_id = excluded.external_id, needs_sync = 0`)

const confirmSync = Effect.fnUntraced(function* (
  caller: CallerService,
  id: ReservationId,
  confirmation: SyncConfirmation
) {
  const { facility, reservation } = yield* locked(caller, id)
  const externalId = confirmation.externalId ?? reservation.external_id
  if (externalId === null) return yield* Effect.as(refuse([about("externalId", "externalIdUnknown")]), ref(id, null))
  const cancelled = reservation.status === "CANCELLED"
  if (!cancelled) yield* Booking.checkExternalId(caller, facility, caller.channelId, externalId, id)
  yield* upsertLink(id, caller.channelId, facility.id, externalId, cancelled ? 1 : 0)
  return ref(id, externalId)
})

export const layer = Layer.effect(Reservations)(
  Effect.gen(function* () {
    const database = yield* Database
    const known = ListedRows.make(knownRows)
    return Reservations.of({
      list: Effect.fn("Reservations.list")(function* (query) {
        const caller = yield* Caller
        return yield* database.read(list(caller, query, known))
      }),
      create: Effect.fn("Reservations.create")(function* (reservation) {
        return yield* database.write(create(yield* Caller, reservation))
      }),
      changeStatus: Effect.fn("Reservations.changeStatus")(function* (id, change) {
        return yield* database.write(changeStatus(yield* Caller, id, change))
      }),
      changeTerm: Effect.fn("Reservations.changeTerm")(function* (id, change) {
        return yield* database.write(changeTerm(yield* Caller, id, change))
      }),
      confirmSync: Effect.fn("Reservations.confirmSync")(function* (id, confirmation) {
        return yield* database.write(confirmSync(yield* Caller, id, confirmation))
      })
    })
  })
)
