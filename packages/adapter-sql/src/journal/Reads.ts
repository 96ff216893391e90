/** The journal's reads. Each is answered from an index (a test looks at its plan), whatever else the facility holds. */
import { Conflict, FacilityKey, type Journal, type PassRecord, type TrailEntry } from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Order from "effect/Order"
import * as Schema from "effect/Schema"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import { databaseClockMs } from "../database/Dialect.ts"
import { trailLength } from "./Commit.ts"
import { badRow } from "./Failures.ts"
import { fromRow, type ItemRow } from "./ItemRows.ts"
import { pieces } from "./Lists.ts"

type Port = Journal["Service"]

/** Smaller than any id. */
const beforeAll = Number.MIN_SAFE_INTEGER

const facilityId = (sql: SqlClient.SqlClient, facility: FacilityKey) =>
  sql`(SELECT id FROM facility WHERE key = ${facility})`

const items = Effect.fnUntraced(function* (rows: Effect.Effect<ReadonlyArray<ItemRow>, SqlError>) {
  return yield* Effect.forEach(yield* rows, fromRow)
})

const ascending = Arr.sortWith(({ id }: SyncItem) => id, Order.Number)

// Each item once, ascending by id, whatever was asked twice.
const byKeys = Effect.fnUntraced(function* <A>(
  keys: ReadonlyArray<A>,
  rows: (sql: SqlClient.SqlClient, piece: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<ItemRow>, SqlError>
) {
  const sql = yield* SqlClient.SqlClient
  const found = yield* Effect.forEach(pieces(keys), (piece) => items(rows(sql, piece)))
  return ascending(new Map(found.flat().map((item) => [item.id, item])).values())
})

export const byId = (facility: FacilityKey, ids: ReadonlyArray<number>) =>
  byKeys(
    ids,
    (sql, piece) =>
      sql<ItemRow>`SELECT id, json FROM item WHERE facility_id = ${facilityId(sql, facility)} AND ${sql.in("id", piece)}`
  )

export const byBookioId = (facility: FacilityKey, record: string, ids: ReadonlyArray<number>) =>
  byKeys(
    ids,
    (sql, piece) => sql<ItemRow>`SELECT id, json FROM item
      WHERE facility_id = ${facilityId(sql, facility)} AND record = ${record} AND ${sql.in("bookio_id", piece)}`
  )

export const byExternalId = (facility: FacilityKey, externalIds: ReadonlyArray<number>) =>
  byKeys(externalIds, (sql, piece) => {
    const key = facilityId(sql, facility)
    return sql<ItemRow>`SELECT id, json FROM item WHERE facility_id = ${key} AND id IN (
      SELECT id FROM item WHERE facility_id = ${key} AND ${sql.in("external_id", piece)}
      UNION ALL
      SELECT id FROM item WHERE facility_id = ${key} AND ${sql.in("intention_external_id", piece)}
      UNION ALL
      SELECT item_id FROM late_external WHERE facility_id = ${key} AND ${sql.in("external_id", piece)})`
  })

export const byName = (facility: FacilityKey, calendar: string, column: "uid" | "href", names: ReadonlyArray<string>) =>
  byKeys(
    names,
    (sql, piece) => sql<ItemRow>`SELECT id, json FROM item
      WHERE facility_id = ${facilityId(sql, facility)} AND calendar = ${calendar} AND ${sql.in(column, piece)}`
  )

export const due = Effect.fnUntraced(function* (...[facility, atMs, limit, after]: Parameters<Port["due"]>) {
  const sql = yield* SqlClient.SqlClient
  return yield* items(sql<ItemRow>`SELECT id, json FROM item
    WHERE facility_id = ${facilityId(sql, facility)} AND due_ms <= ${atMs}
      AND (due_ms, id) > (${after?.dueMs ?? beforeAll}, ${after?.id ?? beforeAll})
    ORDER BY due_ms, id LIMIT ${limit}`)
})

// The window's items from an index of what the side has, then their marks, and only what is left is read.
export const unseen = Effect.fnUntraced(function* (...[facility, query, limit, afterId]: Parameters<Port["unseen"]>) {
  const sql = yield* SqlClient.SqlClient
  const key = facilityId(sql, facility)
  const present = sql.literal(query.side === "bookio" ? "in_bookio" : "in_practice")
  const calendar: Fragment = query.calendar === undefined ? sql.literal("") : sql` AND calendar = ${query.calendar}`
  return yield* items(sql<ItemRow>`SELECT id, json FROM item WHERE facility_id = ${key} AND id IN (
      SELECT id FROM item
      WHERE facility_id = ${key} AND ${present} = 1 AND end_ms >= ${query.endsFromMs} AND ${sql.in("kind", query.kinds)}
        ${calendar} AND id + 0 > ${afterId ?? beforeAll}
        AND NOT EXISTS (SELECT 1 FROM seen
          WHERE seen.facility_id = item.facility_id AND seen.item_id = item.id AND seen.side = ${query.side}
            AND seen.listing = ${query.listing})
      ORDER BY id LIMIT ${limit})
    ORDER BY id`)
})

export const all = Effect.fnUntraced(function* (facility: FacilityKey, limit: number, afterId?: number) {
  const sql = yield* SqlClient.SqlClient
  return yield* items(sql<ItemRow>`SELECT id, json FROM item
    WHERE facility_id = ${facilityId(sql, facility)} AND id > ${afterId ?? beforeAll} ORDER BY id LIMIT ${limit}`)
})

// `id + 0` keeps SQLite from walking all items by their ids: those that wait are few, and have an index.
export const waiting = Effect.fnUntraced(function* (facility: FacilityKey, limit: number, afterId?: number) {
  const sql = yield* SqlClient.SqlClient
  const key = facilityId(sql, facility)
  return yield* items(sql<ItemRow>`SELECT id, json FROM item WHERE facility_id = ${key} AND id IN (
      SELECT id FROM item
      WHERE facility_id = ${key} AND waiting = 1 AND id + 0 > ${afterId ?? beforeAll}
      ORDER BY id LIMIT ${limit})
    ORDER BY id`)
})

const decodeProgress = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Json)))

