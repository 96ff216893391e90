/**
 * Backup and restore of a SQLite database of ours: the engine's, the journal of a sync, or one that an app has for itself
 * over the same `Database`, such as a gateway's. A backup is taken while others
 * use the database; a restore needs it alone. It assumes local files, and that the file and its folder are the user's.
 */
import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { DatabaseSync } from "node:sqlite"
import * as SqliteClient from "@bookio-kit/sqlite-client/SqliteClient"
import * as Effect from "effect/Effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import type { Tables } from "../database/Migrations.ts"
import * as Engine from "../engine/Tables.ts"
import * as Journal from "../journal/Tables.ts"
import { AdminError } from "./AdminError.ts"

/** The tables of databases by what they are called; a file is of the kind whose table of migrations it has. */
export interface DatabaseKinds {
  readonly [kind: string]: Tables
}

/** The databases of this package. An app adds its own, and gives all of them to what is below. */
export const kinds = { engine: Engine.tables, journal: Journal.tables } as const satisfies DatabaseKinds

/** What a file was found to be, after it was read in full. */
export interface Verified {
  readonly kind: string
  /** The last migration that it has. */
  readonly version: number
  readonly bytes: number
}

const wrong = (problem: string) => new AdminError({ problem, isFile: true })

const reason = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

const attempt = <A>(what: string, run: () => A): Effect.Effect<A, AdminError> =>
  Effect.try({
    try: run,
    catch: (thrown) => (thrown instanceof AdminError ? thrown : wrong(`${what}: ${reason(thrown)}`))
  })

const kindOf = (db: DatabaseSync, known: DatabaseKinds) =>
  Object.entries(known).find(
    ([, { table }]) =>
      db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined
  )

const verifyNow = (filename: string, known: DatabaseKinds): Verified => {
  const db = new DatabaseSync(filename, { readOnly: true, timeout: 1000 })
  try {
    const found = kindOf(db, known)
    if (found === undefined) throw wrong(`${filename} is no database of bookio-kit`)
    const [kind, { migrations, table }] = found
    const problems = db.prepare("PRAGMA integrity_check(1)").all()
    if (problems[0]?.integrity_check !== "ok") throw wrong(`${filename} is damaged: ${problems[0]?.integrity_check}`)
    const [broken] = db.prepare("PRAGMA foreign_key_check").all()
    if (broken !== undefined)
      throw wrong(`${filename} is damaged: rows of ${broken.table} refer to rows that are not there`)
    const latest = db.prepare(`SELECT MAX(migration_id) AS latest FROM ${table}`).get()?.latest
    const version = typeof latest === "number" ? latest : 0
    const newest = Object.keys(migrations).length
    if (version > newest) {
      throw wrong(`${filename} is that of a newer version: it has migration ${version}, this version knows ${newest}`)
    }
    return { kind, version, bytes: statSync(filename).size }
  } finally {
    db.close()
  }
}

/**
 * Reads a database in full: whether it is whole, ours, and not of a newer version.
 *
 * @errors `AdminError` that says what is wrong with it.
 */
export const verify = (filename: string, known: DatabaseKinds = kinds): Effect.Effect<Verified, AdminError> =>
  attempt(`${filename} cannot be read`, () => verifyNow(filename, known))

const copy = Effect.fnUntraced(
  function* (source: string, destination: string) {
    yield* attempt(`${source} cannot be read`, () => {
      if (!existsSync(source)) throw wrong(`there is no file ${source}`)
    })
    const client = yield* SqliteClient.make({ filename: source, readonly: true, busyTimeoutMs: 1000 })
    yield* client.backup(destination)
    yield* attempt(`${destination} cannot be finished`, () => {
      chmodSync(destination, 0o600)
      // One file by itself: with a write-ahead log, whoever only looks at it would leave two more beside it.
      const db = new DatabaseSync(destination)
      db.exec("PRAGMA journal_mode = DELETE")
      db.close()
    })
  },
  Effect.scoped,
  Effect.provide(Reactivity.layer),
  Effect.catchTag("SqlError", ({ message, reason: { cause } }) =>
    // SQLite's own words are in the cause; at this point they name files, never a row.
    wrong(message.includes(reason(cause)) ? message : `${message}: ${reason(cause)}`)
  )
)

