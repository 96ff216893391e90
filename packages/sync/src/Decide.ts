/** From what the journal knows of an item to what is to be done about it: `reconcile` with the facility's policy. */

import type { Conflict } from "@bookio-kit/core/sync/Journal"
import { type Decision, type Policy, reconcile, type SideChange } from "@bookio-kit/core/sync/Reconcile"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { Side, SyncState } from "@bookio-kit/core/sync/SyncState"
import type { Run } from "./Run.ts"
import { sameState, sameTerm } from "./States.ts"

const masterOf = ({ kind }: SyncItem): Side | undefined =>
  kind === "mirror" ? "bookio" : kind === "reservation" ? undefined : "practice"

/**
 * What a side shows of its own accord: a value of a write of ours that was given up is our own late write, and no edit of
 * theirs, also where they have changed another field since (sync.md, "Unknown outcomes").
 */
const withoutLate = ({ base, bookio, late, practice }: SyncItem, side: Side, nowMs: number): SyncState | undefined => {
  const shown = side === "bookio" ? bookio.state : practice.state
  const targets = late.flatMap((write) =>
    write.side === side && write.untilMs > nowMs && write.target !== undefined ? [write.target] : []
  )
  if (shown === undefined || targets.length === 0) return shown
  if (base === undefined) return targets.some((target) => sameState(target, shown)) ? undefined : shown
  return {
    term: targets.some(({ term }) => sameTerm(term, shown.term)) ? base.term : shown.term,
    status: targets.some(({ status }) => status === shown.status) ? base.status : shown.status,
    text: targets.some(({ text }) => text === shown.text) ? base.text : shown.text
  }
}

const policyOf = (run: Run, item: SyncItem, nowMs: number): Policy => {
  const { bookio, onDelete, prefer } = run.plan
  const master = masterOf(item)
  return {
    prefer,
    onDelete,
    nowMs,
    ...(master === undefined ? {} : { master }),
    ...(bookio.offsets ? {} : { textZone: run.directory.timeZone })
  }
}

/** What turns one state into another; `undefined` where they are equal. Text is changed in practice calendars only. */
export const difference = (from: SyncState | undefined, to: SyncState, side: Side): SideChange | undefined => {
  if (from === undefined) return { _tag: "Create", state: to }
  const hasTerm = !sameTerm(from.term, to.term)
  const hasStatus = from.status !== to.status
  const hasText = side === "practice" && from.text !== to.text
  if (!hasTerm && !hasStatus && !hasText) return undefined
  return {
    _tag: "Update",
    ...(hasTerm ? { term: to.term } : {}),
    ...(hasStatus ? { status: to.status } : {}),
    ...(hasText ? { text: to.text } : {})
  }
}

// The text of the practice's own events is theirs alone, so it is left out of the comparison.
const withoutText = (item: SyncItem) => {
  const text = item.practice.state?.text ?? item.base?.text ?? ""
  const as = (state: SyncState | undefined) => (state === undefined ? undefined : { ...state, text })
  return { base: as(item.base), bookio: as(item.bookio.state), practice: item.practice.state }
}

/**
 * The last state that the practice can have known when it removed an appointment: a write of ours whose outcome was unknown
 * may have been there to be removed, and not only what both sides had agreed on.
 */
const withLateBase = (item: SyncItem, nowMs: number): SyncItem => {
  const { base, late, practice } = item
  if (practice.state !== undefined || practice.missing < 2 || base === undefined) return item
  const shown = late.findLast(
    ({ side, target, untilMs }) => side === "practice" && untilMs > nowMs && target?.status === "CONFIRMED"
  )?.target
  return base.status === "CONFIRMED" || shown === undefined ? item : { ...item, base: shown }
}

/** What is to be done about an item. */
export const decide = (run: Run, known: SyncItem, nowMs: number): Decision => {
  const item = withLateBase(known, nowMs)
  const sides = item.isOwn
    ? withoutText(item)
    : { base: item.base, bookio: item.bookio.state, practice: item.practice.state }
  const policy = policyOf(run, item, nowMs)
  const own = { bookio: withoutLate(item, "bookio", nowMs), practice: withoutLate(item, "practice", nowMs) }
  const isLate = {
    bookio: !sameState(own.bookio, item.bookio.state),
    practice: !sameState(own.practice, item.practice.state)
  }
  if (!isLate.bookio && !isLate.practice) return reconcile(sides.base, sides.bookio, sides.practice, policy)
  const decision = reconcile(
    sides.base,
    isLate.bookio ? own.bookio : sides.bookio,
    isLate.practice ? own.practice : sides.practice,
    policy
  )
  const { agreed } = decision
  if (agreed === undefined) {
    // What our own late removal took away is not removed again.
    return {
      ...decision,
      toBookio: isLate.bookio && item.bookio.state === undefined ? undefined : decision.toBookio,
      toPractice: isLate.practice && item.practice.state === undefined ? undefined : decision.toPractice
    }
  }
  return {
    ...decision,
    toBookio: isLate.bookio ? difference(sides.bookio, agreed, "bookio") : decision.toBookio,
    toPractice: isLate.practice ? difference(sides.practice, agreed, "practice") : decision.toPractice
  }
}

/** What someone's decision about a conflict asks for: the chosen value on both sides. */
export const decideBy = (item: SyncItem, conflict: Conflict, chosen: Side): Decision => {
  if (item.kind === "busy" || item.kind === "hold") return decideBusy(item, chosen)
  const bookio = item.bookio.state
  const practice = item.practice.state
  const value = conflict[chosen]
  const present = bookio ?? practice ?? value
  const target = present === undefined ? undefined : targetOf(conflict, present, value, chosen)
  if (target === undefined) return { agreed: undefined, toBookio: undefined, toPractice: undefined, conflicts: [] }
  const isGone = practice === undefined && target.status === "CANCELLED"
  return {
    agreed: target,
    toBookio: difference(bookio, target, "bookio"),
    toPractice: isGone ? undefined : difference(practice, target, "practice"),
    conflicts: []
  }
}

/** The practice's event is not touched: Bookio's value stands by leaving it, and of a hold by having none. */
const decideBusy = ({ bookio, kind, practice }: SyncItem, chosen: Side): Decision => {
  const isHold = kind === "hold"
  const toBookio: SideChange | undefined =
    chosen === "practice"
      ? practice.state === undefined
        ? undefined
        : difference(bookio.state, practice.state, "bookio")
      : isHold && bookio.state !== undefined
        ? { _tag: "Remove" }
        : undefined
  const agreed = chosen === "practice" ? practice.state : isHold ? undefined : bookio.state
  return { agreed, toBookio, toPractice: undefined, conflicts: [] }
}

const targetOf = (
  { field }: Conflict,
  present: SyncState,
  value: SyncState | undefined,
  chosen: Side
): SyncState | undefined => {
  switch (field) {
    case "removed":
      return chosen === "practice" ? { ...present, status: "CANCELLED" } : present
    case "term":
    case "status":
    case "text":
      return value === undefined ? present : { ...present, [field]: value[field] }
    default:
      return value
  }
}
