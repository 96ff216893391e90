/** Tests of the table of dialling codes: spot checks, and its form. */
import { describe, expect, it } from "@effect/vitest"
import { dialCodes } from "../../src/booking/DialCodes.ts"

describe("DialCodes", () => {
  it.each([
    ["SVK", "SK", "421"],
    ["CZE", "CZ", "420"],
    ["HUN", "HU", "36"],
    ["POL", "PL", "48"],
    ["AUT", "AT", "43"],
    ["DEU", "DE", "49"],
    ["UKR", "UA", "380"],
    ["GBR", "GB", "44"],
    ["USA", "US", "1"],
    ["KAZ", "KZ", "7"]
  ])("%s and %s are +%s", (alpha3, alpha2, code) => {
    expect(dialCodes.get(alpha3)).toBe(code)
    expect(dialCodes.get(alpha2)).toBe(code)
  })

  it("has each country once under either code, and codes of the form of E.164", () => {
    const names = [...dialCodes.keys()]
    expect(names.filter((name) => name.length === 3)).toHaveLength(names.length / 2)
    expect(names.filter((name) => !/^[A-Z]{2,3}$/.test(name))).toEqual([])
    expect([...dialCodes.values()].filter((code) => !/^[1-9][0-9]{0,2}$/.test(code))).toEqual([])
  })

  it("names only countries that Intl knows by their alpha-2 code", () => {
    const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" })
    expect([...dialCodes.keys()].filter((name) => name.length === 2 && names.of(name) === undefined)).toEqual([])
  })
})
