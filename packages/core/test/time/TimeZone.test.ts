import { assert, describe, it } from "@effect/vitest"
import { DateTime, Schema } from "effect"
import * as fc from "fast-check"
import * as TimeZone from "../../src/time/TimeZone.ts"

const HOUR = 3_600_000
const DAY = 24 * HOUR
const zone = (name: string) => Schema.decodeUnknownSync(TimeZone.TimeZone)(name)
const utc = (text: string) => Date.parse(`${text}Z`)
const day = (text: string) => utc(`${text}T00:00:00`) / DAY
const years = Array.from({ length: 16 }, (_, i) => 2020 + i)

// The rule of the European Union (Directive 2000/84/EC), which the United Kingdom shares: last Sundays, 01:00 UTC.
const lastSunday = (year: number, month: number) => {
  const end = Date.UTC(year, month, 0)
  return end - new Date(end).getUTCDay() * DAY + HOUR
}

const allZones = fc.constantFrom(...Intl.supportedValuesOf("timeZone").map(zone))
const instants = fc
  .integer({ min: Date.UTC(1900, 0, 2) / 1_000, max: Date.UTC(9999, 11, 30) / 1_000 })
  .map((seconds) => seconds * 1_000)
const nearInstants = fc
  .integer({ min: Date.UTC(1900, 0, 2) / 1_000, max: Date.UTC(2100, 0, 1) / 1_000 })
  .map((seconds) => seconds * 1_000)

// What Intl shows on the wall clock, read from the fields of the date: another way than the library's.
const intlFormat = (name: string) =>
  new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric"
  })
const intlLocalMs = (name: string, epochMs: number, format = intlFormat(name)) => {
  const part: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(epochMs)) part[type] = Number(value)
  return Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second)
}

