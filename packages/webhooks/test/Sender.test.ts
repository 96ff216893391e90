/** Tests of sending, against receivers on loopback, and of where it sends to. */

import { LoopbackAllowed } from "@bookio-kit/core/webhook/WebhookUrl"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer } from "effect"
import * as Sender from "../src/Sender.ts"
import { receiver } from "./Receiver.ts"

const send = (url: string, options: Sender.SenderOptions = {}, allowed = true) =>
  Effect.flatMap(Sender.Sender, ({ send }) => send({ url, headers: { "webhook-id": "evt_1" }, body: '{"id":1}' })).pipe(
    Effect.provide(Sender.layer(options).pipe(Layer.provide(Layer.succeed(LoopbackAllowed)(allowed))))
  )

describe("an attempt", () => {
  it.live("is a POST of the body with its headers, and a 2xx delivers it", () =>
    Effect.gen(function* () {
      const { received, url } = yield* receiver((response) => response.writeHead(204).end())
      assert.deepStrictEqual(yield* send(url), { result: "delivered", status: 204 })
      const [request] = received
      assert.deepStrictEqual([request?.method, request?.path, request?.body], ["POST", "/hook", '{"id":1}'])
      assert.strictEqual(request?.headers["content-type"], "application/json")
      assert.strictEqual(request?.headers["webhook-id"], "evt_1")
    })
  )

  it.live.each([
    { status: 301, headers: { location: "/other" }, retryAfterMs: undefined },
    { status: 400, headers: {}, retryAfterMs: undefined },
    { status: 410, headers: {}, retryAfterMs: undefined },
    { status: 500, headers: { "retry-after": "7" }, retryAfterMs: undefined },
    { status: 429, headers: { "retry-after": "7" }, retryAfterMs: 7000 },
    { status: 503, headers: { "retry-after": "soon" }, retryAfterMs: undefined }
  ])("is refused by a $status, once, without following it", ({ headers, retryAfterMs, status }) =>
    Effect.gen(function* () {
      const { received, url } = yield* receiver((response) => response.writeHead(status, headers).end())
      const answer = { result: "refused", status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
      assert.deepStrictEqual(yield* send(url), answer as Sender.Answer)
      assert.deepStrictEqual(
        received.map(({ path }) => path),
        ["/hook"]
      )
    })
  )

  it.live("takes a date as Retry-After", () =>
    Effect.gen(function* () {
      const at = new Date(Date.now() + 3_600_000).toUTCString()
      const { url } = yield* receiver((response) => response.writeHead(503, { "retry-after": at }).end())
      const { retryAfterMs = 0 } = yield* send(url)
      assert.isAbove(retryAfterMs, 3_500_000)
    })
  )

  it.live("ends when nothing answers in time", () =>
    Effect.gen(function* () {
      const { received, url } = yield* receiver(() => {})
      assert.deepStrictEqual(yield* send(url, { timeout: "200 millis" }), { result: "timeout" })
      assert.strictEqual(received.length, 1)
    })
  )

  it.live("is judged by its head, however much body follows", () =>
    Effect.gen(function* () {
      let written = 0
      const closed = yield* Deferred.make<void>()
      const { url } = yield* receiver((response) => {
        response.writeHead(200)
        const more = () => {
          if (response.destroyed) return
          written += 64 * 1024
          response.write(Buffer.alloc(64 * 1024), more)
        }
        more()
        response.on("error", () => {})
        response.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
      })
      assert.deepStrictEqual(yield* send(url), { result: "delivered", status: 200 })
      yield* Deferred.await(closed)
      assert.isBelow(written, 64 * 1024 * 1024)
    })
  )

  it.live("is unreachable where nobody listens, and where a host has no address", () =>
    Effect.gen(function* () {
      const { close, url } = yield* receiver(() => {})
      close()
      assert.deepStrictEqual(yield* send(url), { result: "unreachable" })
      assert.deepStrictEqual(yield* send("https://nowhere.example/", { resolve: () => Effect.succeed([]) }), {
        result: "unreachable"
      })
      assert.deepStrictEqual(yield* send("https://-:99999/"), { result: "unreachable" })
    })
  )
})

describe("nothing is sent", () => {
  it.live("to loopback, unless that is allowed", () =>
    Effect.gen(function* () {
      const { received, url } = yield* receiver((response) => response.end())
      const named = url.replace("127.0.0.1", "localhost")
      assert.deepStrictEqual(yield* send(url, {}, false), { result: "forbidden" })
      assert.deepStrictEqual(yield* send(named, {}, false), { result: "forbidden" })
      assert.strictEqual(received.length, 0)
      assert.deepStrictEqual(yield* send(named), { result: "delivered", status: 200 })
    })
  )

  it.live.each([
    { host: "hook.example", addresses: ["127.0.0.1"] },
    { host: "hook.example", addresses: ["10.1.2.3"] },
    { host: "hook.example", addresses: ["::ffff:169.254.169.254"] },
    { host: "hook.example", addresses: ["1.1.1.1", "192.168.0.1"] },
    { host: "localhost.", addresses: ["127.0.0.1"] },
    { host: "10.0.0.1", addresses: ["1.1.1.1"] },
    { host: "0x7f.2", addresses: ["1.1.1.1"] },
    { host: "2130706434", addresses: ["1.1.1.1"] },
    { host: "[fd00::1]", addresses: ["1.1.1.1"] },
    { host: "[::ffff:127.0.0.1]", addresses: ["1.1.1.1"] }
  ])("to https://$host at $addresses, not even where loopback is allowed", ({ addresses, host }) =>
    Effect.gen(function* () {
      const answer = yield* send(`https://${host}/`, { resolve: () => Effect.succeed(addresses) })
      assert.deepStrictEqual(answer, { result: "forbidden" })
    })
  )

  it.live("in the clear to any other host", () =>
    Effect.gen(function* () {
      const answer = yield* send("http://hook.example/", { resolve: () => Effect.succeed(["1.1.1.1"]) })
      assert.deepStrictEqual(answer, { result: "forbidden" })
    })
  )
})
