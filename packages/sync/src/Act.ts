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
import { findMoved, hasChangedSince, readAgain } from "./ActReads.ts"
import {
  isDifferent,
  isMoot,
  isNewLink,
  isTakenAway,
  isUndecided,
  isUnmade,
  isUnplaced,
  isUnseen
} from "./Conditions.ts"
import { decide, decideBy, difference, hasLanded, landed, undone, withCreation, withPassed } from "./Decide.ts"
import { isFormer } from "./Holds.ts"
import { isOrphan, orphaned } from "./Orphans.ts"
import type { CalendarPlan } from "./Plan.ts"
import { ruleOf } from "./Rule.ts"
import { calendarPlan, dueItem, notSent, parkedItem, type Run, settledItem } from "./Run.ts"
import { sameFacts, sameTerm } from "./States.ts"
import type { Stopped } from "./Stopped.ts"
import { type Acted, currentConflict, givenUp, store, tell, trail, type Work, waits, withoutIntention } from "./Work.ts"

// An item that needs more steps than any rule asks for goes on in the next pass.
const mostSteps = 12

// How long a calendar that cannot be read is waited for in silence; then what waits for it is parked, for people to see.
const patienceMs = 3_600_000

type Judged = "wait" | "park" | "resend" | "decide"

/** What is known of an intention that an earlier pass left open (sync.md, "Unknown outcomes"). */
const judge = Effect.fnUntraced(function* (
  run: Run,
  work: Work,
  intention: Intention,
  nowMs: number
): Effect.fn.Return<Judged, Stopped> {
  const { item } = work
  if (intention.side === "practice") {
    if (isPerhapsMoved(run, item, intention)) return nowMs - intention.storedMs < patienceMs ? "wait" : "park"
    yield* judgeInPractice(run, work, intention, nowMs)
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
  if (sameFacts(shown, intention.target)) {
    trail(work, nowMs, "outcome", "found to be done")
    // It was agreed with what the practice showed then: what it shows now is judged from there.
    work.item = withoutIntention(
      shown === undefined ? item : { ...item, base: { ...shown, text: item.base?.text ?? shown.text } }
    )
    return "decide"
  }
  if (sameFacts(shown, intention.from)) {
    if (item.kind !== "reservation" || intention.serverMs === undefined || item.bookioId === undefined) return "resend"
    const hasChanged = yield* hasChangedSince(run, intention.serverMs, item.bookioId)
    if (hasChanged !== true) return hasChanged === undefined ? "wait" : "resend"
    // It shows what it did, and was changed: ours came about, and someone has undone it since. Both values are kept.
    trail(work, nowMs, "outcome", "found to be undone")
    const { base, intention: _, ...rest } = item
    const { target } = intention
    work.item = target === undefined ? rest : { ...rest, base: { ...target, text: base?.text ?? target.text } }
    yield* tellUndone(run, work, intention, nowMs)
    return "decide"
  }
  trail(work, nowMs, "outcome", "given up: Bookio shows neither what was nor what was asked for")
  work.item = takenBack(givenUp(item, nowMs), intention)
  return "decide"
})

/**
 * A write to Bookio that may have come about, while the practice shows again what was before it: that is its change since
 * then, which nothing would tell of if it were judged from what both had agreed on before.
 */
const takenBack = (item: SyncItem, { from, target }: Intention): SyncItem => {
  const { base, kind, practice } = item
  if (kind !== "reservation" || base === undefined || from === undefined || target === undefined) return item
  const shown = practice.state
  return shown === undefined ? item : { ...item, base: undone(base, from, target, shown) }
}

/**
 * Whether an event that was perhaps made can have been moved to another practice calendar before anyone read it: only those
 * tell, and one that this pass could not read is asked again, for to make the event once more would make two of it.
 */
const isPerhapsMoved = (run: Run, { calendar, kind, practice }: SyncItem, { action }: Intention): boolean =>
  kind === "reservation" &&
  action === "create" &&
  practice.state === undefined &&
  run.plan.calendars.some(({ name }) => name !== calendar && run.down.has(name))

const shownIn = ({ bookio, practice }: SyncItem) => ({
  ...(bookio.state === undefined ? {} : { bookio: bookio.state }),
  ...(practice.state === undefined ? {} : { practice: practice.state })
})

/** Tells of a value that was undone, or may have been, before anyone could carry it: it would be seen nowhere else. */
const tellUndone = (run: Run, work: Work, { from, target }: Intention, nowMs: number) => {
  const states = shownIn(work.item)
  const hasTerm = from !== undefined && target !== undefined && !sameTerm(from.term, target.term)
  const hasStatus = from?.status !== target?.status
  const fields = [...(hasStatus ? ["status" as const] : []), ...(hasTerm ? ["term" as const] : [])]
  return tell(
    run,
    work,
    fields.map((field) => ({ field, ...states, winner: "bookio" })),
    nowMs
  )
}

/**
 * Writes to a practice calendar are conditional, so deciding again is safe whatever became of this one. An event that was
 * changed since then can show what it did before because someone has undone it, which nothing else would tell.
 */
const judgeInPractice = Effect.fnUntraced(function* (run: Run, work: Work, intention: Intention, nowMs: number) {
  const { item } = work
  const shown = item.practice.state
  const { action, etag, from, target, told } = intention
  const isPassed = action === "update" && etag !== undefined && item.etag !== etag
  if (isPassed && told !== undefined && told < (item.writes ?? 0)) {
    trail(work, nowMs, "outcome", "not done: the event was changed before")
    work.item = withoutIntention(item)
    return
  }
  if (!isPassed || from === undefined || target === undefined || shown === undefined) {
    work.item = givenUp(item, nowMs)
    return
  }
  // It came about before the change that was read, or it never will. What is seen of it was agreed on, whatever was before.
  const isLanded = item.base === undefined && sameFacts(shown, target)
  const base = item.base === undefined ? (isLanded ? target : undefined) : landed(item.base, from, target, shown)
  work.item = withoutIntention(base === undefined ? item : { ...item, base })
  const isUndone = !sameFacts(from, target) && sameFacts(shown, from)
  if (item.kind === "reservation" && isUndone) yield* tellUndone(run, work, intention, nowMs)
})

/** Both sides agree, or are left as they are: stores that, or forgets an item that is nowhere. */
const settle = Effect.fnUntraced(function* (run: Run, work: Work, decision: Decision, conflict: Conflict | undefined) {
  const nowMs = yield* Clock.currentTimeMillis
  // Each can come about once: a later edit that looks like it is an edit.
  const late = work.item.late.filter((write) => write.untilMs > nowMs && !work.landed.has(JSON.stringify(write)))
  const isStanding = work.isRefused || decision.conflicts.some(({ winner }) => winner === undefined)
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
  if (isFormer(item) && !isStanding) {
    // What is told of it is moot, and who looks for conflicts is not to see it; its base tells what is put back.
    const told = yield* run.journal.conflictsOf(run.plan.key, item.id)
    const kept = work.pending.splice(0).filter(({ _tag }) => _tag !== "Conflict")
    for (const one of told) {
      if (one.state !== "resolved") kept.push({ _tag: "Conflict", conflict: { ...one, state: "resolved" } })
    }
    work.pending.push(...kept)
    // Nobody reads its event any more for this item's sake.
    const { parked: _, ...gone } = item
    const former: SyncItem = work.item.base === undefined ? gone : { ...gone, base: work.item.base }
    yield* store(run, work, former)
    const acted: Acted = { _tag: "Done", item: former }
    return acted
  }
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
  const work: Work = {
    item: first,
    parked: first.parked,
    pending: [],
    putBack: undefined,
    landed: new Set(),
    isRefused: false,
    rule: ""
  }
  for (let step = 0; step < mostSteps; step++) {
    const nowMs = yield* Clock.currentTimeMillis
    if (isUnseen(work.item)) {
      yield* store(run, work, settledItem(work.item))
      return waits
    }
    const { intention } = work.item
    if (intention !== undefined) {
      const judged = yield* judge(run, work, intention, nowMs)
      if (judged === "wait") return waits
      if (judged === "park") {
        const problem = "its event may have been moved to a calendar that cannot be read"
        yield* store(run, work, parkedItem(work.item, "OtherCalendar", problem, nowMs, true))
        return waits
      }
      if (judged === "resend") {
        const acted = yield* resend(run, work, calendar, intention, nowMs)
        if (acted !== undefined) return acted
        continue
      }
    }
    if (isTakenAway(work.item)) {
      const found = yield* findMoved(run, work.item)
      if (found === undefined) return waits
      if (found.parked?.reason === "OtherCalendar") {
        yield* store(run, work, found)
        return waits
      }
      work.item = found
    }
    // Its event may be there, or have been moved to another calendar, and is found by its mark once all are read to the end.
    if (
      run.progress.adopt === true &&
      isUnplaced(work.item) &&
      !run.plan.calendars.every(({ name }) => run.listed.has(name))
    )
      return waits
    const isBarred = mayNotBeSent(run, calendar, work.item)
    if (isBarred && work.item.bookio.state === undefined) {
      yield* store(run, work, notSent(work.item, nowMs))
      return waits
    }
    if (isOrphan(work.item)) {
      yield* store(run, work, orphaned(work.item, nowMs))
      return waits
    }
    work.item = withPassed(withCreation(work.item))
    for (const write of work.item.late) if (hasLanded(write, work.item)) work.landed.add(JSON.stringify(write))
    let conflict = yield* currentConflict(run, work.item)
    if (conflict !== undefined && conflict.resolution !== undefined && isMoot(work.item, conflict)) {
      work.pending.push({ _tag: "Conflict", conflict: { ...conflict, state: "resolved" } })
      const { conflict: _, ...item } = work.item
      work.item = item
      conflict = undefined
    }
    const isAsked = conflict !== undefined && (conflict.resolution !== undefined || !isMoot(work.item, conflict))
    if (run.progress.adopt === true && !isAsked && isDifferent(work.item)) {
      // What its event shows is not known before it was read.
      if (!run.listed.has(calendar.name)) return waits
      // Whose change it was, a journal that was put back cannot tell: someone has to.
      const field = work.item.bookio.state?.status === work.item.practice.state?.status ? "term" : "status"
      yield* tell(run, work, [{ field, ...shownIn(work.item) }], nowMs)
      return yield* leave(run, work)
    }
    if (conflict !== undefined && isUndecided(work.item, conflict)) return yield* leave(run, work)
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
        : decide(run, isBarred ? withoutEvent(work.item, nowMs) : work.item, nowMs)
    yield* tell(run, work, decision.conflicts, nowMs)
    const beside = { chosen, isBarred, isPutBack: work.putBack !== undefined }
    if (work.putBack === undefined && !work.isRefused && decision.toBookio !== undefined) {
      work.rule = ruleOf(work.item, "bookio", decision.toBookio, decision, beside)
      const acted = yield* actInBookio(run, work, calendar, decision.toBookio, decision, nowMs)
      if (acted !== undefined) return acted
      continue
    }
    const toPractice =
      work.putBack === undefined ? decision.toPractice : difference(work.item.practice.state, work.putBack, "practice")
    // An event of the practice that became a reservation is marked as such, once.
    const isUnmarked = work.item.isOwn && work.item.kind === "reservation" && isNewLink(work.item, decision)
    if (toPractice !== undefined || isUnmarked) {
      const change = toPractice ?? { _tag: "Mark" as const }
      work.rule = ruleOf(work.item, "practice", change, decision, beside)
      // The mark's intention takes the place of what was written before it: that both sides agree must not be lost with it.
      const isAgreed = change._tag === "Mark" && work.putBack === undefined && !work.isRefused
      if (isAgreed && decision.agreed !== undefined) work.item = { ...work.item, base: decision.agreed }
      const acted = yield* actInPractice(run, work, calendar, change, decision, nowMs)
      if (acted !== undefined) return acted
      continue
    }
    if (work.putBack !== undefined) {
      return yield* settle(run, work, { ...decision, agreed: work.putBack, conflicts: [] }, undefined)
    }
    // What Bookio refused is left different: its own value is what a later change is told from (`reconcile`).
    const agreed = work.isRefused ? work.item.bookio.state : decision.agreed
    return yield* settle(run, work, { ...decision, agreed }, conflict)
  }
  yield* store(run, work, dueItem(work.item))
  return waits
})

/** Leaves both sides as they are until someone decides, or changes one of them: then nothing is agreed on. */
const leave = Effect.fnUntraced(function* (run: Run, work: Work) {
  const { base: _, ...item } = settledItem(work.item)
  yield* store(run, work, item)
  const acted: Acted = { _tag: "Done", item }
  return acted
})

/** A busy time that may not stand in Bookio, whoever asks for it. */
const mayNotBeSent = (run: Run, calendar: CalendarPlan, { kind, practice }: SyncItem): boolean =>
  kind === "busy" && practice.state?.status === "CONFIRMED" && !run.directory.servesAll(calendar, practice.state.term)

/** As if its event were gone: what is ours in Bookio goes with it. */
const withoutEvent = (item: SyncItem, nowMs: number): SyncItem => {
  const base = item.base ?? item.bookio.state
  return { ...item, ...(base === undefined ? {} : { base }), practice: { missing: 0, atMs: nowMs } }
}
