/** Writes: one after the other, in groups, each whole or not at all. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { LockTimeoutError, SqlError, UnknownError } from "effect/sql/SqlError"
import { TestClock } from "effect/testing"
import { temporaryFile } from "../Support.ts"
import { connection, held, insert, names, numbers, open } from "./Support.ts"

describe("write", () => {
  for (const kind of ["in memory", "on a file"]) {
    it.effect(
      `MUST give each of many concurrent writes its own answer, and leave nothing of a refused one, ${kind}`,
      () =>
        Effect.gen(function* () {
          const db = yield* open(kind === "in memory" ? ":memory:" : yield* temporaryFile)
          const answers = yield* Effect.forEach(
            numbers(400),
            (n) =>
              Effect.result(
                db.write(Effect.andThen(insert(`${n}`), n % 3 === 0 ? Effect.fail(`no ${n}`) : Effect.succeed(n)))
              ),
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual(
            answers.map((answer) => (answer._tag === "Success" ? answer.success : answer.failure)),
            numbers(400).map((n) => (n % 3 === 0 ? `no ${n}` : n))
          )
          const kept = numbers(400).filter((n) => n % 3 !== 0)
          assert.deepStrictEqual(yield* db.read(names), kept.map(String))
        })
    )
  }

  it.effect("MUST tell writes that still wait at the end that nothing was done", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const db = yield* Scope.provide(open(":memory:"), scope)
      const first = yield* held(db, "first")
      const second = yield* Effect.forkChild(Effect.flip(db.write(insert("second"))), { startImmediately: true })
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* first.release
      yield* Fiber.join(closing)
      yield* Fiber.join(first.fiber)
      assert.strictEqual((yield* Fiber.join(second)).reason, "Overloaded")
    })
  )

  it.effect("MUST keep a defect, a broken constraint and a wrong statement to the write that has them", () =>
    Effect.gen(function* () {
      const db = yield* open(":memory:")
      const wrong = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`INSERT INTO nowhere VALUES (1)`)
      const [a, died, twice, bad, b] = yield* Effect.all(
        [
          insert("a"),
          Effect.andThen(insert("died"), Effect.die("a bug")),
          Effect.andThen(insert("twice"), insert("a")),
          Effect.andThen(insert("bad"), wrong),
          insert("b")
        ].map((write) => Effect.exit(db.write(write))),
        { concurrency: "unbounded" }
      )
      assert.isTrue(Exit.isSuccess(a!))
      assert.isTrue(Exit.hasDies(died!))
      assert.include(String(twice), "Internal")
      assert.include(String(bad), "Internal")
      assert.isTrue(Exit.isSuccess(b!))
      assert.deepStrictEqual(yield* db.read(names), ["a", "b"])
    })
  )

  it.effect("MUST answer only when another connection can see the row", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const db = yield* open(filename)
      const other = yield* connection(filename)
      const seen = other.prepare("SELECT COUNT(*) AS n FROM channel WHERE name = ?")
      const counts = yield* Effect.forEach(
        numbers(200),
        (n) =>
          Effect.andThen(
            db.write(insert(`${n}`)),
            Effect.sync(() => seen.get(`${n}`)?.n)
          ),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        counts,
        counts.map(() => 1)
      )
    })
  )

  it.effect("MUST let what comes meanwhile join its group", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const db = yield* open(filename)
      const other = yield* connection(filename)
      // Another number after each commit of another connection.
      const commits = () => Number(other.prepare("PRAGMA data_version").get()?.data_version)
      const seen = new Set<number>()
      yield* Effect.forEach(
        numbers(10),
        (n) =>
          Effect.repeat(Effect.yieldNow, { times: n }).pipe(
            Effect.andThen(db.write(insert(`${n}`))),
            Effect.andThen(Effect.sync(() => seen.add(commits())))
          ),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(seen.size, 1)
    })
  )

  it.effect("MUST tell of a change of a number that the database keeps before it answers, and of what failed", () =>
    Effect.gen(function* () {
      const db = yield* open(":memory:")
      const told: Array<string> = []
      const broken = new SqlError({ reason: new UnknownError({ cause: "broken" }) })
      const change = (name: string, effect: Effect.Effect<unknown, SqlError, SqlClient.SqlClient>) =>
        Effect.andThen(
          Effect.exit(db.write(effect)),
          Effect.sync(() => told.push(name))
        )
      yield* db.onChange(
        Effect.map(names, ({ length }) => length),
        () => told.push("told")
      )
      yield* change("first", Effect.void)
      yield* change("same", Effect.void)
      yield* change("more", insert("a"))
      yield* change("undone", Effect.andThen(insert("b"), Effect.die("undone")))
      yield* change("failed", Effect.fail(broken))
      yield* change("after", Effect.void)
      yield* change("then", Effect.void)
      assert.strictEqual(told.join(" "), "told first same told more undone told failed told after then")
    })
  )

  it.effect("MUST commit what waits as one group", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const db = yield* open(filename)
      const other = yield* connection(filename)
      // Grows by one with each commit of another connection.
      const commits = () => Number(other.prepare("PRAGMA data_version").get()?.data_version)
      const before = commits()
      const seen = new Set<number>()
      yield* Effect.forEach(
        numbers(100),
        (n) =>
          Effect.andThen(
            db.write(insert(`${n}`)),
            Effect.sync(() => seen.add(commits()))
          ),
        { concurrency: "unbounded" }
      )
      assert.notInclude([...seen], before)
      assert.isAtMost(seen.size, 2)
    })
  )

  it.effect("MUST refuse one more than the queue holds as Overloaded, and serve the rest", () =>
    Effect.gen(function* () {
      const db = yield* open(":memory:")
      const { fiber, release } = yield* held(db, "first")
      const waiting = yield* Effect.forEach(numbers(4097), (n) => Effect.forkChild(db.write(insert(`${n}`))))
      const refused = yield* Effect.flip(Fiber.join(waiting[4096]!))
      assert.deepInclude(refused, { _tag: "BackendError", reason: "Overloaded" })
      yield* release
      yield* Fiber.join(fiber)
      yield* Fiber.joinAll(waiting.slice(0, 4096))
      assert.strictEqual((yield* db.read(names)).length, 4097)
    })
  )

  it.effect("MUST write nothing for a caller that is gone before its turn", () =>
    Effect.gen(function* () {
      const db = yield* open(":memory:")
      const { fiber, release } = yield* held(db, "first")
      const gone = yield* Effect.forkChild(db.write(insert("gone")))
      const stays = yield* Effect.forkChild(db.write(insert("stays")))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(gone)
      yield* release
      yield* Fiber.joinAll([fiber, stays])
      assert.deepStrictEqual(yield* db.read(names), ["first", "stays"])
    })
  )

  it.effect("MUST finish the write of a caller that is gone after its turn has come", () =>
    Effect.gen(function* () {
      const db = yield* open(":memory:")
      const { fiber, release } = yield* held(db, "begun")
      yield* Fiber.interrupt(fiber)
      yield* release
      yield* db.write(insert("next"))
      assert.deepStrictEqual(yield* db.read(names), ["begun", "next"])
    })
  )

  it.effect("MUST undo a transaction that took more than 5 seconds, as Overloaded, and go on", () =>
    Effect.gen(function* () {
      const db = yield* open(":memory:")
      const slow = Effect.andThen(insert("slow"), TestClock.adjust("5001 millis"))
      const [a, b] = yield* Effect.all([Effect.flip(db.write(slow)), Effect.flip(db.write(insert("beside")))], {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual([a.reason, b.reason], ["Overloaded", "Overloaded"])
      yield* db.write(Effect.andThen(insert("in time"), TestClock.adjust("5 seconds")))
      assert.deepStrictEqual(yield* db.read(names), ["in time"])
    })
  )

  it.live("MUST take turns with another connection that writes", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const databases = [yield* open(filename), yield* open(filename)]
      // Each takes the next number: two that saw the same state would break the unique name.
      const next = Effect.gen(function* () {
        const taken = yield* names
        yield* Effect.yieldNow
        yield* insert(`${taken.length}`)
      })
      yield* Effect.forEach(
        numbers(40).flatMap(() => databases),
        (db) => db.write(next),
        { concurrency: 8 }
      )
      assert.deepStrictEqual(yield* databases[0]!.read(names), numbers(80).map(String))
    })
  )

  it.effect("MUST wait for a lock that passes, and do nothing as Overloaded for one held over 5 seconds", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const db = yield* open(filename)
      const other = yield* connection(filename)
      const attempts = { count: 0 }
      const write = (name: string) =>
        db.write(
          Effect.andThen(
            Effect.sync(() => attempts.count++),
            insert(name)
          )
        )
      other.exec("BEGIN IMMEDIATE")
      const waiting = yield* Effect.forkChild(write("waited"))
      for (const _ of numbers(3)) yield* TestClock.adjust("1 second")
      assert.isUndefined(waiting.pollUnsafe())
      other.exec("ROLLBACK")
      yield* TestClock.adjust("100 millis")
      yield* Fiber.join(waiting)
      other.exec("BEGIN IMMEDIATE")
      const given = yield* Effect.forkChild(Effect.flip(write("never")))
      while (given.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
      assert.deepInclude(yield* Fiber.join(given), { reason: "Overloaded", isRetryable: true })
      other.exec("ROLLBACK")
      assert.strictEqual(attempts.count, 1)
      yield* write("after")
      assert.deepStrictEqual(yield* db.read(names), ["waited", "after"])
    })
  )
})

describe("a write within a write", () => {
  it.effect("MUST be a step of the outer one: refused by itself, kept and undone with it", () =>
    Effect.gen(function* () {
      const db = yield* open(":memory:")
      const refused = db.write(Effect.andThen(insert("refused"), Effect.fail("no")))
      const outer = Effect.gen(function* () {
        yield* insert("outer")
        yield* db.write(insert("inner"))
        assert.strictEqual(yield* Effect.flip(refused), "no")
        return yield* names
      })
      assert.deepStrictEqual(yield* db.write(outer), ["outer", "inner"])
      yield* Effect.exit(db.write(Effect.andThen(db.write(insert("lost")), Effect.die("a bug"))))
      assert.deepStrictEqual(yield* db.read(names), ["outer", "inner"])
    })
  )

  it.effect("MUST be on disk with the outer one and not before", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const db = yield* open(filename)
      const other = yield* connection(filename)
      const count = () => Number(other.prepare("SELECT COUNT(*) AS n FROM channel").get()?.n)
      const before = yield* db.write(Effect.map(db.write(insert("inner")), count))
      assert.deepStrictEqual([before, count()], [0, 1])
    })
  )

  it.live("MUST be tried again with the outer one while the database is busy, and told as its failure else", () =>
    Effect.gen(function* () {
      const db = yield* open(":memory:")
      const attempts = { count: 0 }
      const busy = new SqlError({ reason: new LockTimeoutError({ cause: "busy" }) })
      const once = db.write(Effect.suspend(() => (attempts.count++ === 0 ? Effect.fail(busy) : insert("a"))))
      yield* db.write(once)
      assert.strictEqual(attempts.count, 2)
      const [twice, beside] = yield* Effect.all(
        [Effect.flip(db.write(db.write(insert("a")))), Effect.exit(db.write(insert("beside")))],
        { concurrency: "unbounded" }
      )
      assert.deepInclude(twice, { _tag: "BackendError", reason: "Internal" })
      assert.isTrue(Exit.isSuccess(beside))
      assert.deepStrictEqual(yield* db.read(names), ["a", "beside"])
    })
  )
})
