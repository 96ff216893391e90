import type { Appointment, Occurrence } from "@bookio-kit/core/sync/Appointment"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import { assert, describe, it } from "@effect/vitest"
import { appointmentState, bookingOf, busyTimes, pairItems } from "../src/Desired.ts"
import type { Directory } from "../src/Directory.ts"
import type { CalendarPlan, FacilityPlan } from "../src/Plan.ts"

const hour = 3_600_000
const term = { startMs: 10 * hour, endMs: 11 * hour }
const once: Occurrence = {
  key: "",
  term,
  status: "confirmed",
  isTransparent: false,
  isPrivate: false,
  participation: "organizer",
  text: "Check-up with Jane"
}
const appointment = (over: Partial<Appointment> = {}, occurrence: Partial<Occurrence> = {}): Appointment => ({
  _tag: "Appointment",
  uid: "u",
  href: "/u.ics",
  etag: "1",
  didNotCome: false,
  isRecurring: false,
  attendees: [],
  occurrences: [{ ...once, ...occurrence }],
  ...over
})
const calendar = {
  name: "a",
  busy: "off",
  serves: [1],
  services: [{ title: "check-up", serviceId: 5 }]
} as unknown as CalendarPlan
const directoryOf = (isAll: boolean, owner: CalendarPlan = calendar): Directory =>
  ({
    isKnown: (id: number) => id === 5,
    calendarOf: (id: number) => (id === 5 ? owner : undefined),
    servesAll: () => isAll,
    openParts: () => [
      { startMs: 10 * hour, endMs: 10.5 * hour },
      { startMs: 10.75 * hour, endMs: 11 * hour }
    ]
  }) as unknown as Directory
const plan = { tentative: false, notes: false } as FacilityPlan
const window = { fromMs: 0, toMs: 100 * hour }
const person = { name: "Jane van Doe", email: "jane@example.org", phone: "+421900123456" }

describe("bookingOf", () => {
  it("MUST read the service by id and the person by our properties, the last word as the surname", () => {
    assert.deepStrictEqual(
      bookingOf(appointment({ booking: { service: "5", ...person } }), calendar, directoryOf(true)),
      {
        serviceId: 5,
        name: "Jane van",
        surname: "Doe",
        email: person.email,
        phone: person.phone,
        isPrivate: false
      }
    )
  })

  it("MUST take the one attendee, with the service that a rule finds in the title whatever its case", () => {
    assert.strictEqual(bookingOf(appointment({ attendees: [person] }), calendar, directoryOf(true))?.serviceId, 5)
    assert.isUndefined(bookingOf(appointment({ attendees: [person, person] }), calendar, directoryOf(true)))
    assert.isUndefined(bookingOf(appointment({ attendees: [person] }, { text: "Lunch" }), calendar, directoryOf(true)))
  })

  it("MUST be nothing without phone or email, for a series, for someone else's event, or for a service of another calendar", () => {
    const booking = { service: "5", ...person }
    const { email, name, phone } = person
    const other = { ...calendar, name: "b" }
    assert.isUndefined(bookingOf(appointment({ booking: { service: "5", name, email } }), calendar, directoryOf(true)))
    assert.isUndefined(bookingOf(appointment({ booking: { service: "5", name, phone } }), calendar, directoryOf(true)))
    assert.isUndefined(bookingOf(appointment({ booking: { ...booking, name: "Jane" } }), calendar, directoryOf(true)))
    assert.isUndefined(bookingOf(appointment({ booking: { ...booking, service: "6" } }), calendar, directoryOf(true)))
    assert.isUndefined(bookingOf(appointment({ booking, isRecurring: true }), calendar, directoryOf(true)))
    assert.isUndefined(bookingOf(appointment({ booking }, { participation: "accepted" }), calendar, directoryOf(true)))
    assert.isUndefined(bookingOf(appointment({ booking }), calendar, directoryOf(true, other)))
  })
})

