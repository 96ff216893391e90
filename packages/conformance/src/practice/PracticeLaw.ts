/** A law for practice calendars: one sentence of the port, as an Effect that fails where the calendar does not keep it. */
import type {
  ItemChanged,
  ItemExists,
  ItemNotFound,
  ItemRefused,
  PracticeError,
  SyncTokenInvalid
} from "@bookio-kit/core/sync/PracticeCalendar"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { LawFailure, type NotRun } from "../Law.ts"
import type { PracticeSubject } from "./PracticeSubject.ts"

/** Any error of the port. */
export type PortError = ItemChanged | ItemExists | ItemNotFound | ItemRefused | PracticeError | SyncTokenInvalid

export interface PracticeLaw {
  /** The method of the port that it is about. */
  readonly method: "list" | "changes" | "read" | "create" | "update" | "remove"
  /** A sentence about the calendar. */
  readonly name: `MUST ${string}`
  readonly run: Effect.Effect<void, LawFailure | NotRun, PracticeSubject>
}

/** An error as a report tells it. */
export const describeError = (error: PortError): string =>
  error._tag === "PracticeError" ? `PracticeError (${error.reason}: ${error.problem})` : error._tag

/** Makes a law; an error of the calendar that it did not ask for breaks it. */
export const law = (
  method: PracticeLaw["method"],
  name: PracticeLaw["name"],
  body: Effect.Effect<void, LawFailure | NotRun | PortError, PracticeSubject | Scope.Scope>
): PracticeLaw => ({
  method,
  name,
  run: Effect.scoped(body).pipe(
    Effect.mapError((error) =>
      error._tag === "LawFailure" || error._tag === "NotRun"
        ? error
        : new LawFailure({ problem: `what must succeed was answered with ${describeError(error)}` })
    )
  )
})
