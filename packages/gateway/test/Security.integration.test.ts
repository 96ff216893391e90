/** What a stranger, a curious key and a clumsy client get of a gateway over HTTP, and what of it is seen elsewhere. */
import { createServer, type IncomingHttpHeaders, request } from "node:http"
import type { AddressInfo } from "node:net"
import { withoutPersonalData } from "@bookio-kit/server/Tracing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Tracer } from "effect"
import { KeyRing } from "../src/Sessions.ts"
import { gatewayServer, logged, upstream } from "./Stack.ts"
import * as It from "./Support.ts"

const table = It.keys(
  It.key("practice"),
  It.key("reader", { access: "read" }),
  It.key("slow", { rate: { requestsPerSecond: 0.1, burst: 1 } })
)

const api = "/public/api/v1"

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const pairs = (list: ReadonlyArray<string>) =>
  Object.fromEntries(list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] ?? ""]] : [])))

/** Sends a request as it is written, which `fetch` would not; headers are names and values in turn. */
const send = (
  url: string,
  path: string,
  given: { method?: string; headers?: ReadonlyArray<string>; body?: string } = {}
) =>
  Effect.promise(
    () =>
      new Promise<Answer>((resolve, reject) => {
        const { hostname, port } = new URL(url)
        const sent = request(
          { hostname, port, path, method: given.method ?? "GET", headers: pairs(given.headers ?? []) },
          (response) => {
            let body = ""
            response.setEncoding("utf8").on("data", (text: string) => {
              body += text
            })
            response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
          }
        )
        sent.on("error", reject)
        sent.end(given.body)
      })
  )

const bearer = (name: string) => ["authorization", `Bearer ${It.tokenOf(name)}`]

const booking = (n: number, given: object = {}) =>
  JSON.stringify({
    name: "Plantedname",
    surname: "Plantedsurname",
    email: "planted@example.com",
    phone: "+421900123987",
    dateFrom: "2027-06-02T08:00:00",
    locale: "sk",
    externalId: 700 + n,
    serviceId: 1,
    note: "Planted note",
    facilityId: 1,
    ...given
  })

