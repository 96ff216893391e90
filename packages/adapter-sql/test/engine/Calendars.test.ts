import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  as,
  block,
  book,
  calendars,
  createCalendar,
  end,
  engine,
  equal,
  first,
  foreignFacility,
  group,
  includes,
  person,
  refusal,
  row,
  second,
  status,
  update,
  utc,
  world
} from "../Support.ts"

const everyDay = [1, 2, 3, 4, 5, 6, 7]
const nine = "2026-06-02T09:00:00"

const given = {
  facilityId: 1,
  name: "New",
  validFrom: "2026-07-01",
  validTo: "2026-07-31",
  services: [
    { id: 7, name: "A", duration: 1440 },
    { name: "B", note: "b", duration: 1, capacity: 1000, referralLetter: true, hiddenInOnlineForm: true }
  ],
  intervals: [
    { id: 7, name: "Day", weekDays: [5, 1], timeFrom: "08:00", timeTo: "24:00", allowedServices: [7] },
    { name: "Rest", weekDays: [1], timeFrom: "00:00", timeTo: "08:00" }
  ]
}

const calendar = (id: number) => Effect.map(first(calendars()), (all) => all.find((one) => one.id === id)!)

/** The services and intervals of the doctor, with their stored ids. */
const services = [
  { id: 1, name: "Visit", duration: 60 },
  { id: 2, name: "Group", duration: 30, capacity: 3 },
  { id: 3, name: "Hidden", duration: 90, capacity: 2, hiddenInOnlineForm: true }
]
const allDay = { name: "All day", weekDays: everyDay, timeFrom: "00:00", timeTo: "24:00" }

describe("create", () => {
  it.effect("MUST assign new ids, resolve local ones, and list defaults", () =>
    Effect.gen(function* () {
      yield* world()
      equal(yield* first(createCalendar(given)), { calendarId: 4, warnings: [] })
      equal(yield* calendar(4), {
        id: 4,
        facilityId: 1,
        name: "New",
        note: "",
        validFrom: "2026-07-01T00:00:00",
        validTo: "2026-07-31T00:00:00",
        services: [
          { id: 7, name: "A", note: "", duration: 1440, capacity: 1, referralLetter: false, hiddenInOnlineForm: false },
          { id: 8, name: "B", note: "b", duration: 1, capacity: 1000, referralLetter: true, hiddenInOnlineForm: true }
        ],
        intervals: [
          { id: 7, name: "Day", weekDays: [1, 5], timeFrom: "08:00", timeTo: "24:00", allowedServices: [7] },
          { id: 8, name: "Rest", weekDays: [1], timeFrom: "00:00", timeTo: "08:00", allowedServices: [] }
        ]
      })
      // Sent again: the local id 7 is now somebody's, and means the request's own all the same.
      yield* first(createCalendar(given))
      equal((yield* calendar(5)).intervals[0]?.allowedServices, [9])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST accept one valid day, refuse validFrom after validTo, and count only the day of both", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(createCalendar({ ...given, validFrom: "2026-07-01T23:00:00", validTo: "2026-07-01T01:00:00" }))
      includes(yield* calendar(4), { validFrom: "2026-07-01T00:00:00", validTo: "2026-07-01T00:00:00" })
      equal(yield* refusal(first(createCalendar({ ...given, validFrom: "2026-08-01" }))), "10 validFrom after")
      // 22:30 UTC is the next day in Bratislava.
      yield* first(createCalendar({ ...given, validFrom: "2026-07-01T22:30:00Z" }))
      equal((yield* calendar(5)).validFrom, "2026-07-02T00:00:00")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse a facility that is not the channel's with code 403", () =>
    Effect.gen(function* () {
      yield* world()
      equal(
        yield* refusal(second(createCalendar({ ...given, facilityId: foreignFacility, validFrom: "2026-08-01" }))),
        "403 facility"
      )
    }).pipe(Effect.provide(engine()))
  )
})

describe("list", () => {
  it.effect("`date` MUST select the calendars valid on it, first and last day inclusive, whatever the weekday", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(createCalendar(given))
      const on = (date?: string) =>
        Effect.map(first(calendars(date === undefined ? {} : { date })), (all) => all.map(({ id }) => id))
      equal(yield* on("2026-06-30"), [1, 2, 3])
      equal(yield* on("2026-07-01"), [1, 2, 3, 4])
      equal(yield* on("2026-07-31"), [1, 2, 3, 4])
      equal(yield* on("2026-08-01"), [1, 2, 3])
      equal(yield* on("2030-01-01"), [])
      equal(yield* on(), [1, 2, 3, 4])
      yield* first(end(4, { validTo: "2026-06-30" }))
      equal(yield* on("2026-07-01"), [1, 2, 3])
      equal(yield* on("2026-06-30"), [1, 2, 3])
      equal(yield* on(), [1, 2, 3, 4])
    }).pipe(Effect.provide(engine()))
  )
})

