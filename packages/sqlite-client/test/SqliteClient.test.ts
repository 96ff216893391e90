import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { statSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import * as Str from "effect/String"
import { SqlClient } from "effect/sql"
import * as SqliteClient from "../src/SqliteClient.ts"
import { open, openMemory, scalar, temporaryFile } from "./support.ts"

const withTable = (sql: SqliteClient.SqliteClient) => Effect.as(sql`CREATE TABLE t (a)`, sql)

const column = (sql: SqliteClient.SqliteClient) =>
  Effect.map(sql`SELECT a FROM t ORDER BY rowid`.values, (rows) => rows.map(([value]) => value))

const program = fileURLToPath(new URL("./fixtures/otherProcess.ts", import.meta.url))

const otherProcess = (...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "inherit"] })),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

const exitCode = (child: ChildProcess) => Effect.promise(async () => child.exitCode ?? (await once(child, "exit"))[0])

describe("layer", () => {
  it.effect("provides one client under both names", () =>
    Effect.gen(function* () {
      const sqlite = yield* SqliteClient.SqliteClient
      assert.strictEqual(yield* SqlClient.SqlClient, sqlite)
      assert.strictEqual(sqlite.config.filename, ":memory:")
      assert.strictEqual(sqlite.onDialectOrElse({ sqlite: () => "sqlite", orElse: () => "other" }), "sqlite")
    }).pipe(Effect.provide(SqliteClient.layer({ filename: ":memory:" })))
  )

  it.effect("renames identifiers and columns", () =>
    Effect.gen(function* () {
      const sql = yield* openMemory({
        transformQueryNames: Str.camelToSnake,
        transformResultNames: Str.snakeToCamel
      })
      yield* sql`CREATE TABLE t (starts_at)`
      yield* sql`INSERT INTO t ${sql.insert({ startsAt: 1 })}`
      assert.deepStrictEqual(yield* sql`SELECT * FROM t`, [{ startsAt: 1 }])
      assert.deepStrictEqual(yield* Stream.runCollect(sql`SELECT * FROM t`.stream), [{ startsAt: 1 }])
      assert.deepEqual(yield* sql`SELECT * FROM t`.withoutTransform, [{ starts_at: 1 }])
    })
  )
})

describe("transactions", () => {
  it.effect("commit on success and roll back on failure, defect and interruption", () =>
    Effect.gen(function* () {
      const sql = yield* Effect.flatMap(openMemory(), withTable)
      const insert = (value: string) => sql`INSERT INTO t VALUES (${value})`
      yield* sql.withTransaction(insert("kept"))
      yield* Effect.exit(sql.withTransaction(Effect.andThen(insert("failed"), Effect.fail("no"))))
      yield* Effect.exit(sql.withTransaction(Effect.andThen(insert("died"), Effect.die("no"))))
      yield* Effect.exit(sql.withTransaction(Effect.andThen(insert("interrupted"), Effect.interrupt)))
      assert.deepStrictEqual(yield* column(sql), ["kept"])
    })
  )

  it.effect("nest as savepoints", () =>
    Effect.gen(function* () {
      const sql = yield* Effect.flatMap(openMemory(), withTable)
      const insert = (value: number) => sql`INSERT INTO t VALUES (${value})`
      yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* insert(1)
          yield* Effect.exit(sql.withTransaction(Effect.andThen(insert(2), Effect.fail("no"))))
          yield* sql.withTransaction(
            Effect.gen(function* () {
              yield* insert(3)
              yield* Effect.exit(sql.withTransaction(Effect.andThen(insert(4), Effect.fail("no"))))
            })
          )
          yield* insert(5)
        })
      )
      assert.deepStrictEqual(yield* column(sql), [1, 3, 5])
    })
  )

  it.effect("fail as a whole after SQLite has ended one early, even where the error is caught", () =>
    Effect.gen(function* () {
      const sql = yield* openMemory()
      yield* sql`CREATE TABLE t (a UNIQUE)`
      const error = yield* sql
        .withTransaction(
          Effect.gen(function* () {
            yield* sql`INSERT INTO t VALUES (1)`
            yield* Effect.ignore(sql`INSERT OR ROLLBACK INTO t VALUES (1)`)
            yield* Effect.ignore(sql`INSERT INTO t VALUES (2)`)
          })
        )
        .pipe(Effect.flip)
      assert.include(error.message, "rolled the transaction back")
      assert.deepStrictEqual(yield* column(sql), [])
      yield* sql.withTransaction(sql`INSERT INTO t VALUES (3)`)
      assert.deepStrictEqual(yield* column(sql), [3])
    })
  )

  it.effect("leave the connection usable after a commit that fails", () =>
    Effect.gen(function* () {
      const sql = yield* Effect.flatMap(openMemory(), withTable)
      yield* sql`CREATE TABLE parent (id INTEGER PRIMARY KEY)`
      yield* sql`CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)`
      const error = yield* Effect.flip(sql.withTransaction(sql`INSERT INTO child VALUES (1)`))
      assert.strictEqual(SqliteClient.resultCode(error), 787)
      yield* sql.withTransaction(sql`INSERT INTO t VALUES (1)`)
      assert.deepStrictEqual(yield* column(sql), [1])
    })
  )

  it.effect("take the write lock when they begin, so that the second writer fails at once and retryably", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const one = yield* Effect.flatMap(open({ filename }), withTable)
      const two = yield* open({ filename, busyTimeoutMs: 0 })
      let ran = false
      const second = two.withTransaction(
        Effect.sync(() => {
          ran = true
        })
      )
      const error = yield* one.withTransaction(Effect.flip(second))
      assert.strictEqual(error.reason._tag, "LockTimeoutError")
      assert.isTrue(error.isRetryable)
      assert.isFalse(ran)
      yield* second
      assert.isTrue(ran)
    })
  )

  it.effect("that only read may say so, and then answer a late write with a conflict", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const one = yield* Effect.flatMap(open({ filename }), withTable)
      const two = yield* open({ filename, busyTimeoutMs: 0 })
      const late = two
        .withTransaction(
          Effect.gen(function* () {
            yield* two`SELECT a FROM t`
            yield* one`INSERT INTO t VALUES (1)`
            yield* two`INSERT INTO t VALUES (2)`
          })
        )
        .pipe(Effect.provideService(SqlClient.BeginTransaction, "BEGIN"))
      const error = yield* Effect.flip(late)
      assert.strictEqual(error.reason._tag, "SerializationError")
      assert.isTrue(error.isRetryable)
    })
  )

  it.effect("show other connections nothing before they commit, and do not keep them from reading", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const writer = yield* Effect.flatMap(open({ filename }), withTable)
      const reader = yield* open({ filename, readonly: true, busyTimeoutMs: 0 })
      const during = yield* writer.withTransaction(
        Effect.andThen(writer`INSERT INTO t VALUES (1)`, Effect.all([column(writer), column(reader)]))
      )
      assert.deepStrictEqual(during, [[1], []])
      assert.deepStrictEqual(yield* column(reader), [1])
    })
  )
})

