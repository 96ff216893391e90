/**
 * Pages of reservations. A page is chosen from an index that holds all that it is chosen by; each channel's view of the chosen
 * rows is then looked up, and rows that are known in that version are not read again.
 */
import type { Caller } from "@bookio-kit/core/access/Caller"
import type { Page } from "@bookio-kit/core/page/Page"
import type { Reservation, ReservationStatus } from "@bookio-kit/core/reservation/Reservation"
import type { ReservationQuery } from "@bookio-kit/core/reservation/Reservations"
import type { ExternalId, FacilityId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { type LocalDate, toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { startOfDay, type TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { rowsOf, type Value, valuesOf } from "../database/Prepared.ts"
import type { FacilityState } from "./FacilityState.ts"
import type { ListedRows, RowKey } from "./ListedRows.ts"
import { emailKey } from "./ReservationStore.ts"
import { listedTime } from "./Times.ts"

type CallerService = Caller["Service"]

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

/** A piece of a statement with a "?" for each of its values. */
interface Piece {
  readonly text: string
  readonly values: ReadonlyArray<Value>
}

const piece = (text: string, ...values: ReadonlyArray<Value>): Piece => ({ text, values })

const joined = (pieces: ReadonlyArray<Piece>, between: string): Piece => ({
  text: pieces.map(({ text }) => text).join(between),
  values: pieces.flatMap(({ values }) => values)
})

const ofFacilities = (facilities: ReadonlyArray<FacilityState>): Piece => {
  const ids = facilities.map(({ id }) => id)
  return piece(ids.length === 1 ? "r.facility_id = ?" : `r.facility_id IN (${ids.map(() => "?").join(", ")})`, ...ids)
}

const startOf = (zone: TimeZone, day: LocalDate, plusDays: number) => startOfDay(zone, toEpochDay(day) + plusDays)

/** Rows of some facilities on the days of the query, which begin at another instant in each zone. */
const inDays = (facilities: ReadonlyArray<FacilityState>, { from, to }: ReservationQuery): Piece => {
  if (from === undefined && to === undefined) return ofFacilities(facilities)
  const zones = [...new Set(facilities.map(({ timeZone }) => timeZone))]
  const pieces = zones.map((zone) =>
    joined(
      [
        ofFacilities(zones.length === 1 ? facilities : facilities.filter(({ timeZone }) => timeZone === zone)),
        ...(from === undefined ? [] : [piece("r.from_ms >= ?", startOf(zone, from, 0))]),
        ...(to === undefined ? [] : [piece("r.from_ms < ?", startOf(zone, to, 1))])
      ],
      " AND "
    )
  )
  return pieces.length === 1
    ? joined(pieces, "")
    : piece(`(${joined(pieces, " OR ").text})`, ...joined(pieces, "").values)
}

/** What the query asks of a row besides; `x` is its channel's view. */
const conditionsOf = (
  { access, channelId }: CallerService,
  { email, lastSync, number, onlyUnsynced, status }: ReservationQuery
): ReadonlyArray<Piece> => [
  ...(email === undefined ? [] : [piece("r.email_key = ?", emailKey(email))]),
  ...(number === undefined ? [] : [piece("r.number = ?", number)]),
  ...(status === undefined ? [] : [piece("r.status = ?", status)]),
  ...(lastSync === undefined ? [] : [piece("r.changed_ms >= ?", lastSync)]),
  ...(onlyUnsynced === true ? [piece("COALESCE(x.needs_sync, 1) = 1")] : []),
  ...(access === "book" ? [piece("r.channel_id = ?", channelId)] : [])
]

// Every row of some facilities: counted as they are added and removed, for counting them here would take a look at each.
const everyRow = (facilities: ReadonlyArray<FacilityState>): Piece => {
  const { text, values } = ofFacilities(facilities)
  return piece(`SELECT COALESCE(SUM(r.total), 0) FROM reservation_total r WHERE ${text}`, ...values)
}

const viewOf = (id: string) => `LEFT JOIN reservation_channel x ON x.reservation_id = ${id} AND x.channel_id = ?`

/** A page of the reservations of some facilities, by change instant, then id. Rows that are known are not read again. */
export const list = Effect.fnUntraced(function* (
  caller: CallerService,
  facilities: ReadonlyArray<FacilityState>,
  query: ReservationQuery,
  known: ListedRows
): Effect.fn.Return<Page<Reservation>, SqlError, SqlClient.SqlClient> {
  const { limit = 100, offset = 0 } = query
  const { channelId } = caller
  if (facilities.length === 0) return { pagination: { total: 0, offset, limit }, rows: [] }
  const conditions = conditionsOf(caller, query)
  const isEvery = conditions.length === 0 && query.from === undefined && query.to === undefined
  const condition = joined([inDays(facilities, query), ...conditions], " AND ")
  // The view is a condition here only; for other pages it is looked up of the rows that are chosen.
  const source: Piece =
    query.onlyUnsynced === true
      ? piece(`reservation r ${viewOf("r.id")} WHERE ${condition.text}`, channelId, ...condition.values)
      : piece(`reservation r WHERE ${condition.text}`, ...condition.values)
  const total = isEvery ? everyRow(facilities) : piece(`SELECT COUNT(*) FROM ${source.text}`, ...source.values)
  const keys = piece(
    `FROM (SELECT r.id, r.version, r.changed_ms FROM ${source.text} ORDER BY r.changed_ms, r.id LIMIT ? OFFSET ?) k
    ${viewOf("k.id")}`,
    ...source.values,
    limit,
    offset,
    channelId
  )
  const found = (yield* valuesOf(
    `SELECT k.id, k.version, x.external_id, COALESCE(x.needs_sync, 1), (${total.text})
    ${keys.text} ORDER BY k.changed_ms, k.id`,
    ...total.values,
    ...keys.values
  )) as unknown as ReadonlyArray<readonly [...RowKey, number]>
  const first = found[0]
  const count = first === undefined ? ((yield* valuesOf(total.text, ...total.values))[0]?.[0] as number) : first[4]
  const pagination = { total: count, offset, limit }
  // A tuple of more is one of these to who reads no further.
  const kept = known.find(channelId, found as ReadonlyArray<unknown> as ReadonlyArray<RowKey>)
  if (kept !== undefined) return { pagination, rows: kept }
  const rows = (yield* rowsOf(
    `SELECT r.id, r.version, x.external_id, COALESCE(x.needs_sync, 1) AS needs_sync, r.number, r.name, r.surname, r.email,
      r.phone, r.service_id, r.created_ms, r.from_ms, r.to_ms, r.cancel_ms, r.cancellation_reason, r.facility_id, r.note,
      r.status
    ${keys.text} JOIN reservation r ON r.id = k.id ORDER BY k.changed_ms, k.id`,
    ...keys.values
  )) as ReadonlyArray<Row>
  const zones = new Map(facilities.map((facility) => [facility.id, facility.timeZone]))
  return {
    pagination,
    rows: rows.map((row) =>
      known.get(channelId, [row.id, row.version, row.external_id, row.needs_sync], () =>
        toReservation(row, zones.get(row.facility_id) as TimeZone)
      )
    )
  }
})
