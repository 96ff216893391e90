import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { SqliteClient } from "../../src/SqliteClient.ts"
import { openMemory, scalar } from "../support.ts"

const message = (sql: SqliteClient, text: string, params: ReadonlyArray<unknown> = []) =>
  Effect.map(Effect.flip(sql.unsafe(text, params)), (error) => `${error.reason._tag}: ${error.message}`)

describe("Prepared", () => {
  it.effect("carries blobs, null, text, floats and integers there and back", () =>
    Effect.gen(function* () {
      const sql = yield* openMemory()
      yield* sql`CREATE TABLE t (v)`
      const values = [
        new Uint8Array([0, 1, 255]),
        new Uint8Array(0),
        null,
        "",
        "a\u0000b é 🦷",
        1.5,
        -1e300,
        0,
        2 ** 53 - 1,
        -(2 ** 53) + 1
      ]
      for (const value of values) {
        yield* sql`INSERT INTO t VALUES (${value})`
      }
      const rows = yield* sql<{ v: unknown }>`SELECT v FROM t ORDER BY rowid`
      assert.deepStrictEqual(
        rows.map((row) => row.v),
        values
      )
    })
  )

  it.effect("binds whole numbers as integers and booleans as 0 and 1", () =>
    Effect.gen(function* () {
      const sql = yield* openMemory()
      yield* sql`CREATE TABLE t (name TEXT)`
      yield* sql`INSERT INTO t VALUES (${5})`
      assert.strictEqual(yield* scalar(sql`SELECT name FROM t`), "5")
      assert.deepStrictEqual(
        yield* sql`SELECT typeof(${5}) AS whole, typeof(${0.5}) AS float, ${true} AS yes, ${false} AS no`.values,
        [["integer", "real", 1, 0]]
      )
    })
  )

  it.effect("names the parameter that SQLite cannot hold", () =>
    Effect.gen(function* () {
      const sql = yield* openMemory()
      assert.strictEqual(
        yield* message(sql, "SELECT ?, ?", [1, undefined]),
        "UnknownError: parameter 2 of 2 is undefined; pass null for NULL"
      )
      assert.include(yield* message(sql, "SELECT ?", [new Date(0)]), "parameter 1 of 1 is of type Date")
      assert.include(yield* message(sql, "SELECT ?", [{ a: 1 }]), "parameter 1 of 1 is of type Object")
      assert.include(yield* message(sql, "SELECT ?", [Number.NaN]), "parameter 1 of 1 is NaN")
      assert.include(yield* message(sql, "SELECT ?", [2n ** 63n]), "parameter 1 of 1 is a bigint of more than 64 bits")
    })
  )

  it.effect("refuses too few and too many parameters", () =>
    Effect.gen(function* () {
      const sql = yield* openMemory()
      assert.include(yield* message(sql, "SELECT ?, ?", [1]), "takes 2 parameters and was given 1")
      assert.include(yield* message(sql, "SELECT ?", [1, 2]), "takes 1 parameters and was given 2")
      const quoted = `SELECT ?, '?''?', "a?" -- ?\n /* ? */ FROM (SELECT 1 AS "a?")`
      assert.deepStrictEqual(yield* sql.unsafe(quoted, [1]).values, [[1, "?'?", 1]])
      assert.deepStrictEqual(yield* sql.unsafe("SELECT ?1, ?1", [1]).values, [[1, 1]])
    })
  )

  it.effect("refuses a second statement, which SQLite would ignore, and a text without one", () =>
    Effect.gen(function* () {
      const sql = yield* openMemory()
      assert.include(yield* message(sql, "SELECT 1; SELECT 2"), "more than one statement")
      assert.include(yield* message(sql, "SELECT 1; nonsense"), "more than one statement")
      assert.deepStrictEqual(yield* sql.unsafe("SELECT 1; -- and a comment\n").values, [[1]])
      assert.include(yield* message(sql, "-- only a comment"), "SqlSyntaxError")
      assert.include(yield* message(sql, "SELEC 1"), 'SqlSyntaxError: near "SELEC": syntax error')
    })
  )

  it.effect("fails on an integer that a number cannot hold, and reads it as bigint on request", () =>
    Effect.gen(function* () {
      const sql = yield* openMemory()
      const statement = sql`SELECT ${2n ** 53n + 1n} AS n, 1 AS one`
      const error = yield* Effect.flip(statement)
      assert.include(error.message, "SafeIntegers")
      assert.isFalse(error.isRetryable)
      const big = Effect.provideService(statement.values, SqlClient.SafeIntegers, true)
      assert.deepStrictEqual(yield* big, [[9007199254740993n, 1n]])
      const asObjects = Effect.provideService(statement, SqlClient.SafeIntegers, true)
      assert.deepEqual(yield* asObjects, [{ n: 9007199254740993n, one: 1n }])
      assert.include((yield* Effect.flip(statement)).message, "SafeIntegers")
    })
  )

  it.effect("reports changes and a row id of any size as raw result", () =>
    Effect.gen(function* () {
      const sql = yield* openMemory()
      yield* sql`CREATE TABLE t (id INTEGER PRIMARY KEY)`
      assert.deepStrictEqual(yield* sql`INSERT INTO t VALUES (7), (8)`.raw, { changes: 2, lastInsertRowid: 8 })
      assert.deepStrictEqual(yield* sql`INSERT INTO t VALUES (${2n ** 53n + 1n})`.raw, {
        changes: 1,
        lastInsertRowid: 9007199254740993n
      })
      const rows = yield* sql`SELECT id FROM t WHERE id < 10`.raw
      assert.deepEqual(rows, [{ id: 7 }, { id: 8 }])
    })
  )

  it.effect("gives rows as arrays and as objects from one cached statement", () =>
    Effect.gen(function* () {
      const sql = yield* openMemory()
      const text = "SELECT 1 AS a, 2 AS b"
      assert.deepEqual(yield* sql.unsafe(text), [{ a: 1, b: 2 }])
      assert.deepStrictEqual(yield* sql.unsafe(text).values, [[1, 2]])
      assert.deepEqual(yield* sql.unsafe(text), [{ a: 1, b: 2 }])
      assert.deepStrictEqual(yield* sql.unsafe(text).valuesUnprepared, [[1, 2]])
      assert.deepEqual(yield* sql.unsafe(text).unprepared, [{ a: 1, b: 2 }])
    })
  )

  it.effect("keeps cached statements right across a change of the schema", () =>
    Effect.gen(function* () {
      const sql = yield* openMemory()
      yield* sql`CREATE TABLE t (a)`
      const all = sql.unsafe("SELECT * FROM t")
      const insert = sql.unsafe("INSERT INTO t (a) VALUES (?)", [1])
      yield* insert
      assert.deepEqual(yield* all, [{ a: 1 }])
      yield* sql`ALTER TABLE t ADD COLUMN b DEFAULT 2`
      yield* insert
      assert.deepEqual(yield* all, [
        { a: 1, b: 2 },
        { a: 1, b: 2 }
      ])
      yield* sql`ALTER TABLE t RENAME COLUMN a TO c`
      assert.deepEqual(yield* sql.unsafe("SELECT * FROM t LIMIT 1"), [{ c: 1, b: 2 }])
      assert.isTrue((yield* Effect.flip(insert)).message.includes("SQLITE_ERROR"))
    })
  )
})
