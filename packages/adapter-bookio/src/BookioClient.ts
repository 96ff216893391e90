/**
 * The client of one account at a server of the Bookio Medical Public API: its token, budget, circuit and time-outs, around
 * operations that all accounts share (`Account`). It runs wherever Effect does (Node, browsers, workers); which `HttpClient`
 * sends the requests, and how it keeps its connections, is the composition's part. The ports of this package are written on
 * it.
 */
import type { Caller } from "@bookio-kit/core/access/Caller"
import { basePath } from "@bookio-kit/core/api/Paths"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import type { Refusal } from "@bookio-kit/core/error/Refusal"
import type { Order } from "@bookio-kit/core/page/Paging"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { type Account, type ExtensionOperations, extension, type ReferenceOperations, reference } from "./Account.ts"
import type { Answered } from "./Answer.ts"
import { type Call, makeAttempt } from "./Attempt.ts"
import { type BaseUrl, parseBaseUrl } from "./BaseUrl.ts"
import { makeLimits } from "./Limits.ts"
import { Received } from "./Received.ts"
import { makeRelay, type Relay, type RelayTransport } from "./Relay.ts"
import * as Retry from "./Retry.ts"
import { type RouteOverrides, reroute } from "./RouteOverrides.ts"
import { guarded } from "./Transport.ts"

export interface BookioClientOptions {
  /** An https URL that paths are put behind, or an http URL of this machine. */
  readonly baseUrl: string
  readonly token: Redacted.Redacted
  /** The longest that a call takes, with retries and look-ups; 30 seconds. */
  readonly timeout?: Duration.Input
  /** The longest that a call takes that changes something, with retries and look-ups; as `timeout`, which is not shorter. */
  readonly writeTimeout?: Duration.Input
  /** The longest that one request takes; 5 seconds. */
  readonly requestTimeout?: Duration.Input
  /** How long after a request without an answer its effect can still come; 10 seconds (sync.md, "Unknown outcomes"). */
  readonly settleTime?: Duration.Input
  /** The budget; 600, all of which can go at once after a quiet minute. */
  readonly requestsPerMinute?: number
  /** So many failures in a row stop the asking; 5. */
  readonly breakerFailures?: number
  /** For how long, until one request is let through to try; 2 seconds. */
  readonly breakerOpenTime?: Duration.Input
  readonly routes?: RouteOverrides
  /** Whether the server is one of bookio-kit: then it has the extension, and lists in a known order. `false`. */
  readonly extensions?: boolean
  /** What sends listings whose bytes are handed on; without it there is no `relay`. */
  readonly relay?: RelayTransport | undefined
}

/** The request id that is sent, so that a log here and one there can be put side by side; drawn where absent. */
export const RequestId = Context.Reference<string | undefined>("@bookio-kit/adapter-bookio/RequestId", {
  defaultValue: () => undefined
})

export interface BookioClientService {
  /** The operations of the reference, to be sent with `responseMode: "response-only"` in a `Call`, which is the account's. */
  readonly api: ReferenceOperations
  /** Those of the extension; absent where the server has none. */
  readonly extension: ExtensionOperations | undefined
  /** Whether the server's listings are known to move rows to the end only. */
  readonly order: Order
  /** Sends a call that changes nothing, again where that can help, until `deadlineMs` or the time-out. */
  readonly read: <A>(call: Call<A>, deadlineMs?: number) => Effect.Effect<Answered<A>, Refusal | BackendError, Caller>
  /** Sends a call that changes something. Its outcome is known unless it fails with `OutcomeUnknown`. */
  readonly write: <A>(
    call: Call<A>,
    settlement: Retry.Settlement<A, Caller>
  ) => Effect.Effect<Answered<A>, Refusal | BackendError, Caller>
  /**
   * By how many milliseconds the server's clock is ahead of this process's, as the last answer told it; absent before an
   * answer that did.
   */
  readonly serverAheadMs: Effect.Effect<number | undefined>
  /** Listings as the bytes that the server sent; absent where the options name nothing to send them by. */
  readonly relay: Relay | undefined
}

export class BookioClient extends Context.Service<BookioClient, BookioClientService>()(
  "@bookio-kit/adapter-bookio/BookioClient"
) {}

const millisOf = (given: Duration.Input | undefined, fallback: Duration.Input) =>
  Duration.toMillis(Duration.fromInputUnsafe(given ?? fallback))

const policyOf = (options: BookioClientOptions): Retry.RetryPolicy => ({
  timeoutMs: millisOf(options.timeout, "30 seconds"),
  requestTimeoutMs: millisOf(options.requestTimeout, "5 seconds"),
  settleMs: millisOf(options.settleTime, "10 seconds")
})

const idBytes = 16
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))
const drawn = new Uint8Array(256 * idBytes)
let used = drawn.length

