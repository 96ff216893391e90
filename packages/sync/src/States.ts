/** Comparing what sides show. */
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { SyncState, SyncTerm } from "@bookio-kit/core/sync/SyncState"

export const sameTerm = (a: SyncTerm, b: SyncTerm): boolean => a.startMs === b.startMs && a.endMs === b.endMs

/** Whether two states are equal in what a write can ask of Bookio: the text is not told apart, for it changes none. */
export const sameFacts = (a: SyncState | undefined, b: SyncState | undefined): boolean =>
  a === undefined || b === undefined ? a === b : sameTerm(a.term, b.term) && a.status === b.status

/** Whether two states are equal in all they say; two absent ones are. */
export const sameState = (a: SyncState | undefined, b: SyncState | undefined): boolean =>
  a === undefined || b === undefined ? a === b : sameTerm(a.term, b.term) && a.status === b.status && a.text === b.text

const withoutText = <S extends SyncState | undefined>(state: S): S =>
  state === undefined ? state : { ...state, text: "" }

/**
 * An item as the journal holds it: the text of an event of the practice's own is needed until its reservation is made, and
 * is not kept after that.
 */
export const held = (item: SyncItem): SyncItem => {
  const { base, bookio, bookioId, isOwn, kind, practice } = item
  if (!isOwn || kind !== "reservation" || bookioId === undefined) return item
  if (!base?.text && !bookio.state?.text && !practice.state?.text) return item
  return {
    ...item,
    ...(base === undefined ? {} : { base: withoutText(base) }),
    bookio: bookio.state === undefined ? bookio : { ...bookio, state: withoutText(bookio.state) },
    practice: practice.state === undefined ? practice : { ...practice, state: withoutText(practice.state) }
  }
}