describe("update", () => {
  it.effect("members that are left out MUST keep their value, and ids too", () =>
    Effect.gen(function* () {
      yield* world()
      const before = yield* calendar(1)
      equal(yield* first(update(1, {})), { calendarId: 1, warnings: [] })
      equal(yield* calendar(1), before)
      yield* first(update(1, { name: "Renamed", note: "n", validTo: "2026-11-30" }))
      equal(yield* calendar(1), { ...before, name: "Renamed", note: "n", validTo: "2026-11-30T00:00:00" })
    }).pipe(Effect.provide(engine()))
  )

  it.effect("an id of the calendar MUST keep its service or interval, any other or none make a new one", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(
        update(1, {
          services: [
            { id: 2, name: "Group now", duration: 45 },
            { id: 4, name: "Of another calendar", duration: 10 },
            { name: "New", duration: 5 }
          ],
          intervals: [
            { ...allDay, id: 2, timeTo: "12:00", allowedServices: [4, 2] },
            { ...allDay, id: 5, timeFrom: "12:00" }
          ]
        })
      )
      const { intervals, services } = yield* calendar(1)
      equal(
        services.map(({ capacity, id, name }) => [id, name, capacity]),
        [
          [2, "Group now", 1],
          [7, "Of another calendar", 1],
          [8, "New", 1]
        ]
      )
      equal(
        intervals.map(({ allowedServices, id, name }) => [id, name, allowedServices]),
        [
          [2, "All day", [2, 7]],
          [7, "All day", []]
        ]
      )
      // The other calendar has its service and interval still.
      includes((yield* calendar(2)).services[0]!, { id: 4, name: "Massage" })
      equal((yield* calendar(2)).intervals[0]?.id, 5)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a removed service MUST NOT come back under its id", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(update(1, { services: services.slice(0, 1), intervals: [allDay] }))
      yield* first(update(1, { services: services.slice(0, 2) }))
      equal(
        (yield* calendar(1)).services.map(({ id }) => id),
        [1, 7]
      )
      equal(yield* refusal(first(book({ externalId: 1, dateFrom: nine, serviceId: group }))), "12 Service")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse to leave out a service that a future CONFIRMED reservation names, and change nothing", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine, serviceId: group }))
      const change = { name: "Renamed", services: [services[0]!], intervals: [allDay] }
      const before = yield* calendar(1)
      const error = yield* Effect.flip(first(update(1, change)))
      includes(error, { _tag: "ValidationError" })
      equal(error._tag === "ValidationError" ? error.problems : [], [
        { field: "services", key: "serviceInUse", params: { service: 2, reservations: "1" } }
      ])
      equal(yield* calendar(1), before)
      yield* first(status(1, "DID_NOT_COME"))
      yield* first(update(1, change))
      equal((yield* first(row(1))).service, 2)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST leave out the service of reservations that are over", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine, serviceId: group }))
      const change = { services: [services[0]!], intervals: [allDay] }
      yield* TestClock.setTime(utc("2026-06-02T07:29:00"))
      equal(yield* refusal(first(update(1, change))), "10 services serviceInUse")
      yield* TestClock.setTime(utc("2026-06-02T07:30:00"))
      yield* first(update(1, change))
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST tell all that is wrong together with what stays as stored, at once", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine, serviceId: group }))
      // The stored afternoon (the third interval) allows services 1 and 2.
      equal(
        yield* refusal(first(update(1, { validFrom: "2027-01-01", services: [services[0]!] }))),
        "10 intervals[2].allowedServices[1] unknownService, services serviceInUse, validFrom after"
      )
      equal(
        yield* refusal(first(update(1, { intervals: [{ ...allDay, allowedServices: [1, 4] }] }))),
        "10 intervals[0].allowedServices[1] unknownService"
      )
    }).pipe(Effect.provide(engine()))
  )

  it.effect(
    "MUST accept what leaves future CONFIRMED reservations outside, warn, and judge what comes by the new rules",
    () =>
      Effect.gen(function* () {
        yield* world()
        for (const n of [1, 2]) yield* first(book({ externalId: n, dateFrom: nine, serviceId: group, ...person(n) }))
        yield* first(book({ externalId: 3, dateFrom: "2026-06-02T14:00:00", ...person(3) }))
        yield* first(book({ externalId: 4, dateFrom: "2026-06-02T21:00:00", ...person(4) }))
        yield* first(status(4, "CANCELLED"))
        const { warnings } = yield* first(
          update(1, {
            services: services.map((service) => ({ ...service, capacity: 1 })),
            intervals: [{ ...allDay, timeFrom: "08:00", timeTo: "12:00" }]
          })
        )
        equal(warnings, [
          { key: "leftOutsideOpening", params: { reservations: "3" } },
          { key: "leftOverCapacity", params: { reservations: "2" } }
        ])
        equal((yield* first(row(3))).status, "CONFIRMED")
        equal(yield* refusal(first(status(4, "CONFIRMED"))), "10 dateFrom closed")
        yield* first(status(2, "CANCELLED"))
        equal(yield* refusal(first(status(2, "CONFIRMED"))), "30 full")
        // A blocked time over them is no matter of calendars.
        yield* first(block({ externalId: 1, dateFrom: "2026-06-02", dateTo: "2026-06-02" }))
        equal((yield* first(update(1, {}))).warnings.length, 1)
      }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST NOT warn of reservations that are over", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      yield* TestClock.setTime(utc("2026-06-02T08:00:00"))
      equal((yield* first(end(1, { validTo: "2026-06-01" }))).warnings, [])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse a foreign facility by 403, a calendar of another or none by 12", () =>
    Effect.gen(function* () {
      yield* world()
      equal(yield* refusal(second(update(1, { facilityId: foreignFacility }))), "403 facility")
      equal(yield* refusal(second(update(99, { facilityId: foreignFacility }))), "403 facility")
      equal(yield* refusal(second(update(3, {}))), "12 Calendar")
      equal(yield* refusal(first(update(99, {}))), "12 Calendar")
      equal(yield* refusal(first(update(1, { facilityId: foreignFacility }))), "12 Calendar")
      equal(yield* refusal(as(2)(end(3, { facilityId: foreignFacility }))), "403 facility")
      equal(yield* refusal(first(end(3, { facilityId: 1 }))), "12 Calendar")
    }).pipe(Effect.provide(engine()))
  )
})

