/**
 * The three-way merge of the sync (sync.md, "A pass", 2): from the last agreed state and what both sides show now, what is
 * to be written where and what is in conflict. It is pure and decides field by field; it assumes that an absent side is a
 * proven absence, and that whoever applies a decision stores `agreed` only after the writes succeeded.
 *
 * Bookio's own value is the next base of whatever the two sides are left to show differently: a text that the practice
 * changed (no operation of the API changes one), the term of what does not take place, and what may not flow to Bookio.
 * So a later change on Bookio's side is told from the difference that was let stand. Such a standing difference is named
 * again by every decision until it is gone; `isSameConflict` tells whether it is known already.
 */
import type { ReservationStatus } from "../reservation/Reservation.ts"
import type { TimeZone } from "../time/TimeZone.ts"
import { format } from "../time/WallTime.ts"
import type { Side, SyncState, SyncTerm } from "./SyncState.ts"

/** How differences are decided. */
export interface Policy {
  /** Whose value stands where both sides changed one field. */
  readonly prefer: Side
  /** A kind that one side alone decides: `busy` and `hold` the practice, `mirror` Bookio; absent for reservations. */
  readonly master?: Side
  /** What a removal in the practice calendar means. */
  readonly onDelete: "cancel" | "restore" | "ask"
  /** Unix time in milliseconds. A record has ended when Bookio's own end of it is at or before it. */
  readonly nowMs: number
  /** Set where Bookio sends no offsets: two instants of the zone's repeated hour with one text are equal then. */
  readonly textZone?: TimeZone
}

/**
 * A difference that someone should see, with both states as they were. `removed`: the practice removed its appointment, or
 * Bookio lost the record. `put-back`: a change on the side that is not the master, undone.
 */
export interface FieldConflict {
  readonly field: "term" | "status" | "text" | "removed" | "put-back"
  readonly bookio?: SyncState
  readonly practice?: SyncState
  /** Whose value stands: on both sides, or in its own calendar where it may not flow. Absent: someone has to decide. */
  readonly winner?: Side
}

/**
 * What is to be written to one side. Where both are given, a status of CONFIRMED is written before the term, for Bookio
 * moves only what is confirmed. To Bookio goes a text only with `Create`; of a hold, `Remove` is its cancellation.
 */
export type SideChange =
  | { readonly _tag: "Create"; readonly state: SyncState }
  | {
      readonly _tag: "Update"
      readonly term?: SyncTerm
      readonly status?: ReservationStatus
      readonly text?: string
    }
  | { readonly _tag: "Remove" }

/** What follows from three states: the writes to each side, and what someone should see. */
export interface Decision {
  /** The next base, once the writes are done; absent: nothing is there that both sides agree on. */
  readonly agreed: SyncState | undefined
  readonly toBookio: SideChange | undefined
  readonly toPractice: SideChange | undefined
  readonly conflicts: ReadonlyArray<FieldConflict>
}

type Maybe = SyncState | undefined

/**
 * Decides what follows from the last agreed state and the present ones; absent is not there. It never throws, an equal
 * content is no change, and applying a decision and deciding again writes nothing more.
 */
export const reconcile = (base: Maybe, bookio: Maybe, practice: Maybe, policy: Policy): Decision => {
  if (policy.master === "practice") return followPractice(base, bookio, practice, policy)
  if (policy.master === "bookio") return followBookio(base, bookio, practice, policy)
  if (bookio === undefined) return withoutReservation(base, practice, policy)
  if (practice === undefined) return withoutAppointment(base, bookio, policy)
  return mergeFields(base, bookio, practice, policy)
}

/** Tells whether a conflict is one that is known: the same field, the same winner and the same values of that field. */
export const isSameConflict = (
  known: { readonly [K in keyof FieldConflict]: K extends "field" ? string : FieldConflict[K] },
  found: FieldConflict
): boolean =>
  known.field === found.field &&
  known.winner === found.winner &&
  sameIn(found.field, known.bookio, found.bookio) &&
  sameIn(found.field, known.practice, found.practice)

const sameIn = (field: FieldConflict["field"], a: Maybe, b: Maybe): boolean => {
  if (a === undefined || b === undefined) return a === b
  const sameTerm = a.term.startMs === b.term.startMs && a.term.endMs === b.term.endMs
  switch (field) {
    case "term":
      return sameTerm
    case "status":
      return a.status === b.status
    case "text":
      return a.text === b.text
    case "removed":
    case "put-back":
      return sameTerm && a.status === b.status && a.text === b.text
  }
}

const decision = (agreed: Maybe, rest: Partial<Omit<Decision, "agreed">> = {}): Decision => ({
  agreed,
  toBookio: undefined,
  toPractice: undefined,
  conflicts: [],
  ...rest
})

const create = (state: SyncState): SideChange => ({ _tag: "Create", state })

