/**
 * What is sent again, and when (api.md, "Unknown outcome"; sync.md, "Unknown outcomes"). Reads are repeated while that can
 * help; a write only on proof that the last attempt had no effect, and one whose outcome is unknown is looked up first.
 * Everything happens within the caller's time-out.
 */
import { BackendError } from "@bookio-kit/core/error/BackendError"
import type { Refusal } from "@bookio-kit/core/error/Refusal"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Answer, Answered } from "./Answer.ts"

export interface RetryPolicy {
  /** The longest that a call takes with all its attempts, waits and look-ups. */
  readonly timeoutMs: number
  /** The longest that one request takes. */
  readonly requestTimeoutMs: number
  /** How long after an attempt its effect can still come: a look-up before that proves only what it finds. */
  readonly settleMs: number
}

const baseMs = 200
const longestMs = 10_000

/** The wait before attempt `attempt` + 1, counted from 0: exponential, the upper half of it at random, never less than the server asked for. */
export const waitMs = (attempt: number, random: number, retryAfterMs: number | undefined): number =>
  Math.max(Math.min(longestMs, baseMs * 2 ** attempt) * (0.5 + random / 2), retryAfterMs ?? 0)

/** One attempt, which ends by `deadlineMs` and starts by `startByMs` (Unix time in milliseconds) or not at all. */
export type Attempt<A, R = never> = (startByMs: number, deadlineMs: number) => Effect.Effect<Answer<A>, never, R>

/** What a look-up found of a write whose outcome was unknown. */
export type Settled<A> =
  | { readonly _tag: "Done"; readonly data: A }
  /** It had no effect, as of the look-up. */
  | { readonly _tag: "NotDone" }
  | { readonly _tag: "Unclear" }

/**
 * How an unknown outcome of a write is settled: not at all, by sending it again where a second effect is impossible (a
 * refusal for which `isDone` holds then says that the first had its effect), or by a look-up of what changed since the
 * first attempt (`startedMs`, by this process's clock), which ends by `deadlineMs`.
 */
export type Settlement<A, R = never> =
  | { readonly _tag: "Never" }
  | { readonly _tag: "Resend"; readonly isDone: (refusal: Refusal) => boolean; readonly data: A }
  | {
      readonly _tag: "LookUp"
      readonly lookUp: (startedMs: number, deadlineMs: number) => Effect.Effect<Settled<A>, never, R>
    }

const found = <A>(data: A): Answered<A> => ({ _tag: "Success", data, said: [], asOfMs: undefined })

const outcomeUnknown = (cause: BackendError) =>
  new BackendError({ reason: "OutcomeUnknown", cause: cause.cause ?? cause })

/** Repeats a read until it is answered, cannot be helped, or the next attempt would not fit into the time-out. */
export const read = Effect.fnUntraced(function* <A, R>(
  attempt: Attempt<A, R>,
  deadlineMs: number
): Effect.fn.Return<Answered<A>, Refusal | BackendError, R> {
  let told: BackendError | undefined
  for (let sent = 0; ; sent++) {
    const answer = yield* attempt(deadlineMs, deadlineMs)
    if (answer._tag === "Success") return answer
    if (answer._tag === "Refusal") return yield* answer.error
    const { error, local } = answer
    // What the server's silence said is worth more than that we then did not ask.
    told = local === true ? (told ?? error) : error
    const wait = waitMs(sent, yield* Random.next, error.retryAfterMs)
    if (!error.isRetryable || (yield* Clock.currentTimeMillis) + wait >= deadlineMs) return yield* told
    yield* Effect.sleep(wait)
  }
})

/** Sends a write until its outcome is known, or time is up: then `OutcomeUnknown`, unless nothing was ever done. */
export const write = Effect.fnUntraced(function* <A, R>(
  attempt: Attempt<A, R>,
  settlement: Settlement<A, R>,
  policy: RetryPolicy
): Effect.fn.Return<Answered<A>, Refusal | BackendError, R> {
  const startedMs = yield* Clock.currentTimeMillis
  const deadlineMs = startedMs + policy.timeoutMs
  // A write is not started with less time than a request may take: it would end in doubt.
  const startByMs = deadlineMs - policy.requestTimeoutMs
  const lookUp = (untilMs: number) =>
    settlement._tag === "LookUp"
      ? settlement.lookUp(startedMs, untilMs)
      : Effect.succeed<Settled<A>>({ _tag: "Unclear" })
  let told: BackendError | undefined
  let doubt: BackendError | undefined
  for (let sent = 0; ; sent++) {
    const answer = yield* attempt(startByMs, deadlineMs)
    if (answer._tag === "Success") return answer
    if (answer._tag === "Refusal") {
      if (doubt === undefined) return yield* answer.error
      if (settlement._tag === "Resend") {
        if (settlement.isDone(answer.error)) return found(settlement.data)
        return yield* answer.error
      }
      // Perhaps refused for what an earlier attempt of ours did.
      const state = yield* lookUp(deadlineMs)
      if (state._tag === "Done") return found(state.data)
      return yield* state._tag === "NotDone" ? answer.error : outcomeUnknown(doubt)
    }
    const { error, local, nothingDone } = answer
    told = local === true ? (told ?? error) : error
    let wait = waitMs(sent, yield* Random.next, error.retryAfterMs)
    if (nothingDone && !error.isRetryable) return yield* doubt === undefined ? error : outcomeUnknown(doubt)
    if (!nothingDone) {
      doubt = error
      if (settlement._tag === "Never") return yield* outcomeUnknown(error)
      if (settlement._tag === "LookUp") {
        const settledMs = (yield* Clock.currentTimeMillis) + policy.settleMs
        // Found now is found; not found says nothing yet, for the attempt can still be under way.
        const early = yield* lookUp(Math.min(settledMs, deadlineMs))
        if (early._tag === "Done") return found(early.data)
        if (settledMs >= deadlineMs) return yield* outcomeUnknown(error)
        yield* Effect.sleep(Math.max(0, settledMs - (yield* Clock.currentTimeMillis)))
        const late = yield* lookUp(deadlineMs)
        if (late._tag === "Done") return found(late.data)
        if (late._tag === "Unclear") return yield* outcomeUnknown(error)
        wait = 0
      }
    }
    if ((yield* Clock.currentTimeMillis) + wait > startByMs)
      return yield* doubt === undefined ? told : outcomeUnknown(doubt)
    yield* Effect.sleep(wait)
  }
})
