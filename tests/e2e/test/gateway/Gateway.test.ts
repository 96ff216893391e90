/** `BOOKIO_BACKEND=remote` as a process: a gateway in front of another process, its keys, and what stops its start. */
import { createHash } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { NotStarted, type ProxyProcess, startProxy } from "../../src/Proxy.ts"

const folder = mkdtempSync(join(tmpdir(), "bookio-gateway-"))
const keyFile = join(folder, "keys.json")
const database = `sqlite:${join(folder, "gateway.db")}`

const key = (name: string, given: object = {}) => ({
  name,
  sha256: createHash("sha256").update(`key-of-${name}`).digest("hex"),
  facilities: [1],
  access: "write",
  upstreamToken: `$\{UPSTREAM_TOKEN}`,
  ...given
})

const writeKeys = (...keys: ReadonlyArray<object>) => writeFileSync(keyFile, JSON.stringify({ keys }))

const gateway = (upstreamUrl: string, env: { readonly [name: string]: string } = {}) =>
  startProxy({
    env: {
      BOOKIO_BACKEND: "remote",
      BOOKIO_BASE_URL: `${upstreamUrl}/public/api/v1`,
      BOOKIO_EXTENSIONS: "true",
      BOOKIO_GATEWAY_KEYS: keyFile,
      BOOKIO_GATEWAY_DATABASE: database,
      UPSTREAM_TOKEN: "demo",
      ...env
    }
  })

const ask = async (proxy: ProxyProcess, name: string, path: string, init: RequestInit = {}) => {
  const response = await fetch(`${proxy.url}/public/api/v1${path}`, {
    ...init,
    headers: { authorization: `Bearer key-of-${name}`, "content-type": "application/json" }
  })
  const { result } = (await response.json()) as { result: { data?: unknown; errorCode?: number } }
  return { status: response.status, headers: response.headers, ...result }
}

describe("a gateway process", () => {
  let upstream: ProxyProcess
  beforeAll(async () => {
    upstream = await startProxy({ env: { BOOKIO_SEED: "demo", BOOKIO_DATABASE: "sqlite::memory:" } })
  }, 30_000)
  afterAll(async () => {
    await upstream.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it("serves its keys from the upstream, keeps what it learnt of ids, and takes a changed file", async () => {
    writeKeys(key("practice"), key("foreign", { facilities: [2] }))
    const first = await gateway(upstream.url)
    const listed = await ask(first, "practice", "/reservations?limit=1")
    assert.deepInclude(listed.headers.get("x-cache"), "miss")
    const [{ id }] = (listed.data as { reservations: [{ id: number }] }).reservations
    const cancel = { method: "PUT", body: JSON.stringify({ status: "CANCELLED" }) }
    assert.strictEqual((await ask(first, "foreign", `/reservations/${id}/status`, cancel)).errorCode, 12)
    assert.strictEqual((await ask(first, "practice", "/calendars?facilityId=2")).errorCode, 403)
    assert.deepStrictEqual(await first.stop(), { code: 0, signal: null })

    const second = await gateway(upstream.url)
    const changed = await ask(second, "practice", `/reservations/${id}/status`, cancel)
    assert.strictEqual(changed.status, 200)
    // The same request id in both processes.
    const requestId = changed.headers.get("x-request-id") ?? ""
    for (const log of [second.stderr, upstream.stderr]) {
      for (let turn = 0; turn < 200 && !log().includes(requestId); turn++) await new Promise(setImmediate)
    }
    // It needed no look at the listing.
    assert.isFalse(upstream.stderr().includes(`"operation":"listReservations","requestId":"${requestId}"`))
    writeKeys(key("foreign", { facilities: [2] }))
    const startedMs = Date.now()
    while ((await ask(second, "practice", "/facilities/cgm")).status !== 401) {
      assert.isBelow(Date.now() - startedMs, 10_000)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    for (const secret of ["key-of-", "demo"]) assert.isFalse(second.stderr().includes(secret))
    await second.stop()
  }, 60_000)

  const wrong: ReadonlyArray<
    readonly [what: string, prepare: () => void, env: { [name: string]: string }, line: RegExp]
  > = [
    ["no keys file", () => {}, { BOOKIO_GATEWAY_KEYS: "" }, /^BOOKIO_GATEWAY_KEYS must be the path/m],
    ["no upstream token", () => writeKeys(key("a")), { UPSTREAM_TOKEN: "" }, /UPSTREAM_TOKEN is not set$/m],
    [
      "two keys that confirm sync with one token",
      () => writeKeys(key("a", { sync: true }), key("b", { sync: true })),
      {},
      /keys\[1\]\.sync: keys\[0\] confirms sync/m
    ],
    [
      "a member that is not known",
      () => writeKeys(key("a", { facility: 1 })),
      {},
      /keys\[0\]\.facility: is not known$/m
    ],
    [
      "a token over plain http",
      () => writeKeys(key("a")),
      { BOOKIO_BASE_URL: "http://example.com" },
      /^BOOKIO_BASE_URL/m
    ],
    [
      "a wrong time",
      () => writeKeys(key("a")),
      { BOOKIO_GATEWAY_CACHE_ROWS: "soon" },
      /^BOOKIO_GATEWAY_CACHE_ROWS must/m
    ]
  ]
  for (const [what, prepare, env, line] of wrong) {
    it(`does not start with ${what}, and says so`, async () => {
      prepare()
      const error = await gateway(upstream.url, env).then(
        () => undefined,
        (error: unknown) => error
      )
      assert.instanceOf(error, NotStarted)
      assert.strictEqual((error as NotStarted).ended.code, 78)
      assert.match((error as NotStarted).stderr, line)
      assert.strictEqual((error as NotStarted).stderr.trim().split("\n").length, 1)
    })
  }
})
