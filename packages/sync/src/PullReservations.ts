/**
 * Reads what changed of a facility's reservations into the journal (sync.md, "A pass", 1). Rows are recognised by the
 * externalId of an open intention, then by id, and never by their term.
 */
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import type { ReservationQuery } from "@bookio-kit/core/reservation/Reservations"
import { describe } from "@bookio-kit/core/sync/Details"
import type { JournalChange, JournalError, LeaseLost } from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { SyncState } from "@bookio-kit/core/sync/SyncState"
import { reservationState } from "@bookio-kit/core/sync/Terms"
import type { TimeProblem } from "@bookio-kit/core/time/WallTime"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { BookioError } from "./Bookio.ts"
import { isFormer, noteFreed } from "./Holds.ts"
import { drawExternalId, drawId } from "./Identity.ts"
import { noteUnclaimed } from "./Orphans.ts"
import { type Pulled, pull } from "./Pulled.ts"
import { knownOf, unreadableRow } from "./Rows.ts"
import { count, dueItem, type Run, readable, withoutRow } from "./Run.ts"
import { sameState } from "./States.ts"
import type { Halted } from "./Stopped.ts"
import { words } from "./Words.ts"

/** Whether an externalId is one that the item's own writes use or used. */
const isOurs = (item: SyncItem, externalId: number): boolean =>
  item.externalId === externalId ||
  item.intention?.externalId === externalId ||
  item.late.some((late) => late.externalId === externalId)

/** The item of a row, and those that know its id for another reservation: an id is given out twice by a restored server only. */
const itemOf = (
  row: Reservation,
  byExternalId: ReadonlyArray<SyncItem>,
  byId: ReadonlyArray<SyncItem>
): { readonly named: SyncItem | undefined; readonly reborn: ReadonlyArray<SyncItem> } => {
  const isKind = ({ kind }: SyncItem) => kind === "reservation" || kind === "hold"
  const intended = byExternalId.find(
    (item) => isKind(item) && item.intention?.externalId !== undefined && item.intention.externalId === row.externalId
  )
  const here = byId.filter((item) => item.bookioId === row.id && item.id !== intended?.id)
  const reborn = here.filter((item) => isAnother(item, row))
  const known = intended ?? here.find((item) => !reborn.includes(item))
  if (known !== undefined) return { named: known, reborn }
  // A late write to a practice calendar has none, and so have rows that nobody confirmed: the two are no match.
  const { externalId } = row
  const isLate = (item: SyncItem) => isKind(item) && item.late.some((late) => late.externalId === externalId)
  return { named: externalId === undefined ? undefined : byExternalId.find(isLate), reborn }
}

// A text of the practice's own is never overwritten, so there is nothing to compare it with.
const textOf = ({ directory, plan }: Run, row: Reservation, item: SyncItem | undefined): string => {
  if (item?.isOwn === true) return ""
  const service = directory.service(row.service)?.name
  return describe(plan.details, row, { ...words[plan.language], ...(service === undefined ? {} : { service }) })
}

const stateOf = (run: Run, row: Reservation, item: SyncItem | undefined) =>
  reservationState(run.directory.timeZone, row, textOf(run, row, item))

/** Whether a row is not the one that its id was known for: one that we made, and have not read since, bears our id of it. */
const isAnother = (item: SyncItem, row: Reservation): boolean =>
  item.created === undefined
    ? item.externalId !== undefined && !(row.externalId !== undefined && isOurs(item, row.externalId))
    : item.created.slice(0, toSeconds) !== row.created.slice(0, toSeconds)

/**
 * What becomes of an item whose reservation the server has lost: its appointment stays the practice's, one that asked for it
 * asks anew, and a hold is made anew.
 */
export const lost = (known: SyncItem, nowMs: number): JournalChange => {
  if (known.kind !== "hold") return { _tag: "Drop", itemId: known.id }
  return { _tag: "Put", item: dueItem({ ...withoutRow(known), bookio: { missing: 2, atMs: nowMs } }) }
}

// "2026-06-01T08:00:00", whether or not an offset follows.
const toSeconds = 19

/**
 * Takes rows into the journal: a commit for each call, and none where nothing is new.
 *
 * @param listing - the number to mark what was seen with, where the listing is a full one.
 */
export const observeReservations: (
  run: Run,
  rows: ReadonlyArray<Reservation>,
  listing?: number
) => Effect.Effect<void, JournalError | LeaseLost> = Effect.fnUntraced(function* (run, rows, listing) {
  const nowMs = yield* Clock.currentTimeMillis
  const { byExternalId, byId } = yield* knownOf(run, "reservation", rows)
  const changes = new Map<number, SyncItem>()
  const gone = new Map<number, SyncItem>()
  const seen = new Set(byId.map(({ id }) => id))
  for (const row of rows) {
    if (run.progress.adopt === true) run.shown.add(row.id)
    const { named, reborn } = itemOf(row, byExternalId, byId)
    // An id is never given out again, but by a server that was put back to an earlier state.
    if (reborn.length > 0 && run.progress.adopt !== true) {
      run.reborn.add(row.id)
      continue
    }
    for (const item of reborn) gone.set(item.id, item)
    const known = named === undefined ? undefined : (changes.get(named.id) ?? named)
    const state = stateOf(run, row, known)
    const item = known ?? (yield* newItem(run, row, state))
    if (item === undefined) continue
    // One that is new here and bears an externalId was given it by another journal, or by this one before it was put back.
    const isOurRow = row.externalId === undefined || (known !== undefined && isOurs(known, row.externalId))
    if (!isOurRow && run.progress.adopt !== true) {
      run.foreign.add(row.id)
      continue
    }
    const next = observed(run.progress.adopt === true ? withoutEvent(item, row) : item, row, state, nowMs)
    noteUnclaimed(run, next, row)
    seen.add(next.id)
    if (next !== known) {
      changes.set(next.id, next)
      if (known !== undefined) noteFreed(run, known, next.bookio.state)
      count(run, "changedRows")
      if (!sameState(known?.bookio.state, next.bookio.state)) run.differences++
    }
    count(run, "seen")
  }
  const stored: Array<JournalChange> = [...changes.values()].map((item) => ({ _tag: "Put", item }))
  for (const item of gone.values()) {
    seen.delete(item.id)
    noteFreed(run, item, undefined)
    stored.push(lost(item, nowMs))
  }
  if (listing !== undefined && seen.size > 0) stored.push({ _tag: "Seen", side: "bookio", listing, itemIds: [...seen] })
  if (stored.length > 0) yield* run.commit(stored)
})

