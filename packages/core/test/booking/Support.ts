/**
 * What the tests of the booking rules share: instants by their UTC text, and a wall clock written down minute by minute
 * from `Intl`, from which the oracles read openings by scanning instead of computing. Rows are whole minutes there.
 */
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import type { Occupancy } from "../../src/booking/Capacity.ts"
import type { Opening, OpeningInterval } from "../../src/booking/Opening.ts"
import type { Term } from "../../src/booking/Term.ts"
import { LocalDate, toEpochDay } from "../../src/time/LocalDate.ts"
import { TimeZone } from "../../src/time/TimeZone.ts"

export const MINUTE = 60_000
export const DAY = 1440 * MINUTE
export const day = (text: string): number => toEpochDay(Schema.decodeUnknownSync(LocalDate)(text))
export const zone = (name: string): TimeZone => Schema.decodeUnknownSync(TimeZone)(name)
export const bratislava = zone("Europe/Bratislava")
export const utc = (text: string): number => Date.parse(`${text}Z`)
export const term = (from: string, to: string): Term => ({ fromMs: utc(from), toMs: utc(to) })
export const minutesOf = ({ fromMs, toMs }: Term): number => (toMs - fromMs) / MINUTE

const minutesOfDay = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

/** An interval such as `at("08:00-12:00", { weekDays: [1] })`: every day and every service unless said otherwise. */
export const at = (
  times: string,
  { allowedServices = [], weekDays = [1, 2, 3, 4, 5, 6, 7] }: Partial<OpeningInterval> = {}
): OpeningInterval => ({
  weekDays,
  timeFromMinutes: minutesOfDay(times.slice(0, 5)),
  timeToMinutes: minutesOfDay(times.slice(6)),
  allowedServices
})

/** An opening in Bratislava through 2026. */
export const opening = (...intervals: ReadonlyArray<OpeningInterval>): Opening => ({
  timeZone: bratislava,
  validFromDay: day("2026-01-01"),
  validToDay: day("2026-12-31"),
  intervals
})

/** Some days of a zone's wall clock: the minute of day (from 1970, local) shown at each minute from `firstMs` on. */
export interface Clock {
  readonly timeZone: TimeZone
  readonly firstMs: number
  readonly firstDay: number
  readonly days: number
  readonly local: ReadonlyArray<number>
}

export const clock = (name: string, firstDate: string, days: number): Clock => {
  const format = new Intl.DateTimeFormat("sv", { timeZone: name, dateStyle: "short", timeStyle: "short" })
  const firstDay = day(firstDate)
  // A day on either side, so that the zone's own days are whole.
  const firstMs = (firstDay - 1) * DAY
  const local = Array.from(
    { length: (days + 2) * 1440 },
    (_, i) => utc(format.format(firstMs + i * MINUTE).replace(" ", "T")) / MINUTE
  )
  return { timeZone: zone(name), firstMs, firstDay, days, local }
}

/** Weeks in which clocks change: by an hour or half of one, at night, at midnight and over it. */
export const clocks: ReadonlyArray<Clock> = [
  clock("Europe/Bratislava", "2026-03-26", 8),
  clock("Europe/Bratislava", "2026-10-22", 8),
  clock("America/Nuuk", "2026-03-25", 8),
  clock("America/Nuuk", "2026-10-21", 8),
  clock("America/Havana", "2026-03-05", 8),
  clock("America/Havana", "2026-10-29", 8),
  clock("Australia/Lord_Howe", "2026-04-02", 8),
  clock("Australia/Lord_Howe", "2026-10-01", 8),
  clock("America/St_Johns", "2010-11-04", 8),
  clock("Asia/Kathmandu", "2026-06-01", 8)
]

