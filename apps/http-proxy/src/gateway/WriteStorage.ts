/**
 * What a gateway stores with writes, in its database: the audit log, kept for some days, and for 24 hours answers under
 * their `Idempotency-Key`. Of a request only HMACs are kept, of its key too, under a secret that is drawn with the database.
 */
import { createHmac, timingSafeEqual } from "node:crypto"
import { Database } from "@bookio-kit/adapter-sql/database/Database"
import { toWireError } from "@bookio-kit/core/api/Envelope"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { idempotencyLifetimeMs } from "@bookio-kit/core/idempotency/IdempotencyKey"
import type { Write } from "@bookio-kit/core/write/Writes"
import type { Client } from "@bookio-kit/gateway/Sessions"
import { type Begun, type Intention, type Keep, WriteStore } from "@bookio-kit/gateway/WriteStore"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import * as AuditLines from "./AuditLines.ts"
import { numberOf } from "./Credentials.ts"
import { UpstreamServer, unusable } from "./GatewayDatabase.ts"

// What has expired is removed by every so many writes, and as much at once as they could have left twice over.
const removeEvery = 64
const removeLimit = 128

interface Row {
  readonly id: number
  readonly body_hmac: Uint8Array
  readonly begun_ms: number
  readonly left_ms: number | null
  readonly status: number | null
  readonly error_code: number | null
  readonly body: Uint8Array | null
}

const makeRecords = (serverId: number, secret: Uint8Array) => {
  const hmac = (value: string | Uint8Array): Uint8Array => createHmac("sha256", secret).update(value).digest()

  /** What is known of a key; a request that is new leaves that it is at work. */
  const begin = Effect.fnUntraced(function* (
    clientId: number,
    operation: string,
    { body, key }: NonNullable<Write["idempotency"]>,
    nowMs: number
  ) {
    const sql = yield* SqlClient.SqlClient
    const keyHmac = hmac(key)
    const bodyHmac = hmac(body)
    const [row] = yield* sql<Row>`SELECT id, body_hmac, begun_ms, left_ms, status, error_code, body
      FROM idempotency_record
      WHERE server_id = ${serverId} AND client_id = ${clientId} AND operation = ${operation}
        AND key_hmac = ${keyHmac} AND expires_ms > ${nowMs}`
    if (row === undefined) {
      const [made] = yield* sql<{ readonly id: number }>`INSERT OR REPLACE INTO idempotency_record ${sql.insert({
        server_id: serverId,
        client_id: clientId,
        operation,
        key_hmac: keyHmac,
        body_hmac: bodyHmac,
        begun_ms: nowMs,
        expires_ms: nowMs + idempotencyLifetimeMs
      })} RETURNING id`
      return { _tag: "New", record: made?.id ?? 0 } as const
    }
    if (!timingSafeEqual(row.body_hmac, bodyHmac)) return { _tag: "OtherBody" } as const
    if (row.status === null || row.body === null) {
      const earlier = { begunMs: row.begun_ms, ...(row.left_ms === null ? {} : { leftMs: row.left_ms }) }
      return { _tag: "Earlier", record: row.id, earlier } as const
    }
    const errorCode = row.error_code === null ? {} : { errorCode: row.error_code }
    return { _tag: "Answered", answer: { status: row.status, body: row.body, ...errorCode } } as const
  })

  const finish = Effect.fnUntraced(function* (record: number, keep: Keep, nowMs: number) {
    const sql = yield* SqlClient.SqlClient
    if (keep === "nothing") return yield* sql`DELETE FROM idempotency_record WHERE id = ${record}`
    if (keep === "unknown") return yield* sql`UPDATE idempotency_record SET left_ms = ${nowMs} WHERE id = ${record}`
    return yield* sql`UPDATE idempotency_record SET status = ${keep.status}, error_code = ${keep.errorCode ?? null},
      body = ${keep.body}, expires_ms = ${nowMs + idempotencyLifetimeMs} WHERE id = ${record}`
  })

  const removeExpired = Effect.fnUntraced(function* (nowMs: number, limit: number) {
    const sql = yield* SqlClient.SqlClient
    yield* sql`DELETE FROM idempotency_record WHERE id IN
      (SELECT id FROM idempotency_record WHERE expires_ms <= ${nowMs} ORDER BY expires_ms LIMIT ${limit})`
  })

  return { begin, finish, removeExpired }
}

const numbersOf = Effect.fnUntraced(function* ({ name, session, sha256 }: Client) {
  return { upstreamId: yield* numberOf(session.upstreamDigest), clientId: yield* numberOf(sha256, name) }
})

const make = Effect.fnUntraced(function* (auditDays: number) {
  const { read, write } = yield* Database
  const { id: serverId } = yield* UpstreamServer
  const secret = yield* read(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql<{ readonly value: Uint8Array }>`SELECT value FROM secret WHERE name = 'idempotency'`
      return row?.value ?? (yield* Effect.die(new Error("the database has lost its secret")))
    })
  )
  const records = makeRecords(serverId, secret)
  // What was at work when the process before this one ended has no other end than this.
  const { status } = toWireError(new BackendError({ reason: "OutcomeUnknown" }), "")
  yield* write(Effect.flatMap(Clock.currentTimeMillis, (nowMs) => AuditLines.endInterrupted(nowMs, status)))
  let count = 0

  const begin = Effect.fnUntraced(function* ({ client, idempotency, ...intention }: Intention) {
    const nowMs = yield* Clock.currentTimeMillis
    const { clientId, upstreamId } = yield* numbersOf(client)
    const known =
      idempotency === undefined ? undefined : yield* records.begin(clientId, intention.operation, idempotency, nowMs)
    if (known?._tag === "Answered") return known satisfies Begun
    const line = yield* AuditLines.begin({ ...intention, clientId, nowMs, serverId, upstreamId })
    if (known === undefined) return { _tag: "Work", work: { line } } satisfies Begun
    if (known._tag === "OtherBody") return { _tag: "OtherBody", work: { line } } satisfies Begun
    const { record } = known
    const work = known._tag === "New" ? { line, record } : { line, record, earlier: known.earlier }
    return { _tag: "Work", work } satisfies Begun
  })

  const removeExpired = Effect.gen(function* () {
    const nowMs = yield* Clock.currentTimeMillis
    yield* AuditLines.removeExpired(nowMs, auditDays, removeLimit)
    yield* records.removeExpired(nowMs, removeLimit)
  })

  return WriteStore.of({
    begin: (intention) =>
      write(count++ % removeEvery === 0 ? Effect.tap(begin(intention), removeExpired) : begin(intention)),
    finish: ({ line, record }, outcome, keep) =>
      write(
        Effect.gen(function* () {
          const nowMs = yield* Clock.currentTimeMillis
          yield* AuditLines.end(line, outcome, nowMs)
          if (record !== undefined) yield* records.finish(record, keep, nowMs)
        })
      ),
    list: ({ sha256 }, facilities, query) => read(AuditLines.list(serverId, sha256, facilities, query))
  })
})

/** The store in the database; a line of the log is kept for `auditDays`. @errors `SettingsError` for one that fails. */
export const layer = (auditDays: number) => Layer.effect(WriteStore)(Effect.mapError(make(auditDays), unusable))
