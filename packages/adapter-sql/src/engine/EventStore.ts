/**
 * The rows of the change feed. One is added in the transaction of its change, so that either both are there or neither; it
 * holds ids only. Ids are dense and never used twice, and the newest row stays however old it is: so the oldest row tells
 * what was removed before it, also after a restart and in a feed that nothing has been added to for months.
 */
import { type Event, EventId, type EventKind, eventLifetimeMs } from "@bookio-kit/core/event/Event"
import type { EventPage, EventQuery } from "@bookio-kit/core/event/Events"
import type { BlockedTimeId, CalendarId, FacilityId, ReservationId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { prepared } from "../database/Prepared.ts"

/** The most events of one page. */
export const pageSize = 500

// How many ids one step looks at, for most of them can be other facilities'.
const scanned = 10_000

const insert = prepared("INSERT INTO event (at_ms, facility_id, kind, record_id) VALUES (?, ?, ?, ?)")

/** Adds an event about a record that the transaction changes, at the change instant. */
export const add = (kind: EventKind, facilityId: FacilityId, recordId: number, atMs: number) =>
  insert(atMs, facilityId, kind, recordId)

/** Removes what is older than 30 days and before all that is not, at most `limit` rows, and never the newest. */
export const removeExpired = Effect.fnUntraced(function* (nowMs: number, limit: number) {
  const sql = yield* SqlClient.SqlClient
  const oldest = sql`(SELECT id, at_ms FROM event ORDER BY id LIMIT ${limit + 1}) AS oldest`
  yield* sql`DELETE FROM event WHERE id < (SELECT MIN(id) FROM (
    SELECT MIN(id) AS id FROM ${oldest} WHERE at_ms >= ${nowMs - eventLifetimeMs}
    UNION ALL SELECT MAX(id) AS id FROM ${oldest}) AS kept)`
})

interface Row {
  readonly id: EventId
  readonly at_ms: number
  readonly facility_id: FacilityId
  readonly kind: EventKind
  readonly record_id: number
}

const toEvent = ({ at_ms, facility_id, id, kind, record_id }: Row): Event => {
  const common = { id, facilityId: facility_id, at: new Date(at_ms).toISOString() }
  switch (kind) {
    case "reservation.created":
    case "reservation.changed":
      return { ...common, kind, reservationId: record_id as ReservationId }
    case "blockedTime.created":
    case "blockedTime.changed":
    case "blockedTime.removed":
      return { ...common, kind, blockedTimeId: record_id as BlockedTimeId }
    case "calendar.created":
    case "calendar.changed":
      return { ...common, kind, calendarId: record_id as CalendarId }
  }
}

/** The id of the newest event. */
export const newest = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly id: EventId | null }>`SELECT MAX(id) AS id FROM event`
  return row?.id ?? undefined
})

/** A page of the events of some facilities, and whether events behind its `last` have yet to be looked at. */
export const page = Effect.fnUntraced(function* (facilities: ReadonlyArray<FacilityId>, after: EventQuery["after"]) {
  const sql = yield* SqlClient.SqlClient
  // One subquery each: SQLite finds a minimum by its index only where it is asked for nothing else.
  const [ends] = yield* sql<{ readonly first: number | null; readonly last: number | null }>`
    SELECT (SELECT MIN(id) FROM event) AS first, (SELECT MAX(id) FROM event) AS last`
  if (ends === undefined || ends.first === null || ends.last === null) {
    return { page: { events: [], hasGap: after !== undefined } satisfies EventPage, isEnd: true }
  }
  const floor = ends.first - 1
  const start = Math.min(Math.max(after ?? floor, floor), ends.last)
  const end = Math.min(start + scanned, ends.last)
  const rows =
    facilities.length === 0
      ? []
      : yield* sql<Row>`SELECT id, at_ms, facility_id, kind, record_id FROM event
          WHERE id > ${start} AND id <= ${end} AND ${sql.in("facility_id", facilities)} ORDER BY id LIMIT ${pageSize}`
  const last = (rows.length === pageSize ? rows.at(-1)?.id : undefined) ?? EventId.make(end)
  return {
    page: { events: rows.map(toEvent), last, hasGap: after !== undefined && after !== start } satisfies EventPage,
    isEnd: last === ends.last
  }
})

/** The newest event of each facility that has one after `seen`. */
export const newestByFacility = Effect.fnUntraced(function* (seen: number) {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<{ readonly facility_id: FacilityId; readonly id: number }>`
    SELECT facility_id, MAX(id) AS id FROM event WHERE id > ${seen} GROUP BY facility_id`
})
