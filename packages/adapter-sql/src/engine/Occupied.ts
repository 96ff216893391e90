/**
 * What stands in the way of a term: reservations of its calendar and blocked times of its facility, found by index however
 * many there are. What began within a day before the term is found by its start, what is longer than a day by its end. A
 * booking looks no further back than the longest reservation of its calendar reaches, which the calendar's row tells.
 */
import type { Occupancy } from "@bookio-kit/core/booking/Capacity"
import type { Person } from "@bookio-kit/core/booking/Person"
import type { Term } from "@bookio-kit/core/booking/Term"
import type { CalendarId, ChannelId, FacilityId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { prepared } from "../database/Prepared.ts"

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

/** A reservation that overlaps a term, and whose it is. */
export interface InTheWay extends Occupancy, Person {
  readonly id: ReservationId
  readonly channel_id: ChannelId
  readonly service_id: ServiceId
}

interface ReservationRow extends Person {
  readonly id: ReservationId
  readonly channel_id: ChannelId
  readonly service_id: ServiceId
  readonly from_ms: number
  readonly to_ms: number
  readonly capacity: number
}

interface BlockedRow {
  readonly id: null
  readonly from_ms: number
  readonly to_ms: number
}

const reservation = `SELECT r.id, r.channel_id, r.service_id, r.name, r.surname, r.email, r.phone, r.from_ms, r.to_ms,
    s.capacity
  FROM reservation r JOIN service s ON s.id = r.service_id
  WHERE r.calendar_id = ? AND r.status = 'CONFIRMED' AND r.id <> ?`
const blockedTime = `SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, from_ms, to_ms, NULL FROM blocked_time
  WHERE facility_id = ? AND removed_ms IS NULL`

const selectInTheWay = prepared<ReservationRow | BlockedRow>(`
  ${reservation} AND r.from_ms < ? AND r.from_ms >= ? - (SELECT reach_ms FROM calendar WHERE id = ?) AND r.to_ms > ?
  UNION ALL ${reservation} AND r.to_ms - r.from_ms > 86400000 AND r.to_ms > ? AND r.from_ms < ?
  UNION ALL ${blockedTime} AND from_ms < ? AND from_ms >= ? AND to_ms > ?
  UNION ALL ${blockedTime} AND to_ms - from_ms > 86400000 AND to_ms > ? AND from_ms < ?`)

/** Both at once, for a booking asks for them once each: reservations of a calendar, and blocked times of its facility. */
export const inTheWay = Effect.fnUntraced(function* (
  facilityId: FacilityId,
  calendarId: CalendarId,
  { fromMs, toMs }: Term,
  except: ReservationId | undefined
) {
  const calendar = [calendarId, except ?? 0]
  const near = [toMs, fromMs, calendarId, fromMs]
  const short = [toMs, fromMs - dayMs, fromMs]
  const long = [fromMs, fromMs - dayMs]
  const rows = yield* selectInTheWay(
    ...[...calendar, ...near, ...calendar, ...long],
    ...[facilityId, ...short, facilityId, ...long]
  )
  const reservations: Array<InTheWay> = []
  const blocked: Array<Term> = []
  for (const row of rows) {
    const term = { fromMs: row.from_ms, toMs: row.to_ms }
    if (row.id === null) blocked.push(term)
    else reservations.push({ ...row, ...term })
  }
  return { blocked, reservations }
})
