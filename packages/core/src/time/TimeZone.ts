/**
 * The facility's time zone and what its wall clock shows: instants to local times and back, around clock changes too.
 *
 * The rules come from the platform's `Intl`, which is far too slow to ask per value. So time is cut into periods of the
 * mean Gregorian year (31,556,952 s), and the first question about a period samples its offsets day by day, bisects each
 * change to the second and keeps the result. 400 periods are exactly the 400 years after which the calendar repeats, and
 * after 2100 zones follow their last rule for good: later periods are answered from the first 400 of these. The cache
 * is therefore bounded by the zones in use times about 600 periods of a few numbers each. Two changes of a zone
 * within one day that cancel out would be missed; the tz database has none since 1900.
 *
 * Instants are milliseconds since 1970 UTC; "local ms" is the wall clock read as if it were UTC (`LocalDateTime`).
 */
import * as Schema from "effect/Schema"
import { saying } from "../scalar/Check.ts"
import { DAY_MS } from "./Civil.ts"

/** The name of a time zone as the IANA database and `Intl` know it; the case is kept as given, offsets are refused. */
export const TimeZone = Schema.String.annotate({
  ...saying("notTimeZone"),
  description: "IANA name of a time zone",
  examples: ["Europe/Bratislava"]
})
  .check(
    Schema.makeFilter((name: string) => isName(name), {
      ...saying("notTimeZone"),
      identifier: "TimeZone",
      expected: "an IANA time zone",
      toJsonSchema: () => [{}, true],
      arbitraryConstraint: {
        patterns: [{ source: "^(Europe/(Bratislava|London|Dublin)|America/Sao_Paulo|Asia/Kathmandu|UTC)$", flags: "" }]
      }
    })
  )
  .pipe(Schema.brand("TimeZone"))

/** The name of a time zone as the IANA database and `Intl` know it; the case is kept as given, offsets are refused. */
export type TimeZone = typeof TimeZone.Type

/** Gives the milliseconds that the zone's clock is ahead of UTC (east) at an instant; west is negative. */
export const offsetMsAt = (zone: TimeZone, epochMs: number): number => {
  const folded = fold(epochMs)
  const { starts, offsets } = periodAt(zoneOf(zone), Math.floor(folded / PERIOD_MS))
  let i = starts.length - 1
  while (starts[i]! > folded) i--
  return offsets[i]!
}

/** Gives what the zone's wall clock shows at an instant, as local ms. */
export const toLocalMs = (zone: TimeZone, epochMs: number): number => epochMs + offsetMsAt(zone, epochMs)

/**
 * Gives the instants at which the zone's clock shows a local time, ascending: none in the gap when clocks go forward,
 * two in the hour that repeats when they go back, otherwise one.
 */
export const instantsOf = (zone: TimeZone, localMs: number): ReadonlyArray<number> => {
  const folded = fold(localMs)
  const shift = localMs - folded
  const found = zoneOf(zone)
  const instants: Array<number> = []
  const last = Math.floor((folded + REACH_MS) / PERIOD_MS)
  for (let index = Math.floor((folded - REACH_MS) / PERIOD_MS); index <= last; index++) {
    const { starts, offsets, endMs } = periodAt(found, index)
    for (let i = 0; i < starts.length; i++) {
      const instant = folded - offsets[i]!
      if (instant >= starts[i]! && instant < (starts[i + 1] ?? endMs)) instants.push(instant + shift)
    }
  }
  return instants
}

/** Gives the instant of the clock change that skips a local time, or `undefined` for a local time that exists. */
export const changeInstant = (zone: TimeZone, localMs: number): number | undefined =>
  instantsOf(zone, localMs).length > 0
    ? undefined
    : transitionsBetween(zone, localMs - REACH_MS, localMs + REACH_MS).find(
        (change) => change.atMs + change.offsetBeforeMs <= localMs && localMs < change.atMs + change.offsetAfterMs
      )?.atMs

/**
 * Gives the first instant of a calendar day in the zone; where its midnight is skipped, the instant of the change (for a
 * day that the zone skips as a whole, that is the start of the next one).
 */
export const startOfDay = (zone: TimeZone, epochDay: number): number => {
  const midnight = epochDay * DAY_MS
  // A local time without an instant lies in a gap, and a gap has its change.
  return instantsOf(zone, midnight)[0] ?? changeInstant(zone, midnight)!
}

/** Gives the calendar day, as epoch day, that the zone's clock shows at an instant. */
export const epochDayAt = (zone: TimeZone, epochMs: number): number => Math.floor(toLocalMs(zone, epochMs) / DAY_MS)

