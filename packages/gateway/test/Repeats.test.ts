/** What settles a write whose outcome is unknown, and what a repeat of it is told. */
import type { Caller } from "@bookio-kit/core/access/Caller"
import type { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Page } from "@bookio-kit/core/page/Page"
import type { Reservations } from "@bookio-kit/core/reservation/Reservations"
import type { Writes } from "@bookio-kit/core/write/Writes"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { KeyRing } from "../src/Sessions.ts"
import * as It from "./Support.ts"
import {
  blockUnder,
  booked,
  bookUnder,
  calendarUnder,
  calls,
  calm,
  disturb,
  failed,
  inTime,
  lines,
  practice,
  type Told,
  table,
  two,
  upstream
} from "./WriteSupport.ts"

const creations: ReadonlyArray<
  readonly [
    what: string,
    create: string,
    list: string,
    under: (key: string, n?: number) => Effect.Effect<Told, never, Writes | Reservations | BlockedTimes | Caller>
  ]
> = [
  ["a reservation", "createReservation", "listReservations", bookUnder],
  ["a blocked time", "createBlockedTime", "listBlockedTimes", blockUnder]
]

describe("a repeat after an unknown outcome", () => {
  for (const [what, create, list, under] of creations) {
    it.effect(`finds ${what} that was made, answers as if the first had, and keeps that`, () =>
      Effect.gen(function* () {
        yield* practice(under("expected", 2))
        yield* disturb(create, "after", "OutcomeUnknown")
        assert.deepStrictEqual(yield* practice(under("a")), failed("OutcomeUnknown"))
        const found = yield* practice(under("a"))
        assert.deepInclude(found, { status: 200, isReplay: false })
        assert.strictEqual(yield* calls(create), 2)
        yield* disturb(list, "before", "Unreachable")
        assert.deepStrictEqual(yield* practice(under("a")), { ...found, isReplay: true })
        assert.deepStrictEqual((yield* practice(lines)).slice(1), [`${create} 504`, `${create} 200`])
      }).pipe(Effect.provide(upstream))
    )

    it.effect(`sends ${what} again where none is, once the first can have no effect any more`, () =>
      Effect.gen(function* () {
        yield* disturb(create, "before", "OutcomeUnknown")
        assert.deepStrictEqual(yield* practice(under("a")), failed("OutcomeUnknown"))
        yield* calm
        const repeat = yield* Effect.forkChild(practice(under("a")))
        yield* TestClock.adjust("14 seconds")
        assert.strictEqual(yield* calls(create), 1)
        assert.isUndefined(repeat.pollUnsafe())
        yield* TestClock.adjust("1 second")
        assert.deepInclude(yield* Fiber.join(repeat), { status: 200, isReplay: false })
        assert.strictEqual(yield* calls(create), 2)
      }).pipe(Effect.provide(upstream))
    )
  }

  it.effect("finds what came after its first look", () =>
    Effect.gen(function* () {
      yield* disturb("createReservation", "before", "OutcomeUnknown")
      yield* practice(bookUnder("a"))
      yield* calm
      const repeat = yield* Effect.forkChild(practice(bookUnder("a")))
      yield* TestClock.adjust("5 seconds")
      yield* It.past(It.book(It.booking(1)))
      yield* TestClock.adjust("10 seconds")
      assert.deepInclude(yield* Fiber.join(repeat), { status: 200, isReplay: false })
      assert.strictEqual(yield* calls("createReservation"), 1)
      assert.strictEqual(yield* booked, 1)
    }).pipe(Effect.provide(upstream))
  )

  it.effect("is unknown itself where the upstream cannot tell, and sends nothing", () =>
    Effect.gen(function* () {
      yield* disturb("createReservation", "after", "OutcomeUnknown")
      yield* practice(bookUnder("a"))
      yield* disturb("listReservations", "before", "Unreachable")
      assert.deepStrictEqual(yield* inTime(practice(bookUnder("a"))), failed("OutcomeUnknown"))
      assert.deepStrictEqual(yield* inTime(practice(bookUnder("a"))), failed("OutcomeUnknown"))
      yield* calm
      assert.deepInclude(yield* practice(bookUnder("a")), { status: 200, isReplay: false })
      assert.strictEqual(yield* calls("createReservation"), 1)
    }).pipe(Effect.provide(upstream))
  )

  const listings: ReadonlyArray<readonly [what: string, change: (page: Page<unknown>) => Page<unknown>]> = [
    ["lists no end", (page) => ({ ...page, rows: Array.from({ length: 100 }, () => ({ id: Math.random() })) })],
    ["has a clock far behind", (page) => ({ ...page, asOfMs: 3_600_000 })]
  ]
  for (const [what, change] of listings) {
    it.effect(`is unknown itself where the upstream ${what}, and sends nothing`, () =>
      Effect.gen(function* () {
        yield* TestClock.adjust("2 hours")
        yield* disturb("createReservation", "before", "OutcomeUnknown")
        yield* practice(bookUnder("a"))
        const tap = yield* It.Tap
        tap.around = (name, call) =>
          // What the tap is put around has a type of its own for each call.
          name === "listReservations" ? Effect.map(call, (page) => change(page as Page<unknown>) as typeof page) : call
        assert.deepStrictEqual(yield* inTime(practice(bookUnder("a"))), failed("OutcomeUnknown"))
        assert.strictEqual(yield* calls("createReservation"), 1)
      }).pipe(Effect.provide(upstream))
    )
  }

  it.effect("is unknown itself where its externalId was replaced by a confirmation of sync", () =>
    Effect.gen(function* () {
      yield* disturb("createReservation", "after", "OutcomeUnknown")
      yield* practice(bookUnder("a"))
      yield* calm
      const { rows } = yield* It.past(It.listReservations({}))
      yield* It.past(It.confirmSync(rows[0]?.id as never, { externalId: 99 as never }))
      assert.deepStrictEqual(yield* inTime(practice(bookUnder("a"))), failed("OutcomeUnknown"))
      assert.strictEqual(yield* calls("createReservation"), 1)
    }).pipe(Effect.provide(upstream))
  )

  it.effect("is refused with another body, and by what has nothing to do with the first looks up later", () =>
    Effect.gen(function* () {
      yield* disturb("createReservation", "after", "OutcomeUnknown")
      yield* practice(bookUnder("a"))
      yield* calm
      assert.deepStrictEqual(yield* practice(bookUnder("a", 1, "other body")), failed("ValidationError"))
      const ring = yield* KeyRing
      ring.replace(It.keys(It.key("practice", { facilities: new Set([two]) })))
      assert.deepInclude(yield* practice(bookUnder("a")), { status: 403 })
      ring.replace(table)
      assert.deepInclude(yield* practice(bookUnder("a")), { status: 200, isReplay: false })
      assert.strictEqual(yield* calls("createReservation"), 1)
    }).pipe(Effect.provide(upstream))
  )

  it.effect("of a calendar stays unknown for 24 hours, for nothing tells calendars apart", () =>
    Effect.gen(function* () {
      yield* disturb("createCalendar", "after", "OutcomeUnknown")
      assert.deepStrictEqual(yield* practice(calendarUnder("a")), failed("OutcomeUnknown"))
      yield* calm
      yield* TestClock.adjust("23 hours")
      assert.deepStrictEqual(yield* practice(calendarUnder("a")), failed("OutcomeUnknown"))
      assert.deepInclude(yield* practice(calendarUnder("b")), { status: 200 })
      yield* TestClock.adjust("1 hour")
      assert.deepInclude(yield* practice(calendarUnder("a")), { status: 200, isReplay: false })
      assert.strictEqual(yield* calls("createCalendar"), 3)
    }).pipe(Effect.provide(upstream))
  )
})
