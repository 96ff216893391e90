/** A remote server's ports. */
import { readFile } from "node:fs/promises"
import { RequestId } from "@bookio-kit/adapter-bookio/BookioClient"
import * as BookioRemote from "@bookio-kit/adapter-bookio/BookioRemote"
import { parseRouteOverrides } from "@bookio-kit/adapter-bookio/RouteOverrides"
import { Caller } from "@bookio-kit/core/access/Caller"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import { readSettings, SettingsError } from "@bookio-kit/core/settings/Settings"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { Backend } from "../Backend.ts"
import { Invocation } from "../Invocation.ts"
import { type RemoteTarget, remoteSettings } from "../Target.ts"

const wrong = (problem: string) => new SettingsError({ problems: [`BOOKIO_ROUTES: ${problem}`] })

const routesOf = Effect.fnUntraced(function* (path: string | undefined) {
  if (path === undefined) return {}
  const text = yield* Effect.tryPromise({
    try: () => readFile(path, "utf8"),
    catch: () => wrong(`${path} cannot be read`)
  })
  const json = yield* Effect.try({
    try: () => JSON.parse(text) as unknown,
    catch: () => wrong(`${path} is not valid JSON`)
  })
  const routes = parseRouteOverrides(json)
  if (Result.isSuccess(routes)) return routes.success
  return yield* new SettingsError({ problems: routes.failure.map((problem) => `BOOKIO_ROUTES: ${problem}`) })
})

/** The ports of a server. @errors `SettingsError` for a URL or a route file that is wrong. */
export const layer = (target: RemoteTarget) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const { requestId } = yield* Invocation
      const { requestsPerMinute, requestTimeout, routes, timeout } = yield* readSettings(remoteSettings)
      return BookioRemote.layer({
        baseUrl: target.baseUrl,
        token: target.token,
        extensions: target.extensions,
        requestsPerMinute,
        requestTimeout,
        timeout,
        routes: yield* routesOf(routes)
      }).pipe(
        Layer.merge(
          Layer.mergeAll(
            // The server knows who asks by the token; of this the client takes the language only.
            Layer.succeed(Caller)({ channelId: ChannelId.make(1), access: "write", language: "en" }),
            Layer.succeed(Backend)({ target, order: target.extensions ? "known" : "unknown" }),
            Layer.succeed(RequestId)(requestId)
          )
        ),
        Layer.provide(FetchHttpClient.layer)
      )
    })
  )
