/** What acting on an item reads: the event it comes from, and the record that Bookio says is there already. */
import type { DuplicateReservation } from "@bookio-kit/core/error/Refusal"
import * as Listing from "@bookio-kit/core/page/Listing"
import type { Page } from "@bookio-kit/core/page/Page"
import type { Appointment, PracticeItem } from "@bookio-kit/core/sync/Appointment"
import type { JournalError, LeaseLost } from "@bookio-kit/core/sync/Journal"
import type { Intention, SyncItem } from "@bookio-kit/core/sync/SyncItem"
import { readTerm } from "@bookio-kit/core/sync/Terms"
import { fromEpochDay, type LocalDate } from "@bookio-kit/core/time/LocalDate"
import { epochDayAt } from "@bookio-kit/core/time/TimeZone"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { BookioError } from "./Bookio.ts"
import { appointmentState, asks, type Booking, bookingOf } from "./Desired.ts"
import { windowOf } from "./Links.ts"
import type { CalendarPlan } from "./Plan.ts"
import { observePractice } from "./PullPractice.ts"
import { parkedItem, type Run, takeDown } from "./Run.ts"
import { sameTerm } from "./States.ts"

type Fault = JournalError | LeaseLost

const readItem = (run: Run, calendar: CalendarPlan, href: string) =>
  // Looked at when there is room for it: another request may have been turned away meanwhile.
  run.inFlight(Effect.suspend(() => (run.down.has(calendar.name) ? Effect.undefined : readNow(run, calendar, href))))

const readNow = (run: Run, calendar: CalendarPlan, href: string) =>
  calendar.practice.read(href, windowOf(run)).pipe(
    Effect.catchTag("ItemNotFound", () => Effect.undefined),
    Effect.catchTag("PracticeError", (error) => Effect.as(takeDown(run, calendar.name, error), undefined))
  )

/** Asks Bookio side by side with the writes, unless one of this pass was turned away before any work. */
const asked = <A>(run: Run, request: Effect.Effect<A, BookioError>): Effect.Effect<A, BookioError> =>
  run.inFlight(Effect.suspend(() => (run.bookioDown === undefined ? request : Effect.fail(run.bookioDown))))

/** Reads an item's event again and takes it in; gives the item as it is by then. */
export const readAgain: (run: Run, calendar: CalendarPlan, item: SyncItem) => Effect.Effect<SyncItem, Fault> =
  Effect.fnUntraced(function* (run, calendar, item) {
    // What the caller knows of it must not be lost when it is read from the journal again.
    yield* run.commit([{ _tag: "Put", item }])
    const found = item.href === undefined ? undefined : yield* readItem(run, calendar, item.href)
    if (found !== undefined) yield* observePractice(run, calendar, [found])
    const [again] = yield* run.journal.byId(run.plan.key, [item.id])
    return again ?? item
  })

/**
 * Looks for the event of a reservation, which was removed from its practice calendar, in the others: one that was moved is no
 * removal. Absent while the others were not listed in full after it was told.
 */
export const findMoved: (run: Run, item: SyncItem) => Effect.Effect<SyncItem | undefined, Fault> = Effect.fnUntraced(
  function* (run: Run, item: SyncItem): Effect.fn.Return<SyncItem | undefined, Fault> {
    const { journal, plan } = run
    const others = plan.calendars.filter(({ name }) => name !== item.calendar)
    if (others.length === 0 || item.uid === undefined) return item
    const unlisted = others.filter(({ name }) => !run.listed.has(name)).map(({ name }) => name)
    if (run.removedNow.has(item.id) || unlisted.length > 0) {
      // The next pass lists them in full: some calendars do not tell all that changed.
      run.progress = { ...run.progress, listAgain: [...new Set([...run.progress.listAgain, ...unlisted])] }
      return undefined
    }
    for (const other of others) {
      const known: ReadonlyArray<SyncItem> = yield* journal.byUid(plan.key, other.name, [item.uid])
      const href: string | undefined = item.copy?.calendar === other.name ? item.copy.href : known[0]?.href
      if (href === undefined) continue
      const found: PracticeItem | undefined = yield* readItem(run, other, href)
      if (run.down.has(other.name)) return undefined
      // One that cannot be read is what was seen there before, for all that anyone can tell.
      const isUnread = found?._tag === "Unreadable" && (found.uid ?? item.uid) === item.uid
      if (found === undefined || !(isUnread || ("uid" in found && found.uid === item.uid))) continue
      yield* observePractice(run, other, [found])
      const [again] = yield* journal.byId(plan.key, [item.id])
      if (again?.practice.state !== undefined) return again
      // Without a mark yet it is the same event all the same.
      const problem = `its event was moved to the calendar "${other.name}"`
      return parkedItem(item, "OtherCalendar", problem, yield* Clock.currentTimeMillis, false)
    }
    return item
  }
)

