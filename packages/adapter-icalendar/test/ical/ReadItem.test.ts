import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { decodeObject } from "../../src/ical/Decode.ts"
import { maxObjectBytes, maxOccurrences, maxParameters } from "../../src/ical/Limits.ts"
import { readItem } from "../../src/ical/ReadItem.ts"
import { eventOf, iso, problemOf, read, year2026 } from "./Support.ts"

const options = { window: year2026, owner: [] }
const start = "DTSTART:20260710T080000Z"

describe("readItem", () => {
  it("never throws, whatever the text", () => {
    const word = fc.constantFrom(
      ...[
        "BEGIN:VEVENT",
        "END:VEVENT",
        "BEGIN:VTIMEZONE",
        "END:VTIMEZONE",
        "UID:u",
        start,
        "\r\n",
        "\n ",
        ":",
        ";",
        "="
      ],
      ...[
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=",
        "RDATE;VALUE=PERIOD:",
        "20260710T080000Z/PT",
        "DURATION:P",
        "TZID",
        "EXDATE:"
      ],
      ...["CONSTRUCTOR:", "__PROTO__:x", 'X;A="', "RECURRENCE-ID:", "BEGIN:STANDARD", "END:STANDARD", "TZOFFSETTO:+99"]
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 30, size: "max" }), (words) => {
        const lines = words.join("\r\n")
        for (const text of [lines, eventOf(start, lines), words.join("")]) {
          expect(Result.isResult(readItem(text, options))).toBe(true)
        }
      }),
      { numRuns: 300 }
    )
  })

  it("bounds size, parameters and occurrences", () => {
    const large = `DESCRIPTION:${"ž".repeat(maxObjectBytes / 2)}`
    expect(problemOf(eventOf(start, large))).toMatch(/larger than 1024 KiB/)
    const parameters = (count: number) => `X-P${";a=b".repeat(count)}:c`
    expect(problemOf(eventOf(start, parameters(maxParameters + 1)))).toMatch(/over 100 parameters/)
    expect(read(eventOf(start, parameters(maxParameters))).occurrences).toHaveLength(1)
    const daily = (count: number) => eventOf("DTSTART:20260101T000000Z", `RRULE:FREQ=HOURLY;COUNT=${count}`)
    expect(read(daily(maxOccurrences)).occurrences).toHaveLength(maxOccurrences)
    expect(problemOf(daily(maxOccurrences + 1))).toMatch(/more than 1000 occurrences/)
  })

  it("names the item that cannot be read, also by a folded UID, and nothing else of it", () => {
    const text = eventOf("DTSTART:never", "SUMMARY:Secret").replace("UID:u", "uid;x=1:abc\r\n def  ")
    expect(Result.getOrThrow(Result.flip(readItem(text, options)))).toEqual({
      uid: "abcdef",
      problem: "A DTSTART of the event is no date or time"
    })
  })

  it("tells what does not recur wherever it lies", () => {
    const window = { ...year2026, fromMs: Date.parse("2031-01-01T00:00:00Z"), toMs: Date.parse("2032-01-01T00:00:00Z") }
    expect(read(eventOf(start, "DTEND:20260710T090000Z"), window).occurrences).toHaveLength(1)
    expect(read(eventOf(start, "RRULE:FREQ=DAILY;COUNT=9"), window).occurrences).toHaveLength(0)
  })

  it("tells the occurrences of a series that overlap the window, its start inclusive and its end exclusive", () => {
    const once = "RRULE:FREQ=DAILY;COUNT=1"
    const count = (from: string, to: string) => {
      const window = { ...year2026, fromMs: Date.parse(from), toMs: Date.parse(to) }
      return read(eventOf(start, "DTEND:20260710T090000Z", once), window).occurrences.length
    }
    expect(count("2026-07-10T08:59:59Z", "2026-07-11T00:00:00Z")).toBe(1)
    expect(count("2026-07-10T09:00:00Z", "2026-07-11T00:00:00Z")).toBe(0)
    expect(count("2026-07-10T00:00:00Z", "2026-07-10T08:00:00Z")).toBe(0)
    expect(count("2026-07-10T00:00:00Z", "2026-07-10T08:00:01Z")).toBe(1)
    const moment = (from: string) =>
      read(eventOf(start, once), { ...year2026, fromMs: Date.parse(from) }).occurrences.length
    expect([moment("2026-07-10T08:00:00Z"), moment("2026-07-10T08:00:01Z")]).toEqual([1, 0])
  })

  it("an override of the highest SEQUENCE counts, and one stands though the rule or an EXDATE does not give it", () => {
    const override = (...lines: ReadonlyArray<string>) => ["END:VEVENT", "BEGIN:VEVENT", "UID:u", ...lines]
    const text = eventOf(
      start,
      "RRULE:FREQ=DAILY;COUNT=2",
      "EXDATE:20260711T080000Z",
      ...override("RECURRENCE-ID:20260711T080000Z", "SEQUENCE:2", "DTSTART:20260711T100000Z"),
      ...override("RECURRENCE-ID:20260711T080000Z", "SEQUENCE:1", "DTSTART:20260711T110000Z"),
      ...override("RECURRENCE-ID:20260801T080000Z", "DTSTART:20260801T080000Z")
    )
    expect(read(text).occurrences.map(({ term }) => iso(term.startMs))).toEqual([
      "2026-07-10T08:00:00Z",
      "2026-07-11T10:00:00Z",
      "2026-08-01T08:00:00Z"
    ])
  })
})

