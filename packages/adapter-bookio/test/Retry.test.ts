/** When what is sent again, in virtual time. */
import { BackendError, type BackendErrorReason } from "@bookio-kit/core/error/BackendError"
import { NoCapacityLeft, ResourceNotFound } from "@bookio-kit/core/error/Refusal"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import type { Answer } from "../src/Answer.ts"
import { read, type Settled, type Settlement, waitMs, write } from "../src/Retry.ts"

const success: Answer<string> = { _tag: "Success", data: "made", said: [], asOfMs: undefined }

const failure = (
  reason: BackendErrorReason,
  given: { readonly nothingDone?: boolean; readonly retryAfterMs?: number; readonly local?: true } = {}
): Answer<never> => ({
  _tag: "Failure",
  nothingDone: given.nothingDone ?? false,
  ...(given.local === undefined ? {} : { local: true }),
  error: new BackendError({ reason, ...(given.retryAfterMs === undefined ? {} : { retryAfterMs: given.retryAfterMs }) })
})

const unsent = failure("Unreachable", { nothingDone: true })
const lost = failure("OutcomeUnknown")
const full: Answer<never> = { _tag: "Refusal", error: new NoCapacityLeft({ reason: "full" }) }
const missing: Answer<never> = { _tag: "Refusal", error: new ResourceNotFound({ resource: "BlockedTime" }) }

const policy = { timeoutMs: 30_000, requestTimeoutMs: 5_000, settleMs: 10_000 }

/** Attempts by script, the last one for ever; and when each was made. */
const scripted = (...answers: ReadonlyArray<Answer<string>>) => {
  const times: Array<number> = []
  const attempt = () =>
    Effect.gen(function* () {
      times.push(yield* Clock.currentTimeMillis)
      return answers[Math.min(times.length, answers.length) - 1] ?? success
    })
  return { attempt, times }
}

/** Runs to the end in virtual time, and tells what came and when. */
const run = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(Effect.result(effect).pipe(Effect.zip(Clock.currentTimeMillis)), {
      startImmediately: true
    })
    yield* TestClock.adjust("2 minutes")
    const [result, atMs] = yield* Fiber.join(fiber)
    const told = result._tag === "Success" ? result.success : result.failure
    return { told, atMs }
  })

const reasonOf = (told: unknown) => (told instanceof BackendError ? told.reason : told)

describe("waitMs", () => {
  it("grows, is jittered by half, is bounded, and never less than the server asked for", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 60 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const wait = waitMs(attempt, random, undefined)
          const top = Math.min(10_000, 200 * 2 ** attempt)
          assert.isAtLeast(wait, top / 2)
          assert.isAtMost(wait, top)
          assert.strictEqual(waitMs(attempt, random, 60_000), 60_000)
        }
      )
    )
  })
})

describe("read", () => {
  it.effect("repeats what can help until it is answered", () =>
    Effect.gen(function* () {
      const { attempt, times } = scripted(unsent, failure("MalformedResponse"), failure("Overloaded"), success)
      const { told } = yield* run(read(attempt, 30_000))
      assert.strictEqual(told, success)
      assert.strictEqual(times.length, 4)
    })
  )

  it.effect("does not repeat a refusal or an internal error", () =>
    Effect.gen(function* () {
      for (const answer of [full, failure("Internal")]) {
        const { attempt, times } = scripted(answer, success)
        const { told } = yield* run(read(attempt, 1e9))
        assert.strictEqual(told, answer._tag === "Success" ? answer : answer.error)
        assert.strictEqual(times.length, 1)
      }
    })
  )

  it.effect("waits as long as the server asks, and not at all where that would be too long", () =>
    Effect.gen(function* () {
      const patient = scripted(failure("RateLimited", { retryAfterMs: 7000 }), success)
      yield* run(read(patient.attempt, 30_000))
      assert.deepStrictEqual(patient.times, [0, 7000])
      const start = yield* Clock.currentTimeMillis
      const hopeless = scripted(failure("RateLimited", { retryAfterMs: 31_000 }), success)
      const { atMs, told } = yield* run(read(hopeless.attempt, start + 30_000))
      assert.deepStrictEqual([reasonOf(told), atMs, hopeless.times.length], ["RateLimited", start, 1])
    })
  )

  it.effect("ends within its time, and tells what the server said and not that it was not asked", () =>
    Effect.gen(function* () {
      const { attempt } = scripted(unsent, failure("Overloaded", { nothingDone: true, local: true }))
      const { atMs, told } = yield* run(read(attempt, 30_000))
      assert.strictEqual(reasonOf(told), "Unreachable")
      assert.isBelow(atMs, 30_000)
    })
  )
})

/** A look-up by script, the last result for ever; and when each was made. */
const lookingUp = (...found: ReadonlyArray<Settled<string>>) => {
  const times: Array<number> = []
  const settlement: Settlement<string> = {
    _tag: "LookUp",
    lookUp: () =>
      Effect.gen(function* () {
        times.push(yield* Clock.currentTimeMillis)
        return found[Math.min(times.length, found.length) - 1] ?? { _tag: "Unclear" }
      })
  }
  return { settlement, times }
}

const done: Settled<string> = { _tag: "Done", data: "found" }
const notDone: Settled<string> = { _tag: "NotDone" }
const unclear: Settled<string> = { _tag: "Unclear" }

const dataOf = (told: unknown) => (told as { readonly data?: unknown }).data

