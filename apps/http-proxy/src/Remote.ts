/**
 * The remote backend: a server of the Bookio API behind a gateway. Each upstream token has a client of its own (retries,
 * budget, circuit breaker), all of them one pool of connections.
 */
import * as BookioClient from "@bookio-kit/adapter-bookio/BookioClient"
import * as BookioRemote from "@bookio-kit/adapter-bookio/BookioRemote"
import { parseRouteOverrides } from "@bookio-kit/adapter-bookio/RouteOverrides"
import * as BookioSettings from "@bookio-kit/adapter-bookio/Settings"
import { Caller } from "@bookio-kit/core/access/Caller"
import { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import { SettingsError, type Values } from "@bookio-kit/core/settings/Settings"
import { LoopbackAllowed } from "@bookio-kit/core/webhook/WebhookUrl"
import { Front } from "@bookio-kit/gateway/Front"
import * as Gateway from "@bookio-kit/gateway/Gateway"
import { Relay } from "@bookio-kit/gateway/Relay"
import * as GatewaySettings from "@bookio-kit/gateway/Settings"
import * as Webhooks from "@bookio-kit/gateway/Webhooks"
import { AccessLog } from "@bookio-kit/server/AccessLog"
import { makeRecorder } from "@bookio-kit/server/Metrics"
import { beganMs, requestIdFrom, requestIdOf } from "@bookio-kit/server/RequestInfo"
import * as Delivery from "@bookio-kit/webhooks/Delivery"
import * as Sender from "@bookio-kit/webhooks/Sender"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import { HttpClient } from "effect/http/HttpClient"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { unhandled } from "effect/Types"
import * as EventStorage from "./gateway/EventStorage.ts"
import * as GatewayDatabase from "./gateway/GatewayDatabase.ts"
import * as IndexStorage from "./gateway/IndexStorage.ts"
import * as RelayPool from "./gateway/RelayPool.ts"
import * as WebhookStorage from "./gateway/WebhookStorage.ts"
import * as WriteStorage from "./gateway/WriteStorage.ts"
import { readJsonFile } from "./JsonFile.ts"
import * as KeyFile from "./KeyFile.ts"
import type { remoteSettings } from "./Settings.ts"

const readRoutes = Effect.fnUntraced(function* (path: string | undefined) {
  if (path === undefined) return {}
  const routes = parseRouteOverrides(yield* readJsonFile("BOOKIO_ROUTES", path))
  if (Result.isSuccess(routes)) return routes.success
  return yield* new SettingsError({
    problems: routes.failure.map((problem) => `BOOKIO_ROUTES: ${path}: ${problem}`)
  })
})

/** Gives a request one id for this process and for all that is asked of the upstream on its behalf. */
export const requestIds = HttpRouter.middleware(
  (httpEffect: Effect.Effect<HttpServerResponse.HttpServerResponse, unhandled>) =>
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const requestId = requestIdOf(request.headers)
      const headers = Headers.set(request.headers, "x-request-id", requestId)
      return yield* httpEffect.pipe(
        Effect.provideService(HttpServerRequest.HttpServerRequest, request.modify({ headers })),
        Effect.provideService(BookioClient.RequestId, requestId)
      )
    }),
  { global: true }
)

/** Takes requests before the router, with their lines in the access log and their counts. */
export const front = Effect.gen(function* () {
  const { open } = yield* Front
  const accessLog = yield* AccessLog
  const clock = yield* Clock.Clock
  const record = makeRecorder(yield* Effect.context<never>())
  return open({
    requestIdOf: requestIdFrom,
    onAnswer: (answer) => {
      record(answer.operation, 200, clock.currentTimeMillisUnsafe() - answer.startedMs)
      accessLog.write({ ...answer, method: "GET", status: 200 })
    },
    onHandOn: (request, startedMs) => {
      beganMs.set(request, startedMs)
    }
  })
})

// What is delivered comes from the feed.
const webhooksOf = ({ pollEvery }: Values<typeof remoteSettings>) =>
  pollEvery === undefined
    ? Webhooks.layerNone
    : Layer.provideMerge(Layer.provide(Delivery.layer(), Sender.layer()), WebhookStorage.layer)

export interface RemoteOptions {
  /** How many days the audit log is kept. */
  readonly auditDays: number
  /** Whether webhooks may be sent to loopback. */
  readonly webhookLoopback: boolean
}

/**
 * The ports of the gateway, which delivers its webhooks while it watches the upstream.
 *
 * @errors `SettingsError` for whatever is wrong with its settings and files.
 */
export const layer = (values: Values<typeof remoteSettings>, { auditDays, webhookLoopback }: RemoteOptions) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const client = Layer.succeed(HttpClient)(yield* HttpClient)
      const routes = yield* readRoutes(values.routes)
      const relay = yield* RelayPool.make(values.baseUrl)
      const remote = (token: Redacted.Redacted) =>
        BookioRemote.layer({ ...BookioSettings.optionsOf({ ...values, token }, token, routes), relay }).pipe(
          Layer.provide(client)
        )
      // A layer is built once in a memo map, and these differ by their token only.
      const build = (token: Redacted.Redacted) =>
        Effect.gen(function* () {
          return yield* Layer.buildWithMemoMap(remote(token), yield* Layer.makeMemoMap, yield* Effect.scope)
        })
      // Wrong settings are told before the first request.
      const capabilities = Context.get(yield* build(Redacted.make("none")), Capabilities)
      const gateway = Gateway.layer(
        GatewaySettings.optionsOf(values, {
          capabilities,
          connect: (token) =>
            build(token).pipe(
              // The upstream knows by the token who asks; of this the language of texts is used.
              Effect.map(Context.add(Caller, { channelId: ChannelId.make(1), access: "write", language: "en" })),
              Effect.map((ports) => {
                const { relay } = Context.get(ports, BookioClient.BookioClient)
                return relay === undefined ? ports : Context.add(ports, Relay, relay)
              }),
              // They were right a moment ago, with another token.
              Effect.orDie
            )
        })
      )
      return Layer.provideMerge(webhooksOf(values), gateway).pipe(
        Layer.provide(Layer.succeed(LoopbackAllowed)(webhookLoopback)),
        Layer.provide(KeyFile.layer(values.keys, { isPolled: values.pollEvery !== undefined })),
        Layer.provide([IndexStorage.layer, WriteStorage.layer(auditDays), EventStorage.layer]),
        Layer.provide(GatewayDatabase.layer(values.index.filename, values.baseUrl))
      )
    })
  ).pipe(Layer.provide(NodeHttpClient.layerUndici))
