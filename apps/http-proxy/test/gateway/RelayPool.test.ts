/** What comes of a relayed request on a real socket, told once. */
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { RelayTransport } from "@bookio-kit/adapter-bookio/Relay"
import { maxAnswerBytes } from "@bookio-kit/adapter-bookio/Transport"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as RelayPool from "../../src/gateway/RelayPool.ts"

type Answer = Parameters<Parameters<RelayTransport["send"]>[1]>[0]

const listening = (listener: RequestListener) =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<Server>((resolve) => {
          const server = createServer(listener).listen(0, "127.0.0.1", () => resolve(server))
        })
    ),
    (server) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  )

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** Sends one request, and waits for what comes of it. */
const answered = (url: string, timeoutMs = 5_000) =>
  Effect.gen(function* () {
    const pool = yield* RelayPool.make(`${url}/public/api/v1`)
    return yield* Effect.promise(
      () =>
        new Promise<Answer>((resolve) =>
          pool?.send({ url: `${url}/public/api/v1/x?lang=en`, headers: { a: "b" }, timeoutMs }, resolve)
        )
    )
  })

const meets = (listener: RequestListener, timeoutMs?: number) =>
  Effect.scoped(Effect.flatMap(listening(listener), (server) => answered(urlOf(server), timeoutMs)))

describe("the pool of the relay", () => {
  it.live("gives status, headers and bytes of a whole answer, in one piece or many", () =>
    Effect.gen(function* () {
      const text = "ž".repeat(100_000)
      const answer = yield* meets((request, response) => {
        response.writeHead(203, {
          "x-asked": `${request.method} ${request.url} ${request.headers.a}`,
          "set-cookie": ["a", "b"]
        })
        response.write(text)
        response.end("end")
      })
      if (answer === "timeout" || "unsent" in answer) return assert.fail("no answer")
      assert.strictEqual(answer.status, 203)
      assert.strictEqual(answer.ended, "whole")
      assert.strictEqual(new TextDecoder().decode(answer.bytes), `${text}end`)
      assert.strictEqual(answer.length, answer.bytes.length)
      assert.deepInclude(answer.headers, { "x-asked": "GET /public/api/v1/x?lang=en b", "set-cookie": "a, b" })
    })
  )

  it.live("follows no redirect", () =>
    Effect.gen(function* () {
      const answer = yield* meets((_, response) => response.writeHead(307, { location: "/y" }).end())
      assert.deepInclude(answer, { status: 307, ended: "whole" })
    })
  )

  it.live("tells a body that is cut off, one that is too long, and silence", () =>
    Effect.gen(function* () {
      const cut = yield* meets((_, response) => {
        response.writeHead(200, { "content-length": 100 })
        response.write("some", () => response.destroy())
      })
      assert.deepInclude(cut, { status: 200, ended: "cut", length: 4 })
      const long = yield* meets((_, response) => response.end(Buffer.alloc(maxAnswerBytes + 1, 32)))
      assert.deepInclude(long, { status: 200, ended: "tooLong" })
      const most = yield* meets((_, response) => response.end(Buffer.alloc(maxAnswerBytes, 32)))
      assert.deepInclude(most, { ended: "whole", length: maxAnswerBytes })
      const reset = yield* meets((request) => request.socket.resetAndDestroy())
      assert.deepInclude(reset, { unsent: false })
      const gone = yield* Effect.scoped(
        Effect.map(
          listening(() => {}),
          urlOf
        )
      )
      assert.deepInclude(yield* Effect.scoped(answered(gone)), { unsent: true, code: "ECONNREFUSED" })
    })
  )

  it.live("ends a request at its time-out, and where it is told to, without a word", () =>
    Effect.gen(function* () {
      let open = 0
      const server = yield* listening((_, response) => {
        open += 1
        response.write("some")
        response.once("close", () => {
          open -= 1
        })
      })
      assert.strictEqual(yield* answered(urlOf(server), 50), "timeout")
      const pool = yield* RelayPool.make(urlOf(server))
      let told = 0
      const end = pool?.send({ url: `${urlOf(server)}/`, headers: {}, timeoutMs: 60_000 }, () => {
        told += 1
      })
      while (open < 1) yield* Effect.sleep("2 millis")
      end?.()
      while (open > 0) yield* Effect.sleep("2 millis")
      assert.strictEqual(told, 0)
    }).pipe(Effect.scoped)
  )

  it.live("is none for what is no URL of HTTP", () =>
    Effect.gen(function* () {
      for (const url of ["", "x", "mailto:a@b", "ftp://host/x"]) assert.isUndefined(yield* RelayPool.make(url))
    }).pipe(Effect.scoped)
  )
})
