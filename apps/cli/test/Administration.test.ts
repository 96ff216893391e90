/**
 * Every command of administration and bulk, as people and as scripts see it: one sequence of runs in tables, and the same in
 * JSON, each as one golden file.
 */
import { afterAll, beforeAll, expect, it } from "vitest"
import { type Databases, databasesOf } from "./Databases.ts"
import { type Harness, start } from "./Harness.ts"

let harness: Harness
let databases: Databases

beforeAll(async () => {
  harness = await start()
  databases = await databasesOf(harness)
})
afterAll(() => harness.close())

type Step = readonly [database: string, args: ReadonlyArray<string>]

const email = ["--email", "natalia.vargova@example.com"]

const sequence = (of: string, name: string): ReadonlyArray<Step> => {
  const sync = (...args: ReadonlyArray<string>): Step => [
    `${of}-sync.db`,
    ["sync", ...args, "--config", `${of}-worker.json`]
  ]
  return [
    [name, ["seed", "seed.json"]],
    [`${of}-none.db`, ["seed", "none.json"]],
    [name, ["token", "create", "--channel", "web", "--access", "read"]],
    [name, ["token", "create", "--channel", "nobody", "--access", "read"]],
    [name, ["token", "rotate", "5"]],
    [name, ["token", "revoke", "6", "--yes"]],
    [name, ["token", "revoke", "99", "--yes"]],
    [name, ["token", "list"]],
    [name, ["export", `${of}.ndjson`]],
    [name, ["export", `${of}.ndjson`, "--facility", "rehab"]],
    [name, ["export", `${of}.ndjson`, "--facility", "rehab"]],
    [`${of}-target.db`, ["import", `${of}.ndjson`, "--dry-run"]],
    [`${of}-target.db`, ["import", `${of}.ndjson`]],
    [`${of}-target.db`, ["import", `${of}.ndjson`]],
    [`${of}-target.db`, ["import", "seed.json"]],
    [name, ["backup", `${of}-copy.db`]],
    [name, ["backup", `${of}-copy.db`]],
    [name, ["backup", "--gateway", `${of}-gateway.db`, `${of}-gateway-copy.db`]],
    [name, ["backup", "--gateway", `${of}-gateway.db`, "--journal", "x.db", `${of}-other.db`]],
    [name, ["person", "export", ...email, "--jq", "[.reservations[].id, (.journal | length)]"]],
    [name, ["person", "erase", ...email]],
    [name, ["person", "erase", ...email, "--yes"]],
    [name, ["person", "erase", ...email, "--yes", "--upcoming"]],
    [name, ["person", "erase", "--email", "nobody@example.com", "--yes"]],
    [name, ["restore", `${of}.ndjson`, "--yes"]],
    [name, ["restore", `${of}-gateway-copy.db`, "--yes"]],
    [name, ["restore", `${of}-copy.db`]],
    [name, ["restore", `${of}-copy.db`, "--yes"]],
    [name, ["restore", "--gateway", `${of}-gateway-new.db`, `${of}-gateway-copy.db`, "--yes"]],
    [name, ["events", "listen", "--once", "--after", "100000", "--channel", "cgm"]],
    [name, ["events", "listen", "--once", "--forward-to", "http://example.com"]],
    [name, ["conformance"]],
    [`${of}-sync.db`, ["seed", `${of}-seed.json`]],
    sync("status"),
    sync("plan"),
    sync("once"),
    sync("once"),
    sync("status"),
    sync("verify"),
    sync("conflicts"),
    sync("parked"),
    sync("retry", "all"),
    sync("resolve", "4711", "--keep", "practice"),
    sync("why", "1"),
    sync("why", "4711"),
    sync("resume"),
    [name, ["sync", "status", "--config", "none.yaml"]]
  ]
}

const steady = (text: string, of: string, name: string) =>
  text
    .replaceAll(name, "DATABASE")
    .replaceAll(of, "OWN")
    .replace(/of \d+ bytes|"bytes": \d+/g, (found) => found.replace(/\d+/, "0"))
    .replace(/before-[\w-]+/g, "before-NOW")
    .replace(/migration \d+|"version": \d+/g, (found) => found.replace(/\d+/, "0"))
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?Z?( UTC)?/g, "NOW")
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UUID")
    .replace(/\b\d{12,16}\b/g, "0")
    .replace(/"seconds": [\d.]+/g, '"seconds": 0')
    .replace(/\d+ (s|min) ago {0,2}/g, "just now ")
    .replace(/^[\w-]{43}$/gm, "TOKEN")
    .replace(/"[\w-]{43}"/g, '"TOKEN"')

const run = async (of: string, flags: ReadonlyArray<string>) => {
  const name = databases.seeded()
  databases.prepareSync(of)
  await databases.makeGateway(databases.path(`${of}-gateway.db`))
  let text = ""
  for (const [database, args] of sequence(of, name)) {
    const all = args.includes("--jq") ? args : [...args, ...flags]
    const { env } = databases.onDatabase(database)
    const ended = await harness.bookio(all, { env: { ...env, SYNC_TOKEN: "demo" } })
    text += `${harness.transcript(all, ended)}\n`
  }
  await expect(steady(text, of, name)).toMatchFileSnapshot(
    `golden/administration${flags.length === 0 ? "" : "-json"}.txt`
  )
}

// Each is some forty processes, one after another.
const timeout = 180_000

it("says to people in a line or two what was done, or why it was not", { timeout }, () => run("people", []))

it("says the same to scripts as JSON", { timeout }, () => run("scripts", ["--json"]))
