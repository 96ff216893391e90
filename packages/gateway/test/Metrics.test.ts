/** What is counted of a gateway, as `/metrics` shows it. */
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Metric } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { TestClock } from "effect/testing"
import * as It from "./Support.ts"

const { one } = It

/** The samples of a gateway's metrics, without what is not its own. */
const shown = Effect.map(PrometheusMetrics.format(), (text) =>
  text.split("\n").filter((line) => line.startsWith("bookio_gateway_"))
)

const isolated = <A, E, R>(test: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => Effect.provideService(test, Metric.MetricRegistry, new Map()))

const table = It.keys(It.key("practice"), It.key("slow", { rate: { requestsPerSecond: 0.1, burst: 1 } }))

it.effect("counts reads by what the cache did, ids, and looks for them", () =>
  Effect.gen(function* () {
    const list = It.listCalendars({ facilityId: one })
    yield* list.pipe(It.as("practice"))
    yield* list.pipe(It.as("practice"))
    yield* list.pipe(It.as("practice", { noCache: true }))
    yield* It.changeStatus(77 as never, { status: "CANCELLED" }).pipe(It.as("practice"), Effect.exit)
    const text = yield* shown
    for (const line of [
      'bookio_gateway_cache_reads_total{operation="listCalendars",result="miss"} 1',
      'bookio_gateway_cache_reads_total{operation="listCalendars",result="hit"} 1',
      'bookio_gateway_cache_reads_total{operation="listCalendars",result="bypass"} 1',
      'bookio_gateway_index_ids_total{kind="calendar"} 1',
      // One in each facility of the key.
      'bookio_gateway_index_looks_total{kind="reservation",result="done"} 2'
    ])
      assert.include(text, line)
  }).pipe(Effect.provide(It.gateway(table)), isolated)
)

it.effect("counts what it refuses, and shows what runs and waits", () =>
  Effect.gen(function* () {
    const leave = yield* Deferred.make<void>()
    const tap = yield* It.Tap
    tap.around = (_, call) => Effect.andThen(Deferred.await(leave), call)
    const ask = It.listReservations({ facilityId: one }).pipe(It.as("practice", { noCache: true }))
    const running = yield* Effect.forkChild(Effect.all([ask, ask, ask], { concurrency: 3, mode: "result" }))
    yield* TestClock.adjust(1)
    const during = yield* shown
    assert.include(during, "bookio_gateway_running 1")
    assert.include(during, "bookio_gateway_queue_length 1")
    assert.include(during, 'bookio_gateway_refusals_total{reason="fullQueue"} 1')
    yield* TestClock.adjust("5 seconds")
    yield* Deferred.succeed(leave, undefined)
    yield* Fiber.join(running)
    const slow = It.listFacilities.pipe(It.as("slow"))
    yield* slow
    assert.deepStrictEqual((yield* Effect.flip(slow)) instanceof BackendError, true)
    const after = yield* shown
    assert.include(after, "bookio_gateway_running 0")
    assert.include(after, 'bookio_gateway_refusals_total{reason="queueTime"} 1')
    assert.include(after, 'bookio_gateway_refusals_total{reason="rate"} 1')
  }).pipe(Effect.provide(It.gateway(table, { concurrency: 1, queue: 1 })), isolated)
)

it.effect("counts reads that are asked twice", () =>
  Effect.gen(function* () {
    const tap = yield* It.Tap
    let asked = 0
    tap.around = (_, call) => (asked++ === 0 ? Effect.never : call)
    const reading = yield* Effect.forkChild(It.listFacilities.pipe(It.as("practice")))
    yield* TestClock.adjust("1 second")
    yield* Fiber.join(reading)
    assert.include(yield* shown, "bookio_gateway_hedges_total 1")
  }).pipe(Effect.provide(It.gateway(table, { hedgeAfter: "1 second" })), isolated)
)
