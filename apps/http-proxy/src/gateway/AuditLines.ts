/** The audit log of a gateway: a line for each write, begun before it and ended after it. Ids and codes only. */
import { dayMs, page } from "@bookio-kit/adapter-sql/engine/AuditRows"
import type { AuditQuery } from "@bookio-kit/core/audit/AuditEntry"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import type { RecordIds } from "@bookio-kit/core/write/Writes"
import type { Outcome } from "@bookio-kit/gateway/WriteStore"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"

interface Beginning {
  readonly serverId: number
  readonly upstreamId: number
  readonly clientId: number
  readonly operation: string
  readonly ids: RecordIds
  readonly requestId: string
  readonly nowMs: number
}

/** Begins a line, which is no part of the log yet. @returns its id. */
export const begin = Effect.fnUntraced(function* (line: Beginning) {
  const sql = yield* SqlClient.SqlClient
  const { ids } = line
  const [row] = yield* sql<{ readonly id: number }>`INSERT INTO audit_entry ${sql.insert({
    server_id: line.serverId,
    at_ms: line.nowMs,
    upstream_id: line.upstreamId,
    client_id: line.clientId,
    operation: line.operation,
    facility_id: ids.facilityId ?? null,
    calendar_id: ids.calendarId ?? null,
    service_id: ids.serviceId ?? null,
    reservation_id: ids.reservationId ?? null,
    blocked_time_id: ids.blockedTimeId ?? null,
    request_id: line.requestId
  })} RETURNING id`
  return row?.id ?? (yield* Effect.die(new Error("a row that was written is not there")))
})

/** Ends a line: it stands in the log from now on, so that new lines only ever come at its end. */
export const end = Effect.fnUntraced(function* (id: number, { errorCode, ids = {}, status }: Outcome, nowMs: number) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE audit_entry SET at_ms = ${nowMs}, status = ${status}, error_code = ${errorCode ?? null},
      facility_id = COALESCE(${ids.facilityId ?? null}, facility_id),
      calendar_id = COALESCE(${ids.calendarId ?? null}, calendar_id),
      service_id = COALESCE(${ids.serviceId ?? null}, service_id),
      reservation_id = COALESCE(${ids.reservationId ?? null}, reservation_id),
      blocked_time_id = COALESCE(${ids.blockedTimeId ?? null}, blocked_time_id)
    WHERE id = ${id}`
})

/** Ends all lines of writes whose end nobody saw. */
export const endInterrupted = Effect.fnUntraced(function* (nowMs: number, status: number) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE audit_entry SET at_ms = ${nowMs}, status = ${status} WHERE status IS NULL`
})

/** Removes lines that are older than so many days, at most `limit` of them. */
export const removeExpired = Effect.fnUntraced(function* (nowMs: number, days: number, limit: number) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DELETE FROM audit_entry WHERE id IN (SELECT id FROM audit_entry
    WHERE status IS NOT NULL AND at_ms < ${nowMs - days * dayMs} ORDER BY at_ms, id LIMIT ${limit})`
})

/** A page of the lines of a client and of those of `facilities`. */
export const list = Effect.fnUntraced(function* (
  serverId: number,
  sha256: string,
  facilities: ReadonlyArray<FacilityId>,
  query: AuditQuery
) {
  const sql = yield* SqlClient.SqlClient
  const own = sql`client_id = (SELECT id FROM credential WHERE sha256 = ${sha256})`
  const condition = sql.and([
    sql`server_id = ${serverId}`,
    sql`status IS NOT NULL`,
    facilities.length === 0 ? own : sql.or([own, sql.in("facility_id", facilities)])
  ])
  return yield* page(["upstream_id", "client_id"], condition, query)
})
