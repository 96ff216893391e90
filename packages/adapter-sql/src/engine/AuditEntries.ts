/**
 * The audit log of the engine: one row for each write, added in the write's own transaction. It is kept for as many days as
 * `AuditRetentionDays` says.
 */
import { Caller } from "@bookio-kit/core/access/Caller"
import { AuditEntries } from "@bookio-kit/core/audit/AuditEntries"
import type { AuditEntry, AuditQuery } from "@bookio-kit/core/audit/AuditEntry"
import type {
  BlockedTimeId,
  CalendarId,
  ChannelId,
  FacilityId,
  ReservationId,
  ServiceId,
  TokenId
} from "@bookio-kit/core/scalar/Id"
import { toEpochDay } from "@bookio-kit/core/time/LocalDate"
import type { Answer, RecordIds, Write } from "@bookio-kit/core/write/Writes"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { prepared } from "../database/Prepared.ts"
import * as FacilityState from "./FacilityState.ts"
import { allOf } from "./Filter.ts"

type CallerService = Caller["Service"]

const dayMs = 86_400_000

/** How many days a line of the audit log is kept; 365 unless provided. */
export const AuditRetentionDays = Context.Reference<number>("@bookio-kit/adapter-sql/engine/AuditRetentionDays", {
  defaultValue: () => 365
})

// The facility of the record, or the one that is named, only if the caller's channel reaches it: so that a listing tells
// neither where a foreign record belongs nor that it exists (engine.md, rule 12).
const insertOf = (facility: string) =>
  prepared(`INSERT INTO audit_entry (at_ms, channel_id, token_id, operation, facility_id, calendar_id, service_id,
      reservation_id, blocked_time_id, status, error_code, request_id)
    VALUES (?, ?, ?, ?, (SELECT facility_id FROM channel_facility WHERE channel_id = ? AND facility_id = ${facility}),
      ?, ?, ?, ?, ?, ?, ?)`)

const insertNamed = insertOf("?")
const insertById = [
  ["reservationId", insertOf("(SELECT facility_id FROM reservation WHERE id = ?)")],
  ["blockedTimeId", insertOf("(SELECT facility_id FROM blocked_time WHERE id = ?)")],
  ["calendarId", insertOf("(SELECT facility_id FROM calendar WHERE id = ?)")]
] as const

/** How a write ended: the status and code of its answer, and what it made. */
export type Outcome = Omit<Answer, "body">

/** Adds a line about a write: with the records that it named and those that it made. */
export const add = (caller: CallerService, write: Write, outcome: Outcome, nowMs: number) => {
  const ids: RecordIds = { ...write.ids, ...outcome.ids }
  const known = insertById.find(([name]) => ids[name] !== undefined)
  const insert = known === undefined ? insertNamed : known[1]
  return insert(
    ...[nowMs, caller.channelId, caller.tokenId ?? null, write.operation],
    ...[caller.channelId, (known === undefined ? ids.facilityId : ids[known[0]]) ?? null],
    ...[ids.calendarId ?? null, ids.serviceId ?? null, ids.reservationId ?? null, ids.blockedTimeId ?? null],
    ...[outcome.status, outcome.errorCode ?? null, write.requestId]
  )
}

/** Removes lines that are older than so many days, at most `limit` of them. */
export const removeExpired = Effect.fnUntraced(function* (nowMs: number, days: number, limit: number) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DELETE FROM audit_entry WHERE id IN
    (SELECT id FROM audit_entry WHERE at_ms < ${nowMs - days * dayMs} ORDER BY at_ms, id LIMIT ${limit})`
})

interface Row {
  readonly id: number
  readonly at_ms: number
  readonly channel_id: ChannelId
  readonly token_id: TokenId | null
  readonly operation: string
  readonly facility_id: FacilityId | null
  readonly calendar_id: CalendarId | null
  readonly service_id: ServiceId | null
  readonly reservation_id: ReservationId | null
  readonly blocked_time_id: BlockedTimeId | null
  readonly status: number
  readonly error_code: number | null
  readonly request_id: string
}

const toEntry = (row: Row): AuditEntry => ({
  id: row.id,
  at: new Date(row.at_ms).toISOString(),
  channelId: row.channel_id,
  ...(row.token_id === null ? {} : { tokenId: row.token_id }),
  operation: row.operation,
  ...(row.facility_id === null ? {} : { facilityId: row.facility_id }),
  ...(row.calendar_id === null ? {} : { calendarId: row.calendar_id }),
  ...(row.service_id === null ? {} : { serviceId: row.service_id }),
  ...(row.reservation_id === null ? {} : { reservationId: row.reservation_id }),
  ...(row.blocked_time_id === null ? {} : { blockedTimeId: row.blocked_time_id }),
  status: row.status,
  ...(row.error_code === null ? {} : { errorCode: row.error_code }),
  requestId: row.request_id
})

const list = Effect.fnUntraced(function* (caller: CallerService, query: AuditQuery) {
  const sql = yield* SqlClient.SqlClient
  const { from, limit = 100, offset = 0, to } = query
  const facilities = yield* FacilityState.reachable(caller)
  const condition = allOf([
    sql.or([
      sql`channel_id = ${caller.channelId}`,
      ...(facilities.length === 0
        ? []
        : [
            sql.in(
              "facility_id",
              facilities.map(({ id }) => id)
            )
          ])
    ]),
    from === undefined ? undefined : sql`at_ms >= ${toEpochDay(from) * dayMs}`,
    to === undefined ? undefined : sql`at_ms < ${(toEpochDay(to) + 1) * dayMs}`
  ])
  const [count] = yield* sql<{ readonly total: number }>`SELECT COUNT(*) AS total FROM audit_entry WHERE ${condition}`
  const rows = yield* sql<Row>`SELECT id, at_ms, channel_id, token_id, operation, facility_id, calendar_id, service_id,
      reservation_id, blocked_time_id, status, error_code, request_id
    FROM audit_entry WHERE ${condition} ORDER BY at_ms, id LIMIT ${limit} OFFSET ${offset}`
  return { pagination: { total: count?.total ?? 0, offset, limit }, rows: rows.map(toEntry) }
})

export const layer = Layer.effect(AuditEntries)(
  Effect.gen(function* () {
    const database = yield* Database
    return AuditEntries.of({
      list: Effect.fn("AuditEntries.list")(function* (query) {
        return yield* database.read(list(yield* Caller, query))
      })
    })
  })
)
