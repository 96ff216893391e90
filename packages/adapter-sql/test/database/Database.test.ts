import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Metric } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { temporaryFile } from "../Support.ts"
import { connection, held, insert, names, numbers, open } from "./Support.ts"

describe("metrics", () => {
  it.effect("MUST tell how many writes wait, how many a commit holds, and what failed", () =>
    Effect.gen(function* () {
      const db = yield* open(":memory:")
      const text = PrometheusMetrics.format()
      const { fiber, release } = yield* held(db, "first")
      const waiting = yield* Effect.forEach(numbers(10), (n) => Effect.forkChild(db.write(insert(`${n}`))))
      yield* Effect.yieldNow
      assert.include(yield* text, "bookio_write_queue_length 10\n")
      yield* release
      yield* Fiber.joinAll([fiber, ...waiting])
      assert.include(yield* text, "bookio_write_queue_length 0\n")
      assert.include(yield* text, 'bookio_write_group_size_bucket{le="1"} 1\n')
      assert.include(yield* text, "bookio_write_group_size_sum 11\n")
      yield* Effect.exit(db.write(insert("first")))
      yield* Effect.exit(db.read(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT nothing`)))
      assert.include(yield* text, 'bookio_database_errors_total{kind="UniqueViolation"} 1\n')
      assert.include(yield* text, 'bookio_database_errors_total{kind="SqlSyntaxError"} 1\n')
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )

  it.effect("MUST show no queue of a database that is closed", () =>
    Effect.gen(function* () {
      yield* Effect.scoped(open(":memory:"))
      assert.notInclude(yield* PrometheusMetrics.format(), "queue_length")
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )
})

describe("read", () => {
  it.effect("MUST never see rows that are not committed, and not wait for them", () =>
    Effect.gen(function* () {
      const db = yield* open(yield* temporaryFile)
      const { fiber, release } = yield* held(db, "a")
      assert.deepStrictEqual(yield* db.read(names), [])
      yield* release
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(yield* db.read(names), ["a"])
    })
  )

  it.effect("MUST see one state, whatever is written meanwhile", () =>
    Effect.gen(function* () {
      const db = yield* open(yield* temporaryFile)
      const states = yield* db.read(
        Effect.gen(function* () {
          const before = yield* names
          yield* db.write(insert("meanwhile"))
          return [before, yield* names]
        })
      )
      assert.deepStrictEqual(states, [[], []])
      assert.deepStrictEqual(yield* db.read(names), ["meanwhile"])
    })
  )

  it.effect("MUST tell a failure of the database as Internal and refuse to write", () =>
    Effect.gen(function* () {
      const db = yield* open(yield* temporaryFile)
      assert.deepInclude(yield* Effect.flip(db.read(insert("a"))), { _tag: "BackendError", reason: "Internal" })
    })
  )
})

describe("layer", () => {
  it.effect("MUST set write-ahead log, full durability and foreign keys", () =>
    Effect.gen(function* () {
      const db = yield* open(yield* temporaryFile)
      const pragmas = Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const rows = [yield* sql`PRAGMA journal_mode`, yield* sql`PRAGMA synchronous`, yield* sql`PRAGMA foreign_keys`]
        return rows.map(([row]) => row)
      })
      const expected = [{ journal_mode: "wal" }, { synchronous: 2 }, { foreign_keys: 1 }]
      assert.deepEqual(yield* db.write(pragmas), expected)
      assert.deepEqual(yield* db.read(pragmas), expected)
    })
  )

  it.effect("MUST keep what is there when it opens again, also while it is open elsewhere", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const one = yield* open(filename)
      yield* one.write(insert("kept"))
      const two = yield* open(filename)
      assert.deepStrictEqual(yield* two.read(names), ["kept"])
    })
  )

  it.live("MUST bring a new file to its tables once when several open it at once", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const all = yield* Effect.forEach(numbers(4), () => open(filename), { concurrency: "unbounded" })
      yield* Effect.forEach(all, (db, index) => db.write(insert(`${index}`)))
      assert.strictEqual((yield* all[0]!.read(names)).length, 4)
    })
  )

  it.effect("MUST wait at the start for another process that is at it", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const other = yield* connection(filename)
      other.exec("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; CREATE TABLE other (a)")
      const opening = yield* Effect.forkChild(open(filename))
      yield* TestClock.adjust("1 second")
      assert.isUndefined(opening.pollUnsafe())
      other.exec("ROLLBACK")
      yield* TestClock.adjust("1 second")
      const db = yield* Fiber.join(opening)
      assert.deepStrictEqual(yield* db.read(names), [])
    })
  )

  it.effect("MUST refuse the database of a newer version and leave it as it is", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      yield* Effect.scoped(open(filename))
      const other = yield* connection(filename)
      other.exec("INSERT INTO bookio_migrations (migration_id, name) VALUES (999, 'later')")
      const error = yield* Effect.flip(Effect.scoped(open(filename)))
      assert.deepInclude(error, { _tag: "MigrationError", kind: "BadState" })
      assert.match(error.message, /newer version.*999/)
    })
  )
})
