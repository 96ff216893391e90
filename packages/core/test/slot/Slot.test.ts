/** Tests of the query of free slots. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { Slot, slotQueryFields, slotRange } from "../../src/slot/Slot.ts"
import { problems } from "../scalar/Support.ts"

const Query = Schema.Struct(slotQueryFields).check(slotRange)
const query = { facilityId: "1", serviceId: "5", from: "2026-01-01", to: "2026-01-01" }

describe("a slot query", () => {
  it("spans 1 to 62 days, both ends inclusive", () => {
    expect(problems(Query, query)).toEqual([])
    expect(problems(Query, { ...query, to: "2026-03-03" })).toEqual([])
    expect(problems(Query, { ...query, to: "2026-03-04" })).toEqual(["from tooManyDays max=62"])
  })

  it("is not turned round", () => {
    expect(problems(Query, { ...query, to: "2025-12-31" })).toEqual(["from after other=to"])
  })

  it("requires all of its members", () => {
    expect(problems(Query, {})).toEqual(Object.keys(query).map((member) => `${member} required`))
    expect(problems(Query, { facilityId: "x", serviceId: "0", from: "1.1.2026", to: "2026-02-30" })).toEqual([
      "facilityId notId",
      "serviceId notId",
      "from notDate",
      "to notDate"
    ])
  })
})

describe("a slot", () => {
  it("has offsets only where it is in the second pass of a repeated hour", () => {
    const slot = { dateFrom: "2026-10-25T02:30:00", dateTo: "2026-10-25T03:00:00", free: 1 }
    const decode = Schema.decodeUnknownSync(Slot)
    expect(decode({ ...slot, dateFromOffset: null })).toStrictEqual(slot)
    expect(decode({ ...slot, dateFromOffset: "+01:00" })).toStrictEqual({ ...slot, dateFromOffset: "+01:00" })
  })
})
