/**
 * Laws of the change feed: what happens is told once, in order, to whom it concerns. They look only at the records that they
 * make themselves, for others may be at work in the facility.
 */
import type { Event, EventId } from "@bookio-kit/core/event/Event"
import type { EventQuery } from "@bookio-kit/core/event/Events"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Ask from "../internal/Ask.ts"
import * as Day from "../internal/Day.ts"
import { claim, claimEqual, refused } from "../internal/Expect.ts"
import { world } from "../internal/World.ts"
import { type Law, readLaw, writeLaw } from "../Law.ts"
import type { Party } from "../Subject.ts"

const requires = { events: true } as const

const after = (id: EventId | undefined): EventQuery => (id === undefined ? {} : { after: id })

/** All events after an id, page after page. */
const since = Effect.fnUntraced(function* (start: EventId | undefined, query: EventQuery = {}, by?: Party) {
  const events: Array<Event> = []
  let last = start
  for (;;) {
    const page = yield* Ask.by(by)(Ask.listEvents({ ...query, ...after(last) }))
    yield* claim(!page.hasGap, "a gap is told to who was told all")
    events.push(...page.events)
    last = page.last
    if (page.events.length === 0) return events
  }
})

const newest = Ask.first(Ask.newestEvent)

const recordOf = (event: Event): string =>
  "reservationId" in event
    ? `reservation ${event.reservationId}`
    : "calendarId" in event
      ? `calendar ${event.calendarId}`
      : `blockedTime ${event.blockedTimeId}`

/** The kinds of the events of a record, in their order. */
const kindsOf = (events: ReadonlyArray<Event>, record: string) =>
  events.filter((event) => recordOf(event) === record).map(({ kind }) => kind)

const isAscending = (events: ReadonlyArray<Event>) =>
  events.every(({ id }, index) => index === 0 || id > (events[index - 1]?.id ?? id))

