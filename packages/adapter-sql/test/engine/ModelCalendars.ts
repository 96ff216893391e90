/**
 * Calendars of the model (engine.md, rule 11). What is well-formed by itself is the form's part; the ids of what is made
 * are the engine's, read from its listing and checked to be new.
 */
import type { CalendarChange, Calendar as Listed } from "@bookio-kit/core/calendar/Calendar"
import { fromEpochDay } from "@bookio-kit/core/time/LocalDate"
import { toMinutes } from "@bookio-kit/core/time/LocalTime"
import { epochDayAt } from "@bookio-kit/core/time/TimeZone"
import { dayOf, type WallTime } from "@bookio-kit/core/time/WallTime"
import { assert } from "@effect/vitest"
import { found, named } from "./Model.ts"
import {
  type Calendar,
  confirmedIn,
  dayMs,
  type Interval,
  isOpen,
  type Model,
  no,
  ok,
  placesLeft,
  type Who,
  zoneOf
} from "./ModelRules.ts"

const futureOf = (model: Model, calendar: Calendar, now: number) =>
  confirmedIn(model, calendar.id)
    .filter((r) => r.to > now)
    .sort((a, b) => a.from - b.from || a.id - b.id)

const serviceOf = (model: Model, id: number) => model.services.find((s) => s.id === id)!

/** Future reservations that the calendar's rules leave outside; of too many at once the later ones. */
const warnings = (model: Model, calendar: Calendar, now: number) => {
  const future = futureOf(model, calendar, now)
  const outside = future.filter((r) => !isOpen(model, calendar, r.service, r))
  const crowded = future.filter(
    (r, i) => placesLeft(model, serviceOf(model, r.service).capacity, r, future.slice(0, i)) < 1
  )
  return [
    ...(outside.length === 0 ? [] : [`leftOutsideOpening ${outside.map((r) => r.id).join(", ")}`]),
    ...(crowded.length === 0 ? [] : [`leftOverCapacity ${crowded.map((r) => r.id).join(", ")}`])
  ]
}

const locate = (model: Model, who: Who, id: number, facilityId: number | undefined) => {
  if (facilityId !== undefined && named(model, who, facilityId) === undefined) return no("403 facility")
  const hit = found(model, who, model.calendars, id)
  return hit === undefined || (facilityId !== undefined && facilityId !== hit.facility.id) ? no("12 Calendar") : hit
}

const fresh = (known: ReadonlyArray<{ readonly id: number }>, id: number): number => {
  assert.isFalse(
    known.some((other) => other.id === id),
    `id ${id} is given out twice`
  )
  return id
}

/** Takes over a change; `listed` is the calendar as the engine lists it afterwards. */
export const update = (
  model: Model,
  who: Who,
  now: number,
  id: number,
  change: CalendarChange,
  listed: Listed | undefined
) => {
  const hit = locate(model, who, id, change.facilityId)
  if ("no" in hit) return hit
  const { facility, record: calendar } = hit
  const validFrom = change.validFrom === undefined ? calendar.validFrom : dayOf(facility.timeZone, change.validFrom)
  const validTo = change.validTo === undefined ? calendar.validTo : dayOf(facility.timeZone, change.validTo)
  const gone = calendar.services.filter(
    (old) => change.services !== undefined && !change.services.some((service) => service.id === old)
  )
  const known: ReadonlyArray<number | undefined> = change.services?.map((s) => s.id) ?? calendar.services
  const allowed = change.intervals?.map((i) => i.allowedServices ?? []) ?? calendar.intervals.map((i) => i.services)
  const problems = [
    ...((change.validFrom !== undefined || change.validTo !== undefined) && validFrom > validTo
      ? ["validFrom after"]
      : []),
    ...gone
      .filter((old) => futureOf(model, calendar, now).some((r) => r.service === old))
      .map(() => "services serviceInUse"),
    ...allowed.flatMap((services, i) =>
      services.flatMap((s, at) => (known.includes(s) ? [] : [`intervals[${i}].allowedServices[${at}] unknownService`]))
    )
  ]
  if (problems.length > 0) return no(`10 ${problems.sort().join(", ")}`)
  Object.assign(calendar, { name: change.name ?? calendar.name, validFrom, validTo })
  const ids = new Map<number, number>(calendar.services.map((s) => [s, s]))
  if (change.services !== undefined) {
    for (const old of gone) serviceOf(model, old).removed = true
    const own = calendar.services
    calendar.services = change.services.map((given, position) => {
      const { capacity = 1, duration, hiddenInOnlineForm: hidden = false, name } = given
      const values = { name, duration, capacity, hidden, removed: false }
      if (given.id !== undefined && own.includes(given.id)) {
        Object.assign(serviceOf(model, given.id), values)
        return given.id
      }
      const made = fresh(model.services, listed?.services[position]?.id ?? 0)
      model.services.push({ id: made, calendar: calendar.id, ...values })
      if (given.id !== undefined) ids.set(given.id, made)
      return made
    })
  }
  if (change.intervals !== undefined) {
    const own = calendar.intervals
    calendar.intervals = change.intervals.map((given, position): Interval => {
      const kept = own.find((interval) => interval.id === given.id)?.id
      return {
        id:
          kept ??
          fresh(
            model.calendars.flatMap((c) => c.intervals),
            listed?.intervals[position]?.id ?? 0
          ),
        name: given.name,
        weekDays: given.weekDays,
        from: toMinutes(given.timeFrom),
        to: toMinutes(given.timeTo),
        services: (given.allowedServices ?? []).map((s) => ids.get(s)!).sort((a, b) => a - b)
      }
    })
  }
  return ok({ calendarId: id, warnings: warnings(model, calendar, now) })
}

