/**
 * The audit log of the engine: one row for each write, added in the write's own transaction. It is kept for as many days as
 * `AuditRetentionDays` says.
 */
import { Caller } from "@bookio-kit/core/access/Caller"
import { AuditEntries } from "@bookio-kit/core/audit/AuditEntries"
import type { AuditQuery } from "@bookio-kit/core/audit/AuditEntry"
import type { Answer, RecordIds, Write } from "@bookio-kit/core/write/Writes"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { prepared } from "../database/Prepared.ts"
import { dayMs, page } from "./AuditRows.ts"
import * as FacilityState from "./FacilityState.ts"

type CallerService = Caller["Service"]

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

const list = Effect.fnUntraced(function* (caller: CallerService, query: AuditQuery) {
  const sql = yield* SqlClient.SqlClient
  const own = sql`channel_id = ${caller.channelId}`
  const ids = (yield* FacilityState.reachable(caller)).map(({ id }) => id)
  return yield* page(
    ["channel_id", "token_id"],
    ids.length === 0 ? own : sql.or([own, sql.in("facility_id", ids)]),
    query
  )
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
