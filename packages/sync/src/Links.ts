/**
 * Which event of a practice calendar is whose: by the UID that we gave it or that the journal knows, and else by our mark,
 * which nobody else can make (sync.md, "Whose event is it").
 */
import type { Appointment, Mark, PracticeItem } from "@bookio-kit/core/sync/Appointment"
import type { CalendarWindow } from "@bookio-kit/core/sync/PracticeCalendar"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { SyncState } from "@bookio-kit/core/sync/SyncState"
import * as Effect from "effect/Effect"
import { appointmentState, type Desired } from "./Desired.ts"
import { drawId, namedOf, uidOf } from "./Identity.ts"
import { isForAnother } from "./Orphans.ts"
import type { CalendarPlan } from "./Plan.ts"
import { calendarPlan, dueItem, isResting, parkedItem, type Run, readable, takeDown } from "./Run.ts"
import { sameFacts, sameState } from "./States.ts"

/** Where an event is, and which content of it was read. */
export interface Place {
  readonly href: string
  readonly etag: string
  readonly uid: string
}

export const windowOf = (run: Run): CalendarWindow => ({ timeZone: run.directory.timeZone, ...run.window })

/** An item with what the practice calendar shows of it now; the same object where that is nothing new. */
export const seen = (known: SyncItem, state: SyncState | undefined, at: Place, nowMs: number): SyncItem => {
  const item = readable(known, "Unreadable")
  // What its calendar refused to change may be taken now that it is another.
  const isRefused = item.parked?.reason === "Refused" && item.bookioId !== undefined && item.etag !== at.etag
  const isPlaced = item.href === at.href && item.etag === at.etag && item.uid === at.uid
  const isSame = sameState(item.practice.state, state) && item.practice.missing === 0
  const isFound = item !== known || isRefused || item.parked?.reason === "OtherCalendar"
  if (isSame && isPlaced && !isFound) return item
  const next: SyncItem = {
    ...item,
    ...at,
    practice: state === undefined ? { missing: 0, atMs: nowMs } : { state, missing: 0, atMs: nowMs },
    endMs: Math.max(state?.term.endMs ?? 0, item.bookio.state?.term.endMs ?? item.practice.state?.term.endMs ?? 0)
  }
  return isSame && !isFound ? next : dueItem(next)
}

/** A new item of the practice calendar's. */
export const newItem = Effect.fnUntraced(function* (
  kind: SyncItem["kind"],
  calendar: string,
  wanted: Omit<Desired, "kind">,
  isOwn: boolean
) {
  const item: SyncItem = {
    id: yield* drawId,
    kind,
    calendar,
    occurrence: wanted.occurrence,
    part: wanted.part,
    generation: 0,
    bookio: { missing: 0, atMs: 0 },
    practice: { missing: 0, atMs: 0 },
    needsSync: false,
    isOwn,
    late: [],
    endMs: wanted.state.term.endMs
  }
  return item
})

/** Our events: those that we gave a UID to, and those that became reservations. */
export const isLinked = ({ kind }: SyncItem) => kind === "reservation" || kind === "mirror"

/** An event's wish for a reservation that was never made. */
export const isUnmade = (item: SyncItem) => item.bookioId === undefined && item.base === undefined

const byMark = Effect.fnUntraced(function* (
  run: Run,
  calendar: CalendarPlan,
  id: number,
  kind: "mirror" | "reservation",
  uid: string
) {
  const record = kind === "mirror" ? "blockedTime" : "reservation"
  const found = (yield* run.journal.byBookioId(run.plan.key, record, [id])).filter((item) => item.kind === kind)
  const here = kind === "mirror" ? found.find((item) => item.calendar === calendar.name) : found[0]
  if (here === undefined || here.uid === undefined || here.uid === uid) return here
  // Made after the one that is known: the journal was put back to before that. An earlier one of ours is a plain event. One
  // that was noted as being in another calendar has given its generation to the item already, and waits to be followed.
  const generation = generationOf(run, here, uid)
  const isNoted = here.calendar !== calendar.name && here.copy?.calendar === calendar.name
  if (generation === undefined || generation < here.generation) return undefined
  if (generation > here.generation && run.progress.adopt !== true) run.outdated.add(here.id)
  return generation > here.generation || isNoted ? { ...here, generation } : undefined
})

