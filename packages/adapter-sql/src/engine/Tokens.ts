/**
 * Bearer tokens of the engine: stored as SHA-256, looked up by it and compared in constant time. A token is 32 random
 * bytes, so a fast hash is enough and no salt is needed.
 *
 * A token that was good is known for a second without asking the database, and only until this process commits anything:
 * so a revocation holds at once in the process that made it, and from the next second in all others.
 */
import { hash, randomBytes, timingSafeEqual } from "node:crypto"
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import type { Access } from "@bookio-kit/core/access/Caller"
import { Freshness } from "@bookio-kit/core/backend/Freshness"
import { InvalidToken } from "@bookio-kit/core/error/Refusal"
import type { ChannelId, TokenId } from "@bookio-kit/core/scalar/Id"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { databaseClockMs } from "../database/Dialect.ts"

/** The stored form of a token. */
export const sha256 = (token: string): Buffer => hash("sha256", token, "buffer")

/** Draws a new token: 32 random bytes in base64url, 43 characters. */
export const drawToken: Effect.Effect<Redacted.Redacted> = Effect.sync(() =>
  Redacted.make(randomBytes(32).toString("base64url"))
)

const knownForMs = 1000

const find = Effect.fnUntraced(function* (digest: Uint8Array) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{
    readonly id: TokenId
    readonly sha256: Uint8Array
    readonly channel_id: ChannelId
    readonly access: Access
    readonly expires_ms: number | null
    readonly revoked_ms: number | null
  }>`SELECT id, sha256, channel_id, access, expires_ms, revoked_ms FROM token WHERE sha256 = ${digest}`
  const nowMs = yield* databaseClockMs(sql)
  const isValid =
    row !== undefined &&
    timingSafeEqual(row.sha256, digest) &&
    row.revoked_ms === null &&
    (row.expires_ms === null || nowMs < row.expires_ms)
  if (!isValid) return yield* new InvalidToken({ reason: "invalid" })
  return {
    untilMs: Math.min(nowMs + knownForMs, row.expires_ms ?? Number.POSITIVE_INFINITY),
    fromMs: nowMs,
    who: { channelId: row.channel_id, tokenId: row.id, access: row.access }
  }
})

/** The port of tokens, and what can be told at once of those that are known. */
export const layer = Layer.effectContext(
  Effect.gen(function* () {
    const database = yield* Database
    const clock = yield* Clock.Clock
    // By digest, so that comparing one tells nothing of a token. It holds good tokens only, so it has no more than there are.
    const known = new Map<string, Effect.Success<ReturnType<typeof find>>>()
    yield* database.onCommit(() => known.clear())
    const look = (key: string) =>
      Effect.suspend(() => {
        const commits = database.commits()
        return Effect.map(database.read(find(Buffer.from(key, "hex"))), (found) => {
          // What was committed while it was read may have revoked it.
          if (commits === database.commits()) known.set(key, found)
          return found.who
        })
      })
    // A clock that was set back makes nothing good for longer.
    const knownAt = (key: string, nowMs: number) => {
      const found = known.get(key)
      return found !== undefined && found.fromMs <= nowMs && nowMs < found.untilMs ? found.who : undefined
    }
    const authenticator = Authenticator.of({
      authenticate: (token) => {
        const text = Redacted.value(token)
        if (text === "") return Effect.fail(new InvalidToken({ reason: "missing" }))
        const key = hash("sha256", text, "hex")
        return Effect.flatMap(Clock.currentTimeMillis, (nowMs) => {
          const who = knownAt(key, nowMs)
          return who === undefined ? look(key) : Effect.succeed(who)
        })
      }
    })
    return Context.make(Authenticator, authenticator).pipe(
      Context.add(Freshness, {
        state: database.stateNow,
        callerOf: (token) => knownAt(hash("sha256", token, "hex"), clock.currentTimeMillisUnsafe())
      })
    )
  })
)
