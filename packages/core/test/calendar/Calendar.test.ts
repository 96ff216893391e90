/** Tests of the schemas of a calendar: what a request may say, what is refused with which words, what a row may lack. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Calendar from "../../src/calendar/Calendar.ts"
import { problems } from "../scalar/Support.ts"

const service = { id: 1, name: "Check-up", note: "", duration: 44, capacity: 1, referralLetter: false }
const interval = { id: 1, name: "Morning", weekDays: [1, 2, 3], timeFrom: "08:00", timeTo: "12:00" }
const calendar = {
  facilityId: 123,
  name: "Dr. Nováková",
  validFrom: "2026-01-01",
  validTo: "2026-12-31T00:00:00",
  services: [service],
  intervals: [interval]
}

describe("WeekDays", () => {
  it.each([[[1]], [[7, 1]], [[1, 2, 3, 4, 5, 6, 7]]])("takes %j", (days) => {
    expect(problems(Calendar.WeekDays, days)).toEqual([])
  })

  it.each([
    [[], ["empty"]],
    [[1, 1], ["repeatedDay"]],
    [
      [0, 8, 1.5, "1", null],
      ["[0] notWeekDay", "[1] notWeekDay", "[2] notWeekDay", "[3] notWeekDay", "[4] notWeekDay"]
    ],
    ["1,2", ["notList"]],
    [null, ["notList"]]
  ])("refuses %j", (days, expected) => {
    expect(problems(Calendar.WeekDays, days)).toEqual(expected)
  })
})

describe("duration and capacity", () => {
  it("take whole numbers within their bounds", () => {
    expect([1, 1440].flatMap((n) => problems(Calendar.DurationMinutes, n))).toEqual([])
    expect([1, 1000].flatMap((n) => problems(Calendar.Capacity, n))).toEqual([])
  })

  it.each([0, -1, 1.5, "5", null])("refuse %j", (value) => {
    expect(problems(Calendar.DurationMinutes, value)).toEqual(["notWhole min=1 max=1440"])
    expect(problems(Calendar.Capacity, value)).toEqual(["notWhole min=1 max=1000"])
  })

  it("refuse what is beyond them", () => {
    expect(problems(Calendar.DurationMinutes, 1441)).toEqual(["notWhole min=1 max=1440"])
    expect(problems(Calendar.Capacity, 1001)).toEqual(["notWhole min=1 max=1000"])
  })
})

describe("NewCalendar", () => {
  it("takes a calendar with all that may be left out left out, and leaves that out", () => {
    const { capacity, id, note, referralLetter, ...least } = service
    const { id: _, ...leastInterval } = interval
    const given = { ...calendar, services: [least], intervals: [leastInterval] }
    expect(Schema.decodeUnknownSync(Calendar.NewCalendar)(given)).toMatchObject({
      services: [least],
      intervals: [leastInterval]
    })
  })

  it("ignores members that it does not know", () => {
    const { services } = Schema.decodeUnknownSync(Calendar.NewCalendar)({
      ...calendar,
      colour: "red",
      services: [{ ...service, price: 5 }]
    })
    expect(services[0]).not.toHaveProperty("price")
  })

  it("tells all that it lacks", () => {
    const required = ["facilityId", "name", "validFrom", "validTo", "services", "intervals"]
    expect(problems(Calendar.NewCalendar, {})).toEqual(required.map((member) => `${member} required`))
  })

  it("tells problems of members and of the rules among them at once", () => {
    expect(
      problems(Calendar.NewCalendar, {
        ...calendar,
        facilityId: 0,
        name: " ",
        note: null,
        validFrom: "2026-02-30",
        services: [
          { ...service, referralLetter: "yes" },
          { id: 0, name: "x", duration: 0 }
        ],
        intervals: [
          { ...interval, timeTo: "08:00" },
          { ...interval, allowedServices: [9] }
        ]
      })
    ).toEqual([
      "facilityId notId",
      "name empty",
      "note notText",
      "validFrom notDateTime",
      "services[0].referralLetter notBoolean",
      "services[1].id notId",
      "services[1].duration notWhole min=1 max=1440",
      "intervals[1].id repeated value=1",
      "intervals[0].timeFrom notBefore other=intervals[0].timeTo"
    ])
  })

  it("tells of allowedServices that name none of its services, and of no services or intervals at all", () => {
    const named = [{ ...interval, allowedServices: [1, 2] }]
    expect(problems(Calendar.NewCalendar, { ...calendar, intervals: named })).toEqual([
      "intervals[0].allowedServices[1] unknownService service=2"
    ])
    expect(problems(Calendar.NewCalendar, { ...calendar, services: [], intervals: [] })).toEqual([
      "services empty",
      "intervals empty"
    ])
    expect(problems(Calendar.NewCalendar, { ...calendar, services: {}, intervals: "x" })).toEqual([
      "services notList",
      "intervals notList"
    ])
  })

  it.each(["8:00", "24:01", "25:00", "08:60", "08:00:00", "", 8, null])("refuses the time %j", (timeFrom) => {
    expect(problems(Calendar.NewCalendar, { ...calendar, intervals: [{ ...interval, timeFrom }] })).toEqual([
      "intervals[0].timeFrom notTime"
    ])
  })

  it("takes 24:00 as the end of a day", () => {
    const evening = { ...interval, timeFrom: "18:00", timeTo: "24:00" }
    expect(problems(Calendar.NewCalendar, { ...calendar, intervals: [evening] })).toEqual([])
  })
})

describe("CalendarChange", () => {
  it("takes any part of a calendar, and none", () => {
    expect(problems(Calendar.CalendarChange, {})).toEqual([])
    expect(problems(Calendar.CalendarChange, { note: "" })).toEqual([])
    expect(problems(Calendar.CalendarChange, { services: [service] })).toEqual([])
  })

  it("judges services of its intervals only beside its own services", () => {
    const intervals = [{ ...interval, allowedServices: [9] }]
    expect(problems(Calendar.CalendarChange, { intervals })).toEqual([])
    expect(problems(Calendar.CalendarChange, { intervals, services: [service] })).toEqual([
      "intervals[0].allowedServices[0] unknownService service=9"
    ])
  })

  it("refuses null and the wrong form", () => {
    expect(problems(Calendar.CalendarChange, { name: null, validTo: null, services: null })).toEqual([
      "name notText",
      "validTo notDateTime",
      "services notList"
    ])
    expect(problems(Calendar.CalendarChange, [])).toEqual(["notObject"])
    expect(problems(Calendar.CalendarEnd, null)).toEqual(["notObject"])
  })
})

describe("Calendar", () => {
  it("may lack notes", () => {
    const row = {
      ...calendar,
      id: 5,
      note: null,
      validFrom: "2026-01-01T00:00:00",
      services: [{ ...service, note: null, hiddenInOnlineForm: false }],
      intervals: [{ ...interval, allowedServices: [] }]
    }
    const decoded = Schema.decodeUnknownSync(Calendar.Calendar)(row)
    expect(decoded).not.toHaveProperty("note")
    expect(decoded.services[0]).not.toHaveProperty("note")
  })
})
