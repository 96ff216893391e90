/** Comparing what sides show. */
import type { SyncState, SyncTerm } from "@bookio-kit/core/sync/SyncState"

export const sameTerm = (a: SyncTerm, b: SyncTerm): boolean => a.startMs === b.startMs && a.endMs === b.endMs

/** Whether two states are equal in what a write can ask of Bookio: the text is not told apart, for it changes none. */
export const sameFacts = (a: SyncState | undefined, b: SyncState | undefined): boolean =>
  a === undefined || b === undefined ? a === b : sameTerm(a.term, b.term) && a.status === b.status

/** Whether two states are equal in all they say; two absent ones are. */
export const sameState = (a: SyncState | undefined, b: SyncState | undefined): boolean =>
  a === undefined || b === undefined ? a === b : sameTerm(a.term, b.term) && a.status === b.status && a.text === b.text
