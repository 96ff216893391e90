/**
 * The change feed as Server-Sent Events (WHATWG HTML, 9.2). `id` is the event's, `event` its kind, `data` the event as JSON.
 * Beside those of the feed there are two: `gap`, after which only full listings tell what changed, and `position`, up to
 * whose id everything is told. An `id` without a value means the feed's beginning.
 *
 * A stream is pulled by its reader, one page ahead at most, so a slow one holds little memory. Its line in the access log and
 * its count among the requests are written when it begins.
 */
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { Caller } from "@bookio-kit/core/access/Caller"
import type { ApiError } from "@bookio-kit/core/api/Envelope"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import type { EventId } from "@bookio-kit/core/event/Event"
import { type EventPage, type EventQuery, Events } from "@bookio-kit/core/event/Events"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { bearerOf } from "./Authorization.ts"
import { Closing } from "./Closing.ts"
import { describeCause } from "./Describe.ts"
import { answerError } from "./Failures.ts"
import { checkAccess } from "./Operation.ts"
import { RequestInfo } from "./RequestInfo.ts"

/** The most streams that are open at once; one more is refused as `Overloaded`. */
export const maxStreams = 1000

/** How often a stream in which nothing happens says so, that nobody between takes it for dead. */
export const heartbeatEvery = "15 seconds"

// How long a reader is to wait before it comes again.
const retryMs = 2000

// A revocation holds from the next second (engine.md, rule 12), in streams too.
const authenticatedForMs = 1000

const openStreams = Metric.gauge("bookio_event_streams", { description: "Open streams of the change feed" })

const utf8 = new TextEncoder()

const message = (id: EventId | undefined, event: string, data: object) =>
  `id: ${id ?? ""}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`

const beginning = utf8.encode(`retry: ${retryMs}\n\n`)
const heartbeat = utf8.encode(": still here\n\n")

/** A page as text. The gap comes first, for what follows it does not close it. */
const encodePage = (after: EventId | undefined, page: EventPage, isEnd: boolean): Uint8Array => {
  const [first] = page.events
  const events = page.events.map((event) => message(event.id, event.kind, event)).join("")
  // A reader that comes again with the id of the gap is told the same events, and no gap.
  const gapId = first === undefined ? page.last : ((first.id - 1 || undefined) as EventId | undefined)
  const gap = page.hasGap ? message(gapId, "gap", {}) : ""
  const lastId = page.events.at(-1)?.id ?? after
  const position = isEnd || (page.last !== lastId && page.last !== undefined) ? message(page.last, "position", {}) : ""
  return utf8.encode(gap + events + position)
}

/** Says that it lives whenever the stream has had nothing for so long; `check` may end it then. */
const withHeartbeats = <E, R>(self: Stream.Stream<Uint8Array, E, R>, check: Effect.Effect<boolean>) =>
  Stream.fromPull(
    Effect.gen(function* () {
      const pull = yield* Stream.toPull(self)
      const scope = yield* Effect.scope
      let pending: Fiber.Fiber<Effect.Success<typeof pull>, Effect.Error<typeof pull>> | undefined
      return Effect.gen(function* () {
        pending ??= yield* Effect.forkIn(pull, scope)
        const exit = yield* Effect.timeoutOption(Fiber.await(pending), heartbeatEvery)
        if (Option.isNone(exit)) {
          if (yield* check) return [heartbeat] as const
          return yield* Cause.done()
        }
        pending = undefined
        return yield* exit.value
      })
    })
  ).pipe(Stream.scoped)

// A refusal is the reader's, and nothing to look after.
const logEnd = Effect.fnUntraced(function* (cause: Cause.Cause<ApiError>) {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error !== undefined && error._tag !== "BackendError") return
  const { requestId } = yield* RequestInfo
  yield* Effect.annotateLogs(Effect.logWarning("event stream cut"), { requestId, error: describeCause(cause) })
})

/** A decoded request of the feed. */
interface EventsRequest {
  readonly endpoint: HttpApiEndpoint.Constraint
  readonly request: HttpServerRequest.HttpServerRequest
  readonly query: { readonly after?: EventId; readonly facilityId?: FacilityId; readonly follow?: boolean }
  readonly headers: { readonly "last-event-id"?: EventId }
}

const queryOf = ({ headers, query: { after: given, facilityId } }: EventsRequest): EventQuery => {
  const after = headers["last-event-id"] ?? given
  return { ...(after === undefined ? {} : { after }), ...(facilityId === undefined ? {} : { facilityId }) }
}

const onAfter = ({ after: _, ...query }: EventQuery, { last }: EventPage): EventQuery =>
  last === undefined ? query : { ...query, after: last }

/** Makes what serves the change feed. */
export const makeServeEvents = Effect.gen(function* () {
  const events = yield* Events
  const { authenticate } = yield* Authenticator
  const closing = yield* Closing
  let open = 0
  const count = (change: 1 | -1) =>
    Effect.suspend(() => {
      open += change
      return Metric.update(openStreams, open)
    })

  return (asked: EventsRequest) =>
    Effect.gen(function* () {
      yield* checkAccess(asked)
      if (open >= maxStreams) return yield* new BackendError({ reason: "Overloaded" })
      const context = yield* Effect.context<Caller>()
      const caller = yield* Caller
      const query = queryOf(asked)
      // What is refused is refused before the stream begins, in the envelope.
      const first = yield* events.list(query)
      const token = bearerOf(asked.request.headers)
      let authenticatedMs = yield* Clock.currentTimeMillis
      const isStillAllowed = Effect.gen(function* () {
        const nowMs = yield* Clock.currentTimeMillis
        if (nowMs - authenticatedMs < authenticatedForMs) return true
        const found = yield* authenticate(token, { isAgain: true })
        authenticatedMs = nowMs
        return found.channelId === caller.channelId && found.access === caller.access
      }).pipe(Effect.orElseSucceed(() => false))

      const untilTold = Stream.paginate({ at: query, page: first }, ({ at, page }) =>
        Effect.gen(function* () {
          const isEnd = page.events.length === 0
          const next = onAfter(at, page)
          const bytes = encodePage(at.after, page, isEnd)
          return [[bytes], isEnd ? Option.none() : Option.some({ at: next, page: yield* events.list(next) })] as const
        })
      )
      const forEver = Stream.concat(
        Stream.make([query, first] as const),
        Stream.mapAccum(
          events.follow(onAfter(query, first)),
          () => onAfter(query, first),
          (at, page) => [onAfter(at, page), [[at, page] as const]] as const
        )
      ).pipe(Stream.map(([at, page]) => encodePage(at.after, page, false)))

      const told = (asked.query.follow ?? true) ? forEver : untilTold
      const body = told.pipe(
        Stream.filter((bytes) => bytes.length > 0),
        Stream.takeWhileEffect(() => isStillAllowed),
        (pages) => withHeartbeats(pages, isStillAllowed),
        // Its reader comes again, and is then told what is wrong.
        Stream.catchCause((cause) => Stream.fromEffectDrain(logEnd(cause))),
        (pages) => Stream.concat(Stream.make(beginning), pages),
        Stream.interruptWhen(closing.await),
        (pages) =>
          Stream.unwrap(
            Effect.as(
              Effect.acquireRelease(count(1), () => count(-1)),
              pages
            )
          ),
        Stream.provideContext(context)
      )
      return HttpServerResponse.stream(body, {
        contentType: "text/event-stream",
        headers: { "cache-control": "no-store", "x-accel-buffering": "no" }
      })
    }).pipe(Effect.catch((error) => answerError(error)))
})
