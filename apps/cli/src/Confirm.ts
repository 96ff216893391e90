/** What deletes or cancels asks first. */
import * as Effect from "effect/Effect"
import { usageError } from "./Failure.ts"
import { Invocation } from "./Invocation.ts"

/** Goes on with `--yes`, or after a yes at a terminal. @errors `CommandError` for a no, and where nobody can be asked. */
export const confirm = Effect.fnUntraced(function* (yes: boolean, question: string) {
  if (yes) return
  const { screen } = yield* Invocation
  if (!screen.canAsk) return yield* usageError("nobody can be asked here", "give --yes to mean it")
  // Loaded here, for what asks is not needed by most.
  const { askYes } = yield* Effect.promise(() => import("./Prompt.ts"))
  yield* askYes(question)
})
