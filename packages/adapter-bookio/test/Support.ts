/**
 * What the tests share: a listening server on an engine in memory (a port and a database of its own), the backend over
 * HTTP in front of it, and requests with people of their own.
 */
import { createServer } from "node:http"
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { applySeed, decodeSeed } from "@bookio-kit/adapter-sql/seed/ApplySeed"
import { Caller } from "@bookio-kit/core/access/Caller"
import { NewBlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { NewReservation } from "@bookio-kit/core/reservation/Reservation"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { ChannelId, FacilityId } from "@bookio-kit/core/scalar/Id"
import type { Language } from "@bookio-kit/core/text/Text"
import * as AccessLog from "@bookio-kit/server/AccessLog"
import * as Server from "@bookio-kit/server/Server"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, Redacted, Schema } from "effect"
import { FetchHttpClient, HttpClient, HttpRouter, HttpServer } from "effect/http"
import type { BookioClientOptions } from "../src/BookioClient.ts"
import * as BookioRemote from "../src/BookioRemote.ts"
import * as Dispatched from "../src/Dispatched.ts"
import { channel, facility, tokenOf, visit } from "./Seed.ts"

export { tokenOf }

/** Facility 1 of channels `first` and `second`, facility 2 of channels `first` and `stranger`. */
const seed = {
  facilities: [facility("shared", [visit]), facility("other", [visit])],
  channels: [
    channel("first", ["shared", "other"], ["write", "read"]),
    channel("second", ["shared"], ["write", "book"]),
    channel("stranger", ["other"], ["write"])
  ]
}

const engine = Layer.effectDiscard(decodeSeed(seed).pipe(Effect.flatMap(applySeed), Effect.orDie)).pipe(
  Layer.provideMerge(Engine.layer),
  Layer.provideMerge(Database.layer({ filename: ":memory:" }))
)

/** A server that listens, its URL of the reference, and the engine behind it. */
export const server = Effect.gen(function* () {
  const services = yield* Layer.build(
    HttpRouter.serve(Server.layer, Server.serveOptions).pipe(
      Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
      Layer.provide(AccessLog.layer({ format: "off", write: () => {} })),
      Layer.provideMerge(engine)
    )
  )
  const url = yield* Effect.provide(HttpServer.addressFormattedWith(Effect.succeed), services)
  return { services, baseUrl: `${url}/public/api/v1` }
})

/** Times that suit a test: a server on loopback answers in milliseconds. */
export const quick = {
  timeout: "4 seconds",
  requestTimeout: "300 millis",
  settleTime: "500 millis",
  requestsPerMinute: 1_000_000,
  breakerOpenTime: "100 millis",
  extensions: true
} as const

/** What sends the requests: Node's fetch, or undici's dispatch. */
export const clients = {
  fetch: FetchHttpClient.layer,
  dispatch: Layer.effect(HttpClient.HttpClient)(
    Effect.gen(function* () {
      return Dispatched.make(yield* NodeHttpClient.Dispatcher, yield* NodeHttpClient.makeUndici)
    })
  ).pipe(Layer.provide(NodeHttpClient.layerDispatcher))
} as const

/** The backend over HTTP, on Node's fetch unless told. */
export const remote = (
  baseUrl: string,
  options: Partial<BookioClientOptions> = {},
  client: keyof typeof clients = "fetch"
) =>
  BookioRemote.layer({ baseUrl, token: Redacted.make(tokenOf("first-write")), ...quick, ...options }).pipe(
    Layer.provide(clients[client])
  )

/** Provides who asks; a remote backend looks at the language only. */
export const caller = (language: Language = "en") =>
  Caller.of({ channelId: ChannelId.make(1), access: "write", language })

export const asCaller = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provideService(effect, Caller, caller())

export const shared = FacilityId.make(1)

const decodeReservation = Schema.decodeSync(NewReservation)

/** What books half an hour for a person of its own: the `n`th of them, from noon of 1 June 2026 on. */
export const booking = (n: number, given: Partial<typeof NewReservation.Encoded> = {}) =>
  decodeReservation({
    name: "John",
    surname: `Person ${n}`,
    email: `p${n}@example.com`,
    phone: `+4219${String(10_000_000 + n)}`,
    dateFrom: new Date(Date.UTC(2027, 5, 1, 12) + n * 1_800_000).toISOString().slice(0, 19),
    locale: "sk",
    externalId: 1_000_000 + n,
    serviceId: 1,
    facilityId: shared,
    ...given
  })

const decodeBlocked = Schema.decodeSync(NewBlockedTime)

/** What blocks an hour, far from all bookings. */
export const blocking = (n: number, given: Partial<typeof NewBlockedTime.Encoded> = {}) =>
  decodeBlocked({
    dateFrom: new Date(Date.UTC(2032, 5, 1, 12) + n * 3_600_000).toISOString().slice(0, 19),
    dateTo: new Date(Date.UTC(2032, 5, 1, 13) + n * 3_600_000).toISOString().slice(0, 19),
    externalId: 2_000_000 + n,
    note: "Closed",
    facilityId: shared,
    ...given
  })

/** A few records, for laws that only read. */
export const furnish = Effect.gen(function* () {
  const reservations = yield* Reservations
  const blockedTimes = yield* BlockedTimes
  for (const n of [1, 2, 3, 4, 5]) {
    yield* reservations.create(booking(n))
    yield* blockedTimes.create(blocking(n))
  }
}).pipe(asCaller, Effect.orDie)

/** The reservations of the shared facility with an externalId, as the engine has them. */
export const rowsOf = (externalId: number) =>
  Effect.gen(function* () {
    const { list } = yield* Reservations
    const found = []
    for (let offset = 0; ; offset += 100) {
      const { rows } = yield* list({ facilityId: shared, offset, limit: 100 })
      found.push(...rows.filter((row) => row.externalId === externalId))
      if (rows.length < 100) return found
    }
  }).pipe(asCaller, Effect.orDie)
