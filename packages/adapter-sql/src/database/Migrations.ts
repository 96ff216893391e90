/** Migrations: forward only, at start, under the database's lock. */
import * as Effect from "effect/Effect"
import * as Migrator from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"

/** The tables that a database has, as the steps that made them. */
export interface Tables {
  /** The table that tells which steps were done. */
  readonly table: string
  /** By name: `NNNN_what`, in order from 0001 without gaps. A step that was released is never changed. */
  readonly migrations: { readonly [name: string]: Effect.Effect<void, SqlError, SqlClient.SqlClient> }
}

/**
 * Brings the database to this version's tables. One that another process has locked is a retryable `SqlError`.
 *
 * @errors `MigrationError` `BadState` for the database of a newer version, which is left as it is.
 */
export const migrate = Effect.fnUntraced(function* ({ migrations, table }: Tables) {
  const newest = Object.keys(migrations).length
  const sql = yield* SqlClient.SqlClient
  const latestStep = Effect.map(
    sql<{ readonly latest: number | null }>`SELECT MAX(migration_id) AS latest FROM ${sql(table)}`,
    ([row]) => row?.latest ?? 0
  )
  // Mostly there is nothing to do, which a read tells without a lock, and in a tenth of the time that a command takes. A new
  // database has no such table; whatever else fails here is told by the steps.
  if ((yield* Effect.orElseSucceed(latestStep, () => 0)) === newest) return
  yield* Migrator.make({})({ loader: Migrator.fromRecord(migrations), table })
  const latest = yield* latestStep
  if (latest > newest) {
    return yield* new Migrator.MigrationError({
      kind: "BadState",
      message: `the database is that of a newer version: it has migration ${latest}, this version knows ${newest}`
    })
  }
})
