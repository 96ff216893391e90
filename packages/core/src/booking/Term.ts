/**
 * A stretch of time on the one time line of instants, the common currency of the booking rules. Assumes epoch
 * milliseconds; wall clocks and zones were resolved before.
 */

/** A half-open stretch of time `[fromMs, toMs)` in epoch milliseconds. */
export interface Term {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * Tells whether two terms share an instant. One that ends when the other starts does not, and a term without length
 * shares none.
 */
export const overlaps = (a: Term, b: Term): boolean => Math.max(a.fromMs, b.fromMs) < Math.min(a.toMs, b.toMs)
