/**
 * Reads what changed of a practice calendar into the journal: which of its events are ours, what the others mean for
 * Bookio, and what is proven to be gone (sync.md, "Deletions").
 */
import type { Appointment, PracticeItem } from "@bookio-kit/core/sync/Appointment"
import type { JournalChange, JournalError, LeaseLost } from "@bookio-kit/core/sync/Journal"
import type { Listed, PracticeError, SyncTokenInvalid } from "@bookio-kit/core/sync/PracticeCalendar"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { SyncState } from "@bookio-kit/core/sync/SyncState"
import { epochDayAt } from "@bookio-kit/core/time/TimeZone"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { appointmentState, asks, bookingOf, busyTimes, type Desired, pairItems } from "./Desired.ts"
import { isFormer } from "./Holds.ts"
import { writesOf } from "./Identity.ts"
import {
  byMarkOrStray,
  isLinked,
  isUnmade,
  linkedElsewhere,
  newItem,
  observeLinked,
  observeMoved,
  seen,
  windowOf,
  withdraw
} from "./Links.ts"
import { claimOrphan, claimReservation } from "./Orphans.ts"
import type { CalendarPlan } from "./Plan.ts"
import { count, dueItem, notSent, parkedItem, place, type Run, readable } from "./Run.ts"
import { sameState } from "./States.ts"

type Fault = JournalError | LeaseLost

/** Whether an item is one that Bookio refused to make for what the event asks for now. */
const isRefused = (item: SyncItem, state: SyncState): boolean =>
  item.isOwn &&
  item.bookioId === undefined &&
  item.parked?.reason === "Refused" &&
  sameState(item.practice.state, state)

/** An item with what its event's mark tells of a write whose outcome is not known. */
const withTold = (item: SyncItem | undefined, told: number | undefined): SyncItem | undefined =>
  item?.intention?.side === "practice" && told !== undefined
    ? { ...item, intention: { ...item.intention, told } }
    : item

