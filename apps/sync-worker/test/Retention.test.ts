/** What the journal forgets by settings, and that what it has forgotten is no news. */
import { makeFacilitySync } from "@bookio-kit/sync/Pass"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { practice } from "./Practice.ts"

describe("retention", () => {
  it.effect("MUST leave events alone whose records are forgotten, and forget passes by their own age", () =>
    Effect.gen(function* () {
      const { events, journal, plan, textOf } = yield* practice
      const retentionDays = { records: 30, conflicts: 400, passes: 2 }
      const sync = yield* makeFacilitySync({ ...plan, pastDays: 7, retentionDays }, journal, "test")
      const pass = Effect.andThen(TestClock.adjust("1 minute"), sync.pass())
      yield* pass
      const texts = () => events().map(textOf)
      const before = texts()
      assert.lengthOf(before, 3)
      const known = Effect.map(journal.items(plan.key, 10), (items) => items.length)
      const passes = Effect.map(journal.passes(plan.key, 100), (passes) => passes.length)

      // The three are of 2 June.
      yield* TestClock.setTime(Date.UTC(2026, 6, 1, 6))
      yield* pass
      assert.deepStrictEqual([yield* known, yield* passes], [3, 1])

      yield* TestClock.setTime(Date.UTC(2026, 6, 3, 7))
      yield* pass
      assert.deepStrictEqual([yield* known, yield* passes], [0, 1])

      for (const day of [4, 5]) {
        yield* TestClock.setTime(Date.UTC(2026, 6, day, 6))
        yield* pass
        assert.isUndefined((yield* pass).counts.get("writes"))
      }
      assert.strictEqual(yield* known, 0)
      assert.deepStrictEqual(texts(), before)
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})