describe("write", () => {
  it.effect("is sent again on proof that nothing was done", () =>
    Effect.gen(function* () {
      const limited = failure("RateLimited", { nothingDone: true, retryAfterMs: 3000 })
      const { attempt, times } = scripted(unsent, limited, success)
      const look = lookingUp(unclear)
      const { told } = yield* run(write(attempt, look.settlement, policy))
      assert.strictEqual(told, success)
      assert.strictEqual((times[2] ?? 0) - (times[1] ?? 0), 3000)
      assert.deepStrictEqual(look.times, [])
    })
  )

  it.effect("is settled by what an early look-up finds", () =>
    Effect.gen(function* () {
      const { attempt, times } = scripted(lost)
      const { atMs, told } = yield* run(write(attempt, lookingUp(done).settlement, policy))
      assert.deepStrictEqual([dataOf(told), times.length, atMs], ["found", 1, 0])
    })
  )

  it.effect("is sent again only when a look-up after the settling time finds nothing", () =>
    Effect.gen(function* () {
      const { attempt, times } = scripted(lost, success)
      const look = lookingUp(notDone, notDone)
      const { told } = yield* run(write(attempt, look.settlement, policy))
      assert.strictEqual(told, success)
      assert.deepStrictEqual(
        [look.times, times],
        [
          [0, 10_000],
          [0, 10_000]
        ]
      )
    })
  )

  it.effect("is found by the later look-up where its effect came late", () =>
    Effect.gen(function* () {
      const { attempt, times } = scripted(lost, success)
      const { told } = yield* run(write(attempt, lookingUp(notDone, done).settlement, policy))
      assert.deepStrictEqual([dataOf(told), times.length], ["found", 1])
    })
  )

  it.effect("ends in doubt where the look-up is unclear", () =>
    Effect.gen(function* () {
      const { attempt, times } = scripted(lost, success)
      const { told } = yield* run(write(attempt, lookingUp(unclear).settlement, policy))
      assert.deepStrictEqual([reasonOf(told), times.length], ["OutcomeUnknown", 1])
    })
  )

  it.effect("ends in doubt at once where the look-up does not fit into its time", () =>
    Effect.gen(function* () {
      const { attempt } = scripted(lost, success)
      const short = { ...policy, timeoutMs: 9_000 }
      const { atMs, told } = yield* run(write(attempt, lookingUp(notDone).settlement, short))
      assert.deepStrictEqual([reasonOf(told), atMs], ["OutcomeUnknown", 0])
    })
  )

  it.effect("is not started again with less time left than a request may take", () =>
    Effect.gen(function* () {
      const { attempt, times } = scripted(lost, lost, success)
      const look = lookingUp(notDone)
      const { told } = yield* run(write(attempt, look.settlement, policy))
      // 0 s, 10 s, 20 s: a third one still fits; 30 s is the end.
      assert.strictEqual(told, success)
      const tight = scripted(lost, lost, success)
      const ended = yield* run(write(tight.attempt, lookingUp(notDone).settlement, { ...policy, timeoutMs: 24_000 }))
      assert.deepStrictEqual([reasonOf(ended.told), tight.times.length, times.length], ["OutcomeUnknown", 2, 3])
    })
  )

  it.effect("asks, when it is refused after a doubt, whether that is its own doing", () =>
    Effect.gen(function* () {
      const own = scripted(lost, full)
      const { told } = yield* run(write(own.attempt, lookingUp(notDone, notDone, done).settlement, policy))
      assert.strictEqual(dataOf(told), "found")
      const others = scripted(lost, full)
      const refused = yield* run(write(others.attempt, lookingUp(notDone).settlement, policy))
      assert.instanceOf(refused.told, NoCapacityLeft)
      const unknown = scripted(lost, full)
      const doubtful = yield* run(write(unknown.attempt, lookingUp(notDone, notDone, unclear).settlement, policy))
      assert.strictEqual(reasonOf(doubtful.told), "OutcomeUnknown")
    })
  )

  it.effect("tells its refusal as it is where there was no doubt", () =>
    Effect.gen(function* () {
      const look = lookingUp(done)
      const { told } = yield* run(write(scripted(unsent, full).attempt, look.settlement, policy))
      assert.instanceOf(told, NoCapacityLeft)
      assert.deepStrictEqual(look.times, [])
    })
  )

  it.effect("that cannot be looked up ends in doubt at once", () =>
    Effect.gen(function* () {
      const { attempt, times } = scripted(lost, success)
      const { told } = yield* run(write(attempt, { _tag: "Never" }, policy))
      assert.deepStrictEqual([reasonOf(told), times.length], ["OutcomeUnknown", 1])
    })
  )

  it.effect("that removes is sent again, and its absence then is its success", () =>
    Effect.gen(function* () {
      const removal: Settlement<string> = {
        _tag: "Resend",
        isDone: ({ _tag }) => _tag === "ResourceNotFound",
        data: "removed"
      }
      const { told } = yield* run(write(scripted(lost, missing).attempt, removal, policy))
      assert.strictEqual(dataOf(told), "removed")
      const first = yield* run(write(scripted(missing).attempt, removal, policy))
      assert.instanceOf(first.told, ResourceNotFound)
      const never = yield* run(write(scripted(lost).attempt, removal, policy))
      assert.strictEqual(reasonOf(never.told), "OutcomeUnknown")
    })
  )

  it.effect("that was never done ends in what kept it from being done, within its time", () =>
    Effect.gen(function* () {
      const { atMs, told } = yield* run(write(scripted(unsent).attempt, lookingUp(done).settlement, policy))
      assert.strictEqual(reasonOf(told), "Unreachable")
      assert.isAtMost(atMs, 25_000)
    })
  )
})
