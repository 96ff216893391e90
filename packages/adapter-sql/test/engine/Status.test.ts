import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  block,
  book,
  confirm,
  end,
  engine,
  equal,
  first,
  group,
  includes,
  list,
  person,
  refusal,
  row,
  second,
  status,
  update,
  world
} from "../Support.ts"

const lacks = (row: object, members: ReadonlyArray<string>) =>
  equal(
    members.filter((member) => member in row),
    []
  )

const nine = "2026-06-02T09:00:00"

describe("rule 7", () => {
  it.effect("MUST cancel with time and reason, and clear both when it is CONFIRMED again", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      yield* TestClock.adjust("1 hour")
      equal(yield* first(status(1, "CANCELLED", "Cant make it.")), { reservationId: 1, externalId: 1 })
      includes(yield* first(row(1)), {
        status: "CANCELLED",
        cancelTime: "2026-06-01T09:00:00",
        cancellationReason: "Cant make it."
      })
      yield* first(status(1, "CONFIRMED"))
      const again = yield* first(row(1))
      equal(again.status, "CONFIRMED")
      lacks(again, ["cancelTime", "cancellationReason"])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST keep a reason to CANCELLED only", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      yield* first(status(1, "DID_NOT_COME", "no reason"))
      lacks(yield* first(row(1)), ["cancelTime", "cancellationReason"])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse a change between CANCELLED and DID_NOT_COME with code 10", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      yield* first(status(1, "CANCELLED"))
      equal(yield* refusal(first(status(1, "DID_NOT_COME"))), "10 status statusChange")
      yield* first(status(1, "CONFIRMED"))
      yield* first(status(1, "DID_NOT_COME"))
      equal(yield* refusal(first(status(1, "CANCELLED"))), "10 status statusChange")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("setting the status it has MUST be a success without a change", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      yield* first(status(1, "CANCELLED", "first"))
      yield* first(confirm(1))
      const before = yield* first(list())
      yield* TestClock.adjust("1 hour")
      yield* first(status(1, "CANCELLED", "second"))
      equal(yield* first(list()), before)
    }).pipe(Effect.provide(engine()))
  )

  for (const from of ["CANCELLED", "DID_NOT_COME"] as const) {
    it.effect(`MUST check rules 2, 4, 5 and 6 (c) again from ${from}, in the order of checks`, () =>
      Effect.gen(function* () {
        yield* world()
        yield* first(book({ externalId: 1, dateFrom: nine, serviceId: group }))
        yield* first(status(1, from))
        const refused = refusal(first(status(1, "CONFIRMED")))
        yield* second(book({ externalId: 2, dateFrom: nine, ...person(2) }))
        equal(yield* refused, "30 full")
        yield* second(block({ externalId: 1, dateFrom: nine, dateTo: "2026-06-02T09:10:00" }))
        equal(yield* refused, "30 blocked")
        yield* second(status(2, "CANCELLED"))
        equal(yield* refused, "30 blocked")
        yield* second(end(1, { validTo: "2026-06-01" }))
        equal(yield* refused, "10 dateFrom closed")
        equal((yield* first(row(1))).status, from)
      }).pipe(Effect.provide(engine()))
    )
  }

  it.effect("MUST refuse to confirm a person again who has booked anew meanwhile", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine, serviceId: group }))
      yield* first(status(1, "CANCELLED"))
      yield* second(book({ externalId: 7, dateFrom: nine, serviceId: group }))
      equal(yield* refusal(first(status(1, "CONFIRMED"))), "40 person 2")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse to confirm again while any channel's externalId of it is taken", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      yield* second(confirm(1, 5))
      yield* first(status(1, "CANCELLED"))
      yield* second(book({ externalId: 5, dateFrom: "2026-06-03T09:00:00" }))
      equal(yield* refusal(first(status(1, "CONFIRMED"))), "40 externalId 2")
      equal((yield* first(row(1))).status, "CANCELLED")
      yield* second(status(2, "CANCELLED"))
      yield* first(status(1, "CONFIRMED"))
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse to confirm again onto a removed service with code 10", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      yield* first(status(1, "CANCELLED"))
      yield* first(
        update(1, {
          services: [{ id: 2, name: "Group", duration: 30, capacity: 3 }],
          intervals: [{ name: "Day", weekDays: [1, 2, 3, 4, 5], timeFrom: "08:00", timeTo: "16:00" }]
        })
      )
      equal(yield* refusal(first(status(1, "CONFIRMED"))), "10 status serviceRemoved")
      equal((yield* first(row(1))).service, 1)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse an unknown reservation with code 12", () =>
    Effect.gen(function* () {
      yield* world()
      equal(yield* refusal(first(status(1, "CANCELLED"))), "12 Reservation")
    }).pipe(Effect.provide(engine()))
  )
})
