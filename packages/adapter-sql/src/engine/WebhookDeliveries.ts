/**
 * The store that the delivery of webhooks works from, over a database that has `WebhookTables`. Several processes can share
 * it: a webhook is one worker's for as long as that claims it again in time, and what another one records is refused.
 */
import type { Event, EventId } from "@bookio-kit/core/event/Event"
import type { ChannelId, FacilityId } from "@bookio-kit/core/scalar/Id"
import { undeliveredLifetimeMs, type WebhookId } from "@bookio-kit/core/webhook/Webhook"
import {
  type Outcome,
  type Pending,
  type Progress,
  type Target,
  WebhookDeliveries
} from "@bookio-kit/core/webhook/WebhookDeliveries"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { databaseClockMs } from "../database/Dialect.ts"
import { secretOf } from "./WebhookSecret.ts"
import { kindsOf } from "./Webhooks.ts"

// The most messages that leave the list of the undelivered at once, so that a claim stays short.
const removeLimit = 500

const hasAny = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return (yield* sql`SELECT 1 FROM webhook LIMIT 1`).length > 0
})

interface Row {
  readonly id: WebhookId
  readonly channel_id: ChannelId
  readonly url: string
  readonly facility_id: FacilityId | null
  readonly kinds: string | null
  readonly secret: Uint8Array
  readonly previous_secret: Uint8Array | null
  readonly after_event: EventId | null
  readonly failures: number
  readonly pending: number
}

const toTarget = (row: Row): Target => ({
  webhookId: row.id,
  channelId: row.channel_id,
  url: row.url,
  ...(row.facility_id === null ? {} : { facilityId: row.facility_id }),
  ...(row.kinds === null ? {} : { kinds: kindsOf(row.kinds) }),
  secrets: [row.secret, ...(row.previous_secret === null ? [] : [row.previous_secret])].map(secretOf),
  ...(row.after_event === null ? {} : { after: row.after_event }),
  failures: row.failures,
  pending: row.pending
})

const claim = Effect.fnUntraced(function* (worker: string, leaseMs: number) {
  const sql = yield* SqlClient.SqlClient
  const nowMs = yield* databaseClockMs(sql)
  yield* sql`UPDATE webhook SET worker = ${worker}, lease_ms = ${nowMs + leaseMs}
    WHERE disabled_ms IS NULL AND (worker IS NULL OR worker = ${worker} OR lease_ms <= ${nowMs})`
  yield* sql`UPDATE webhook SET previous_secret = NULL, previous_until_ms = NULL WHERE previous_until_ms <= ${nowMs}`
  yield* sql`DELETE FROM webhook_undelivered WHERE id IN (SELECT id FROM webhook_undelivered
    WHERE given_up_ms <= ${nowMs - undeliveredLifetimeMs} ORDER BY given_up_ms LIMIT ${removeLimit})`
  const rows = yield* sql<Row>`SELECT id, channel_id, url, facility_id, kinds, secret, previous_secret, after_event,
      failures,
      (SELECT COUNT(*) FROM webhook_undelivered u WHERE u.webhook_id = webhook.id AND u.next_ms IS NOT NULL) AS pending
    FROM webhook WHERE worker = ${worker} AND disabled_ms IS NULL ORDER BY id`
  return rows.map(toTarget)
})

const release = Effect.fnUntraced(function* (worker: string) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE webhook SET worker = NULL, lease_ms = NULL WHERE worker = ${worker}`
})

const due = Effect.fnUntraced(function* (webhookId: WebhookId, limit: number) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{
    readonly event: string
    readonly attempts: number
    readonly first_ms: number
  }>`SELECT event,
      attempts, first_ms FROM webhook_undelivered
    WHERE webhook_id = ${webhookId} AND next_ms <= ${yield* databaseClockMs(sql)} ORDER BY next_ms, id LIMIT ${limit}`
  return rows.map(
    (row): Pending => ({
      event: JSON.parse(row.event) as Event,
      attempts: row.attempts,
      firstMs: row.first_ms
    })
  )
})

const drop = Effect.fnUntraced(function* (webhookId: WebhookId, events: ReadonlyArray<EventId>) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DELETE FROM webhook_undelivered WHERE webhook_id = ${webhookId} AND ${sql.in("event_id", events)}`
})

