/**
 * The port through which a server runs each writing operation, so that what a write leaves beside its effect is stored
 * together with it: its line in the audit log, and its answer under the caller's `Idempotency-Key`. The answer's bytes are
 * made inside, for they must be stored before anyone sees them.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Caller } from "../access/Caller.ts"
import type { BackendError } from "../error/BackendError.ts"
import type { ValidationError } from "../error/Refusal.ts"
import type { IdempotencyKey } from "../idempotency/IdempotencyKey.ts"
import type { BlockedTimeId, CalendarId, FacilityId, ReservationId, ServiceId } from "../scalar/Id.ts"

/** The records that a write is about, by our own ids; those that are not known are absent. */
export interface RecordIds {
  readonly facilityId?: FacilityId
  readonly calendarId?: CalendarId
  readonly serviceId?: ServiceId
  readonly reservationId?: ReservationId
  readonly blockedTimeId?: BlockedTimeId
}

/** One call of a writing operation; its form is right, and its caller is known. */
export interface Write {
  readonly operation: string
  readonly requestId: string
  /** What the request names. */
  readonly ids: RecordIds
  /** Absent where the caller sent no key, or the operation takes none. The body is that of the request, byte for byte. */
  readonly idempotency?: { readonly key: IdempotencyKey; readonly body: Uint8Array }
}

/** An answer as it is sent: a success or a refusal. */
export interface Answer {
  /** The HTTP status. */
  readonly status: number
  readonly errorCode?: number
  /** The envelope, in JSON. */
  readonly body: Uint8Array
  /** What the write made. */
  readonly ids?: RecordIds
}

/** An answer, and whether it is the first one once more. */
export interface Answered extends Answer {
  readonly isReplay: boolean
}

export class Writes extends Context.Service<
  Writes,
  {
    /**
     * Runs a write and answers after everything about it is durable. `answer` performs it through the other ports and makes
     * its answer; a refusal is an answer too.
     *
     * With an `Idempotency-Key` that this caller's token has used for the operation in the last 24 hours, nothing is run: the
     * first answer is given again. A second request while the first is at work waits for it. Every write is in the audit log
     * afterwards, refused ones too; a replay is not, for nothing is done.
     *
     * @errors `ValidationError` (Idempotency-Key) where the key was used with another body; `BackendError` where no answer
     * could be made: then nothing is remembered.
     */
    readonly run: <R>(
      write: Write,
      answer: Effect.Effect<Answer, BackendError, R>
    ) => Effect.Effect<Answered, ValidationError | BackendError, R | Caller>
  }
>()("@bookio-kit/core/write/Writes") {}
