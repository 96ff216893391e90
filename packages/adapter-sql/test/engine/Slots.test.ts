import { ChannelId } from "@bookio-kit/core/scalar/Id"
import { toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { startOfDay, TimeZone } from "@bookio-kit/core/time/TimeZone"
import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { Database } from "../../src/database/Database.ts"
import { create } from "../../src/engine/Reservations.ts"
import {
  block,
  book,
  type CalendarJson,
  calendars,
  day,
  engine,
  equal,
  externalId,
  first,
  group,
  massage,
  person,
  plant,
  refusal,
  roomCalendar,
  second,
  seed,
  sharedFacility,
  slots,
  update,
  utc,
  visit,
  world
} from "../Support.ts"
import { fromListing } from "./ModelCalendars.ts"
import { shown, windows } from "./ModelRules.ts"

const everyDay = [1, 2, 3, 4, 5, 6, 7]
const times = (service: number, from: string, to = from) =>
  Effect.map(first(slots(service, from, to)), (all) => all.map(({ dateFrom, free }) => [dateFrom.slice(5, 16), free]))

const calendarOf = (
  services: CalendarJson["services"],
  intervals: ReadonlyArray<readonly [from: string, to: string, allowed?: ReadonlyArray<number>]>
): CalendarJson => ({
  ...roomCalendar,
  services,
  intervals: intervals.map(([timeFrom, timeTo, allowedServices = []], index) => ({
    name: `Interval ${index}`,
    weekDays: everyDay,
    timeFrom,
    timeTo,
    allowedServices
  }))
})

describe("rule 15", () => {
  it.effect("each interval MUST start its own grid, and a slot may run on into the next", () =>
    Effect.gen(function* () {
      yield* world(
        seed([
          calendarOf(
            [{ id: 1, name: "A", duration: 45, capacity: 2 }],
            [
              ["08:00", "10:00"],
              ["10:00", "11:00"],
              ["13:00", "13:44"]
            ]
          )
        ])
      )
      equal(yield* times(1, "2026-06-02"), [
        ["06-02T08:00", 2],
        ["06-02T08:45", 2],
        ["06-02T09:30", 2],
        ["06-02T10:00", 2]
      ])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST start at now, tell the places left, and leave out what is full or blocked", () =>
    Effect.gen(function* () {
      yield* world(seed([calendarOf([{ id: 1, name: "A", duration: 60, capacity: 2 }], [["08:00", "13:00"]])]))
      for (const n of [1, 2]) yield* first(book({ externalId: n, dateFrom: "2026-06-01T09:00:00", ...person(n) }))
      yield* first(book({ externalId: 3, dateFrom: "2026-06-01T10:30:00" }))
      yield* first(block({ externalId: 1, dateFrom: "2026-06-01T12:59:00", dateTo: "2026-06-02T12:00:00" }))
      equal(yield* times(1, "2026-06-01", "2026-06-02"), [
        ["06-01T08:00", 2],
        ["06-01T10:00", 1],
        ["06-01T11:00", 1],
        ["06-02T12:00", 2]
      ])
      yield* TestClock.adjust("1 millis")
      equal((yield* times(1, "2026-06-01"))[0], ["06-01T10:00", 1])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a repeated hour MUST have the slots of both passes, a day of the gap no slot in it", () =>
    Effect.gen(function* () {
      yield* world(seed([calendarOf([{ id: 1, name: "A", duration: 60 }], [["01:00", "04:00"]])]))
      equal(
        (yield* first(slots(1, "2026-10-25", "2026-10-25"))).map(({ dateFrom, dateFromOffset }) => [
          dateFrom.slice(11, 16),
          dateFromOffset
        ]),
        [
          ["01:00", undefined],
          ["02:00", undefined],
          ["02:00", "+01:00"],
          ["03:00", undefined]
        ]
      )
      yield* TestClock.setTime(utc("2026-03-01T00:00:00"))
      equal(yield* times(1, "2026-03-29"), [
        ["03-29T01:00", 1],
        ["03-29T03:00", 1]
      ])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST know long reservations and blocked times that began before the range", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(block({ externalId: 1, dateFrom: "2026-06-10", dateTo: "2026-06-14" }))
      equal(yield* times(massage, "2026-06-13", "2026-06-14"), [])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a removed service MUST be 12", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(
        update(1, {
          services: [{ id: 1, name: "Visit", duration: 60 }],
          intervals: [{ name: "All", weekDays: everyDay, timeFrom: "00:00", timeTo: "24:00" }]
        })
      )
      equal(yield* refusal(first(slots(group, "2026-06-02", "2026-06-02"))), "12 Service")
    }).pipe(Effect.provide(engine()))
  )
})

// Slots and bookings of the engine itself: a world around a change of clocks, some of it taken.

const clock = fc
  .integer({ min: 0, max: 48 })
  .map((n) => `${String(n >> 1).padStart(2, "0")}:${n % 2 === 0 ? "00" : "30"}`)

const intervals = fc
  .uniqueArray(clock, { minLength: 2, maxLength: 6 })
  .map((ends) => ends.sort())
  .map((ends) => ends.slice(1).map((to, index) => [ends[index]!, to] as const))
  .chain((all) => fc.subarray(all, { minLength: 1 }))

const taken = fc.array(
  fc.record({
    service: fc.constantFrom(1, 2),
    hour: fc.integer({ min: 0, max: 35 }),
    half: fc.boolean(),
    blocks: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true))
  }),
  { maxLength: 25, size: "max" }
)

const bratislava = TimeZone.make("Europe/Bratislava")
const steps = (from: number, to: number, by: number) =>
  Array.from({ length: Math.ceil((to - from) / by) }, (_, n) => from + n * by)

const asker = { channelId: ChannelId.make(1), access: "write" as const, language: "en" as const }

/** Whether a booking of the first service at an instant is accepted; it is undone either way. */
const isAccepted = (at: number) =>
  Effect.flatMap(Database, (database) =>
    database.write(
      create(asker, {
        name: "New",
        surname: "Person",
        email: "new@example.com",
        phone: "+421911222333",
        locale: "sk",
        externalId: externalId(999),
        facilityId: sharedFacility,
        serviceId: visit,
        dateFrom: { _tag: "Instant", epochMs: at }
      }).pipe(
        Effect.andThen(Effect.fail("accepted" as const)),
        Effect.catchTags({
          ValidationError: () => Effect.succeed(false),
          NoCapacityLeft: () => Effect.succeed(false)
        })
      )
    )
  ).pipe(
    Effect.catchIf(
      (error) => error === "accepted",
      () => Effect.succeed(true)
    )
  )

const rfc = (ms: number) => new Date(ms).toISOString()

describe("slots and bookings", { timeout: 120_000 }, () => {
  it("MUST agree: every slot is accepted, every other start of the grid refused", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom("2026-03-29", "2026-10-25", "2026-06-02"),
        intervals,
        taken,
        fc.constantFrom(30, 40, 60, 90),
        fc.integer({ min: 0, max: 30 }),
        (date, open, rows, duration, nowHour) =>
          Effect.runPromise(
            Effect.gen(function* () {
              const startMs = startOfDay(bratislava, toEpochDay(day(date)))
              const nowMs = startMs + (nowHour - 12) * 3_600_000
              yield* TestClock.setTime(nowMs)
              const services = [
                { id: 1, name: "A", duration, capacity: 2 },
                { id: 2, name: "B", duration: 30, capacity: 3 }
              ]
              yield* plant(seed([calendarOf(services, open)]))
              for (const [index, { blocks, half, hour, service }] of rows.entries()) {
                const fromMs = startMs + hour * 3_600_000 + (half ? 1_800_000 : 0)
                const externalId = index + 1
                const dateFrom = rfc(fromMs)
                yield* Effect.ignore(
                  blocks
                    ? second(block({ externalId, dateFrom, dateTo: rfc(fromMs + 1_200_000) }))
                    : second(book({ externalId, dateFrom, serviceId: service, ...person(externalId) }))
                )
              }
              const offered = yield* first(slots(1, date, date))
              const [calendar] = yield* first(calendars())
              const model = fromListing([], [calendar!]).calendars[0]!
              const endMs = startOfDay(bratislava, toEpochDay(day(date)) + 1)
              const grid = windows(bratislava, model, 1, toEpochDay(day(date)))
                .flatMap(({ from, to }) => steps(from, to, duration * 60_000))
                .filter((at) => at >= nowMs && at < endMs)
              const accepted: Array<unknown> = []
              for (const at of [...new Set(grid)].sort((a, b) => a - b)) {
                if (yield* isAccepted(at)) accepted.push(shown(bratislava, "dateFrom", at))
              }
              equal(
                offered.map(({ dateTo, dateToOffset, free, ...slot }) => slot),
                accepted
              )
              // As many as are free fit, and not one more.
              const slot = offered[nowHour % offered.length]
              if (slot === undefined) return
              const { dateFrom, dateFromOffset } = slot
              const place = { dateFrom, ...(dateFromOffset === undefined ? {} : { dateFromOffset }) }
              for (const n of steps(0, slot.free, 1))
                yield* first(book({ externalId: 100 + n, ...place, ...person(100 + n) }))
              equal(yield* refusal(first(book({ externalId: 99, ...place, ...person(99) }))), "30 full")
            }).pipe(Effect.provide(engine()), Effect.provide(TestClock.layer()))
          )
      ),
      { numRuns: Math.max(60, Number(process.env.FC_NUM_RUNS ?? 0)) }
    ))
})
