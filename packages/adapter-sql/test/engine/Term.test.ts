import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  block,
  book,
  engine,
  equal,
  first,
  group,
  list,
  massage,
  move,
  person,
  refusal,
  row,
  second,
  status,
  world
} from "../Support.ts"

const nine = "2026-06-02T09:00:00"
const two = "2026-06-02T14:00:00"

describe("rule 8", () => {
  it.effect("MUST refuse to move what is not CONFIRMED, before all else", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      yield* first(status(1, "CANCELLED"))
      equal(yield* refusal(first(move(1, { dateFrom: "2026-03-29T02:30:00" }))), "10 reservationId notConfirmed")
      equal(yield* refusal(first(move(1, {}))), "10 reservationId notConfirmed")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("dateFrom alone, or dateTo null, MUST take the duration of the service; dateTo alone keep dateFrom", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      const moved = Effect.fnUntraced(function* (change: Parameters<typeof move>[1]) {
        equal(yield* first(move(1, change)), { reservationId: 1, externalId: 1 })
        const { dateFrom, dateTo } = yield* first(row(1))
        return [dateFrom.slice(11), dateTo.slice(11)]
      })
      equal(yield* moved({ dateTo: "2026-06-02T11:15:00" }), ["09:00:00", "11:15:00"])
      equal((yield* first(row(1))).duration, 135)
      equal(yield* moved({}), ["09:00:00", "11:15:00"])
      equal(yield* moved({ dateTo: null }), ["09:00:00", "10:00:00"])
      yield* moved({ dateTo: "2026-06-02T11:15:00" })
      equal(yield* moved({ dateFrom: two }), ["14:00:00", "15:00:00"])
      equal(yield* moved({ dateFrom: nine, dateTo: two }), ["09:00:00", "14:00:00"])
      equal(yield* moved({ dateFrom: two, dateTo: null }), ["14:00:00", "15:00:00"])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("what was moved to be longer than any before MUST stand in the way of what begins later", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      const later = book({ externalId: 2, dateFrom: two, ...person(2) })
      yield* first(move(1, { dateTo: "2026-06-02T14:15:00" }))
      equal(yield* refusal(first(later)), "30 full")
      yield* first(move(1, { dateTo: null }))
      yield* first(later)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST tell what is wrong with both ends at once, and refuse an end that is not after the start", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      const gap = "2026-03-29T02:30:00"
      equal(yield* refusal(first(move(1, { dateFrom: gap, dateTo: gap }))), "10 dateFrom inGap, dateTo inGap")
      equal(yield* refusal(first(move(1, { dateFrom: nine, dateTo: nine }))), "10 dateTo notAfter")
      equal(yield* refusal(first(move(1, { dateTo: "2026-06-02T08:00" }))), "10 dateTo notAfter")
    }).pipe(Effect.provide(engine()))
  )

  it.effect(
    "dateTo in a repeated hour MUST be the earliest reading after dateFrom, unless its offset says otherwise",
    () =>
      Effect.gen(function* () {
        yield* world()
        yield* first(book({ externalId: 1, dateFrom: "2026-10-25T01:00:00", serviceId: massage }))
        const lasts = Effect.fnUntraced(function* (change: Parameters<typeof move>[1]) {
          yield* first(move(1, change))
          return (yield* first(row(1))).duration
        })
        const half = "2026-10-25T02:30:00"
        equal(yield* lasts({ dateTo: half }), 90)
        equal(yield* lasts({ dateTo: half, dateToOffset: "+01:00" }), 150)
        equal(yield* lasts({ dateFrom: "2026-10-25T02:45:00", dateTo: half }), 45)
      }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST check rules 2 to 5 and 6 (c) without counting itself, and leave a refused one as it was", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      yield* first(book({ externalId: 2, dateFrom: two, serviceId: group }))
      yield* first(book({ externalId: 3, dateFrom: "2026-06-02T10:30:00", serviceId: group, ...person(3) }))
      yield* first(block({ externalId: 1, dateFrom: "2026-06-03", dateTo: "2026-06-03" }))
      const before = yield* first(list())
      for (const [change, expected] of [
        [{ dateFrom: "2026-06-02T15:30:00" }, "10 dateFrom closed"],
        [{ dateFrom: "2026-06-02T10:00:00" }, "30 full"],
        [{ dateFrom: "2026-06-03T09:00:00" }, "30 blocked"],
        [{ dateTo: "2026-06-02T10:31:00" }, "30 full"]
      ] as const) {
        equal(yield* refusal(first(move(1, change))), expected)
      }
      equal(yield* first(list()), before)
      yield* first(move(1, { dateFrom: "2026-06-02T09:30:00" }))
      equal((yield* first(row(1))).dateFrom, "2026-06-02T09:30:00")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse to move a person onto another booking of hers for the same service", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine, serviceId: group }))
      yield* first(book({ externalId: 2, dateFrom: two, serviceId: group }))
      equal(yield* refusal(first(move(2, { dateFrom: nine }))), "40 person 1")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a move to where it is MUST change nothing; any other MUST unsync it for every channel", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      yield* first(move(1, { dateFrom: nine, dateTo: "2026-06-02T10:00:00" }))
      assert.isFalse((yield* first(row(1))).needsSync)
      yield* first(move(1, { dateFrom: two }))
      assert.isTrue((yield* first(row(1))).needsSync)
      assert.isTrue((yield* second(row(1))).needsSync)
      // Its old place is free, its externalId is still its own.
      yield* second(book({ externalId: 1, dateFrom: nine, ...person(1) }))
      equal((yield* first(row(1))).externalId, 1)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse an offset without its time, and one that does not fit", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, dateFrom: nine }))
      equal(
        yield* refusal(first(move(1, { dateFromOffset: "+02:00", dateToOffset: "+02:00" }))),
        "10 dateFrom required, dateTo required"
      )
      equal(
        yield* refusal(first(move(1, { dateFrom: two, dateFromOffset: "+01:00" }))),
        "10 dateFromOffset offsetMismatch"
      )
    }).pipe(Effect.provide(engine()))
  )
})
