/**
 * When a calendar is open for a service (engine.md rule 2): weekly intervals on wall-clock time, turned into instants
 * day by day. Assumes intervals as rule 11 admits them: ISO weekdays, whole minutes from 0 to 1440, from before to.
 */
import { isoWeekday } from "../time/LocalDate.ts"
import { changeInstant, epochDayAt, instantsOf, startOfDay, type TimeZone } from "../time/TimeZone.ts"
import type { Term } from "./Term.ts"

/**
 * A weekly interval on the wall clock: ISO weekdays (1 Monday to 7 Sunday), minutes of the day `[from, to)` with 1440
 * for 24:00, and the ids of the services it allows, all of them where `allowedServices` is empty.
 */
export interface OpeningInterval {
  readonly weekDays: ReadonlyArray<number>
  readonly timeFromMinutes: number
  readonly timeToMinutes: number
  readonly allowedServices: ReadonlyArray<number>
}

/** The opening of one calendar: valid from one epoch day to another, both inclusive, on days of `timeZone`. */
export interface Opening {
  readonly timeZone: TimeZone
  readonly validFromDay: number
  readonly validToDay: number
  readonly intervals: ReadonlyArray<OpeningInterval>
}

/**
 * Returns the terms in which the opening allows the service on a calendar day, one per interval, ascending by `fromMs`.
 *
 * Around clock changes (engine.md rule 2): a time in the gap means the instant of the change, a repeated `timeFrom` its
 * first pass, a repeated `timeTo` its second; 00:00 and 24:00 are the starts of the day and of the next. So windows of
 * one day can overlap, and one that the change leaves without length is absent.
 */
export const windowsOfDay = (opening: Opening, serviceId: number, epochDay: number): ReadonlyArray<Term> => {
  if (epochDay < opening.validFromDay || epochDay > opening.validToDay) return []
  const weekDay = isoWeekday(epochDay)
  const windows: Array<Term> = []
  for (const interval of opening.intervals) {
    if (!interval.weekDays.includes(weekDay) || !allows(interval, serviceId)) continue
    const fromMs = instantAt(opening.timeZone, epochDay, interval.timeFromMinutes, "first")
    const toMs = instantAt(opening.timeZone, epochDay, interval.timeToMinutes, "last")
    if (fromMs < toMs) windows.push({ fromMs, toMs })
  }
  return windows.sort((a, b) => a.fromMs - b.fromMs)
}

/**
 * Tells whether the service's windows, taken together, cover the whole term (engine.md rule 2): abutting and
 * overlapping windows count as one, across midnight too. A term without length is never open.
 *
 * The cost is that of the days up to the first hole, whatever the length of the term.
 */
export const isOpen = (opening: Opening, serviceId: number, term: Term): boolean => {
  if (term.fromMs >= term.toMs) return false
  const { timeZone, validFromDay, validToDay } = opening
  // A window can hold instants of the day after its own, where clocks go back over midnight: hence the day before.
  let day = Math.max(validFromDay, epochDayAt(timeZone, term.fromMs) - 1)
  let reachMs = term.fromMs
  if (
    term.toMs - term.fromMs > weekMs &&
    isAroundTheClock(opening, serviceId) &&
    startOfDay(timeZone, validFromDay) <= term.fromMs
  ) {
    // No hole between the first and the last valid day: only the end needs a look.
    day = Math.max(day, Math.min(validToDay, epochDayAt(timeZone, term.toMs)))
    reachMs = Math.max(reachMs, startOfDay(timeZone, day))
  }
  for (; reachMs < term.toMs && day <= validToDay && startOfDay(timeZone, day) <= reachMs; day++) {
    for (const window of windowsOfDay(opening, serviceId, day)) {
      if (window.fromMs <= reachMs && window.toMs > reachMs) reachMs = window.toMs
    }
  }
  return reachMs >= term.toMs
}

const minuteMs = 60_000
const dayMinutes = 1440
const weekMs = 7 * dayMinutes * minuteMs

const allows = (interval: OpeningInterval, serviceId: number): boolean =>
  interval.allowedServices.length === 0 || interval.allowedServices.includes(serviceId)

const instantAt = (timeZone: TimeZone, epochDay: number, minutes: number, pass: "first" | "last"): number => {
  if (minutes === 0) return startOfDay(timeZone, epochDay)
  if (minutes === dayMinutes) return startOfDay(timeZone, epochDay + 1)
  const localMs = (epochDay * dayMinutes + minutes) * minuteMs
  const instants = instantsOf(timeZone, localMs)
  // A local time without an instant is in a gap, and so has the instant of the change.
  return instants.at(pass === "first" ? 0 : -1) ?? changeInstant(timeZone, localMs)!
}

const isAroundTheClock = (opening: Opening, serviceId: number): boolean => {
  const allowed = opening.intervals
    .filter((interval) => allows(interval, serviceId))
    .sort((a, b) => a.timeFromMinutes - b.timeFromMinutes)
  for (let weekDay = 1; weekDay <= 7; weekDay++) {
    let reach = 0
    for (const { weekDays, timeFromMinutes, timeToMinutes } of allowed) {
      if (weekDays.includes(weekDay) && timeFromMinutes <= reach) reach = Math.max(reach, timeToMinutes)
    }
    if (reach < dayMinutes) return false
  }
  return true
}
