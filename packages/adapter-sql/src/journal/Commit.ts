/**
 * A commit: its changes as statements, few where they are many. Items are dropped and put first, the last change of each
 * counting, then all else in its order; what tells of an item that is not there is left out, but for a conflict.
 */
import { Conflict, type JournalChange, type PassRecord, type TrailEntry } from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { Side } from "@bookio-kit/core/sync/SyncState"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SqlClient from "effect/sql/SqlClient"
import { prepared } from "../database/Prepared.ts"
import { badRow } from "./Failures.ts"
import { toRow } from "./ItemRows.ts"
import { inserting, pieces } from "./Lists.ts"

/** How many lines of an item's story are told. */
export const trailLength = 200

const encodeConflict = Schema.encodeEffect(Schema.fromJsonString(Conflict))

const only = <T extends JournalChange["_tag"]>(changes: ReadonlyArray<JournalChange>, tag: T) =>
  changes.filter((change): change is Extract<JournalChange, { readonly _tag: T }> => change._tag === tag)

// The items to drop, and then those to put: an item that is put after it was dropped is a new one.
const itemsOf = (changes: ReadonlyArray<JournalChange>) => {
  const drops = new Set<number>()
  const puts = new Map<number, SyncItem>()
  for (const change of changes) {
    if (change._tag === "Put") puts.set(change.item.id, change.item)
    if (change._tag !== "Drop") continue
    drops.add(change.itemId)
    puts.delete(change.itemId)
  }
  return { drops: [...drops], puts: [...puts.values()] }
}

const drop = Effect.fnUntraced(function* (facilityId: number, ids: ReadonlyArray<number>) {
  const sql = yield* SqlClient.SqlClient
  for (const piece of pieces(ids)) {
    yield* sql`DELETE FROM item WHERE facility_id = ${facilityId} AND ${sql.in("id", piece)}`
  }
})

const itemColumns = [
  "facility_id",
  "id",
  "kind",
  "calendar",
  "record",
  "bookio_id",
  "external_id",
  "intention_external_id",
  "uid",
  "href",
  "due_ms",
  "end_ms",
  "in_bookio",
  "in_practice",
  "parked_reason",
  "waiting",
  "settled",
  "json"
] as const

const putItems = inserting(
  "item",
  itemColumns,
  `ON CONFLICT (facility_id, id) DO UPDATE SET ${itemColumns
    .slice(2)
    .map((column) => `${column} = excluded.${column}`)
    .join(", ")}`
)
const forgetLate = prepared("DELETE FROM late_external WHERE facility_id = ? AND item_id = ?")
const putLate = inserting("late_external", ["facility_id", "external_id", "item_id"])

const put = Effect.fnUntraced(function* (facilityId: number, items: ReadonlyArray<SyncItem>) {
  yield* putItems(yield* Effect.forEach(items, (item) => toRow(facilityId, item)))
  for (const { id } of items) yield* forgetLate(facilityId, id)
  const late = items.flatMap((item) =>
    [...new Set(item.late.flatMap(({ externalId }) => (externalId === undefined ? [] : [externalId])))].map(
      (externalId) => ({ facility_id: facilityId, external_id: externalId, item_id: item.id })
    )
  )
  yield* putLate(late)
})

const see = Effect.fnUntraced(function* (facilityId: number, side: Side, listing: number, ids: ReadonlyArray<number>) {
  const sql = yield* SqlClient.SqlClient
  for (const piece of pieces(ids)) {
    yield* sql`INSERT INTO seen (facility_id, item_id, side, listing)
      SELECT facility_id, id, ${side}, ${listing} FROM item
      WHERE facility_id = ${facilityId} AND ${sql.in("id", piece)}
      ON CONFLICT (facility_id, item_id, side) DO UPDATE SET listing = excluded.listing`
  }
})

const putConflict = Effect.fnUntraced(function* (facilityId: number, conflict: Conflict) {
  const sql = yield* SqlClient.SqlClient
  const refuse = Effect.mapError(() => badRow("conflict", conflict.id))
  const json = yield* refuse(encodeConflict(conflict))
  const [item] = yield* sql`SELECT id FROM item WHERE facility_id = ${facilityId} AND id = ${conflict.itemId}`
  if (item === undefined) return yield* badRow("conflict", conflict.id)
  const row = {
    facility_id: facilityId,
    id: conflict.id,
    item_id: conflict.itemId,
    since_ms: conflict.sinceMs,
    state: conflict.state,
    json
  }
  yield* sql`INSERT INTO conflict ${sql.insert(row)} ON CONFLICT (facility_id, id) DO UPDATE SET
    item_id = excluded.item_id, since_ms = excluded.since_ms, state = excluded.state, json = excluded.json`
})

