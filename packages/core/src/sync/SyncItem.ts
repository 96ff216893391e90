/**
 * What the journal knows of one thing that exists on one side or on both: the two records, the last state that both
 * agreed on, what each side shows now, and what is being done about it (sync.md, "Journal"). It is plain data, so that any
 * store can keep it.
 */
import * as Schema from "effect/Schema"
import { Side, SyncState } from "./SyncState.ts"

/**
 * `reservation`: a reservation and its appointment. `busy`: one occurrence of the practice's own event, and what it takes
 * in Bookio: a blocked time. `hold`: the same, where it takes one reservation in an opening. `mirror`: a blocked time that
 * staff made in Bookio, and our event for it.
 */
export const ItemKind = Schema.Literals(["reservation", "busy", "hold", "mirror"])
export type ItemKind = typeof ItemKind.Type

/** What one side showed when it was last read. */
export const Observation = Schema.Struct({
  /** Absent: the side has no such record, and never had, or its removal is proven. */
  state: Schema.optionalKey(SyncState),
  /** How many complete listings in a row lacked the record (sync.md, "Deletions"); 0 where it was seen in the last one. */
  missing: Schema.Int,
  /** When it was read, Unix time in milliseconds. */
  atMs: Schema.Int
})
export type Observation = typeof Observation.Type

/** A write that is on disk before its request (sync.md, "A pass", 3). An item has at most one that is open. */
export const Intention = Schema.Struct({
  id: Schema.Int,
  side: Side,
  action: Schema.Literals(["create", "term", "status", "update", "remove"]),
  /** What the side is to show after it; absent for a removal. */
  target: Schema.optionalKey(SyncState),
  /** What the side showed before it. */
  from: Schema.optionalKey(SyncState),
  /** Drawn anew for each creation in Bookio; only a repeat of the same intention keeps it. */
  externalId: Schema.optionalKey(Schema.Int),
  /** The UID of a creation in the practice calendar. */
  uid: Schema.optionalKey(Schema.String),
  /** Of the event that a change was conditional on: with another one it has come about, or never will. */
  etag: Schema.optionalKey(Schema.String),
  /**
   * How many writes the event's mark told when it was read since: where those are fewer than the item's `writes`, what the
   * event shows is none of this one's doing. Absent where it was not read, or bears no mark.
   */
  told: Schema.optionalKey(Schema.Int),
  /** Our clock when it was stored, and that side's clock when `from` was read, where it is known: Unix milliseconds. */
  storedMs: Schema.Int,
  serverMs: Schema.optionalKey(Schema.Int),
  /** `stored`: no request was sent. `unknown`: one was, and its outcome is not known. */
  state: Schema.Literals(["stored", "unknown"]),
  attempts: Schema.Int
})
export type Intention = typeof Intention.Type

/** A target of ours that may still appear late, though we gave it up (sync.md, "Unknown outcomes"); kept for 24 hours. */
export const LateWrite = Schema.Struct({
  side: Side,
  target: Schema.optionalKey(SyncState),
  /** What the side showed before it; only what differs from it is the write's. Absent for a creation. */
  from: Schema.optionalKey(SyncState),
  externalId: Schema.optionalKey(Schema.Int),
  /** Of the event that it was conditional on: once that has another one, it can come about no more. */
  etag: Schema.optionalKey(Schema.String),
  untilMs: Schema.Int
})
export type LateWrite = typeof LateWrite.Type

/** Why an item waits. */
export const Parked = Schema.Struct({
  /** A short code, such as `ValidationError` or `Unreadable`. */
  reason: Schema.String,
  /** What is wrong, without data of a person. */
  problem: Schema.String,
  sinceMs: Schema.Int,
  /** When the clock takes it up again; absent where only a change or a person does. */
  retryMs: Schema.optionalKey(Schema.Int)
})
export type Parked = typeof Parked.Type

export const SyncItem = Schema.Struct({
  /** The journal's own id, drawn at random. */
  id: Schema.Int,
  kind: ItemKind,
  /** The name of the practice calendar, as settings have it. */
  calendar: Schema.String,
  /** The id of the reservation or blocked time. */
  bookioId: Schema.optionalKey(Schema.Int),
  /** Our id of it. */
  externalId: Schema.optionalKey(Schema.Int),
  uid: Schema.optionalKey(Schema.String),
  /** When Bookio made the reservation, in its own words: what a UID is made of, beside the id. */
  created: Schema.optionalKey(Schema.String),
  /** `Occurrence.key`. */
  occurrence: Schema.String,
  /** Of a hold: which of the openings that its occurrence overlaps, by start; "" else. */
  part: Schema.String,
  href: Schema.optionalKey(Schema.String),
  etag: Schema.optionalKey(Schema.String),
  /** When the href became known, by our clock: a token that is older says nothing of the event's removal. */
  placedMs: Schema.optionalKey(Schema.Int),
  /** Where the same event was seen in another practice calendar, while it was in its own as well. */
  copy: Schema.optionalKey(Schema.Struct({ calendar: Schema.String, href: Schema.String, etag: Schema.String })),
  /** Rises whenever our item was removed from the practice calendar, for a UID is never used again. */
  generation: Schema.Int,
  /** The last state that both sides agreed on. */
  base: Schema.optionalKey(SyncState),
  bookio: Observation,
  practice: Observation,
  /** Whether Bookio waits for our confirmation, and whether it was told an externalId that is not ours. */
  needsSync: Schema.Boolean,
  /** Whether the practice made it: then its text is never overwritten. */
  isOwn: Schema.Boolean,
  /** Whether an event of the practice's own bears our mark by now. */
  isMarked: Schema.optionalKey(Schema.Boolean),
  /**
   * How many writes to its event were intended. Our mark tells the number, so that an event whose mark tells of more shows
   * that the journal was put back to an earlier state.
   */
  writes: Schema.optionalKey(Schema.Int),
  intention: Schema.optionalKey(Intention),
  late: Schema.Array(LateWrite),
  parked: Schema.optionalKey(Parked),
  /** The id of the conflict that this item is in. */
  conflict: Schema.optionalKey(Schema.Int),
  /** When there is something to do, Unix time in milliseconds; absent while it is settled. */
  dueMs: Schema.optionalKey(Schema.Int),
  /** The end of its term on whichever side is later: for windows and retention. */
  endMs: Schema.Int
})
export type SyncItem = typeof SyncItem.Type
