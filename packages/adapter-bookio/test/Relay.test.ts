/** What a relay hands on, what it reads of it, and what it leaves to the client's call. */
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { BookioClient, type BookioClientOptions } from "../src/BookioClient.ts"
import * as BookioRemote from "../src/BookioRemote.ts"
import type { Relayed, RelayTransport } from "../src/Relay.ts"
import { asCaller } from "./Support.ts"

type Answer = Parameters<Parameters<RelayTransport["send"]>[1]>[0]

const row = {
  id: 7,
  name: "John Audrey",
  service: 3,
  duration: 30,
  created: "2027-05-01T12:00:00",
  dateFrom: "2027-06-01T12:00:00",
  dateTo: "2027-06-01T12:30:00",
  needsSync: true,
  facilityId: 1,
  status: "CONFIRMED"
}
const page = { pagination: { total: 1, offset: 0, limit: 100 }, reservations: [row] }
const bodyOf = (data: object, more: object = {}) => JSON.stringify({ result: { success: true, data, ...more } })
const whole = (body: string, status = 200): Answer => {
  const bytes = new TextEncoder().encode(body)
  return { status, headers: {}, bytes, ended: "whole", length: bytes.length }
}

/** A client whose calls are answered by `called`, and whose relay meets `answer`. */
const stack = (options: Partial<BookioClientOptions> = {}) =>
  Effect.gen(function* () {
    const world = {
      answer: whole(bodyOf(page)),
      called: () => new Response(bodyOf({ ...page, reservations: [] })),
      calls: 0,
      sent: [] as Array<{ readonly url: string; readonly headers: object }>,
      compared: 0
    }
    const relay: RelayTransport = {
      send: ({ headers, url }, tell) => {
        world.sent.push({ url, headers })
        tell(world.answer)
        return () => {}
      },
      isSame: (a, b) => {
        world.compared += 1
        return a.every((byte, index) => byte === b[index])
      }
    }
    const client = HttpClient.make((request) =>
      Effect.sync(() => {
        world.calls += 1
        return HttpClientResponse.fromWeb(request, world.called())
      })
    )
    const services = yield* Layer.build(
      BookioRemote.layer({
        baseUrl: "http://127.0.0.1:1/public/api/v1",
        token: Redacted.make("secret"),
        relay,
        ...options
      }).pipe(Layer.provide(Layer.succeed(HttpClient.HttpClient)(client)))
    )
    const send = (operation: "listReservations" | "listBlockedTimes" = "listReservations") => {
      const told: Array<Relayed> = []
      const end = Context.get(services, BookioClient).relay?.send(
        { operation, query: "lang=en", requestId: "id" },
        (relayed) => told.push(relayed)
      )
      return end === undefined ? undefined : told[0]
    }
    const list = asCaller(Context.get(services, Reservations).list({}))
    return { world, send, list }
  })

const failed = (effect: Effect.Effect<unknown, { readonly _tag: string }>) =>
  Effect.map(Effect.flip(effect), (error) =>
    error._tag === "BackendError" ? (error as BackendError).reason : error._tag
  )

