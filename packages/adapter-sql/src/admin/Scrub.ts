/**
 * Removes what deleted or overwritten rows left in a SQLite file: in free pages, in the slack of used ones, in the
 * write-ahead log. Other processes may have the file open; their writes wait while it is written anew. What the disk
 * itself keeps of freed blocks, and copies of the file, are out of its reach.
 */
import * as SqliteClient from "@bookio-kit/sqlite-client/SqliteClient"
import * as Effect from "effect/Effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Schedule from "effect/Schedule"
import type { SqlError } from "effect/sql/SqlError"

const patiently = <A>(effect: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> =>
  Effect.retry(effect, {
    while: (error) => error.isRetryable,
    schedule: Schedule.spaced("100 millis").pipe(Schedule.upTo({ duration: "10 seconds" }))
  })

/**
 * Writes the file anew from its rows and empties its log.
 *
 * @errors `SqlError`: retryable where another process kept the file locked for 10 seconds; then old text may still be in it.
 */
export const scrub = Effect.fn("Scrub.scrub")(
  function* (filename: string) {
    const client = yield* SqliteClient.make({ filename, busyTimeoutMs: 1000 })
    yield* patiently(client`VACUUM`.unprepared)
    yield* patiently(client.checkpoint)
  },
  Effect.scoped,
  Effect.provide(Reactivity.layer)
)
