/** What is measured of a gateway's change feed. Labels are names from the code: never an id. */
import type { EventKind } from "@bookio-kit/core/event/Event"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

const events = Metric.counter("bookio_gateway_events_total", {
  description: "Events found at the upstream, by kind",
  incremental: true
})

const looks = Metric.counter("bookio_gateway_event_looks_total", {
  description: "Looks for changes at the upstream, by result",
  incremental: true
})

const lag = Metric.gauge("bookio_gateway_event_lag_seconds", {
  description: "Time since the last complete look at the facility that has waited longest for one"
})

/** Counts events that were stored. */
export const countEvents = (kinds: ReadonlyArray<EventKind>) =>
  Effect.forEach(kinds, (kind) => Metric.update(Metric.withAttributes(events, { kind }), 1), { discard: true })

/** Counts a look: complete, `unproven` where a listing kept changing, `failed` where the upstream or the store did. */
export const countLook = (result: "complete" | "unproven" | "failed") =>
  Metric.update(Metric.withAttributes(looks, { result }), 1)

/** Shows how far behind the feed is, read when metrics are, for as long as the scope is open. */
export const showLag = (seconds: () => number) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<never>()
    const ignore = () => {}
    yield* Effect.acquireRelease(
      Effect.sync(() =>
        Metric.registerUnsafe(lag, context, { get: () => ({ value: seconds() }), update: ignore, modify: ignore })
      ),
      (registration) => Effect.sync(() => registration.remove())
    )
  })
