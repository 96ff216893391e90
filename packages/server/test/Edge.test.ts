import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { makeServer, newReservation } from "./Support.ts"

const create = { method: "POST", path: "/reservations", json: newReservation }

describe("a defect", () => {
  it.effect.each([
    ["that is raised", Effect.die(new Error("secret of marker@example.com"))],
    [
      "that is thrown",
      Effect.sync(() => {
        throw new TypeError("secret of marker@example.com")
      })
    ],
    ["that is no error at all", Effect.die("secret of marker@example.com")],
    // The contract has no facility 0: what would be sent does not fit it, which is no fault of the caller.
    ["of an answer that does not fit the contract", Effect.succeed([{ id: 0 as FacilityId, name: "secret" } as never])]
  ] as const)("%s MUST be errorCode 666, under the request id in the answer and in the log", ([, list]) =>
    Effect.gen(function* () {
      const { ask, entries, logs } = yield* makeServer({ facilities: { list } })
      const answer = yield* ask({ path: "/facilities/cgm", headers: { "x-request-id": "request-1" } })
      expect(answer.status).toBe(500)
      expect(answer.result).toEqual({
        success: false,
        errors: ["Internal error; it was logged under the request id request-1"],
        errorCode: 666,
        reason: "Internal",
        retryable: false
      })
      expect(answer.headers.get("x-request-id")).toBe("request-1")
      expect(logs).toHaveLength(1)
      expect(logs[0]).toContain('"requestId":"request-1"')
      expect(logs[0]).toContain('"logLevel":"Error"')
      expect(logs.join()).not.toMatch(/secret|marker/)
      expect(entries).toMatchObject([
        { requestId: "request-1", operation: "listFacilities", errorCode: 666, status: 500 }
      ])
    })
  )
})

describe("the time limit of 30 seconds", () => {
  it.effect.each([
    ["GET", { path: "/reservations" }, "Timeout", true],
    ["POST", create, "OutcomeUnknown", false],
    ["DELETE", { method: "DELETE", path: "/blocked-times/1" }, "OutcomeUnknown", false]
  ] as const)("%s MUST be answered, and its work given up", ([, request, reason, retryable]) =>
    Effect.gen(function* () {
      let givenUp = false
      const giveUp = Effect.sync(() => {
        givenUp = true
      })
      const forever = () => Effect.onInterrupt(Effect.never, () => giveUp)
      const { ask, entries } = yield* makeServer({
        reservations: { list: forever, create: forever },
        blockedTimes: { remove: forever }
      })
      const asked = yield* Effect.forkChild(ask(request), { startImmediately: true })
      // Reading a body takes turns of the event loop that no test clock drives.
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* TestClock.adjust("29 seconds")
      expect(entries).toEqual([])
      yield* TestClock.adjust("1 second")
      const answer = yield* Fiber.join(asked)
      expect(answer.status).toBe(504)
      expect(answer.result).toMatchObject({ success: false, reason, retryable })
      expect(answer.result).not.toHaveProperty("errorCode")
      expect(givenUp).toBe(true)
      expect(entries).toMatchObject([{ status: 504 }])
    })
  )
})

describe("X-Request-Id", () => {
  it.effect.each(["a", "Az09_.:/+=-", "x".repeat(128), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"])(
    "%s MUST be kept, in the answer and in the access log",
    (id) =>
      Effect.gen(function* () {
        const { ask, entries } = yield* makeServer()
        for (const path of ["/facilities/cgm", "/nowhere", "//healthz", "/calendars?date=x"]) {
          expect((yield* ask({ path, headers: { "x-request-id": id } })).headers.get("x-request-id")).toBe(id)
        }
        expect(entries.map((entry) => entry.requestId)).toEqual(Array(4).fill(id))
      })
  )

  it.effect.each(["", "two words", "x".repeat(129), "a\tb", "<b>", "a,b", "john@example.com", "\u00e9", '"'])(
    "%s MUST be replaced by a new one",
    (id) =>
      Effect.gen(function* () {
        const { ask } = yield* makeServer()
        const ids = new Set<string | null>()
        for (let time = 0; time < 3; time += 1) {
          ids.add(
            (yield* ask({ path: "/facilities/cgm", headers: { "x-request-id": id } })).headers.get("x-request-id")
          )
        }
        expect(ids.size).toBe(3)
        for (const drawn of ids) expect(drawn).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
      })
  )
})

describe("what is nowhere", () => {
  it.effect(
    "MUST be 404 for a token and 20 for none, in the language that is asked for, without an operation in the log",
    () =>
      Effect.gen(function* () {
        const { ask, entries } = yield* makeServer()
        for (const [method, path] of [
          ["GET", "/nowhere"],
          ["DELETE", "/calendars"],
          ["PATCH", "/calendars/1"],
          ["GET", "/calendars/%zz"],
          ["OPTIONS", "/calendars"]
        ] as const) {
          const answer = yield* ask({ method, path })
          expect([answer.status, answer.result.errorCode], path).toEqual([404, 404])
          const unknown = yield* ask({ method, path: `${path}?lang=sk`, token: "nobody" })
          expect([unknown.status, unknown.result.errorCode, unknown.result.errors]).toEqual([
            401,
            20,
            ["Token je neplatný"]
          ])
        }
        expect(entries.every((entry) => entry.operation === undefined)).toBe(true)
      })
  )
})

it.effect("an entry of the access log MUST hold names, codes and ids only", () =>
  Effect.gen(function* () {
    const { ask, entries } = yield* makeServer()
    yield* ask({ path: "/reservations?email=marker@example.com&number=marker" })
    yield* ask({ ...create, json: { ...newReservation, name: 7 } })
    yield* ask({ path: "/marker?marker", token: "marker" })
    expect(entries).toEqual([
      {
        requestId: expect.any(String),
        operation: "listReservations",
        channelId: 7,
        method: "GET",
        status: 200,
        startedMs: 0
      },
      {
        requestId: expect.any(String),
        operation: "createReservation",
        channelId: 7,
        errorCode: 10,
        method: "POST",
        status: 400,
        startedMs: 0
      },
      { requestId: expect.any(String), errorCode: 20, method: "GET", status: 401, startedMs: 0 }
    ])
  })
)
