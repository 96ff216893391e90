/** A journal that was put back to an earlier state: what the worker wrote since then must not pass for the practice's doing. */
import { resolve, resume } from "@bookio-kit/sync/Admin"
import { makeFacilitySync } from "@bookio-kit/sync/Pass"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { practice } from "./Practice.ts"

/** Two sides in step; `pass` is one of a process of its own. */
const open = Effect.gen(function* () {
  const opened = yield* practice
  const pass = Effect.gen(function* () {
    yield* TestClock.adjust("1 minute")
    const { plan } = yield* opened.open
    return yield* (yield* makeFacilitySync(plan, opened.journal, "test")).pass()
  })
  yield* pass
  yield* pass
  const { bookio, facilityId } = opened.plan
  const statuses = Effect.map(bookio.listReservations({ facilityId }), ({ rows }) => rows.map(({ status }) => status))
  return { ...opened, pass, statuses }
})

describe("a journal that was put back", () => {
  it.effect("MUST NOT cancel in Bookio again what was confirmed there since", () =>
    Effect.gen(function* () {
      const { events, journal, pass, plan, restore, snapshot, statuses, textOf } = yield* open
      const backup = snapshot()
      const [row] = (yield* plan.bookio.listReservations({ facilityId: plan.facilityId })).rows
      if (row === undefined) return assert.fail("the seed has reservations")
      const { id } = row
      yield* plan.bookio.changeStatus(id, { status: "CANCELLED" })
      yield* pass
      yield* plan.bookio.changeStatus(id, { status: "CONFIRMED" })
      restore(backup)

      const halted = yield* Effect.flip(pass)
      assert.match(String(halted), /1 events bear a mark of ours that is later than this journal/)
      assert.deepStrictEqual(yield* statuses, ["CONFIRMED", "CONFIRMED", "CONFIRMED"])
      assert.strictEqual((yield* Effect.flip(pass))._tag, "Halted", "it stands still until someone says so")

      yield* resume(journal, plan.key, "test")
      yield* pass
      const [conflict, ...others] = yield* journal.conflicts(plan.key)
      assert.deepStrictEqual(others, [])
      if (conflict === undefined) return assert.fail("nobody is asked")
      assert.strictEqual(conflict.field, "status")
      assert.deepStrictEqual(yield* statuses, ["CONFIRMED", "CONFIRMED", "CONFIRMED"], "someone is asked first")

      const cancelled = () => events().filter((name) => /^STATUS:CANCELLED/m.test(textOf(name))).length
      assert.strictEqual(cancelled(), 1)
      yield* resolve(journal, plan.key, "test", conflict, "bookio")
      yield* pass
      assert.isUndefined((yield* pass).counts.get("writes"))
      assert.strictEqual(cancelled(), 0)
      assert.deepStrictEqual(yield* statuses, ["CONFIRMED", "CONFIRMED", "CONFIRMED"])
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST go on where nothing was written since", () =>
    Effect.gen(function* () {
      const { pass, restore, snapshot } = yield* open
      const backup = snapshot()
      yield* pass
      restore(backup)
      assert.isUndefined((yield* pass).counts.get("writes"))
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})
