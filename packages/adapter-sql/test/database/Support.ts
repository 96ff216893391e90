/** What tests of the database have in common. */
import { DatabaseSync } from "node:sqlite"
import { Context, Deferred, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import * as Database from "../../src/database/Database.ts"

export const open = (filename: string) =>
  Effect.map(Layer.build(Database.layer({ filename })), (context) => Context.get(context, Database.Database))

export const insert = (name: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql`INSERT INTO channel (name) VALUES (${name})`)

export const names = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly name: string }>`SELECT name FROM channel ORDER BY id`
  return rows.map((row) => row.name)
})

/** Another connection, as another process would have. */
export const connection = (filename: string) =>
  Effect.acquireRelease(
    Effect.sync(() => new DatabaseSync(filename)),
    (db) => Effect.sync(() => db.close())
  )

export const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

/** A write that waits in its transaction until it is let go. */
export const held = Effect.fnUntraced(function* (db: Database.Database["Service"], name: string) {
  const begun = yield* Deferred.make<void>()
  const gate = yield* Deferred.make<void>()
  const fiber = yield* Effect.forkChild(
    db.write(
      insert(name).pipe(Effect.andThen(Deferred.succeed(begun, undefined)), Effect.andThen(Deferred.await(gate)))
    )
  )
  yield* Deferred.await(begun)
  return { fiber, release: Deferred.succeed(gate, undefined) }
})
