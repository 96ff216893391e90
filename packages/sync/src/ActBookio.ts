/** Changes one thing in Bookio, takes in what came of it, and repeats what nobody knows the outcome of (sync.md, "Unknown outcomes"). */
import type { Refusal } from "@bookio-kit/core/error/Refusal"
import type { Conflict } from "@bookio-kit/core/sync/Journal"
import type { Decision, SideChange } from "@bookio-kit/core/sync/Reconcile"
import type { Intention, SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { Side, SyncState } from "@bookio-kit/core/sync/SyncState"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { adopt, bookingFor, readAgain } from "./ActReads.ts"
import { takeFromBudget } from "./Budget.ts"
import { givenUpHold, isInTheWay, isStillRefused, noteFreed, partFormer, refusedHold } from "./Holds.ts"
import type { CalendarPlan } from "./Plan.ts"
import { lost } from "./PullReservations.ts"
import { count, dueItem, parkedItem, type Run } from "./Run.ts"
import { type Outcome, sendBookio } from "./SendBookio.ts"
import { held, sameTerm } from "./States.ts"
import { givenTwice, restored, type Stopped } from "./Stopped.ts"
import {
  type Acted,
  countDone,
  givenUp,
  intend,
  store,
  tell,
  trail,
  type Work,
  waits,
  withoutIntention
} from "./Work.ts"

/** Which one write comes next of a change: Bookio takes status and term one by one, and moves only what is confirmed. */
const operationOf = (
  run: Run,
  calendar: CalendarPlan,
  item: SyncItem,
  change: SideChange
): { readonly action: Intention["action"]; readonly target?: SyncState } => {
  const shown = item.bookio.state
  switch (change._tag) {
    case "Create":
      return { action: "create", target: item.kind === "hold" ? madeAs(run, calendar, change.state) : change.state }
    case "Remove":
      return { action: "remove" }
    case "Update":
      if (shown === undefined) return { action: "remove" }
      return change.status === undefined
        ? { action: "term", target: { ...shown, term: change.term ?? shown.term } }
        : { action: "status", target: { ...shown, status: change.status } }
  }
}

/** A hold is made with its service's length, which has to fit into the opening, and then takes its own. */
const madeAs = ({ directory }: Run, { hold }: CalendarPlan, state: SyncState): SyncState =>
  hold === undefined ? state : { ...state, term: directory.placeOf(hold.serviceId, state.term) }

const mostAttempts = 8

/** What a change leaves agreed, at once: a pass that ends before the rest is done must not take it for someone's change. */
const agreedBy = (base: SyncState | undefined, { action, target }: Intention): { readonly base?: SyncState } => {
  if (base === undefined || target === undefined) return {}
  if (action === "term") return { base: { ...base, term: target.term } }
  return action === "status" ? { base: { ...base, status: target.status } } : {}
}

// Fields and keys of our own texts; nothing that a server said.
const refusalText = (refusal: Refusal): string =>
  refusal._tag === "ValidationError" ? `${refusal._tag} (${refusal.message})` : refusal._tag

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
      noteFreed(run, item, outcome.state)
      trail(work, nowMs, "outcome", "done")
      const { state } = outcome
      const isCreated = intention.action === "create"
      const { created: _, ...anew } = withoutIntention(item)
      work.item = held({
        ...(isCreated ? anew : withoutIntention(item)),
        ...(outcome.bookioId === undefined ? {} : { bookioId: outcome.bookioId }),
        ...(isCreated && intention.externalId !== undefined ? { externalId: intention.externalId } : {}),
        bookio: state === undefined ? { missing: 0, atMs: nowMs } : { state, missing: 0, atMs: nowMs },
        // What it was made with can differ from what was asked for, and is then changed from there.
        ...(isCreated && state !== undefined ? { base: state } : agreedBy(item.base, intention)),
        // Any change sets it for every channel, ours included (engine.md, rule 9).
        needsSync: isReservation && !isCreated ? true : item.needsSync,
        endMs: Math.max(item.endMs, state?.term.endMs ?? 0)
      })
      if (!isCreated) return undefined
      // One that was sent before may have been counted.
      if (isReservation && run.total !== undefined && intention.attempts === 1) run.total++
      const record = isReservation ? "reservation" : "blockedTime"
      const known = yield* run.journal.byBookioId(run.plan.key, record, [outcome.bookioId ?? 0])
      if (known.every(({ id }) => id === item.id)) return undefined
      yield* store(run, work, dueItem(work.item))
      return yield* givenTwice(outcome.bookioId)
    }
    case "Refused": {
      const { refusal } = outcome
      trail(work, nowMs, "outcome", `refused: ${refusalText(refusal)}`)
      if (refusal._tag === "ResourceNotFound" && isReservation && intention.action !== "create") {
        // It was there, and none is ever deleted.
        if (run.progress.adopt === true) {
          yield* run.commit([lost(item, nowMs)])
          return waits
        }
        yield* store(run, work, dueItem(withoutIntention(item)))
        return yield* restored(`reservation ${item.bookioId} is not there any more`)
      }
      // A request that something on the way repeats may find a place that was not there before.
      work.item = intention.action === "create" ? givenUp(item, nowMs) : withoutIntention(item)
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
      } else if (item.kind === "reservation" && intention.action !== "create" && !isStillWanted(item, intention)) {
        // It was sent for what the practice has changed again since: that is to be tried.
        return undefined
      } else if (refusal._tag !== "ResourceNotFound" && intention.action !== "create" && item.kind === "reservation") {
        yield* takeRefusal(run, work, refusal._tag, nowMs)
        return undefined
      } else if (item.kind === "hold" && intention.action === "term") {
        return yield* giveUpHold(run, work, calendar, refusal._tag, nowMs)
      }
      const isHold = item.kind === "hold"
      yield* tell(run, work, [conflictOf(work.item, isHold ? "hold" : "refused", refusal._tag)], nowMs)
      const problem = `Bookio refused it: ${refusal._tag}`
      if (isHold) {
        yield* store(run, work, refusedHold(asBefore(run, work, work.item), problem, nowMs))
        return waits
      }
      count(run, "parked")
      const reason = item.isOwn && item.kind !== "busy" ? "Refused" : refusal._tag
      yield* store(run, work, parkedItem(work.item, reason, problem, nowMs, false))
      // The time that was to become a reservation is a busy time again.
      if (item.isOwn && item.kind === "reservation") yield* readAgain(run, calendar, work.item)
      return waits
    }
  }
})

