import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it, onTestFinished } from "@effect/vitest"
import { base, clinic, makeClient, runToEnd, seedOf, start, temporaryFolder } from "./Support.ts"

const seed = seedOf(clinic("Clinic", "Europe/Bratislava", [{ name: "Exam", duration: 60, capacity: 1 }]))

/** Runs with wrong settings, and gives the lines it wrote; nothing may have been made but what was there. */
const problems = async (env: { readonly [name: string]: string }, folder = temporaryFolder()) => {
  const before = readdirSync(folder)
  const { code, stderr, stdout } = await runToEnd(folder, env)
  assert.strictEqual(stdout, "")
  assert.strictEqual(code, 78, stderr)
  assert.deepStrictEqual(readdirSync(folder), before, "no database is made")
  assert.isTrue(stderr.endsWith("\n"))
  return stderr.trimEnd().split("\n")
}

/** A seed file in a folder that holds nothing else. */
const seedFile = (text: string) => {
  const path = join(temporaryFolder(), "seed.json")
  writeFileSync(path, text)
  return path
}

const wrong: ReadonlyArray<readonly [name: string, value: string, says: RegExp]> = [
  ["BOOKIO_PROXY_HOST", "two words", /a host name or IP address/],
  ["BOOKIO_PROXY_HOST", "http://127.0.0.1", /a host name or IP address/],
  ["BOOKIO_PROXY_HOST", "[::1]", /a host name or IP address/],
  ["BOOKIO_PROXY_HOST", "no.such.host.invalid", /cannot listen on no\.such\.host\.invalid/],
  ["BOOKIO_PROXY_HOST", "192.0.2.1", /cannot listen on 192\.0\.2\.1/],
  ["BOOKIO_PROXY_PORT", "eighty", /a whole number from 0 to 65535, not "eighty"/],
  ["BOOKIO_PROXY_PORT", "65536", /0 to 65535, not "65536"/],
  ["BOOKIO_PROXY_PORT", "-1", /0 to 65535, not "-1"/],
  ["BOOKIO_PROXY_PORT", "80.5", /0 to 65535, not "80\.5"/],
  ["BOOKIO_PROXY_PORT", " 8080", /0 to 65535, not " 8080"/],
  ["BOOKIO_PROXY_PORT", "0x1F90", /0 to 65535, not "0x1F90"/],
  ["BOOKIO_DATABASE", "postgres://localhost/bookio", /`sqlite:PATH` or `sqlite::memory:`/],
  ["BOOKIO_DATABASE", "sqlite:", /`sqlite:PATH` or `sqlite::memory:`/],
  ["BOOKIO_DATABASE", "data/bookio.db", /`sqlite:PATH` or `sqlite::memory:`/],
  ["BOOKIO_SEED", "no/such/seed.json", /the file no\/such\/seed\.json cannot be read/],
  ["BOOKIO_SEED", "demo:one", /the file demo:one cannot be read/],
  ["BOOKIO_LOG_LEVEL", "loud", /one of debug, info, warn, error, off, not "loud"/],
  ["BOOKIO_LOG_LEVEL", "INFO", /one of debug, info, warn, error, off, not "INFO"/],
  ["BOOKIO_LOG_FORMAT", "xml", /pretty or json, not "xml"/],
  ["BOOKIO_LOG_FORMAT", "JSON", /pretty or json, not "JSON"/]
]

