/**
 * The tokens of the engine's channels, for the administrator of the database (engine.md, rule 12). A token is shown when it
 * is made and never again: the database has its hash only. Every process that serves the database sees a change at once.
 */
import type { Access } from "@bookio-kit/core/access/Caller"
import type { ChannelId, TokenId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { databaseClockMs } from "../database/Dialect.ts"
import { drawToken, sha256 } from "../engine/Tokens.ts"
import { AdminError } from "./AdminError.ts"

/** What is known of a token. Instants are Unix milliseconds. */
export interface TokenInfo {
  readonly id: TokenId
  /** The name of its channel. */
  readonly channel: string
  readonly access: Access
  /** From then on it is refused. */
  readonly expiresMs?: number
  readonly revokedMs?: number
  readonly state: "valid" | "expired" | "revoked"
}

/** A token that was just made. */
export interface NewToken {
  readonly id: TokenId
  readonly channel: string
  readonly access: Access
  readonly expiresMs?: number
  /** 32 random bytes in base64url: to be shown once. */
  readonly token: Redacted.Redacted
}

interface Row {
  readonly id: TokenId
  readonly channel_id: ChannelId
  readonly channel: string
  readonly access: Access
  readonly expires_ms: number | null
  readonly revoked_ms: number | null
}

const select = Effect.fnUntraced(function* (id: number | undefined) {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<Row>`SELECT t.id, t.channel_id, c.name AS channel, t.access, t.expires_ms, t.revoked_ms
    FROM token t JOIN channel c ON c.id = t.channel_id
    WHERE ${id === undefined ? sql.literal("1 = 1") : sql`t.id = ${id}`} ORDER BY t.id`
})

const toInfo = ({ access, channel, expires_ms, id, revoked_ms }: Row, nowMs: number): TokenInfo => ({
  id,
  channel,
  access,
  ...(expires_ms === null ? {} : { expiresMs: expires_ms }),
  ...(revoked_ms === null ? {} : { revokedMs: revoked_ms }),
  state: revoked_ms !== null ? "revoked" : expires_ms !== null && expires_ms <= nowMs ? "expired" : "valid"
})

const find = Effect.fnUntraced(function* (id: number) {
  const [row] = yield* select(id)
  return row ?? (yield* new AdminError({ problem: `there is no token ${id}; list them to see their ids` }))
})

const insert = Effect.fnUntraced(function* (of: Pick<Row, "channel_id" | "channel" | "access" | "expires_ms">) {
  const sql = yield* SqlClient.SqlClient
  const token = yield* drawToken
  const rows = yield* sql<{ readonly id: TokenId }>`INSERT INTO token ${sql.insert({
    sha256: sha256(Redacted.value(token)),
    channel_id: of.channel_id,
    access: of.access,
    expires_ms: of.expires_ms
  })} RETURNING id`
  const made: NewToken = {
    id: (rows as readonly [{ readonly id: TokenId }])[0].id,
    channel: of.channel,
    access: of.access,
    ...(of.expires_ms === null ? {} : { expiresMs: of.expires_ms }),
    token
  }
  return made
})

/**
 * The channel of a name.
 *
 * @errors `AdminError` for one that is not there; it names those that are.
 */
export const channelNamed = Effect.fnUntraced(function* (name: string) {
  const sql = yield* SqlClient.SqlClient
  const channels = yield* sql<{
    readonly id: ChannelId
    readonly name: string
  }>`SELECT id, name FROM channel ORDER BY id`
  const channel = channels.find((known) => known.name === name)
  if (channel !== undefined) return channel.id
  const known = channels.map((one) => `"${one.name}"`).join(", ")
  return yield* new AdminError({
    problem: `there is no channel "${name}"; ${channels.length === 0 ? "the database has none: seed it first" : `the database has ${known}`}`
  })
})

/**
 * Makes a token of a channel. It never expires unless `expiresMs` (Unix milliseconds, in the future) says when.
 *
 * @errors `AdminError` for an unknown channel, and an instant that is not in the future; `BackendError`.
 */
export const create = Effect.fn("Tokens.create")(function* (options: {
  readonly channel: string
  readonly access: Access
  readonly expiresMs?: number
}) {
  const database = yield* Database
  return yield* database.write(
    Effect.gen(function* () {
      const { access, channel, expiresMs } = options
      const channelId = yield* channelNamed(channel)
      const nowMs = yield* databaseClockMs(yield* SqlClient.SqlClient)
      if (expiresMs !== undefined && expiresMs <= nowMs) {
        return yield* new AdminError({ problem: "the token would have expired already; give an instant in the future" })
      }
      return yield* insert({ channel_id: channelId, channel, access, expires_ms: expiresMs ?? null })
    })
  )
})

/** All tokens, ascending by id; those that ended too. @errors `BackendError`. */
export const list = Effect.fn("Tokens.list")(function* () {
  const database = yield* Database
  return yield* database.read(
    Effect.gen(function* () {
      const nowMs = yield* databaseClockMs(yield* SqlClient.SqlClient)
      return (yield* select(undefined)).map((row) => toInfo(row, nowMs))
    })
  )
})

/** Ends a token at once. Idempotent: the instant of the first revocation stays. @errors `AdminError`, `BackendError`. */
export const revoke = Effect.fn("Tokens.revoke")(function* (id: number) {
  const database = yield* Database
  return yield* database.write(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* find(id)
      const nowMs = yield* databaseClockMs(sql)
      yield* sql`UPDATE token SET revoked_ms = ${nowMs} WHERE id = ${id} AND revoked_ms IS NULL`
      return toInfo(yield* find(id), nowMs)
    })
  )
})

/**
 * Makes a new token with the channel, access and expiry of a valid one, and ends that: at once, or after `graceMs`
 * milliseconds, in which both are good.
 *
 * @errors `AdminError` for a token that is not there, or that has ended; `BackendError`.
 */
export const rotate = Effect.fn("Tokens.rotate")(function* (id: number, graceMs = 0) {
  const database = yield* Database
  return yield* database.write(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const old = yield* find(id)
      const nowMs = yield* databaseClockMs(sql)
      const { state } = toInfo(old, nowMs)
      if (state !== "valid") {
        return yield* new AdminError({ problem: `token ${id} is ${state}: make a new one instead` })
      }
      const made = yield* insert(old)
      if (graceMs > 0) {
        const endMs = Math.min(nowMs + graceMs, old.expires_ms ?? Number.MAX_SAFE_INTEGER)
        yield* sql`UPDATE token SET expires_ms = ${endMs} WHERE id = ${id}`
      } else {
        yield* sql`UPDATE token SET revoked_ms = ${nowMs} WHERE id = ${id}`
      }
      return { made, previous: toInfo(yield* find(id), nowMs) }
    })
  )
})
