/** The port by which a channel looks after its webhooks, an extension of the published API. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { Caller } from "../access/Caller.ts"
import type { BackendError } from "../error/BackendError.ts"
import type {
  EndpointNotFound,
  InvalidToken,
  PermissionDenied,
  ResourceNotFound,
  ValidationError
} from "../error/Refusal.ts"
import type { Page } from "../page/Page.ts"
import type { NewWebhook, Undelivered, UndeliveredId, Webhook, WebhookId } from "./Webhook.ts"

/** Which undelivered messages, and which page of them. */
export interface UndeliveredQuery {
  /** Of this webhook; of all of the channel where left out. */
  readonly webhookId?: WebhookId
  /** Rows to skip; 0 by default. */
  readonly offset?: number
  /** 0 to 100 rows; 100 by default. */
  readonly limit?: number
}

/** A webhook with its secret, which is told once. */
export interface WebhookSecret {
  readonly webhookId: WebhookId
  /** `whsec_` and 32 random bytes in base64. */
  readonly secret: Redacted.Redacted
}

type Common = EndpointNotFound | PermissionDenied | InvalidToken | BackendError

/**
 * Each method sees the webhooks of the caller's channel only, and fails with `EndpointNotFound` where the backend has none.
 * The access level (`admin`) is the server's to check.
 */
export class Webhooks extends Context.Service<
  Webhooks,
  {
    /** The webhooks of the channel, ascending by id. */
    readonly list: Effect.Effect<ReadonlyArray<Webhook>, Common, Caller>
    /**
     * Makes a webhook, which gets what happens from now on, and draws its secret.
     *
     * @errors `PermissionDenied` for a facility that is not the channel's; `ValidationError` for a URL to loopback where that
     * is not allowed, and beyond 20 webhooks of the channel.
     */
    readonly create: (webhook: NewWebhook) => Effect.Effect<WebhookSecret, ValidationError | Common, Caller>
    /** Removes a webhook and its undelivered messages. @errors `ResourceNotFound`. */
    readonly remove: (
      webhookId: WebhookId
    ) => Effect.Effect<{ readonly webhookId: WebhookId }, ResourceNotFound | Common, Caller>
    /**
     * Draws a new secret. For 24 hours messages are signed with the one before too, and no longer with any before that.
     *
     * @errors `ResourceNotFound`.
     */
    readonly rotateSecret: (webhookId: WebhookId) => Effect.Effect<WebhookSecret, ResourceNotFound | Common, Caller>
    /**
     * A page of the messages that were tried and not delivered, by id ascending: of facilities that the channel reaches.
     * Messages that were given up are kept for 30 days. An unknown webhook has none.
     */
    readonly undelivered: (query: UndeliveredQuery) => Effect.Effect<Page<Undelivered>, Common, Caller>
    /**
     * Has a message tried again at once, and then for 3 days as if it were new.
     *
     * @errors `ResourceNotFound`; `ValidationError` where its webhook is disabled.
     */
    readonly redeliver: (
      undeliveredId: UndeliveredId
    ) => Effect.Effect<{ readonly undeliveredId: UndeliveredId }, ResourceNotFound | ValidationError | Common, Caller>
  }
>()("@bookio-kit/core/webhook/Webhooks") {}
