/** Callers who bring upstream tokens of their own. */
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { Readiness } from "@bookio-kit/core/health/Readiness"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import * as It from "./Support.ts"

const { one } = It

const table = { _tag: "Passthrough" } as const
const reservations = It.listReservations({}).pipe(It.as("first-write"))

describe("passthrough", () => {
  it.effect("reaches what the upstream token reaches, and keeps callers apart", () =>
    Effect.gen(function* () {
      yield* It.book(It.booking(1, one)).pipe(It.as("first-write"))
      const ids = (name: string) =>
        Effect.map(It.listFacilities, (rows) => rows.map(({ id }) => id as number)).pipe(It.as(name))
      assert.deepStrictEqual(
        [yield* ids("first-write"), yield* ids("second-write"), yield* ids("stranger-write")],
        [[1, 2, 3], [1], [2]]
      )
      assert.strictEqual((yield* reservations).pagination.total, 1)
      assert.strictEqual((yield* It.listReservations({}).pipe(It.as("stranger-write"))).pagination.total, 0)
      const [row] = (yield* It.listReservations({}).pipe(It.as("second-write"))).rows
      assert.strictEqual(row?.needsSync, true)
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("lets the upstream decide about every id", () =>
    Effect.gen(function* () {
      const { reservationId } = yield* It.book(It.booking(1, one)).pipe(It.as("first-write"))
      const cancel = It.changeStatus(reservationId, { status: "CANCELLED" })
      assert.strictEqual((yield* Effect.flip(cancel).pipe(It.as("stranger-write")))._tag, "ResourceNotFound")
      assert.strictEqual((yield* cancel.pipe(It.as("second-write"))).reservationId, reservationId)
      // A write by id ends all that is kept, for its facility is not known.
      assert.strictEqual((yield* reservations).rows[0]?.status, "CANCELLED")
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("asks the upstream about a token once a minute, and about a wrong one once in ten seconds", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      yield* Effect.all([reservations, reservations])
      assert.deepStrictEqual(tap.calls, ["listFacilities", "listReservations"])
      tap.calls.length = 0
      for (const again of [1, 2]) {
        assert.strictEqual((yield* Effect.flip(Effect.void.pipe(It.as("nobody"))))._tag, "InvalidToken", String(again))
      }
      assert.deepStrictEqual(tap.calls, ["listFacilities"])
      yield* TestClock.adjust("1 minute")
      yield* reservations
      assert.strictEqual(tap.calls.filter((name) => name === "listFacilities").length, 2)
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("gives stale facilities to a token that was valid within the hour, and to no other", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      const ask = Effect.andThen(
        It.listFacilities,
        Effect.map(It.cacheState, ({ cache }) => cache)
      ).pipe(It.as("first-write"))
      yield* ask
      yield* TestClock.adjust("11 minutes")
      tap.around = () => Effect.fail(new BackendError({ reason: "Unreachable" }))
      assert.strictEqual(yield* ask, "stale")
      assert.strictEqual((yield* Effect.flip(Effect.void.pipe(It.as("second-write"))))._tag, "BackendError")
      tap.around = () => Effect.never
      const silent = yield* Effect.forkChild(ask)
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(yield* Fiber.join(silent), "stale")
      tap.around = () => Effect.fail(new BackendError({ reason: "Unreachable" }))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Effect.flip(ask))._tag, "BackendError")
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("counts a rate for each token", () =>
    Effect.gen(function* () {
      yield* reservations
      assert.deepInclude({ ...(yield* Effect.flip(reservations)) }, { reason: "RateLimited" })
      yield* It.listReservations({}).pipe(It.as("second-write"))
    }).pipe(Effect.provide(It.gateway({ _tag: "Passthrough", rate: { requestsPerSecond: 1, burst: 1 } })))
  )
})

describe("readiness", () => {
  const check = Effect.flatMap(Readiness, ({ check }) => check)

  it.effect("follows the upstream, asked at most every five seconds", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      yield* Effect.all([check, check, check])
      assert.deepStrictEqual(tap.calls, ["listFacilities"])
      tap.around = () => Effect.fail(new BackendError({ reason: "Unreachable" }))
      yield* TestClock.adjust("6 seconds")
      assert.strictEqual((yield* Effect.flip(check)).reason, "Unreachable")
      tap.around = (_, call) => call
      yield* TestClock.adjust("6 seconds")
      yield* check
    }).pipe(Effect.provide(It.gateway(It.keys(It.key("practice")))))
  )

  it.effect("asks nothing with passthrough", () =>
    Effect.gen(function* () {
      yield* check
      assert.deepStrictEqual((yield* It.Tap).calls, [])
    }).pipe(Effect.provide(It.gateway(table)))
  )
})
