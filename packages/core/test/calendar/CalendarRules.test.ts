/** Tests of the rules among a calendar's services and intervals, beside a plain reading of engine.md, rule 11. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import * as fc from "fast-check"
import * as CalendarRules from "../../src/calendar/CalendarRules.ts"
import { fromMinutes, LocalTime, toMinutes } from "../../src/time/LocalTime.ts"

const time = Schema.decodeUnknownSync(LocalTime)

const interval = (
  times: string,
  { allowedServices, id, weekDays = [1] }: Partial<CalendarRules.RuledInterval> = {}
): CalendarRules.RuledInterval => ({
  ...(id === undefined ? {} : { id }),
  ...(allowedServices === undefined ? {} : { allowedServices }),
  weekDays,
  timeFrom: time(times.slice(0, 5)),
  timeTo: time(times.slice(6))
})

const overlap = (index: number, other: number): CalendarRules.RuleProblem => ({
  path: ["intervals", index],
  text: { key: "overlappingIntervals", params: { other: `intervals[${other}]` } }
})

describe("services", () => {
  it("must be there", () => {
    expect(CalendarRules.serviceProblems([])).toEqual([{ path: ["services"], text: { key: "empty" } }])
  })

  it("may have ids or none, but no id twice", () => {
    expect(CalendarRules.serviceProblems([{}, {}, { id: 1 }, { id: 2 }])).toEqual([])
    expect(CalendarRules.serviceProblems([{ id: 1 }, {}, { id: 1 }, { id: 1 }])).toEqual([
      { path: ["services", 2, "id"], text: { key: "repeated", params: { value: 1 } } },
      { path: ["services", 3, "id"], text: { key: "repeated", params: { value: 1 } } }
    ])
  })
})

describe("intervals", () => {
  const problems = (...intervals: ReadonlyArray<CalendarRules.RuledInterval>) =>
    CalendarRules.intervalProblems(intervals)

  it("must be there, and name no id twice", () => {
    expect(problems()).toEqual([{ path: ["intervals"], text: { key: "empty" } }])
    expect(problems(interval("08:00-09:00", { id: 5 }), interval("09:00-10:00", { id: 5 }))).toEqual([
      { path: ["intervals", 1, "id"], text: { key: "repeated", params: { value: 5 } } }
    ])
  })

  it.each(["00:00-24:00", "08:00-08:01", "23:59-24:00"])("may be %s", (times) => {
    expect(problems(interval(times))).toEqual([])
  })

  it.each(["18:00-18:00", "18:00-08:00", "24:00-24:00", "24:00-00:00", "00:00-00:00"])("must not be %s", (times) => {
    expect(problems(interval("02:00-03:00", { weekDays: [7] }), interval(times))).toEqual([
      { path: ["intervals", 1, "timeFrom"], text: { key: "notBefore", params: { other: "intervals[1].timeTo" } } }
    ])
  })

  it("may abut, and share a time on other days or for other services", () => {
    expect(problems(interval("08:00-12:00"), interval("12:00-16:00"))).toEqual([])
    expect(problems(interval("08:00-12:00"), interval("08:00-12:00", { weekDays: [2, 3] }))).toEqual([])
    expect(
      problems(
        interval("08:00-12:00", { allowedServices: [1, 2] }),
        interval("09:00-11:00", { allowedServices: [3] }),
        interval("09:00-11:00", { allowedServices: [4] })
      )
    ).toEqual([])
  })

  it("must not overlap on a shared day for a shared service, all services being shared by none named", () => {
    expect(problems(interval("08:00-12:00"), interval("11:59-16:00"))).toEqual([overlap(1, 0)])
    expect(problems(interval("11:00-16:00"), interval("00:00-24:00"))).toEqual([overlap(1, 0)])
    expect(
      problems(interval("08:00-12:00", { weekDays: [1, 2] }), interval("08:00-12:00", { weekDays: [2, 3] }))
    ).toEqual([overlap(1, 0)])
    expect(
      problems(
        interval("08:00-12:00", { allowedServices: [1, 2] }),
        interval("08:00-12:00", { allowedServices: [2, 3] })
      )
    ).toEqual([overlap(1, 0)])
    expect(
      problems(interval("08:00-12:00", { allowedServices: [] }), interval("08:00-12:00", { allowedServices: [3] }))
    ).toEqual([overlap(1, 0)])
  })

  it("are each told once, with the first one that they overlap", () => {
    expect(problems(interval("08:00-12:00"), interval("09:00-10:00"), interval("09:30-13:00"))).toEqual([
      overlap(1, 0),
      overlap(2, 0)
    ])
  })
})

describe("allowedServices", () => {
  it("must name services of the same request", () => {
    const intervals = [
      interval("08:00-09:00"),
      interval("09:00-10:00", { allowedServices: [] }),
      interval("10:00-11:00", { allowedServices: [2, 7, 1, 8] })
    ]
    expect(CalendarRules.allowedServiceProblems([{ id: 1 }, { id: 2 }, {}], intervals)).toEqual([
      { path: ["intervals", 2, "allowedServices", 1], text: { key: "unknownService", params: { service: 7 } } },
      { path: ["intervals", 2, "allowedServices", 3], text: { key: "unknownService", params: { service: 8 } } }
    ])
  })
})

describe("a request", () => {
  it("is judged by the parts that it gives", () => {
    expect(CalendarRules.requestProblems({})).toEqual([])
    expect(CalendarRules.requestProblems({ intervals: [interval("08:00-09:00", { allowedServices: [7] })] })).toEqual(
      []
    )
    expect(CalendarRules.requestProblems({ services: [], intervals: [] }).map(({ path }) => path)).toEqual([
      ["services"],
      ["intervals"]
    ])
  })
})

const intervals = fc
  .record({
    weekDays: fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { minLength: 1 }),
    from: fc.integer({ min: 0, max: 12 }),
    length: fc.integer({ min: 1, max: 6 }),
    allowedServices: fc.uniqueArray(fc.integer({ min: 1, max: 3 }))
  })
  .map(({ allowedServices, from, length, weekDays }) => ({
    allowedServices,
    weekDays,
    timeFrom: fromMinutes(from * 60),
    timeTo: fromMinutes((from + length) * 60)
  }))

const overlapping = (a: CalendarRules.RuledInterval, b: CalendarRules.RuledInterval) =>
  CalendarRules.intervalProblems([a, b]).length > 0

/** What an interval offers, minute of the week by minute of the week and service by service. */
const offers = ({ allowedServices = [], timeFrom, timeTo, weekDays }: CalendarRules.RuledInterval) => {
  const services = allowedServices.length === 0 ? [1, 2, 3, 4] : allowedServices
  const hours = Array.from(
    { length: (toMinutes(timeTo) - toMinutes(timeFrom)) / 60 },
    (_, i) => toMinutes(timeFrom) / 60 + i
  )
  return new Set(weekDays.flatMap((day) => hours.flatMap((hour) => services.map((id) => `${day} ${hour} ${id}`))))
}

describe("overlap", () => {
  it("is what two intervals both offer, whichever comes first", () => {
    fc.assert(
      fc.property(intervals, intervals, (a, b) => {
        const offered = offers(b)
        expect(overlapping(a, b)).toBe([...offers(a)].some((offer) => offered.has(offer)))
        expect(overlapping(b, a)).toBe(overlapping(a, b))
      }),
      { numRuns: 1000 }
    )
  })

  it("is found among any number of intervals exactly where two of them overlap", () => {
    fc.assert(
      fc.property(fc.array(intervals, { minLength: 1, maxLength: 6 }), (given) => {
        const told = CalendarRules.intervalProblems(given).map(({ path }) => path[1])
        const expected = given.flatMap((later, i) => (given.slice(0, i).some((a) => overlapping(a, later)) ? [i] : []))
        expect(told).toEqual(expected)
      })
    )
  })
})
