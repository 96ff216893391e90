/**
 * Copies a database that is in use. It assumes that source and destination are local, and that nobody else writes to the
 * destination's path plus ".partial" meanwhile.
 */
import { existsSync, renameSync, rmSync } from "node:fs"
import { backup, DatabaseSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import { refusal, toSqlError } from "./errors.ts"

/**
 * Lets `copy` write a file beside the destination and moves it there when it is complete, so that the destination is a
 * whole copy or absent. Refuses a destination that exists: it may be a database that someone has open.
 */
export const publish = (
  destination: string,
  copy: (partial: string) => Effect.Effect<unknown, SqlError>
): Effect.Effect<void, SqlError> => {
  const partial = `${destination}.partial`
  const step = (run: () => void) => Effect.try({ try: run, catch: (thrown) => failed(thrown, destination) })
  return step(() => {
    if (existsSync(destination)) throw refusal("backup", `the backup "${destination}" exists already`)
    rmSync(partial, { force: true })
  }).pipe(
    Effect.andThen(copy(partial)),
    Effect.andThen(step(() => renameSync(partial, destination))),
    Effect.onError(() => Effect.sync(() => rmSync(partial, { force: true })))
  )
}

/**
 * Copies the database file `source` as of one moment. It reads through a connection of its own and outside the event
 * loop, so that neither readers nor writers wait.
 */
export const copyFile = (source: string, partial: string): Effect.Effect<void, SqlError> =>
  Effect.acquireUseRelease(
    Effect.try({
      try: () => new DatabaseSync(source, { readOnly: true }),
      catch: (thrown) => failed(thrown, partial)
    }),
    (db) =>
      Effect.tryPromise({
        // One step for all pages: a copy in several steps starts again whenever somebody writes in between.
        try: () => backup(db, partial, { rate: 2 ** 31 - 1 }),
        catch: (thrown) => failed(thrown, partial)
      }),
    (db) => Effect.sync(() => db.close())
    // Node cannot call back a copy that runs in its thread pool.
  ).pipe(Effect.uninterruptible)

const failed = (thrown: unknown, destination: string) =>
  toSqlError(thrown, "backup", `cannot write the backup "${destination}"`)
