/** What a gateway keeps of writes: the first answer under a key, the audit log, and what a store that fails does to them. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { KeyRing } from "../src/Sessions.ts"
import { layerMemory, WriteStore } from "../src/WriteStore.ts"
import * as It from "./Support.ts"
import {
  audit,
  blockUnder,
  bookUnder,
  calls,
  calm,
  disturb,
  failed,
  failing,
  lines,
  one,
  practice,
  table,
  two,
  upstream,
  write
} from "./WriteSupport.ts"

describe("a creation under a key", () => {
  it.effect("answers a repeat with the first answer, does nothing, and has one line", () =>
    Effect.gen(function* () {
      const first = yield* practice(bookUnder("a"))
      assert.deepInclude(first, { status: 200, isReplay: false })
      assert.deepStrictEqual(yield* practice(bookUnder("a")), { ...first, isReplay: true })
      assert.strictEqual(yield* calls("createReservation"), 1)
      assert.deepStrictEqual(yield* practice(lines), ["createReservation 200"])
      yield* TestClock.adjust("24 hours")
      // As new: refused by the upstream, for its externalId is taken.
      assert.deepInclude(yield* practice(bookUnder("a")), { text: "DuplicateReservation", isReplay: false })
    }).pipe(Effect.provide(upstream))
  )

  it.effect("is another one for another key, client or operation, and none with another body", () =>
    Effect.gen(function* () {
      yield* practice(bookUnder("a"))
      assert.deepStrictEqual(yield* practice(bookUnder("a", 1, "other body")), failed("ValidationError"))
      assert.deepInclude(yield* practice(bookUnder("b")), { text: "DuplicateReservation", isReplay: false })
      assert.deepInclude(yield* It.as("twin")(bookUnder("a", 2)), { status: 200, isReplay: false })
      assert.deepInclude(yield* practice(blockUnder("a")), { status: 200, isReplay: false })
      assert.deepInclude(yield* practice(bookUnder("b")), { text: "DuplicateReservation", isReplay: true })
      assert.deepStrictEqual(yield* practice(lines), [
        "createReservation 200",
        "createReservation 400 10",
        "createReservation 400 40",
        "createReservation 200",
        "createBlockedTime 200"
      ])
    }).pipe(Effect.provide(upstream))
  )

  it.effect("is done once for twenty at once, and for one with another body at the same time not at all", () =>
    Effect.gen(function* () {
      const other = practice(bookUnder("a", 1, "other body"))
      const all = yield* Effect.all([...Array.from({ length: 20 }, () => practice(bookUnder("a"))), other], {
        concurrency: "unbounded"
      })
      assert.strictEqual(all.filter(({ isReplay, status }) => !isReplay && status === 200).length, 1)
      assert.strictEqual(new Set(all.slice(0, 20).map(({ text }) => text)).size, 1)
      assert.deepStrictEqual(all[20], failed("ValidationError"))
      assert.strictEqual(yield* calls("createReservation"), 1)
    }).pipe(Effect.provide(upstream))
  )

  it.effect("keeps nothing of a failure that did nothing, or of missing rights", () =>
    Effect.gen(function* () {
      for (const reason of ["RateLimited", "Overloaded", "Unreachable"] as const) {
        yield* disturb("createReservation", "before", reason)
        assert.deepStrictEqual(yield* practice(bookUnder("a")), failed(reason))
        assert.strictEqual(yield* calls("listReservations"), 0)
      }
      yield* calm
      assert.deepInclude(yield* practice(bookUnder("a")), { status: 200, isReplay: false })
      assert.deepInclude(yield* It.as("elsewhere")(bookUnder("a")), { status: 403, isReplay: false })
      assert.deepInclude(yield* It.as("elsewhere")(bookUnder("a")), { status: 403, isReplay: false })
    }).pipe(Effect.provide(upstream))
  )

  it.effect("goes on without its caller", () =>
    Effect.gen(function* () {
      const entered = yield* Deferred.make<void>()
      const leave = yield* Deferred.make<void>()
      const tap = yield* It.Tap
      tap.around = (_, call) =>
        Deferred.succeed(entered, undefined).pipe(Effect.andThen(Deferred.await(leave)), Effect.andThen(call))
      const caller = yield* Effect.forkChild(practice(bookUnder("a")))
      yield* Deferred.await(entered)
      yield* Fiber.interrupt(caller)
      const repeat = yield* Effect.forkChild(practice(bookUnder("a")))
      yield* Deferred.succeed(leave, undefined)
      assert.deepInclude(yield* Fiber.join(repeat), { status: 200, isReplay: true })
      assert.strictEqual(yield* calls("createReservation"), 1)
    }).pipe(Effect.provide(upstream))
  )
})

describe("the audit log", () => {
  it.effect("tells a client its own lines and those of its facilities, by facility where it reaches it", () =>
    Effect.gen(function* () {
      yield* practice(write("createReservation", It.book(It.booking(1)), { facilityId: one, serviceId: 1 as never }))
      yield* practice(write("createReservation", It.book(It.booking(1, two)), { facilityId: two }))
      const { rows } = yield* It.past(It.listReservations({ facilityId: two }))
      const reservationId = rows[0]?.id as never
      // Not its facility: told nothing of where it belongs.
      yield* It.as("owner")(
        write("changeReservationStatus", It.changeStatus(reservationId, { status: "CANCELLED" }), { reservationId })
      )
      const owned = yield* It.as("owner")(audit)
      assert.deepStrictEqual(
        owned.rows.map(({ errorCode, facilityId, status, tokenId }) => [tokenId, facilityId, status, errorCode]),
        [
          [2, one, 200, undefined],
          [3, undefined, 400, 12]
        ]
      )
      assert.deepStrictEqual(
        (yield* It.as("elsewhere")(audit)).rows.map(({ facilityId }) => facilityId),
        [two]
      )
      const line: object = { ...owned.rows[0] }
      assert.deepInclude(line, { serviceId: 1, reservationId: 1, requestId: "request", channelId: 1 })
    }).pipe(Effect.provide(upstream))
  )

  it.effect("has a line for each end of a write, and nothing of a client whose key is gone", () =>
    Effect.gen(function* () {
      yield* disturb("createReservation", "before", "Overloaded")
      yield* practice(write("createReservation", It.book(It.booking(1)), { facilityId: one }))
      yield* disturb("createReservation", "before", "Internal")
      const defect: Effect.Effect<object> = Effect.die("a defect")
      yield* practice(write("createReservation", It.book(It.booking(1)), { facilityId: one }))
      yield* practice(write("createReservation", defect, { facilityId: one })).pipe(Effect.exit)
      assert.deepStrictEqual(yield* practice(lines), [
        "createReservation 503",
        "createReservation 500 666",
        "createReservation 500 666"
      ])
      const revoked = practice(
        Effect.andThen(
          Effect.map(KeyRing, (ring) => ring.replace(It.keys(It.key("twin")))),
          Effect.exit(audit)
        )
      )
      assert.isTrue(Exit.isFailure(yield* revoked))
    }).pipe(Effect.provide(upstream))
  )
})

/** A store that differs from the one in memory. */
const storeWith = (change: (store: WriteStore["Service"]) => Partial<WriteStore["Service"]>) =>
  Layer.effect(WriteStore)(Effect.map(WriteStore, (store) => ({ ...store, ...change(store) }))).pipe(
    Layer.provide(layerMemory)
  )

