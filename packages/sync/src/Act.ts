/**
 * Does what is to be done about one item, step by step: decide, store the intention, send it, take in what came of it, and
 * decide again, until both sides agree or something has to wait (sync.md, "A pass", 3). The outcome of one step is stored
 * with the intention of the next, so that a crash anywhere leaves at most one write whose outcome is not known.
 */
import type { Conflict } from "@bookio-kit/core/sync/Journal"
import type { Decision } from "@bookio-kit/core/sync/Reconcile"
import type { Intention, SyncItem } from "@bookio-kit/core/sync/SyncItem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { actInBookio, resend } from "./ActBookio.ts"
import { actInPractice } from "./ActPractice.ts"
import { readAgain } from "./ActReads.ts"
import { decide, decideBy, difference, hasLanded } from "./Decide.ts"
import { isOrphan, orphaned } from "./Orphans.ts"
import type { CalendarPlan } from "./Plan.ts"
import { calendarPlan, dueItem, parkedItem, type Run, settledItem } from "./Run.ts"
import { sameState, sameTerm } from "./States.ts"
import type { Stopped } from "./Stopped.ts"
import { type Acted, currentConflict, givenUp, store, tell, trail, type Work, waits, withoutIntention } from "./Work.ts"

// An item that needs more steps than any rule asks for goes on in the next pass.
const mostSteps = 12

type Judged = "wait" | "resend" | "decide"

/** What is known of an intention that an earlier pass left open (sync.md, "Unknown outcomes"). */
const judge = (run: Run, work: Work, intention: Intention, nowMs: number): Judged => {
  const { item } = work
  // Writes to a practice calendar are conditional: whatever became of this one, reading and deciding again is safe.
  if (intention.side === "practice") {
    work.item = givenUp(item, nowMs)
    return "decide"
  }
  if (intention.action === "remove") return "resend"
  const isBlocked = item.kind === "busy"
  if (!(isBlocked ? run.isBlockedTimesComplete : run.isReservationsComplete)) return "wait"
  const shown = item.bookio.state
  if (intention.action === "create") {
    if (shown === undefined) return "resend"
    // Made with the service's length; any other difference is someone's change since then.
    const { target } = intention
    const isAsMade = target === undefined || target.term.startMs === shown.term.startMs
    work.item = withoutIntention({
      ...item,
      base: isAsMade ? { ...shown, status: target?.status ?? shown.status } : { ...target, text: shown.text },
      ...(intention.externalId === undefined ? {} : { externalId: intention.externalId })
    })
    trail(work, nowMs, "outcome", "found by its externalId")
    return "decide"
  }
  if (sameState(shown, intention.target)) {
    trail(work, nowMs, "outcome", "found to be done")
    // It was agreed with what the practice showed then: what it shows now is judged from there.
    work.item = withoutIntention(
      shown === undefined ? item : { ...item, base: { ...shown, text: item.base?.text ?? shown.text } }
    )
    return "decide"
  }
  if (sameState(shown, intention.from)) return "resend"
  trail(work, nowMs, "outcome", "given up: Bookio shows neither what was nor what was asked for")
  work.item = givenUp(item, nowMs)
  return "decide"
}

/** Both sides agree, or are left as they are: stores that, or forgets an item that is nowhere. */
const settle = Effect.fnUntraced(function* (run: Run, work: Work, decision: Decision, conflict: Conflict | undefined) {
  const nowMs = yield* Clock.currentTimeMillis
  // Each can come about once: a later edit that looks like it is an edit.
  const late = work.item.late.filter((write) => write.untilMs > nowMs && !work.landed.has(JSON.stringify(write)))
  const isStanding = decision.conflicts.some(({ winner }) => winner === undefined)
  if (conflict !== undefined && !isStanding && conflict.state !== "resolved") {
    work.pending.push({ _tag: "Conflict", conflict: { ...conflict, state: "resolved" } })
  }
  const { base: _, conflict: __, ...rest } = settledItem(work.item)
  const item: SyncItem = {
    ...rest,
    late,
    ...(decision.agreed === undefined ? {} : { base: decision.agreed }),
    ...(isStanding && work.item.conflict !== undefined ? { conflict: work.item.conflict } : {})
  }
  const isNowhere = item.bookio.state === undefined && item.practice.state === undefined
  const isForgotten = item.kind === "reservation" ? item.bookioId === undefined : !isStanding
  if (isNowhere && late.length === 0 && isForgotten) {
    // What would be told of it is moot.
    const kept = work.pending.splice(0).filter(({ _tag }) => _tag !== "Conflict" && _tag !== "Trail")
    yield* run.commit([...kept, { _tag: "Drop", itemId: item.id }])
    return waits
  }
  yield* store(run, work, item)
  const acted: Acted = { _tag: "Done", item }
  return acted
})