type Fields = { -readonly [K in keyof SyncState]?: SyncState[K] }

const update = (fields: Fields): SideChange | undefined =>
  Object.keys(fields).length === 0 ? undefined : { _tag: "Update", ...fields }

const takesPlace = (state: SyncState): boolean => state.status === "CONFIRMED"

const hasEnded = (state: SyncState, { nowMs }: Policy): boolean => state.term.endMs <= nowMs

const isSameTerm = (a: SyncTerm, b: SyncTerm, { textZone }: Policy): boolean => {
  const same = (x: number, y: number) =>
    x === y || (textZone !== undefined && format(textZone, x).text === format(textZone, y).text)
  return same(a.startMs, b.startMs) && same(a.endMs, b.endMs)
}

const isSame = (a: SyncState, b: SyncState, policy: Policy): boolean =>
  a.status === b.status && a.text === b.text && isSameTerm(a.term, b.term, policy)

/** Whose value of a field stands, if they differ, and whether the other side changed it too. */
interface Outcome {
  readonly winner: Side | undefined
  readonly isContested: boolean
}

const settled: Outcome = { winner: undefined, isContested: false }

const outcomeOf = <A>(
  base: A | undefined,
  bookio: A,
  practice: A,
  isEqual: (a: A, b: A) => boolean,
  prefer: Side
): Outcome => {
  if (isEqual(bookio, practice)) return settled
  if (base !== undefined && isEqual(bookio, base)) return { winner: "practice", isContested: false }
  if (base !== undefined && isEqual(practice, base)) return { winner: "bookio", isContested: false }
  return { winner: prefer, isContested: true }
}

const isEqualValue = (a: string, b: string) => a === b

const statusOutcome = (base: Maybe, bookio: SyncState, practice: SyncState, policy: Policy): Outcome => {
  const outcome = outcomeOf<string>(base?.status, bookio.status, practice.status, isEqualValue, policy.prefer)
  if (!outcome.isContested) return outcome
  if (bookio.status === "CANCELLED") return { winner: "bookio", isContested: true }
  return practice.status === "CANCELLED" ? { winner: "practice", isContested: true } : outcome
}

const termOutcome = (
  base: Maybe,
  bookio: SyncState,
  practice: SyncState,
  standing: Side | undefined,
  policy: Policy
): Outcome => {
  const isEqual = (a: SyncTerm, b: SyncTerm) => isSameTerm(a, b, policy)
  // What takes place on neither side has no term worth a write, and Bookio would refuse it (engine.md, rule 8).
  if ((!takesPlace(bookio) && !takesPlace(practice)) || isEqual(bookio.term, practice.term)) return settled
  if (standing === undefined) return outcomeOf(base?.term, bookio.term, practice.term, isEqual, policy.prefer)
  // One side cancels or confirms again: its term comes with it. A move by a side that still takes place has lost.
  // One that was moved while it was off has lost as well, once the other side confirms again.
  const loser = standing === "bookio" ? practice : bookio
  const hasMoved = base === undefined || !isEqual(loser.term, base.term)
  return { winner: standing, isContested: hasMoved }
}

const mergeFields = (base: Maybe, bookio: SyncState, practice: SyncState, policy: Policy): Decision => {
  const ended = hasEnded(bookio, policy)
  const conflicts: Array<FieldConflict> = []
  const toBookio: Fields = {}
  const toPractice: Fields = {}
  const tell = (field: "term" | "status" | "text", winner: Side) => conflicts.push({ field, bookio, practice, winner })

  const status = statusOutcome(base, bookio, practice, policy)
  const mayFlow = !ended || practice.status === "DID_NOT_COME"
  const isHeld = status.winner === "practice" && !mayFlow
  if (status.winner === "bookio") toPractice.status = bookio.status
  if (status.winner === "practice" && mayFlow) toBookio.status = practice.status
  if (status.winner !== undefined && (status.isContested || isHeld)) tell("status", status.winner)

  const isTurned = takesPlace(bookio) !== takesPlace(practice) && !isHeld
  const term = termOutcome(base, bookio, practice, isTurned ? status.winner : undefined, policy)
  if (term.winner === "bookio") toPractice.term = bookio.term
  if (term.winner === "practice" && !ended && takesPlace(practice)) toBookio.term = practice.term
  // What is told as cancelled or missed needs no second word about its term, unless a move has lost by it.
  const isTermHeld = term.winner === "practice" && ended && takesPlace(practice)
  if (term.winner !== undefined && (term.isContested || isTermHeld)) tell("term", term.winner)

  const text = outcomeOf(base?.text, bookio.text, practice.text, isEqualValue, policy.prefer)
  if (text.winner === "bookio") toPractice.text = bookio.text
  if (text.winner !== undefined && (text.isContested || text.winner === "practice")) tell("text", text.winner)

  return decision({ ...bookio, ...toBookio }, { toBookio: update(toBookio), toPractice: update(toPractice), conflicts })
}

