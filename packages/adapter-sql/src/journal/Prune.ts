/** Retention, in steps of a bounded size, so that other writes of the process come in between. */
import type { Lease, Retained } from "@bookio-kit/core/sync/Journal"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { hold } from "./Leases.ts"

/** The most rows of a table that one transaction removes. */
const stepSize = 500

/** Forgets some of what is settled and old; what hangs on an item goes with it (Tables.ts). */
export const step = Effect.fnUntraced(function* (lease: Lease, from: Retained) {
  const sql = yield* SqlClient.SqlClient
  const facilityId = yield* hold(lease)
  const items = yield* sql`DELETE FROM item WHERE facility_id = ${facilityId} AND id IN (
    SELECT id FROM item
    WHERE facility_id = ${facilityId} AND settled = 1 AND end_ms < ${from.recordsMs}
      AND NOT EXISTS (SELECT 1 FROM conflict
        WHERE conflict.facility_id = item.facility_id AND conflict.item_id = item.id AND conflict.state = 'open')
    ORDER BY end_ms, id LIMIT ${stepSize}) RETURNING id`
  const conflicts = yield* sql`DELETE FROM conflict WHERE facility_id = ${facilityId} AND id IN (
    SELECT id FROM conflict WHERE facility_id = ${facilityId} AND state = 'resolved' AND since_ms < ${from.conflictsMs}
    LIMIT ${stepSize}) RETURNING id`
  const removals = yield* sql`DELETE FROM removal WHERE id IN (
    SELECT id FROM removal WHERE facility_id = ${facilityId} AND at_ms < ${from.passesMs}
    LIMIT ${stepSize}) RETURNING id`
  const passes = yield* sql`DELETE FROM pass WHERE facility_id = ${facilityId} AND id IN (
    SELECT id FROM pass WHERE facility_id = ${facilityId} AND started_ms < ${from.passesMs}
    LIMIT ${stepSize}) RETURNING id`
  const isDone = [items, conflicts, removals, passes].every(({ length }) => length < stepSize)
  return { items: items.length, isDone }
})

/** Repeats a step until nothing is left; gives how many items are gone. */
export const toTheEnd = Effect.fnUntraced(function* <E>(
  once: Effect.Effect<{ readonly items: number; readonly isDone: boolean }, E>
) {
  let items = 0
  while (true) {
    const done = yield* once
    items += done.items
    if (done.isDone) return items
  }
})
