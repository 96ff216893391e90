/** What is measured of the database: how many writes wait, how many one commit holds, and what goes wrong, by kind. */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

const groupSizes = Metric.histogram("bookio_write_group_size", {
  description: "Writes in one transaction",
  boundaries: [1, 2, 4, 8, 16, 32, 64, 128]
})

const errors = Metric.counter("bookio_database_errors_total", {
  description: "Errors of the database, by kind",
  incremental: true
})

const queueLength = Metric.gauge("bookio_write_queue_length", { description: "Writes that wait for the writer" })

/** Counts a group that is about to be written. */
export const observeGroup = (size: number) => Metric.update(groupSizes, size)

/** Counts an error; `kind` is a name from the code. */
export const countError = (kind: string) => Metric.update(Metric.withAttributes(errors, { kind }), 1)

/** Shows the length of the queue, read when metrics are, for as long as the scope is open. */
export const showQueueLength = (length: () => number) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<never>()
    const ignore = () => {}
    yield* Effect.acquireRelease(
      Effect.sync(() =>
        Metric.registerUnsafe(queueLength, context, {
          get: () => ({ value: length() }),
          update: ignore,
          modify: ignore
        })
      ),
      (registration) => Effect.sync(() => registration.remove())
    )
  })
