/**
 * A journal or a server that was put back to an earlier state: what the worker wrote since then must not pass for the
 * practice's doing, and what has an id now not for what had it before.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { ResourceNotFound } from "@bookio-kit/core/error/Refusal"
import { resolve, resume } from "@bookio-kit/sync/Admin"
import type { Bookio } from "@bookio-kit/sync/Bookio"
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

/** Both sides in step in one process, whose first passes are behind it, and a server that can be made to show other things. */
const steady = Effect.gen(function* () {
  const opened = yield* practice
  const shown = { lost: 0 }
  const refused = Effect.fail(new ResourceNotFound({ resource: "Reservation" }))
  const { bookio } = opened.plan
  const put: Bookio = {
    ...bookio,
    listReservations: (query) =>
      Effect.map(bookio.listReservations(query), (page) =>
        query.limit === 0
          ? { ...page, pagination: { ...page.pagination, total: page.pagination.total - shown.lost } }
          : page
      ),
    changeTerm: (id, change) => (shown.lost < 0 ? refused : bookio.changeTerm(id, change))
  }
  const sync = yield* makeFacilitySync({ ...opened.plan, bookio: put }, opened.journal, "test")
  const pass = Effect.andThen(TestClock.adjust("1 minute"), sync.pass())
  yield* pass
  yield* pass
  const [first] = opened.events()
  if (first === undefined) return yield* Effect.die("the seed has reservations")
  const move = () => {
    const text = opened
      .textOf(first)
      .replace(/(DT(?:START|END)[^:]*:20260602T)(\d\d)/g, (_, head, hour) => `${head}${Number(hour) + 4}`)
    writeFileSync(join(opened.path, first), text)
  }
  const starts = Effect.map(bookio.listReservations({ facilityId: opened.plan.facilityId }), ({ rows }) =>
    rows.map(({ dateFrom }) => dateFrom).sort()
  )
  return { ...opened, shown, pass, move, starts }
})

describe("a server that was put back", () => {
  it.effect("MUST be noticed before anything is written to it, between two sweeps too", () =>
    Effect.gen(function* () {
      const { journal, move, pass, plan, shown, starts } = yield* steady
      const before = yield* starts
      move()
      shown.lost = 1
      assert.match(String(yield* Effect.flip(pass)), /restored-server: it has 2 reservations and had 3/)
      assert.deepStrictEqual(yield* starts, before, "nothing was written")

      shown.lost = 0
      yield* resume(journal, plan.key, "test")
      yield* pass
      assert.lengthOf(yield* journal.conflicts(plan.key, "open"), 1, "whose change it was, someone has to say")
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST be noticed by the answer that a known reservation is not there", () =>
    Effect.gen(function* () {
      const { move, pass, shown } = yield* steady
      move()
      shown.lost = -1
      assert.match(String(yield* Effect.flip(pass)), /restored-server: reservation \d+ is not there any more/)
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST NOT make one patient's appointment another's whose reservation has its id now", () =>
    Effect.gen(function* () {
      const { events, journal, open: again, plan, textOf } = yield* open
      const [lost] = (yield* plan.bookio.listReservations({ facilityId: plan.facilityId })).rows
      if (lost === undefined) return assert.fail("the seed has reservations")
      const day = (text: string) => text.replace("2026-06-02", "2026-06-09")
      const pass = Effect.gen(function* () {
        yield* TestClock.adjust("1 minute")
        const opened = (yield* again).plan
        const bookio: Bookio = {
          ...opened.bookio,
          listReservations: (query) =>
            Effect.map(opened.bookio.listReservations(query), (page) => ({
              ...page,
              rows: page.rows.map((row) =>
                row.id === lost.id
                  ? {
                      ...row,
                      created: `2026-05-31${row.created.slice(10)}` as typeof row.created,
                      name: "Ján Nový",
                      dateFrom: day(row.dateFrom) as typeof row.dateFrom,
                      dateTo: day(row.dateTo) as typeof row.dateTo
                    }
                  : row
              )
            }))
        }
        return yield* (yield* makeFacilitySync({ ...opened, bookio }, journal, "test")).pass()
      })
      const texts = () => events().map(textOf).sort()
      const before = texts()
      assert.match(String(yield* Effect.flip(pass)), new RegExp(`record ${lost.id} is another one than it was`))
      assert.deepStrictEqual(texts(), before)

      yield* resume(journal, plan.key, "test")
      yield* pass
      yield* pass
      const kept = texts()
      for (const text of before) assert.include(kept, text, "an event of what the server lost is not touched")
      const made = kept.filter((text) => !before.includes(text))
      assert.strictEqual(made.length, 1)
      assert.match(made[0] ?? "", /^SUMMARY:J\. N\./m)
      assert.include(made[0], "20260609T")
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})
