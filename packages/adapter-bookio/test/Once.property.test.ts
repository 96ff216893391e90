/**
 * A server that takes every create that reaches it, the same externalId or not: only the client's care is left between a
 * retry and a second reservation. In virtual time, where a lost request can still arrive later.
 */
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { type Asked, backend, type Given, refusal, stub, success } from "./Stub.ts"
import { asCaller, booking } from "./Support.ts"

/** What becomes of a request: whether the server does it, how much later in seconds, and what the client sees. */
interface Weather {
  readonly does: boolean
  readonly afterSeconds: number
  readonly sees: "answer" | "reset" | "silence" | "html" | "internal" | "unavailable" | "refused"
}

const weather: fc.Arbitrary<Weather> = fc.record({
  does: fc.boolean(),
  // The settling time is 10 seconds after a request of at most 5.
  afterSeconds: fc.nat({ max: 9 }),
  sees: fc.constantFrom("answer", "reset", "silence", "html", "internal", "unavailable", "refused")
})

const startMs = Date.parse("2026-06-01T12:00:00Z")
const wanted = booking(1)

const world = (script: ReadonlyArray<Weather>) => {
  const made: Array<{ readonly atMs: number; readonly id: number }> = []
  let before = 0
  const answer = ({ atMs, method, url }: Asked): Given => {
    const given = script[before++] ?? { does: true, afterSeconds: 0, sees: "answer" }
    const date = { date: new Date(atMs).toUTCString() }
    const id = before
    const isDone = given.sees === "answer" || (given.does && given.sees !== "unavailable" && given.sees !== "refused")
    if (method === "POST" && isDone) {
      made.push({ id, atMs: atMs + (given.sees === "answer" ? 0 : given.afterSeconds * 1000) })
    }
    switch (given.sees) {
      case "reset":
        return { code: "ECONNRESET" }
      case "silence":
        return "silence"
      case "html":
        return new Response("<html>", { status: 502 })
      case "internal":
        return refusal({ errorCode: 666 }, 500, date)
      case "unavailable":
        return refusal({ reason: "Overloaded" }, 503, date)
      case "refused":
        return { code: "ECONNREFUSED" }
    }
    if (method === "POST") return success({ reservationId: id, externalId: wanted.externalId }, date)
    const since = Number(url.searchParams.get("lastSync") ?? 0)
    const rows = made.filter((row) => row.atMs <= atMs && row.atMs >= since)
    const limit = Number(url.searchParams.get("limit"))
    const reservations = rows.slice(0, limit).map((row) => ({
      id: row.id,
      externalId: wanted.externalId,
      name: "John Person 1",
      service: 1,
      duration: 30,
      created: "2026-06-01T14:00:00",
      dateFrom: "2027-06-01T12:30:00",
      dateTo: "2027-06-01T13:00:00",
      needsSync: false,
      facilityId: 1,
      status: "CONFIRMED"
    }))
    return success({ pagination: { total: rows.length, offset: 0, limit }, reservations }, date)
  }
  return { answer, made }
}

it("never makes a second reservation, and tells of the first unless it says that it does not know", () =>
  fc.assert(
    fc.asyncProperty(fc.array(weather, { maxLength: 8 }), (script) =>
      Effect.runPromise(
        Effect.gen(function* () {
          yield* TestClock.setTime(startMs)
          const { answer, made } = world(script)
          const call = Effect.flatMap(Reservations, ({ create }) => create(wanted))
          const options = { timeout: "1 minute", breakerFailures: 100 } as const
          const fiber = yield* Effect.forkChild(
            Effect.result(asCaller(Effect.provide(call, backend(stub(answer).layer, options)))),
            { startImmediately: true }
          )
          yield* TestClock.adjust("5 minutes")
          const result = yield* Fiber.join(fiber)
          assert.isAtMost(made.length, 1)
          if (Result.isSuccess(result)) {
            assert.deepStrictEqual([result.success.reservationId], made.map(({ id }) => id) as never)
            return
          }
          const { failure } = result
          const isUnknown = failure._tag === "BackendError" && failure.reason === "OutcomeUnknown"
          if (!isUnknown) assert.strictEqual(made.length, 0, `${failure._tag} ${failure.message}`)
        }).pipe(Effect.scoped, Effect.provide(TestClock.layer()))
      )
    ),
    { numRuns: Number(process.env.FC_NUM_RUNS ?? 150), endOnFailure: true }
  ))
