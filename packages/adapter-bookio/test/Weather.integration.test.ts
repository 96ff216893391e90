/** Writes through a server that makes the weather, on real sockets. */

import type { Caller } from "@bookio-kit/core/access/Caller"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Result } from "effect"
import * as fc from "fast-check"
import type { Ports } from "../src/BookioRemote.ts"
import { type Fault, faultServer } from "./FaultServer.ts"
import { asCaller, blocking, booking, type clients, remote, rowsOf, server, shared } from "./Support.ts"

const weather: ReadonlyArray<Fault> = [
  "resetBefore",
  "resetAfter",
  "halfBody",
  "slowAnswer",
  "late",
  "htmlBefore",
  "htmlAfter",
  "htmlOkAfter",
  "limited",
  "unavailable",
  "internalBefore",
  "internalAfter",
  "refusedWithoutCode",
  "unknownCode",
  "hugeAfter",
  "emptyAfter"
]

const times = { slowMs: 600, lateMs: 400 }

const upstreamOf = (baseUrl: string) => new URL(baseUrl).origin

/** Runs an operation through its own weather. */
const through = <A, E, R>(
  upstream: string,
  faults: ReadonlyArray<Fault>,
  run: Effect.Effect<A, E, R>,
  client: keyof typeof clients = "fetch"
) =>
  Effect.gen(function* () {
    const between = yield* faultServer({ upstream: upstreamOf(upstream), ...times }, [...faults])
    const result = yield* Effect.result(Effect.provide(asCaller(run), Layer.fresh(remote(between.baseUrl, {}, client))))
    return { result, seen: between.seen }
  }).pipe(Effect.scoped)

const create = (n: number) => Effect.flatMap(Reservations, ({ create }) => create(booking(n)))

describe("a create", () => {
  for (const [index, [client, fault]] of (["fetch", "dispatch"] as const)
    .flatMap((client) => weather.map((fault) => [client, fault] as const))
    .entries()) {
    it.live(`ends with one reservation after ${fault} over ${client}`, () =>
      Effect.gen(function* () {
        const { baseUrl, services } = yield* server
        const n = 1010 + index
        const { result, seen } = yield* through(baseUrl, [fault], create(n), client)
        const rows = yield* Effect.provide(rowsOf(booking(n).externalId), services)
        assert.strictEqual(rows.length, 1, seen.join(", "))
        assert.deepStrictEqual(Result.getOrThrow(result), {
          reservationId: rows[0]?.id,
          externalId: booking(n).externalId
        } as never)
      }).pipe(Effect.scoped)
    )
  }

  it.live(
    "ends with one reservation, or says that it does not know, in any weather",
    () =>
      Effect.gen(function* () {
        const { baseUrl, services } = yield* server
        let n = 100
        const property = fc.asyncProperty(
          fc.array(fc.constantFrom(...weather, "pass" as const), { maxLength: 7 }),
          (faults) =>
            Effect.runPromise(
              Effect.gen(function* () {
                const { externalId } = booking(++n)
                const { result, seen } = yield* through(baseUrl, faults, create(n))
                const rows = yield* Effect.provide(rowsOf(externalId), services)
                const told = seen.join(", ")
                if (Result.isSuccess(result)) {
                  assert.deepStrictEqual(
                    rows.map(({ id }) => id),
                    [result.success.reservationId],
                    told
                  )
                  return
                }
                const { failure } = result
                assert.instanceOf(failure, BackendError, told)
                const isUnknown = failure._tag === "BackendError" && failure.reason === "OutcomeUnknown"
                assert.isAtMost(rows.length, isUnknown ? 1 : 0, `${told}: ${failure.message}`)
              })
            )
        )
        yield* Effect.promise(() =>
          fc.assert(property, { numRuns: Number(process.env.FC_NUM_RUNS ?? 25), endOnFailure: true })
        )
      }).pipe(Effect.scoped),
    120_000
  )

  it.live("fails with the upstream's absence, and nothing done, when there is no server", () =>
    Effect.gen(function* () {
      const between = yield* Effect.scoped(faultServer({ upstream: "http://127.0.0.1:1", ...times }, []))
      const exit = yield* Effect.exit(
        Effect.provide(asCaller(create(5)), remote(between.baseUrl, { timeout: "800 millis" }))
      )
      assert.isTrue(Exit.isFailure(exit))
      const error = yield* Effect.flip(exit)
      assert.strictEqual(error._tag === "BackendError" ? error.reason : error._tag, "Unreachable")
    })
  )
})

