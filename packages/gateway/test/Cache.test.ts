/** The cache, through the ports: what is kept, for how long, and what ends it. */

import type { Caller } from "@bookio-kit/core/access/Caller"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { CalendarId } from "@bookio-kit/core/scalar/Id"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import type { UpstreamPorts } from "../src/Upstream.ts"
import * as It from "./Support.ts"

const { one, two } = It

/** Any operation. */
type Ask = Effect.Effect<unknown, { readonly _tag: string }, UpstreamPorts | Caller>

const table = It.keys(
  It.key("practice", { sync: true }),
  It.key("twin"),
  It.key("single", { facilities: new Set([one]) }),
  It.key("reader", { access: "read" }),
  It.key("other", { facilities: new Set([one]), upstreamToken: Redacted.make(It.tokenOf("second-write")) })
)

const upstream = It.gateway(table)

const state = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.andThen(
    effect,
    Effect.map(It.cacheState, ({ cache }) => cache)
  )

const calls = (name: string) => Effect.map(It.Tap, ({ calls }) => calls.filter((call) => call === name).length)

const fail = new BackendError({ reason: "Unreachable" })

describe("a read", () => {
  const reads: ReadonlyArray<readonly [what: string, read: Ask, lifetimeMs: number]> = [
    ["facilities", It.listFacilities, 600_000],
    ["calendars", It.listCalendars({ facilityId: one }), 60_000],
    ["reservations", It.listReservations({ facilityId: one }), 2000],
    ["blocked times", It.listBlockedTimes({ facilityId: one }), 2000]
  ]
  for (const [what, read, lifetimeMs] of reads) {
    it.effect(`of ${what} is kept for its lifetime, and tells its age`, () =>
      Effect.gen(function* () {
        const ask = Effect.andThen(read, It.cacheState).pipe(It.as("practice"))
        assert.deepStrictEqual(yield* ask, { cache: "miss", ageMs: 0 })
        yield* TestClock.adjust(lifetimeMs - 1)
        assert.deepStrictEqual(yield* ask, { cache: "hit", ageMs: lifetimeMs - 1 })
        assert.strictEqual((yield* It.Tap).calls.length, 1)
        yield* TestClock.adjust(1)
        assert.deepStrictEqual(yield* ask, { cache: "miss", ageMs: 0 })
        assert.strictEqual((yield* It.Tap).calls.length, 2)
      }).pipe(Effect.provide(upstream))
    )
  }

  it.effect("gives what it gave", () =>
    Effect.gen(function* () {
      const both = yield* Effect.all([It.listCalendars({}), It.listCalendars({})]).pipe(It.as("practice"))
      assert.deepStrictEqual(both[0], both[1])
      assert.strictEqual(yield* calls("listCalendars"), 2)
    }).pipe(Effect.provide(upstream))
  )

  it.effect("shares its answer with those only whom the upstream would answer the same", () =>
    Effect.gen(function* () {
      const ask = state(It.listReservations({ facilityId: one }))
      assert.strictEqual(yield* ask.pipe(It.as("practice")), "miss")
      // The same upstream token, access, facilities, query and language.
      assert.strictEqual(yield* ask.pipe(It.as("twin")), "hit")
      assert.strictEqual(yield* ask.pipe(It.as("twin", { language: "sk" })), "miss")
      assert.strictEqual(yield* ask.pipe(It.as("single")), "miss")
      assert.strictEqual(yield* ask.pipe(It.as("reader")), "miss")
      assert.strictEqual(yield* ask.pipe(It.as("other")), "miss")
      const elsewhere = state(It.listReservations({ facilityId: one, limit: 5 }))
      assert.strictEqual(yield* elsewhere.pipe(It.as("practice")), "miss")
    }).pipe(Effect.provide(upstream))
  )

  it.effect("of changes, and one that asks for it, goes past the cache", () =>
    Effect.gen(function* () {
      const plain = state(It.listReservations({ facilityId: one }))
      assert.strictEqual(yield* plain.pipe(It.as("practice")), "miss")
      for (const query of [{ lastSync: 0 }, { onlyUnsynced: true }]) {
        assert.strictEqual(
          yield* state(It.listReservations({ facilityId: one, ...query })).pipe(It.as("practice")),
          "bypass"
        )
      }
      assert.strictEqual(
        yield* state(It.listBlockedTimes({ facilityId: one, lastSync: 0 })).pipe(It.as("practice")),
        "bypass"
      )
      assert.strictEqual(yield* plain.pipe(It.as("practice", { noCache: true })), "bypass")
      assert.strictEqual(yield* calls("listReservations"), 4)
      assert.strictEqual(yield* plain.pipe(It.as("practice")), "hit")
    }).pipe(Effect.provide(upstream))
  )

  it.effect("that fails is not kept", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      tap.around = () => Effect.fail(fail)
      const error = yield* Effect.flip(It.listReservations({})).pipe(It.as("practice"))
      assert.strictEqual(error._tag, "BackendError")
      tap.around = (_, call) => call
      assert.strictEqual(yield* state(It.listReservations({})).pipe(It.as("practice")), "miss")
    }).pipe(Effect.provide(upstream))
  )
})

