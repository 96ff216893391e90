/** Runs the command as its users do: a process with nothing in its environment but what is given. */
import { spawn } from "node:child_process"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { applySeed, decodeSeed } from "@bookio-kit/adapter-sql/seed/ApplySeed"
import * as AccessLog from "@bookio-kit/server/AccessLog"
import * as Server from "@bookio-kit/server/Server"
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServer } from "effect/http"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
// Most of a start is reading the same sources again: Node keeps here what it has compiled.
const cache = fileURLToPath(new URL("../node_modules/.cache/node", import.meta.url))

/** A token by its name. */
export const tokenOf = (name: string) => `token-of-${name}-${"x".repeat(40)}`

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `bookio-conformance`, and waits for its end. */
export const conformance = (args: ReadonlyArray<string>, env: { readonly [name: string]: string } = {}) =>
  Effect.promise(
    () =>
      new Promise<Ended>((resolve) => {
        const child = spawn(process.execPath, [main, ...args], {
          stdio: ["ignore", "pipe", "pipe"],
          env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: cache, BOOKIO_REQUESTS_PER_MINUTE: "1000000", ...env }
        })
        let [stdout, stderr] = ["", ""]
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          stdout += text
        })
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
          stderr += text
        })
        child.once("close", (code) => resolve({ code, stdout, stderr }))
      })
  )

const facility = (key: string) => ({
  key,
  name: `Facility ${key}`,
  address: { street: "Main 1", city: "Town", postcode: 82104, country: { name: "Slovakia", code: "SVK" } },
  contact: {},
  timeZone: "Europe/Bratislava",
  calendars: [
    {
      key: "room",
      name: "Room",
      validFrom: "2026-01-01",
      validTo: "2035-12-31",
      services: [{ id: 1, name: "Visit", duration: 30 }],
      intervals: [{ name: "Always", weekDays: [1, 2, 3, 4, 5, 6, 7], timeFrom: "00:00", timeTo: "24:00" }]
    }
  ],
  reservations: [1, 2, 3].map((n) => ({
    channel: "first",
    calendar: "room",
    serviceId: 1,
    externalId: n,
    name: "Secret",
    surname: `Patient ${n}`,
    email: `patient${n}@example.com`,
    phone: `+42190000000${n}`,
    locale: "sk",
    dateFrom: `2026-06-0${n}T09:00`
  }))
})

const channel = (name: string, facilities: ReadonlyArray<string>) => ({
  name,
  facilities,
  tokens: [{ token: tokenOf(name), access: "write" }]
})

const seed = {
  facilities: [facility("shared"), facility("other")],
  channels: [channel("first", ["shared", "other"]), channel("second", ["shared"]), channel("stranger", ["other"])]
}

const engine = Layer.effectDiscard(decodeSeed(seed).pipe(Effect.flatMap(applySeed), Effect.orDie)).pipe(
  Layer.provideMerge(Engine.layer),
  Layer.provideMerge(Database.layer({ filename: ":memory:" }))
)

const listener = NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })

/** The base URL of a server that listens while the scope lasts. */
export const server = Effect.gen(function* () {
  const services = yield* Layer.build(
    HttpRouter.serve(Server.layer, Server.serveOptions).pipe(
      Layer.provideMerge(listener),
      Layer.provide(AccessLog.layer({ format: "off", write: () => {} })),
      Layer.provide(engine)
    )
  )
  const url = yield* Effect.provide(HttpServer.addressFormattedWith(Effect.succeed), services)
  return `${url}/public/api/v1`
})

/** The base URL of a server that lists two facilities the wrong way round, and answers nothing else. */
export const brokenServer = Effect.gen(function* () {
  const facilities = [2, 1].map((id) => ({ ...facility("broken"), id, name: "Broken" }))
  const answer = { result: { success: true, data: { facilities } } }
  const none = { result: { success: false, errors: ["no"], errorCode: 404 } }
  const broken = createServer((request, response) => {
    const isListing = request.url?.startsWith("/facilities/cgm") === true
    response.writeHead(isListing ? 200 : 404, { "content-type": "application/json" })
    response.end(JSON.stringify(isListing ? answer : none))
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve))),
    () => Effect.promise(() => new Promise((resolve) => broken.close(resolve)))
  )
  const address = broken.address()
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
})
