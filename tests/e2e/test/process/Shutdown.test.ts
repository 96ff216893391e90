import { Agent, type ClientRequest, request } from "node:http"
import { connect } from "node:net"
import { join } from "node:path"
import { assert, describe, it, onTestFinished } from "@effect/vitest"
import {
  base,
  booking,
  clinic,
  idsOf,
  makeClient,
  type Result,
  type Row,
  seedOf,
  start,
  temporaryFolder
} from "./Support.ts"

const seed = seedOf(clinic("Clinic", "Europe/Bratislava", [{ name: "Group", duration: 60, capacity: 1000 }]))

interface Begun {
  /** Sends the body. */
  readonly finish: () => void
  /** The answer, or what became of the connection. */
  readonly answer: Promise<
    | { readonly status: number; readonly connection: string | undefined; readonly result: Result }
    | { readonly error: string }
  >
}

// Clients keep their connections, and these must not hold the server when they have been answered.
const kept = new Agent({ keepAlive: true })

/** A creation of which the server has begun to read: it has said that the body may come (100 Continue), and waits. */
const begin = (url: string, body: unknown): Promise<Begun> =>
  new Promise((resolve) => {
    const text = JSON.stringify(body)
    const sent: ClientRequest = request(`${url}${base}/reservations`, {
      method: "POST",
      agent: kept,
      headers: {
        authorization: "Bearer cgm",
        expect: "100-continue",
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text)
      }
    })
    const answer: Begun["answer"] = new Promise((resolve) => {
      sent.once("error", (error) => resolve({ error: error.message }))
      sent.once("response", (response) => {
        let received = ""
        response.setEncoding("utf8").on("data", (part: string) => {
          received += part
        })
        response.once("end", () => {
          const { result } = JSON.parse(received) as { readonly result: Result }
          const { connection } = response.headers
          resolve({ status: response.statusCode as number, connection, result })
        })
      })
    })
    sent.once("continue", () => resolve({ finish: () => sent.end(text), answer }))
    sent.flushHeaders()
  })

/** What a new connection gets: `undefined` where it is accepted, else the error's code. */
const knock = (url: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.once("connect", () => {
      socket.destroy()
      resolve(undefined)
    })
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code))
  })

// What was accepted by the system and not yet by the server may be reset first.
const untilRefused = async (url: string) => {
  while ((await knock(url)) !== "ECONNREFUSED") {}
}

describe("shutdown", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("MUST answer what is in flight at %s and exit with 0", async (signal) => {
    const folder = temporaryFolder()
    const options = { seed, env: { BOOKIO_DATABASE: `sqlite:${join(folder, "bookio.db")}` } }
    const proxy = await start(options)
    const client = makeClient(proxy.url)
    const ids = await idsOf(client)
    const facility = ids.facility("Clinic")
    const service = await ids.service("Clinic", "Group")
    // The client's own connection is kept and idle from here on, this one has never sent a byte.
    const silent = connect(Number(new URL(proxy.url).port), "127.0.0.1")
    silent.once("error", () => {})
    onTestFinished(() => {
      silent.destroy()
    })
    const begun = await Promise.all(
      Array.from({ length: 60 }, (_, n) => begin(proxy.url, booking(n + 1, facility, service, "2030-05-06T10:00:00")))
    )
    process.kill(proxy.pid, signal)
    await untilRefused(proxy.url)
    for (const { finish } of begun) finish()
    const answers = await Promise.all(begun.map(({ answer }) => answer))
    assert.deepStrictEqual(
      answers.filter((answer) => !("result" in answer && answer.result.success && answer.connection === "close")),
      []
    )
    assert.deepStrictEqual(await proxy.ended, { code: 0, signal: null })
    assert.notInclude(proxy.stderr(), "ERROR")
    const next = await start(options)
    const kept = await makeClient(next.url).all("/reservations", "reservations")
    assert.sameMembers(
      kept.map(({ id }) => id),
      answers.map((answer) => ("result" in answer ? answer.result.data?.reservationId : undefined))
    )
  })

  it("MUST exit although a client keeps asking on a kept connection", async () => {
    const proxy = await start({ seed })
    const client = makeClient(proxy.url, "cgm", 1)
    let asked = 0
    const asking = (async () => {
      while (true) {
        const { status } = await client.send("GET", `${base}/facilities/cgm`)
        assert.strictEqual(status, 200)
        asked += 1
        if (asked === 20) process.kill(proxy.pid, "SIGTERM")
      }
    })()
    const refused = await asking.catch((error: NodeJS.ErrnoException) => error.code)
    assert.include(["ECONNREFUSED", "ECONNRESET"], refused)
    assert.deepStrictEqual(await proxy.ended, { code: 0, signal: null })
  })

  it("MUST keep everything over a second start of the demonstration, and apply nothing twice", async () => {
    const folder = temporaryFolder()
    const env = { BOOKIO_SEED: "demo:7", BOOKIO_DATABASE: `sqlite:${join(folder, "bookio.db")}` }
    const tokens = ["demo", "demo-web", "demo-sync"]
    const all = async (url: string) => {
      const seen: Record<string, unknown> = {}
      for (const token of tokens) {
        const client = makeClient(url, token)
        seen[token] = {
          facilities: (await client.send("GET", `${base}/facilities/cgm`)).result,
          calendars: (await client.send("GET", `${base}/calendars`)).result,
          reservations: await client.all("/reservations", "reservations"),
          blockedTimes: await client.all("/blocked-times", "blockedTimes")
        }
      }
      return seen as Record<string, { readonly reservations: ReadonlyArray<Row> }>
    }
    const first = await start({ env })
    const before = await all(first.url)
    assert.isAbove(before.demo!.reservations.length, 50)
    const cancelled = before.demo!.reservations.find(({ status }) => status === "CONFIRMED") as Row
    const client = makeClient(first.url, "demo")
    const path = `${base}/reservations/${cancelled.id}/status`
    assert.isTrue((await client.send("PUT", path, { status: "CANCELLED" })).result.success)
    const changed = await all(first.url)
    assert.deepStrictEqual(await first.stop(), { code: 0, signal: null })
    const second = await start({ env })
    assert.deepStrictEqual(await all(second.url), changed)
  })
})
