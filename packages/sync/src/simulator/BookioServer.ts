/**
 * A small Bookio: one facility, the booking rules of engine.md as far as the sync can tell them, its listings with all
 * that makes paging hard. It does at once what it is asked; delays and faults are the network's. `by` says who asks, so
 * that whoever watches can tell the sync's doing from that of people.
 */
import { isOpen, type Opening } from "@bookio-kit/core/booking/Opening"
import type { Calendar, Service } from "@bookio-kit/core/calendar/Calendar"
import {
  DuplicateReservation,
  NoCapacityLeft,
  type Refusal,
  ResourceNotFound,
  ValidationError
} from "@bookio-kit/core/error/Refusal"
import type { ReservationStatus } from "@bookio-kit/core/reservation/Reservation"
import type { BlockedTimeId, ReservationId } from "@bookio-kit/core/scalar/Id"
import type { SyncTerm } from "@bookio-kit/core/sync/SyncState"
import { say } from "@bookio-kit/core/text/Text"

export type Author = "people" | "sync"

export interface ReservationRow {
  readonly id: number
  readonly service: number
  readonly createdMs: number
  readonly term: SyncTerm
  readonly status: ReservationStatus
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
  readonly note: string
  readonly changedMs: number
  /** Of the sync's channel. */
  readonly externalId: number | undefined
  readonly needsSync: boolean
  readonly cancelledMs: number | undefined
  /** It is told with a time that its zone does not have. */
  readonly isMalformed?: boolean
}

export interface BlockedRow {
  readonly id: number
  readonly term: SyncTerm
  readonly note: string
  readonly changedMs: number
  readonly externalId: number | undefined
  readonly isMalformed?: boolean
}

export interface FeedEvent {
  readonly id: number
  readonly kind:
    | "reservation.created"
    | "reservation.changed"
    | "blockedTime.created"
    | "blockedTime.changed"
    | "blockedTime.removed"
  readonly of: number
  readonly atMs: number
}

/** All that a backup holds. */
export interface ServerState {
  readonly reservations: Map<number, ReservationRow>
  readonly blocked: Map<number, BlockedRow>
  events: ReadonlyArray<FeedEvent>
  removed: ReadonlyArray<BlockedRow & { readonly atMs: number }>
  lastId: number
  lastChangeMs: number
}

export interface NewBooking {
  readonly service: number
  readonly startMs: number
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
  readonly note: string
  readonly externalId?: number
}

/** Told of everything that changes. */
export interface ServerWatcher {
  readonly reservation: (before: ReservationRow | undefined, after: ReservationRow, by: Author) => void
  /** A booking of the sync's that there was no place for. */
  readonly refused: (booking: NewBooking, term: SyncTerm) => void
  readonly blocked: (before: BlockedRow | undefined, after: BlockedRow | undefined, by: Author) => void
  /** A confirmation, whose row is as it was but for the flags. */
  readonly confirmed: (row: ReservationRow) => void
}

export interface BookioServer {
  readonly calendars: ReadonlyArray<Calendar>
  /** Its own clock, Unix time in milliseconds. */
  readonly nowMs: () => number
  readonly state: ServerState
  readonly openings: ReadonlyMap<number, Opening>
  readonly service: (id: number) => Service | undefined
  readonly book: (booking: NewBooking, by: Author) => ReservationRow | Refusal
  readonly setStatus: (id: number, status: ReservationStatus, by: Author) => ReservationRow | Refusal
  readonly move: (id: number, term: SyncTerm, by: Author) => ReservationRow | Refusal
  readonly confirm: (id: number, externalId: number | undefined) => ReservationRow | Refusal
  readonly block: (term: SyncTerm, note: string, externalId: number | undefined, by: Author) => BlockedRow | Refusal
  readonly moveBlocked: (id: number, term: SyncTerm, by: Author) => BlockedRow | Refusal
  readonly unblock: (id: number, by: Author) => BlockedRow | Refusal
  /** Makes a row unreadable, or readable again. */
  readonly spoil: (id: number, isMalformed: boolean) => void
  readonly backup: () => ServerState
  readonly restore: (state: ServerState) => void
}

const dayMs = 86_400_000
const invalid = () => new ValidationError({ problems: [say("notText")] })
const noReservation = () => new ResourceNotFound({ resource: "Reservation" })
const noBlocked = () => new ResourceNotFound({ resource: "BlockedTime" })
const overlap = (a: SyncTerm, b: SyncTerm) => a.startMs < b.endMs && b.startMs < a.endMs
const isSame = (a: SyncTerm, b: SyncTerm) => a.startMs === b.startMs && a.endMs === b.endMs