export const eventLaws: ReadonlyArray<Law> = [
  writeLaw(
    "listEvents",
    "MUST tell each change of a reservation once, and nothing of a confirmed sync or what changes nothing",
    {
      requires,
      body: Effect.gen(function* () {
        const { book, facility, wall } = yield* world()
        const start = yield* newest
        const { reservationId } = yield* book({ at: "10:00" })
        yield* Ask.first(Ask.changeTerm(reservationId, { dateFrom: wall("11:00") }))
        yield* Ask.first(Ask.confirmSync(reservationId, {}))
        yield* Ask.first(Ask.changeStatus(reservationId, { status: "CANCELLED" }))
        yield* Ask.first(Ask.changeStatus(reservationId, { status: "CANCELLED" }))
        yield* Ask.first(Ask.changeStatus(reservationId, { status: "CONFIRMED" }))
        const events = yield* since(start)
        yield* claimEqual(
          kindsOf(events, `reservation ${reservationId}`),
          ["reservation.created", "reservation.changed", "reservation.changed", "reservation.changed"],
          "what is told of the reservation"
        )
        const own = events.filter((event) => recordOf(event) === `reservation ${reservationId}`)
        yield* claim(
          own.every((event) => event.facilityId === facility.id && !Number.isNaN(Date.parse(event.at))),
          "an event has another facility, or no instant"
        )
      })
    }
  ),
  writeLaw("listEvents", "MUST tell each change of a blocked time once, its removal too", {
    requires,
    body: Effect.gen(function* () {
      const { block, wall } = yield* world()
      const start = yield* newest
      const { blockedTimeId } = yield* block({ from: "10:00", to: "11:00" })
      yield* Ask.first(Ask.changeBlockedTerm(blockedTimeId, { dateTo: wall("12:00") }))
      yield* Ask.first(Ask.removeBlockedTime(blockedTimeId))
      yield* claimEqual(
        kindsOf(yield* since(start), `blockedTime ${blockedTimeId}`),
        ["blockedTime.created", "blockedTime.changed", "blockedTime.removed"],
        "what is told of the blocked time"
      )
    })
  }),
  writeLaw("listEvents", "MUST tell each change of a calendar once", {
    requires,
    body: Effect.gen(function* () {
      const start = yield* newest
      const { calendarId, day } = yield* world()
      yield* Ask.first(Ask.updateCalendar(calendarId, { note: "Changed" }))
      yield* Ask.first(Ask.endCalendar(calendarId, { validTo: Day.wholeDay(day + 1) }))
      yield* claimEqual(
        kindsOf(yield* since(start), `calendar ${calendarId}`),
        ["calendar.created", "calendar.changed", "calendar.changed"],
        "what is told of the calendar"
      )
    })
  }),
  writeLaw("listEvents", "MUST list events in the order of their changes, and go on after any of them", {
    requires,
    body: Effect.gen(function* () {
      const { block, book, facility } = yield* world()
      const start = yield* newest
      const one = yield* book({ at: "09:00" })
      const other = yield* block({ from: "10:00", to: "11:00" })
      yield* Ask.first(Ask.changeStatus(one.reservationId, { status: "CANCELLED" }))
      const all = yield* since(start, { facilityId: facility.id })
      yield* claim(isAscending(all), "the ids do not ascend")
      const own = new Set([`reservation ${one.reservationId}`, `blockedTime ${other.blockedTimeId}`])
      yield* claimEqual(
        all.filter((event) => own.has(recordOf(event))).map(({ kind }) => kind),
        ["reservation.created", "blockedTime.created", "reservation.changed"],
        "the order"
      )
      for (const [index, { id }] of all.entries()) {
        const rest = (yield* since(id, { facilityId: facility.id })).slice(0, all.length - index - 1)
        yield* claimEqual(
          rest.map((event) => event.id),
          all.slice(index + 1).map((event) => event.id),
          `what follows event ${id}`
        )
      }
    })
  }),
  writeLaw("listEvents", "MUST name the newest event, after which there is what happens from then on", {
    requires,
    body: Effect.gen(function* () {
      const { book } = yield* world()
      const before = yield* book({ at: "09:00" })
      const start = yield* newest
      const { reservationId } = yield* book({ at: "10:00" })
      const events = yield* since(start)
      yield* claimEqual(kindsOf(events, `reservation ${before.reservationId}`), [], "what is told of the time before")
      yield* claimEqual(
        kindsOf(events, `reservation ${reservationId}`),
        ["reservation.created"],
        "what is told from then on"
      )
    })
  }),
  writeLaw("listEvents", "MUST follow with what happens while it is followed, once each", {
    requires,
    body: Effect.gen(function* () {
      const { book } = yield* world()
      const { reservationId } = yield* book({ at: "10:00" })
      const start = yield* newest
      const record = `reservation ${reservationId}`
      const followed = yield* Effect.forkScoped(
        Ask.first(
          Ask.followEvents(after(start)).pipe(
            Stream.flatMap(({ events }) => Stream.fromIterable(events)),
            Stream.filter((event) => recordOf(event) === record),
            Stream.take(2),
            Stream.runCollect
          )
        )
      )
      yield* Ask.first(Ask.changeStatus(reservationId, { status: "CANCELLED" }))
      yield* Ask.first(Ask.changeStatus(reservationId, { status: "CONFIRMED" }))
      const events = yield* Fiber.join(followed)
      yield* claimEqual(
        kindsOf(events, record),
        ["reservation.changed", "reservation.changed"],
        "what is told while it is followed"
      )
      yield* claim(isAscending(events), "the ids do not ascend")
    })
  }),
  writeLaw("listEvents", "MUST leave events out for a channel that does not reach their facility", {
    requires,
    body: Effect.gen(function* () {
      const stranger = yield* Ask.party("stranger")
      const { book } = yield* world()
      const start = yield* newest
      const { reservationId } = yield* book({ at: "10:00" })
      const record = `reservation ${reservationId}`
      yield* claimEqual(kindsOf(yield* since(start, {}, stranger), record), [], "what a stranger is told")
      yield* claimEqual(kindsOf(yield* since(start), record), ["reservation.created"], "what the first caller is told")
    })
  }),
  readLaw("listEvents", "MUST refuse a caller of access book with PermissionDenied", {
    code: 403,
    requires,
    body: Effect.gen(function* () {
      const booker = yield* Ask.party("booker")
      yield* refused(Ask.by(booker)(Ask.listEvents({})), "PermissionDenied", "the feed for a caller of access book")
    })
  }),
  writeLaw(
    "listEvents",
    "MUST tell a gap to who was told of more than there is, and where to go on, and to nobody else",
    {
      requires,
      body: Effect.gen(function* () {
        const { book } = yield* world()
        yield* book({ at: "10:00" })
        const lost = yield* Ask.first(Ask.listEvents(after(Ask.unknown.event)))
        yield* claim(lost.hasGap, "no gap is told")
        const { hasGap } = yield* Ask.first(Ask.listEvents(after(lost.last)))
        yield* claim(!hasGap, "the gap is told again")
      })
    }
  ),
  readLaw("listEvents", "MUST answer with EndpointNotFound", {
    code: 404,
    requires: { events: false },
    body: Effect.gen(function* () {
      yield* refused(Ask.first(Ask.listEvents({})), "EndpointNotFound", "the feed")
      yield* refused(newest, "EndpointNotFound", "the newest event")
      yield* refused(Ask.first(Stream.runHead(Ask.followEvents({}))), "EndpointNotFound", "following")
    })
  })
]
