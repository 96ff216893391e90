/** What acting on an item reads: the event it comes from, and the record that Bookio says is there already. */
import type { DuplicateReservation } from "@bookio-kit/core/error/Refusal"
import * as Listing from "@bookio-kit/core/page/Listing"
import type { Page } from "@bookio-kit/core/page/Page"
import type { JournalError, LeaseLost } from "@bookio-kit/core/sync/Journal"
import type { Intention, SyncItem } from "@bookio-kit/core/sync/SyncItem"
import { readTerm } from "@bookio-kit/core/sync/Terms"
import { fromEpochDay, type LocalDate } from "@bookio-kit/core/time/LocalDate"
import { epochDayAt } from "@bookio-kit/core/time/TimeZone"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { BookioError } from "./Bookio.ts"
import { type Booking, bookingOf } from "./Desired.ts"
import type { CalendarPlan } from "./Plan.ts"
import { observePractice, windowOf } from "./PullPractice.ts"
import { type Run, takeDown } from "./Run.ts"
import { sameTerm } from "./States.ts"

type Fault = JournalError | LeaseLost

const readItem = (run: Run, calendar: CalendarPlan, href: string) =>
  run.down.has(calendar.name) ? Effect.undefined : readNow(run, calendar, href)

const readNow = (run: Run, calendar: CalendarPlan, href: string) =>
  calendar.practice.read(href, windowOf(run)).pipe(
    Effect.catchTag("ItemNotFound", () => Effect.undefined),
    Effect.catchTag("PracticeError", (error) => Effect.as(takeDown(run, calendar.name, error), undefined))
  )

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
  const isBlocked = others.some(
    ({ bookio, intention, kind }) =>
      (kind === "busy" || kind === "hold") && (bookio.state !== undefined || intention !== undefined)
  )
  const found = yield* readItem(run, calendar, item.href)
  if (isBlocked) {
    // Taking the event in once more withdraws what still stands for it.
    if (found !== undefined) yield* observePractice(run, calendar, [found])
    return undefined
  }
  if (found?._tag !== "Appointment") return undefined
  const booking = bookingOf(found, calendar, run.directory)
  if (booking === undefined || found.etag !== item.etag) yield* observePractice(run, calendar, [found])
  return found.etag === item.etag ? booking : undefined
})

const dayOf = (run: Run, epochMs: number): LocalDate => fromEpochDay(epochDayAt(run.directory.timeZone, epochMs))

const rowsOf = <A extends { readonly id: number }>(
  run: Run,
  page: (offset: number, limit: number) => Effect.Effect<Page<A>, BookioError>
) =>
  Stream.runFold(
    Listing.paged(page, run.plan.bookio.order),
    (): ReadonlyArray<A> => [],
    (rows, listed) => (listed._tag === "Rows" ? [...rows, ...listed.rows] : rows)
  )

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
    base: state,
    bookio: { state, missing: 0, atMs: run.startedMs },
    needsSync: row.needsSync || !isOurs
  }
})
