import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  block,
  blocks,
  book,
  confirm,
  day,
  engine,
  equal,
  first,
  foreignFacility,
  group,
  includes,
  list,
  london,
  massage,
  move,
  person,
  row,
  sharedFacility,
  status,
  unblock,
  utc,
  world
} from "../Support.ts"

const start = utc("2026-06-01T06:00:00")
const ids = ({ rows }: { readonly rows: ReadonlyArray<{ readonly id: number }> }) => rows.map(({ id }) => id)
const listed = (query: Parameters<typeof list>[0]) => Effect.map(first(list(query)), ids)

/** Three reservations, an instant apart. */
const three = Effect.gen(function* () {
  yield* world()
  for (const n of [1, 2, 3]) {
    yield* TestClock.setTime(start + n)
    yield* first(book({ externalId: n, dateFrom: `2026-06-0${n}T09:00:00`, ...person(n) }))
  }
})

describe("reservations", () => {
  it.effect("MUST be listed with every member as it was given", () =>
    Effect.gen(function* () {
      yield* world()
      const note = "Robert'); DROP TABLE reservation;-- <b>ß</b> 🦷\n"
      yield* first(book({ externalId: 4, dateFrom: "2026-06-02T09:00:00", note }))
      const { number, ...rest } = yield* first(row(1))
      equal(/^[a-z0-9]{6}$/.test(number ?? ""), true)
      equal(rest, {
        id: 1,
        externalId: 4,
        name: "John Audrey",
        email: "john@example.com",
        phone: "+421948762315",
        service: 1,
        duration: 60,
        created: "2026-06-01T08:00:00",
        dateFrom: "2026-06-02T09:00:00",
        dateTo: "2026-06-02T10:00:00",
        needsSync: false,
        facilityId: 1,
        note,
        status: "CONFIRMED"
      })
      equal((yield* listed({ number: number! })).length, 1)
      equal((yield* listed({ number: "000000" })).length, 0)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST be ordered by change instant, then id, so that rows only move to the end", () =>
    Effect.gen(function* () {
      yield* three
      equal(yield* listed({}), [1, 2, 3])
      yield* first(status(1, "CANCELLED"))
      equal(yield* listed({}), [2, 1, 3])
      yield* TestClock.adjust("1 millis")
      yield* first(move(2, { dateFrom: "2026-06-02T14:00:00" }))
      equal(yield* listed({}), [1, 3, 2])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST be cut by offset and limit, with the total of all", () =>
    Effect.gen(function* () {
      yield* three
      const page = (query: Parameters<typeof list>[0]) =>
        Effect.map(first(list(query)), (page) => [ids(page), page.pagination])
      equal(yield* page({}), [[1, 2, 3], { total: 3, offset: 0, limit: 100 }])
      equal(yield* page({ offset: 1, limit: 1 }), [[2], { total: 3, offset: 1, limit: 1 }])
      equal(yield* page({ limit: 0 }), [[], { total: 3, offset: 0, limit: 0 }])
      equal(yield* page({ offset: 3 }), [[], { total: 3, offset: 3, limit: 100 }])
      equal(yield* page({ status: "CANCELLED" }), [[], { total: 0, offset: 0, limit: 100 }])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("every condition that is given MUST hold", () =>
    Effect.gen(function* () {
      yield* three
      yield* first(status(2, "CANCELLED"))
      yield* first(confirm(2))
      equal(yield* listed({ email: "P2@EXAMPLE.com" }), [2])
      equal(yield* listed({ email: "%" }), [])
      equal(yield* listed({ status: "CONFIRMED" }), [1, 3])
      equal(yield* listed({ lastSync: start + 2 }), [2, 3])
      equal(yield* listed({ lastSync: start + 2, status: "CANCELLED" }), [2])
      equal(yield* listed({ lastSync: start + 4 }), [])
      equal(yield* listed({ onlyUnsynced: true }), [])
      equal(yield* listed({ onlyUnsynced: false }), [1, 2, 3])
      yield* first(move(3, { dateFrom: "2026-06-03T10:00:00" }))
      equal(yield* listed({ onlyUnsynced: true }), [3])
      equal(yield* listed({ facilityId: foreignFacility }), [])
      equal(yield* listed({ facilityId: sharedFacility, from: day("2026-06-02") }), [2, 3])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("`from` and `to` MUST be whole days of dateFrom, inclusive, in each facility's own zone", () =>
    Effect.gen(function* () {
      yield* world()
      const at = (externalId: number, dateFrom: string, more: object) =>
        first(book({ externalId, dateFrom, serviceId: massage, ...more }))
      yield* at(1, "2026-06-02T00:00:00", {})
      yield* at(2, "2026-06-02T23:30:00", {})
      yield* at(3, "2026-06-03T00:00:00", {})
      // The same instant as 1, but 23:00 of the day before in London.
      const abroad = { facilityId: foreignFacility, serviceId: london }
      yield* at(4, "2026-06-01T23:00:00", abroad)
      yield* at(5, "2026-06-02T23:30:00", abroad)
      const on = (from: string, to: string) => listed({ from: day(from), to: day(to) })
      equal(yield* on("2026-06-02", "2026-06-02"), [1, 2, 5])
      equal(yield* on("2026-06-01", "2026-06-01"), [4])
      equal(yield* on("2026-06-03", "2026-06-02"), [])
      equal(yield* listed({ to: day("2026-06-01") }), [4])
      equal(yield* listed({ from: day("2026-06-03") }), [3])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a day with a change of clocks MUST be whole", () =>
    Effect.gen(function* () {
      yield* world()
      const at = (externalId: number, dateFrom: string) => first(book({ externalId, dateFrom, serviceId: massage }))
      yield* at(1, "2026-10-25T00:00:00")
      yield* at(2, "2026-10-25T23:30:00")
      yield* at(3, "2026-10-26T00:30:00")
      equal(yield* listed({ from: day("2026-10-25"), to: day("2026-10-25") }), [1, 2])
    }).pipe(Effect.provide(engine()))
  )
})

describe("blocked times", () => {
  it.effect("MUST be those that overlap the days, longer ones too, in the order of changes", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(block({ externalId: 1, dateFrom: "2026-06-10", dateTo: "2026-06-20", note: "long" }))
      yield* first(block({ externalId: 2, dateFrom: "2026-06-15T08:00:00", dateTo: "2026-06-15T09:00:00" }))
      yield* first(block({ externalId: 3, dateFrom: "2026-06-14T23:00:00", dateTo: "2026-06-15T00:00:00" }))
      yield* first(block({ externalId: 4, facilityId: foreignFacility, dateFrom: "2026-06-15", dateTo: "2026-06-15" }))
      const over = (dateFrom: string, dateTo: string) =>
        Effect.map(first(blocks({ dateFrom: day(dateFrom), dateTo: day(dateTo) })), ids)
      equal(yield* over("2026-06-15", "2026-06-15"), [1, 2, 4])
      equal(yield* over("2026-06-14", "2026-06-14"), [1, 3])
      equal(yield* over("2026-06-21", "2026-06-30"), [])
      equal(yield* over("2026-06-20", "2026-06-20"), [1])
      const { pagination, rows } = yield* first(blocks({ facilityId: sharedFacility, offset: 0, limit: 1 }))
      equal(pagination, { total: 3, offset: 0, limit: 1 })
      equal(rows, [
        { id: 1, externalId: 1, dateFrom: "2026-06-10T00:00:00", dateTo: "2026-06-21T00:00:00", note: "long" }
      ])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("`lastSync` MUST be inclusive, and a removed one absent", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(block({ externalId: 1, dateFrom: "2026-06-10", dateTo: "2026-06-10" }))
      equal(ids(yield* first(blocks({ lastSync: start }))), [1])
      equal(ids(yield* first(blocks({ lastSync: start + 1 }))), [])
      yield* first(unblock(1))
      includes(yield* first(blocks({ lastSync: start })), { rows: [] })
      yield* first(book({ externalId: 1, dateFrom: "2026-06-10T09:00:00", serviceId: group }))
    }).pipe(Effect.provide(engine()))
  )
})
