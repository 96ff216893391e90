import { TimeZone, toLocalMs, transitionsBetween } from "@bookio-kit/core/time/TimeZone"
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import ICAL from "ical.js"
import { parseObject } from "../../src/ical/CalendarObject.ts"
import { joinLines } from "../../src/ical/Lines.ts"
import { windowsZones } from "../../src/ical/WindowsZones.ts"
import { zoneLines } from "../../src/ical/ZoneLines.ts"
import { platformZone, zonesOf } from "../../src/ical/Zones.ts"
import { eventOf, iso, problemOf, read } from "./Support.ts"

const names = [
  "Europe/Bratislava",
  "Europe/London",
  "Europe/Dublin",
  "America/New_York",
  "America/Sao_Paulo",
  "Asia/Kathmandu",
  "Asia/Jerusalem",
  "Africa/Casablanca",
  "Australia/Lord_Howe",
  "Pacific/Auckland"
].map((name) => TimeZone.make(name))

const HOUR = 3_600_000
const from = Date.parse("2026-03-01T00:00:00Z")

describe("zones", () => {
  it.each(names)("%s is written so that ical.js and we read the same offsets for ten years", (name) => {
    const lines = joinLines(zoneLines(name, from))
    const component = ICAL.Component.fromString(lines.trim())
    const theirs = new ICAL.Timezone({ component, tzid: name })
    const ours = zonesOf(parseObject(`BEGIN:VCALENDAR\r\n${lines}END:VCALENDAR\r\n`).calendar, { steps: 0 })(name)
    const platform = platformZone(name)
    const toMs = from + 10 * 365 * 24 * HOUR
    for (const { atMs, offsetAfterMs } of transitionsBetween(name, from, toMs)) {
      for (let local = atMs + offsetAfterMs - 3 * HOUR; local < atMs + offsetAfterMs + 3 * HOUR; local += HOUR / 4) {
        expect(ours.instantOf(local)).toBe(platform.instantOf(local))
      }
    }
    for (let ms = from; ms < toMs; ms += 19.5 * HOUR) {
      const offset = platform.offsetMsAt(ms)
      expect(ours.offsetMsAt(ms)).toBe(offset)
      const local = ms + offset
      // ical.js takes the second of two passes in some zones: only clear times are compared.
      if (platform.offsetMsAt(ms - 3 * HOUR) === offset && platform.offsetMsAt(ms + 3 * HOUR) === offset) {
        const time = ICAL.Time.fromJSDate(new Date(local), true)
        expect(theirs.utcOffset(time) * 1_000, iso(ms)).toBe(offset)
      }
    }
  })

  it("changes on a date, whatever the weekday, are no rule of weekdays", () => {
    const tehran = TimeZone.make("Asia/Tehran")
    const lines = joinLines(zoneLines(tehran, Date.parse("2009-06-01T00:00:00Z")))
    expect(lines).not.toContain("RRULE")
    const ours = zonesOf(parseObject(`BEGIN:VCALENDAR\r\n${lines}END:VCALENDAR\r\n`).calendar, { steps: 0 })(tehran)
    for (let ms = Date.parse("2009-06-01T00:00:00Z"); ms < Date.parse("2019-06-01T00:00:00Z"); ms += 19.5 * HOUR) {
      expect(ours.offsetMsAt(ms)).toBe(platformZone(tehran).offsetMsAt(ms))
    }
  })

  it("a zone with yearly changes is written as rules, one without a pattern by its dates", () => {
    expect(joinLines(zoneLines(TimeZone.make("Europe/Bratislava"), from))).toContain(
      "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"
    )
    expect(joinLines(zoneLines(TimeZone.make("America/New_York"), from))).toContain(
      "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"
    )
    const casablanca = joinLines(zoneLines(TimeZone.make("Africa/Casablanca"), from))
    expect(casablanca).not.toContain("RRULE")
    expect(casablanca).toContain("RDATE")
    expect(joinLines(zoneLines(TimeZone.make("Asia/Kathmandu"), from))).toContain("TZOFFSETTO:+0545")
  })

  it("knows IANA zones only as targets of Windows' names", () => {
    expect(windowsZones.length).toBeGreaterThan(130)
    for (const [windows, iana] of windowsZones) {
      expect(Schema.is(TimeZone)(iana), `${windows}: ${iana}`).toBe(true)
      const { occurrences } = read(eventOf(`DTSTART;TZID="${windows}":20260710T120000`))
      expect(toLocalMs(TimeZone.make(iana), occurrences[0]!.term.startMs)).toBe(Date.parse("2026-07-10T12:00:00Z"))
    }
  })

  it("one object's definition of a zone is not another's", () => {
    const defined = (offset: string) =>
      eventOf("DTSTART;TZID=Practice:20260710T120000").replace(
        "BEGIN:VEVENT",
        `BEGIN:VTIMEZONE\r\nTZID:Practice\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:${offset}\r\nTZOFFSETTO:${offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT`
      )
    const startOf = (text: string) => iso(read(text).occurrences[0]!.term.startMs)
    expect(startOf(defined("+0300"))).toBe("2026-07-10T09:00:00Z")
    expect(startOf(defined("-0200"))).toBe("2026-07-10T14:00:00Z")
    expect(problemOf(eventOf("DTSTART;TZID=Practice:20260710T120000"))).toContain("Practice")
  })

  it("an observance that ended still holds after its last change, and before its first there was its FROM", () => {
    const text = (time: string) =>
      eventOf(`DTSTART;TZID=Z:${time}`).replace(
        "BEGIN:VEVENT",
        "BEGIN:VTIMEZONE\r\nTZID:Z\r\nBEGIN:DAYLIGHT\r\nDTSTART:20000326T020000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0300\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20160327T000000Z\r\nEND:DAYLIGHT\r\nBEGIN:STANDARD\r\nDTSTART:20001029T030000\r\nTZOFFSETFROM:+0300\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20151025T000000Z\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"
      )
    const all = { timeZone: TimeZone.make("UTC"), fromMs: 0, toMs: Date.parse("2030-01-01T00:00:00Z") }
    const startOf = (time: string) => iso(read(text(time), all).occurrences[0]!.term.startMs)
    expect(startOf("20260110T120000")).toBe("2026-01-10T09:00:00Z")
    expect(startOf("20150110T120000")).toBe("2015-01-10T10:00:00Z")
    expect(startOf("19900710T120000")).toBe("1990-07-10T10:00:00Z")
  })
})