describe("a wrong setting", () => {
  it.concurrent.each(wrong)("MUST be one line on stderr and exit code 78: %s=%s", async (name, value, says) => {
    const { code, stderr, stdout } = await runToEnd("/", { BOOKIO_DATABASE: "sqlite::memory:", [name]: value })
    assert.strictEqual(stdout, "")
    const lines = stderr.trimEnd().split("\n")
    assert.strictEqual(lines.length, 1, stderr)
    assert.include(lines[0], name)
    assert.match(lines[0]!, says)
    assert.strictEqual(code, 78)
  })

  it("MUST be told together with all others, before anything is made", async () => {
    const lines = await problems({
      BOOKIO_PROXY_HOST: "two words",
      BOOKIO_PROXY_PORT: "x",
      BOOKIO_DATABASE: "mysql:x",
      BOOKIO_LOG_LEVEL: "x",
      BOOKIO_LOG_FORMAT: "x"
    })
    assert.deepStrictEqual(
      lines.map((line) => line.split(" ")[0]),
      ["BOOKIO_PROXY_HOST", "BOOKIO_PROXY_PORT", "BOOKIO_DATABASE", "BOOKIO_LOG_LEVEL", "BOOKIO_LOG_FORMAT"]
    )
  })

  it("MUST name the port that is in use", async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => {
      taken.close()
    })
    const { port } = taken.address() as { readonly port: number }
    const { code, stderr, stdout } = await runToEnd(temporaryFolder(), {
      BOOKIO_PROXY_PORT: String(port),
      BOOKIO_DATABASE: "sqlite::memory:"
    })
    assert.strictEqual(stdout, "")
    assert.match(stderr, new RegExp(`^BOOKIO_PROXY_PORT: port ${port} of 127\\.0\\.0\\.1 is in use.*\n$`))
    assert.strictEqual(code, 78)
  })

  it("MUST refuse a demonstration that others can reach", async () => {
    for (const host of ["0.0.0.0", "::", "10.0.0.1"]) {
      const [line, ...others] = await problems({ BOOKIO_PROXY_HOST: host, BOOKIO_SEED: "demo" })
      assert.match(line!, /^BOOKIO_SEED: .*BOOKIO_PROXY_HOST must be a loopback address/)
      assert.deepStrictEqual(others, [])
    }
    const file = seedFile(JSON.stringify(seed))
    assert.match((await problems({ BOOKIO_PROXY_HOST: "0.0.0.0", BOOKIO_SEED: file }))[0]!, /loopback/)
  })
})

describe("a wrong seed", () => {
  const edited = (edit: (copy: ReturnType<typeof seedOf>) => void) => {
    const copy = structuredClone(seed)
    edit(copy)
    return JSON.stringify(copy)
  }

  const cases: ReadonlyArray<readonly [what: string, text: string, says: ReadonlyArray<RegExp>]> = [
    ["malformed JSON", '{"facilities": [', [/is not valid JSON/]],
    ["an empty file", "", [/is not valid JSON/]],
    ["no object", "[]", [/must be/]],
    ["nothing in it", "{}", [/facilities/, /channels/]],
    [
      "a wrong time zone",
      edited((copy) => {
        copy.facilities[0]!.timeZone = "Europe/Atlantis"
      }),
      [/facilities\[0\]\.timeZone/]
    ],
    [
      "a wrong day and a wrong capacity",
      edited((copy) => {
        copy.facilities[0]!.calendars[0]!.validFrom = "2026-02-31"
        copy.facilities[0]!.calendars[0]!.services[0]!.capacity = 0
      }),
      [/facilities\[0\]\.calendars\[0\]\.validFrom/, /facilities\[0\]\.calendars\[0\]\.services\[0\]\.capacity/]
    ],
    [
      "an unknown member",
      edited((copy) => Object.assign(copy.channels[0]!, { colour: "red" })),
      [/channels\[0\]\.colour/]
    ],
    [
      "a facility that is not there",
      edited((copy) => {
        copy.channels[1]!.facilities.push("elsewhere")
      }),
      [/channels\[1\]\.facilities\[1\]/]
    ],
    [
      "a token that can be guessed",
      edited((copy) => Object.assign(copy, { demo: false })),
      [/channels\[0\]\.tokens\[0\]\.token/, /channels\[1\]\.tokens\[0\]\.token/]
    ]
  ]

  it.concurrent.for(cases)("MUST be one line with its places: %s", async ([_what, text, says], { onTestFinished }) => {
    const folder = temporaryFolder(onTestFinished)
    const path = join(folder, "seed.json")
    writeFileSync(path, text)
    const lines = await problems({ BOOKIO_SEED: path }, folder)
    assert.strictEqual(lines.length, 1, lines.join("\n"))
    assert.isTrue(lines[0]!.startsWith("BOOKIO_SEED: "), lines[0])
    for (const expected of says) assert.match(lines[0]!, expected)
    assert.notInclude(lines[0]!, "cgm", "no token is repeated")
  })

  it("MUST refuse a seed that contradicts the database, and change nothing", async () => {
    const folder = temporaryFolder()
    const database = `sqlite:${join(folder, "bookio.db")}`
    const first = await start({ seed, env: { BOOKIO_DATABASE: database } })
    await first.stop()
    const swapped = structuredClone(seed)
    swapped.channels[0]!.tokens[0]!.token = "web"
    swapped.channels[1]!.tokens[0]!.token = "cgm"
    swapped.facilities.push({ ...clinic("Second", "Europe/London", []), calendars: [] })
    const path = seedFile(JSON.stringify(swapped))
    const { code, stderr } = await runToEnd(folder, { BOOKIO_SEED: path, BOOKIO_DATABASE: database })
    assert.strictEqual(code, 78)
    assert.match(stderr, /^BOOKIO_SEED: .*channels\[0\]\.tokens\[0\]: this token belongs to another channel\n$/)
    const second = await start({ seed, env: { BOOKIO_DATABASE: database } })
    const { result } = await makeClient(second.url).send("GET", `${base}/facilities/cgm`)
    assert.strictEqual(result.data?.facilities?.length, 1)
  })
})

