/** Why something is written, for `why`: the rule that decided it, in words without a text of a person. */
import type { Decision, SideChange } from "@bookio-kit/core/sync/Reconcile"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { Side } from "@bookio-kit/core/sync/SyncState"

/** What decides beside the rules of `reconcile`. */
export interface Beside {
  /** Whose value someone chose. */
  readonly chosen?: Side | undefined
  /** A change that Bookio refused, and that is undone in the calendar. */
  readonly isPutBack?: boolean
  /** A busy time that may not stand in Bookio. */
  readonly isBarred?: boolean
}

const names: { readonly [S in Side]: string } = { bookio: "Bookio", practice: "the practice" }

/** The rule by which `side` is written. */
export const ruleOf = (
  item: SyncItem,
  side: Side,
  change: SideChange | { readonly _tag: "Mark" },
  { conflicts }: Decision,
  { chosen, isBarred = false, isPutBack = false }: Beside
): string => {
  const from: Side = side === "bookio" ? "practice" : "bookio"
  const who = names[from]
  if (chosen !== undefined) return `someone decided for ${names[chosen]}`
  if (isPutBack) return "Bookio refused the change, so it is put back"
  if (isBarred) return "it would close calendars that this practice calendar does not serve"
  if (conflicts.some(({ field, winner }) => field === "put-back" && winner === from)) {
    return `only ${who} decides it, so it is put back`
  }
  if (change._tag === "Mark") return "its event became a reservation"
  if (change._tag === "Remove" || item[from].state === undefined) return `${who} removed it`
  if (change._tag === "Create") {
    return item.base === undefined
      ? `it is new in ${who === names.bookio ? who : "the calendar"}`
      : `${who} has it still`
  }
  if (item.kind !== "reservation") return `it follows ${who}`
  const rules = (["status", "term", "text"] as const).flatMap((field) => {
    if (change[field] === undefined) return []
    const isContested = conflicts.some((conflict) => conflict.field === field && conflict.winner === from)
    if (!isContested) return [`${who} changed the ${field}`]
    const isCancelled = field === "status" && change.status === "CANCELLED"
    return [`both changed the ${field}, and ${isCancelled ? "a cancellation stands" : `that of ${who} stands`}`]
  })
  return rules.join("; ")
}
