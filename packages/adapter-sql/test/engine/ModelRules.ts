/**
 * The engine as engine.md words it, on plain lists: every rule is a scan over all there is, instants are looked at one by
 * one. Nothing of the booking rules in core is used, only its zone arithmetic. Assumes that all times, durations and
 * openings are multiples of ten minutes, and persons whose letters fold one to one.
 */

import {
  changeInstant,
  epochDayAt,
  instantsOf,
  offsetMsAt,
  startOfDay,
  type TimeZone
} from "@bookio-kit/core/time/TimeZone"
import type { UtcOffset } from "@bookio-kit/core/time/UtcOffset"
import type { WallTime } from "@bookio-kit/core/time/WallTime"

export const minuteMs = 60_000
export const dayMs = 1440 * minuteMs
const stepMs = 10 * minuteMs

export type Status = "CONFIRMED" | "CANCELLED" | "DID_NOT_COME"

export interface Who {
  readonly channel: number
  readonly access: "book" | "write"
}

/** A result, or the refusals any of which is right. */
export type Answer<A> = { readonly ok: A } | { readonly no: ReadonlyArray<string> }

export const ok = <A>(value: A): Answer<A> => ({ ok: value })
export const no = (...texts: ReadonlyArray<string>): { readonly no: ReadonlyArray<string> } => ({ no: texts })

export interface Term {
  readonly from: number
  readonly to: number
}

export interface Facility {
  readonly id: number
  readonly timeZone: TimeZone
  readonly dialCode: string
  readonly channels: ReadonlyArray<number>
  changed: number
}

export interface Service {
  readonly id: number
  readonly calendar: number
  name: string
  duration: number
  capacity: number
  hidden: boolean
  removed: boolean
}

export interface Interval {
  readonly id: number
  readonly name: string
  readonly weekDays: ReadonlyArray<number>
  /** Minutes of the day. */
  readonly from: number
  readonly to: number
  /** None: all. */
  readonly services: ReadonlyArray<number>
}

export interface Calendar {
  readonly id: number
  readonly facility: number
  name: string
  validFrom: number
  validTo: number
  services: ReadonlyArray<number>
  intervals: ReadonlyArray<Interval>
}

export interface Person {
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
}

/** How a channel sees a reservation. */
interface View {
  externalId?: number
  needsSync: boolean
}

export interface Reservation extends Person {
  readonly id: number
  readonly facility: number
  readonly service: number
  readonly channel: number
  readonly note: string | undefined
  readonly created: number
  from: number
  to: number
  status: Status
  cancelled?: number
  reason?: string
  changed: number
  readonly views: Map<number, View>
  /** Drawn by the engine, so learned from its first listing. */
  number?: string
}

export interface Blocked {
  readonly id: number
  readonly facility: number
  readonly note: string
  from: number
  to: number
  changed: number
  removed?: number
  readonly externalIds: Map<number, number>
}

export interface Model {
  readonly facilities: ReadonlyArray<Facility>
  readonly calendars: ReadonlyArray<Calendar>
  readonly services: Array<Service>
  readonly reservations: Array<Reservation>
  readonly blocked: Array<Blocked>
}

export interface GivenTime {
  readonly field: "dateFrom" | "dateTo"
  readonly time: WallTime
  readonly offset: UtcOffset | undefined
}

// Times

const readings = (zone: TimeZone, { field, offset, time }: GivenTime): ReadonlyArray<number> | string => {
  const all =
    time._tag === "Day"
      ? [startOfDay(zone, time.epochDay)]
      : time._tag === "Local"
        ? instantsOf(zone, time.localMs)
        : [time.epochMs]
  if (all.length === 0) return `${field} inGap`
  const fitting = all.filter((ms) => offset === undefined || offsetText(zone, ms) === offset)
  return fitting.length === 0 ? `${field}Offset offsetMismatch` : fitting
}

const offsetText = (zone: TimeZone, ms: number): string => {
  const minutes = offsetMsAt(zone, ms) / minuteMs
  return `${minutes < 0 ? "-" : "+"}${String(Math.floor(Math.abs(minutes) / 60)).padStart(2, "0")}:${String(Math.abs(minutes) % 60).padStart(2, "0")}`
}

/** A member of a listed row, with its offset where it is the second pass. */
export const shown = (zone: TimeZone, name: string, ms: number): { readonly [member: string]: string } => {
  const local = ms + offsetMsAt(zone, ms)
  const text = new Date(local).toISOString().slice(0, 19)
  return instantsOf(zone, local)[0] === ms
    ? { [name]: text }
    : { [name]: text, [`${name}Offset`]: offsetText(zone, ms) }
}

/** The term that is meant, or what is wrong with its ends. */
export const termOf = (
  zone: TimeZone,
  from: GivenTime | number,
  to: GivenTime | ((from: number) => number)
): Term | { readonly no: ReadonlyArray<string> } => {
  const starts = typeof from === "number" ? [from] : readings(zone, from)
  const start = typeof starts === "string" ? Number.NEGATIVE_INFINITY : starts[0]!
  const ends = typeof to === "function" ? [to(start)] : readings(zone, to)
  const problems = [starts, ends].filter((side) => typeof side === "string")
  if (problems.length > 0) return no(`10 ${problems.sort().join(", ")}`)
  const end = (ends as ReadonlyArray<number>).find((ms) => ms > start) ?? (ends as ReadonlyArray<number>).at(-1)!
  return end > start ? { from: start, to: end } : no("10 dateTo notAfter")
}

