/** What a worker leaves alone when something fails, and for how long. */
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeFacilitySync } from "../src/Pass.ts"
import * as MemoryJournal from "../src/simulator/MemoryJournal.ts"
import type { WorkerOptions } from "../src/Worker.ts"
import { gaps, near, pass, practiceOf, refused, schedule, start, wallClock } from "./WorkerStage.ts"

describe("a calendar that fails", () => {
  it.effect(
    "MUST be left alone for longer each time, up to five minutes, while the others go on at their interval",
    () =>
      Effect.gen(function* () {
        const { doctor, scheduled } = yield* practiceOf("a", ["ill", "well"])
        doctor("ill").error = refused()
        const { worker } = yield* start([scheduled])
        yield* pass(1200)
        near(gaps(doctor("ill").asked), schedule)
        assert.isAtMost(doctor("ill").asked.length, 10)
        const late = gaps(doctor("well").asked).filter((gap) => gap > 67)
        assert.deepStrictEqual(late, [])
        const [health] = worker.health
        assert.strictEqual(health?.outcome, 'calendar "ill": Unauthorized: check the password')
        assert.isAbove(health?.failures ?? 0, 15)
        const ages = [...(health?.practiceProvenMs.values() ?? [])]
        assert.strictEqual(ages[0], 0)
        assert.isAbove(ages[1] ?? 0, (yield* Clock.currentTimeMillis) - 70_000)
      })
  )

  it.effect("MUST be told by one message all the time, and go on by itself", () =>
    Effect.gen(function* () {
      const { doctor, scheduled } = yield* practiceOf("a", ["first", "second", "well"])
      const told: Array<string> = []
      const failing = (name: string) => `calendar "${name}": Unauthorized: check the password true`
      const onPass: WorkerOptions["onPass"] = ({ failures, outcome }) =>
        Effect.sync(() => {
          if (told.at(-1) !== `${outcome} ${failures > 0}`) told.push(`${outcome} ${failures > 0}`)
        })
      doctor("second").error = refused()
      yield* start([scheduled], { onPass })
      yield* pass(100)
      doctor("first").error = refused()
      yield* pass(400)
      assert.deepStrictEqual(told, [failing("second"), failing("first")])
      doctor("first").error = undefined
      doctor("second").error = undefined
      yield* pass(330)
      assert.strictEqual(told.at(-1), "done false")
      assert.isAtMost(told.length, 4)
      // What is well again starts at the shortest when it fails again.
      const { asked } = doctor("first")
      doctor("first").error = refused()
      const before = asked.length
      yield* pass(130)
      near(gaps(asked.slice(before)), [5, 10, 20])
    })
  )

  it.effect("MUST be left alone for as long as it asked for, and not for longer at each pass", () =>
    Effect.gen(function* () {
      const { doctor, scheduled } = yield* practiceOf("a", ["busy", "well"], 30_000)
      doctor("busy").error = refused(200_000)
      yield* start([scheduled])
      yield* pass(460)
      const [first = 0, second = 0] = gaps(doctor("busy").asked)
      for (const gap of [first, second]) {
        assert.isAtLeast(gap, 200)
        assert.isAtMost(gap, 222)
      }
      assert.isAbove(doctor("well").asked.length, 13)
    })
  )

  it.effect("MUST NOT hold up what wakes the others, and its own wake-ups start nothing", () =>
    Effect.gen(function* () {
      const { doctor, scheduled, state, wake } = yield* practiceOf("a", ["ill", "well"], 600_000)
      doctor("ill").error = refused()
      yield* start([scheduled])
      yield* pass(200)
      const [ill, bookio] = [doctor("ill").asked.length, state.asked.length]
      yield* wake("ill")
      yield* pass(2)
      assert.deepStrictEqual([doctor("ill").asked.length, state.asked.length], [ill, bookio])
      yield* wake("well")
      yield* pass(2)
      assert.deepStrictEqual([doctor("ill").asked.length, state.asked.length], [ill, bookio + 1])
    })
  )

  it.effect("MUST NOT be left alone by another process, nor by a pass that nobody told to", () =>
    Effect.gen(function* () {
      const { doctor, scheduled } = yield* practiceOf("a", ["ill", "well"])
      doctor("ill").error = refused()
      const { clock, fiber, journal } = yield* start([scheduled])
      yield* pass(100)
      yield* Fiber.interrupt(fiber)
      const before = doctor("ill").asked.length
      const once = yield* makeFacilitySync(scheduled.plan, journal, "test")
      for (const asked of [1, 2]) {
        const { down } = yield* Effect.provideService(once.pass(), Clock.Clock, clock)
        assert.deepStrictEqual([down.length, doctor("ill").asked.length], [1, before + asked])
      }
    })
  )

  it.effect("MUST be asked again when the time that it asked for is over, however many passes left it alone", () =>
    Effect.gen(function* () {
      const { doctor, scheduled } = yield* practiceOf("a", ["busy", "well"])
      doctor("busy").error = refused(100_000)
      const clock = wallClock(yield* Clock.Clock, () => 0)
      const sync = yield* makeFacilitySync(scheduled.plan, MemoryJournal.make().journal, "test")
      for (let count = 0; count < 30; count++) {
        yield* Effect.provideService(sync.pass(), Clock.Clock, clock)
        yield* TestClock.adjust("10 seconds")
      }
      assert.deepStrictEqual(doctor("busy").asked, [0, 100, 200])
      assert.lengthOf(doctor("well").asked, 30)
    })
  )
})

describe("a facility as a whole", () => {
  it.effect("MUST wait longer each time where its only calendar fails, and not be woken", () =>
    Effect.gen(function* () {
      const { doctor, scheduled, state, wake } = yield* practiceOf("a", ["ill"], 30_000)
      doctor("ill").error = refused()
      yield* start([scheduled])
      for (let count = 0; count < 100; count++) {
        yield* wake("ill")
        yield* pass(10)
      }
      near(gaps(doctor("ill").asked), schedule.slice(0, 7))
      near(gaps(state.asked), schedule.slice(0, 7))
    })
  )

  it.effect("MUST wait longer each time where Bookio fails, and begin anew once it answered", () =>
    Effect.gen(function* () {
      const { doctor, scheduled, state, wake } = yield* practiceOf("a", ["one", "two"], 30_000)
      yield* start([scheduled])
      yield* pass(100)
      state.error = new BackendError({ reason: "Unreachable" })
      const before = state.asked.length
      for (let count = 0; count < 70; count++) {
        yield* wake("one")
        yield* pass(10)
      }
      near(gaps(state.asked.slice(before)), schedule.slice(0, 6))
      state.error = undefined
      const asked = doctor("one").asked.length
      yield* pass(400)
      assert.isAbove(doctor("one").asked.length, asked + 1)
    })
  )
})
