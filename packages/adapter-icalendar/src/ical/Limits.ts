/** What one calendar object may cost: more than this parks it alone, and the others go on. */

/** Bytes of one calendar object in UTF-8. */
export const maxObjectBytes = 1024 * 1024

/** Occurrences of one object that overlap the window (sync.md). */
export const maxOccurrences = 1000

/** Candidates of recurrence rules that are looked at for one object; a bound on its time that needs no clock. */
export const maxSteps = 200_000

/** Parameters of one property. More are nobody's calendar, and would take the parser's time in their square. */
export const maxParameters = 100

/** Why an object cannot be read or changed. The message holds nothing of its texts. */
export class Problem extends Error {}

/** Counts the steps of a whole object. */
export interface Budget {
  steps: number
}

/** Takes steps off the budget. @throws `Problem` when it is used up. */
export const spend = (budget: Budget, steps: number): void => {
  budget.steps += steps
  if (budget.steps > maxSteps) {
    throw new Problem("The recurrence rule takes too long to expand; give it an end, or a frequency of days")
  }
}
