/** One pass over one facility while it runs: what it works with, and what it has found so far. */
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import type { Journal, JournalChange, JournalError, LeaseLost, Retained } from "@bookio-kit/core/sync/Journal"
import type { PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import type { Parked, SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { SyncTerm } from "@bookio-kit/core/sync/SyncState"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Directory } from "./Directory.ts"
import type { CalendarPlan, FacilityPlan } from "./Plan.ts"
import type { Progress } from "./Progress.ts"

/** What a pass counts; `writes` are the requests that change something. */
export type Count =
  | "writes"
  | "created"
  | "moved"
  | "cancelled"
  | "changed"
  | "removed"
  | "confirmed"
  | "conflicts"
  | "parked"
  | "drift"
  | "changedRows"
  | "changedEvents"
  | "seen"

/** An event that a reading by an older token may pass over in silence, if it was removed since (RFC 6578, 3.5). */
export interface FreshEvent {
  readonly calendar: string
  readonly href: string
  readonly placedMs: number
}

/** The reservations that have changed since some time, and whether the listing of them was complete. */
export interface ChangedSince {
  readonly ids: ReadonlySet<number>
  readonly isComplete: boolean
}

export interface Run {
  readonly plan: FacilityPlan
  readonly journal: Journal["Service"]
  readonly directory: Directory
  /** Stores changes under the lease. */
  readonly commit: (changes: ReadonlyArray<JournalChange>) => Effect.Effect<void, LeaseLost | JournalError>
  /** As `Journal.prune`. */
  readonly prune: (from: Retained) => Effect.Effect<number, LeaseLost | JournalError>
  /** Runs one of the requests that a pass makes side by side, when there is room for it (`FacilityPlan.concurrency`). */
  readonly inFlight: <A, E>(request: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** As `inFlight` a write, and only with more of the lease left than it can take. */
  readonly leased: <A, E>(write: Effect.Effect<A, E>) => Effect.Effect<A, E | LeaseLost>
  /** Unix time in milliseconds when the pass began, by our clock. */
  readonly startedMs: number
  /** What flows: terms that end after `fromMs`; recurring events up to `toMs`. */
  readonly window: { readonly fromMs: number; readonly toMs: number }
  /** Whether both windows are compared in full. */
  readonly isFull: boolean
  /** Up to where the last full comparison saw the window, in Unix milliseconds: what comes after it is news and no drift. */
  readonly comparedToMs: number
  /** How many items this pass has read that differ from what the journal knew, inside what that comparison saw too. */
  differences: number
  /** Whether the sweep is due. */
  readonly isSweep: boolean
  /** What the next pass starts from; becomes the journal's when the pass ends well. */
  progress: Progress
  /** Whether the calendars were read in this pass, and whether they were seen to be out of date. */
  readonly isDirectoryFresh: boolean
  isDirectoryStale: boolean
  /** Calendars that failed in this pass: nothing is written to them, and nothing is concluded from them. */
  readonly down: Map<string, PracticeError>
  /** Calendars that asked to be left alone, until when by the monotonic clock, in milliseconds; kept from pass to pass. */
  readonly resting: Map<string, { readonly untilMs: number; readonly error: PracticeError }>
  /** Bookio asked to be left alone, or cannot be reached: no more writes are sent in this pass. */
  bookioDown: BackendError | undefined
  /** Items with a write of this pass whose outcome is unknown. */
  readonly unknown: Set<number>
  /** What was made for events before the journal was restored, by id of the item, while it is given away. */
  readonly orphans: Map<number, SyncItem>
  /** Events whose place became known after the token that changes are asked for since, by item; kept from pass to pass. */
  readonly fresh: Map<number, FreshEvent>
  /** Reservations that were made before the journal was restored, by id of the item, while it is not known for which event. */
  readonly unclaimed: Map<number, Reservation>
  /** Whether an event was found whose blocked time is not known: the window of blocked times is listed again. */
  isStrayFound: boolean
  /** Items whose events were told as removed in this pass. */
  readonly removedNow: Set<number>
  /** Time that has become free in Bookio since the last round, of a practice calendar or of all of them. */
  readonly freed: Array<{ readonly calendar: string | undefined; readonly term: SyncTerm }>
  /** What takes time in Bookio, as `Holds` has read it in this round. */
  taken:
    | ReadonlyArray<{ readonly id: number; readonly calendar: string | undefined; readonly term: SyncTerm }>
    | undefined
  /** Practice calendars that this pass has listed in full. */
  readonly listed: Set<string>
  /** Records that bear externalIds that are not ours. */
  readonly foreign: Set<number>
  /** Items whose events bear a mark of ours that is later than what the journal knows of. */
  readonly outdated: Set<number>
  /** Ids of the reservations that this pass has read, while what the server shows is taken for the truth. */
  readonly shown: Set<number>
  /** How many reservations there are, where this pass has asked, with those that it has made since. */
  total: number | undefined
  /** Ids of Bookio's that were another record's: the server gave them out twice. */
  readonly reborn: Set<number>
  /** How far listings of changes go back behind what is known, in milliseconds (sync.md, "Cursor"). */
  readonly overlapMs: number
  /** From where a look at what slipped in between starts, by the server's clock. */
  lookBackMs: number | undefined
  /**
   * By how many milliseconds our clock is ahead of the server's, where that is more than answers take: what has ended is
   * judged by the earlier of the two.
   */
  aheadMs: number
  /** Up to when this pass has read what changed of reservations, by the server's own clock, where it tells that. */
  readMs: number | undefined
  /** Items that were written to Bookio since then. */
  readonly written: Set<number>
  /** Which reservations have changed since an instant of the server's clock, as far as that was asked in this pass. */
  readonly changedSince: Map<number, ChangedSince>
  /** Whether everything that changed in Bookio since the cursor was read in this pass. */
  isReservationsComplete: boolean
  isBlockedTimesComplete: boolean
  /** Practice calendars of which this pass got a reading that was not complete. */
  readonly uncovered: Set<string>
  /** UIDs that each side took away in this pass and the 24 hours before. */
  readonly removals: {
    readonly bookio: number
    readonly practice: number
    readonly links: number
  }
  readonly removed: { readonly bookio: Set<string>; readonly practice: Set<string> }
  readonly counts: Map<Count, number>
}

/** Notes that an item's place became known. */
export const place = (run: Run, { calendar, href, id }: SyncItem, placedMs: number): void => {
  if (href !== undefined) run.fresh.set(id, { calendar, href, placedMs })
}

export const count = (run: Run, name: Count, by = 1): void => {
  run.counts.set(name, (run.counts.get(name) ?? 0) + by)
}

const monotonicMs = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / 1_000_000n))

