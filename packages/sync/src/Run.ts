/** One pass over one facility while it runs: what it works with, and what it has found so far. */
import type { Journal, JournalChange, JournalError, LeaseLost } from "@bookio-kit/core/sync/Journal"
import type { PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import type { Parked, SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { Effect } from "effect/Effect"
import type { Directory } from "./Directory.ts"
import type { CalendarPlan, FacilityPlan } from "./Plan.ts"
import type { Progress } from "./Progress.ts"

/** What a pass counts; `requests` are those that change something. */
export type Count =
  | "requests"
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

export interface Run {
  readonly plan: FacilityPlan
  readonly journal: Journal["Service"]
  readonly directory: Directory
  /** Stores changes under the lease. */
  readonly commit: (changes: ReadonlyArray<JournalChange>) => Effect<void, LeaseLost | JournalError>
  /** Forgets what ended before and is settled. */
  readonly prune: (endedBeforeMs: number) => Effect<number, LeaseLost | JournalError>
  /** Runs a write only with more of the lease left than it can take. */
  readonly leased: <A, E>(write: Effect<A, E>) => Effect<A, E | LeaseLost>
  /** Unix time in milliseconds when the pass began, by our clock. */
  readonly startedMs: number
  /** What flows: terms that end after `fromMs`; recurring events up to `toMs`. */
  readonly window: { readonly fromMs: number; readonly toMs: number }
  /** Whether both windows are compared in full. */
  readonly isFull: boolean
  /** Whether the sweep is due. */
  readonly isSweep: boolean
  /** What the next pass starts from; becomes the journal's when the pass ends well. */
  progress: Progress
  /** Whether the calendars were read in this pass, and whether they were seen to be out of date. */
  readonly isDirectoryFresh: boolean
  isDirectoryStale: boolean
  /** Calendars that failed in this pass: nothing is written to them, and nothing is concluded from them. */
  readonly down: Map<string, PracticeError>
  /** Records that bear externalIds that are not ours. */
  readonly foreign: Set<number>
  /** How far listings of changes go back behind what is known, in milliseconds (sync.md, "Cursor"). */
  readonly overlapMs: number
  /** From where a look at what slipped in between starts, by the server's clock. */
  lookBackMs: number | undefined
  /** Whether everything that changed in Bookio since the cursor was read in this pass. */
  isReservationsComplete: boolean
  isBlockedTimesComplete: boolean
  /** UIDs that each side took away in this pass and the 24 hours before. */
  readonly removals: { readonly bookio: number; readonly practice: number; readonly links: number }
  readonly removed: { readonly bookio: Set<string>; readonly practice: Set<string> }
  readonly counts: Map<Count, number>
}

export const count = (run: Run, name: Count, by = 1): void => {
  run.counts.set(name, (run.counts.get(name) ?? 0) + by)
}

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

/** An item that there is something to do about. */
export const dueItem = (item: SyncItem, atMs: number): SyncItem => {
  const { parked: _, ...rest } = item
  return { ...rest, dueMs: atMs }
}

/** An item that both sides agree on. */
export const settledItem = (item: SyncItem): SyncItem => {
  const { dueMs: _, parked: __, ...rest } = item
  return rest
}
