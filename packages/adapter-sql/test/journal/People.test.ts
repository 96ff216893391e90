import { item, options, put } from "@bookio-kit/conformance/journal/JournalLaw"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { eraseTexts, textsOf } from "../../src/journal/People.ts"
import { facility, open, temporaryFile } from "./Support.ts"

const state = (text: string) => ({ term: { startMs: 0, endMs: 1000 }, status: "CONFIRMED", text }) as const

/** Reservations 11 and 12, the first with a conflict and an open intention. */
const planted = Effect.gen(function* () {
  const journal = yield* open(yield* temporaryFile)
  const lease = yield* journal.acquire(facility, options("worker"))
  yield* journal.commit(lease, [
    put(
      item(1, {
        bookioId: 11,
        base: state("A"),
        bookio: { state: state("B"), missing: 0, atMs: 1 },
        practice: { state: state("C"), missing: 0, atMs: 1 },
        intention: {
          id: 1,
          side: "practice",
          action: "update",
          target: state("D"),
          from: state("E"),
          storedMs: 1,
          state: "stored",
          attempts: 0
        },
        late: [{ side: "practice", target: state("F"), from: state("I"), untilMs: 5 }],
        conflict: 9
      })
    ),
    put(item(2, { bookioId: 12 })),
    // A blocked time of that id is somebody else's.
    put(item(3, { bookioId: 11, kind: "mirror" })),
    {
      _tag: "Conflict",
      conflict: {
        id: 9,
        itemId: 1,
        sinceMs: 1,
        field: "text",
        bookio: state("G"),
        practice: state("H"),
        state: "shown"
      }
    }
  ])
  yield* journal.release(lease)
  return journal
})

const texts = (found: Effect.Success<ReturnType<typeof textsOf>>) => found.map(({ text }) => text).join("")

describe("texts of persons in the journal", () => {
  it.effect("MUST be told wherever they stand", () =>
    Effect.gen(function* () {
      const journal = yield* planted
      assert.strictEqual(texts(yield* textsOf(journal, facility, [11])), "ABCDEFIGH")
      assert.strictEqual(texts(yield* textsOf(journal, facility, [10])), "")
    })
  )

  it.effect("MUST be emptied where no pass comes back to them, those of the reservation and no others", () =>
    Effect.gen(function* () {
      const journal = yield* planted
      const others = yield* journal.byId(facility, [2, 3])
      const erased = [10, 11].map((id) => ({ id, changedMs: 0 }))
      assert.deepStrictEqual(yield* eraseTexts(journal, facility, erased, options("cli")), { items: 1, pending: 1 })
      // What the practice calendar shows, and what is on its way there, are the pass's.
      assert.strictEqual(texts(yield* textsOf(journal, facility, [11])), "ABCDE")
      assert.deepStrictEqual(yield* journal.byId(facility, [2, 3]), others)
      // The lease was given back.
      yield* journal.acquire(facility, options("worker"))
    })
  )

  it.effect("MUST be emptied all, where there is no appointment", () =>
    Effect.gen(function* () {
      const journal = yield* planted
      const lease = yield* journal.acquire(facility, options("worker"))
      const [item] = yield* journal.byId(facility, [1])
      const { intention: _, ...alone } = item!
      yield* journal.commit(lease, [put({ ...alone, practice: { missing: 0, atMs: 1 } })])
      yield* journal.release(lease)
      const erased = [{ id: 11, changedMs: 0 }]
      assert.deepStrictEqual(yield* eraseTexts(journal, facility, erased, options("cli")), { items: 1, pending: 0 })
      assert.strictEqual(texts(yield* textsOf(journal, facility, [11])), "")
    })
  )

  it.effect("MUST count as pending until a pass has read the new name and is done with it", () =>
    Effect.gen(function* () {
      const journal = yield* planted
      const erase = (changedMs: number) => eraseTexts(journal, facility, [{ id: 12, changedMs }], options("cli"))
      assert.deepStrictEqual(yield* erase(2), { items: 1, pending: 1 })
      assert.strictEqual(texts(yield* textsOf(journal, facility, [12])), "Person 2".repeat(3))
      assert.deepStrictEqual(yield* erase(1), { items: 1, pending: 0 })
    })
  )

  it.effect("MUST stay as they are while a worker has the facility", () =>
    Effect.gen(function* () {
      const journal = yield* planted
      yield* journal.acquire(facility, options("worker"))
      const error = yield* Effect.flip(eraseTexts(journal, facility, [{ id: 11, changedMs: 0 }], options("cli")))
      assert.strictEqual(error._tag, "LeaseLost")
      assert.strictEqual(texts(yield* textsOf(journal, facility, [11])), "ABCDEFIGH")
    })
  )
})
