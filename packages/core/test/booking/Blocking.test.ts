/** Tests of engine.md rule 4. */
import { describe, expect, it } from "@effect/vitest"
import { isBlocked } from "../../src/booking/Blocking.ts"
import { term } from "./Support.ts"

describe("Blocking", () => {
  const lunch = term("2026-06-29T12:00", "2026-06-29T13:00")
  const holiday = term("2026-07-01T00:00", "2026-07-15T00:00")

  it("blocks what overlaps any blocked time", () => {
    expect(isBlocked(term("2026-06-29T11:30", "2026-06-29T12:01"), [holiday, lunch])).toBe(true)
    expect(isBlocked(term("2026-07-03T09:00", "2026-07-03T09:30"), [lunch, holiday])).toBe(true)
  })

  it("leaves what only touches one", () => {
    expect(isBlocked(term("2026-06-29T11:30", "2026-06-29T12:00"), [lunch, holiday])).toBe(false)
    expect(isBlocked(term("2026-06-29T13:00", "2026-06-29T13:30"), [lunch, holiday])).toBe(false)
    expect(isBlocked(lunch, [])).toBe(false)
  })
})
