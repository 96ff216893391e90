/**
 * What keeps a client polite and quick to fail: a budget of requests (a token bucket, first come first served) and a
 * circuit breaker, which stops asking a server that does not answer and tries again by itself.
 */
import { BackendError } from "@bookio-kit/core/error/BackendError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type { Answer } from "./Answer.ts"
import { countUnsent } from "./Telemetry.ts"

export interface LimitsOptions {
  /** How many requests a minute; as many may go at once after a quiet minute. */
  readonly requestsPerMinute: number
  /** So many failures in a row open the circuit. */
  readonly breakerFailures: number
  /** How long it stays open before one request is let through to try. */
  readonly breakerOpenMs: number
}

export interface Limits {
  /**
   * Runs an attempt within the budget, or answers in its place that nothing was sent: `RateLimited` where the budget has
   * nothing left until `startByMs` (Unix time in milliseconds), `Overloaded` while the circuit is open.
   */
  readonly run: <A>(startByMs: number, attempt: Effect.Effect<Answer<A>>) => Effect.Effect<Answer<A>>
}

// The longest that a server's Retry-After keeps the circuit open: it recovers within seconds of its server's return.
const maxOpenMs = 10_000

const unsent = (reason: "RateLimited" | "Overloaded", retryAfter: Duration.Duration | undefined): Answer<never> => ({
  _tag: "Failure",
  nothingDone: true,
  local: true,
  error: new BackendError(
    retryAfter === undefined ? { reason } : { reason, retryAfterMs: Duration.toMillis(retryAfter) }
  )
})

const outcomeOf = <A>(exit: Exit.Exit<Answer<A>>): CircuitBreaker.Outcome => {
  if (!Exit.isSuccess(exit)) return CircuitBreaker.ignored
  const answer = exit.value
  if (answer._tag !== "Failure") return CircuitBreaker.success
  const { reason, retryAfterMs } = answer.error
  // The server lives and counts, or the budget was ours.
  if (reason === "RateLimited") return CircuitBreaker.ignored
  return CircuitBreaker.failure(retryAfterMs === undefined ? {} : { retryAfter: Duration.millis(retryAfterMs) })
}

const makeBudget = Effect.fnUntraced(function* (requestsPerMinute: number) {
  const limiter = yield* Effect.provide(RateLimiter.make, RateLimiter.layerStoreMemory)
  const queue = yield* Semaphore.make(1)
  const consume = limiter.consume({
    algorithm: "token-bucket",
    onExceeded: "fail",
    window: "1 minute",
    limit: requestsPerMinute,
    key: "requests"
  })
  /** Waits for a token, or tells how long it would have had to. */
  const take = (startByMs: number): Effect.Effect<Duration.Duration | undefined> =>
    Effect.gen(function* () {
      for (;;) {
        const taken = yield* Effect.result(consume)
        if (Result.isSuccess(taken)) return undefined
        const { reason } = taken.failure
        // The store is this process's memory.
        if (reason._tag === "RateLimitStoreError") return yield* Effect.die(taken.failure)
        if ((yield* Clock.currentTimeMillis) + Duration.toMillis(reason.retryAfter) > startByMs)
          return reason.retryAfter
        yield* Effect.sleep(reason.retryAfter)
      }
    }).pipe(queue.withPermits(1))
  return Effect.fnUntraced(function* (startByMs: number) {
    const leftMs = startByMs - (yield* Clock.currentTimeMillis)
    return yield* Effect.timeoutOrElse(take(startByMs), {
      // What needs no waiting is had in any case.
      duration: Math.max(1, leftMs),
      orElse: () => Effect.succeed(Duration.millis(60_000 / requestsPerMinute))
    })
  })
})

/** Makes the limits of one client. */
export const makeLimits = Effect.fnUntraced(function* (
  options: LimitsOptions
): Effect.fn.Return<Limits, never, Scope.Scope> {
  const take = yield* makeBudget(options.requestsPerMinute)
  const breaker = yield* CircuitBreaker.make({
    tripPolicy: CircuitBreaker.consecutive(options.breakerFailures),
    openDuration: Duration.millis(options.breakerOpenMs),
    maxOpenDuration: Duration.millis(Math.max(maxOpenMs, options.breakerOpenMs))
  }).pipe(Effect.provide(CircuitBreaker.layerStoreMemory()))
  return {
    run: (startByMs, attempt) =>
      Effect.flatMap(take(startByMs), (waitFor) =>
        waitFor === undefined ? attempt : Effect.as(countUnsent("budget"), unsent("RateLimited", waitFor))
      ).pipe(
        breaker.execute({ key: "server", classify: outcomeOf }),
        Effect.catch(({ reason }) =>
          Effect.as(
            countUnsent("circuitOpen"),
            unsent("Overloaded", reason._tag === "CircuitOpen" ? reason.retryAfter : undefined)
          )
        )
      )
  }
})
