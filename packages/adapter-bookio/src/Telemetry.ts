/**
 * What can be measured of a client: requests by operation and outcome, their durations, and a span for each. Never a path
 * with an id, a query or a body.
 */
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type { Answer } from "./Answer.ts"

/** Requests sent, by `operation` and `outcome`: `success`, a refusal's tag or a failure's reason. */
export const requests = Metric.counter("bookio_client_requests", {
  description: "Requests sent to the Bookio server",
  incremental: true
})

/** How long they took, by `operation`, in milliseconds. */
export const durations = Metric.timer("bookio_client_request_duration", {
  description: "Time from sending a request to the end of its answer"
})

/** Requests kept back, by `reason`: the `budget` had nothing left, or the server failed and the circuit was open. */
export const unsent = Metric.counter("bookio_client_unsent", {
  description: "Requests that were not sent, to keep the budget or while the server fails",
  incremental: true
})

/** Counts a request that was kept back. */
export const countUnsent = (reason: "budget" | "circuitOpen") =>
  Metric.update(Metric.withAttributes(unsent, { reason }), 1)

/** What a request ended in, as metrics and spans name it. */
export const outcomeOf = <A>(answer: Answer<A>): string =>
  answer._tag === "Success" ? "success" : answer._tag === "Refusal" ? answer.error._tag : answer.error.reason

/** Counts and times successful requests of an operation in the metrics of a context; they have no span. */
export const makeRecorder = (operation: string, context: Context.Context<never>) => {
  const count = Metric.withAttributes(requests, { operation, outcome: "success" })
  const time = Metric.withAttributes(durations, { operation })
  return (elapsedMs: number): void => {
    count.updateUnsafe(1, context)
    time.updateUnsafe(Duration.millis(elapsedMs), context)
  }
}

/** Makes one of each for a few names, and finds it again by them. */
const remembered = <A>(make: (operation: string, outcome: string) => A) => {
  const known = new Map<string, A>()
  return (operation: string, outcome: string): A => {
    const key = `${operation} ${outcome}`
    const found = known.get(key) ?? make(operation, outcome)
    known.set(key, found)
    return found
  }
}

const requestsOf = remembered((operation, outcome) => Metric.withAttributes(requests, { operation, outcome }))
const durationsOf = remembered((operation) => Metric.withAttributes(durations, { operation }))

/** Counts, times and traces one request, sent now or, where that was before, at `sentMs` (Unix time in milliseconds). */
export const observed = <A, R>(
  operation: string,
  requestId: string,
  attempt: Effect.Effect<Answer<A>, never, R>,
  sentMs?: number
): Effect.Effect<Answer<A>, never, R> =>
  Effect.gen(function* () {
    const startedMs = sentMs ?? (yield* Clock.currentTimeMillis)
    const answer = yield* attempt
    const outcome = outcomeOf(answer)
    yield* Effect.annotateCurrentSpan({ outcome })
    yield* Metric.update(requestsOf(operation, outcome), 1)
    const elapsedMs = (yield* Clock.currentTimeMillis) - startedMs
    yield* Metric.update(durationsOf(operation, ""), Duration.millis(Math.max(0, elapsedMs)))
    return answer
  }).pipe(Effect.withSpan(`bookio.${operation}`, { kind: "client", attributes: { operation, requestId } }))
