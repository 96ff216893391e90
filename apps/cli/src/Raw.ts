/**
 * One request as it is, without the client's retries and readings: for `bookio api` and `bookio doctor`. Redirects are not
 * followed, so that the token goes to its own origin only.
 */
import { parseBaseUrl } from "@bookio-kit/adapter-bookio/BaseUrl"
import { extensionPath } from "@bookio-kit/core/api/Paths"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { readSettings } from "@bookio-kit/core/settings/Settings"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { usageError } from "./Failure.ts"
import { Invocation } from "./Invocation.ts"
import { type EmbeddedTarget, type RemoteTarget, remoteSettings, type Target } from "./Target.ts"

/** A request; its path is below the base URL, or below `/ext/v1` for the extension. */
export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly query?: ReadonlyArray<readonly [string, string]>
  /** JSON. */
  readonly body?: string
  readonly headers?: { readonly [name: string]: string }
}

/** An answer as it came. */
export interface RawResponse {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

const urlOf = Effect.fnUntraced(function* (base: string, { path, query = [] }: RawRequest) {
  const { extension, reference } = yield* Effect.fromResult(parseBaseUrl(base))
  if (!path.startsWith("/") || path.startsWith("//")) {
    return yield* usageError("PATH begins with one /", "it is below the base URL, such as /facilities/cgm")
  }
  const isExtension = path.startsWith(`${extensionPath}/`)
  const root = isExtension ? extension?.slice(0, -extensionPath.length) : reference
  if (root === undefined) return yield* usageError("nobody knows where the extension of this server would be")
  const url = new URL(`${root}${path}`)
  for (const [name, value] of query) url.searchParams.append(name, value)
  return url
})

const silent = (isRead: boolean, hasTimedOut: boolean, cause: unknown) =>
  new BackendError({ reason: !hasTimedOut ? "Unreachable" : isRead ? "Timeout" : "OutcomeUnknown", cause })

const sendOver = Effect.fnUntraced(function* (
  send: (request: Request) => Promise<Response>,
  base: string,
  token: string,
  request: RawRequest
) {
  const { requestId } = yield* Invocation
  const { requestTimeout } = yield* readSettings(remoteSettings)
  const url = yield* urlOf(base, request)
  const { body, headers, method } = request
  return yield* Effect.tryPromise({
    try: async (): Promise<RawResponse> => {
      const response = await send(
        new Request(url, {
          method,
          redirect: "manual",
          headers: {
            accept: "application/json",
            authorization: `Bearer ${token}`,
            "x-request-id": requestId,
            ...(body === undefined ? {} : { "content-type": "application/json" }),
            ...headers
          },
          ...(body === undefined ? {} : { body }),
          signal: AbortSignal.timeout(Duration.toMillis(requestTimeout))
        })
      )
      return { status: response.status, headers: response.headers, text: await response.text() }
    },
    catch: (error) => silent(method === "GET", (error as Error).name === "TimeoutError", error)
  })
})

const sendEmbedded = Effect.fnUntraced(function* (target: EmbeddedTarget, request: RawRequest) {
  const { webHandler } = yield* Effect.promise(() => import("./backend/WebHandler.ts"))
  const handler = yield* webHandler(target)
  const token = target.token === undefined ? "none" : Redacted.value(target.token)
  return yield* sendOver(handler, "http://127.0.0.1/public/api/v1", token, request)
}, Effect.scoped)

const sendRemote = (target: RemoteTarget, request: RawRequest) =>
  sendOver((fetched) => fetch(fetched), target.baseUrl, Redacted.value(target.token), request)

/** Sends a request to a target. @errors `SettingsError`, `CommandError` for a path that is none, `BackendError`. */
export const sendRaw = (target: Target, request: RawRequest) =>
  target._tag === "Remote" ? sendRemote(target, request) : sendEmbedded(target, request)