/** Leaves a calendar alone for the rest of the pass, and longer where it asked for that. */
export const takeDown = Effect.fnUntraced(function* (
  run: Pick<Run, "down" | "resting">,
  calendar: string,
  error: PracticeError
) {
  // What fails because the calendar is down was not asked of it, and must not make its rest longer.
  if (run.down.get(calendar) === error) return
  if (error.retryAfterMs === undefined) {
    run.down.set(calendar, error)
    return
  }
  const asked = { untilMs: (yield* monotonicMs) + error.retryAfterMs, error }
  const before = run.resting.get(calendar)
  // Of requests that were under way together, the one that asks for the longest says when.
  const resting = before !== undefined && before.untilMs > asked.untilMs ? before : asked
  run.down.set(calendar, resting.error)
  run.resting.set(calendar, resting)
})

/** Whether a calendar is down, or asked to be left alone and the time is not over; it is down then. */
export const isResting = Effect.fnUntraced(function* (run: Pick<Run, "down" | "resting">, calendar: string) {
  if (run.down.has(calendar)) return true
  const resting = run.resting.get(calendar)
  if (resting === undefined) return false
  if (resting.untilMs > (yield* monotonicMs)) {
    run.down.set(calendar, resting.error)
    return true
  }
  run.resting.delete(calendar)
  return false
})

/** The plan of a practice calendar; absent where settings do not have it any more. */
export const calendarPlan = ({ plan }: Run, name: string): CalendarPlan | undefined =>
  plan.calendars.find((calendar) => calendar.name === name)

const hourMs = 3_600_000

/** An item that waits: for any change of it, and for the clock where its error may pass. */
export const parkedItem = (
  item: SyncItem,
  reason: string,
  problem: string,
  nowMs: number,
  isRetryable: boolean
): SyncItem => {
  const { dueMs: _, ...rest } = item
  const retryMs = nowMs + hourMs
  const parked: Parked = {
    reason,
    problem,
    sinceMs: item.parked?.reason === reason ? item.parked.sinceMs : nowMs,
    ...(isRetryable ? { retryMs } : {})
  }
  return isRetryable ? { ...rest, parked, dueMs: retryMs } : { ...rest, parked }
}

/** Changes, with a line for the story of each item that they park; what was parked before the pass began was told then. */
export const withParking = (changes: ReadonlyArray<JournalChange>, startedMs: number): ReadonlyArray<JournalChange> => [
  ...changes,
  ...changes.flatMap((change): ReadonlyArray<JournalChange> => {
    if (change._tag !== "Put" || change.item.parked === undefined) return []
    const { problem, reason, sinceMs } = change.item.parked
    if (sinceMs < startedMs) return []
    return [
      {
        _tag: "Trail",
        entry: { itemId: change.item.id, atMs: sinceMs, step: "park", detail: `${reason}: ${problem}` }
      }
    ]
  })
]

/** A busy time that goes nowhere, as people see it. Nothing is agreed on: it may be sent another day. */
export const notSent = ({ base: _, ...item }: SyncItem, nowMs: number): SyncItem =>
  parkedItem(item, "NotSent", "it would close calendars that this practice calendar does not serve", nowMs, false)

/** Why an item of which one side cannot be read is parked: its event, or its row of Bookio. */
export type Unreadable = "Unreadable" | "UnreadableRow"

/** Whether one side of an item cannot be read: only a reading of it ends that, whatever else is done about the item. */
const isUnreadable = ({ parked }: SyncItem): boolean =>
  parked?.reason === "Unreadable" || parked?.reason === "UnreadableRow"

/** An item whose event or row can be read, or is gone. */
export const readable = (item: SyncItem, reason: Unreadable): SyncItem => {
  const { parked, ...rest } = item
  return parked?.reason === reason ? rest : item
}

/** An item whose record a restored server has lost: its id is another's, and only a creation can still come about. */
export const withoutRow = ({ bookioId: _, created: __, externalId: ___, intention, ...item }: SyncItem): SyncItem =>
  intention?.action === "create" ? { ...item, intention } : item

/** An item that there is something to do about, at once: whatever our clock says by then, for it can be set back. */
export const dueItem = (item: SyncItem): SyncItem => {
  const { parked: _, ...rest } = item
  return { ...(isUnreadable(item) ? item : rest), dueMs: 0 }
}

/** An item that both sides agree on, as far as they can be read. */
export const settledItem = (item: SyncItem): SyncItem => {
  const { dueMs: _, parked, ...rest } = item
  return parked !== undefined && isUnreadable(item) ? { ...rest, parked } : rest
}