describe("connection", () => {
  it.effect("keeps other fibers waiting, and a waiting fiber can be interrupted", () =>
    Effect.gen(function* () {
      const sql = yield* Effect.flatMap(openMemory(), withTable)
      const inside = yield* Deferred.make<void>()
      const finish = yield* Deferred.make<void>()
      const holder = yield* Effect.forkChild(
        sql.withTransaction(
          Effect.gen(function* () {
            yield* sql`INSERT INTO t VALUES ('holder')`
            yield* Deferred.succeed(inside, undefined)
            yield* Deferred.await(finish)
          })
        )
      )
      yield* Deferred.await(inside)
      const waiting = (value: string) =>
        Effect.forkChild(sql`INSERT INTO t VALUES (${value})`, { startImmediately: true })
      const patient = yield* waiting("patient")
      const interrupted = yield* waiting("interrupted")
      const transaction = yield* Effect.forkChild(sql.withTransaction(sql`INSERT INTO t VALUES ('transaction')`), {
        startImmediately: true
      })
      assert.isUndefined(patient.pollUnsafe())
      yield* Fiber.interrupt(interrupted)
      yield* Fiber.interrupt(transaction)
      yield* Deferred.succeed(finish, undefined)
      yield* Fiber.join(holder)
      yield* Fiber.join(patient)
      assert.deepStrictEqual(yield* column(sql), ["holder", "patient"])
    })
  )

  it.effect("streams rows as they are asked for, and is free again when the stream ends early", () =>
    Effect.gen(function* () {
      const sql = yield* Effect.flatMap(openMemory(), withTable)
      yield* sql`INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n`
      const rows = sql<{ a: number }>`SELECT a FROM t ORDER BY a`.stream
      assert.strictEqual(
        yield* Stream.runFold(
          rows,
          () => 0,
          (sum, row) => sum + row.a
        ),
        500_500
      )
      assert.deepEqual(yield* Stream.runCollect(Stream.take(rows, 2)), [{ a: 1 }, { a: 2 }])
      // DROP TABLE needs every statement on the table to have ended.
      yield* sql`DROP TABLE t`
      assert.strictEqual(SqliteClient.resultCode(yield* Effect.flip(Stream.runDrain(rows))), 1)
    })
  )

  it.effect("streams inside a transaction beside other statements of the same text, and reports a late error", () =>
    Effect.gen(function* () {
      const sql = yield* Effect.flatMap(openMemory(), withTable)
      yield* sql`INSERT INTO t VALUES (1), (2), (${2n ** 60n})`
      const text = "SELECT a FROM t ORDER BY a"
      const seen: Array<unknown> = []
      const error = yield* sql.unsafe<{ a: number }>(text).stream.pipe(
        Stream.rechunk(1),
        Stream.runForEach((row) => Effect.sync(() => seen.push(row.a))),
        sql.withTransaction,
        Effect.flip
      )
      assert.include(error.message, "SafeIntegers")
      // More rows than the stream reads at once, so that it is still open while the other statement runs.
      yield* sql`DELETE FROM t`
      yield* sql`INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT i FROM n`
      const counted = sql.unsafe<{ a: number }>(text).stream.pipe(
        Stream.mapEffect((row) => Effect.map(sql.unsafe(text), (all) => row.a + all.length)),
        Stream.runSum,
        sql.withTransaction
      )
      assert.strictEqual(yield* counted, (300 * 301) / 2 + 300 * 300)
    })
  )

  it.effect("empties the log on a checkpoint, and fails retryably while a reader needs it", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const sql = yield* Effect.flatMap(open({ filename, busyTimeoutMs: 0 }), withTable)
      const reader = yield* open({ filename, readonly: true })
      const held = yield* reader.withTransaction(
        Effect.gen(function* () {
          yield* column(reader)
          yield* sql`INSERT INTO t VALUES (1)`
          return yield* Effect.flip(sql.checkpoint)
        })
      )
      assert.strictEqual(held.reason._tag, "LockTimeoutError")
      assert.isAbove(statSync(`${filename}-wal`).size, 0)
      assert.strictEqual((yield* Effect.flip(sql.withTransaction(sql.checkpoint))).reason._tag, "LockTimeoutError")
      yield* sql.checkpoint
      assert.strictEqual(statSync(`${filename}-wal`).size, 0)
    })
  )
})

