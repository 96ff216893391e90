/**
 * Recurrence rules (RFC 5545, 3.3.10) on the wall clock: which local times a rule gives. It knows neither zones nor events.
 * Written here because ical.js's iterator can neither be bounded nor told where to start: a rule that never matches keeps
 * it for ever, and an invitation that anybody sends must not stop a worker.
 *
 * Local ms are the wall clock read as if it were UTC. Every candidate looked at is one step, and steps are bounded.
 */
import { DAY_MS, epochDayOf } from "@bookio-kit/core/time/Civil"
import { type Budget, spend } from "./Limits.ts"

export const frequencies = ["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"] as const
export type Frequency = (typeof frequencies)[number]

/** A weekday, Monday 0; with `nth`, that one of the period, counted from its end if negative. */
export interface ByDay {
  readonly nth: number
  readonly day: number
}

/** A rule, decoded; lists that the rule does not have are empty. */
export interface Rule {
  readonly frequency: Frequency
  readonly interval: number
  readonly count?: number
  /** Whether a local time still belongs to the rule (UNTIL is inclusive). */
  readonly isWithin: (localMs: number) => boolean
  readonly weekStart: number
  readonly byMonth: ReadonlyArray<number>
  readonly byWeekNo: ReadonlyArray<number>
  readonly byYearDay: ReadonlyArray<number>
  readonly byMonthDay: ReadonlyArray<number>
  readonly byDay: ReadonlyArray<ByDay>
  readonly byHour: ReadonlyArray<number>
  readonly byMinute: ReadonlyArray<number>
  readonly bySecond: ReadonlyArray<number>
  readonly bySetPos: ReadonlyArray<number>
}

/**
 * Gives the rule's local times from `fromMs` (inclusive) to `toMs` (exclusive), ascending. The start is always the first of
 * them (RFC 5545, 3.8.5.3: "DTSTART defines the first instance"), also where the rule does not give it.
 *
 * @throws `Problem` when the budget is used up.
 */
export function* expand(rule: Rule, startMs: number, fromMs: number, toMs: number, budget: Budget): Generator<number> {
  let count = 1
  if (startMs >= fromMs && startMs < toMs) yield startMs
  if (rule.count !== undefined && count >= rule.count) return
  // Occurrences need not be counted one by one where there is no COUNT: then the periods before `fromMs` are skipped.
  const first = rule.count === undefined ? Math.max(0, periodsBefore(rule, startMs, fromMs)) : 0
  for (let index = first; ; index++) {
    const period = periodOf(rule, startMs, index)
    spend(budget, 1)
    if (period.startMs >= toMs || !rule.isWithin(period.startMs)) return
    for (const localMs of timesOf(rule, startMs, period, budget)) {
      if (localMs <= startMs) continue
      if (localMs >= toMs || !rule.isWithin(localMs)) return
      count++
      if (localMs >= fromMs) yield localMs
      if (rule.count !== undefined && count >= rule.count) return
    }
  }
}

interface Period {
  readonly startMs: number
  readonly endMs: number
  readonly year: number
  readonly month: number
}

const unitMs = { SECONDLY: 1_000, MINUTELY: 60_000, HOURLY: 3_600_000, DAILY: DAY_MS, WEEKLY: 7 * DAY_MS } as const

const dayNumber = (localMs: number): number => Math.floor(localMs / DAY_MS)
/** Monday is 0; 1970-01-01 was a Thursday. */
const weekday = (day: number): number => (((day + 3) % 7) + 7) % 7
const civil = (day: number): readonly [year: number, month: number, dayOfMonth: number] => {
  const date = new Date(day * DAY_MS)
  return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
}
const monthStart = (year: number, month: number): number =>
  epochDayOf(year + Math.floor((month - 1) / 12), ((((month - 1) % 12) + 12) % 12) + 1, 1)

/** The first period is the one that holds the start. */
const anchor = (rule: Rule, startMs: number): number => {
  if (rule.frequency === "MONTHLY" || rule.frequency === "YEARLY") return startMs
  if (rule.frequency === "WEEKLY") {
    const day = dayNumber(startMs)
    return (day - ((weekday(day) - rule.weekStart + 7) % 7)) * DAY_MS
  }
  return Math.floor(startMs / unitMs[rule.frequency]) * unitMs[rule.frequency]
}