const copy = (state: ServerState): ServerState => ({
  ...state,
  reservations: new Map(state.reservations),
  blocked: new Map(state.blocked)
})

export const make = (options: {
  readonly calendars: ReadonlyArray<Calendar>
  readonly openings: ReadonlyMap<number, Opening>
  readonly nowMs: () => number
  readonly watcher: ServerWatcher
}): BookioServer => {
  const { calendars, nowMs, openings, watcher } = options
  let state: ServerState = {
    reservations: new Map(),
    blocked: new Map(),
    events: [],
    removed: [],
    lastId: 100,
    lastChangeMs: 0
  }
  const calendarOf = new Map(
    calendars.flatMap((calendar) => calendar.services.map(({ id }) => [id as number, calendar]))
  )
  const service = (id: number) => calendarOf.get(id)?.services.find((one) => one.id === id)

  // The change instant never falls (engine.md, rule 10).
  const tick = () => {
    state.lastChangeMs = Math.max(nowMs(), state.lastChangeMs)
    return state.lastChangeMs
  }
  const tell = (kind: FeedEvent["kind"], of: number, atMs: number) => {
    state.events = [...state.events, { id: (state.events.at(-1)?.id ?? 0) + 1, kind, of, atMs }]
  }

  const isFree = (serviceId: number, term: SyncTerm, except: number | undefined): Refusal | undefined => {
    const calendar = calendarOf.get(serviceId)
    const opening = calendar === undefined ? undefined : openings.get(calendar.id)
    if (opening === undefined || !isOpen(opening, serviceId, { fromMs: term.startMs, toMs: term.endMs }))
      return invalid()
    for (const row of state.blocked.values()) {
      if (overlap(row.term, term)) return new NoCapacityLeft({ reason: "blocked" })
    }
    for (const row of state.reservations.values()) {
      if (row.id === except || row.status !== "CONFIRMED" || calendarOf.get(row.service) !== calendar) continue
      if (overlap(row.term, term)) return new NoCapacityLeft({ reason: "full" })
    }
    return undefined
  }

  const isSamePerson = (a: NewBooking | ReservationRow, b: ReservationRow) =>
    a.name === b.name && a.surname === b.surname && (a.email === b.email || a.phone === b.phone)

  const personTwice = (booking: NewBooking | ReservationRow, startMs: number, except: number | undefined) => {
    for (const row of state.reservations.values()) {
      if (row.id === except || row.status !== "CONFIRMED" || row.service !== booking.service) continue
      if (row.term.startMs === startMs && isSamePerson(booking, row)) {
        return new DuplicateReservation({ reason: "person", reservationId: row.id as ReservationId })
      }
    }
    return undefined
  }

  const idTwice = (externalId: number | undefined, except: number | undefined) => {
    if (externalId === undefined) return undefined
    for (const row of state.reservations.values()) {
      if (row.id !== except && row.externalId === externalId && row.status !== "CANCELLED") {
        return new DuplicateReservation({ reason: "externalId", reservationId: row.id as ReservationId })
      }
    }
    return undefined
  }

  const store = (before: ReservationRow | undefined, next: ReservationRow, by: Author) => {
    const row: ReservationRow = { ...next, changedMs: tick(), needsSync: before !== undefined || by === "people" }
    state.reservations.set(row.id, row)
    tell(before === undefined ? "reservation.created" : "reservation.changed", row.id, row.changedMs)
    watcher.reservation(before, row, by)
    return row
  }

  const book: BookioServer["book"] = (booking, by) => {
    const kind = service(booking.service)
    if (kind === undefined) return new ResourceNotFound({ resource: "Service" })
    const taken = idTwice(booking.externalId, undefined)
    if (taken !== undefined) return taken
    for (const row of state.reservations.values()) {
      const isRetry =
        booking.externalId !== undefined &&
        row.externalId === booking.externalId &&
        row.cancelledMs !== undefined &&
        row.cancelledMs > nowMs() - dayMs &&
        row.term.startMs === booking.startMs
      if (isRetry) return new DuplicateReservation({ reason: "retry", reservationId: row.id as ReservationId })
    }
    const term = { startMs: booking.startMs, endMs: booking.startMs + kind.duration * 60_000 }
    const refused = personTwice(booking, term.startMs, undefined) ?? isFree(booking.service, term, undefined)
    if (refused !== undefined) {
      if (by === "sync" && refused._tag === "NoCapacityLeft") watcher.refused(booking, term)
      return refused
    }
    const { externalId, startMs: _, ...rest } = booking
    state.lastId++
    return store(
      undefined,
      {
        ...rest,
        id: state.lastId,
        term,
        status: "CONFIRMED",
        createdMs: nowMs(),
        changedMs: 0,
        externalId,
        needsSync: false,
        cancelledMs: undefined
      },
      by
    )
  }

  const setStatus: BookioServer["setStatus"] = (id, status, by) => {
    const row = state.reservations.get(id)
    if (row === undefined) return noReservation()
    if (row.status === status) return row
    if (row.status !== "CONFIRMED" && status !== "CONFIRMED") return invalid()
    if (status === "CONFIRMED") {
      const refused =
        idTwice(row.externalId, id) ?? personTwice(row, row.term.startMs, id) ?? isFree(row.service, row.term, id)
      if (refused !== undefined) return refused
    }
    return store(row, { ...row, status, cancelledMs: status === "CANCELLED" ? nowMs() : undefined }, by)
  }

  const move: BookioServer["move"] = (id, term, by) => {
    const row = state.reservations.get(id)
    if (row === undefined) return noReservation()
    if (row.status !== "CONFIRMED" || term.endMs <= term.startMs) return invalid()
    if (isSame(row.term, term)) return row
    const refused = personTwice(row, term.startMs, id) ?? isFree(row.service, term, id)
    return refused ?? store(row, { ...row, term }, by)
  }

  const confirm: BookioServer["confirm"] = (id, externalId) => {
    const row = state.reservations.get(id)
    if (row === undefined) return noReservation()
    const taken = idTwice(externalId, id)
    if (taken !== undefined) return taken
    if (externalId === undefined && row.externalId === undefined) return invalid()
    const next = { ...row, externalId: externalId ?? row.externalId, needsSync: false }
    state.reservations.set(id, next)
    watcher.confirmed(next)
    return next
  }

  const block: BookioServer["block"] = (term, note, externalId, by) => {
    for (const row of state.blocked.values()) {
      if (externalId !== undefined && row.externalId === externalId) {
        return new DuplicateReservation({ reason: "externalId", blockedTimeId: row.id as BlockedTimeId })
      }
    }
    const isRetry = state.removed.some(
      (row) =>
        externalId !== undefined &&
        row.externalId === externalId &&
        row.atMs > nowMs() - dayMs &&
        isSame(row.term, term)
    )
    if (isRetry) return new DuplicateReservation({ reason: "retry" })
    if (term.endMs <= term.startMs) return invalid()
    state.lastId++
    const row: BlockedRow = { id: state.lastId, term, note, changedMs: tick(), externalId }
    state.blocked.set(row.id, row)
    tell("blockedTime.created", row.id, row.changedMs)
    watcher.blocked(undefined, row, by)
    return row
  }

  const moveBlocked: BookioServer["moveBlocked"] = (id, term, by) => {
    const row = state.blocked.get(id)
    if (row === undefined) return noBlocked()
    if (term.endMs <= term.startMs) return invalid()
    if (isSame(row.term, term)) return row
    const next = { ...row, term, changedMs: tick() }
    state.blocked.set(id, next)
    tell("blockedTime.changed", id, next.changedMs)
    watcher.blocked(row, next, by)
    return next
  }

  const unblock: BookioServer["unblock"] = (id, by) => {
    const row = state.blocked.get(id)
    if (row === undefined) return noBlocked()
    state.blocked.delete(id)
    state.removed = [...state.removed, { ...row, atMs: nowMs() }]
    tell("blockedTime.removed", id, tick())
    watcher.blocked(row, undefined, by)
    return row
  }

  return {
    calendars,
    nowMs,
    get state() {
      return state
    },
    openings,
    service,
    book,
    setStatus,
    move,
    confirm,
    block,
    moveBlocked,
    unblock,
    spoil: (id, isMalformed) => {
      const row = state.reservations.get(id)
      if (row !== undefined) return void store(row, { ...row, isMalformed }, "people")
      const blocked = state.blocked.get(id)
      if (blocked === undefined) return
      state.blocked.set(id, { ...blocked, isMalformed, changedMs: tick() })
      tell("blockedTime.changed", id, state.lastChangeMs)
    },
    backup: () => copy(state),
    restore: (backup) => {
      state = copy(backup)
    }
  }
}
