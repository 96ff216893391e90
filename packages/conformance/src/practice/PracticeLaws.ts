/** All laws for practice calendars, and how one is tried without a test runner. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { Outcome } from "../Report.ts"
import type { PracticeLaw } from "./PracticeLaw.ts"
import type { PracticeSubject } from "./PracticeSubject.ts"
import { readingLaws } from "./ReadLaws.ts"
import { writeLaws } from "./WriteLaws.ts"

/** Every law of the port, those about reading first. */
export const practiceLaws: ReadonlyArray<PracticeLaw> = [...readingLaws, ...writeLaws]

/** Tries one law. */
export const tryPracticeLaw = Effect.fnUntraced(function* (
  law: PracticeLaw
): Effect.fn.Return<Outcome, never, PracticeSubject> {
  const exit = yield* Effect.exit(law.run)
  if (Exit.isSuccess(exit)) return { _tag: "Holds" }
  if (Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.interrupt
  const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  if (error?._tag === "NotRun") return { _tag: "NotRun", reason: error.reason }
  return { _tag: "Fails", problem: error?.problem ?? `defect: ${Cause.pretty(exit.cause)}` }
})
