import type { AppointmentContent } from "@bookio-kit/core/sync/Appointment"
import { TimeZone } from "@bookio-kit/core/time/TimeZone"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import ICAL from "ical.js"
import { canonicalText } from "../../src/ical/Text.ts"
import { rewriteItem, writeItem } from "../../src/ical/WriteItem.ts"
import { bratislava, eventOf, iso, read, year2026 } from "./Support.ts"

const now = Date.parse("2026-11-22T20:00:00Z")
const at = Date.parse

const content: AppointmentContent = {
  uid: "6f0b2a4e-1c7e-5d2a-9d6e-0a8b3c1d2e3f",
  term: { startMs: at("2026-11-23T08:00:00Z"), endMs: at("2026-11-23T08:30:00Z") },
  status: "CONFIRMED",
  text: "J. A.",
  mark: { kind: "reservation", facilityId: 12, id: 345, signature: "c2lnbmF0dXJl-_" }
}

const rewritten = (text: string, change: Parameters<typeof rewriteItem>[1], zone = bratislava) =>
  Result.getOrThrow(rewriteItem(text, change, zone, now))

const refusal = (text: string, change: Parameters<typeof rewriteItem>[1]) =>
  Result.getOrThrow(Result.flip(rewriteItem(text, change, bratislava, now))).problem

const octetsOf = (text: string) => text.split("\r\n").map((line) => Buffer.byteLength(line))

const generated: fc.Arbitrary<{ readonly content: AppointmentContent; readonly zone: TimeZone }> = fc.record({
  content: fc.record({
    uid: fc.uuid(),
    term: fc
      .record({
        // Half of the starts lie around the changes of clocks in Europe.
        startMs: fc.oneof(
          fc.integer({ min: at("2020-01-01T00:00:00Z") / 1000, max: at("2035-01-01T00:00:00Z") / 1000 }),
          fc.integer({ min: at("2026-10-24T22:00:00Z") / 1000, max: at("2026-10-25T04:00:00Z") / 1000 }),
          fc.integer({ min: at("2026-03-28T22:00:00Z") / 1000, max: at("2026-03-29T04:00:00Z") / 1000 })
        ),
        seconds: fc.integer({ min: 0, max: 3 * 86_400 })
      })
      .map(({ seconds, startMs }) => ({ startMs: startMs * 1_000, endMs: (startMs + seconds) * 1_000 })),
    status: fc.constantFrom("CONFIRMED" as const, "CANCELLED" as const, "DID_NOT_COME" as const),
    text: fc.oneof(
      fc.string({ unit: "binary", maxLength: 300, size: "max" }),
      fc.string({
        unit: fc.constantFrom("ž", "👩‍⚕️", "\n", "\\", ";", ",", ":", '"', "\r\n", "\t", "n", " ", "\u0000", "\ud800"),
        maxLength: 200,
        size: "max"
      })
    ),
    mark: fc.record({
      kind: fc.constantFrom("reservation" as const, "blockedTime" as const),
      facilityId: fc.nat(),
      id: fc.nat(),
      signature: fc.base64String({ minLength: 4 })
    })
  }),
  zone: fc
    .constantFrom(
      "Europe/Bratislava",
      "Europe/London",
      "America/Sao_Paulo",
      "Asia/Kathmandu",
      "Africa/Casablanca",
      "UTC"
    )
    .map((name) => TimeZone.make(name))
})

const everything = { fromMs: 0, toMs: at("2100-01-01T00:00:00Z") }

