/**
 * A law: one sentence of the contract that a backend keeps, as an Effect that fails where it does not. It assumes a
 * `Subject` and nothing of a test runner; it makes its own data and cleans up behind itself.
 */
import type { ApiError, ErrorCode } from "@bookio-kit/core/api/Envelope"
import type { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { describeError } from "./internal/Describe.ts"
import type { Subject } from "./Subject.ts"

/** The operations of the reference in its order, and the slots and events of the extension; named as the contract names them. */
export const operations = [
  "listFacilities",
  "listCalendars",
  "createCalendar",
  "updateCalendar",
  "endCalendar",
  "listReservations",
  "createReservation",
  "changeReservationStatus",
  "changeReservationTerm",
  "confirmReservationSync",
  "listBlockedTimes",
  "createBlockedTime",
  "changeBlockedTimeTerm",
  "removeBlockedTime",
  "listSlots",
  "listEvents"
] as const
export type Operation = (typeof operations)[number]

/** The backend does not keep the law. The problem names ids, codes and fields, never a person's data. */
export class LawFailure extends Data.TaggedError("LawFailure")<{ readonly problem: string }> {
  override get message() {
    return this.problem
  }
}

/** The law could not be tried: the subject lacks what it needs, such as a second channel. It says nothing of the backend. */
export class NotRun extends Data.TaggedError("NotRun")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

/** What a backend must declare for a law to be about it; a law without requirements is about every backend. */
export type Requirements = Partial<Capabilities["Service"]>

export interface Law {
  /** A sentence about the backend, unique within its operation. */
  readonly name: `MUST ${string}`
  readonly operation: Operation
  /** The error code that it is about, where it is about a refusal. */
  readonly code?: ErrorCode
  /** `read` laws change nothing; `write` laws make records in the subject's facility, and cancel, remove or end them. */
  readonly kind: "read" | "write"
  readonly requires: Requirements
  readonly run: Effect.Effect<void, LawFailure | NotRun, Subject>
}

/** What a law is made of; an error of the backend that it did not ask for breaks it. */
export interface LawParts {
  readonly code?: ErrorCode
  readonly requires?: Requirements
  readonly body: Effect.Effect<void, LawFailure | NotRun | ApiError, Subject | Scope.Scope>
}

const make =
  (kind: Law["kind"]) =>
  (operation: Operation, name: Law["name"], { body, code, requires = {} }: LawParts): Law => ({
    name,
    operation,
    kind,
    requires,
    ...(code === undefined ? {} : { code }),
    run: Effect.scoped(body).pipe(
      Effect.mapError((error) =>
        error._tag === "LawFailure" || error._tag === "NotRun"
          ? error
          : new LawFailure({ problem: `an operation that must succeed was answered with ${describeError(error)}` })
      )
    )
  })

/** Makes a law that changes nothing. */
export const readLaw = make("read")

/** Makes a law that writes; its scope ends what it made. */
export const writeLaw = make("write")

/** Whether a law is about a backend of these capabilities; of two opposite laws one always is. */
export const concerns = (law: Law, capabilities: Capabilities["Service"]): boolean =>
  (Object.keys(law.requires) as ReadonlyArray<keyof Requirements>).every(
    (name) => law.requires[name] === capabilities[name]
  )
