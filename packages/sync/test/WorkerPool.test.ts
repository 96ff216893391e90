/** Whose pass is next, how many run at once, and what ends one that is stuck. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { gaps, pass, practiceOf, start } from "./WorkerStage.ts"

describe("the watch over what is stuck", () => {
  const stuck = Effect.fnUntraced(function* () {
    const practice = yield* practiceOf("a", ["one"])
    practice.doctor("one").hangs = true
    return practice
  })

  it.effect("MUST interrupt a pass that hangs for ten minutes, and start it again", () =>
    Effect.gen(function* () {
      const { doctor, scheduled } = yield* stuck()
      const { worker } = yield* start([scheduled])
      yield* pass(590)
      assert.lengthOf(doctor("one").asked, 1)
      assert.isTrue(worker.health[0]?.isRunning)
      yield* pass(80)
      assert.strictEqual(worker.health[0]?.outcome, "stuck; started again")
      yield* pass(10)
      assert.lengthOf(doctor("one").asked, 2)
      doctor("one").hangs = false
      yield* pass(700)
      assert.strictEqual(worker.health[0]?.outcome, "done")
    })
  )

  it.effect("MUST NOT take a clock that jumps for a pass that hangs, nor miss one for a clock that is set back", () =>
    Effect.gen(function* () {
      let aheadMs = 0
      const { doctor, scheduled } = yield* stuck()
      const { worker } = yield* start([scheduled], { aheadMs: () => aheadMs })
      aheadMs = 86_400_000
      yield* pass(180)
      assert.lengthOf(doctor("one").asked, 1)
      aheadMs = -86_400_000
      yield* pass(400)
      assert.lengthOf(doctor("one").asked, 1)
      yield* pass(100)
      assert.strictEqual(worker.health[0]?.outcome, "stuck; started again")
      assert.lengthOf(doctor("one").asked, 2)
    })
  )
})

describe("the pool", () => {
  it.effect("MUST take facilities in the order in which they come, so that none waits for ever", () =>
    Effect.gen(function* () {
      // Each pass takes longer than all intervals: there is always someone who waits.
      const practices = yield* Effect.forEach(["a", "b", "c"], (name) => practiceOf(name, ["one"], 5_000))
      for (const { state } of practices) state.takesMs = 10_000
      const order: Array<string> = []
      yield* start(
        practices.map(({ scheduled }) => scheduled),
        { onPass: ({ name }) => Effect.sync(() => void order.push(name)) }
      )
      // One that is woken all the time is no exception.
      for (let count = 0; count < 60; count++) {
        yield* practices[0]!.wake("one")
        yield* pass(5)
      }
      assert.isAbove(order.length, 25)
      for (let index = 0; index + 3 <= order.length; index++) {
        assert.strictEqual(new Set(order.slice(index, index + 3)).size, 3, order.join(""))
      }
    }).pipe(Random.withSeed("pool"))
  )

  it.effect("MUST run no more passes at once than it may, and one of a facility", () =>
    Effect.gen(function* () {
      const practices = yield* Effect.forEach(["a", "b", "c"], (name) => practiceOf(name, ["one"], 5_000))
      for (const { state } of practices) state.takesMs = 10_000
      const { worker } = yield* start(
        practices.map(({ scheduled }) => scheduled),
        { concurrency: 2 }
      )
      const running: Array<number> = []
      for (let count = 0; count < 100; count++) {
        yield* pass(1)
        running.push(worker.health.filter(({ isRunning }) => isRunning).length)
      }
      assert.strictEqual(Math.max(...running), 2)
      for (const { state } of practices) for (const gap of gaps(state.asked)) assert.isAtLeast(gap, 10)
    })
  )
})
