/** Webhooks of a real process, received by a real server: signed, without personal data, and none lost over kill -9. */
import { createHmac } from "node:crypto"
import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { assert, describe, it, onTestFinished } from "@effect/vitest"
import { base, booking, type Client, clinic, idsOf, makeClient, seedOf, start, temporaryFolder } from "./Support.ts"

const clinics = seedOf(clinic("Clinic", "Europe/Bratislava", [{ name: "Group", duration: 60, capacity: 1000 }]))
const token = (access: string) => ({ token: access, access })
const seed = {
  ...clinics,
  channels: [
    { name: "cgm", facilities: ["Clinic"], tokens: [token("admin"), token("write"), token("read"), token("book")] },
    { name: "other", facilities: [], tokens: [{ token: "stranger", access: "admin" }] }
  ]
}
const allowed = { BOOKIO_WEBHOOK_LOOPBACK: "true" }
const hooks = "/ext/v1/webhooks"

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver that answers with a status, or not at all; `until` waits for what it has received. */
const receive = async (statusOf: () => number | undefined) => {
  const received: Array<Received> = []
  let wake = () => {}
  const server = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (part: string) => {
      body += part
    })
    request.on("end", () => {
      received.push({ headers: request.headers, body })
      const status = statusOf()
      if (status !== undefined) response.writeHead(status).end()
      wake()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    received,
    until: (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        wake = () => {
          if (holds()) resolve()
        }
        wake()
      })
  }
}

const create = async (client: Client, url: string) => {
  const { result, text } = await client.send("POST", hooks, { url })
  assert.isTrue(result.success, text)
  return result.data as unknown as { readonly webhookId: number; readonly secret: string }
}

