/** A database that fails, under each kind of command: what is said, and the exit code, as a golden file. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { afterAll, expect, it } from "vitest"
import { databasesOf } from "../Databases.ts"
import { start } from "../Harness.ts"

const harness = await start()
afterAll(() => harness.close())
const databases = await databasesOf(harness)

const commands = [
  ["facilities", "list", "--channel", "cgm"],
  ["reservations", "list", "--limit", "1", "--channel", "cgm", "--json"],
  ["reservations", "no-show", "1", "--channel", "cgm"],
  ["api", "GET", "/facilities/cgm", "--channel", "cgm"],
  ["token", "list"],
  ["seed", "seed.json"],
  ["doctor", "--channel", "cgm", "--json", "check,state"]
]

const withSql = (name: string, run: (db: DatabaseSync) => void) => {
  const db = new DatabaseSync(databases.path(name))
  run(db)
  db.close()
}

// The first page of each table, which opening the file does not read.
const spoil = (name: string, tables: ReadonlyArray<string>) => {
  let pages: ReadonlyArray<number> = []
  withSql(name, (db) => {
    const page = db.prepare("SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = ?")
    pages = tables.map((table) => Number(page.get(table)?.rootpage))
  })
  const bytes = readFileSync(databases.path(name))
  for (const page of pages) bytes.fill(0xaa, (page - 1) * 4096, page * 4096)
  writeFileSync(databases.path(name), bytes)
}

/** How each one fails; the file is a database of the demonstration before. */
const faults: { readonly [fault: string]: (name: string) => void } = {
  newer: (name) =>
    withSql(name, (db) => db.exec("INSERT INTO bookio_migrations (migration_id, name) VALUES (99, '99')")),
  "not-a-database": (name) => writeFileSync(databases.path(name), "no database at all, but a text. ".repeat(200)),
  damaged: (name) => spoil(name, ["channel", "facility", "reservation", "token"]),
  // Which the engine reads as it starts, for whoever follows.
  "damaged-in-its-events": (name) => spoil(name, ["event"])
}

const runAll = async (fault: string, name: string) => {
  let text = ""
  for (const args of commands) {
    const ended = await harness.bookio(args, databases.onDatabase(name))
    // A defect of ours, whose place --verbose tells, is no answer to a file that is wrong.
    expect(ended.stderr).not.toContain("a defect of bookio")
    text += `${harness
      .transcript(args, ended)
      .replaceAll(name, "DATABASE")
      .replace(/this version knows \d+/g, "this version knows N")}\n`
  }
  await expect(text).toMatchFileSnapshot(`../golden/database-${fault}.txt`)
}

it.for(["newer", "not-a-database", "damaged", "damaged-in-its-events"])(
  "tells one that is %s",
  { timeout: 120_000 },
  async (fault) => {
    const name = databases.seeded()
    faults[fault]?.(name)
    await runAll(fault, name)
  }
)

it("tells one that is a folder", { timeout: 120_000 }, async () => {
  const name = databases.freshName(".db")
  mkdirSync(databases.path(name))
  await runAll("folder", name)
})

it("tells one that another process keeps locked, which is nobody's setting", async () => {
  const name = databases.seeded()
  const db = new DatabaseSync(databases.path(name))
  db.exec("PRAGMA locking_mode = EXCLUSIVE")
  db.exec("BEGIN EXCLUSIVE")
  db.exec("CREATE TABLE other (a)")
  const ended = await harness.bookio(["facilities", "list", "--channel", "cgm"], databases.onDatabase(name))
  await expect(harness.transcript(["facilities", "list", "--channel", "cgm"], ended)).toMatchFileSnapshot(
    "../golden/database-locked.txt"
  )
  expect(ended.exitCode).toBe(1)
  db.exec("ROLLBACK")
  db.close()
})

it("tells one that may only be read", { timeout: 120_000 }, async () => {
  const name = databases.seeded()
  // Rights on a file do not bind whoever runs the tests as root: the file says of itself that this SQLite must not write it.
  withSql(name, (db) => db.exec("PRAGMA journal_mode = DELETE"))
  const bytes = readFileSync(databases.path(name))
  bytes[18] = 3
  writeFileSync(databases.path(name), bytes)
  await runAll("read-only", name)
})
