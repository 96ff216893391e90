/** Accounts of one process share their operations, and nothing else: neither token nor server, limits nor answers. */
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Events } from "@bookio-kit/core/event/Events"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { Slots } from "@bookio-kit/core/slot/Slots"
import { LocalDate } from "@bookio-kit/core/time/LocalDate"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted, Schema } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { Account } from "../src/Account.ts"
import { BookioClient, type BookioClientOptions } from "../src/BookioClient.ts"
import * as BookioRemote from "../src/BookioRemote.ts"
import { backend, refusal, stub, stubUrl, success } from "./Stub.ts"
import { asCaller, blocking, booking, shared } from "./Support.ts"

interface Seen {
  readonly host: string
  readonly path: string
  readonly token: string | undefined
}

const numberOf = (host: string) => Number(/\d+/.exec(host)?.[0])

/**
 * One `HttpClient` for all accounts. Answers take their turns, the first to each question is that the server is overloaded,
 * and what is told in them is the server's number.
 */
const servers = () => {
  const seen: Array<Seen> = []
  const known = new Set<string>()
  const layer = Layer.succeed(HttpClient.HttpClient)(
    HttpClient.make((request, url) =>
      Effect.gen(function* () {
        const number = numberOf(url.hostname)
        seen.push({ host: url.hostname, path: url.pathname, token: request.headers.authorization })
        const at = `${request.method} ${url.href}`
        const isFirst = !known.has(at)
        known.add(at)
        for (let turn = 0; turn < (number * 7) % 5; turn++) yield* Effect.yieldNow
        if (number % 3 === 0) yield* Effect.sleep(number)
        const { pathname } = url
        const answer =
          isFirst && request.method === "GET"
            ? refusal({}, 503)
            : pathname.endsWith("/events")
              ? refusal({ errorCode: 404 }, 404)
              : pathname.endsWith("/slots")
                ? success({ slots: [] })
                : request.method === "POST" || request.method === "PUT"
                  ? success({ reservationId: number, blockedTimeId: number, externalId: number })
                  : success({
                      pagination: { total: number, offset: 0, limit: 100 },
                      reservations: [],
                      blockedTimes: []
                    })
        return HttpClientResponse.fromWeb(request, answer)
      })
    )
  )
  return { seen, layer }
}

const account = (number: number, options: Partial<BookioClientOptions> = {}) =>
  BookioRemote.layer({
    baseUrl: `https://s${number}.example/public/api/v1`,
    token: Redacted.make(`token-${number}`),
    extensions: true,
    ...options
  })

const days = Schema.decodeSync(LocalDate)

/** Everything that is sent by other ways: lists, writes, the extension, an overridden route. */
const work = Effect.gen(function* () {
  const { changeStatus, create, list } = yield* Reservations
  const blockedTimes = yield* BlockedTimes
  const slots = yield* Slots
  const events = yield* Events
  const told = yield* Effect.all(
    [
      Effect.map(list({ limit: 100 }), ({ pagination }) => pagination.total),
      Effect.map(blockedTimes.list({}), ({ pagination }) => pagination.total),
      Effect.map(create(booking(1)), ({ reservationId }) => reservationId),
      Effect.map(blockedTimes.create(blocking(1)), ({ blockedTimeId }) => blockedTimeId),
      Effect.map(changeStatus(ReservationId.make(5), { status: "CANCELLED" }), ({ reservationId }) => reservationId)
    ],
    { concurrency: "unbounded" }
  )
  const serviceId = ServiceId.make(1)
  yield* slots.list({ facilityId: shared, serviceId, from: days("2026-06-01"), to: days("2026-06-02") })
  // This server has no feed after all.
  assert.strictEqual((yield* Effect.flip(events.list({})))._tag, "EndpointNotFound")
  return told
})

