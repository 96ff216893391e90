/**
 * The change feed of a gateway process whose upstream knows nothing of it: killed and started again while changes are made
 * past it, with its upstream away for a while. Each change is told once, and none is missing.
 */
import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import type { ProxyProcess } from "../../src/Proxy.ts"
import { base, booking, clinic, idsOf, makeClient, seedOf, start, temporaryFolder } from "../process/Support.ts"

const seed = seedOf(
  clinic("Clinic", "Europe/Bratislava", [{ name: "Group", duration: 60, capacity: 1000 }]),
  clinic("Other", "Europe/Bratislava", [{ name: "Group", duration: 60, capacity: 1000 }])
)

const key = (name: string, facilities: ReadonlyArray<number>) => ({
  name,
  sha256: createHash("sha256").update(`key-of-${name}`).digest("hex"),
  facilities,
  access: "write",
  upstreamToken: `$\{UPSTREAM_TOKEN}`
})

/** An upstream that can be started again, and what starts a gateway before it, both always on the same databases. */
const world = async (extensions: "true" | "false") => {
  const folder = temporaryFolder()
  const keys = join(folder, "keys.json")
  writeFileSync(keys, JSON.stringify({ keys: [key("practice", [1]), key("both", [1, 2])] }))
  const upstream = (port = "0") =>
    start({ seed, env: { BOOKIO_DATABASE: `sqlite:${join(folder, "upstream.db")}`, BOOKIO_PROXY_PORT: port } })
  const gateway = (url: string) =>
    start({
      env: {
        BOOKIO_BACKEND: "remote",
        BOOKIO_BASE_URL: `${url}${base}`,
        BOOKIO_EXTENSIONS: extensions,
        BOOKIO_REQUESTS_PER_MINUTE: "1000000",
        BOOKIO_GATEWAY_POLL: "100 millis",
        BOOKIO_GATEWAY_KEYS: keys,
        BOOKIO_GATEWAY_DATABASE: `sqlite:${join(folder, "gateway.db")}`,
        UPSTREAM_TOKEN: "cgm"
      }
    })
  return { upstream, gateway }
}

interface Told {
  readonly id: number
  readonly kind: string
  readonly about: string
}

/** All that the feed has for a key, and its end. */
const read = async (proxy: ProxyProcess, after: number, name = "practice") => {
  const response = await fetch(`${proxy.url}/ext/v1/events?follow=false`, {
    headers: { authorization: `Bearer key-of-${name}`, ...(after === 0 ? {} : { "last-event-id": String(after) }) }
  })
  const text = await response.text()
  assert.strictEqual(response.status, 200, text)
  let last = after
  let hasGap = false
  const told: Array<Told> = []
  for (const message of text.split("\n\n")) {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(message)?.[1]
    const [id, kind, data] = [field("id"), field("event"), field("data")]
    if (id !== undefined && id !== "") last = Number(id)
    if (kind === "gap") hasGap = true
    if (kind === undefined || kind === "gap" || kind === "position") continue
    const event = JSON.parse(data ?? "{}") as { reservationId?: number; blockedTimeId?: number }
    told.push({ id: Number(id), kind, about: `${kind} ${event.reservationId ?? event.blockedTimeId}` })
  }
  return { hasGap, last, told }
}

/** Reads until what is there is as wanted. */
const until = async <A>(ask: () => Promise<A>, isIt: (answer: A) => boolean): Promise<A> => {
  const startedMs = Date.now()
  for (;;) {
    const answer = await ask()
    if (isIt(answer)) return answer
    assert.isBelow(Date.now() - startedMs, 40_000, JSON.stringify(answer).slice(0, 2000))
    await wait(50)
  }
}

describe.each([
  ["listings", "false"],
  ["its feed", "true"]
] as const)("a gateway that watches its upstream by %s", (_, extensions) => {
  it("tells each change once, through crashes of its own and while the upstream is away", async () => {
    const { gateway, upstream } = await world(extensions)
    let server = await upstream()
    const client = makeClient(server.url)
    const service = await (await idsOf(client)).service("Clinic", "Group")
    const make = async (path: string, body: object) => {
      const { result, status } = await client.send("POST", `${base}${path}`, body)
      assert.strictEqual(status, 200)
      return (result.data?.reservationId ?? result.data?.blockedTimeId) as number
    }
    const book = (n: number) => make("/reservations", booking(n, 1, service, "2030-05-06T10:00:00"))
    // These are there before it.
    for (let n = 1; n <= 130; n++) await book(n)

    let proxy = await gateway(server.url)
    const { last } = await until(
      () => read(proxy, 0),
      ({ hasGap }) => hasGap
    )
    const again = async () => {
      await proxy.kill()
      proxy = await gateway(server.url)
    }
    const expected: Array<string> = []
    const reservations: Array<number> = []
    const blockedTimes: Array<number> = []
    const arrive = () =>
      until(
        () => read(proxy, last),
        ({ told }) => expected.every((one) => told.some(({ about }) => about === one))
      )

    for (let n = 1; n <= 24; n++) {
      const id = await book(1000 + n)
      reservations.push(id)
      expected.push(`reservation.created ${id}`)
      if (n % 4 === 0) {
        const from = `2031-05-${String(n).padStart(2, "0")}`
        const body = { dateFrom: from, dateTo: from, note: "", externalId: n, facilityId: 1 }
        const blockedTimeId = await make("/blocked-times", body)
        blockedTimes.push(blockedTimeId)
        expected.push(`blockedTime.created ${blockedTimeId}`)
      }
      if (n % 9 === 0) await again()
    }
    await arrive()

    // The upstream is away, and changes are made before the gateway sees it again.
    const port = new URL(server.url).port
    await server.stop()
    server = await upstream(port)
    for (const [index, id] of reservations.entries()) {
      const { status } = await client.send("PUT", `${base}/reservations/${id}/status`, { status: "CANCELLED" })
      assert.strictEqual(status, 200)
      expected.push(`reservation.changed ${id}`)
      if (index === 12) await again()
    }
    await arrive()
    for (const id of blockedTimes.slice(0, 3)) {
      const { status } = await client.send("DELETE", `${base}/blocked-times/${id}`)
      assert.strictEqual(status, 200)
      expected.push(`blockedTime.removed ${id}`)
    }
    await again()
    await arrive()
    // What is no change.
    const confirm = { externalId: 1001 }
    await client.send("PUT", `${base}/reservations/${reservations[0]}/sync`, confirm)
    const marker = await make("/reservations", booking(5000, 1, service, "2030-05-07T10:00:00"))
    expected.push(`reservation.created ${marker}`)
    await arrive()
    await again()
    const { hasGap, told } = await arrive()
    assert.isFalse(hasGap)
    assert.deepStrictEqual(told.map(({ about }) => about).sort(), [...expected].sort())
    const ids = told.map(({ id }) => id)
    assert.deepStrictEqual(
      ids,
      [...ids].sort((a, b) => a - b)
    )
    // Resumed anywhere, it goes on there.
    const middle = ids[20] as number
    assert.deepStrictEqual((await read(proxy, middle)).told, told.slice(21))
    assert.deepStrictEqual(await proxy.stop(), { code: 0, signal: null })
  }, 120_000)
})
