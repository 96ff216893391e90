/** Facilities of doctors who can fail and hang, a worker over them, and virtual time. */
import { Calendar } from "@bookio-kit/core/calendar/Calendar"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import { Facility } from "@bookio-kit/core/facility/Facility"
import type { Page } from "@bookio-kit/core/page/Page"
import { CalendarId, FacilityId } from "@bookio-kit/core/scalar/Id"
import { FacilityKey } from "@bookio-kit/core/sync/Journal"
import { type Listed, PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import { assert } from "@effect/vitest"
import { Clock, Effect, Queue, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
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
export const refused = (retryAfterMs?: number) =>
  new PracticeError({
    reason: "Unauthorized",
    problem: "check the password",
    ...(retryAfterMs === undefined ? {} : { retryAfterMs })
  })

/** A facility with nothing in it, and as many doctors; what is not asked of it here dies. */
export const practiceOf = Effect.fnUntraced(function* (
  name: string,
  names: ReadonlyArray<string>,
  intervalMs = 60_000
) {
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
export const wallClock = (clock: Clock.Clock, aheadMs: () => number): Clock.Clock => {
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

export const start = Effect.fnUntraced(function* (
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
export const pass = (seconds: number) =>
  Effect.forEach(Array.from({ length: seconds }), () => TestClock.adjust("1 second"), { discard: true })

export const gaps = (asked: ReadonlyArray<number>) => asked.slice(1).map((at, index) => at - (asked[index] ?? 0))

/** Whether each is as expected, give or take a tenth and the second that it is counted in. */
export const near = (actual: ReadonlyArray<number>, expected: ReadonlyArray<number>) => {
  const isNear = expected.every((one, index) => Math.abs((actual[index] ?? Number.NaN) - one) <= one / 10 + 1)
  assert.isTrue(isNear, `${actual.join(", ")} begins about as ${expected.join(", ")}`)
}

export const schedule = [5, 10, 20, 40, 80, 160, 300, 300]
