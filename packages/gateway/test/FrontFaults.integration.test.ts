/** Whatever an upstream sends, and when, is told as behind the router: no answer of these depends on what the machine has to do. */
import { createServer, request, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { api, get, told } from "./FrontSupport.ts"
import { type SetClock, setClock } from "./SetClock.ts"
import { gatewayServer, logged } from "./Stack.ts"
import * as It from "./Support.ts"

const table = It.keys(It.key("practice"))

/** Answers a request; `ahead` sets the gateway's clock ahead. */
type Script = (response: ServerResponse, ahead: SetClock["ahead"]) => void

/** An upstream that answers listings by a script, its last line over and over, and all else with an empty success. */
const scripted = (script: ReadonlyArray<Script>, ahead: SetClock["ahead"] = () => {}) =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<{ url: string; asked: () => number; close: () => void }>((resolve) => {
          let asked = 0
          const server = createServer((request, response) => {
            response.on("error", () => {})
            const line = script[Math.min(asked, script.length - 1)]
            if (request.url?.includes("lastSync") !== true) return void response.end(emptyFacilities)
            asked += 1
            line?.(response, ahead)
          }).listen(0, "127.0.0.1", () => {
            const { port } = server.address() as AddressInfo
            const close = () => {
              server.closeAllConnections()
              server.close()
            }
            resolve({ url: `http://127.0.0.1:${port}`, asked: () => asked, close })
          })
        })
    ),
    ({ close }) => Effect.sync(close)
  )

const emptyFacilities = JSON.stringify({ result: { success: true, data: { facilities: [] } } })

const row = {
  id: 7,
  name: "Jano Žltý",
  service: 3,
  duration: 30,
  created: "2027-05-01T12:00:00",
  dateFrom: "2027-06-01T12:00:00",
  dateTo: "2027-06-01T12:30:00",
  needsSync: true,
  facilityId: 1,
  status: "CONFIRMED"
}
const page = (given: object = {}) => ({
  result: {
    success: true,
    data: { pagination: { total: 1, offset: 0, limit: 100 }, reservations: [{ ...row, ...given }] }
  }
})
const answer =
  (body: string | Uint8Array, status = 200, headers: { readonly [name: string]: string } = {}): Script =>
  (response) =>
    void response.writeHead(status, { "content-type": "application/json", ...headers }).end(body)
const json = (value: unknown, status = 200, headers: { readonly [name: string]: string } = {}) =>
  answer(JSON.stringify(value), status, headers)
const refusal = (errorCode: number) => ({ result: { success: false, errors: ["no"], errorCode } })
const good = json(page())

/** What no repeat can help, or need. */
const final: { readonly [name: string]: Script } = {
  "a page": good,
  "a page of status 201": json(page(), 201),
  "a page under another content type": answer(JSON.stringify(page()), 200, { "content-type": "text/plain" }),
  "a page behind spaces": answer(`  ${JSON.stringify(page())}`),
  "a page behind a byte order mark": answer(`\ufeff${JSON.stringify(page())}`),
  "a page with a warning": json({ result: { ...page().result, errors: ["careful"] } }),
  "a page with more beside it": json({ ...page(), more: 1 }),
  "a page in two pieces": (response) => {
    const text = Buffer.from(JSON.stringify(page()))
    response.writeHead(200, { "content-type": "application/json" })
    // Long enough to be read as two; what is compared is the same where it was not.
    response.write(text.subarray(0, 100), () => setTimeout(() => response.end(text.subarray(100)), 20))
  },
  "a failure": json({ result: { success: false, errorCode: 666 } }, 500),
  "a failure of status 200": json({ result: { success: false } }),
  "a refused token": json(refusal(20), 401),
  "a refused facility": json(refusal(403), 403),
  "too many requests": answer("slow down", 429, { "retry-after": "60" })
}

