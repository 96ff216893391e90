/**
 * Successful answers of reading operations that were given before, given again as the same bytes for as long as the backend
 * tells that nobody has committed anything (`core/backend/Freshness.ts`). A listener asks here before it hands a request on;
 * so the second way of a request is this file and no more. What it does not know exactly takes the first way.
 *
 * It does what the first way would: the token is looked at, the request is counted and logged, and has its id. An answer is
 * kept by channel, access and URL, of handlers only that say of theirs that it `isLasting`, and once it was asked for twice.
 * It assumes that nothing outside of `Edge.ts` changes an answer. With a tracer nothing is known, for each request has a span.
 */
import type { Access } from "@bookio-kit/core/access/Caller"
import { Freshness } from "@bookio-kit/core/backend/Freshness"
import type { ChannelId } from "@bookio-kit/core/scalar/Id"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import { AccessLog } from "./AccessLog.ts"
import * as Metrics from "./Metrics.ts"
import { type RequestInfo, requestIdFrom } from "./RequestInfo.ts"

/** The head of a request, as Node gives it. */
export interface Head {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: { readonly [name: string]: string | ReadonlyArray<string> | undefined }
}

interface Entry {
  readonly operation: string
  readonly channelId: ChannelId
  /** Names and values in turn. */
  readonly headers: ReadonlyArray<string>
  readonly body: string | Uint8Array
  /** That of the backend before it was read. */
  readonly state: number
}

/** An answer of status 200, if it still holds. */
export interface KnownAnswer {
  readonly entry: Entry
  readonly requestId: string
  readonly startedMs: number
}

/** The most bytes of all answers that are kept, and of one of them. */
const mostBytes = 16 * 1024 * 1024
const mostBytesOfOne = 1024 * 1024

// What an entry takes beside its body and its key, at most.
const entryBytes = 512

/** The most questions that were asked once and are remembered for that, and the longest URL of any. */
const mostAskedOnce = 4096
const longestUrl = 2048

export const KnownAnswers = Context.Reference<{
  /** What may be the answer to a request, whose caller is known; `undefined` where the request is to be handed on. */
  readonly find: (head: Head) => KnownAnswer | undefined
  /** The state of the backend, which `give` is to be told. Asked once for all the requests that have come in before. */
  readonly state: () => number | undefined
  /** The headers, as names and values in turn, of an answer that still holds; it is then counted and logged. */
  readonly give: (answer: KnownAnswer, state: number | undefined) => Array<string> | undefined
  /** The state that an answer to this request is read after, where it may be kept. */
  readonly stateBefore: (method: string) => number | undefined
  /** Keeps the answer to a GET, if it can be given again, and was asked for before in this state. */
  readonly keep: (
    state: number | undefined,
    url: string,
    info: RequestInfo,
    response: HttpServerResponse.HttpServerResponse
  ) => void
}>("@bookio-kit/server/KnownAnswers", {
  defaultValue: () => ({
    find: () => undefined,
    state: () => undefined,
    give: () => undefined,
    stateBefore: () => undefined,
    keep: () => {}
  })
})

// Any other spelling is for who decodes it.
const bearer = "Bearer "

const keyOf = (channelId: ChannelId, access: Access, url: string) => `${channelId} ${access} ${url}`

const make = Effect.gen(function* () {
  const { callerOf, state } = yield* Freshness
  const accessLog = yield* AccessLog
  const clock = yield* Clock.Clock
  const record = Metrics.makeRecorder(yield* Effect.context<never>())
  let held: number | undefined
  let bytes = 0
  const answers = new Map<string, Entry>()
  const askedOnce = new Set<string>()

  const forget = () => {
    answers.clear()
    askedOnce.clear()
    bytes = 0
  }

  const find = ({ headers, method, url = "" }: Head): KnownAnswer | undefined => {
    if (method !== "GET" || answers.size === 0) return undefined
    const authorization = headers.authorization
    if (typeof authorization !== "string" || !authorization.startsWith(bearer)) return undefined
    // A body that nobody reads is for who reads bodies.
    if (headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined) return undefined
    const caller = callerOf(authorization.slice(bearer.length))
    if (caller === undefined) return undefined
    const entry = answers.get(keyOf(caller.channelId, caller.access, url))
    if (entry === undefined) return undefined
    const given = headers["x-request-id"]
    const requestId = requestIdFrom(typeof given === "string" ? given : undefined)
    return { entry, requestId, startedMs: clock.currentTimeMillisUnsafe() }
  }

  const give = ({ entry, requestId, startedMs }: KnownAnswer, now: number | undefined) => {
    if (entry.state !== now) return undefined
    const { channelId, headers, operation } = entry
    record(operation, 200, clock.currentTimeMillisUnsafe() - startedMs)
    accessLog.write({ requestId, method: "GET", status: 200, startedMs, operation, channelId })
    return [...headers, "x-request-id", requestId]
  }

  const keep = (
    before: number | undefined,
    url: string,
    { access, channelId, operation }: RequestInfo,
    { body, headers, status }: HttpServerResponse.HttpServerResponse
  ) => {
    if (before === undefined || access === undefined || channelId === undefined || operation === undefined) return
    if (url.length > longestUrl || status !== 200 || body._tag !== "Uint8Array" || body.contentLength > mostBytesOfOne)
      return
    if (before !== held) {
      // An answer that was read before the last commit must not take the place of those after it.
      if (before !== state()) return
      forget()
      held = before
    }
    const key = keyOf(channelId, access, url)
    if (answers.has(key)) return
    if (!askedOnce.delete(key)) {
      if (askedOnce.size >= mostAskedOnce) askedOnce.clear()
      askedOnce.add(key)
      return
    }
    const size = body.contentLength + key.length + entryBytes
    if (bytes + size > mostBytes) forget()
    bytes += size
    answers.set(key, {
      operation,
      channelId,
      headers: Object.entries(headers).flat(),
      body: body.text ?? body.body,
      state: before
    })
  }

  return { find, give, keep, state, stateBefore: (method: string) => (method === "GET" ? state() : undefined) }
})

/** Knows answers, where the backend can tell that they still hold, and no tracer wants to see each request. */
export const layer: Layer.Layer<never, never, AccessLog> = Layer.unwrap(
  Effect.map(References.TracerEnabled, (isTraced) => (isTraced ? Layer.empty : Layer.effect(KnownAnswers)(make)))
)
