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
import type { ChannelId, ExternalId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { about } from "@bookio-kit/core/text/Text"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { databaseClockMs } from "../database/Dialect.ts"
import { prepared } from "../database/Prepared.ts"
import { type BookedService, openingOf } from "./CalendarMemory.ts"
import type { FacilityState } from "./FacilityState.ts"
import * as Occupied from "./Occupied.ts"
import { refuse } from "./Times.ts"

type CallerService = Caller["Service"]

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

const selectLinked = prepared<{ readonly id: ReservationId; readonly channel_id: ChannelId }>(`
    SELECT r.id, r.channel_id FROM reservation_channel x JOIN reservation r ON r.id = x.reservation_id
    WHERE x.facility_id = ? AND x.channel_id = ? AND x.external_id = ? AND x.cancelled = 0 AND r.id <> ?`)

/** Rule 6 (a): fails if another reservation that is not CANCELLED has this externalId of the channel. */
export const checkExternalId = Effect.fnUntraced(function* (
  caller: CallerService,
  facility: FacilityState,
  channelId: ChannelId,
  externalId: ExternalId,
  self: ReservationId | undefined
) {
  const [row] = yield* selectLinked(facility.id, channelId, externalId, self ?? 0)
  if (row !== undefined) return yield* duplicate(caller, "externalId", row)
})

interface PersonRow extends Person {
  readonly id: ReservationId
  readonly channel_id: ChannelId
}

const sameAs = (facility: FacilityState, key: PersonKey) => (row: PersonRow) =>
  samePerson(key, personKey(row, facility.countryCode))

interface LinkedRow extends PersonRow {
  readonly cancelled: number
}

const linked = `SELECT x.cancelled, r.id, r.channel_id, r.name, r.surname, r.email, r.phone
    FROM reservation_channel x JOIN reservation r ON r.id = x.reservation_id
    WHERE x.facility_id = ? AND x.channel_id = ? AND x.external_id = ?`

const selectLinkedOrRetried = prepared<LinkedRow>(`${linked} AND x.cancelled = 0
    UNION ALL ${linked} AND x.cancelled = 1 AND r.status = 'CANCELLED' AND r.service_id = ? AND r.from_ms = ?
      AND r.cancel_ms >= ?`)

/**
 * Rule 6 (a) and (b) for a new reservation: fails if another one that is not CANCELLED has its externalId, or if this
 * externalId, service, person and start is a reservation cancelled in the last 24 hours. `fromMs` is `undefined` where the
 * start is none.
 */
export const checkNewExternalId = Effect.fnUntraced(function* (
  caller: CallerService,
  facility: FacilityState,
  given: Person & { readonly externalId: ExternalId; readonly serviceId: ServiceId },
  fromMs: number | undefined
) {
  const sql = yield* SqlClient.SqlClient
  const dayAgoMs = (yield* databaseClockMs(sql)) - 86_400_000
  const { externalId, serviceId } = given
  const link = [facility.id, caller.channelId, externalId]
  const rows = yield* selectLinkedOrRetried(...link, ...link, serviceId, fromMs ?? null, dayAgoMs)
  const held = rows.find((row) => row.cancelled === 0)
  if (held !== undefined) return yield* duplicate(caller, "externalId", held)
  const retried = rows.length === 0 ? undefined : rows.find(sameAs(facility, personKey(given, facility.countryCode)))
  if (retried !== undefined) return yield* duplicate(caller, "retry", retried)
})

/** What wants a place. `self` is the reservation itself, which does not count, when it is moved or confirmed again. */
export interface Placement {
  readonly service: BookedService
  readonly term: Term
  readonly person: Person
  readonly self: ReservationId | undefined
}

/** Rules 2, 6 (c), 4 and 5, in the order of api.md: 10 (naming `dateFrom`), 40, 30. */
export const checkPlacement = Effect.fnUntraced(function* (
  caller: CallerService,
  facility: FacilityState,
  { person, self, service, term }: Placement
) {
  const opening = yield* openingOf(facility, service.calendarId)
  if (opening === undefined || !isOpen(opening, service.id, term)) yield* refuse([about("dateFrom", "closed")])

  const { blocked, reservations } = yield* Occupied.inTheWay(facility.id, service.calendarId, term, self)
  // Who has the same service and start has a reservation of this calendar that overlaps the term.
  const sameStart = reservations.filter((row) => row.service_id === service.id && row.fromMs === term.fromMs)
  const same =
    sameStart.length === 0 ? undefined : sameStart.find(sameAs(facility, personKey(person, facility.countryCode)))
  if (same !== undefined) return yield* duplicate(caller, "person", same)

  if (isBlocked(term, blocked)) return yield* new NoCapacityLeft({ reason: "blocked" })
  if (!fits(term, service.capacity, reservations)) return yield* new NoCapacityLeft({ reason: "full" })
})
