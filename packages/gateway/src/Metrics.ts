/**
 * What is measured of a gateway. Labels are names from the code: never a key, an id, an address or a text. What goes upstream
 * is measured by the backend that sends it.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

const counter = (name: string, description: string) => Metric.counter(name, { description, incremental: true })

const cacheReads = counter("bookio_gateway_cache_reads_total", "Reads that may be cached, by operation and result")
const refusals = counter("bookio_gateway_refusals_total", "Requests refused unsent to keep a limit, by reason")
const hedges = counter("bookio_gateway_hedges_total", "Reads that were asked of the upstream a second time")
const repeats = counter("bookio_gateway_repeats_total", "Requests with a used Idempotency-Key, by result")
const looks = counter("bookio_gateway_index_looks_total", "Listings read to find an id, by kind and result")
const learned = counter("bookio_gateway_index_ids_total", "Ids learnt with their facility, by kind")

const running = Metric.gauge("bookio_gateway_running", { description: "Requests that the upstream works on" })
const waiting = Metric.gauge("bookio_gateway_queue_length", { description: "Requests that wait for the upstream" })

const count = (metric: Metric.Counter<number>, labels: { readonly [name: string]: string }, by = 1) =>
  Metric.update(Metric.withAttributes(metric, labels), by)

/** Counts a read by what the cache did. */
export const countRead = (operation: string, result: "hit" | "miss" | "stale" | "bypass") =>
  count(cacheReads, { operation, result })

/** Counts hits of an operation in the metrics of a context. */
export const makeHitCounter = (operation: string, context: Context.Context<never>) => {
  const hits = Metric.withAttributes(cacheReads, { operation, result: "hit" })
  return (): void => hits.updateUnsafe(1, context)
}

/** Counts a refusal: the key's `rate`, a `fullQueue`, or too long a wait in it (`queueTime`). */
export const countRefusal = (reason: "rate" | "fullQueue" | "queueTime") => count(refusals, { reason })

/** Counts a second request for one read. */
export const countHedge = Metric.update(hedges, 1)

/**
 * Counts a repeat: `replayed` from the store or from the request at work, refused for `otherBody`, or of an unknown outcome
 * that was looked up: `found`, not found and `sentAgain`, or `unclear`.
 */
export const countRepeat = (result: "replayed" | "otherBody" | "found" | "sentAgain" | "unclear") =>
  count(repeats, { result })

/** Counts a look into a facility's listing for an id. */
export const countLook = (kind: string, result: "done" | "failed") => count(looks, { kind, result })

/** Counts ids that were stored. */
export const countLearned = (kind: string, ids: number) => count(learned, { kind }, ids)

/** Shows how much runs and waits, read when metrics are, for as long as the scope is open. */
export const showLoad = (load: () => { readonly running: number; readonly waiting: number }) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<never>()
    const show = (metric: Metric.Gauge<number>, value: () => number) => {
      const ignore = () => {}
      return Effect.acquireRelease(
        Effect.sync(() =>
          Metric.registerUnsafe(metric, context, { get: () => ({ value: value() }), update: ignore, modify: ignore })
        ),
        (registration) => Effect.sync(() => registration.remove())
      )
    }
    yield* show(running, () => load().running)
    yield* show(waiting, () => load().waiting)
  })
