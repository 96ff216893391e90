import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect } from "effect"
import { toSqlError } from "../../src/internal/errors.ts"
import { resultCode, type SqliteClient } from "../../src/SqliteClient.ts"
import { open, openMemory, temporaryFile } from "../support.ts"

const native = (errcode: number) =>
  Object.assign(new Error("told by SQLite"), { code: "ERR_SQLITE_ERROR", errcode, errstr: "general text" })

const withTables = Effect.gen(function* () {
  const sql = yield* openMemory()
  yield* sql`CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, n INTEGER CHECK (n > 0), other TEXT)`
  yield* sql`CREATE UNIQUE INDEX t_name ON t (name, n)`
  yield* sql`CREATE UNIQUE INDEX t_other ON t (upper(other))`
  yield* sql`CREATE TABLE child (t_id INTEGER REFERENCES t (id))`
  yield* sql`CREATE TABLE strict (n INTEGER) STRICT`
  yield* sql`CREATE TRIGGER told BEFORE INSERT ON t WHEN new.n = 99 BEGIN SELECT raise(ABORT, 'not ' || new.name); END`
  yield* sql`CREATE VIRTUAL TABLE words USING fts5 (word)`
  yield* sql`INSERT INTO t VALUES (1, 'a', 1, 'x')`
  return sql
})

describe("errors", () => {
  it.each([
    [1, "UnknownError", false],
    [3, "AuthorizationError", false],
    [5, "LockTimeoutError", true],
    [261, "LockTimeoutError", true],
    [517, "SerializationError", true],
    [6, "LockTimeoutError", true],
    [262, "LockTimeoutError", true],
    [7, "UnknownError", false],
    [8, "AuthorizationError", false],
    [1032, "AuthorizationError", false],
    [10, "UnknownError", false],
    [778, "UnknownError", false],
    [11, "UnknownError", false],
    [13, "UnknownError", false],
    [14, "ConnectionError", true],
    [15, "LockTimeoutError", true],
    [18, "UnknownError", false],
    [19, "ConstraintError", false],
    [20, "ConstraintError", false],
    [23, "AuthorizationError", false],
    [26, "UnknownError", false],
    [275, "ConstraintError", false],
    [787, "ConstraintError", false],
    [1299, "ConstraintError", false],
    [1555, "UniqueViolation", false],
    [2067, "UniqueViolation", false],
    [2579, "UniqueViolation", false],
    [3091, "ConstraintError", false]
  ] as const)("result code %i is a %s, retryable %s", (code, tag, isRetryable) => {
    const error = toSqlError(native(code), "execute")
    assert.strictEqual(error.reason._tag, tag)
    assert.strictEqual(error.isRetryable, isRetryable)
    assert.strictEqual(resultCode(error), code)
  })

  it("throws what is no error of SQLite again, so that a bug stays a defect", () => {
    assert.throws(() => toSqlError(new TypeError("bug"), "execute"), "bug")
  })

  it.effect("names the columns of a unique key, and the index where it has no columns", () =>
    Effect.gen(function* () {
      const sql = yield* withTables
      const constraint = (insert: Effect.Effect<unknown, Parameters<typeof resultCode>[0]>) =>
        Effect.map(Effect.flip(insert), ({ reason }) =>
          reason._tag === "UniqueViolation" ? reason.constraint : reason._tag
        )
      assert.strictEqual(yield* constraint(sql`INSERT INTO t VALUES (2, 'a', 1, 'y')`), "t.name, t.n")
      assert.strictEqual(yield* constraint(sql`INSERT INTO t VALUES (1, 'b', 1, 'y')`), "t.id")
      assert.strictEqual(yield* constraint(sql`INSERT INTO t VALUES (2, 'b', 1, 'X')`), "index 't_other'")
    })
  )

  it.effect("tells the other constraints apart in the message", () =>
    Effect.gen(function* () {
      const sql = yield* withTables
      const told = (text: string, ...params: ReadonlyArray<unknown>) =>
        Effect.map(Effect.flip(sql.unsafe(text, params)), (error) => `${error.reason._tag}: ${error.message}`)
      assert.strictEqual(
        yield* told("INSERT INTO child VALUES (?)", 77),
        "ConstraintError: FOREIGN KEY constraint failed (SQLITE_CONSTRAINT, 787)"
      )
      assert.include(yield* told("INSERT INTO t (name) VALUES (?)", null), "NOT NULL constraint failed: t.name")
      assert.include(yield* told("INSERT INTO t (name, n) VALUES ('b', ?)", -1), "CHECK constraint failed: n > 0")
      assert.include(yield* told("INSERT INTO strict VALUES (?)", "x"), "cannot store TEXT value in INTEGER column")
    })
  )

  const secret = "s3cr3t"
  const leaky: ReadonlyArray<readonly [string, string, unknown]> = [
    ["a trigger", "INSERT INTO t (name, n) VALUES (?, 99)", secret],
    ["a full-text query", "SELECT * FROM words WHERE words MATCH ?", `${secret}:x`],
    ["a JSON path", "SELECT json_extract('{}', ?)", `${secret}[`],
    ["a unique key", "INSERT INTO t VALUES (1, ?, 1, NULL)", secret],
    ["a strict column", "INSERT INTO strict VALUES (?)", secret],
    ["an integer that is too large", "SELECT ? AS n", 9131313131313131n],
    ["a type that cannot be bound", "SELECT ?", { [secret]: secret }]
  ]
  it.effect.each(leaky)("never repeats the value of a parameter: %s", ([, text, value]) =>
    Effect.gen(function* () {
      const sql: SqliteClient = yield* withTables
      const exit = yield* Effect.exit(sql.unsafe(text, [value]))
      assert.strictEqual(exit._tag, "Failure")
      if (exit._tag === "Success") return
      const error = Cause.squash(exit.cause)
      for (const written of [Cause.pretty(exit.cause), inspect(error, { depth: 9 }), JSON.stringify(error)]) {
        assert.notInclude(written, secret)
        assert.notInclude(written, "91313131")
      }
    })
  )

  it.effect("reports a full disk, and that SQLite has ended the transaction", () =>
    Effect.gen(function* () {
      const sql = yield* open({ filename: yield* temporaryFile })
      yield* sql`CREATE TABLE t (a)`
      yield* sql`PRAGMA max_page_count = 20`
      const written = sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`INSERT INTO t VALUES (1)`
          const full = yield* Effect.flip(sql`INSERT INTO t VALUES (zeroblob(1000000))`)
          assert.strictEqual(resultCode(full), 13)
          assert.isFalse(full.isRetryable)
          yield* Effect.ignore(sql`INSERT INTO t VALUES (2)`)
        })
      )
      const refused = yield* Effect.flip(written)
      assert.include(String(refused), "rolled the transaction back")
      assert.deepStrictEqual(yield* sql`SELECT a FROM t`, [])
    })
  )
})
