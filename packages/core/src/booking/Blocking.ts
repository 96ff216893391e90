/**
 * Blocked times (engine.md rule 4): they belong to a facility and close all of its calendars. Assumes that the caller
 * passes the blocked times of the term's facility, in any order.
 */
import { overlaps, type Term } from "./Term.ts"

/** Tells whether a blocked time overlaps the term (engine.md rule 4); one that only touches it does not. */
export const isBlocked = (term: Term, blocked: ReadonlyArray<Term>): boolean => blocked.some((b) => overlaps(b, term))
