/**
 * The tables of the sync's journal, as migrations. An item is a row: what it is found by stands in columns, the whole of it
 * in one text (decision 0008). Texts of items and conflicts are data of persons; nothing else here is.
 */
import { randomBytes } from "node:crypto"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { columnTypes } from "../database/Dialect.ts"
import type { Tables } from "../database/Migrations.ts"
import type { ItemRow } from "./ItemRows.ts"

const initial = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { bytes, id, integer, tableOptions } = columnTypes(sql)
  const run = (statement: string) => sql.unsafe(statement)
  const table = (name: string, columns: string) => run(`CREATE TABLE ${name} (${columns})${tableOptions}`)
  const ofItem = "FOREIGN KEY (facility_id, item_id) REFERENCES item(facility_id, id) ON DELETE CASCADE"
  const facilityId = `facility_id ${integer} NOT NULL REFERENCES facility(id)`

  yield* table("secret", `name TEXT PRIMARY KEY, value ${bytes} NOT NULL`)
  yield* sql`INSERT INTO secret ${sql.insert({ name: "journal", value: randomBytes(32) })}`
  // With its lease; one that was given back has no owner. The fence never falls.
  yield* table(
    "facility",
    `id ${id},
    key TEXT NOT NULL UNIQUE,
    fence ${integer} NOT NULL DEFAULT 0,
    owner TEXT,
    until_ms ${integer} NOT NULL DEFAULT 0`
  )
  yield* table("progress", `facility_id ${integer} PRIMARY KEY REFERENCES facility(id), json TEXT NOT NULL`)
  yield* table(
    "item",
    `${facilityId},
    id ${integer} NOT NULL,
    kind TEXT NOT NULL,
    calendar TEXT NOT NULL,
    record TEXT NOT NULL CHECK (record IN ('reservation', 'blockedTime')),
    bookio_id ${integer},
    external_id ${integer},
    intention_external_id ${integer},
    uid TEXT,
    href TEXT,
    due_ms ${integer},
    end_ms ${integer} NOT NULL,
    in_bookio ${integer} NOT NULL,
    in_practice ${integer} NOT NULL,
    parked ${integer} NOT NULL,
    waiting ${integer} NOT NULL,
    settled ${integer} NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (facility_id, id)`
  )
  const index = (name: string, columns: string, condition: string) =>
    run(`CREATE INDEX item_${name} ON item (facility_id, ${columns}) WHERE ${condition}`)
  yield* index("bookio", "record, bookio_id", "bookio_id IS NOT NULL")
  yield* index("external", "external_id", "external_id IS NOT NULL")
  yield* index("intention_external", "intention_external_id", "intention_external_id IS NOT NULL")
  yield* index("uid", "calendar, uid", "uid IS NOT NULL")
  yield* index("href", "calendar, href", "href IS NOT NULL")
  yield* index("due", "due_ms, id", "due_ms IS NOT NULL")
  yield* index("waiting", "id, parked", "waiting = 1")
  yield* index("linked", "id", "in_bookio = 1 AND in_practice = 1")
  yield* index("settled", "end_ms, id", "settled = 1")
  // They cover what a comparison with a full listing asks, so that it reads only the items that it lacks.
  yield* index("in_bookio", "end_ms, kind, calendar, id", "in_bookio = 1")
  yield* index("in_practice", "end_ms, kind, calendar, id", "in_practice = 1")
  yield* table(
    "late_external",
    `facility_id ${integer} NOT NULL,
    external_id ${integer} NOT NULL,
    item_id ${integer} NOT NULL,
    PRIMARY KEY (facility_id, external_id, item_id),
    ${ofItem}`
  )
  yield* run("CREATE INDEX late_external_item ON late_external (facility_id, item_id)")
  // By which listing an item was seen last: apart from the item, for it changes with every full listing.
  yield* table(
    "seen",
    `facility_id ${integer} NOT NULL,
    item_id ${integer} NOT NULL,
    side TEXT NOT NULL,
    listing ${integer} NOT NULL,
    PRIMARY KEY (facility_id, item_id, side),
    ${ofItem}`
  )
  yield* table(
    "conflict",
    `facility_id ${integer} NOT NULL,
    id ${integer} NOT NULL,
    item_id ${integer} NOT NULL,
    since_ms ${integer} NOT NULL,
    state TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (facility_id, id),
    ${ofItem}`
  )
  yield* run("CREATE INDEX conflict_item ON conflict (facility_id, item_id, since_ms, id)")
  yield* run("CREATE INDEX conflict_since ON conflict (facility_id, since_ms, id)")
  yield* run("CREATE INDEX conflict_state ON conflict (facility_id, state, since_ms, id)")
  yield* table(
    "trail",
    `id ${id},
    facility_id ${integer} NOT NULL,
    item_id ${integer} NOT NULL,
    at_ms ${integer} NOT NULL,
    step TEXT NOT NULL,
    detail TEXT NOT NULL,
    ${ofItem}`
  )
  yield* run("CREATE INDEX trail_item ON trail (facility_id, item_id, id)")
  yield* table("removal", `id ${id}, ${facilityId}, at_ms ${integer} NOT NULL, cause TEXT NOT NULL, uid TEXT NOT NULL`)
  yield* run("CREATE INDEX removal_cause ON removal (facility_id, cause, at_ms, uid)")
  yield* run("CREATE INDEX removal_at ON removal (facility_id, at_ms)")
  yield* table(
    "pass",
    `${facilityId},
    id ${integer} NOT NULL,
    started_ms ${integer} NOT NULL,
    ended_ms ${integer} NOT NULL,
    outcome TEXT NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (facility_id, id)`
  )
  yield* run("CREATE INDEX pass_started ON pass (facility_id, started_ms, id)")
})

/** What is counted after each pass is counted in an index, whatever there is of it. */
const counted = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const run = (statement: string) => sql.unsafe(statement)
  yield* run("DROP INDEX item_linked")
  yield* run("CREATE INDEX item_linked ON item (facility_id, uid) WHERE in_bookio = 1 AND in_practice = 1")
  yield* run("ALTER TABLE item ADD COLUMN parked_reason TEXT")
  const parked = yield* sql<{ readonly facility_id: number } & ItemRow>`
    SELECT facility_id, id, json FROM item WHERE parked = 1`
  for (const row of parked) {
    const reason = (JSON.parse(row.json) as SyncItem).parked?.reason ?? null
    yield* sql`UPDATE item SET parked_reason = ${reason} WHERE facility_id = ${row.facility_id} AND id = ${row.id}`
  }
  yield* run("DROP INDEX item_waiting")
  yield* run("CREATE INDEX item_waiting ON item (facility_id, id) WHERE waiting = 1")
  yield* run("ALTER TABLE item DROP COLUMN parked")
  yield* run("CREATE INDEX item_parked ON item (facility_id, parked_reason) WHERE parked_reason IS NOT NULL")
})

export const tables: Tables = {
  table: "bookio_journal_migrations",
  migrations: { "0001_initial": initial, "0002_counted": counted }
}
