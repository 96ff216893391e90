/** The port of calendars (engine.md, rule 11). */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Caller } from "../access/Caller.ts"
import type { BackendError } from "../error/BackendError.ts"
import type { InvalidToken, PermissionDenied, ResourceNotFound, ValidationError } from "../error/Refusal.ts"
import type { CalendarId, FacilityId } from "../scalar/Id.ts"
import type { Text } from "../text/Text.ts"
import type { LocalDate } from "../time/LocalDate.ts"
import type { Calendar, CalendarChange, CalendarEnd, NewCalendar } from "./Calendar.ts"

/** Which calendars: those valid on a day in the facility's zone, whatever its weekday; without one all, ended ones too. */
export interface CalendarQuery {
  readonly date?: LocalDate
  readonly facilityId?: FacilityId
}

/** The calendar that was written, and warnings about reservations that its new rules leave outside. */
export interface CalendarWritten {
  readonly calendarId: CalendarId
  readonly warnings: ReadonlyArray<Text>
}

export class Calendars extends Context.Service<
  Calendars,
  {
    /**
     * The calendars of one facility or of all that the channel reaches, ascending by id, unpaged. Operation 2.
     *
     * @errors `PermissionDenied` for a facility that is not the channel's.
     */
    readonly list: (
      query: CalendarQuery
    ) => Effect.Effect<ReadonlyArray<Calendar>, PermissionDenied | InvalidToken | BackendError, Caller>
    /**
     * Creates a calendar; every service and interval gets a new id. Operation 3. Not idempotent.
     *
     * @errors `ValidationError` for what breaks rule 11, all problems at once; `PermissionDenied` for a foreign facility.
     */
    readonly create: (
      calendar: NewCalendar
    ) => Effect.Effect<CalendarWritten, ValidationError | PermissionDenied | InvalidToken | BackendError, Caller>
    /**
     * Changes a calendar; members left out keep their value. Operation 4. Idempotent but for services and intervals without
     * an id, which are made anew each time.
     *
     * @errors `ValidationError` for what breaks rule 11, and for a removed service that a future CONFIRMED reservation
     * names; `ResourceNotFound`; `PermissionDenied` for a foreign facility named in the change.
     */
    readonly update: (
      calendarId: CalendarId,
      change: CalendarChange
    ) => Effect.Effect<
      CalendarWritten,
      ValidationError | ResourceNotFound | PermissionDenied | InvalidToken | BackendError,
      Caller
    >
    /**
     * Ends a calendar: its last valid day becomes `validTo` (inclusive), any day from `validFrom` minus one. Operation 5.
     * Idempotent.
     *
     * @errors as `update`.
     */
    readonly end: (
      calendarId: CalendarId,
      end: CalendarEnd
    ) => Effect.Effect<
      CalendarWritten,
      ValidationError | ResourceNotFound | PermissionDenied | InvalidToken | BackendError,
      Caller
    >
  }
>()("@bookio-kit/core/calendar/Calendars") {}