describe("a store", () => {
  it.effect("that cannot begin a write keeps it from being sent, and says that nothing was done", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* practice(bookUnder("a")), failed("Overloaded"))
      assert.deepStrictEqual((yield* It.Tap).calls, [])
    }).pipe(
      Effect.provide(
        It.gateway(
          table,
          {},
          storeWith(() => ({ begin: () => Effect.fail(failing("OutcomeUnknown")) }))
        )
      )
    )
  )

  it.effect("that cannot end a write leaves a success untold, so that the repeat looks it up", () => {
    let isBroken = true
    const store = storeWith(({ finish }) => ({
      finish: (...given) => (isBroken ? Effect.fail(failing("Overloaded")) : finish(...given))
    }))
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* practice(bookUnder("a")), failed("OutcomeUnknown"))
      isBroken = false
      assert.deepInclude(yield* practice(bookUnder("a")), { status: 200, isReplay: false })
      assert.strictEqual(yield* calls("createReservation"), 1)
    }).pipe(Effect.provide(It.gateway(table, {}, store)))
  })

  it.effect("that tells of a request of the process before this one has it waited for from the start on", () => {
    const store = storeWith(({ begin }) => ({
      begin: (intention) =>
        Effect.map(begin(intention), (begun) =>
          begun._tag === "Work" ? { ...begun, work: { ...begun.work, earlier: { begunMs: 0 } } } : begun
        )
    }))
    return Effect.gen(function* () {
      yield* TestClock.adjust("1 hour")
      yield* Effect.gen(function* () {
        const repeat = yield* Effect.forkChild(practice(bookUnder("a")))
        yield* TestClock.adjust("14 seconds")
        assert.strictEqual(yield* calls("createReservation"), 0)
        yield* TestClock.adjust("1 second")
        assert.deepInclude(yield* Fiber.join(repeat), { status: 200 })
      }).pipe(Effect.provide(It.gateway(table, {}, store)))
    })
  })
})
