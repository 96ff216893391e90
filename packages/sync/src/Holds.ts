/**
 * Holds that Bookio refused, and those that were given up (sync.md, "What flows"). A refused one stands as a conflict, and is
 * tried again when its time may have become free: at once where the pass sees something leave it, and by the clock, for what
 * a pass saw is lost with a worker that is killed. As long as the journal knows what is in its way nothing is asked, so that
 * a pass without changes writes nothing; where it does not, the clock costs one request.
 */
import type { JournalChange, JournalError, LeaseLost } from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { SyncState, SyncTerm } from "@bookio-kit/core/sync/SyncState"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { drawId } from "./Identity.ts"
import type { CalendarPlan } from "./Plan.ts"
import { calendarPlan, parkedItem, type Run, settledItem } from "./Run.ts"
import { sameTerm } from "./States.ts"

const batch = 500
const dayMs = 86_400_000

type Fault = JournalError | LeaseLost

const touches = (a: SyncTerm, b: SyncTerm): boolean => a.endMs > b.startMs && a.startMs < b.endMs

/** The practice calendar whose holds something in Bookio is in the way of; a blocked time is in the way of all. */
const reachOf = ({ calendar, kind }: SyncItem): string | undefined =>
  kind === "busy" || kind === "mirror" ? undefined : calendar

/** Takes note of time that becomes free in Bookio. @param next - what Bookio shows from now on of the item, if anything. */
export const noteFreed = (run: Run, item: SyncItem, next: SyncState | undefined): void => {
  const shown = item.bookio.state
  if (shown?.status !== "CONFIRMED") return
  if (next?.status === "CONFIRMED" && sameTerm(shown.term, next.term)) return
  run.freed.push({ calendar: reachOf(item), term: shown.term })
}

/** All the time that a hold needs to be free: what it is made with, and what it takes then. */
const neededBy = (run: Run, calendar: CalendarPlan, { term }: SyncState): SyncTerm => {
  const made = run.directory.placeOf(calendar.hold?.serviceId ?? 0, term)
  return { startMs: Math.min(made.startMs, term.startMs), endMs: Math.max(made.endMs, term.endMs) }
}

/** A hold that was refused, and waits for the clock or for its time. */
const isRefused = ({ kind, parked }: SyncItem): boolean => kind === "hold" && parked?.reason === "Refused"

/** Makes the refused holds due whose time may have become free since the last round. */
export const takeUpHolds: (run: Run) => Effect.Effect<void, Fault> = Effect.fnUntraced(function* (run) {
  run.taken = undefined
  const freed = run.freed.splice(0)
  if (freed.length === 0) return
  // All of them are due within a day.
  const beforeMs = (yield* Clock.currentTimeMillis) + dayMs
  const changes: Array<JournalChange> = []
  let after: { readonly dueMs: number; readonly id: number } | undefined
  for (;;) {
    const items: ReadonlyArray<SyncItem> = yield* run.journal.due(run.plan.key, beforeMs, batch, after)
    for (const item of items) {
      const calendar = calendarPlan(run, item.calendar)
      const { state } = item.practice
      if (!isRefused(item) || calendar === undefined || state === undefined) continue
      const needed = neededBy(run, calendar, state)
      const isFreed = freed.some(
        ({ calendar, term }) => (calendar === undefined || calendar === item.calendar) && touches(term, needed)
      )
      // It stays parked until it is made: whoever looks meanwhile sees since when.
      if (isFreed) changes.push({ _tag: "Put", item: { ...item, dueMs: 0 } })
    }
    const last = items.at(-1)
    if (items.length < batch || last === undefined) break
    after = { dueMs: last.dueMs ?? 0, id: last.id }
  }
  if (changes.length > 0) yield* run.commit(changes)
})

/** What takes time in Bookio by what the journal knows; read once a round. */
const readTaken = Effect.fnUntraced(function* (run: Run) {
  const taken: Array<NonNullable<Run["taken"]>[number]> = []
  let afterId: number | undefined
  for (;;) {
    const items = yield* run.journal.items(run.plan.key, batch, afterId)
    for (const item of items) {
      const { state } = item.bookio
      if (state?.status === "CONFIRMED" && state.term.endMs > run.startedMs) {
        taken.push({ id: item.id, calendar: reachOf(item), term: state.term })
      }
    }
    if (items.length < batch) return taken
    afterId = items.at(-1)?.id
  }
})

/** Whether the journal knows of something that is in a hold's way: then Bookio would refuse it, and is not asked. */
export const isInTheWay: (run: Run, calendar: CalendarPlan, item: SyncItem) => Effect.Effect<boolean, JournalError> =
  Effect.fnUntraced(function* (run, calendar, item) {
    const { state } = item.practice
    if (state === undefined) return false
    run.taken ??= yield* readTaken(run)
    const needed = neededBy(run, calendar, state)
    // Of several calendars of Bookio nobody knows in which of them a reservation is.
    const isSure = (of: string | undefined) =>
      of === undefined || (of === item.calendar && calendar.serves.length === 1)
    return run.taken.some(({ calendar: of, id, term }) => id !== item.id && isSure(of) && touches(term, needed))
  })

/** Whether a refused hold that is due by the clock, and not by a change, has still something in its way. */
export const isStillRefused = (run: Run, calendar: CalendarPlan, item: SyncItem) =>
  isRefused(item) ? isInTheWay(run, calendar, item) : Effect.succeed(false)

/** A hold that Bookio refused to make: tried again within the hour. */
export const refusedHold = (item: SyncItem, problem: string, nowMs: number): SyncItem =>
  parkedItem(item, "Refused", problem, nowMs, true)

/** A hold that was made, could not have its length, and was cancelled: to try it again writes that much, for each time. */
export const givenUpHold = (item: SyncItem, problem: string, nowMs: number, isKnown: boolean): SyncItem => {
  const waiting = refusedHold(item, problem, nowMs)
  const { parked } = waiting
  if (isKnown || parked === undefined) return waiting
  return { ...waiting, parked: { ...parked, retryMs: nowMs + dayMs }, dueMs: nowMs + dayMs }
}

/**
 * Whether an item is a hold that was cancelled, which is no one's any more. The journal keeps it until retention, for its
 * reservation bears our externalId, and nothing else tells that it is ours once settings hold with another service or person.
 */
export const isFormer = ({ bookio, bookioId, intention, kind, practice }: SyncItem): boolean =>
  kind === "hold" &&
  bookioId !== undefined &&
  bookio.state === undefined &&
  practice.state === undefined &&
  intention === undefined

/** Parts a hold's item from the reservation that it had, which was cancelled: both, the latter as an item of its own. */
export const partFormer = Effect.fnUntraced(function* (item: SyncItem, nowMs: number) {
  const { bookioId: _, created: __, externalId: ___, ...rest } = item
  const { conflict: ____, copy: _____, intention: ______, parked: _______, ...settled } = settledItem(item)
  const former: SyncItem = {
    ...settled,
    id: yield* drawId,
    bookio: { missing: 0, atMs: nowMs },
    practice: { missing: 0, atMs: nowMs },
    late: []
  }
  const parted: SyncItem = rest
  return { former, item: parted }
})
