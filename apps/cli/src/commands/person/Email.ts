/** The address of a person from a flag, or from standard input, where no other user of the machine can see it. */
import { text } from "node:stream/consumers"
import * as Effect from "effect/Effect"

/** Reads the flag. */
export const readEmail = (flag: string): Effect.Effect<string> =>
  flag === "-"
    ? Effect.map(
        Effect.promise(() => text(process.stdin)),
        (given) => given.trim()
      )
    : Effect.succeed(flag)
