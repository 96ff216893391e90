import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { type Listed, paged } from "../../src/page/Listing.ts"

interface Row {
  readonly id: number
}

const rowsOf = (n: number): ReadonlyArray<Row> => Array.from({ length: n }, (_, index) => ({ id: index + 1 }))

/** A backend that pages `rows`, gives at most `most` a page, and whose clock moves on by a second a page. */
const backend = (rows: ReadonlyArray<Row>, most = 100) => {
  const asked: Array<readonly [offset: number, limit: number]> = []
  const page = (offset: number, limit: number) =>
    Effect.sync(() => {
      asked.push([offset, limit])
      const given = Math.min(limit, most)
      return {
        pagination: { total: rows.length, offset, limit: given },
        rows: rows.slice(offset, offset + given),
        asOfMs: asked.length * 1000
      }
    })
  return { asked, page }
}

const idsOf = (listed: ReadonlyArray<Listed<Row>>) =>
  listed.flatMap((part) => (part._tag === "Rows" ? part.rows.map(({ id }) => id) : []))

describe("paged", () => {
  it.effect("gives each row, then how complete it was, and the clock of its first page", () =>
    Effect.gen(function* () {
      const { asked, page } = backend(rowsOf(150))
      const listed = yield* Stream.runCollect(paged(page, "known"))
      assert.deepStrictEqual(
        idsOf(listed),
        rowsOf(150).map(({ id }) => id)
      )
      assert.deepStrictEqual(listed.at(-1), { _tag: "End", coverage: "complete", asOfMs: 1000 })
      assert.deepStrictEqual(asked, [
        [0, 100],
        [99, 100]
      ])
    })
  )

  it.effect("pages by what the backend says it gives", () =>
    Effect.gen(function* () {
      const { page } = backend(rowsOf(25), 10)
      const listed = yield* Stream.runCollect(paged(page, "known"))
      assert.lengthOf(idsOf(listed), 25)
      assert.deepStrictEqual(listed.at(-1), { _tag: "End", coverage: "complete", asOfMs: 1000 })
    })
  )

  it.effect("begins anew each time it is run, and asks for a page only when it is wanted", () =>
    Effect.gen(function* () {
      const { asked, page } = backend(rowsOf(500))
      const stream = paged(page, "known")
      yield* Stream.runCollect(Stream.take(stream, 1))
      yield* Stream.runCollect(Stream.take(stream, 1))
      assert.deepStrictEqual(asked, [
        [0, 100],
        [0, 100]
      ])
    })
  )

  it.effect("has no end when a page fails, for nothing is proven by what it gave", () =>
    Effect.gen(function* () {
      const { page } = backend(rowsOf(150))
      const seen: Array<Listed<Row>> = []
      const failing = (offset: number, limit: number) => (offset === 0 ? page(offset, limit) : Effect.fail("down"))
      const error = yield* Effect.flip(
        Stream.runForEach(paged(failing, "known"), (part) => Effect.sync(() => seen.push(part)))
      )
      assert.strictEqual(error, "down")
      assert.deepStrictEqual(
        seen.map(({ _tag }) => _tag),
        ["Rows"]
      )
    })
  )
})
