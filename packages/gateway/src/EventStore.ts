/**
 * The port of a gateway's change feed: the events it has told, and of each record of the upstream what it looked like when it
 * was seen last, by which a change is recognised. It is about one upstream server. Of records only their ids and a keyed
 * digest of the rest are stored, and the last moment of a blocked time: no data of a person.
 */
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import { type Event, EventId, type EventKind } from "@bookio-kit/core/event/Event"
import type { BlockedTimeId, CalendarId, FacilityId, ReservationId } from "@bookio-kit/core/scalar/Id"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/** What is watched. */
export type WatchedKind = "reservation" | "blockedTime" | "calendar"

/** A record as it was seen. */
export interface Seen {
  readonly id: number
  /** All of it that counts as a change (`EventContent`); kept as a keyed digest only. */
  readonly content: string
  /** Of a blocked time its end, as the upstream writes it: wall-clock time, which sorts as text. */
  readonly until?: string
}

/**
 * How far a facility was read. `Polled`: its listings, by the upstream's clock; `wholeMs` is when it was compared whole, by
 * ours (Unix milliseconds). `Followed`: the upstream's own feed, all up to and with its event `last`; 0 in an empty feed.
 */
export type Source =
  | {
      readonly _tag: "Polled"
      /** That of `EventContent` by which its records are known. */
      readonly contentVersion: number
      readonly wholeMs: number
      readonly reservationsMs: number
      readonly blockedTimesMs: number
    }
  | { readonly _tag: "Followed"; readonly last: number }

/** A stretch of the upstream's own feed, for the facilities that are followed with it. */
export interface Stretch {
  readonly facilities: ReadonlyArray<FacilityId>
  readonly events: ReadonlyArray<Event>
  readonly last: EventId
  readonly hasGap: boolean
}

/** Events in the order of their ids, and how far that looked. */
export interface Found {
  readonly events: ReadonlyArray<Event>
  /** Up to which id all is told: that of the last event where there are more than one asks for. */
  readonly last: number
  /** Whether something after `after` and before the first of the events is not known, or no longer. */
  readonly hasGap: boolean
}

type Stored<A> = Effect.Effect<A, BackendError>

export class EventStore extends Context.Service<
  EventStore,
  {
    /** How far a facility was read; absent before its first complete reading. @errors `BackendError` when the store fails. */
    readonly source: (facilityId: FacilityId) => Stored<Source | undefined>
    /**
     * Stores how far a facility was read. `gapAtMs` puts a gap into the feed of the facility: what happened before it is not
     * all told. Durable when it ends. @errors as `source`.
     */
    readonly setSource: (facilityId: FacilityId, source: Source, gapAtMs?: number) => Stored<void>
    /**
     * Stores what records look like, and in the same step an event for each that is new or looks other than before; none
     * with `isQuiet`. Durable when it ends. @returns the kinds of the events. @errors as `source`.
     */
    readonly see: (
      kind: WatchedKind,
      facilityId: FacilityId,
      seen: ReadonlyArray<Seen>,
      at: { readonly nowMs: number; readonly isQuiet: boolean }
    ) => Stored<ReadonlyArray<EventKind>>
    /** Ids of a facility's blocked times that end at or after a wall-clock time; all without one. @errors as `source`. */
    readonly blockedTimes: (facilityId: FacilityId, until?: string) => Stored<ReadonlyArray<number>>
    /** Forgets blocked times, each with the event of its removal, in one step. Durable when it ends. @errors as `source`. */
    readonly remove: (facilityId: FacilityId, ids: ReadonlyArray<number>, nowMs: number) => Stored<void>
    /**
     * Takes over what the upstream's feed tells of followed facilities, each event once, and how far it was read, in one step.
     * A gap is taken over as one. Durable when it ends. @returns the kinds of the events that are new. @errors as `source`.
     */
    readonly take: (stretch: Stretch, nowMs: number) => Stored<ReadonlyArray<EventKind>>
    /** Events of facilities with an id greater than `after`, at most `limit`. @errors as `source`. */
    readonly find: (facilities: ReadonlySet<FacilityId>, after: number, limit: number) => Stored<Found>
    /** The greatest id that the feed has given; 0 in an empty feed. @errors as `source`. */
    readonly newest: Stored<number>
    /** Forgets events of before an instant (Unix milliseconds), the oldest first, some at a time. @errors as `source`. */
    readonly prune: (beforeMs: number) => Stored<void>
  }
>()("@bookio-kit/gateway/EventStore") {}

/** An event by its parts: `atMs` is Unix time in milliseconds, `recordId` that of whichever record its kind is about. */
export const eventOf = (id: number, facilityId: FacilityId, atMs: number, kind: EventKind, recordId: number): Event => {
  const common = { id: EventId.make(id), facilityId, at: new Date(atMs).toISOString() }
  switch (kind) {
    case "reservation.created":
    case "reservation.changed":
      return { ...common, kind, reservationId: recordId as ReservationId }
    case "blockedTime.created":
    case "blockedTime.changed":
    case "blockedTime.removed":
      return { ...common, kind, blockedTimeId: recordId as BlockedTimeId }
    case "calendar.created":
    case "calendar.changed":
      return { ...common, kind, calendarId: recordId as CalendarId }
  }
}

/** What an event is about. */
export const recordIdOf = (event: Event): number =>
  "reservationId" in event ? event.reservationId : "blockedTimeId" in event ? event.blockedTimeId : event.calendarId

/** The kind of the event of a record that is seen for the first time, or looks other than before. */
export const kindOf = (kind: WatchedKind, isNew: boolean): EventKind => `${kind}.${isNew ? "created" : "changed"}`
