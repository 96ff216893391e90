/** What core's booking rules ask of the rows of a listing: openings and terms as instants, in the facility's zone. */
import type { BlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Opening } from "@bookio-kit/core/booking/Opening"
import type { Term } from "@bookio-kit/core/booking/Term"
import type { Calendar } from "@bookio-kit/core/calendar/Calendar"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { type ListedTerm, readTerm } from "@bookio-kit/core/sync/Terms"
import { type LocalDate, toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { toMinutes } from "@bookio-kit/core/time/LocalTime"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { addDays } from "./Days.ts"
import { allRows } from "./Listings.ts"

/** A row with its term. */
export interface Timed<A> {
  readonly row: A
  readonly term: Term
}

// A row whose time is none in the zone takes no place that could be told.
const timed =
  (zone: TimeZone) =>
  <A extends ListedTerm>(row: A): ReadonlyArray<Timed<A>> =>
    Result.match(readTerm(zone, row), {
      onFailure: () => [],
      onSuccess: ({ endMs, startMs }) => [{ row, term: { fromMs: startMs, toMs: endMs } }]
    })

// The API selects by the start, and no service takes longer than a day; what was moved can be longer.
const daysBefore = 7

/** The CONFIRMED reservations of a facility that may take a place on the days, which are inclusive. */
export const confirmed = Effect.fnUntraced(function* ({ id, timeZone }: Facility, from: LocalDate, to: LocalDate) {
  const { list } = yield* Reservations
  const query = { facilityId: id, status: "CONFIRMED", from: addDays(from, -daysBefore), to } as const
  const rows = yield* Stream.runCollect(allRows((offset, limit) => list({ ...query, offset, limit })))
  return distinct(rows).flatMap(timed(timeZone))
})

/** The blocked times of a facility that overlap the days, which are inclusive. */
export const blocked = Effect.fnUntraced(function* ({ id, timeZone }: Facility, from: LocalDate, to: LocalDate) {
  const { list } = yield* BlockedTimes
  const query = { facilityId: id, dateFrom: from, dateTo: to }
  const rows = yield* Stream.runCollect(allRows((offset, limit) => list({ ...query, offset, limit })))
  return distinct<BlockedTime>(rows).flatMap(timed(timeZone))
})

// A listing gives each row at least once.
const distinct = <A extends { readonly id: number }>(rows: ReadonlyArray<A>): ReadonlyArray<A> => [
  ...new Map(rows.map((row) => [row.id, row])).values()
]

/** When a calendar is open (engine.md, rule 2). */
export const openingOf = ({ intervals, validFrom, validTo }: Calendar, timeZone: TimeZone): Opening => ({
  timeZone,
  validFromDay: toEpochDay(validFrom.slice(0, 10) as LocalDate),
  validToDay: toEpochDay(validTo.slice(0, 10) as LocalDate),
  intervals: intervals.map(({ allowedServices, timeFrom, timeTo, weekDays }) => ({
    weekDays,
    timeFromMinutes: toMinutes(timeFrom),
    timeToMinutes: toMinutes(timeTo),
    allowedServices
  }))
})

/** The capacity of each service of a calendar, by the service's id. */
export const capacitiesOf = ({ services }: Calendar): ReadonlyMap<number, number> =>
  new Map(services.map(({ capacity, id }) => [id, capacity]))

/** The reservations of a calendar as what takes its places (engine.md, rule 5). */
export const occupancyOf = (calendar: Calendar, rows: ReadonlyArray<Timed<Reservation>>) => {
  const capacities = capacitiesOf(calendar)
  return rows.flatMap(({ row, term }) => {
    const capacity = capacities.get(row.service)
    return capacity === undefined ? [] : [{ ...term, capacity }]
  })
}
