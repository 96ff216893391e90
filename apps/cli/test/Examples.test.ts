/**
 * The examples of the help and of docs/cli.md, run as they stand there: by a shell, against a proxy or on databases of their own. What
 * they take from elsewhere, such as a reservation's number, is put in its place.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, expect, it } from "vitest"
import { entries } from "../src/Registry.ts"
import { type Databases, databasesOf, done, has } from "./Databases.ts"
import { type Harness, start } from "./Harness.ts"

let harness: Harness
let databases: Databases
// Of confirmed reservations, one for each example, so that none finds what another has changed.
let numbers: Array<string>
let replaced: ReadonlyArray<readonly [string, string]>

const noEnd = "it has no end"

/** Examples that are not run, by their lines, with the reason. */
const notRun: { readonly [line: string]: string } = {
  login: "it asks at a terminal: Session.test.ts",
  "events listen": noEnd,
  "events listen --state place.json --forward-to http://127.0.0.1:3000/changes": noEnd,
  "sync run --config bookio-sync.yaml": noEnd,
  "conformance --write --facility 1 --report junit > laws.xml": "it takes minutes: conformance-cli runs these laws"
}

/** Examples that end with another exit code than 0 here, with the reason. */
const endsWith: { readonly [line: string]: readonly [exitCode: number, why: string] } = {
  "reservations cancel a2se8w": [2, "it asks, and nobody is there"],
  "person erase --email jana@example.com": [1, "she has a reservation to come"],
  "person erase --email jana@example.com --journal bookio-sync.db --yes": [1, "she has a reservation to come"],
  "sync resolve 4711 --keep practice": [12, "there is no such conflict"],
  "import clinic.ndjson --facility 2 --skip-errors": [3, "the services of facility 1 are none of facility 2"]
}

const onEngine = new Set(["seed", "token", "backup", "restore"])

/** What has to be there before an example. */
const before: { readonly [command: string]: () => void } = {
  // Another example writes it.
  login: () => writeFileSync(databases.path("token.txt"), "demo\n"),
  restore: () => copyFileSync(databases.path("seeded.db"), databases.path("backups/bookio-2026-11-22.db"))
}

const shell = async (line: string, env: { readonly [name: string]: string | undefined }) => {
  const script = `set -o pipefail; bookio() { "$NODE" "$BIN" "$@"; }; bookio ${line}`
  const child = spawn("bash", ["-c", script], {
    cwd: harness.folder,
    env: { ...harness.env, NODE: process.execPath, BIN: harness.bin, PROFILE: databases.path("profile.ps1"), ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")])
  return { stdout, stderr, exitCode }
}

beforeAll(async () => {
  harness = await start()
  databases = await databasesOf(harness)
  const { env = {} } = databases.onDatabase("own-sync.db")
  databases.prepareSync("own")
  expect((await harness.bookio(["seed", "own-seed.json"], { env })).exitCode).toBe(0)
  const settings = readFileSync(databases.path("own-worker.json"), "utf8")
  writeFileSync(databases.path("bookio-sync.yaml"), settings.replace("own-journal.db", "bookio-sync.db"))
  done(await harness.bookio(["sync", "once"], { env: { ...env, SYNC_TOKEN: "demo" } }))
  await databases.makeGateway(databases.path("gateway.db"))
  for (const folder of ["backups", "data", ".config/fish/completions", ".zfunc"]) {
    mkdirSync(databases.path(folder), { recursive: true })
  }
  copyFileSync(databases.path("seeded.db"), databases.path("data/bookio.db"))
  copyFileSync(databases.path("seed.json"), databases.path("practice.json"))
  writeFileSync(databases.path("change.json"), JSON.stringify({ name: "Ordinácia" }))
  writeFileSync(
    databases.path("calendar.json"),
    JSON.stringify({
      facilityId: 3,
      name: "Masáže",
      validFrom: "2041-01-01",
      validTo: "2041-12-31",
      services: [{ id: 1, name: "Masáž", duration: 30 }],
      intervals: [{ name: "Ráno", weekDays: [1, 2], timeFrom: "08:00", timeTo: "10:00" }]
    })
  )
  const slots = ["slots", "--facility", "1", "--service", "1", "--from", "2040-06-04", "--json", "dateFrom"]
  const free = JSON.parse(done(await harness.bookio(slots))) as ReadonlyArray<{ readonly dateFrom: string }>
  const confirmed = ["reservations", "list", "--facility", "1", "--status", "CONFIRMED", "--all", "--json", "number"]
  numbers = (JSON.parse(done(await harness.bookio(confirmed))) as ReadonlyArray<{ readonly number: string }>).map(
    ({ number }) => number
  )
  replaced = [
    ["2026-11-25 09:00", free.at(-1)?.dateFrom ?? ""],
    ["2026-11-26 10:00", free.at(-9)?.dateFrom ?? ""],
    ["/var/backups", "backups"],
    ["http://127.0.0.1:8080/public/api/v1", harness.env.BOOKIO_BASE_URL ?? ""],
    ["2027-12-31", "2044-12-31"],
    ["sync why 17", "sync why 1"]
  ]
})
afterAll(() => harness.close())

const environmentOf = (path: ReadonlyArray<string>, line: string) => {
  const [noun = ""] = path
  if (noun === "sync" || noun === "person") {
    return { ...databases.onDatabase("own-sync.db").env, SYNC_TOKEN: "demo" }
  }
  if (onEngine.has(noun)) return databases.onDatabase(databases.seeded()).env ?? {}
  if (noun === "import" && !line.includes("--facility"))
    return databases.onDatabase(databases.freshName(".db")).env ?? {}
  if (noun === "login") return { BOOKIO_BASE_URL: undefined, BOOKIO_TOKEN: undefined, BOOKIO_EXTENSIONS: undefined }
  return {}
}

const examples = entries.flatMap(({ spec }) => spec.examples.map(({ line }) => ({ line, path: spec.path })))

it("knows the examples that it does not run, or that end otherwise", () => {
  const lines = examples.map(({ line }) => line)
  expect(lines).toEqual(expect.arrayContaining([...Object.keys(notRun), ...Object.keys(endsWith)]))
})

for (const { line, path } of examples) {
  const needsJq = line.includes("| jq ") && !has("jq")
  it.skipIf(notRun[line] !== undefined || needsJq)(`bookio ${line}`, async () => {
    before[path[0]]?.()
    const named = line.replaceAll("a2se8w", () => numbers.pop() ?? "")
    const all = replaced.reduce((text, [from, to]) => text.replaceAll(from, to), named)
    const { exitCode, stderr } = await shell(all, environmentOf(path, line))
    expect({ exitCode, stderr }).toEqual({ exitCode: endsWith[line]?.[0] ?? 0, stderr: expect.any(String) })
  })
}
