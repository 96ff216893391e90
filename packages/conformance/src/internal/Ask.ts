/** Core's ports as plain functions, and who asks: every call of a law goes through here. */
import { Caller } from "@bookio-kit/core/access/Caller"
import type { BlockedTimeChange, NewBlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { type BlockedTimeQuery, BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { CalendarChange, CalendarEnd, NewCalendar } from "@bookio-kit/core/calendar/Calendar"
import { type CalendarQuery, Calendars } from "@bookio-kit/core/calendar/Calendars"
import { EventId } from "@bookio-kit/core/event/Event"
import { type EventQuery, Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import type {
  NewReservation,
  StatusChange,
  SyncConfirmation,
  TermChange
} from "@bookio-kit/core/reservation/Reservation"
import { type ReservationQuery, Reservations } from "@bookio-kit/core/reservation/Reservations"
import { BlockedTimeId, CalendarId, ExternalId, FacilityId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import type { SlotQuery } from "@bookio-kit/core/slot/Slot"
import { Slots } from "@bookio-kit/core/slot/Slots"
import type { Language } from "@bookio-kit/core/text/Text"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { NotRun } from "../Law.ts"
import { type Parties, type Party, type Ports, Subject } from "../Subject.ts"

export const listFacilities = Effect.flatMap(Facilities, (port) => port.list)

export const listCalendars = (query: CalendarQuery) => Effect.flatMap(Calendars, (port) => port.list(query))
export const createCalendar = (calendar: NewCalendar) => Effect.flatMap(Calendars, (port) => port.create(calendar))
export const updateCalendar = (id: CalendarId, change: CalendarChange) =>
  Effect.flatMap(Calendars, (port) => port.update(id, change))
export const endCalendar = (id: CalendarId, end: CalendarEnd) => Effect.flatMap(Calendars, (port) => port.end(id, end))

export const listReservations = (query: ReservationQuery) => Effect.flatMap(Reservations, (port) => port.list(query))
export const createReservation = (reservation: NewReservation) =>
  Effect.flatMap(Reservations, (port) => port.create(reservation))
export const changeStatus = (id: ReservationId, change: StatusChange) =>
  Effect.flatMap(Reservations, (port) => port.changeStatus(id, change))
export const changeTerm = (id: ReservationId, change: TermChange) =>
  Effect.flatMap(Reservations, (port) => port.changeTerm(id, change))
export const confirmSync = (id: ReservationId, confirmation: SyncConfirmation) =>
  Effect.flatMap(Reservations, (port) => port.confirmSync(id, confirmation))

export const listBlockedTimes = (query: BlockedTimeQuery) => Effect.flatMap(BlockedTimes, (port) => port.list(query))
export const createBlockedTime = (blocked: NewBlockedTime) =>
  Effect.flatMap(BlockedTimes, (port) => port.create(blocked))
export const changeBlockedTerm = (id: BlockedTimeId, change: BlockedTimeChange) =>
  Effect.flatMap(BlockedTimes, (port) => port.changeTerm(id, change))
export const removeBlockedTime = (id: BlockedTimeId) => Effect.flatMap(BlockedTimes, (port) => port.remove(id))

export const listSlots = (query: SlotQuery) => Effect.flatMap(Slots, (port) => port.list(query))

export const listEvents = (query: EventQuery) => Effect.flatMap(Events, (port) => port.list(query))
export const newestEvent = Effect.flatMap(Events, (port) => port.newest)
export const followEvents = (query: EventQuery) => Stream.unwrap(Effect.map(Events, (port) => port.follow(query)))

/** Ids that no backend has given out. */
export const unknown = {
  facility: FacilityId.make(Number.MAX_SAFE_INTEGER),
  calendar: CalendarId.make(Number.MAX_SAFE_INTEGER),
  service: ServiceId.make(Number.MAX_SAFE_INTEGER),
  reservation: ReservationId.make(Number.MAX_SAFE_INTEGER),
  blockedTime: BlockedTimeId.make(Number.MAX_SAFE_INTEGER),
  event: EventId.make(Number.MAX_SAFE_INTEGER),
  externalId: ExternalId.make(Number.MAX_SAFE_INTEGER)
} as const

/** Asks as a caller of the subject: the first one, unless told. */
export const by =
  (party?: Party) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, Ports | Caller> | Subject> =>
    Effect.flatMap(Subject, (subject) => Effect.provide(effect, party ?? subject.first))

/** Asks as the first caller. */
export const first = by()

const reasons: { readonly [P in Exclude<keyof Parties<Party>, "first">]: string } = {
  second: "there is no second channel that reaches the facility",
  stranger: "there is no second channel that does not reach the facility",
  booker: "there is no caller of access `book`",
  reader: "there is no caller of access `read`",
  intruder: "there is no caller with an invalid token"
}

/** Another caller of the subject, or the reason that the law is not run. */
export const party = (name: Exclude<keyof Parties<Party>, "first">): Effect.Effect<Party, NotRun, Subject> =>
  Effect.flatMap(Subject, (subject) => {
    const found = subject[name]
    return found === undefined ? Effect.fail(new NotRun({ reason: reasons[name] })) : Effect.succeed(found)
  })

/** Asks in another language. */
export const inLanguage =
  (language: Language) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Caller> =>
    Effect.flatMap(Caller, (caller) => Effect.provideService(effect, Caller, { ...caller, language }))
