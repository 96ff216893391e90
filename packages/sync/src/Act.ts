/**
 * Does what is to be done about one item, step by step: decide, store the intention, send it, take in what came of it, and
 * decide again, until both sides agree or something has to wait (sync.md, "A pass", 3). The outcome of one step is stored
 * with the intention of the next, so that a crash anywhere leaves at most one write whose outcome is not known.
 */
import type { Conflict, JournalChange } from "@bookio-kit/core/sync/Journal"
import { type Decision, isSameConflict, type SideChange } from "@bookio-kit/core/sync/Reconcile"
import type { Intention, LateWrite, SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { Side, SyncState } from "@bookio-kit/core/sync/SyncState"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { adopt, bookingFor, readAgain } from "./ActReads.ts"
import { takeFromBudget } from "./Budget.ts"
import { decide, decideBy, difference } from "./Decide.ts"
import { drawExternalId, drawId, namedOf, uidOf } from "./Identity.ts"
import { isOrphan, orphaned } from "./Orphans.ts"
import { type CalendarPlan, settleMs } from "./Plan.ts"
import { calendarPlan, count, dueItem, parkedItem, type Run, settledItem, takeDown } from "./Run.ts"
import { type Outcome, sendBookio } from "./SendBookio.ts"
import { sendPractice } from "./SendPractice.ts"
import { sameState, sameTerm } from "./States.ts"
import type { Stopped } from "./Stopped.ts"

/** What became of an item: `done` where the sides agree, or as far as they are meant to; else it waits. */
export type Acted = { readonly _tag: "Done"; readonly item: SyncItem } | { readonly _tag: "Waits" }

const waits: Acted = { _tag: "Waits" }

// An item that needs more steps than any rule asks for goes on in the next pass.
const mostSteps = 12
const mostAttempts = 8
const lateMs = 86_400_000

/** The work on one item, with what is known but not stored yet. */
interface Work {
  item: SyncItem
  /** Goes into the next commit. */
  readonly pending: Array<JournalChange>
  /** What is written to the practice calendar in place of what the rules say: a refused change that is put back. */
  putBack: SyncState | undefined
}

const trail = (work: Work, atMs: number, step: string, detail: string): void => {
  work.pending.push({ _tag: "Trail", entry: { itemId: work.item.id, atMs, step, detail } })
}

const store = (run: Run, work: Work, item: SyncItem) =>
  Effect.suspend(() => {
    const changes: ReadonlyArray<JournalChange> = [{ _tag: "Put", item }, ...work.pending.splice(0)]
    work.item = item
    return run.commit(changes)
  })

const withoutIntention = ({ intention: _, ...item }: SyncItem): SyncItem => item

/** What the journal keeps of a write that was given up: it may still appear. */
const givenUp = (item: SyncItem, nowMs: number): SyncItem => {
  const { intention } = item
  const late = item.late.filter(({ untilMs }) => untilMs > nowMs)
  if (intention === undefined) return item
  const { externalId, side, target } = intention
  const write: LateWrite = {
    side,
    untilMs: nowMs + lateMs,
    ...(target === undefined ? {} : { target }),
    ...(externalId === undefined ? {} : { externalId })
  }
  return withoutIntention({ ...item, late: [...late, write] })
}

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
    work.item = withoutIntention({
      ...item,
      base: shown,
      ...(intention.externalId === undefined ? {} : { externalId: intention.externalId })
    })
    trail(work, nowMs, "outcome", "found by its externalId")
    return "decide"
  }
  if (sameState(shown, intention.target)) {
    trail(work, nowMs, "outcome", "found to be done")
    work.item = withoutIntention(item)
    return "decide"
  }
  if (sameState(shown, intention.from)) return "resend"
  trail(work, nowMs, "outcome", "given up: Bookio shows neither what was nor what was asked for")
  work.item = givenUp(item, nowMs)
  return "decide"
}

