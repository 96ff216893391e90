import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  block,
  blocks,
  book,
  confirm,
  engine,
  equal,
  first,
  list,
  move,
  moveBlock,
  person,
  refusal,
  row,
  second,
  status,
  unblock,
  utc,
  world
} from "../Support.ts"

const nine = "2026-06-02T09:00:00"

const seen = (id: number) =>
  Effect.map(Effect.all([first(row(id)), second(row(id))]), (rows) =>
    rows.map(({ externalId, needsSync }) => [externalId, needsSync])
  )

/** What has changed at or after an instant. */
const since = (lastSync: number) => Effect.map(first(list({ lastSync })), ({ rows }) => rows.map(({ id }) => id))

describe("rule 9", () => {
  it.effect("MUST start synced for the channel that made it, unsynced and without externalId for the others", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 5, dateFrom: nine }))
      equal(yield* seen(1), [
        [5, false],
        [undefined, true]
      ])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a later change MUST set needsSync for every channel, a confirm clear that of its own only", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 5, dateFrom: nine }))
      equal(yield* second(confirm(1, 8)), { reservationId: 1, externalId: 8 })
      equal(yield* seen(1), [
        [5, false],
        [8, false]
      ])
      yield* second(status(1, "CANCELLED"))
      equal(yield* seen(1), [
        [5, true],
        [8, true]
      ])
      equal(yield* first(confirm(1)), { reservationId: 1, externalId: 5 })
      yield* second(confirm(1, 9))
      equal(yield* seen(1), [
        [5, false],
        [9, false]
      ])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("confirm sync MUST NOT move the change instant, and answer the same when it is repeated", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 5, dateFrom: nine }))
      const now = utc("2026-06-01T06:00:00")
      yield* TestClock.adjust("1 hour")
      yield* second(confirm(1, 8))
      yield* second(confirm(1, 8))
      equal(yield* since(now), [1])
      equal(yield* since(now + 1), [])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse a confirm without an externalId where the channel has told none, with code 10", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 5, dateFrom: nine }))
      equal(yield* refusal(second(confirm(1))), "10 externalId externalIdUnknown")
      equal((yield* seen(1))[1], [undefined, true])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse a confirm with an externalId that the channel uses, unless this one is CANCELLED", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 5, dateFrom: nine }))
      yield* first(book({ externalId: 6, dateFrom: "2026-06-02T10:00:00", ...person(1) }))
      equal(yield* refusal(first(confirm(2, 5))), "40 externalId 1")
      yield* first(confirm(2, 7))
      equal((yield* first(row(2))).externalId, 7)
      yield* second(confirm(2, 5))
      yield* first(status(2, "CANCELLED"))
      yield* first(confirm(2, 5))
      equal(yield* refusal(first(status(2, "CONFIRMED"))), "40 externalId 1")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a blocked time MUST have the externalId of the channel that made it, for that channel only", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(block({ externalId: 5, dateFrom: nine, dateTo: "2026-06-02T10:00:00" }))
      equal((yield* first(blocks())).rows[0]?.externalId, 5)
      assert.notProperty((yield* second(blocks())).rows[0]!, "externalId")
    }).pipe(Effect.provide(engine()))
  )
})

describe("rule 10", () => {
  it.effect("the change instant MUST be the clock's, and never fall when the clock is set back", () =>
    Effect.gen(function* () {
      yield* world()
      const now = utc("2026-06-01T06:00:00")
      yield* first(book({ externalId: 1, dateFrom: nine }))
      yield* TestClock.setTime(now - 3_600_000)
      yield* first(book({ externalId: 2, dateFrom: "2026-06-02T10:00:00", ...person(2) }))
      yield* first(status(1, "CANCELLED"))
      equal(yield* since(now), [1, 2])
      equal(yield* since(now + 1), [])
      // What a person reads is the clock as it is.
      equal((yield* first(row(2))).created, "2026-06-01T07:00:00")
      equal((yield* first(row(1))).cancelTime, "2026-06-01T07:00:00")
      yield* TestClock.setTime(now + 5)
      yield* first(move(2, { dateFrom: "2026-06-02T11:00:00" }))
      equal(yield* since(now + 5), [2])
      equal(yield* since(now + 6), [])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a facility's blocked times and reservations MUST share one line of change instants", () =>
    Effect.gen(function* () {
      yield* world()
      const now = utc("2026-06-01T06:00:00")
      yield* first(block({ externalId: 1, dateFrom: "2026-06-03", dateTo: "2026-06-03" }))
      yield* TestClock.setTime(now + 10)
      yield* first(moveBlock(1, { dateTo: "2026-06-04" }))
      yield* TestClock.setTime(now - 10)
      yield* first(book({ externalId: 1, dateFrom: nine }))
      equal(yield* since(now + 10), [1])
      equal((yield* first(blocks({ lastSync: now + 10 }))).pagination.total, 1)
      yield* first(unblock(1))
      equal((yield* first(blocks())).pagination.total, 0)
    }).pipe(Effect.provide(engine()))
  )
})
