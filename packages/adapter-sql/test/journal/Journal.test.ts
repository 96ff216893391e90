import { chmodSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { item, options, put } from "@bookio-kit/conformance/journal/JournalLaw"
import { FacilityKey, Journal, JournalError } from "@bookio-kit/core/sync/Journal"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Context, Effect, Fiber, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as Database from "../../src/database/Database.ts"
import * as SqlJournal from "../../src/journal/Journal.ts"
import { tables } from "../../src/journal/Tables.ts"
import { facility, open, temporaryFile } from "./Support.ts"

/** Another connection, as another process would have. */
const connection = (filename: string) =>
  Effect.acquireRelease(
    Effect.sync(() => new DatabaseSync(filename)),
    (db) => Effect.sync(() => db.close())
  )

const mode = (path: string) => statSync(path).mode & 0o777

/** The words of an error and of what caused it. */
const allOf = (error: unknown) => Cause.pretty(Cause.fail(error))

describe("a journal's file", () => {
  it.effect("MUST be its owner's only, in a folder that is, with its log and index", () =>
    Effect.gen(function* () {
      const folder = join(dirname(yield* temporaryFile), "deep", "journal")
      const filename = join(folder, "journal.db")
      const journal = yield* open(filename)
      yield* journal.acquire(facility, options("a"))
      assert.deepStrictEqual(
        [folder, filename, `${filename}-wal`, `${filename}-shm`].map(mode),
        [0o700, 0o600, 0o600, 0o600]
      )
    })
  )

  it.effect("MUST become its owner's only where a copy was not", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      yield* Effect.scoped(open(filename))
      chmodSync(filename, 0o644)
      yield* open(filename)
      assert.deepStrictEqual([filename, `${filename}-wal`].map(mode), [0o600, 0o600])
    })
  )

  it.effect("MUST NOT grow by the stories of items beyond a quarter more than is told", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const journal = yield* open(filename)
      const lease = yield* journal.acquire(facility, options("a"))
      yield* journal.commit(lease, [put(item(1)), put(item(2))])
      const line = (itemId: number, atMs: number) =>
        ({ _tag: "Trail", entry: { itemId, atMs, step: "seen", detail: `${atMs}` } }) as const
      for (let atMs = 0; atMs < 300; atMs++) yield* journal.commit(lease, [line(1, atMs), line(2, atMs)])
      assert.deepStrictEqual(
        (yield* journal.trail(facility, 1)).map(({ atMs }) => atMs),
        Array.from({ length: 200 }, (_, index) => 100 + index)
      )
      const db = yield* connection(filename)
      const rows = db.prepare("SELECT COUNT(*) AS count FROM trail GROUP BY item_id").all()
      assert.isTrue(rows.length === 2 && rows.every(({ count }) => Number(count) <= 250))
    })
  )

  it.effect("MUST count what was parked under an earlier version", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const { "0001_initial": initial } = tables.migrations
      if (initial === undefined) return assert.fail("there is a first version")
      const before = { table: tables.table, migrations: { "0001_initial": initial } }
      yield* Effect.scoped(Layer.build(Database.layer({ filename, tables: before })))
      const old = yield* connection(filename)
      old.prepare("INSERT INTO facility (id, key) VALUES (1, ?)").run(facility)
      const insert =
        old.prepare(`INSERT INTO item VALUES (1, ?, 'busy', 'doctor', 'blockedTime', NULL, NULL, NULL, NULL,
        NULL, NULL, 1000, 0, 1, ?, ?, 0, ?)`)
      const parked = { parked: { reason: "NotSent", problem: "P", sinceMs: 1 } }
      insert.run(1, 1, 1, JSON.stringify(item(1, parked)))
      insert.run(2, 0, 0, JSON.stringify(item(2)))
      const journal = yield* open(filename)
      assert.deepStrictEqual((yield* journal.counts(facility)).parked, { NotSent: 1 })
      assert.deepStrictEqual(
        (yield* journal.waiting(facility, 10)).map(({ id }) => id),
        [1]
      )
    })
  )

  it.effect("MUST say so where it cannot be made", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      yield* Effect.scoped(open(filename))
      const error = yield* Effect.flip(Effect.scoped(open(join(filename, "journal.db"))))
      assert.strictEqual(error._tag, "SqlError")
      assert.include(error.message, filename)
    })
  )

  it.effect("MUST keep its secret and all that was committed", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const secret = yield* Effect.scoped(
        Effect.gen(function* () {
          const journal = yield* open(filename)
          const lease = yield* journal.acquire(facility, options("a"))
          yield* journal.commit(lease, [put(item(1))])
          return Redacted.value(journal.secret)
        })
      )
      const again = yield* open(filename)
      assert.deepStrictEqual(Redacted.value(again.secret), secret)
      assert.deepStrictEqual(yield* again.byId(facility, [1]), [item(1)])
      const other = yield* open(yield* temporaryFile)
      assert.notDeepEqual(Redacted.value(other.secret), secret)
    })
  )

  it.effect("MUST be refused where it is that of a newer version, and left as it is", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      yield* Effect.scoped(open(filename))
      const other = yield* connection(filename)
      other.exec("INSERT INTO bookio_journal_migrations (migration_id, name) VALUES (99, 'later')")
      other.exec("PRAGMA wal_checkpoint(TRUNCATE)")
      const before = readFileSync(filename)
      const error = yield* Effect.flip(Effect.scoped(open(filename)))
      assert.deepInclude(error, { _tag: "MigrationError", kind: "BadState" })
      assert.isTrue(before.equals(readFileSync(filename)))
    })
  )
})