/** What an event asks for as long as it takes place and is not over. */
const askedNow = Effect.fnUntraced(function* (run: Run, calendar: CalendarPlan, found: Appointment) {
  const nowMs = yield* Clock.currentTimeMillis
  const [occurrence] = found.occurrences
  const isAsked = occurrence !== undefined && asks(appointmentState(found, occurrence), nowMs)
  return isAsked ? bookingOf(found, calendar, run.directory) : undefined
})

/**
 * What the event of an item asks to be booked; absent while its blocked time is still there, and where it asks for nothing
 * any more, which is then taken in.
 */
export const bookingFor: (
  run: Run,
  calendar: CalendarPlan,
  item: SyncItem
) => Effect.Effect<Booking | undefined, Fault> = Effect.fnUntraced(function* (run, calendar, item) {
  if (item.uid === undefined || item.href === undefined) return undefined
  const others = yield* run.journal.byUid(run.plan.key, calendar.name, [item.uid])
  const nowMs = yield* Clock.currentTimeMillis
  // What has ended stays (sync.md, "Deletions"), and must not be waited for.
  const isBlocked = others.some(
    ({ bookio, intention, kind }) =>
      (kind === "busy" || kind === "hold") && ((bookio.state?.term.endMs ?? 0) > nowMs || intention !== undefined)
  )
  // Its mark has told meanwhile that it is the event of a reservation.
  if (others.some(({ bookioId, id, kind }) => kind === "reservation" && id !== item.id && bookioId !== undefined)) {
    return undefined
  }
  const found = yield* readItem(run, calendar, item.href)
  if (isBlocked) {
    // Taking the event in once more withdraws what still stands for it.
    if (found !== undefined) yield* observePractice(run, calendar, [found])
    return undefined
  }
  if (found?._tag !== "Appointment") return undefined
  const booking = yield* askedNow(run, calendar, found)
  if (booking === undefined || found.etag !== item.etag) yield* observePractice(run, calendar, [found])
  return found.etag === item.etag ? booking : undefined
})

const dayOf = (run: Run, epochMs: number): LocalDate => fromEpochDay(epochDayAt(run.directory.timeZone, epochMs))

const rowsOf = <A extends { readonly id: number }>(
  run: Run,
  page: (offset: number, limit: number) => Effect.Effect<Page<A>, BookioError>
) =>
  Stream.runFold(
    Listing.paged((offset, limit) => asked(run, page(offset, limit)), run.plan.bookio.order),
    (): ReadonlyArray<A> => [],
    (rows, listed) => (listed._tag === "Rows" ? [...rows, ...listed.rows] : rows)
  )

/**
 * Whether a reservation has changed since an instant of the server's clock, our own writes included; absent where nobody
 * can tell. Asked once for each instant in a pass.
 */
