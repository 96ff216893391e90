/** The port of blocked times (engine.md, rules 4, 6 and 9). */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Caller } from "../access/Caller.ts"
import type { BackendError } from "../error/BackendError.ts"
import type {
  DuplicateReservation,
  InvalidToken,
  PermissionDenied,
  ResourceNotFound,
  ValidationError
} from "../error/Refusal.ts"
import type { Page } from "../page/Page.ts"
import type { BlockedTimeId, ExternalId, FacilityId } from "../scalar/Id.ts"
import type { LocalDate } from "../time/LocalDate.ts"
import type { BlockedTime, BlockedTimeChange, NewBlockedTime } from "./BlockedTime.ts"

/** Which blocked times, and which page of them; every condition given must hold. */
export interface BlockedTimeQuery {
  readonly facilityId?: FacilityId
  /** First and last day of a range, both inclusive, in each facility's zone: what overlaps it. */
  readonly dateFrom?: LocalDate
  readonly dateTo?: LocalDate
  /** Unix time in milliseconds: changed at or after it. */
  readonly lastSync?: number
  /** Rows to skip; 0 by default. */
  readonly offset?: number
  /** 0 to 100 rows; 100 by default. */
  readonly limit?: number
}

/** A blocked time that was created, and the channel's own id of it. */
export interface BlockedTimeRef {
  readonly blockedTimeId: BlockedTimeId
  readonly externalId?: ExternalId
}

type Answer<A, E = never> = Effect.Effect<A, E | PermissionDenied | InvalidToken | BackendError, Caller>

export class BlockedTimes extends Context.Service<
  BlockedTimes,
  {
    /**
     * A page of blocked times by change instant, then id, both ascending. Operation 11.
     *
     * @errors `PermissionDenied` for a facility that is not the channel's.
     */
    readonly list: (query: BlockedTimeQuery) => Answer<Page<BlockedTime>>
    /**
     * Blocks a term, over existing reservations too. Operation 12. A repeat with the same externalId is refused.
     *
     * @errors in this order: `PermissionDenied` (facility); `DuplicateReservation` (externalId, late retry);
     * `ValidationError` (the gap, `dateTo` not after `dateFrom`).
     */
    readonly create: (blockedTime: NewBlockedTime) => Answer<BlockedTimeRef, ValidationError | DuplicateReservation>
    /**
     * Moves a blocked time. Operation 13. Idempotent.
     *
     * @errors `ResourceNotFound`; `ValidationError` as `create`.
     */
    readonly changeTerm: (
      blockedTimeId: BlockedTimeId,
      change: BlockedTimeChange
    ) => Answer<{ readonly blockedTimeId: BlockedTimeId }, ValidationError | ResourceNotFound>
    /**
     * Removes a blocked time. Operation 14.
     *
     * @errors `ResourceNotFound`, also for one that is already removed.
     */
    readonly remove: (
      blockedTimeId: BlockedTimeId
    ) => Answer<{ readonly blockedTimeId: BlockedTimeId }, ResourceNotFound>
  }
>()("@bookio-kit/core/blocked-time/BlockedTimes") {}
