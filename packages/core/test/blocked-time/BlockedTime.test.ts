/** Tests of the schemas of a blocked time. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import * as BlockedTime from "../../src/blocked-time/BlockedTime.ts"
import { problems } from "../scalar/Support.ts"

const created = { dateFrom: "2018-06-29", dateTo: "2018-06-30", externalId: 1, note: "", facilityId: 2 }

describe("NewBlockedTime", () => {
  it("takes what the reference requires, with an empty note too", () => {
    expect(problems(BlockedTime.NewBlockedTime, created)).toEqual([])
  })

  it("keeps a day apart from a time, for a last day means to its end", () => {
    expect(Schema.decodeUnknownSync(BlockedTime.NewBlockedTime)(created).dateTo).toEqual({
      _tag: "Day",
      epochDay: 17_712
    })
  })

  it("tells all that is missing and all that is wrong", () => {
    const members = Object.keys(created)
    expect(problems(BlockedTime.NewBlockedTime, {})).toEqual(members.map((member) => `${member} required`))
    expect(
      problems(BlockedTime.NewBlockedTime, {
        dateFrom: 5,
        dateFromOffset: "+1",
        dateTo: null,
        dateToOffset: "+25:00",
        externalId: -1,
        note: null,
        facilityId: "2"
      })
    ).toEqual([
      "dateFrom notDateTime",
      "dateFromOffset notOffset",
      "dateTo notDateTime",
      "dateToOffset notOffset",
      "externalId notId",
      "note notText",
      "facilityId notId"
    ])
  })
})

describe("BlockedTimeChange", () => {
  it("takes any part of a term, none too, but no null", () => {
    expect(problems(BlockedTime.BlockedTimeChange, {})).toEqual([])
    expect(problems(BlockedTime.BlockedTimeChange, { dateTo: "2018-06-29T12:00" })).toEqual([])
    expect(problems(BlockedTime.BlockedTimeChange, { dateTo: null })).toEqual(["dateTo notDateTime"])
    expect(problems(BlockedTime.BlockedTimeChange, "x")).toEqual(["notObject"])
  })
})

describe("BlockedTime", () => {
  it("may lack externalId, note and offsets", () => {
    const row = { id: 1, dateFrom: "2018-06-29T12:00:00", dateTo: "2018-06-29T13:00:00" }
    const decode = Schema.decodeUnknownSync(BlockedTime.BlockedTime)
    expect(decode({ ...row, externalId: null, note: null, dateFromOffset: null, dateToOffset: null })).toStrictEqual(
      row
    )
    expect(decode(row)).toStrictEqual(row)
  })
})
