/** The laws of leases: one holder at a time, whose fence is checked by every commit. */
import * as Effect from "effect/Effect"
import { claim, claimEqual } from "../internal/Expect.ts"
import { claimIds, claimLost, freshFacility, item, type JournalLaw, law, options, put } from "./JournalLaw.ts"

export const leaseLaws: ReadonlyArray<JournalLaw> = [
  law("MUST keep the fence of a lease that its owner renews in time", ({ facility, journal, lease, pass }) =>
    Effect.gen(function* () {
      yield* pass(30_000)
      const renewed = yield* journal.acquire(facility, options("law"))
      yield* claimEqual(renewed.fence, lease.fence, "the fence of the renewed lease")
      yield* claim(renewed.untilMs >= lease.untilMs + 30_000, "the renewed lease ends no later")
      yield* pass(59_000)
      yield* journal.commit(lease, [put(item(1))])
    })
  ),
  law("MUST refuse another's lease until it ended and the grace after it", ({ facility, journal, lease, pass }) =>
    Effect.gen(function* () {
      const { remainingMs = 0 } = yield* claimLost(
        journal.acquire(facility, options("other")),
        "a lease that is in force"
      )
      yield* claim(remainingMs > 0 && remainingMs <= 60_000, `${remainingMs} ms are left, which is not in 1 to 60000`)
      yield* pass(69_000)
      yield* claimLost(journal.acquire(facility, options("other")), "a lease that ended within the grace")
      yield* pass(1000)
      const taken = yield* journal.acquire(facility, options("other"))
      yield* claim(taken.fence > lease.fence, "the fence does not rise by a take-over")
      yield* claimLost(journal.commit(lease, [put(item(1))]), "a commit under a lease that was taken over")
      yield* claimLost(
        journal.prune(lease, { recordsMs: 0, conflictsMs: 0, passesMs: 0 }),
        "pruning under a lease that was taken over"
      )
      yield* journal.release(lease)
      yield* journal.commit(taken, [put(item(2))])
      yield* claimIds(journal.items(facility, 10), [2], "what is stored")
    })
  ),
  law("MUST refuse a commit once its lease has ended, and give its owner a higher fence", (bench) =>
    Effect.gen(function* () {
      const { facility, journal, lease } = bench
      yield* bench.pass(60_000)
      yield* claimLost(bench.commit(put(item(1))), "a commit under a lease that ended")
      const again = yield* journal.acquire(facility, options("law"))
      yield* claim(again.fence > lease.fence, "the fence does not rise by a new lease")
      yield* claimLost(bench.commit(put(item(1))), "a commit under the fence before")
      yield* claimIds(journal.items(facility, 10), [], "what is stored")
    })
  ),
  law("MUST give a lease that was given back to anyone at once", (bench) =>
    Effect.gen(function* () {
      yield* bench.journal.release(bench.lease)
      yield* claimLost(bench.commit(), "a commit under a lease that was given back")
      const other = yield* bench.journal.acquire(bench.facility, options("other"))
      yield* claim(other.fence > bench.lease.fence, "the fence does not rise by another's lease")
    })
  ),
  law("MUST keep facilities apart, and list them", (bench) =>
    Effect.gen(function* () {
      const { journal } = bench
      const other = yield* freshFacility
      yield* claimLost(journal.commit({ ...bench.lease, facility: other }, []), "a commit for an unknown facility")
      const lease = yield* journal.acquire(other, options("other"))
      yield* bench.commit(put(item(1, { bookioId: 7, uid: "u", href: "h", externalId: 9, dueMs: 1 })))
      yield* journal.commit(lease, [put(item(1, { calendar: "room" }))])
      for (const read of [
        journal.byBookioId(other, "reservation", [7]),
        journal.byUid(other, "doctor", ["u"]),
        journal.byHref(other, "doctor", ["h"]),
        journal.byExternalId(other, [9]),
        journal.due(other, 10, 10)
      ]) {
        yield* claimIds(read, [], "what another facility is told")
      }
      yield* claimEqual(yield* journal.byId(other, [1]), [item(1, { calendar: "room" })], "the other's item")
      const known = yield* journal.facilities
      yield* claim(known.includes(bench.facility) && known.includes(other), "a facility is not listed")
    })
  )
]