const generationOf = ({ plan }: Run, item: SyncItem, uid: string): number | undefined => {
  for (let generation = 0; generation < mostGenerations; generation++) {
    if (uidOf(namedOf(plan, { ...item, generation })) === uid) return generation
  }
  return undefined
}

/**
 * The item that an event's mark names. One of a blocked time that the journal does not know was made before the journal was
 * put back: the blocked time is taken to be there until it is proven that it is not, and then the event goes with it.
 */
export const byMarkOrStray = Effect.fnUntraced(function* (
  run: Run,
  calendar: CalendarPlan,
  mark: Mark,
  kind: "mirror" | "reservation",
  appointment: Appointment
) {
  const found = relinked(run, yield* byMark(run, calendar, mark.id, kind, appointment.uid), appointment)
  const [occurrence] = appointment.occurrences
  if (kind !== "mirror" || occurrence === undefined) return found
  // What ended before the window was forgotten by the journal, and not lost: there is nothing to tell of it any more.
  if (found === undefined && occurrence.term.endMs <= run.window.fromMs) return undefined
  const state: SyncState = { term: occurrence.term, status: "CONFIRMED", text: occurrence.text }
  // Nobody but us can have made it: it goes when its blocked time goes, also where nothing else is known of the two.
  if (found !== undefined) return found.base === undefined ? { ...found, base: state } : found
  const known = yield* run.journal.byBookioId(run.plan.key, "blockedTime", [mark.id])
  if (known.some((item) => item.kind === "mirror" && item.calendar === calendar.name)) return undefined
  run.isStrayFound = true
  const stray: SyncItem = {
    ...(yield* newItem(kind, calendar.name, { occurrence: "", part: "", state }, false)),
    bookioId: mark.id,
    bookio: { state, missing: 0, atMs: 0 },
    base: state
  }
  return stray
})

const mostGenerations = 50

/** An item that has lost its event, and which event that is: one that we named, or one of the practice's own. */
const relinked = (run: Run, item: SyncItem | undefined, appointment: Appointment): SyncItem | undefined => {
  const { attendees, booking, uid } = appointment
  if (item === undefined || item.uid !== undefined) return item
  const generation = generationOf(run, item, uid)
  if (generation !== undefined) return { ...item, generation }
  // One of the practice's own says what it asked for. Of any other, the mark is of a reservation whose id was given out again
  // since, by a server that was put back.
  const isAsking = booking !== undefined || attendees.length > 0
  if (item.kind === "reservation") {
    const row = run.unclaimed.get(item.id)
    if (!isAsking || row === undefined || isForAnother(appointment, row)) return undefined
    run.unclaimed.delete(item.id)
  }
  return { ...item, isOwn: true, isMarked: true }
}

/** Takes in what an event of ours shows. */
export const observeLinked = (
  item: SyncItem,
  appointment: Appointment,
  at: Place,
  nowMs: number
): ReadonlyArray<SyncItem> => {
  const [occurrence] = appointment.occurrences
  if (appointment.isRecurring) {
    return item.parked?.reason === "Recurring"
      ? []
      : [parkedItem({ ...item, ...at }, "Recurring", "its event was made a series", nowMs, false)]
  }
  // Someone else's event changes no reservation.
  if (occurrence === undefined || occurrence.participation !== "organizer") return []
  const known = created(item, at)
  const state = appointmentState(appointment, occurrence)
  const next = seen(known, item.isOwn ? { ...state, text: "" } : state, at, nowMs)
  return next === item ? [] : [next]
}

/** An event that is there was made as its creation asked for, whoever was told of that; it may be gone when that is asked. */
const created = (item: SyncItem, { uid }: Place): SyncItem => {
  const { intention, ...rest } = item
  const isMade = intention?.side === "practice" && intention.action === "create" && intention.uid === uid
  return isMade && intention.target !== undefined ? { ...rest, base: intention.target } : item
}

