/** Tests of half-open overlap. */
import { describe, expect, it } from "@effect/vitest"
import { overlaps } from "../../src/booking/Term.ts"

describe("Term", () => {
  const row = { fromMs: 10, toMs: 20 }

  it.each([
    [0, 10, false],
    [0, 11, true],
    [12, 18, true],
    [0, 30, true],
    [19, 30, true],
    [20, 30, false]
  ])("[%i, %i) and [10, 20): %s, either way round", (fromMs, toMs, expected) => {
    expect(overlaps({ fromMs, toMs }, row)).toBe(expected)
    expect(overlaps(row, { fromMs, toMs })).toBe(expected)
  })

  it("has no instant to share without length", () => {
    expect(overlaps({ fromMs: 15, toMs: 15 }, row)).toBe(false)
    expect(overlaps(row, { fromMs: 15, toMs: 15 })).toBe(false)
  })
})
