/**
 * Reading an audit log that is kept in a table `audit_entry`: the engine's, and a gateway's, whose lines name an upstream and
 * a client where the engine's name a channel and a token.
 */
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
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { Fragment } from "effect/sql/Statement"
import { allOf } from "./Filter.ts"

export const dayMs = 86_400_000

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

/**
 * A page of the lines for which `condition` holds, oldest first, within the query's days of UTC, both inclusive. `names` are
 * the columns of who wrote: of the channel and the token, or of the upstream and the client.
 */
export const page = Effect.fnUntraced(function* (
  names: readonly [channel: string, token: string],
  condition: Fragment,
  { from, limit = 100, offset = 0, to }: AuditQuery
) {
  const sql = yield* SqlClient.SqlClient
  const wanted = allOf([
    condition,
    from === undefined ? undefined : sql`at_ms >= ${toEpochDay(from) * dayMs}`,
    to === undefined ? undefined : sql`at_ms < ${(toEpochDay(to) + 1) * dayMs}`
  ])
  const [count] = yield* sql<{ readonly total: number }>`SELECT COUNT(*) AS total FROM audit_entry WHERE ${wanted}`
  const [channel, token] = names
  const rows = yield* sql<Row>`SELECT id, at_ms, ${sql(channel)} AS channel_id, ${sql(token)} AS token_id, operation,
      facility_id, calendar_id, service_id, reservation_id, blocked_time_id, status, error_code, request_id
    FROM audit_entry WHERE ${wanted} ORDER BY at_ms, id LIMIT ${limit} OFFSET ${offset}`
  return { pagination: { total: count?.total ?? 0, offset, limit }, rows: rows.map(toEntry) }
})
