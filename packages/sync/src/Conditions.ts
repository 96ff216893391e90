/** What an item is like when it is acted on: by these conditions `Act` waits, asks, marks or goes on. They are pure. */
import type { Conflict } from "@bookio-kit/core/sync/Journal"
import type { Decision } from "@bookio-kit/core/sync/Reconcile"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import { sameFacts, sameTerm } from "./States.ts"

/** Whether one side is there, cannot be read, and nothing is known of it that could be acted on. */
export const isUnseen = ({ bookio, intention, parked, practice }: SyncItem): boolean =>
  (parked?.reason === "Unreadable" && practice.state === undefined) ||
  (parked?.reason === "UnreadableRow" && (bookio.state === undefined || intention?.side === "bookio"))

/** A reservation whose event was removed. */
export const isTakenAway = ({ bookio, href, kind, practice }: SyncItem): boolean =>
  kind === "reservation" &&
  href !== undefined &&
  bookio.state !== undefined &&
  practice.state === undefined &&
  practice.missing >= 2

/** What Bookio shows and no event is known for. */
export const isUnplaced = ({ bookio, kind, practice, uid }: SyncItem): boolean =>
  (kind === "reservation" || kind === "mirror") &&
  bookio.state !== undefined &&
  practice.state === undefined &&
  uid === undefined

/** A reservation that both sides show, and differently. */
export const isDifferent = ({ bookio, kind, practice }: SyncItem): boolean =>
  kind === "reservation" &&
  bookio.state !== undefined &&
  practice.state !== undefined &&
  !sameFacts(bookio.state, practice.state) &&
  (bookio.state.status === "CONFIRMED" || practice.state.status === "CONFIRMED")

/** Whether someone is asked which of two values is right, has not said so, and both are as they were. */
export const isUndecided = (item: SyncItem, conflict: Conflict): boolean =>
  conflict.state === "open" &&
  (conflict.field === "term" || conflict.field === "status") &&
  conflict.winner === undefined &&
  conflict.resolution === undefined &&
  !isMoot(item, conflict)

/**
 * Whether the sides have come to show something else than what someone decides about. Whether it takes place is the same
 * question after a move: without an agreed state nobody could tell that the status was not changed with it.
 */
export const isMoot = (item: SyncItem, conflict: Conflict): boolean =>
  (["bookio", "practice"] as const).some((side) => {
    const shown = item[side].state
    const decided = conflict[side]
    if (shown === undefined || decided === undefined) return shown !== decided
    if (shown.status !== decided.status) return true
    return conflict.field !== "status" && !sameTerm(shown.term, decided.term)
  })

/** An event's wish for a reservation that Bookio has not made. */
export const isUnmade = ({ bookioId, isOwn, kind }: SyncItem): boolean =>
  isOwn && kind === "reservation" && bookioId === undefined

export const isNewLink = (item: SyncItem, { agreed }: Decision): boolean =>
  item.isMarked !== true &&
  item.bookioId !== undefined &&
  item.href !== undefined &&
  agreed !== undefined &&
  item.practice.state !== undefined
