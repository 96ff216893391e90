/** What a pass tells of listings that were not complete: they prove nothing of their side. */
import { makeFacilitySync } from "@bookio-kit/sync/Pass"
import type { FacilityPlan } from "@bookio-kit/sync/Plan"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { practice } from "./Practice.ts"

const passOf = (change: (plan: FacilityPlan) => FacilityPlan) =>
  Effect.gen(function* () {
    const { journal, plan } = yield* practice
    const sync = yield* makeFacilitySync(change(plan), journal, "test")
    const { isBookioComplete, uncovered } = yield* sync.pass()
    return { isBookioComplete, uncovered }
  }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))

const shortened = (plan: FacilityPlan): FacilityPlan => ({
  ...plan,
  calendars: plan.calendars.map((calendar) => ({
    ...calendar,
    practice: {
      ...calendar.practice,
      list: (window) =>
        Stream.map(calendar.practice.list(window), (part) =>
          part._tag === "End" ? { ...part, coverage: "unknown" as const } : part
        )
    }
  }))
})

describe("the report of a pass", () => {
  it.effect("MUST name the calendar whose listing was not complete, and no other side", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* passOf(shortened), { isBookioComplete: true, uncovered: ["Dr Novak"] })
      assert.deepStrictEqual(yield* passOf((plan) => plan), { isBookioComplete: true, uncovered: [] })
    })
  )
})
