/** Tests of engine.md rule 2: examples around the clock changes of 2026, and wall clocks scanned minute by minute. */

import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { isOpen, windowsOfDay } from "../../src/booking/Opening.ts"
import { startOfDay } from "../../src/time/TimeZone.ts"
import {
  at,
  bratislava,
  clocks,
  day,
  MINUTE,
  minutesOf,
  opening,
  openingOf,
  scanOpen,
  scanWindows,
  term,
  termOf,
  utc,
  zone
} from "./Support.ts"

const winter = day("2026-01-14") // a Wednesday
const gapDay = day("2026-03-29") // 02:00 to 03:00 does not exist
const repeatDay = day("2026-10-25") // 02:00 to 03:00 comes twice

describe("windowsOfDay", () => {
  it("turns the wall clock into instants", () => {
    expect(windowsOfDay(opening(at("08:00-12:00")), 1, winter)).toEqual([term("2026-01-14T07:00", "2026-01-14T11:00")])
    expect(windowsOfDay(opening(at("08:00-12:00")), 1, day("2026-07-01"))).toEqual([
      term("2026-07-01T06:00", "2026-07-01T10:00")
    ])
  })

  it("gives one window per interval, ascending, also where they abut", () => {
    expect(windowsOfDay(opening(at("12:00-16:00"), at("08:00-12:00")), 1, winter)).toEqual([
      term("2026-01-14T07:00", "2026-01-14T11:00"),
      term("2026-01-14T11:00", "2026-01-14T15:00")
    ])
  })

  it("asks for the weekday, Monday being 1", () => {
    const wednesdays = opening(at("08:00-12:00", { weekDays: [3] }))
    expect(windowsOfDay(wednesdays, 1, winter)).toHaveLength(1)
    expect(windowsOfDay(wednesdays, 1, winter + 1)).toEqual([])
    expect(windowsOfDay(opening(at("08:00-12:00", { weekDays: [7] })), 1, gapDay)).toHaveLength(1)
  })

  it("asks for the service; none named are all", () => {
    const named = opening(at("08:00-12:00", { allowedServices: [5, 6] }))
    expect(windowsOfDay(named, 6, winter)).toHaveLength(1)
    expect(windowsOfDay(named, 7, winter)).toEqual([])
  })

  it("is valid on both its first and its last day", () => {
    const short = { ...opening(at("08:00-12:00")), validFromDay: winter, validToDay: winter + 1 }
    expect([-1, 0, 1, 2].map((n) => windowsOfDay(short, 1, winter + n).length)).toEqual([0, 1, 1, 0])
  })

  it.each([
    ["00:00-24:00", 23 * 60, 25 * 60],
    ["00:00-03:00", 2 * 60, 4 * 60],
    ["00:00-02:30", 2 * 60, 3 * 60 + 30], // to the change; to the second 02:30
    ["02:30-04:00", 60, 2 * 60 + 30], // from the change; from the first 02:30
    ["02:15-02:45", undefined, 90],
    ["02:00-03:00", undefined, 2 * 60],
    ["03:00-04:00", 60, 60],
    ["00:00-02:00", 2 * 60, 3 * 60] // 02:00 itself is repeated
  ])("%s has %s minutes when clocks go forward, %s when they go back", (times, forward, back) => {
    const lengths = [gapDay, repeatDay].map((d) => windowsOfDay(opening(at(times)), 1, d).map(minutesOf))
    expect(lengths).toEqual([forward === undefined ? [] : [forward], [back]])
  })

  it("starts what is in the gap at the instant of the change", () => {
    expect(windowsOfDay(opening(at("02:30-04:00")), 1, gapDay)).toEqual([term("2026-03-29T01:00", "2026-03-29T02:00")])
  })
})

