/** The change feed: which writes are in it, in which order, to whom, what is told of what was dropped, what wakes a follower. */
import { Caller } from "@bookio-kit/core/access/Caller"
import { EventId } from "@bookio-kit/core/event/Event"
import { type EventPage, type EventQuery, Events } from "@bookio-kit/core/event/Events"
import { ChannelId, FacilityId } from "@bookio-kit/core/scalar/Id"
import { assert, describe, it } from "@effect/vitest"
import { Clock, type Context, Effect, Fiber, Layer, Queue, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Database } from "../../src/database/Database.ts"
import * as EventStore from "../../src/engine/EventStore.ts"
import * as S from "../Support.ts"

const dayMs = 86_400_000
const nine = "2026-06-02T09:00:00"
const ten = "2026-06-02T10:00:00"
const id = (n: number) => EventId.make(n)

const list = (query: EventQuery = {}) => Effect.flatMap(Events, (port) => port.list(query))

const told = ({ events }: EventPage) =>
  events.map((event) => {
    const record =
      "reservationId" in event ? event.reservationId : "calendarId" in event ? event.calendarId : event.blockedTimeId
    return `${event.id} ${event.kind} ${event.facilityId}/${record}`
  })

/** What is told after the three calendars of the seed. */
const news = (query: EventQuery = {}) => Effect.map(list({ after: id(3), ...query }), told)

const summary = (page: EventPage) => [page.events.length, page.last, page.hasGap]

type Ports = Layer.Success<ReturnType<typeof S.engine>>

const onEngine = (name: string, body: Effect.Effect<unknown, unknown, Ports>) =>
  it.effect(name, () => Effect.provide(Effect.andThen(S.world(), body), S.engine()))

/** Adds events of a facility as if it had changed. */
const add = (facility: number, count = 1) =>
  Effect.flatMap(Database, ({ write }) =>
    write(
      Effect.gen(function* () {
        const nowMs = yield* Clock.currentTimeMillis
        for (let n = 0; n < count; n++) {
          yield* EventStore.add("calendar.changed", FacilityId.make(facility), facility, nowMs)
        }
      })
    )
  )

const prune = (limit: number) =>
  Effect.flatMap(Database, ({ write }) =>
    write(Effect.flatMap(Clock.currentTimeMillis, (nowMs) => EventStore.removeExpired(nowMs, limit)))
  )

describe("what is in the feed", () => {
  onEngine(
    "MUST tell what a seed made as created, with the change instant",
    Effect.gen(function* () {
      const page = yield* S.first(list())
      assert.deepStrictEqual(told(page), ["1 calendar.created 1/1", "2 calendar.created 1/2", "3 calendar.created 2/3"])
      assert.deepStrictEqual(summary(page), [3, 3, false])
      assert.strictEqual(page.events[0]?.at, "2026-06-01T06:00:00.000Z")
    })
  )

  onEngine(
    "MUST tell each change of a reservation once, and no confirmed sync, repeat or refusal",
    S.first(
      Effect.gen(function* () {
        yield* S.book({ externalId: 1, dateFrom: nine })
        yield* S.refusal(S.book({ externalId: 1, dateFrom: ten }))
        yield* S.move(1, { dateFrom: ten })
        yield* S.move(1, { dateFrom: ten })
        yield* S.confirm(1, 7)
        yield* S.status(1, "CANCELLED")
        yield* S.status(1, "CANCELLED")
        yield* S.status(1, "CONFIRMED")
        assert.deepStrictEqual(yield* news(), [
          "4 reservation.created 1/1",
          "5 reservation.changed 1/1",
          "6 reservation.changed 1/1",
          "7 reservation.changed 1/1"
        ])
      })
    )
  )

  onEngine(
    "MUST tell each change of a blocked time, its removal too",
    S.first(
      Effect.gen(function* () {
        yield* S.block({ externalId: 1, dateFrom: nine, dateTo: ten })
        yield* S.moveBlock(1, { dateFrom: nine })
        yield* S.moveBlock(1, { dateTo: "2026-06-02T11:00:00" })
        yield* S.unblock(1)
        assert.deepStrictEqual(yield* news(), [
          "4 blockedTime.created 1/1",
          "5 blockedTime.changed 1/1",
          "6 blockedTime.removed 1/1"
        ])
      })
    )
  )

  onEngine(
    "MUST tell each change of a calendar, and nothing where an update or an end leaves it as it was",
    S.first(
      Effect.gen(function* () {
        const { intervals, services } = S.roomCalendar
        const { facilityId: _, ...room } = {
          facilityId: 1,
          name: "Room 2",
          validFrom: "2026-01-01",
          validTo: "2026-12-31",
          services,
          intervals
        }
        const { calendarId } = yield* S.createCalendar({ ...room, facilityId: 1 })
        const [made] = (yield* S.calendars()).filter((calendar) => calendar.id === calendarId)
        yield* S.update(calendarId, {
          name: "Room 2",
          services: services.map((service) => ({ ...service, id: made?.services[0]?.id ?? 0 }))
        })
        yield* S.update(calendarId, { note: "other" })
        yield* S.update(calendarId, { intervals: [{ ...intervals[0]!, timeTo: "23:00" }] })
        yield* S.end(calendarId, { validTo: "2026-12-31" })
        yield* S.end(calendarId, { validTo: "2026-11-30" })
        assert.deepStrictEqual(yield* news(), [
          "4 calendar.created 1/4",
          "5 calendar.changed 1/4",
          "6 calendar.changed 1/4",
          "7 calendar.changed 1/4"
        ])
      })
    )
  )

  it.effect("MUST undo the event with its change", () =>
    Effect.gen(function* () {
      yield* S.world()
      const database = yield* Database
      const undone = S.first(
        database.write(Effect.andThen(S.book({ externalId: 1, dateFrom: nine }), Effect.fail("undone" as const)))
      )
      assert.strictEqual(yield* Effect.flip(undone), "undone")
      assert.deepStrictEqual(yield* S.first(news()), [])
    }).pipe(Effect.provide(S.engine()))
  )
})

