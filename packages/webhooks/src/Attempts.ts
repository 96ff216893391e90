/** Attempts at messages: the body and signatures of each, how it ended, and what becomes of the message. */
import type { Event } from "@bookio-kit/core/event/Event"
import { messageIdOf, type WebhookId } from "@bookio-kit/core/webhook/Webhook"
import type { Outcome, Pending, Target } from "@bookio-kit/core/webhook/WebhookDeliveries"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Backoff from "./Backoff.ts"
import { countAttempt } from "./Metrics.ts"
import { Sender } from "./Sender.ts"
import { signatureHeaders } from "./Signature.ts"

/** The most attempts at once, and of one webhook: slow receivers keep others waiting only where very many of them are. */
const allAtOnce = 256
const eachAtOnce = 4

/** The receiver wants no more messages (Standard Webhooks). */
export const gone = 410

/** A message that was never tried. */
export const untried = (event: Event, nowMs: number): Pending => ({ event, attempts: 0, firstMs: nowMs })

const bodyOf = (webhookId: WebhookId, event: Event) => ({
  id: messageIdOf(webhookId, event),
  body: JSON.stringify(event)
})

/** Makes what tries messages of a webhook, all of them once; it answers in the order in which the attempts ended. */
export const make = Effect.fnUntraced(function* (options: Backoff.BackoffOptions) {
  const { send } = yield* Sender
  const permits = yield* Semaphore.make(allAtOnce)
  const nextAttempt = Backoff.make(options)

  const attempt = Effect.fnUntraced(function* (target: Target, { attempts, event, firstMs }: Pending) {
    const { body, id } = bodyOf(target.webhookId, event)
    const timestamp = Math.floor((yield* Clock.currentTimeMillis) / 1000)
    const headers = signatureHeaders({ id, timestamp, body }, target.secrets)
    const { result, retryAfterMs, status } = yield* send({ url: target.url, headers, body })
    yield* countAttempt(result)
    const atMs = yield* Clock.currentTimeMillis
    const tried = {
      attempts: attempts + 1,
      firstMs,
      nowMs: atMs,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs })
    }
    const nextMs = result === "delivered" || status === gone ? undefined : yield* nextAttempt(tried)
    return {
      event,
      attempts: attempts + 1,
      firstMs,
      atMs,
      result,
      ...(status === undefined ? {} : { status }),
      ...(nextMs === undefined ? {} : { nextMs })
    } satisfies Outcome
  }, permits.withPermit)

  return (target: Target, messages: ReadonlyArray<Pending>): Effect.Effect<ReadonlyArray<Outcome>> =>
    Effect.suspend(() => {
      const outcomes: Array<Outcome> = []
      return Effect.forEach(
        messages,
        (message) => Effect.map(attempt(target, message), (outcome) => outcomes.push(outcome)),
        { concurrency: eachAtOnce, discard: true }
      ).pipe(Effect.as(outcomes))
    })
})
