/** Calendars as the database holds them, and what the booking rules need of them. */
import type { Opening } from "@bookio-kit/core/booking/Opening"
import type { Calendar } from "@bookio-kit/core/calendar/Calendar"
import type { CalendarId, FacilityId, IntervalId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { fromLocalMs } from "@bookio-kit/core/time/LocalDateTime"
import { fromMinutes } from "@bookio-kit/core/time/LocalTime"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type * as Statement from "effect/sql/Statement"

const dayMs = 86_400_000

export interface StoredService {
  readonly id: ServiceId
  readonly name: string
  readonly note: string
  readonly durationMinutes: number
  readonly capacity: number
  readonly referralLetter: boolean
  readonly hidden: boolean
}

export interface StoredInterval {
  readonly id: IntervalId
  readonly name: string
  readonly weekDays: ReadonlyArray<number>
  readonly timeFromMinutes: number
  readonly timeToMinutes: number
  readonly allowedServices: ReadonlyArray<ServiceId>
}

export interface StoredCalendar {
  readonly id: CalendarId
  readonly facilityId: FacilityId
  readonly name: string
  readonly note: string
  /** Epoch days, both inclusive. */
  readonly validFromDay: number
  readonly validToDay: number
  /** Without the removed ones. */
  readonly services: ReadonlyArray<StoredService>
  readonly intervals: ReadonlyArray<StoredInterval>
}

/** Days of the week as the bits of a number, Monday the lowest. */
export const toBits = (weekDays: ReadonlyArray<number>): number =>
  weekDays.reduce((bits, day) => bits | (1 << (day - 1)), 0)

const fromBits = (bits: number): ReadonlyArray<number> =>
  [1, 2, 3, 4, 5, 6, 7].filter((day) => (bits & (1 << (day - 1))) !== 0)

const groupBy = <A, K>(rows: ReadonlyArray<A>, key: (row: A) => K): ReadonlyMap<K, ReadonlyArray<A>> => {
  const groups = new Map<K, Array<A>>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group === undefined) groups.set(key(row), [row])
    else group.push(row)
  }
  return groups
}

/** The calendars that a condition on `c` (the table `calendar`) selects, ascending by id. */
export const select = Effect.fnUntraced(function* (condition: Statement.Fragment) {
  const sql = yield* SqlClient.SqlClient
  const calendars = yield* sql<{
    readonly id: CalendarId
    readonly facility_id: FacilityId
    readonly name: string
    readonly note: string
    readonly valid_from_day: number
    readonly valid_to_day: number
  }>`SELECT c.id, c.facility_id, c.name, c.note, c.valid_from_day, c.valid_to_day FROM calendar c
    WHERE ${condition} ORDER BY c.id`
  if (calendars.length === 0) return []
  const services = yield* sql<{
    readonly calendar_id: CalendarId
    readonly id: ServiceId
    readonly name: string
    readonly note: string
    readonly duration_minutes: number
    readonly capacity: number
    readonly referral_letter: number
    readonly hidden: number
  }>`SELECT s.calendar_id, s.id, s.name, s.note, s.duration_minutes, s.capacity, s.referral_letter, s.hidden
    FROM calendar c JOIN service s ON s.calendar_id = c.id
    WHERE ${condition} AND s.removed = 0 ORDER BY s.calendar_id, s.position`
  const intervals = yield* sql<{
    readonly calendar_id: CalendarId
    readonly id: IntervalId
    readonly name: string
    readonly week_days: number
    readonly from_minutes: number
    readonly to_minutes: number
    readonly service_id: ServiceId | null
  }>`SELECT i.calendar_id, i.id, i.name, i.week_days, i.from_minutes, i.to_minutes, a.service_id
    FROM calendar c JOIN opening_interval i ON i.calendar_id = c.id
    LEFT JOIN interval_service a ON a.interval_id = i.id
    WHERE ${condition} ORDER BY i.calendar_id, i.position, a.service_id`
  const servicesOf = groupBy(services, (row) => row.calendar_id)
  const intervalsOf = groupBy(intervals, (row) => row.calendar_id)
  return calendars.map(
    (row): StoredCalendar => ({
      id: row.id,
      facilityId: row.facility_id,
      name: row.name,
      note: row.note,
      validFromDay: row.valid_from_day,
      validToDay: row.valid_to_day,
      services: (servicesOf.get(row.id) ?? []).map((service) => ({
        id: service.id,
        name: service.name,
        note: service.note,
        durationMinutes: service.duration_minutes,
        capacity: service.capacity,
        referralLetter: service.referral_letter === 1,
        hidden: service.hidden === 1
      })),
      intervals: [...groupBy(intervalsOf.get(row.id) ?? [], (interval) => interval.id).values()].map((rows) => {
        const [interval] = rows as [(typeof rows)[number]]
        return {
          id: interval.id,
          name: interval.name,
          weekDays: fromBits(interval.week_days),
          timeFromMinutes: interval.from_minutes,
          timeToMinutes: interval.to_minutes,
          allowedServices: rows.flatMap(({ service_id }) => (service_id === null ? [] : [service_id]))
        }
      })
    })
  )
})

/** What rule 2 needs of a calendar. */
export const openingOf = (calendar: StoredCalendar, timeZone: TimeZone): Opening => ({
  timeZone,
  validFromDay: calendar.validFromDay,
  validToDay: calendar.validToDay,
  intervals: calendar.intervals
})

/** A calendar as the reference lists it; its first and last day are listed as T00:00:00. */
export const toListed = (calendar: StoredCalendar): Calendar => ({
  id: calendar.id,
  facilityId: calendar.facilityId,
  name: calendar.name,
  note: calendar.note,
  validFrom: fromLocalMs(calendar.validFromDay * dayMs),
  validTo: fromLocalMs(calendar.validToDay * dayMs),
  services: calendar.services.map(({ durationMinutes, hidden, ...service }) => ({
    ...service,
    duration: durationMinutes,
    hiddenInOnlineForm: hidden
  })),
  intervals: calendar.intervals.map(({ timeFromMinutes, timeToMinutes, ...interval }) => ({
    ...interval,
    timeFrom: fromMinutes(timeFromMinutes),
    timeTo: fromMinutes(timeToMinutes)
  }))
})