/** Takes the content of one appointment into its items; gives those that changed, and marks all as seen. */
const observeAppointment = Effect.fnUntraced(function* (
  run: Run,
  calendar: CalendarPlan,
  appointment: Appointment,
  items: ReadonlyArray<SyncItem>,
  nowMs: number
) {
  const { etag, href, mark, occurrences, uid } = appointment
  const at = { etag, href, uid }
  const writes = mark?.facilityId === run.plan.facilityId ? writesOf(run.journal.secret, uid, mark) : undefined
  const kindOfMark = mark?.kind === "blockedTime" ? "mirror" : "reservation"
  const named = items.find(isLinked)
  const isKnown = named !== undefined && !(named.isOwn && isUnmade(named))
  // The journal lost the event's UID, or never had it: the mark, which only our key can make, tells whose it is.
  const isMarked = mark !== undefined && writes !== undefined
  const marked = isKnown || !isMarked ? undefined : yield* byMarkOrStray(run, calendar, mark, kindOfMark, appointment)
  const found = marked ?? named ?? (yield* linkedElsewhere(run, calendar, appointment))
  const isLater = found !== undefined && writes !== undefined && writes > (found.writes ?? 0)
  if (isLater && found.uid === uid && run.progress.adopt !== true) {
    // What it shows may be our own doing, which this journal does not know of: nothing is concluded from it.
    run.outdated.add(found.id)
    return []
  }
  const linked = withTold(isLater ? { ...found, writes } : found, writes)
  const [occurrence] = occurrences
  if (linked !== undefined && linked.calendar === calendar.name && !(linked.isOwn && isUnmade(linked))) {
    const others = items.filter(({ id }) => id !== linked.id)
    const observed = observeLinked(linked, appointment, at, nowMs)
    return [...(isLater && observed.length === 0 ? [linked] : observed), ...withdraw(others, at, nowMs)]
  }
  const changes: Array<SyncItem> = []
  if (linked !== undefined && linked.calendar !== calendar.name) {
    const moved = yield* observeMoved(run, calendar, linked, appointment, at, nowMs)
    changes.push(...moved.changes)
    if (!moved.isCopy) return [...changes, ...withdraw(items, at, nowMs)]
  }
  const asking = items.find((item) => item.kind === "reservation" && item.isOwn)
  const booking = bookingOf(appointment, calendar, run.directory)
  let busy = busyTimes(appointment, calendar, run.plan, run.directory, run.window)
  if (occurrence !== undefined && (booking !== undefined || asking !== undefined)) {
    const state = appointmentState(appointment, occurrence)
    const wanted = { occurrence: "", part: "", state }
    const claimed = booking === undefined ? undefined : claimReservation(run, booking, state.term.startMs)
    const [made] = claimed === undefined ? [] : yield* run.journal.byId(run.plan.key, [claimed])
    if (made !== undefined) {
      return [...observeLinked({ ...made, isOwn: true }, appointment, at, nowMs), ...withdraw(items, at, nowMs)]
    }
    const isAsked = booking !== undefined && asks(state, nowMs)
    const found = asking ?? (isAsked ? yield* newItem("reservation", calendar.name, wanted, true) : undefined)
    if (found !== undefined) {
      // Its mark may be of a reservation that a restored server lost: someone has said that this journal is right.
      const item = writes !== undefined && writes > (found.writes ?? 0) ? { ...found, writes } : found
      // An event that asks no more, before anything was made of it, is a busy event again; where nobody knows yet whether
      // something was, it is as good as cancelled.
      const none: SyncState | undefined = item.intention === undefined ? undefined : { ...state, status: "CANCELLED" }
      const next = seen(item, isAsked ? state : none, at, nowMs)
      if (next !== found || asking === undefined)
        changes.push(isRefused(item, state) ? { ...next, parked: item.parked! } : next)
      // The blocked time goes first, and comes back where Bookio refuses.
      if (isAsked && !isRefused(item, state)) busy = []
    }
  }
  const own = items.filter(({ kind }) => kind === "busy" || kind === "hold")
  const { added, gone, pairs } = pairItems(own, busy, (ms) => epochDayAt(run.directory.timeZone, ms))
  const orphanFor = ({ kind, occurrence, part, state }: Desired) => {
    const orphan = claimOrphan(run, { kind, calendar: calendar.name, term: state.term })
    return orphan === undefined ? undefined : { ...orphan, calendar: calendar.name, occurrence, part }
  }
  for (const [item, wanted] of pairs) {
    const isWithoutRow = item.bookio.state === undefined && item.intention === undefined
    const orphan = isWithoutRow ? orphanFor(wanted) : undefined
    if (orphan !== undefined) {
      changes.push(replaced(item, nowMs), judged(seen(orphan, wanted.state, at, nowMs), orphan, wanted, nowMs))
      continue
    }
    const moved = { ...item, occurrence: wanted.occurrence, part: wanted.part }
    const isMoved = moved.occurrence !== item.occurrence || moved.part !== item.part
    const next = judged(seen(isMoved ? moved : item, wanted.state, at, nowMs), item, wanted, nowMs)
    if (next !== item) changes.push(next)
  }
  for (const wanted of added) {
    // Nothing flows to Bookio for what has ended.
    if (wanted.state.term.endMs <= nowMs) continue
    const item = orphanFor(wanted) ?? (yield* newItem(wanted.kind, calendar.name, wanted, true))
    changes.push(judged(seen(item, wanted.state, at, nowMs), item, wanted, nowMs))
  }
  changes.push(...withdraw(gone, at, nowMs))
  return changes
})

/** An item whose event is another item's from now on: it goes. */
const replaced = ({ etag: _, href: __, placedMs: ___, uid: ____, ...item }: SyncItem, nowMs: number): SyncItem =>
  dueItem({ ...item, practice: { missing: 0, atMs: nowMs } })

/**
 * A busy time by what it may do now: whether it would close calendars that its own does not serve can change without it, by
 * settings and by Bookio's calendars, in both directions. A blocked time that may not stand any more is due, and goes.
 *
 * @param before - the item as the journal has it.
 */
const judged = (item: SyncItem, before: SyncItem, { isNotSent }: Desired, nowMs: number): SyncItem => {
  const wasNotSent = before.parked?.reason === "NotSent"
  if (isNotSent !== true) return wasNotSent && item.parked !== undefined ? dueItem(item) : item
  const { bookio, intention } = item
  if (bookio.state === undefined && intention === undefined) {
    return wasNotSent && item === before ? item : notSent(item, nowMs)
  }
  // What has ended stays, and what is parked for something else has been tried.
  const isOver = bookio.state !== undefined && bookio.state.term.endMs <= nowMs
  return isOver || item.parked !== undefined || item.dueMs !== undefined ? item : dueItem(item)
}

