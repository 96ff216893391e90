/** The commands of administration and bulk, as processes: on databases of their own, and on a listening proxy. */
import { spawnSync } from "node:child_process"
import { once } from "node:events"
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Ended, type Harness, type RunOptions, start } from "./Harness.ts"

let harness: Harness
let fresh = 0

beforeAll(async () => {
  harness = await start()
  expect((await harness.bookio(["seed", "seed.json"], onDatabase("seeded.db"))).exitCode).toBe(0)
})
afterAll(() => harness.close())

const has = (command: string) => spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined

const path = (name: string) => join(harness.folder, name)

/** The environment of a database instead of the proxy. */
const onDatabase = (name: string): RunOptions => ({
  env: { BOOKIO_BASE_URL: undefined, BOOKIO_TOKEN: undefined, BOOKIO_DATABASE: `sqlite:${path(name)}` }
})

/** A name that no other test has. */
const freshName = (ending: string) => `own${++fresh}${ending}`

/** A database of its own with the demonstration of fixed days, exported from the proxy's. */
const seeded = async () => {
  const name = freshName(".db")
  copyFileSync(path("seeded.db"), path(name))
  return name
}

const done = (ended: Ended) => {
  expect([ended.exitCode, ended.stderr]).toEqual([0, ""])
  return ended.stdout
}

type Row = { readonly kind: string; readonly id: number; readonly [member: string]: unknown }

const linesOf = (name: string): ReadonlyArray<Row> =>
  readFileSync(path(name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))