/** Notes the conflicts that are new, and gives the item with the one that waits for someone. */
const tell = Effect.fnUntraced(function* (
  run: Run,
  work: Work,
  found: ReadonlyArray<Omit<Conflict, "id" | "itemId" | "sinceMs" | "state">>,
  nowMs: number
) {
  if (found.length === 0) return
  const known = yield* run.journal.conflictsOf(run.plan.key, work.item.id)
  for (const conflict of found) {
    const isKnown = known.some(
      (one) =>
        one.state !== "resolved" &&
        (conflict.refusal === undefined
          ? isSameConflict(one, conflict as Parameters<typeof isSameConflict>[1])
          : one.field === conflict.field &&
            sameState(one.practice, conflict.practice) &&
            sameState(one.bookio, conflict.bookio))
    )
    if (isKnown) {
      // A decision that came to nothing is not tried again by itself.
      for (const one of known) {
        if (one.id !== work.item.conflict || one.resolution === undefined || conflict.refusal === undefined) continue
        const { resolution: _, ...undecided } = one
        work.pending.push({ _tag: "Conflict", conflict: undecided })
      }
      continue
    }
    const id = yield* drawId
    const isOpen = conflict.winner === undefined
    work.pending.push({
      _tag: "Conflict",
      conflict: { ...conflict, id, itemId: work.item.id, sinceMs: nowMs, state: isOpen ? "open" : "shown" }
    })
    if (isOpen) work.item = { ...work.item, conflict: id }
    count(run, "conflicts")
    trail(work, nowMs, "conflict", `${conflict.field}${conflict.refusal === undefined ? "" : ` ${conflict.refusal}`}`)
  }
})

const currentConflict = Effect.fnUntraced(function* (run: Run, item: SyncItem) {
  if (item.conflict === undefined) return undefined
  return (yield* run.journal.conflictsOf(run.plan.key, item.id)).find(({ id }) => id === item.conflict)
})

/** Which one write comes next of a change: Bookio takes status and term one by one, and moves only what is confirmed. */
const operationOf = (
  item: SyncItem,
  change: SideChange
): { readonly action: Intention["action"]; readonly target?: SyncState } => {
  const shown = item.bookio.state
  switch (change._tag) {
    case "Create":
      return { action: "create", target: change.state }
    case "Remove":
      return { action: "remove" }
    case "Update":
      if (shown === undefined) return { action: "remove" }
      return change.status === undefined
        ? { action: "term", target: { ...shown, term: change.term ?? shown.term } }
        : { action: "status", target: { ...shown, status: change.status } }
  }
}

const intend = Effect.fnUntraced(function* (
  run: Run,
  work: Work,
  side: Side,
  operation: { readonly action: Intention["action"]; readonly target?: SyncState; readonly uid?: string },
  nowMs: number
) {
  const { item } = work
  const from = side === "bookio" ? item.bookio.state : item.practice.state
  // Nothing but the request comes between this and the request, so whoever finds it must take it for sent.
  const intention: Intention = {
    id: yield* drawId,
    side,
    ...operation,
    ...(from === undefined ? {} : { from }),
    ...(side === "bookio" && operation.action === "create" ? { externalId: yield* drawExternalId } : {}),
    storedMs: nowMs,
    ...(run.progress.asOfMs === undefined ? {} : { serverMs: run.progress.asOfMs }),
    state: "unknown",
    attempts: 1
  }
  trail(work, nowMs, "intend", `${operation.action} in ${side}`)
  yield* store(run, work, dueItem({ ...item, intention }))
  return intention
})

const countDone = (run: Run, { action, side, target }: Intention): void => {
  if (action === "create") count(run, "created")
  else if (action === "remove") count(run, "removed")
  else if (target?.status === "CANCELLED") count(run, "cancelled")
  else count(run, action === "term" ? "moved" : "changed")
  void side
}

