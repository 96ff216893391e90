/** Writes through a gateway process that are repeated, cut off and counted, with a relay before its upstream that disturbs. */
import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { createServer, request } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { assert, describe, it, onTestFinished } from "vitest"
import type { ProxyProcess } from "../../src/Proxy.ts"
import {
  type Answer,
  base,
  booking,
  type Client,
  clinic,
  idsOf,
  makeClient,
  seedOf,
  start,
  temporaryFolder
} from "../process/Support.ts"

const seed = seedOf(clinic("Clinic", "Europe/Bratislava", [{ name: "Group", duration: 60, capacity: 1000 }]))
const path = `${base}/reservations`
const ten = "2030-05-06T10:00:00"

/** What a relay does with a creation: hands it on, or hands it on and keeps the answer, or answers itself. */
type Fault = "none" | "keepAnswer" | 429

/** A relay before a server, which tells when it has kept an answer. */
const relayTo = async (url: string) => {
  let fault: Fault = "none"
  let kept = () => {}
  const server = createServer((incoming, outgoing) => {
    const isCreation = incoming.method === "POST"
    if (isCreation && fault === 429) {
      incoming.resume()
      outgoing.writeHead(429, { "retry-after": "60" }).end()
      return
    }
    const { headers, method } = incoming
    const forwarded = request(`${url}${incoming.url}`, { method: method as string, headers }, (answer) => {
      if (isCreation && fault === "keepAnswer") {
        answer.resume().once("end", () => kept())
        return
      }
      outgoing.writeHead(answer.statusCode as number, answer.headers)
      answer.pipe(outgoing)
    })
    forwarded.once("error", () => outgoing.destroy())
    incoming.pipe(forwarded)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (next: Fault) => {
      fault = next
      return new Promise<void>((resolve) => {
        kept = resolve
      })
    }
  }
}

const key = (name: string, access = "write") => ({
  name,
  sha256: createHash("sha256").update(`key-of-${name}`).digest("hex"),
  facilities: [1],
  access,
  upstreamToken: `$\{UPSTREAM_TOKEN}`
})

/** An upstream, a relay before it, and what starts a gateway before that, always on the same database. */
const world = async () => {
  const upstream = await start({ seed })
  const relay = await relayTo(upstream.url)
  const folder = temporaryFolder()
  const keys = join(folder, "keys.json")
  writeFileSync(keys, JSON.stringify({ keys: [key("practice"), key("twin"), key("owner", "admin")] }))
  const gateway = () =>
    start({
      env: {
        BOOKIO_BACKEND: "remote",
        BOOKIO_BASE_URL: `${relay.url}/public/api/v1`,
        BOOKIO_EXTENSIONS: "true",
        BOOKIO_TIMEOUT: "3 seconds",
        BOOKIO_REQUEST_TIMEOUT: "2 seconds",
        BOOKIO_GATEWAY_KEYS: keys,
        BOOKIO_GATEWAY_DATABASE: `sqlite:${join(folder, "gateway.db")}`,
        UPSTREAM_TOKEN: "cgm"
      }
    })
  const direct = makeClient(upstream.url)
  const service = await (await idsOf(direct)).service("Clinic", "Group")
  return { direct, gateway, relay, bodyOf: (n: number) => booking(n, 1, service, ten) }
}

const as = (proxy: ProxyProcess, name: string) => makeClient(proxy.url, `key-of-${name}`)

const keyed = (client: Client, key: string, body: unknown): Promise<Answer> =>
  client.send("POST", path, body, { "idempotency-key": key })

const isReplay = ({ headers }: Answer) => headers["idempotency-replayed"] === "true"

interface Line {
  readonly operation: string
  readonly status: number
  readonly tokenId: number
  readonly reservationId?: number
  readonly facilityId?: number
}

const auditOf = async (proxy: ProxyProcess): Promise<ReadonlyArray<Line>> => {
  const { result, status } = await as(proxy, "owner").send("GET", "/ext/v1/audit")
  assert.strictEqual(status, 200)
  return (result.data as { entries: ReadonlyArray<Line> }).entries
}

describe("an Idempotency-Key at a gateway", () => {
  it("MUST give the first answer again, make one of many at once, and leave one line each", async () => {
    const { bodyOf, direct, gateway } = await world()
    const first = await gateway()
    const practice = as(first, "practice")
    const answer = await keyed(practice, "planted-key", bodyOf(1))
    const again = await keyed(practice, "planted-key", bodyOf(1))
    assert.deepStrictEqual([answer.status, isReplay(answer)], [200, false])
    assert.deepStrictEqual([again.status, again.text, isReplay(again)], [200, answer.text, true])
    const other = await keyed(practice, "planted-key", bodyOf(2))
    assert.deepStrictEqual([other.status, other.result.errorCode], [400, 10])
    const many = await Promise.all(Array.from({ length: 20 }, () => keyed(practice, "many", bodyOf(2))))
    assert.strictEqual(new Set(many.map(({ status, text }) => `${status} ${text}`)).size, 1)
    assert.strictEqual(many.filter((one) => !isReplay(one)).length, 1)
    // Of another key it is another, and its externalId is taken.
    assert.strictEqual((await keyed(as(first, "twin"), "planted-key", bodyOf(1))).result.errorCode, 40)
    assert.strictEqual((await direct.all("/reservations", "reservations")).length, 2)

    const { result } = await practice.send("GET", "/ext/v1/audit")
    assert.strictEqual(result.errorCode, 403)
    const lines = await auditOf(first)
    assert.deepStrictEqual(
      lines.map(({ facilityId, operation, status }) => [operation, facilityId, status]),
      [200, 400, 200, 400].map((status) => ["createReservation", 1, status])
    )
    assert.strictEqual(lines[0]?.reservationId, answer.result.data?.reservationId)
    assert.deepStrictEqual(
      [lines[0]?.tokenId === lines[2]?.tokenId, lines[0]?.tokenId === lines[3]?.tokenId],
      [true, false]
    )

    const metrics = await (await fetch(`${first.url}/metrics`)).text()
    assert.match(metrics, /^bookio_gateway_repeats_total\{[^}]*result="replayed"[^}]*\} 20$/m)
    for (const name of ["bookio_gateway_queue_length", "bookio_gateway_index_ids_total"]) assert.include(metrics, name)
    assert.notMatch(metrics, /planted|key-of|person1/)
    assert.deepStrictEqual(await first.stop(), { code: 0, signal: null })
    assert.notMatch(first.stderr(), /planted|key-of/)

    const second = await gateway()
    const later = await keyed(as(second, "practice"), "planted-key", bodyOf(1))
    assert.deepStrictEqual([later.status, later.text, isReplay(later)], [200, answer.text, true])
    assert.deepStrictEqual(await auditOf(second), lines)
  }, 60_000)

  it("MUST look up what was interrupted by kill -9 after the upstream did it, and answer as the first would have", async () => {
    const { bodyOf, direct, gateway, relay } = await world()
    const first = await gateway()
    const expected = await keyed(as(first, "practice"), "other", bodyOf(1))
    const kept = relay.set("keepAnswer")
    const cut = keyed(as(first, "practice"), "k", bodyOf(2)).catch(() => "cut")
    await kept
    await first.kill()
    assert.strictEqual(await cut, "cut")
    void relay.set("none")
    const second = await gateway()
    const repeated = await keyed(as(second, "practice"), "k", bodyOf(2))
    const rows = await direct.all("/reservations", "reservations")
    assert.strictEqual(rows.length, 2)
    assert.strictEqual(
      repeated.text,
      expected.text
        .replace(`${expected.result.data?.reservationId}`, `${rows[1]?.id}`)
        .replace(`"externalId":1`, `"externalId":2`)
    )
    const again = await keyed(as(second, "practice"), "k", bodyOf(2))
    assert.deepStrictEqual([again.text, isReplay(again)], [repeated.text, true])
    assert.deepStrictEqual(
      (await auditOf(second)).map(({ reservationId, status }) => [status, reservationId]),
      [
        [200, rows[0]?.id],
        [504, undefined],
        [200, rows[1]?.id]
      ]
    )
  }, 60_000)

  it("MUST keep nothing of a refusal to work, and be free for the same request", async () => {
    const { bodyOf, direct, gateway, relay } = await world()
    const practice = as(await gateway(), "practice")
    void relay.set(429)
    assert.strictEqual((await keyed(practice, "k", bodyOf(1))).status, 429)
    void relay.set("none")
    const answer = await keyed(practice, "k", bodyOf(1))
    assert.deepStrictEqual([answer.status, isReplay(answer)], [200, false])
    assert.strictEqual((await direct.all("/reservations", "reservations")).length, 1)
  }, 60_000)
})
