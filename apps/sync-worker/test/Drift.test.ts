/** What the daily comparison counts as missed by the passes before it: nothing, where nothing was. */
import { ExternalId } from "@bookio-kit/core/scalar/Id"
import { writeTerm } from "@bookio-kit/core/sync/Terms"
import { totalOf } from "@bookio-kit/sync/Admin"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { at, doctors, holding, zone } from "./Doctors.ts"

describe("drift", () => {
  it.effect("MUST NOT count what comes into the window or leaves it as the days go by", () =>
    Effect.gen(function* () {
      const { process, put } = yield* doctors({ novak: holding() })
      const { pass, passes } = yield* process()
      put("lunch.ics", ...at("1300", "1330", "01"), "RRULE:FREQ=WEEKLY")
      yield* passes(3)
      for (let day = 0; day < 35; day += 5) {
        yield* TestClock.adjust("5 days")
        assert.strictEqual((yield* pass()).counts.get("drift"), 0, `day ${day}`)
        yield* pass()
      }
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST count what a calendar did not tell by its token", () =>
    Effect.gen(function* () {
      const { journal, plan, process, put } = yield* doctors()
      const { passes } = yield* process()
      yield* passes(3)
      put("untold.ics", ...at("1000", "1100"))
      // A process whose calendar knows of the event in its listings only.
      const { pass } = yield* process({}, { silent: true })
      yield* TestClock.adjust("25 hours")
      assert.strictEqual((yield* pass()).counts.get("drift"), 1)
      assert.strictEqual(totalOf((yield* journal.counts(plan.key)).parked), 1)
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST leave the event of an old blocked time alone once the journal has forgotten it", () =>
    Effect.gen(function* () {
      const { events, journal, plan, process, sql } = yield* doctors()
      const { facilityId } = plan
      const term = { startMs: Date.UTC(2026, 5, 10, 7), endMs: Date.UTC(2026, 5, 10, 8) }
      const externalId = ExternalId.make(1000)
      yield* plan.bookio.createBlockedTime({ ...writeTerm(zone, term), externalId, note: "", facilityId })
      // As if the staff had made it: no channel has its id.
      yield* sql("DELETE FROM blocked_time_channel")
      const { pass, passes } = yield* process()
      yield* passes(3)
      assert.strictEqual(events().length, 1)
      yield* TestClock.setTime(Date.UTC(2027, 8, 1))
      yield* pass()
      for (let day = 0; day < 4; day++) {
        yield* TestClock.adjust("24 hours")
        const { counts } = yield* pass()
        assert.strictEqual(counts.get("changedEvents"), 0)
        assert.deepStrictEqual(yield* journal.items(plan.key, 10), [])
      }
      assert.strictEqual(events().length, 1)
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})
