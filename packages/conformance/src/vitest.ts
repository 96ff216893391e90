/**
 * The laws as tests of vitest, one a law, for the suite of an adapter. A law that could not be tried, and the one of two
 * opposite laws that the backend's capabilities do not choose, is a skipped test that says why.
 */
import * as Cause from "effect/Cause"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { afterAll, describe, it } from "vitest"
import type { Law } from "./Law.ts"
import { laws as allLaws } from "./Laws.ts"
import { chosen, tryLaw } from "./Run.ts"
import type { Subject } from "./Subject.ts"

/**
 * Declares the tests of a backend.
 *
 * @example
 * conformance("my adapter", Subject.layer({ first: Layer.merge(MyAdapter.layer, Subject.caller({ ... })) }))
 */
export const conformance = <E>(
  name: string,
  subject: Layer.Layer<Subject, E>,
  laws: ReadonlyArray<Law> = allLaws
): void => {
  describe(name, () => {
    const runtime = ManagedRuntime.make(subject)
    afterAll(() => runtime.dispose())
    for (const law of laws) {
      it(`${law.operation} ${law.name}`, async ({ skip }) => {
        if ((await runtime.runPromise(chosen([law]))).length === 0) skip("the backend declares the opposite")
        const { cause, outcome } = await runtime.runPromise(tryLaw(law))
        if (outcome._tag === "NotRun") skip(outcome.reason)
        if (outcome._tag === "Fails") throw new Error(outcome.problem, { cause: cause && Cause.squash(cause) })
      })
    }
  })
}