/** Takes items into the journal. @param listing - the number to mark what was seen with, where the listing is a full one. */
export const observePractice: (
  run: Run,
  calendar: CalendarPlan,
  items: ReadonlyArray<PracticeItem>,
  listing?: number
) => Effect.Effect<number, Fault> = Effect.fnUntraced(function* (run, calendar, items, listing) {
  const { journal, plan } = run
  const nowMs = yield* Clock.currentTimeMillis
  const uids = items.flatMap((item) => (item._tag === "Appointment" ? [item.uid] : []))
  const byUid = uids.length === 0 ? [] : yield* journal.byUid(plan.key, calendar.name, uids)
  const byHref = yield* journal.byHref(
    plan.key,
    calendar.name,
    items.map(({ href }) => href)
  )
  const changes = new Map<number, SyncItem>()
  const marked = new Set<number>()
  /** What stood for events that could never be read, and now can be. */
  const dropped = new Set<number>()
  const current = (item: SyncItem) => changes.get(item.id) ?? item
  for (const item of items) {
    // One that was found elsewhere meanwhile is not meant any more.
    const here = byHref.map(current).filter((known) => known.href === item.href && !isFormer(known))
    switch (item._tag) {
      case "Appointment": {
        const known = byUid.map(current).filter((one) => one.uid === item.uid && !isFormer(one))
        for (const next of yield* observeAppointment(run, calendar, item, known, nowMs)) changes.set(next.id, next)
        for (const { id } of known) marked.add(id)
        for (const one of here) if (isPlaceholder(one)) dropped.add(one.id)
        count(run, "seen")
        break
      }
      case "Unchanged":
        for (const { id } of here) marked.add(id)
        break
      case "Removed":
        for (const gone of here) {
          if (gone.practice.state === undefined && gone.practice.missing > 0) continue
          // It can have been moved to another calendar, which was read before.
          run.removedNow.add(gone.id)
          changes.set(gone.id, dueItem(readable({ ...gone, practice: { missing: 2, atMs: nowMs } }, "Unreadable")))
        }
        break
      case "Unreadable": {
        for (const { id } of here) marked.add(id)
        const { href, problem } = item
        const waiting = here.length > 0 ? here : [yield* unreadable(calendar.name, href, nowMs)]
        for (const bad of waiting) {
          const isKnown = bad.parked?.reason === "Unreadable" && bad.parked.problem === problem
          if (!isKnown) changes.set(bad.id, parkedItem(bad, "Unreadable", problem, nowMs, false))
          marked.add(bad.id)
        }
      }
    }
  }
  for (const id of changes.keys()) marked.add(id)
  count(run, "changedEvents", changes.size)
  const before = new Map([...byHref, ...byUid].map((item) => [item.id, item]))
  for (const next of changes.values()) if (isInCommon(run, next, before.get(next.id))) run.differences++
  // Told by this reading: only a token that is older than it can pass over the event's removal.
  const placedMs = run.startedMs - 1
  const commits = [...changes.values()].map((item): JournalChange => {
    if (item.href === undefined || before.get(item.id)?.href === item.href) return { _tag: "Put", item }
    place(run, item, placedMs)
    return { _tag: "Put", item: { ...item, placedMs } }
  })
  for (const itemId of dropped) if (!changes.has(itemId)) commits.push({ _tag: "Drop", itemId })
  if (listing !== undefined && marked.size > 0) {
    commits.push({ _tag: "Seen", side: "practice", listing, itemIds: [...marked] })
  }
  if (commits.length > 0) yield* run.commit(commits)
  return items.length
})

/** Whether what has changed of an item was there for the last full comparison to see; the window moves on every day. */
const isInCommon = ({ comparedToMs, window }: Run, item: SyncItem, before: SyncItem | undefined): boolean => {
  const term = (item.practice.state ?? before?.practice.state ?? item.base)?.term
  return term === undefined || (term.endMs > window.fromMs && term.startMs < comparedToMs)
}

const isPlaceholder = ({ bookioId, kind, uid }: SyncItem): boolean =>
  kind === "busy" && uid === undefined && bookioId === undefined

// An event that could not be read from the first: it waits under its name, and nothing is known of its time.
const unreadable = Effect.fnUntraced(function* (calendar: string, href: string, nowMs: number) {
  const state: SyncState = { term: { startMs: nowMs, endMs: nowMs }, status: "CANCELLED", text: "" }
  const item = yield* newItem("busy", calendar, { occurrence: "", part: "", state }, true)
  return { ...item, href, practice: { state, missing: 0, atMs: nowMs } }
})

