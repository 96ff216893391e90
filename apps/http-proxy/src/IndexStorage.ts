/**
 * What a gateway knows about ids, in a SQLite file of its own: ids and facilities by upstream server, no data of a person.
 * It can be deleted at any time, and must be where another server answers under the same URL; it fills itself again.
 */
import { BackendError } from "@bookio-kit/core/error/BackendError"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import { type IdKind, IndexStore, type Progress } from "@bookio-kit/gateway/IndexStore"
import * as SqliteClient from "@bookio-kit/sqlite-client/SqliteClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ensureFolder } from "./Folder.ts"
import { mapError } from "./MapError.ts"

const kinds: { readonly [K in IdKind]: number } = { calendar: 1, service: 2, reservation: 3, blockedTime: 4 }

const failed = (cause: { readonly isRetryable: boolean }) =>
  new BackendError({ reason: cause.isRetryable ? "Overloaded" : "Internal", cause })

const make = Effect.fnUntraced(function* (serverUrl: string) {
  const sql = yield* SqliteClient.SqliteClient
  yield* sql`CREATE TABLE IF NOT EXISTS upstream_server (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE) STRICT`
  yield* sql`CREATE TABLE IF NOT EXISTS known_id (server_id INTEGER NOT NULL, kind INTEGER NOT NULL, id INTEGER NOT NULL,
    facility_id INTEGER NOT NULL, PRIMARY KEY (server_id, kind, id)) STRICT, WITHOUT ROWID`
  yield* sql`CREATE TABLE IF NOT EXISTS listing_progress (server_id INTEGER NOT NULL, kind INTEGER NOT NULL,
    facility_id INTEGER NOT NULL, whole_ms INTEGER NOT NULL, changes_ms INTEGER NOT NULL,
    PRIMARY KEY (server_id, kind, facility_id)) STRICT, WITHOUT ROWID`
  yield* sql`INSERT INTO upstream_server (url) VALUES (${serverUrl}) ON CONFLICT DO NOTHING`
  const [server] = yield* sql<{ readonly id: number }>`SELECT id FROM upstream_server WHERE url = ${serverUrl}`
  const serverId = server?.id ?? 0
  return IndexStore.of({
    find: (kind, id) =>
      sql<{ readonly facility_id: FacilityId }>`SELECT facility_id FROM known_id
        WHERE server_id = ${serverId} AND kind = ${kinds[kind]} AND id = ${id}`.pipe(
        Effect.map(([row]) => row?.facility_id),
        Effect.mapError(failed)
      ),
    put: (kind, facilityId, ids) => {
      const [first, ...others] = ids.map((id) => ({
        server_id: serverId,
        kind: kinds[kind],
        id,
        facility_id: facilityId
      }))
      return first === undefined
        ? Effect.void
        : sql`INSERT INTO known_id ${sql.insert([first, ...others])}
            ON CONFLICT (server_id, kind, id) DO UPDATE SET facility_id = excluded.facility_id`.pipe(
            Effect.asVoid,
            Effect.mapError(failed)
          )
    },
    progress: (kind, facilityId) =>
      sql<{ readonly whole_ms: number; readonly changes_ms: number }>`SELECT whole_ms, changes_ms FROM listing_progress
        WHERE server_id = ${serverId} AND kind = ${kinds[kind]} AND facility_id = ${facilityId}`.pipe(
        Effect.map(([row]): Progress | undefined =>
          row === undefined ? undefined : { wholeMs: row.whole_ms, changesMs: row.changes_ms }
        ),
        Effect.mapError(failed)
      ),
    setProgress: (kind, facilityId, { changesMs, wholeMs }) =>
      sql`INSERT INTO listing_progress (server_id, kind, facility_id, whole_ms, changes_ms)
          VALUES (${serverId}, ${kinds[kind]}, ${facilityId}, ${wholeMs}, ${changesMs})
          ON CONFLICT (server_id, kind, facility_id)
          DO UPDATE SET whole_ms = excluded.whole_ms, changes_ms = excluded.changes_ms`.pipe(
        Effect.asVoid,
        Effect.mapError(failed)
      )
  })
})

/** The store of a server's ids in a file. @errors `SettingsError` for one that cannot be used. */
export const layer = (filename: string, serverUrl: string) => {
  const setting = "BOOKIO_GATEWAY_DATABASE"
  const store = Layer.effect(IndexStore)(make(serverUrl)).pipe(
    Layer.provide(SqliteClient.layer({ filename, busyTimeoutMs: 1000, synchronous: "NORMAL" }))
  )
  return Layer.unwrap(Effect.as(ensureFolder(setting, filename), store)).pipe(
    mapError((error) =>
      error instanceof SettingsError
        ? error
        : new SettingsError({ problems: [`${setting}: ${filename} cannot be used (${error.reason._tag})`] })
    )
  )
}