describe("other writes", () => {
  const port = <A, E>(use: (port: Reservations["Service"]) => Effect.Effect<A, E, Caller>) =>
    Effect.flatMap(Reservations, use)
  const blockedPort = <A, E>(use: (port: BlockedTimes["Service"]) => Effect.Effect<A, E, Caller>) =>
    Effect.flatMap(BlockedTimes, use)
  const term = { dateFrom: booking(3).dateFrom, dateTo: booking(5).dateFrom }

  for (const fault of ["resetAfter", "late", "internalAfter", "slowAnswer"] as const) {
    it.live(`are done once after ${fault}`, () =>
      Effect.gen(function* () {
        const { baseUrl, services } = yield* server
        const through1 = <A, E, R>(call: Effect.Effect<A, E, R>) =>
          Effect.map(through(baseUrl, [fault], call), ({ result }) => Result.getOrThrow(result))
        const { reservationId } = yield* Effect.provide(asCaller(create(1)), services)
        yield* through1(port(({ changeTerm }) => changeTerm(reservationId, term)))
        yield* through1(port(({ confirmSync }) => confirmSync(reservationId, {})))
        yield* through1(port(({ changeStatus }) => changeStatus(reservationId, { status: "DID_NOT_COME" })))
        const [row] = yield* Effect.provide(rowsOf(booking(1).externalId), services)
        assert.strictEqual(
          `${row?.dateFrom} ${row?.dateTo} ${row?.status}`,
          "2027-06-01T13:30:00 2027-06-01T14:30:00 DID_NOT_COME"
        )
        const { blockedTimeId } = yield* through1(blockedPort(({ create }) => create(blocking(1))))
        yield* through1(blockedPort(({ changeTerm }) => changeTerm(blockedTimeId, { dateTo: blocking(2).dateTo })))
        const listed = yield* Effect.provide(
          asCaller(blockedPort(({ list }) => list({ facilityId: shared }))),
          services
        )
        assert.deepStrictEqual(
          listed.rows.map(({ dateTo, id }) => `${id} ${dateTo}`),
          [`${blockedTimeId} 2032-06-01T15:00:00`]
        )
        const removed = yield* through1(blockedPort(({ remove }) => remove(blockedTimeId)))
        assert.deepStrictEqual(removed, { blockedTimeId })
      }).pipe(Effect.scoped)
    )
  }

  it.live("that were lost end in doubt where the row was changed a moment before, and are not sent again", () =>
    Effect.gen(function* () {
      const { baseUrl, services } = yield* server
      const { reservationId } = yield* Effect.provide(asCaller(create(1)), services)
      const { result, seen } = yield* through(
        baseUrl,
        ["resetBefore"],
        port(({ changeTerm }) => changeTerm(reservationId, term))
      )
      const error = yield* Effect.flip(Effect.fromResult(result))
      assert.strictEqual(error._tag === "BackendError" ? error.reason : error._tag, "OutcomeUnknown")
      assert.strictEqual(seen.filter((line) => line.startsWith("PUT")).length, 1)
    }).pipe(Effect.scoped)
  )
})

describe("reads", () => {
  const list = Effect.flatMap(Reservations, ({ list }) => list({ facilityId: shared }))

  it.live("survive any weather that passes", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* server
      for (const fault of weather.filter(
        (fault) => !["internalBefore", "internalAfter", "refusedWithoutCode", "unknownCode"].includes(fault)
      )) {
        const { result } = yield* through(baseUrl, [fault], list)
        assert.isTrue(Result.isSuccess(result), fault)
      }
    }).pipe(Effect.scoped)
  )

  it.live("read no more of an endless answer than its bound", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* server
      const { result, seen } = yield* through(baseUrl, Array<Fault>(3).fill("hugeAfter"), list)
      assert.isTrue(Result.isSuccess(result))
      assert.strictEqual(seen.length, 4)
    }).pipe(Effect.scoped)
  )

  it.live("follow no redirect: neither the token nor anything else goes elsewhere", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* server
      const elsewhere = yield* faultServer({ upstream: upstreamOf(baseUrl), ...times }, [])
      const between = yield* faultServer(
        { upstream: upstreamOf(baseUrl), ...times, elsewhere: new URL(elsewhere.baseUrl).origin },
        Array<Fault>(50).fill("redirect")
      )
      const backend = remote(between.baseUrl, { timeout: "500 millis", requestTimeout: "400 millis" })
      const redirected = <A, E>(call: Effect.Effect<A, E, Ports | Caller>) =>
        Effect.flip(Effect.provide(asCaller(call), Layer.fresh(backend)))
      assert.strictEqual((yield* redirected(list))._tag, "BackendError")
      assert.strictEqual((yield* redirected(create(1)))._tag, "BackendError")
      assert.isAbove(between.seen.length, 1)
      assert.deepStrictEqual(elsewhere.seen, [])
    }).pipe(Effect.scoped)
  )

  it.live("go on within seconds of the server's return", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* server
      const faults = Array<Fault>(30).fill("htmlBefore")
      const between = yield* faultServer({ upstream: upstreamOf(baseUrl), ...times }, faults)
      yield* Effect.gen(function* () {
        for (let n = 0; n < 3; n++) yield* Effect.exit(Effect.timeoutOption(list, "400 millis"))
        // The sky clears, while the circuit is open.
        faults.length = 0
        assert.isTrue(Exit.isSuccess(yield* Effect.exit(list)))
      }).pipe(asCaller, Effect.provide(remote(between.baseUrl)))
    }).pipe(Effect.scoped)
  )
})
