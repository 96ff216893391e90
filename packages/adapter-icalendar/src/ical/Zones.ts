/**
 * What a TZID means in one object (calendars.md): its own VTIMEZONE, else the IANA name, else Windows' name. A local time
 * that a zone skips is read with the offset before the gap, and one that it has twice is the first.
 */
import { DAY_MS } from "@bookio-kit/core/time/Civil"
import { changeInstant, instantsOf, offsetMsAt, TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Schema from "effect/Schema"
import { type Component, propertiesOf, property, textOf } from "./CalendarObject.ts"
import { type Budget, Problem, spend } from "./Limits.ts"
import { expand, type Rule } from "./Recurrence.ts"
import { parseLocal, readRule } from "./Values.ts"
import { ianaOfWindows } from "./WindowsZones.ts"

/** A zone's clock, however it is defined. */
export interface Zone {
  /** Milliseconds ahead of UTC at an instant. */
  readonly offsetMsAt: (epochMs: number) => number
  /** The instant of a local time (local ms: the wall clock read as if it were UTC). */
  readonly instantOf: (localMs: number) => number
}

export const utc: Zone = { offsetMsAt: () => 0, instantOf: (localMs) => localMs }

/** A zone that the platform knows. */
export const platformZone = (timeZone: TimeZone): Zone => ({
  offsetMsAt: (epochMs) => offsetMsAt(timeZone, epochMs),
  instantOf: (localMs) => {
    const first = instantsOf(timeZone, localMs)[0]
    if (first !== undefined) return first
    // A local time without an instant lies in a gap, and a gap has its change.
    return localMs - offsetMsAt(timeZone, changeInstant(timeZone, localMs)! - 1)
  }
})

/** Years of a zone's changes are read from the platform at some milliseconds each: an object may cause some hundreds. */
const stepsPerYear = 500

/** A zone that the platform knows, on an object's budget. */
export const budgetedZone = (timeZone: TimeZone, budget: Budget): Zone => {
  const zone = platformZone(timeZone)
  const years = new Set<number>()
  const ask =
    (of: (ms: number) => number) =>
    (ms: number): number => {
      const year = Math.floor(ms / (365 * DAY_MS))
      if (!years.has(year)) spend(budget, stepsPerYear)
      years.add(year)
      return of(ms)
    }
  return { offsetMsAt: ask(zone.offsetMsAt), instantOf: ask(zone.instantOf) }
}

/** Gives the zone of a TZID in this object. @throws `Problem` for one that nobody defines. */
export const zonesOf = (calendar: Component, budget: Budget): ((tzid: string) => Zone) => {
  const known = new Map<string, Zone>()
  return (tzid) => {
    const zone = known.get(tzid) ?? findZone(calendar, tzid, budget)
    known.set(tzid, zone)
    return zone
  }
}

const isTimeZone = Schema.is(TimeZone)

/** An object's own definition of a TZID. Outlook ends names with a blank, which servers then take from one of the two places. */
export const definitionOf = (calendar: Component, tzid: string): Component | undefined =>
  calendar.components.find((part) => part.name === "vtimezone" && textOf(part, "tzid").trim() === tzid.trim())

const findZone = (calendar: Component, tzid: string, budget: Budget): Zone => {
  const observances = definitionOf(calendar, tzid)?.components.flatMap(observanceOf) ?? []
  if (observances.length > 0) return ownZone(observances, budget)
  const name = platformNameOf(tzid)
  if (name !== undefined) return budgetedZone(name, budget)
  const shown = /^[\w .,:+()/-]{1,60}$/.test(tzid) ? ` "${tzid}"` : ""
  throw new Problem(`The time zone${shown} is not defined in the object, and is neither an IANA nor a Windows name`)
}

/** The platform's zone that a TZID means by itself: IANA's name, or Windows'. */
export const platformNameOf = (tzid: string): TimeZone | undefined => {
  // "/mozilla.org/20050126_1/Europe/Bratislava": the name that a registry gives ends with IANA's.
  const words = tzid.trim().replace(/^\/+/, "").split("/")
  const name = words.map((_, i) => words.slice(i).join("/")).find(isTimeZone) ?? ianaOfWindows(tzid.trim())
  return name !== undefined && isTimeZone(name) ? name : undefined
}

/** A STANDARD or DAYLIGHT of a VTIMEZONE (RFC 5545, 3.6.5): from each onset on, the offset is `afterMs`. */
interface Observance {
  readonly startMs: number
  readonly beforeMs: number
  readonly afterMs: number
  readonly rules: ReadonlyArray<Rule>
  readonly dates: ReadonlyArray<number>
}

const observanceOf = (part: Component): ReadonlyArray<Observance> => {
  const start = parseLocal(textOf(part, "dtstart"))
  const beforeMs = offsetOf(textOf(part, "tzoffsetfrom"))
  const afterMs = offsetOf(textOf(part, "tzoffsetto"))
  if (start === undefined || beforeMs === undefined || afterMs === undefined) return []
  const isBy = (localMs: number, epochMs: number) => localMs - beforeMs <= epochMs
  const rule = property(part, "rrule")?.values[0]
  const dates = propertiesOf(part, "rdate").flatMap(({ values }) =>
    values.flatMap((value) => {
      const date = typeof value === "string" ? parseLocal(value) : undefined
      return date === undefined ? [] : [date.isUtc ? date.localMs + beforeMs : date.localMs]
    })
  )
  const rules = rule === undefined ? [] : [readRule(rule, isBy)]
  return [{ startMs: start.localMs, beforeMs, afterMs, rules, dates }]
}

const offsetOf = (text: string): number | undefined => {
  const [, sign, hours, minutes, seconds = 0] = /^([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? []
  if (sign === undefined) return undefined
  const size = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000
  return sign === "-" ? 0 - size : size
}

interface Onset {
  readonly atMs: number
  readonly beforeMs: number
  readonly afterMs: number
}

/** Onsets are looked for a year and more on both sides of a question; the answer is kept for the year. */
const ownZone = (observances: ReadonlyArray<Observance>, budget: Budget): Zone => {
  const years = new Map<number, ReadonlyArray<Onset>>()
  const onsetsAround = (ms: number): ReadonlyArray<Onset> => {
    const year = Math.floor(ms / (365 * DAY_MS))
    const kept = years.get(year)
    if (kept !== undefined) return kept
    const fromMs = (year - 2) * 365 * DAY_MS
    const onsets = observances.flatMap((observance) => onsetsOf(observance, fromMs, (year + 3) * 365 * DAY_MS, budget))
    onsets.sort((a, b) => a.atMs - b.atMs)
    years.set(year, onsets)
    return onsets
  }
  // Before the first onset there was what the first onset ends.
  const offsetAt = (onsets: ReadonlyArray<Onset>, ms: number): number =>
    onsets.findLast((onset) => onset.atMs <= ms)?.afterMs ?? onsets[0]?.beforeMs ?? 0
  return {
    offsetMsAt: (epochMs) => offsetAt(onsetsAround(epochMs), epochMs),
    instantOf: (localMs) => {
      const onsets = onsetsAround(localMs)
      const near = onsets.filter((onset) => Math.abs(onset.atMs - localMs) <= 2 * DAY_MS)
      const before = offsetAt(onsets, localMs - 2 * DAY_MS)
      const offsets = [before, ...near.map((onset) => onset.afterMs)]
      const instants = offsets.map((offset) => localMs - offset).filter((ms) => ms + offsetAt(onsets, ms) === localMs)
      if (instants.length > 0) return Math.min(...instants)
      const gap = near.find((onset) => onset.atMs + onset.beforeMs <= localMs && localMs < onset.atMs + onset.afterMs)
      return localMs - (gap?.beforeMs ?? before)
    }
  }
}

const onsetsOf = (observance: Observance, fromMs: number, toMs: number, budget: Budget): ReadonlyArray<Onset> => {
  const { startMs, beforeMs, afterMs, rules, dates } = observance
  const local = dates.filter((at) => at < toMs)
  for (const rule of rules) {
    for (const onset of expand(rule, startMs, fromMs, toMs, budget)) local.push(onset)
    // The last onset of a rule that ended long ago still holds.
    const last = lastOf(rule, startMs, fromMs, budget)
    if (last !== undefined) local.push(last)
  }
  // The first onset is always told, so that it is known what there was before it.
  return [startMs, ...local].map((at) => ({ atMs: at - beforeMs, beforeMs, afterMs }))
}

const lastOf = (rule: Rule, startMs: number, toMs: number, budget: Budget): number | undefined => {
  if (rule.count === undefined && rule.isWithin(toMs)) return undefined
  let last: number | undefined
  for (const onset of expand(rule, startMs, startMs, toMs, budget)) last = onset
  return last
}
