/**
 * What a gateway knows about ids, in its database: ids and facilities, no data of a person. It fills itself again where it
 * is lost.
 */
import { Database } from "@bookio-kit/adapter-sql/database/Database"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import { type IdKind, IndexStore, type Progress } from "@bookio-kit/gateway/IndexStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { UpstreamServer } from "./GatewayDatabase.ts"

const kinds: { readonly [K in IdKind]: number } = { calendar: 1, service: 2, reservation: 3, blockedTime: 4 }

export const layer = Layer.effect(IndexStore)(
  Effect.gen(function* () {
    const { read, write } = yield* Database
    const { id: serverId } = yield* UpstreamServer
    return IndexStore.of({
      find: (kind, id) =>
        read(
          Effect.gen(function* () {
            const sql = yield* SqlClient.SqlClient
            const [row] = yield* sql<{ readonly facility_id: FacilityId }>`SELECT facility_id FROM known_id
              WHERE server_id = ${serverId} AND kind = ${kinds[kind]} AND id = ${id}`
            return row?.facility_id
          })
        ),
      put: (kind, facilityId, ids) => {
        const [first, ...others] = ids.map((id) => ({
          server_id: serverId,
          kind: kinds[kind],
          id,
          facility_id: facilityId
        }))
        if (first === undefined) return Effect.void
        return write(
          Effect.gen(function* () {
            const sql = yield* SqlClient.SqlClient
            yield* sql`INSERT INTO known_id ${sql.insert([first, ...others])}
              ON CONFLICT (server_id, kind, id) DO UPDATE SET facility_id = excluded.facility_id`
          })
        )
      },
      progress: (kind, facilityId) =>
        read(
          Effect.gen(function* () {
            const sql = yield* SqlClient.SqlClient
            const [row] = yield* sql<{ readonly whole_ms: number; readonly changes_ms: number }>`
              SELECT whole_ms, changes_ms FROM listing_progress
              WHERE server_id = ${serverId} AND kind = ${kinds[kind]} AND facility_id = ${facilityId}`
            const progress: Progress | undefined =
              row === undefined ? undefined : { wholeMs: row.whole_ms, changesMs: row.changes_ms }
            return progress
          })
        ),
      setProgress: (kind, facilityId, { changesMs, wholeMs }) =>
        write(
          Effect.gen(function* () {
            const sql = yield* SqlClient.SqlClient
            yield* sql`INSERT INTO listing_progress (server_id, kind, facility_id, whole_ms, changes_ms)
              VALUES (${serverId}, ${kinds[kind]}, ${facilityId}, ${wholeMs}, ${changesMs})
              ON CONFLICT (server_id, kind, facility_id)
              DO UPDATE SET whole_ms = excluded.whole_ms, changes_ms = excluded.changes_ms`
          })
        )
    })
  })
)
