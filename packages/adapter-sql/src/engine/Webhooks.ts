/**
 * Webhooks as their channel sees them, over a database that has `WebhookTables`. Which facilities the channel reaches, and
 * how far the feed is, the ports `Facilities` and `Events` tell.
 */
import { Caller } from "@bookio-kit/core/access/Caller"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import { type InvalidToken, PermissionDenied, ResourceNotFound, ValidationError } from "@bookio-kit/core/error/Refusal"
import type { Event, EventId, EventKind } from "@bookio-kit/core/event/Event"
import { Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import type { ChannelId, FacilityId } from "@bookio-kit/core/scalar/Id"
import { about } from "@bookio-kit/core/text/Text"
import {
  type Attempt,
  type AttemptResult,
  maxWebhooks,
  messageIdOf,
  type NewWebhook,
  previousSecretLifetimeMs,
  type Undelivered,
  type UndeliveredId,
  type Webhook,
  type WebhookId
} from "@bookio-kit/core/webhook/Webhook"
import { type UndeliveredQuery, Webhooks } from "@bookio-kit/core/webhook/Webhooks"
import { isLoopbackUrl, LoopbackAllowed } from "@bookio-kit/core/webhook/WebhookUrl"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { databaseClockMs } from "../database/Dialect.ts"
import { allOf } from "./Filter.ts"
import { drawSecret, secretOf } from "./WebhookSecret.ts"

interface Row {
  readonly id: WebhookId
  readonly url: string
  readonly facility_id: FacilityId | null
  readonly kinds: string | null
  readonly created_ms: number
  readonly disabled_ms: number | null
  readonly after_event: EventId | null
  readonly failures: number
  readonly last_ms: number | null
  readonly last_result: AttemptResult | null
  readonly last_status: number | null
  readonly gap_ms: number | null
}

const instant = (ms: number): string => new Date(ms).toISOString()

const attempt = (ms: number, result: AttemptResult, status: number | null): Attempt => ({
  at: instant(ms),
  result,
  ...(status === null ? {} : { status })
})

/** The kinds of a column, which were checked when they were written. */
export const kindsOf = (column: string): ReadonlyArray<EventKind> => column.split(",") as ReadonlyArray<EventKind>

const toWebhook = (row: Row): Webhook => ({
  id: row.id,
  url: row.url,
  ...(row.facility_id === null ? {} : { facilityId: row.facility_id }),
  ...(row.kinds === null ? {} : { kinds: kindsOf(row.kinds) }),
  createdAt: instant(row.created_ms),
  state: row.disabled_ms === null ? "active" : "disabled",
  ...(row.after_event === null ? {} : { after: row.after_event }),
  failures: row.failures,
  ...(row.last_ms === null || row.last_result === null
    ? {}
    : { lastAttempt: attempt(row.last_ms, row.last_result, row.last_status) }),
  ...(row.gap_ms === null ? {} : { gapAt: instant(row.gap_ms) })
})

const list = Effect.fnUntraced(function* (channelId: ChannelId) {
  const sql = yield* SqlClient.SqlClient
  const rows =
    yield* sql<Row>`SELECT id, url, facility_id, kinds, created_ms, disabled_ms, after_event, failures, last_ms,
      last_result, last_status, gap_ms
    FROM webhook WHERE channel_id = ${channelId} ORDER BY id`
  return rows.map(toWebhook)
})

const create = Effect.fnUntraced(function* (
  channelId: ChannelId,
  { facilityId, kinds, url }: NewWebhook,
  after: EventId | undefined
) {
  const sql = yield* SqlClient.SqlClient
  const [count] = yield* sql<{ readonly total: number }>`SELECT COUNT(*) AS total FROM webhook
    WHERE channel_id = ${channelId}`
  if ((count?.total ?? 0) >= maxWebhooks) {
    return yield* new ValidationError({ problems: [about("url", "tooManyWebhooks", { max: maxWebhooks })] })
  }
  const secret = yield* drawSecret
  const [row] = yield* sql<{ readonly id: WebhookId }>`INSERT INTO webhook ${sql.insert({
    channel_id: channelId,
    url,
    facility_id: facilityId ?? null,
    kinds: kinds?.join(",") ?? null,
    secret,
    created_ms: yield* databaseClockMs(sql),
    after_event: after ?? null
  })} RETURNING id`
  if (row === undefined) return yield* Effect.die(new Error("an inserted row has no id"))
  return { webhookId: row.id, secret: secretOf(secret) }
})

const remove = Effect.fnUntraced(function* (channelId: ChannelId, webhookId: WebhookId) {
  const sql = yield* SqlClient.SqlClient
  const removed = yield* sql`DELETE FROM webhook WHERE id = ${webhookId} AND channel_id = ${channelId} RETURNING id`
  if (removed.length === 0) return yield* new ResourceNotFound({ resource: "Webhook" })
  return { webhookId }
})

const rotateSecret = Effect.fnUntraced(function* (channelId: ChannelId, webhookId: WebhookId) {
  const sql = yield* SqlClient.SqlClient
  const secret = yield* drawSecret
  const untilMs = (yield* databaseClockMs(sql)) + previousSecretLifetimeMs
  const rotated =
    yield* sql`UPDATE webhook SET previous_secret = secret, previous_until_ms = ${untilMs}, secret = ${secret}
    WHERE id = ${webhookId} AND channel_id = ${channelId} RETURNING id`
  if (rotated.length === 0) return yield* new ResourceNotFound({ resource: "Webhook" })
  return { webhookId, secret: secretOf(secret) }
})

interface UndeliveredRow {
  readonly id: UndeliveredId
  readonly webhook_id: WebhookId
  readonly event: string
  readonly attempts: number
  readonly first_ms: number
  readonly last_ms: number
  readonly last_result: AttemptResult
  readonly last_status: number | null
  readonly next_ms: number | null
}

const toUndelivered = (row: UndeliveredRow): Undelivered => {
  const event = JSON.parse(row.event) as Event
  return {
    id: row.id,
    webhookId: row.webhook_id,
    messageId: messageIdOf(row.webhook_id, event),
    event,
    attempts: row.attempts,
    firstAttemptAt: instant(row.first_ms),
    lastAttempt: attempt(row.last_ms, row.last_result, row.last_status),
    ...(row.next_ms === null ? {} : { nextAttemptAt: instant(row.next_ms) })
  }
}

const undelivered = Effect.fnUntraced(function* (
  channelId: ChannelId,
  facilities: ReadonlyArray<FacilityId>,
  { limit = 100, offset = 0, webhookId }: UndeliveredQuery
) {
  const sql = yield* SqlClient.SqlClient
  if (facilities.length === 0) return { pagination: { total: 0, offset, limit }, rows: [] }
  const condition = allOf([
    sql`webhook_id IN (SELECT id FROM webhook WHERE channel_id = ${channelId})`,
    sql.in("facility_id", facilities),
    webhookId === undefined ? undefined : sql`webhook_id = ${webhookId}`
  ])
  const [count] = yield* sql<{ readonly total: number }>`SELECT COUNT(*) AS total FROM webhook_undelivered
    WHERE ${condition}`
  const rows = yield* sql<UndeliveredRow>`SELECT id, webhook_id, event, attempts, first_ms, last_ms, last_result,
      last_status, next_ms
    FROM webhook_undelivered WHERE ${condition} ORDER BY id LIMIT ${limit} OFFSET ${offset}`
  return { pagination: { total: count?.total ?? 0, offset, limit }, rows: rows.map(toUndelivered) }
})

const redeliver = Effect.fnUntraced(function* (
  channelId: ChannelId,
  facilities: ReadonlyArray<FacilityId>,
  undeliveredId: UndeliveredId
) {
  const sql = yield* SqlClient.SqlClient
  const [found] = yield* sql<{
    readonly facility_id: FacilityId
    readonly disabled_ms: number | null
  }>`SELECT u.facility_id, w.disabled_ms FROM webhook_undelivered u JOIN webhook w ON w.id = u.webhook_id
    WHERE u.id = ${undeliveredId} AND w.channel_id = ${channelId}`
  if (found === undefined || !facilities.includes(found.facility_id)) {
    return yield* new ResourceNotFound({ resource: "Undelivered" })
  }
  if (found.disabled_ms !== null) {
    return yield* new ValidationError({ problems: [about("undeliveredId", "webhookDisabled")] })
  }
  const nowMs = yield* databaseClockMs(sql)
  yield* sql`UPDATE webhook_undelivered SET first_ms = ${nowMs}, next_ms = ${nowMs}, given_up_ms = NULL
    WHERE id = ${undeliveredId}`
  return { undeliveredId }
})

/** Webhooks that belong to a number of the caller's that stays the same; `Target.channelId` tells the delivery of it. */
export const layerOwned = (channel: Effect.Effect<ChannelId, InvalidToken | BackendError, Caller>) =>
  Layer.effect(Webhooks)(
    Effect.gen(function* () {
      const database = yield* Database
      const events = yield* Events
      const facilities = yield* Facilities
      const allowsLoopback = yield* LoopbackAllowed
      const reached = Effect.map(facilities.list, (rows) => rows.map(({ id }) => id))
      return Webhooks.of({
        list: Effect.flatMap(channel, (channelId) => database.read(list(channelId))).pipe(
          Effect.withSpan("Webhooks.list")
        ),
        create: Effect.fn("Webhooks.create")(function* (webhook) {
          if (isLoopbackUrl(webhook.url) && !allowsLoopback) {
            return yield* new ValidationError({ problems: [about("url", "notWebhookUrl")] })
          }
          if (webhook.facilityId !== undefined && !(yield* reached).includes(webhook.facilityId)) {
            return yield* new PermissionDenied({ reason: "facility" })
          }
          const after = yield* events.newest
          return yield* database.write(create(yield* channel, webhook, after))
        }),
        remove: Effect.fn("Webhooks.remove")(function* (webhookId) {
          return yield* database.write(remove(yield* channel, webhookId))
        }),
        rotateSecret: Effect.fn("Webhooks.rotateSecret")(function* (webhookId) {
          return yield* database.write(rotateSecret(yield* channel, webhookId))
        }),
        undelivered: Effect.fn("Webhooks.undelivered")(function* (query) {
          return yield* database.read(undelivered(yield* channel, yield* reached, query))
        }),
        redeliver: Effect.fn("Webhooks.redeliver")(function* (undeliveredId) {
          return yield* database.write(redeliver(yield* channel, yield* reached, undeliveredId))
        })
      })
    })
  )

/** Webhooks that belong to the caller's channel. */
export const layer = layerOwned(Effect.map(Caller, ({ channelId }) => channelId))
