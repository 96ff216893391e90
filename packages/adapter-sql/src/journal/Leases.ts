/**
 * Leases: one row a facility, whose fence rises with every holder. All of it runs inside a write transaction, so two
 * processes never see the same state of a lease. The clock is the database's.
 */
import { type FacilityKey, type Journal, type Lease, LeaseLost } from "@bookio-kit/core/sync/Journal"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { databaseClockMs, forUpdateText } from "../database/Dialect.ts"
import { prepared } from "../database/Prepared.ts"

interface LeaseRow {
  readonly id: number
  readonly fence: number
  readonly owner: string | null
  readonly until_ms: number
}

const selectLease = prepared<LeaseRow>(
  (sql) => `SELECT id, fence, owner, until_ms FROM facility WHERE key = ?${forUpdateText(sql)}`
)

const find = (facility: FacilityKey) => Effect.map(selectLease(facility), ([row]) => row)

/** Takes the lease, or renews one's own; see the port. */
export const acquire = Effect.fnUntraced(function* (
  facility: FacilityKey,
  { durationMs, graceMs, owner }: Parameters<Journal["Service"]["acquire"]>[1]
) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO facility ${sql.insert({ key: facility })} ON CONFLICT (key) DO NOTHING`
  const row = yield* find(facility)
  if (row === undefined) return yield* Effect.die(new Error("the facility that was just stored is not there"))
  const nowMs = yield* databaseClockMs(sql)
  const isOthers = row.owner !== null && row.owner !== owner
  if (isOthers && row.until_ms + graceMs > nowMs) {
    return yield* new LeaseLost({ remainingMs: Math.max(0, row.until_ms - nowMs) })
  }
  const isRenewal = row.owner === owner && row.until_ms > nowMs
  const lease: Lease = { facility, fence: isRenewal ? row.fence : row.fence + 1, untilMs: nowMs + durationMs }
  yield* sql`UPDATE facility SET fence = ${lease.fence}, owner = ${owner}, until_ms = ${lease.untilMs}
    WHERE id = ${row.id}`
  return lease
})

/** Gives the lease back, unless it was taken over. */
export const release = Effect.fnUntraced(function* (lease: Lease) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE facility SET owner = NULL, until_ms = 0 WHERE key = ${lease.facility} AND fence = ${lease.fence}`
})

/** The facility's id in this database. @errors `LeaseLost` where the lease is not in force. */
export const hold = Effect.fnUntraced(function* (lease: Lease) {
  const row = yield* find(lease.facility)
  if (row === undefined) return yield* new LeaseLost({})
  const nowMs = yield* databaseClockMs(yield* SqlClient.SqlClient)
  const inForce = row.owner !== null && row.until_ms > nowMs
  if (row.fence === lease.fence && inForce) return row.id
  return yield* new LeaseLost(row.fence !== lease.fence && inForce ? { remainingMs: row.until_ms - nowMs } : {})
})
