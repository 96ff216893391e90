import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { open, openMemory, scalar, temporaryFolder } from "../support.ts"

const files = Effect.map(temporaryFolder, (folder) => ({
  folder,
  source: join(folder, "source.db"),
  copy: join(folder, "copy.db")
}))

describe("backup", () => {
  it.effect("copies what is committed, even from inside an open transaction", () =>
    Effect.gen(function* () {
      const { copy, folder, source } = yield* files
      const sql = yield* open({ filename: source })
      yield* sql`CREATE TABLE t (a)`
      yield* sql`INSERT INTO t VALUES (1)`
      yield* sql.withTransaction(Effect.andThen(sql`INSERT INTO t VALUES (2)`, sql.backup(copy)))
      const restored = yield* open({ filename: copy, readonly: true })
      assert.deepStrictEqual(yield* restored`SELECT a FROM t`.values, [[1]])
      assert.strictEqual(yield* scalar(restored`PRAGMA integrity_check`), "ok")
      assert.deepStrictEqual(
        readdirSync(folder).filter((name) => name.includes("partial")),
        []
      )
    })
  )

  it.effect("copies an in-memory database", () =>
    Effect.gen(function* () {
      const { copy } = yield* files
      const sql = yield* openMemory()
      yield* sql`CREATE TABLE t (a)`
      yield* sql`INSERT INTO t VALUES (1)`
      yield* sql.backup(copy)
      const restored = yield* open({ filename: copy })
      assert.deepStrictEqual(yield* restored`SELECT a FROM t`.values, [[1]])
    })
  )

  it.effect("refuses a destination that exists, the database itself among them", () =>
    Effect.gen(function* () {
      const { copy, source } = yield* files
      const sql = yield* open({ filename: source })
      yield* sql`CREATE TABLE t (a)`
      writeFileSync(copy, "")
      assert.include((yield* Effect.flip(sql.backup(copy))).message, "exists already")
      assert.include((yield* Effect.flip(sql.backup(source))).message, "exists already")
      assert.deepStrictEqual(yield* sql`SELECT a FROM t`, [])
    })
  )

  it.effect("leaves nothing behind where it cannot write", () =>
    Effect.gen(function* () {
      const { folder, source } = yield* files
      const sql = yield* open({ filename: source })
      yield* sql`CREATE TABLE t (a)`
      const destination = join(folder, "missing", "copy.db")
      const error = yield* Effect.flip(sql.backup(destination))
      assert.strictEqual(error.reason._tag, "ConnectionError")
      assert.include(error.message, "cannot write the backup")
      assert.isFalse(existsSync(destination))
    })
  )
})
