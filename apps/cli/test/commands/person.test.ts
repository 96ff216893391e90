/** `bookio person` and `bookio sync`, as processes on a database, a journal and a folder that is a calendar. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { databasesOf, done, type Row } from "../Databases.ts"
import { start } from "../Harness.ts"

const harness = await start()
afterAll(() => harness.close())
const databases = await databasesOf(harness)
const { path, onDatabase, freshName, seeded } = databases

describe("sync and person", () => {
  it("keeps a practice's folder in step, and erases a person from engine, journal and calendar", async () => {
    // Around today, for the sync keeps what is near.
    const name = freshName(".db")
    expect((await harness.bookio(["seed", "demo"], onDatabase(name))).exitCode).toBe(0)
    const calendar = freshName("-calendar")
    mkdirSync(path(calendar))
    // Says that the folder is a calendar, and not the place where a drive is not mounted.
    writeFileSync(join(path(calendar), ".bookio-calendar"), "the-calendar-of-a-test")
    const worker = {
      journal: freshName(".db"),
      facilities: [
        {
          name: "clinic",
          facilityId: 1,
          details: "full",
          showFullDetails: true,
          bookio: { database: `sqlite:${path(name)}`, token: "$" + "{SYNC_TOKEN}" },
          calendars: [{ name: "doctor", serves: [1], vdir: { path: calendar } }]
        }
      ]
    }
    const config = freshName(".json")
    writeFileSync(path(config), JSON.stringify(worker))
    const env = { ...onDatabase(name).env, SYNC_TOKEN: "demo-sync", BOOKIO_SYNC_CONFIG: config }
    const sync = (...args: ReadonlyArray<string>) => harness.bookio(["sync", ...args], { env })
    expect(JSON.parse(done(await sync("status", "--json")))[0]).toMatchObject({ facility: "clinic", links: 0 })
    expect(done(await sync("plan"))).toMatch(/^clinic: \d+ to write\n/)
    for (let pass = 0; pass < 2; pass++) expect((await sync("once")).stdout).toMatch(/^clinic: done/)
    const texts = () =>
      readdirSync(path(calendar))
        .filter((file) => file.endsWith(".ics"))
        .map((file) => readFileSync(join(path(calendar), file), "utf8"))
        .join("")
        .replace(/\r?\n /g, "")
    const people = JSON.parse(
      done(
        await harness.bookio(
          ["reservations", "list", "--facility", "1", "--all", "--json", "name,email,status", "--channel", "cgm"],
          { env }
        )
      )
    ) as ReadonlyArray<{ readonly name: string; readonly email: string; readonly status: string }>
    const person = people.find(({ name, status }) => status === "CONFIRMED" && texts().includes(name))!
    const email = ["--email", person.email.toUpperCase(), "--journal", worker.journal]
    const kept = JSON.parse(done(await harness.bookio(["person", "export", ...email], { env })))
    expect(kept.reservations[0]).toMatchObject({ email: person.email })
    expect(kept.journal.length).toBeGreaterThan(0)
    expect(JSON.stringify(kept.journal)).toContain(person.name)
    const refused = await harness.bookio(["person", "erase", ...email, "--yes"], { env })
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain("confirmed reservations to come")
    const erase = ["person", "erase", ...email, "--upcoming", "--yes", "--json"]
    const erased = await harness.bookio(erase, { env })
    expect([erased.exitCode, erased.stderr]).toEqual([
      3,
      `bookio: ${kept.reservations.length} appointments in practice calendars change with the next pass of the sync; then run the command again\n`
    ])
    expect(JSON.parse(erased.stdout)).toMatchObject({ reservations: kept.reservations.map(({ id }: Row) => id) })
    for (let pass = 0; pass < 2; pass++) expect((await sync("once")).stdout).toMatch(/^clinic: done/)
    expect(JSON.parse(done(await harness.bookio(erase, { env })))).toEqual({
      reservations: [],
      pending: 0,
      scrubbed: true
    })
    for (const file of [name, worker.journal]) {
      for (const part of [file, `${file}-wal`]) {
        if (!existsSync(path(part))) continue
        expect(readFileSync(path(part)).includes(person.email)).toBe(false)
        expect(readFileSync(path(part)).includes(person.name)).toBe(false)
      }
    }
    expect(texts()).not.toContain(person.email)
    expect(texts()).not.toContain(person.name)
    expect(texts()).toContain("Erased Person")
    expect(done(await sync("conflicts"))).toBe("no conflicts\n")
  })

  it("reads an address from standard input, and says which journal is not this database's", async () => {
    const name = seeded()
    const { env = {} } = onDatabase(name)
    const shown = await harness.bookio(["person", "export", "--email", "-"], { env, input: "nobody@example.com\n" })
    expect(JSON.parse(done(shown))).toEqual({ email: "nobody@example.com", reservations: [], journal: [] })
    const none = await harness.bookio(["person", "export", "--email", "a@b.cz", "--journal", "none.db"], { env })
    expect([none.exitCode, existsSync(path("none.db"))]).toEqual([78, false])
    expect((await harness.bookio(["sync", "status", "--csv"], { env })).exitCode).toBe(2)
    expect((await harness.bookio(["sync", "status"], { env })).exitCode).toBe(78)
  })
})
