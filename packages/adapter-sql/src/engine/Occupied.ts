/**
 * What stands in the way of a term: reservations of its calendar and blocked times of its facility, found by index however
 * many there are. What began within a day before the term is found by its start, what is longer than a day by its end.
 */
import type { Occupancy } from "@bookio-kit/core/booking/Capacity"
import type { Term } from "@bookio-kit/core/booking/Term"
import type { CalendarId, FacilityId, ReservationId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"

const dayMs = 86_400_000

/** CONFIRMED reservations of a calendar that overlap a term, but for one (the one that is being moved). */
export const reservations = Effect.fnUntraced(function* (
  calendarId: CalendarId,
  { fromMs, toMs }: Term,
  except: ReservationId | undefined
) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly from_ms: number; readonly to_ms: number; readonly capacity: number }>`
    SELECT r.from_ms, r.to_ms, s.capacity FROM reservation r JOIN service s ON s.id = r.service_id
    WHERE r.calendar_id = ${calendarId} AND r.status = 'CONFIRMED' AND r.id <> ${except ?? 0}
      AND r.from_ms < ${toMs} AND r.from_ms >= ${fromMs - dayMs} AND r.to_ms > ${fromMs}
    UNION ALL
    SELECT r.from_ms, r.to_ms, s.capacity FROM reservation r JOIN service s ON s.id = r.service_id
    WHERE r.calendar_id = ${calendarId} AND r.status = 'CONFIRMED' AND r.id <> ${except ?? 0}
      AND r.to_ms - r.from_ms > 86400000 AND r.to_ms > ${fromMs} AND r.from_ms < ${fromMs - dayMs}`
  return rows.map((row): Occupancy => ({ fromMs: row.from_ms, toMs: row.to_ms, capacity: row.capacity }))
})

/** Blocked times of a facility that overlap a term. */
export const blockedTimes = Effect.fnUntraced(function* (facilityId: FacilityId, { fromMs, toMs }: Term) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly from_ms: number; readonly to_ms: number }>`
    SELECT from_ms, to_ms FROM blocked_time
    WHERE facility_id = ${facilityId} AND removed_ms IS NULL
      AND from_ms < ${toMs} AND from_ms >= ${fromMs - dayMs} AND to_ms > ${fromMs}
    UNION ALL
    SELECT from_ms, to_ms FROM blocked_time
    WHERE facility_id = ${facilityId} AND removed_ms IS NULL
      AND to_ms - from_ms > 86400000 AND to_ms > ${fromMs} AND from_ms < ${fromMs - dayMs}`
  return rows.map((row): Term => ({ fromMs: row.from_ms, toMs: row.to_ms }))
})