/** Takes in what Bookio made of an intention; `undefined` to decide again. */
const takeOutcome = Effect.fnUntraced(function* (
  run: Run,
  work: Work,
  calendar: CalendarPlan,
  intention: Intention,
  outcome: Outcome
): Effect.fn.Return<Acted | undefined, Stopped> {
  const nowMs = yield* Clock.currentTimeMillis
  const { item } = work
  const isReservation = item.kind === "reservation" || item.kind === "hold"
  switch (outcome._tag) {
    case "Unknown": {
      trail(work, nowMs, "outcome", "unknown")
      run.unknown.add(item.id)
      yield* store(run, work, dueItem({ ...item, intention: { ...intention, state: "unknown" } }))
      return waits
    }
    case "Done": {
      countDone(run, intention)
      trail(work, nowMs, "outcome", "done")
      const { state } = outcome
      const isCreated = intention.action === "create"
      work.item = {
        ...withoutIntention(item),
        ...(outcome.bookioId === undefined ? {} : { bookioId: outcome.bookioId }),
        ...(isCreated && intention.externalId !== undefined ? { externalId: intention.externalId } : {}),
        bookio: state === undefined ? { missing: 0, atMs: nowMs } : { state, missing: 0, atMs: nowMs },
        // What it was made with can differ from what was asked for, and is then changed from there.
        ...(isCreated && state !== undefined ? { base: state } : {}),
        // Any change sets it for every channel, ours included (engine.md, rule 9).
        needsSync: isReservation && !isCreated ? true : item.needsSync,
        endMs: Math.max(item.endMs, state?.term.endMs ?? 0)
      }
      return undefined
    }
    case "Refused": {
      const { refusal } = outcome
      trail(work, nowMs, "outcome", `refused: ${refusal._tag}`)
      work.item = withoutIntention(item)
      if (refusal._tag === "DuplicateReservation" && intention.action === "create") {
        const adopted = yield* adopt(run, work.item, intention, refusal, calendar)
        if (adopted !== undefined) {
          work.item = adopted
          return undefined
        }
      } else if (refusal._tag === "ResourceNotFound" && item.kind === "busy" && intention.action === "term") {
        // Staff removed it meanwhile: it is put back.
        work.item = { ...work.item, bookio: { missing: 2, atMs: nowMs } }
        return undefined
      } else if (refusal._tag !== "ResourceNotFound" && intention.action !== "create" && item.kind === "reservation") {
        return yield* takeRefusal(run, work, refusal._tag, nowMs)
      } else if (item.kind === "hold" && intention.action === "term") {
        return yield* giveUpHold(run, work, refusal._tag, nowMs)
      }
      yield* tell(run, work, [conflictOf(work.item, item.kind === "hold" ? "hold" : "refused", refusal._tag)], nowMs)
      count(run, "parked")
      const reason = item.isOwn && item.kind !== "busy" ? "Refused" : refusal._tag
      yield* store(run, work, parkedItem(work.item, reason, `Bookio refused it: ${refusal._tag}`, nowMs, false))
      // The time that was to become a reservation is a busy time again.
      if (item.isOwn && item.kind === "reservation") yield* readAgain(run, calendar, work.item)
      return waits
    }
  }
})

const conflictOf = (item: SyncItem, field: Conflict["field"], refusal: string, winner?: Side) => ({
  field,
  ...(item.bookio.state === undefined ? {} : { bookio: item.bookio.state }),
  ...(item.practice.state === undefined ? {} : { practice: item.practice.state }),
  ...(winner === undefined ? {} : { winner }),
  refusal
})

/** A change of the practice that Bookio does not take: kept and shown, or put back, as settings say. */
const takeRefusal = Effect.fnUntraced(function* (run: Run, work: Work, tag: string, nowMs: number) {
  const isPutBack = run.plan.onRefusal === "put-back"
  yield* tell(run, work, [conflictOf(work.item, "refused", tag, isPutBack ? "bookio" : undefined)], nowMs)
  if (isPutBack) {
    work.putBack = work.item.bookio.state
    return undefined
  }
  yield* store(run, work, settledItem(work.item))
  const acted: Acted = { _tag: "Done", item: work.item }
  return acted
})

