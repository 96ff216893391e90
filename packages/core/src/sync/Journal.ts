/**
 * The port of the sync's journal: what a worker must know after a crash, on disk before it acts (sync.md, "Journal").
 * Everything belongs to one facility of one account, named by a `FacilityKey`; whoever writes holds its lease, and every
 * write carries the lease's token, so that a worker that lost it can store nothing.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { ItemKind, SyncItem } from "./SyncItem.ts"
import { Side, SyncState } from "./SyncState.ts"

export const FacilityKey = Schema.String.pipe(Schema.brand("FacilityKey"))
/** One facility as one account of one server reaches it. */
export type FacilityKey = typeof FacilityKey.Type

/** A lease: who writes, until when. */
export interface Lease {
  readonly facility: FacilityKey
  /** Greater than that of every lease before it. */
  readonly fence: number
  /** When it ends, by the journal's clock, Unix time in milliseconds. */
  readonly untilMs: number
}

/** Another worker holds the lease, or took it over. */
export class LeaseLost extends Schema.TaggedError<LeaseLost>()("LeaseLost", {
  /** Milliseconds until it ends, where another holds it. */
  remainingMs: Schema.optionalKey(Schema.Finite)
}) {}

/** The journal cannot be read or written. `Locked`: another process has it; `Full`: no space; nothing was stored. */
export class JournalError extends Schema.TaggedError<JournalError>()("JournalError", {
  reason: Schema.Literals(["Locked", "Full", "Internal"]),
  cause: Schema.optionalKey(Schema.Unknown)
}) {
  get isRetryable(): boolean {
    return this.reason !== "Internal"
  }
  override get message() {
    return this.reason
  }
}

/** How far a facility's listings were read; plain data, of the pass's own making (`@bookio-kit/sync`). */
export type Progress = { readonly [name: string]: Schema.Json }

/** A value that lost, or a change that was refused: shown until someone decides or it is moot. */
export const Conflict = Schema.Struct({
  id: Schema.Int,
  itemId: Schema.Int,
  sinceMs: Schema.Int,
  /** What it is about. `refused`: Bookio said no to the practice's change. `put-back`: ours was changed or removed there. */
  field: Schema.Literals(["term", "status", "text", "refused", "put-back", "removed", "hold"]),
  /** Both values, as they were. */
  bookio: Schema.optionalKey(SyncState),
  practice: Schema.optionalKey(SyncState),
  /** Whose value stands; absent while nobody's does. */
  winner: Schema.optionalKey(Side),
  /** errorCode or tag of a refusal. */
  refusal: Schema.optionalKey(Schema.String),
  /** `open` waits for someone's decision; `shown` was decided by the policy; `resolved` is history. */
  state: Schema.Literals(["open", "shown", "resolved"]),
  /** What someone decided: whose value is to stand. */
  resolution: Schema.optionalKey(Side)
})
export type Conflict = typeof Conflict.Type

/** A deletion, cancellation or move that one side caused on the other: what the deletion budget counts, by UID. */
export interface Removal {
  readonly atMs: number
  /** The side that caused it. */
  readonly cause: Side
  readonly uid: string
}

/** A line of an item's story, for `why`: what was seen, decided or sent, and what came of it. No text of a person. */
export interface TrailEntry {
  readonly itemId: number
  readonly atMs: number
  /** Such as `reconcile`, `intend`, `send`, `outcome`, `confirm`, `park`. */
  readonly step: string
  readonly detail: string
}

/** How a pass went. */
export interface PassRecord {
  readonly id: number
  readonly startedMs: number
  readonly endedMs: number
  /** `done`, or the tag of what stopped it. */
  readonly outcome: string
  /** By name: requests, created, moved, cancelled, confirmed, conflicts, parked, drift… */
  readonly counts: { readonly [name: string]: number }
}

/**
 * One change of the journal; those of one commit are stored together or not at all. Items are put and dropped first, then
 * comes all else, each in its order. What was seen or told of an item that is not there is left out.
 */
export type JournalChange =
  | { readonly _tag: "Put"; readonly item: SyncItem }
  /** With its conflicts, its trail and its marks. */
  | { readonly _tag: "Drop"; readonly itemId: number }
  /** The items were seen on a side by the listing of this number; the mark stays when they are put anew. */
  | { readonly _tag: "Seen"; readonly side: Side; readonly listing: number; readonly itemIds: ReadonlyArray<number> }
  | { readonly _tag: "Progress"; readonly progress: Progress }
  /** One of an item that is not there is a mistake: `JournalError` `Internal`, and nothing is stored. */
  | { readonly _tag: "Conflict"; readonly conflict: Conflict }
  | { readonly _tag: "Removal"; readonly removal: Removal }
  | { readonly _tag: "Trail"; readonly entry: TrailEntry }
  | { readonly _tag: "Pass"; readonly pass: PassRecord }

