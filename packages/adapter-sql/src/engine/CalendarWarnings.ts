/** Which future CONFIRMED reservations a calendar's present rules leave outside opening or capacity (engine.md, rule 11). */
import { fits } from "@bookio-kit/core/booking/Capacity"
import { isOpen } from "@bookio-kit/core/booking/Opening"
import { overlaps } from "@bookio-kit/core/booking/Term"
import type { CalendarId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { say, type Text } from "@bookio-kit/core/text/Text"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import * as CalendarStore from "./CalendarStore.ts"
import type { FacilityState } from "./FacilityState.ts"

/** The first hundred ids as text; how many more there are, if any. */
export const some = (ids: ReadonlyArray<number>): string =>
  ids.slice(0, 100).join(", ") + (ids.length > 100 ? `, … +${ids.length - 100}` : "")

/** CONFIRMED reservations of a calendar that have not ended, ascending by start. */
export const future = Effect.fnUntraced(function* (calendarId: CalendarId, nowMs: number) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{
    readonly id: ReservationId
    readonly service_id: ServiceId
    readonly from_ms: number
    readonly to_ms: number
    readonly capacity: number
  }>`SELECT r.id, r.service_id, r.from_ms, r.to_ms, s.capacity FROM reservation r JOIN service s ON s.id = r.service_id
    WHERE r.calendar_id = ${calendarId} AND r.status = 'CONFIRMED' AND r.to_ms > ${nowMs} ORDER BY r.from_ms, r.id`
  return rows.map((row) => ({
    id: row.id,
    serviceId: row.service_id,
    fromMs: row.from_ms,
    toMs: row.to_ms,
    capacity: row.capacity
  }))
})

type Future = Effect.Success<ReturnType<typeof future>>

// Ascending by start, so what may overlap a reservation lies between the first that has not ended and its own end.
const overCapacity = (reservations: Future): ReadonlyArray<ReservationId> => {
  let active: Array<Future[number]> = []
  const crowded = new Set<ReservationId>()
  for (const reservation of reservations) {
    active = active.filter((other) => overlaps(other, reservation))
    if (!fits(reservation, reservation.capacity, active)) {
      crowded.add(reservation.id)
    }
    active.push(reservation)
  }
  return [...crowded]
}

/** The warnings to tell after a change of a calendar. */
export const warnings = Effect.fnUntraced(function* (facility: FacilityState, calendarId: CalendarId, nowMs: number) {
  const sql = yield* SqlClient.SqlClient
  const [calendar] = yield* CalendarStore.select(sql`c.id = ${calendarId}`)
  const reservations = yield* future(calendarId, nowMs)
  if (calendar === undefined || reservations.length === 0) return []
  const opening = CalendarStore.openingOf(calendar, facility.timeZone)
  const outside = reservations.filter(({ serviceId, ...term }) => !isOpen(opening, serviceId, term))
  const crowded = overCapacity(reservations)
  const texts: Array<Text> = []
  if (outside.length > 0) {
    texts.push(say("leftOutsideOpening", { reservations: some(outside.map((reservation) => reservation.id)) }))
  }
  if (crowded.length > 0) texts.push(say("leftOverCapacity", { reservations: some(crowded) }))
  return texts
})
