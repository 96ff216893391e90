import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  as,
  block,
  book,
  confirm,
  end,
  engine,
  equal,
  first,
  foreignFacility,
  group,
  hidden,
  includes,
  list,
  london,
  massage,
  move,
  person,
  refusal,
  row,
  second,
  status,
  utc,
  world
} from "../Support.ts"

describe("rule 1", () => {
  it.effect("a service MUST occupy its own calendar and no other", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: "2026-06-02T09:00:00" }))
      yield* first(book({ externalId: 2, dateFrom: "2026-06-02T09:00:00", serviceId: massage, ...person(1) }))
      equal(
        yield* refusal(first(book({ externalId: 3, dateFrom: "2026-06-02T09:30:00", serviceId: group, ...person(2) }))),
        "30 full"
      )
    }).pipe(Effect.provide(engine()))
  )
})

describe("rule 2", () => {
  const at = (dateFrom: string, more: Partial<Parameters<typeof book>[0]> = {}) =>
    first(book({ externalId: 1, dateFrom, ...more }))

  for (const [dateFrom, why] of [
    ["2026-06-02T07:30:00", "before the opening"],
    ["2026-06-02T15:30:00", "over the end"],
    ["2026-06-02T17:00:00", "between intervals"],
    ["2025-12-31T09:00:00", "before the first valid day"],
    ["2027-01-01T09:00:00", "after the last valid day"],
    ["2026-12-31T23:30:00", "over the end of the last valid day"]
  ] as const) {
    it.effect(`MUST refuse a term ${why} with code 10`, () =>
      Effect.gen(function* () {
        yield* world()
        equal(yield* refusal(at(dateFrom)), "10 dateFrom closed")
        equal((yield* first(list())).pagination.total, 0)
      }).pipe(Effect.provide(engine()))
    )
  }

  it.effect("MUST refuse a service that the interval does not allow", () =>
    Effect.gen(function* () {
      yield* world()
      equal(yield* refusal(at("2026-06-02T13:00:00", { serviceId: hidden })), "10 dateFrom closed")
      equal(yield* refusal(at("2026-06-02T11:00:00", { serviceId: hidden })), "10 dateFrom closed")
      yield* at("2026-06-02T10:30:00", { serviceId: hidden })
    }).pipe(Effect.provide(engine()))
  )

  it.effect(
    "MUST count abutting intervals as one, over midnight too, on the first and the last valid day and in the past",
    () =>
      Effect.gen(function* () {
        yield* world()
        const accepted = [
          "2026-06-02T11:30:00",
          "2026-06-02T23:30:00",
          "2026-01-01T00:00:00",
          "2026-12-31T23:00:00",
          "2026-02-02T09:00:00"
        ]
        for (const [index, dateFrom] of accepted.entries()) yield* at(dateFrom, { externalId: index + 1 })
        equal((yield* first(list())).pagination.total, accepted.length)
      }).pipe(Effect.provide(engine()))
  )
})

