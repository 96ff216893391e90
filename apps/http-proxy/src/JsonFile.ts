/** JSON files that settings name. */
import { readFile } from "node:fs/promises"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import * as Effect from "effect/Effect"

/** Reads a file that a setting names. @errors `SettingsError` for one that cannot be read, or is not JSON. */
export const readJsonFile = Effect.fnUntraced(function* (
  setting: string,
  path: string
): Effect.fn.Return<unknown, SettingsError> {
  const wrong = (problem: string) => new SettingsError({ problems: [`${setting}: ${problem}`] })
  const text = yield* Effect.tryPromise({
    try: () => readFile(path, "utf8"),
    catch: () => wrong(`the file ${path} cannot be read`)
  })
  return yield* Effect.try({ try: () => JSON.parse(text) as unknown, catch: () => wrong(`${path} is not valid JSON`) })
})
