import { assert, describe, it } from "@effect/vitest"
import * as StatementCache from "../../src/internal/StatementCache.ts"

const counting = (capacity: number) => {
  const prepared: Array<string> = []
  const get = StatementCache.make(capacity, (sql) => {
    prepared.push(sql)
    return { sql }
  })
  return { get, prepared }
}

describe("StatementCache", () => {
  it("prepares a text once", () => {
    const { get, prepared } = counting(4)
    assert.strictEqual(get("a"), get("a"))
    assert.deepStrictEqual(prepared, ["a"])
  })

  it("keeps the half of its capacity that was used last", () => {
    const { get, prepared } = counting(4)
    for (const sql of ["a", "b", "c", "a", "d", "e", "d", "e", "a"]) get(sql)
    assert.deepStrictEqual(prepared, ["a", "b", "c", "d", "e"])
  })

  it("forgets what was not used for a capacity's worth of others", () => {
    const { get, prepared } = counting(4)
    for (const sql of ["a", "b", "c", "d", "e", "a"]) get(sql)
    assert.deepStrictEqual(prepared, ["a", "b", "c", "d", "e", "a"])
  })

  it("caches nothing below a capacity of two", () => {
    const { get, prepared } = counting(0)
    get("a")
    get("a")
    assert.deepStrictEqual(prepared, ["a", "a"])
  })

  it("does not remember a failure", () => {
    let failing = true
    const get = StatementCache.make(4, (sql) => {
      if (failing) throw new Error(sql)
      return { sql }
    })
    assert.throws(() => get("a"))
    failing = false
    assert.deepStrictEqual(get("a"), { sql: "a" })
  })
})
