import { Calendar } from "@bookio-kit/core/calendar/Calendar"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { Facility } from "@bookio-kit/core/facility/Facility"
import type { Page } from "@bookio-kit/core/page/Page"
import { CalendarId, FacilityId } from "@bookio-kit/core/scalar/Id"
import { FacilityKey } from "@bookio-kit/core/sync/Journal"
import { type Listed, PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Queue, Random, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { makeFacilitySync } from "../src/Pass.ts"
import type { CalendarPlan, FacilityPlan } from "../src/Plan.ts"
import * as MemoryJournal from "../src/simulator/MemoryJournal.ts"
import { makeWorker, type Scheduled, type WorkerOptions } from "../src/Worker.ts"

const calendar = (id: number) =>
  Schema.decodeUnknownSync(Calendar)({
    id,
    facilityId: 1,
    name: `Doctor ${id}`,
    note: "",
    validFrom: "2026-01-01T00:00:00",
    validTo: "2036-12-31T00:00:00",
    services: [],
    intervals: []
  })

const facility = Schema.decodeUnknownSync(Facility)({
  id: 1,
  name: "Practice",
  address: { street: "Main 1", city: "Town", postcode: "82104", country: { name: "Slovakia", code: "SVK" } },
  contact: {},
  timeZone: "UTC"
})

/** When a calendar was asked, in seconds from the start, and what it says. */
interface Doctor {
  readonly asked: Array<number>
  error: PracticeError | undefined
  /** Never answers. */
  hangs: boolean
}

const monotonicMs = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / 1_000_000n))
const second = Effect.map(monotonicMs, (ms) => Math.floor(ms / 1000))
const refused = (retryAfterMs?: number) =>
  new PracticeError({
    reason: "Unauthorized",
    problem: "check the password",
    ...(retryAfterMs === undefined ? {} : { retryAfterMs })
  })

/** A facility with nothing in it, and as many doctors; what is not asked of it here dies. */
const practiceOf = Effect.fnUntraced(function* (name: string, names: ReadonlyArray<string>, intervalMs = 60_000) {
  const wakes = yield* Queue.unbounded<string>()
  const doctors = new Map<string, Doctor>(names.map((one) => [one, { asked: [], error: undefined, hangs: false }]))
  const state = { asked: [] as Array<number>, error: undefined as BackendError | undefined, takesMs: 0 }
  const unasked = () => Effect.die("not asked")
  const page = Effect.fnUntraced(function* () {
    const found: Page<never> = { pagination: { total: 0, offset: 0, limit: 100 }, rows: [] }
    return yield* state.error ?? Effect.succeed(found)
  })
  const listing = (doctor: Doctor): Stream.Stream<Listed, PracticeError> =>
    Stream.fromEffect(
      Effect.gen(function* () {
        doctor.asked.push(yield* second)
        if (doctor.hangs) yield* Effect.never
        if (doctor.error !== undefined) return yield* doctor.error
        const end: Listed = { _tag: "End", token: "1", coverage: "complete" }
        return end
      })
    )
  const plan: FacilityPlan = {
    key: FacilityKey.make(name),
    name,
    facilityId: FacilityId.make(1),
    identity: "test",
    channel: "sync",
    bookio: {
      order: "known",
      offsets: true,
      facilities: Effect.succeed([facility]),
      calendars: () => Effect.succeed(names.map((_, index) => calendar(index + 1))),
      listReservations: (query) =>
        Effect.gen(function* () {
          // Asked once in each pass.
          if (query.lastSync !== undefined || state.asked.length === 0) {
            state.asked.push(yield* second)
            yield* Effect.sleep(state.takesMs)
          }
          return yield* page()
        }),
      listBlockedTimes: page,
      events: undefined,
      newestEvent: Effect.undefined,
      createReservation: unasked,
      changeStatus: unasked,
      changeTerm: unasked,
      confirmSync: unasked,
      createBlockedTime: unasked,
      changeBlockedTime: unasked,
      removeBlockedTime: unasked
    },
    calendars: names.map((one, index): CalendarPlan => {
      const listed = listing(doctors.get(one)!)
      return {
        name: one,
        serves: [CalendarId.make(index + 1)],
        busy: "off",
        services: [],
        practice: {
          list: () => listed,
          changes: () => listed,
          read: unasked,
          create: unasked,
          update: unasked,
          remove: unasked
        }
      }
    }),
    prefer: "bookio",
    onDelete: "cancel",
    onRefusal: "keep",
    details: "none",
    notes: false,
    tentative: false,
    language: "en",
    pastDays: 30,
    retentionDays: { records: 400, conflicts: 400, passes: 400 },
    deletionBudget: { count: 5, percent: 10 },
    concurrency: 1,
    leaseMs: 60_000,
    requestTimeoutMs: 10_000
  }
  const scheduled: Scheduled = { plan, intervalMs, wake: Stream.fromQueue(wakes) }
  return {
    scheduled,
    state,
    doctor: (one: string) => doctors.get(one)!,
    wake: (one: string) => Queue.offer(wakes, one)
  }
})

/** The test's clock in whole milliseconds, as a machine tells them, and by how much that is ahead. */
const wallClock = (clock: Clock.Clock, aheadMs: () => number): Clock.Clock => {
  const millis = () => Math.floor(clock.currentTimeMillisUnsafe()) + aheadMs()
  const nanos = () => BigInt(millis()) * 1_000_000n
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: clock.monotonicTimeNanos,
    sleep: (duration) => clock.sleep(duration)
  }
}

const start = Effect.fnUntraced(function* (
  scheduled: ReadonlyArray<Scheduled>,
  options: Partial<WorkerOptions> & { readonly aheadMs?: () => number } = {}
) {
  yield* TestClock.setTime(Date.UTC(2026, 5, 1))
  const clock = wallClock(yield* Clock.Clock, options.aheadMs ?? (() => 0))
  const { journal } = MemoryJournal.make()
  const worker = yield* makeWorker(scheduled, journal, { concurrency: 1, owner: "test", ...options }).pipe(
    Effect.provideService(Clock.Clock, clock)
  )
  const fiber = yield* Effect.forkChild(Effect.provideService(worker.run, Clock.Clock, clock))
  yield* TestClock.adjust(1)
  return { worker, journal, fiber, clock }
})

/** Lets time pass a second at a time, so that what comes of each is seen in order. */
const pass = (seconds: number) =>
  Effect.forEach(Array.from({ length: seconds }), () => TestClock.adjust("1 second"), { discard: true })

const gaps = (asked: ReadonlyArray<number>) => asked.slice(1).map((at, index) => at - (asked[index] ?? 0))

/** Whether each is as expected, give or take a tenth and the second that it is counted in. */
const near = (actual: ReadonlyArray<number>, expected: ReadonlyArray<number>) => {
  const isNear = expected.every((one, index) => Math.abs((actual[index] ?? Number.NaN) - one) <= one / 10 + 1)
  assert.isTrue(isNear, `${actual.join(", ")} begins about as ${expected.join(", ")}`)
}

const schedule = [5, 10, 20, 40, 80, 160, 300, 300]

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