describe("writeItem", () => {
  it("what is written is read back, by lines of at most 75 octets that never split a character", () => {
    fc.assert(
      fc.property(generated, ({ content, zone }) => {
        const text = writeItem(content, zone, now)
        expect(Math.max(...octetsOf(text))).toBeLessThanOrEqual(75)
        expect(text.isWellFormed()).toBe(true)
        expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/)
        const item = read(text, { timeZone: zone, ...everything })
        expect(item).toEqual({
          uid: content.uid,
          mark: content.mark,
          didNotCome: content.status === "DID_NOT_COME",
          isRecurring: false,
          attendees: [],
          occurrences: [
            {
              key: "",
              term: content.term,
              status: content.status === "CANCELLED" ? "cancelled" : "confirmed",
              isTransparent: content.status === "CANCELLED",
              isPrivate: true,
              participation: "organizer",
              text: canonicalText(content.text)
            }
          ]
        })
        // ical.js as a second reader, of what needs no zone.
        const event = new ICAL.Event(ICAL.Component.fromString(text.trim()).getFirstSubcomponent("vevent")!)
        expect([event.summary, event.description].filter((part) => part).join("\n")).toBe(
          canonicalText(content.text).replace(/^\n/, "")
        )
        const { mark, status, term, text: shown } = content
        expect(rewritten(text, { mark, status, term, text: shown }, zone)).toBe("same")
      }),
      { numRuns: 300 }
    )
  })

  it("writes the whole item", () => {
    const text = writeItem({ ...content, text: "J. A.\nPoznámka, druhá" }, bratislava, now)
    const [head, zone, event] = text.split(/(?<=END:VTIMEZONE\r\n)|(?=BEGIN:VTIMEZONE)/)
    expect(head).toBe("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bookio-kit//adapter-icalendar//EN\r\n")
    expect(zone).toMatch(/^BEGIN:VTIMEZONE\r\nTZID:Europe\/Bratislava\r\n/)
    expect(event).toBe(
      [
        "BEGIN:VEVENT",
        "UID:6f0b2a4e-1c7e-5d2a-9d6e-0a8b3c1d2e3f",
        "DTSTAMP:20261122T200000Z",
        "LAST-MODIFIED:20261122T200000Z",
        "SEQUENCE:0",
        "DTSTART;TZID=Europe/Bratislava:20261123T090000",
        "DTEND;TZID=Europe/Bratislava:20261123T093000",
        "SUMMARY:J. A.",
        "DESCRIPTION:Poznámka\\, druhá",
        "CLASS:PRIVATE",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "X-BOOKIO-MARK:reservation/12/345/c2lnbmF0dXJl-_",
        "END:VEVENT",
        "END:VCALENDAR",
        ""
      ].join("\r\n")
    )
  })

  it("writes UTC without a definition, and the second pass of a repeated hour in UTC", () => {
    expect(writeItem(content, TimeZone.make("UTC"), now)).toContain("DTSTART:20261123T080000Z\r\n")
    expect(writeItem(content, TimeZone.make("UTC"), now)).not.toContain("VTIMEZONE")
    const second = { startMs: at("2026-10-25T01:30:00Z"), endMs: at("2026-10-25T02:00:00Z") }
    expect(writeItem({ ...content, term: second }, bratislava, now)).toContain("DTSTART:20261025T013000Z\r\n")
  })
})

const theirs = [
  "BEGIN:VCALENDAR",
  "X-WR-CALNAME:Ordin",
  " ácia",
  "BEGIN:VEVENT",
  "UID:theirs",
  "DTSTAMP:20260101T000000Z",
  "DTSTART;X-KEPT=no;TZID=Europe/Prague:20260710T100000",
  "DURATION:PT1H",
  "SUMMARY;LANGUAGE=sk:Star",
  " ý titul",
  'DESCRIPTION;ALTREP="cid:old":Starý popis',
  "X-ALT-DESC;FMTTYPE=text/html:<b>Starý popis</b>",
  "SEQUENCE:4",
  'X-UNKNOWN;A="b:c;d":e\\,f',
  "BEGIN:VALARM",
  "ACTION:DISPLAY",
  "TRIGGER:-PT15M",
  "SUMMARY:Alarm",
  "END:VALARM",
  "STATUS:TENTATIVE",
  "END:VEVENT",
  "BEGIN:X-OTHER",
  "STATUS:KEPT",
  "END:X-OTHER",
  "END:VCALENDAR",
  ""
].join("\n")

