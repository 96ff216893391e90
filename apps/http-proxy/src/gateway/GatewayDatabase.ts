/**
 * The database of a gateway: which id belongs to which facility, and what is stored with writes, its change feed and webhooks. What it holds is about one
 * upstream server, which is told by its URL. One process uses a file at a time.
 */
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import { reasonOf } from "@bookio-kit/adapter-sql/database/OpenError"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { ensureFolder } from "../Folder.ts"
import { mapError } from "../MapError.ts"
import { tables } from "./Tables.ts"

/** The upstream server by its number in the database. */
export class UpstreamServer extends Context.Service<UpstreamServer, { readonly id: number }>()(
  "@bookio-kit/http-proxy/gateway/UpstreamServer"
) {}

const setting = "BOOKIO_GATEWAY_DATABASE"

/** What is told of a database that fails at the start, but for what `layer` tells itself. */
export const unusable = ({ reason }: BackendError) =>
  new SettingsError({ problems: [`${setting}: cannot be used: ${reason}`] })

const upstreamServer = Effect.fnUntraced(function* (url: string) {
  const database = yield* Database.Database
  const register = Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`INSERT INTO upstream_server (url) VALUES (${url}) ON CONFLICT DO NOTHING`
    const [server] = yield* sql<{ readonly id: number }>`SELECT id FROM upstream_server WHERE url = ${url}`
    return server?.id ?? (yield* Effect.die(new Error("a row that was written is not there")))
  })
  return { id: yield* database.write(register) }
})

/** The database in a file, or `:memory:`. @errors `SettingsError` for one that cannot be used. */
export const layer = (filename: string, serverUrl: string) =>
  Layer.effect(UpstreamServer)(upstreamServer(serverUrl)).pipe(
    Layer.provideMerge(Layer.unwrap(Effect.as(ensureFolder(setting, filename), Database.layer({ filename, tables })))),
    mapError((error) => {
      if (error instanceof SettingsError) return error
      if (error._tag === "BackendError") return unusable(error)
      return new SettingsError({ problems: [`${setting}: ${filename} cannot be used: ${reasonOf(error)}`] })
    })
  )