/** As docs/webhooks.md has it. */
const verify = (secret: string, { body, headers }: Received): boolean => {
  const key = Buffer.from(secret.slice("whsec_".length), "base64")
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`
  const expected = `v1,${createHmac("sha256", key).update(signed).digest("base64")}`
  return String(headers["webhook-signature"]).split(" ").includes(expected)
}

const idIn = ({ body }: Received) => (JSON.parse(body) as { readonly reservationId?: number }).reservationId

describe("webhooks", () => {
  it("MUST tell of a booking, signed, with ids only, and MUST keep the secret to itself", async () => {
    const proxy = await start({ seed, env: { ...allowed, BOOKIO_LOG_LEVEL: "debug" } })
    const client = makeClient(proxy.url, "admin")
    onTestFinished(client.close)
    const ids = await idsOf(client)
    const { received, until, url } = await receive(() => 200)
    const { secret, webhookId } = await create(client, url)
    const person = { name: "Quokka", surname: "Quokkova", email: "quokka@example.com", phone: "+421907654321" }
    const facility = ids.facility("Clinic")
    const service = await ids.service("Clinic", "Group")
    const booked = await client.send("POST", `${base}/reservations`, {
      ...booking(1, facility, service, "2030-05-06T10:00:00"),
      ...person,
      note: "QuokkaNote"
    })
    await until(() => received.length === 1)
    const [message] = received as [Received]
    assert.isTrue(verify(secret, message))
    assert.isFalse(verify(`${secret.slice(0, -4)}AAA=`, message))
    const body = JSON.parse(message.body) as Record<string, unknown>
    assert.deepStrictEqual(Object.keys(body).toSorted(), ["at", "facilityId", "id", "kind", "reservationId"])
    assert.strictEqual(body.reservationId, booked.result.data?.reservationId)
    assert.notMatch(message.body, /quokka|907654321/i)
    const rotated = await client.send("PUT", `${hooks}/${webhookId}/secret`)
    const newSecret = (rotated.result.data as unknown as { readonly secret: string }).secret
    const listed = await client.send("GET", hooks)
    const audit = await client.send("GET", "/ext/v1/audit")
    assert.include(audit.text, "createWebhook")
    assert.include(audit.text, "rotateWebhookSecret")
    for (const text of [listed.text, audit.text, proxy.stdout(), proxy.stderr()]) {
      assert.notInclude(text, secret.slice(6))
      assert.notInclude(text, newSecret.slice(6))
    }
    assert.notInclude(proxy.stderr(), url)
  })

  it("MUST be for access admin, of the own channel, and to public https only, unless loopback is allowed", async () => {
    const proxy = await start({ seed })
    const codes = async (name: string, method: string, path: string, body?: unknown) => {
      const client = makeClient(proxy.url, name)
      const { result } = await client.send(method, path, body)
      client.close()
      return result.errorCode ?? "ok"
    }
    const url = "https://hook.example/in"
    for (const access of ["write", "read", "book"]) {
      assert.strictEqual(await codes(access, "GET", hooks), 403)
      assert.strictEqual(await codes(access, "POST", hooks, { url }), 403)
    }
    for (const wrong of [
      { url: "http://hook.example/in" },
      { url: "http://127.0.0.1:9/in" },
      { url: "https://user:secret@hook.example/" },
      { url: "https://hook.example/#part" },
      { url: "ftp://hook.example/" },
      { url: "hook.example" },
      { url: 5 },
      {},
      { url, kinds: [] },
      { url, kinds: ["reservation.created", "reservation.created"] },
      { url, kinds: ["reservation.sung"] }
    ]) {
      assert.strictEqual(await codes("admin", "POST", hooks, wrong), 10, JSON.stringify(wrong))
    }
    assert.strictEqual(await codes("stranger", "POST", hooks, { url, facilityId: 1 }), 403)
    assert.strictEqual(await codes("admin", "POST", hooks, { url, facilityId: 1 }), "ok")
    assert.strictEqual(await codes("stranger", "DELETE", `${hooks}/1`), 12)
    assert.strictEqual(await codes("admin", "PUT", `${hooks}/9/secret`), 12)
    assert.strictEqual(await codes("admin", "GET", `${hooks}/undelivered?limit=5`), "ok")
    assert.strictEqual(await codes("admin", "POST", `${hooks}/undelivered/1/redeliver`), 12)
    assert.strictEqual(await codes("admin", "DELETE", `${hooks}/1`), "ok")
    assert.strictEqual(await codes("admin", "DELETE", `${hooks}/1`), 12)
  })

  it("MUST NOT keep the process from ending while a receiver is silent", async () => {
    const proxy = await start({ seed, env: allowed })
    const client = makeClient(proxy.url, "admin")
    const ids = await idsOf(client)
    const { received, until, url } = await receive(() => undefined)
    await create(client, url)
    const service = await ids.service("Clinic", "Group")
    await client.send(
      "POST",
      `${base}/reservations`,
      booking(1, ids.facility("Clinic"), service, "2030-05-06T10:00:00")
    )
    await until(() => received.length === 1)
    client.close()
    // The receiver would be waited for until its 10 seconds are over, and an exit after a crash has another code.
    assert.deepStrictEqual(await proxy.stop(), { code: 0, signal: null })
    assert.notInclude(proxy.stderr(), "ERROR")
  })

  it("MUST lose nothing when the process is killed while its receiver fails", { timeout: 90_000 }, async () => {
    const database = `sqlite:${join(temporaryFolder(), "bookio.db")}`
    let status = 500
    const { received, until, url } = await receive(() => status)
    const proxy = await start({ seed, env: { ...allowed, BOOKIO_DATABASE: database } })
    const client = makeClient(proxy.url, "admin")
    const ids = await idsOf(client)
    const service = await ids.service("Clinic", "Group")
    const { secret } = await create(client, url)
    const booked = new Set<number>()
    for (let n = 1; n <= 40; n++) {
      const { result } = await client.send(
        "POST",
        `${base}/reservations`,
        booking(n, ids.facility("Clinic"), service, "2030-05-06T10:00:00")
      )
      booked.add(result.data?.reservationId as number)
    }
    // Some have failed, and some were never tried.
    await until(() => received.length >= 5)
    client.close()
    await proxy.kill()
    const failed = received.splice(0)
    status = 204
    await start({ seed, env: { ...allowed, BOOKIO_DATABASE: database } })
    const through = () => new Set(received.map(idIn))
    await until(() => through().size === booked.size)
    assert.deepStrictEqual(through(), booked)
    assert.isTrue(received.every((message) => verify(secret, message)))
    const idsOfMessages = new Map(received.map((message) => [idIn(message), message.headers["webhook-id"]]))
    for (const message of failed) {
      assert.strictEqual(message.headers["webhook-id"], idsOfMessages.get(idIn(message)))
    }
  })
})