describe("a database that cannot be opened", () => {
  const refused = async (folder: string, path: string) => {
    const lines = await problems({ BOOKIO_DATABASE: `sqlite:${path}` }, folder)
    assert.strictEqual(lines.length, 1, lines.join("\n"))
    assert.isTrue(lines[0]!.startsWith("BOOKIO_DATABASE: "), lines[0])
    assert.include(lines[0], path)
    return lines[0]!
  }

  it("MUST be told: a folder", async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, "data"))
    await refused(folder, join(folder, "data"))
  })

  it("MUST be told, and left as it is: a file that is no database", async () => {
    const folder = temporaryFolder()
    const path = join(folder, "notes.txt")
    writeFileSync(path, "These are my notes, and no database.\n".repeat(200))
    const before = statSync(path)
    await refused(folder, path)
    assert.deepStrictEqual([statSync(path).size, statSync(path).mtimeMs], [before.size, before.mtimeMs])
  })

  it("MUST be told: a path below a file", async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, "file"), "")
    const lines = await problems({ BOOKIO_DATABASE: `sqlite:${join(folder, "file", "data", "x.db")}` }, folder)
    assert.strictEqual(lines.length, 1)
    assert.match(lines[0]!, /^BOOKIO_DATABASE: the folder .*file\/data cannot be made/)
  })

  it("MUST be told, and left as it is: a database of a newer version", async () => {
    const folder = temporaryFolder()
    const path = join(folder, "bookio.db")
    const first = await start({ seed, env: { BOOKIO_DATABASE: `sqlite:${path}` } })
    await first.stop()
    const db = new DatabaseSync(path)
    db.exec("INSERT INTO bookio_migrations (migration_id, name) VALUES (9999, 'from_the_future')")
    db.close()
    assert.match(await refused(folder, path), /newer/)
  })

  it("MUST be told, and lose nothing: a database of something else", async () => {
    const folder = temporaryFolder()
    const path = join(folder, "other.db")
    const db = new DatabaseSync(path)
    db.exec("CREATE TABLE reservation (id INTEGER PRIMARY KEY); CREATE TABLE guests (name TEXT)")
    db.close()
    assert.match(await refused(folder, path), /table reservation already exists/)
    const after = new DatabaseSync(path, { readOnly: true })
    const tables = after.prepare("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'bookio%' ORDER BY name").all()
    after.close()
    assert.deepStrictEqual(
      tables.map(({ name }) => name),
      ["guests", "reservation"]
    )
  })
})