/** Which items a full listing did not see. */
export interface UnseenQuery {
  readonly side: Side
  readonly kinds: ReadonlyArray<ItemKind>
  readonly calendar?: string
  readonly listing: number
  /** Whose `endMs` is at or after it. */
  readonly endsFromMs: number
}

/** Up to when each kind of what the journal keeps is forgotten: Unix time in milliseconds, that instant not included. */
export interface Retained {
  /** Settled items whose term has ended before, with their trails and conflicts; those of an open conflict stay. */
  readonly recordsMs: number
  /** Conflicts that are older and resolved. */
  readonly conflictsMs: number
  /** Passes that began before, and removals of before. */
  readonly passesMs: number
}

type Read<A> = Effect.Effect<A, JournalError>
type Items = Read<ReadonlyArray<SyncItem>>

export class Journal extends Context.Service<
  Journal,
  {
    /** The key of our marks and the namespace of what is drawn from it: made with the journal, 32 bytes. */
    readonly secret: Redacted.Redacted<Uint8Array>

    /**
     * Takes a facility's lease, or renews one's own. A lease of another that ended is taken over only `graceMs` after its end.
     *
     * @errors `LeaseLost` while another holds it.
     */
    readonly acquire: (
      facility: FacilityKey,
      options: { readonly owner: string; readonly durationMs: number; readonly graceMs: number }
    ) => Effect.Effect<Lease, LeaseLost | JournalError>
    /** Gives a lease back; one that was taken over is no error. */
    readonly release: (lease: Lease) => Read<void>
    /** Stores changes, all or none, on disk when it answers. @errors `LeaseLost` where the lease is not in force: nothing is stored. */
    readonly commit: (
      lease: Lease,
      changes: ReadonlyArray<JournalChange>
    ) => Effect.Effect<void, LeaseLost | JournalError>

    /** Empty at first. */
    readonly progress: (facility: FacilityKey) => Read<Progress>
    /** As all reads by names: each item once, ascending by id. */
    readonly byId: (facility: FacilityKey, itemIds: ReadonlyArray<number>) => Items
    /** By id of the reservation (`reservation`, `hold`) or of the blocked time (`busy`, `mirror`). */
    readonly byBookioId: (
      facility: FacilityKey,
      record: "reservation" | "blockedTime",
      ids: ReadonlyArray<number>
    ) => Items
    /** By the item's own externalId, that of its open intention, or that of a late write. */
    readonly byExternalId: (facility: FacilityKey, externalIds: ReadonlyArray<number>) => Items
    readonly byUid: (facility: FacilityKey, calendar: string, uids: ReadonlyArray<string>) => Items
    readonly byHref: (facility: FacilityKey, calendar: string, hrefs: ReadonlyArray<string>) => Items
    /** Items with something to do at `atMs`, by `dueMs` then id, from after the given place on; at most `limit`. */
    readonly due: (
      facility: FacilityKey,
      atMs: number,
      limit: number,
      after?: { readonly dueMs: number; readonly id: number }
    ) => Items
    /** Items that have the side's record and were not marked by this listing; ascending by id, after the given one. */
    readonly unseen: (facility: FacilityKey, query: UnseenQuery, limit: number, afterId?: number) => Items
    /** All items, ascending by id, after the given one: for reports and full comparisons. */
    readonly items: (facility: FacilityKey, limit: number, afterId?: number) => Items
    /** Items that are parked, and those with an intention of unknown outcome; as `items`. */
    readonly waiting: (facility: FacilityKey, limit: number, afterId?: number) => Items

    /** The oldest first. */
    readonly conflicts: (facility: FacilityKey, state?: Conflict["state"]) => Read<ReadonlyArray<Conflict>>
    readonly conflictsOf: (facility: FacilityKey, itemId: number) => Read<ReadonlyArray<Conflict>>
    /** How many UIDs a side's removals touched since then. */
    readonly removedSince: (facility: FacilityKey, cause: Side, sinceMs: number) => Read<number>
    readonly counts: (facility: FacilityKey) => Read<{
      /** How many UIDs have a record on both sides; a series is one. */
      readonly links: number
      /** Now, by the journal's clock. */
      readonly due: number
      /** By reason; without those that no item is parked for. */
      readonly parked: { readonly [reason: string]: number }
      readonly openConflicts: number
    }>
    /** The last 200 lines, the oldest first. */
    readonly trail: (facility: FacilityKey, itemId: number) => Read<ReadonlyArray<TrailEntry>>
    /** The latest first. */
    readonly passes: (facility: FacilityKey, limit: number) => Read<ReadonlyArray<PassRecord>>
    /** The facilities that the journal knows. */
    readonly facilities: Read<ReadonlyArray<FacilityKey>>
    /** Forgets what is older than it is to be kept; gives how many items. */
    readonly prune: (lease: Lease, from: Retained) => Effect.Effect<number, LeaseLost | JournalError>
  }
>()("@bookio-kit/core/sync/Journal") {}
