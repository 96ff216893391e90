/**
 * The port of the store that the delivery of webhooks works from: which webhooks a worker has, how far each has come, and what
 * is to be tried again. Of events that were never tried it holds none: they are in the feed, behind each webhook's place.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { BackendError } from "../error/BackendError.ts"
import type { Event, EventId, EventKind } from "../event/Event.ts"
import type { ChannelId, FacilityId } from "../scalar/Id.ts"
import type { AttemptResult, WebhookId } from "./Webhook.ts"

/** How a webhook fares. */
export interface WebhookHealth {
  /** Attempts that failed since the last one that did not. */
  readonly failures: number
  /** Messages that are to be tried again. */
  readonly pending: number
}

/** A webhook that a worker has to serve. */
export interface Target extends WebhookHealth {
  readonly webhookId: WebhookId
  readonly channelId: ChannelId
  readonly url: string
  readonly facilityId?: FacilityId
  readonly kinds?: ReadonlyArray<EventKind>
  /** Those that sign now, the newest first; at least one. */
  readonly secrets: ReadonlyArray<Redacted.Redacted>
  /** Where in the feed it stands; at the begin where absent. */
  readonly after?: EventId
}

/** A message that is to be tried again. */
export interface Pending {
  readonly event: Event
  /** How often it was tried. */
  readonly attempts: number
  /** When it was tried first, or a caller asked for it anew; Unix milliseconds. */
  readonly firstMs: number
}

/** An attempt at a message, and what becomes of it. */
export interface Outcome extends Pending {
  readonly atMs: number
  readonly result: AttemptResult
  readonly status?: number
  /** When it is tried again, Unix milliseconds; absent where it is delivered, or given up. */
  readonly nextMs?: number
}

/** What a worker tells of a webhook. */
export interface Progress {
  /** In the order in which the attempts ended. */
  readonly outcomes: ReadonlyArray<Outcome>
  /** The webhook's new place in the feed. */
  readonly after?: EventId
  /** That events before it were gone. */
  readonly hasGap?: boolean
  /** That all that is to be tried again may be tried now, for the receiver is there again. */
  readonly isBack?: boolean
  /** That the receiver wants no more: the webhook is disabled, and what is pending is given up. */
  readonly isGone?: boolean
}

export class WebhookDeliveries extends Context.Service<
  WebhookDeliveries,
  {
    /**
     * Takes the active webhooks that no other worker has, keeps those that this one has, and tells all of them. They stay
     * this worker's for `leaseMs`, until it claims again. Also removes what has been in the list of the undelivered for long
     * enough.
     */
    readonly claim: (worker: string, leaseMs: number) => Effect.Effect<ReadonlyArray<Target>, BackendError>
    /** Leaves all webhooks of the worker to others. */
    readonly release: (worker: string) => Effect.Effect<void, BackendError>
    /** What of a webhook is to be tried now, the most overdue first, at most `limit` messages. */
    readonly due: (webhookId: WebhookId, limit: number) => Effect.Effect<ReadonlyArray<Pending>, BackendError>
    /** Drops messages that the channel may see no more. */
    readonly drop: (webhookId: WebhookId, events: ReadonlyArray<EventId>) => Effect.Effect<void, BackendError>
    /**
     * Stores what became of messages, all or nothing, and tells how the webhook fares since: nothing, and nothing is stored,
     * where it is no longer this worker's.
     */
    readonly record: (
      worker: string,
      webhookId: WebhookId,
      progress: Progress
    ) => Effect.Effect<WebhookHealth | undefined, BackendError>
  }
>()("@bookio-kit/core/webhook/WebhookDeliveries") {}