export const hasChangedSince: (
  run: Run,
  sinceMs: number,
  reservationId: number
) => Effect.Effect<boolean | undefined, BookioError> = Effect.fnUntraced(function* (run, sinceMs, reservationId) {
  const { bookio, facilityId } = run.plan
  let found = run.changedSince.get(sinceMs)
  if (found === undefined) {
    const ids = new Set<number>()
    let isComplete = false
    const pages = Listing.paged(
      (offset, limit) => asked(run, bookio.listReservations({ facilityId, lastSync: sinceMs, offset, limit })),
      bookio.order
    )
    yield* Stream.runForEach(pages, (listed) =>
      Effect.sync(() => {
        if (listed._tag === "End") isComplete = listed.coverage === "complete"
        else for (const { id } of listed.rows) ids.add(id)
      })
    )
    found = { ids, isComplete }
    run.changedSince.set(sinceMs, found)
  }
  return found.ids.has(reservationId) ? true : found.isComplete ? false : undefined
})

/**
 * The record that a creation was refused for, if it is this very one: it bears the externalId of the intention, or it is
 * nobody's yet, and is equal in what was asked for (sync.md, "Unknown outcomes"). Anything else is not linked.
 */
export const adopt: (
  run: Run,
  item: SyncItem,
  intention: Intention,
  refusal: DuplicateReservation,
  calendar: CalendarPlan
) => Effect.Effect<SyncItem | undefined, BookioError | Fault> = Effect.fnUntraced(function* (
  run,
  item,
  { externalId, target },
  refusal,
  calendar
) {
  if (target === undefined) return undefined
  const { bookio, facilityId } = run.plan
  const { timeZone } = run.directory
  const day = { from: dayOf(run, target.term.startMs), to: dayOf(run, target.term.startMs) }
  if (item.kind === "busy") {
    const rows = yield* rowsOf(run, (offset, limit) =>
      bookio.listBlockedTimes({ facilityId, dateFrom: day.from, dateTo: dayOf(run, target.term.endMs), offset, limit })
    )
    const row = rows.find((one) => one.externalId === externalId)
    const term = row === undefined ? undefined : Result.getOrUndefined(readTerm(timeZone, row))
    if (row === undefined || term === undefined || !sameTerm(term, target.term)) return undefined
    return {
      ...item,
      bookioId: row.id,
      ...(externalId === undefined ? {} : { externalId }),
      base: { ...target, text: "" },
      bookio: { state: { ...target, text: "" }, missing: 0, atMs: run.startedMs }
    }
  }
  const booking = item.kind === "reservation" ? yield* bookingFor(run, calendar, item) : undefined
  const serviceId = item.kind === "hold" ? calendar.hold?.serviceId : booking?.serviceId
  const person = item.kind === "hold" ? calendar.hold?.person : booking
  const rows = yield* rowsOf(run, (offset, limit) => bookio.listReservations({ facilityId, ...day, offset, limit }))
  const row = rows.find(
    (one) => one.externalId === externalId || (refusal.reservationId !== undefined && one.id === refusal.reservationId)
  )
  const term = row === undefined ? undefined : Result.getOrUndefined(readTerm(timeZone, row))
  if (row === undefined || term === undefined || person === undefined) return undefined
  const isSamePerson =
    row.name.toLocaleLowerCase() === `${person.name} ${person.surname}`.toLocaleLowerCase() &&
    (row.email === undefined || row.email.toLocaleLowerCase() === person.email.toLocaleLowerCase())
  const isOurs = row.externalId === externalId
  const isFree = row.externalId === undefined && row.status === "CONFIRMED"
  if (row.service !== serviceId || term.startMs !== target.term.startMs || !isSamePerson || !(isOurs || isFree)) {
    return undefined
  }
  // One that is linked to another item already is that item's.
  const others = yield* run.journal.byBookioId(run.plan.key, "reservation", [row.id])
  if (others.some(({ id }) => id !== item.id)) return undefined
  const state = { term, status: row.status, text: "" }
  return {
    ...item,
    bookioId: row.id,
    created: row.created,
    ...(externalId === undefined ? {} : { externalId }),
    // Ours was made as it was asked for: a status that it has not, someone has changed since.
    base: isOurs ? { ...state, status: target.status } : state,
    bookio: { state, missing: 0, atMs: run.startedMs },
    needsSync: row.needsSync || !isOurs
  }
})
