import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { isOpen } from "../../src/booking/Opening.ts"
import { Calendar } from "../../src/calendar/Calendar.ts"
import { holdsOf, servesAll } from "../../src/sync/Occupancy.ts"
import type { SyncTerm } from "../../src/sync/SyncState.ts"
import { TimeZone } from "../../src/time/TimeZone.ts"
import { at, opening } from "../booking/Support.ts"
import { bratislava, utc } from "./Support.ts"

/** Bratislava in winter, as UTC. */
const from = (start: string, end: string): SyncTerm => ({ startMs: utc(start), endMs: utc(end) })

describe("holdsOf", () => {
  const day = opening(at("08:00-12:00"), at("13:00-17:00"))

  it("one for each opening that the term overlaps, cut to it", () =>
    assert.deepStrictEqual(holdsOf(from("2026-11-23T09:00", "2026-11-23T14:00"), day, 1), [
      from("2026-11-23T09:00", "2026-11-23T11:00"),
      from("2026-11-23T12:00", "2026-11-23T14:00")
    ]))
  it("none where it only touches one", () =>
    assert.deepStrictEqual(holdsOf(from("2026-11-23T11:00", "2026-11-23T12:00"), day, 1), []))
  it("abutting windows are one opening, across midnight too", () => {
    const night = opening(at("20:00-22:00"), at("22:00-24:00"), at("00:00-02:00"))
    assert.deepStrictEqual(holdsOf(from("2026-11-23T18:00", "2026-11-24T03:00"), night, 1), [
      from("2026-11-23T19:00", "2026-11-24T01:00")
    ])
  })
  it("only while the calendar is valid, and only where the service is allowed", () => {
    const newYear = from("2026-12-31T06:00", "2027-01-01T20:00")
    assert.deepStrictEqual(holdsOf(newYear, opening(at("08:00-12:00")), 1), [
      from("2026-12-31T07:00", "2026-12-31T11:00")
    ])
    assert.deepStrictEqual(holdsOf(newYear, opening(at("08:00-12:00", { allowedServices: [2] })), 1), [])
    assert.deepStrictEqual(holdsOf(from("2025-12-31T06:00", "2025-12-31T20:00"), opening(at("08:00-12:00")), 1), [])
  })
  it("windows of both days where clocks go back over midnight", () => {
    // In St. John's they went back from 00:01 to 23:01 on 7 November 2010 (02:31 UTC).
    const book = {
      ...opening(at("22:00-23:30"), at("00:00-00:15")),
      timeZone: Schema.decodeUnknownSync(TimeZone)("America/St_Johns"),
      validFromDay: 0
    }
    const evening = { ...book, intervals: book.intervals.slice(0, 1) }
    const morning = { ...book, intervals: book.intervals.slice(1) }
    const term = from("2010-11-07T02:30:30", "2010-11-07T02:50")
    assert.deepStrictEqual(holdsOf(term, evening, 1), [term])
    assert.deepStrictEqual(holdsOf(term, morning, 1), [term])
    assert.deepStrictEqual(holdsOf({ ...term, endMs: utc("2010-11-07T06:00") }, evening, 1), [
      from("2010-11-07T02:30:30", "2010-11-07T03:00")
    ])
  })

  it("holds are open, apart, inside the term, and leave nothing open of it", () => {
    const quarter = 900_000
    const intervals = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 1, max: 24 })).map(([start, length]) => {
        const end = Math.min(24, start + length)
        return at(`${String(start).padStart(2, "0")}:00-${String(end).padStart(2, "0")}:00`)
      }),
      { minLength: 1, maxLength: 3 }
    )
    // Around the change of 25 October, in quarters of an hour.
    const base = utc("2026-10-23T00:00")
    const terms = fc
      .tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 200 }))
      .map(([start, length]) => ({ startMs: base + start * quarter, endMs: base + (start + length) * quarter }))
    fc.assert(
      fc.property(intervals, terms, (windows, term) => {
        const book = opening(...windows)
        const holds = holdsOf(term, book, 1)
        holds.forEach(({ endMs, startMs }, index) => {
          assert.isTrue(isOpen(book, 1, { fromMs: startMs, toMs: endMs }))
          assert.isTrue(startMs >= term.startMs && endMs <= term.endMs)
          if (index > 0) assert.isTrue(holds[index - 1]!.endMs < startMs)
        })
        for (let fromMs = term.startMs; fromMs < term.endMs; fromMs += quarter) {
          const isHeld = holds.some(({ endMs, startMs }) => startMs <= fromMs && fromMs + quarter <= endMs)
          assert.strictEqual(isHeld, isOpen(book, 1, { fromMs, toMs: fromMs + quarter }))
        }
      }),
      { numRuns: 300 }
    )
  })
})

describe("servesAll", () => {
  const calendar = (id: number, first: string, last: string) => ({
    id: Schema.decodeUnknownSync(Calendar.fields.id)(id),
    validFrom: Schema.decodeUnknownSync(Calendar.fields.validFrom)(`${first}T12:00:00`),
    validTo: Schema.decodeUnknownSync(Calendar.fields.validTo)(`${last}T00:00:00`)
  })
  const ever = calendar(1, "2026-01-01", "2026-12-31")
  const later = calendar(2, "2026-11-24", "2026-12-31")
  const ended = calendar(3, "2026-01-01", "2026-11-22")
  const all = [ever, later, ended]
  const serves = (bound: ReadonlyArray<number>, term: SyncTerm, calendars = all) =>
    servesAll(calendars, new Set(bound), bratislava, term)
  const onThe23rd = from("2026-11-22T23:00", "2026-11-23T23:00")

  it("all that are valid then, whole days in the zone", () => assert.isTrue(serves([1], onThe23rd)))
  it("not one that becomes valid while the term lasts", () =>
    assert.isFalse(serves([1], { ...onThe23rd, endMs: onThe23rd.endMs + 1 })))
  it("not one that was valid on its first day, inclusive", () =>
    assert.isFalse(serves([1], { ...onThe23rd, startMs: onThe23rd.startMs - 1 })))
  it("all that are bound", () => {
    assert.isTrue(serves([1, 2, 3], from("2026-11-20T08:00", "2026-11-30T08:00")))
    assert.isFalse(serves([2, 3], onThe23rd))
  })
  it("nothing where no calendar is valid", () => assert.isFalse(serves([1], onThe23rd, [later, ended])))
})