/** Whether the practice still shows what an intention for Bookio asks for. */
const isStillWanted = ({ practice }: SyncItem, { action, target }: Intention): boolean => {
  if (target === undefined) return true
  if (practice.state === undefined) return target.status !== "CONFIRMED"
  return action === "term" ? sameTerm(practice.state.term, target.term) : practice.state.status === target.status
}

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
  if (isPutBack) work.putBack = work.item.bookio.state
  // What Bookio has changed flows all the same.
  else work.isRefused = true
})

/** An item that is refused once more is as it was parked before; one that is refused for the first time counts. */
const asBefore = (run: Run, { parked }: Work, item: SyncItem): SyncItem => {
  if (parked?.reason === "Refused") return { ...item, parked }
  count(run, "parked")
  return item
}

/** A hold that cannot have its length takes no time at all. */
const giveUpHold = Effect.fnUntraced(function* (
  run: Run,
  work: Work,
  calendar: CalendarPlan,
  tag: string,
  nowMs: number
): Effect.fn.Return<Acted, Stopped> {
  yield* tell(run, work, [conflictOf(work.item, "hold", tag)], nowMs)
  work.rule = "Bookio refused its length, so it is given up"
  const intention = yield* intend(run, work, "bookio", { action: "remove" }, nowMs)
  const outcome = yield* run.leased(sendBookio(run, work.item, intention, undefined))
  if (outcome._tag === "Unknown") {
    run.unknown.add(work.item.id)
    yield* store(run, work, dueItem({ ...work.item, intention: { ...intention, state: "unknown" } }))
    return waits
  }
  const cancelled: SyncItem = { ...withoutIntention(work.item), bookio: { missing: 0, atMs: nowMs }, needsSync: true }
  // What Bookio tells of the cancelled one from now on is no news of the hold.
  const { former, item } = yield* partFormer(cancelled, nowMs)
  work.pending.push({ _tag: "Put", item: former })
  const { base: _, ...given } = asBefore(run, work, { ...item, needsSync: false })
  const isKnown = yield* isInTheWay(run, calendar, given)
  yield* store(run, work, givenUpHold(given, `Bookio refused its length: ${tag}`, nowMs, isKnown))
  return waits
})

/** Clears an intention that came to nothing, and passes the error on. */
const cleared =
  (run: Run, work: Work) =>
  <A, E>(sent: Effect.Effect<A, E>) =>
    Effect.tapError(sent, () => Effect.ignore(store(run, work, dueItem(withoutIntention(work.item)))))

export const actInBookio = Effect.fnUntraced(function* (
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
  if (change._tag === "Create" && (yield* isStillRefused(run, calendar, item))) {
    yield* store(run, work, refusedHold(item, item.parked?.problem ?? "", nowMs))
    return waits
  }
  const operation = operationOf(run, calendar, item, change)
  yield* takeFromBudget(run, work.pending, "practice", item, change, decision, nowMs)
  const intention = yield* intend(run, work, "bookio", operation, nowMs)
  const outcome = yield* run.leased(sendBookio(run, work.item, intention, asked)).pipe(cleared(run, work))
  return yield* takeOutcome(run, work, calendar, intention, outcome)
})

export const resend = Effect.fnUntraced(function* (
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
  // What comes after it must not take it for someone's change.
  run.written.add(item.id)
  const intention: Intention = { ...before, attempts: before.attempts + 1, state: "unknown", storedMs: nowMs }
  trail(work, nowMs, "intend", `${before.action} in bookio once more`)
  yield* store(run, work, dueItem({ ...item, intention }))
  const outcome = yield* run.leased(sendBookio(run, work.item, intention, asked))
  return yield* takeOutcome(run, work, calendar, intention, outcome)
})
