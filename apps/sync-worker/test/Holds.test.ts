/** Holds that Bookio refuses, and that their time becomes free for; and what is left of those that are not needed any more. */
import { writeTerm } from "@bookio-kit/core/sync/Terms"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { at, doctors, holding, zone } from "./Doctors.ts"

const novak = holding()

describe("a hold that Bookio refuses", () => {
  it.effect("MUST be made as soon as the event in its way is gone", () =>
    Effect.gen(function* () {
      const { journal, parked, plan, process, put, remove, taken } = yield* doctors({ novak })
      const { pass, passes } = yield* process()
      put("a.ics", ...at("0900", "1100"))
      yield* passes(2)
      put("b.ics", ...at("1000", "1200"))
      put("c.ics", ...at("1030", "1130"))
      yield* passes(2)
      assert.deepStrictEqual(yield* taken, ["10T09:00 11:00"])
      assert.deepStrictEqual(yield* parked, ["Refused", "Refused"])
      remove("a.ics")
      yield* pass()
      const [held, ...others] = yield* taken
      assert.oneOf(held, ["10T10:00 12:00", "10T10:30 11:30"])
      assert.deepStrictEqual(others, [])
      assert.deepStrictEqual(yield* parked, ["Refused"])
      assert.strictEqual((yield* journal.conflicts(plan.key, "open")).length, 1)
      // What is known to be in its way is not asked about, whatever the clock says.
      for (let hour = 0; hour < 5; hour++) {
        yield* TestClock.adjust("61 minutes")
        assert.isUndefined((yield* pass()).counts.get("writes"))
      }
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST be made as soon as the reservation in its way is cancelled, or moved away", () =>
    Effect.forEach(["cancelled", "moved"], (how) =>
      Effect.gen(function* () {
        const { parked, plan, process, put, reservations, taken } = yield* doctors({
          novak,
          booked: "2026-06-10T09:00"
        })
        const { pass, passes } = yield* process()
        put("a.ics", ...at("0900", "1100"))
        yield* passes(3)
        assert.deepStrictEqual(yield* parked, ["Refused"])
        const [booked] = yield* reservations
        if (booked === undefined) return assert.fail("there is one")
        const later = { startMs: Date.UTC(2026, 5, 10, 10), endMs: Date.UTC(2026, 5, 10, 10, 30) }
        yield* how === "moved"
          ? plan.bookio.changeTerm(booked.id, writeTerm(zone, later))
          : plan.bookio.changeStatus(booked.id, { status: "CANCELLED" })
        yield* pass()
        assert.strictEqual((yield* taken)[0], "10T09:00 11:00", how)
        assert.deepStrictEqual(yield* parked, [])
        assert.isUndefined((yield* passes(3))?.get("writes"))
      }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
    )
  )

  it.effect("MUST be tried again within the hour where nobody saw its time become free", () =>
    Effect.gen(function* () {
      const { journal, plan, process, put, remove, taken } = yield* doctors({ novak })
      const first = yield* process()
      put("a.ics", ...at("0900", "1100"))
      yield* first.passes(2)
      put("b.ics", ...at("1000", "1200"))
      yield* first.passes(2)
      remove("a.ics")
      // Killed once a's is known to be cancelled, and before b is made due for that.
      const killing: typeof journal = {
        ...journal,
        commit: (lease, changes) =>
          changes.some((change) => change._tag === "Put" && change.item.parked !== undefined)
            ? Effect.die("killed")
            : journal.commit(lease, changes)
      }
      assert.strictEqual((yield* Effect.exit((yield* process(novak, { journal: killing })).pass()))._tag, "Failure")
      assert.deepStrictEqual(yield* taken, [])
      const { pass } = yield* process()
      yield* pass()
      yield* TestClock.adjust("1 hour")
      yield* pass()
      assert.deepStrictEqual(yield* taken, ["10T10:00 12:00"])
      assert.deepStrictEqual((yield* journal.counts(plan.key)).parked, {})
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST NOT be made and cancelled in pass after pass where it cannot have its length", () =>
    Effect.gen(function* () {
      const { parked, process, put, reservations, taken } = yield* doctors({ novak, booked: "2026-06-10T09:00" })
      const { pass, passes } = yield* process()
      put("a.ics", ...at("0830", "1100"))
      yield* passes(3)
      assert.deepStrictEqual(yield* taken, ["10T09:00 09:30"])
      assert.deepStrictEqual(yield* parked, ["Refused"])
      for (let hour = 0; hour < 5; hour++) {
        yield* TestClock.adjust("61 minutes")
        assert.isUndefined((yield* pass()).counts.get("writes"))
      }
      yield* TestClock.adjust("25 hours")
      yield* passes(2)
      const rows = yield* reservations
      assert.strictEqual(rows.length, 2)
      assert.isFalse(rows.some(({ needsSync }) => needsSync))
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST be made earlier where its service is longer than the rest of the opening", () =>
    Effect.gen(function* () {
      const { parked, process, put, taken } = yield* doctors({ novak: holding(1) })
      const { passes } = yield* process()
      put("late.ics", ...at("1545", "1900"))
      put("early.ics", ...at("0700", "0810"))
      yield* passes(2)
      assert.deepStrictEqual(yield* taken, ["10T08:00 08:10", "10T15:45 16:00"])
      assert.deepStrictEqual(yield* parked, [])
      assert.isUndefined((yield* passes(2))?.get("writes"))
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})

describe("a hold that is not needed any more", () => {
  it.effect("MUST be known for ours once settings hold otherwise", () =>
    Effect.gen(function* () {
      const { journal, parked, plan, process, put, remove, reservations, taken } = yield* doctors({ novak })
      const { passes } = yield* process()
      put("a.ics", ...at("0900", "1100"))
      put("b.ics", ...at("1200", "1300"))
      yield* passes(3)
      // Staff cancel the one, which is put back; the practice removes the other.
      const [first] = (yield* reservations).filter(({ dateFrom }) => dateFrom.slice(11, 13) === "09")
      if (first === undefined) return assert.fail("there is one")
      yield* plan.bookio.changeStatus(first.id, { status: "CANCELLED" })
      remove("b.ics")
      yield* passes(3)
      assert.deepStrictEqual(yield* taken, ["10T09:00 11:00"])
      const shown = Effect.map(journal.conflicts(plan.key), (conflicts) =>
        conflicts.filter(({ state }) => state !== "resolved").map(({ field }) => field)
      )
      assert.deepStrictEqual(yield* shown, ["put-back"])
      for (const settings of [{}, holding(2, "new@example.com"), holding(1)]) {
        const again = yield* process(settings)
        yield* again.passes(2)
        yield* again.pass(true)
        assert.isUndefined((yield* again.passes(2))?.get("writes"))
      }
      assert.deepStrictEqual(yield* taken, ["10T09:00 11:00"])
      assert.deepStrictEqual(yield* parked, [])
      assert.deepStrictEqual(yield* shown, [], "of what is gone nothing is told")
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST NOT stand in the way of the event when it comes back", () =>
    Effect.gen(function* () {
      const { events, journal, plan, process, put, remove, taken } = yield* doctors({ novak })
      const { passes } = yield* process()
      put("a.ics", ...at("0900", "1100"))
      yield* passes(2)
      remove("a.ics")
      yield* passes(2)
      put("a.ics", ...at("0900", "1100"))
      yield* passes(2)
      put("a.ics", ...at("0930", "1130"))
      yield* passes(2)
      assert.deepStrictEqual(yield* taken, ["10T09:30 11:30"])
      assert.deepStrictEqual(events(), ["a.ics"])
      yield* TestClock.setTime(Date.UTC(2027, 8, 1))
      yield* passes(1)
      assert.deepStrictEqual(yield* journal.items(plan.key, 10), [], "and is forgotten in the end")
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})
