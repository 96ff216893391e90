/** Questions to someone at a terminal; where there is none, the answer must be a flag. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import { CommandError } from "./Failure.ts"

/** Asks; a Ctrl-C at the question ends the run as everywhere. */
export const ask = <A>(prompt: Prompt.Prompt<A>): Effect.Effect<A> =>
  Prompt.run(prompt).pipe(
    Effect.catchTag("QuitError", () => Effect.interrupt),
    Effect.provide(NodeServices.layer)
  )

/** Asks for a yes. @errors `CommandError` for a no. */
export const askYes = (message: string) =>
  Effect.flatMap(ask(Prompt.Confirm({ message })), (isYes) =>
    isYes ? Effect.void : Effect.fail(new CommandError({ why: "it was not confirmed", fix: "nothing was changed" }))
  )

/** Asks for a text. */
export const askText = (message: string, initial: string) => ask(Prompt.String({ message, default: initial }))

/** Asks for a text that is not shown. */
export const askSecret = (message: string) => ask(Prompt.Hidden({ message }))
