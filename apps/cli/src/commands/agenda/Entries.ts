/** What is on an agenda: reservations and blocked times of the calendars on some days, and which of them clash. */

import type { BlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { isBlocked } from "@bookio-kit/core/booking/Blocking"
import { fits } from "@bookio-kit/core/booking/Capacity"
import { windowsOfDay } from "@bookio-kit/core/booking/Opening"
import { overlaps, type Term } from "@bookio-kit/core/booking/Term"
import type { Calendar } from "@bookio-kit/core/calendar/Calendar"
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import { capacitiesOf, openingOf, type Timed } from "../../Terms.ts"

/** Something that takes time in a calendar. */
export interface Entry extends Term {
  readonly calendar: Calendar
  readonly reservation?: Reservation
  readonly blockedTime?: BlockedTime
  /** Why a reservation should not be where it is. */
  readonly clash?: "blocked" | "full"
}

const clashOf = (
  term: Term,
  capacity: number | undefined,
  others: ReadonlyArray<Term & { readonly capacity: number }>,
  blocked: ReadonlyArray<Term>
): Entry["clash"] => {
  if (isBlocked(term, blocked)) return "blocked"
  return capacity === undefined || fits(term, capacity, others) ? undefined : "full"
}

/** The entries of a calendar that overlap the span, by their starts. */
export const entriesOf = (
  calendar: Calendar,
  span: Term,
  reservations: ReadonlyArray<Timed<Reservation>>,
  blocked: ReadonlyArray<Timed<BlockedTime>>
): ReadonlyArray<Entry> => {
  const capacities = capacitiesOf(calendar)
  const own = reservations.filter(({ row }) => capacities.has(row.service))
  const blockedTerms = blocked.map(({ term }) => term)
  const booked = own
    .filter(({ term }) => overlaps(term, span))
    .map(({ row, term }): Entry => {
      const others = own.flatMap((other) =>
        other.row === row ? [] : [{ ...other.term, capacity: capacities.get(other.row.service) ?? 1 }]
      )
      const clash = clashOf(term, capacities.get(row.service), others, blockedTerms)
      return { ...term, calendar, reservation: row, ...(clash === undefined ? {} : { clash }) }
    })
  const closed = blocked
    .filter(({ term }) => overlaps(term, span))
    .map(({ row, term }): Entry => ({ ...term, calendar, blockedTime: row }))
  return [...closed, ...booked].sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)
}

/** When the calendar is open for any of its services on a day. */
export const openTerms = (calendar: Calendar, zone: TimeZone, epochDay: number): ReadonlyArray<Term> => {
  const opening = openingOf(calendar, zone)
  return calendar.services.flatMap(({ id }) => windowsOfDay(opening, id, epochDay))
}
