/**
 * A webhook: a URL of a channel's own software, which gets each event of the channel's facilities as a signed HTTP request
 * (Standard Webhooks, standardwebhooks.com). A message is an event and nothing else: ids, kind and instant.
 */
import * as Schema from "effect/Schema"
import { Event, EventId } from "../event/Event.ts"
import { check, saying } from "../scalar/Check.ts"
import { described } from "../scalar/Described.ts"
import { FacilityId, Id } from "../scalar/Id.ts"
import { WebhookUrl } from "./WebhookUrl.ts"

export const WebhookId = Id.pipe(Schema.brand("WebhookId"))
/** The id of a webhook. */
export type WebhookId = typeof WebhookId.Type

export const UndeliveredId = Id.pipe(Schema.brand("UndeliveredId"))
/** The id of a message in the list of the undelivered. */
export type UndeliveredId = typeof UndeliveredId.Type

/** How long a message is tried, in milliseconds from its first attempt: 3 days. */
export const retryForMs = 3 * 24 * 60 * 60 * 1000

/** How long a message that was given up stays in the list of the undelivered, in milliseconds: 30 days. */
export const undeliveredLifetimeMs = 30 * 24 * 60 * 60 * 1000

/** How long the secret before the last one still signs, in milliseconds: 24 hours. */
export const previousSecretLifetimeMs = 24 * 60 * 60 * 1000

/** The most webhooks of one channel. */
export const maxWebhooks = 20

const kinds = Event.members.flatMap(({ fields }) => fields.kind.literals)

const EventKinds = Schema.Array(Schema.Literals(kinds).annotate(saying("notOneOf", { allowed: kinds.join(", ") })))
  .annotate({ ...saying("notList"), examples: [["reservation.created", "reservation.changed"]] })
  .check(
    check((kinds: ReadonlyArray<string>) => kinds.length > 0, "empty", { jsonSchema: { minItems: 1 } }),
    Schema.isUnique({ ...saying("repeated", { value: "a kind" }) })
  )

const wanted = {
  url: WebhookUrl,
  facilityId: described(
    Schema.optionalKey(FacilityId),
    "Only events of this facility; without it, of all that the channel reaches at the time of each delivery."
  ),
  kinds: described(Schema.optionalKey(EventKinds), "Only events of these kinds; without it, of all.")
}

/** What a webhook is created from. */
export const NewWebhook = Schema.Struct(wanted).annotate({ identifier: "NewWebhook" })
export type NewWebhook = typeof NewWebhook.Type

const Instant = Schema.String.annotate({
  description: "RFC 3339 in UTC with milliseconds.",
  format: "date-time",
  examples: ["2026-11-22T18:27:21.899Z"]
})

/**
 * How an attempt ended. `delivered`: with a 2xx. `refused`: with any other status, redirects included. `timeout`: not within
 * the time. `unreachable`: without an answer. `forbidden`: nothing was sent, for the host has an address that is not public.
 */
export const AttemptResult = Schema.Literals(["delivered", "refused", "timeout", "unreachable", "forbidden"])
export type AttemptResult = typeof AttemptResult.Type

/** One attempt to deliver a message. */
export const Attempt = Schema.Struct({
  at: Instant,
  result: AttemptResult,
  status: described(Schema.optionalKey(Schema.Int), "The HTTP status, where there was an answer.")
}).annotate({ identifier: "WebhookAttempt" })
export type Attempt = typeof Attempt.Type

/** A webhook as listed; its secret is not. */
export const Webhook = Schema.Struct({
  id: WebhookId,
  ...wanted,
  createdAt: Instant,
  state: Schema.Literals(["active", "disabled"]).annotate({
    description: "disabled: the receiver answered 410 Gone, and nothing is sent any more."
  }),
  after: described(
    Schema.optionalKey(EventId),
    "Events up to this one are delivered, or in the list of the undelivered."
  ),
  failures: Schema.Int.annotate({ description: "Attempts that failed since the last one that did not." }),
  lastAttempt: Schema.optionalKey(Attempt),
  gapAt: described(
    Schema.optionalKey(Instant),
    "When events were found to be gone before they could be delivered, the last time."
  )
}).annotate({ identifier: "Webhook" })
export type Webhook = typeof Webhook.Type

/** A message that has not been delivered: one that is tried again, or one that was given up. */
export const Undelivered = Schema.Struct({
  id: UndeliveredId,
  webhookId: WebhookId,
  messageId: Schema.String.annotate({
    description: "The webhook-id of each attempt.",
    examples: ["evt_1_123_mhx4k2p1"]
  }),
  event: Event,
  attempts: Schema.Int,
  firstAttemptAt: Instant,
  lastAttempt: Attempt,
  nextAttemptAt: described(Schema.optionalKey(Instant), "Absent where the message was given up.")
}).annotate({ identifier: "Undelivered" })
export type Undelivered = typeof Undelivered.Type

/**
 * The id of a message, which all its attempts carry as `webhook-id`. Made of what it is about, so that it is the same after a
 * crash; the instant keeps it apart from that of a database before it was restored.
 */
export const messageIdOf = (webhookId: WebhookId, event: Event): string =>
  `evt_${webhookId}_${event.id}_${Date.parse(event.at).toString(36)}`
