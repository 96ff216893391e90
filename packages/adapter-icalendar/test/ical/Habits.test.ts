/** Habits of programs that are not as the standard has it, and mean but one thing all the same. */
import { TimeZone } from "@bookio-kit/core/time/TimeZone"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { decodeObject } from "../../src/ical/Decode.ts"
import { readItem } from "../../src/ical/ReadItem.ts"
import { rewriteItem } from "../../src/ical/WriteItem.ts"
import { uidOf } from "../../src/vdir/Names.ts"
import { bratislava, eventOf, iso, problemOf, read, year2026 } from "./Support.ts"

const now = Date.parse("2026-11-22T20:00:00Z")
const newYork = { ...year2026, timeZone: TimeZone.make("America/New_York") }
const keys = (text: string, window = year2026) => read(text, window).occurrences.map(({ key }) => key)
const starts = (text: string) => read(text).occurrences.map(({ term }) => iso(term.startMs))
const override = (...lines: ReadonlyArray<string>) => ["END:VEVENT", "BEGIN:VEVENT", "UID:u", ...lines]

describe("line ends", () => {
  const lines = ["DTSTART:20260710T080000Z", "SUMMARY:Long", " er", "DESCRIPTION:Text"]

  it.each([
    ["CRLF", "\r\n"],
    ["LF", "\n"],
    ["CR, as on old systems", "\r"],
    ["CRCRLF, as a transfer in the wrong mode makes it", "\r\r\n"]
  ])("%s", (_, end) => {
    const text = eventOf(...lines).replaceAll("\r\n", end)
    expect(read(text).occurrences[0]?.text).toBe("Longer\nText")
    expect(uidOf(text)).toBe("u")
    const rewritten = Result.getOrThrow(rewriteItem(text, { status: "CANCELLED" }, bratislava, now))
    expect(read(rewritten).occurrences[0]).toMatchObject({ status: "cancelled", text: "Longer\nText" })
  })

  it("a CR inside a text is one of its signs, and a UID is found though the rest cannot be read", () => {
    expect(read(eventOf("DTSTART:20260710T080000Z", "SUMMARY:a\rb")).occurrences[0]?.text).toBe("a b")
    const cr = eventOf("DTSTART:never").replace("UID:u", "UID:ab\r\n c").replaceAll("\r\n", "\r")
    expect(Result.getOrThrow(Result.flip(readItem(cr, { window: year2026, owner: [] }))).uid).toBe("abc")
  })

  it("UTF-16 is refused with what would help", () => {
    for (const text of ["\uFEFFBEGIN:VCALENDAR", "BEGIN:VCALENDAR"]) {
      const decoded = decodeObject(Buffer.from(text, "utf16le"))
      const problem = Result.isFailure(decoded) ? decoded.failure.problem : problemOf(decoded.success)
      expect(problem).toMatch(/UTF-8|BEGIN:VCALENDAR/)
    }
  })
})

describe("an object", () => {
  const options = { window: year2026, owner: [] }

  it.each(["VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY", "X-OTHER"])("with a %s only is no event", (name) => {
    const text = `BEGIN:VCALENDAR\r\nBEGIN:${name}\r\nUID:u\r\nEND:${name}\r\nEND:VCALENDAR\r\n`
    expect(Result.getOrThrow(readItem(text, options))).toBeUndefined()
  })

  it("with nothing is a problem: told as no event it would look removed", () => {
    const zone = "BEGIN:VTIMEZONE\r\nTZID:x\r\nEND:VTIMEZONE\r\n"
    for (const inner of ["", "VERSION:2.0\r\n", zone]) {
      expect(problemOf(`BEGIN:VCALENDAR\r\n${inner}END:VCALENDAR\r\n`)).toBe("The object holds no event")
    }
  })

  it("with METHOD:CANCEL is withdrawn, with any other METHOD it is not", () => {
    const of = (method: string) =>
      eventOf("DTSTART:20260710T080000Z").replace("BEGIN:VEVENT", `METHOD:${method}\r\nBEGIN:VEVENT`)
    expect(read(of("cancel")).occurrences[0]?.status).toBe("cancelled")
    expect(read(of("REQUEST")).occurrences[0]?.status).toBe("confirmed")
    expect(read(of("PUBLISH")).occurrences[0]?.status).toBe("confirmed")
    const again = rewriteItem(of("CANCEL"), { status: "CONFIRMED" }, bratislava, now)
    expect(Result.getOrThrow(Result.flip(again)).problem).toMatch(/METHOD:CANCEL/)
  })

  it("without DTSTAMP, with an empty SUMMARY, with Outlook's own busy states is an event that TRANSP frees", () => {
    const [one] = read(
      eventOf("DTSTART:20260710T080000Z", "SUMMARY:", "X-MICROSOFT-CDO-BUSYSTATUS:FREE", "TRANSP:OPAQUE")
    ).occurrences
    expect(one).toMatchObject({ text: "", isTransparent: false, status: "confirmed" })
  })
})