describe("isOpen", () => {
  const abutting = opening(at("08:00-12:00"), at("12:00-16:00"), at("17:00-18:00"))

  it("takes a term up to both ends, and no minute more", () => {
    expect(isOpen(abutting, 1, term("2026-01-14T07:00", "2026-01-14T15:00"))).toBe(true)
    expect(isOpen(abutting, 1, term("2026-01-14T06:59", "2026-01-14T15:00"))).toBe(false)
    expect(isOpen(abutting, 1, term("2026-01-14T07:00", "2026-01-14T15:01"))).toBe(false)
    expect(isOpen(abutting, 1, term("2026-01-14T14:30", "2026-01-14T16:30"))).toBe(false)
  })

  it("joins abutting intervals only where both allow the service", () => {
    const half = opening(at("08:00-12:00"), at("12:00-16:00", { allowedServices: [2] }))
    const overNoon = term("2026-01-14T10:30", "2026-01-14T11:30")
    expect(isOpen(half, 2, overNoon)).toBe(true)
    expect(isOpen(half, 1, overNoon)).toBe(false)
  })

  it("joins 24:00 with 00:00 of the next day", () => {
    const night = opening(at("22:00-24:00", { weekDays: [3] }), at("00:00-02:00", { weekDays: [4] }))
    expect(isOpen(night, 1, term("2026-01-14T21:00", "2026-01-15T01:00"))).toBe(true)
    expect(isOpen(night, 1, term("2026-01-14T21:00", "2026-01-15T01:01"))).toBe(false)
    expect(isOpen(night, 1, term("2026-01-15T21:00", "2026-01-15T22:00"))).toBe(false)
  })

  it("joins what a skipped hour parts", () => {
    const parted = opening(at("00:00-02:00"), at("03:00-05:00"))
    expect(isOpen(parted, 1, term("2026-03-29T00:30", "2026-03-29T01:30"))).toBe(true)
    expect(isOpen(parted, 1, term("2026-03-28T00:30", "2026-03-28T02:30"))).toBe(false)
  })

  it("reaches into the next day's first minute where clocks go back over midnight", () => {
    // At 00:01 on 7 November 2010 it was 23:01 on the 6th again, in St. John's: 23:30 came at 02:00 and 03:00 UTC.
    const late = { ...opening(at("22:00-23:30")), timeZone: zone("America/St_Johns"), validFromDay: 0 }
    expect(isOpen(late, 1, term("2010-11-07T00:30", "2010-11-07T03:00"))).toBe(true)
    expect(isOpen(late, 1, term("2010-11-07T02:30", "2010-11-07T03:00"))).toBe(true)
    expect(isOpen(late, 1, term("2010-11-07T02:30", "2010-11-07T03:01"))).toBe(false)
  })

  it("refuses a term without length", () => {
    expect(isOpen(abutting, 1, term("2026-01-14T08:00", "2026-01-14T08:00"))).toBe(false)
    expect(isOpen(abutting, 1, term("2026-01-14T09:00", "2026-01-14T08:00"))).toBe(false)
  })

  it("judges a term of thousands of years without walking its days", () => {
    const ages = { ...opening(at("00:00-24:00")), validFromDay: day("1990-01-01"), validToDay: day("9990-12-31") }
    const windowsAsked = { count: 0 }
    const watched = {
      ...ages,
      get intervals() {
        windowsAsked.count++
        return ages.intervals
      }
    }
    const endMs = utc("9990-12-31T23:00")
    expect(isOpen(watched, 1, { fromMs: utc("1989-12-31T23:00"), toMs: endMs })).toBe(true)
    expect(isOpen(watched, 1, { fromMs: utc("1989-12-31T22:59"), toMs: endMs })).toBe(false)
    expect(isOpen(watched, 1, { fromMs: utc("1989-12-31T23:00"), toMs: endMs + MINUTE })).toBe(false)
    const lunch = { ...ages, intervals: [at("00:00-12:00"), at("13:00-24:00")] }
    expect(isOpen(lunch, 1, { fromMs: utc("2026-01-01T12:00"), toMs: endMs })).toBe(false)
    expect(windowsAsked.count).toBeLessThan(20)
  })

  it("finds around the clock only where every weekday is whole", () => {
    const noFridayNoon = opening(
      at("00:00-24:00", { weekDays: [1, 2, 3, 4, 6, 7] }),
      at("00:00-12:00", { weekDays: [5] }),
      at("12:30-24:00", { weekDays: [5] })
    )
    const whole = opening(at("12:00-24:00"), at("00:00-12:00"))
    const month = { fromMs: utc("2026-06-01T12:00"), toMs: utc("2026-07-01T12:00") }
    expect(isOpen(noFridayNoon, 1, month)).toBe(false)
    expect(isOpen(whole, 1, month)).toBe(true)
  })

  it("agrees with the wall clock scanned minute by minute, around clock changes of many kinds", () => {
    const cases = fc
      .constantFrom(...clocks)
      .chain((clock) =>
        fc.tuple(fc.constant(clock), openingOf(clock), fc.array(termOf(clock, 4000), { minLength: 1, maxLength: 30 }))
      )
    fc.assert(
      fc.property(cases, ([clock, calendar, terms]) => {
        const windows = scanWindows(clock, calendar, 1)
        const open = scanOpen(clock, windows)
        // Terms that end at windows' ends are the ones to get wrong.
        const exact = windows.map(([from, to]) => ({
          fromMs: clock.firstMs + from * MINUTE,
          toMs: clock.firstMs + to * MINUTE
        }))
        for (const { fromMs, toMs } of [...terms, ...exact, ...exact.map((w) => ({ ...w, toMs: w.toMs + MINUTE }))]) {
          const minutes = open.subarray((fromMs - clock.firstMs) / MINUTE, (toMs - clock.firstMs) / MINUTE)
          expect(isOpen(calendar, 1, { fromMs, toMs })).toBe(!minutes.includes(0))
        }
        for (let d = clock.firstDay; d < clock.firstDay + clock.days; d++) {
          for (const window of windowsOfDay(calendar, 1, d)) expect(exact).toContainEqual(window)
        }
      }),
      { numRuns: 300 }
    )
  })

  it("takes long terms up to the first and the last instant of a calendar that never closes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -3, max: 3 }),
        fc.integer({ min: -3, max: 3 }),
        fc.integer({ min: 0, max: 365 }),
        fc.integer({ min: 1, max: 400 }),
        (before, after, skipped, days) => {
          const validFromDay = day("2026-01-05") + skipped
          const calendar = {
            timeZone: bratislava,
            validFromDay,
            validToDay: validFromDay + days - 1,
            intervals: [at("00:00-10:00"), at("10:00-24:00")]
          }
          const fromMs = startOfDay(bratislava, validFromDay) + before * MINUTE
          const toMs = startOfDay(bratislava, validFromDay + days) + after * MINUTE
          expect(isOpen(calendar, 1, { fromMs, toMs })).toBe(before >= 0 && after <= 0)
        }
      )
    )
  })
})
