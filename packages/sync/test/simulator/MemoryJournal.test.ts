import { item, options, put } from "@bookio-kit/conformance/journal/JournalLaw"
import { journalLaws } from "@bookio-kit/conformance/journal/JournalLaws"
import { FacilityKey } from "@bookio-kit/core/sync/Journal"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import * as MemoryJournal from "../../src/simulator/MemoryJournal.ts"

const facility = FacilityKey.make("facility")

describe("the journal in memory", () => {
  for (const { name, run } of journalLaws) {
    it.effect(name, () => run({ journal: MemoryJournal.make().journal, pass: (ms) => TestClock.adjust(ms) }))
  }

  it("MUST have the secret that it is given, and zeros else", () => {
    const secret = new Uint8Array(32).fill(7)
    assert.deepStrictEqual(Redacted.value(MemoryJournal.make({ secret }).journal.secret), secret)
    assert.deepStrictEqual(Redacted.value(MemoryJournal.make().journal.secret), new Uint8Array(32))
  })

  it.effect("MUST share no state that can change with whoever put or read an item", () =>
    Effect.gen(function* () {
      const { journal } = MemoryJournal.make()
      const lease = yield* journal.acquire(facility, options("a"))
      const state = { term: { startMs: 1, endMs: 2 }, status: "CONFIRMED" as const, text: "before" }
      yield* journal.commit(lease, [put(item(1, { base: state }))])
      state.text = "after"
      state.term.endMs = 3
      const [kept] = yield* journal.byId(facility, [1])
      assert.deepStrictEqual(kept?.base, { term: { startMs: 1, endMs: 2 }, status: "CONFIRMED", text: "before" })
      assert.throws(() => Object.assign(kept!.base!.term, { endMs: 4 }))
      assert.throws(() => (kept!.late as Array<unknown>).push(1))
    })
  )

  it.effect("MUST go back to a snapshot, with its leases, as often as it is asked", () =>
    Effect.gen(function* () {
      const { journal, restore, snapshot } = MemoryJournal.make()
      const lease = yield* journal.acquire(facility, options("a"))
      yield* journal.commit(lease, [
        put(item(1, { dueMs: 5, bookioId: 7 })),
        { _tag: "Seen", side: "practice", listing: 1, itemIds: [1] },
        { _tag: "Trail", entry: { itemId: 1, atMs: 1, step: "a", detail: "b" } },
        { _tag: "Progress", progress: { cursor: 1 } },
        { _tag: "Removal", removal: { atMs: 1, cause: "bookio", uid: "u" } },
        { _tag: "Conflict", conflict: { id: 1, itemId: 1, sinceMs: 1, field: "term", state: "open" } },
        { _tag: "Pass", pass: { id: 1, startedMs: 1, endedMs: 2, outcome: "done", counts: {} } }
      ])
      const told = Effect.gen(function* () {
        const query = { side: "practice", kinds: ["reservation"], listing: 1, endsFromMs: 0 } as const
        return [
          yield* journal.due(facility, 10, 10),
          yield* journal.byBookioId(facility, "reservation", [7, 8]),
          yield* journal.unseen(facility, query, 10),
          yield* journal.trail(facility, 1),
          yield* journal.progress(facility),
          yield* journal.removedSince(facility, "bookio", 0),
          yield* journal.conflicts(facility),
          yield* journal.passes(facility, 10)
        ]
      })
      const before = yield* told
      const backup = snapshot()
      for (const _ of [1, 2]) {
        yield* journal.release(lease)
        const other = yield* journal.acquire(facility, options("b"))
        yield* journal.commit(other, [{ _tag: "Drop", itemId: 1 }, put(item(2, { bookioId: 8 }))])
        yield* journal.prune(other, { recordsMs: 5000, conflictsMs: 5000, passesMs: 5000 })
        assert.notDeepEqual(yield* told, before)
        restore(backup)
        assert.deepStrictEqual(yield* told, before)
        assert.strictEqual((yield* Effect.flip(journal.commit(other, [])))._tag, "LeaseLost")
        yield* journal.commit(lease, [{ _tag: "Removal", removal: { atMs: 2, cause: "practice", uid: "v" } }])
      }
    })
  )
})
