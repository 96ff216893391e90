/** Budget and breaker, in virtual time. */
import { BackendError, type BackendErrorReason } from "@bookio-kit/core/error/BackendError"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Answer } from "../src/Answer.ts"
import { makeLimits } from "../src/Limits.ts"

const options = { requestsPerMinute: 60, breakerFailures: 3, breakerOpenMs: 2000 }

const success: Answer<number> = { _tag: "Success", data: 1, said: [], asOfMs: undefined }
const failing = (reason: BackendErrorReason, retryAfterMs?: number): Answer<number> => ({
  _tag: "Failure",
  nothingDone: false,
  error: new BackendError({ reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
})
const told = (answer: Answer<number>) =>
  answer._tag === "Failure" ? `${answer.error.reason}${answer.local === true ? " here" : ""}` : answer._tag

describe("the budget", () => {
  it.effect("lets as many go at once as a minute has, then one by one, first come first served", () =>
    Effect.gen(function* () {
      const { run } = yield* makeLimits(options)
      const times: Array<number> = []
      const one = Effect.gen(function* () {
        times.push(yield* Clock.currentTimeMillis)
        return success
      })
      const all = yield* Effect.forkChild(
        Effect.all(
          Array.from({ length: 63 }, () => run(1e9, one)),
          { concurrency: "unbounded" }
        ),
        { startImmediately: true }
      )
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(all)
      assert.deepStrictEqual(times.slice(58), [0, 0, 1000, 2000, 3000])
    }).pipe(Effect.scoped)
  )

  it.effect("says at once that nothing was sent where the wait would be too long", () =>
    Effect.gen(function* () {
      const { run } = yield* makeLimits({ ...options, requestsPerMinute: 1 })
      assert.strictEqual(told(yield* run(0, Effect.succeed(success))), "Success")
      const answer = yield* run(30_000, Effect.succeed(success))
      assert.deepInclude(answer, { nothingDone: true })
      assert.strictEqual(told(answer), "RateLimited here")
      assert.strictEqual(answer._tag === "Failure" ? answer.error.retryAfterMs : 0, 60_000)
    }).pipe(Effect.scoped)
  )
})

describe("the breaker", () => {
  const fail = (reason: BackendErrorReason, retryAfterMs?: number) => Effect.succeed(failing(reason, retryAfterMs))

  it.effect("stops asking after failures in a row, tries one, and closes by itself", () =>
    Effect.gen(function* () {
      const { run } = yield* makeLimits(options)
      for (const reason of ["Unreachable", "Timeout", "MalformedResponse"] as const) yield* run(1e9, fail(reason))
      let asked = 0
      const ask = (answer: Answer<number>) =>
        run(
          1e9,
          Effect.sync(() => {
            asked++
            return answer
          })
        )
      assert.strictEqual(told(yield* ask(success)), "Overloaded here")
      yield* TestClock.adjust(1999)
      assert.strictEqual(told(yield* ask(success)), "Overloaded here")
      assert.strictEqual(asked, 0)
      yield* TestClock.adjust(1)
      assert.strictEqual(told(yield* ask(failing("Unreachable"))), "Unreachable")
      assert.strictEqual(told(yield* ask(success)), "Overloaded here")
      yield* TestClock.adjust(2000)
      assert.strictEqual(told(yield* ask(success)), "Success")
      assert.strictEqual(told(yield* ask(success)), "Success")
      assert.strictEqual(asked, 3)
    }).pipe(Effect.scoped)
  )

  it.effect("lets one request at a time try", () =>
    Effect.gen(function* () {
      const { run } = yield* makeLimits(options)
      for (let n = 0; n < 3; n++) yield* run(1e9, fail("Timeout"))
      yield* TestClock.adjust(2000)
      const probe = yield* Effect.forkChild(run(1e9, Effect.as(Effect.sleep(1000), success)), {
        startImmediately: true
      })
      assert.strictEqual(told(yield* run(1e9, Effect.succeed(success))), "Overloaded here")
      yield* TestClock.adjust(1000)
      assert.strictEqual(told(yield* Fiber.join(probe)), "Success")
    }).pipe(Effect.scoped)
  )

  it.effect("is not opened by refusals, by the server's limit, or by failures that are not in a row", () =>
    Effect.gen(function* () {
      const { run } = yield* makeLimits(options)
      for (let n = 0; n < 6; n++) yield* run(1e9, fail("RateLimited"))
      for (let n = 0; n < 6; n++) {
        yield* run(1e9, fail("Timeout"))
        yield* run(1e9, fail("Timeout"))
        yield* run(1e9, Effect.succeed(success))
      }
      assert.strictEqual(told(yield* run(1e9, Effect.succeed(success))), "Success")
    }).pipe(Effect.scoped)
  )

  it.effect("stays open as long as the server asks, and never for long", () =>
    Effect.gen(function* () {
      const { run } = yield* makeLimits(options)
      for (let n = 0; n < 3; n++) yield* run(1e9, fail("Overloaded", 3_600_000))
      yield* TestClock.adjust(9999)
      assert.strictEqual(told(yield* run(1e9, Effect.succeed(success))), "Overloaded here")
      yield* TestClock.adjust(1)
      assert.strictEqual(told(yield* run(1e9, Effect.succeed(success))), "Success")
    }).pipe(Effect.scoped)
  )
})