describe("busyTimes", () => {
  it("MUST be a blocked time where the calendar serves all, without the text of the event", () => {
    assert.deepStrictEqual(busyTimes(appointment(), calendar, plan, directoryOf(true), window), [
      { kind: "busy", occurrence: "", part: "", state: { term, status: "CONFIRMED", text: "" } }
    ])
  })

  it("MUST show the text with notes alone, and never that of a private event", () => {
    const notes = { ...plan, notes: true }
    const textOf = (isPrivate: boolean) =>
      busyTimes(appointment({}, { isPrivate }), calendar, notes, directoryOf(true), window)[0]?.state.text
    assert.strictEqual(textOf(false), once.text)
    assert.strictEqual(textOf(true), "")
  })

  it("MUST stay where it is if it would close what the calendar does not serve", () => {
    assert.isTrue(busyTimes(appointment(), calendar, plan, directoryOf(false), window)[0]?.isNotSent)
  })

  it("MUST be a hold for each opening that it overlaps, where settings say so", () => {
    const hold = { ...calendar, busy: "hold", hold: { serviceId: 9, person: {} } } as unknown as CalendarPlan
    const parts = busyTimes(appointment(), hold, plan, directoryOf(false), window)
    assert.deepStrictEqual(
      parts.map(({ kind, part }) => [kind, part]),
      [
        ["hold", "1970-01-01T10:00:00.000Z"],
        ["hold", "1970-01-01T10:45:00.000Z"]
      ]
    )
  })

  it("MUST leave out what is free, off, not accepted, or outside the window, whose end is exclusive", () => {
    const none = (occurrence: Partial<Occurrence>, within = window) =>
      assert.deepStrictEqual(busyTimes(appointment({}, occurrence), calendar, plan, directoryOf(true), within), [])
    none({ isTransparent: true })
    none({ status: "cancelled" })
    none({ participation: "needs-action" })
    none({}, { fromMs: 0, toMs: term.startMs })
    none({}, { fromMs: term.endMs, toMs: 100 * hour })
  })
})

describe("appointmentState", () => {
  it("MUST be cancelled before it is missed", () => {
    assert.strictEqual(appointmentState(appointment({ didNotCome: true }), once).status, "DID_NOT_COME")
    const off = { ...once, status: "cancelled" } as const
    assert.strictEqual(appointmentState(appointment({ didNotCome: true }), off).status, "CANCELLED")
  })
})

describe("pairItems", () => {
  const day = (epochMs: number) => Math.floor(epochMs / (24 * hour))
  const item = (occurrence: string, startMs: number) =>
    ({
      kind: "busy",
      occurrence,
      part: "",
      bookio: { missing: 0, atMs: 0 },
      practice: {
        state: { term: { startMs, endMs: startMs + hour }, status: "CONFIRMED", text: "" },
        missing: 0,
        atMs: 0
      }
    }) as unknown as SyncItem
  const wanted = (occurrence: string, startMs: number) =>
    ({
      kind: "busy",
      occurrence,
      part: "",
      state: { term: { startMs, endMs: startMs + hour }, status: "CONFIRMED", text: "" }
    }) as const

  it("MUST pair by key, though it was moved to another day", () => {
    const known = item("k", 0)
    const { added, gone, pairs } = pairItems([known], [wanted("k", 50 * hour)], day)
    assert.deepStrictEqual([pairs.length, added, gone], [1, [], []])
    assert.strictEqual(pairs[0]?.[0], known)
  })

  it("MUST pair by day what the keys do not, so that a series that was changed keeps its blocked times", () => {
    const [first, second] = [item("1", hour), item("2", 25 * hour)]
    const { added, gone, pairs } = pairItems([first, second], [wanted("x", 26 * hour), wanted("y", 72 * hour)], day)
    assert.deepStrictEqual(
      pairs.map(([known]) => known),
      [second]
    )
    assert.deepStrictEqual(gone, [first])
    assert.deepStrictEqual(
      added.map(({ occurrence }) => occurrence),
      ["y"]
    )
  })

  it("MUST prefer what Bookio has of an occurrence, such as a hold that was given up and is confirmed once more", () => {
    const [anew, former] = [item("k", hour), item("k", hour)]
    const taken: SyncItem = { ...former, bookio: { ...former.practice, missing: 0 } }
    const { gone, pairs } = pairItems([anew, taken], [wanted("k", hour)], day)
    assert.deepStrictEqual(
      pairs.map(([known]) => known),
      [taken]
    )
    assert.deepStrictEqual(gone, [anew])
  })

  it("MUST leave a time to the one of a day that takes it already, whatever else is on that day", () => {
    const [other, same] = [item("1", hour), item("2", 5 * hour)]
    const { added, gone, pairs } = pairItems([other, same], [wanted("x", 5 * hour)], day)
    assert.deepStrictEqual(
      pairs.map(([known]) => known),
      [same]
    )
    assert.deepStrictEqual([added, gone], [[], [other]])
  })
})
