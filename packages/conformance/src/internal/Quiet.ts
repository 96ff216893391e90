/** What compares two answers says nothing where the records changed between them: then it is asked again, three times. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { LawFailure, NotRun } from "../Law.ts"

/** Makes claims over several answers, and takes a failure for one only if what is watched has stayed the same. */
export const quiet = <E, R, E2, R2>(
  watched: Effect.Effect<number, E, R>,
  claims: Effect.Effect<void, E2, R2>
): Effect.Effect<void, E | E2 | NotRun, R | R2> =>
  Effect.gen(function* () {
    for (let attempt = 0; attempt < 3; attempt++) {
      const before = yield* watched
      const answer = yield* Effect.result(claims)
      if (Result.isSuccess(answer)) return
      const isClaim = answer.failure instanceof LawFailure
      if (!isClaim || (yield* watched) === before) return yield* Effect.fail(answer.failure)
    }
    return yield* new NotRun({ reason: "the listing keeps changing" })
  })
