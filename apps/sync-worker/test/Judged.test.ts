/** Events that stay as they are while what they are judged by changes: settings, and Bookio's calendars. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { at, doctors, holding } from "./Doctors.ts"

// 5 June 2026 as the database counts days.
const fifthOfJune = Math.floor(Date.UTC(2026, 5, 5) / 86_400_000)

describe("an event that stays as it is", () => {
  it.effect("MUST be sent once the other doctor's calendar ends before it", () =>
    Effect.gen(function* () {
      const { blocked, parked, process, put, sql } = yield* doctors()
      const before = yield* process()
      put("meeting.ics", ...at("1000", "1100"))
      yield* before.passes(3)
      assert.deepStrictEqual(yield* parked, ["NotSent"])
      assert.deepStrictEqual(yield* blocked, [])
      yield* sql(`UPDATE calendar SET valid_to_day = ${fifthOfJune} WHERE id = 2`)
      const after = yield* process()
      yield* after.pass()
      assert.deepStrictEqual(yield* blocked, ["10T10:00 11:00"])
      assert.deepStrictEqual(yield* parked, [])
      assert.isUndefined((yield* after.passes(2))?.get("writes"))
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST NOT go on closing the calendar of a doctor who came since", () =>
    Effect.gen(function* () {
      const { blocked, journal, parked, plan, process, put, sql } = yield* doctors({ validTo: "2026-06-05" })
      const before = yield* process()
      put("meeting.ics", ...at("1000", "1100"))
      put("over.ics", ...at("0700", "0800", "01"))
      yield* before.passes(3)
      assert.deepStrictEqual(yield* blocked, ["10T10:00 11:00"])
      yield* sql("UPDATE calendar SET valid_to_day = (SELECT MAX(valid_to_day) FROM calendar)")
      const after = yield* process()
      yield* after.pass()
      assert.deepStrictEqual(yield* blocked, [])
      assert.deepStrictEqual(yield* parked, ["NotSent"])
      assert.isUndefined((yield* after.passes(2))?.get("writes"))
      yield* after.pass(true)
      assert.deepStrictEqual(yield* parked, ["NotSent"])

      yield* sql(`UPDATE calendar SET valid_to_day = ${fifthOfJune} WHERE id = 2`)
      yield* (yield* process()).passes(2)
      assert.deepStrictEqual(yield* blocked, ["10T10:00 11:00"], "it can be sent again")
      assert.deepStrictEqual(yield* journal.conflicts(plan.key), [])
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST be held at once when settings say so, and as long as opening hours become", () =>
    Effect.gen(function* () {
      const { parked, process, put, sql, taken } = yield* doctors()
      const before = yield* process()
      put("long.ics", ...at("0900", "1800"))
      yield* before.passes(3)
      const after = yield* process(holding())
      yield* after.pass()
      assert.deepStrictEqual(yield* taken, ["10T09:00 16:00"])
      assert.deepStrictEqual(yield* parked, [])
      yield* sql("UPDATE opening_interval SET to_minutes = 1080")
      yield* (yield* process(holding())).pass()
      assert.deepStrictEqual(yield* taken, ["10T09:00 18:00"])
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST NOT be read again while nothing has changed that it is judged by", () =>
    Effect.gen(function* () {
      const { listings, process, put } = yield* doctors({ novak: holding() })
      put("long.ics", ...at("0900", "1800"))
      yield* (yield* process()).passes(3)
      const before = listings()
      yield* TestClock.adjust("20 hours")
      yield* (yield* process()).passes(12)
      assert.strictEqual(listings(), before)
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})