const putTrail = inserting("trail", ["facility_id", "item_id", "at_ms", "step", "detail"])
const longTrail = prepared<{ readonly id: number }>(
  "SELECT id FROM trail WHERE facility_id = ? AND item_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?"
)
const cutTrail = prepared("DELETE FROM trail WHERE facility_id = ? AND item_id = ? AND id <= ?")

// An item's story is cut now and then, when it has grown by a quarter.
const trim = Effect.fnUntraced(function* (facilityId: number, itemId: number) {
  const [long] = yield* longTrail(facilityId, itemId, trailLength + trailLength / 4)
  if (long === undefined) return
  const [last] = yield* longTrail(facilityId, itemId, trailLength)
  if (last !== undefined) yield* cutTrail(facilityId, itemId, last.id)
})

const tell = Effect.fnUntraced(function* (
  facilityId: number,
  entries: ReadonlyArray<TrailEntry>,
  stored: ReadonlySet<number>
) {
  const sql = yield* SqlClient.SqlClient
  const known = new Set(stored)
  const asked = new Set(entries.map(({ itemId }) => itemId))
  for (const piece of pieces([...asked].filter((id) => !stored.has(id)))) {
    const rows = yield* sql<{ readonly id: number }>`SELECT id FROM item
      WHERE facility_id = ${facilityId} AND ${sql.in("id", piece)}`
    for (const { id } of rows) known.add(id)
  }
  yield* putTrail(
    entries
      .filter(({ itemId }) => known.has(itemId))
      .map(({ atMs, detail, itemId, step }) => ({
        facility_id: facilityId,
        item_id: itemId,
        at_ms: atMs,
        step,
        detail
      }))
  )
  for (const itemId of asked) yield* trim(facilityId, itemId)
})

const putRemovals = inserting("removal", ["facility_id", "at_ms", "cause", "uid"])

const putPass = Effect.fnUntraced(function* (facilityId: number, pass: PassRecord) {
  const sql = yield* SqlClient.SqlClient
  const row = {
    facility_id: facilityId,
    id: pass.id,
    started_ms: pass.startedMs,
    ended_ms: pass.endedMs,
    outcome: pass.outcome,
    counts: JSON.stringify(pass.counts)
  }
  yield* sql`INSERT INTO pass ${sql.insert(row)} ON CONFLICT (facility_id, id) DO UPDATE SET
    started_ms = excluded.started_ms, ended_ms = excluded.ended_ms, outcome = excluded.outcome,
    counts = excluded.counts`
})

/** Stores the changes of a facility; it runs inside a write transaction. @errors `JournalError` `Internal` for no item. */
export const store = Effect.fnUntraced(function* (facilityId: number, changes: ReadonlyArray<JournalChange>) {
  const sql = yield* SqlClient.SqlClient
  const { drops, puts } = itemsOf(changes)
  yield* drop(facilityId, drops)
  yield* put(facilityId, puts)
  for (const { itemIds, listing, side } of only(changes, "Seen")) yield* see(facilityId, side, listing, itemIds)
  for (const { conflict } of only(changes, "Conflict")) yield* putConflict(facilityId, conflict)
  yield* tell(
    facilityId,
    only(changes, "Trail").map(({ entry }) => entry),
    new Set(puts.map(({ id }) => id))
  )
  yield* putRemovals(
    only(changes, "Removal").map(({ removal: { atMs, cause, uid } }) => ({
      facility_id: facilityId,
      at_ms: atMs,
      cause,
      uid
    }))
  )
  for (const { pass } of only(changes, "Pass")) yield* putPass(facilityId, pass)
  const progress = only(changes, "Progress").at(-1)?.progress
  if (progress === undefined) return
  yield* sql`INSERT INTO progress ${sql.insert({ facility_id: facilityId, json: JSON.stringify(progress) })}
    ON CONFLICT (facility_id) DO UPDATE SET json = excluded.json`
})
