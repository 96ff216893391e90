/**
 * The port of a practice calendar: the appointment book of one doctor or room, wherever it lies (calendars.md). An adapter
 * reads and writes items and tells what it knows for certain; what follows for Bookio is not its business.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { TimeZone } from "../time/TimeZone.ts"
import type { AppointmentChange, AppointmentContent, PracticeItem } from "./Appointment.ts"

/** Where times without a zone are read, and which occurrences are told: those that overlap [fromMs, toMs). */
export interface CalendarWindow {
  /** The facility's zone. */
  readonly timeZone: TimeZone
  /** Unix time in milliseconds. */
  readonly fromMs: number
  readonly toMs: number
}

/** An item and the content that a change starts from. */
export interface ItemRef {
  readonly href: string
  readonly etag: string
}

/**
 * Items, batch by batch, each at least once; then the end. `token` is what changes can be asked for since, where the
 * calendar has such a thing. Absence proves nothing unless `coverage` is `complete`.
 */
export type Listed =
  | { readonly _tag: "Items"; readonly items: ReadonlyArray<PracticeItem> }
  | { readonly _tag: "End"; readonly token?: string; readonly coverage: "complete" | "unknown" }

/** The token is not valid any more, or this calendar has none: only a full listing tells what changed. */
export class SyncTokenInvalid extends Schema.TaggedError<SyncTokenInvalid>()("SyncTokenInvalid", {}) {}

/** The item's content is not that of the etag: read it, and decide again. */
export class ItemChanged extends Schema.TaggedError<ItemChanged>()("ItemChanged", {}) {}

/** There is no item of this name. */
export class ItemNotFound extends Schema.TaggedError<ItemNotFound>()("ItemNotFound", {}) {}

/** There is an item of this UID already; where it is, if the calendar says so. */
export class ItemExists extends Schema.TaggedError<ItemExists>()("ItemExists", {
  href: Schema.optionalKey(Schema.String)
}) {}

/** The calendar refuses this one item for good: it is too large, not writable, or its UID was used up. */
export class ItemRefused extends Schema.TaggedError<ItemRefused>()("ItemRefused", {
  /** What the calendar said, without any text of the item. */
  problem: Schema.String,
  /** The item's etag by now, where the attempt itself changed it. */
  etag: Schema.optionalKey(Schema.String)
}) {}

/**
 * Why the calendar as a whole could not answer. `Unauthorized`: wrong or expired password. `CalendarNotFound`: it vanished,
 * or the folder lacks its marker. `Full`: no space. `MalformedResponse`: an answer that cannot be understood, a parse error,
 * an answer over the limit. `OutcomeUnknown`: a write that may have happened.
 */
export const PracticeErrorReason = Schema.Literals([
  "Unauthorized",
  "Forbidden",
  "CalendarNotFound",
  "Unreachable",
  "Timeout",
  "RateLimited",
  "Overloaded",
  "Full",
  "MalformedResponse",
  "OutcomeUnknown",
  "Internal"
])
export type PracticeErrorReason = typeof PracticeErrorReason.Type

const passing: ReadonlySet<PracticeErrorReason> = new Set([
  "Unreachable",
  "Timeout",
  "RateLimited",
  "Overloaded",
  "MalformedResponse"
])

export class PracticeError extends Schema.TaggedError<PracticeError>()("PracticeError", {
  reason: PracticeErrorReason,
  /** What is wrong and what would help, naming the calendar; no text of an item, no password, no address with one. */
  problem: Schema.String,
  /** Milliseconds to wait before a retry, where the calendar said so. */
  retryAfterMs: Schema.optionalKey(Schema.Finite),
  /** For the log of this process only. */
  cause: Schema.optionalKey(Schema.Unknown)
}) {
  /** Whether the same request can succeed without anyone's doing. A write of unknown outcome is looked up first. */
  get isRetryable(): boolean {
    return passing.has(this.reason)
  }
  override get message() {
    return `${this.reason}: ${this.problem}`
  }
}

export class PracticeCalendar extends Context.Service<
  PracticeCalendar,
  {
    /**
     * All items.
     *
     * @param known - the etags that are known of these hrefs: an item whose etag is the same may be told as `Unchanged`
     * without being read.
     * @errors `PracticeError`. One item that cannot be read is an `Unreadable` and not an error.
     */
    readonly list: (
      window: CalendarWindow,
      known?: (hrefs: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, string>>
    ) => Stream.Stream<Listed, PracticeError>
    /**
     * What changed since a token that an earlier listing ended with; removed items are told as `Removed`. A listing that is
     * cut short ends with a token to go on from and coverage `unknown`.
     *
     * @errors `SyncTokenInvalid`; `PracticeError`.
     */
    readonly changes: (token: string, window: CalendarWindow) => Stream.Stream<Listed, SyncTokenInvalid | PracticeError>
    /** Reads one item. @errors `ItemNotFound`; `PracticeError`. */
    readonly read: (href: string, window: CalendarWindow) => Effect.Effect<PracticeItem, ItemNotFound | PracticeError>
    /**
     * Makes an item of this UID, only if there is none. Its times are written in the zone.
     *
     * @errors `ItemExists`; `ItemRefused`; `PracticeError`, also `OutcomeUnknown`.
     */
    readonly create: (
      content: AppointmentContent,
      timeZone: TimeZone
    ) => Effect.Effect<ItemRef, ItemExists | ItemRefused | PracticeError>
    /**
     * Changes an item only if it is unchanged; a change that it shows already writes nothing and gives the same etag.
     *
     * @errors `ItemChanged`; `ItemNotFound`; `ItemRefused`; `PracticeError`, also `OutcomeUnknown`.
     */
    readonly update: (
      item: ItemRef,
      change: AppointmentChange,
      timeZone: TimeZone
    ) => Effect.Effect<ItemRef, ItemChanged | ItemNotFound | ItemRefused | PracticeError>
    /** Removes an item only if it is unchanged. @errors as `update`. */
    readonly remove: (item: ItemRef) => Effect.Effect<void, ItemChanged | ItemNotFound | ItemRefused | PracticeError>
  }
>()("@bookio-kit/core/sync/PracticeCalendar") {}
