/**
 * Values of jCal as numbers: dates, durations, recurrence rules. The parser cuts values by position without looking at
 * them, so that each is checked here.
 */
import { DAY_MS, epochDayOf } from "@bookio-kit/core/time/Civil"
import { Problem } from "./Limits.ts"
import { type ByDay, frequencies, type Rule } from "./Recurrence.ts"

/** A date or a date-time without its zone. */
export interface LocalValue {
  /** The wall clock read as if it were UTC. */
  readonly localMs: number
  readonly isDate: boolean
  readonly isUtc: boolean
}

/** Reads "2026-11-22", "2026-11-22T09:00:00" or "…Z"; `undefined` for what is no such day or time. */
export const parseLocal = (text: string): LocalValue | undefined => {
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(Z?))?$/.exec(text)
  if (found === null) return undefined
  const [year, month, day, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map((part) => Number(part ?? 0))
  if (year === undefined || month === undefined || day === undefined) return undefined
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined
  const midnight = epochDayOf(year, month, day)
  if (midnight >= epochDayOf(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, 1)) return undefined
  return {
    localMs: midnight * DAY_MS + (hour * 3_600 + minute * 60 + second) * 1_000,
    isDate: found[4] === undefined,
    isUtc: found[7] === "Z"
  }
}

/** A length: whole days on the calendar, then milliseconds on the clock. */
export interface Length {
  readonly days: number
  readonly ms: number
}

/** Reads a DURATION (RFC 5545, 3.3.6): weeks and days are the calendar's, the rest is exact. Negative ones are none. */
export const parseDuration = (text: string): Length | undefined => {
  const found = /^\+?P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?$/.exec(text)
  if (found === null || /[PT]$/.test(text)) return undefined
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0))
  return { days: weeks * 7 + days, ms: (hours * 3_600 + minutes * 60 + seconds) * 1_000 }
}

const days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]

/**
 * Reads a recurrence rule. UNTIL is inclusive: an instant where it is in UTC, the whole day where it is a date, otherwise
 * a local time.
 *
 * @param isBy - whether a local time of the series is an instant's or before it.

 * @throws `Problem`
 */
export const readRule = (value: unknown, isBy: (localMs: number, epochMs: number) => boolean): Rule => {
  const parts: Readonly<Record<string, unknown>> = typeof value === "object" && value !== null ? { ...value } : {}
  const frequency = frequencies.find((candidate) => candidate === parts.freq)
  if (frequency === undefined) throw new Problem("The recurrence rule has no frequency")
  if (parts.rscale !== undefined && String(parts.rscale).toUpperCase() !== "GREGORIAN") {
    throw new Problem("The recurrence rule counts in a calendar other than the Gregorian one (RFC 7529)")
  }
  const numbers = (name: string): ReadonlyArray<number> => listOf(parts[name]).map(Number).filter(Number.isInteger)
  const count = typeof parts.count === "number" && parts.count > 0 ? parts.count : undefined
  return {
    frequency,
    interval: typeof parts.interval === "number" && parts.interval > 0 ? parts.interval : 1,
    ...(count === undefined ? {} : { count }),
    isWithin: untilOf(parts.until, isBy),
    // ical.js counts from Sunday, 1.
    weekStart: typeof parts.wkst === "number" ? (parts.wkst + 5) % 7 : 0,
    byMonth: numbers("bymonth"),
    byWeekNo: numbers("byweekno"),
    byYearDay: numbers("byyearday"),
    byMonthDay: numbers("bymonthday"),
    byDay: listOf(parts.byday).flatMap(byDayOf),
    byHour: numbers("byhour"),
    byMinute: numbers("byminute"),
    bySecond: numbers("bysecond"),
    bySetPos: numbers("bysetpos")
  }
}

const listOf = (value: unknown): ReadonlyArray<unknown> =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

const byDayOf = (value: unknown): ReadonlyArray<ByDay> => {
  const [, nth, day] = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/.exec(String(value)) ?? []
  return day === undefined ? [] : [{ nth: Number(nth ?? 0), day: days.indexOf(day) }]
}

const untilOf = (
  value: unknown,
  isBy: (localMs: number, epochMs: number) => boolean
): ((localMs: number) => boolean) => {
  if (value === undefined) return () => true
  const until = parseLocal(String(value))
  if (until === undefined) throw new Problem("The recurrence rule ends at no valid time (UNTIL)")
  if (until.isUtc) return (localMs) => isBy(localMs, until.localMs)
  const last = until.isDate ? until.localMs + DAY_MS - 1 : until.localMs
  return (localMs) => localMs <= last
}
