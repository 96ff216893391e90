/**
 * Webhooks of a gateway process: they are the client key's, tell of changes that are made past the gateway, live through
 * kill -9, and end with their key.
 */
import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { assert, describe, it, onTestFinished } from "vitest"
import { base, booking, clinic, idsOf, makeClient, seedOf, start, temporaryFolder } from "../process/Support.ts"

const seed = seedOf(
  clinic("Clinic", "Europe/Bratislava", [{ name: "Group", duration: 60, capacity: 1000 }]),
  clinic("Other", "Europe/Bratislava", [{ name: "Group", duration: 60, capacity: 1000 }])
)
const hooks = "/ext/v1/webhooks"

const key = (name: string, access: string, facilities: ReadonlyArray<number>) => ({
  name,
  sha256: createHash("sha256").update(`key-of-${name}`).digest("hex"),
  facilities,
  access,
  upstreamToken: `$\{UPSTREAM_TOKEN}`
})
const [first, second, writer] = [
  key("first", "admin", [1]),
  key("second", "admin", [1, 2]),
  key("writer", "write", [1])
]

/** A receiver, which tells by path what of a reservation it was told. */
const receive = async () => {
  const received: Array<string> = []
  let wake = () => {}
  const server = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (part: string) => {
      body += part
    })
    request.on("end", () => {
      const event = JSON.parse(body) as { readonly reservationId?: number }
      received.push(`${request.url} ${event.reservationId}`)
      response.writeHead(204).end()
      wake()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    until: (...messages: ReadonlyArray<string>) =>
      new Promise<void>((resolve) => {
        wake = () => {
          if (messages.every((message) => received.includes(message))) resolve()
        }
        wake()
      })
  }
}

const world = async () => {
  const folder = temporaryFolder()
  const file = join(folder, "keys.json")
  const keep = (...keys: ReadonlyArray<ReturnType<typeof key>>) => writeFileSync(file, JSON.stringify({ keys }))
  keep(first, second, writer)
  const upstream = await start({ seed })
  const gateway = (env: Readonly<Record<string, string>> = { BOOKIO_GATEWAY_POLL: "100 millis" }) =>
    start({
      env: {
        BOOKIO_BACKEND: "remote",
        BOOKIO_BASE_URL: `${upstream.url}${base}`,
        BOOKIO_EXTENSIONS: "true",
        BOOKIO_REQUESTS_PER_MINUTE: "1000000",
        BOOKIO_GATEWAY_KEYS: file,
        BOOKIO_GATEWAY_DATABASE: `sqlite:${join(folder, "gateway.db")}`,
        BOOKIO_WEBHOOK_LOOPBACK: "true",
        UPSTREAM_TOKEN: "cgm",
        ...env
      }
    })
  const client = makeClient(upstream.url)
  onTestFinished(client.close)
  const ids = await idsOf(client)
  const services = [await ids.service("Clinic", "Group"), await ids.service("Other", "Group")]
  const book = async (n: number, facility = 1) => {
    const { result, status } = await client.send(
      "POST",
      `${base}/reservations`,
      booking(n, facility, services[facility - 1] as number, "2030-05-06T10:00:00")
    )
    assert.strictEqual(status, 200)
    return result.data?.reservationId as number
  }
  return { keep, gateway, book }
}

const ask = async (url: string, name: string, method = "GET", path = hooks, body?: unknown) => {
  const client = makeClient(url, `key-of-${name}`)
  const answer = await client.send(method, path, body)
  client.close()
  return answer
}

const listed = async (url: string, name: string) =>
  ((await ask(url, name)).result.data as unknown as { readonly webhooks: ReadonlyArray<{ readonly id: number }> })
    .webhooks.length

/** Asks until it is as wanted; the test's time limit is the limit. */
const eventually = async (isSo: () => Promise<boolean>) => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 100))
}

describe("webhooks of a gateway", () => {
  it("are not there where the upstream is not watched", async () => {
    const { gateway } = await world()
    const proxy = await gateway({})
    assert.strictEqual((await ask(proxy.url, "first")).status, 404)
    assert.strictEqual((await ask(proxy.url, "first", "POST", hooks, { url: "https://hook.example/" })).status, 404)
    assert.strictEqual((await ask(proxy.url, "writer")).status, 403)
  })

  it("tell their key's facilities only, past kill -9 too, until the key is revoked", { timeout: 90_000 }, async () => {
    const { book, gateway, keep } = await world()
    const { received, until, url } = await receive()
    let proxy = await gateway()
    // The feed of both facilities has begun.
    await eventually(async () => {
      const answer = await ask(proxy.url, "second", "GET", "/ext/v1/events?follow=false")
      return /event: gap/.test(answer.text)
    })
    const make = async (name: string) => {
      const { result, text } = await ask(proxy.url, name, "POST", hooks, { url: `${url}/${name}` })
      assert.isTrue(result.success, text)
    }
    await make("second")
    await make("first")
    assert.strictEqual((await ask(proxy.url, "writer")).status, 403)
    assert.deepStrictEqual([await listed(proxy.url, "first"), await listed(proxy.url, "second")], [1, 1])
    const audit = (await ask(proxy.url, "first", "GET", "/ext/v1/audit")).text
    assert.strictEqual(audit.match(/createWebhook/g)?.length, 1)
    const [one, two] = [await book(1), await book(2, 2)]
    await until(`/first ${one}`, `/second ${one}`, `/second ${two}`)

    await proxy.kill()
    const [three, four] = [await book(3), await book(4, 2)]
    proxy = await gateway()
    await until(`/first ${three}`, `/second ${three}`, `/second ${four}`)
    assert.deepStrictEqual([await listed(proxy.url, "first"), await listed(proxy.url, "second")], [1, 1])
    assert.notInclude(received, `/first ${two}`)
    assert.notInclude(received, `/first ${four}`)

    keep(second)
    await eventually(async () => (await ask(proxy.url, "first")).status === 401)
    const five = await book(5)
    await until(`/second ${five}`)
    assert.notInclude(received, `/first ${five}`)
    // With the key it goes on where it was.
    keep(first, second)
    await until(`/first ${five}`)
    assert.notInclude(proxy.stderr(), `"ERROR"`)
  })
})