describe("settings that are right", () => {
  it("MUST take an empty variable as none", async () => {
    const proxy = await start({
      seed,
      env: { BOOKIO_PROXY_HOST: "", BOOKIO_DATABASE: "", BOOKIO_LOG_LEVEL: "", BOOKIO_LOG_FORMAT: "" }
    })
    assert.strictEqual(new URL(proxy.url).hostname, "127.0.0.1")
    assert.isTrue(existsSync(join(proxy.folder, "data", "bookio.db")))
  })

  it("MUST listen on ::1, and print a URL that works", async () => {
    const proxy = await start({ seed, env: { BOOKIO_PROXY_HOST: "::1" } })
    assert.match(proxy.stdout(), /^listening on http:\/\/\[::1\]:[1-9]\d*$/m)
    assert.strictEqual((await makeClient(proxy.url).send("GET", "/healthz")).status, 200)
  })

  it("MUST print the port that port 0 picked, on one line of stdout", async () => {
    const proxy = await start({ env: { BOOKIO_PROXY_PORT: "0" } })
    assert.match(proxy.stdout(), /^listening on http:\/\/127\.0\.0\.1:[1-9]\d*\n$/)
    assert.strictEqual((await makeClient(proxy.url).send("GET", "/readyz")).status, 200)
  })

  it("MUST make the database and its folders for its own user only", async () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o755)
    const proxy = await start({ seed, env: { BOOKIO_DATABASE: `sqlite:${join(folder, "a", "b", "bookio.db")}` } })
    const client = makeClient(proxy.url)
    await client.send("GET", `${base}/facilities/cgm`)
    const modeOf = (...path: ReadonlyArray<string>) => statSync(join(folder, ...path)).mode & 0o777
    assert.deepStrictEqual([modeOf("a"), modeOf("a", "b")], [0o700, 0o700])
    assert.deepStrictEqual(readdirSync(join(folder, "a", "b")).sort(), ["bookio.db", "bookio.db-shm", "bookio.db-wal"])
    for (const file of readdirSync(join(folder, "a", "b"))) assert.strictEqual(modeOf("a", "b", file), 0o600, file)
  })

  it("MUST write nothing to stderr at level off", async () => {
    const proxy = await start({ seed, env: { BOOKIO_LOG_LEVEL: "off" } })
    const client = makeClient(proxy.url)
    await client.send("GET", `${base}/facilities/cgm`)
    await client.send("GET", `${base}/nowhere`)
    await proxy.stop()
    assert.strictEqual(proxy.stderr(), "")
  })

  it("MUST log JSON lines with request ids", async () => {
    const proxy = await start({ seed, env: { BOOKIO_LOG_FORMAT: "json" } })
    const client = makeClient(proxy.url)
    const own = await client.send("GET", `${base}/facilities/cgm`, undefined, { "x-request-id": "my-own-1" })
    const drawn = await client.send("GET", `${base}/nowhere`)
    assert.strictEqual(own.headers["x-request-id"], "my-own-1")
    await proxy.stop()
    const lines = proxy
      .stderr()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly [name: string]: unknown })
    for (const line of lines) {
      assert.match(String(line.timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      assert.include(["DEBUG", "INFO", "WARN", "ERROR"], line.level)
    }
    const requests = lines.filter((line) => line.message === "request")
    assert.deepStrictEqual(
      requests.map(({ method, operation, requestId, status }) => ({ method, operation, requestId, status })),
      [
        { method: "GET", operation: "listFacilities", requestId: "my-own-1", status: 200 },
        { method: "GET", operation: undefined, requestId: drawn.headers["x-request-id"], status: 404 }
      ]
    )
  })

  it("MUST log for people in the format pretty", async () => {
    const proxy = await start({ seed, env: { BOOKIO_LOG_FORMAT: "pretty" } })
    await makeClient(proxy.url).send("GET", `${base}/facilities/cgm`)
    await proxy.stop()
    const lines = proxy.stderr().trimEnd().split("\n")
    assert.match(lines.at(-1)!, /^\[\d\d:\d\d:\d\d\.\d{3}\] 200 GET listFacilities \d+ ms channel=1 [\w-]+$/)
    for (const line of lines) assert.throws(() => JSON.parse(line))
  })
})