/** How a reading of a practice calendar ended. */
export interface PracticeRead {
  readonly token: string | undefined
  readonly coverage: "complete" | "unknown"
  /** How many items it told. */
  readonly total: number
  /** Which of the fresh events it told of. */
  readonly told: ReadonlySet<string>
}

const readAll = <E>(
  run: Run,
  calendar: CalendarPlan,
  listed: Stream.Stream<Listed, E>,
  listing?: number
): Effect.Effect<PracticeRead, E | Fault> =>
  Effect.gen(function* () {
    const told = new Set<string>()
    const fresh = new Set([...run.fresh.values()].map(({ href }) => href))
    let end: PracticeRead = { token: undefined, coverage: "unknown", total: 0, told }
    yield* Stream.runForEach(listed, (part) =>
      part._tag === "End"
        ? Effect.sync(() => {
            end = { ...end, token: part.token, coverage: part.coverage }
          })
        : Effect.map(observePractice(run, calendar, part.items, listing), (total) => {
            for (const { href } of part.items) if (fresh.has(href)) told.add(href)
            end = { ...end, total: end.total + total }
          })
    )
    return end
  })

/** Reads the changes since a token. @errors `SyncTokenInvalid`; `PracticeError`. */
export const pullChanges = (
  run: Run,
  calendar: CalendarPlan,
  token: string
): Effect.Effect<PracticeRead, SyncTokenInvalid | PracticeError | Fault> =>
  readAll(run, calendar, calendar.practice.changes(token, windowOf(run)))

/**
 * Looks for events that came after the token and that a reading by it did not tell of: one that is there would have been
 * told, so that those are gone, which the calendar says when it is asked for them by name.
 */
export const askForFresh: (
  run: Run,
  calendar: CalendarPlan,
  tokenMs: number,
  told: ReadonlySet<string>
) => Effect.Effect<void, PracticeError | Fault> = Effect.fnUntraced(function* (run, calendar, tokenMs, told) {
  for (const [id, { calendar: name, href, placedMs }] of run.fresh) {
    if (name !== calendar.name) continue
    if (placedMs < tokenMs) {
      run.fresh.delete(id)
      continue
    }
    if (told.has(href)) continue
    const item = yield* calendar.practice
      .read(href, windowOf(run))
      .pipe(Effect.catchTag("ItemNotFound", () => Effect.succeed<PracticeItem>({ _tag: "Removed", href })))
    yield* observePractice(run, calendar, [item])
    run.fresh.delete(id)
  }
})

/** Reads everything, and marks it with the number of the listing. @errors `PracticeError`. */
export const pullAll = (
  run: Run,
  calendar: CalendarPlan,
  listing: number
): Effect.Effect<PracticeRead, PracticeError | Fault> =>
  readAll(run, calendar, calendar.practice.list(windowOf(run)), listing)

const batch = 200

/** Judges what a complete full listing did not show, as `judgeUnseenBlockedTimes`. Gives how many were absent for the first time. */
export const judgeUnseen: (
  run: Run,
  calendar: CalendarPlan,
  listing: number,
  isEmpty: boolean
) => Effect.Effect<{ readonly first: number; readonly isEmptied: boolean }, Fault> = Effect.fnUntraced(
  function* (run, calendar, listing, isEmpty) {
    const nowMs = yield* Clock.currentTimeMillis
    let afterId: number | undefined
    let first = 0
    for (;;) {
      const unseen = yield* run.journal.unseen(
        run.plan.key,
        {
          side: "practice",
          kinds: ["reservation", "busy", "hold", "mirror"],
          calendar: calendar.name,
          listing,
          endsFromMs: run.window.fromMs
        },
        batch,
        afterId
      )
      // An empty listing proves nothing (sync.md, "Deletions").
      if (isEmpty && unseen.length > 0) return { first, isEmptied: true }
      const changes = unseen.map((item): JournalChange => {
        const missing = item.practice.missing + 1
        if (missing >= 2) {
          const gone = readable({ ...item, practice: { missing, atMs: nowMs } }, "Unreadable")
          return { _tag: "Put", item: dueItem(gone) }
        }
        first++
        return { _tag: "Put", item: { ...item, practice: { ...item.practice, missing } } }
      })
      if (changes.length > 0) yield* run.commit(changes)
      if (unseen.length < batch) return { first, isEmptied: false }
      afterId = unseen.at(-1)?.id
    }
  }
)
