/** The laws for practice calendars as tests of vitest, one a law; what could not be tried is skipped and says why. */
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { afterAll, describe, it } from "vitest"
import { practiceLaws, tryPracticeLaw } from "./PracticeLaws.ts"
import type { PracticeSubject } from "./PracticeSubject.ts"

/**
 * Declares the tests of a calendar.
 *
 * @example
 * practiceConformance("my calendar", PracticeSubject.layer(
 *   Effect.map(MyCalendar.make(options), (calendar) => PracticeSubject.make(calendar, { tokens: "changes" }))
 * ))
 */
export const practiceConformance = <E>(name: string, subject: Layer.Layer<PracticeSubject, E>): void => {
  describe(name, () => {
    const runtime = ManagedRuntime.make(subject)
    afterAll(() => runtime.dispose())
    for (const law of practiceLaws) {
      it(`${law.method} ${law.name}`, async ({ skip }) => {
        const outcome = await runtime.runPromise(tryPracticeLaw(law))
        if (outcome._tag === "NotRun") skip(outcome.reason)
        if (outcome._tag === "Fails") throw new Error(outcome.problem)
      })
    }
  })
}
