/**
 * The tables of webhooks, as a migration. They refer to no other table, so that a database without an engine can have them.
 * A secret signs, so it is stored as it is: a database's file is its owner's only.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { columnTypes } from "../database/Dialect.ts"

export const webhooks = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { bytes, id, integer, tableOptions } = columnTypes(sql)
  const run = (statement: string) => sql.unsafe(statement)
  const table = (name: string, columns: string) => run(`CREATE TABLE ${name} (${columns})${tableOptions}`)

  // after_event is the webhook's place in the feed; a worker has it until lease_ms. Kinds are separated by commas.
  yield* table(
    "webhook",
    `id ${id},
    channel_id ${integer} NOT NULL,
    url TEXT NOT NULL,
    facility_id ${integer},
    kinds TEXT,
    secret ${bytes} NOT NULL,
    previous_secret ${bytes},
    previous_until_ms ${integer},
    created_ms ${integer} NOT NULL,
    disabled_ms ${integer},
    after_event ${integer},
    failures ${integer} NOT NULL DEFAULT 0,
    last_ms ${integer},
    last_result TEXT,
    last_status ${integer},
    gap_ms ${integer},
    worker TEXT,
    lease_ms ${integer}`
  )
  yield* run("CREATE INDEX webhook_channel ON webhook (channel_id, id)")
  // Only what was tried; next_ms is NULL for what was given up at given_up_ms.
  yield* table(
    "webhook_undelivered",
    `id ${id},
    webhook_id ${integer} NOT NULL REFERENCES webhook(id) ON DELETE CASCADE,
    event_id ${integer} NOT NULL,
    facility_id ${integer} NOT NULL,
    event TEXT NOT NULL,
    attempts ${integer} NOT NULL,
    first_ms ${integer} NOT NULL,
    last_ms ${integer} NOT NULL,
    last_result TEXT NOT NULL,
    last_status ${integer},
    next_ms ${integer},
    given_up_ms ${integer},
    UNIQUE (webhook_id, event_id)`
  )
  yield* run(
    "CREATE INDEX webhook_undelivered_next ON webhook_undelivered (webhook_id, next_ms) WHERE next_ms IS NOT NULL"
  )
  yield* run(
    "CREATE INDEX webhook_undelivered_given_up ON webhook_undelivered (given_up_ms) WHERE given_up_ms IS NOT NULL"
  )
})
