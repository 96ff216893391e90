/**
 * An event: that a record of a facility changed, for who follows changes. It names the record and says when; what the
 * record is now, its follower reads, so that an event shows nothing that the reader may not see.
 */
import * as Schema from "effect/Schema"
import { described } from "../scalar/Described.ts"
import { BlockedTimeId, CalendarId, FacilityId, Id, ReservationId } from "../scalar/Id.ts"

export const EventId = Id.pipe(Schema.brand("EventId"))
/** The place of an event in the order of commits: of two events the later one has the greater id. Ids can have gaps. */
export type EventId = typeof EventId.Type

/** How long events are kept, in milliseconds: 30 days. */
export const eventLifetimeMs = 30 * 24 * 60 * 60 * 1000

const common = {
  id: EventId,
  facilityId: FacilityId,
  at: Schema.String.annotate({
    description: "The change instant, RFC 3339 in UTC with milliseconds.",
    format: "date-time",
    examples: ["2026-11-22T18:27:21.899Z"]
  })
}

/** One change. A created record that changes again before anyone asks has two events. */
export const Event = Schema.Union([
  Schema.Struct({
    ...common,
    kind: Schema.Literals(["reservation.created", "reservation.changed"]),
    reservationId: ReservationId
  }),
  Schema.Struct({
    ...common,
    kind: described(
      Schema.Literals(["blockedTime.created", "blockedTime.changed", "blockedTime.removed"]),
      "A removed blocked time is listed no more: this is its only trace."
    ),
    blockedTimeId: BlockedTimeId
  }),
  Schema.Struct({
    ...common,
    kind: Schema.Literals(["calendar.created", "calendar.changed"]),
    calendarId: CalendarId
  })
]).annotate({ identifier: "Event" })
export type Event = typeof Event.Type

/** What an event is about. */
export type EventKind = Event["kind"]
