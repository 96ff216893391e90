/**
 * An own count of what the sync takes away on one side because of the other, to judge the deletion budget by (sync.md,
 * "Deletions"): reservations whose one side was cancelled, moved or removed for the other, in any 24 hours. It counts less
 * than the sync does, which counts by UID, and holds and blocked times as well, and so never blames it without reason.
 */
import type { Side } from "@bookio-kit/core/sync/SyncState"

export interface BudgetWatch {
  /** Says that the sync took something away; gives how much that is too much, or nothing. */
  readonly take: (cause: Side, reservation: number) => number | undefined
  /** Says that someone allowed more for a day. */
  readonly allow: () => void
}

const dayMs = 86_400_000

/** @param most - how many reservations a side may take away in 24 hours, by what there is now. */
export const make = (nowMs: () => number, most: () => number): BudgetWatch => {
  const taken: { readonly [S in Side]: Map<number, number> } = { bookio: new Map(), practice: new Map() }
  let allowedUntilMs = 0
  return {
    take: (cause, reservation) => {
      const now = nowMs()
      taken[cause].set(reservation, now)
      if (now < allowedUntilMs) return undefined
      const recent = [...taken[cause].values()].filter((at) => at > now - dayMs).length
      return recent > most() ? recent : undefined
    },
    allow: () => {
      allowedUntilMs = nowMs() + dayMs
    }
  }
}
