/**
 * Reads one calendar object (RFC 4791, 4.1: one UID, a master and its overrides) into the facts of core's `Appointment`.
 *
 * Of the standard's freedoms: DTSTART is always an occurrence, also where the rule does not give it. An override counts as
 * an occurrence by its own term, whatever the rule or an EXDATE says. An EXDATE or RECURRENCE-ID of the other type than
 * DTSTART means the occurrence of that day, and one without a zone has the series'. With DTEND each occurrence has the same exact length, with DURATION its days
 * are the calendar's (RFC 5545, 3.8.5.3). TRANSP alone says what is free: Outlook's
 * X-MICROSOFT-CDO-BUSYSTATUS is not read, nor is EXRULE of the old standard (it would free time).
 *
 * Our properties stand on the master: X-BOOKIO-MARK (see `Properties`), X-BOOKIO-STATUS:DID_NOT_COME, and of a booking that
 * the practice makes X-BOOKIO-SERVICE, -NAME, -EMAIL and -PHONE.
 */
import type { Appointment, Occurrence } from "@bookio-kit/core/sync/Appointment"
import type { CalendarWindow } from "@bookio-kit/core/sync/PracticeCalendar"
import { DAY_MS } from "@bookio-kit/core/time/Civil"
import * as Result from "effect/Result"
import { parseObject, propertiesOf, textOf } from "./CalendarObject.ts"
import { type Event, type Events, keyOf, type Moment, readEvents, termOf, uidOf } from "./Events.ts"
import { type Budget, maxOccurrences, Problem, spend } from "./Limits.ts"
import { attendeesOf, participationOf } from "./People.ts"
import { bookingOf, didNotComeOf, markOf } from "./Properties.ts"
import { expand } from "./Recurrence.ts"
import { joinText } from "./Text.ts"
import { type Length, parseDuration, parseLocal, readRule } from "./Values.ts"
import { utc } from "./Zones.ts"

/** How an object is read. */
export interface ReadOptions {
  readonly window: CalendarWindow
  /** Addresses of the calendar's owner, lower case, without `mailto:`. See `participationOf` for an empty list. */
  readonly owner: ReadonlyArray<string>
}

/** What a calendar object says; where it lies is the calendar's business. */
export type ItemContent = Omit<Appointment, "_tag" | "href" | "etag">

/** Why an object cannot be read, with its UID where that much could be. */
export interface ItemProblem {
  readonly uid?: string
  readonly problem: string
}

/**
 * Reads one calendar object. Never throws. `undefined` is an object without any event (a to-do, a journal entry,
 * free/busy, RFC 7953 availability): it is no item and no problem; a calendar leaves it out, and tells it as removed where
 * it knew an event under that name.
 */
export const readItem = (text: string, options: ReadOptions): Result.Result<ItemContent | undefined, ItemProblem> => {
  try {
    const budget: Budget = { steps: 0 }
    const events = readEvents(parseObject(text), options.window.timeZone, budget)
    return Result.succeed(events === undefined ? undefined : contentOf(events, options, budget))
  } catch (cause) {
    const uid = uidOf(text)
    // What is no `Problem` is a form of object that nobody thought of: it parks the item, and the others go on.
    const problem = cause instanceof Problem ? cause.message : "The object has a form that is not supported"
    return Result.fail({ problem, ...(uid === undefined ? {} : { uid }) })
  }
}

const contentOf = (events: Events, { window, owner }: ReadOptions, budget: Budget): ItemContent => {
  const { master, overrides, uid } = events
  const first = master ?? overrides[0]!
  const isRecurring = overrides.length > 0 || isSeries(first)
  const occurrences = occurrencesOf(events, window, budget).map(({ event, key, term }): Occurrence => {
    const status = textOf(event.component, "status").toUpperCase()
    const classification = textOf(event.component, "class").toUpperCase()
    return {
      key: isRecurring ? key : "",
      term,
      status:
        status === "CANCELLED" || events.isWithdrawn ? "cancelled" : status === "TENTATIVE" ? "tentative" : "confirmed",
      isTransparent: textOf(event.component, "transp").toUpperCase() === "TRANSPARENT",
      isPrivate: classification !== "" && classification !== "PUBLIC",
      participation: participationOf(event.component, owner),
      text: joinText(textOf(event.component, "summary"), textOf(event.component, "description"))
    }
  })
  occurrences.sort((a, b) => a.term.startMs - b.term.startMs || (a.key < b.key ? -1 : 1))
  const mark = markOf(first.component)
  const booking = bookingOf(first.component)
  return {
    uid,
    ...(mark === undefined ? {} : { mark }),
    didNotCome: didNotComeOf(first.component),
    isRecurring,
    ...(booking === undefined ? {} : { booking }),
    attendees: attendeesOf(first.component, owner),
    occurrences
  }
}

const isSeries = (event: Event): boolean =>
  event.component.properties.some(({ name }) => name === "rrule" || name === "rdate")

interface Found {
  readonly event: Event
  readonly key: string
  readonly term: Occurrence["term"]
}

