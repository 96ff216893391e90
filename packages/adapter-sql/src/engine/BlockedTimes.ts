/** Blocked times of the engine (engine.md, rules 4, 6, 9 and 10). A removed one is remembered, for what follows changes. */
import { Caller } from "@bookio-kit/core/access/Caller"
import type { BlockedTime, BlockedTimeChange, NewBlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { type BlockedTimeQuery, BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { DuplicateReservation, ResourceNotFound } from "@bookio-kit/core/error/Refusal"
import type { Page } from "@bookio-kit/core/page/Page"
import type { BlockedTimeId, ExternalId, FacilityId } from "@bookio-kit/core/scalar/Id"
import { toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { offsetProblems } from "@bookio-kit/core/time/TermOffsets"
import { startOfDay, type TimeZone } from "@bookio-kit/core/time/TimeZone"
import type { UtcOffset } from "@bookio-kit/core/time/UtcOffset"
import type { WallTime } from "@bookio-kit/core/time/WallTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { databaseClockMs } from "../database/Dialect.ts"
import * as Remembered from "../database/Remembered.ts"
import * as EventStore from "./EventStore.ts"
import * as FacilityState from "./FacilityState.ts"
import { allOf, inEachZone } from "./Filter.ts"
import { listedTime, refuse, termOf } from "./Times.ts"

type CallerService = Caller["Service"]

interface Row {
  readonly id: BlockedTimeId
  readonly facility_id: FacilityId
  readonly external_id: ExternalId | null
  readonly from_ms: number
  readonly to_ms: number
  readonly note: string
}

const toBlockedTime = (row: Row, zone: TimeZone): BlockedTime => ({
  id: row.id,
  ...(row.external_id === null ? {} : { externalId: row.external_id }),
  ...listedTime(zone, "dateFrom", row.from_ms),
  ...listedTime(zone, "dateTo", row.to_ms),
  note: row.note
})

const list = Effect.fnUntraced(function* (caller: CallerService, query: BlockedTimeQuery) {
  const sql = yield* SqlClient.SqlClient
  const facilities =
    query.facilityId === undefined
      ? yield* FacilityState.reachable(caller)
      : [yield* FacilityState.named(caller, query.facilityId, "read")]
  const { dateFrom, dateTo, limit = 100, offset = 0 } = query
  if (facilities.length === 0) return { pagination: { total: 0, offset, limit }, rows: [] }
  const condition = allOf([
    sql`r.removed_ms IS NULL`,
    inEachZone(sql, facilities, (zone) =>
      allOf([
        dateFrom === undefined ? undefined : sql`r.to_ms > ${startOfDay(zone, toEpochDay(dateFrom))}`,
        dateTo === undefined ? undefined : sql`r.from_ms < ${startOfDay(zone, toEpochDay(dateTo) + 1)}`
      ])
    ),
    query.lastSync === undefined ? undefined : sql`r.changed_ms >= ${query.lastSync}`
  ])
  const [count] = yield* sql<{
    readonly total: number
  }>`SELECT COUNT(*) AS total FROM blocked_time r WHERE ${condition}`
  const rows = yield* sql<Row>`SELECT r.id, r.facility_id, x.external_id, r.from_ms, r.to_ms, r.note FROM blocked_time r
    LEFT JOIN blocked_time_channel x ON x.blocked_time_id = r.id AND x.channel_id = ${caller.channelId}
    WHERE ${condition} ORDER BY r.changed_ms, r.id LIMIT ${limit} OFFSET ${offset}`
  const zones = new Map(facilities.map((facility) => [facility.id, facility.timeZone]))
  return {
    pagination: { total: count?.total ?? 0, offset, limit },
    rows: rows.map((row) => toBlockedTime(row, zones.get(row.facility_id) as TimeZone))
  }
})

// A `dateTo` that is only a day means to the end of that day (api.md, "Scalars").
const endOf = (time: WallTime): WallTime => (time._tag === "Day" ? { _tag: "Day", epochDay: time.epochDay + 1 } : time)

const given = (field: "dateFrom" | "dateTo", time: WallTime, offset: UtcOffset | undefined) => ({
  field,
  time: field === "dateTo" ? endOf(time) : time,
  offset
})

export const create = Effect.fnUntraced(function* (caller: CallerService, blocked: NewBlockedTime) {
  const sql = yield* SqlClient.SqlClient
  const facility = yield* FacilityState.named(caller, blocked.facilityId, "lock")
  const dayAgoMs = (yield* databaseClockMs(sql)) - 86_400_000
  const term = yield* Effect.result(
    termOf(
      facility.timeZone,
      given("dateFrom", blocked.dateFrom, blocked.dateFromOffset),
      given("dateTo", blocked.dateTo, blocked.dateToOffset)
    )
  )
  const known = yield* sql<{
    readonly id: BlockedTimeId
    readonly removed_ms: number | null
    readonly from_ms: number
    readonly to_ms: number
  }>`SELECT b.id, b.removed_ms, b.from_ms, b.to_ms
    FROM blocked_time_channel x JOIN blocked_time b ON b.id = x.blocked_time_id
    WHERE x.facility_id = ${facility.id} AND x.channel_id = ${caller.channelId}
      AND x.external_id = ${blocked.externalId} AND (x.removed = 0 OR b.removed_ms >= ${dayAgoMs})`
  const used = known.find((row) => row.removed_ms === null)
  if (used !== undefined) return yield* new DuplicateReservation({ reason: "externalId", blockedTimeId: used.id })
  if (term._tag === "Failure") return yield* term.failure
  const { fromMs, toMs } = term.success
  const repeated = known.find((row) => row.from_ms === fromMs && row.to_ms === toMs)
  if (repeated !== undefined) return yield* new DuplicateReservation({ reason: "retry", blockedTimeId: repeated.id })
  const { changedMs, nowMs } = yield* FacilityState.changeNow(facility)
  const [row] = yield* sql<{ readonly id: BlockedTimeId }>`INSERT INTO blocked_time ${sql.insert({
    facility_id: facility.id,
    from_ms: fromMs,
    to_ms: toMs,
    note: blocked.note,
    created_ms: nowMs,
    changed_ms: changedMs
  })} RETURNING id`
  const { id } = row as { readonly id: BlockedTimeId }
  yield* sql`INSERT INTO blocked_time_channel ${sql.insert({
    blocked_time_id: id,
    channel_id: caller.channelId,
    facility_id: facility.id,
    external_id: blocked.externalId,
    removed: 0
  })}`
  yield* EventStore.add("blockedTime.created", facility.id, id, changedMs)
  return { blockedTimeId: id, externalId: blocked.externalId }
})

/** The blocked time of a request by id, its facility locked; a removed one is not found. */
const locked = Effect.fnUntraced(function* (caller: CallerService, id: BlockedTimeId) {
  const sql = yield* SqlClient.SqlClient
  const facility = yield* FacilityState.ownerOf(caller, "BlockedTime", id)
  const [blocked] = yield* sql<{ readonly from_ms: number; readonly to_ms: number }>`
    SELECT from_ms, to_ms FROM blocked_time
    WHERE id = ${id} AND facility_id = ${facility.id} AND removed_ms IS NULL`
  if (blocked === undefined) return yield* new ResourceNotFound({ resource: "BlockedTime" })
  return { facility, blocked }
})

const changeTerm = Effect.fnUntraced(function* (caller: CallerService, id: BlockedTimeId, change: BlockedTimeChange) {
  const sql = yield* SqlClient.SqlClient
  const { blocked, facility } = yield* locked(caller, id)
  yield* refuse(offsetProblems(change))
  const { fromMs, toMs } = yield* termOf(
    facility.timeZone,
    change.dateFrom === undefined ? blocked.from_ms : given("dateFrom", change.dateFrom, change.dateFromOffset),
    change.dateTo === undefined ? () => blocked.to_ms : given("dateTo", change.dateTo, change.dateToOffset)
  )
  if (fromMs !== blocked.from_ms || toMs !== blocked.to_ms) {
    const { changedMs } = yield* FacilityState.changeNow(facility)
    yield* sql`UPDATE blocked_time SET from_ms = ${fromMs}, to_ms = ${toMs}, changed_ms = ${changedMs} WHERE id = ${id}`
    yield* EventStore.add("blockedTime.changed", facility.id, id, changedMs)
  }
  return { blockedTimeId: id }
})

const remove = Effect.fnUntraced(function* (caller: CallerService, id: BlockedTimeId) {
  const sql = yield* SqlClient.SqlClient
  const { facility } = yield* locked(caller, id)
  const { changedMs, nowMs } = yield* FacilityState.changeNow(facility)
  yield* sql`UPDATE blocked_time SET removed_ms = ${nowMs}, changed_ms = ${changedMs} WHERE id = ${id}`
  yield* sql`UPDATE blocked_time_channel SET removed = 1 WHERE blocked_time_id = ${id}`
  yield* EventStore.add("blockedTime.removed", facility.id, id, changedMs)
  return { blockedTimeId: id }
})

// Lists that are asked for again and again while nothing happens.
const knownLists = 256

export const layer = Layer.effect(BlockedTimes)(
  Effect.gen(function* () {
    const database = yield* Database
    const remembered = Remembered.make<Page<BlockedTime>>(database, knownLists)
    return BlockedTimes.of({
      list: Effect.fn("BlockedTimes.list")(function* (query) {
        const caller = yield* Caller
        const key = JSON.stringify([caller.channelId, caller.access, query])
        return yield* remembered(key, database.read(list(caller, query)))
      }),
      create: Effect.fn("BlockedTimes.create")(function* (blockedTime) {
        return yield* database.write(create(yield* Caller, blockedTime))
      }),
      changeTerm: Effect.fn("BlockedTimes.changeTerm")(function* (id, change) {
        return yield* database.write(changeTerm(yield* Caller, id, change))
      }),
      remove: Effect.fn("BlockedTimes.remove")(function* (id) {
        return yield* database.write(remove(yield* Caller, id))
      })
    })
  })
)
