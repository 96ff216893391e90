/** What callers of a gateway get while its upstream is away, slow or talks nonsense, and that it recovers by itself. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, type Duration, Effect } from "effect"
import { type Fault, faultServer } from "../../adapter-bookio/test/FaultServer.ts"
import { setClock } from "./SetClock.ts"
import { gatewayServer, upstream } from "./Stack.ts"
import * as It from "./Support.ts"

const { one } = It

const table = It.keys(It.key("practice"))

/** A gateway in front of a server, with the weather between them: all requests meet `fault` until it is over. */
const stack = (cacheFor: Duration.Input = "0 seconds") =>
  Effect.gen(function* () {
    const { services, url: server } = yield* upstream
    const faults: Array<Fault> = []
    const between = yield* faultServer({ upstream: server, slowMs: 1800, lateMs: 1800 }, faults)
    const { ahead, clock } = setClock()
    const lifetimes = {
      facilitiesLifetime: cacheFor,
      calendarsLifetime: "0 seconds",
      rowsLifetime: "0 seconds"
    } as const
    const { url } = yield* Effect.provideService(
      gatewayServer(between.baseUrl.replace(/\/public.*/, ""), table, lifetimes),
      Clock.Clock,
      clock
    )
    const ask = (method: string, path: string, body?: unknown) =>
      Effect.promise(async () => {
        const startedMs = performance.now()
        const response = await fetch(`${url}${path}`, {
          method,
          headers: { authorization: `Bearer ${It.tokenOf("practice")}`, "content-type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) })
        })
        const { result } = (await response.json()) as {
          result: { success: boolean; errorCode?: number; reason?: string; errors?: ReadonlyArray<string> }
        }
        return {
          status: response.status,
          ...(result.reason === undefined ? {} : { reason: result.reason }),
          ...(result.errorCode === undefined ? {} : { errorCode: result.errorCode }),
          cache: response.headers.get("x-cache"),
          tookMs: performance.now() - startedMs
        }
      })
    return {
      ahead,
      services,
      list: ask("GET", "/public/api/v1/reservations?facilityId=1"),
      facilities: ask("GET", "/public/api/v1/facilities/cgm"),
      ready: Effect.promise(async () => (await fetch(`${url}/readyz`)).status),
      create: (n: number) =>
        ask("POST", "/public/api/v1/reservations", {
          ...It.booking(n, one),
          dateFrom: `2027-06-02T${String(8 + n).padStart(2, "0")}:00:00`
        }),
      during: (fault: Fault) => Effect.sync(() => void faults.push(...Array.from({ length: 10_000 }, () => fault))),
      over: Effect.sync(() => {
        faults.length = 0
      })
    }
  })

// An attempt is given 1.2 s, a call 3; a caller gets the answer within that and a little, on a busy machine too.
const inTimeMs = 6000

const weathers: ReadonlyArray<readonly [Fault, read: object, write: object]> = [
  ["resetBefore", { status: 502, reason: "Unreachable" }, { status: 504, reason: "OutcomeUnknown" }],
  ["halfBody", { status: 502, reason: "MalformedResponse" }, { status: 504, reason: "OutcomeUnknown" }],
  ["slowAnswer", { status: 504, reason: "Timeout" }, { status: 504, reason: "OutcomeUnknown" }],
  ["htmlBefore", { status: 502, reason: "MalformedResponse" }, { status: 504, reason: "OutcomeUnknown" }],
  ["htmlOkAfter", { status: 502, reason: "MalformedResponse" }, { status: 504, reason: "OutcomeUnknown" }],
  ["hugeAfter", { status: 502, reason: "MalformedResponse" }, { status: 504, reason: "OutcomeUnknown" }],
  ["refusedWithoutCode", { status: 500, reason: "Internal" }, {}],
  ["unknownCode", { status: 500, reason: "Internal" }, { status: 504, reason: "OutcomeUnknown" }],
  ["internalBefore", { status: 500, reason: "Internal" }, { status: 504, reason: "OutcomeUnknown" }],
  ["limited", { status: 429, reason: "RateLimited" }, { status: 429, reason: "RateLimited" }],
  ["redirect", {}, {}]
]

describe("a gateway in bad weather", () => {
  for (const [fault, read, write] of weathers) {
    it.live(`${fault}: tells a reader and a writer in time, and recovers by itself`, () =>
      Effect.gen(function* () {
        const { create, during, list, over } = yield* stack()
        // It knows the services, so that a write is sent.
        assert.strictEqual((yield* create(1)).status, 200)
        yield* during(fault)
        const read_ = yield* list
        const written = yield* create(2)
        for (const [got, wanted] of [
          [read_, read],
          [written, write]
        ] as const) {
          assert.deepInclude(got, wanted)
          assert.isBelow(got.tookMs, inTimeMs)
          assert.isAtLeast(got.status, 400)
        }
        yield* over
        const returnedMs = performance.now()
        for (;;) {
          if ((yield* list).status === 200) break
          assert.isBelow(performance.now() - returnedMs, 5000)
        }
      }).pipe(Effect.scoped)
    )
  }

  it.live("goes on with facilities from the cache, and is not ready, while the upstream is away", () =>
    Effect.gen(function* () {
      const { ahead, during, facilities, list, over, ready } = yield* stack("1 minute")
      assert.deepInclude(yield* facilities, { status: 200, cache: "miss" })
      ahead(60_000)
      yield* during("resetBefore")
      assert.deepInclude(yield* facilities, { status: 200, cache: "stale" })
      assert.deepInclude(yield* list, { status: 502, cache: "miss" })
      assert.strictEqual(yield* ready, 503)
      yield* over
      // By then the circuit is half open.
      ahead(100)
      assert.deepInclude(yield* facilities, { status: 200, cache: "miss" })
    }).pipe(Effect.scoped)
  )
})
