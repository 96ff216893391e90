/** Core's port of the change feed over HTTP: the extension of bookio-kit's servers (api.md, "Extension"). */
import type { Caller } from "@bookio-kit/core/access/Caller"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { EndpointNotFound } from "@bookio-kit/core/error/Refusal"
import { type Event, EventId } from "@bookio-kit/core/event/Event"
import { type EventPage, type EventQuery, Events } from "@bookio-kit/core/event/Events"
import * as Effect from "effect/Effect"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { BookioClient, type BookioClientService } from "./BookioClient.ts"
import { batches } from "./EventMessages.ts"
import { only, responseMode } from "./Operations.ts"
import { waitMs } from "./Retry.ts"

// After so many events an answer is left, and the rest is asked for by the next call.
const pageSize = 500

// No event has this id: who asks for what follows it is told of a gap, and at once where the feed ends.
const beyondAll = EventId.make(Number.MAX_SAFE_INTEGER)

// An envelope in place of a stream is no answer of this operation.
const success = Schema.Struct({ result: Schema.Struct({ data: Schema.Never }) })

const cut = new BackendError({ reason: "Unreachable" })

/** Reads one stretch: to the end that the server tells, or until it is a page. */
const readPage = (response: HttpClientResponse): Effect.Effect<EventPage, BackendError> =>
  Effect.gen(function* () {
    const events: Array<Event> = []
    let last: EventId | undefined
    let hasGap = false
    let isEnd = false
    yield* Stream.runForEachWhile(batches(response), (batch) =>
      Effect.sync(() => {
        for (const event of batch.events) events.push(event)
        last = batch.last
        hasGap ||= batch.hasGap
        isEnd = batch.isEnd
        return events.length < pageSize
      })
    )
    if (!isEnd && events.length < pageSize) return yield* cut
    return { events, hasGap, ...(last === undefined ? {} : { last }) }
  })

const ask = <A>(
  { extension, read }: BookioClientService,
  { after, facilityId }: EventQuery,
  follow: boolean,
  take: (response: HttpClientResponse) => Effect.Effect<A, BackendError>
) => {
  if (extension === undefined) return Effect.fail(new EndpointNotFound())
  const query = { ...(facilityId === undefined ? {} : { facilityId }), follow }
  const headers = after === undefined ? {} : { "last-event-id": after }
  return read<A>({
    operation: "listEvents",
    success,
    send: (lang) => extension.extension.listEvents({ query: { ...query, ...lang }, headers, responseMode }),
    take
  }).pipe(
    only("PermissionDenied", "EndpointNotFound", "InvalidToken"),
    Effect.map(({ data }) => data)
  )
}

const onAfter = ({ after: _, ...query }: EventQuery, { last }: EventPage): EventQuery =>
  last === undefined ? query : { ...query, after: last }

type FollowError = Effect.Error<ReturnType<typeof ask>>

/** Comes again whenever the stream ends, after a wait that grows while nothing arrives; ends by a refusal only. */
const follow = (client: BookioClientService, query: EventQuery): Stream.Stream<EventPage, FollowError, Caller> =>
  Stream.suspend(() => {
    let at = query
    let failures = 0
    const isNews = ({ events, hasGap, last }: EventPage) => events.length > 0 || hasGap || last !== at.after
    const connection = Stream.unwrap(
      Effect.suspend(() => ask(client, at, true, (response) => Effect.succeed(batches(response))))
    ).pipe(
      Stream.filter(isNews),
      Stream.map(({ isEnd: _, ...page }): EventPage => {
        failures = 0
        at = onAfter(at, page)
        return page
      }),
      Stream.catchIf(
        (error): error is BackendError => error._tag === "BackendError" && error.isRetryable,
        () => Stream.empty
      )
    )
    const wait = Effect.flatMap(Random.next, (random) => Effect.sleep(waitMs(failures++, random, undefined)))
    return Stream.forever(Stream.concat(connection, Stream.fromEffectDrain(wait)))
  })

/**
 * Fails with `EndpointNotFound` where the client was told of no extension, and where the server turns out to have none.
 * `follow` outlives failures of the network and restarts of the server.
 */
export const layer: Layer.Layer<Events, never, BookioClient> = Layer.effect(Events)(
  Effect.map(BookioClient, (client) =>
    Events.of({
      list: Effect.fn("Events.list")((query) => ask(client, query, false, readPage)),
      follow: (query) => follow(client, query),
      newest: ask(client, { after: beyondAll }, false, readPage).pipe(
        // It names no facility, and a token that may not read the feed has no business with its end.
        Effect.catchTag("PermissionDenied", (error) =>
          Effect.fail(new BackendError({ reason: "Internal", cause: error }))
        ),
        Effect.map(({ last }) => last),
        Effect.withSpan("Events.newest")
      )
    })
  )
)
