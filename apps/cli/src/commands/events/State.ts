/** The file that keeps how far a follower of events is. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const Place = Schema.fromJsonString(
  Schema.Struct({
    /** The server or database, for the ids of another feed mean nothing. */
    feed: Schema.String,
    after: Schema.Int
  })
)
const decode = Schema.decodeUnknownResult(Place)

const wrong = (problem: string) => new SettingsError({ problems: [`--state: ${problem}`] })

/** The id behind which to go on; absent where there is no file yet. @errors `SettingsError` for a file of something else. */
export const readState = Effect.fnUntraced(function* (path: string, feed: string) {
  if (!existsSync(path)) return undefined
  const text = yield* Effect.try({
    try: () => readFileSync(path, "utf8"),
    catch: () => wrong(`${path} cannot be read`)
  })
  const place = decode(text)
  if (Result.isFailure(place)) return yield* wrong(`${path} is no place in a feed`)
  if (place.success.feed !== feed) return yield* wrong(`${path} is a place in the feed of ${place.success.feed}`)
  return place.success.after
})

/** Keeps the id; the file is whole at any moment. */
export const writeState = (path: string, feed: string, after: number) =>
  Effect.try({
    try: () => {
      writeFileSync(`${path}.new`, `${JSON.stringify({ feed, after })}\n`, { mode: 0o600 })
      renameSync(`${path}.new`, path)
    },
    catch: () => wrong(`${path} cannot be written`)
  })
