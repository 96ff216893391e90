import { closeSync, existsSync, openSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import { resultCode, type SqliteClient } from "../../src/SqliteClient.ts"
import { hasLog, open, openMemory, scalar, temporaryFile, temporaryFolder } from "../support.ts"

const pragma = (sql: SqliteClient, name: string) => scalar(sql.unsafe(`PRAGMA ${name}`))

const pragmas = (sql: SqliteClient) =>
  Effect.all({
    journal_mode: pragma(sql, "journal_mode"),
    synchronous: pragma(sql, "synchronous"),
    foreign_keys: pragma(sql, "foreign_keys"),
    busy_timeout: pragma(sql, "busy_timeout"),
    temp_store: pragma(sql, "temp_store")
  })

describe("open", () => {
  it.effect("sets the promised pragmas on a file", () =>
    Effect.gen(function* () {
      const sql = yield* open({ filename: yield* temporaryFile })
      assert.deepStrictEqual(yield* pragmas(sql), {
        journal_mode: "wal",
        synchronous: 2,
        foreign_keys: 1,
        busy_timeout: 100,
        temp_store: 2
      })
    })
  )

  it.effect("follows the configuration", () =>
    Effect.gen(function* () {
      const sql = yield* open({
        filename: yield* temporaryFile,
        synchronous: "NORMAL",
        busyTimeoutMs: 7,
        cacheKiB: 512
      })
      assert.strictEqual(yield* pragma(sql, "synchronous"), 1)
      assert.strictEqual(yield* pragma(sql, "busy_timeout"), 7)
      assert.strictEqual(yield* pragma(sql, "cache_size"), -512)
    })
  )

  it.effect("leaves the journal of an in-memory database alone", () =>
    Effect.gen(function* () {
      const sql = yield* openMemory()
      assert.deepInclude(yield* pragmas(sql), { journal_mode: "memory", foreign_keys: 1, temp_store: 2 })
    })
  )

  it.effect("opens read-only, reads, and refuses to write", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const writer = yield* open({ filename })
      yield* writer`CREATE TABLE t (a)`
      const sql = yield* open({ filename, readonly: true })
      assert.deepStrictEqual(yield* sql.withTransaction(sql`SELECT a FROM t`), [])
      const error = yield* Effect.flip(sql`INSERT INTO t VALUES (1)`)
      assert.strictEqual(error.reason._tag, "AuthorizationError")
      assert.isFalse(error.isRetryable)
      assert.strictEqual(resultCode(error), 8)
    })
  )

  it.effect("does not convert the journal of a file that it opens read-only", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const plain = new DatabaseSync(filename)
      plain.exec("CREATE TABLE t (a)")
      plain.close()
      const sql = yield* open({ filename, readonly: true })
      assert.strictEqual(yield* pragma(sql, "journal_mode"), "delete")
    })
  )

  it.effect("closes the database with its scope, which folds the log into the file", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const scope = yield* Scope.make()
      const sql = yield* Scope.provide(open({ filename }), scope)
      yield* sql`CREATE TABLE t (a)`
      assert.isTrue(hasLog(filename))
      yield* Scope.close(scope, Exit.void)
      assert.isFalse(hasLog(filename))
      const error = yield* Effect.flip(sql`SELECT 1`)
      assert.strictEqual(error.reason._tag, "UnknownError")
      assert.isFalse(error.isRetryable)
    })
  )

  it.effect("fails with a connection error that names the file in a missing folder", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporaryFolder, "missing", "test.db")
      const error = yield* Effect.flip(open({ filename }))
      assert.strictEqual(error.reason._tag, "ConnectionError")
      assert.strictEqual(error.reason.operation, "open")
      assert.isTrue(error.isRetryable)
      assert.strictEqual(error.message, `cannot open "${filename}": unable to open database file (SQLITE_CANTOPEN, 14)`)
    })
  )

  it.effect("does not make a missing file that it opens read-only", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const error = yield* Effect.flip(open({ filename, readonly: true }))
      assert.strictEqual(error.reason._tag, "ConnectionError")
      assert.isFalse(existsSync(filename))
    })
  )

  for (const readonly of [false, true]) {
    it.effect(`finds at once that a file is no database, readonly ${readonly}`, () =>
      Effect.gen(function* () {
        const filename = yield* temporaryFile
        writeFileSync(filename, "these are notes, and not a database\n".repeat(200))
        const error = yield* Effect.flip(open({ filename, readonly }))
        assert.strictEqual(error.reason._tag, "UnknownError")
        assert.strictEqual(resultCode(error), 26)
        assert.isFalse(error.isRetryable)
      })
    )
  }

  it.effect("reports damage where it reads it", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      yield* Effect.scoped(
        Effect.gen(function* () {
          const sql = yield* open({ filename })
          yield* sql`CREATE TABLE t (a)`
          yield* sql`INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i FROM n`
        })
      )
      const page = yield* Effect.sync(() => openSync(filename, "r+"))
      writeSync(page, Buffer.alloc(8192, 0xa5), 0, 8192, 4096)
      closeSync(page)
      const sql = yield* open({ filename })
      const error = yield* Effect.flip(sql`SELECT sum(a) FROM t`)
      assert.strictEqual(error.reason._tag, "UnknownError")
      assert.strictEqual(resultCode(error)! & 0xff, 11)
    })
  )

  it.effect("refuses settings that are no whole numbers, by name", () =>
    Effect.gen(function* () {
      const refused = (config: object) => Effect.map(Effect.flip(openMemory(config)), (error) => error.message)
      assert.include(yield* refused({ busyTimeoutMs: -1 }), "busyTimeoutMs must be")
      assert.include(yield* refused({ cacheKiB: 0 }), "cacheKiB must be")
      assert.include(yield* refused({ prepareCacheSize: 1.5 }), "prepareCacheSize must be")
    })
  )

  it.effect("tries again while another connection keeps a new file locked", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const other = new DatabaseSync(filename)
      other.exec("CREATE TABLE t (a); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)")
      const refused = yield* Effect.flip(open({ filename, busyTimeoutMs: 0 }))
      assert.strictEqual(refused.reason._tag, "LockTimeoutError")
      const opening = yield* Effect.forkChild(open({ filename, busyTimeoutMs: 1000 }), { startImmediately: true })
      assert.isUndefined(opening.pollUnsafe())
      other.exec("COMMIT")
      other.close()
      yield* TestClock.adjust("10 millis")
      const sql = yield* Fiber.join(opening)
      assert.strictEqual(yield* pragma(sql, "journal_mode"), "wal")
    })
  )
})
