/** Reservations as the database holds them: one of them for a change, pages of them for a listing. */
import type { Caller } from "@bookio-kit/core/access/Caller"
import { personKey } from "@bookio-kit/core/booking/Person"
import type { Page } from "@bookio-kit/core/page/Page"
import type { Reservation, ReservationStatus } from "@bookio-kit/core/reservation/Reservation"
import type { ReservationQuery } from "@bookio-kit/core/reservation/Reservations"
import type {
  CalendarId,
  ChannelId,
  ExternalId,
  FacilityId,
  ReservationId,
  ServiceId
} from "@bookio-kit/core/scalar/Id"
import { type LocalDate, toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { startOfDay, type TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { FacilityState } from "./FacilityState.ts"
import { allOf, inEachZone } from "./Filter.ts"
import type { ListedRows, RowKey } from "./ListedRows.ts"
import { listedTime } from "./Times.ts"

type CallerService = Caller["Service"]

/** An e-mail as listings and rule 6 (c) compare it. */
export const emailKey = (email: string): string =>
  personKey({ name: "", surname: "", phone: "", email }, undefined).email

/** A reservation as a change needs it. */
export interface StoredReservation {
  readonly id: ReservationId
  readonly calendar_id: CalendarId
  readonly service_id: ServiceId
  readonly channel_id: ChannelId
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
  readonly status: ReservationStatus
  readonly from_ms: number
  readonly to_ms: number
  /** The caller's channel's own. */
  readonly external_id: ExternalId | null
}

/** A reservation of a facility that the caller has locked; `undefined` if it is not there. */
export const find = Effect.fnUntraced(function* (caller: CallerService, facility: FacilityState, id: ReservationId) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<StoredReservation>`
    SELECT r.id, r.calendar_id, r.service_id, r.channel_id, r.name, r.surname, r.email, r.phone, r.status, r.from_ms,
      r.to_ms, x.external_id
    FROM reservation r
    LEFT JOIN reservation_channel x ON x.reservation_id = r.id AND x.channel_id = ${caller.channelId}
    WHERE r.id = ${id} AND r.facility_id = ${facility.id}`
  return row
})

/** Marks a change: unsynced for every channel, the one that made it included (rule 9). */
export const touch = Effect.fnUntraced(function* (id: ReservationId) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE reservation_channel SET needs_sync = 1 WHERE reservation_id = ${id}`
})

interface Row {
  readonly id: ReservationId
  readonly version: number
  readonly external_id: ExternalId | null
  readonly needs_sync: number
  readonly number: string
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
  readonly service_id: ServiceId
  readonly created_ms: number
  readonly from_ms: number
  readonly to_ms: number
  readonly cancel_ms: number | null
  readonly cancellation_reason: string | null
  readonly facility_id: FacilityId
  readonly note: string | null
  readonly status: ReservationStatus
}

const toReservation = (row: Row, zone: TimeZone): Reservation => ({
  id: row.id,
  ...(row.external_id === null ? {} : { externalId: row.external_id }),
  number: row.number,
  name: `${row.name} ${row.surname}`,
  email: row.email,
  phone: row.phone,
  service: row.service_id,
  duration: (row.to_ms - row.from_ms) / 60_000,
  ...listedTime(zone, "created", row.created_ms),
  ...listedTime(zone, "dateFrom", row.from_ms),
  ...listedTime(zone, "dateTo", row.to_ms),
  ...(row.cancel_ms === null ? {} : listedTime(zone, "cancelTime", row.cancel_ms)),
  ...(row.cancellation_reason === null ? {} : { cancellationReason: row.cancellation_reason }),
  needsSync: row.needs_sync === 1,
  facilityId: row.facility_id,
  ...(row.note === null ? {} : { note: row.note }),
  status: row.status
})

const startOf = (zone: TimeZone, day: LocalDate, plusDays: number) => startOfDay(zone, toEpochDay(day) + plusDays)

// Every row of some facilities: counted as they are added and removed, for counting them here would take a look at each.
const everyRow = (sql: SqlClient.SqlClient, facilities: ReadonlyArray<FacilityState>) =>
  sql`SELECT COALESCE(SUM(total), 0) AS total FROM reservation_total WHERE ${sql.in(
    "facility_id",
    facilities.map(({ id }) => id)
  )}`

/** A page of the reservations of some facilities, by change instant, then id. Rows that are known are not read again. */
export const list = Effect.fnUntraced(function* (
  caller: CallerService,
  facilities: ReadonlyArray<FacilityState>,
  query: ReservationQuery,
  known: ListedRows
): Effect.fn.Return<Page<Reservation>, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const { limit = 100, offset = 0 } = query
  if (facilities.length === 0) return { pagination: { total: 0, offset, limit }, rows: [] }
  const conditions = [
    query.email === undefined ? undefined : sql`r.email_key = ${emailKey(query.email)}`,
    query.number === undefined ? undefined : sql`r.number = ${query.number}`,
    query.status === undefined ? undefined : sql`r.status = ${query.status}`,
    query.lastSync === undefined ? undefined : sql`r.changed_ms >= ${query.lastSync}`,
    query.onlyUnsynced === true ? sql`COALESCE(x.needs_sync, 1) = 1` : undefined,
    caller.access === "book" ? sql`r.channel_id = ${caller.channelId}` : undefined
  ]
  const hasDays = query.from !== undefined || query.to !== undefined
  const inDays = (zone: TimeZone) =>
    allOf([
      query.from === undefined ? undefined : sql`r.from_ms >= ${startOf(zone, query.from, 0)}`,
      query.to === undefined ? undefined : sql`r.from_ms < ${startOf(zone, query.to, 1)}`
    ])
  const condition = allOf([inEachZone(sql, facilities, hasDays ? inDays : () => undefined), ...conditions])
  const source = sql`reservation r
    LEFT JOIN reservation_channel x ON x.reservation_id = r.id AND x.channel_id = ${caller.channelId}
    WHERE ${condition}`
  // The count needs the channel's view of a row only where that is a condition.
  const counted = query.onlyUnsynced === true ? source : sql`reservation r WHERE ${condition}`
  const isEvery = !hasDays && conditions.every((condition) => condition === undefined)
  const [count] = yield* sql<{ readonly total: number }>`${
    isEvery ? everyRow(sql, facilities) : sql`SELECT COUNT(*) AS total FROM ${counted}`
  }`
  const page = sql`FROM ${source} ORDER BY r.changed_ms, r.id LIMIT ${limit} OFFSET ${offset}`
  const view = sql`r.id, r.version, x.external_id, COALESCE(x.needs_sync, 1) AS needs_sync`
  const pagination = { total: count?.total ?? 0, offset, limit }
  const keys = yield* sql`SELECT ${view} ${page}`.values
  // The columns that `view` names, in its order.
  const kept = known.find(caller.channelId, keys as unknown as ReadonlyArray<RowKey>)
  if (kept !== undefined) return { pagination, rows: kept }
  const rows =
    yield* sql<Row>`SELECT ${view}, r.number, r.name, r.surname, r.email, r.phone, r.service_id, r.created_ms,
      r.from_ms, r.to_ms, r.cancel_ms, r.cancellation_reason, r.facility_id, r.note, r.status ${page}`
  const zones = new Map(facilities.map((facility) => [facility.id, facility.timeZone]))
  return {
    pagination,
    rows: rows.map((row) =>
      known.get(caller.channelId, [row.id, row.version, row.external_id, row.needs_sync], () =>
        toReservation(row, zones.get(row.facility_id) as TimeZone)
      )
    )
  }
})