export const end = (
  model: Model,
  who: Who,
  now: number,
  id: number,
  given: { readonly facilityId?: number; readonly validTo?: WallTime }
) => {
  const hit = locate(model, who, id, given.facilityId)
  if ("no" in hit) return hit
  const { facility, record: calendar } = hit
  const day = given.validTo === undefined ? epochDayAt(facility.timeZone, now) : dayOf(facility.timeZone, given.validTo)
  if (day < calendar.validFrom - 1) return no("10 validTo endTooEarly")
  calendar.validTo = day
  return ok({ calendarId: id, warnings: warnings(model, calendar, now) })
}

/** The listing, by id; the members that the tests never set have their defaults. */
export const list = (model: Model, who: Who, query: { readonly facilityId?: number; readonly day?: number }) => {
  if (query.facilityId !== undefined && named(model, who, query.facilityId) === undefined) return no("403 facility")
  const time = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`
  return ok(
    model.calendars
      .filter((c) => zoneOf(model, c).channels.includes(who.channel))
      .filter((c) => query.facilityId === undefined || c.facility === query.facilityId)
      .filter((c) => query.day === undefined || (c.validFrom <= query.day && query.day <= c.validTo))
      .map((c) => ({
        id: c.id,
        facilityId: c.facility,
        name: c.name,
        note: "",
        validFrom: `${fromEpochDay(c.validFrom)}T00:00:00`,
        validTo: `${fromEpochDay(c.validTo)}T00:00:00`,
        services: c.services.map((id) => {
          const { capacity, duration, hidden, name } = serviceOf(model, id)
          return { id, name, note: "", duration, capacity, referralLetter: false, hiddenInOnlineForm: hidden }
        }),
        intervals: c.intervals.map(({ from, id, name, services, to, weekDays }) => ({
          ...{ id, name, weekDays, timeFrom: time(from), timeTo: time(to), allowedServices: services }
        }))
      }))
  )
}

/** The model of a planted seed, read from the engine's own listing of it. */
export const fromListing = (
  facilities: Model["facilities"],
  listed: ReadonlyArray<Listed>,
  toDay: (text: string) => number = (text) => Date.parse(`${text}Z`) / dayMs
): Model => ({
  facilities,
  calendars: listed.map((c) => ({
    id: c.id,
    facility: c.facilityId,
    name: c.name,
    validFrom: toDay(c.validFrom),
    validTo: toDay(c.validTo),
    services: c.services.map((s) => s.id),
    intervals: c.intervals.map((i) => ({
      id: i.id,
      name: i.name,
      weekDays: i.weekDays,
      from: toMinutes(i.timeFrom),
      to: toMinutes(i.timeTo),
      services: i.allowedServices
    }))
  })),
  services: listed.flatMap((c) =>
    c.services.map(({ capacity, duration, hiddenInOnlineForm: hidden, id, name }) => ({
      ...{ id, name, calendar: c.id, duration, capacity, hidden, removed: false }
    }))
  ),
  reservations: [],
  blocked: []
})