/** A hold that cannot have its length takes no time at all. */
const giveUpHold = Effect.fnUntraced(function* (
  run: Run,
  work: Work,
  tag: string,
  nowMs: number
): Effect.fn.Return<Acted, Stopped> {
  yield* tell(run, work, [conflictOf(work.item, "hold", tag)], nowMs)
  const intention = yield* intend(run, work, "bookio", { action: "remove" }, nowMs)
  const outcome = yield* run.leased(sendBookio(run, work.item, intention, undefined))
  if (outcome._tag === "Unknown") {
    run.unknown.add(work.item.id)
    yield* store(run, work, dueItem({ ...work.item, intention: { ...intention, state: "unknown" } }))
    return waits
  }
  const { base: _, ...item } = withoutIntention(work.item)
  count(run, "parked")
  const given: SyncItem = { ...item, bookio: { missing: 0, atMs: nowMs } }
  yield* store(run, work, parkedItem(given, "Refused", `Bookio refused its length: ${tag}`, nowMs, false))
  return waits
})

/** Clears an intention that came to nothing, and passes the error on. */
const cleared =
  (run: Run, work: Work) =>
  <A, E>(sent: Effect.Effect<A, E>) =>
    Effect.tapError(sent, () => Effect.ignore(store(run, work, dueItem(withoutIntention(work.item)))))

const actInBookio = Effect.fnUntraced(function* (
  run: Run,
  work: Work,
  calendar: CalendarPlan,
  change: SideChange,
  decision: Decision,
  nowMs: number
): Effect.fn.Return<Acted | undefined, Stopped> {
  const { item } = work
  const needsBooking = change._tag === "Create" && item.kind === "reservation"
  const asked = needsBooking ? yield* bookingFor(run, calendar, item) : undefined
  // Its blocked time goes first; or the event asks for nothing any more, and has been read anew.
  if (needsBooking && asked === undefined) return waits
  const operation = operationOf(item, change)
  yield* takeFromBudget(run, work.pending, "practice", item, change, decision, nowMs)
  const intention = yield* intend(run, work, "bookio", operation, nowMs)
  const outcome = yield* run.leased(sendBookio(run, work.item, intention, asked)).pipe(cleared(run, work))
  return yield* takeOutcome(run, work, calendar, intention, outcome)
})

const resend = Effect.fnUntraced(function* (
  run: Run,
  work: Work,
  calendar: CalendarPlan,
  before: Intention,
  nowMs: number
): Effect.fn.Return<Acted | undefined, Stopped> {
  const { item } = work
  if (before.attempts >= mostAttempts) {
    count(run, "parked")
    const waiting = parkedItem(item, "OutcomeUnknown", "Bookio did not say what became of it", nowMs, true)
    yield* store(run, work, { ...waiting, intention: { ...before, attempts: 1 } })
    return waits
  }
  const needsBooking = before.action === "create" && item.kind === "reservation"
  const asked = needsBooking ? yield* bookingFor(run, calendar, item) : undefined
  if (needsBooking && asked === undefined) {
    work.item = givenUp(item, nowMs)
    return undefined
  }
  const intention: Intention = { ...before, attempts: before.attempts + 1, state: "unknown", storedMs: nowMs }
  trail(work, nowMs, "intend", `${before.action} in bookio once more`)
  yield* store(run, work, dueItem({ ...item, intention }))
  const outcome = yield* run.leased(sendBookio(run, work.item, intention, asked))
  return yield* takeOutcome(run, work, calendar, intention, outcome)
})

