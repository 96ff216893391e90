/**
 * An own count of what the sync takes away on one side because of the other, to judge the deletion budget by (sync.md,
 * "Deletions"): reservations and events that were cancelled, moved or removed, by UID, in any 24 hours. It counts less than
 * the sync does, which also counts holds and blocked times, and so never blames it without reason.
 */
import type { Side } from "@bookio-kit/core/sync/SyncState"

export interface BudgetWatch {
  /** Says that the sync took something away; gives how much that is too much, or nothing. */
  readonly take: (cause: Side, uid: string) => number | undefined
  /** Says that someone allowed more for a day. */
  readonly allow: () => void
}

const dayMs = 86_400_000

/** @param most - how many UIDs a side may take away in 24 hours, by what there is now. */
export const make = (nowMs: () => number, most: () => number): BudgetWatch => {
  const taken: { readonly [S in Side]: Map<string, number> } = { bookio: new Map(), practice: new Map() }
  let allowedUntilMs = 0
  return {
    take: (cause, uid) => {
      const now = nowMs()
      taken[cause].set(uid, now)
      if (now < allowedUntilMs) return undefined
      const recent = [...taken[cause].values()].filter((at) => at > now - dayMs).length
      return recent > most() ? recent : undefined
    },
    allow: () => {
      allowedUntilMs = nowMs() + dayMs
    }
  }
}
