/**
 * Wakes who waits for events: at once when this process has committed one, within a second when another process on the same
 * file has. One query serves all who wait, and wakes only those whose facilities it concerns.
 */
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import type { Database } from "../database/Database.ts"
import * as EventStore from "./EventStore.ts"

const pollEvery = "1 second"

/** Makes what waits until a facility has an event after an id; it must have read all up to that id. */
export const make = Effect.fnUntraced(function* (database: Database["Service"]) {
  const commits = yield* Queue.sliding<void>(1)
  const waiting = new Set<() => void>()
  // While nobody waits, nothing is looked at.
  const isAwaited = Latch.makeUnsafe()
  const newest = new Map<FacilityId, number>()
  // All from here on is looked at: who waits has read the feed later than this.
  // It was opened and brought to its tables a moment ago, so a failure is no state to serve in.
  let seen: number = (yield* Effect.orDie(database.read(EventStore.newest))) ?? 0
  const look = Effect.gen(function* () {
    for (const { facility_id, id } of yield* database.read(EventStore.newestByFacility(seen))) {
      newest.set(facility_id, id)
      seen = Math.max(seen, id)
    }
    for (const wake of waiting) wake()
    if (waiting.size === 0) isAwaited.closeUnsafe()
  })
  yield* database.onCommit(() => Queue.offerUnsafe(commits, undefined))
  yield* isAwaited.await.pipe(
    Effect.andThen(Effect.timeoutOption(Queue.take(commits), pollEvery)),
    Effect.andThen(look),
    // A database that fails is asked again, and tells its own readers.
    Effect.ignore,
    Effect.forever,
    Effect.forkScoped
  )
  return (facilities: ReadonlyArray<FacilityId>, after: number) =>
    Effect.callback<void>((resume) => {
      const wake = () => {
        if (!facilities.some((id) => (newest.get(id) ?? 0) > after)) return
        waiting.delete(wake)
        resume(Effect.void)
      }
      waiting.add(wake)
      isAwaited.openUnsafe()
      wake()
      return Effect.sync(() => waiting.delete(wake))
    })
})
