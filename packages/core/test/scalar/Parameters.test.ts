/** Tests of scalars in a path or a query: decimal digits and nothing else, and what they mean in the OpenAPI document. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import * as fc from "fast-check"
import { FacilityId } from "../../src/scalar/Id.ts"
import { BooleanText, fromDecimal, wholeNumber } from "../../src/scalar/Parameters.ts"
import { problems } from "./Support.ts"

const id = fromDecimal(FacilityId)
const limit = wholeNumber(0, 100)
const notText = [
  "",
  " ",
  " 5",
  "5 ",
  "+5",
  "-5",
  "5.0",
  "5,0",
  "1e1",
  "0x10",
  "1_0",
  "٥",
  "five",
  "NaN",
  "Infinity",
  "5\n"
]

describe("an id in a path or query", () => {
  it.each([
    ["1", 1],
    ["0123", 123],
    ["9007199254740991", 2 ** 53 - 1]
  ])("reads %s", (text, number) => {
    expect(Schema.decodeUnknownSync(id)(text)).toBe(number)
  })

  it.each([...notText, "0", "9007199254740992", "9007199254740993", "99999999999999999999", 5, null, ["5"]])(
    "refuses %j",
    (text) => {
      expect(problems(id, text)).toEqual(["notId"])
    }
  )

  it("reads back any id it writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (number) => {
        const text = Schema.encodeSync(id)(FacilityId.make(number))
        expect(text).toBe(String(number))
        expect(Schema.decodeSync(id)(text)).toBe(number)
      })
    )
  })
})

describe("a whole number in a query", () => {
  it.each([
    ["0", 0],
    ["100", 100]
  ])("takes the bound %s", (text, number) => {
    expect(Schema.decodeUnknownSync(limit)(text)).toBe(number)
  })

  it.each([...notText, "-0", "-1", "101", "1000000000000000000"])("refuses %j and says the bounds", (text) => {
    expect(problems(limit, text)).toEqual(["notWhole min=0 max=100"])
  })
})

describe("a boolean in a query", () => {
  it("reads true and false", () => {
    expect(Schema.decodeUnknownSync(BooleanText)("true")).toBe(true)
    expect(Schema.decodeUnknownSync(BooleanText)("false")).toBe(false)
    expect(Schema.encodeSync(BooleanText)(true)).toBe("true")
    expect(Schema.encodeSync(BooleanText)(false)).toBe("false")
  })

  it.each(["", "1", "yes", "TRUE", " true", true, null, ["true"]])("refuses %j", (text) => {
    expect(problems(BooleanText, text)).toEqual(["notBoolean"])
  })
})