describe("who sees what", () => {
  onEngine(
    "MUST tell only of facilities that the caller's channel reaches",
    Effect.gen(function* () {
      assert.deepStrictEqual(told(yield* S.second(list())), ["1 calendar.created 1/1", "2 calendar.created 1/2"])
      assert.strictEqual((yield* S.second(list())).last, id(3))
      const foreign = { facilityId: S.foreignFacility }
      assert.deepStrictEqual(told(yield* S.first(list(foreign))), ["3 calendar.created 2/3"])
      assert.strictEqual(yield* S.refusal(S.second(list(foreign))), "403 facility")
      assert.strictEqual(yield* S.refusal(S.as(1, "book")(list())), "403 access")
      const nowhere = { channelId: ChannelId.make(99), access: "read", language: "en" } as const
      assert.deepStrictEqual(summary(yield* Effect.provideService(list(), Caller, nowhere)), [0, 3, false])
    })
  )
})

describe("where a page ends", () => {
  onEngine(
    "MUST go on after the last id, page after page, past any number of events of other facilities",
    Effect.gen(function* () {
      yield* add(2, 25_000)
      yield* add(1, 700)
      yield* add(2, 10)
      const first = yield* S.second(list({ after: id(3) }))
      assert.deepStrictEqual(summary(first), [500, 25_503, false])
      const second = yield* S.second(list({ after: id(25_503) }))
      assert.deepStrictEqual(summary(second), [200, 25_703 + 10, false])
      assert.deepStrictEqual(second.events[0]?.id, id(25_504))
      assert.deepStrictEqual(summary(yield* S.second(list({ after: id(25_713) }))), [0, 25_713, false])
      assert.strictEqual(yield* S.second(Effect.flatMap(Events, ({ newest }) => newest)), id(25_713))
    })
  )

  it.effect("MUST have no last id in a feed without events, and a gap for who has been told of some", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* S.first(list()), { events: [], hasGap: false })
      assert.deepStrictEqual(yield* S.first(list({ after: id(9) })), { events: [], hasGap: true })
      assert.isUndefined(yield* S.first(Effect.flatMap(Events, ({ newest }) => newest)))
    }).pipe(Effect.provide(S.engine()))
  )

  onEngine(
    "MUST tell a gap to who was told of more than there is, and where to go on",
    Effect.gen(function* () {
      assert.deepStrictEqual(summary(yield* S.first(list({ after: id(4) }))), [0, 3, true])
      assert.deepStrictEqual(summary(yield* S.first(list({ after: id(3) }))), [0, 3, false])
    })
  )
})

