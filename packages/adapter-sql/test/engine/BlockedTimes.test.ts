import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  block,
  blocks,
  book,
  engine,
  equal,
  first,
  foreignFacility,
  group,
  includes,
  massage,
  moveBlock,
  person,
  refusal,
  row,
  second,
  unblock,
  world
} from "../Support.ts"

const nine = "2026-06-02T09:00:00"
const ten = "2026-06-02T10:00:00"

const listed = Effect.map(first(blocks()), ({ rows }) => rows.map(({ dateFrom, dateTo, id }) => [id, dateFrom, dateTo]))

describe("rule 4", () => {
  it.effect("MUST block all calendars of the facility, exactly for its term", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(block({ externalId: 1, dateFrom: nine, dateTo: ten }))
      const at = (n: number, dateFrom: string, serviceId: number) =>
        second(book({ externalId: n, dateFrom, serviceId, ...person(n) }))
      equal(yield* refusal(at(1, nine, group)), "30 blocked")
      equal(yield* refusal(at(1, "2026-06-02T08:01:00", massage)), "30 blocked")
      equal(yield* refusal(at(1, "2026-06-02T09:59:00", massage)), "30 blocked")
      yield* at(1, "2026-06-02T08:00:00", massage)
      yield* at(2, ten, massage)
      yield* first(book({ externalId: 3, facilityId: foreignFacility, serviceId: 5, dateFrom: nine }))
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST be created and moved over existing reservations, which stay", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      yield* first(block({ externalId: 1, dateFrom: nine, dateTo: ten }))
      yield* first(moveBlock(1, { dateFrom: "2026-06-02T08:00:00" }))
      includes(yield* first(row(1)), { status: "CONFIRMED", needsSync: false })
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a date-only dateTo MUST mean to the end of that day", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(block({ externalId: 1, dateFrom: "2026-10-24", dateTo: "2026-10-25" }))
      yield* first(block({ externalId: 2, dateFrom: "2026-10-26", dateTo: "2026-10-26" }))
      yield* first(moveBlock(2, { dateTo: "2026-10-27" }))
      equal(yield* listed, [
        [1, "2026-10-24T00:00:00", "2026-10-26T00:00:00"],
        [2, "2026-10-26T00:00:00", "2026-10-28T00:00:00"]
      ])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse a time in the gap and an end that is not after the start", () =>
    Effect.gen(function* () {
      yield* world()
      const gap = "2026-03-29T02:30:00"
      equal(
        yield* refusal(first(block({ externalId: 1, dateFrom: gap, dateTo: gap }))),
        "10 dateFrom inGap, dateTo inGap"
      )
      equal(yield* refusal(first(block({ externalId: 1, dateFrom: nine, dateTo: nine }))), "10 dateTo notAfter")
      yield* first(block({ externalId: 1, dateFrom: nine, dateTo: ten }))
      equal(yield* refusal(first(moveBlock(1, { dateFrom: ten }))), "10 dateTo notAfter")
      equal(yield* listed, [[1, nine, ten]])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("members that are left out of a move MUST keep their value", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(block({ externalId: 1, dateFrom: nine, dateTo: ten }))
      equal(yield* second(moveBlock(1, { dateTo: "2026-06-02T11:00:00" })), { blockedTimeId: 1 })
      yield* second(moveBlock(1, {}))
      equal(yield* listed, [[1, nine, "2026-06-02T11:00:00"]])
      yield* second(moveBlock(1, { dateFrom: ten }))
      equal(yield* listed, [[1, ten, "2026-06-02T11:00:00"]])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a removed one MUST free its time, and be gone for every operation", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(block({ externalId: 1, dateFrom: nine, dateTo: ten }))
      equal(yield* second(unblock(1)), { blockedTimeId: 1 })
      equal(yield* refusal(first(unblock(1))), "12 BlockedTime")
      equal(yield* refusal(first(moveBlock(1, { dateTo: "2026-06-03" }))), "12 BlockedTime")
      equal(yield* listed, [])
      yield* first(book({ externalId: 1, dateFrom: nine }))
    }).pipe(Effect.provide(engine()))
  )
})

describe("rule 6 for blocked times", () => {
  it.effect("MUST refuse an externalId that another one of the channel has, before the booking rules", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(block({ externalId: 1, dateFrom: nine, dateTo: ten }))
      equal(yield* refusal(first(block({ externalId: 1, dateFrom: ten, dateTo: nine }))), "40 externalId 1")
      yield* second(block({ externalId: 1, dateFrom: nine, dateTo: ten }))
      // A reservation's externalId is another name space.
      yield* first(book({ externalId: 1, dateFrom: "2026-06-02T13:00:00" }))
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse externalId and term of one removed in the last 24 hours, and no other term", () =>
    Effect.gen(function* () {
      yield* world()
      const again = first(block({ externalId: 1, dateFrom: nine, dateTo: ten }))
      yield* again
      yield* first(unblock(1))
      equal(yield* refusal(again), "40 retry 1")
      yield* second(block({ externalId: 1, dateFrom: nine, dateTo: ten }))
      const { blockedTimeId: id } = yield* first(
        block({ externalId: 1, dateFrom: nine, dateTo: "2026-06-02T10:30:00" })
      )
      yield* first(unblock(id))
      yield* TestClock.adjust("24 hours")
      equal(yield* refusal(again), "40 retry 1")
      yield* TestClock.adjust("1 millis")
      yield* again
    }).pipe(Effect.provide(engine()))
  )
})
