/**
 * The engine's ports on its database, without a server. What a server does around them is done here: the token is checked,
 * its access too (engine.md, rule 12), and each write goes through `Writes`, so that it is in the audit log. Without a
 * token, who may read the file may do everything, as one of its channels.
 */
import { existsSync } from "node:fs"
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import { reasonOf } from "@bookio-kit/adapter-sql/database/OpenError"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { Caller } from "@bookio-kit/core/access/Caller"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import type { ChannelId } from "@bookio-kit/core/scalar/Id"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { MigrationError } from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import { Backend } from "../Backend.ts"
import type { EmbeddedTarget } from "../Target.ts"
import * as GuardedPorts from "./GuardedPorts.ts"

const wrong = (problem: string) => new SettingsError({ problems: [problem] })

const requireFile = (filename: string) =>
  Effect.suspend(() =>
    existsSync(filename)
      ? Effect.void
      : Effect.fail(
          wrong(`BOOKIO_DATABASE: there is no database ${filename}; \`bookio seed\` or bookio-proxy makes one`)
        )
  )

// That others have it locked passes; whatever else is wrong is wrong with the file.
const unusable = (filename: string, error: SqlError | MigrationError) =>
  isSqlError(error) && error.isRetryable && error.reason._tag !== "ConnectionError"
    ? new BackendError({ reason: "Overloaded", cause: error })
    : wrong(`BOOKIO_DATABASE: ${filename} cannot be used: ${reasonOf(error)}`)

/**
 * The database of a file; `isNew` allows one that is not there yet.
 *
 * @errors `SettingsError` where it cannot be opened, `BackendError` where another process keeps it locked.
 */
export const databaseLayer = (filename: string, { isNew = false }: { readonly isNew?: boolean } = {}) =>
  Layer.unwrap(
    Effect.as(
      isNew ? Effect.void : requireFile(filename),
      Layer.catch(Database.layer({ filename }), (error) => Layer.effectContext(Effect.fail(unusable(filename, error))))
    )
  )

/** A channel of the database. */
export interface Channel {
  readonly id: ChannelId
  readonly name: string
}

/** The channels of the open database, ascending by id. @errors `BackendError` when the database fails. */
export const channels = Effect.flatMap(Database.Database, ({ read }) =>
  read(Effect.flatMap(SqlClient.SqlClient, (sql) => sql<Channel>`SELECT id, name FROM channel ORDER BY id`))
)

const channelOf = Effect.fnUntraced(function* (asked: string | undefined) {
  const all = yield* channels
  const [only] = all
  const found = asked === undefined && all.length === 1 ? only : all.find(({ name }) => name === asked)
  if (found !== undefined) return found.id
  const names = all.map(({ name }) => name).join(", ")
  return yield* wrong(
    all.length === 0
      ? "the database has no channel: `bookio seed` makes them"
      : asked === undefined
        ? `set BOOKIO_TOKEN, or give --channel, which is one of ${names}`
        : `there is no channel ${asked}; they are ${names}`
  )
})

/** Who asks: by the token, else as the channel. @errors `InvalidToken`, `SettingsError`, `BackendError`. */
export const callerLayer = ({ channel, token }: EmbeddedTarget) =>
  Layer.effect(Caller)(
    Effect.gen(function* () {
      if (token === undefined) {
        return { channelId: yield* channelOf(channel), access: "admin" as const, language: "en" as const }
      }
      const { authenticate } = yield* Authenticator
      return { ...(yield* authenticate(token)), language: "en" as const }
    })
  )

/** The ports of an engine. @errors `SettingsError`, `InvalidToken`, `BackendError`. */
export const layer = (target: EmbeddedTarget) =>
  Layer.mergeAll(GuardedPorts.layer, Layer.succeed(Backend)({ target, order: "known" as const })).pipe(
    Layer.provideMerge(callerLayer(target)),
    Layer.provideMerge(Engine.layer),
    Layer.provideMerge(databaseLayer(target.filename))
  )
