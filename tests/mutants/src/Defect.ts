/** Ways to break a port: a defect replaces methods of a caller's ports and leaves the rest as it is. */
import type { Law, Operation } from "@bookio-kit/conformance/Law"
import type { Parties, Party } from "@bookio-kit/conformance/Subject"
import { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import type { InvalidToken, PermissionDenied } from "@bookio-kit/core/error/Refusal"
import { Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { Slots } from "@bookio-kit/core/slot/Slots"
import { Context, Effect, Stream } from "effect"

/** Breaks the ports of one caller; `first` are the unbroken ones of the first caller. */
export type Defect = (party: Party, role: keyof Parties<unknown>, first: Party) => Party

/** A law by its operation and name. */
export type Title = `${Operation} ${Law["name"]}`

export const titleOf = ({ name, operation }: Law): Title => `${operation} ${name}`

/** A backend with one defect, and laws that must fail on it. */
export interface Mutant {
  readonly name: string
  readonly defect: Defect
  readonly caught: ReadonlyArray<Title>
}

export const mutant = (name: string, defect: Defect, ...caught: ReadonlyArray<Title>): Mutant => ({
  name,
  defect,
  caught
})

/** The ports as they are. */
export const sound: Defect = (party) => party

type FacilitiesPort = Facilities["Service"]
type CalendarsPort = Calendars["Service"]
type ReservationsPort = Reservations["Service"]
type BlockedPort = BlockedTimes["Service"]
type SlotsPort = Slots["Service"]
type EventsPort = Events["Service"]

export const facilities =
  (change: (real: FacilitiesPort) => Partial<FacilitiesPort>): Defect =>
  (party) => {
    const real = Context.get(party, Facilities)
    return Context.add(party, Facilities, { ...real, ...change(real) })
  }

export const calendars =
  (change: (real: CalendarsPort) => Partial<CalendarsPort>): Defect =>
  (party) => {
    const real = Context.get(party, Calendars)
    return Context.add(party, Calendars, { ...real, ...change(real) })
  }

export const reservations =
  (change: (real: ReservationsPort, ports: Party) => Partial<ReservationsPort>): Defect =>
  (party) => {
    const real = Context.get(party, Reservations)
    return Context.add(party, Reservations, { ...real, ...change(real, party) })
  }

export const blockedTimes =
  (change: (real: BlockedPort, ports: Party) => Partial<BlockedPort>): Defect =>
  (party) => {
    const real = Context.get(party, BlockedTimes)
    return Context.add(party, BlockedTimes, { ...real, ...change(real, party) })
  }

export const slots =
  (change: (real: SlotsPort, ports: Party) => Partial<SlotsPort>): Defect =>
  (party) => {
    const real = Context.get(party, Slots)
    return Context.add(party, Slots, { ...real, ...change(real, party) })
  }

export const events =
  (change: (real: EventsPort) => Partial<EventsPort>): Defect =>
  (party) => {
    const real = Context.get(party, Events)
    return Context.add(party, Events, { ...real, ...change(real) })
  }

/** Declares another capability than the backend has. */
export const declaring =
  (capabilities: Partial<Capabilities["Service"]>): Defect =>
  (party) =>
    Context.add(party, Capabilities, { ...Context.get(party, Capabilities), ...capabilities })

/** Several defects at once. */
export const together =
  (...defects: ReadonlyArray<Defect>): Defect =>
  (party, role, first) =>
    defects.reduce((broken, defect) => defect(broken, role, first), party)

/** A defect that only some callers meet. */
export const only =
  (role: keyof Parties<unknown>, defect: Defect): Defect =>
  (party, of, first) =>
    of === role ? defect(party, of, first) : party

/** Serves an operation by the unbroken ports of the first caller. */
export const asFirst =
  (operation: Operation): Defect =>
  (party, _, first) => {
    const as = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provide(effect, first)
    const calendar = Context.get(first, Calendars)
    const reservation = Context.get(first, Reservations)
    const blocked = Context.get(first, BlockedTimes)
    const defects: { readonly [O in Operation]: Defect } = {
      listFacilities: facilities(() => ({ list: as(Context.get(first, Facilities).list) })),
      listCalendars: calendars(() => ({ list: (query) => as(calendar.list(query)) })),
      createCalendar: calendars(() => ({ create: (given) => as(calendar.create(given)) })),
      updateCalendar: calendars(() => ({ update: (id, change) => as(calendar.update(id, change)) })),
      endCalendar: calendars(() => ({ end: (id, end) => as(calendar.end(id, end)) })),
      listReservations: reservations(() => ({ list: (query) => as(reservation.list(query)) })),
      createReservation: reservations(() => ({ create: (given) => as(reservation.create(given)) })),
      changeReservationStatus: reservations(() => ({ changeStatus: (id, to) => as(reservation.changeStatus(id, to)) })),
      changeReservationTerm: reservations(() => ({
        changeTerm: (id, change) => as(reservation.changeTerm(id, change))
      })),
      confirmReservationSync: reservations(() => ({
        confirmSync: (id, told) => as(reservation.confirmSync(id, told))
      })),
      listBlockedTimes: blockedTimes(() => ({ list: (query) => as(blocked.list(query)) })),
      createBlockedTime: blockedTimes(() => ({ create: (given) => as(blocked.create(given)) })),
      changeBlockedTimeTerm: blockedTimes(() => ({ changeTerm: (id, change) => as(blocked.changeTerm(id, change)) })),
      removeBlockedTime: blockedTimes(() => ({ remove: (id) => as(blocked.remove(id)) })),
      listSlots: slots(() => ({ list: (query) => as(Context.get(first, Slots).list(query)) })),
      listEvents: events(() => {
        const real = Context.get(first, Events)
        return { list: (query) => as(real.list(query)), newest: as(real.newest) }
      })
    }
    return defects[operation](party, "first", first)
  }

/** Ports that refuse every call, or every one that writes: what a server does for a token before it asks its backend. */
export const refusing =
  <E extends InvalidToken | PermissionDenied>(error: () => E, which: "every" | "writes") =>
  (party: Party): Party => {
    // A listing of facilities cannot be denied by its type, but this is the server's refusal and not the port's.
    const no = () => Effect.fail(error()) as Effect.Effect<never, never>
    const writing = together(
      calendars(() => ({ create: no, update: no, end: no })),
      reservations(() => ({ create: no, changeStatus: no, changeTerm: no, confirmSync: no })),
      blockedTimes(() => ({ create: no, changeTerm: no, remove: no }))
    )
    const reading = together(
      facilities(() => ({ list: Effect.suspend(no) })),
      calendars(() => ({ list: no })),
      reservations(() => ({ list: no })),
      blockedTimes(() => ({ list: no })),
      slots(() => ({ list: no })),
      events(() => ({ list: no, follow: () => Stream.fromEffect(no()), newest: Effect.suspend(no) }))
    )
    return (which === "every" ? together(reading, writing) : writing)(party, "first", party)
  }

/** The hundred reservations that changed last. */
export const newest = (real: ReservationsPort) =>
  Effect.flatMap(real.list({ limit: 0 }), ({ pagination }) =>
    Effect.map(real.list({ offset: Math.max(0, pagination.total - 100) }), ({ rows }) => rows)
  )