/** The windows of a service as indexes into the clock, found by scanning it: engine.md rule 2, word by word. */
export const scanWindows = (
  { firstDay, days, local }: Clock,
  { intervals, validFromDay, validToDay }: Opening,
  serviceId: number
): ReadonlyArray<readonly [from: number, to: number]> => {
  const windows: Array<readonly [number, number]> = []
  for (let d = Math.max(firstDay, validFromDay); d <= Math.min(firstDay + days - 1, validToDay); d++) {
    const weekDay = new Date(d * DAY).getUTCDay() || 7
    for (const { allowedServices, timeFromMinutes, timeToMinutes, weekDays } of intervals) {
      if (!weekDays.includes(weekDay)) continue
      if (allowedServices.length > 0 && !allowedServices.includes(serviceId)) continue
      // The first pass, or the instant of the change.
      const from = local.findIndex((l) => l >= d * 1440 + timeFromMinutes)
      const end = d * 1440 + timeToMinutes
      const lastPass = local.lastIndexOf(end)
      const to =
        timeToMinutes === 1440
          ? local.findIndex((l) => l >= end)
          : lastPass >= 0
            ? lastPass
            : local.findLastIndex((l) => l < end) + 1
      if (from < to) windows.push([from, to])
    }
  }
  return windows
}

/** Marks each minute of the clock that a window covers. */
export const scanOpen = (clock: Clock, windows: ReturnType<typeof scanWindows>): Uint8Array => {
  const open = new Uint8Array(clock.local.length)
  for (const [from, to] of windows) open.fill(1, from, to)
  return open
}

const time = fc.oneof(
  fc.constantFrom(0, 1440),
  fc.integer({ min: 0, max: 96 }).map((n) => n * 15),
  // The hours in which clocks change.
  fc.integer({ min: 0, max: 16 }).map((n) => n * 15),
  fc.integer({ min: 90, max: 96 }).map((n) => n * 15)
)

const interval: fc.Arbitrary<OpeningInterval> = fc
  .record({
    weekDays: fc.oneof(fc.constant([1, 2, 3, 4, 5, 6, 7]), fc.uniqueArray(fc.integer({ min: 1, max: 7 }))),
    times: fc.uniqueArray(time, { minLength: 2, maxLength: 2 }),
    allowedServices: fc.constantFrom([], [], [1], [1, 2], [2])
  })
  .map(({ times, ...rest }) => ({
    ...rest,
    timeFromMinutes: Math.min(...times),
    timeToMinutes: Math.max(...times)
  }))

/** An opening that ends at some of the clock's days, and so never reaches over what the clock shows. */
export const openingOf = ({ days, firstDay, timeZone }: Clock): fc.Arbitrary<Opening> =>
  fc
    .record({
      skipFirst: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 })),
      skipLast: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 })),
      intervals: fc.array(interval, { minLength: 1, maxLength: 4 })
    })
    .map(({ intervals, skipFirst, skipLast }) => ({
      timeZone,
      validFromDay: firstDay + skipFirst,
      validToDay: firstDay + days - 1 - skipLast,
      intervals
    }))

/** A term of whole minutes on the clock, none longer than `maxMinutes`. */
export const termOf = ({ firstMs, local }: Clock, maxMinutes: number): fc.Arbitrary<Term> =>
  fc
    .tuple(
      fc.oneof(
        fc.integer({ min: 0, max: Math.floor((local.length - 1) / 15) }).map((n) => n * 15),
        fc.integer({ min: 0, max: local.length - 1 })
      ),
      fc.oneof(
        fc.integer({ min: 1, max: Math.ceil(maxMinutes / 15) }).map((n) => n * 15),
        fc.integer({ min: 1, max: maxMinutes })
      )
    )
    .map(([from, length]) => ({
      fromMs: firstMs + from * MINUTE,
      toMs: firstMs + Math.min(local.length, from + length) * MINUTE
    }))

export const occupancyOf = (clock: Clock, maxMinutes: number): fc.Arbitrary<Occupancy> =>
  fc
    .tuple(termOf(clock, maxMinutes), fc.constantFrom(1, 2, 3, 8, 8, 8))
    .map(([row, capacity]) => ({ ...row, capacity }))