const periodsBefore = (rule: Rule, startMs: number, fromMs: number): number => {
  const days = (fromMs - startMs) / DAY_MS
  // Whole years and months are underestimated: a period too many costs a step, one too few an occurrence.
  if (rule.frequency === "YEARLY") return Math.floor((days / 366 - 1) / rule.interval)
  if (rule.frequency === "MONTHLY") return Math.floor((days / 31 - 1) / rule.interval)
  return Math.floor((fromMs - anchor(rule, startMs)) / unitMs[rule.frequency] / rule.interval) - 1
}

const periodOf = (rule: Rule, startMs: number, index: number): Period => {
  const steps = index * rule.interval
  if (rule.frequency === "YEARLY" || rule.frequency === "MONTHLY") {
    const [startYear, startMonth] = civil(dayNumber(startMs))
    const months = rule.frequency === "YEARLY" ? startYear * 12 + steps * 12 : startYear * 12 + startMonth - 1 + steps
    const year = Math.floor(months / 12)
    const month = (months % 12) + 1
    const length = rule.frequency === "YEARLY" ? 12 : 1
    const period = {
      startMs: monthStart(year, month) * DAY_MS,
      endMs: monthStart(year, month + length) * DAY_MS,
      year,
      month
    }
    // The weeks numbered of a year may reach into its neighbours.
    return rule.byWeekNo.length > 0 ? { ...period, startMs: period.startMs - 3 * DAY_MS } : period
  }
  const unit = unitMs[rule.frequency]
  const from = anchor(rule, startMs) + steps * unit
  const [year, month] = civil(dayNumber(from))
  return { startMs: from, endMs: from + unit, year, month }
}

/** The local times of one period, ascending. */
const timesOf = (rule: Rule, startMs: number, period: Period, budget: Budget): ReadonlyArray<number> => {
  const times: Array<number> = []
  const clock = clockTimes(rule, startMs, period)
  const isBelowDay = rule.frequency === "HOURLY" || rule.frequency === "MINUTELY" || rule.frequency === "SECONDLY"
  for (const day of isBelowDay ? limitedDay(rule, period) : daysOf(rule, startMs, period, budget)) {
    spend(budget, 1)
    for (const timeMs of clock) times.push(day * DAY_MS + timeMs)
    spend(budget, clock.length)
  }
  times.sort((a, b) => a - b)
  if (rule.bySetPos.length === 0) return times
  const chosen = new Set(rule.bySetPos.map((nth) => (nth > 0 ? times[nth - 1] : times[times.length + nth])))
  return times.filter((time) => chosen.has(time))
}

const limitedDay = (rule: Rule, period: Period): ReadonlyArray<number> => {
  const day = dayNumber(period.startMs)
  return matchesDay(rule, day) ? [day] : []
}

/** Times of day, each unit from its list, or from the period where the frequency is as fine, or from the start. */
const clockTimes = (rule: Rule, startMs: number, period: Period): ReadonlyArray<number> => {
  const finest = frequencies.indexOf(rule.frequency)
  const unit = (list: ReadonlyArray<number>, rank: number, ms: number, wrap: number): ReadonlyArray<number> => {
    const ofPeriod = Math.floor((((period.startMs % DAY_MS) + DAY_MS) % DAY_MS) / ms) % wrap
    if (finest <= rank) return list.length === 0 || list.includes(ofPeriod) ? [ofPeriod] : []
    return list.length > 0 ? list : [Math.floor((((startMs % DAY_MS) + DAY_MS) % DAY_MS) / ms) % wrap]
  }
  const times: Array<number> = []
  for (const hour of unit(rule.byHour, 2, 3_600_000, 24)) {
    for (const minute of unit(rule.byMinute, 1, 60_000, 60)) {
      for (const second of unit(rule.bySecond, 0, 1_000, 60)) {
        // A leap second is the next minute's first on a clock that has none.
        times.push(hour * 3_600_000 + minute * 60_000 + second * 1_000)
      }
    }
  }
  return times
}

