/**
 * Listings asked for on behalf of somebody who wants the server's bytes and not its rows: a gateway. Such a request is sent
 * without a fiber and past `HttpClient`, which cost more than all else of it, within the client's budget and while its last
 * request succeeded. Bytes are handed on only when they are a success of the contract; whether they are is found out once,
 * for the same bytes mean the same. Every other end is told by the client's own call, which takes it for its first attempt.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { asOfMs } from "./Answers.ts"
import type { Limits } from "./Limits.ts"
import { blockedTimePage, reservationPage } from "./Operations.ts"
import { Received, waiting } from "./Received.ts"
import { type RouteOverrides, routeOf } from "./RouteOverrides.ts"
import { makeRecorder } from "./Telemetry.ts"
import type { ReceivedAnswer, Silence } from "./Transport.ts"

/** Reads the ids of a page by its schema; `undefined` where it does not fit. */
const reader = <S extends Schema.ConstraintDecoder<unknown>>(
  success: S,
  rowsOf: (page: S["Type"]) => ReadonlyArray<{ readonly id: number }>
) => {
  const decode = Schema.decodeUnknownResult(success)
  return (body: unknown): ReadonlyArray<number> | undefined => {
    const page = decode(body)
    return Result.isSuccess(page) ? rowsOf(page.success).map(({ id }) => id) : undefined
  }
}

const lists = {
  listReservations: {
    rows: "reservations",
    read: reader(reservationPage, ({ result }) => result.data.reservations)
  },
  listBlockedTimes: {
    rows: "blockedTimes",
    read: reader(blockedTimePage, ({ result }) => result.data.blockedTimes)
  }
}

/** The listings that can be relayed. */
export type RelayOperation = keyof typeof lists

/** What sends the requests: the platform's part. */
export interface RelayTransport {
  /**
   * Sends a GET, and tells once what came of it: the whole answer, silence, or that it took longer than `timeoutMs`. It
   * follows no redirect and reads at most `maxAnswerBytes`. What it gives back ends the request; then nothing is told.
   */
  readonly send: (
    request: {
      readonly url: string
      readonly headers: { readonly [name: string]: string }
      readonly timeoutMs: number
    },
    tell: (answer: ReceivedAnswer | Silence | "timeout") => void
  ) => () => void
  /** Whether two bodies of one length are the same bytes. */
  readonly isSame: (a: Uint8Array, b: Uint8Array) => boolean
}

export interface RelayRequest {
  readonly operation: RelayOperation
  /** The query of the contract, encoded, with `lang`. */
  readonly query: string
  readonly requestId: string
}

/** What came of a request. */
export type Relayed =
  /** A success of the contract: its body as it came, and the ids of its rows. */
  | { readonly _tag: "Page"; readonly bytes: Uint8Array; readonly ids: ReadonlyArray<number> }
  /** Anything else, which an effect learns in which the same list is asked for. */
  | { readonly _tag: "Other"; readonly resume: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> }

export interface Relay {
  /**
   * Sends a request, and tells once what came of it. What it gives back ends the request; `undefined` where the limits want
   * to be asked by a call: nothing was sent.
   */
  readonly send: (request: RelayRequest, tell: (relayed: Relayed) => void) => (() => void) | undefined
}

export interface RelayOptions {
  readonly transport: RelayTransport
  /** Where paths are put behind; it does not end in a slash. */
  readonly baseUrl: string
  readonly authorization: string
  readonly routes: RouteOverrides
  readonly limits: Limits
  readonly requestTimeoutMs: number
  readonly onServerTime: (epochMs: number, nowMs: number) => void
}

// Of all bodies that are remembered, in bytes; of those of one length, in number; of one.
const rememberedBytes = 8 * 1024 * 1024
const rememberedOfLength = 4
const longestRemembered = 1024 * 1024
// A request that may take longer is sent by a call, whose time limit is the caller's.
const longestTimeoutMs = 10_000

interface Page {
  readonly bytes: Uint8Array
  readonly ids: ReadonlyArray<number>
}

