/** The change feed as Server-Sent Events: what is written, what ends a stream, and what bounds it. */
import type { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { EndpointNotFound, InvalidToken, PermissionDenied } from "@bookio-kit/core/error/Refusal"
import { type Event, EventId } from "@bookio-kit/core/event/Event"
import type { EventPage, EventQuery } from "@bookio-kit/core/event/Events"
import type { ChannelId, FacilityId, ReservationId } from "@bookio-kit/core/scalar/Id"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Latch, Queue, Stream } from "effect"
import type { HttpServerResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { Closing } from "../src/Closing.ts"
import { maxStreams } from "../src/EventStream.ts"
import { makeServer } from "./Support.ts"

const path = "//ext/v1/events"

const event = (id: number): Event => ({
  id: EventId.make(id),
  facilityId: 1 as FacilityId,
  at: "2026-11-22T18:27:21.899Z",
  kind: "reservation.changed",
  reservationId: 7 as ReservationId
})

const page = (...ids: ReadonlyArray<number>): EventPage => {
  const last = ids.at(-1)
  return { events: ids.map(event), hasGap: false, ...(last === undefined ? {} : { last: EventId.make(last) }) }
}

const written = (id: number) => `id: ${id}\nevent: reservation.changed\ndata: ${JSON.stringify(event(id))}\n\n`
const beginning = "retry: 2000\n\n"
const heartbeat = ": still here\n\n"

/** A feed of these ids, told in pages of two. */
const feed = (ids: ReadonlyArray<number>, hasGap = false) => {
  const asked: Array<EventQuery> = []
  const list = (query: EventQuery) =>
    Effect.sync((): EventPage => {
      asked.push(query)
      const { after = 0 } = query
      const next = ids.filter((id) => id > after).slice(0, 2)
      return {
        ...page(...next),
        last: EventId.make(next.at(-1) ?? ids.at(-1) ?? 1),
        hasGap: hasGap && asked.length === 1
      }
    })
  return { asked, list }
}

const textOf = ({ body }: HttpServerResponse.HttpServerResponse) =>
  body._tag === "Stream" ? Stream.decodeText(body.stream) : Stream.die(new Error("no stream"))

/** Reads a stream part by part. */
const reading = Effect.fnUntraced(function* (response: HttpServerResponse.HttpServerResponse) {
  const parts = yield* Queue.unbounded<string>()
  const fiber = yield* Effect.forkChild(
    Effect.orDie(Stream.runForEach(textOf(response), (part) => Queue.offer(parts, part))),
    { startImmediately: true }
  )
  return { next: Queue.take(parts), ended: Fiber.join(fiber), fiber }
})

describe("follow=false", () => {
  it.effect("MUST tell page after page and end with the position", () =>
    Effect.gen(function* () {
      const { asked, list } = feed([3, 4, 6])
      const { ask } = yield* makeServer({ events: { list } })
      const { headers, status, text } = yield* ask({ path: `${path}?follow=false&after=2&facilityId=1` })
      expect([status, headers.get("content-type"), headers.get("cache-control")]).toEqual([
        200,
        "text/event-stream",
        "no-store"
      ])
      expect(headers.get("x-accel-buffering")).toBe("no")
      expect(text).toBe(`${beginning}${written(3)}${written(4)}${written(6)}id: 6\nevent: position\ndata: {}\n\n`)
      expect(asked).toEqual([2, 4, 6].map((after) => ({ after, facilityId: 1 })))
    })
  )

  it.effect("MUST tell a gap once, before what follows it", () =>
    Effect.gen(function* () {
      const { list } = feed([3, 4], true)
      const { ask } = yield* makeServer({ events: { list } })
      const { text } = yield* ask({ path: `${path}?follow=false&after=1` })
      expect(text).toBe(
        `${beginning}id: 2\nevent: gap\ndata: {}\n\n${written(3)}${written(4)}id: 4\nevent: position\ndata: {}\n\n`
      )
    })
  )

  it.effect("MUST reset a reader's place in a feed without events", () =>
    Effect.gen(function* () {
      const list = ({ after }: EventQuery) => Effect.succeed({ events: [], hasGap: after !== undefined })
      const { ask } = yield* makeServer({ events: { list } })
      const { text } = yield* ask({ path: `${path}?follow=false&after=9` })
      expect(text).toBe(`${beginning}id: \nevent: gap\ndata: {}\n\nid: \nevent: position\ndata: {}\n\n`)
    })
  )

  it.effect("MUST prefer Last-Event-ID to after", () =>
    Effect.gen(function* () {
      const { asked, list } = feed([])
      const { ask } = yield* makeServer({ events: { list } })
      yield* ask({ path: `${path}?follow=false&after=2`, headers: { "last-event-id": "5" } })
      expect(asked[0]).toEqual({ after: 5 })
    })
  )
})

describe("what is refused before the stream begins", () => {
  it.effect.each([
    ["access book", "book", {}, 403, 403],
    ["no token", "", {}, 401, 20],
    ["a Last-Event-ID that is no id", "read", { "last-event-id": "x" }, 400, 10]
  ] as const)("%s MUST be answered in the envelope", ([, token, headers, status, errorCode]) =>
    Effect.gen(function* () {
      const { ask } = yield* makeServer()
      const answer = yield* ask({ path, token, headers })
      expect([answer.status, answer.result.errorCode]).toEqual([status, errorCode])
    })
  )

  it.effect.each([
    [new PermissionDenied({ reason: "facility" }), 403],
    [new EndpointNotFound(), 404]
  ] as const)("%s of the backend MUST be answered in the envelope", ([error, errorCode]) =>
    Effect.gen(function* () {
      const { ask } = yield* makeServer({ events: { list: () => Effect.fail(error) } })
      expect((yield* ask({ path })).result.errorCode).toBe(errorCode)
    })
  )
})

describe("a stream", () => {
  const follower = Effect.gen(function* () {
    const pages = yield* Queue.unbounded<EventPage>()
    return { pages, events: { ...feed([]), follow: () => Stream.fromQueue(pages) } }
  })

  it.effect("MUST say every 15 seconds that it lives, past the time limit of requests", () =>
    Effect.gen(function* () {
      const { events, pages } = yield* follower
      const { entries, open } = yield* makeServer({ events })
      const { fiber, next } = yield* reading(yield* open({ path: `${path}?after=1` }))
      expect(yield* next).toBe(beginning)
      expect(entries).toMatchObject([{ operation: "listEvents", status: 200 }])
      for (let n = 0; n < 4; n++) {
        yield* TestClock.adjust("15 seconds")
        expect(yield* next).toBe(heartbeat)
      }
      yield* Queue.offer(pages, page(2, 3))
      expect(yield* next).toBe(written(2) + written(3))
      yield* Queue.offer(pages, { ...page(), last: EventId.make(9) })
      expect(yield* next).toBe("id: 9\nevent: position\ndata: {}\n\n")
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect.each([
    ["with what there is to tell", true],
    ["at the next sign of life", false]
  ] as const)("MUST end when its token is revoked, %s", ([, hasNews]) =>
    Effect.gen(function* () {
      const { events, pages } = yield* follower
      let isRevoked = false
      let counted = 0
      const authenticate: Authenticator["Service"]["authenticate"] = (_, { isAgain = false } = {}) =>
        Effect.suspend(() => {
          if (!isAgain) counted += 1
          return isRevoked
            ? Effect.fail(new InvalidToken({ reason: "invalid" }))
            : Effect.succeed({ channelId: 7 as ChannelId, access: "read" as const })
        })
      const { open } = yield* makeServer({ events, authenticator: { authenticate } })
      const { ended, next } = yield* reading(yield* open({ path: `${path}?after=1` }))
      yield* next
      isRevoked = true
      yield* TestClock.adjust("1 second")
      if (hasNews) yield* Queue.offer(pages, page(2))
      else yield* TestClock.adjust("15 seconds")
      yield* ended
      // A follower is one request, however often it is looked up whether it may go on.
      expect(counted).toBe(1)
    })
  )

  it.effect("MUST end at once when the server closes", () =>
    Effect.gen(function* () {
      const { events } = yield* follower
      const closing = Latch.makeUnsafe()
      const { open } = yield* Effect.provideService(makeServer({ events }), Closing, closing)
      const { ended, next } = yield* reading(yield* open({ path: `${path}?after=1` }))
      yield* next
      yield* closing.open
      yield* ended
    })
  )

  it.effect("MUST be read no further than one page ahead of a slow reader", () =>
    Effect.gen(function* () {
      let told = 1
      const follow = () => Stream.fromEffectRepeat(Effect.sync(() => page(++told)))
      const { open } = yield* makeServer({ events: { ...feed([]), follow } })
      const parts = yield* Stream.runCollect(Stream.take(textOf(yield* open({ path: `${path}?after=1` })), 4))
      expect(parts).toEqual([beginning, written(2), written(3), written(4)])
      expect(told).toBeLessThanOrEqual(5)
    })
  )

  it.effect("MUST be one of 1,000 at most, and leave its place when it ends", () =>
    Effect.gen(function* () {
      const { events } = yield* follower
      const { ask, open } = yield* makeServer({ events })
      const readers = yield* Effect.forEach(Array.from({ length: maxStreams }), () =>
        Effect.flatMap(open({ path: `${path}?after=1` }), reading)
      )
      yield* Effect.forEach(readers, ({ next }) => next)
      const refused = yield* ask({ path })
      expect([refused.status, refused.result.reason, refused.headers.get("retry-after")]).toEqual([
        503,
        "Overloaded",
        "1"
      ])
      yield* Effect.forEach(readers.slice(0, 1), ({ fiber }) => Fiber.interrupt(fiber))
      expect((yield* open({ path })).status).toBe(200)
      yield* Effect.forEach(readers, ({ fiber }) => Fiber.interrupt(fiber))
    })
  )
})
