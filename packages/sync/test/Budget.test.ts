import type { JournalChange } from "@bookio-kit/core/sync/Journal"
import type { Decision, SideChange } from "@bookio-kit/core/sync/Reconcile"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { takeFromBudget } from "../src/Budget.ts"
import type { Run } from "../src/Run.ts"

const runOf = (links: number, before = 0, allowedUntilMs?: number): Run =>
  ({
    plan: { deletionBudget: { count: 5, percent: 10 } },
    progress: allowedUntilMs === undefined ? {} : { removalsAllowedUntilMs: allowedUntilMs },
    removals: { bookio: before, practice: before, links },
    removed: { bookio: new Set(), practice: new Set() }
  }) as unknown as Run

const decided: Decision = { agreed: undefined, toBookio: undefined, toPractice: undefined, conflicts: [] }
const remove: SideChange = { _tag: "Remove" }

const take = (run: Run, uid: string, change: SideChange = remove, decision = decided) => {
  const pending: Array<JournalChange> = []
  const item = { id: 1, kind: "busy", uid } as unknown as SyncItem
  return Effect.map(takeFromBudget(run, pending, "practice", item, change, decision, 1_000), () => pending)
}

const isHalted = (run: Run, times: number) =>
  Effect.map(
    Effect.exit(
      Effect.forEach(
        Array.from({ length: times }, (_, index) => `u${index}`),
        (uid) => take(run, uid)
      )
    ),
    Exit.isFailure
  )

describe("the deletion budget", () => {
  it.effect("MUST stop at the sixth of few links, and not at the fifth", () =>
    Effect.gen(function* () {
      assert.isFalse(yield* isHalted(runOf(10), 5))
      assert.isTrue(yield* isHalted(runOf(10), 6))
    })
  )

  it.effect("MUST be a tenth of many links", () =>
    Effect.gen(function* () {
      assert.isFalse(yield* isHalted(runOf(100), 10))
      assert.isTrue(yield* isHalted(runOf(100), 11))
    })
  )

  it.effect("MUST count what the last 24 hours took away before", () =>
    Effect.gen(function* () {
      assert.isFalse(yield* isHalted(runOf(10, 4), 1))
      assert.isTrue(yield* isHalted(runOf(10, 4), 2))
    })
  )

  it.effect("MUST count a series once, and store what it counted", () =>
    Effect.gen(function* () {
      const run = runOf(10)
      assert.deepStrictEqual(yield* take(run, "series"), [
        { _tag: "Removal", removal: { atMs: 1_000, cause: "practice", uid: "series" } }
      ])
      for (let index = 0; index < 20; index++) assert.deepStrictEqual(yield* take(run, "series"), [])
    })
  )

  it.effect("MUST count a blocked time once, in however many practice calendars it is shown", () =>
    Effect.gen(function* () {
      const run = runOf(10)
      const mirror = (uid: string) => ({ id: 1, kind: "mirror", uid, bookioId: 7 }) as unknown as SyncItem
      const pending: Array<JournalChange> = []
      for (const uid of ["a", "b", "c"]) {
        yield* takeFromBudget(run, pending, "bookio", mirror(uid), remove, decided, 1_000)
      }
      assert.strictEqual(pending.length, 1)
    })
  )

  it.effect("MUST count moves and cancellations, but nothing that gives back", () =>
    Effect.gen(function* () {
      const run = runOf(10)
      const counted = function* (change: SideChange, decision?: Decision) {
        return (yield* take(run, JSON.stringify([change, decision]), change, decision)).length
      }
      assert.strictEqual(yield* counted({ _tag: "Update", term: { startMs: 0, endMs: 1 } }), 1)
      assert.strictEqual(yield* counted({ _tag: "Update", status: "CANCELLED" }), 1)
      assert.strictEqual(yield* counted({ _tag: "Update", status: "CONFIRMED" }), 0)
      assert.strictEqual(yield* counted({ _tag: "Update", status: "DID_NOT_COME" }), 0)
      assert.strictEqual(yield* counted({ _tag: "Update", text: "x" }), 0)
      assert.strictEqual(yield* counted(remove, { ...decided, conflicts: [{ field: "put-back" }] }), 0)
    })
  )

  it.effect("MUST let through what someone allowed, until then", () =>
    Effect.gen(function* () {
      assert.isFalse(yield* isHalted(runOf(10, 0, 1_001), 20))
      assert.isTrue(yield* isHalted(runOf(10, 0, 1_000), 20))
    })
  )
})
