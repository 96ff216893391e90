import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as fc from "fast-check"
import * as LocalDate from "../../src/time/LocalDate.ts"

const is = Schema.is(LocalDate.LocalDate)
const date = (text: string) => Schema.decodeUnknownSync(LocalDate.LocalDate)(text)

describe("LocalDate", () => {
  it.each(["1900-01-01", "9999-12-31", "2024-02-29", "2000-02-29", "2026-02-28", "2026-04-30", "2026-12-31"])(
    "takes %s",
    (text) => assert.isTrue(is(text))
  )

  it.each([
    "1899-12-31",
    "10000-01-01",
    "2026-02-31",
    "2026-02-29",
    "1900-02-29",
    "2100-02-29",
    "2026-04-31",
    "2026-00-10",
    "2026-13-10",
    "2026-01-00",
    "2026-01-32",
    "2026-1-1",
    "2026/01/01",
    "2026-01-01 ",
    " 2026-01-01",
    "2026-01-01\n",
    "2026-01-01T00:00",
    "2026-01-0a",
    "+026-01-01",
    ":000-01-01",
    "２０２６-01-01",
    ""
  ])("refuses %j", (text) => assert.isFalse(is(text)))

  it("counts days from 1970-01-01", () => {
    assert.strictEqual(LocalDate.toEpochDay(date("1970-01-01")), 0)
    assert.strictEqual(LocalDate.toEpochDay(date("1969-12-31")), -1)
    assert.strictEqual(LocalDate.toEpochDay(date("2000-03-01")), 11_017)
    assert.strictEqual(LocalDate.fromEpochDay(11_016), "2000-02-29")
  })

  it("agrees with the platform's calendar on every day from 1900 to 2500 and at the far end", () => {
    const check = (epochDay: number) => {
      const utc = new Date(epochDay * 86_400_000)
      const text = LocalDate.fromEpochDay(epochDay)
      if (text !== utc.toISOString().slice(0, 10)) assert.fail(`day ${epochDay} is written ${text}`)
      if (LocalDate.toEpochDay(text) !== epochDay) assert.fail(`${text} is read as ${LocalDate.toEpochDay(text)}`)
      if (LocalDate.isoWeekday(epochDay) !== (utc.getUTCDay() || 7)) assert.fail(`weekday of ${text}`)
    }
    for (let day = -25_567; day <= 193_900; day++) check(day)
    for (let day = 2_930_000; day <= 2_932_896; day++) check(day)
  })

  it("reads back any day it writes", () =>
    fc.assert(
      fc.property(fc.integer({ min: -25_567, max: 2_932_896 }), (day) => {
        const text = LocalDate.fromEpochDay(day)
        assert.isTrue(is(text))
        assert.strictEqual(LocalDate.toEpochDay(text), day)
      })
    ))

  it("writes the nearest day for one outside its years", () => {
    assert.strictEqual(LocalDate.fromEpochDay(2_932_897), "9999-12-31")
    assert.strictEqual(LocalDate.fromEpochDay(-25_568), "1900-01-01")
  })

  it("is described to readers of the API as a date", () => {
    const document = Schema.toJsonSchemaDocument(LocalDate.LocalDate)
    assert.propertyVal(document.definitions.LocalDate, "format", "date")
  })
})
