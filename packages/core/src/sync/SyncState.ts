/**
 * What the two sides of a sync agree on about one item: when it is, whether it takes place, and its text (sync.md,
 * "A pass", 2). Both sides are read into this form, so that they can be compared.
 */
import * as Schema from "effect/Schema"
import { ReservationStatus } from "../reservation/Reservation.ts"

/** The two sides: Bookio, and the practice's own calendar. */
export const Side = Schema.Literals(["bookio", "practice"])
export type Side = typeof Side.Type

/** A term as instants, Unix time in milliseconds: start inclusive, end exclusive. */
export const SyncTerm = Schema.Struct({ startMs: Schema.Int, endMs: Schema.Int })
export type SyncTerm = typeof SyncTerm.Type

/** One side's view of an item. Its start and end are one value: they are changed together or not at all. */
export const SyncState = Schema.Struct({
  term: SyncTerm,
  status: ReservationStatus,
  /** The first line is the title, what follows is the description. */
  text: Schema.String
})
export type SyncState = typeof SyncState.Type
