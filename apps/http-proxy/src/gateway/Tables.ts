/**
 * The tables of a gateway's database, as migrations. What is the upstream's is stored by the server that it came from, for
 * ids of two servers mean different records.
 */
import { randomBytes } from "node:crypto"
import type { Tables } from "@bookio-kit/adapter-sql/database/Migrations"
import * as WebhookTables from "@bookio-kit/adapter-sql/engine/WebhookTables"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"

// Files of the time before there were migrations have these tables already.
const index = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE IF NOT EXISTS upstream_server (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE) STRICT`
  yield* sql`CREATE TABLE IF NOT EXISTS known_id (server_id INTEGER NOT NULL, kind INTEGER NOT NULL, id INTEGER NOT NULL,
    facility_id INTEGER NOT NULL, PRIMARY KEY (server_id, kind, id)) STRICT, WITHOUT ROWID`
  yield* sql`CREATE TABLE IF NOT EXISTS listing_progress (server_id INTEGER NOT NULL, kind INTEGER NOT NULL,
    facility_id INTEGER NOT NULL, whole_ms INTEGER NOT NULL, changes_ms INTEGER NOT NULL,
    PRIMARY KEY (server_id, kind, facility_id)) STRICT, WITHOUT ROWID`
})

// What is stored with a write: the audit log, and answers under their Idempotency-Key.
const writes = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  // Drawn once for each database, so that a stored HMAC says nothing to who does not have the database.
  yield* sql`CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT`
  yield* sql`INSERT INTO secret ${sql.insert({ name: "idempotency", value: randomBytes(32) })}`
  // Client keys and upstream tokens, which are named in the log by their number.
  yield* sql`CREATE TABLE credential (id INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT NOT NULL UNIQUE, name TEXT) STRICT`
  // A line without status is of a write that is at work; it is no part of the log yet.
  yield* sql`CREATE TABLE audit_entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id INTEGER NOT NULL REFERENCES upstream_server(id),
    at_ms INTEGER NOT NULL,
    upstream_id INTEGER NOT NULL REFERENCES credential(id),
    client_id INTEGER NOT NULL REFERENCES credential(id),
    operation TEXT NOT NULL,
    facility_id INTEGER,
    calendar_id INTEGER,
    service_id INTEGER,
    reservation_id INTEGER,
    blocked_time_id INTEGER,
    status INTEGER,
    error_code INTEGER,
    request_id TEXT NOT NULL) STRICT`
  yield* sql`CREATE INDEX audit_entry_at ON audit_entry (server_id, at_ms, id) WHERE status IS NOT NULL`
  yield* sql`CREATE INDEX audit_entry_at_work ON audit_entry (id) WHERE status IS NULL`
  // A record without status is of a request that is at work, or whose outcome is unknown: begun_ms is before its first
  // attempt, and left_ms after its last one, absent where no process saw that.
  yield* sql`CREATE TABLE idempotency_record (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id INTEGER NOT NULL REFERENCES upstream_server(id),
    client_id INTEGER NOT NULL REFERENCES credential(id),
    operation TEXT NOT NULL,
    key_hmac BLOB NOT NULL,
    body_hmac BLOB NOT NULL,
    begun_ms INTEGER NOT NULL,
    left_ms INTEGER,
    status INTEGER,
    error_code INTEGER,
    body BLOB,
    expires_ms INTEGER NOT NULL,
    UNIQUE (server_id, client_id, operation, key_hmac)) STRICT`
  yield* sql`CREATE INDEX idempotency_record_expires ON idempotency_record (expires_ms)`
})

// The change feed, and what records of the upstream looked like when they were seen last.
const events = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO secret ${sql.insert({ name: "events", value: randomBytes(32) })}`
  // Of kind "gap" are the places where the feed of a facility began, or may lack something.
  yield* sql`CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id INTEGER NOT NULL REFERENCES upstream_server(id),
    facility_id INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    record_id INTEGER NOT NULL) STRICT`
  // A blocked time's end is wall-clock time, in the text of the wire.
  yield* sql`CREATE TABLE watched (
    server_id INTEGER NOT NULL REFERENCES upstream_server(id),
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    facility_id INTEGER NOT NULL,
    digest BLOB NOT NULL,
    until TEXT,
    PRIMARY KEY (server_id, kind, id)) STRICT, WITHOUT ROWID`
  yield* sql`CREATE INDEX watched_until ON watched (server_id, facility_id, until) WHERE until IS NOT NULL`
  // How far a facility was read: of the upstream's own feed, or of its listings.
  yield* sql`CREATE TABLE event_source (
    server_id INTEGER NOT NULL REFERENCES upstream_server(id),
    facility_id INTEGER NOT NULL,
    followed_last INTEGER,
    content_version INTEGER,
    whole_ms INTEGER,
    reservations_ms INTEGER,
    blocked_times_ms INTEGER,
    PRIMARY KEY (server_id, facility_id)) STRICT, WITHOUT ROWID`
})

// A webhook's channel_id is the number of its owner: a client key, at one upstream server.
const webhooks = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* WebhookTables.webhooks
  yield* sql`CREATE TABLE webhook_owner (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id INTEGER NOT NULL REFERENCES upstream_server(id),
    client_id INTEGER NOT NULL REFERENCES credential(id),
    UNIQUE (server_id, client_id)) STRICT`
})

export const tables: Tables = {
  table: "gateway_migrations",
  migrations: { "0001_index": index, "0002_writes": writes, "0003_events": events, "0004_webhooks": webhooks }
}
