/** The paging rule against listings that change while they are read. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { advance, type Coverage, type Order, start } from "../../src/page/Paging.ts"

interface Read {
  readonly coverage: Coverage
  readonly given: ReadonlyArray<number>
  readonly pages: number
}

/** A row and how often it has been changed. */
interface Row {
  readonly id: number
  readonly version: number
}

const listed = (rows: ReadonlyArray<Row>) => rows.map((row) => ({ id: row.id, text: JSON.stringify(row) }))

/** Reads a listing whose rows are changed by `meanwhile` after each page. */
const readAll = (rows: Array<Row>, limit: number, order: Order, meanwhile: (page: number) => void = () => {}): Read => {
  const given: Array<number> = []
  let at = start()
  for (let pages = 1; ; pages++) {
    const page = rows.slice(at.offset, at.offset + limit)
    const step = advance(at, listed(page), limit, order)
    given.push(...step.give.map((index) => page[index]?.id ?? Number.NaN))
    if (typeof step.next === "string") return { coverage: step.next, given, pages }
    at = step.next
    meanwhile(pages)
    if (pages > 2000) throw new Error("no end")
  }
}

/** Changes the row at an index, which moves it to the end, or takes it away. */
const change = (rows: Array<Row>, index: number, vanishes: boolean): number | undefined => {
  const [row] = rows.splice(index, 1)
  if (row !== undefined && !vanishes) rows.push({ ...row, version: row.version + 1 })
  return row?.id
}

const rowsOf = (n: number): Array<Row> => count(n).map((id) => ({ id, version: 0 }))

const count = (n: number) => Array.from({ length: n }, (_, index) => index + 1)

describe("advance", () => {
  it("reads a quiet listing of a known order once, each row once", () => {
    for (const n of [0, 1, 9, 10, 11, 19, 20, 55]) {
      const { coverage, given } = readAll(rowsOf(n), 10, "known")
      assert.deepStrictEqual([coverage, given], ["complete", count(n)])
    }
  })

  it("reads a short listing of an unknown order once, and a longer one until two readings are equal", () => {
    assert.deepStrictEqual(readAll(rowsOf(9), 10, "unknown"), { coverage: "complete", given: count(9), pages: 1 })
    assert.deepStrictEqual(readAll(rowsOf(15), 10, "unknown"), { coverage: "complete", given: count(15), pages: 4 })
  })

  it("gives a row again that a later reading of an unknown order shows changed", () => {
    const rows = rowsOf(15)
    const { coverage, given } = readAll(rows, 10, "unknown", (page) => {
      // Where it is, as by an order that has nothing to do with changes.
      if (page === 2) rows[3] = { id: 4, version: 1 }
    })
    assert.deepStrictEqual([coverage, given], ["complete", [...count(15), 4]])
  })

  it("steps back when the next page does not begin with the last row", () => {
    const rows = rowsOf(25)
    // Row 3 is changed and moves to the end: all behind it move up by one.
    const { coverage, given } = readAll(rows, 10, "known", (page) => {
      if (page === 1) change(rows, 2, false)
    })
    assert.strictEqual(coverage, "complete")
    assert.sameMembers([...new Set(given)], count(25))
  })

  it("steps back when the last row itself moves, or vanishes", () => {
    for (const vanishes of [false, true]) {
      const rows = rowsOf(25)
      const { coverage, given } = readAll(rows, 10, "known", (page) => {
        if (page === 1) change(rows, 9, vanishes)
      })
      assert.strictEqual(coverage, "complete")
      assert.sameMembers([...new Set(given)], count(25))
    }
  })

  it("gives up on a listing of an unknown order that never reads the same", () => {
    const rows = rowsOf(15)
    let next = 100
    const read = readAll(rows, 10, "unknown", () => {
      rows.splice(12, 1, { id: next++, version: 0 })
    })
    assert.strictEqual(read.coverage, "unknown")
  })

  it("gives up on a server that ignores the offset, or gives one row a page", () => {
    let at = start()
    for (let pages = 0; ; pages++) {
      assert.isBelow(pages, 100)
      const { next } = advance(at, listed(rowsOf(10)), 10, "known")
      if (typeof next === "string") {
        assert.strictEqual(next, "unknown")
        break
      }
      at = next
    }
    assert.strictEqual(advance(start(), listed(rowsOf(1)), 1, "known").next, "unknown")
  })

  it("misses nothing of a complete listing that stayed, whatever moves to the end or vanishes", () => {
    const changes = fc.record({ at: fc.nat({ max: 200 }), vanishes: fc.boolean() })
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 2, max: 12 }),
        fc.array(fc.array(changes, { maxLength: 4 }), { maxLength: 12 }),
        fc.constantFrom<Order>("known", "unknown"),
        (n, limit, script, order) => {
          const rows = rowsOf(n)
          const gone = new Set<number>()
          const { coverage, given } = readAll(rows, limit, order, (page) => {
            for (const { at, vanishes } of script[page - 1] ?? []) {
              const id = rows.length === 0 ? undefined : change(rows, at % rows.length, vanishes)
              if (id !== undefined && vanishes) gone.add(id)
            }
          })
          if (coverage === "unknown") return
          const found = new Set(given)
          for (const row of count(n))
            if (!gone.has(row)) assert.isTrue(found.has(row), `row ${row} of ${n} by ${limit}`)
        }
      ),
      { numRuns: Number(process.env.FC_NUM_RUNS ?? 2000) }
    )
  })
})