describe("callers who ask the same at once", () => {
  it.effect("are answered by one call, also where the first of them goes away", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      const gate = yield* Deferred.make<void>()
      tap.around = (_, call) => Effect.andThen(Deferred.await(gate), call)
      const ask = It.listReservations({ facilityId: one }).pipe(It.as("practice"))
      const first = yield* Effect.forkChild(ask, { startImmediately: true })
      const others = yield* Effect.forEach([1, 2, 3, 4, 5], () => Effect.forkChild(ask, { startImmediately: true }))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(first)
      yield* Deferred.succeed(gate, undefined)
      const answers = yield* Fiber.joinAll(others)
      assert.deepStrictEqual(
        answers.map(({ pagination }) => pagination.total),
        [0, 0, 0, 0, 0]
      )
      assert.strictEqual(yield* calls("listReservations"), 1)
    }).pipe(Effect.provide(upstream))
  )
})

describe("an own write", () => {
  const total = Effect.map(It.listReservations({ facilityId: one }), ({ pagination }) => pagination.total)

  /** Each write of facility 1, by its name. */
  const writes: { readonly [operation: string]: Ask } = {
    createReservation: It.book(It.booking(7, one)),
    changeReservationStatus: Effect.flatMap(reservationOf(), ({ id }) => It.changeStatus(id, { status: "CANCELLED" })),
    changeReservationTerm: Effect.flatMap(reservationOf(), ({ id }) =>
      It.changeTerm(id, { dateFrom: It.booking(40).dateFrom })
    ),
    confirmReservationSync: Effect.flatMap(reservationOf(), ({ id }) => It.confirmSync(id, {})),
    createBlockedTime: It.block(It.blocking(7, one)),
    changeBlockedTimeTerm: Effect.flatMap(blockedOf(), ({ id }) =>
      It.moveBlocked(id, { dateTo: It.blocking(9).dateTo })
    ),
    removeBlockedTime: Effect.flatMap(blockedOf(), ({ id }) => It.unblock(id)),
    updateCalendar: It.updateCalendar(CalendarId.make(1), { name: "Renamed" }),
    endCalendar: It.endCalendar(CalendarId.make(1), { validTo: It.booking(1).dateFrom })
  }
  function reservationOf() {
    return Effect.map(It.listReservations({ facilityId: one, lastSync: 0 }), ({ rows }) => rows[0]!)
  }
  function blockedOf() {
    return Effect.map(It.listBlockedTimes({ facilityId: one, lastSync: 0 }), ({ rows }) => rows[0]!)
  }

  for (const [operation, write] of Object.entries(writes)) {
    it.effect(`(${operation}) ends all that is kept of its facility, for every key, and nothing else`, () =>
      Effect.gen(function* () {
        yield* Effect.all([It.book(It.booking(1, one)), It.block(It.blocking(1, one))]).pipe(It.as("practice"))
        const reads: ReadonlyArray<Ask> = [
          It.listCalendars({ facilityId: one }),
          It.listReservations({ facilityId: one }),
          It.listBlockedTimes({ facilityId: one }),
          It.listCalendars({}),
          It.listReservations({}),
          It.listBlockedTimes({})
        ]
        const elsewhere: ReadonlyArray<Ask> = [
          It.listCalendars({ facilityId: two }),
          It.listReservations({ facilityId: two }),
          It.listFacilities
        ]
        const states = (asked: ReadonlyArray<Ask>) => Effect.forEach(asked, (read) => state(read).pipe(It.as("twin")))
        const other = state(It.listReservations({ facilityId: one })).pipe(It.as("other"))
        yield* states([...reads, ...elsewhere])
        yield* other
        assert.deepStrictEqual([...new Set(yield* states([...reads, ...elsewhere]))], ["hit"])
        assert.strictEqual(yield* other, "hit")
        yield* write.pipe(It.as("practice"))
        assert.deepStrictEqual([...new Set(yield* states(reads))], ["miss"])
        assert.strictEqual(yield* other, "miss")
        assert.deepStrictEqual([...new Set(yield* states(elsewhere))], ["hit"])
      }).pipe(Effect.provide(upstream))
    )
  }

  it.effect("is seen by the next read, also where a read of before it is still under way", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      const gate = yield* Deferred.make<void>()
      // The answer is taken before the write, and arrives after it.
      tap.around = (name, call) => (name === "listReservations" ? Effect.tap(call, () => Deferred.await(gate)) : call)
      const early = yield* Effect.forkChild(total.pipe(It.as("practice")), { startImmediately: true })
      yield* Effect.yieldNow
      tap.around = (_, call) => call
      yield* It.book(It.booking(1, one)).pipe(It.as("practice"))
      // Not joined.
      assert.strictEqual(yield* total.pipe(It.as("practice")), 1)
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual(yield* Fiber.join(early), 0)
      // Not kept.
      assert.strictEqual(yield* total.pipe(It.as("practice")), 1)
    }).pipe(Effect.provide(upstream))
  )

  it.effect("is seen by the next read, also where that began while the write was under way", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      const [started, gate] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      tap.around = (name, call) =>
        name === "createReservation"
          ? Effect.andThen(Deferred.succeed(started, undefined), Effect.andThen(Deferred.await(gate), call))
          : call
      yield* total.pipe(It.as("practice"))
      const writing = yield* Effect.forkChild(It.book(It.booking(1, one)).pipe(It.as("practice")))
      yield* Deferred.await(started)
      // What was kept before may be over already.
      assert.strictEqual(yield* state(total).pipe(It.as("practice")), "miss")
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(writing)
      assert.strictEqual(yield* total.pipe(It.as("practice")), 1)
    }).pipe(Effect.provide(upstream))
  )

  it.effect("without an answer keeps nothing of its facility until its effect can no longer come", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      tap.around = (name, call) =>
        name === "createReservation" ? Effect.fail(new BackendError({ reason: "OutcomeUnknown" })) : call
      yield* Effect.exit(It.book(It.booking(1, one))).pipe(It.as("practice"))
      assert.strictEqual(yield* total.pipe(It.as("practice")), 0)
      yield* It.past(It.book(It.booking(1, one)))
      assert.strictEqual(yield* total.pipe(It.as("practice")), 1)
      yield* TestClock.adjust("15 seconds")
      yield* total.pipe(It.as("practice"))
      assert.strictEqual(yield* state(total).pipe(It.as("practice")), "hit")
    }).pipe(Effect.provide(upstream))
  )
})

