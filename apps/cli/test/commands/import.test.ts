/** `bookio import`, as a process on databases of its own: exact, repeated, killed, refused. */

import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { afterAll, describe, expect, it } from "vitest"
import { databasesOf, done, type Row } from "../Databases.ts"
import { start } from "../Harness.ts"

const harness = await start()
afterAll(() => harness.close())
const databases = await databasesOf(harness)
const { path, onDatabase, freshName, seeded, linesOf } = databases

describe("import", () => {
  it("brings a facility into a database exactly, and nothing twice", async () => {
    const source = seeded()
    const file = freshName(".ndjson")
    done(await harness.bookio(["export", file, "--facility", "2"], onDatabase(source)))
    const target = freshName(".db")
    const dry = done(await harness.bookio(["import", file, "--dry-run"], onDatabase(target)))
    expect(dry).toMatch(/^\d+ records would be made, 0 are there already\.\n$/)
    expect(existsSync(path(target))).toBe(false)
    const total = linesOf(file).filter(({ kind }) => kind === "reservation" || kind === "blockedTime").length
    const made = JSON.parse(done(await harness.bookio(["import", file, "--json"], onDatabase(target))))
    expect(made).toEqual({ file, facilityId: 2, dryRun: false, made: total, known: 0, wrong: 0, dropped: 0 })
    const again = JSON.parse(done(await harness.bookio(["import", file, "--json"], onDatabase(target))))
    expect(again).toMatchObject({ made: 0, known: total })
    const back = freshName(".ndjson")
    done(await harness.bookio(["export", back], onDatabase(target)))
    expect(linesOf(back).slice(1)).toEqual(linesOf(file).slice(1))
  })

  it("imports nothing where a line is wrong, says which, and the others with --skip-errors", async () => {
    const source = seeded()
    const file = freshName(".ndjson")
    done(await harness.bookio(["export", file, "--facility", "1"], onDatabase(source)))
    const lines = readFileSync(path(file), "utf8").trimEnd().split("\n")
    const at = lines.findIndex((line) => line.startsWith('{"kind":"reservation"'))
    const other = JSON.parse(lines[at + 1] ?? "")
    lines[at] = "no JSON"
    lines[at + 1] = JSON.stringify({ ...other, service: 999 })
    writeFileSync(path(file), `${lines.join("\n")}\n`)
    const target = freshName(".db")
    const refused = await harness.bookio(["import", file], onDatabase(target))
    expect([refused.exitCode, refused.stdout]).toEqual([1, `Nothing was imported of ${file}.\n`])
    expect(refused.stderr).toContain(`2 lines are wrong: ${file}.report.ndjson says why`)
    expect(linesOf(`${file}.report.ndjson`)).toEqual([
      { line: at + 1, problem: "it is no JSON" },
      { line: at + 2, kind: "reservation", id: other.id, problem: "its service 999 is in no calendar of the export" }
    ])
    const db = new DatabaseSync(path(target), { readOnly: true })
    expect(db.prepare("SELECT COUNT(*) AS n FROM facility").get()).toEqual({ n: 0 })
    db.close()
    const partly = await harness.bookio(["import", file, "--skip-errors", "--json"], onDatabase(target))
    expect(partly.exitCode).toBe(3)
    expect(JSON.parse(partly.stdout)).toMatchObject({ wrong: 2, known: 0 })
  })

  it("is killed in the middle, and run again makes everything exactly once", async () => {
    const source = seeded()
    const small = freshName(".ndjson")
    done(await harness.bookio(["export", small, "--facility", "1"], onDatabase(source)))
    // Many batches, so that there is a middle.
    const lines = linesOf(small).flatMap((line): ReadonlyArray<Row> => {
      if (line.kind !== "reservation") return [line]
      return Array.from({ length: 12 }, (_, copy) => {
        const id = line.id * 100 + copy
        const number = id.toString(36).padStart(6, "0")
        const exact = line.exact as { readonly channels: ReadonlyArray<object> }
        const channels = exact.channels.map((channel) => ({ ...channel, externalId: id }))
        return { ...line, id, number, exact: { ...exact, channels } }
      })
    })
    const file = freshName(".ndjson")
    writeFileSync(path(file), lines.map((line) => `${JSON.stringify(line)}\n`).join(""))
    const target = freshName(".db")
    const count = () => {
      if (!existsSync(path(target))) return 0
      const db = new DatabaseSync(path(target), { readOnly: true })
      try {
        return Number(db.prepare("SELECT COUNT(*) AS n FROM reservation").get()?.n)
      } catch {
        return 0
      } finally {
        db.close()
      }
    }
    const killed = await harness.bookio(["import", file], {
      ...onDatabase(target),
      onStart: (child) => {
        const look = setInterval(() => {
          if (count() === 0 && child.exitCode === null) return
          child.kill("SIGKILL")
          clearInterval(look)
        }, 5)
      }
    })
    expect(killed.exitCode).toBe(null)
    const half = count()
    expect(half).toBeGreaterThan(0)
    expect(half % 500).toBe(0)
    // Nobody reaches what is not whole.
    expect(
      (await harness.bookio(["facilities", "list", "--channel", "cgm", "--json"], onDatabase(target))).stdout
    ).toBe("[]\n")
    const total = lines.filter(({ kind }) => kind === "reservation" || kind === "blockedTime").length
    const again = JSON.parse(done(await harness.bookio(["import", file, "--json"], onDatabase(target))))
    expect(again).toMatchObject({ made: total - half, known: half })
    const back = freshName(".ndjson")
    done(await harness.bookio(["export", back], onDatabase(target)))
    const byId = (name: string) =>
      linesOf(name)
        .slice(1, -1)
        .map((line) => JSON.stringify(line))
        .sort()
    expect(byId(back)).toEqual(byId(file))
  })

  it("makes over the API what it allows, tells line by line what was dropped, and nothing twice", async () => {
    const source = seeded()
    const file = freshName(".ndjson")
    done(await harness.bookio(["export", file, "--facility", "1"], onDatabase(source)))
    const seed = JSON.parse(readFileSync(path("seed.json"), "utf8"))
    const [facility] = seed.facilities
    writeFileSync(
      path("empty.json"),
      JSON.stringify({
        facilities: [{ ...facility, calendars: [], reservations: [], blockedTimes: [] }],
        channels: [{ name: "cgm", facilities: [facility.key], tokens: [] }]
      })
    )
    const target = freshName(".db")
    done(await harness.bookio(["seed", "empty.json"], onDatabase(target)))
    const asChannel = ["--channel", "cgm", "--as", "cgm", "--json"]
    const first = await harness.bookio(["import", file, ...asChannel], onDatabase(target))
    const records = linesOf(file).filter(({ kind }) => kind === "reservation" || kind === "blockedTime")
    const made = JSON.parse(first.stdout)
    expect(made.made + made.wrong).toBe(records.length)
    expect(made.dropped).toBe(made.made)
    expect(made.made).toBeGreaterThan(records.length * 0.9)
    expect(first.exitCode).toBe(made.wrong === 0 ? 0 : 3)
    const report = linesOf(`${file}.report.ndjson`)
    expect(report.find(({ kind }) => kind === "blockedTime")).toMatchObject({ dropped: ["id"] })
    const again = await harness.bookio(["import", file, ...asChannel], onDatabase(target))
    expect(JSON.parse(again.stdout)).toMatchObject({ made: 0, known: made.made, wrong: made.wrong, dropped: 0 })
    const statuses = async (name: string, args: ReadonlyArray<string>) => {
      const { stdout } = await harness.bookio(
        ["reservations", "list", "--facility", "1", "--all", "--channel", "cgm", ...args],
        onDatabase(name)
      )
      return stdout
    }
    const expression = "group_by(.status) | map([.[0].status, length])"
    if (made.wrong === 0) {
      expect(await statuses(target, ["--jq", expression])).toBe(await statuses(source, ["--jq", expression]))
    }
  })

  it("says what is no whole export", async () => {
    const target = freshName(".db")
    writeFileSync(
      path("cut.ndjson"),
      `${JSON.stringify({ kind: "export", version: 1, source: "api", facilityId: 1, at: "" })}\n`
    )
    for (const [file, why] of [
      ["cut.ndjson", "is no export"],
      ["none.ndjson", "cannot be read"],
      ["seed.json", "is no export"]
    ] as const) {
      const { exitCode, stderr } = await harness.bookio(["import", file], onDatabase(target))
      expect(exitCode).toBe(78)
      expect(stderr).toContain(why)
    }
    expect(existsSync(path(target))).toBe(false)
  })
})