const occurrencesOf = (events: Events, window: CalendarWindow, budget: Budget): ReadonlyArray<Found> => {
  const found: Array<Found> = []
  const add = (event: Event, key: string, term: Occurrence["term"]) => {
    const { startMs, endMs } = term
    const overlaps =
      startMs < window.toMs && (endMs > window.fromMs || (startMs === endMs && startMs === window.fromMs))
    if (!overlaps) return
    if (found.length === maxOccurrences) {
      throw new Problem(`The event has more than ${maxOccurrences} occurrences in the window; give its rule an end`)
    }
    found.push({ event, key, term })
  }
  for (const override of events.overrides) {
    const { recurrenceId, start } = override
    add(override, keyOf(originalOf(recurrenceId ?? start, events.master)), termOf(override, start))
  }
  const { master } = events
  if (master === undefined) return found
  const gone = exceptionsOf(events, master)
  // What does not recur is told wherever it lies, for a reservation can be of any day.
  if (events.overrides.length === 0 && !isSeries(master)) {
    const key = keyOf(master.start)
    return gone(master.start, key) ? [] : [{ event: master, key, term: termOf(master, master.start) }]
  }
  const seen = new Set<string>()
  for (const { start, length } of startsOf(events, master, window, budget)) {
    const key = keyOf(start)
    if (!seen.has(key) && !gone(start, key)) add(master, key, termOf({ ...master, length }, start))
    seen.add(key)
  }
  return found
}

/** The start that a RECURRENCE-ID or EXDATE means: a date for a series of times is its time on that day, and the reverse. */
const originalOf = (id: Moment, master: Event | undefined): Moment => {
  if (master === undefined) return id
  const { start } = master
  const at = (localMs: number): Moment => ({ ...start, localMs, atMs: start.zone.instantOf(localMs) })
  if ((id.form === "date") !== (start.form === "date")) {
    return at(dayIn(start, id) * DAY_MS + (start.localMs - dayOf(start) * DAY_MS))
  }
  return id.form === "floating" && start.form === "zoned" ? at(id.localMs) : id
}

/**
 * The day that a moment means in a series. Exchange writes whole days in UTC: as the midnight of their zone, or as that of
 * UTC.
 */
const dayIn = ({ form, zone }: Moment, moment: Moment): number => {
  if (form !== "date" || moment.form !== "utc") return dayOf(moment)
  const localMs = moment.atMs + zone.offsetMsAt(moment.atMs)
  return localMs % DAY_MS === 0 ? localMs / DAY_MS : dayOf(moment)
}

/** Whether an occurrence of the master is left out, by EXDATE or because an override stands for it. */
const exceptionsOf = (events: Events, master: Event): ((start: Moment, key: string) => boolean) => {
  const keys = new Set<string>()
  const days = new Set<number>()
  const add = (moment: Moment) => {
    keys.add(keyOf(originalOf(moment, master)))
    // A date for a time, or a time for a date, means all that the series has on that day.
    if ((moment.form === "date") !== (master.start.form === "date")) days.add(dayIn(master.start, moment))
  }
  for (const exdate of propertiesOf(master.component, "exdate")) {
    for (const value of exdate.values) if (!isEmpty(value)) add(events.momentOf(exdate, value))
  }
  for (const { recurrenceId } of events.overrides) if (recurrenceId !== undefined) add(recurrenceId)
  return (start, key) => keys.has(key) || days.has(dayOf(start))
}

// Some programs write a list of dates without any.
const isEmpty = (value: unknown): boolean => !/\d/.test(String(value))

const dayOf = (moment: Moment): number => Math.floor(moment.localMs / DAY_MS)

interface Start {
  readonly start: Moment
  readonly length: Length
}

/** The starts of a master near the window: its own, by its rules, its RDATEs; one may come twice. */
function* startsOf(events: Events, master: Event, window: CalendarWindow, budget: Budget): Generator<Start> {
  const { start, length } = master
  yield { start, length }
  // Zones are less than a day off UTC, and a gap less than a day long.
  const fromMs = window.fromMs - length.days * DAY_MS - length.ms - 2 * DAY_MS
  const toMs = window.toMs + 2 * DAY_MS
  for (const { values } of propertiesOf(master.component, "rrule")) {
    const rule = readRule(values[0], (localMs, epochMs) =>
      start.form === "date"
        ? localMs <= dayIn(start, { form: "utc", localMs: epochMs, zone: utc, atMs: epochMs }) * DAY_MS
        : start.zone.instantOf(localMs) <= epochMs
    )
    for (const localMs of expand(rule, start.localMs, fromMs, toMs, budget)) {
      yield { start: { ...start, localMs, atMs: start.zone.instantOf(localMs) }, length }
    }
  }
  for (const rdate of propertiesOf(master.component, "rdate")) {
    for (const value of rdate.values) {
      spend(budget, 1)
      if (isEmpty(value)) continue
      const period: ReadonlyArray<unknown> | undefined = Array.isArray(value) ? value : undefined
      const moment = events.momentOf(rdate, period === undefined ? value : period[0])
      yield { start: moment, length: period === undefined ? length : periodLength(events, rdate, moment, period[1]) }
    }
  }
}

const periodLength = (
  events: Events,
  rdate: Parameters<Events["momentOf"]>[0],
  start: Moment,
  end: unknown
): Length => {
  const text = String(end)
  if (parseLocal(text) !== undefined) {
    const ms = events.momentOf(rdate, text).atMs - start.atMs
    if (ms >= 0) return { days: 0, ms }
  }
  const length = parseDuration(text)
  if (length === undefined) throw new Problem("A period of the event's RDATE has no valid end")
  return length
}
