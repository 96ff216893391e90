/**
 * The records that laws make in the subject's facility: calendars, reservations of people at example.com, blocked times.
 * Each ends with the law's scope: reservations are cancelled, blocked times removed, calendars ended before they begin.
 * What cannot be ended is a defect that names it, for it was left behind.
 */
import type { NewBlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import type { NewCalendar } from "@bookio-kit/core/calendar/Calendar"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import type { NewReservation } from "@bookio-kit/core/reservation/Reservation"
import { type CalendarId, ExternalId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { LawFailure, NotRun } from "../Law.ts"
import { type Party, Subject } from "../Subject.ts"
import * as Ask from "./Ask.ts"
import * as Day from "./Day.ts"
import { describeError } from "./Describe.ts"

/** The facility that laws write to. */
export const facility: Effect.Effect<Facility, NotRun, Subject> = Effect.flatMap(Subject, (subject) =>
  subject.facility === undefined
    ? Effect.fail(new NotRun({ reason: "the first caller reaches no facility" }))
    : Effect.succeed(subject.facility)
)

/** An id that no record has had, as far as chance goes. */
export const freshId = Effect.map(Random.nextIntBetween(2 ** 40, 2 ** 52), (id) => ExternalId.make(id))

/** A made-up person. */
export const freshPerson = Effect.map(Random.nextIntBetween(1_000_000, 9_999_999), (n) => ({
  name: "Test",
  surname: `Law ${n}`,
  email: `law-${n}@example.com`,
  phone: `+42190${n}`
}))

const leftBehind = (what: string) => (error: Parameters<typeof describeError>[0]) =>
  Effect.die(
    new LawFailure({ problem: `${what} was left behind: ending it was answered with ${describeError(error)}` })
  )

/** The calendar as it is listed. */
export const calendarRow = Effect.fnUntraced(function* ({ id }: Facility, calendarId: CalendarId) {
  const calendars = yield* Ask.first(Ask.listCalendars({ facilityId: id }))
  const row = calendars.find((calendar) => calendar.id === calendarId)
  return row ?? (yield* new LawFailure({ problem: `calendar ${calendarId} was created and is not listed` }))
})

/** Makes a calendar that ends with the scope. */
export const makeCalendar = (facility: Facility, given: NewCalendar) =>
  Effect.acquireRelease(Ask.first(Ask.createCalendar(given)), ({ calendarId }) =>
    Effect.gen(function* () {
      const { validFrom } = yield* calendarRow(facility, calendarId)
      yield* Ask.first(Ask.endCalendar(calendarId, { validTo: Day.wholeDay(Day.dayOf(validFrom) - 1) }))
    }).pipe(
      Effect.catch((error) => (error._tag === "LawFailure" ? Effect.void : leftBehind(`calendar ${calendarId}`)(error)))
    )
  )

/** Makes a reservation that is cancelled with the scope. */
export const reserve = (given: NewReservation, by?: Party) =>
  Effect.acquireRelease(Ask.by(by)(Ask.createReservation(given)), ({ reservationId }) =>
    Ask.first(Ask.changeStatus(reservationId, { status: "CANCELLED" })).pipe(
      // It did not come, which may not become CANCELLED: it takes no place.
      Effect.catchTag("ValidationError", () => Effect.void),
      Effect.catch(leftBehind(`reservation ${reservationId}`))
    )
  )

/** Makes a blocked time that is removed with the scope. */
export const block = (given: NewBlockedTime, by?: Party) =>
  Effect.acquireRelease(Ask.by(by)(Ask.createBlockedTime(given)), ({ blockedTimeId }) =>
    Ask.first(Ask.removeBlockedTime(blockedTimeId)).pipe(
      // The law removed it itself.
      Effect.catchTag("ResourceNotFound", () => Effect.void),
      Effect.catch(leftBehind(`blocked time ${blockedTimeId}`))
    )
  )
