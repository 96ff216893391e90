/**
 * Core's port of the change feed, from what the gateway has seen at the upstream (`EventPoller`). A key sees the events of the
 * facilities that it names and its upstream token reaches, looked up for each page. Callers with upstream tokens of their own
 * have no feed: nobody watches the upstream for them.
 */
import { EndpointNotFound, PermissionDenied } from "@bookio-kit/core/error/Refusal"
import { EventId } from "@bookio-kit/core/event/Event"
import { type EventPage, type EventQuery, Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as EventPoller from "./EventPoller.ts"
import { EventStore } from "./EventStore.ts"
import { Exchange, makeExchange } from "./Exchange.ts"
import type { KeyRing } from "./Sessions.ts"
import { Sessions } from "./Sessions.ts"
import type { Upstream } from "./Upstream.ts"

export interface EventsOptions {
  /** How long after a look at the upstream the next one comes. */
  readonly every: Duration.Input
  /** Whether the upstream has a change feed of its own. */
  readonly hasFeed: boolean
}

/** The most events of one page. */
const pageSize = 500

// A follower of facilities where nothing happens still gets on, so that it can resume after 30 days.
const idleMs = 15_000
const checkEvery = "1 second"

/** Wakes all who wait, at each commit. */
const makePulse = () => {
  let next = Deferred.makeUnsafe<void>()
  return {
    /** Ends at the first beat after it was taken. */
    next: () => Deferred.await(next),
    beat: Effect.sync(() => {
      const now = next
      next = Deferred.makeUnsafe()
      Deferred.doneUnsafe(now, Exit.void)
    })
  }
}

const make = Effect.fnUntraced(function* (options: EventsOptions) {
  const store = yield* EventStore
  const sessions = yield* Sessions
  const facilities = yield* Facilities
  const pulse = makePulse()
  yield* EventPoller.run({ ...options, onCommit: pulse.beat })

  // All keys of passthrough are the callers' own tokens.
  const session = Effect.gen(function* () {
    const current = yield* sessions.current
    if (current.own !== undefined) return yield* new EndpointNotFound()
    return current
  })

  const reached = Effect.fnUntraced(function* (facilityId: FacilityId | undefined) {
    const { access } = yield* session
    // It would be told of reservations that it does not see.
    if (access === "book") return yield* new PermissionDenied({ reason: "access" })
    // Who follows may ask to pass the cache, which concerns the feed and not how often the upstream is asked for this.
    const rows = yield* Effect.provideService(facilities.list, Exchange, makeExchange(false))
    const ids = new Set(rows.map(({ id }) => id))
    if (facilityId === undefined) return ids
    if (!ids.has(facilityId)) return yield* new PermissionDenied({ reason: "facility" })
    return new Set([facilityId])
  })

  const page = Effect.fnUntraced(function* ({ after, facilityId }: EventQuery) {
    const { events, hasGap, last } = yield* store.find(yield* reached(facilityId), after ?? 0, pageSize)
    return { events, hasGap, ...(last === 0 ? {} : { last: EventId.make(last) }) } satisfies EventPage
  })

  /** Waits for the first page that says something new. */
  const untilNews = Effect.fnUntraced(function* (query: EventQuery, isFirst: boolean) {
    const startedMs = yield* Clock.currentTimeMillis
    // A key that is revoked ends its streams, also where nothing happens.
    const watch = Effect.repeat(session, Schedule.spaced(checkEvery))
    for (let first = isFirst; ; first = false) {
      const next = pulse.next()
      const found = yield* page(query)
      const isIdle = (yield* Clock.currentTimeMillis) - startedMs >= idleMs
      const hasMoved = found.last !== query.after && (first || isIdle)
      if (found.events.length > 0 || found.hasGap || hasMoved) return found
      yield* Effect.timeoutOption(Effect.raceFirst(next, watch), idleMs)
    }
  })

  return Events.of({
    list: Effect.fn("Events.list")(page),
    follow: (query) =>
      Stream.paginate({ query, isFirst: true }, ({ isFirst, query }) =>
        Effect.map(untilNews(query, isFirst), (found) => {
          const { after: _, ...rest } = query
          const next = found.last === undefined ? rest : { ...rest, after: found.last }
          return [[found], Option.some({ query: next, isFirst: false })] as const
        })
      ),
    newest: Effect.gen(function* () {
      yield* session
      const newest = yield* store.newest
      return newest === 0 ? undefined : EventId.make(newest)
    }).pipe(Effect.withSpan("Events.newest"))
  })
})

/** The feed of what is watched while the layer lives. */
export const layer = (
  options: EventsOptions
): Layer.Layer<Events, never, EventStore | Facilities | KeyRing | Sessions | Upstream> =>
  Layer.effect(Events)(make(options))

const notFound = Effect.fail(new EndpointNotFound())

/** No feed. */
export const layerNone: Layer.Layer<Events> = Layer.succeed(Events)({
  list: () => notFound,
  follow: () => Stream.fromEffect(notFound),
  newest: notFound
})
