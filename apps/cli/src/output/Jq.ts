/** `--jq`: what a jq expression makes of JSON, by the package jqjs, which is written in JavaScript alone. */
import jq from "@michaelhomer/jqjs"
import * as Effect from "effect/Effect"
import { usageError } from "../Failure.ts"

/** The results, one a line; texts as they are, as `jq -r` gives them. @errors `CommandError` for an expression that is wrong. */
export const jqLines = (expression: string, value: unknown) =>
  Effect.gen(function* () {
    const filter = yield* Effect.try({
      try: () => jq.compile(expression),
      catch: () =>
        usageError("--jq is no expression of jq that can be read", "https://jqlang.org/manual tells the language")
    })
    // A message of jq repeats the value that it could not take.
    return yield* Effect.try({
      try: () => Array.from(filter(value), (result) => (typeof result === "string" ? result : JSON.stringify(result))),
      catch: () => usageError("--jq does not fit what was read", "`--json` shows its form")
    })
  })
