/** Two hops on real sockets: a gateway that listens, in front of a server that listens, in front of the engine. */
import { createServer } from "node:http"
import { BookioClient, type BookioClientOptions } from "@bookio-kit/adapter-bookio/BookioClient"
import * as BookioRemote from "@bookio-kit/adapter-bookio/BookioRemote"
import { Caller } from "@bookio-kit/core/access/Caller"
import { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import * as AccessLog from "@bookio-kit/server/AccessLog"
import { beganMs } from "@bookio-kit/server/RequestInfo"
import * as Server from "@bookio-kit/server/Server"
import { NodeHttpServer } from "@effect/platform-node"
import { Clock, Context, Effect, Layer, type Redacted, References } from "effect"
import { FetchHttpClient, HttpRouter, HttpServer } from "effect/http"
import * as EventMemory from "../src/EventMemory.ts"
import { Front, type FrontAnswer, type Take } from "../src/Front.ts"
import * as Gateway from "../src/Gateway.ts"
import * as Headers from "../src/Headers.ts"
import * as IndexStore from "../src/IndexStore.ts"
import { inFront } from "../src/InFront.ts"
import type { KeyTable } from "../src/Keys.ts"
import { Relay } from "../src/Relay.ts"
import { KeyRing, keyRing } from "../src/Sessions.ts"
import * as Webhooks from "../src/Webhooks.ts"
import * as WriteStore from "../src/WriteStore.ts"
import { relayTransport } from "./RelayTransport.ts"
import { engine } from "./Support.ts"

/** What both servers wrote to their access logs: all of it once their scope is closed. */
export const logged: Array<string> = []

const accessLog = AccessLog.layer({
  format: "json",
  write: (lines) => {
    logged.push(lines)
  }
})

const listener = () => NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })

const urlOf = (services: Context.Context<HttpServer.HttpServer>) =>
  Effect.provide(HttpServer.addressFormattedWith(Effect.succeed), services)

/** A server on an engine of its own, its URL, and the engine behind it. */
export const upstream = Effect.gen(function* () {
  const services = yield* Layer.build(
    HttpRouter.serve(Server.layer, Server.serveOptions).pipe(
      Layer.provideMerge(listener()),
      Layer.provide(accessLog),
      Layer.provideMerge(Layer.fresh(engine))
    )
  )
  return { url: yield* urlOf(services), services }
})

/** Times that suit a test: a server on loopback answers in milliseconds. */
const quick = {
  timeout: "3 seconds",
  requestTimeout: "1200 millis",
  settleTime: "100 millis",
  requestsPerMinute: 1_000_000,
  breakerOpenTime: "100 millis",
  extensions: true
} as const

const remote = (url: string, token: Redacted.Redacted, options: Partial<BookioClientOptions>) =>
  BookioRemote.layer({ baseUrl: `${url}/public/api/v1`, token, ...quick, ...options }).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.orDie
  )

/** A listener whose requests are offered first to whatever `take` is by then. */
const offering = (front: { take: Take }) =>
  NodeHttpServer.layer(() => inFront(createServer(), (...given) => front.take(...given)), {
    host: "127.0.0.1",
    port: 0
  })

/**
 * A gateway that listens in front of a server, its URL, what its `Front` answered and how many requests it left; where
 * `hasFront` is `false` there is a tracer, so that it takes nothing.
 */
export const gatewayServer = (
  upstreamUrl: string,
  table: KeyTable,
  options: Partial<Gateway.GatewayOptions> = {},
  given: Partial<BookioClientOptions> = {},
  hasFront = true
) =>
  Effect.gen(function* () {
    const front: { take: Take } = { take: () => false }
    const answered: Array<FrontAnswer> = []
    let left = 0
    const transport = relayTransport(yield* Clock.Clock)
    const client = hasFront ? { relay: transport, ...given } : given
    const build = (token: Redacted.Redacted) =>
      Effect.gen(function* () {
        const memoMap = yield* Layer.makeMemoMap
        return yield* Layer.buildWithMemoMap(remote(upstreamUrl, token, client), memoMap, yield* Effect.scope)
      })
    const gateway = Layer.unwrap(
      Effect.gen(function* () {
        const capabilities = {
          slots: true,
          offsets: true,
          channelFlags: true,
          duplicateIds: true,
          events: true
        } as const
        return Gateway.layer({
          capabilities: Capabilities.of({ ...capabilities, lateRetries: true, personDuplicates: true }),
          connect: (token) =>
            Effect.map(build(token), (ports) => {
              const { relay } = Context.get(ports, BookioClient)
              const known = Context.add(ports, Caller, {
                channelId: ChannelId.make(1),
                access: "write",
                language: "en"
              })
              return relay === undefined ? known : Context.add(known, Relay, relay)
            }),
          ...options
        })
      })
    )
    const services = yield* Layer.build(
      HttpRouter.serve(Layer.provideMerge(Server.layer, Headers.layer), Server.serveOptions).pipe(
        Layer.provideMerge(offering(front)),
        Layer.provide(accessLog),
        Layer.provideMerge(gateway),
        Layer.provide(Webhooks.layerNone),
        Layer.provideMerge(Layer.succeed(KeyRing)(keyRing(table))),
        Layer.provide([IndexStore.layerMemory, WriteStore.layerMemory, EventMemory.layer]),
        // What is traced is not taken.
        Layer.provide(hasFront ? Layer.succeed(References.TracerEnabled)(false) : Layer.empty)
      )
    )
    const take = Context.get(services, Front).open({
      requestIdOf: (given) => given ?? "drawn",
      onAnswer: (answer) => answered.push(answer),
      onHandOn: (request, startedMs) => void beganMs.set(request, startedMs)
    })
    front.take = (...given) => {
      const isTaken = take(...given)
      left += isTaken ? 0 : 1
      return isTaken
    }
    return { url: yield* urlOf(services), services, answered, left: () => left, relayed: transport.sent }
  })

/** The backend that a client of a gateway has: it has no change feed, for nobody asked for one. */
export const clientOf = (url: string, token: Redacted.Redacted) =>
  Layer.effectContext(
    Effect.map(Layer.build(remote(url, token, { timeout: "10 seconds", requestTimeout: "5 seconds" })), (ports) =>
      Context.add(ports, Capabilities, { ...Context.get(ports, Capabilities), events: false })
    )
  )