const recordOutcome = Effect.fnUntraced(function* (webhookId: WebhookId, outcome: Outcome) {
  const { atMs, attempts, event, firstMs, nextMs, result, status } = outcome
  const sql = yield* SqlClient.SqlClient
  if (result === "delivered") {
    // A message that goes through the first time never had a row.
    if (attempts > 1) {
      yield* sql`DELETE FROM webhook_undelivered WHERE webhook_id = ${webhookId} AND event_id = ${event.id}`
    }
    return
  }
  yield* sql`INSERT INTO webhook_undelivered ${sql.insert({
    webhook_id: webhookId,
    event_id: event.id,
    facility_id: event.facilityId,
    event: JSON.stringify(event),
    attempts,
    first_ms: firstMs,
    last_ms: atMs,
    last_result: result,
    last_status: status ?? null,
    next_ms: nextMs ?? null,
    given_up_ms: nextMs === undefined ? atMs : null
  })} ON CONFLICT (webhook_id, event_id) DO UPDATE SET event = excluded.event, facility_id = excluded.facility_id,
    attempts = excluded.attempts, first_ms = excluded.first_ms, last_ms = excluded.last_ms,
    last_result = excluded.last_result, last_status = excluded.last_status, next_ms = excluded.next_ms,
    given_up_ms = excluded.given_up_ms`
})

const record = Effect.fnUntraced(function* (worker: string, webhookId: WebhookId, progress: Progress) {
  const { after, hasGap = false, isBack = false, isGone = false, outcomes } = progress
  const sql = yield* SqlClient.SqlClient
  const [known] = yield* sql<{ readonly failures: number; readonly after_event: EventId | null }>`SELECT failures,
      after_event FROM webhook WHERE id = ${webhookId} AND worker = ${worker} AND disabled_ms IS NULL`
  if (known === undefined) return undefined
  const nowMs = yield* databaseClockMs(sql)
  for (const outcome of outcomes) yield* recordOutcome(webhookId, outcome)
  const failures = outcomes.reduce((count, { result }) => (result === "delivered" ? 0 : count + 1), known.failures)
  yield* sql`UPDATE webhook SET failures = ${failures}, after_event = ${after ?? known.after_event} WHERE id = ${webhookId}`
  const last = outcomes.at(-1)
  if (last !== undefined) {
    yield* sql`UPDATE webhook SET last_ms = ${last.atMs}, last_result = ${last.result}, last_status = ${last.status ?? null}
      WHERE id = ${webhookId}`
  }
  if (hasGap) yield* sql`UPDATE webhook SET gap_ms = ${nowMs} WHERE id = ${webhookId}`
  if (isBack) {
    yield* sql`UPDATE webhook_undelivered SET next_ms = ${nowMs} WHERE webhook_id = ${webhookId} AND next_ms > ${nowMs}`
  }
  if (isGone) {
    yield* sql`UPDATE webhook SET disabled_ms = ${nowMs}, worker = NULL, lease_ms = NULL WHERE id = ${webhookId}`
    yield* sql`UPDATE webhook_undelivered SET next_ms = NULL, given_up_ms = ${nowMs}
      WHERE webhook_id = ${webhookId} AND next_ms IS NOT NULL`
  }
  const [count] = yield* sql<{ readonly pending: number }>`SELECT COUNT(*) AS pending FROM webhook_undelivered
    WHERE webhook_id = ${webhookId} AND next_ms IS NOT NULL`
  return { failures, pending: count?.pending ?? 0 }
})

export const layer = Layer.effect(WebhookDeliveries)(
  Effect.gen(function* () {
    const database = yield* Database
    return WebhookDeliveries.of({
      claim: Effect.fn("WebhookDeliveries.claim")(function* (worker, leaseMs) {
        // A server without webhooks writes nothing.
        return (yield* database.read(hasAny)) ? yield* database.write(claim(worker, leaseMs)) : []
      }),
      release: Effect.fn("WebhookDeliveries.release")(function* (worker) {
        yield* database.write(release(worker))
      }),
      due: Effect.fn("WebhookDeliveries.due")(function* (webhookId, limit) {
        return yield* database.read(due(webhookId, limit))
      }),
      drop: Effect.fn("WebhookDeliveries.drop")(function* (webhookId, events) {
        if (events.length > 0) yield* database.write(drop(webhookId, events))
      }),
      record: Effect.fn("WebhookDeliveries.record")(function* (worker, webhookId, progress) {
        return yield* database.write(record(worker, webhookId, progress))
      })
    })
  })
)