/** What a row that is new here becomes; nothing where it does not flow. */
const newItem = Effect.fnUntraced(function* (run: Run, row: Reservation, state: Result.Result<SyncState, TimeProblem>) {
  if (!run.directory.isKnown(row.service)) run.isDirectoryStale = true
  const calendar = run.directory.calendarOf(row.service)
  if (calendar === undefined) return undefined
  const endMs = Result.isSuccess(state) ? state.success.term.endMs : run.window.toMs
  if (endMs <= run.window.fromMs) return undefined
  const isHold =
    row.externalId !== undefined &&
    calendar.hold?.serviceId === row.service &&
    row.email?.toLowerCase() === calendar.hold.person.email.toLowerCase()
  // One that takes no time any more was given up, and its item dropped.
  if (isHold && row.status !== "CONFIRMED") return undefined
  const item: SyncItem = {
    id: yield* drawId,
    kind: isHold ? "hold" : "reservation",
    calendar: calendar.name,
    bookioId: row.id,
    // With `adopt` someone has said that what the server shows is ours.
    externalId: row.externalId ?? (yield* drawExternalId),
    occurrence: "",
    part: "",
    generation: 0,
    bookio: { missing: 0, atMs: 0 },
    practice: { missing: 0, atMs: 0 },
    needsSync: row.needsSync,
    isOwn: isHold,
    late: [],
    created: row.created,
    endMs
  }
  return item
})

/** A hold that was given up, and that a server which was put back shows as it was before: it is any event's of this time. */
const withoutEvent = (known: SyncItem, { status }: Reservation): SyncItem => {
  if (!isFormer(known) || status !== "CONFIRMED") return known
  const { base: _, etag: __, href: ___, placedMs: ____, uid: _____, ...item } = known
  return item
}

const observed = (
  known: SyncItem,
  row: Reservation,
  state: Result.Result<SyncState, TimeProblem>,
  nowMs: number
): SyncItem => {
  if (Result.isFailure(state)) return unreadableRow(known, row, `reservation ${row.id}: ${state.failure}`, nowMs)
  const item = readable(known, "UnreadableRow")
  // A hold that is not confirmed takes no time, as if it were not there.
  const present = item.kind === "hold" && row.status !== "CONFIRMED" ? undefined : state.success
  const needsSync = row.needsSync || (item.externalId !== undefined && row.externalId !== item.externalId)
  const isSame =
    item.bookioId === row.id &&
    sameState(item.bookio.state, present) &&
    item.bookio.missing === 0 &&
    item.needsSync === needsSync
  // A worker that died after its last write, and before the confirmation, left that to do.
  const isLeft = needsSync && item.externalId !== undefined && item.dueMs === undefined && item.parked === undefined
  const isFound = item !== known
  // An open intention waits for exactly this reading, whatever it shows.
  if (isSame && !isLeft && !isFound && item.intention === undefined) return item
  // A creation that was given up came about after all: from now on the row bears its id.
  const late =
    item.externalId === undefined ? item.late.find(({ externalId }) => externalId === row.externalId) : undefined
  const next: SyncItem = {
    ...item,
    ...(late?.externalId === undefined ? {} : { externalId: late.externalId }),
    bookioId: row.id,
    created: item.bookioId === row.id ? (item.created ?? row.created) : row.created,
    bookio: present === undefined ? { missing: 0, atMs: nowMs } : { state: present, missing: 0, atMs: nowMs },
    needsSync,
    endMs: Math.max(state.success.term.endMs, item.practice.state?.term.endMs ?? 0)
  }
  if (isSame && !isLeft && !isFound) return next
  return dueItem(next)
}

/**
 * Reads a listing to its end. @param listing - as `observeReservations`. @errors what Bookio says; `Halted` where an id is
 * another reservation's by now.
 */
export const pullReservations: (
  run: Run,
  query: ReservationQuery,
  listing?: number
) => Effect.Effect<Pulled, BookioError | JournalError | LeaseLost | Halted> = Effect.fnUntraced(
  function* (run, query, listing) {
    const { bookio, facilityId } = run.plan
    return yield* pull(
      run,
      (offset, limit) => bookio.listReservations({ ...query, facilityId, offset, limit }),
      (rows) => observeReservations(run, rows, listing)
    )
  }
)
