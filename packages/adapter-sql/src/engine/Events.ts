/** The change feed of the engine, from its own changes (engine.md, rules 9, 10 and 12). */
import { Caller } from "@bookio-kit/core/access/Caller"
import { PermissionDenied } from "@bookio-kit/core/error/Refusal"
import type { EventId } from "@bookio-kit/core/event/Event"
import { type EventPage, type EventQuery, Events } from "@bookio-kit/core/event/Events"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Database } from "../database/Database.ts"
import * as EventPulse from "./EventPulse.ts"
import * as EventStore from "./EventStore.ts"
import * as FacilityState from "./FacilityState.ts"

type CallerService = Caller["Service"]

// A follower of facilities where nothing happens still gets on, so that it can resume after 30 days, and is denied in time
// what its channel no longer reaches.
const idleTime = "15 seconds"

const read = Effect.fnUntraced(function* (caller: CallerService, { after, facilityId }: EventQuery) {
  // It would be told of reservations of other channels, which it does not see (rule 12).
  if (caller.access === "book") return yield* new PermissionDenied({ reason: "access" })
  const reached =
    facilityId === undefined
      ? yield* FacilityState.reachable(caller)
      : [yield* FacilityState.named(caller, facilityId, "read")]
  const facilities = reached.map(({ id }) => id)
  return { ...(yield* EventStore.page(facilities, after)), facilities }
})

const from = (query: EventQuery, last: EventId | undefined): EventQuery =>
  last === undefined ? query : { ...query, after: last }

const make = Effect.gen(function* () {
  const database = yield* Database
  const untilNewer = yield* EventPulse.make(database)

  /** The next events, however many of other facilities stand before them. */
  const next = Effect.fnUntraced(function* (caller: CallerService, query: EventQuery) {
    const first = yield* database.read(read(caller, query))
    let step = first
    while (step.page.events.length === 0 && !step.isEnd) {
      step = yield* database.read(read(caller, from(query, step.page.last)))
    }
    const page: EventPage = { ...step.page, hasGap: first.page.hasGap }
    return { page, facilities: step.facilities }
  })

  const wait = Effect.fnUntraced(function* (caller: CallerService, query: EventQuery) {
    for (;;) {
      const { facilities, page } = yield* next(caller, query)
      if (page.events.length > 0 || page.hasGap || page.last !== query.after) return page
      yield* Effect.timeoutOption(untilNewer(facilities, query.after ?? 0), idleTime)
    }
  })

  return Events.of({
    list: Effect.fn("Events.list")(function* (query) {
      return (yield* next(yield* Caller, query)).page
    }),
    follow: (query) =>
      Stream.unwrap(
        Effect.map(Caller, (caller) =>
          Stream.paginate(query, (at: EventQuery) =>
            Effect.map(wait(caller, at), (page) => {
              // A feed without events has no place to go on from: it is told once, and then followed from its beginning.
              const { after: _, ...rest } = at
              return [[page], Option.some(from(rest, page.last))] as const
            })
          )
        )
      ),
    newest: Effect.withSpan(database.read(EventStore.newest), "Events.newest")
  })
})

export const layer = Layer.effect(Events)(make)