/**
 * Copies the database as of one moment to a file that is not there yet, readable by its owner only, and reads the copy in
 * full. Other processes go on meanwhile. The copy is whole or absent.
 *
 * @errors `AdminError` where the destination exists, cannot be written, or the database is damaged.
 */
export const backup = Effect.fn("Backup.backup")(function* (
  filename: string,
  destination: string,
  known: DatabaseKinds = kinds
) {
  yield* copy(filename, destination)
  return yield* Effect.onError(verify(destination, known), () =>
    Effect.sync(() => rmSync(destination, { force: true }))
  )
})

const syncFolder = (folder: string) => {
  const fd = openSync(folder, "r")
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

// Leaving the write-ahead log is possible for the only connection of all processes, and puts the log into the file.
const takeAlone = (filename: string): DatabaseSync => {
  const db = new DatabaseSync(filename, { timeout: 1000 })
  try {
    if (db.prepare("PRAGMA journal_mode = DELETE").get()?.journal_mode !== "delete") throw new Error("it is locked")
    db.exec("PRAGMA locking_mode = EXCLUSIVE")
    db.exec("BEGIN EXCLUSIVE")
    return db
  } catch {
    db.close()
    throw new AdminError({ problem: `another process has ${filename} open: stop it first` })
  }
}

const swap = (prepared: string, filename: string, kept: string): void => {
  const old = existsSync(filename) ? takeAlone(filename) : undefined
  try {
    // The old file gets its second name first, so that at no moment there is none under either.
    if (old !== undefined) linkSync(filename, kept)
    renameSync(prepared, filename)
    syncFolder(dirname(resolve(filename)))
  } finally {
    old?.close()
  }
}

/** What a restore did. */
export interface Restored extends Verified {
  /** Where the database of before is kept; absent where there was none. */
  readonly kept?: string
}

/**
 * Makes a backup the database: it is copied beside it and read in full, and takes its place in one step while no other
 * process has it open. The database of before is kept as a file beside it, whose name ends in `stamp`. What happened since
 * the backup is no longer known: ids can be given out again, and tokens that were revoked since are good again.
 *
 * @errors `AdminError`: nothing was changed.
 */
export const restore = Effect.fn("Backup.restore")(function* (
  source: string,
  filename: string,
  stamp: string,
  known: DatabaseKinds = kinds
) {
  const prepared = `${filename}.restoring`
  const kept = `${filename}.before-${stamp}`
  const isThere = existsSync(filename)
  yield* attempt(`${prepared} cannot be removed`, () => rmSync(prepared, { force: true }))
  return yield* Effect.gen(function* () {
    yield* copy(source, prepared)
    const verified = yield* verify(prepared, known)
    yield* attempt(`${filename} cannot be replaced`, () => {
      if (isThere) {
        const db = new DatabaseSync(filename, { readOnly: true, timeout: 1000 })
        const [kind] = kindOf(db, known) ?? []
        db.close()
        if (kind !== undefined && kind !== verified.kind) {
          throw wrong(`${filename} is of the ${kind}, and the backup of the ${verified.kind}`)
        }
        if (existsSync(kept)) throw wrong(`${kept} exists already`)
      }
      swap(prepared, filename, kept)
    })
    const restored: Restored = isThere ? { ...verified, kept } : verified
    return restored
  }).pipe(
    Effect.ensuring(
      Effect.sync(() => {
        for (const file of [prepared, `${prepared}-wal`, `${prepared}-shm`]) rmSync(file, { force: true })
      })
    )
  )
})
