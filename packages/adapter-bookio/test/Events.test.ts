/** The change feed over HTTP: what a server's stream means, what is no stream, and how a follower comes again. */

import { EventId } from "@bookio-kit/core/event/Event"
import type { EventPage, EventQuery } from "@bookio-kit/core/event/Events"
import { Events } from "@bookio-kit/core/event/Events"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, type Layer, Queue, Stream } from "effect"
import type { HttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { maxEventSize } from "../src/EventMessages.ts"
import { type Asked, backend, type Given, refusal, stub, success } from "./Stub.ts"
import { asCaller } from "./Support.ts"

const id = (n: number) => EventId.make(n)
const event = (n: number) => ({
  id: n,
  facilityId: 1,
  at: "2026-11-22T18:27:21.899Z",
  kind: "calendar.changed",
  calendarId: 3
})
const message = (name: string, n: number | "", data: unknown = {}) =>
  `id: ${n}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`
const told = (...ids: ReadonlyArray<number>) => ids.map((n) => message("calendar.changed", n, event(n))).join("")
const position = (n: number | "") => message("position", n)

const utf8 = new TextEncoder()

/** A stream of these parts, which then ends, breaks off, or stays open. */
const sse = (parts: ReadonlyArray<string>, end: "ends" | "breaks" | "stays" = "ends") => {
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const part = parts[sent++]
      if (part !== undefined) return controller.enqueue(utf8.encode(part))
      if (end === "ends") controller.close()
      if (end === "breaks") controller.error(new TypeError("terminated"))
      return undefined
    }
  })
  return new Response(body, { headers: { "content-type": "text/event-stream" } })
}

const on = (layer: Layer.Layer<HttpClient.HttpClient>, extensions = true) =>
  Effect.provide(backend(layer, { extensions }))

const ports = <A, E>(use: (port: Events["Service"]) => Effect.Effect<A, E, never>) => Effect.flatMap(Events, use)

const listed = (answer: (asked: Asked, before: number) => Given, query: EventQuery = {}) => {
  const { asked, layer } = stub(answer)
  const list = ports((port) => asCaller(port.list(query))).pipe(on(layer))
  return { asked, list }
}

/** Runs an effect whose waits pass as soon as they are waited for. */
const hastily = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    while (fiber.pollUnsafe() === undefined) {
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* TestClock.adjust("1 second")
    }
    return yield* Fiber.join(fiber)
  })

describe("list", () => {
  it.effect("MUST ask for what is there after an id, and give it with the place to go on", () =>
    Effect.gen(function* () {
      const { asked, list } = listed(
        () => sse(["retry: 2000\n\n", told(4), ": still here\n\n", told(6) + position(9)]),
        {
          after: id(3)
        }
      )
      assert.deepStrictEqual(yield* list, { events: [event(4), event(6)], last: id(9), hasGap: false } as unknown)
      assert.strictEqual(asked[0]?.url.href, "https://bookio.example/ext/v1/events?follow=false&lang=en")
      assert.strictEqual(asked[0]?.headers["last-event-id"], "3")
      assert.match(asked[0]?.headers.accept ?? "", /^text\/event-stream/)
    })
  )

  it.effect("MUST tell a gap, and a feed without events", () =>
    Effect.gen(function* () {
      const gap = listed(() => sse([message("gap", 3), told(4), position(4)]))
      assert.deepStrictEqual(yield* gap.list, { events: [event(4)], last: id(4), hasGap: true } as unknown)
      const empty = listed(() => sse([message("gap", ""), position("")]))
      assert.deepStrictEqual(yield* empty.list, { events: [], hasGap: true })
    })
  )

  it.effect("MUST leave an answer of many events after a page, and pass over what it does not know", () =>
    Effect.gen(function* () {
      const parts = Array.from(
        { length: 60_000 },
        (_, n) => told(2 * n + 1) + message("novelty", 2 * n + 2, { some: "thing" })
      )
      const { list } = listed(() => sse(parts))
      const page: EventPage = yield* list
      assert.strictEqual(page.events.length, 500)
      assert.deepStrictEqual([page.last, page.hasGap], [id(1000), false])
    })
  )

  it.effect("MUST ask again after an answer that was cut", () =>
    Effect.gen(function* () {
      const answers = [sse([told(4)]), sse([told(4)], "breaks"), sse([told(4), position(4)])]
      const { asked, list } = listed((_, before) => answers[before] as Response)
      assert.deepStrictEqual((yield* hastily(list)).events.length, 1)
      assert.strictEqual(asked.length, 3)
    })
  )

  it.effect.each([
    ["an event that is none", sse([message("calendar.changed", 4, { id: 4 }), position(4)])],
    ["an event without an end", sse(["data: ", "x".repeat(maxEventSize), "x".repeat(10)])],
    ["an envelope", success({ events: [] })]
  ] as const)("MUST be MalformedResponse for %s", ([, answer]) =>
    Effect.gen(function* () {
      const { list } = listed((_, before) => (before === 0 ? answer : refusal({ reason: "MalformedResponse" }, 502)))
      assert.strictEqual((yield* hastily(Effect.flip(list)))._tag, "BackendError")
    })
  )

  it.effect.each([
    [403, 403, "PermissionDenied"],
    [404, 404, "EndpointNotFound"],
    [401, 20, "InvalidToken"]
  ] as const)("MUST pass on a refusal (%s)", ([status, errorCode, tag]) =>
    Effect.gen(function* () {
      const { list } = listed(() => refusal({ errorCode }, status))
      assert.strictEqual((yield* Effect.flip(list))._tag, tag)
    })
  )

  it.effect("MUST be EndpointNotFound, unasked, without the extension", () =>
    Effect.gen(function* () {
      const { asked, layer } = stub(() => "silence")
      const errors = ports((port) =>
        asCaller(
          Effect.all([
            Effect.flip(port.list({})),
            Effect.flip(port.newest),
            Effect.flip(Stream.runHead(port.follow({})))
          ])
        )
      ).pipe(on(layer, false))
      assert.deepStrictEqual(
        (yield* errors).map(({ _tag }) => _tag),
        ["EndpointNotFound", "EndpointNotFound", "EndpointNotFound"]
      )
      assert.deepStrictEqual(asked, [])
    })
  )
})