// Rules 2 to 5

const weekDay = (day: number) => ((((day + 3) % 7) + 7) % 7) + 1

const at = (zone: TimeZone, day: number, minutes: number, pass: 0 | -1): number => {
  const local = day * dayMs + minutes * minuteMs
  return instantsOf(zone, local).at(pass) ?? changeInstant(zone, local)!
}

/** The windows of one day in which the service may be booked. */
export const windows = (zone: TimeZone, calendar: Calendar, service: number, day: number): ReadonlyArray<Term> =>
  day < calendar.validFrom || day > calendar.validTo
    ? []
    : calendar.intervals
        .filter((i) => i.weekDays.includes(weekDay(day)) && (i.services.length === 0 || i.services.includes(service)))
        .map((i) => ({ from: at(zone, day, i.from, 0), to: at(zone, day, i.to, -1) }))

const instants = ({ from, to }: Term): ReadonlyArray<number> => {
  const all: Array<number> = []
  for (let t = from; t < to; t += stepMs) all.push(t)
  return all
}

const holds = (term: Term, t: number) => term.from <= t && t < term.to

const overlap = (a: Term, b: Term) => a.from < b.to && b.from < a.to

export const zoneOf = (model: Model, calendar: Calendar) => model.facilities.find((f) => f.id === calendar.facility)!

export const isOpen = (model: Model, calendar: Calendar, service: number, term: Term): boolean => {
  const { timeZone } = zoneOf(model, calendar)
  const all = new Map<number, ReadonlyArray<Term>>()
  return instants(term).every((t) => {
    const day = epochDayAt(timeZone, t)
    if (!all.has(day)) all.set(day, windows(timeZone, calendar, service, day))
    return all.get(day)!.some((window) => holds(window, t))
  })
}

const capacityOf = (model: Model, service: number) => model.services.find((s) => s.id === service)!.capacity

/** The places left over a whole term beside others; negative where they are too many by themselves. */
export const placesLeft = (
  model: Model,
  capacity: number,
  term: Term,
  others: ReadonlyArray<Term & { readonly service: number }>
): number => {
  const near = others.filter((other) => overlap(other, term))
  return Math.min(
    ...instants(term).map((t) => {
      const there = near.filter((other) => holds(other, t))
      return Math.min(capacity, ...there.map((other) => capacityOf(model, other.service))) - there.length
    })
  )
}

export const confirmedIn = (model: Model, calendar: number) =>
  model.reservations.filter(
    (r) => r.status === "CONFIRMED" && model.services.find((s) => s.id === r.service)!.calendar === calendar
  )

export const isBlocked = (model: Model, facility: number, term: Term) =>
  model.blocked.some((b) => b.facility === facility && b.removed === undefined && overlap(b, term))

// Rule 6

const fold = (text: string) => text.trim().toLowerCase()

const phone = (facility: Facility, text: string) => {
  const digits = text.replace(/\D/g, "")
  if (text.trim().startsWith("+")) return digits
  if (digits.startsWith("00")) return digits.slice(2)
  return digits.startsWith("0") ? facility.dialCode + digits.slice(1) : digits
}

export const isSamePerson = (facility: Facility, a: Person, b: Person) =>
  fold(a.name) === fold(b.name) &&
  fold(a.surname) === fold(b.surname) &&
  (fold(a.email) === fold(b.email) || phone(facility, a.phone) === phone(facility, b.phone))

export const duplicate = (who: Who, reason: string, found: ReadonlyArray<Reservation>) =>
  no(...found.map((r) => `40 ${reason} ${who.access === "book" && r.channel !== who.channel ? "-" : r.id}`))

export const holders = (model: Model, facility: number, channel: number, externalId: number, self?: Reservation) =>
  model.reservations.filter(
    (r) =>
      r.facility === facility &&
      r !== self &&
      r.status !== "CANCELLED" &&
      r.views.get(channel)?.externalId === externalId
  )

/** Rules 2, 6 (c), 4, 5 in the order of checks; undefined where nothing is in the way. */
export const placementRefusal = (
  model: Model,
  who: Who,
  facility: Facility,
  service: Service,
  term: Term,
  person: Person,
  self?: Reservation
) => {
  const calendar = model.calendars.find((c) => c.id === service.calendar)!
  if (!isOpen(model, calendar, service.id, term)) return no("10 dateFrom closed")
  const others = confirmedIn(model, calendar.id).filter((r) => r !== self)
  const same = others.filter(
    (r) => r.service === service.id && r.from === term.from && isSamePerson(facility, r, person)
  )
  if (same.length > 0) return duplicate(who, "person", same)
  if (isBlocked(model, facility.id, term)) return no("30 blocked")
  return placesLeft(model, service.capacity, term, others) < 1 ? no("30 full") : undefined
}