// Not `randomUUID`, which browsers have on secure origins only. Drawn for many at once, for each drawing is slow.
const drawRequestId = (): string => {
  if (used === drawn.length) {
    globalThis.crypto.getRandomValues(drawn)
    used = 0
  }
  let id = ""
  for (const end = used + idBytes; used < end; used++) id += hex[drawn[used] ?? 0]
  return id
}

/** What sends the requests of an account, and those of no other. */
const accountOf = (
  httpClient: HttpClient.HttpClient,
  baseUrl: BaseUrl,
  token: Redacted.Redacted,
  routes: RouteOverrides
): Account["Service"] => {
  const behind = (base: string) => HttpClient.mapRequest(httpClient, HttpClientRequest.prependUrl(base))
  // The one stands for the other where there is none, for then nothing is asked of it.
  const clients = { reference: behind(baseUrl.reference), extension: behind(baseUrl.extension ?? baseUrl.reference) }
  return {
    send: (api, operation, request) =>
      Effect.flatMap(RequestId, (requestId) =>
        clients[api].execute(
          reroute(routes, operation, request).pipe(
            HttpClientRequest.bearerToken(token),
            operation === "listEvents"
              ? HttpClientRequest.accept("text/event-stream, application/json")
              : HttpClientRequest.acceptJson,
            HttpClientRequest.setHeader("x-request-id", requestId ?? "none")
          )
        )
      )
  }
}

/**
 * Makes a client. Nothing is sent before it is used.
 *
 * @errors `SettingsError` for a base URL that a token must not be sent to, and for time-outs that cannot be kept.
 */
export const make = Effect.fnUntraced(function* (
  options: BookioClientOptions
): Effect.fn.Return<BookioClientService, SettingsError, HttpClient.HttpClient | Scope.Scope> {
  const baseUrl = yield* Effect.fromResult(parseBaseUrl(options.baseUrl))
  if (options.extensions === true && baseUrl.extension === undefined) {
    return yield* new SettingsError({
      problems: [`BOOKIO_BASE_URL must end in ${basePath}, or BOOKIO_EXTENSIONS be false`]
    })
  }
  const policy = policyOf(options)
  const writePolicy =
    options.writeTimeout === undefined
      ? policy
      : { ...policy, timeoutMs: Math.min(policy.timeoutMs, millisOf(options.writeTimeout, 0)) }
  if (policy.requestTimeoutMs > policy.timeoutMs) {
    return yield* new SettingsError({ problems: ["BOOKIO_REQUEST_TIMEOUT must not be longer than BOOKIO_TIMEOUT"] })
  }
  let serverAheadMs: number | undefined
  const routes = options.routes ?? {}
  const sending = {
    requestTimeoutMs: policy.requestTimeoutMs,
    limits: yield* makeLimits({
      requestsPerMinute: options.requestsPerMinute ?? 600,
      breakerFailures: options.breakerFailures ?? 5,
      breakerOpenMs: millisOf(options.breakerOpenTime, "2 seconds")
    }),
    onServerTime: (epochMs: number, nowMs: number) => {
      serverAheadMs = epochMs - nowMs
    }
  }
  const attempt = makeAttempt({ ...sending, account: accountOf(yield* guarded, baseUrl, options.token, routes) })
  const relay =
    options.relay === undefined
      ? undefined
      : yield* makeRelay({
          ...sending,
          transport: options.relay,
          baseUrl: baseUrl.reference,
          authorization: `Bearer ${Redacted.value(options.token)}`,
          routes
        })
  // One id for a call with all its attempts and look-ups.
  const identified = <A, E, R>(run: (requestId: string) => Effect.Effect<A, E, R>) =>
    Effect.flatMap(RequestId, (given) => {
      const requestId = given ?? drawRequestId()
      return Effect.provideService(run(requestId), RequestId, requestId)
    })
  return {
    api: reference(),
    extension: options.extensions === true ? extension() : undefined,
    order: options.extensions === true ? "known" : "unknown",
    read: (call, deadlineMs) =>
      identified((requestId) =>
        Effect.gen(function* () {
          const startedMs = (yield* Received)?.sentMs ?? (yield* Clock.currentTimeMillis)
          const untilMs = Math.min(deadlineMs ?? Infinity, startedMs + policy.timeoutMs)
          return yield* Retry.read(attempt(call, "read", requestId), untilMs)
        })
      ),
    write: (call, settlement) =>
      identified((requestId) => Retry.write(attempt(call, "write", requestId), settlement, writePolicy)),
    serverAheadMs: Effect.sync(() => serverAheadMs),
    relay
  }
})

/** The client as a layer. @errors as `make`. */
export const layer = (options: BookioClientOptions): Layer.Layer<BookioClient, SettingsError, HttpClient.HttpClient> =>
  Layer.effect(BookioClient)(make(options))