export const progress = Effect.fnUntraced(function* (facility: FacilityKey) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly facility_id: number; readonly json: string }>`SELECT facility_id, json
    FROM progress WHERE facility_id = ${facilityId(sql, facility)}`
  if (row === undefined) return {}
  return yield* Effect.mapError(decodeProgress(row.json), () => badRow("progress", row.facility_id))
})

const decodeConflict = Schema.decodeUnknownEffect(Schema.fromJsonString(Conflict))

const conflictsWhere = Effect.fnUntraced(function* (
  facility: FacilityKey,
  condition: (sql: SqlClient.SqlClient) => Fragment
) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<ItemRow>`SELECT id, json FROM conflict
    WHERE facility_id = ${facilityId(sql, facility)}${condition(sql)} ORDER BY since_ms, id`
  return yield* Effect.forEach(rows, ({ id, json }) =>
    Effect.mapError(decodeConflict(json), () => badRow("conflict", id))
  )
})

export const conflicts = (facility: FacilityKey, state?: Conflict["state"]) =>
  conflictsWhere(facility, (sql) => (state === undefined ? sql.literal("") : sql` AND state = ${state}`))

export const conflictsOf = (facility: FacilityKey, itemId: number) =>
  conflictsWhere(facility, (sql) => sql` AND item_id = ${itemId}`)

export const removedSince = Effect.fnUntraced(function* (
  ...[facility, cause, since]: Parameters<Port["removedSince"]>
) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly count: number }>`SELECT COUNT(DISTINCT uid) AS count FROM removal
    WHERE facility_id = ${facilityId(sql, facility)} AND cause = ${cause} AND at_ms >= ${since}`
  return row?.count ?? 0
})

export const counts = Effect.fnUntraced(function* (facility: FacilityKey) {
  const sql = yield* SqlClient.SqlClient
  const key = facilityId(sql, facility)
  const nowMs = yield* databaseClockMs(sql)
  const [row] = yield* sql<{
    readonly links: number
    readonly due: number
    readonly openConflicts: number
  }>`SELECT
    (SELECT COUNT(DISTINCT uid) FROM item WHERE facility_id = ${key} AND in_bookio = 1 AND in_practice = 1) AS links,
    (SELECT COUNT(*) FROM item WHERE facility_id = ${key} AND due_ms <= ${nowMs}) AS due,
    (SELECT COUNT(*) FROM conflict WHERE facility_id = ${key} AND state = 'open') AS ${sql("openConflicts")}`
  const reasons = yield* sql<{
    readonly reason: string
    readonly count: number
  }>`SELECT parked_reason AS reason, COUNT(*) AS count FROM item
    WHERE facility_id = ${key} AND parked_reason IS NOT NULL GROUP BY parked_reason`
  const parked = Object.fromEntries(reasons.map(({ count, reason }) => [reason, count]))
  return { ...(row ?? { links: 0, due: 0, openConflicts: 0 }), parked }
})

export const trail = Effect.fnUntraced(function* (facility: FacilityKey, itemId: number) {
  const sql = yield* SqlClient.SqlClient
  const latest =
    yield* sql<TrailEntry>`SELECT item_id AS ${sql("itemId")}, at_ms AS ${sql("atMs")}, step, detail FROM trail
    WHERE facility_id = ${facilityId(sql, facility)} AND item_id = ${itemId} ORDER BY id DESC LIMIT ${trailLength}`
  return latest.toReversed()
})

const decodeCounts = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Finite)))

export const passes = Effect.fnUntraced(function* (facility: FacilityKey, limit: number) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<Omit<PassRecord, "counts"> & { readonly counts: string }>`SELECT id,
    started_ms AS ${sql("startedMs")}, ended_ms AS ${sql("endedMs")}, outcome, counts FROM pass
    WHERE facility_id = ${facilityId(sql, facility)} ORDER BY started_ms DESC, id DESC LIMIT ${limit}`
  return yield* Effect.forEach(rows, (row) =>
    Effect.mapError(
      Effect.map(decodeCounts(row.counts), (counts) => ({ ...row, counts })),
      () => badRow("pass", row.id)
    )
  )
})

export const facilities = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly key: string }>`SELECT key FROM facility ORDER BY id`
  return rows.map(({ key }) => FacilityKey.make(key))
})
