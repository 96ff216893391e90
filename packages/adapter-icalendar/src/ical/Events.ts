/**
 * The events of one calendar object: the master and its overrides, with their times resolved. What they mean for a
 * practice is read in `ReadItem`, what is changed of them in `WriteItem`.
 */
import { DAY_MS } from "@bookio-kit/core/time/Civil"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import { type CalendarObject, type Component, type Property, parameterOf, property, textOf } from "./CalendarObject.ts"
import { type Budget, Problem } from "./Limits.ts"
import { type Length, parseDuration, parseLocal } from "./Values.ts"
import { budgetedZone, utc, type Zone, zonesOf } from "./Zones.ts"

/** A date or time of an event, with the zone that its clock shows. */
export interface Moment {
  readonly form: "date" | "utc" | "floating" | "zoned"
  /** The wall clock read as if it were UTC; midnight for a date. */
  readonly localMs: number
  readonly zone: Zone
  readonly atMs: number
  readonly tzid?: string
}

/** One VEVENT. */
export interface Event {
  readonly component: Component
  readonly start: Moment
  readonly length: Length
  /** RECURRENCE-ID: the start that this event has by the rule. */
  readonly recurrenceId?: Moment
  readonly sequence: number
}

/** What an object holds. An invitation to single occurrences of a series has overrides only. */
export interface Events {
  readonly uid: string
  readonly master?: Event
  readonly overrides: ReadonlyArray<Event>
  /** The object says that its events are withdrawn (RFC 5546, 3.2.5), as a mail with a cancellation does. */
  readonly isWithdrawn: boolean
  /** The zone that a TZID means here. */
  readonly zoneOf: (tzid: string) => Zone
  /** Resolves a value of a property in this object. @throws `Problem` */
  readonly momentOf: (of: Property, value: unknown) => Moment
}

/** Reads the object's events; `undefined` where it has none. Floating times and dates are the facility's. @throws `Problem` */
export const readEvents = (object: CalendarObject, timeZone: TimeZone, budget: Budget): Events | undefined => {
  const components = object.calendar.components.filter(({ name }) => name === "vevent")
  if (components.length === 0) {
    // A to-do, a journal, … is none of ours; an object of nothing is one whose event the server could not give.
    if (object.calendar.components.some(({ name }) => name !== "vtimezone")) return undefined
    throw new Problem("The object holds no event")
  }
  const uid = textOf(components[0]!, "uid")
  if (uid === "") throw new Problem("The event has no UID")
  if (components.some((component) => textOf(component, "uid") !== uid)) {
    throw new Problem("The object holds events of more than one UID; each needs an object of its own")
  }
  const facility = budgetedZone(timeZone, budget)
  const zoneOf = zonesOf(object.calendar, budget)
  const momentOf = (of: Property, value: unknown): Moment => readMoment(of, value, facility, zoneOf)
  const events = components.map((component) => readEvent(component, momentOf))
  const masters = events.filter((event) => event.recurrenceId === undefined)
  if (masters.length > 1)
    throw new Problem("The object holds two events of one UID that are no occurrences of each other")
  const [master] = masters
  const overrides = latest(events.filter((event) => event.recurrenceId !== undefined))
  const isWithdrawn = textOf(object.calendar, "method").trim().toUpperCase() === "CANCEL"
  return { uid, ...(master === undefined ? {} : { master }), overrides, isWithdrawn, zoneOf, momentOf }
}

/** The UID of a text that cannot be read as an object, where its lines show one. */
export const uidOf = (text: string): string | undefined => {
  const uid = /^UID(?:;[^:\r\n]*)?:(.*)$/im.exec(text.replace(/(?:\r*\n|\r)[ \t]/g, ""))?.[1]?.trim()
  return uid === "" ? undefined : uid
}

/** Gives the instants of an occurrence that starts at a local time of the event's zone. */
export const termOf = (event: Event, start: Moment): { readonly startMs: number; readonly endMs: number } => {
  const { days, ms } = event.length
  const dayMs = days === 0 ? start.atMs : start.zone.instantOf(start.localMs + days * DAY_MS)
  return { startMs: start.atMs, endMs: dayMs + ms }
}

const readEvent = (component: Component, momentOf: Events["momentOf"]): Event => {
  const startProperty = property(component, "dtstart")
  if (startProperty === undefined) throw new Problem("The event has no start (DTSTART)")
  const start = momentOf(startProperty, startProperty.values[0])
  const id = property(component, "recurrence-id")
  if (id !== undefined && parameterOf(id, "range")?.toUpperCase() === "THISANDFUTURE") {
    throw new Problem("A change of an occurrence and all later ones (THISANDFUTURE) is not supported; split the series")
  }
  return {
    component,
    start,
    length: lengthOf(component, start, momentOf),
    ...(id === undefined ? {} : { recurrenceId: momentOf(id, id.values[0]) }),
    sequence: Number(property(component, "sequence")?.values[0] ?? 0) || 0
  }
}

const lengthOf = (component: Component, start: Moment, momentOf: Events["momentOf"]): Length => {
  const endProperty = property(component, "dtend")
  if (endProperty !== undefined) {
    const end = momentOf(endProperty, endProperty.values[0])
    if (end.atMs < start.atMs) throw new Problem("The event ends before it starts")
    if (start.form !== "date" || end.form !== "date") return { days: 0, ms: end.atMs - start.atMs }
    // Some programs end a whole day on itself.
    return { days: Math.max(1, (end.localMs - start.localMs) / DAY_MS), ms: 0 }
  }
  const duration = property(component, "duration")
  if (duration === undefined) return start.form === "date" ? { days: 1, ms: 0 } : { days: 0, ms: 0 }
  const length = parseDuration(String(duration.values[0]))
  if (length === undefined) throw new Problem("The event's DURATION is no length of time")
  return length
}

const readMoment = (of: Property, value: unknown, facility: Zone, zoneOf: (tzid: string) => Zone): Moment => {
  const local = typeof value === "string" ? parseLocal(value) : undefined
  if (local === undefined) throw new Problem(`A ${of.name.toUpperCase()} of the event is no date or time`)
  const { localMs } = local
  if (local.isDate) return { form: "date", localMs, zone: facility, atMs: facility.instantOf(localMs) }
  if (local.isUtc) return { form: "utc", localMs, zone: utc, atMs: localMs }
  const tzid = parameterOf(of, "tzid")
  if (tzid === undefined) return { form: "floating", localMs, zone: facility, atMs: facility.instantOf(localMs) }
  const zone = zoneOf(tzid)
  return { form: "zoned", localMs, zone, atMs: zone.instantOf(localMs), tzid }
}

/** Of several overrides of one occurrence the one of the highest SEQUENCE counts, and the last of these. */
const latest = (overrides: ReadonlyArray<Event>): ReadonlyArray<Event> => {
  const chosen = new Map<string, Event>()
  for (const override of overrides) {
    const key = keyOf(override.recurrenceId ?? override.start)
    const other = chosen.get(key)
    if (other === undefined || override.sequence >= other.sequence) chosen.set(key, override)
  }
  return [...chosen.values()]
}

/** An occurrence's key: its start by the rule, in UTC, or its day. */
export const keyOf = (moment: Moment): string =>
  moment.form === "date"
    ? new Date(moment.localMs).toISOString().slice(0, 10)
    : `${new Date(moment.atMs).toISOString().slice(0, 19)}Z`