describe("dates", () => {
  it("without VALUE=DATE are days, and stay days when they are moved", () => {
    const text = eventOf("DTSTART:20260710", "DTEND:20260712", "RDATE:20260801,20260803", "EXDATE:20260801")
    expect(keys(text)).toEqual(["2026-07-10", "2026-08-03"])
    const term = { startMs: Date.parse("2026-07-19T22:00:00Z"), endMs: Date.parse("2026-07-20T22:00:00Z") }
    const moved = Result.getOrThrow(
      rewriteItem(eventOf("DTSTART:20260710", "DTEND:20260712"), { term }, bratislava, now)
    )
    expect(moved).toContain("DTSTART;VALUE=DATE:20260720\r\nDTEND;VALUE=DATE:20260721\r\n")
  })

  it("that are empty are none", () => {
    expect(starts(eventOf("DTSTART:20260710T080000Z", "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:", "RDATE:"))).toHaveLength(2)
  })
})

describe("rules", () => {
  it("are read in any case, and with blanks in their lists", () => {
    const text = eventOf("dtstart:20260706T080000Z", "rrule:freq=weekly;count=4;byday=mo, we")
    expect(starts(text).map((time) => time.slice(0, 10))).toEqual([
      "2026-07-06",
      "2026-07-08",
      "2026-07-13",
      "2026-07-15"
    ])
  })

  // Exchange ends a series of whole days in UTC: at the last day's midnight, of its zone or of UTC, or just before the next.
  it.each([
    ["the last day's midnight of its zone", year2026, "20260709T220000Z"],
    ["the last day's midnight of UTC", year2026, "20260710T000000Z"],
    ["the end of the last day", year2026, "20260710T235959Z"],
    ["the last day's midnight of UTC, west of it", newYork, "20260710T000000Z"],
    ["the last day's midnight of its zone, west of it", newYork, "20260710T040000Z"]
  ])("of whole days may end at %s", (_, window, until) => {
    expect(keys(eventOf("DTSTART;VALUE=DATE:20260708", `RRULE:FREQ=DAILY;UNTIL=${until}`), window)).toEqual([
      "2026-07-08",
      "2026-07-09",
      "2026-07-10"
    ])
  })

  it("UNTIL as a date includes that day of a series of times; COUNT counts what EXDATE leaves out", () => {
    const series = (rule: string, ...more: ReadonlyArray<string>) =>
      starts(eventOf("DTSTART;TZID=Europe/Bratislava:20260706T233000", `RRULE:FREQ=DAILY;${rule}`, ...more))
    expect(series("UNTIL=20260708")).toEqual(["2026-07-06T21:30:00Z", "2026-07-07T21:30:00Z", "2026-07-08T21:30:00Z"])
    expect(series("COUNT=3", "EXDATE;TZID=Europe/Bratislava:20260707T233000")).toEqual([
      "2026-07-06T21:30:00Z",
      "2026-07-08T21:30:00Z"
    ])
  })
})

describe("exceptions", () => {
  const days = (window: typeof year2026, ...lines: ReadonlyArray<string>) =>
    keys(eventOf("DTSTART;VALUE=DATE:20260105", "RRULE:FREQ=DAILY;COUNT=3", ...lines), window)

  it.each([
    ["Exchange's, in UTC, the midnight of its zone", year2026, "EXDATE:20260105T230000Z"],
    ["the midnight of UTC", year2026, "EXDATE:20260106T000000Z"],
    ["the midnight of UTC, west of it", newYork, "EXDATE:20260106T000000Z"],
    ["the midnight of its zone, west of it", newYork, "EXDATE:20260106T050000Z"],
    ["with a zone", year2026, "EXDATE;TZID=W. Europe Standard Time:20260106T000000"],
    ["without a zone", year2026, "EXDATE:20260106T000000"],
    ["a date without VALUE", year2026, "EXDATE:20260106"]
  ])("of whole days: %s leaves out that day and no other", (_, window, line) => {
    expect(days(window, line)).toEqual(["2026-01-05", "2026-01-07"])
  })

  it("of whole days: an override in UTC is that of its day", () => {
    expect(days(year2026, ...override("RECURRENCE-ID:20260105T230000Z", "DTSTART:20260106T090000Z"))).toEqual([
      "2026-01-05",
      "2026-01-06",
      "2026-01-07"
    ])
  })

  // The facility is in Bratislava, the series in New York.
  const times = (...lines: ReadonlyArray<string>) =>
    starts(
      eventOf("DTSTART;TZID=America/New_York:20260105T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", ...lines)
    )

  it("without a zone are in that of the series, and in UTC they are its instants", () => {
    const expected = ["2026-01-05T14:00:00Z", "2026-01-07T14:00:00Z"]
    expect(times("EXDATE:20260106T090000")).toEqual(expected)
    expect(times("EXDATE:20260106T140000Z")).toEqual(expected)
    for (const id of ["RECURRENCE-ID:20260106T090000", "RECURRENCE-ID:20260106T140000Z"]) {
      expect(times(...override(id, "DTSTART:20260106T200000Z"))).toEqual([
        "2026-01-05T14:00:00Z",
        "2026-01-06T20:00:00Z",
        "2026-01-07T14:00:00Z"
      ])
    }
  })
})