describe("dataVersion", () => {
  it.effect("tells of the commits of other connections only, and waits while a transaction sees an older state", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const sql = yield* Effect.flatMap(open({ filename }), withTable)
      const reader = yield* open({ filename, readonly: true })
      const before = yield* reader.dataVersion
      assert.strictEqual(yield* reader.dataVersion, before)
      assert.strictEqual(reader.dataVersionNow(), before)
      yield* sql`INSERT INTO t VALUES (1)`
      const after = yield* reader.dataVersion
      assert.notStrictEqual(after, before)
      const own = yield* sql.dataVersion
      yield* sql`INSERT INTO t VALUES (2)`
      assert.strictEqual(yield* sql.dataVersion, own)

      const isOpen = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      const transaction = yield* Effect.forkChild(
        reader.withTransaction(
          Effect.gen(function* () {
            yield* column(reader)
            yield* Deferred.succeed(isOpen, undefined)
            yield* Deferred.await(goOn)
          })
        )
      )
      yield* Deferred.await(isOpen)
      const held = yield* reader.dataVersion.pipe(Effect.forkChild({ startImmediately: true }))
      yield* sql`INSERT INTO t VALUES (3)`
      assert.isUndefined(held.pollUnsafe())
      assert.isUndefined(reader.dataVersionNow())
      yield* Deferred.succeed(goOn, undefined)
      yield* Fiber.join(transaction)
      assert.notStrictEqual(yield* Fiber.join(held), after)
    })
  )
})

describe("two processes", () => {
  it.live("contend for the write lock without harm", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const sql = yield* Effect.flatMap(open({ filename, busyTimeoutMs: 0 }), withTable)
      const child = yield* otherProcess("hold", filename)
      yield* Effect.promise(() => once(child.stdout!, "data"))
      const error = yield* Effect.flip(sql`INSERT INTO t VALUES ('this process')`)
      assert.strictEqual(error.reason._tag, "LockTimeoutError")
      assert.isTrue(error.isRetryable)
      assert.deepStrictEqual(yield* column(sql), [])
      child.stdin!.end()
      assert.strictEqual(yield* exitCode(child), 0)
      yield* sql`INSERT INTO t VALUES ('this process')`
      assert.deepStrictEqual(yield* column(sql), ["other process", "this process"])
    })
  )

  it.live("queue for the lock, lose no update, and never deadlock", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const sql = yield* open({ filename })
      yield* sql`CREATE TABLE counter (n)`
      yield* sql`INSERT INTO counter VALUES (0)`
      const children = yield* Effect.all([
        otherProcess("count", filename, "200"),
        otherProcess("count", filename, "200")
      ])
      assert.deepStrictEqual(yield* Effect.forEach(children, exitCode, { concurrency: "unbounded" }), [0, 0])
      assert.strictEqual(yield* scalar(sql`SELECT n FROM counter`), 400)
    })
  )
})
