/**
 * Pages of reservations. A page is chosen from an index that holds all that it is chosen by; each channel's view of the chosen
 * rows is then looked up, and rows that are known in that version are not read again.
 */
import type { Caller } from "@bookio-kit/core/access/Caller"
import type { Page } from "@bookio-kit/core/page/Page"
import type { Reservation, ReservationStatus } from "@bookio-kit/core/reservation/Reservation"
import type { ReservationQuery } from "@bookio-kit/core/reservation/Reservations"
import type { FacilityId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { type LocalDate, toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { startOfDay, type TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { type Value, valuesOf } from "../database/Prepared.ts"
import type { FacilityState } from "./FacilityState.ts"
import type { ListedRows, RowKey } from "./ListedRows.ts"
import { emailKey } from "./ReservationStore.ts"
import { listTime } from "./Times.ts"

type CallerService = Caller["Service"]

// What is chosen of a row, with the total of the listing; and all of it. Tuples, for a page reads a hundred of them.
type Chosen = readonly [...RowKey, total: number]
type Whole = readonly [
  ...Chosen,
  number: string,
  name: string,
  surname: string,
  email: string,
  phone: string,
  service: ServiceId,
  createdMs: number,
  fromMs: number,
  toMs: number,
  cancelMs: number | null,
  cancellationReason: string | null,
  facilityId: FacilityId,
  note: string | null,
  status: ReservationStatus
]
const wholeColumns = `r.number, r.name, r.surname, r.email, r.phone, r.service_id, r.created_ms, r.from_ms, r.to_ms,
  r.cancel_ms, r.cancellation_reason, r.facility_id, r.note, r.status`

type Writable<A> = { -readonly [K in keyof A]: A[K] }

// In the order of the contract; put together member by member, for a page makes a hundred of them.
const toReservation = (row: Whole, zones: ReadonlyMap<FacilityId, TimeZone>): Reservation => {
  const [id, , externalId, needsSync, , number, name, surname, email, phone, service] = row
  const createdMs = row[11]
  const fromMs = row[12]
  const toMs = row[13]
  const cancelMs = row[14]
  const cancellationReason = row[15]
  const facilityId = row[16]
  const note = row[17]
  const zone = zones.get(facilityId) as TimeZone
  const listed: Partial<Writable<Reservation>> = { id }
  if (externalId !== null) listed.externalId = externalId
  listed.number = number
  listed.name = `${name} ${surname}`
  listed.email = email
  listed.phone = phone
  listed.service = service
  listed.duration = (toMs - fromMs) / 60_000
  listTime(listed, zone, "created", createdMs)
  listTime(listed, zone, "dateFrom", fromMs)
  listTime(listed, zone, "dateTo", toMs)
  if (cancelMs !== null) listTime(listed, zone, "cancelTime", cancelMs)
  if (cancellationReason !== null) listed.cancellationReason = cancellationReason
  listed.needsSync = needsSync === 1
  listed.facilityId = facilityId
  if (note !== null) listed.note = note
  listed.status = row[18]
  // Every member that must be there was set.
  return listed as Reservation
}

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
  const choose = (isWhole: boolean) =>
    valuesOf(
      `SELECT k.id, k.version, x.external_id, COALESCE(x.needs_sync, 1), (${total.text})${isWhole ? `, ${wholeColumns}` : ""}
      ${keys.text}${isWhole ? " JOIN reservation r ON r.id = k.id" : ""} ORDER BY k.changed_ms, k.id`,
      ...total.values,
      ...keys.values
    )
  // Where rows are mostly not known there is no use in asking for them by their keys first.
  let rows: ReadonlyArray<Reservation> | undefined
  let found = (yield* choose(known.isMissing())) as ReadonlyArray<unknown> as ReadonlyArray<Chosen>
  const first = found[0]
  const count = first === undefined ? ((yield* valuesOf(total.text, ...total.values))[0]?.[0] as number) : first[4]
  if (first?.length === 5) {
    rows = known.find(channelId, found as ReadonlyArray<unknown> as ReadonlyArray<RowKey>)
    if (rows === undefined) found = (yield* choose(true)) as ReadonlyArray<unknown> as ReadonlyArray<Chosen>
  }
  const zones = new Map(facilities.map((facility) => [facility.id, facility.timeZone]))
  rows ??= known.take(channelId, found as ReadonlyArray<unknown> as ReadonlyArray<Whole>, (row) =>
    toReservation(row, zones)
  )
  return { pagination: { total: count, offset, limit }, rows }
})