/** Acts on an item that is due. @errors what ends the pass; what concerns the item alone is in the journal. */
export const act = Effect.fn("Sync.act")(function* (run: Run, first: SyncItem): Effect.fn.Return<Acted, Stopped> {
  const calendar = calendarPlan(run, first.calendar)
  if (calendar === undefined) {
    const nowMs = yield* Clock.currentTimeMillis
    const problem = `settings have no calendar "${first.calendar}" any more`
    yield* run.commit([{ _tag: "Put", item: parkedItem(first, "NoCalendar", problem, nowMs, false) }])
    return waits
  }
  if (run.down.has(calendar.name)) return waits
  const work: Work = { item: first, pending: [], putBack: undefined, landed: new Set() }
  for (let step = 0; step < mostSteps; step++) {
    const nowMs = yield* Clock.currentTimeMillis
    const { intention } = work.item
    if (intention !== undefined) {
      const judged = judge(run, work, intention, nowMs)
      if (judged === "wait") return waits
      if (judged === "resend") {
        const acted = yield* resend(run, work, calendar, intention, nowMs)
        if (acted !== undefined) return acted
        continue
      }
    }
    if (isNotSent(run, calendar, work.item)) {
      const problem = "it would close calendars that this practice calendar does not serve"
      yield* store(run, work, parkedItem(work.item, "NotSent", problem, nowMs, false))
      return waits
    }
    if (isOrphan(work.item)) {
      yield* store(run, work, orphaned(work.item, nowMs))
      return waits
    }
    for (const write of work.item.late) if (hasLanded(write, work.item)) work.landed.add(JSON.stringify(write))
    let conflict = yield* currentConflict(run, work.item)
    if (conflict !== undefined && conflict.resolution !== undefined && isMoot(work.item, conflict)) {
      work.pending.push({ _tag: "Conflict", conflict: { ...conflict, state: "resolved" } })
      const { conflict: _, ...item } = work.item
      work.item = item
      conflict = undefined
    }
    const chosen = conflict?.state === "open" ? conflict.resolution : undefined
    if (conflict !== undefined && chosen !== undefined && isUnmade(work.item)) {
      work.pending.push({ _tag: "Conflict", conflict: { ...conflict, state: "resolved" } })
      const { conflict: _, ...item } = work.item
      if (chosen === "bookio") {
        yield* store(
          run,
          work,
          parkedItem(item, "Refused", "someone decided that there is no reservation", nowMs, false)
        )
        yield* readAgain(run, calendar, work.item)
        return waits
      }
      // The practice's wish is tried once more.
      work.item = item
      continue
    }
    const decision: Decision =
      conflict !== undefined && chosen !== undefined
        ? decideBy(work.item, conflict, chosen)
        : decide(run, work.item, nowMs)
    yield* tell(run, work, decision.conflicts, nowMs)
    if (work.putBack === undefined && decision.toBookio !== undefined) {
      const acted = yield* actInBookio(run, work, calendar, decision.toBookio, decision, nowMs)
      if (acted !== undefined) return acted
      continue
    }
    const toPractice =
      work.putBack === undefined ? decision.toPractice : difference(work.item.practice.state, work.putBack, "practice")
    // An event of the practice that became a reservation is marked as such, once.
    const isUnmarked = work.item.isOwn && work.item.kind === "reservation" && isNewLink(work.item, decision)
    if (toPractice !== undefined || isUnmarked) {
      const acted = yield* actInPractice(run, work, calendar, toPractice ?? { _tag: "Mark" }, decision, nowMs)
      if (acted !== undefined) return acted
      if (isUnmarked && toPractice === undefined) work.item = { ...work.item, isMarked: true }
      continue
    }
    return yield* settle(
      run,
      work,
      work.putBack === undefined ? decision : { ...decision, agreed: work.putBack, conflicts: [] },
      work.putBack === undefined ? conflict : undefined
    )
  }
  yield* store(run, work, dueItem(work.item))
  return waits
})

/** A busy time that may not go to Bookio, whoever asks for it. */
const isNotSent = (run: Run, calendar: CalendarPlan, { bookio, kind, practice }: SyncItem): boolean =>
  kind === "busy" &&
  bookio.state === undefined &&
  practice.state !== undefined &&
  !run.directory.servesAll(calendar, practice.state.term)

/** Whether the sides have come to show something else than what someone decided about. */
const isMoot = (item: SyncItem, conflict: Conflict): boolean =>
  (["bookio", "practice"] as const).some((side) => {
    const shown = item[side].state
    const decided = conflict[side]
    if (shown === undefined || decided === undefined) return shown !== decided
    return !sameTerm(shown.term, decided.term) || shown.status !== decided.status
  })

/** An event's wish for a reservation that Bookio has not made. */
const isUnmade = ({ bookioId, isOwn, kind }: SyncItem): boolean =>
  isOwn && kind === "reservation" && bookioId === undefined

const isNewLink = (item: SyncItem, { agreed }: Decision): boolean =>
  item.isMarked !== true &&
  item.bookioId !== undefined &&
  item.href !== undefined &&
  agreed !== undefined &&
  item.practice.state !== undefined
