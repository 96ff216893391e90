/**
 * The VTIMEZONE of a platform zone (RFC 5545, 3.6.5), made from the changes of offset that `Intl` knows: a yearly rule
 * where one fits all of the years covered, else each change by its date.
 */
import { DAY_MS, epochDayOf } from "@bookio-kit/core/time/Civil"
import { offsetMsAt, type TimeZone, type Transition, transitionsBetween } from "@bookio-kit/core/time/TimeZone"
import { type Line, makeLine } from "./Lines.ts"
import { escapeText } from "./Text.ts"

/** Years after the event's for which changes are told one by one or proven to follow a rule. */
const yearsCovered = 10

/**
 * Writes the zone's definition for an event at an instant, from the year before it to ten years after it, under the name
 * that the event has for it.
 */
export const zoneLines = (timeZone: TimeZone, epochMs: number, tzid: string = timeZone): ReadonlyArray<Line> => {
  const year = new Date(epochMs).getUTCFullYear()
  const fromMs = epochDayOf(year - 1, 1, 1) * DAY_MS
  const toMs = epochDayOf(year + yearsCovered + 1, 1, 1) * DAY_MS
  const first = offsetMsAt(timeZone, fromMs)
  const groups = new Map<string, Array<Transition>>()
  for (const change of transitionsBetween(timeZone, fromMs, toMs)) {
    const key = `${change.offsetBeforeMs} ${change.offsetAfterMs}`
    groups.set(key, [...(groups.get(key) ?? []), change])
  }
  return [
    makeLine("BEGIN", "VTIMEZONE"),
    makeLine("TZID", escapeText(tzid)),
    ...observance({ atMs: fromMs, offsetBeforeMs: first, offsetAfterMs: first }, []),
    ...[...groups.values()].flatMap((changes) => observance(changes[0]!, onsetLines(changes, year + yearsCovered))),
    makeLine("END", "VTIMEZONE")
  ]
}

/** Writes a local time, "20261122T090000". */
export const localText = (localMs: number): string => new Date(localMs).toISOString().slice(0, 19).replace(/[-:]/g, "")

const observance = (change: Transition, onsets: ReadonlyArray<Line>): ReadonlyArray<Line> => {
  const name = change.offsetAfterMs > change.offsetBeforeMs ? "DAYLIGHT" : "STANDARD"
  return [
    makeLine("BEGIN", name),
    makeLine("DTSTART", localText(localOf(change))),
    makeLine("TZOFFSETFROM", offsetText(change.offsetBeforeMs)),
    makeLine("TZOFFSETTO", offsetText(change.offsetAfterMs)),
    ...onsets,
    makeLine("END", name)
  ]
}

const localOf = (change: Transition): number => change.atMs + change.offsetBeforeMs

const offsetText = (offsetMs: number): string => {
  const seconds = Math.abs(offsetMs) / 1_000
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  const text = parts.map((part) => String(part).padStart(2, "0")).join("")
  return `${offsetMs < 0 ? "-" : "+"}${text.replace(/00$/, (end) => (text.length === 6 ? "" : end))}`
}

const weekdays = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]

const onsetLines = (changes: ReadonlyArray<Transition>, lastYear: number): ReadonlyArray<Line> => {
  const rule = yearlyRule(changes.map(localOf), lastYear)
  if (rule !== undefined) return [makeLine("RRULE", rule)]
  // One a line, the first too: ical.js reads one value of each and then leaves DTSTART out.
  return changes.length === 1 ? [] : changes.map((change) => makeLine("RDATE", localText(localOf(change))))
}

/** The rule that gives just these local times, one in each year up to the last, and goes on so. */
const yearlyRule = (times: ReadonlyArray<number>, lastYear: number): string | undefined => {
  const dates = times.map((time) => new Date(time))
  const first = dates[0]!
  const isEvery = dates.every(
    (date, i) =>
      date.getUTCFullYear() === first.getUTCFullYear() + i &&
      date.getUTCMonth() === first.getUTCMonth() &&
      date.getUTCDay() === first.getUTCDay() &&
      date.getTime() % DAY_MS === first.getTime() % DAY_MS
  )
  if (!isEvery || dates.at(-1)?.getUTCFullYear() !== lastYear) return undefined
  const positions = dates.map((date) => {
    const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
    return { nth: Math.ceil(date.getUTCDate() / 7), isLast: date.getUTCDate() + 7 > length }
  })
  const nth = positions.every(({ isLast }) => isLast) ? -1 : positions[0]!.nth
  if (nth > 0 && !positions.every((position) => position.nth === nth)) return undefined
  return `FREQ=YEARLY;BYMONTH=${first.getUTCMonth() + 1};BYDAY=${nth}${weekdays[first.getUTCDay()]}`
}