/** An HTTP server that answers by a handler, until the test ends. */
const serving = async (handler: RequestListener, run: (url: string) => Promise<void>) => {
  const server = createServer().on("request", handler).listen(0, "127.0.0.1")
  await once(server, "listening")
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe("seed", () => {
  it("makes a database that is its owner's only, and leaves what is there as it is", async () => {
    const name = await seeded()
    expect(statSync(path(name)).mode & 0o777).toBe(0o600)
    const again = await harness.bookio(["seed", "seed.json", "--json"], onDatabase(name))
    expect(again.exitCode).toBe(0)
    expect(JSON.parse(again.stdout).channels).toEqual(["cgm", "web", "sync"])
    expect(again.stderr).toContain("can be guessed")
  })

  it("says what is wrong with a seed before a database is made", async () => {
    const name = freshName(".db")
    writeFileSync(
      path("wrong.json"),
      JSON.stringify({ facilities: [], channels: [{ name: "a", facilities: ["x"], tokens: [] }] })
    )
    const { exitCode, stderr } = await harness.bookio(["seed", "wrong.json"], onDatabase(name))
    expect(exitCode).toBe(78)
    expect(stderr).toContain('there is no facility "x" in this seed')
    expect(existsSync(path(name))).toBe(false)
  })

  it("is refused without a database", async () => {
    const { exitCode, stderr } = await harness.bookio(["seed", "demo"])
    expect(exitCode).toBe(78)
    expect(stderr).toContain("set BOOKIO_DATABASE=sqlite:PATH")
  })
})

describe("token", () => {
  const works = async (token: string) =>
    (await harness.bookio(["facilities", "list", "--json"], { env: { BOOKIO_TOKEN: token } })).exitCode

  it("makes one that the running server takes, rotates it, and ends it", async () => {
    const live: RunOptions = {
      env: { BOOKIO_BASE_URL: undefined, BOOKIO_TOKEN: undefined, BOOKIO_DATABASE: `sqlite:${harness.database}` }
    }
    const made = await harness.bookio(["token", "create", "--channel", "web", "--access", "read"], live)
    expect(made.exitCode).toBe(0)
    expect(made.stdout).toMatch(/^[\w-]{43}\n$/)
    expect(made.stderr).toMatch(
      /^Token \d+ of channel "web" with access read does not expire. It is shown this once:\n$/
    )
    const token = made.stdout.trim()
    expect(await works(token)).toBe(0)
    const listed = JSON.parse(done(await harness.bookio(["token", "list", "--json"], live))) as ReadonlyArray<Row>
    const { id } = listed.at(-1)!
    expect(listed.at(-1)).toEqual({ id, channel: "web", access: "read", state: "valid" })
    expect(JSON.stringify(listed)).not.toContain(token)
    const rotated = await harness.bookio(["token", "rotate", String(id), "--json"], live)
    const next = JSON.parse(rotated.stdout)
    expect(rotated.stderr).toBe(`Token ${id} is revoked.\n`)
    expect(next).toMatchObject({ channel: "web", access: "read" })
    expect(await works(next.token)).toBe(0)
    expect((await harness.bookio(["token", "revoke", String(next.id)], live)).exitCode).toBe(2)
    done(await harness.bookio(["token", "revoke", String(next.id), "--yes"], live))
    // A server may take a second to see it.
    const deadline = Date.now() + 5_000
    for (const ended of [token, next.token]) {
      while ((await works(ended)) !== 4) expect(Date.now()).toBeLessThan(deadline)
    }
  })

  it("shows tokens as a table, and says what is wrong", async () => {
    const name = await seeded()
    const runs = [
      ["token", "create", "--access", "write", "--expires", "soon", "--channel", "cgm"],
      ["token", "create", "--access", "write"],
      ["token", "create", "--access", "write", "--channel", "nobody"],
      ["token", "rotate", "1", "--grace", "a while"],
      ["token", "rotate", "99"],
      ["token", "revoke", "1", "--yes"],
      ["token", "list"]
    ]
    let text = ""
    for (const args of runs) {
      const ended = await harness.bookio(args, onDatabase(name))
      text += `${harness.transcript(args, ended).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "NOW")}\n`
    }
    await expect(text).toMatchFileSnapshot("golden/token.txt")
  })
})

describe("for people", () => {
  it("says in a line or two what was done, or why it was not", async () => {
    const name = await seeded()
    const steps: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
      [name, ["seed", "seed.json"]],
      [name, ["export", "people.ndjson"]],
      [name, ["export", "people.ndjson", "--facility", "rehab"]],
      [name, ["export", "people.ndjson", "--facility", "rehab"]],
      ["people-target.db", ["import", "people.ndjson", "--dry-run"]],
      ["people-target.db", ["import", "people.ndjson"]],
      ["people-target.db", ["import", "people.ndjson"]],
      ["people-other.db", ["seed", "wrong-day.json"]],
      [name, ["backup", "people-copy.db"]],
      [name, ["backup", "people-copy.db"]],
      [name, ["person", "erase", "--email", "natalia.vargova@example.com"]],
      [name, ["person", "erase", "--email", "natalia.vargova@example.com", "--yes"]],
      [name, ["person", "erase", "--email", "natalia.vargova@example.com", "--yes", "--upcoming"]],
      [name, ["person", "erase", "--email", "nobody@example.com", "--yes"]],
      [name, ["restore", "people.ndjson", "--yes"]],
      [name, ["restore", "people-copy.db", "--yes"]],
      [name, ["events", "listen", "--once", "--forward-to", "http://example.com"]],
      [name, ["sync", "status"]],
      [name, ["conformance"]]
    ]
    let text = ""
    for (const [database, args] of steps) {
      const ended = await harness.bookio(args, onDatabase(database))
      text += `${harness.transcript(args, ended)}\n`
    }
    const steady = text
      .replaceAll(name, "DATABASE")
      .replace(/of \d+ bytes/g, "of N bytes")
      .replace(/before-[\w-]+/g, "before-NOW")
      .replace(/migration \d+/g, "migration N")
    await expect(steady).toMatchFileSnapshot("golden/administration.txt")
  })
})

