import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { BlockedTime } from "../../src/blocked-time/BlockedTime.ts"
import { Reservation } from "../../src/reservation/Reservation.ts"
import {
  blockedTimeState,
  type ListedTerm,
  readTerm,
  reservationState,
  wholeSeconds,
  writeTerm
} from "../../src/sync/Terms.ts"
import { LocalDateTime } from "../../src/time/LocalDateTime.ts"
import { UtcOffset } from "../../src/time/UtcOffset.ts"
import { format, resolveFrom, resolveTo } from "../../src/time/WallTime.ts"
import { bratislava, term, utc } from "./Support.ts"

const text = (time: string) => LocalDateTime.make(time)
const winter = UtcOffset.make("+01:00")
const summer = UtcOffset.make("+02:00")

/** A row on the day that clocks go back in Bratislava, from 03:00 +02:00 to 02:00 +01:00 (01:00 UTC). */
const row = (from: string, to: string, rest: Partial<ListedTerm> = {}): ListedTerm => ({
  dateFrom: text(`2026-10-25T${from}`),
  dateTo: text(`2026-10-25T${to}`),
  ...rest
})

describe("readTerm", () => {
  it.each<readonly [string, ListedTerm, string]>([
    ["a plain term", row("10:00:00", "10:30:15"), "09:00-09:30:15"],
    ["a repeated time without offset is the first", row("02:15:00", "02:45:00"), "00:15-00:45"],
    ["the first that fits the duration", row("02:15:00", "02:45:00", { duration: 30 }), "00:15-00:45"],
    ["an end in the second pass by its duration", row("02:15:00", "02:45:00", { duration: 90 }), "00:15-01:45"],
    ["a start in the second pass by its duration", row("02:15:00", "03:15:00", { duration: 60 }), "01:15-02:15"],
    ["a duration that leaves seconds out", row("02:15:00", "02:45:30", { duration: 90 }), "00:15-01:45:30"],
    ["a duration that fits nothing: the first", row("02:15:00", "02:45:00", { duration: 44 }), "00:15-00:45"],
    ["an end before the start's text is in the second pass", row("02:45:00", "02:15:00"), "00:45-01:15"],
    [
      "the second pass by its offsets",
      row("02:15:00", "02:45:00", { dateFromOffset: winter, dateToOffset: winter }),
      "01:15-01:45"
    ],
    ["offsets before duration", row("02:15:00", "02:45:00", { dateToOffset: summer, duration: 90 }), "00:15-00:45"]
  ])("%s", (_, listed, expected) => {
    const [from, to] = expected.split("-")
    assert.deepStrictEqual(
      readTerm(bratislava, listed),
      Result.succeed({ startMs: utc(`2026-10-25T${from}`), endMs: utc(`2026-10-25T${to}`) })
    )
  })

  it("a time that does not exist, or not with that offset, is a failure", () => {
    const gap = { dateFrom: text("2026-03-29T02:30:00"), dateTo: text("2026-03-29T04:00:00") }
    assert.deepStrictEqual(readTerm(bratislava, gap), Result.fail("gap"))
    assert.deepStrictEqual(
      readTerm(bratislava, row("10:00:00", "10:30:00", { dateToOffset: summer })),
      Result.fail("offset")
    )
  })
})

describe("states of rows", () => {
  it("a reservation: its status, and the text that its appointment shows", () => {
    const reservation = Schema.decodeUnknownSync(Reservation)({
      id: 1,
      name: "John Audrey",
      service: 1,
      duration: 90,
      created: "2026-10-01T12:00:00",
      dateFrom: "2026-10-25T02:15:00",
      dateTo: "2026-10-25T02:45:00",
      needsSync: true,
      facilityId: 1,
      status: "DID_NOT_COME"
    })
    assert.deepStrictEqual(
      reservationState(bratislava, reservation, "J. A."),
      Result.succeed({ term: term("00:15-01:45", "2026-10-25"), status: "DID_NOT_COME" as const, text: "J. A." })
    )
  })
  it("a blocked time: there, and its note", () => {
    const blocked = { id: 1, dateFrom: "2026-11-22T11:00:00", dateTo: "2026-11-22T11:30:00" }
    const expected = (note: string) =>
      Result.succeed({ term: term("10:00-10:30"), status: "CONFIRMED" as const, text: note })
    const read = (row: unknown) => blockedTimeState(bratislava, Schema.decodeUnknownSync(BlockedTime)(row))
    assert.deepStrictEqual(read({ ...blocked, note: "lunch" }), expected("lunch"))
    assert.deepStrictEqual(read(blocked), expected(""))
  })
})

describe("writeTerm", () => {
  const aroundTheChange = fc
    .tuple(
      fc.integer({ min: utc("2026-10-24T22:00"), max: utc("2026-10-25T04:00") }),
      fc.integer({ min: 1, max: 4 * 3_600_000 })
    )
    .map(([startMs, lengthMs]) => ({ startMs, endMs: startMs + lengthMs }))

  it("has an offset only in the second pass", () => {
    const local = (time: string) => ({ _tag: "Local" as const, localMs: utc(`2026-10-25T${time}`) })
    assert.deepStrictEqual(writeTerm(bratislava, term("00:15-00:45", "2026-10-25")), {
      dateFrom: local("02:15"),
      dateTo: local("02:45")
    })
    assert.deepStrictEqual(writeTerm(bratislava, term("01:15-01:45", "2026-10-25")), {
      dateFrom: local("02:15"),
      dateFromOffset: winter,
      dateTo: local("02:45"),
      dateToOffset: winter
    })
  })

  it("is read back as the same instants by a server, and in a row of it by us", () => {
    fc.assert(
      fc.property(aroundTheChange, (given) => {
        const whole = wholeSeconds(given)
        const sent = writeTerm(bratislava, given)
        assert.deepStrictEqual(
          resolveFrom(bratislava, sent.dateFrom, sent.dateFromOffset),
          Result.succeed(whole.startMs)
        )
        assert.deepStrictEqual(
          resolveTo(bratislava, sent.dateTo, whole.startMs, sent.dateToOffset),
          Result.succeed(whole.endMs)
        )
        const from = format(bratislava, whole.startMs)
        const to = format(bratislava, whole.endMs)
        const listed = {
          dateFrom: from.text,
          ...(from.offset === undefined ? {} : { dateFromOffset: from.offset }),
          dateTo: to.text,
          ...(to.offset === undefined ? {} : { dateToOffset: to.offset }),
          duration: (whole.endMs - whole.startMs) / 60_000
        }
        assert.deepStrictEqual(readTerm(bratislava, listed), Result.succeed(whole))
      }),
      { numRuns: 2_000 }
    )
  })

  it("covers a term of milliseconds, and keeps one of whole seconds", () => {
    assert.deepStrictEqual(wholeSeconds({ startMs: 1_001, endMs: 2_001 }), { startMs: 1_000, endMs: 3_000 })
    assert.deepStrictEqual(wholeSeconds({ startMs: -1, endMs: 1_000 }), { startMs: -1_000, endMs: 1_000 })
    assert.deepStrictEqual(wholeSeconds({ startMs: 1_000, endMs: 2_000 }), { startMs: 1_000, endMs: 2_000 })
  })
})