describe("rewriteItem", () => {
  it("changes the lines that it is about and keeps all others byte for byte", () => {
    const term = { startMs: at("2026-07-11T08:00:00Z"), endMs: at("2026-07-11T08:30:00Z") }
    const text = rewritten(theirs, {
      term,
      text: "Nový; titul\nNový popis",
      mark: content.mark,
      status: "DID_NOT_COME"
    })
    // Its program left the zone to the name; what we write defines it.
    const zone = /BEGIN:VTIMEZONE\r\nTZID:Europe\/Prague\r\n[\s\S]*END:VTIMEZONE\r\n/
    expect(text).toMatch(zone)
    expect(String(text).replace(zone, "")).toBe(
      theirs
        .replace(
          "DTSTART;X-KEPT=no;TZID=Europe/Prague:20260710T100000",
          "DTSTART;TZID=Europe/Prague:20260711T100000\nDTEND;TZID=Europe/Prague:20260711T103000"
        )
        .replace("DURATION:PT1H\n", "")
        .replace("Star\n ý titul", "Nový\\; titul")
        .replace('DESCRIPTION;ALTREP="cid:old":Starý popis', "DESCRIPTION:Nový popis")
        .replace(/X-ALT-DESC.*\n/, "")
        .replace("SEQUENCE:4", "SEQUENCE:5")
        .replace("DTSTAMP:20260101T000000Z", "DTSTAMP:20261122T200000Z")
        .replace(
          "BEGIN:VALARM",
          `X-BOOKIO-STATUS:DID_NOT_COME\nX-BOOKIO-MARK:reservation/12/345/c2lnbmF0dXJl-_\nLAST-MODIFIED:20261122T200000Z\nBEGIN:VALARM`
        )
        .replaceAll("\n", "\r\n")
    )
  })

  it("a second time it is the same", () => {
    fc.assert(
      fc.property(generated, generated, fc.boolean(), (from, to, isOurs) => {
        const text = isOurs ? writeItem(from.content, from.zone, now) : theirs
        const { mark, status, term, text: shown } = to.content
        const once = rewritten(text, { mark, status, term, text: shown }, to.zone)
        if (once === "same") return
        expect(rewritten(once, { mark, status, term, text: shown }, to.zone)).toBe("same")
        const item = read(once, { timeZone: to.zone, ...everything })
        expect(item.occurrences.map((one) => one.term)).toEqual([term])
        expect(item.occurrences[0]?.text).toBe(canonicalText(shown))
        expect(item.occurrences[0]?.status === "cancelled").toBe(status === "CANCELLED")
        expect(item.didNotCome).toBe(status === "DID_NOT_COME")
        expect(item.mark).toEqual(mark)
      }),
      { numRuns: 200 }
    )
  })

  it("SEQUENCE rises on a move and a cancellation, not on a text", () => {
    const ours = writeItem(content, bratislava, now)
    const term = { startMs: content.term.startMs + 60_000, endMs: content.term.endMs }
    expect(rewritten(ours, { term })).toContain("SEQUENCE:1\r\n")
    expect(rewritten(ours, { status: "CANCELLED" })).toMatch(
      /SEQUENCE:1\r\n[\s\S]*STATUS:CANCELLED\r\nTRANSP:TRANSPARENT\r\n/
    )
    expect(rewritten(ours, { text: "B. C." })).toContain("SEQUENCE:0\r\n")
    const cancelled = rewritten(ours, { status: "CANCELLED" })
    expect(rewritten(cancelled, { status: "CONFIRMED" })).toMatch(/STATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\n/)
    expect(rewritten(rewritten(ours, { status: "DID_NOT_COME" }), { status: "CONFIRMED" })).not.toContain(
      "X-BOOKIO-STATUS"
    )
  })

  it.each([
    [
      "a whole day stays one",
      "DTSTART;VALUE=DATE:20260710",
      "2026-03-27T23:00:00Z",
      "2026-03-29T22:00:00Z",
      "DTSTART;VALUE=DATE:20260328",
      "DTEND;VALUE=DATE:20260330"
    ],
    [
      "a whole day moved to a time",
      "DTSTART;VALUE=DATE:20260710",
      "2026-07-11T08:00:00Z",
      "2026-07-11T09:00:00Z",
      "DTSTART;TZID=Europe/Bratislava:20260711T100000",
      "DTEND;TZID=Europe/Bratislava:20260711T110000"
    ],
    [
      "UTC",
      "DTSTART:20260710T080000Z",
      "2026-07-11T08:00:00Z",
      "2026-07-11T09:00:00Z",
      "DTSTART:20260711T080000Z",
      "DTEND:20260711T090000Z"
    ],
    [
      "floating",
      "DTSTART:20260710T080000",
      "2026-07-11T08:00:00Z",
      "2026-07-11T09:00:00Z",
      "DTSTART:20260711T100000",
      "DTEND:20260711T110000"
    ],
    [
      "Windows' zone",
      'DTSTART;TZID="GMT Standard Time":20260710T080000',
      "2026-07-11T08:00:00Z",
      "2026-07-11T09:00:00Z",
      "DTSTART;TZID=GMT Standard Time:20260711T090000",
      "DTEND;TZID=GMT Standard Time:20260711T100000"
    ],
    [
      "floating into the second pass",
      "DTSTART:20260710T080000",
      "2026-10-25T01:10:00Z",
      "2026-10-25T01:40:00Z",
      "DTSTART:20261025T011000Z",
      "DTEND:20261025T014000Z"
    ]
  ])("keeps the form where it can: %s", (_, dtstart, from, to, start, end) => {
    const text = rewritten(eventOf(dtstart), { term: { startMs: at(from), endMs: at(to) } })
    expect(text).toContain(`\r\n${start}\r\n${end}\r\n`)
    expect(text.includes("BEGIN:VTIMEZONE\r\nTZID:Europe/Bratislava")).toBe(start.includes("TZID=Europe/Bratislava"))
    expect(read(text).occurrences.map(({ term }) => [iso(term.startMs), iso(term.endMs)])).toEqual([[from, to]])
    const named = /DTSTART;TZID=([^:]+)/.exec(text)?.[1]
    if (named !== undefined) expect(text).toContain(`\r\nTZID:${named}\r\n`)
  })

  it("of a series, mark and status of the master only", () => {
    const series = eventOf("DTSTART:20260710T080000Z", "RRULE:FREQ=DAILY;COUNT=3").replace(
      "END:VEVENT",
      "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:u\r\nRECURRENCE-ID:20260711T080000Z\r\nDTSTART:20260711T090000Z\r\nEND:VEVENT"
    )
    const term = { startMs: 0, endMs: 1_000 }
    expect(refusal(series, { term })).toMatch(/series/)
    expect(refusal(series, { text: "x" })).toMatch(/series/)
    const text = rewritten(series, { mark: content.mark, status: "CANCELLED" })
    expect(read(text).occurrences.map(({ status }) => status)).toEqual(["cancelled", "confirmed", "cancelled"])
    expect(text.indexOf("X-BOOKIO-MARK")).toBeLessThan(text.indexOf("RECURRENCE-ID"))
    expect(
      refusal(eventOf("RECURRENCE-ID:20260711T080000Z", "DTSTART:20260711T080000Z"), { status: "CANCELLED" })
    ).toMatch(/series/)
    expect(refusal("BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:u\nEND:VTODO\nEND:VCALENDAR", { status: "CANCELLED" })).toMatch(
      /no event/
    )
    expect(refusal("nonsense", {})).toMatch(/no property/)
  })

  it("a tentative event of theirs counts as confirmed", () => {
    expect(rewritten(theirs, { status: "CONFIRMED" })).toBe("same")
    expect(read(theirs, year2026).occurrences[0]?.status).toBe("tentative")
  })
})
