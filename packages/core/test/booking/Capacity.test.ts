/** Tests of engine.md rule 5: examples, and a count at every instant at which something starts or ends. */

import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { fits, type Occupancy, placesLeft } from "../../src/booking/Capacity.ts"
import type { Term } from "../../src/booking/Term.ts"

const row = (fromMs: number, toMs: number, capacity: number): Occupancy => ({ fromMs, toMs, capacity })

const at = (rows: ReadonlyArray<Occupancy>, instant: number): ReadonlyArray<Occupancy> =>
  rows.filter(({ fromMs, toMs }) => fromMs <= instant && instant < toMs)

/** The instants of the term at which what overlaps can change. */
const instants = ({ fromMs, toMs }: Term, rows: ReadonlyArray<Occupancy>): ReadonlyArray<number> => [
  fromMs,
  ...rows.flatMap((r) => [r.fromMs, r.toMs]).filter((ms) => fromMs < ms && ms < toMs)
]

const oracle = (term: Term, capacity: number, rows: ReadonlyArray<Occupancy>): number =>
  Math.max(
    0,
    Math.min(
      ...instants(term, rows).map((instant) => {
        const there = at(rows, instant)
        return Math.min(capacity, ...there.map((r) => r.capacity)) - there.length
      })
    )
  )

const keepsRule = (term: Term, rows: ReadonlyArray<Occupancy>): boolean =>
  instants(term, rows).every((instant) => {
    const there = at(rows, instant)
    return there.every((r) => there.length <= r.capacity)
  })

const terms = (maxMs: number): fc.Arbitrary<Term> =>
  fc
    .tuple(fc.integer({ min: 0, max: maxMs }), fc.integer({ min: 1, max: Math.ceil(maxMs / 3) }))
    .map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length }))

// Large capacities among themselves, too: a single small one decides all that overlaps it.
const occupancies = (maxMs: number, maxLength: number): fc.Arbitrary<ReadonlyArray<Occupancy>> =>
  fc
    .constantFrom([1, 2, 5], [2, 5, 20, 20, 20], [500, 1000])
    .chain((capacities) => occupanciesOf(maxMs, maxLength, capacities))

const occupanciesOf = (maxMs: number, maxLength: number, capacities: ReadonlyArray<number>) =>
  fc.array(
    fc.tuple(terms(maxMs), fc.constantFrom(...capacities)).map(([t, capacity]) => ({ ...t, capacity })),
    { maxLength, size: "max" }
  )

const booking = fc.oneof(
  fc.tuple(terms(20), fc.integer({ min: 1, max: 30 }), occupancies(20, 8)),
  fc.tuple(terms(5_000), fc.constantFrom(1, 8, 20, 1000), occupancies(5_000, 60)),
  // Rows crowded into a moment of a long term.
  fc.tuple(
    fc.constant({ fromMs: -31_536_000_000, toMs: 31_536_000_000 }),
    fc.constantFrom(20, 1000),
    occupancies(1_000, 200)
  )
)

describe("placesLeft", () => {
  const hour = { fromMs: 100, toMs: 160 }

  it("is the capacity of the service in an empty calendar", () => {
    expect(placesLeft(hour, 8, [])).toBe(8)
    expect(placesLeft(hour, 8, [row(0, 100, 8), row(160, 200, 8)])).toBe(8)
  })

  it("books the calendar alone with a capacity of 1, whoever asks", () => {
    expect(placesLeft(hour, 1, [row(159, 170, 8)])).toBe(0)
    expect(placesLeft(hour, 8, [row(90, 101, 1)])).toBe(0)
  })

  it("counts at each instant: two that follow each other take one place", () => {
    expect(placesLeft(hour, 8, [row(100, 130, 8), row(130, 160, 8)])).toBe(7)
    expect(placesLeft(hour, 8, [row(100, 131, 8), row(130, 160, 8)])).toBe(6)
  })

  it("takes the smallest capacity among those there", () => {
    // At 100: 3 of 8 taken; at 120: min(8, 4) and 3 taken; at 140: 2 taken.
    expect(placesLeft(hour, 8, [row(90, 130, 8), row(90, 130, 8), row(120, 200, 4)])).toBe(1)
    // What is small elsewhere does not matter.
    expect(placesLeft(hour, 8, [row(90, 100, 1), row(120, 200, 4), row(160, 170, 1)])).toBe(3)
  })

  it("is 0 and not less where rule 5 is broken already", () => {
    expect(placesLeft(hour, 2, [row(0, 200, 2), row(0, 200, 2), row(0, 200, 2)])).toBe(0)
  })

  it("holds a group of 8 and no ninth", () => {
    const group = Array.from({ length: 7 }, () => row(100, 160, 8))
    expect(fits(hour, 8, group)).toBe(true)
    expect(fits(hour, 8, [...group, row(100, 160, 8)])).toBe(false)
  })

  it("agrees with a count at every instant at which something starts or ends", () => {
    fc.assert(
      fc.property(booking, ([term, capacity, rows]) => {
        expect(placesLeft(term, capacity, rows)).toBe(oracle(term, capacity, rows))
        expect(fits(term, capacity, rows)).toBe(oracle(term, capacity, rows) >= 1)
      }),
      { numRuns: 500 }
    )
  })

  it("keeps rule 5 with that many more, and breaks it with one more", () => {
    fc.assert(
      fc.property(booking, ([term, capacity, rows]) => {
        const left = placesLeft(term, capacity, rows)
        const more = (count: number): ReadonlyArray<Occupancy> => [
          ...rows,
          ...Array.from({ length: count }, () => ({ ...term, capacity }))
        ]
        if (left > 0) expect(keepsRule(term, more(left))).toBe(true)
        if (left > 0) expect(fits(term, capacity, more(left))).toBe(false)
        expect(keepsRule(term, more(left + 1))).toBe(false)
      }),
      { numRuns: 200 }
    )
  })
})