describe("newest", () => {
  it.effect("MUST be where the feed ends, asked for at once", () =>
    Effect.gen(function* () {
      const { asked, layer } = stub(() => sse([message("gap", 812), position(812)]))
      const newest = ports((port) => asCaller(port.newest)).pipe(on(layer))
      assert.strictEqual(yield* newest, id(812))
      assert.strictEqual(asked[0]?.headers["last-event-id"], String(Number.MAX_SAFE_INTEGER))
    })
  )
})

describe("follow", () => {
  const follow = (layer: Layer.Layer<HttpClient.HttpClient>, query: EventQuery) =>
    Effect.gen(function* () {
      const pages = yield* Queue.unbounded<EventPage>()
      const fiber = yield* Effect.forkChild(
        ports((port) => asCaller(Stream.runForEach(port.follow(query), (page) => Queue.offer(pages, page)))).pipe(
          on(layer)
        )
      )
      return { next: hastily(Queue.take(pages)), ended: hastily(Effect.flip(Fiber.join(fiber))), fiber }
    })

  it.effect("MUST give pages as they come, come again after what it was told last, and end by a refusal", () =>
    Effect.gen(function* () {
      const { asked, layer } = stub((_, before) => {
        if (before === 0) return sse([told(4, 5)], "breaks")
        if (before === 1) return { code: "ECONNREFUSED" }
        if (before === 2) return sse([position(5), position(9), told(10)])
        return refusal({ errorCode: 20 }, 401)
      })
      const { ended, next } = yield* follow(layer, { after: id(3) })
      assert.deepStrictEqual(yield* next, { events: [event(4), event(5)], last: id(5), hasGap: false } as unknown)
      assert.deepStrictEqual(yield* next, { events: [], last: id(9), hasGap: false })
      assert.deepStrictEqual((yield* next).last, id(10))
      assert.strictEqual((yield* ended)._tag, "InvalidToken")
      assert.deepStrictEqual(
        asked.map(({ headers }) => headers["last-event-id"]),
        ["3", "5", "5", "10"]
      )
      assert.isTrue(asked.every(({ url }) => url.searchParams.get("follow") === "true"))
    })
  )

  it.effect("MUST come again to a server that says nothing for long", () =>
    Effect.gen(function* () {
      const { asked, layer } = stub((_, before) => sse(before === 0 ? [told(4)] : [told(5)], "stays"))
      const { fiber, next } = yield* follow(layer, { after: id(3) })
      assert.strictEqual((yield* next).last, id(4))
      assert.strictEqual((yield* next).last, id(5))
      assert.strictEqual(asked[1]?.headers["last-event-id"], "4")
      yield* Fiber.interrupt(fiber)
    })
  )
})
