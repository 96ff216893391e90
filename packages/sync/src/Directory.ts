/** What a pass knows of a facility's calendars: whose service is whose, when calendars are valid, and in which zone. */
import type { Opening } from "@bookio-kit/core/booking/Opening"
import type { Calendar, Service } from "@bookio-kit/core/calendar/Calendar"
import { holdsOf, servesAll } from "@bookio-kit/core/sync/Occupancy"
import type { SyncTerm } from "@bookio-kit/core/sync/SyncState"
import type { LocalDate } from "@bookio-kit/core/time/LocalDate"
import { toEpochDay } from "@bookio-kit/core/time/LocalDate"
import * as LocalTime from "@bookio-kit/core/time/LocalTime"
import { epochDayAt, startOfDay, type TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Effect from "effect/Effect"
import type { BookioError } from "./Bookio.ts"
import { type CalendarPlan, type FacilityPlan, horizonDays } from "./Plan.ts"
import { PlanError } from "./Stopped.ts"

const dayMs = 86_400_000

export interface Directory {
  readonly timeZone: TimeZone
  /** The practice calendar that a service's reservations belong to; absent where none serves its calendar. */
  readonly calendarOf: (serviceId: number) => CalendarPlan | undefined
  readonly service: (serviceId: number) => Service | undefined
  readonly isKnown: (serviceId: number) => boolean
  /** Whether a practice calendar serves every calendar of the facility that is valid on a day that the term touches. */
  readonly servesAll: (calendar: CalendarPlan, term: SyncTerm) => boolean
  /** The parts of a term in which a service's calendar is open, ascending. */
  readonly openParts: (serviceId: number, term: SyncTerm) => ReadonlyArray<SyncTerm>
  /**
   * The term that a reservation of a service is made with which is to take a term afterwards. It begins with it, or as much
   * earlier in the same opening as the service's length needs; where that is longer than the opening, it begins with it too.
   */
  readonly placeOf: (serviceId: number, term: SyncTerm) => SyncTerm
  /** What events are judged by, of calendars and settings: equal texts judge all events equally, whatever the day is. */
  readonly rules: string
  /** The end of the last bookable day, at most 400 days ahead, Unix time in milliseconds. */
  readonly horizonMs: (nowMs: number) => number
}

const dayOf = (text: string): number => toEpochDay(text.slice(0, 10) as LocalDate)

const openingOf = (calendar: Calendar, timeZone: TimeZone): Opening => ({
  timeZone,
  validFromDay: dayOf(calendar.validFrom),
  validToDay: dayOf(calendar.validTo),
  intervals: calendar.intervals.map(({ allowedServices, timeFrom, timeTo, weekDays }) => ({
    weekDays,
    timeFromMinutes: LocalTime.toMinutes(timeFrom),
    timeToMinutes: LocalTime.toMinutes(timeTo),
    allowedServices
  }))
})

/** Makes it from the calendars as Bookio lists them. */
export const makeDirectory = (
  plan: FacilityPlan,
  timeZone: TimeZone,
  calendars: ReadonlyArray<Calendar>
): Directory => {
  const owners = new Map(calendars.flatMap((calendar) => calendar.services.map(({ id }) => [id as number, calendar])))
  const services = new Map(
    calendars.flatMap(({ services }) => services.map((service) => [service.id as number, service]))
  )
  const openings = new Map(calendars.map((calendar) => [calendar.id, openingOf(calendar, timeZone)]))
  const openParts = (serviceId: number, term: SyncTerm): ReadonlyArray<SyncTerm> => {
    const owner = owners.get(serviceId)
    const opening = owner === undefined ? undefined : openings.get(owner.id)
    return opening === undefined ? [] : holdsOf(term, opening, serviceId)
  }
  return {
    timeZone,
    rules: rulesOf(plan, timeZone, calendars),
    service: (serviceId) => services.get(serviceId),
    isKnown: (serviceId) => owners.has(serviceId),
    calendarOf: (serviceId) => {
      const owner = owners.get(serviceId)
      return owner === undefined ? undefined : plan.calendars.find(({ serves }) => serves.includes(owner.id))
    },
    servesAll: ({ serves }, term) => servesAll(calendars, new Set(serves), timeZone, term),
    openParts,
    placeOf: (serviceId, term) => {
      const minutes = services.get(serviceId)?.duration
      if (minutes === undefined) return term
      const lengthMs = minutes * 60_000
      const around = { startMs: term.startMs - lengthMs, endMs: term.startMs + lengthMs }
      const opening = openParts(serviceId, around).find(
        ({ endMs, startMs }) => startMs <= term.startMs && term.startMs < endMs
      )
      const latestMs = (opening?.endMs ?? around.endMs) - lengthMs
      const isRoom = opening !== undefined && latestMs >= opening.startMs
      const startMs = isRoom ? Math.min(term.startMs, latestMs) : term.startMs
      return { startMs, endMs: startMs + lengthMs }
    },
    horizonMs: (nowMs) => {
      const today = epochDayAt(timeZone, nowMs)
      const last = Math.max(today, ...[...openings.values()].map(({ validToDay }) => validToDay))
      return startOfDay(timeZone, Math.min(last, today + horizonDays) + 1)
    }
  }
}

const byId = <A extends { readonly id: number }>(rows: ReadonlyArray<A>): ReadonlyArray<A> =>
  [...rows].sort((a, b) => a.id - b.id)

/** All of it in one order, however the server lists it. Who a hold is booked for changes none that stands. */
const rulesOf = (plan: FacilityPlan, timeZone: TimeZone, calendars: ReadonlyArray<Calendar>): string =>
  JSON.stringify([
    plan.calendars.map(({ busy, hold, name, owner = [], serves, services }) => [
      name,
      [...serves].sort((a, b) => a - b),
      busy,
      hold?.serviceId ?? 0,
      services.map(({ serviceId, title }) => [title, serviceId]),
      owner
    ]),
    [plan.tentative, plan.notes, horizonDays, timeZone],
    byId(calendars).map(({ id, intervals, services, validFrom, validTo }) => [
      id,
      validFrom,
      validTo,
      byId(services).map(({ duration, id }) => [id, duration]),
      intervals
        .map(({ allowedServices, timeFrom, timeTo, weekDays }) =>
          JSON.stringify([[...weekDays].sort(), timeFrom, timeTo, [...allowedServices].sort((a, b) => a - b)])
        )
        .sort()
    ])
  ])

/** Asks for the facility and its calendars. @errors what Bookio says; `PlanError` for settings that name what is not there. */
export const readDirectory = Effect.fn("Sync.readDirectory")(function* (
  plan: FacilityPlan
): Effect.fn.Return<Directory, BookioError | PlanError> {
  const facility = (yield* plan.bookio.facilities).find(({ id }) => id === plan.facilityId)
  if (facility === undefined) {
    return yield* new PlanError({ problem: `facility ${plan.facilityId} is not among those that the token reaches` })
  }
  const calendars = yield* plan.bookio.calendars(plan.facilityId)
  const ids = new Set(calendars.map(({ id }) => id))
  for (const { name, serves } of plan.calendars) {
    const missing = serves.filter((id) => !ids.has(id))
    if (missing.length > 0) {
      return yield* new PlanError({
        problem: `calendar "${name}" serves ${missing.join(", ")}, which facility ${plan.facilityId} does not have; it has ${[...ids].join(", ")}`
      })
    }
  }
  return makeDirectory(plan, facility.timeZone, calendars)
})

/** How long before the window a reservation can begin that ends in it, in milliseconds: two days cover all but odd ones. */
export const windowSlackMs = 2 * dayMs
