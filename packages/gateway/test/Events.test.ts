/** The change feed in front of an engine: by its listings, as a server without a feed is watched, and by its own feed. */
import { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { EndpointNotFound } from "@bookio-kit/core/error/Refusal"
import { Event, EventId } from "@bookio-kit/core/event/Event"
import { type EventPage, Events } from "@bookio-kit/core/event/Events"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { CalendarId, ExternalId, type FacilityId } from "@bookio-kit/core/scalar/Id"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { KeyRing } from "../src/Sessions.ts"
import * as It from "./Support.ts"

const { one, three, two } = It

const table = It.keys(
  It.key("practice"),
  It.key("single", { facilities: new Set([one]) }),
  It.key("booker", { access: "book" }),
  It.key("wide", { facilities: new Set([one, three]), upstreamToken: Redacted.make(It.tokenOf("second-write")) })
)

const capabilities = {
  slots: true,
  offsets: true,
  channelFlags: true,
  duplicateIds: true,
  lateRetries: true,
  personDuplicates: true
} as const

const polling = It.gateway(table, { pollEvery: "1 second", capabilities: { ...capabilities, events: false } })
const following = It.gateway(table, { pollEvery: "1 second", capabilities: { ...capabilities, events: true } })

/** Lets the gateway look at least once, and come to its end. */
const look = Effect.gen(function* () {
  yield* TestClock.adjust("1300 millis")
  yield* Effect.repeat(Effect.yieldNow, { times: 400 })
})
/** As many looks as show what only every tenth shows, twice. */
const manyLooks = Effect.repeat(look, { times: 11 })

const list = (after?: EventPage["last"], facilityId?: FacilityId) =>
  Effect.flatMap(Events, ({ list }) =>
    list({ ...(after === undefined ? {} : { after }), ...(facilityId === undefined ? {} : { facilityId }) })
  )

const about = (event: Event) =>
  `${event.kind} ${"reservationId" in event ? event.reservationId : "blockedTimeId" in event ? event.blockedTimeId : event.calendarId} @${event.facilityId}`

/** What happened since, as the owner of a key is told. */
const told = (after: EventPage["last"], name = "practice") =>
  Effect.map(list(after).pipe(It.as(name)), ({ events }) => events.map(about))

const newest = Effect.flatMap(Events, ({ newest }) => newest).pipe(It.as("practice"))

/** The end of the feed once the upstream is known. */
const start = Effect.andThen(Effect.andThen(look, look), newest)

const book = (n: number, facilityId = one) =>
  It.past(Effect.flatMap(Reservations, ({ create }) => create(It.booking(n, facilityId))))
const block = (n: number, facilityId = one) =>
  It.past(Effect.flatMap(BlockedTimes, ({ create }) => create(It.blocking(n, facilityId))))
const cancel = (
  reservationId: Effect.Success<ReturnType<typeof book>>["reservationId"],
  status = "CANCELLED" as const
) => It.past(Effect.flatMap(Reservations, ({ changeStatus }) => changeStatus(reservationId, { status })))

for (const [what, upstream] of [
  ["listings", polling],
  ["its feed", following]
] as const) {
  describe(`an upstream that is watched by ${what}`, () => {
    it.effect("tells each change once, in the order in which it was seen", () =>
      Effect.gen(function* () {
        yield* book(1)
        yield* block(1)
        const after = yield* start
        assert.deepStrictEqual(yield* told(after), [], "what was there before")
        const { reservationId } = yield* book(2)
        yield* look
        yield* cancel(reservationId)
        yield* look
        const { blockedTimeId } = yield* block(2, two)
        yield* look
        yield* look
        assert.deepStrictEqual(yield* told(after), [
          `reservation.created ${reservationId} @1`,
          `reservation.changed ${reservationId} @1`,
          `blockedTime.created ${blockedTimeId} @2`
        ])
        yield* manyLooks
        assert.lengthOf(yield* told(after), 3)
        const { events, hasGap } = yield* list(after).pipe(It.as("practice"))
        assert.isFalse(hasGap)
        for (const event of events) Schema.decodeUnknownSync(Event)(event)
      }).pipe(Effect.provide(upstream))
    )

    it.effect("tells a removed blocked time, and a changed calendar", () =>
      Effect.gen(function* () {
        const { blockedTimeId } = yield* block(1)
        const kept = yield* block(2)
        const after = yield* start
        yield* It.past(Effect.flatMap(BlockedTimes, ({ remove }) => remove(blockedTimeId)))
        yield* It.past(
          Effect.flatMap(Calendars, ({ update }) => update(CalendarId.make(1), { name: "Another", facilityId: one }))
        )
        yield* manyLooks
        assert.sameMembers(yield* told(after), [`blockedTime.removed ${blockedTimeId} @1`, "calendar.changed 1 @1"])
        yield* manyLooks
        assert.lengthOf(yield* told(after), 2, `${kept.blockedTimeId} is still there`)
      }).pipe(Effect.provide(upstream))
    )

    it.effect("says nothing of a confirmed sync", () =>
      Effect.gen(function* () {
        const { reservationId } = yield* book(1)
        const after = yield* start
        yield* It.past(
          Effect.flatMap(Reservations, ({ confirmSync }) =>
            confirmSync(reservationId, { externalId: ExternalId.make(77) })
          )
        )
        yield* manyLooks
        assert.deepStrictEqual(yield* told(after), [])
        // Changed after it, so that the listing has it again.
        yield* cancel(reservationId)
        yield* look
        assert.deepStrictEqual(yield* told(after), [`reservation.changed ${reservationId} @1`])
      }).pipe(Effect.provide(upstream))
    )

    it.effect("goes on where it was after the upstream was away", () =>
      Effect.gen(function* () {
        const after = yield* start
        // Which facilities the key reaches is known for an hour.
        yield* told(after)
        const tap = yield* It.Tap
        const { around } = tap
        tap.around = () => Effect.fail(new BackendError({ reason: "Unreachable" }))
        const made = yield* book(1)
        yield* look
        assert.deepStrictEqual(yield* told(after), [])
        tap.around = around
        yield* TestClock.adjust("3 minutes")
        yield* look
        assert.deepStrictEqual(yield* told(after), [`reservation.created ${made.reservationId} @1`])
      }).pipe(Effect.provide(upstream))
    )

    it.effect("shows a key its own facilities only", () =>
      Effect.gen(function* () {
        const after = yield* start
        yield* book(1, one)
        yield* book(2, two)
        yield* look
        yield* look
        // Facilities are looked at apart, so of two of them either can be seen first.
        assert.sameMembers(
          (yield* told(after)).map((text) => text.slice(-2)),
          ["@1", "@2"]
        )
        assert.deepStrictEqual(
          (yield* told(after, "single")).map((text) => text.slice(-2)),
          ["@1"]
        )
        const denied = list(after, two).pipe(It.as("single"), Effect.flip)
        assert.strictEqual((yield* denied)._tag, "PermissionDenied")
        // The key names facility 3, its upstream token does not reach it.
        const beyond = list(after, three).pipe(It.as("wide"), Effect.flip)
        assert.strictEqual((yield* beyond)._tag, "PermissionDenied")
        assert.strictEqual((yield* Effect.flip(list(after).pipe(It.as("booker"))))._tag, "PermissionDenied")
      }).pipe(Effect.provide(upstream))
    )

    it.effect("tells that the feed began, and what it cannot know, as a gap", () =>
      Effect.gen(function* () {
        yield* start
        const whole = yield* list().pipe(It.as("practice"))
        assert.isTrue(whole.hasGap)
        const end = whole.last ?? assert.fail("there is an end")
        assert.isFalse((yield* list(end).pipe(It.as("practice"))).hasGap)
        const beyond = yield* list(EventId.make(end + 1000)).pipe(It.as("practice"))
        assert.deepStrictEqual(beyond, { events: [], hasGap: true, last: end })
      }).pipe(Effect.provide(upstream))
    )

    it.effect("wakes who follows, and ends for a revoked key", () =>
      Effect.gen(function* () {
        const after = yield* start
        const pages: Array<string> = []
        const following = yield* Stream.unwrap(
          Effect.map(Events, ({ follow }) => follow(after === undefined ? {} : { after }))
        ).pipe(
          Stream.runForEach(({ events }) => Effect.sync(() => pages.push(...events.map(about)))),
          It.as("practice"),
          Effect.exit,
          Effect.forkChild
        )
        const { reservationId } = yield* book(1)
        yield* look
        yield* look
        assert.deepStrictEqual(pages, [`reservation.created ${reservationId} @1`])
        const ring = yield* KeyRing
        ring.replace(It.keys(It.key("single")))
        yield* look
        const exit = yield* Fiber.join(following)
        assert.include(JSON.stringify(exit), "InvalidToken")
      }).pipe(Effect.provide(upstream))
    )
  })
}

describe("an upstream that turns out to have no feed", () => {
  it.effect("is watched by its listings", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      tap.around = (name, call) => (/Event/.test(name) ? Effect.fail(new EndpointNotFound() as never) : call)
      yield* look
      const after = yield* start
      const { reservationId } = yield* book(1)
      yield* look
      assert.deepStrictEqual(yield* told(after), [`reservation.created ${reservationId} @1`])
    }).pipe(Effect.provide(following))
  )
})

const isDeclared = Effect.map(Capabilities, ({ events }) => events)

describe("a gateway without a change feed", () => {
  it.effect("has none where nobody asks for one, nor for callers with tokens of their own", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(list().pipe(It.as("practice"))))._tag, "EndpointNotFound")
      assert.isFalse(yield* isDeclared)
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("has none for callers with tokens of their own", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(list().pipe(It.as("first-write"))))._tag, "EndpointNotFound")
      assert.isFalse(yield* isDeclared)
    }).pipe(
      Effect.provide(
        It.gateway({ _tag: "Passthrough" }, { pollEvery: "1 second", capabilities: { ...capabilities, events: true } })
      )
    )
  )
})