describe("a journal's failures", () => {
  it.effect("MUST be Full without space, with nothing stored, until there is space", () =>
    Effect.gen(function* () {
      const context = yield* Layer.build(
        Layer.provideMerge(SqlJournal.layer, Database.layer({ filename: yield* temporaryFile, tables }))
      )
      const journal = Context.get(context, Journal)
      const limit = (pages: number) =>
        Context.get(context, Database.Database).write(
          Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(`PRAGMA max_page_count = ${pages}`))
        )
      const lease = yield* journal.acquire(facility, options("a"))
      yield* journal.commit(lease, [put(item(1))])
      yield* limit(1)
      const many = Array.from({ length: 2000 }, (_, n) => put(item(10 + n)))
      const error = yield* Effect.flip(journal.commit(lease, [put(item(1, { etag: "2" })), ...many]))
      assert.deepInclude(error, { _tag: "JournalError", reason: "Full", isRetryable: true })
      assert.deepStrictEqual(yield* journal.items(facility, 10), [item(1)])
      yield* limit(1_000_000)
      yield* journal.commit(lease, many)
      assert.strictEqual((yield* journal.items(facility, 5000)).length, 2001)
    })
  )

  it.effect("MUST be Locked while another process holds the file, and pass with it", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const journal = yield* open(filename)
      const lease = yield* journal.acquire(facility, { ...options("a"), durationMs: 3_600_000 })
      const other = yield* connection(filename)
      other.exec("BEGIN IMMEDIATE")
      const waiting = yield* Effect.forkChild(Effect.flip(journal.commit(lease, [put(item(1))])))
      while (waiting.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
      assert.deepInclude(yield* Fiber.join(waiting), { _tag: "JournalError", reason: "Locked", isRetryable: true })
      other.exec("ROLLBACK")
      yield* journal.commit(lease, [put(item(2))])
      assert.deepStrictEqual(
        (yield* journal.items(facility, 10)).map(({ id }) => id),
        [2]
      )
    })
  )

  it.effect("MUST be Internal for a row that cannot be read, naming its table and id and nothing of it", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const journal = yield* open(filename)
      const lease = yield* journal.acquire(facility, options("a"))
      yield* journal.commit(lease, [
        put(item(7)),
        put(item(8)),
        { _tag: "Progress", progress: { cursor: 1 } },
        { _tag: "Conflict", conflict: { id: 9, itemId: 8, sinceMs: 1, field: "text", state: "open" } },
        { _tag: "Pass", pass: { id: 3, startedMs: 1, endedMs: 2, outcome: "done", counts: {} } }
      ])
      const other = yield* connection(filename)
      const bad = `'{"text":"Anna Novak"}'`
      other.exec(`UPDATE item SET json = ${bad} WHERE id = 7; UPDATE conflict SET json = ${bad};
        UPDATE progress SET json = '[1'; UPDATE pass SET counts = ${bad}`)
      for (const [name, read] of [
        ["item 7", journal.byId(facility, [7])],
        ["item 7", journal.items(facility, 10)],
        ["conflict 9", journal.conflicts(facility)],
        ["progress 1", journal.progress(facility)],
        ["pass 3", journal.passes(facility, 10)]
      ] as const) {
        const error = yield* Effect.flip(read as Effect.Effect<unknown, JournalError>)
        assert.deepInclude(error, { _tag: "JournalError", reason: "Internal", isRetryable: false })
        assert.include(allOf(error.cause), name)
        assert.notInclude(allOf(error), "Anna")
      }
      assert.deepStrictEqual(yield* journal.byId(facility, [8]), [item(8)])
    })
  )

  it.effect("MUST be Internal for what is no item, with nothing of its commit stored", () =>
    Effect.gen(function* () {
      const journal = yield* open(":memory:")
      const lease = yield* journal.acquire(facility, options("a"))
      const error = yield* Effect.flip(journal.commit(lease, [put(item(1)), put(item(2, { endMs: 0.5 }))]))
      assert.instanceOf(error, JournalError)
      assert.deepInclude(error, { reason: "Internal" })
      assert.deepStrictEqual(yield* journal.items(facility, 10), [])
    })
  )
})

describe("many commits at once", () => {
  it.effect("MUST each be refused or stored by itself", () =>
    Effect.gen(function* () {
      const journal = yield* open(yield* temporaryFile)
      const keys = Array.from({ length: 20 }, (_, n) => FacilityKey.make(`facility ${n}`))
      const leases = yield* Effect.forEach(keys, (key) => journal.acquire(key, options("a")), {
        concurrency: "unbounded"
      })
      for (const lease of leases.slice(0, 10)) yield* journal.release(lease)
      const outcomes = yield* Effect.forEach(leases, (lease) => Effect.result(journal.commit(lease, [put(item(1))])), {
        concurrency: "unbounded"
      })
      const expected = outcomes.map((_, index) => (index < 10 ? "Failure" : "Success"))
      assert.deepStrictEqual(
        outcomes.map(({ _tag }) => _tag),
        expected
      )
      const stored = yield* Effect.forEach(keys, (key) => journal.items(key, 10))
      assert.deepStrictEqual(
        stored.map(({ length }) => (length === 0 ? "Failure" : "Success")),
        expected
      )
    })
  )
})
