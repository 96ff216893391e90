/** The rate of a key, and what is asked of the upstream at once. */
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { Exchange } from "../src/Exchange.ts"
import { KeyRing } from "../src/Sessions.ts"
import { makeTokenBucket } from "../src/TokenBucket.ts"
import * as It from "./Support.ts"

const { one } = It

it("a bucket gives its burst at once, then its rate", () => {
  const bucket = makeTokenBucket({ requestsPerSecond: 2, burst: 3 })
  const at = (nowMs: number) => bucket.take(nowMs)
  assert.deepStrictEqual(at(10_000), { state: { limit: 3, remaining: 2, resetMs: 500 } })
  at(10_000)
  assert.deepStrictEqual(at(10_000), { state: { limit: 3, remaining: 0, resetMs: 1500 } })
  assert.deepStrictEqual(at(10_000), { state: { limit: 3, remaining: 0, resetMs: 1500 }, retryAfterMs: 500 })
  assert.deepStrictEqual(at(10_250).retryAfterMs, 250)
  assert.isUndefined(at(10_500).retryAfterMs)
  // A clock that is set back gives nothing, and takes nothing.
  assert.strictEqual(at(1000).retryAfterMs, 500)
  assert.isUndefined(at(1500).retryAfterMs)
  // A quiet time gives no more than the burst.
  assert.strictEqual(at(10_000_000).state.remaining, 2)
})

describe("the rate of a key", () => {
  const rate = { requestsPerSecond: 1, burst: 2 }
  const table = It.keys(It.key("limited", { rate }), It.key("free"))
  const ask = Effect.as(Exchange, "let in").pipe(It.as("limited"))

  it.effect("is refused before anything is asked, with the time to wait", () =>
    Effect.gen(function* () {
      yield* ask
      yield* ask
      const error = yield* Effect.flip(ask)
      assert.deepInclude({ ...error }, { _tag: "BackendError", reason: "RateLimited", retryAfterMs: 1000 })
      yield* Effect.as(Exchange, "let in").pipe(It.as("free"))
      yield* TestClock.adjust("1 second")
      const { rate: told } = yield* Exchange.pipe(It.as("limited"))
      assert.deepStrictEqual(told, { limit: 2, remaining: 0, resetMs: 2000 })
      assert.deepStrictEqual((yield* It.Tap).calls, [])
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("is not used up by a request that goes on, such as a stream, which ends with the key all the same", () =>
    Effect.gen(function* () {
      const { authenticate } = yield* Authenticator
      const again = authenticate(Redacted.make(It.tokenOf("limited")), { isAgain: true })
      for (let n = 0; n < 10; n++) assert.strictEqual((yield* again).access, "write")
      yield* ask
      yield* ask
      assert.strictEqual((yield* Effect.flip(ask))._tag, "BackendError")
      assert.strictEqual((yield* again).access, "write")
      const ring = yield* KeyRing
      ring.replace(It.keys())
      assert.strictEqual((yield* Effect.flip(again))._tag, "InvalidToken")
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("goes on where the table is read again, and is another where it says another", () =>
    Effect.gen(function* () {
      const ring = yield* KeyRing
      yield* ask
      yield* ask
      ring.replace(It.keys(It.key("limited", { rate: { ...rate } })))
      assert.strictEqual((yield* Effect.flip(ask))._tag, "BackendError")
      ring.replace(It.keys(It.key("limited", { rate: { ...rate, burst: 3 } })))
      assert.strictEqual(yield* ask, "let in")
    }).pipe(Effect.provide(It.gateway(table)))
  )
})

describe("towards the upstream", () => {
  const table = It.keys(It.key("practice"))
  const read = (limit: number) => It.listReservations({ facilityId: one, limit }).pipe(It.as("practice"))

  it.effect("no more than the cap run at once, the rest wait, and one beyond the queue is refused at once", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      const gate = yield* Deferred.make<void>()
      tap.around = (_, call) => Effect.andThen(Deferred.await(gate), call)
      const fibers = yield* Effect.forEach([1, 2, 3, 4, 5], (n) => Effect.forkChild(read(n)))
      for (let turn = 0; turn < 20; turn++) yield* Effect.yieldNow
      assert.strictEqual(tap.calls.length, 2)
      const error = yield* Effect.flip(read(6))
      assert.deepInclude({ ...error }, { _tag: "BackendError", reason: "Overloaded" })
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.joinAll(fibers)
      assert.strictEqual(tap.calls.length, 5)
      // All places are free again.
      yield* Effect.forEach([7, 8, 9, 10, 11], read, { concurrency: "unbounded" })
    }).pipe(Effect.provide(It.gateway(table, { concurrency: 2, queue: 3 })))
  )

  it.effect("who waits too long is refused, and was never sent", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      tap.around = () => Effect.never
      const running = yield* Effect.forkChild(read(1))
      for (let turn = 0; turn < 20; turn++) yield* Effect.yieldNow
      const waiting = yield* Effect.forkChild(Effect.flip(It.book(It.booking(1, one)).pipe(It.as("practice"))))
      yield* TestClock.adjust("5 seconds")
      assert.deepInclude({ ...(yield* Fiber.join(waiting)) }, { _tag: "BackendError", reason: "Overloaded" })
      assert.deepStrictEqual(tap.calls, ["listReservations"])
      yield* Fiber.interrupt(running)
    }).pipe(Effect.provide(It.gateway(table, { concurrency: 1, queue: 3 })))
  )

  it.effect("a slow read is asked once more where that is wanted, and a write never is", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      let asked = 0
      tap.around = (name, call) =>
        name === "listReservations" && asked++ === 0 ? Effect.never : name === "createReservation" ? Effect.never : call
      const reading = yield* Effect.forkChild(read(1))
      yield* TestClock.adjust("200 millis")
      assert.strictEqual((yield* Fiber.join(reading)).pagination.total, 0)
      const writing = yield* Effect.forkChild(It.book(It.booking(1, one)).pipe(It.as("practice")))
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(tap.calls.filter((name) => name === "createReservation").length, 1)
      yield* Fiber.interrupt(writing)
    }).pipe(Effect.provide(It.gateway(table, { hedgeAfter: "200 millis" })))
  )

  it.effect("a failure is told at once, without a second question", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      tap.around = () => Effect.fail(new BackendError({ reason: "Unreachable" }))
      assert.strictEqual((yield* Effect.flip(read(1)))._tag, "BackendError")
      assert.strictEqual(tap.calls.length, 1)
    }).pipe(Effect.provide(It.gateway(table, { hedgeAfter: "200 millis" })))
  )
})
