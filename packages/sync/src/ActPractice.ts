/** Changes one thing in a practice calendar, on the condition of what was read of it, and takes in what came of it. */
import type { Decision, SideChange } from "@bookio-kit/core/sync/Reconcile"
import * as Effect from "effect/Effect"
import { readAgain } from "./ActReads.ts"
import { takeFromBudget } from "./Budget.ts"
import { namedOf, uidOf } from "./Identity.ts"
import type { CalendarPlan } from "./Plan.ts"
import { count, dueItem, parkedItem, place, type Run, settledItem, takeDown } from "./Run.ts"
import { sendPractice } from "./SendPractice.ts"
import type { Stopped } from "./Stopped.ts"
import { type Acted, countDone, intend, store, trail, type Work, waits, withoutIntention } from "./Work.ts"

/** Writes one change into the practice calendar; `undefined` to decide again. */
export const actInPractice = Effect.fnUntraced(function* (
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
  const written = yield* run
    .leased(sendPractice(run, calendar, work.item, intention))
    .pipe(Effect.catchTag("PracticeError", (error) => Effect.as(takeDown(run, calendar.name, error), undefined)))
  item = work.item
  switch (written?._tag) {
    case undefined:
      trail(work, nowMs, "outcome", "not sent: the calendar does not answer")
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
        ...(intention.action === "create" ? { placedMs: nowMs } : {}),
        ...(change._tag === "Mark" ? { isMarked: true } : {}),
        // Bookio was asked first: from now on a change of either is told from this, also where nothing was agreed on before.
        ...(item.base === undefined && work.putBack === undefined && !work.isRefused && decision.agreed !== undefined
          ? { base: decision.agreed }
          : {}),
        practice: target === undefined ? { missing: 0, atMs: nowMs } : { state: target, missing: 0, atMs: nowMs }
      }
      if (intention.action === "create") place(run, work.item, nowMs)
      return undefined
    }
    case "Stale": {
      trail(work, nowMs, "outcome", "not done: the event was changed meanwhile, and is read again")
      work.item = yield* readAgain(run, calendar, withoutIntention(item))
      return yield* waitForReading(run, work)
    }
    case "Missing": {
      trail(work, nowMs, "outcome", "not done: the event is not there")
      // One answer proves no removal: the calendar is listed in full, twice if need be.
      run.progress = { ...run.progress, listAgain: [...new Set([...run.progress.listAgain, calendar.name])] }
      yield* store(run, work, dueItem(withoutIntention(item)))
      return waits
    }
    case "Taken": {
      trail(work, nowMs, "outcome", "not done: there is an event of this UID")
      const at = { ...withoutIntention(item), ...(written.href === undefined ? {} : { href: written.href }) }
      const found = written.href === undefined ? undefined : yield* readAgain(run, calendar, at)
      // It could not be read, so nobody knows whose it is: another UID might make a second event.
      if (run.down.has(calendar.name)) {
        const { href: _, ...rest } = withoutIntention(item)
        yield* store(run, work, dueItem(rest))
        return waits
      }
      // Whose it is cannot be read, and another UID might make a second event.
      if (found?.parked?.reason === "Unreadable") {
        work.item = found
        return yield* waitForReading(run, work)
      }
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
      const next = {
        ...withoutIntention(item),
        generation: item.generation + (intention.action === "create" ? 1 : 0),
        // What the attempt itself made of it is no reason to try again.
        ...(written.etag === undefined ? {} : { etag: written.etag })
      }
      const refused = parkedItem(next, "Refused", `the calendar refused it: ${written.problem}`, nowMs, false)
      // That it cannot be read either says more.
      yield* store(run, work, item.parked?.reason === "Unreadable" ? settledItem(next) : refused)
      return waits
    }
    case "Unknown": {
      trail(work, nowMs, "outcome", "unknown")
      // Reading back what was written can be what the calendar asked to wait with.
      if (written.error.retryAfterMs !== undefined) yield* takeDown(run, calendar.name, written.error)
      run.unknown.add(item.id)
      yield* store(run, work, dueItem({ ...item, intention: { ...intention, state: "unknown" } }))
      return waits
    }
  }
})

/** Leaves an event alone that was found to be unreadable; else it is decided again. */
const waitForReading = Effect.fnUntraced(function* (
  run: Run,
  work: Work
): Effect.fn.Return<Acted | undefined, Stopped> {
  if (work.item.parked?.reason !== "Unreadable") return undefined
  yield* store(run, work, settledItem(work.item))
  return waits
})