/** An upstream that keeps what it is sent, and has one facility. */
const recorder = Effect.acquireRelease(
  Effect.promise(async () => {
    const seen: Array<{ readonly url: string; readonly headers: IncomingHttpHeaders }> = []
    const facilities = [
      {
        id: 1,
        name: "One",
        address: { street: "S", city: "C", postcode: 1 },
        contact: {},
        timeZone: "Europe/Bratislava"
      }
    ]
    const server = createServer((incoming, response) => {
      seen.push({ url: incoming.url ?? "", headers: incoming.headers })
      response.setHeader("content-type", "application/json")
      response.end(JSON.stringify({ result: { success: true, data: { facilities } } }))
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    return { seen, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  }),
  ({ server }) =>
    Effect.promise(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
)

describe("a gateway", () => {
  it.live("sends the upstream its own token, and nothing of its caller's headers", () =>
    Effect.gen(function* () {
      const { seen, url: upstreamUrl } = yield* recorder
      const { url } = yield* gatewayServer(upstreamUrl, table)
      const { status } = yield* send(url, `${api}/facilities/cgm?lang=sk&token=smuggled`, {
        headers: [
          ...bearer("practice"),
          ...["x-forwarded-for", "127.0.0.1", "x-real-ip", "10.0.0.1", "forwarded", "for=127.0.0.1"],
          ...["cookie", "session=planted", "x-api-key", "planted", "proxy-authorization", "Basic planted"],
          ...["x-original-url", "/admin", "via", "planted", "connection", "keep-alive, x-api-key"]
        ]
      })
      assert.strictEqual(status, 200)
      assert.strictEqual(seen.length, 1)
      const [{ headers, url: path } = { headers: {}, url: "" }] = seen
      assert.strictEqual(path, `${api}/facilities/cgm?lang=sk`)
      assert.strictEqual(headers.authorization, `Bearer ${It.tokenOf("first-write")}`)
      const text = JSON.stringify(headers)
      for (const planted of ["planted", "smuggled", "10.0.0.1", It.tokenOf("practice")]) {
        assert.isFalse(text.includes(planted), planted)
      }
      for (const name of ["x-forwarded-for", "forwarded", "x-real-ip", "cookie", "via", "x-original-url"]) {
        assert.notProperty(headers, name)
      }
    }).pipe(Effect.scoped)
  )

  it.live("knows a key by the Authorization header only, once, and never the upstream's own token", () =>
    Effect.gen(function* () {
      const { seen, url: upstreamUrl } = yield* recorder
      const { url } = yield* gatewayServer(upstreamUrl, table)
      const key = It.tokenOf("practice")
      const path = `${api}/facilities/cgm`
      const strangers = [
        yield* send(url, path),
        yield* send(url, `${path}?token=${key}`),
        yield* send(url, `${path}?access_token=${key}&authorization=Bearer%20${key}`),
        yield* send(url, path, { headers: ["cookie", `token=${key}`, "x-api-key", key] }),
        yield* send(url, path, { headers: ["authorization", `Basic ${key}`] }),
        yield* send(url, path, { headers: ["authorization", `Bearer ${key} x`] }),
        yield* send(url, path, { headers: bearer("first-write") }),
        yield* send(url, path, { headers: bearer("nobody") }),
        yield* send(url, `${api}/nothing/here`, { headers: bearer("nobody") })
      ]
      for (const { body, headers, status } of strangers) {
        assert.strictEqual(status, 401)
        assert.include(body, '"errorCode":20')
        assert.deepInclude(headers, { "x-cache": "bypass", age: "0" })
        assert.notProperty(headers, "ratelimit-limit")
      }
      assert.deepStrictEqual(seen, [])
    }).pipe(Effect.scoped)
  )

  it.live("refuses a key at once after it was revoked", () =>
    Effect.gen(function* () {
      const { url: upstreamUrl } = yield* recorder
      const { services, url } = yield* gatewayServer(upstreamUrl, table)
      const ask = send(url, `${api}/facilities/cgm`, { headers: bearer("practice") })
      assert.strictEqual((yield* ask).status, 200)
      const ring = yield* Effect.provide(KeyRing, services)
      ring.replace(It.keys(It.key("reader")))
      // It is in the cache, and is not given from there.
      assert.strictEqual((yield* ask).status, 401)
    }).pipe(Effect.scoped)
  )

  it.live("lets a key that reads not write, whatever it says", () =>
    Effect.gen(function* () {
      const { services, url: upstreamUrl } = yield* upstream
      const { url } = yield* gatewayServer(upstreamUrl, table)
      const headers = [...bearer("reader"), "content-type", "application/json", "x-http-method-override", "POST"]
      const writes = [
        send(url, `${api}/reservations`, { method: "POST", headers, body: booking(1) }),
        send(url, `${api}/reservations/1/status`, { method: "PUT", headers, body: '{"status":"CANCELLED"}' }),
        send(url, `${api}/reservations/1/sync`, { method: "PUT", headers, body: "{}" }),
        send(url, `${api}/blocked-times/1`, { method: "DELETE", headers })
      ]
      for (const write of writes) assert.strictEqual((yield* write).status, 403)
      assert.strictEqual((yield* send(url, `${api}/reservations`, { headers })).status, 200)
      const rows = yield* Effect.provide(It.listReservations({}).pipe(It.as("first-write")), services)
      assert.strictEqual(rows.pagination.total, 0)
    }).pipe(Effect.scoped)
  )

  it.live("takes a path with dots and encoded slashes for none of its own, and sends nothing", () =>
    Effect.gen(function* () {
      const { seen, url: upstreamUrl } = yield* recorder
      const { url } = yield* gatewayServer(upstreamUrl, table)
      const paths = [
        `${api}/reservations/..%2f..%2ffacilities/status`,
        `${api}/reservations/1%2f..%2f2/status`,
        `${api}/reservations/%2e%2e/status`,
        `${api}/reservations/1;x=2/status`,
        `${api}/reservations/1%00/status`,
        `${api}/reservations/%31%/status`,
        `${api}/reservations/1e0/status`,
        `${api}/reservations/../calendars/1/end`,
        `/ext/v1/../../${api}/reservations/%252e/status`
      ]
      for (const path of paths) {
        const { status } = yield* send(url, path, {
          method: "PUT",
          headers: [...bearer("practice"), "content-type", "application/json"],
          body: '{"status":"CANCELLED"}'
        })
        assert.include([400, 404], status, path)
      }
      assert.deepStrictEqual(seen, [])
    }).pipe(Effect.scoped)
  )

  it.live("tells the rate of a key, and when to come again, whatever X-Forwarded-For says", () =>
    Effect.gen(function* () {
      const { url: upstreamUrl } = yield* recorder
      const { url } = yield* gatewayServer(upstreamUrl, table)
      const ask = (from: string) =>
        send(url, `${api}/facilities/cgm`, { headers: [...bearer("slow"), "x-forwarded-for", from] })
      const first = yield* ask("192.0.2.1")
      assert.deepInclude(first.headers, {
        "x-cache": "miss",
        "ratelimit-limit": "1",
        "ratelimit-remaining": "0",
        "ratelimit-reset": "10"
      })
      const second = yield* ask("192.0.2.2")
      assert.strictEqual(second.status, 429)
      assert.include(second.body, '"reason":"RateLimited","retryable":true')
      assert.deepInclude(second.headers, { "x-cache": "bypass", "ratelimit-remaining": "0" })
      assert.include(["9", "10"], second.headers["retry-after"])
    }).pipe(Effect.scoped)
  )

  it.live("answers a request that asks for it past the cache", () =>
    Effect.gen(function* () {
      const { seen, url: upstreamUrl } = yield* recorder
      const { url } = yield* gatewayServer(upstreamUrl, table)
      const ask = (...headers: ReadonlyArray<string>) =>
        Effect.map(
          send(url, `${api}/facilities/cgm`, { headers: [...bearer("practice"), ...headers] }),
          (answer) => answer.headers["x-cache"]
        )
      assert.strictEqual(yield* ask(), "miss")
      assert.strictEqual(yield* ask(), "hit")
      assert.strictEqual(yield* ask("cache-control", "max-age=0, No-Cache"), "bypass")
      assert.strictEqual(yield* ask("pragma", "no-cache"), "bypass")
      assert.strictEqual(yield* ask("cache-control", "max-age=0"), "hit")
      assert.strictEqual(seen.length, 3)
    }).pipe(Effect.scoped)
  )

  it.live("answers a repeat under an Idempotency-Key byte for byte, and asks the upstream once", () =>
    Effect.gen(function* () {
      const before = logged.length
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { url: upstreamUrl } = yield* upstream
          const { url } = yield* gatewayServer(upstreamUrl, table)
          const post = send(url, `${api}/reservations`, {
            method: "POST",
            headers: [...bearer("practice"), "content-type", "application/json", "idempotency-key", "one"],
            body: booking(1)
          })
          const first = yield* post
          const second = yield* post
          assert.strictEqual(first.status, 200)
          assert.isUndefined(first.headers["idempotency-replayed"])
          assert.strictEqual(second.headers["idempotency-replayed"], "true")
          assert.strictEqual(second.body, first.body)
        })
      )
      // Two at the gateway, one at the upstream.
      assert.strictEqual(logged.slice(before).join("").split('"createReservation"').length - 1, 3)
    })
  )

  it.live("writes no name, e-mail, phone, note, key or token to a log or a span", () =>
    Effect.gen(function* () {
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { url: upstreamUrl } = yield* upstream
          const { url } = yield* Effect.provide(
            gatewayServer(upstreamUrl, table, {}, {}, false),
            Layer.succeed(Tracer.Tracer)(withoutPersonalData(tracer))
          )
          const headers = [...bearer("practice"), "content-type", "application/json"]
          const post = (n: number, given: object = {}) =>
            send(url, `${api}/reservations`, {
              method: "POST",
              headers: [...headers, "idempotency-key", `planted-${n}`],
              body: booking(n, given)
            })
          assert.strictEqual((yield* post(1)).status, 200)
          // Twice the same person, a service that is not there, a facility of others.
          for (const given of [{}, { serviceId: 99 }, { facilityId: 99 }])
            assert.isAtLeast((yield* post(2, given)).status, 400)
          yield* send(url, `${api}/reservations?email=planted@example.com&number=planted`, { headers })
          yield* send(url, `${api}/reservations/planted@example.com/status?email=planted@example.com`, { headers })
        })
      )
      assert.isAtLeast(logged.join("").split("createReservation").length, 4)
      assert.isTrue(spans.some(({ name }) => name === "Reservations.create"))
      const told = spans.map(({ attributes, events, name, status }) =>
        JSON.stringify([name, [...attributes], events, String(status)])
      )
      const text = [...logged, ...told].join("")
      for (const planted of [/planted/i, /421900123987/, /token-of-/])
        assert.isFalse(planted.test(text), String(planted))
    })
  )
})
