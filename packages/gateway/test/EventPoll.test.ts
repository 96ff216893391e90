/** One look at a facility, against an upstream whose listings are whatever a test says. */

import { Caller } from "@bookio-kit/core/access/Caller"
import type { BlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Calendar } from "@bookio-kit/core/calendar/Calendar"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import type { InvalidToken } from "@bookio-kit/core/error/Refusal"
import type { EventKind } from "@bookio-kit/core/event/Event"
import { Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import type { Page } from "@bookio-kit/core/page/Page"
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { BlockedTimeId, ChannelId, ExternalId, FacilityId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { Slots } from "@bookio-kit/core/slot/Slots"
import { LocalDateTime } from "@bookio-kit/core/time/LocalDateTime"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import * as EventMemory from "../src/EventMemory.ts"
import { look, makeMemory } from "../src/EventPoll.ts"
import { EventStore } from "../src/EventStore.ts"
import type { Session } from "../src/Session.ts"
import { Upstream, type UpstreamPorts } from "../src/Upstream.ts"

const facilityId = FacilityId.make(1)

const session: Session = {
  upstreamToken: Redacted.make("token"),
  upstreamDigest: "digest",
  access: "write",
  facilities: new Set([facilityId]),
  sync: false,
  own: undefined
}

const local = (text: string) => LocalDateTime.make(text)

const reservation = (id: number, given: Partial<Reservation> = {}): Reservation => ({
  id: ReservationId.make(id),
  name: "John Audrey",
  service: ServiceId.make(1),
  duration: 30,
  created: local("2026-06-01T10:00:00"),
  dateFrom: local("2026-06-02T10:00:00"),
  dateTo: local("2026-06-02T10:30:00"),
  needsSync: true,
  facilityId,
  status: "CONFIRMED",
  ...given
})

const blockedTime = (id: number, given: Partial<BlockedTime> = {}): BlockedTime => ({
  id: BlockedTimeId.make(id),
  dateFrom: local("2026-07-02T10:00:00"),
  dateTo: local("2026-07-02T11:00:00"),
  ...given
})

/** A server that gives, for each listing, all of its rows that a test put there; `lastSync` makes no difference to it. */
class Server extends Context.Service<
  Server,
  {
    reservations: ReadonlyArray<Reservation>
    blockedTimes: ReadonlyArray<BlockedTime>
    calendars: ReadonlyArray<Calendar>
    /** Its clock, where it tells it. */
    asOfMs: number | undefined
    /** Runs before each page. */
    before: (listing: string, offset: number) => Effect.Effect<void, BackendError>
    readonly asked: Array<{ readonly listing: string; readonly lastSync?: number; readonly dateFrom?: string }>
  }
>()("test/Server") {}

const server = Layer.sync(Server)(() =>
  Server.of({
    reservations: [],
    blockedTimes: [],
    calendars: [],
    asOfMs: undefined,
    before: () => Effect.void,
    asked: []
  })
)

type Query = {
  readonly offset?: number
  readonly limit?: number
  readonly lastSync?: number
  readonly dateFrom?: string
}

const upstream = Layer.effect(Upstream)(
  Effect.map(Server, (server) => {
    const page =
      <A>(listing: string, rows: () => ReadonlyArray<A>) =>
      ({ dateFrom, lastSync, limit = 100, offset = 0 }: Query): Effect.Effect<Page<A>, BackendError> =>
        Effect.gen(function* () {
          server.asked.push({
            listing,
            ...(lastSync === undefined ? {} : { lastSync }),
            ...(dateFrom === undefined ? {} : { dateFrom })
          })
          yield* server.before(listing, offset)
          const all = rows()
          return {
            pagination: { total: all.length, offset, limit },
            rows: all.slice(offset, offset + limit),
            ...(server.asOfMs === undefined ? {} : { asOfMs: server.asOfMs })
          }
        })
    const ports = Layer.mergeAll(
      Layer.mock(Reservations)({ list: page("reservations", () => server.reservations) }),
      Layer.mock(BlockedTimes)({ list: page("blockedTimes", () => server.blockedTimes) }),
      Layer.mock(Calendars)({ list: () => Effect.sync(() => server.calendars) }),
      Layer.mock(Facilities)({}),
      Layer.mock(Slots)({}),
      Layer.mock(Events)({})
    )
    const ask = <A, E, R>(_: Session, use: Effect.Effect<A, E, R | UpstreamPorts>) =>
      // No port of this server refuses a token.
      Effect.provide(use, ports) as Effect.Effect<A, Exclude<E, InvalidToken>, Exclude<R, UpstreamPorts>>
    return Upstream.of({ read: ask, write: ask, relay: () => undefined })
  })
)

const stack = Layer.mergeAll(EventMemory.layer, upstream).pipe(Layer.provideMerge(server))

/** A process that watches, from what the store has; each look gives the kinds that it told. */
const watcher = Effect.gen(function* () {
  const store = yield* EventStore
  const upstream = yield* Upstream
  const memory = makeMemory(yield* store.source(facilityId))
  return Effect.gen(function* () {
    const told: Array<EventKind> = []
    const tell = (kinds: ReadonlyArray<EventKind>) => Effect.sync(() => void told.push(...kinds))
    yield* look({ store, upstream, order: "unknown", tell }, session, facilityId, memory)
    return told
  }).pipe(Effect.provideService(Caller, { channelId: ChannelId.make(1), access: "read", language: "en" }))
})

const all = Effect.flatMap(EventStore, ({ find }) => find(new Set([facilityId]), 0, 500))

const now = Date.UTC(2026, 5, 1)

describe("a look", () => {
  it.effect("makes no events of what is there at first, and then one of each change, however often it is listed", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const server = yield* Server
      server.reservations = [reservation(1), reservation(2)]
      server.blockedTimes = [blockedTime(1)]
      const again = yield* watcher
      assert.deepStrictEqual(yield* again, [])
      assert.deepStrictEqual(yield* again, [])
      server.reservations = [reservation(1), reservation(2, { status: "CANCELLED" }), reservation(3)]
      server.blockedTimes = [blockedTime(1, { note: "Holiday" }), blockedTime(2)]
      assert.deepStrictEqual(yield* again, [
        "reservation.changed",
        "reservation.created",
        "blockedTime.changed",
        "blockedTime.created"
      ])
      for (let looks = 0; looks < 12; looks++) assert.deepStrictEqual(yield* again, [])
      // A process that starts anew knows as much.
      assert.deepStrictEqual(yield* yield* watcher, [])
    }).pipe(Effect.provide(stack))
  )

  it.effect("takes no notice of what is the channel's own", () =>
    Effect.gen(function* () {
      const server = yield* Server
      server.reservations = [reservation(1)]
      server.blockedTimes = [blockedTime(1)]
      const again = yield* watcher
      yield* again
      server.reservations = [reservation(1, { needsSync: false, externalId: ExternalId.make(7) })]
      server.blockedTimes = [blockedTime(1, { externalId: ExternalId.make(8) })]
      assert.deepStrictEqual(yield* again, [])
    }).pipe(Effect.provide(stack))
  )

  it.effect("asks for what changed since the upstream's clock at its last look, less five minutes", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const server = yield* Server
      server.asOfMs = now - 7000
      const again = yield* watcher
      yield* again
      server.asked.length = 0
      server.asOfMs = now
      yield* again
      assert.deepStrictEqual(server.asked, [
        { listing: "reservations", lastSync: now - 307_000 },
        { listing: "blockedTimes", lastSync: now - 307_000 }
      ])
    }).pipe(Effect.provide(stack))
  )

  it.effect("begins its first reading anew when that was cut short, and still makes no events of it", () =>
    Effect.gen(function* () {
      const server = yield* Server
      server.reservations = Array.from({ length: 250 }, (_, index) => reservation(index + 1))
      server.before = (_, offset) => (offset > 150 ? Effect.fail(new BackendError({ reason: "Timeout" })) : Effect.void)
      const cut = yield* watcher
      assert.strictEqual((yield* Effect.flip(cut))._tag, "BackendError")
      assert.deepStrictEqual(yield* Effect.flatMap(EventStore, ({ newest }) => newest), 0)
      server.before = () => Effect.void
      server.reservations = server.reservations.map((row) => (row.id === 7 ? { ...row, status: "CANCELLED" } : row))
      assert.deepStrictEqual(yield* yield* watcher, [])
      const { events, hasGap } = yield* all
      assert.deepStrictEqual([events, hasGap], [[], true])
    }).pipe(Effect.provide(stack))
  )

  it.effect("keeps its place when a listing is cut short, and tells what it saw once", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const server = yield* Server
      const again = yield* watcher
      yield* again
      yield* TestClock.adjust("1 hour")
      server.reservations = [reservation(1)]
      server.before = (listing) =>
        listing === "blockedTimes" ? Effect.fail(new BackendError({ reason: "Unreachable" })) : Effect.void
      yield* Effect.flip(again)
      server.before = () => Effect.void
      server.asked.length = 0
      assert.deepStrictEqual(yield* again, [])
      assert.strictEqual(server.asked[0]?.lastSync, now - 300_000)
      assert.lengthOf((yield* all).events, 1)
    }).pipe(Effect.provide(stack))
  )

  it.effect("believes a removal when two complete listings running lack the blocked time", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const server = yield* Server
      const both = [blockedTime(1), blockedTime(2)]
      server.blockedTimes = both
      const again = yield* watcher
      yield* again
      const until = Effect.fnUntraced(function* (listing: string) {
        for (;;) {
          server.asked.length = 0
          const told = yield* again
          if (told.length > 0 || server.asked.some(({ dateFrom }) => dateFrom !== undefined)) return { listing, told }
        }
      })
      // It is missing once, as where a listing was wrong, and back in the next.
      server.blockedTimes = [blockedTime(2)]
      assert.deepStrictEqual((yield* until("window")).told, [])
      server.blockedTimes = both
      assert.deepStrictEqual((yield* until("window")).told, [])
      assert.deepStrictEqual((yield* until("window")).told, [])
      // Missing again: once is once more not enough.
      server.blockedTimes = [blockedTime(2)]
      assert.deepStrictEqual((yield* until("window")).told, [])
      assert.deepStrictEqual((yield* until("window")).told, ["blockedTime.removed"])
      for (let looks = 0; looks < 12; looks++) assert.deepStrictEqual(yield* again, [])
    }).pipe(Effect.provide(stack))
  )

  it.effect("takes a blocked time that was moved out of the window for moved", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const server = yield* Server
      server.blockedTimes = [blockedTime(1)]
      const again = yield* watcher
      yield* again
      const past = { dateFrom: local("2026-03-02T10:00:00"), dateTo: local("2026-03-02T11:00:00") }
      const told: Array<EventKind> = []
      server.blockedTimes = [blockedTime(1, past)]
      told.push(...(yield* again))
      // From here on the window lacks it.
      server.blockedTimes = []
      for (let looks = 0; looks < 25; looks++) told.push(...(yield* again))
      assert.deepStrictEqual(told, ["blockedTime.changed"])
    }).pipe(Effect.provide(stack))
  )

  it.effect("concludes nothing from a listing that never reads the same", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const server = yield* Server
      const rows = Array.from({ length: 150 }, (_, index) => blockedTime(index + 1))
      server.blockedTimes = rows
      const again = yield* watcher
      yield* again
      let next = 1000
      server.before = (listing) =>
        Effect.sync(() => {
          if (listing === "blockedTimes") server.blockedTimes = [...rows.slice(1), blockedTime(next++)]
        })
      const told: Array<string> = []
      for (let looks = 0; looks < 12; looks++) told.push((yield* Effect.flip(again))._tag)
      assert.deepStrictEqual([...new Set(told)], ["Unproven"])
      const { events } = yield* all
      assert.isFalse(events.some(({ kind }) => kind === "blockedTime.removed"))
    }).pipe(Effect.provide(stack))
  )

  it.effect("compares everything, and tells a gap, when the upstream's clock falls behind", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const server = yield* Server
      server.asOfMs = now
      server.reservations = [reservation(1), reservation(2)]
      const again = yield* watcher
      yield* again
      const end = (yield* all).last
      server.asOfMs = now - 3_600_000
      server.reservations = []
      yield* again
      server.asked.length = 0
      // What the restored server has is of another time than what was seen.
      server.reservations = [reservation(1), reservation(2, { status: "CANCELLED" })]
      assert.deepStrictEqual(yield* again, ["reservation.changed"])
      assert.isUndefined(server.asked[0]?.lastSync)
      // First the event, then the gap: what is listed after it is as new as both.
      const { find } = yield* EventStore
      const { last } = yield* find(new Set([facilityId]), end, 500)
      assert.isTrue((yield* find(new Set([facilityId]), last, 500)).hasGap)
      server.asked.length = 0
      yield* again
      assert.strictEqual(server.asked[0]?.lastSync, now - 3_600_000 - 300_000)
    }).pipe(Effect.provide(stack))
  )

  it.effect("compares everything once a day, and tells what went unseen", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const server = yield* Server
      const again = yield* watcher
      yield* again
      yield* again
      server.asked.length = 0
      yield* TestClock.adjust("1 day")
      server.reservations = [reservation(1)]
      assert.deepStrictEqual(yield* again, ["reservation.created"])
      assert.deepStrictEqual(server.asked, [{ listing: "reservations" }, { listing: "blockedTimes" }])
    }).pipe(Effect.provide(stack))
  )

  it.effect("learns all records anew where another version names what counts, without an event of each", () =>
    Effect.gen(function* () {
      const server = yield* Server
      server.reservations = [reservation(1), reservation(2)]
      const store = yield* EventStore
      yield* store.see("reservation", facilityId, [{ id: 1, content: "as of before" }], { nowMs: 0, isQuiet: true })
      const source = { wholeMs: 0, reservationsMs: 0, blockedTimesMs: 0 }
      yield* store.setSource(facilityId, { _tag: "Polled", contentVersion: 0, ...source })
      assert.deepStrictEqual(yield* yield* watcher, [])
      assert.isTrue((yield* all).hasGap)
    }).pipe(Effect.provide(stack))
  )
})
