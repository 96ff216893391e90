import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import * as fc from "fast-check"
import * as LocalDateTime from "../../src/time/LocalDateTime.ts"
import * as TimeZone from "../../src/time/TimeZone.ts"
import * as UtcOffset from "../../src/time/UtcOffset.ts"
import * as WallTime from "../../src/time/WallTime.ts"

const decode = Schema.decodeUnknownSync(WallTime.WallTime)
const encode = Schema.encodeSync(WallTime.WallTime)
const offset = Schema.decodeUnknownSync(UtcOffset.UtcOffset)
const zone = Schema.decodeUnknownSync(TimeZone.TimeZone)
const bratislava = zone("Europe/Bratislava")
const ms = (text: string) => Date.parse(text)

const from = (text: string, given?: string, place = bratislava) =>
  WallTime.resolveFrom(place, decode(text), given === undefined ? undefined : offset(given))
const to = (text: string, fromMs: number, given?: string) =>
  WallTime.resolveTo(bratislava, decode(text), fromMs, given === undefined ? undefined : offset(given))

describe("WallTime", () => {
  it.each<readonly [string, WallTime.WallTime, string]>([
    ["2026-06-29", { _tag: "Day", epochDay: 20_633 }, "2026-06-29"],
    ["2024-02-29", { _tag: "Day", epochDay: 19_782 }, "2024-02-29"],
    ["1900-01-01", { _tag: "Day", epochDay: -25_567 }, "1900-01-01"],
    ["9999-12-31", { _tag: "Day", epochDay: 2_932_896 }, "9999-12-31"],
    ["2026-06-29T12:30", { _tag: "Local", localMs: ms("2026-06-29T12:30:00Z") }, "2026-06-29T12:30:00"],
    ["2026-06-29T12:30:15", { _tag: "Local", localMs: ms("2026-06-29T12:30:15Z") }, "2026-06-29T12:30:15"],
    ["2026-06-29T00:00", { _tag: "Local", localMs: ms("2026-06-29T00:00:00Z") }, "2026-06-29T00:00:00"],
    ["2026-06-29T12:30:15Z", { _tag: "Instant", epochMs: ms("2026-06-29T12:30:15Z") }, "2026-06-29T12:30:15Z"],
    ["2026-06-29T12:30:15.999Z", { _tag: "Instant", epochMs: ms("2026-06-29T12:30:15Z") }, "2026-06-29T12:30:15Z"],
    [
      "2026-06-29T12:30:15.1234567+02:00",
      { _tag: "Instant", epochMs: ms("2026-06-29T10:30:15Z") },
      "2026-06-29T10:30:15Z"
    ],
    ["2026-06-29T12:30:15+02:00", { _tag: "Instant", epochMs: ms("2026-06-29T10:30:15Z") }, "2026-06-29T10:30:15Z"],
    ["2026-06-29T12:30:15-03:30", { _tag: "Instant", epochMs: ms("2026-06-29T16:00:15Z") }, "2026-06-29T16:00:15Z"],
    ["2026-06-29T12:30:15-00:00", { _tag: "Instant", epochMs: ms("2026-06-29T12:30:15Z") }, "2026-06-29T12:30:15Z"],
    ["2026-06-29T12:30:15+23:59", { _tag: "Instant", epochMs: ms("2026-06-28T12:31:15Z") }, "2026-06-28T12:31:15Z"],
    ["2026-06-29T12:30:15-23:59", { _tag: "Instant", epochMs: ms("2026-06-30T12:29:15Z") }, "2026-06-30T12:29:15Z"]
  ])("takes %s", (text, time, written) => {
    assert.deepStrictEqual(decode(text), time)
    assert.strictEqual(encode(time), written)
  })

  it.each([
    "2026-02-31",
    "2026-02-29",
    "2100-02-29",
    "1899-12-31",
    "1899-12-31T23:59:59Z",
    "10000-01-01",
    "0000-01-01",
    "2026-13-01",
    "2026-02-31T10:00:00Z",
    "2026-06-29T24:00",
    "2026-06-29T24:00:00",
    "2026-06-29T24:00:00Z",
    "2026-06-29T25:00",
    "2026-06-29T25:00:00",
    "2026-06-29T12:60",
    "2026-06-29T12:00:60",
    "2026-06-29T23:59:60Z",
    "2026-06-29t12:00:00",
    "2026-06-29t12:00:00Z",
    "2026-06-29T12:00:00z",
    "2026-06-29 12:00:00",
    " 2026-06-29",
    "2026-06-29 ",
    "2026-06-29\n",
    "2026-06-29T12:00:00 ",
    "2026-06-29T12:00:00Z ",
    "2026-06-29T12:00:00Z\n",
    "2026-06-29T12:00:00 Z",
    "2026-06-29T12:00:00Zx",
    "2026-06-29T",
    "2026-06-29T12",
    "2026-06-29T12:0",
    "2026-06-29T12:00:",
    "2026-06-29T12:00:0",
    "2026-06-29T12:00Z",
    "2026-06-29T12:00+02:00",
    "2026-06-29Z",
    "2026-06-29T12:00:00.5",
    "2026-06-29T12:00:00.Z",
    "2026-06-29T12:00:00,5Z",
    "2026-06-29T12:00:00+24:00",
    "2026-06-29T12:00:00+02:60",
    "2026-06-29T12:00:00+0200",
    "2026-06-29T12:00:00+02",
    "2026-06-29T12:00:00+02:00:00",
    "2026-06-29T12:00:00+02:00[Europe/Bratislava]",
    "20260629T120000Z",
    "2026-6-29",
    "26-06-29",
    "1782734400000",
    "now",
    ""
  ])("refuses %j in one issue", (text) => {
    const result = Schema.decodeUnknownResult(WallTime.WallTime)(text)
    assert.isTrue(Result.isFailure(result))
    if (Result.isFailure(result)) assert.strictEqual(result.failure.message.split("\n").length, 1)
  })

  it("refuses what is not a text", () => {
    assert.isFalse(Result.isSuccess(Schema.decodeUnknownResult(WallTime.WallTime)(20_633)))
    assert.isFalse(Result.isSuccess(Schema.decodeUnknownResult(WallTime.WallTime)(null)))
  })

  it("is described to readers of the API as one text", () => {
    const { schema, definitions } = Schema.toJsonSchemaDocument(WallTime.WallTime)
    assert.deepStrictEqual(schema, { $ref: "#/$defs/WallTime" })
    assert.deepInclude(definitions.WallTime, { type: "string", format: "date-time" })
    for (const example of (definitions.WallTime?.examples ?? []) as ReadonlyArray<unknown>) decode(example)
  })

  describe("resolves", () => {
    it("ordinary times by the zone", () => {
      assert.deepStrictEqual(from("2026-06-29T12:00"), Result.succeed(ms("2026-06-29T10:00:00Z")))
      assert.deepStrictEqual(from("2026-12-29T12:00"), Result.succeed(ms("2026-12-29T11:00:00Z")))
      assert.deepStrictEqual(from("2026-06-29"), Result.succeed(ms("2026-06-28T22:00:00Z")))
      assert.deepStrictEqual(from("2026-06-29T12:00:00-05:00"), Result.succeed(ms("2026-06-29T17:00:00Z")))
      assert.deepStrictEqual(to("2026-06-29T12:00", 0), Result.succeed(ms("2026-06-29T10:00:00Z")))
    })

    it("a time in the spring gap to a problem, with an offset too", () => {
      for (const text of ["2026-03-29T02:00", "2026-03-29T02:59:59"]) {
        assert.deepStrictEqual(from(text), Result.fail("gap"))
        assert.deepStrictEqual(from(text, "+01:00"), Result.fail("gap"))
        assert.deepStrictEqual(to(text, 0), Result.fail("gap"))
      }
      assert.deepStrictEqual(from("2026-03-29T01:59:59"), Result.succeed(ms("2026-03-29T00:59:59Z")))
      assert.deepStrictEqual(from("2026-03-29T03:00"), Result.succeed(ms("2026-03-29T01:00:00Z")))
    })

    it("the start of a day without midnight to the change", () => {
      const saoPaulo = zone("America/Sao_Paulo")
      assert.deepStrictEqual(from("2018-11-04", undefined, saoPaulo), Result.succeed(ms("2018-11-04T03:00:00Z")))
      assert.deepStrictEqual(from("2018-11-04T00:00", undefined, saoPaulo), Result.fail("gap"))
    })

    const first = ms("2026-10-25T00:30:00Z")
    const second = ms("2026-10-25T01:30:00Z")

    it("a repeated hour: from means the first pass, to the earliest after from", () => {
      assert.deepStrictEqual(from("2026-10-25T02:30"), Result.succeed(first))
      assert.deepStrictEqual(to("2026-10-25T02:30", first - 1), Result.succeed(first))
      assert.deepStrictEqual(to("2026-10-25T02:30", first), Result.succeed(second))
      assert.deepStrictEqual(to("2026-10-25T02:30", second - 1), Result.succeed(second))
      assert.deepStrictEqual(to("2026-10-25T02:30", second), Result.succeed(second))
    })

    it("a repeated hour by the offset that is given", () => {
      assert.deepStrictEqual(from("2026-10-25T02:30", "+02:00"), Result.succeed(first))
      assert.deepStrictEqual(from("2026-10-25T02:30", "+01:00"), Result.succeed(second))
      assert.deepStrictEqual(to("2026-10-25T02:30", first, "+02:00"), Result.succeed(first))
      assert.deepStrictEqual(to("2026-10-25T02:30", 0, "+01:00"), Result.succeed(second))
    })

    it("an offset that the zone does not have there to a problem", () => {
      assert.deepStrictEqual(from("2026-10-25T02:30", "+03:00"), Result.fail("offset"))
      assert.deepStrictEqual(from("2026-06-29T12:00", "+01:00"), Result.fail("offset"))
      assert.deepStrictEqual(from("2026-06-29", "+01:00"), Result.fail("offset"))
      assert.deepStrictEqual(to("2026-06-29T12:00", 0, "+01:00"), Result.fail("offset"))
      assert.deepStrictEqual(from("2026-06-29T12:00", "+02:00"), Result.succeed(ms("2026-06-29T10:00:00Z")))
      assert.deepStrictEqual(from("2026-06-29", "+02:00"), Result.succeed(ms("2026-06-28T22:00:00Z")))
    })

    it("an RFC 3339 text by itself, and by an offset only where the zone agrees", () => {
      assert.deepStrictEqual(from("2026-10-25T02:30:00+01:00"), Result.succeed(second))
      assert.deepStrictEqual(from("2026-10-25T01:30:00Z", "+01:00"), Result.succeed(second))
      assert.deepStrictEqual(from("2026-10-25T01:30:00Z", "+02:00"), Result.fail("offset"))
      assert.deepStrictEqual(to("2026-10-25T02:30:00+02:00", second), Result.succeed(first))
    })
  })

  it("finds the calendar day in the zone, in the gap too", () => {
    const dayOf = (text: string) => WallTime.dayOf(bratislava, decode(text))
    assert.strictEqual(dayOf("2026-06-29"), 20_633)
    assert.strictEqual(dayOf("2026-06-29T23:59:59"), 20_633)
    assert.strictEqual(dayOf("2026-06-29T21:59:59Z"), 20_633)
    assert.strictEqual(dayOf("2026-06-29T22:00:00Z"), 20_634)
    assert.strictEqual(dayOf("2026-03-29T02:30"), ms("2026-03-29T00:00:00Z") / 86_400_000)
    assert.strictEqual(dayOf("1969-12-31T23:00"), -1)
  })

  it("names the offset of the second pass only", () => {
    const written = (text: string): ReadonlyArray<string | undefined> => {
      const { text: local, offset } = WallTime.format(bratislava, ms(text))
      return [local, offset]
    }
    assert.deepStrictEqual(written("2026-10-24T23:59:59Z"), ["2026-10-25T01:59:59", undefined])
    assert.deepStrictEqual(written("2026-10-25T00:00:00Z"), ["2026-10-25T02:00:00", undefined])
    assert.deepStrictEqual(written("2026-10-25T00:59:59Z"), ["2026-10-25T02:59:59", undefined])
    assert.deepStrictEqual(written("2026-10-25T01:00:00Z"), ["2026-10-25T02:00:00", "+01:00"])
    assert.deepStrictEqual(written("2026-10-25T01:59:59.999Z"), ["2026-10-25T02:59:59", "+01:00"])
    assert.deepStrictEqual(written("2026-10-25T02:00:00Z"), ["2026-10-25T03:00:00", undefined])
    assert.deepStrictEqual(written("2026-03-29T00:59:59Z"), ["2026-03-29T01:59:59", undefined])
    assert.deepStrictEqual(written("2026-03-29T01:00:00Z"), ["2026-03-29T03:00:00", undefined])
  })

  const zones = fc.constantFrom(...Intl.supportedValuesOf("timeZone").map((name) => zone(name)))
  const seconds = fc.integer({ min: ms("1900-01-02T00:00:00Z") / 1_000, max: ms("9999-12-30T00:00:00Z") / 1_000 })

  it("reads back any instant that it writes", () =>
    fc.assert(
      fc.property(zones, seconds, (place, second) => readsBack(place, second * 1_000)),
      { numRuns: 300 }
    ))

  it("reads back the instants around the changes of any zone", () =>
    fc.assert(
      fc.property(
        zones,
        fc.integer({ min: 1900, max: 2100 }),
        fc.integer({ min: -7_200, max: 7_200 }),
        (place, year, near) => {
          for (const { atMs } of TimeZone.transitionsBetween(place, Date.UTC(year, 0), Date.UTC(year + 1, 0))) {
            readsBack(place, atMs + near * 1_000)
          }
        }
      ),
      { numRuns: 300 }
    ))

  const readsBack = (place: TimeZone.TimeZone, instant: number) => {
    const { text, offset } = WallTime.format(place, instant)
    assert.isTrue(Schema.is(LocalDateTime.LocalDateTime)(text))
    assert.deepStrictEqual(WallTime.resolveFrom(place, decode(text), offset), Result.succeed(instant))
    assert.deepStrictEqual(WallTime.resolveTo(place, decode(text), instant - 1, offset), Result.succeed(instant))
  }

  it("reads back any text that it writes", () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: -25_567, max: 2_932_896 }).map((epochDay) => ({ _tag: "Day" as const, epochDay })),
          seconds.map((second) => ({ _tag: "Local" as const, localMs: second * 1_000 })),
          seconds.map((second) => ({ _tag: "Instant" as const, epochMs: second * 1_000 }))
        ),
        (time) => assert.deepStrictEqual(decode(encode(time)), time)
      )
    ))
})