const actInPractice = Effect.fnUntraced(function* (
  run: Run,
  work: Work,
  calendar: CalendarPlan,
  change: SideChange | { readonly _tag: "Mark" },
  decision: Decision,
  nowMs: number
): Effect.fn.Return<Acted | undefined, Stopped> {
  let { item } = work
  const shown = item.practice.state
  const target =
    change._tag === "Create"
      ? change.state
      : change._tag === "Remove" || shown === undefined
        ? undefined
        : change._tag === "Mark"
          ? shown
          : {
              term: change.term ?? shown.term,
              status: change.status ?? shown.status,
              text: change.text ?? shown.text
            }
  if (change._tag === "Create") {
    // Our item was there and was removed: its UID is used up.
    const generation = item.href === undefined ? item.generation : item.generation + 1
    const { etag: _, href: __, uid: ___, ...rest } = item
    item = { ...rest, generation }
    work.item = item
  } else if (change._tag !== "Mark") {
    yield* takeFromBudget(run, work.pending, "bookio", item, change, decision, nowMs)
  }
  const intention = yield* intend(
    run,
    work,
    "practice",
    {
      action: change._tag === "Create" ? "create" : change._tag === "Remove" ? "remove" : "update",
      ...(target === undefined ? {} : { target }),
      ...(change._tag === "Create" ? { uid: uidOf(namedOf(run.plan, item)) } : {})
    },
    nowMs
  )
  const written = yield* run.leased(sendPractice(run, calendar, work.item, intention)).pipe(
    Effect.catchTag("PracticeError", (error) =>
      Effect.as(takeDown(run, calendar.name, error), undefined)
    )
  )
  item = work.item
  switch (written?._tag) {
    case undefined:
      yield* store(run, work, dueItem(withoutIntention(item)))
      return waits
    case "Done": {
      countDone(run, intention)
      trail(work, nowMs, "outcome", "done")
      const { etag: _, href: __, ...rest } = withoutIntention(item)
      const uid = intention.uid ?? item.uid
      work.item = {
        ...(written.at === undefined ? withoutIntention(item) : { ...rest, ...written.at }),
        ...(uid === undefined ? {} : { uid }),
        practice: target === undefined ? { missing: 0, atMs: nowMs } : { state: target, missing: 0, atMs: nowMs }
      }
      return undefined
    }
    case "Stale": {
      work.item = yield* readAgain(run, calendar, withoutIntention(item))
      return undefined
    }
    case "Missing": {
      // One answer proves no removal: the calendar is listed in full, twice if need be.
      run.progress = { ...run.progress, listAgain: [...new Set([...run.progress.listAgain, calendar.name])] }
      yield* store(run, work, dueItem(withoutIntention(item)))
      return waits
    }
    case "Taken": {
      const at = { ...withoutIntention(item), ...(written.href === undefined ? {} : { href: written.href }) }
      const found = written.href === undefined ? undefined : yield* readAgain(run, calendar, at)
      // Ours, from before a crash, is linked by its mark; of any other the UID is not ours to use.
      if (found?.practice.state !== undefined) {
        work.item = found
        return undefined
      }
      const { href: _, ...rest } = withoutIntention(item)
      work.item = { ...rest, generation: item.generation + 1 }
      return undefined
    }
    case "Refused": {
      trail(work, nowMs, "outcome", "refused by the calendar")
      count(run, "parked")
      // A UID can be refused for ever (calendars.md): the next try has another.
      const next = { ...withoutIntention(item), generation: item.generation + (intention.action === "create" ? 1 : 0) }
      yield* store(run, work, parkedItem(next, "Refused", `the calendar refused it: ${written.problem}`, nowMs, false))
      return waits
    }
    case "Unknown": {
      trail(work, nowMs, "outcome", "unknown")
      run.unknown.add(item.id)
      yield* store(run, work, dueItem({ ...item, intention: { ...intention, state: "unknown" } }))
      return waits
    }
  }
})

/** Both sides agree, or are left as they are: stores that, or forgets an item that is nowhere. */
const settle = Effect.fnUntraced(function* (run: Run, work: Work, decision: Decision, conflict: Conflict | undefined) {
  const nowMs = yield* Clock.currentTimeMillis
  const late = work.item.late.filter(({ untilMs }) => untilMs > nowMs)
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
  const work: Work = { item: first, pending: [], putBack: undefined }
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
        yield* store(run, work, parkedItem(item, "Refused", "someone decided that there is no reservation", nowMs, false))
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

/** How long after a write of unknown outcome its effect can still come. */
export const unknownForMs = settleMs
