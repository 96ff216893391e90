/** From what the journal knows of an item to what is to be done about it: `reconcile` with the facility's policy. */

import type { Conflict } from "@bookio-kit/core/sync/Journal"
import { type Decision, type Policy, reconcile, type SideChange } from "@bookio-kit/core/sync/Reconcile"
import type { LateWrite, SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { Side, SyncState } from "@bookio-kit/core/sync/SyncState"
import type { Run } from "./Run.ts"
import { sameState, sameTerm } from "./States.ts"

const masterOf = ({ kind }: SyncItem): Side | undefined =>
  kind === "mirror" ? "bookio" : kind === "reservation" ? undefined : "practice"

/**
 * What a side shows of its own accord: a value of a write of ours that was given up is our own late write, and no edit of
 * theirs, also where they have changed another field since (sync.md, "Unknown outcomes").
 */
const withoutLate = (
  late: SyncItem["late"],
  base: SyncState | undefined,
  shown: SyncState | undefined,
  side: Side,
  nowMs: number
): SyncState | undefined => {
  const writes = late.filter((write) => write.side === side && write.untilMs > nowMs)
  if (shown === undefined || writes.length === 0) return shown
  if (base === undefined) return writes.some(({ target }) => sameState(target, shown)) ? undefined : shown
  const isOurs = (field: keyof SyncState) => writes.some((write) => shows(write, field, shown))
  return {
    term: isOurs("term") ? base.term : shown.term,
    status: isOurs("status") ? base.status : shown.status,
    text: isOurs("text") ? base.text : shown.text
  }
}

const isSame = (field: keyof SyncState, a: SyncState, b: SyncState): boolean =>
  field === "term" ? sameTerm(a.term, b.term) : a[field] === b[field]

/** Whether a side shows a field as a write of ours was to make it; what the write left as it was is not its own. */
const shows = ({ from, target }: LateWrite, field: keyof SyncState, shown: SyncState): boolean =>
  target !== undefined && (from === undefined || !isSame(field, from, target)) && isSame(field, target, shown)

const fields = ["term", "status", "text"] as const

const withFields = (base: SyncState, target: SyncState, isTaken: (field: keyof SyncState) => boolean): SyncState => ({
  term: isTaken("term") ? target.term : base.term,
  status: isTaken("status") ? target.status : base.status,
  text: isTaken("text") ? target.text : base.text
})

/** The last agreed state with what a side shows of a write of ours. */
export const landed = (base: SyncState, from: SyncState, target: SyncState, shown: SyncState): SyncState =>
  withFields(base, target, (field) => !isSame(field, from, target) && isSame(field, shown, target))

/** The last agreed state with what a write of ours asked for where the side that asked for it shows again what was before. */
export const undone = (base: SyncState, from: SyncState, target: SyncState, shown: SyncState): SyncState =>
  withFields(base, target, (field) => !isSame(field, from, target) && isSame(field, shown, from))

/** Whether a write that was given up is seen to have come about: it cannot do so once more. */
export const hasLanded = (write: LateWrite, item: SyncItem): boolean => {
  const shown = item[write.side].state
  return shown !== undefined && fields.some((field) => shows(write, field, shown))
}

const policyOf = (run: Run, item: SyncItem, nowMs: number): Policy => {
  const { bookio, onDelete, prefer } = run.plan
  const master = masterOf(item)
  return {
    prefer,
    onDelete,
    nowMs: nowMs - run.aheadMs,
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

/** A change of an event that is not as it was when the change was sent has come about, or never will. */
export const withPassed = (item: SyncItem): SyncItem => {
  const isPassed = ({ etag, side }: LateWrite) => side === "practice" && etag !== undefined && etag !== item.etag
  const passed = item.late.filter(isPassed)
  if (passed.length === 0) return item
  const shown = item.practice.state
  const base = passed.reduce<SyncState | undefined>(
    (agreed, { from, target }) =>
      agreed === undefined || from === undefined || target === undefined || shown === undefined
        ? agreed
        : landed(agreed, from, target, shown),
    item.base
  )
  return { ...item, late: item.late.filter((write) => !isPassed(write)), ...(base === undefined ? {} : { base }) }
}

const isCreation = ({ from, side, target }: LateWrite): boolean =>
  side === "practice" && from === undefined && target !== undefined

/**
 * An event of ours that is there was made as its creation asked for, whoever was told of that; and none of its UID is made
 * once more, so that what it shows from now on is the practice's doing.
 */
export const withCreation = (item: SyncItem): SyncItem => {
  const { base, isOwn, late, practice } = item
  if (base !== undefined || isOwn || practice.state === undefined) return item
  const creations = late.filter(isCreation)
  const made = creations.find(({ target }) => sameState(target, practice.state)) ?? creations.at(-1)
  if (made?.target === undefined) return item
  return { ...item, base: made.target, late: late.filter((write) => !isCreation(write)) }
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
  const own = {
    bookio: withoutLate(item.late, sides.base, sides.bookio, "bookio", nowMs),
    practice: withoutLate(item.late, sides.base, sides.practice, "practice", nowMs)
  }
  const isLate = { bookio: !sameState(own.bookio, sides.bookio), practice: !sameState(own.practice, sides.practice) }
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
    toBookio: isLate.bookio ? movable(difference(sides.bookio, agreed, "bookio"), agreed) : decision.toBookio,
    toPractice: isLate.practice ? difference(sides.practice, agreed, "practice") : decision.toPractice
  }
}

/** Bookio moves only what is confirmed (engine.md, rule 8). */
const movable = (change: SideChange | undefined, { status }: SyncState): SideChange | undefined => {
  if (change?._tag !== "Update" || status === "CONFIRMED") return change
  return change.status === undefined ? undefined : { _tag: "Update", status: change.status }
}

/** What someone's decision about a conflict asks for: the chosen value on both sides. */
export const decideBy = (item: SyncItem, conflict: Conflict, chosen: Side): Decision => {
  if (item.kind === "busy" || item.kind === "hold") return decideBusy(item, chosen)
  const bookio = item.bookio.state
  const practice = item.practice.state
  const value = conflict[chosen]
  const present = bookio ?? practice ?? value
  const target = present === undefined ? undefined : targetOf(conflict, present, value, chosen, item)
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
  chosen: Side,
  item: SyncItem
): SyncState | undefined => {
  switch (field) {
    case "removed":
      return chosen === "practice" ? { ...present, status: "CANCELLED" } : present
    case "status": {
      if (value === undefined) return present
      // What takes place does so at its own side's time, which may have changed since it was asked about.
      const term = value.status === "CONFIRMED" ? item[chosen].state?.term : undefined
      return { ...present, status: value.status, ...(term && { term }) }
    }
    case "term":
    case "text":
      return value === undefined ? present : { ...present, [field]: value[field] }
    default:
      return value
  }
}
