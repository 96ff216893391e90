/**
 * The one step by which a place in a calendar is taken: by a new reservation, a move, a re-confirmation (engine.md, rules
 * 2 to 6). Every path goes through it, inside the transaction that stores the result, under the facility's lock.
 */

import type { Caller } from "@bookio-kit/core/access/Caller"
import { isBlocked } from "@bookio-kit/core/booking/Blocking"
import { fits } from "@bookio-kit/core/booking/Capacity"
import { isOpen } from "@bookio-kit/core/booking/Opening"
import { type Person, type PersonKey, personKey, samePerson } from "@bookio-kit/core/booking/Person"
import type { Term } from "@bookio-kit/core/booking/Term"
import { DuplicateReservation, NoCapacityLeft } from "@bookio-kit/core/error/Refusal"
import type { CalendarId, ChannelId, ExternalId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { about } from "@bookio-kit/core/text/Text"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { databaseClockMs } from "../database/Dialect.ts"
import * as CalendarStore from "./CalendarStore.ts"
import type { FacilityState } from "./FacilityState.ts"
import * as Occupied from "./Occupied.ts"
import { refuse } from "./Times.ts"

type CallerService = Caller["Service"]

/** A service that can be booked, or was: a removed one is known for history. */
export interface BookedService {
  readonly id: ServiceId
  readonly calendarId: CalendarId
  readonly durationMinutes: number
  readonly capacity: number
  readonly hidden: boolean
  readonly removed: boolean
}

/** A service of a facility, removed or not; `undefined` if it is not one of that facility. */
export const serviceOf = Effect.fnUntraced(function* (facility: FacilityState, serviceId: ServiceId) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{
    readonly calendar_id: CalendarId
    readonly duration_minutes: number
    readonly capacity: number
    readonly hidden: number
    readonly removed: number
  }>`SELECT s.calendar_id, s.duration_minutes, s.capacity, s.hidden, s.removed
    FROM service s JOIN calendar c ON c.id = s.calendar_id
    WHERE s.id = ${serviceId} AND c.facility_id = ${facility.id}`
  return row === undefined
    ? undefined
    : ({
        id: serviceId,
        calendarId: row.calendar_id,
        durationMinutes: row.duration_minutes,
        capacity: row.capacity,
        hidden: row.hidden === 1,
        removed: row.removed === 1
      } satisfies BookedService)
})

/** The record that stands in the way, with its id where the caller may see it (rule 12). */
export const duplicate = (
  caller: CallerService,
  reason: "externalId" | "retry" | "person",
  row: { readonly id: ReservationId; readonly channel_id: ChannelId }
) =>
  new DuplicateReservation({
    reason,
    ...(caller.access === "book" && row.channel_id !== caller.channelId ? {} : { reservationId: row.id })
  })

/** Rule 6 (a): fails if another reservation that is not CANCELLED has this externalId of the channel. */
export const checkExternalId = Effect.fnUntraced(function* (
  caller: CallerService,
  facility: FacilityState,
  channelId: ChannelId,
  externalId: ExternalId,
  self: ReservationId | undefined
) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly id: ReservationId; readonly channel_id: ChannelId }>`
    SELECT r.id, r.channel_id FROM reservation_channel x JOIN reservation r ON r.id = x.reservation_id
    WHERE x.facility_id = ${facility.id} AND x.channel_id = ${channelId} AND x.external_id = ${externalId}
      AND x.cancelled = 0 AND r.id <> ${self ?? 0}`
  if (row !== undefined) return yield* duplicate(caller, "externalId", row)
})

interface PersonRow extends Person {
  readonly id: ReservationId
  readonly channel_id: ChannelId
}

const sameAs = (facility: FacilityState, key: PersonKey) => (row: PersonRow) =>
  samePerson(key, personKey(row, facility.countryCode))

/** Rule 6 (b): fails if this externalId, service, person and start is a reservation cancelled in the last 24 hours. */
export const checkLateRetry = Effect.fnUntraced(function* (
  caller: CallerService,
  facility: FacilityState,
  externalId: ExternalId,
  serviceId: ServiceId,
  fromMs: number,
  person: Person
) {
  const sql = yield* SqlClient.SqlClient
  const dayAgoMs = (yield* databaseClockMs(sql)) - 86_400_000
  const rows = yield* sql<PersonRow>`
    SELECT r.id, r.channel_id, r.name, r.surname, r.email, r.phone
    FROM reservation_channel x JOIN reservation r ON r.id = x.reservation_id
    WHERE x.facility_id = ${facility.id} AND x.channel_id = ${caller.channelId} AND x.external_id = ${externalId}
      AND x.cancelled = 1 AND r.status = 'CANCELLED' AND r.service_id = ${serviceId} AND r.from_ms = ${fromMs}
      AND r.cancel_ms >= ${dayAgoMs}`
  const row = rows.find(sameAs(facility, personKey(person, facility.countryCode)))
  if (row !== undefined) return yield* duplicate(caller, "retry", row)
})

/** What wants a place. `self` is the reservation itself, which does not count, when it is moved or confirmed again. */
export interface Placement {
  readonly service: BookedService
  readonly term: Term
  readonly person: Person
  readonly self: ReservationId | undefined
}

/** Whether a term lies within the opening hours; fails naming `dateFrom`. */
const checkOpening = Effect.fnUntraced(function* (facility: FacilityState, service: BookedService, term: Term) {
  const sql = yield* SqlClient.SqlClient
  const [calendar] = yield* CalendarStore.select(sql`c.id = ${service.calendarId}`)
  const open = calendar !== undefined && isOpen(CalendarStore.openingOf(calendar, facility.timeZone), service.id, term)
  if (!open) yield* refuse([about("dateFrom", "closed")])
})

/** Rule 6 (c): fails if the same person has a CONFIRMED reservation of the same service at the same instant. */
const checkPerson = Effect.fnUntraced(function* (
  caller: CallerService,
  facility: FacilityState,
  { person, self, service, term }: Placement
) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<PersonRow>`
    SELECT id, channel_id, name, surname, email, phone FROM reservation
    WHERE service_id = ${service.id} AND from_ms = ${term.fromMs} AND status = 'CONFIRMED' AND id <> ${self ?? 0}`
  const row = rows.find(sameAs(facility, personKey(person, facility.countryCode)))
  if (row !== undefined) return yield* duplicate(caller, "person", row)
})

/** Rules 4 and 5: fails if the time is blocked or the calendar is full. */
const checkCapacity = Effect.fnUntraced(function* (facility: FacilityState, { self, service, term }: Placement) {
  if (isBlocked(term, yield* Occupied.blockedTimes(facility.id, term))) {
    return yield* new NoCapacityLeft({ reason: "blocked" })
  }
  if (!fits(term, service.capacity, yield* Occupied.reservations(service.calendarId, term, self))) {
    return yield* new NoCapacityLeft({ reason: "full" })
  }
})

/** Rules 2, 6 (c), 4 and 5, in the order of api.md: 10, 40, 30. */
export const checkPlacement = Effect.fnUntraced(function* (
  caller: CallerService,
  facility: FacilityState,
  placement: Placement
) {
  yield* checkOpening(facility, placement.service, placement.term)
  yield* checkPerson(caller, facility, placement)
  yield* checkCapacity(facility, placement)
})
