import { describe, expect, it } from "vitest"
import { progressLine } from "../../src/output/Progress.ts"

describe("progressLine", () => {
  it("shows share, rate and the time left", () => {
    expect(progressLine(250, 1000, 0, 5_000, 80)).toBe(
      "[##########------------------------------] 25 %  250 of 1000, 50/s, 15 s left"
    )
    expect(progressLine(1000, 100_000, 0, 10_000, 80)).toContain(" 1 %  1000 of 100000, 100/s, 16 min 30 s left")
    expect(progressLine(1000, 10_000_000, 0, 10_000, 80)).toContain(", 27 h 46 min left")
  })

  it("does not count for the rate what an earlier run did", () => {
    expect(progressLine(600, 1000, 500, 10_000, 80)).toContain("60 %  600 of 1000, 10/s, 40 s left")
  })

  it("fits the terminal, and does without the bar where there is no room", () => {
    for (const columns of [20, 40, 60, 200])
      expect(progressLine(250, 1000, 0, 5_000, columns).length).toBeLessThan(columns)
    expect(progressLine(250, 1000, 0, 5_000, 42)).toBe(" 25 %  250 of 1000, 50/s, 15 s left")
  })

  it("is full where there is nothing to do, or more than was thought", () => {
    expect(progressLine(0, 0, 0, 0, 80)).toContain("100 %")
    expect(progressLine(1100, 1000, 0, 1000, 80)).toMatch(/^\[#{40}\] 100 % {2}1100 of 1000, 1100\/s$/)
  })
})
