/** The client over undici's dispatch, against real sockets: what it gives of each kind of answer, and what it lets go of. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { NodeHttpClient } from "@effect/platform-node"
import { Agent } from "@effect/platform-node/Undici"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import * as Dispatched from "../src/Dispatched.ts"
import { maxAnswerBytes, open, receive } from "../src/Transport.ts"

const listening = (answer: (request: IncomingMessage, response: ServerResponse) => void) =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<Server>((resolve) => {
          const server = createServer(answer).listen(0, "127.0.0.1", () => resolve(server))
        })
    ),
    (server) =>
      Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            server.closeAllConnections()
            server.close(() => resolve())
          })
      )
  ).pipe(Effect.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`))

const refusing = HttpClient.make(() => Effect.die(new Error("the other client was asked")))

/** The client with connections of its own, for requests that are not traced. */
const client = (other: HttpClient.HttpClient = refusing) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new Agent()),
      (agent) => Effect.promise(() => agent.destroy())
    ),
    (agent) => Dispatched.make(agent, other)
  )

const untraced = Effect.provideService(HttpClient.TracerDisabledWhen, () => true)

const received = (url: string) =>
  Effect.gen(function* () {
    const http = yield* client()
    return yield* Effect.flatMap(open(http.execute(HttpClientRequest.get(url))), receive).pipe(untraced)
  })

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe("Dispatched", () => {
  it.live("sends method, path, query, headers and body, and gives a short answer whole", () =>
    Effect.gen(function* () {
      const url = yield* listening((request, response) => {
        request.setEncoding("utf8").on("data", (body) => {
          response.writeHead(201, { "X-Twice": ["a", "b"], "set-cookie": "c=1" })
          response.write(`${request.method} ${request.url} ${request.headers["x-request-id"]} `)
          response.end(body)
        })
      })
      const http = yield* client()
      const request = HttpClientRequest.put(`${url}/a?b=1#part`).pipe(
        HttpClientRequest.setUrlParam("c", "é"),
        HttpClientRequest.setHeader("x-request-id", "id"),
        HttpClientRequest.bodyText("body")
      )
      const response = yield* untraced(http.execute(request))
      const answer = yield* receive(response)
      assert.deepStrictEqual(
        [answer.status, answer.headers["x-twice"], answer.ended, text(answer.bytes)],
        [201, "a, b", "whole", "PUT /a?b=1&c=%C3%A9 id body"]
      )
      assert.strictEqual(answer.length, answer.bytes.length)
      assert.strictEqual(response.url, `${url}/a?b=1&c=%C3%A9`)
      assert.strictEqual(response.cookies.cookies.c?.value, "1")
      assert.strictEqual(yield* response.text, text(answer.bytes))
      assert.strictEqual(text(Buffer.concat(yield* Stream.runCollect(response.stream))), text(answer.bytes))
    })
  )

  it.live("follows no redirect", () =>
    Effect.gen(function* () {
      const url = yield* listening((request, response) => {
        response.writeHead(request.url === "/" ? 302 : 200, { location: "/elsewhere" }).end()
      })
      const { ended, headers, status } = yield* received(`${url}/`)
      assert.deepStrictEqual([status, headers.location, ended], [302, "/elsewhere", "whole"])
    })
  )

  it.live("tells a body that broke off, short or long, with what came of it", () =>
    Effect.gen(function* () {
      const url = yield* listening((request, response) => {
        const length = request.url === "/long" ? 3 * 1024 * 1024 : 100
        response.writeHead(200, { "content-length": length + 1 })
        response.write(Buffer.alloc(length, "x"), () => response.destroy())
      })
      const short = yield* received(`${url}/short`)
      assert.deepStrictEqual([short.status, short.ended, short.length], [200, "cut", 100])
      assert.strictEqual((yield* received(`${url}/long`)).ended, "cut")
    })
  )

  it.live("gives a long body as it comes, and lets go of an endless one at the bound", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const chunk = Buffer.alloc(64 * 1024, "x")
      let sent = 0
      const url = yield* listening((request, response) => {
        if (request.url === "/long") return response.end(Buffer.alloc(3 * 1024 * 1024, "y"))
        const more = () => {
          // An end all the same, should the bound not hold.
          while (!response.destroyed && sent < 8 * maxAnswerBytes) {
            sent += chunk.length
            if (!response.write(chunk)) return response.once("drain", more)
          }
          return response.end()
        }
        response.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
        return more()
      })
      const long = yield* received(`${url}/long`)
      assert.deepStrictEqual([long.ended, long.bytes.length], ["whole", 3 * 1024 * 1024])
      assert.isTrue(long.bytes.every((byte) => byte === 0x79))
      const endless = yield* received(`${url}/endless`)
      assert.strictEqual(endless.ended, "tooLong")
      yield* Deferred.await(closed)
      assert.isBelow(sent, 4 * maxAnswerBytes)
    })
  )

  it.live("reads no more of a long body than is asked for", () =>
    Effect.gen(function* () {
      const told: Array<string> = []
      const chunk = new Uint8Array(2 * 1024 * 1024)
      const http = Dispatched.make(
        {
          dispatch: (_, handler) => {
            const controller = {
              abort: () => told.push("abort"),
              pause: () => told.push("pause"),
              resume: () => {
                told.push("resume")
                handler.onResponseEnd()
              }
            }
            handler.onRequestStart(controller)
            handler.onResponseStart(controller, 200, {})
            handler.onResponseData(controller, chunk)
            handler.onResponseData(controller, chunk)
            return true
          }
        },
        refusing
      )
      const response = yield* untraced(http.get("http://bookio.example/"))
      assert.deepStrictEqual(told, ["pause"])
      const { ended, length } = yield* receive(response)
      assert.deepStrictEqual([ended, length, told], ["whole", 2 * chunk.length, ["pause", "resume"]])
    })
  )

  it.live("gives a stream of events at once", () =>
    Effect.gen(function* () {
      const url = yield* listening((_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n")
      })
      const http = yield* client()
      const response = yield* untraced(http.get(url))
      const first = yield* Stream.runHead(response.stream)
      assert.strictEqual(text(first._tag === "Some" ? first.value : new Uint8Array()), "data: 1\n\n")
    })
  )

  it.live("closes the connection of a request that is interrupted", () =>
    Effect.gen(function* () {
      const asked = yield* Deferred.make<void>()
      const closed = yield* Deferred.make<void>()
      const url = yield* listening((_, response) => {
        response.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
        Deferred.doneUnsafe(asked, Effect.void)
      })
      const waiting = yield* Effect.forkChild(received(url))
      yield* Deferred.await(asked)
      yield* Fiber.interrupt(waiting)
      yield* Deferred.await(closed)
    })
  )

  it.live("tells why there is no answer", () =>
    Effect.gen(function* () {
      const port = yield* Effect.scoped(
        Effect.map(
          listening(() => {}),
          (url) => new URL(url).port
        )
      )
      const refused = yield* Effect.flip(received(`http://127.0.0.1:${port}/`))
      assert.deepInclude(refused, { unsent: true, code: "ECONNREFUSED" })
      const resetting = yield* listening((request) => request.socket.destroy())
      assert.deepInclude(yield* Effect.flip(received(resetting)), { unsent: false })
      const http = yield* client()
      const wrong = yield* Effect.flip(untraced(http.get("http://[")))
      assert.strictEqual(wrong.reason._tag, "InvalidUrlError")
      const header = HttpClientRequest.get(resetting).pipe(HttpClientRequest.setHeader("x", "a\nb"))
      assert.strictEqual((yield* Effect.flip(untraced(http.execute(header)))).reason._tag, "TransportError")
    })
  )

  it.live("leaves what is traced, and bodies that are streams, to the other client", () =>
    Effect.gen(function* () {
      const url = yield* listening((request, response) => {
        request.pipe(response.writeHead(200, { "x-traced": String(request.headers.traceparent !== undefined) }))
      })
      const other = yield* NodeHttpClient.makeUndici
      const http = yield* client(other)
      assert.strictEqual((yield* http.get(url)).headers["x-traced"], "true")
      assert.strictEqual((yield* untraced(http.get(url))).headers["x-traced"], "false")
      const streamed = HttpClientRequest.post(url).pipe(HttpClientRequest.bodyStream(Stream.make(Buffer.from("piped"))))
      assert.strictEqual(yield* (yield* untraced(http.execute(streamed))).text, "piped")
    }).pipe(Effect.provide(NodeHttpClient.layerDispatcher))
  )
})
