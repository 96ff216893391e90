/**
 * The Bookio side as a pass sees it: core's ports of one backend with their caller bound, so that one facility can be asked
 * through one account and the next through another. Nothing is added to what the ports do.
 */
import type { Caller } from "@bookio-kit/core/access/Caller"
import { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import type { BlockedTime, BlockedTimeChange, NewBlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { type BlockedTimeQuery, type BlockedTimeRef, BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Calendar } from "@bookio-kit/core/calendar/Calendar"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import type { Refusal } from "@bookio-kit/core/error/Refusal"
import { type EventPage, type EventQuery, Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import type { Page } from "@bookio-kit/core/page/Page"
import type { Order } from "@bookio-kit/core/page/Paging"
import type {
  NewReservation,
  Reservation,
  StatusChange,
  SyncConfirmation,
  TermChange
} from "@bookio-kit/core/reservation/Reservation"
import { type ReservationQuery, type ReservationRef, Reservations } from "@bookio-kit/core/reservation/Reservations"
import type { BlockedTimeId, FacilityId, ReservationId } from "@bookio-kit/core/scalar/Id"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Whatever the Bookio side can fail with. */
export type BookioError = Refusal | BackendError

type Ask<A> = Effect.Effect<A, BookioError>

export interface Bookio {
  /** Whether rows are known to move only to the end of a listing. */
  readonly order: Order
  /** Whether the passes of a repeated hour are told apart. */
  readonly offsets: boolean
  readonly facilities: Ask<ReadonlyArray<Facility>>
  /** All calendars of a facility, ended ones too. */
  readonly calendars: (facilityId: FacilityId) => Ask<ReadonlyArray<Calendar>>
  readonly listReservations: (query: ReservationQuery) => Ask<Page<Reservation>>
  readonly listBlockedTimes: (query: BlockedTimeQuery) => Ask<Page<BlockedTime>>
  /** The change feed; absent where the backend has none. */
  readonly events: ((query: EventQuery) => Ask<EventPage>) | undefined
  /** The id of the newest event. */
  readonly newestEvent: Ask<number | undefined>
  readonly createReservation: (reservation: NewReservation) => Ask<ReservationRef>
  readonly changeStatus: (id: ReservationId, change: StatusChange) => Ask<ReservationRef>
  readonly changeTerm: (id: ReservationId, change: TermChange) => Ask<ReservationRef>
  readonly confirmSync: (id: ReservationId, confirmation: SyncConfirmation) => Ask<ReservationRef>
  readonly createBlockedTime: (blockedTime: NewBlockedTime) => Ask<BlockedTimeRef>
  readonly changeBlockedTime: (id: BlockedTimeId, change: BlockedTimeChange) => Ask<unknown>
  readonly removeBlockedTime: (id: BlockedTimeId) => Ask<unknown>
}

/** The ports that a pass speaks to. */
export type Ports = Facilities | Calendars | Reservations | BlockedTimes | Events | Capabilities | Caller

/** Binds the ports that are around. @param order - `known` for bookio-kit's own servers and the engine. */
export const fromPorts = (order: Order): Effect.Effect<Bookio, never, Ports> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<Caller>()
    const facilities = yield* Facilities
    const calendars = yield* Calendars
    const reservations = yield* Reservations
    const blockedTimes = yield* BlockedTimes
    const events = yield* Events
    const capabilities = yield* Capabilities
    const bound = <A, E>(effect: Effect.Effect<A, E, Caller>) => Effect.provideContext(effect, context)
    return {
      order,
      offsets: capabilities.offsets,
      facilities: bound(facilities.list),
      calendars: (facilityId) => bound(calendars.list({ facilityId })),
      listReservations: (query) => bound(reservations.list(query)),
      listBlockedTimes: (query) => bound(blockedTimes.list(query)),
      events: capabilities.events ? (query) => bound(events.list(query)) : undefined,
      newestEvent: bound(events.newest),
      createReservation: (reservation) => bound(reservations.create(reservation)),
      changeStatus: (id, change) => bound(reservations.changeStatus(id, change)),
      changeTerm: (id, change) => bound(reservations.changeTerm(id, change)),
      confirmSync: (id, confirmation) => bound(reservations.confirmSync(id, confirmation)),
      createBlockedTime: (blockedTime) => bound(blockedTimes.create(blockedTime)),
      changeBlockedTime: (id, change) => bound(blockedTimes.changeTerm(id, change)),
      removeBlockedTime: (id) => bound(blockedTimes.remove(id))
    }
  })

const monotonicMs = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / 1_000_000n))

/**
 * The same, which asks nothing more of a server that named a time to wait for until that is over, whichever request was told
 * so; such a request fails as that one did, for nothing of it was done.
 */
export const heeding = (bookio: Bookio): Bookio => {
  let rest: { readonly untilMs: number; readonly reason: BackendError["reason"] } | undefined
  const heed = <A>(ask: Ask<A>): Ask<A> =>
    Effect.gen(function* () {
      const nowMs = yield* monotonicMs
      if (rest !== undefined && rest.untilMs > nowMs) {
        return yield* new BackendError({ reason: rest.reason, retryAfterMs: rest.untilMs - nowMs })
      }
      return yield* Effect.tapError(ask, (error) =>
        Effect.gen(function* () {
          if (error._tag !== "BackendError" || error.retryAfterMs === undefined) return
          const untilMs = (yield* monotonicMs) + error.retryAfterMs
          if (rest === undefined || untilMs > rest.untilMs) rest = { untilMs, reason: error.reason }
        })
      )
    })
  const { events } = bookio
  return {
    ...bookio,
    facilities: heed(bookio.facilities),
    calendars: (facilityId) => heed(bookio.calendars(facilityId)),
    listReservations: (query) => heed(bookio.listReservations(query)),
    listBlockedTimes: (query) => heed(bookio.listBlockedTimes(query)),
    events: events === undefined ? undefined : (query) => heed(events(query)),
    newestEvent: heed(bookio.newestEvent),
    createReservation: (reservation) => heed(bookio.createReservation(reservation)),
    changeStatus: (id, change) => heed(bookio.changeStatus(id, change)),
    changeTerm: (id, change) => heed(bookio.changeTerm(id, change)),
    confirmSync: (id, confirmation) => heed(bookio.confirmSync(id, confirmation)),
    createBlockedTime: (blockedTime) => heed(bookio.createBlockedTime(blockedTime)),
    changeBlockedTime: (id, change) => heed(bookio.changeBlockedTime(id, change)),
    removeBlockedTime: (id) => heed(bookio.removeBlockedTime(id))
  }
}
