/**
 * What was read from the database, by key, until anyone commits anything. A value is given out again as the same object, so
 * that what was made of it (such as its bytes on the wire) can be kept with it: it must not be changed.
 */
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import * as Effect from "effect/Effect"
import type { Database } from "./Database.ts"

/** Makes a memory of at most `capacity` values; what it has no room for is forgotten all at once. */
export const make = <A>(database: Database["Service"], capacity: number) => {
  let state: number | undefined
  let known = new Map<string, A>()
  return <E>(key: string, read: Effect.Effect<A, E>): Effect.Effect<A, E | BackendError> =>
    Effect.flatMap(database.state, (current) => {
      if (current !== state || known.size > capacity) {
        state = current
        known = new Map()
      }
      const value = known.get(key)
      if (value !== undefined) return Effect.succeed(value)
      // What is committed while it is read makes the state another one, in which this value is not asked for.
      const memory = known
      return Effect.map(read, (value) => {
        memory.set(key, value)
        return value
      })
    })
}
