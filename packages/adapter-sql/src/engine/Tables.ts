/** The tables of the engine, as migrations. */
import { randomBytes } from "node:crypto"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { columnTypes } from "../database/Dialect.ts"
import type { Tables } from "../database/Migrations.ts"
import { booking } from "./BookingTables.ts"
import { fast } from "./FastTables.ts"
import { tokens } from "./TokenTables.ts"
import { webhooks } from "./WebhookTables.ts"

const initial = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { bytes, id, integer, real, tableOptions } = columnTypes(sql)
  const run = (statement: string) => sql.unsafe(statement)
  const table = (name: string, columns: string) => run(`CREATE TABLE ${name} (${columns})${tableOptions}`)

  yield* table("channel", `id ${id}, name TEXT NOT NULL UNIQUE`)
  yield* table(
    "token",
    `id ${id},
    sha256 ${bytes} NOT NULL UNIQUE,
    channel_id ${integer} NOT NULL REFERENCES channel(id),
    access TEXT NOT NULL,
    expires_ms ${integer},
    revoked_ms ${integer}`
  )
  yield* table(
    "facility",
    `id ${id},
    seed_key TEXT UNIQUE,
    name TEXT NOT NULL,
    street TEXT NOT NULL,
    city TEXT NOT NULL,
    postcode TEXT NOT NULL,
    postcode_is_number ${integer} NOT NULL,
    country_name TEXT,
    country_code TEXT,
    latitude ${real},
    longitude ${real},
    phone TEXT,
    email TEXT,
    time_zone TEXT NOT NULL,
    last_change_ms ${integer} NOT NULL`
  )
  yield* table(
    "channel_facility",
    `channel_id ${integer} NOT NULL REFERENCES channel(id),
    facility_id ${integer} NOT NULL REFERENCES facility(id),
    PRIMARY KEY (channel_id, facility_id)`
  )
  yield* table(
    "calendar",
    `id ${id},
    facility_id ${integer} NOT NULL REFERENCES facility(id),
    seed_key TEXT,
    name TEXT NOT NULL,
    note TEXT NOT NULL,
    valid_from_day ${integer} NOT NULL,
    valid_to_day ${integer} NOT NULL,
    UNIQUE (facility_id, seed_key)`
  )
  yield* table(
    "service",
    `id ${id},
    calendar_id ${integer} NOT NULL REFERENCES calendar(id),
    position ${integer} NOT NULL,
    name TEXT NOT NULL,
    note TEXT NOT NULL,
    duration_minutes ${integer} NOT NULL,
    capacity ${integer} NOT NULL,
    referral_letter ${integer} NOT NULL,
    hidden ${integer} NOT NULL,
    removed ${integer} NOT NULL DEFAULT 0`
  )
  yield* run("CREATE INDEX service_calendar ON service (calendar_id, position)")
  // Week days are bits, Monday the lowest.
  yield* table(
    "opening_interval",
    `id ${id},
    calendar_id ${integer} NOT NULL REFERENCES calendar(id),
    position ${integer} NOT NULL,
    name TEXT NOT NULL,
    week_days ${integer} NOT NULL,
    from_minutes ${integer} NOT NULL,
    to_minutes ${integer} NOT NULL`
  )
  yield* run("CREATE INDEX opening_interval_calendar ON opening_interval (calendar_id, position)")
  yield* table(
    "interval_service",
    `interval_id ${integer} NOT NULL REFERENCES opening_interval(id) ON DELETE CASCADE,
    service_id ${integer} NOT NULL REFERENCES service(id),
    PRIMARY KEY (interval_id, service_id)`
  )
  yield* table(
    "reservation",
    `id ${id},
    facility_id ${integer} NOT NULL REFERENCES facility(id),
    calendar_id ${integer} NOT NULL REFERENCES calendar(id),
    service_id ${integer} NOT NULL REFERENCES service(id),
    channel_id ${integer} NOT NULL REFERENCES channel(id),
    number TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    surname TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    phone TEXT NOT NULL,
    locale TEXT NOT NULL,
    note TEXT,
    status TEXT NOT NULL CHECK (status IN ('CONFIRMED', 'CANCELLED', 'DID_NOT_COME')),
    from_ms ${integer} NOT NULL,
    to_ms ${integer} NOT NULL CHECK (to_ms > from_ms),
    created_ms ${integer} NOT NULL,
    cancel_ms ${integer},
    cancellation_reason TEXT,
    changed_ms ${integer} NOT NULL`
  )
  yield* run("CREATE INDEX reservation_changed ON reservation (facility_id, changed_ms, id)")
  yield* run("CREATE INDEX reservation_from ON reservation (facility_id, from_ms)")
  yield* run("CREATE INDEX reservation_email ON reservation (email_key)")
  // Occupancy of a calendar: what began within a day before a term is found by its start, what is longer by its end.
  yield* run(
    "CREATE INDEX reservation_occupies ON reservation (calendar_id, from_ms, to_ms) WHERE status = 'CONFIRMED'"
  )
  yield* run(
    `CREATE INDEX reservation_occupies_long ON reservation (calendar_id, to_ms)
    WHERE status = 'CONFIRMED' AND to_ms - from_ms > 86400000`
  )
  yield* run("CREATE INDEX reservation_same_start ON reservation (service_id, from_ms) WHERE status = 'CONFIRMED'")
  // How one channel sees a reservation; a missing row means no externalId and not synced (engine.md, rule 9).
  yield* table(
    "reservation_channel",
    `reservation_id ${integer} NOT NULL REFERENCES reservation(id),
    channel_id ${integer} NOT NULL REFERENCES channel(id),
    facility_id ${integer} NOT NULL,
    external_id ${integer},
    needs_sync ${integer} NOT NULL,
    cancelled ${integer} NOT NULL,
    PRIMARY KEY (reservation_id, channel_id)`
  )
  yield* run(
    `CREATE UNIQUE INDEX reservation_external ON reservation_channel (facility_id, channel_id, external_id)
    WHERE cancelled = 0 AND external_id IS NOT NULL`
  )
  yield* run(
    `CREATE INDEX reservation_external_cancelled ON reservation_channel (facility_id, channel_id, external_id)
    WHERE cancelled = 1 AND external_id IS NOT NULL`
  )
  yield* table(
    "blocked_time",
    `id ${id},
    facility_id ${integer} NOT NULL REFERENCES facility(id),
    from_ms ${integer} NOT NULL,
    to_ms ${integer} NOT NULL CHECK (to_ms > from_ms),
    note TEXT NOT NULL,
    created_ms ${integer} NOT NULL,
    changed_ms ${integer} NOT NULL,
    removed_ms ${integer}`
  )
  yield* run("CREATE INDEX blocked_time_changed ON blocked_time (facility_id, changed_ms, id)")
  yield* run("CREATE INDEX blocked_time_from ON blocked_time (facility_id, from_ms, to_ms) WHERE removed_ms IS NULL")
  yield* run(
    `CREATE INDEX blocked_time_long ON blocked_time (facility_id, to_ms)
    WHERE removed_ms IS NULL AND to_ms - from_ms > 86400000`
  )
  yield* table(
    "blocked_time_channel",
    `blocked_time_id ${integer} NOT NULL REFERENCES blocked_time(id),
    channel_id ${integer} NOT NULL REFERENCES channel(id),
    facility_id ${integer} NOT NULL,
    external_id ${integer} NOT NULL,
    removed ${integer} NOT NULL,
    PRIMARY KEY (blocked_time_id, channel_id)`
  )
  yield* run(
    `CREATE UNIQUE INDEX blocked_time_external ON blocked_time_channel (facility_id, channel_id, external_id)
    WHERE removed = 0`
  )
  yield* run(
    `CREATE INDEX blocked_time_external_removed ON blocked_time_channel (facility_id, channel_id, external_id)
    WHERE removed = 1`
  )
})

