/**
 * A commit: its changes as statements, few where they are many. Items are dropped and put first, the last change of each
 * counting, then all else in its order; what tells of an item that is not there is left out, but for a conflict.
 */
import {
  Conflict,
  type JournalChange,
  type PassRecord,
  type Removal,
  type TrailEntry
} from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { Side } from "@bookio-kit/core/sync/SyncState"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SqlClient from "effect/sql/SqlClient"
import { badRow } from "./Failures.ts"
import { toRow } from "./ItemRows.ts"
import { batches, pieces } from "./Lists.ts"

/** How many lines of an item's story are kept. */
const trailLength = 200

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

const put = Effect.fnUntraced(function* (facilityId: number, items: ReadonlyArray<SyncItem>) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* Effect.forEach(items, (item) => toRow(facilityId, item))
  for (const batch of batches(rows)) {
    yield* sql`INSERT INTO item ${sql.insert(batch)} ON CONFLICT (facility_id, id) DO UPDATE SET
      kind = excluded.kind, calendar = excluded.calendar, record = excluded.record, bookio_id = excluded.bookio_id,
      external_id = excluded.external_id, intention_external_id = excluded.intention_external_id, uid = excluded.uid,
      href = excluded.href, due_ms = excluded.due_ms, end_ms = excluded.end_ms, in_bookio = excluded.in_bookio,
      in_practice = excluded.in_practice, parked = excluded.parked, waiting = excluded.waiting,
      settled = excluded.settled, json = excluded.json`
  }
  for (const piece of pieces(items.map(({ id }) => id))) {
    yield* sql`DELETE FROM late_external WHERE facility_id = ${facilityId} AND ${sql.in("item_id", piece)}`
  }
  const late = items.flatMap((item) =>
    [...new Set(item.late.flatMap(({ externalId }) => (externalId === undefined ? [] : [externalId])))].map(
      (externalId) => ({ facility_id: facilityId, external_id: externalId, item_id: item.id })
    )
  )
  for (const batch of batches(late)) yield* sql`INSERT INTO late_external ${sql.insert(batch)}`
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

const tell = Effect.fnUntraced(function* (facilityId: number, entries: ReadonlyArray<TrailEntry>) {
  const sql = yield* SqlClient.SqlClient
  const asked = pieces([...new Set(entries.map(({ itemId }) => itemId))])
  const known = new Set<number>()
  for (const piece of asked) {
    const rows = yield* sql<{ readonly id: number }>`SELECT id FROM item
      WHERE facility_id = ${facilityId} AND ${sql.in("id", piece)}`
    for (const { id } of rows) known.add(id)
  }
  const rows = entries
    .filter(({ itemId }) => known.has(itemId))
    .map(({ atMs, detail, itemId, step }) => ({
      facility_id: facilityId,
      item_id: itemId,
      at_ms: atMs,
      step,
      detail
    }))
  for (const batch of batches(rows)) yield* sql`INSERT INTO trail ${sql.insert(batch)}`
  for (const piece of asked) {
    yield* sql`DELETE FROM trail WHERE id IN (
      SELECT id FROM (
        SELECT id, ROW_NUMBER() OVER (PARTITION BY item_id ORDER BY id DESC) AS place FROM trail
        WHERE facility_id = ${facilityId} AND ${sql.in("item_id", piece)}
      ) AS placed WHERE place > ${trailLength})`
  }
})

const remember = Effect.fnUntraced(function* (facilityId: number, removals: ReadonlyArray<Removal>) {
  const sql = yield* SqlClient.SqlClient
  const rows = removals.map(({ atMs, cause, uid }) => ({ facility_id: facilityId, at_ms: atMs, cause, uid }))
  for (const batch of batches(rows)) yield* sql`INSERT INTO removal ${sql.insert(batch)}`
})

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
    only(changes, "Trail").map(({ entry }) => entry)
  )
  yield* remember(
    facilityId,
    only(changes, "Removal").map(({ removal }) => removal)
  )
  for (const { pass } of only(changes, "Pass")) yield* putPass(facilityId, pass)
  const progress = only(changes, "Progress").at(-1)?.progress
  if (progress === undefined) return
  yield* sql`INSERT INTO progress ${sql.insert({ facility_id: facilityId, json: JSON.stringify(progress) })}
    ON CONFLICT (facility_id) DO UPDATE SET json = excluded.json`
})
