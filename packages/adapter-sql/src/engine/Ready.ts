/** Whether the engine can serve: its database answers. */
import { Readiness } from "@bookio-kit/core/health/Readiness"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"

const ask = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`SELECT 1 FROM bookio_migrations LIMIT 1`
})

export const layer = Layer.effect(Readiness)(
  Effect.gen(function* () {
    const database = yield* Database
    return Readiness.of({ check: database.read(ask) })
  })
)