describe("readItem, of the other type", () => {
  it("a RECURRENCE-ID that is a date means the time of the series on that day, and the reverse", () => {
    const keys = (dtstart: string, id: string) =>
      read(
        eventOf(
          dtstart,
          "RRULE:FREQ=DAILY;COUNT=2",
          ...["END:VEVENT", "BEGIN:VEVENT", "UID:u", id, "DTSTART:20260720T100000Z"]
        )
      ).occurrences.map(({ key }) => key)
    expect(keys("DTSTART;TZID=Europe/Bratislava:20260710T100000", "RECURRENCE-ID;VALUE=DATE:20260711")).toEqual([
      "2026-07-10T08:00:00Z",
      "2026-07-11T08:00:00Z"
    ])
    expect(keys("DTSTART;VALUE=DATE:20260710", "RECURRENCE-ID:20260711T080000Z")).toEqual(["2026-07-10", "2026-07-11"])
  })

  it("bounds what an object may ask of the platform's zones", () => {
    const years = Array.from({ length: 600 }, (_, i) => `${2000 + i}0101T000000`)
    expect(problemOf(eventOf(start, `EXDATE;TZID=Europe/Paris:${years.join(",")}`))).toMatch(/takes too long/)
    expect(read(eventOf(start, `EXDATE;TZID=Europe/Paris:${years.slice(0, 100).join(",")}`)).occurrences).toHaveLength(
      1
    )
  })
})

describe("participation", () => {
  const of = (owner: ReadonlyArray<string>, ...lines: ReadonlyArray<string>) =>
    read(eventOf(start, ...lines), year2026, owner).occurrences[0]?.participation
  const owner = ["ada@practice.test"]
  const boss = "ORGANIZER:mailto:boss@example.test"
  const ada = (answer: string) => `ATTENDEE;PARTSTAT=${answer}:MAILTO:Ada@practice.test`
  const bob = (answer: string) => `ATTENDEE;PARTSTAT=${answer}:mailto:bob@example.test`

  it("is the organizer's for an event of one's own", () => {
    expect(of(owner)).toBe("organizer")
    expect(of(owner, bob("ACCEPTED"))).toBe("organizer")
    expect(of(owner, "ORGANIZER:mailto:ADA@practice.test", ada("DECLINED"), bob("ACCEPTED"))).toBe("organizer")
  })

  it("is the owner's answer to somebody else's event", () => {
    expect(of(owner, boss, bob("ACCEPTED"), ada("ACCEPTED"))).toBe("accepted")
    expect(of(owner, boss, bob("ACCEPTED"), ada("TENTATIVE"))).toBe("tentative")
    expect(of(owner, boss, bob("ACCEPTED"), ada("DECLINED"))).toBe("declined")
    expect(of(owner, boss, bob("ACCEPTED"), ada("DELEGATED"))).toBe("declined")
    expect(of(owner, boss, bob("ACCEPTED"), "ATTENDEE:mailto:ada@practice.test")).toBe("needs-action")
    expect(of(owner, boss, bob("ACCEPTED"))).toBe("needs-action")
    expect(of(owner, boss)).toBe("needs-action")
  })

  it("of an unknown owner is never the organizer's where there is one, and the most binding answer", () => {
    expect(of([])).toBe("organizer")
    expect(of([], boss)).toBe("accepted")
    expect(of([], boss, bob("DECLINED"), ada("ACCEPTED"))).toBe("accepted")
    expect(of([], boss, bob("NEEDS-ACTION"), ada("TENTATIVE"))).toBe("tentative")
    expect(of([], boss, bob("DECLINED"), ada("NEEDS-ACTION"))).toBe("needs-action")
    expect(of([], boss, bob("DECLINED"))).toBe("declined")
  })

  it("tells who is invited beside the owner, without rooms", () => {
    const { attendees } = read(
      eventOf(
        start,
        ada("ACCEPTED"),
        'ATTENDEE;CN="Vzorová, Jana":mailto:jana@patient.test',
        "ATTENDEE;CN=bob@example.test:mailto:bob@example.test",
        "ATTENDEE;CUTYPE=ROOM;CN=Room 1:mailto:room@practice.test",
        "ATTENDEE;CN=Eva:tel:+421900000000"
      ),
      year2026,
      owner
    )
    expect(attendees).toEqual([
      { name: "Vzorová, Jana", email: "jana@patient.test" },
      { email: "bob@example.test" },
      { name: "Eva", phone: "+421900000000" }
    ])
  })
})

describe("our properties", () => {
  it("a mark that is not well formed is none", () => {
    const markOf = (value: string) => read(eventOf(start, `X-BOOKIO-MARK:${value}`)).mark
    expect(markOf("blockedTime/1/2/s")).toEqual({ kind: "blockedTime", facilityId: 1, id: 2, signature: "s" })
    for (const value of [
      "",
      "other/1/2/s",
      "reservation/1/2/",
      "reservation/1/x/s",
      "reservation/-1/2/s",
      "reservation/1/2"
    ]) {
      expect(markOf(value)).toBeUndefined()
    }
  })
})

describe("decodeObject", () => {
  it("undoes folds inside characters only, and refuses what is not UTF-8", () => {
    const bytes = (...parts: ReadonlyArray<string | number>) =>
      Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([part]))))
    const text = (of: Uint8Array) => Result.getOrThrow(decodeObject(of))
    expect(text(bytes("a\r\n b", 0xc3, "\r\n ", 0xa4, "\n\t", 0xc3, 0xa4, "\r\n "))).toBe("a\r\n bä\n\tä\r\n ")
    expect(Result.isFailure(decodeObject(bytes("SUMMARY:", 0xe4, "rzte")))).toBe(true)
  })
})