describe("accounts side by side", () => {
  it.effect("send their own token to their own server only, and take its answers", () =>
    Effect.gen(function* () {
      const { layer, seen } = servers()
      const numbers = Array.from({ length: 24 }, (_, index) => index + 1)
      const routes = { changeReservationStatus: { method: "POST", path: "/other/{reservationId}" } } as const
      const fiber = yield* Effect.forkChild(
        Effect.forEach(
          numbers,
          (number) => Effect.provide(asCaller(work), account(number, number % 2 === 0 ? { routes } : {})),
          { concurrency: "unbounded" }
        ).pipe(Effect.provide(layer))
      )
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(
        yield* Fiber.join(fiber),
        numbers.map((number) => Array.from({ length: 5 }, () => number))
      )
      for (const { host, token } of seen) assert.strictEqual(token, `Bearer token-${numberOf(host)}`)
      for (const number of numbers) {
        const paths = seen.filter(({ host }) => host === `s${number}.example`).map(({ path }) => path)
        // Each of the two lists and of the two questions to the extension is asked again, and each write is sent once.
        assert.strictEqual(paths.length, 11, paths.join())
        assert.strictEqual(paths.includes("/public/api/v1/other/5"), number % 2 === 0)
        assert.isTrue(paths.some((path) => path.endsWith("/slots")) && paths.some((path) => path.endsWith("/events")))
      }
      // They took turns: no server was asked for everything at a stretch.
      const changes = seen.filter(({ host }, index) => host !== seen[index - 1]?.host).length
      assert.isAbove(changes, 2 * numbers.length)
    })
  )

  it.effect("ask with their own token where they share a server", () =>
    Effect.gen(function* () {
      const { asked, layer } = stub(() => success({ pagination: { total: 0, offset: 0, limit: 1 }, reservations: [] }))
      const ask = (name: string) =>
        Effect.flatMap(Reservations, ({ list }) => list({ email: `${name}@example.com` })).pipe(
          Effect.replicateEffect(5, { concurrency: "unbounded" }),
          Effect.provide(backend(layer, { token: Redacted.make(name) })),
          asCaller
        )
      yield* Effect.all([ask("first"), ask("second"), ask("third")], { concurrency: "unbounded" })
      assert.strictEqual(asked.length, 15)
      for (const { headers, url } of asked) {
        assert.strictEqual(headers.authorization, `Bearer ${url.searchParams.get("email")?.split("@")[0]}`)
      }
    })
  )

  it.effect("have budgets and circuits of their own", () =>
    Effect.gen(function* () {
      const { asked, layer } = stub(({ headers }) =>
        headers.authorization === "Bearer failing"
          ? refusal({}, 500)
          : success({ pagination: { total: 0, offset: 0, limit: 1 }, reservations: [] })
      )
      const list = Effect.flatMap(Reservations, (port) => Effect.exit(port.list({})))
      const through = (token: string, options: Partial<BookioClientOptions>) =>
        Layer.build(backend(layer, { token: Redacted.make(token), timeout: "5 seconds", ...options }))
      const failing = yield* through("failing", { breakerFailures: 1 })
      const poor = yield* through("poor", { requestsPerMinute: 1 })
      const sound = yield* through("sound", {})
      const outcomes = yield* Effect.forkChild(
        Effect.forEach([failing, poor, poor, sound, sound, sound], (context) =>
          Effect.map(asCaller(Effect.provideContext(list, context)), ({ _tag }) => _tag)
        )
      )
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Fiber.join(outcomes), [
        "Failure",
        "Success",
        "Failure",
        "Success",
        "Success",
        "Success"
      ])
      const count = (token: string) => asked.filter(({ headers }) => headers.authorization === `Bearer ${token}`).length
      assert.deepStrictEqual([count("poor"), count("sound")], [1, 3])
    })
  )

  it.effect("send their own calls, also where another account stands around them", () =>
    Effect.gen(function* () {
      const { asked, layer } = stub(() => success({ pagination: { total: 0, offset: 0, limit: 1 }, reservations: [] }))
      const stranger = Account.of({ send: () => Effect.die(new Error("asked for a call of another account")) })
      yield* Effect.flatMap(Reservations, ({ list }) => list({})).pipe(
        Effect.provideService(Account, stranger),
        Effect.provide(backend(layer)),
        asCaller
      )
      assert.deepStrictEqual(
        asked.map(({ headers, url }) => [url.origin, headers.authorization]),
        [[new URL(stubUrl).origin, "Bearer secret-token"]]
      )
    })
  )

  it.effect("share what is derived of the contract, for there may be thousands", () =>
    Effect.gen(function* () {
      const { layer } = servers()
      const clients = yield* Effect.forEach([1, 2], (number) =>
        Effect.flatMap(Layer.build(Layer.provide(account(number), layer)), (context) =>
          Effect.provideContext(BookioClient, context)
        )
      )
      assert.strictEqual(clients[0]?.api, clients[1]?.api)
      assert.strictEqual(clients[0]?.extension, clients[1]?.extension)
      assert.isDefined(clients[0]?.extension)
    })
  )
})