describe("export", () => {
  it("writes what the channel sees, page after page, with a first and a last line", async () => {
    const file = freshName(".ndjson")
    const args = ["export", file, "--facility", "1"]
    const ended = await harness.bookio(args)
    await expect(
      harness.transcript(["export", "FILE", "--facility", "1"], {
        ...ended,
        stdout: ended.stdout.replace(file, "FILE")
      })
    ).toMatchFileSnapshot("golden/export.txt")
    const lines = linesOf(file)
    expect(lines[0]).toMatchObject({ kind: "export", version: 1, source: "api", facilityId: 1 })
    const { stdout } = await harness.bookio(["reservations", "list", "--facility", "1", "--all", "--json"])
    const listed = JSON.parse(stdout) as ReadonlyArray<Row>
    expect(lines.filter(({ kind }) => kind === "reservation").map(({ id }) => id)).toEqual(listed.map(({ id }) => id))
    expect(lines.at(-1)).toEqual({
      kind: "end",
      complete: true,
      reservations: listed.length,
      blockedTimes: lines.filter(({ kind }) => kind === "blockedTime").length
    })
    expect(statSync(path(file)).mode & 0o777).toBe(0o600)
    expect(readdirSync(harness.folder).filter((name) => name.startsWith(file))).toEqual([file])
    expect((await harness.bookio(args)).exitCode).toBe(78)
    expect((await harness.bookio([...args, "--overwrite"])).exitCode).toBe(0)
  })

  it("writes CSV, and to standard output", async () => {
    const csv = done(await harness.bookio(["export", "--facility", "2", "--format", "csv"])).split("\r\n")
    expect(csv[0]).toMatch(/^kind,id,facilityId,number,status,name,/)
    expect(csv.filter((line) => line.startsWith("reservation,")).length).toBeGreaterThan(100)
  })

  it.skipIf(!has("script"))("shows a bar with rate and time left on a terminal, and takes it away", async () => {
    const file = freshName(".ndjson")
    const command = `${process.execPath} ${harness.bin} export ${file} --facility 1`
    const { status, stdout } = spawnSync("script", ["-qefc", command, "/dev/null"], {
      cwd: harness.folder,
      env: { ...harness.env, TERM: "xterm" },
      encoding: "utf8"
    })
    expect(status).toBe(0)
    expect(stdout.replaceAll("\r\u001b[K", "<clear>")).toMatch(
      /<clear>(\[#+-+\] )?51 % {2}100 of 19\d, \d+\/s, \d+ s left<clear>.*blocked times\.\r\n$/
    )
  })

  it("ends quietly where its reader has seen enough", async () => {
    const ended = await harness.bookio(["export", "--facility", "1"], {
      onStart: (child) => child.stdout?.once("data", () => child.stdout?.destroy())
    })
    expect(ended.stderr).toBe("")
  })

  it("is stopped by Ctrl-C, and the same command goes on from there", async () => {
    const file = freshName(".ndjson")
    const upstream = new URL(harness.env.BOOKIO_BASE_URL ?? "").origin
    let isOpen = false
    let isStopped = () => {}
    const asked: Array<string> = []
    await serving(
      async (request: IncomingMessage, response: ServerResponse) => {
        const asking = request.url ?? ""
        asked.push(asking)
        // The second page does not come before the run was stopped.
        if (!isOpen && /reservations.*offset=[1-9]/.test(asking)) return isStopped()
        const answer = await fetch(`${upstream}${asking}`, { headers: { authorization: "Bearer demo" } })
        response.writeHead(answer.status, {
          "content-type": "application/json",
          date: answer.headers.get("date") ?? ""
        })
        response.end(await answer.text())
      },
      async (url) => {
        const env = { BOOKIO_BASE_URL: `${url}/public/api/v1` }
        const args = ["export", file, "--facility", "1"]
        const first = await harness.bookio(args, {
          env,
          onStart: (child) => {
            isStopped = () => void child.kill("SIGINT")
          }
        })
        expect(first.exitCode).toBe(130)
        expect(first.stderr).toBe(
          `bookio: stopped; the same command goes on from ${file}.partial, --restart begins anew\n`
        )
        expect(
          readdirSync(harness.folder)
            .filter((name) => name.startsWith(file))
            .sort()
        ).toEqual([`${file}.partial`, `${file}.resume`])
        // What a killed run left behind its last checkpoint does not count.
        writeFileSync(
          path(`${file}.partial`),
          `${readFileSync(path(`${file}.partial`), "utf8")}{"kind":"reserv${"x".repeat(1_000_000)}`
        )
        isOpen = true
        asked.length = 0
        const second = await harness.bookio(args, { env })
        expect([second.exitCode, second.stderr]).toEqual([
          0,
          `bookio: goes on with ${file}.partial, behind 100 records\n`
        ])
        expect(asked.some((asked) => /reservations.*offset=0/.test(asked) && !asked.includes("limit=0"))).toBe(false)
        const whole = freshName(".ndjson")
        done(await harness.bookio(["export", whole, "--facility", "1"]))
        expect(linesOf(file).slice(1)).toEqual(linesOf(whole).slice(1))
        expect(readdirSync(harness.folder).filter((name) => name.startsWith(file))).toEqual([file])
      }
    )
  })
})

describe("import", () => {
  it("brings a facility into a database exactly, and nothing twice", async () => {
    const source = await seeded()
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
    const source = await seeded()
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
    const source = await seeded()
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
    const source = await seeded()
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

describe("backup and restore", () => {
  it("copies the database of a running server, and brings it back where no server runs", async () => {
    const live: RunOptions = {
      env: { BOOKIO_BASE_URL: undefined, BOOKIO_TOKEN: undefined, BOOKIO_DATABASE: `sqlite:${harness.database}` }
    }
    const copy = freshName(".db")
    const made = JSON.parse(done(await harness.bookio(["backup", copy, "--json"], live)))
    expect(made).toMatchObject({ file: copy, kind: "engine" })
    expect((await harness.bookio(["backup", copy], live)).exitCode).toBe(1)
    const refused = await harness.bookio(["restore", copy, "--yes"], live)
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain("another process has")
    const target = await seeded()
    const ask = await harness.bookio(["restore", copy], onDatabase(target))
    expect(ask.exitCode).toBe(2)
    const restored = await harness.bookio(["restore", copy, "--yes", "--json"], onDatabase(target))
    expect(restored.exitCode).toBe(0)
    const { kept } = JSON.parse(restored.stdout)
    expect(existsSync(kept)).toBe(true)
    const numbers = async (options: RunOptions) =>
      done(
        await harness.bookio(
          ["reservations", "list", "--all", "--jq", "[.[].number] | sort", "--channel", "cgm"],
          options
        )
      )
    expect(await numbers(onDatabase(target))).toBe(await numbers(live))
  })
})

describe("events listen", () => {
  it("tells what is kept once, and goes on behind its place", async () => {
    const state = freshName(".json")
    const args = ["events", "listen", "--facility", "1", "--state", state, "--once"]
    const all = done(await harness.bookio([...args, "--after", "0"]))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(all.length).toBeGreaterThan(100)
    expect(new Set(all.map(({ facilityId }) => facilityId))).toEqual(new Set([1]))
    expect(done(await harness.bookio(args))).toBe("")
    const { stdout } = await harness.bookio(["reservations", "no-show", harness.numberOf(1), "--json"])
    const { reservationId } = JSON.parse(stdout)
    const [next] = done(await harness.bookio(args))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(next).toMatchObject({ kind: "reservation.changed", reservationId, facilityId: 1 })
    expect(done(await harness.bookio(args))).toBe("")
    done(await harness.bookio(["reservations", "confirm", harness.numberOf(1)]))
    const elsewhere = await harness.bookio(args, onDatabase(await seeded()))
    expect(elsewhere.exitCode).toBe(78)
  })

  it("follows until Ctrl-C, and sends each event until it is taken", async () => {
    const got: Array<{ readonly id: number }> = []
    let answers = 0
    let stop = () => {}
    await serving(
      async (request: IncomingMessage, response: ServerResponse) => {
        let body = ""
        for await (const chunk of request) body += chunk
        answers++
        response.writeHead(answers === 1 ? 500 : 204).end()
        if (answers > 1) got.push(JSON.parse(body))
        if (got.length === 3) stop()
      },
      async (url) => {
        const state = freshName(".json")
        const ended = await harness.bookio(
          ["events", "listen", "--after", "1", "--state", state, "--forward-to", `${url}/changes`],
          {
            onStart: (child) => {
              stop = () => void child.kill("SIGINT")
            }
          }
        )
        expect(ended.exitCode).toBe(130)
        expect(ended.stderr).toBe("bookio: event 2 waits: it answered 500\nbookio: event 2 was taken\n")
        expect(got.slice(0, 3).map(({ id }) => id)).toEqual([2, 3, 4])
        expect(JSON.parse(readFileSync(path(state), "utf8")).after).toBeGreaterThanOrEqual(3)
      }
    )
    const plain = await harness.bookio(["events", "listen", "--forward-to", "http://example.com/"])
    expect(plain.exitCode).toBe(2)
  })
})

describe("conformance", () => {
  it("tries the laws that only read on the server of the environment", async () => {
    const { exitCode, stdout } = await harness.bookio(["conformance", "--report", "json", "--facility", "1"])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout).laws.length).toBeGreaterThan(10)
    expect((await harness.bookio(["conformance"], onDatabase(await seeded()))).exitCode).toBe(2)
    expect((await harness.bookio(["conformance", "--write"])).exitCode).toBe(2)
  })
})

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
    const name = await seeded()
    const { env = {} } = onDatabase(name)
    const shown = await harness.bookio(["person", "export", "--email", "-"], { env, input: "nobody@example.com\n" })
    expect(JSON.parse(done(shown))).toEqual({ email: "nobody@example.com", reservations: [], journal: [] })
    const none = await harness.bookio(["person", "export", "--email", "a@b.cz", "--journal", "none.db"], { env })
    expect([none.exitCode, existsSync(path("none.db"))]).toEqual([78, false])
    expect((await harness.bookio(["sync", "status", "--csv"], { env })).exitCode).toBe(2)
    expect((await harness.bookio(["sync", "status"], { env })).exitCode).toBe(78)
  })
})
