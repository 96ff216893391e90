/** The deletion budget (sync.md, "Deletions"): what one side takes away on the other is counted, and too much at once stops. */
import type { JournalChange } from "@bookio-kit/core/sync/Journal"
import type { Decision, SideChange } from "@bookio-kit/core/sync/Reconcile"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { Side } from "@bookio-kit/core/sync/SyncState"
import * as Effect from "effect/Effect"
import type { Run } from "./Run.ts"
import { Halted } from "./Stopped.ts"

/** The sliding time that removals are counted over, in milliseconds. */
export const budgetMs = 86_400_000

// Deletions, cancellations and moves: one who did not come is taken away from nobody.
const takesAway = (change: SideChange): boolean =>
  change._tag === "Remove" || (change._tag === "Update" && (change.term !== undefined || change.status === "CANCELLED"))

// A blocked time has an event in each practice calendar, and is one thing that was taken away.
const nameOf = (item: SyncItem): string =>
  item.kind === "mirror" || item.uid === undefined ? `${item.kind}:${item.bookioId ?? item.id}` : item.uid

/**
 * Counts a change among the removals that a side causes, to be stored with its intention. Putting something back takes
 * nothing away.
 *
 * @errors `Halted` where it would be more than the budget, by number and by share of the links: nothing is sent.
 */
export const takeFromBudget = Effect.fnUntraced(function* (
  run: Run,
  pending: Array<JournalChange>,
  cause: Side,
  item: SyncItem,
  change: SideChange,
  decision: Decision,
  nowMs: number
): Effect.fn.Return<void, Halted> {
  if (!takesAway(change) || decision.conflicts.some(({ field }) => field === "put-back")) return
  const uid = nameOf(item)
  if (run.removed[cause].has(uid)) return
  const total = run.removals[cause] + run.removed[cause].size + 1
  const { count, percent } = run.plan.deletionBudget
  const isAllowed = (run.progress.removalsAllowedUntilMs ?? 0) > nowMs
  const { links } = run.removals
  if (!isAllowed && total > count && total * 100 > links * percent) {
    return yield* new Halted({
      reason: "deletion-budget",
      detail: `${cause} would take away ${total} of ${links} in 24 hours; ${count} or ${percent} % are allowed`
    })
  }
  run.removed[cause].add(uid)
  pending.push({ _tag: "Removal", removal: { atMs: nowMs, cause, uid } })
})