describe("while the upstream fails", () => {
  it.effect("facilities and calendars are stale answers, and nothing else is", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      const kept: ReadonlyArray<Ask> = [It.listFacilities, It.listCalendars({})]
      for (const read of [...kept, It.listReservations({}), It.listBlockedTimes({})]) {
        yield* read.pipe(It.as("practice"))
      }
      yield* TestClock.adjust("3 seconds")
      tap.around = () => Effect.fail(fail)
      assert.strictEqual((yield* Effect.flip(It.listReservations({})).pipe(It.as("practice")))._tag, "BackendError")
      yield* TestClock.adjust("657 seconds")
      for (const read of kept) {
        const got = yield* Effect.andThen(read, It.cacheState).pipe(It.as("practice"))
        assert.deepStrictEqual(got, { cache: "stale", ageMs: 660_000 })
      }
      assert.strictEqual((yield* Effect.flip(It.listReservations({})).pipe(It.as("practice")))._tag, "BackendError")
      assert.strictEqual((yield* Effect.flip(It.listBlockedTimes({})).pipe(It.as("practice")))._tag, "BackendError")
      // Who asked for the upstream itself is told the truth.
      const fresh = Effect.flip(It.listFacilities).pipe(It.as("practice", { noCache: true }))
      assert.strictEqual((yield* fresh)._tag, "BackendError")
      tap.around = (_, call) => call
      assert.strictEqual(yield* state(It.listFacilities).pipe(It.as("practice")), "miss")
    }).pipe(Effect.provide(upstream))
  )

  it.effect("a stale answer comes in time also where the upstream is silent", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      yield* It.listFacilities.pipe(It.as("practice"))
      yield* TestClock.adjust("11 minutes")
      tap.around = () => Effect.never
      const asking = yield* Effect.forkChild(state(It.listFacilities).pipe(It.as("practice")))
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual(yield* Fiber.join(asking), "stale")
    }).pipe(Effect.provide(upstream))
  )

  it.effect("no stale answer is older than an own write, nor than an hour", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      const calendars = It.listCalendars({}).pipe(It.as("practice"))
      yield* calendars
      yield* It.updateCalendar(CalendarId.make(1), { name: "Renamed" }).pipe(It.as("practice"))
      tap.around = () => Effect.fail(fail)
      assert.strictEqual((yield* Effect.flip(calendars))._tag, "BackendError")
      tap.around = (_, call) => call
      yield* calendars
      yield* TestClock.adjust("61 minutes")
      tap.around = () => Effect.fail(fail)
      assert.strictEqual((yield* Effect.flip(calendars))._tag, "BackendError")
    }).pipe(Effect.provide(upstream))
  )

  it.effect("a refusal is a refusal", () =>
    Effect.gen(function* () {
      const ask = It.listCalendars({ facilityId: one }).pipe(It.as("practice"))
      yield* ask
      yield* TestClock.adjust("2 minutes")
      const tap = yield* It.Tap
      tap.around = () => Effect.die("defect")
      assert.strictEqual((yield* Effect.exit(ask))._tag, "Failure")
    }).pipe(Effect.provide(upstream))
  )
})
