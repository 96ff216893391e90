/**
 * Bearer tokens of the engine: stored as SHA-256, looked up by it and compared in constant time. A token is 32 random
 * bytes, so a fast hash is enough and no salt is needed. Read on every request: a revocation holds at once, everywhere.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import type { Access } from "@bookio-kit/core/access/Caller"
import { InvalidToken } from "@bookio-kit/core/error/Refusal"
import type { ChannelId, TokenId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { databaseClockMs } from "../database/Dialect.ts"

/** The stored form of a token. */
export const sha256 = (token: string): Uint8Array => createHash("sha256").update(token, "utf8").digest()

/** Draws a new token: 32 random bytes in base64url, 43 characters. */
export const drawToken: Effect.Effect<Redacted.Redacted> = Effect.sync(() =>
  Redacted.make(randomBytes(32).toString("base64url"))
)

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
  return { channelId: row.channel_id, tokenId: row.id, access: row.access }
})

export const layer = Layer.effect(Authenticator)(
  Effect.gen(function* () {
    const database = yield* Database
    return Authenticator.of({
      authenticate: (token) =>
        Redacted.value(token) === ""
          ? Effect.fail(new InvalidToken({ reason: "missing" }))
          : database.read(find(sha256(Redacted.value(token))))
    })
  })
)
