/**
 * Bearer tokens of the engine: stored as SHA-256, looked up by it and compared in constant time. A token is 32 random
 * bytes, so a fast hash is enough and no salt is needed.
 *
 * A token that was good is known for a second without asking the database, and only until this process commits a change of
 * any token (`TokenTables.ts`): so a revocation holds at once in the process that made it, and from the next second in all
 * others. Those who ask for one token at the same time share one look-up.
 */
import { hash, randomBytes, timingSafeEqual } from "node:crypto"
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import type { Access } from "@bookio-kit/core/access/Caller"
import { Freshness } from "@bookio-kit/core/backend/Freshness"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import { InvalidToken } from "@bookio-kit/core/error/Refusal"
import type { ChannelId, TokenId } from "@bookio-kit/core/scalar/Id"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as SqlClient from "effect/sql/SqlClient"
import { Database, isWithinWrite } from "../database/Database.ts"
import { databaseClockMs } from "../database/Dialect.ts"
import { prepared } from "../database/Prepared.ts"

/** The stored form of a token. */
export const sha256 = (token: string): Buffer => hash("sha256", token, "buffer")

/** Draws a new token: 32 random bytes in base64url, 43 characters. */
export const drawToken: Effect.Effect<Redacted.Redacted> = Effect.sync(() =>
  Redacted.make(randomBytes(32).toString("base64url"))
)

const knownForMs = 1000

interface Row {
  readonly id: TokenId
  readonly sha256: Uint8Array
  readonly channel_id: ChannelId
  readonly access: Access
  readonly expires_ms: number | null
  readonly revoked_ms: number | null
}

const select = prepared<Row>(
  "SELECT id, sha256, channel_id, access, expires_ms, revoked_ms FROM token WHERE sha256 = ?"
)

const selectVersion = Effect.map(
  prepared<{ readonly version: number }>("SELECT version FROM tokens_version")(),
  // The table has one row, which its migration makes. Were it not there, it would differ each time.
  ([row]) => row?.version ?? Number.NaN
)

const find = Effect.fnUntraced(function* (digest: Uint8Array) {
  const [row] = yield* select(digest)
  const nowMs = yield* databaseClockMs(yield* SqlClient.SqlClient)
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

type Found = Effect.Success<ReturnType<typeof find>>
type LookUp = Deferred.Deferred<Found["who"], InvalidToken | BackendError>

/** The port of tokens, and what can be told at once of those that are known. */
export const layer = Layer.effectContext(
  Effect.gen(function* () {
    const database = yield* Database
    const clock = yield* Clock.Clock
    const scope = yield* Effect.scope
    // By digest, so that comparing one tells nothing of a token. It holds good tokens only, so it has no more than there are.
    let known = new Map<string, Found>()
    // What is being read, which whoever asks meanwhile waits for.
    let lookUps = new Map<string, LookUp>()
    yield* database.onChange(selectVersion, () => {
      known = new Map()
      lookUps = new Map()
    })
    const read = (key: string) => database.read(find(Buffer.from(key, "hex")))
    const startLookUp = (key: string) =>
      // Whoever finds it in the map is answered: so it is begun and ended whatever becomes of who asked.
      Effect.uninterruptibleMask((restore) => {
        const lookUp: LookUp = Deferred.makeUnsafe()
        // Once a commit has changed a token these are the maps of before, in which nobody looks any more.
        const [remembered, running] = [known, lookUps]
        running.set(key, lookUp)
        return read(key).pipe(
          Effect.map((found) => {
            remembered.set(key, found)
            return found.who
          }),
          Effect.onExit((exit) => {
            running.delete(key)
            return Deferred.done(lookUp, exit)
          }),
          // Not the fiber of who asked first, who may go away before the others are answered.
          Effect.forkIn(scope, { startImmediately: true }),
          Effect.andThen(restore(Deferred.await(lookUp)))
        )
      })
    const look = (key: string) =>
      Effect.flatMap(isWithinWrite, (isWriting) => {
        // In memory a write has the one connection, and sees what may be undone.
        if (isWriting) return Effect.map(read(key), ({ who }) => who)
        const lookUp = lookUps.get(key)
        return lookUp === undefined ? startLookUp(key) : Deferred.await(lookUp)
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