/** Items whose appointment was read and does not have them any more: their absence is proven. */
export const withdraw = (items: ReadonlyArray<SyncItem>, at: Place, nowMs: number): ReadonlyArray<SyncItem> =>
  items.flatMap((item) => {
    const next = seen(item, undefined, at, nowMs)
    return next === item ? [] : [next]
  })

/** The reservation of an event that asks for one, and that has been in another practice calendar: it may bear no mark yet. */
export const linkedElsewhere = Effect.fnUntraced(function* (
  run: Run,
  calendar: CalendarPlan,
  { attendees, booking, uid }: Appointment
) {
  if (booking === undefined && attendees.length === 0) return undefined
  for (const { name } of run.plan.calendars) {
    if (name === calendar.name) continue
    const items = yield* run.journal.byUid(run.plan.key, name, [uid])
    const found = items.find(({ bookioId, kind }) => kind === "reservation" && bookioId !== undefined)
    if (found !== undefined) return found
  }
  return undefined
})

/**
 * Takes in an event of a reservation that lies in another practice calendar than its item. Where it is not in its own any
 * more it was moved, and is followed; where that cannot be told yet, it waits. A copy is a plain event, and its place noted.
 */
export const observeMoved = Effect.fnUntraced(function* (
  run: Run,
  calendar: CalendarPlan,
  linked: SyncItem,
  appointment: Appointment,
  at: Place,
  nowMs: number
): Effect.fn.Return<{ readonly isCopy: boolean; readonly changes: ReadonlyArray<SyncItem> }> {
  const isThere = yield* isStillThere(run, linked)
  const [shown] = appointment.occurrences
  // One that shows something else than was agreed on was changed before it was copied: that is an edit, and stays one.
  const isAgreed = shown !== undefined && sameFacts(appointmentState(appointment, shown), linked.base)
  const copy = {
    calendar: calendar.name,
    href: at.href,
    etag: linked.copy?.etag === at.etag || isAgreed ? at.etag : ""
  }
  const noted: SyncItem = { ...linked, copy }
  const isNoted = linked.copy?.calendar === copy.calendar && linked.copy.href === copy.href
  const isAsNoted = isNoted && linked.copy?.etag === copy.etag
  if (isThere === true) return { isCopy: true, changes: isNoted ? [] : [noted] }
  if (isThere === undefined) {
    const problem = `its event was found in the calendar "${calendar.name}"`
    const isKnown = isNoted && linked.parked?.reason === "OtherCalendar"
    return { isCopy: false, changes: isKnown ? [] : [parkedItem(noted, "OtherCalendar", problem, nowMs, true)] }
  }
  const { copy: _, etag: __, href: ___, ...item } = linked
  // One that is as it was when it was made shows nobody's change, whatever came of the other since.
  const base = isAsNoted && copy.etag !== "" && shown !== undefined ? appointmentState(appointment, shown) : item.base
  const moved: SyncItem = { ...item, calendar: calendar.name, ...(base === undefined ? {} : { base }) }
  return { isCopy: false, changes: observeLinked(moved, appointment, at, nowMs) }
})

/** Whether an item's event is where it was; absent where its calendar cannot be asked. */
const isStillThere = Effect.fnUntraced(function* (run: Run, { calendar, href, practice, uid }: SyncItem) {
  const own = calendarPlan(run, calendar)
  if (own === undefined || href === undefined || practice.state === undefined) return false
  // Its own turn may come later in this pass.
  if (yield* isResting(run, calendar)) return undefined
  return yield* own.practice.read(href, windowOf(run)).pipe(
    Effect.map((found: PracticeItem) => found._tag !== "Removed" && !("uid" in found && found.uid !== uid)),
    Effect.catchTag("ItemNotFound", () => Effect.succeed(false)),
    Effect.catchTag("PracticeError", (error) => Effect.as(takeDown(run, calendar, error), undefined))
  )
})