describe("a relay", () => {
  it.effect("hands on the bytes of a page with the ids of its rows, under the client's token", () =>
    Effect.gen(function* () {
      const { send, world } = yield* stack()
      const relayed = send()
      assert.deepInclude(relayed, { _tag: "Page", ids: [7] })
      assert.deepStrictEqual(world.sent, [
        {
          url: "http://127.0.0.1:1/public/api/v1/reservations?lang=en",
          headers: { authorization: "Bearer secret", accept: "application/json", "x-request-id": "id" }
        }
      ])
      assert.strictEqual(world.calls, 0)
    }).pipe(Effect.scoped)
  )

  it.effect("knows a page again by its bytes, and no other of the same length, nor of another operation", () =>
    Effect.gen(function* () {
      const { send, world } = yield* stack()
      send()
      assert.deepInclude(send(), { ids: [7] })
      assert.strictEqual(world.compared, 1)
      world.answer = whole(bodyOf({ ...page, reservations: [{ ...row, id: 8 }] }))
      assert.deepInclude(send(), { ids: [8] })
      world.answer = whole(bodyOf({ ...page, reservations: [{ ...row, id: -8, status: "CONFIRME" }] }))
      assert.strictEqual(send()?._tag, "Other")
      world.answer = whole(bodyOf(page))
      assert.strictEqual(send("listBlockedTimes")?._tag, "Other")
    }).pipe(Effect.scoped)
  )

  it.effect("leaves all that is no success of the contract and nothing beside it to the call", () =>
    Effect.gen(function* () {
      const { list, send, world } = yield* stack({ breakerFailures: 1000 })
      const others: ReadonlyArray<readonly [Answer, string | undefined]> = [
        [whole(bodyOf(page), 201), undefined],
        [whole(` ${bodyOf(page)}`), undefined],
        [whole(`\ufeff${bodyOf(page)}`), undefined],
        [whole(bodyOf(page, { errors: ["careful"] })), undefined],
        [whole(bodyOf({ ...page, more: 1 })), undefined],
        [whole('{"result":{"success":false,"errorCode":20}}', 401), "InvalidToken"],
        [whole('{"result":{"success":false,"errorCode":403}}'), "PermissionDenied"],
        [whole('{"result":{"success":false,"errorCode":666}}', 500), "Internal"]
      ]
      for (const [answer, error] of others) {
        world.answer = answer
        const relayed = send()
        const calls = world.calls
        if (relayed?._tag !== "Other") return assert.fail(JSON.stringify(answer))
        const told = relayed.resume(list)
        if (error === undefined)
          assert.deepStrictEqual(
            (yield* told).rows.map(({ id }) => Number(id)),
            [7]
          )
        else assert.strictEqual(yield* failed(told), error)
        // The answer that was there was the call's first attempt.
        assert.strictEqual(world.calls, calls)
        // A success of a call, so that the next may be sent.
        yield* list
      }
    }).pipe(Effect.scoped)
  )

  it.live("has what can be repeated repeated by the call, once", () =>
    Effect.gen(function* () {
      const { list, send, world } = yield* stack()
      const { bytes, ...of } = whole(bodyOf(page)) as Extract<Answer, { bytes: unknown }>
      for (const answer of [
        { ...of, bytes: bytes.subarray(0, 20), ended: "cut" },
        whole("<html>", 502),
        { unsent: true, code: "ECONNREFUSED" },
        "timeout"
      ] as ReadonlyArray<Answer>) {
        world.answer = answer
        const relayed = send()
        const calls = world.calls
        if (relayed?._tag !== "Other") return assert.fail(JSON.stringify(answer))
        assert.deepStrictEqual((yield* relayed.resume(list)).rows, [])
        assert.strictEqual(world.calls, calls + 1)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("sends nothing without budget, which a call shares, nor while the last attempt failed", () =>
    Effect.gen(function* () {
      const { list, send, world } = yield* stack({ requestsPerMinute: 3, timeout: "5 seconds" })
      assert.strictEqual(send()?._tag, "Page")
      yield* list
      world.answer = whole("<html>", 500)
      const relayed = send()
      if (relayed?._tag !== "Other") return assert.fail("a page")
      // Given back, for the call takes it.
      world.called = () => new Response('{"result":{"success":false,"errorCode":666}}', { status: 500 })
      const answer = whole('{"result":{"success":false,"errorCode":666}}', 500)
      world.answer = answer
      assert.strictEqual(send()?._tag, "Other")
      assert.strictEqual(yield* failed(list), "Internal")
      assert.isUndefined(send())
      yield* TestClock.adjust("1 minute")
      assert.isUndefined(send())
      world.called = () => new Response(bodyOf(page))
      yield* list
      world.answer = whole(bodyOf(page))
      assert.strictEqual(send()?._tag, "Page")
      assert.strictEqual(send()?._tag, "Page")
      assert.isUndefined(send())
    }).pipe(Effect.scoped)
  )

  it.effect("sends nothing where the operation's route has another method, or a request may take long", () =>
    Effect.gen(function* () {
      const routes = {
        listReservations: { method: "POST", path: "/x" },
        listBlockedTimes: { method: "GET", path: "/y" }
      } as const
      const { send, world } = yield* stack({ routes })
      assert.isUndefined(send())
      send("listBlockedTimes")
      assert.strictEqual(world.sent[0]?.url, "http://127.0.0.1:1/public/api/v1/y?lang=en")
      const patient = yield* stack({ requestTimeout: "11 seconds" })
      assert.isUndefined(patient.send())
    }).pipe(Effect.scoped)
  )
})
