/**
 * The journal on SQLite and the one in memory, side by side: any story of leases, commits and passing time is answered
 * equally, and leaves equal journals. FC_NUM_RUNS plays more.
 */
import {
  type Conflict,
  FacilityKey,
  type Journal,
  type JournalChange,
  type Lease,
  type PassRecord
} from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import * as MemoryJournal from "@bookio-kit/sync/simulator/MemoryJournal"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import fc from "fast-check"
import { open } from "./Support.ts"

const facilities = ["a", "b"].map((key) => FacilityKey.make(key))
const facility = fc.constantFrom(...facilities)
const small = fc.integer({ min: 1, max: 6 })
const side = fc.constantFrom("bookio", "practice")
const calendar = fc.constantFrom("doctor", "room")
const kind = fc.constantFrom("reservation", "busy", "hold", "mirror")

/** With members left out at random: a journal must not keep those of the state before. */
const some = <const T extends Record<string, fc.Arbitrary<unknown>>>(optional: T) =>
  fc.record(optional, { requiredKeys: [] })

const state = fc.record({
  term: fc.record({ startMs: small, endMs: small }),
  status: fc.constantFrom("CONFIRMED", "CANCELLED", "DID_NOT_COME"),
  text: fc.string({ unit: "binary", maxLength: 5 })
})

const observation = fc
  .tuple(fc.record({ missing: small, atMs: small }), some({ state }))
  .map(([members, optional]) => ({ ...members, ...optional }))

const intention = fc
  .tuple(
    fc.record({
      id: small,
      side,
      action: fc.constantFrom("create", "term", "status", "update", "remove"),
      storedMs: small,
      state: fc.constantFrom("stored", "unknown"),
      attempts: small
    }),
    some({ target: state, externalId: small, uid: fc.constantFrom("u", "v") })
  )
  .map(([members, optional]) => ({ ...members, ...optional }))

const late = fc
  .tuple(fc.record({ side, untilMs: small }), some({ externalId: small }))
  .map(([members, optional]) => ({ ...members, ...optional }))

const item: fc.Arbitrary<SyncItem> = fc
  .tuple(
    fc.record({
      id: small,
      kind,
      calendar,
      occurrence: fc.constantFrom("", "2026-11-22"),
      part: fc.constant(""),
      generation: small,
      bookio: observation,
      practice: observation,
      needsSync: fc.boolean(),
      isOwn: fc.boolean(),
      late: fc.array(late, { maxLength: 2 }),
      endMs: small
    }),
    some({
      bookioId: small,
      externalId: small,
      uid: fc.constantFrom("u", "v"),
      href: fc.constantFrom("/1", "/2"),
      etag: fc.string({ maxLength: 3 }),
      base: state,
      intention,
      parked: fc.record({ reason: fc.constant("R"), problem: fc.constant("P"), sinceMs: small }),
      dueMs: small
    })
  )
  .map(([members, optional]) => ({ ...members, ...optional }) as SyncItem)

const conflict: fc.Arbitrary<Conflict> = fc.record({
  id: small,
  itemId: small,
  sinceMs: small,
  field: fc.constant("term"),
  state: fc.constantFrom("open", "shown", "resolved")
})

const pass: fc.Arbitrary<PassRecord> = fc.record({
  id: small,
  startedMs: small,
  endedMs: small,
  outcome: fc.constant("done"),
  counts: fc.record({ requests: small })
})

const change: fc.Arbitrary<JournalChange> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ _tag: fc.constant("Put"), item }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Drop"), itemId: small }) },
  {
    weight: 2,
    arbitrary: fc.record({
      _tag: fc.constant("Seen"),
      side,
      listing: small,
      itemIds: fc.array(small, { maxLength: 4 })
    })
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Conflict"), conflict }) },
  {
    weight: 1,
    arbitrary: fc.record({
      _tag: fc.constant("Progress"),
      progress: fc.record({ cursor: small, rest: fc.constant([]) })
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      _tag: fc.constant("Removal"),
      removal: fc.record({ atMs: small, cause: side, uid: fc.constantFrom("u", "v", "w") })
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      _tag: fc.constant("Trail"),
      entry: fc.record({ itemId: small, atMs: small, step: fc.constant("send"), detail: fc.string({ maxLength: 3 }) })
    })
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Pass"), pass }) }
)

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("commit"), facility, changes: fc.array(change, { maxLength: 5 }) })
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("acquire"), facility, owner: fc.constantFrom("x", "y") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("release"), facility }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pass"), ms: fc.constantFrom(10, 100, 151) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("prune"),
      facility,
      from: fc.record({ recordsMs: small, conflictsMs: small, passesMs: small })
    })
  }
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

