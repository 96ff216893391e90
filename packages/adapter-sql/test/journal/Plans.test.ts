/** Every read and step of retention is answered from the index that is made for it: no plan reads a whole table. */
import { item, options } from "@bookio-kit/conformance/journal/JournalLaw"
import { Journal } from "@bookio-kit/core/sync/Journal"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Tracer } from "effect"
import { SqlClient } from "effect/sql"
import * as Database from "../../src/database/Database.ts"
import * as SqlJournal from "../../src/journal/Journal.ts"
import { tables } from "../../src/journal/Tables.ts"
import { facility } from "./Support.ts"

const unseen = { side: "practice", kinds: ["reservation", "busy"], listing: 1, endsFromMs: 1 } as const

const uses: {
  readonly [name: string]: readonly [index: string, (journal: Journal["Service"]) => Effect.Effect<unknown, unknown>]
} = {
  progress: ["INTEGER PRIMARY KEY", (journal) => journal.progress(facility)],
  byId: ["autoindex_item_1 (facility_id=? AND id=?)", (journal) => journal.byId(facility, [1, 2, 3])],
  byBookioId: ["item_bookio", (journal) => journal.byBookioId(facility, "reservation", [1, 2])],
  byExternalId: ["item_intention_external", (journal) => journal.byExternalId(facility, [1, 2])],
  byUid: ["item_uid", (journal) => journal.byUid(facility, "a", ["b", "c"])],
  byHref: ["item_href", (journal) => journal.byHref(facility, "a", ["b", "c"])],
  due: ["item_due", (journal) => journal.due(facility, 1, 10, { dueMs: 0, id: 0 })],
  "unseen of a calendar": [
    "COVERING INDEX item_in_practice",
    (journal) => journal.unseen(facility, { ...unseen, calendar: "a" }, 10, 5)
  ],
  "unseen in Bookio": [
    "COVERING INDEX item_in_bookio",
    (journal) => journal.unseen(facility, { ...unseen, side: "bookio" }, 10)
  ],
  items: ["(facility_id=? AND id>?)", (journal) => journal.items(facility, 10, 5)],
  waiting: ["item_waiting", (journal) => journal.waiting(facility, 10, 5)],
  conflicts: ["conflict_since", (journal) => journal.conflicts(facility)],
  "open conflicts": ["conflict_state", (journal) => journal.conflicts(facility, "open")],
  conflictsOf: ["conflict_item", (journal) => journal.conflictsOf(facility, 1)],
  removedSince: ["COVERING INDEX removal_cause", (journal) => journal.removedSince(facility, "practice", 1)],
  "counts of links": ["COVERING INDEX item_linked", (journal) => journal.counts(facility)],
  "counts of what is parked": ["COVERING INDEX item_parked", (journal) => journal.counts(facility)],
  trail: ["trail_item", (journal) => journal.trail(facility, 1)],
  passes: ["pass_started", (journal) => journal.passes(facility, 10)],
  "lease, commit and prune": [
    "item_settled",
    (journal) =>
      Effect.gen(function* () {
        const lease = yield* journal.acquire(facility, options("a"))
        yield* journal.commit(lease, [
          { _tag: "Put", item: item(1) },
          { _tag: "Drop", itemId: 2 },
          { _tag: "Seen", side: "bookio", listing: 1, itemIds: [1] },
          { _tag: "Trail", entry: { itemId: 1, atMs: 1, step: "a", detail: "b" } },
          { _tag: "Conflict", conflict: { id: 1, itemId: 1, sinceMs: 1, field: "term", state: "shown" } }
        ])
        yield* journal.prune(lease, { recordsMs: 5, conflictsMs: 5, passesMs: 5 })
        yield* journal.release(lease)
      })
  ]
}

/** A tracer that keeps the texts of statements. */
const recorder = (texts: Array<string>) =>
  Tracer.make({
    span: (span) => {
      const native = new Tracer.NativeSpan(span)
      const attribute = native.attribute.bind(native)
      return Object.assign(native, {
        attribute: (key: string, value: unknown) => {
          if (key === "db.query.text") texts.push(String(value))
          attribute(key, value)
        }
      })
    }
  })

describe("the plan of a read", () => {
  for (const [name, [index, use]] of Object.entries(uses)) {
    it.effect(`MUST search by an index: ${name}`, () =>
      Effect.gen(function* () {
        const context = yield* Layer.build(
          Layer.provideMerge(SqlJournal.layer, Database.layer({ filename: ":memory:", tables }))
        )
        const texts: Array<string> = []
        yield* Effect.withTracer(use(Context.get(context, Journal)), recorder(texts))
        const statements = texts.filter((text) => /^(SELECT|UPDATE|DELETE|INSERT)/.test(text))
        assert.isNotEmpty(statements)
        const explain = Effect.flatMap(SqlClient.SqlClient, (sql) =>
          Effect.forEach(statements, (text) =>
            sql.unsafe<{ readonly detail: string }>(
              `EXPLAIN QUERY PLAN ${text}`,
              [...text.matchAll(/\?/g)].map(() => null)
            )
          )
        )
        const plan = (yield* Context.get(context, Database.Database).read(explain)).flat().map(({ detail }) => detail)
        // The rows of a subquery that is itself a search are scanned, as are the values of an INSERT.
        const scans = plan.filter((line) =>
          /^SCAN (?!placed|\(subquery|\d+ CONSTANT ROW|CONSTANT ROW|EXISTS)/.test(line)
        )
        assert.deepStrictEqual(scans, [], plan.join("\n"))
        assert.include(plan.join("\n"), index)
      })
    )
  }
})