const withoutAppointment = (base: Maybe, bookio: SyncState, policy: Policy): Decision => {
  const created = decision(bookio, { toPractice: create(bookio) })
  if (base === undefined) return bookio.status === "CANCELLED" ? decision(bookio) : created
  if (!takesPlace(bookio) || hasEnded(bookio, policy)) return decision(bookio)
  // Removed when it was over or off: tidied up, which says nothing about what Bookio has made of it since.
  if (!takesPlace(base) || hasEnded(base, policy)) return created
  switch (policy.onDelete) {
    case "ask":
      return decision(base, { conflicts: [{ field: "removed", bookio }] })
    case "restore":
      return { ...created, conflicts: [{ field: "removed", bookio, winner: "bookio" }] }
    case "cancel":
      return decision(
        { ...bookio, status: "CANCELLED" },
        {
          toBookio: { _tag: "Update", status: "CANCELLED" },
          conflicts: isSameTerm(base.term, bookio.term, policy) ? [] : [{ field: "term", bookio, winner: "practice" }]
        }
      )
  }
}

const withoutReservation = (base: Maybe, practice: Maybe, policy: Policy): Decision => {
  if (practice === undefined) return decision(undefined)
  // The API removes no reservation: one that is gone is a restored server's doing, and someone has to look.
  if (base !== undefined) return decision(base, { conflicts: [{ field: "removed", practice }] })
  return takesPlace(practice) && !hasEnded(practice, policy)
    ? decision(practice, { toBookio: create(practice) })
    : decision(undefined)
}

/** `busy` and `hold`: agreed is what Bookio blocks; a hold that is not CONFIRMED blocks nothing and counts as absent. */
const followPractice = (base: Maybe, bookio: Maybe, practice: Maybe, policy: Policy): Decision => {
  const blocked = bookio !== undefined && takesPlace(bookio) ? bookio : undefined
  const wanted = practice !== undefined && takesPlace(practice) ? practice : undefined
  const undone = (isUndone: boolean): ReadonlyArray<FieldConflict> =>
    isUndone
      ? [
          {
            field: "put-back",
            winner: "practice",
            ...(bookio === undefined ? {} : { bookio }),
            ...(practice === undefined ? {} : { practice })
          }
        ]
      : []

  if (blocked === undefined) {
    return wanted === undefined || hasEnded(wanted, policy)
      ? decision(undefined)
      : decision(wanted, { toBookio: create(wanted), conflicts: undone(base !== undefined) })
  }
  const isChanged = base === undefined || !isSameTerm(blocked.term, base.term, policy)
  if (wanted === undefined) {
    // What has ended stays; and nothing is removed that this side was never seen to have.
    if (hasEnded(blocked, policy)) return decision(blocked)
    if (base === undefined && practice === undefined) return decision(undefined)
    return decision(undefined, { toBookio: { _tag: "Remove" }, conflicts: undone(isChanged) })
  }
  const isOver = hasEnded(blocked, policy) && hasEnded(wanted, policy)
  if (isOver || isSameTerm(blocked.term, wanted.term, policy)) return decision(blocked)
  // An event that is moved out of the past takes its blocked time along, or its new time could be booked.
  return decision(
    { ...blocked, term: wanted.term },
    { toBookio: { _tag: "Update", term: wanted.term }, conflicts: undone(isChanged) }
  )
}

/** `mirror`: the practice's event is made to show what Bookio has. */
const followBookio = (base: Maybe, bookio: Maybe, practice: Maybe, policy: Policy): Decision => {
  const isEdited = practice !== undefined && (base === undefined || !isSame(practice, base, policy))
  if (bookio === undefined) {
    if (practice === undefined || base === undefined) return decision(undefined)
    return decision(undefined, {
      toPractice: { _tag: "Remove" },
      conflicts: isEdited ? [{ field: "put-back", practice, winner: "bookio" }] : []
    })
  }
  if (practice === undefined) {
    if (base === undefined) return decision(bookio, { toPractice: create(bookio) })
    // Tidied up after its end: not worth a fight.
    if (hasEnded(bookio, policy)) return decision(bookio)
    return decision(bookio, {
      toPractice: create(bookio),
      conflicts: [{ field: "put-back", bookio, winner: "bookio" }]
    })
  }
  if (isSame(bookio, practice, policy)) return decision(bookio)
  const toPractice: Fields = {}
  if (practice.status !== bookio.status) toPractice.status = bookio.status
  if (practice.text !== bookio.text) toPractice.text = bookio.text
  if (!isSameTerm(practice.term, bookio.term, policy)) toPractice.term = bookio.term
  return decision(bookio, {
    toPractice: update(toPractice),
    conflicts: isEdited ? [{ field: "put-back", bookio, practice, winner: "bookio" }] : []
  })
}
