/** The port of reservations (engine.md, rules 2 to 10). Booking is one atomic step of the backend. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Caller } from "../access/Caller.ts"
import type { BackendError } from "../error/BackendError.ts"
import type {
  DuplicateReservation,
  InvalidToken,
  NoCapacityLeft,
  PermissionDenied,
  ResourceNotFound,
  ValidationError
} from "../error/Refusal.ts"
import type { Page } from "../page/Page.ts"
import type { ExternalId, FacilityId, ReservationId } from "../scalar/Id.ts"
import type { LocalDate } from "../time/LocalDate.ts"
import type {
  NewReservation,
  Reservation,
  ReservationStatus,
  StatusChange,
  SyncConfirmation,
  TermChange
} from "./Reservation.ts"

/** Which reservations, and which page of them; every condition given must hold. */
export interface ReservationQuery {
  /** Equal but for letter case. */
  readonly email?: string
  readonly number?: string
  readonly status?: ReservationStatus
  readonly facilityId?: FacilityId
  /** First and last day of `dateFrom`, both inclusive, in each facility's zone. */
  readonly from?: LocalDate
  readonly to?: LocalDate
  readonly onlyUnsynced?: boolean
  /** Unix time in milliseconds: changed at or after it. */
  readonly lastSync?: number
  /** Rows to skip; 0 by default. */
  readonly offset?: number
  /** 0 to 100 rows; 100 by default. */
  readonly limit?: number
}

/** A reservation that was written, and the channel's own id of it. */
export interface ReservationRef {
  readonly reservationId: ReservationId
  readonly externalId?: ExternalId
}

type Written<E> = Effect.Effect<ReservationRef, E | PermissionDenied | InvalidToken | BackendError, Caller>

export class Reservations extends Context.Service<
  Reservations,
  {
    /**
     * A page of reservations by change instant, then id, both ascending, so that rows only ever move to the end.
     * Operation 6. A caller of access `book` sees those that its own channel made.
     *
     * @errors `PermissionDenied` for a facility that is not the channel's.
     */
    readonly list: (
      query: ReservationQuery
    ) => Effect.Effect<Page<Reservation>, PermissionDenied | InvalidToken | BackendError, Caller>
    /**
     * Books a term. Operation 7. A repeat with the same externalId is refused, not made twice.
     *
     * @errors in this order: `PermissionDenied` (facility); `ResourceNotFound` (service); `DuplicateReservation`
     * (externalId, late retry); `ValidationError` (the gap, rule 2); `DuplicateReservation` (person); `NoCapacityLeft`.
     */
    readonly create: (
      reservation: NewReservation
    ) => Written<ValidationError | ResourceNotFound | DuplicateReservation | NoCapacityLeft>
    /**
     * Changes the status (rule 7). Operation 8. Setting the status it has is a success without a change.
     *
     * @errors `ResourceNotFound`; `ValidationError` for a change that is not allowed; when it becomes CONFIRMED again, as
     * `create`.
     */
    readonly changeStatus: (
      reservationId: ReservationId,
      change: StatusChange
    ) => Written<ValidationError | ResourceNotFound | DuplicateReservation | NoCapacityLeft>
    /**
     * Moves a reservation (rule 8). Operation 9. A refused change leaves it as it was.
     *
     * @errors `ResourceNotFound`; `ValidationError` unless it is CONFIRMED, for the gap, for `dateTo` not after `dateFrom`,
     * outside the opening; `DuplicateReservation` (person); `NoCapacityLeft`.
     */
    readonly changeTerm: (
      reservationId: ReservationId,
      change: TermChange
    ) => Written<ValidationError | ResourceNotFound | DuplicateReservation | NoCapacityLeft>
    /**
     * Clears the channel's `needsSync` and sets its externalId (rule 9); the change instant stays. Operation 10. Idempotent.
     *
     * @errors `ResourceNotFound`; `ValidationError` where no externalId is known; `DuplicateReservation` where another
     * reservation of the channel has it.
     */
    readonly confirmSync: (
      reservationId: ReservationId,
      confirmation: SyncConfirmation
    ) => Written<ValidationError | ResourceNotFound | DuplicateReservation>
  }
>()("@bookio-kit/core/reservation/Reservations") {}
