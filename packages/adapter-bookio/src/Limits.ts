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
  /**
   * Takes a request's part of the budget at once, for one that is sent past `run`; `false` where it has to wait, or where the
   * last attempt failed: then `run` decides. A success of such a request changes nothing here; any other end of it is to be
   * given back, and told by `run`.
   */
  readonly takeNow: () => boolean
  /** Gives back what `takeNow` took. */
  readonly giveBack: () => void
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

/** A token bucket in memory, which is full at first; whoever waits is served in the order of coming. */
const makeBudget = Effect.fnUntraced(function* (requestsPerMinute: number) {
  const clock = yield* Clock.Clock
  const queue = yield* Semaphore.make(1)
  const perMs = requestsPerMinute / 60_000
  let tokens = requestsPerMinute
  let atMs = clock.currentTimeMillisUnsafe()
  let waiting = 0
  /** Takes a token, or tells how many milliseconds there is none; of a clock that was set back nothing comes. */
  const tryTake = (): number => {
    const nowMs = clock.currentTimeMillisUnsafe()
    tokens = Math.min(requestsPerMinute, tokens + Math.max(0, nowMs - atMs) * perMs)
    atMs = nowMs
    if (tokens < 1) return Math.ceil((1 - tokens) / perMs)
    tokens -= 1
    return 0
  }
  /** Waits for a token, or tells how long it would have had to. */
  const takeInTurn = (startByMs: number): Effect.Effect<number> =>
    Effect.gen(function* () {
      for (;;) {
        const waitMs = tryTake()
        if (waitMs === 0 || (yield* Clock.currentTimeMillis) + waitMs > startByMs) return waitMs
        yield* Effect.sleep(waitMs)
      }
    }).pipe(queue.withPermits(1))
  const takeNow = (): boolean => waiting === 0 && tryTake() === 0
  const takeWaiting = (startByMs: number) =>
    Effect.suspend(() => {
      waiting += 1
      // What needs no waiting is had in any case.
      const leftMs = Math.max(1, startByMs - clock.currentTimeMillisUnsafe())
      return Effect.timeoutOrElse(takeInTurn(startByMs), {
        duration: leftMs,
        orElse: () => Effect.succeed(Math.ceil(60_000 / requestsPerMinute))
      }).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            waiting -= 1
          })
        )
      )
    })
  return {
    /** Takes a token by `startByMs`, or tells in how many milliseconds there could be one. */
    take: (startByMs: number) => Effect.suspend(() => (takeNow() ? Effect.succeed(0) : takeWaiting(startByMs))),
    takeNow,
    giveBack: () => {
      tokens = Math.min(requestsPerMinute, tokens + 1)
    }
  }
})

/** Makes the limits of one client. */
export const makeLimits = Effect.fnUntraced(function* (
  options: LimitsOptions
): Effect.fn.Return<Limits, never, Scope.Scope> {
  const { giveBack, take, takeNow } = yield* makeBudget(options.requestsPerMinute)
  // Since the last success; while there is none, the circuit is closed and a success does not change that.
  let failures = 0
  const breaker = yield* CircuitBreaker.make({
    tripPolicy: CircuitBreaker.consecutive(options.breakerFailures),
    openDuration: Duration.millis(options.breakerOpenMs),
    maxOpenDuration: Duration.millis(Math.max(maxOpenMs, options.breakerOpenMs))
  }).pipe(Effect.provide(CircuitBreaker.layerStoreMemory()))
  return {
    run: (startByMs, attempt) =>
      Effect.flatMap(take(startByMs), (waitFor) =>
        waitFor === 0 ? attempt : Effect.as(countUnsent("budget"), unsent("RateLimited", Duration.millis(waitFor)))
      ).pipe(
        breaker.execute({
          key: "server",
          classify: (exit) => {
            const outcome = outcomeOf(exit)
            failures = outcome._tag === "Success" ? 0 : outcome._tag === "Failure" ? failures + 1 : failures
            return outcome
          }
        }),
        Effect.catch(({ reason }) =>
          Effect.as(
            countUnsent("circuitOpen"),
            unsent("Overloaded", reason._tag === "CircuitOpen" ? reason.retryAfter : undefined)
          )
        )
      ),
    takeNow: () => failures === 0 && takeNow(),
    giveBack
  }
})