type Port = Journal["Service"]

const play = (journal: Port, leases: Map<FacilityKey, Lease>, now: Step): Effect.Effect<unknown, unknown> => {
  if (now.do === "pass") return Effect.void
  // One that was taken over is used on, as a worker would that does not know.
  const lease = leases.get(now.facility) ?? { facility: now.facility, fence: 1, untilMs: 0 }
  switch (now.do) {
    case "acquire":
      return Effect.tap(journal.acquire(now.facility, { owner: now.owner, durationMs: 100, graceMs: 50 }), (taken) =>
        Effect.sync(() => leases.set(now.facility, taken))
      )
    case "release":
      return journal.release(lease)
    case "prune":
      return journal.prune(lease, now.from)
    case "commit":
      return journal.commit(lease, now.changes)
  }
}

/** What came of a step, without causes. */
const told = (effect: Effect.Effect<unknown, unknown>) =>
  Effect.match(effect, {
    onSuccess: (value) => ({ value }),
    onFailure: (error) => {
      const { _tag, reason, remainingMs } = error as { _tag: string; reason?: string; remainingMs?: number }
      return { _tag, reason, remainingMs }
    }
  })

const numbers = [1, 2, 3, 4, 5, 6]

const readAll = (journal: Port) =>
  Effect.forEach(facilities, (key) =>
    Effect.all([
      journal.items(key, 100),
      journal.items(key, 2, 2),
      journal.byId(key, [3, 1, 1, 9]),
      journal.byBookioId(key, "reservation", numbers),
      journal.byBookioId(key, "blockedTime", [2, 4]),
      journal.byExternalId(key, [1, 2, 3]),
      journal.byUid(key, "doctor", ["u", "w"]),
      journal.byHref(key, "room", ["/1", "/2"]),
      journal.due(key, 4, 3),
      journal.due(key, 6, 3, { dueMs: 2, id: 3 }),
      journal.waiting(key, 2, 1),
      journal.unseen(key, { side: "bookio", kinds: ["reservation", "busy"], listing: 2, endsFromMs: 3 }, 9),
      journal.unseen(
        key,
        { side: "practice", kinds: ["reservation", "hold"], calendar: "doctor", listing: 1, endsFromMs: 1 },
        2,
        1
      ),
      journal.conflicts(key),
      journal.conflicts(key, "open"),
      journal.conflictsOf(key, 2),
      journal.removedSince(key, "practice", 3),
      journal.counts(key),
      Effect.forEach(numbers, (id) => journal.trail(key, id)),
      journal.passes(key, 4),
      journal.progress(key),
      journal.facilities
    ])
  )

describe("any story", () => {
  it.effect("MUST be answered equally on SQLite and in memory", () =>
    Effect.gen(function* () {
      const context = yield* Effect.context<never>()
      const story = Effect.fnUntraced(function* (steps: ReadonlyArray<Step>) {
        const journals = [yield* open(":memory:"), MemoryJournal.make().journal]
        const leases = journals.map(() => new Map<FacilityKey, Lease>())
        for (const now of [{ do: "acquire", facility: facilities[0]!, owner: "x" } as const, ...steps]) {
          if (now.do === "pass") yield* TestClock.adjust(now.ms)
          const outcomes = yield* Effect.forEach(journals, (journal, index) => told(play(journal, leases[index]!, now)))
          assert.deepStrictEqual(outcomes[0], outcomes[1])
          const [sql, memory] = yield* Effect.forEach(journals, readAll)
          assert.deepStrictEqual(sql, memory)
        }
      }, Effect.scoped)
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 25 }), (steps) => Effect.runPromiseWith(context)(story(steps))),
          { numRuns: Number(process.env.FC_NUM_RUNS ?? 100) }
        )
      )
    })
  )
})
