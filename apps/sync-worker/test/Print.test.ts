import { assert, describe, it } from "@effect/vitest"
import { ago, instant, table } from "../src/Print.ts"

describe("table", () => {
  it("MUST make columns as wide as their widest text, with no space at the ends of lines", () => {
    assert.deepStrictEqual(
      table(
        ["FACILITY", "LINKS"],
        [
          ["General practice", "171"],
          ["Dental", ""]
        ]
      ),
      ["FACILITY          LINKS", "General practice  171", "Dental"]
    )
  })

  it("MUST show the head alone where there is no row", () => {
    assert.deepStrictEqual(table(["A", "B"], []), ["A  B"])
  })
})

describe("ago", () => {
  it("MUST take the largest unit that tells it, and no time to come", () => {
    const seconds = [-5, 0, 119, 120, 7199, 7200, 172_799, 172_800]
    assert.deepStrictEqual(
      seconds.map((one) => ago(one * 1000)),
      ["0 s ago", "0 s ago", "119 s ago", "2 min ago", "120 min ago", "2 h ago", "48 h ago", "2 days ago"]
    )
  })
})

describe("instant", () => {
  it("MUST be UTC, to the second", () => {
    assert.strictEqual(instant(Date.UTC(2026, 10, 22, 21, 40, 32, 671)), "2026-11-22T21:40:32Z")
  })
})