// What is stored with a write: the audit log, and answers under their Idempotency-Key.
const writes = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { bytes, id, integer, tableOptions } = columnTypes(sql)
  const run = (statement: string) => sql.unsafe(statement)
  const table = (name: string, columns: string) => run(`CREATE TABLE ${name} (${columns})${tableOptions}`)

  // Drawn once for each database, so that a stored HMAC says nothing to who does not have the database.
  yield* table("secret", `name TEXT PRIMARY KEY, value ${bytes} NOT NULL`)
  yield* sql`INSERT INTO secret ${sql.insert({ name: "idempotency", value: randomBytes(32) })}`
  // Ids of records are kept as they were named, also of those that do not exist: no references.
  yield* table(
    "audit_entry",
    `id ${id},
    at_ms ${integer} NOT NULL,
    channel_id ${integer} NOT NULL,
    token_id ${integer},
    operation TEXT NOT NULL,
    facility_id ${integer},
    calendar_id ${integer},
    service_id ${integer},
    reservation_id ${integer},
    blocked_time_id ${integer},
    status ${integer} NOT NULL,
    error_code ${integer},
    request_id TEXT NOT NULL`
  )
  yield* run("CREATE INDEX audit_entry_at ON audit_entry (at_ms, id)")
  // token_id is 0 where a channel is called without a token.
  yield* table(
    "idempotency_record",
    `id ${id},
    channel_id ${integer} NOT NULL,
    token_id ${integer} NOT NULL,
    operation TEXT NOT NULL,
    key_hmac ${bytes} NOT NULL,
    body_hmac ${bytes} NOT NULL,
    status ${integer} NOT NULL,
    error_code ${integer},
    body ${bytes} NOT NULL,
    expires_ms ${integer} NOT NULL,
    UNIQUE (channel_id, token_id, operation, key_hmac)`
  )
  yield* run("CREATE INDEX idempotency_record_expires ON idempotency_record (expires_ms)")
})

// The change feed: an id is greater the later its commit. On SQLite the one writer makes it so; where many write at once, an
// id must be drawn under a lock that its transaction holds to the end, or a reader could pass by one that comes late.
const events = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { id, integer, tableOptions } = columnTypes(sql)
  yield* sql.unsafe(
    `CREATE TABLE event (
    id ${id},
    at_ms ${integer} NOT NULL,
    facility_id ${integer} NOT NULL REFERENCES facility(id),
    kind TEXT NOT NULL,
    record_id ${integer} NOT NULL)${tableOptions}`
  )
})

export const tables: Tables = {
  table: "bookio_migrations",
  migrations: {
    "0001_initial": initial,
    "0002_writes": writes,
    "0003_events": events,
    "0004_webhooks": webhooks,
    "0005_fast": fast,
    "0006_booking": booking,
    "0007_tokens": tokens
  }
}