describe("lengths across a change of the clock", () => {
  it("a day is the calendar's, 24 hours are exact", () => {
    const end = (length: string) =>
      iso(read(eventOf("DTSTART;TZID=Europe/Bratislava:20260328T120000", length)).occurrences[0]!.term.endMs)
    expect(end("DURATION:P1D")).toBe("2026-03-29T10:00:00Z")
    expect(end("DURATION:PT24H")).toBe("2026-03-29T11:00:00Z")
    expect(end("DURATION:P1DT1H")).toBe("2026-03-29T11:00:00Z")
  })

  it("a period of an RDATE has its own length or end", () => {
    const text = eventOf(
      "DTSTART:20260105T090000Z",
      "DURATION:PT1H",
      "RDATE;VALUE=PERIOD:20260106T090000Z/PT30M,20260107T090000Z/20260107T110000Z"
    )
    expect(read(text).occurrences.map(({ term }) => (term.endMs - term.startMs) / 60_000)).toEqual([60, 30, 120])
  })
})

describe("names of zones", () => {
  it.each([
    ["/freeassociation.sourceforge.net/Europe/Bratislava", "2026-07-10T06:00:00Z"],
    ["/freeassociation.sourceforge.net/Tzfile/Europe/Bratislava", "2026-07-10T06:00:00Z"],
    ["/softwarestudio.org/Olson_20011030_5/America/New_York", "2026-07-10T12:00:00Z"],
    ["europe/bratislava", "2026-07-10T06:00:00Z"],
    ["tzone://Microsoft/Utc", "2026-07-10T08:00:00Z"]
  ])("%s", (tzid, start) => {
    expect(starts(eventOf(`DTSTART;TZID="${tzid}":20260710T080000`))).toEqual([start])
  })

  it.each([
    ["Mitteleuropäische Zeit ", "Mitteleuropäische Zeit "],
    ["Mitteleuropäische Zeit", "Mitteleuropäische Zeit "],
    ["Mitteleuropäische Zeit ", "Mitteleuropäische Zeit"]
  ])("Outlook's with a blank at its end, which one place may have lost: %j for %j", (name, tzid) => {
    const rules = "BEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD"
    const zone = `BEGIN:VTIMEZONE\r\nTZID:${name}\r\n${rules}\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT`
    const text = eventOf(`DTSTART;TZID=${tzid}:20260710T080000`).replace("BEGIN:VEVENT", zone)
    expect(starts(text)).toEqual(["2026-07-10T07:00:00Z"])
  })

  it.each(["Customized Time Zone", "(UTC+01:00) Bratislava", "(UTC+01:00) Belgrade, Bratislava", "GMT+0100"])(
    "%s means nothing by itself: the problem names it",
    (tzid) => {
      expect(problemOf(eventOf(`DTSTART;TZID="${tzid}":20260710T080000`))).toContain(`"${tzid}"`)
      const rules =
        "BEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD"
      const zone = `BEGIN:VTIMEZONE\r\nTZID:${tzid.replaceAll(",", "\\,")}\r\n${rules}\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT`
      const defined = eventOf(`DTSTART;TZID="${tzid}":20260710T080000`).replace("BEGIN:VEVENT", zone)
      expect(starts(defined)).toEqual(["2026-07-10T07:00:00Z"])
      const term = { startMs: Date.parse("2026-07-11T07:00:00Z"), endMs: Date.parse("2026-07-11T08:00:00Z") }
      const moved = Result.getOrThrow(rewriteItem(defined, { term }, bratislava, now))
      expect(starts(moved)).toEqual(["2026-07-11T07:00:00Z"])
      expect(moved.match(/BEGIN:VTIMEZONE/g)).toHaveLength(1)
    }
  )
})