describe("end", () => {
  it.effect("MUST end today in the facility's zone where no day is given", () =>
    Effect.gen(function* () {
      yield* world()
      yield* TestClock.setTime(utc("2026-06-01T22:30:00"))
      yield* first(end(1))
      equal((yield* calendar(1)).validTo, "2026-06-02T00:00:00")
      yield* first(end(3))
      equal((yield* calendar(3)).validTo, "2026-06-01T00:00:00")
      yield* first(book({ externalId: 1, dateFrom: nine }))
      equal(yield* refusal(first(book({ externalId: 2, dateFrom: "2026-06-03T09:00:00" }))), "10 dateFrom closed")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST accept any day from validFrom minus one, and keep it through an update of other members", () =>
    Effect.gen(function* () {
      yield* world()
      equal(yield* refusal(first(end(1, { validTo: "2025-12-30" }))), "10 validTo endTooEarly")
      yield* first(end(1, { validTo: "2025-12-31" }))
      yield* first(update(1, { name: "Never valid" }))
      includes(yield* calendar(1), {
        name: "Never valid",
        validFrom: "2026-01-01T00:00:00",
        validTo: "2025-12-31T00:00:00"
      })
      equal(yield* refusal(first(update(1, { validTo: "2025-12-31" }))), "10 validFrom after")
      yield* first(end(1, { validTo: "2027-06-30" }))
      equal((yield* calendar(1)).validTo, "2027-06-30T00:00:00")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST keep services and intervals as they were", () =>
    Effect.gen(function* () {
      yield* world()
      const before = yield* calendar(1)
      yield* first(end(1, { validTo: "2026-06-30" }))
      equal(yield* calendar(1), { ...before, validTo: "2026-06-30T00:00:00" })
      equal(before.intervals[3]?.timeTo, "24:00")
    }).pipe(Effect.provide(engine()))
  )
})
