/** The story of an item, as `why` tells it: the rule of each write, the write, what came of it, and what people decided. */
import { readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { TermChange } from "@bookio-kit/core/reservation/Reservation"
import { resolve, retry, why } from "@bookio-kit/sync/Admin"
import { makeFacilitySync } from "@bookio-kit/sync/Pass"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { practice } from "./Practice.ts"

const open = Effect.gen(function* () {
  const { journal, path, plan, textOf } = yield* practice
  const sync = yield* makeFacilitySync(plan, journal, "test")
  const pass = Effect.andThen(TestClock.adjust("1 minute"), sync.pass())
  yield* pass
  const [first] = (yield* plan.bookio.listReservations({ facilityId: plan.facilityId })).rows
  if (first === undefined) return yield* Effect.die("the seed has reservations")
  const { id } = first
  const itemOf = Effect.map(journal.byBookioId(plan.key, "reservation", [id]), ([item]) => item ?? assert.fail())
  const story = Effect.flatMap(itemOf, (item) =>
    Effect.map(why(journal, plan.key, item), ({ trail }) => trail.map(({ detail, step }) => `${step} ${detail}`))
  )
  /** Runs it, and gives the lines that it adds to the story. */
  const adds = Effect.fnUntraced(function* (happening: Effect.Effect<unknown, unknown>) {
    const before = (yield* story).length
    yield* happening
    return (yield* story).slice(before)
  })
  const { href = "" } = yield* itemOf
  /** From 08:00 to another hour of 2 June, or to nothing else than a cancellation. */
  const edit = (change: (text: string) => string) =>
    Effect.sync(() => writeFileSync(join(path, href), change(textOf(href))))
  const moved = (from: string, to: string) =>
    edit((text) =>
      text.replaceAll(`20260602T${from}00`, `20260602T${to}00`).replaceAll(`20260602T${from}30`, `20260602T${to}30`)
    )
  return { adds, edit, href, id, itemOf, journal, moved, pass, path, plan, story }
})

/** On 2 June. */
const from = (start: string, end: string) =>
  Schema.decodeSync(TermChange)({ dateFrom: `2026-06-02T${start}:00`, dateTo: `2026-06-02T${end}:00` })

const twice = <E>(pass: Effect.Effect<unknown, E>) => Effect.andThen(pass, pass)

describe("why", () => {
  it.effect("MUST tell the rule of each write, the write, its outcome and the confirmation", () =>
    Effect.gen(function* () {
      const { adds, edit, id, moved, pass, plan, story } = yield* open
      assert.deepStrictEqual(yield* story, [
        "intend create in practice: it is new in Bookio",
        "outcome done",
        "confirm done"
      ])

      yield* plan.bookio.changeTerm(id, from("12:00", "12:30"))
      assert.deepStrictEqual(yield* adds(pass), [
        "intend update in practice: Bookio changed the term",
        "outcome done",
        "confirm done"
      ])

      yield* moved("12", "13")
      assert.deepStrictEqual(yield* adds(twice(pass)), [
        "intend term in bookio: the practice changed the term",
        "outcome done",
        "confirm done"
      ])

      yield* plan.bookio.changeTerm(id, from("14:00", "14:30"))
      yield* moved("13", "15")
      assert.deepStrictEqual(yield* adds(pass), [
        "conflict term",
        "intend update in practice: both changed the term, and that of Bookio stands",
        "outcome done",
        "confirm done"
      ])

      yield* plan.bookio.changeTerm(id, from("15:00", "15:30"))
      yield* edit((text) => text.replace("STATUS:CONFIRMED", "STATUS:CANCELLED"))
      assert.include(yield* adds(pass), "intend status in bookio: the practice changed the status")
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST tell why Bookio refused, what someone decided, and that it was done for that", () =>
    Effect.gen(function* () {
      const { adds, itemOf, journal, moved, pass, plan } = yield* open
      yield* moved("08", "20")
      assert.deepStrictEqual(yield* adds(pass), [
        "intend term in bookio: the practice changed the term",
        "outcome refused: ValidationError (dateFrom closed)",
        "conflict refused ValidationError"
      ])
      const [conflict] = yield* journal.conflictsOf(plan.key, (yield* itemOf).id)
      if (conflict === undefined) return assert.fail("nobody is asked")
      assert.deepStrictEqual(yield* adds(resolve(journal, plan.key, "test", conflict, "bookio")), [
        `resolve someone decided conflict ${conflict.id} for bookio`
      ])
      assert.deepStrictEqual(yield* adds(pass), [
        "intend update in practice: someone decided for Bookio",
        "outcome done"
      ])
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST tell once why it was parked, and that someone had it taken up again", () =>
    Effect.gen(function* () {
      const { adds, edit, href, itemOf, journal, pass, path, plan } = yield* open
      yield* edit((text) => text.replace("END:VEVENT", "RRULE:FREQ=DAILY\r\nEND:VEVENT"))
      assert.deepStrictEqual(yield* adds(twice(pass)), ["park Recurring: its event was made a series"])
      const item = yield* itemOf
      assert.deepStrictEqual(yield* adds(retry(journal, plan.key, "test", [item])), [
        "retry someone has it taken up again"
      ])

      assert.include(readdirSync(path), href)
      yield* edit((text) => text.replace("RRULE:FREQ=DAILY\r\n", ""))
      yield* twice(pass)
      rmSync(join(path, href))
      assert.include(yield* adds(Effect.andThen(twice(pass), pass)), "intend status in bookio: the practice removed it")
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})
