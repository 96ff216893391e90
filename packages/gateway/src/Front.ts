/**
 * Requests that are answered before the router hears of them: hits of the cache, as the bytes that the router sent before,
 * and listings of changes, as the bytes that the upstream sends. Both only where nothing is to be decided: a key in force
 * whose rate has something left, a facility that it reaches, a request whose form is plain. All else is handed on, what was
 * done for it too, and a request that the upstream did not answer with a page is served anew from there on.
 *
 * It does what the router would: the order of the checks, the rate, the cache's generations, the index of ids, the limits
 * towards the upstream, the headers. With a tracer nothing is taken, for each request has a span.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { basePath, routes } from "@bookio-kit/core/api/BookioApi"
import type { ChannelId, FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import type { RateState } from "./Exchange.ts"
import { FacilityIndex } from "./FacilityIndex.ts"
import { handOver, type KeptBody } from "./Handover.ts"
import { asksForFresh, headersOf } from "./Headers.ts"
import { makeHitCounter } from "./Metrics.ts"
import { type PlainList, readPlainList } from "./PlainList.ts"
import { reaches, type Session } from "./Session.ts"
import { type Known, Sessions } from "./Sessions.ts"
import { Upstream } from "./Upstream.ts"

/** A request that was answered here, with status 200; `startedMs` is Unix time in milliseconds. */
export interface FrontAnswer {
  readonly requestId: string
  readonly operation: string
  readonly channelId: ChannelId
  readonly startedMs: number
}

export interface FrontOptions {
  /** The id of a request, from its header `X-Request-Id`. */
  readonly requestIdOf: (given: string | undefined) => string
  /** Told of each answer once it is sent: for a log and for metrics. */
  readonly onAnswer: (answer: FrontAnswer) => void
  /** Told of a request that is handed on after the upstream was asked, and when work on it began. */
  readonly onHandOn: (request: IncomingMessage, startedMs: number) => void
}

/**
 * Takes a request, which is answered then or later, or leaves it (`false`). One that was taken and cannot be answered here is
 * handed on by `handOn`, at most once.
 */
export type Take = (request: IncomingMessage, response: ServerResponse, handOn: () => void) => boolean

export class Front extends Context.Service<Front, { readonly open: (options: FrontOptions) => Take }>()(
  "@bookio-kit/gateway/Front"
) {}

// All answers that are kept here, beside those of the cache that they are made of.
const bytesLimit = 32 * 1024 * 1024
const countLimit = 10_000
const longestUrl = 2048
const sweepEvery = "10 seconds"

interface Entry {
  readonly session: Session
  readonly operation: string
  readonly ageMs: (nowMs: number) => number | undefined
  readonly body: string | Uint8Array
  readonly length: number
}

/** Answers by key and URL, the oldest first. */
const makeEntries = () => {
  const entries = new Map<string, Entry>()
  let bytes = 0
  const drop = (key: string) => {
    bytes -= entries.get(key)?.length ?? 0
    entries.delete(key)
  }
  return {
    get: (key: string) => entries.get(key),
    drop,
    set: (key: string, entry: Entry) => {
      drop(key)
      entries.set(key, entry)
      bytes += entry.length
      for (const oldest of entries.keys()) {
        if (bytes <= bytesLimit && entries.size <= countLimit) return
        drop(oldest)
      }
    },
    sweep: (nowMs: number) => {
      for (const [key, entry] of entries) if (entry.ageMs(nowMs) === undefined) drop(key)
    }
  }
}

// The operations that are read through the cache, by their paths.
const cachedOperations: ReadonlyMap<string, string> = new Map(
  routes().flatMap(({ method, operation, path }) => (method === "GET" ? [[`${basePath}${path}`, operation]] : []))
)

const bearer = "Bearer "

/** The upstream's listing that answers a request by itself; `undefined` where there is none that the session may see. */
const targetOf = (session: Session, list: PlainList): { readonly facilityId: FacilityId | undefined } | undefined => {
  // Keys of access `book` are refused some lists, and told less of others.
  if (session.access === "book" || !list.isOfChanges) return undefined
  const { facilities } = session
  if (list.facilityId !== undefined)
    return reaches(session, list.facilityId) ? { facilityId: list.facilityId } : undefined
  if (facilities === undefined) return { facilityId: undefined }
  const [only, ...others] = facilities
  return only !== undefined && others.length === 0 ? { facilityId: only } : undefined
}

const queryOf = ({ facilityId: named, hasLanguage, query }: PlainList, facilityId: FacilityId | undefined): string =>
  `${query}${named === undefined && facilityId !== undefined ? `&facilityId=${facilityId}` : ""}${hasLanguage ? "" : "&lang=en"}`

