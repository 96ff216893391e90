/**
 * Answers under their `Idempotency-Key`, for 24 hours. Of the request only HMACs are kept, of its key too, under a secret that
 * is drawn with the database: keys and bodies hold what people typed.
 */
import { createHmac, timingSafeEqual } from "node:crypto"
import type { Caller } from "@bookio-kit/core/access/Caller"
import { idempotencyLifetimeMs } from "@bookio-kit/core/idempotency/IdempotencyKey"
import type { Answer, Write } from "@bookio-kit/core/write/Writes"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { prepared } from "../database/Prepared.ts"

type Idempotency = NonNullable<Write["idempotency"]>

/** Where an answer is kept: by channel, token, operation and key. */
interface Place {
  readonly channel_id: number
  readonly token_id: number
  readonly operation: string
  readonly key_hmac: Uint8Array
}

/** What is known of a key. */
export interface Known {
  readonly place: Place
  readonly bodyHmac: Uint8Array
  /** The answer that was given, and whether it was to the same body. */
  readonly first: { readonly answer: Answer; readonly isSameBody: boolean } | undefined
}

const selectSecret = prepared<{ readonly value: Uint8Array }>("SELECT value FROM secret WHERE name = 'idempotency'")

const select = prepared<{
  readonly body_hmac: Uint8Array
  readonly status: number
  readonly error_code: number | null
  readonly body: Uint8Array
}>(`SELECT body_hmac, status, error_code, body FROM idempotency_record
    WHERE channel_id = ? AND token_id = ? AND operation = ? AND key_hmac = ? AND expires_ms > ?`)

/** Looks a request up by its key. */
export const find = Effect.fnUntraced(function* (
  caller: Caller["Service"],
  { operation }: Write,
  { body, key }: Idempotency,
  nowMs: number
) {
  const [secret] = yield* selectSecret()
  if (secret === undefined) return yield* Effect.die(new Error("the database has lost its secret"))
  const hmac = (value: string | Uint8Array): Uint8Array => createHmac("sha256", secret.value).update(value).digest()
  const place: Place = {
    channel_id: caller.channelId,
    token_id: caller.tokenId ?? 0,
    operation,
    key_hmac: hmac(key)
  }
  const bodyHmac = hmac(body)
  const [row] = yield* select(place.channel_id, place.token_id, operation, place.key_hmac, nowMs)
  const first =
    row === undefined
      ? undefined
      : {
          answer: {
            status: row.status,
            ...(row.error_code === null ? {} : { errorCode: row.error_code }),
            body: row.body
          },
          isSameBody: timingSafeEqual(row.body_hmac, bodyHmac)
        }
  return { place, bodyHmac, first } satisfies Known
})

const insert = prepared(`INSERT INTO idempotency_record (channel_id, token_id, operation, key_hmac, body_hmac, status,
    error_code, body, expires_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (channel_id, token_id, operation, key_hmac) DO UPDATE SET body_hmac = excluded.body_hmac,
    status = excluded.status, error_code = excluded.error_code, body = excluded.body, expires_ms = excluded.expires_ms`)

/** Keeps an answer for 24 hours; one that has expired in its place is gone. */
export const keep = ({ bodyHmac, place }: Known, answer: Answer, nowMs: number) =>
  insert(
    ...[place.channel_id, place.token_id, place.operation, place.key_hmac, bodyHmac],
    ...[answer.status, answer.errorCode ?? null, answer.body, nowMs + idempotencyLifetimeMs]
  )

/** Removes answers that have expired, at most `limit` of them. */
export const removeExpired = Effect.fnUntraced(function* (nowMs: number, limit: number) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DELETE FROM idempotency_record WHERE id IN
    (SELECT id FROM idempotency_record WHERE expires_ms <= ${nowMs} ORDER BY expires_ms LIMIT ${limit})`
})
