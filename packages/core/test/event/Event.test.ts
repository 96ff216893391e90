import { describe, expect, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { Event, eventLifetimeMs } from "../../src/event/Event.ts"

const decode = Schema.decodeUnknownOption(Event)
const common = { id: 5, facilityId: 1, at: "2026-11-22T18:27:21.899Z" }

describe("an event", () => {
  it.each([
    ["reservation.created", "reservationId"],
    ["reservation.changed", "reservationId"],
    ["blockedTime.created", "blockedTimeId"],
    ["blockedTime.changed", "blockedTimeId"],
    ["blockedTime.removed", "blockedTimeId"],
    ["calendar.created", "calendarId"],
    ["calendar.changed", "calendarId"]
  ])("of kind %s MUST name its record by %s and by nothing else", (kind, name) => {
    const event = { ...common, kind, [name]: 7 }
    expect(Option.getOrUndefined(decode(event))).toEqual(event)
    for (const other of ["reservationId", "blockedTimeId", "calendarId"]) {
      if (other !== name) expect(Option.isNone(decode({ ...common, kind, [other]: 7 }))).toBe(true)
    }
  })

  it("MUST hold nothing beyond ids, kind and instant", () => {
    const given = { ...common, kind: "reservation.created", reservationId: 7, name: "John" }
    expect(Option.getOrUndefined(decode(given))).toEqual({ ...common, kind: "reservation.created", reservationId: 7 })
  })

  it("MUST be kept for 30 days", () => {
    expect(eventLifetimeMs).toBe(2_592_000_000)
  })
})
