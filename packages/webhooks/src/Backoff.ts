/** When a message that failed is tried again: ever later, with jitter, until it has been tried for long enough. */
import { retryForMs } from "@bookio-kit/core/webhook/Webhook"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

export interface BackoffOptions {
  /** The mean of the first delay, which doubles with each attempt; 5 seconds. */
  readonly firstDelay?: Duration.Input
  /** The greatest mean, and the longest that a receiver's `Retry-After` is heeded; 1 hour. */
  readonly maxDelay?: Duration.Input
  /** How long a message is tried, from its first attempt; 3 days. */
  readonly giveUpAfter?: Duration.Input
}

/** What is known of a message after a failed attempt. */
export interface Tried {
  /** With the one that failed. */
  readonly attempts: number
  readonly firstMs: number
  readonly nowMs: number
  readonly retryAfterMs?: number
}

const millis = (input: Duration.Input) => Duration.toMillis(Duration.fromInputUnsafe(input))

/**
 * Makes what tells the instant of the next attempt, Unix milliseconds, or that there is none. The delay is drawn between half
 * and one and a half of its mean, and not shorter than the receiver asked for.
 */
export const make = ({
  firstDelay = "5 seconds",
  giveUpAfter = retryForMs,
  maxDelay = "1 hour"
}: BackoffOptions = {}) => {
  const [firstMs, maxMs, giveUpMs] = [millis(firstDelay), millis(maxDelay), millis(giveUpAfter)]
  return (tried: Tried): Effect.Effect<number | undefined> =>
    Effect.map(Random.next, (drawn) => {
      const mean = Math.min(firstMs * 2 ** (tried.attempts - 1), maxMs)
      const asked = Math.min(tried.retryAfterMs ?? 0, maxMs)
      const nextMs = tried.nowMs + Math.ceil(Math.max(mean * (0.5 + drawn), asked))
      return nextMs > tried.firstMs + giveUpMs ? undefined : nextMs
    })
}