/** The days of a period of a day or more (the table in RFC 5545, 3.3.10). */
const daysOf = (rule: Rule, startMs: number, period: Period, budget: Budget): ReadonlyArray<number> => {
  const startDay = dayNumber(startMs)
  const [, startMonth, startDayOfMonth] = civil(startDay)
  const has = (list: ReadonlyArray<unknown>) => list.length > 0
  const isYearly = rule.frequency === "YEARLY"
  // What the rule leaves open is taken from the start.
  const byStart: Partial<Rule> = {}
  if (rule.frequency === "WEEKLY" && !has(rule.byDay)) {
    Object.assign(byStart, { byDay: [{ nth: 0, day: weekday(startDay) }] })
  } else if (isYearly && has(rule.byWeekNo) && !has(rule.byDay) && !has(rule.byYearDay) && !has(rule.byMonthDay)) {
    Object.assign(byStart, { byDay: [{ nth: 0, day: weekday(startDay) }] })
  } else if (
    (isYearly || rule.frequency === "MONTHLY") &&
    !has(rule.byDay) &&
    !has(rule.byMonthDay) &&
    !has(rule.byYearDay)
  ) {
    Object.assign(byStart, { byMonthDay: [startDayOfMonth] })
    if (isYearly && !has(rule.byMonth)) Object.assign(byStart, { byMonth: [startMonth] })
  }
  const full: Rule = { ...rule, ...byStart }
  const days: Array<number> = []
  const last = isYearly && has(rule.byWeekNo) ? period.endMs / DAY_MS + 3 : period.endMs / DAY_MS
  for (let day = period.startMs / DAY_MS; day < last; ) {
    spend(budget, 1)
    const [year, month] = civil(day)
    if (has(full.byMonth) && !full.byMonth.includes(month)) {
      day = Math.max(day + 1, Math.min(last, monthStart(year, month + 1)))
      continue
    }
    if (matchesDay(full, day, period)) days.push(day)
    day++
  }
  return days
}

/** Whether a day passes every list of days; `period` is the year or month that numbered weekdays and weeks are counted in. */
const matchesDay = (rule: Rule, day: number, period?: Period): boolean => {
  const [year, month, dayOfMonth] = civil(day)
  if (rule.byMonth.length > 0 && !rule.byMonth.includes(month)) return false
  if (rule.byWeekNo.length > 0 && rule.frequency === "YEARLY" && !inWeeks(rule, day, period?.year ?? year)) return false
  if (rule.byYearDay.length > 0) {
    const yearStart = monthStart(year, 1)
    const length = monthStart(year + 1, 1) - yearStart
    const nth = day - yearStart + 1
    if (!rule.byYearDay.some((wanted) => (wanted < 0 ? length + wanted + 1 : wanted) === nth)) return false
  }
  if (rule.byMonthDay.length > 0) {
    const length = monthStart(year, month + 1) - monthStart(year, month)
    if (!rule.byMonthDay.some((wanted) => (wanted < 0 ? length + wanted + 1 : wanted) === dayOfMonth)) return false
  }
  return rule.byDay.length === 0 || rule.byDay.some((wanted) => matchesWeekday(rule, wanted, day, year, month))
}

const matchesWeekday = (rule: Rule, wanted: ByDay, day: number, year: number, month: number): boolean => {
  if (weekday(day) !== wanted.day) return false
  if (wanted.nth === 0 || (rule.frequency !== "MONTHLY" && rule.frequency !== "YEARLY")) return true
  // In a year's rule, numbers count in the year, or in the month if BYMONTH names months.
  const inMonth = rule.frequency === "MONTHLY" || rule.byMonth.length > 0
  const from = inMonth ? monthStart(year, month) : monthStart(year, 1)
  const to = inMonth ? monthStart(year, month + 1) : monthStart(year + 1, 1)
  return wanted.nth > 0
    ? Math.floor((day - from) / 7) + 1 === wanted.nth
    : Math.floor((to - 1 - day) / 7) + 1 === -wanted.nth
}

/** Week 1 of a year is the first with at least four days in it. */
const inWeeks = (rule: Rule, day: number, year: number): boolean => {
  const weekOne = (of: number): number => {
    const first = monthStart(of, 1)
    const intoWeek = (weekday(first) - rule.weekStart + 7) % 7
    return intoWeek <= 3 ? first - intoWeek : first - intoWeek + 7
  }
  const start = weekOne(year)
  const weeks = (weekOne(year + 1) - start) / 7
  const week = Math.floor((day - start) / 7) + 1
  return (
    week >= 1 && week <= weeks && rule.byWeekNo.some((wanted) => (wanted < 0 ? weeks + wanted + 1 : wanted) === week)
  )
}
