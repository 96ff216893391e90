/** Known answers as the listener sends them, over the engine on a file: the bytes of the first answer, as long as they hold. */
import { mkdtempSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { applySeed, decodeSeed } from "@bookio-kit/adapter-sql/seed/ApplySeed"
import { type AccessEntry, AccessLog } from "@bookio-kit/server/AccessLog"
import * as KnownAnswers from "@bookio-kit/server/KnownAnswers"
import * as Server from "@bookio-kit/server/Server"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, References } from "effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as Listener from "../src/Listener.ts"
import * as Storage from "../src/Storage.ts"

const token = (name: string) => name.padEnd(43, "x")

const facility = (key: string) => ({
  key,
  name: `Clinic of ${key}`,
  address: { street: "Prvá", city: "Bratislava", postcode: 82104 },
  contact: {},
  timeZone: "Europe/Bratislava",
  calendars: []
})

const seed = {
  facilities: [facility("one"), facility("two")],
  channels: ["one", "two"].map((name) => ({
    name,
    facilities: [name],
    tokens: [{ token: token(name), access: "write" }]
  }))
}

/** The server on a file, what it logs, and how another process changes the file. */
const makeServer = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "bookio-listener-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )
  const filename = join(folder, "bookio.db")
  const entries: Array<AccessEntry> = []
  const accessLog = Layer.succeed(AccessLog)(AccessLog.of({ write: (entry) => void entries.push(entry) }))
  const given = yield* decodeSeed(seed)
  const serving = HttpRouter.serve(Server.layer, Server.serveOptions).pipe(
    Layer.provideMerge(Listener.layer("127.0.0.1", 0, () => {})),
    Layer.provide(KnownAnswers.layer),
    Layer.provide([accessLog, Layer.succeed(References.TracerEnabled)(false)])
  )
  const context = yield* Layer.build(
    Layer.unwrap(Effect.as(applySeed(given), serving)).pipe(
      Layer.provide(Storage.layer({ filename, auditDays: 1, webhookLoopback: false }))
    )
  )
  const { address } = Context.get(context, HttpServer.HttpServer)
  const port = "port" in address ? address.port : 0
  const elsewhere = (statement: string) =>
    Effect.sync(() => {
      const db = new DatabaseSync(filename)
      db.exec(statement)
      db.close()
    })
  return { elsewhere, entries, port }
})

const request = (name: string, path = "/public/api/v1/facilities/cgm", more = "") =>
  `GET ${path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer ${token(name)}\r\nX-Request-Id: same\r\n${more}\r\n`

/** Sends text on one connection and reads what comes back until so many answers are there. */
const send = (port: number, text: string, count = 1) =>
  Effect.promise(
    () =>
      new Promise<ReadonlyArray<string>>((resolve, reject) => {
        const socket = connect(port, "127.0.0.1", () => socket.write(text))
        let read = ""
        socket.setEncoding("latin1").on("data", (chunk: string) => {
          read += chunk
          const answers = read.replace(/^Date: .*$/gm, "Date: now").split(/(?=HTTP\/1\.1 \d)/)
          const isWhole = answers.every((answer) => {
            const [head = "", body = ""] = answer.split("\r\n\r\n")
            return body.length === Number(/^content-length: (\d+)/im.exec(head)?.[1])
          })
          if (answers.length < count || !isWhole) return
          socket.destroy()
          resolve(answers)
        })
        socket.on("error", reject)
        socket.on("close", () => reject(new Error(`closed after: ${read}`)))
      })
  )

describe("a known answer", () => {
  it.live("MUST be the bytes of the first, and logged alike, on this connection and on others", () =>
    Effect.gen(function* () {
      const { entries, port } = yield* makeServer
      const first = (yield* send(port, request("one")))[0] ?? ""
      for (const _ of [1, 2, 3]) assert.deepStrictEqual(yield* send(port, request("one")), [first])
      assert.deepStrictEqual(yield* send(port, request("one").repeat(3), 3), [first, first, first])
      assert.lengthOf(entries, 7)
      for (const { startedMs: _, ...entry } of entries) {
        const { channelId, method, operation, requestId, status } = entry
        assert.deepStrictEqual({ channelId, method, operation, requestId, status }, {
          channelId: 1,
          method: "GET",
          operation: "listFacilities",
          requestId: "same",
          status: 200
        } as never)
      }
      const closed = yield* send(port, request("one", undefined, "Connection: close\r\n"))
      assert.match(closed[0] ?? "", /\r\nConnection: close\r\n/)
    }).pipe(Effect.scoped)
  )

  it.live("MUST be each caller's own, and stand in its place among other requests of a connection", () =>
    Effect.gen(function* () {
      const { port } = yield* makeServer
      for (const name of ["one", "two", "one", "two"]) yield* send(port, request(name))
      const mixed = ["one", "nobody", "two", "one"].map((name) => request(name)).join("")
      const answers = yield* send(port, mixed, 4)
      assert.match(answers[0] ?? "", /Clinic of one/)
      assert.match(answers[1] ?? "", /^HTTP\/1\.1 401 /)
      assert.match(answers[2] ?? "", /Clinic of two/)
      assert.strictEqual(answers[3], answers[0])
    }).pipe(Effect.scoped)
  )

  it.live("MUST end with any commit of any process", () =>
    Effect.gen(function* () {
      const { elsewhere, port } = yield* makeServer
      for (const _ of [1, 2, 3]) yield* send(port, request("one"))
      yield* elsewhere("UPDATE facility SET name = 'Renamed' WHERE id = 1")
      for (const _ of [1, 2, 3]) assert.match((yield* send(port, request("one")))[0] ?? "", /Renamed/)
      yield* elsewhere("DELETE FROM channel_facility WHERE channel_id = 1")
      for (const _ of [1, 2, 3]) assert.notMatch((yield* send(port, request("one")))[0] ?? "", /Renamed/)
    }).pipe(Effect.scoped)
  )
})