const make = Effect.gen(function* () {
  const sessions = yield* Sessions
  const upstream = yield* Upstream
  const index = yield* FacilityIndex
  const clock = yield* Clock.Clock
  const context = yield* Effect.context<never>()
  const isTraced = yield* References.TracerEnabled
  const runFork = Effect.runForkWith(context)
  const entries = makeEntries()
  const countHit = new Map([...cachedOperations.values()].map((name) => [name, makeHitCounter(name, context)]))

  const sweep = Effect.andThen(Effect.sleep(sweepEvery), Effect.map(Clock.currentTimeMillis, entries.sweep))
  yield* Effect.forkScoped(Effect.forever(sweep))

  const open = ({ onAnswer, onHandOn, requestIdOf }: FrontOptions): Take => {
    const answer = (
      response: ServerResponse,
      { body, length }: Pick<Entry, "body" | "length">,
      exchange: { readonly cache: "hit" | "bypass"; readonly ageMs: number; readonly rate: RateState | undefined },
      answered: FrontAnswer
    ) => {
      const headers = ["content-type", "application/json", "content-length", String(length)]
      headersOf(exchange, headers)
      headers.push("x-request-id", answered.requestId)
      response.writeHead(200, headers)
      response.end(body)
      onAnswer(answered)
    }

    /** Has the upstream asked for the list. */
    const relay = (
      request: IncomingMessage,
      response: ServerResponse,
      handOn: () => void,
      list: PlainList,
      facilityId: FacilityId | undefined,
      { channelId, session }: Known,
      rate: RateState | undefined,
      startedMs: number
    ): boolean => {
      const { operation } = list
      const requestId = requestIdOf(request.headers["x-request-id"] as string | undefined)
      let isOver = false
      const give = (bytes: Uint8Array) => {
        if (response.destroyed) return
        const answered = { requestId, operation, channelId, startedMs }
        answer(response, { body: bytes, length: bytes.length }, { cache: "bypass", ageMs: 0, rate }, answered)
      }
      const end = upstream.relay(session, { operation, query: queryOf(list, facilityId), requestId }, (relayed) => {
        isOver = true
        if (relayed._tag === "Other") {
          request.headers["x-request-id"] = requestId
          handOver(request, { rate, resume: relayed.resume })
          onHandOn(request, startedMs)
          return handOn()
        }
        const { bytes, ids } = relayed
        const kind = operation === "listReservations" ? "reservation" : "blockedTime"
        if (facilityId === undefined || index.knows(kind, facilityId, ids)) return give(bytes)
        // Whoever has seen an id may name it in his next request.
        return runFork(index.learn(kind, facilityId, ids)).addObserver(() => give(bytes))
      })
      if (end === undefined) return false
      // A caller that has gone away needs no answer.
      response.once("close", () => {
        if (!isOver) end()
        isOver = true
      })
      return true
    }

    return (request, response, handOn) => {
      const { headers, method, url = "" } = request
      const { authorization } = headers
      if (method !== "GET" || authorization?.startsWith(bearer) !== true || url.length > longestUrl) return false
      // A body that nobody reads is for who reads bodies.
      if (headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined) return false
      if (asksForFresh(headers["cache-control"], headers.pragma)) return false
      const nowMs = clock.currentTimeMillisUnsafe()
      const known = sessions.known(authorization.slice(bearer.length), nowMs)
      if (known === undefined) return false
      const { bucket, channelId, session } = known
      const key = `${known.sha256} ${url}`
      const entry = entries.get(key)
      const ageMs = entry?.session === session ? entry.ageMs(nowMs) : undefined
      if (entry !== undefined && ageMs !== undefined) {
        const counted = bucket?.take(nowMs)
        // Nothing was taken, so it is refused where it always is.
        if (counted?.retryAfterMs !== undefined) return false
        const { operation } = entry
        const requestId = requestIdOf(headers["x-request-id"] as string | undefined)
        answer(
          response,
          entry,
          { cache: "hit", ageMs, rate: counted?.state },
          { requestId, operation, channelId, startedMs: nowMs }
        )
        countHit.get(operation)?.()
        return true
      }
      if (entry !== undefined) entries.drop(key)
      const list = readPlainList(url)
      const target = list === undefined ? undefined : targetOf(session, list)
      if (list !== undefined && target !== undefined) {
        const counted = bucket?.take(nowMs)
        if (counted?.retryAfterMs !== undefined) return false
        const rate = counted?.state
        if (relay(request, response, handOn, list, target.facilityId, known, rate, nowMs)) return true
        handOver(request, { rate })
        return false
      }
      const operation = cachedOperations.get(url.split("?", 1)[0] ?? "")
      if (operation === undefined) return false
      const keep = (age: Entry["ageMs"], { bytes, text }: KeptBody) =>
        entries.set(key, { session, operation, ageMs: age, body: text ?? bytes, length: bytes.length })
      handOver(request, { keep })
      return false
    }
  }

  return Front.of({ open: isTraced ? () => () => false : open })
})

export const layer: Layer.Layer<Front, never, Sessions | Upstream | FacilityIndex> = Layer.effect(Front)(make)