/** A change of a zone's offset: from `atMs` (inclusive) on the offset, in milliseconds east of UTC, is another. */
export interface Transition {
  readonly atMs: number
  readonly offsetBeforeMs: number
  readonly offsetAfterMs: number
}

/** Lists a zone's changes of offset from `fromMs` (inclusive) to `toMs` (exclusive), ascending; work grows with the years. */
export const transitionsBetween = (zone: TimeZone, fromMs: number, toMs: number): ReadonlyArray<Transition> => {
  const found = zoneOf(zone)
  const transitions: Array<Transition> = []
  let before = 0
  // The first stretch looked at starts before fromMs, so that `before` is known where a change falls on a period's start.
  for (let index = Math.floor((fromMs - 1) / PERIOD_MS); index * PERIOD_MS < toMs; index++) {
    const shift = index * PERIOD_MS - fold(index * PERIOD_MS)
    const { starts, offsets } = periodAt(found, index - shift / PERIOD_MS)
    for (let i = 0; i < starts.length; i++) {
      const atMs = starts[i]! + shift
      const after = offsets[i]!
      if (after !== before && atMs >= fromMs && atMs < toMs) {
        transitions.push({ atMs, offsetBeforeMs: before, offsetAfterMs: after })
      }
      before = after
    }
  }
  return transitions
}

/** 1/400 of the 400 years of the Gregorian calendar: 365.2425 days. Periods are counted from 1970. */
const PERIOD_MS = 31_556_952_000
const CYCLE_MS = 400 * PERIOD_MS
/** The first of the 400 periods that stand for all later ones, in the year 2100. */
const CYCLE_FROM_MS = 131 * PERIOD_MS
/** More than any offset there was, the local mean times of the 19th century included. */
const REACH_MS = 16 * 3_600_000

/** The stretches of constant offset in one period: stretch i is [starts[i], starts[i + 1]), the last one up to `endMs`. */
interface Period {
  readonly starts: ReadonlyArray<number>
  readonly offsets: ReadonlyArray<number>
  readonly endMs: number
}

interface Zone {
  readonly sample: (epochMs: number) => number
  readonly periods: Map<number, Period>
}

const zones = new Map<string, Zone>()

const fold = (ms: number): number => (ms < CYCLE_FROM_MS ? ms : CYCLE_FROM_MS + ((ms - CYCLE_FROM_MS) % CYCLE_MS))

const isName = (name: string): boolean => {
  // Intl also takes "+01:00", which has no place in the IANA database.
  if (/^[+-]/.test(name)) return false
  try {
    zoneOf(name)
    return true
  } catch {
    return false
  }
}

const zoneOf = (name: string): Zone => {
  const known = zones.get(name)
  if (known !== undefined) return known
  // The year is asked for only because all parts of the date would take twice as long to write.
  const format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset", year: "numeric" })
  const zone: Zone = { sample: (epochMs) => parseOffset(format.format(epochMs)), periods: new Map() }
  zones.set(name, zone)
  return zone
}

const periodAt = (zone: Zone, index: number): Period => {
  const known = zone.periods.get(index)
  if (known !== undefined) return known
  const period = readPeriod(zone, index)
  zone.periods.set(index, period)
  return period
}

const readPeriod = ({ sample }: Zone, index: number): Period => {
  const endMs = (index + 1) * PERIOD_MS
  const starts = [index * PERIOD_MS]
  const offsets = [sample(index * PERIOD_MS)]
  for (let at = index * PERIOD_MS; at < endMs; ) {
    const next = Math.min(at + DAY_MS, endMs)
    const change = firstChange(sample, at, offsets[offsets.length - 1]!, next)
    if (change !== undefined && change < endMs) {
      starts.push(change)
      offsets.push(sample(change))
    }
    at = change ?? next
  }
  return { starts, offsets, endMs }
}

/** Finds the second after `fromMs`, and at most `toMs`, at which the offset stops being `before`, by bisection. */
const firstChange = (sample: Zone["sample"], fromMs: number, before: number, toMs: number): number | undefined => {
  if (sample(toMs) === before) return undefined
  let same = fromMs
  let changed = toMs
  while (changed - same > 1_000) {
    const middle = same + Math.floor((changed - same) / 2_000) * 1_000
    if (sample(middle) === before) same = middle
    else changed = middle
  }
  return changed
}

/** Reads the "GMT", "GMT+01:00" or "GMT-00:44:30" that Intl ends with. */
const parseOffset = (text: string): number => {
  const [hours = "", minutes = 0, seconds = 0] = text.slice(text.indexOf("GMT") + 3).split(":")
  const size = (Math.abs(Number(hours)) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000
  return hours.startsWith("-") ? 0 - size : size
}
