import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { mergedPage } from "../src/Merge.ts"
import * as It from "./Support.ts"

const { one, two } = It

/** Listings of plain ids, and what was asked of them. */
const listings = (given: { readonly [facilityId: number]: ReadonlyArray<number> }) => {
  const asked: Array<readonly [facilityId: number, offset: number, limit: number]> = []
  const page = (facilityId: FacilityId, offset: number, limit: number) =>
    Effect.sync(() => {
      asked.push([facilityId, offset, limit])
      const ids = given[facilityId] ?? []
      const rows = ids.slice(offset, offset + limit).map((id) => ({ id }))
      return { pagination: { total: ids.length, offset, limit }, rows }
    })
  return { asked, page }
}

const range = (from: number, to: number, step: number) =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step)

it.effect("a merged page keeps each listing's order and puts rows by the latest creation up to them", () =>
  Effect.gen(function* () {
    // Reservation 1 was changed after 5 was made, so it stands behind it.
    const { page } = listings({ 1: [3, 5, 1], 2: [2, 4, 6] })
    const { pagination, rows } = yield* mergedPage([one, two], {}, page)
    assert.deepStrictEqual(
      rows.map(({ id }) => id),
      [2, 3, 4, 5, 1, 6]
    )
    assert.deepStrictEqual(pagination, { total: 6, offset: 0, limit: 100 })
  })
)

it.effect("pages of a merged listing are that listing, cut", () =>
  Effect.gen(function* () {
    const { page } = listings({ 1: range(1, 700, 2), 2: range(2, 500, 2) })
    const whole: Array<number> = []
    for (let offset = 0; offset < 700; offset += 37) {
      const { pagination, rows } = yield* mergedPage([one, two], { offset, limit: 37 }, page)
      assert.strictEqual(pagination.total, 599)
      whole.push(...rows.map(({ id }) => id))
    }
    assert.deepStrictEqual(whole, [...range(1, 500, 1), ...range(501, 700, 2)])
  })
)

it.effect("a merged page of no rows asks each listing for its total only", () =>
  Effect.gen(function* () {
    const { asked, page } = listings({ 1: [1], 2: [2, 4] })
    const { pagination, rows } = yield* mergedPage([one, two], { limit: 0, offset: 1 }, page)
    assert.deepStrictEqual({ pagination, rows }, { pagination: { total: 3, offset: 1, limit: 0 }, rows: [] })
    assert.deepStrictEqual(asked, [
      [1, 0, 0],
      [2, 0, 0]
    ])
  })
)

it.effect("the gateway's merged listing is the upstream's own, page by page", () =>
  Effect.gen(function* () {
    for (let n = 1; n <= 9; n++) yield* It.book(It.booking(n, n % 2 === 0 ? one : two)).pipe(It.as("all"))
    yield* It.changeTerm((yield* first).id, { dateFrom: It.booking(99).dateFrom }).pipe(It.as("all"))
    const upstream = yield* It.past(It.listReservations({}))
    const rows = []
    for (let offset = 0; offset < 9; offset += 2) {
      const page = yield* It.listReservations({ offset, limit: 2 }).pipe(It.as("all"))
      assert.deepStrictEqual(page.pagination, { total: 9, offset, limit: 2 })
      rows.push(...page.rows)
    }
    assert.deepStrictEqual(rows, upstream.rows as never)
  }).pipe(Effect.provide(It.gateway(It.keys(It.key("all")))))
)

const first = Effect.map(It.past(It.listReservations({ limit: 1 })), ({ rows }) => rows[0]!)