describe("TimeZone", () => {
  it.each(["Europe/Bratislava", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+1"])("takes %s", (name) =>
    assert.strictEqual(zone(name), name)
  )

  it.each(["+01:00", "-05:00", "Z", "Europe/Nowhere", "Europe/Bratislava ", "GMT+1", ""])("refuses %j", (name) =>
    assert.isFalse(Schema.is(TimeZone.TimeZone)(name))
  )

  describe.each([
    ["Europe/Bratislava", HOUR],
    ["Europe/London", 0]
  ])("%s", (name, winter) => {
    const place = zone(name)

    it("changes by the directive in each year from 2020 to 2035", () => {
      const expected = years.flatMap((year) => [
        { atMs: lastSunday(year, 3), offsetBeforeMs: winter, offsetAfterMs: winter + HOUR },
        { atMs: lastSunday(year, 10), offsetBeforeMs: winter + HOUR, offsetAfterMs: winter }
      ])
      assert.deepStrictEqual(TimeZone.transitionsBetween(place, Date.UTC(2020), Date.UTC(2036)), expected)
    })

    it.each(years)("skips an hour and repeats an hour in %i", (year) => {
      const spring = lastSunday(year, 3)
      const gap = spring + winter
      assert.deepStrictEqual(TimeZone.instantsOf(place, gap - 1), [spring - 1])
      assert.isUndefined(TimeZone.changeInstant(place, gap - 1))
      for (const localMs of [gap, gap + HOUR / 2, gap + HOUR - 1]) {
        assert.deepStrictEqual(TimeZone.instantsOf(place, localMs), [])
        assert.strictEqual(TimeZone.changeInstant(place, localMs), spring)
      }
      assert.deepStrictEqual(TimeZone.instantsOf(place, gap + HOUR), [spring])
      assert.isUndefined(TimeZone.changeInstant(place, gap + HOUR))

      const autumn = lastSunday(year, 10)
      const repeated = autumn + winter
      assert.deepStrictEqual(TimeZone.instantsOf(place, repeated - 1), [autumn - HOUR - 1])
      for (const past of [0, HOUR / 2, HOUR - 1]) {
        assert.deepStrictEqual(TimeZone.instantsOf(place, repeated + past), [autumn - HOUR + past, autumn + past])
        assert.isUndefined(TimeZone.changeInstant(place, repeated + past))
      }
      assert.deepStrictEqual(TimeZone.instantsOf(place, repeated + HOUR), [autumn + HOUR])
      assert.strictEqual(TimeZone.offsetMsAt(place, autumn - 1), winter + HOUR)
      assert.strictEqual(TimeZone.offsetMsAt(place, autumn), winter)
    })

    it("has days of 23, 24 and 25 hours, which its instants belong to", () => {
      const first = day("2020-01-01")
      let start = TimeZone.startOfDay(place, first)
      assert.strictEqual(start, first * DAY - winter)
      for (let epochDay = first; epochDay < day("2036-01-01"); epochDay++) {
        const next = TimeZone.startOfDay(place, epochDay + 1)
        const utcYear = new Date(epochDay * DAY).getUTCFullYear()
        const expected =
          epochDay === Math.floor(lastSunday(utcYear, 3) / DAY)
            ? 23
            : epochDay === Math.floor(lastSunday(utcYear, 10) / DAY)
              ? 25
              : 24
        assert.strictEqual((next - start) / HOUR, expected)
        assert.strictEqual(TimeZone.epochDayAt(place, start), epochDay)
        assert.strictEqual(TimeZone.epochDayAt(place, next - 1), epochDay)
        start = next
      }
    })
  })

  it("knows the first midnight of the year and the leap day", () => {
    const bratislava = zone("Europe/Bratislava")
    assert.strictEqual(TimeZone.startOfDay(bratislava, day("2027-01-01")), utc("2026-12-31T23:00:00"))
    assert.strictEqual(TimeZone.epochDayAt(bratislava, utc("2026-12-31T22:59:59")), day("2026-12-31"))
    assert.strictEqual(TimeZone.epochDayAt(bratislava, utc("2026-12-31T23:00:00")), day("2027-01-01"))
    assert.strictEqual(TimeZone.startOfDay(bratislava, day("2024-02-29")), utc("2024-02-28T23:00:00"))
    assert.strictEqual(TimeZone.epochDayAt(bratislava, utc("2024-02-29T12:00:00")), day("2024-02-29"))
  })

  it("starts a day without midnight at the change", () => {
    const saoPaulo = zone("America/Sao_Paulo")
    const start = TimeZone.startOfDay(saoPaulo, day("2018-11-04"))
    assert.strictEqual(start, utc("2018-11-04T03:00:00"))
    assert.strictEqual(TimeZone.toLocalMs(saoPaulo, start), utc("2018-11-04T01:00:00"))
    assert.strictEqual(TimeZone.toLocalMs(saoPaulo, start - 1_000), utc("2018-11-03T23:59:59"))
  })

  it("starts a day whose midnight comes twice at the first", () => {
    // Clocks went back from 00:01 to 23:01 of the day before.
    const stJohns = zone("America/St_Johns")
    const start = TimeZone.startOfDay(stJohns, day("2006-10-29"))
    assert.strictEqual(start, utc("2006-10-29T02:30:00"))
    assert.strictEqual(TimeZone.epochDayAt(stJohns, start), day("2006-10-29"))
    assert.strictEqual(TimeZone.epochDayAt(stJohns, start + 60_000), day("2006-10-28"))
    assert.deepStrictEqual(TimeZone.instantsOf(stJohns, day("2006-10-29") * DAY), [start, start + HOUR])
  })

  it("changes by half an hour on Lord Howe", () => {
    const lordHowe = zone("Australia/Lord_Howe")
    assert.deepStrictEqual(TimeZone.transitionsBetween(lordHowe, Date.UTC(2026, 0), Date.UTC(2027, 0)), [
      { atMs: utc("2026-04-04T15:00:00"), offsetBeforeMs: 11 * HOUR, offsetAfterMs: 10.5 * HOUR },
      { atMs: utc("2026-10-03T15:30:00"), offsetBeforeMs: 10.5 * HOUR, offsetAfterMs: 11 * HOUR }
    ])
    const repeated = TimeZone.instantsOf(lordHowe, utc("2026-04-05T01:45:00"))
    assert.deepStrictEqual(repeated, [utc("2026-04-04T14:45:00"), utc("2026-04-04T15:15:00")])
    assert.deepStrictEqual(TimeZone.instantsOf(lordHowe, utc("2026-10-04T02:15:00")), [])
    assert.strictEqual(TimeZone.changeInstant(lordHowe, utc("2026-10-04T02:15:00")), utc("2026-10-03T15:30:00"))
  })

  it("has offsets of quarter hours and of seconds", () => {
    assert.strictEqual(TimeZone.offsetMsAt(zone("Asia/Kathmandu"), utc("2026-01-01T00:00:00")), 5.75 * HOUR)
    assert.strictEqual(TimeZone.offsetMsAt(zone("Africa/Monrovia"), utc("1950-01-01T00:00:00")), -2_670_000)
    // The mean time of Madras ended between two minutes.
    const [change] = TimeZone.transitionsBetween(zone("Asia/Kolkata"), Date.UTC(1905, 0), Date.UTC(1907, 0))
    assert.deepStrictEqual(change, {
      atMs: utc("1905-12-31T18:38:50"),
      offsetBeforeMs: 19_270_000,
      offsetAfterMs: 5.5 * HOUR
    })
  })

  it("skips 30 December 2011 in Apia", () => {
    const apia = zone("Pacific/Apia")
    const change = utc("2011-12-30T10:00:00")
    assert.strictEqual(TimeZone.startOfDay(apia, day("2011-12-30")), change)
    assert.strictEqual(TimeZone.startOfDay(apia, day("2011-12-31")), change)
    assert.strictEqual(TimeZone.startOfDay(apia, day("2011-12-29")), change - DAY)
    assert.strictEqual(TimeZone.epochDayAt(apia, change - 1), day("2011-12-29"))
    assert.strictEqual(TimeZone.epochDayAt(apia, change), day("2011-12-31"))
    for (const local of ["2011-12-30T00:00:00", "2011-12-30T12:00:00", "2011-12-30T23:59:59"]) {
      assert.deepStrictEqual(TimeZone.instantsOf(apia, utc(local)), [])
      assert.strictEqual(TimeZone.changeInstant(apia, utc(local)), change)
    }
  })

  it("never changes in UTC", () => {
    const greenwich = zone("UTC")
    assert.deepStrictEqual(TimeZone.transitionsBetween(greenwich, Date.UTC(1900, 0), Date.UTC(2500, 0)), [])
    assert.deepStrictEqual(TimeZone.instantsOf(greenwich, 12_345), [12_345])
    assert.strictEqual(TimeZone.startOfDay(greenwich, 1), DAY)
  })

  it("lists changes from the first bound, inclusive, to the second, exclusive", () => {
    const bratislava = zone("Europe/Bratislava")
    const spring = lastSunday(2026, 3)
    const at = (fromMs: number, toMs: number) => TimeZone.transitionsBetween(bratislava, fromMs, toMs).length
    assert.strictEqual(at(spring, spring + 1), 1)
    assert.strictEqual(at(spring - 1_000, spring), 0)
    assert.strictEqual(at(spring + 1, spring + 1_000), 0)
    assert.strictEqual(at(Date.UTC(9000, 0), Date.UTC(9010, 0)), 20)
  })

  it("keeps its rules in far years, and across the cycle of 400", () => {
    const bratislava = zone("Europe/Bratislava")
    for (const year of [2099, 2100, 2101, 2102, 2499, 2500, 2501, 2502, 6000, 9998]) {
      const spring = lastSunday(year, 3)
      assert.deepStrictEqual(TimeZone.instantsOf(bratislava, spring + HOUR), [])
      assert.strictEqual(TimeZone.changeInstant(bratislava, spring + HOUR), spring)
      const autumn = lastSunday(year, 10)
      assert.deepStrictEqual(TimeZone.instantsOf(bratislava, autumn + HOUR), [autumn - HOUR, autumn])
    }
  })

  it.each(["Asia/Gaza", "Africa/Casablanca", "Africa/El_Aaiun"])(
    "follows %s, tabled year by year past 2080",
    (name) => {
      // Changes for Ramadan follow the moon, and so no rule of the solar year until the table ends.
      const format = intlFormat(name)
      for (const century of [2026, 2426]) {
        for (let instant = Date.UTC(century, 0); instant < Date.UTC(century + 100, 0); instant += 5 * DAY) {
          assert.strictEqual(TimeZone.toLocalMs(zone(name), instant), intlLocalMs(name, instant, format))
        }
      }
    }
  )

  it("agrees with Intl on the wall clock of any zone at any instant", () =>
    fc.assert(
      fc.property(allZones, instants, (place, instant) =>
        assert.strictEqual(TimeZone.toLocalMs(place, instant), intlLocalMs(place, instant))
      ),
      { numRuns: 300 }
    ))

  it("agrees with Effect's DateTime on offsets", () =>
    fc.assert(
      fc.property(allZones, nearInstants, (place, instant) =>
        assert.strictEqual(
          TimeZone.offsetMsAt(place, instant),
          DateTime.zonedOffset(DateTime.makeZonedUnsafe(instant, { timeZone: place }))
        )
      ),
      { numRuns: 200 }
    ))

  it("finds each instant again among those of its local time, ascending", () =>
    fc.assert(
      fc.property(allZones, instants, (place, instant) => {
        const found = TimeZone.instantsOf(place, TimeZone.toLocalMs(place, instant))
        assert.include(found, instant)
        assert.deepStrictEqual(
          found,
          [...found].sort((a, b) => a - b)
        )
      }),
      { numRuns: 300 }
    ))

  it("covers what lies around any change of any zone: gap, repetition or neither", () =>
    fc.assert(
      fc.property(
        allZones,
        fc.integer({ min: 1900, max: 2100 }),
        fc.integer({ min: -DAY, max: DAY }),
        (place, year, near) => {
          for (const change of TimeZone.transitionsBetween(place, Date.UTC(year, 0), Date.UTC(year + 1, 0))) {
            const { atMs, offsetBeforeMs: before, offsetAfterMs: after } = change
            assert.strictEqual(intlLocalMs(place, atMs) - atMs, after)
            assert.strictEqual(intlLocalMs(place, atMs - 1_000) - atMs + 1_000, before)
            const localMs = atMs + Math.max(before, after) + near
            const isSkipped = localMs >= atMs + before && localMs < atMs + after
            const isRepeated = localMs >= atMs + after && localMs < atMs + before
            assert.strictEqual(TimeZone.instantsOf(place, localMs).length, isSkipped ? 0 : isRepeated ? 2 : 1)
            assert.strictEqual(TimeZone.changeInstant(place, localMs), isSkipped ? atMs : undefined)
          }
        }
      ),
      { numRuns: 200 }
    ))
})