/** Pages that were read before, found by their bytes. */
const makeMemory = ({ isSame }: RelayTransport) => {
  const pages = new Map<string, ReadonlyArray<Page>>()
  let bytes = 0
  const keyOf = (operation: RelayOperation, body: Uint8Array) => `${operation} ${body.length}`
  return {
    find: (operation: RelayOperation, body: Uint8Array): Page | undefined =>
      pages.get(keyOf(operation, body))?.find((page) => isSame(page.bytes, body)),
    add: (operation: RelayOperation, { bytes: body, ids }: Page): void => {
      if (body.length > longestRemembered) return
      if (bytes + body.length > rememberedBytes) {
        pages.clear()
        bytes = 0
      }
      const others = pages.get(keyOf(operation, body)) ?? []
      // What came may be a part of a larger buffer.
      const page = { bytes: Uint8Array.from(body), ids }
      pages.set(keyOf(operation, body), [page, ...others.slice(0, rememberedOfLength - 1)])
      bytes += others.length < rememberedOfLength ? body.length : 0
    }
  }
}

// One for all clients of a transport: what bytes mean does not depend on who asked, and clients may be many.
const memories = new WeakMap<RelayTransport, ReturnType<typeof makeMemory>>()

const memoryOf = (transport: RelayTransport) => {
  const known = memories.get(transport)
  const memory = known ?? makeMemory(transport)
  if (known === undefined) memories.set(transport, memory)
  return memory
}

const utf8 = new TextDecoder("utf-8", { fatal: true })

const parse = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch {
    return undefined
  }
}

const hasOnly = (value: unknown, ...names: ReadonlyArray<string>): value is { readonly [name: string]: unknown } =>
  Predicate.isObject(value) && Object.keys(value).every((name) => names.includes(name))

const brace = 0x7b

/**
 * The ids of a page that is a success of the contract and nothing beside it: no warnings, no members of the envelope that
 * are not the contract's, no byte order mark. What rows have beside their members stays.
 */
const readPage = (operation: RelayOperation, bytes: Uint8Array): ReadonlyArray<number> | undefined => {
  if (bytes[0] !== brace) return undefined
  const body = parse(bytes)
  const { read, rows } = lists[operation]
  if (!hasOnly(body, "result") || !hasOnly(body.result, "success", "data")) return undefined
  if (!hasOnly(body.result.data, "pagination", rows)) return undefined
  return read(body)
}

/** Makes the relay of one client. */
export const makeRelay = Effect.fnUntraced(function* (options: RelayOptions): Effect.fn.Return<Relay> {
  const { authorization, baseUrl, limits, onServerTime, requestTimeoutMs, routes, transport } = options
  const clock = yield* Clock.Clock
  const context = yield* Effect.context<never>()
  const memory = memoryOf(transport)
  const record = {
    listReservations: makeRecorder("listReservations", context),
    listBlockedTimes: makeRecorder("listBlockedTimes", context)
  }
  let lastDate: string | undefined

  const pageOf = (operation: RelayOperation, bytes: Uint8Array): Page | undefined => {
    const known = memory.find(operation, bytes)
    if (known !== undefined) return { bytes, ids: known.ids }
    const ids = readPage(operation, bytes)
    if (ids === undefined) return undefined
    memory.add(operation, { bytes, ids })
    return { bytes, ids }
  }

  const send: Relay["send"] = ({ operation, query, requestId }, tell) => {
    const route = routeOf(routes, operation)
    if (route?.method !== "GET" || requestTimeoutMs > longestTimeoutMs || !limits.takeNow()) return undefined
    const sentMs = clock.currentTimeMillisUnsafe()
    const other = (answer: Received["answer"]) => {
      limits.giveBack()
      const received = waiting(operation, { answer, sentMs })
      tell({ _tag: "Other", resume: Effect.provideService(Received, received) })
    }
    return transport.send(
      {
        url: `${baseUrl}${route.path}?${query}`,
        headers: { authorization, accept: "application/json", "x-request-id": requestId },
        timeoutMs: requestTimeoutMs
      },
      (answer) => {
        if (answer === "timeout" || "unsent" in answer || answer.status !== 200 || answer.ended !== "whole") {
          return other(answer)
        }
        const page = pageOf(operation, answer.bytes)
        if (page === undefined) return other(answer)
        const nowMs = clock.currentTimeMillisUnsafe()
        // Read once a second, as often as it changes.
        if (answer.headers.date !== lastDate) {
          lastDate = answer.headers.date
          const serverMs = asOfMs(answer.headers)
          if (serverMs !== undefined) onServerTime(serverMs, nowMs)
        }
        record[operation](Math.max(0, nowMs - sentMs))
        tell({ _tag: "Page", ...page })
      }
    )
  }
  return { send }
})