describe("after 30 days", () => {
  const inFile = (body: (file: string) => Effect.Effect<void, unknown>) =>
    Effect.scoped(Effect.flatMap(S.temporaryFile, body))

  it.effect("MUST drop what is older in bounded steps, and tell the gap, also after a restart", () =>
    inFile((file) =>
      Effect.gen(function* () {
        const run = <A, E>(body: Effect.Effect<A, E, Ports>) => Effect.provide(body, S.engine(file))
        yield* run(
          Effect.gen(function* () {
            yield* S.world()
            yield* add(1, 20)
            yield* TestClock.adjust(20 * dayMs)
            yield* add(1, 5)
            yield* TestClock.adjust(10 * dayMs)
            yield* prune(100)
            assert.deepStrictEqual(summary(yield* S.first(list({ after: id(1) }))), [27, 28, false])
            yield* TestClock.adjust(1)
            yield* prune(4)
            assert.deepStrictEqual(summary(yield* S.first(list({ after: id(3) }))), [24, 28, true])
            assert.deepStrictEqual(summary(yield* S.first(list({ after: id(4) }))), [24, 28, false])
            yield* prune(100)
            assert.deepStrictEqual(summary(yield* S.first(list({ after: id(22) }))), [5, 28, true])
            assert.deepStrictEqual(summary(yield* S.first(list({ after: id(23) }))), [5, 28, false])
            assert.deepStrictEqual(summary(yield* S.first(list())), [5, 28, false])
            yield* TestClock.adjust(40 * dayMs)
            yield* prune(100)
          })
        )
        yield* run(
          Effect.gen(function* () {
            assert.deepStrictEqual(summary(yield* S.first(list({ after: id(26) }))), [1, 28, true])
            assert.deepStrictEqual(summary(yield* S.first(list({ after: id(28) }))), [0, 28, false])
            yield* add(1)
            assert.deepStrictEqual(summary(yield* S.first(list({ after: id(28) }))), [1, 29, false])
          })
        )
      })
    )
  )
})

describe("a follower", () => {
  /** The pages that come to a follower. */
  const follow = (query: EventQuery) =>
    Effect.gen(function* () {
      const pages = yield* Queue.unbounded<EventPage>()
      const port = yield* Events
      yield* Effect.forkScoped(
        Stream.runForEach(port.follow(query), (page) => Queue.offer(pages, page)).pipe(
          Effect.catch((error) => Effect.die(error))
        )
      )
      return Queue.take(pages)
    })

  onEngine(
    "MUST be woken by a commit of this process at once, and only by one of its facilities",
    Effect.scoped(
      Effect.gen(function* () {
        const next = yield* S.second(follow({ after: id(3) }))
        yield* add(2)
        yield* add(1)
        // The clock stands still, so it is no poll that wakes.
        assert.deepStrictEqual(told(yield* next), ["5 calendar.changed 1/1"])
        yield* S.first(S.book({ externalId: 1, dateFrom: nine }))
        assert.deepStrictEqual(told(yield* next), ["6 reservation.created 1/1"])
      })
    )
  )

  onEngine(
    "MUST get on while nothing happens in its facilities",
    Effect.scoped(
      Effect.gen(function* () {
        const next = yield* S.second(follow({ after: id(3) }))
        yield* add(2, 5)
        yield* TestClock.adjust("20 seconds")
        assert.deepStrictEqual(summary(yield* next), [0, 8, false])
      })
    )
  )

  onEngine(
    "MUST be told nothing more of a facility that its channel no longer reaches",
    Effect.scoped(
      Effect.gen(function* () {
        const { write } = yield* Database
        const { follow } = yield* Events
        const named = yield* Effect.forkChild(
          S.second(Effect.flip(Stream.runDrain(follow({ after: id(3), facilityId: S.sharedFacility })))),
          { startImmediately: true }
        )
        const all = yield* Effect.forkChild(S.second(Stream.runCollect(Stream.take(follow({ after: id(3) }), 1))), {
          startImmediately: true
        })
        yield* write(
          Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DELETE FROM channel_facility WHERE channel_id = 2`)
        )
        yield* add(1)
        yield* TestClock.adjust("20 seconds")
        assert.strictEqual(S.said(yield* Fiber.join(named)), "403 facility")
        assert.deepStrictEqual((yield* Fiber.join(all)).map(summary), [[0, 4, false]])
      })
    )
  )

  it.live("MUST be woken by a commit of another process on the same file", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const file = yield* S.temporaryFile
        const engine = yield* Layer.build(S.engine(file))
        const here = <A, E>(body: Effect.Effect<A, E, Ports>) => Effect.provideContext(body, engine)
        yield* here(S.plant())
        const other = yield* Layer.buildWithMemoMap(S.engine(file), Layer.makeMemoMapUnsafe(), yield* Effect.scope)
        const next = yield* S.second(follow({ after: id(3) })).pipe(
          Effect.provideContext(engine as Context.Context<Ports>)
        )
        yield* here(add(1))
        assert.deepStrictEqual(told(yield* next), ["4 calendar.changed 1/1"])
        // By now it waits.
        yield* Effect.provideContext(add(1), other)
        assert.deepStrictEqual(told(yield* next), ["5 calendar.changed 1/1"])
      })
    )
  )
})
