import { Calendar } from "@bookio-kit/core/calendar/Calendar"
import { TimeZone } from "@bookio-kit/core/time/TimeZone"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { makeDirectory } from "../src/Directory.ts"
import type { FacilityPlan } from "../src/Plan.ts"

const zone = TimeZone.make("UTC")
const service = (id: number, duration: number) => ({
  id,
  name: `Service ${id}`,
  note: "",
  duration,
  capacity: 1,
  referralLetter: false,
  hiddenInOnlineForm: false
})
const interval = (id: number, timeFrom: string, timeTo: string) => ({
  id,
  name: "Open",
  weekDays: [1, 2, 3, 4, 5, 6, 7],
  timeFrom,
  timeTo,
  allowedServices: []
})
const encoded = {
  id: 1,
  facilityId: 1,
  name: "Novak",
  note: "",
  validFrom: "2026-01-01T00:00:00",
  validTo: "2026-12-31T00:00:00",
  services: [service(1, 30), service(2, 300)],
  intervals: [interval(1, "08:00", "12:00"), interval(2, "13:00", "16:00")]
}
const plan = (over: object = {}) =>
  ({
    tentative: false,
    notes: false,
    calendars: [{ name: "novak", serves: [1], busy: "off", services: [], ...over }]
    // What is not read here is left out.
  }) as unknown as FacilityPlan
const directory = (calendar: object = {}, over: object = {}) =>
  makeDirectory(plan(over), zone, [Schema.decodeUnknownSync(Calendar)({ ...encoded, ...calendar })])

const at = (hour: number, minute = 0) => Date.UTC(2026, 5, 10, hour, minute)
const text = ({ endMs, startMs }: { readonly startMs: number; readonly endMs: number }) =>
  [startMs, endMs].map((ms) => new Date(ms).toISOString().slice(11, 16)).join(" ")

describe("placeOf", () => {
  const placed = (serviceId: number, startMs: number, endMs: number) =>
    text(directory().placeOf(serviceId, { startMs, endMs }))

  it("MUST begin with the term where the service fits into the opening", () => {
    assert.strictEqual(placed(1, at(8), at(8, 10)), "08:00 08:30")
    assert.strictEqual(placed(1, at(11, 30), at(12)), "11:30 12:00")
  })

  it("MUST begin as much earlier as the opening lacks, and stay inside it", () => {
    assert.strictEqual(placed(1, at(11, 45), at(12)), "11:30 12:00")
    assert.strictEqual(placed(1, at(15, 59), at(16)), "15:30 16:00")
  })

  it("MUST leave the term's start where the opening is shorter than the service, or nothing is open or known", () => {
    assert.strictEqual(placed(2, at(15), at(16)), "15:00 20:00")
    assert.strictEqual(placed(1, at(20), at(21)), "20:00 20:30")
    assert.strictEqual(placed(9, at(9), at(10)), "09:00 10:00")
  })
})

describe("rules", () => {
  it("MUST NOT tell orders, names and who holds are booked for apart", () => {
    const hold = { serviceId: 2, person: { name: "A", surname: "B", email: "a@example.com", phone: "+421900111222" } }
    const other = { ...hold, person: { ...hold.person, email: "b@example.com" } }
    assert.strictEqual(
      directory({}, { hold }).rules,
      directory(
        { name: "Nowak", services: encoded.services.toReversed(), intervals: encoded.intervals.toReversed() },
        { hold: other }
      ).rules
    )
  })

  it.each([
    ["validity", { validTo: "2027-12-31T00:00:00" }, {}],
    ["openings", { intervals: [interval(1, "08:00", "12:00")] }, {}],
    ["services", { services: [service(1, 30)] }, {}],
    ["a service's length", { services: [service(1, 45), service(2, 300)] }, {}],
    ["what is served", {}, { serves: [1, 2] }],
    ["what is busy", {}, { busy: "hold", hold: { serviceId: 2 } }],
    ["rules of services", {}, { services: [{ title: "visit", serviceId: 1 }] }],
    ["the owner's addresses", {}, { owner: ["novak@example.com"] }]
  ])("MUST tell %s apart", (_, calendar, over) => {
    assert.notStrictEqual(directory(calendar, over).rules, directory().rules)
  })
})
