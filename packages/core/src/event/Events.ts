/** The port of the change feed, an extension of the published API (engine.md, rule 9; sync.md, "A pass"). */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Caller } from "../access/Caller.ts"
import type { BackendError } from "../error/BackendError.ts"
import type { EndpointNotFound, InvalidToken, PermissionDenied } from "../error/Refusal.ts"
import type { FacilityId } from "../scalar/Id.ts"
import type { Event, EventId } from "./Event.ts"

/** Which events of the feed. */
export interface EventQuery {
  /** Events with a greater id; from the oldest that is kept where left out. */
  readonly after?: EventId
  /** Of this facility; of all that the caller reaches where left out. */
  readonly facilityId?: FacilityId
}

/** A stretch of the feed. */
export interface EventPage {
  /** Ascending by id. */
  readonly events: ReadonlyArray<Event>
  /**
   * What to ask for next as `after`: all events up to it that concern the query are told. Absent in a feed without events:
   * ask for its beginning.
   */
  readonly last?: EventId
  /**
   * Whether events after `after` may have been dropped, for they were older than 30 days, or `after` is an id that the feed has
   * not given out, as after its database was restored: then only full listings tell what changed. The page goes on behind
   * the gap, so that who asks for what follows `last` is not told of it again.
   */
  readonly hasGap: boolean
}

type FeedError = PermissionDenied | EndpointNotFound | InvalidToken | BackendError

export class Events extends Context.Service<
  Events,
  {
    /**
     * The next stretch of the feed, as long as the backend gives at once; an empty one means that all is told. An event is in
     * the feed when its change is committed, and no event with a smaller id appears later.
     *
     * @errors `PermissionDenied` for a facility that is not the channel's, and for access `book`, which sees the reservations
     * of its own channel only; `EndpointNotFound` where the backend has no feed (`Capabilities`).
     */
    readonly list: (query: EventQuery) => Effect.Effect<EventPage, FeedError, Caller>
    /**
     * The feed from `after` on, and then for ever: pages as they come, those without events only where `last` moved on. Who
     * may see what is looked up for each page. Ends by an error only, those of `list`.
     */
    readonly follow: (query: EventQuery) => Stream.Stream<EventPage, FeedError, Caller>
    /** The id of the newest event, of whichever facility: where to follow from for what happens from now on. */
    readonly newest: Effect.Effect<EventId | undefined, EndpointNotFound | InvalidToken | BackendError, Caller>
  }
>()("@bookio-kit/core/event/Events") {}
