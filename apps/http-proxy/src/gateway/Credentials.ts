/** Client keys and upstream tokens by their numbers in the gateway's database, which stay the same over restarts. */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"

/** The number of a client or upstream token, the same for ever; drawn when it is seen first. */
export const numberOf = Effect.fnUntraced(function* (sha256: string, name?: string) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly id: number }>`INSERT INTO credential (sha256, name)
    VALUES (${sha256}, ${name ?? null})
    ON CONFLICT (sha256) DO UPDATE SET name = COALESCE(excluded.name, name) RETURNING id`
  return row?.id ?? (yield* Effect.die(new Error("a row that was written is not there")))
})
