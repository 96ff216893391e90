import { DAY_MS } from "@bookio-kit/core/time/Civil"
import { toLocalMs } from "@bookio-kit/core/time/TimeZone"
import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { expand, type Rule } from "../../src/ical/Recurrence.ts"
import { bratislava, eventOf, iso, problemOf, read, year2026 } from "./Support.ts"

const names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
const weekday = (day: number) => (day + 3) % 7
const date = (day: number) => new Date(day * DAY_MS)
const stamp = (day: number) => date(day).toISOString().slice(0, 10).replaceAll("-", "")

const start = (text: string) => Date.parse(`${text}Z`)
const starts = (...lines: ReadonlyArray<string>) =>
  read(eventOf(...lines)).occurrences.map(({ term }) =>
    new Date(toLocalMs(bratislava, term.startMs)).toISOString().slice(0, 16)
  )

interface Generated {
  readonly frequency: "DAILY" | "WEEKLY" | "MONTHLY"
  readonly startDay: number
  readonly interval: number
  readonly byDay: ReadonlyArray<{ readonly nth: number; readonly day: number }>
  readonly byMonthDay: ReadonlyArray<number>
  readonly end: { readonly count: number } | { readonly untilDay: number } | undefined
  readonly exdates: ReadonlyArray<number>
}

const firstDay = start("2026-01-01T00:00:00") / DAY_MS
const generated: fc.Arbitrary<Generated> = fc
  .record({
    frequency: fc.constantFrom("DAILY" as const, "WEEKLY" as const, "MONTHLY" as const),
    startDay: fc.integer({ min: firstDay - 400, max: firstDay + 200 }),
    interval: fc.integer({ min: 1, max: 4 }),
    byDay: fc.uniqueArray(fc.record({ nth: fc.integer({ min: -5, max: 5 }), day: fc.integer({ min: 0, max: 6 }) }), {
      maxLength: 3,
      selector: ({ nth, day }) => `${nth} ${day}`
    }),
    byMonthDay: fc.uniqueArray(
      fc.integer({ min: -31, max: 31 }).filter((nth) => nth !== 0),
      { maxLength: 2 }
    ),
    end: fc.oneof(
      fc.constant(undefined),
      fc.record({ count: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ untilDay: fc.integer({ min: firstDay, max: firstDay + 400 }) })
    ),
    exdates: fc.array(fc.integer({ min: firstDay, max: firstDay + 60 }), { maxLength: 20 })
  })
  .map((rule) => ({
    ...rule,
    // Numbered weekdays belong to months, days of the month to rules of days or months.
    byDay: rule.frequency === "MONTHLY" ? rule.byDay : rule.byDay.map(({ day }) => ({ nth: 0, day })),
    byMonthDay: rule.frequency === "WEEKLY" ? [] : rule.byMonthDay
  }))

const matches = (rule: Generated, day: number): boolean => {
  const at = date(day)
  const from = date(rule.startDay)
  const length = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate()
  const months = (at.getUTCFullYear() - from.getUTCFullYear()) * 12 + at.getUTCMonth() - from.getUTCMonth()
  const weeks = (day - weekday(day) - (rule.startDay - weekday(rule.startDay))) / 7
  const distance = { DAILY: day - rule.startDay, WEEKLY: weeks, MONTHLY: months }[rule.frequency]
  if (distance % rule.interval !== 0) return false
  const inMonth = at.getUTCDate()
  const isDay = rule.byDay.some(
    ({ nth, day: wanted }) =>
      weekday(day) === wanted &&
      (nth === 0 || (nth > 0 ? Math.ceil(inMonth / 7) === nth : Math.ceil((length - inMonth + 1) / 7) === -nth))
  )
  const isMonthDay = rule.byMonthDay.some((nth) => (nth > 0 ? nth : length + 1 + nth) === inMonth)
  if (rule.byDay.length > 0 && !isDay) return false
  if (rule.byMonthDay.length > 0 && !isMonthDay) return false
  if (rule.byDay.length > 0 || rule.byMonthDay.length > 0 || rule.frequency === "DAILY") return true
  return rule.frequency === "WEEKLY" ? weekday(day) === weekday(rule.startDay) : inMonth === from.getUTCDate()
}

