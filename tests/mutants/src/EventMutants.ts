/** Mutants of the change feed. */
import { type Event, EventId } from "@bookio-kit/core/event/Event"
import type { EventPage, Events } from "@bookio-kit/core/event/Events"
import { Effect, Stream } from "effect"
import { calendars, type Defect, events, type Mutant, mutant, reservations } from "./Defect.ts"

const onReservation =
  "listEvents MUST tell each change of a reservation once, and nothing of a confirmed sync or what changes nothing"
const onBlockedTime = "listEvents MUST tell each change of a blocked time once, its removal too"
const onCalendar = "listEvents MUST tell each change of a calendar once"
const onOrder = "listEvents MUST list events in the order of their changes, and go on after any of them"
const onNewest = "listEvents MUST name the newest event, after which there is what happens from then on"
const onFollow = "listEvents MUST follow with what happens while it is followed, once each"
const onGap = "listEvents MUST tell a gap to who was told of more than there is, and where to go on, and to nobody else"

const paged = (change: (page: EventPage) => EventPage) =>
  events((real) => ({ list: (query) => Effect.map(real.list(query), change) }))

const withEvents = (change: (events: ReadonlyArray<Event>) => ReadonlyArray<Event>) =>
  paged((page) => ({ ...page, events: change(page.events) }))

const without = (kind: Event["kind"]): Defect => withEvents((events) => events.filter((event) => event.kind !== kind))

type Query = Parameters<Events["Service"]["list"]>[0]

const before = ({ after, ...query }: Query): Query =>
  after === undefined || after === 1 ? query : { ...query, after: EventId.make(after - 1) }

export const eventMutants: ReadonlyArray<Mutant> = [
  mutant("a created reservation is not told", without("reservation.created"), onReservation, onOrder, onNewest),
  mutant("a changed reservation is not told", without("reservation.changed"), onReservation, onOrder),
  mutant("a created blocked time is not told", without("blockedTime.created"), onBlockedTime, onOrder),
  mutant("a changed blocked time is not told", without("blockedTime.changed"), onBlockedTime),
  mutant("a removed blocked time is not told", without("blockedTime.removed"), onBlockedTime),
  mutant("a created calendar is not told", without("calendar.created"), onCalendar),
  mutant("a changed calendar is not told", without("calendar.changed"), onCalendar),
  mutant(
    "a confirmed sync is told as a change",
    reservations((real) => ({
      confirmSync: (id, told) =>
        Effect.tap(real.confirmSync(id, told), () =>
          Effect.orDie(
            Effect.andThen(
              real.changeStatus(id, { status: "DID_NOT_COME" }),
              real.changeStatus(id, { status: "CONFIRMED" })
            )
          )
        )
    })),
    onReservation
  ),
  mutant(
    "an update of a calendar is two changes",
    calendars((real) => ({
      update: (id, change) => Effect.andThen(real.update(id, { name: "Half way" }), real.update(id, change))
    })),
    onCalendar
  ),
  mutant(
    "events are told twice",
    withEvents((events) => events.flatMap((event) => [event, event])),
    onReservation,
    onBlockedTime,
    onCalendar,
    onOrder,
    onNewest
  ),
  mutant(
    "events are told descending",
    withEvents((events) => events.toReversed()),
    onOrder
  ),
  mutant(
    "an event is lost where a page ends",
    events((real) => ({
      list: (query) =>
        Effect.map(real.list(query), (page) => ({
          ...page,
          events: page.events.slice(0, -1)
        }))
    })),
    onReservation,
    onBlockedTime,
    onCalendar,
    onOrder,
    onNewest
  ),
  mutant(
    "the newest event is the one before",
    events((real) => ({ newest: Effect.map(real.newest, (id) => EventId.make((id ?? 2) - 1)) })),
    onNewest
  ),
  mutant(
    "following begins one too early",
    events((real) => ({ follow: (query) => real.follow(before(query)) })),
    onFollow
  ),
  mutant(
    "following tells descending",
    events((real) => ({
      follow: (query) =>
        real.follow(query).pipe(
          Stream.flatMap(({ events }) => Stream.fromIterable(events)),
          Stream.grouped(2),
          Stream.map((events) => ({ events: events.toReversed(), hasGap: false }))
        )
    })),
    onFollow
  ),
  mutant(
    "no gap is told",
    paged((page) => ({ ...page, hasGap: false })),
    onGap
  ),
  mutant(
    "a gap is told always",
    paged((page) => ({ ...page, hasGap: true })),
    onGap
  )
]