/** What a repeat can help. */
const passing: { readonly [name: string]: Script } = {
  "no page at all": json({ result: { success: true, data: {} } }),
  "a row of the wrong form": json(page({ status: "MAYBE" })),
  "a row without an id": json(page({ id: undefined })),
  "a cut body": (response) => {
    response.writeHead(200, { "content-length": 1000 })
    response.write("{", () => response.destroy())
  },
  "half of the JSON": answer(JSON.stringify(page()).slice(0, 60)),
  "bytes that are no UTF-8": answer(Buffer.from(JSON.stringify(page()), "latin1")),
  "an HTML page": answer("<html></html>", 200, { "content-type": "text/html" }),
  "an HTML page of a load balancer": answer("<html></html>", 502, { "content-type": "text/html" }),
  "an empty body": answer(""),
  "no content": answer("", 204),
  "a reset": (response) => response.socket?.resetAndDestroy(),
  "a redirect": answer("", 307, { location: "http://127.0.0.1:1/" }),
  "too many requests, for no time": answer("slow down", 429, { "retry-after": "0" }),
  "an overload": json({ result: { success: false, errorCode: 666, reason: "Overloaded" } }, 503),
  silence: (_, ahead) => ahead(10_000)
}

describe("what an upstream may send", () => {
  const path = `${api}/reservations?facilityId=1&lastSync=0`

  /** What a second request is told, and what the upstream was asked for it; the first connects, and is served behind. */
  const asked = (script: ReadonlyArray<Script>, given: object, { ahead, clock }: SetClock, hasFront: boolean) =>
    Effect.gen(function* () {
      const server = yield* scripted([good, ...script], ahead)
      const options = { ...given, breakerFailures: 100 }
      const gateway = yield* Effect.provideService(
        gatewayServer(server.url, table, {}, options, hasFront),
        Clock.Clock,
        clock
      )
      assert.strictEqual((yield* get(gateway.url, path, "practice")).status, 200)
      const { body, headers, status } = told(yield* get(gateway.url, path, "practice", { "x-request-id": "same" }))
      const { "content-length": _, ...rest } = headers
      assert.strictEqual(gateway.relayed(), hasFront ? 1 : 0)
      return { times: server.asked() - 1, status, headers: rest, body: JSON.parse(body) }
    })
  // No time passes but in silence, and a repeat does not fit into what there is.
  const once = (script: Script, hasFront: boolean) =>
    asked([script], { requestTimeout: "100 millis", timeout: "100 millis" }, setClock({ standsStill: true }), hasFront)
  // Time passes, and there is much of it but in silence.
  const patient = { requestTimeout: "10 seconds", timeout: "1 minute" } as const
  const again = (script: ReadonlyArray<Script>, hasFront: boolean) => asked(script, patient, setClock(), hasFront)

  for (const [name, fault] of Object.entries({ ...final, ...passing })) {
    it.live(`${name} is told as behind the router`, () =>
      Effect.gen(function* () {
        const behind = yield* once(fault, false)
        assert.strictEqual(behind.times, 1)
        assert.deepStrictEqual(yield* once(fault, true), behind)
      }).pipe(Effect.scoped)
    )

    it.live(`${name}, then a page, is told, or repeated, as behind the router`, () =>
      Effect.gen(function* () {
        const behind = yield* again([fault, good], false)
        assert.strictEqual(behind.times, name in passing ? 2 : 1)
        assert.deepStrictEqual(yield* again([fault, good], true), behind)
      }).pipe(Effect.scoped)
    )
  }

  it.live("gzip that nobody asked for is asked for again, by a client that can read it", () =>
    Effect.gen(function* () {
      const zipped = answer(gzipSync(JSON.stringify(page())), 200, { "content-encoding": "gzip" })
      const behind = yield* again([zipped], false)
      assert.deepStrictEqual(yield* again([zipped], true), { ...behind, times: 2 })
    }).pipe(Effect.scoped)
  )

  it.live("members of rows that the contract does not know, and null, are handed on as they came", () =>
    Effect.gen(function* () {
      const body = JSON.stringify(page({ note: null, novelty: [1] }))
      const server = yield* scripted([good, answer(body)])
      const gateway = yield* gatewayServer(server.url, table)
      yield* get(gateway.url, path, "practice")
      for (const _ of [1, 2]) assert.strictEqual((yield* get(gateway.url, path, "practice")).body, body)
      assert.strictEqual(gateway.answered.length, 2)
    }).pipe(Effect.scoped)
  )

  it.live("a caller who goes away frees his place, and the upstream's request ends", () =>
    Effect.gen(function* () {
      const gone = Promise.withResolvers<void>()
      const silent: Script = (response) => void response.once("close", () => gone.resolve())
      const server = yield* scripted([good, silent, good])
      const gateway = yield* gatewayServer(server.url, table, { concurrency: 1, queue: 0 }, patient)
      yield* get(gateway.url, path, "practice")
      const caller = request(`${gateway.url}${path}`, {
        headers: { authorization: `Bearer ${It.tokenOf("practice")}` }
      })
      caller.on("error", () => {})
      caller.end()
      while (server.asked() < 2) yield* Effect.sleep("5 millis")
      assert.strictEqual((yield* get(gateway.url, path, "practice")).status, 503)
      caller.destroy()
      yield* Effect.promise(() => gone.promise)
      assert.strictEqual((yield* get(gateway.url, path, "practice")).status, 200)
    }).pipe(Effect.scoped)
  )

  it.live("who waits for a place gets that of a relayed request", () =>
    Effect.gen(function* () {
      const queued = Promise.withResolvers<void>()
      const slowly: Script = (response, ahead) => void queued.promise.then(() => good(response, ahead))
      const server = yield* scripted([good, slowly, good])
      const gateway = yield* gatewayServer(server.url, table, { concurrency: 1, queue: 5 }, patient)
      yield* get(gateway.url, path, "practice")
      const asking = yield* Effect.forkChild(
        Effect.forEach([1, 2, 3], () => get(gateway.url, path, "practice"), { concurrency: 3 })
      )
      // That which connected, and the two for which there is no place.
      while (gateway.left() < 3) yield* Effect.sleep("2 millis")
      queued.resolve()
      const all = yield* Fiber.join(asking)
      assert.deepStrictEqual(
        all.map(({ status }) => status),
        [200, 200, 200]
      )
      assert.strictEqual(server.asked(), 4)
      assert.isAbove(gateway.relayed(), 0)
    }).pipe(Effect.scoped)
  )

  it.live("the time that the upstream took is in the access log, though its answer came before the router", () =>
    Effect.gen(function* () {
      const before = logged.length
      const { ahead, clock } = setClock({ standsStill: true })
      const slowly: Script = (response) => {
        ahead(120)
        json(refusal(403), 403)(response, ahead)
      }
      yield* Effect.scoped(
        Effect.gen(function* () {
          const server = yield* scripted([good, slowly])
          const gateway = yield* Effect.provideService(gatewayServer(server.url, table), Clock.Clock, clock)
          yield* get(gateway.url, path, "practice")
          yield* get(gateway.url, path, "practice", { "x-request-id": "slowly" })
          assert.strictEqual(gateway.relayed(), 1)
        })
      )
      const lines = logged.slice(before).join("").trim().split("\n")
      const line = lines.map((text) => JSON.parse(text)).find(({ requestId }) => requestId === "slowly")
      assert.strictEqual(line?.durationMs, 120)
    })
  )

  it.live("failures open the circuit, and a success closes it, wherever they are seen", () =>
    Effect.gen(function* () {
      const bad = json({ result: { success: false, errorCode: 666 } }, 500)
      const server = yield* scripted([good, good, bad, bad, bad, good])
      const { ahead, clock } = setClock({ standsStill: true })
      const times = { requestTimeout: "100 millis", timeout: "100 millis", breakerOpenTime: "2 seconds" } as const
      const options = { breakerFailures: 3, ...times }
      const gateway = yield* Effect.provideService(gatewayServer(server.url, table, {}, options), Clock.Clock, clock)
      const statuses: Array<number> = []
      const ask = Effect.map(get(gateway.url, path, "practice"), ({ status }) => void statuses.push(status))
      yield* Effect.repeat(ask, { times: 5 })
      // Nothing was asked any more.
      assert.deepStrictEqual(statuses, [200, 200, 500, 500, 500, 503])
      assert.strictEqual(server.asked(), 5)
      ahead(2000)
      yield* ask
      yield* ask
      assert.deepStrictEqual(statuses.slice(6), [200, 200])
      assert.strictEqual(server.asked(), 7)
    }).pipe(Effect.scoped)
  )
})
