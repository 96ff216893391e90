/** JSON from a file, or from standard input. */
import { readFile } from "node:fs/promises"
import { text } from "node:stream/consumers"
import { settingsExitCode } from "@bookio-kit/core/settings/Settings"
import * as Effect from "effect/Effect"
import { CommandError } from "./Failure.ts"

const wrong = (why: string) => new CommandError({ why, exitCode: settingsExitCode })

/** What a JSON file holds; `-` is standard input. @errors `CommandError` for one that cannot be read, or is no JSON. */
export const readJson = Effect.fnUntraced(function* (path: string) {
  const name = path === "-" ? "standard input" : path
  const content = yield* Effect.tryPromise({
    try: () => (path === "-" ? text(process.stdin) : readFile(path, "utf8")),
    catch: () => wrong(`${name} cannot be read`)
  })
  return yield* Effect.try({
    try: () => JSON.parse(content) as unknown,
    catch: () => wrong(`${name} is not valid JSON`)
  })
})
