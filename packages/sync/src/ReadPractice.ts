/** Reads the practice calendars of a facility, by token where they give one, in full where only that tells what changed. */

import type { JournalError, LeaseLost } from "@bookio-kit/core/sync/Journal"
import { PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Effect from "effect/Effect"
import { drawId } from "./Identity.ts"
import type { CalendarPlan } from "./Plan.ts"
import { askForFresh, judgeUnseen, pullAll, pullChanges } from "./PullPractice.ts"
import { count, isResting, type Run, takeDown } from "./Run.ts"

/** What the next pass starts from, of the calendars that were read. */
export interface Tokens {
  readonly tokens: { readonly [calendar: string]: string }
  readonly listAgain: ReadonlyArray<string>
}

/** A full listing: what it lacks is gone when the next one lacks it too; an empty one proves nothing. */
const listAll = Effect.fnUntraced(function* (run: Run, calendar: CalendarPlan) {
  // Drawn and not counted: the marks of a listing whose pass was killed must not be taken for those of this one.
  const listing = yield* drawId
  const read = yield* pullAll(run, calendar, listing)
  if (read.coverage !== "complete") {
    run.uncovered.add(calendar.name)
    return { token: undefined, isAgain: true }
  }
  run.uncovered.delete(calendar.name)
  run.listed.add(calendar.name)
  const { first, isEmptied } = yield* judgeUnseen(run, calendar, listing, read.total === 0)
  if (isEmptied) {
    return yield* new PracticeError({
      reason: "CalendarNotFound",
      problem: `the calendar "${calendar.name}" of ${run.plan.name} is empty all of a sudden; nothing is removed for that`
    })
  }
  return { token: read.token, isAgain: first > 0 }
})

const readOne = Effect.fnUntraced(function* (run: Run, calendar: CalendarPlan) {
  const { listAgain, tokens, tokensMs } = run.progress
  const token = tokens[calendar.name]
  const isKnown = token !== undefined && !listAgain.includes(calendar.name)
  if (isKnown) {
    const changed = yield* pullChanges(run, calendar, token).pipe(
      Effect.tap(({ coverage, told }) =>
        coverage === "complete" ? askForFresh(run, calendar, tokensMs[calendar.name] ?? 0, told) : Effect.void
      ),
      Effect.map((read) => {
        const isAgain = read.coverage !== "complete"
        if (isAgain) run.uncovered.add(calendar.name)
        return { token: read.token ?? token, isAgain }
      }),
      Effect.catchTag("SyncTokenInvalid", () => Effect.undefined)
    )
    if (changed !== undefined && !run.isFull) return changed
    if (changed !== undefined) {
      const before = run.differences
      const listed = yield* listAll(run, calendar)
      count(run, "drift", run.differences - before)
      // The token of the changes is the older one, and so misses nothing.
      return { ...listed, token: changed.token }
    }
  }
  return yield* listAll(run, calendar)
})

/** Reads all calendars; one that fails is down for this pass, and keeps its token, as does one that is left alone. */
export const readPractice = Effect.fn("Sync.readPractice")(function* (
  run: Run
): Effect.fn.Return<Tokens, JournalError | LeaseLost> {
  const tokens: { [calendar: string]: string } = { ...run.progress.tokens }
  const again = new Set<string>()
  yield* Effect.forEach(
    run.plan.calendars,
    Effect.fnUntraced(function* (calendar) {
      const { name } = calendar
      const read = (yield* isResting(run, name))
        ? undefined
        : yield* readOne(run, calendar).pipe(
            Effect.catchTag("PracticeError", (error) => Effect.as(takeDown(run, name, error), undefined))
          )
      if (read?.token !== undefined) tokens[name] = read.token
      if (read === undefined ? run.progress.listAgain.includes(name) : read.isAgain) again.add(name)
    }),
    { discard: true }
  )
  return { tokens, listAgain: [...again] }
})