const naive = (rule: Generated): ReadonlyArray<string> => {
  const days = [rule.startDay]
  for (let day = rule.startDay + 1; day < firstDay + 365; day++) {
    if (rule.end !== undefined && "untilDay" in rule.end && day > rule.end.untilDay) break
    if (matches(rule, day)) days.push(day)
  }
  const counted = rule.end !== undefined && "count" in rule.end ? days.slice(0, rule.end.count) : days
  return counted
    .filter((day) => day >= firstDay && !rule.exdates.includes(day))
    .map((day) => `${date(day).toISOString().slice(0, 10)}T10:00`)
}

describe("recurrence", () => {
  it("gives what a naive walk over the days gives, for rules of days, weeks and months", () => {
    fc.assert(
      fc.property(generated, (rule) => {
        const parts = [
          `FREQ=${rule.frequency}`,
          `INTERVAL=${rule.interval}`,
          ...(rule.byDay.length === 0
            ? []
            : [`BYDAY=${rule.byDay.map(({ nth, day }) => `${nth === 0 ? "" : nth}${names[day]}`).join(",")}`]),
          ...(rule.byMonthDay.length === 0 ? [] : [`BYMONTHDAY=${rule.byMonthDay.join(",")}`]),
          ...(rule.end === undefined
            ? []
            : "count" in rule.end
              ? [`COUNT=${rule.end.count}`]
              : [`UNTIL=${stamp(rule.end.untilDay)}T215959Z`])
        ]
        const found = starts(
          `DTSTART;TZID=Europe/Bratislava:${stamp(rule.startDay)}T100000`,
          "DURATION:PT10M",
          `RRULE:${parts.join(";")}`,
          ...rule.exdates.map((day) => `EXDATE;TZID=Europe/Bratislava:${stamp(day)}T100000`)
        )
        expect(found).toEqual(naive(rule))
      }),
      { numRuns: 400 }
    )
  })

  // Rules of RFC 5545, 3.8.5.3, moved to 2026 where the standard's year has another calendar.
  it.each([
    ["20260101T090000", "FREQ=YEARLY;BYDAY=20MO", ["2026-01-01", "2026-05-18"]],
    ["20260511T090000", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", ["2026-05-11"]],
    ["20260101T090000", "FREQ=YEARLY;BYYEARDAY=1,100,-1", ["2026-01-01", "2026-04-10", "2026-12-31"]],
    ["20260213T090000", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", ["2026-02-13", "2026-03-13", "2026-11-13"]],
    [
      "20261101T090000",
      "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
      ["2026-11-01", "2026-11-03"]
    ],
    ["20260904T090000", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", ["2026-09-04", "2026-10-07", "2026-11-05"]],
    [
      "20260929T090000",
      "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
      ["2026-09-29", "2026-10-29", "2026-11-27", "2026-12-30"]
    ],
    [
      "20260805T090000",
      "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
      ["2026-08-05", "2026-08-09", "2026-08-18", "2026-08-23"]
    ],
    [
      "20260805T090000",
      "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
      ["2026-08-05", "2026-08-16", "2026-08-18", "2026-08-30"]
    ],
    ["20261115T090000", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=3", ["2026-11-15", "2026-11-30", "2026-12-15"]],
    ["20210224T090000", "FREQ=YEARLY;INTERVAL=5", ["2026-02-24"]]
  ])("DTSTART %s with %s", (dtstart, rule, expected) => {
    const found = starts(`DTSTART:${dtstart}`, `RRULE:${rule}`)
    expect(found.map((time) => time.slice(0, 10))).toEqual(expected)
  })

  it.each([
    ["20260105T090000", "FREQ=DAILY;COUNT=1;BYHOUR=9,10;BYMINUTE=0,20", ["09:00"]],
    ["20260105T090000", "FREQ=MINUTELY;INTERVAL=90;COUNT=3", ["09:00", "10:30", "12:00"]],
    ["20260105T090000", "FREQ=DAILY;UNTIL=20260105;BYHOUR=9,10;BYMINUTE=0,20", ["09:00", "09:20", "10:00", "10:20"]],
    ["20260105T090000", "FREQ=SECONDLY;INTERVAL=1800;UNTIL=20260105T100000", ["09:00", "09:30", "10:00"]]
  ])("DTSTART %s with %s within a day", (dtstart, rule, expected) => {
    expect(starts(`DTSTART:${dtstart}`, `RRULE:${rule}`).map((time) => time.slice(11))).toEqual(expected)
  })

  it("reads UNTIL in UTC against the zone's instants", () => {
    const until = (time: string) =>
      starts("DTSTART;TZID=Europe/Bratislava:20260701T100000", `RRULE:FREQ=DAILY;UNTIL=${time}`).length
    expect(until("20260703T080000Z")).toBe(3)
    expect(until("20260703T075959Z")).toBe(2)
  })

  // The bound is on candidates, not on time: a rule that would loop for ever ends, and so does the test.
  it.each([
    "FREQ=SECONDLY",
    "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=SECONDLY;COUNT=1000000000",
    "FREQ=DAILY;COUNT=1000000000;BYMONTH=2;BYMONTHDAY=31;BYSECOND=0,1,2,3,4,5,6,7,8,9",
    "FREQ=MINUTELY;BYDAY=MO;BYHOUR=25"
  ])("does not loop for ever: %s", (rule) => {
    const text = eventOf("DTSTART:00010101T000000Z", `RRULE:${rule}`)
    expect(problemOf(text)).toMatch(/takes too long|more than 1000|not as RFC 5545/)
  })

  it.each([
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
    "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6"
  ])("a rule that is never met gives its start only: %s", (rule) => {
    expect(starts("DTSTART:20260101T100000", `RRULE:${rule}`)).toEqual(["2026-01-01T10:00"])
  })

  it("skips what lies before the window without counting it", () => {
    const rule: Rule = {
      frequency: "MINUTELY",
      interval: 1,
      isWithin: () => true,
      weekStart: 0,
      byMonth: [],
      byWeekNo: [],
      byYearDay: [],
      byMonthDay: [],
      byDay: [],
      byHour: [],
      byMinute: [],
      bySecond: [],
      bySetPos: []
    }
    const budget = { steps: 0 }
    const found = [...expand(rule, 0, year2026.fromMs, year2026.fromMs + 120_000, budget)]
    expect(found).toHaveLength(2)
    expect(budget.steps).toBeLessThan(20)
  })

  it("EXDATE, also of the other type and by UTC; RDATE beside a rule; keys are the rule's starts", () => {
    const { occurrences, isRecurring } = read(
      eventOf(
        "DTSTART;TZID=Europe/Bratislava:20260105T090000",
        "RRULE:FREQ=DAILY;COUNT=5",
        "EXDATE;VALUE=DATE:20260106",
        "EXDATE:20260107T080000Z,20260108T080000Z",
        "RDATE;TZID=Europe/Bratislava:20260105T090000,20260120T120000"
      )
    )
    expect(isRecurring).toBe(true)
    expect(occurrences.map(({ key }) => key)).toEqual([
      "2026-01-05T08:00:00Z",
      "2026-01-09T08:00:00Z",
      "2026-01-20T11:00:00Z"
    ])
    expect(occurrences.map(({ term }) => iso(term.startMs))).toEqual(occurrences.map(({ key }) => key))
  })
})
