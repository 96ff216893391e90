import { execFileSync } from "node:child_process"
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Backup from "../../src/admin/Backup.ts"
import { book, engine, equal, first, list, temporaryFile, world } from "../Support.ts"

const withEngine = <A, E, R>(filename: string, effect: Effect.Effect<A, E, R>) =>
  effect.pipe(Effect.provide(engine(filename), { local: true }))

const count = first(Effect.map(list(), ({ rows }) => rows.length))

const bookOne = (hour: number) => first(book({ dateFrom: `2026-06-02T${hour}:00`, externalId: hour }))

const told = <A, R>(effect: Effect.Effect<A, { readonly message: string }, R>) =>
  Effect.map(Effect.flip(effect), ({ message }) => message)

/** A database with one reservation, a backup of it, and then one reservation more. */
const planted = Effect.gen(function* () {
  const filename = yield* temporaryFile
  const copy = join(dirname(filename), "copy.db")
  yield* withEngine(
    filename,
    Effect.gen(function* () {
      yield* world()
      yield* bookOne(20)
      equal((yield* Backup.backup(filename, copy)).kind, "engine")
      yield* bookOne(21)
    })
  )
  return { filename, copy }
})

const files = (filename: string) => readdirSync(dirname(filename)).sort()

describe("backup", () => {
  it.effect("MUST hold what was committed, while the database is in use, and be its owner's only", () =>
    Effect.gen(function* () {
      const { copy, filename } = yield* planted
      equal(statSync(copy).mode & 0o777, 0o600)
      equal(yield* withEngine(copy, count), 1)
      equal(yield* withEngine(filename, count), 2)
    })
  )

  it.effect("MUST NOT replace a file, nor make one of a database that is not there or not ours", () =>
    Effect.gen(function* () {
      const { copy, filename } = yield* planted
      const before = readFileSync(copy)
      assert.match(yield* told(Backup.backup(filename, copy)), /exists already/)
      assert.deepStrictEqual(readFileSync(copy), before)
      const other = join(dirname(filename), "other.db")
      assert.match(yield* told(Backup.backup(`${filename}.no`, other)), /there is no file/)
      const foreign = new DatabaseSync(join(dirname(filename), "foreign.db"))
      foreign.exec("CREATE TABLE t (a)")
      foreign.close()
      assert.match(
        yield* told(Backup.backup(join(dirname(filename), "foreign.db"), other)),
        /no database of bookio-kit/
      )
      equal(existsSync(other), false)
    })
  )
})

describe("a database of an app's own", () => {
  it.effect("MUST be backed up and brought back by its kind, and never take the place of another's", () =>
    Effect.gen(function* () {
      const { filename } = yield* planted
      const [own, copy] = [join(dirname(filename), "own.db"), join(dirname(filename), "own-copy.db")]
      const db = new DatabaseSync(own)
      db.exec("CREATE TABLE own_migrations (migration_id INTEGER); INSERT INTO own_migrations VALUES (1)")
      db.close()
      const kinds = { ...Backup.kinds, own: { table: "own_migrations", migrations: { "0001_first": Effect.void } } }
      assert.match(yield* told(Backup.backup(own, copy)), /no database of bookio-kit/)
      equal((yield* Backup.backup(own, copy, kinds)).kind, "own")
      assert.match(yield* told(Backup.restore(copy, filename, "stamp", kinds)), /is of the engine, .* of the own/)
      equal((yield* Backup.restore(copy, own, "stamp", kinds)).version, 1)
      const newer = { ...kinds, own: { ...kinds.own, migrations: {} } }
      assert.match(yield* told(Backup.verify(copy, newer)), /of a newer version/)
    })
  )
})

describe("restore", () => {
  it.effect("MUST bring back what the backup holds, and keep the database of before beside it", () =>
    Effect.gen(function* () {
      const { copy, filename } = yield* planted
      const restored = yield* Backup.restore(copy, filename, "stamp")
      equal(restored.kept, `${filename}.before-stamp`)
      equal(files(filename), ["bookio.db", "bookio.db.before-stamp", "copy.db"])
      equal(yield* withEngine(filename, count), 1)
      equal(yield* withEngine(`${filename}.before-stamp`, count), 2)
    })
  )

  it.effect("MUST make a database where there is none", () =>
    Effect.gen(function* () {
      const { copy, filename } = yield* planted
      const fresh = join(dirname(filename), "fresh.db")
      equal((yield* Backup.restore(copy, fresh, "stamp")).kept, undefined)
      equal(yield* withEngine(fresh, count), 1)
    })
  )

  it.effect("MUST refuse while another process has the database open, if only to read, and change nothing", () =>
    Effect.gen(function* () {
      const { copy, filename } = yield* planted
      yield* Effect.acquireUseRelease(
        Effect.sync(() => {
          const db = new DatabaseSync(filename, { readOnly: true })
          db.prepare("SELECT 1 FROM reservation").all()
          return db
        }),
        () =>
          Effect.gen(function* () {
            assert.match(
              yield* told(Backup.restore(copy, filename, "stamp")),
              /another process has .* open: stop it first/
            )
          }),
        (db) => Effect.sync(() => db.close())
      )
      equal(
        files(filename).filter((name) => name.includes("restor") || name.includes("before")),
        []
      )
      equal(yield* withEngine(filename, count), 2)
    })
  )

  it.effect("MUST refuse a backup that is damaged, of a newer version, of another kind, or no database", () =>
    Effect.gen(function* () {
      const { copy, filename } = yield* planted
      const folder = dirname(filename)
      const broken = join(folder, "broken.db")
      const bytes = readFileSync(copy)
      bytes.fill(0x5a, 8192, 40_960)
      writeFileSync(broken, bytes)
      const newer = join(folder, "newer.db")
      copyFileSync(copy, newer)
      const db = new DatabaseSync(newer)
      db.exec("INSERT INTO bookio_migrations (migration_id, name) VALUES (99, 'later')")
      db.close()
      const text = join(folder, "text.db")
      writeFileSync(text, "This is no database, though it is long enough to look like a file of one.")
      for (const [file, problem] of [
        [broken, /damaged|malformed|cannot be read/],
        [newer, /newer version/],
        [text, /not a database/],
        [join(folder, "none.db"), /there is no file/]
      ] as const) {
        assert.match(yield* told(Backup.restore(file, filename, "stamp")), problem)
      }
      equal(existsSync(`${filename}.before-stamp`), false)
      equal(yield* withEngine(filename, count), 2)
    })
  )

  it.effect("MUST NOT lose what a process that was killed left in the log", () =>
    Effect.gen(function* () {
      const { copy, filename } = yield* planted
      // A process that is killed leaves its write-ahead log beside the file.
      const script = `
        const { DatabaseSync } = require("node:sqlite")
        const db = new DatabaseSync(${JSON.stringify(filename)})
        db.exec("INSERT INTO channel (name) VALUES ('left in the log')")
        process.kill(process.pid, "SIGKILL")`
      try {
        execFileSync(process.execPath, ["-e", script], { stdio: "ignore" })
      } catch {}
      assert.isAbove(statSync(`${filename}-wal`).size, 0)
      const { kept } = yield* Backup.restore(copy, filename, "stamp")
      const db = new DatabaseSync(kept ?? "", { readOnly: true })
      equal(db.prepare("SELECT COUNT(*) AS n FROM channel WHERE name = 'left in the log'").get()?.n, 1)
      db.close()
      equal(yield* withEngine(filename, count), 1)
    })
  )
})