describe("rule 3 and the forms of a time", () => {
  it.effect("dateTo MUST be dateFrom plus the duration in elapsed minutes, over the repeated hour", () =>
    Effect.gen(function* () {
      yield* world()
      const { reservationId: id } = yield* first(
        book({ externalId: 1, dateFrom: "2026-10-25T02:30:00", serviceId: massage })
      )
      includes(yield* first(row(id)), {
        dateFrom: "2026-10-25T02:30:00",
        dateTo: "2026-10-25T02:30:00",
        dateToOffset: "+01:00",
        duration: 60
      })
      assert.notProperty(yield* first(row(id)), "dateFromOffset")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("the passes of a repeated hour MUST be two times: the first unless the offset says otherwise", () =>
    Effect.gen(function* () {
      yield* world()
      const given = { dateFrom: "2026-10-25T02:00:00", serviceId: 1 }
      yield* first(book({ externalId: 1, ...given }))
      equal(yield* refusal(first(book({ externalId: 2, ...given, dateFromOffset: "+02:00", ...person(2) }))), "30 full")
      const { reservationId: id } = yield* first(
        book({ externalId: 3, ...given, dateFromOffset: "+01:00", ...person(3) })
      )
      includes(yield* first(row(id)), { dateFrom: given.dateFrom, dateFromOffset: "+01:00" })
      equal(
        yield* refusal(first(book({ externalId: 4, ...given, dateFromOffset: "+00:00" }))),
        "10 dateFromOffset offsetMismatch"
      )
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse a time in the gap with code 10", () =>
    Effect.gen(function* () {
      yield* world()
      const given = { externalId: 1, dateFrom: "2026-03-29T02:30:00" }
      equal(yield* refusal(first(book(given))), "10 dateFrom inGap")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST read a day, minutes, and RFC 3339 with an offset in the facility's zone", () =>
    Effect.gen(function* () {
      yield* world()
      const forms = [
        ["2026-06-03", "2026-06-03T00:00:00"],
        ["2026-06-03T08:00", "2026-06-03T08:00:00"],
        ["2026-06-03T07:00:00Z", "2026-06-03T09:00:00"],
        ["2026-06-03T12:00:00.5+04:00", "2026-06-03T10:00:00"]
      ] as const
      for (const [index, [given, listed]] of forms.entries()) {
        const { reservationId: id } = yield* first(book({ externalId: index + 1, dateFrom: given }))
        equal((yield* first(row(id))).dateFrom, listed)
      }
      const { reservationId: id } = yield* first(
        book({ externalId: 9, facilityId: foreignFacility, serviceId: london, dateFrom: "2026-06-03T09:00:00+02:00" })
      )
      equal((yield* first(row(id))).dateFrom, "2026-06-03T08:00:00")
    }).pipe(Effect.provide(engine()))
  )
})

describe("rule 5", () => {
  it.effect("MUST hold as many as the smallest capacity among the overlapping services, at every instant", () =>
    Effect.gen(function* () {
      yield* world()
      const at = (n: number, time: string, serviceId: number) =>
        first(book({ externalId: n, dateFrom: `2026-06-02T${time}:00`, serviceId, ...person(n) }))
      yield* at(1, "09:00", group)
      yield* at(2, "09:00", group)
      // Two are there: a service of capacity 2 would make them three.
      equal(yield* refusal(at(3, "08:30", hidden)), "30 full")
      equal(yield* refusal(at(3, "09:00", 1)), "30 full")
      yield* at(3, "09:00", group)
      equal(yield* refusal(at(4, "09:00", group)), "30 full")
      // Ends where the others begin.
      yield* at(4, "08:00", 1)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST see reservations and blocked times that began days before and are longer than a day", () =>
    Effect.gen(function* () {
      yield* world()
      const at = (n: number, dateFrom: string) =>
        first(book({ externalId: n, dateFrom, serviceId: massage, ...person(n) }))
      for (const n of [1, 2]) {
        const { reservationId: id } = yield* at(n, "2026-06-02T09:00:00")
        yield* first(move(id, { dateFrom: "2026-06-02T09:00:00", dateTo: "2026-06-09T09:00:00" }))
      }
      equal(yield* refusal(at(3, "2026-06-05T15:00:00")), "30 full")
      equal(yield* refusal(at(3, "2026-06-09T08:59:00")), "30 full")
      yield* at(3, "2026-06-09T09:00:00")
      yield* first(block({ externalId: 1, dateFrom: "2026-07-01", dateTo: "2026-07-06" }))
      equal(yield* refusal(at(4, "2026-07-04T15:00:00")), "30 blocked")
      equal(yield* refusal(at(4, "2026-07-06T23:59:00")), "30 blocked")
      yield* at(4, "2026-07-07T00:00:00")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a reservation that is cancelled or whose person did not come MUST free its place", () =>
    Effect.gen(function* () {
      yield* world()
      const at = (n: number) => first(book({ externalId: n, dateFrom: "2026-06-02T09:00:00", ...person(n) }))
      yield* at(1)
      yield* first(status(1, "CANCELLED"))
      yield* at(2)
      yield* first(status(2, "DID_NOT_COME"))
      yield* at(3)
    }).pipe(Effect.provide(engine()))
  )
})

describe("rule 6", () => {
  const monday = "2026-06-08T09:00:00"

  it.effect("(a) MUST refuse an externalId of another reservation of the channel that is not CANCELLED", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: monday }))
      const other = { dateFrom: "2026-06-09T09:00:00", ...person(1) }
      equal(yield* refusal(first(book({ externalId: 1, ...other }))), "40 externalId 1")
      yield* first(status(1, "DID_NOT_COME"))
      equal(yield* refusal(first(book({ externalId: 1, ...other }))), "40 externalId 1")
      yield* second(book({ externalId: 1, ...other }))
      yield* first(book({ externalId: 1, facilityId: foreignFacility, serviceId: london, dateFrom: monday }))
      yield* first(status(1, "CONFIRMED"))
      yield* first(status(1, "CANCELLED"))
      yield* first(book({ externalId: 1, ...other, dateFrom: "2026-06-10T09:00:00" }))
    }).pipe(Effect.provide(engine()))
  )

  it.effect("(b) MUST refuse a late retry for 24 hours, of the same externalId, service, person and start only", () =>
    Effect.gen(function* () {
      yield* world()
      const again = (more: Partial<Parameters<typeof book>[0]>) =>
        book({ externalId: 1, dateFrom: monday, serviceId: group, ...more })
      yield* first(again({}))
      yield* first(status(1, "CANCELLED"))
      yield* TestClock.adjust("24 hours")
      equal(yield* refusal(first(again({}))), "40 retry 1")
      equal(yield* refusal(first(again({ name: " JOHN", phone: "0948 762 315" }))), "40 retry 1")
      yield* second(again({}))
      yield* second(status(2, "CANCELLED"))
      for (const [index, more] of [
        { externalId: 2 },
        { serviceId: massage },
        { surname: "Else" },
        { dateFrom: "2026-06-08T10:00:00" }
      ].entries()) {
        const { reservationId: id } = yield* first(again(more))
        equal(id, index + 3)
        yield* first(status(id, "CANCELLED"))
      }
      yield* TestClock.adjust("1 millis")
      yield* first(again({}))
    }).pipe(Effect.provide(engine()))
  )

  it.effect("(c) MUST refuse the same person for the same service and instant, by e-mail or phone", () =>
    Effect.gen(function* () {
      yield* world()
      const john = { dateFrom: monday, serviceId: group }
      yield* first(book({ externalId: 1, ...john }))
      for (const same of [
        { email: "JOHN@Example.com", phone: "+421900000000" },
        { email: "other@example.com", phone: "0948/762-315" },
        { email: "other@example.com", phone: "00421 948 762 315" },
        { name: " john ", surname: "AUDREY" }
      ]) {
        equal(yield* refusal(second(book({ externalId: 2, ...john, ...same }))), "40 person 1")
      }
      // A child on the same phone and e-mail, another name, another start: each another booking.
      yield* second(book({ externalId: 2, ...john, name: "Johnny" }))
      yield* second(book({ externalId: 3, ...john, email: "j@example.com", phone: "+421900000000" }))
      yield* second(book({ externalId: 4, ...john, dateFrom: "2026-06-08T09:30:00" }))
    }).pipe(Effect.provide(engine()))
  )

  it.effect("(c) MUST complete a phone with a leading 0 by the country of the facility", () =>
    Effect.gen(function* () {
      yield* world()
      const given = { facilityId: foreignFacility, serviceId: london, dateFrom: monday }
      yield* first(book({ externalId: 1, ...given, phone: "+44 20 7946 0000", email: "a@example.com" }))
      const same = { ...given, phone: "020 7946 0000", email: "b@example.com" }
      equal(yield* refusal(first(book({ externalId: 2, ...same }))), "40 person 1")
    }).pipe(Effect.provide(engine()))
  )
})

describe("the order of checks", () => {
  it.effect("MUST be 403, 12, 40 by externalId, 10, 40 by person, 30", () =>
    Effect.gen(function* () {
      yield* world()
      const taken = "2026-06-02T09:00:00"
      yield* first(book({ externalId: 1, dateFrom: taken }))
      // Everything is wrong at first; each line mends what was refused.
      const wrong = { externalId: 1, facilityId: foreignFacility, serviceId: 77, dateFrom: "2026-03-29T02:30:00" }
      equal(yield* refusal(second(book(wrong))), "403 facility")
      const own = { ...wrong, facilityId: 1 }
      equal(yield* refusal(first(book(own))), "12 Service")
      equal(yield* refusal(first(book({ ...own, serviceId: 1 }))), "40 externalId 1")
      const fresh = { ...own, serviceId: 1, externalId: 2 }
      equal(yield* refusal(first(book(fresh))), "10 dateFrom inGap")
      equal(yield* refusal(first(book({ ...fresh, dateFrom: "2026-06-02T07:00:00" }))), "10 dateFrom closed")
      equal(yield* refusal(first(book({ ...fresh, dateFrom: taken }))), "40 person 1")
      equal(yield* refusal(first(book({ ...fresh, dateFrom: taken, ...person(1) }))), "30 full")
      yield* first(block({ externalId: 1, dateFrom: "2026-06-02", dateTo: "2026-06-02" }))
      equal(yield* refusal(first(book({ ...fresh, dateFrom: taken }))), "40 person 1")
      equal(yield* refusal(first(book({ ...fresh, dateFrom: taken, ...person(1) }))), "30 blocked")
      yield* first(end(1, { validTo: "2026-06-01" }))
      equal(yield* refusal(first(book({ ...fresh, dateFrom: taken }))), "10 dateFrom closed")
    }).pipe(Effect.provide(engine()))
  )
})

describe("rule 13", () => {
  it.effect("a refused booking MUST change nothing, not even the numbering", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: "2026-06-02T09:00:00" }))
      yield* first(confirm(1, 5))
      yield* TestClock.setTime(utc("2026-06-01T07:00:00"))
      const before = yield* first(list())
      yield* refusal(second(book({ externalId: 2, dateFrom: "2026-06-02T09:30:00", ...person(1) })))
      equal(yield* first(list()), before)
      const made = yield* as(2)(book({ externalId: 2, dateFrom: "2026-06-02T10:00:00", ...person(1) }))
      equal(made.reservationId, 2)
    }).pipe(Effect.provide(engine()))
  )
})
