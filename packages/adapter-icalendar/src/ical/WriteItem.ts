/**
 * Writes items of ours and changes items of anyone. A change replaces the lines that it is about and keeps every other
 * line, folds, unknown properties, alarms and zones included. Nothing written has an ATTENDEE or ORGANIZER, so that no
 * server mails a patient.
 */
import type { AppointmentChange, AppointmentContent } from "@bookio-kit/core/sync/Appointment"
import type { SyncTerm } from "@bookio-kit/core/sync/SyncState"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Result from "effect/Result"
import { type CalendarObject, parseObject, textOf } from "./CalendarObject.ts"
import { EventLines } from "./EventLines.ts"
import { type Event, type Events, readEvents, termOf } from "./Events.ts"
import { Problem } from "./Limits.ts"
import { joinLines, makeLine } from "./Lines.ts"
import { didNotComeOf, markName, markOf, markText, statusLines, statusName } from "./Properties.ts"
import { termLines } from "./TermLines.ts"
import { canonicalText, escapeText, joinText, splitText } from "./Text.ts"
import { localText, zoneLines } from "./ZoneLines.ts"
import { definitionOf, platformNameOf, platformZone } from "./Zones.ts"

/**
 * Writes a new item of ours. Its times are the zone's, and in UTC where the zone cannot tell them apart (the second pass of
 * a repeated hour) or is UTC; whole seconds, the rest is cut off.
 *
 * @param nowMs - DTSTAMP, Unix time in milliseconds.
 */
export const writeItem = (content: AppointmentContent, timeZone: TimeZone, nowMs: number): string => {
  const { title, description } = splitText(content.text)
  const { status, transp } = statusLines(content.status)
  const { lines: times, tzid } = termLines(content.term, { timeZone, zone: platformZone(timeZone) })
  return joinLines([
    makeLine("BEGIN", "VCALENDAR"),
    makeLine("VERSION", "2.0"),
    makeLine("PRODID", "-//bookio-kit//adapter-icalendar//EN"),
    ...(tzid === undefined ? [] : zoneLines(timeZone, content.term.startMs)),
    makeLine("BEGIN", "VEVENT"),
    makeLine("UID", escapeText(content.uid)),
    makeLine("DTSTAMP", utcText(nowMs)),
    makeLine("LAST-MODIFIED", utcText(nowMs)),
    makeLine("SEQUENCE", "0"),
    ...times,
    makeLine("SUMMARY", escapeText(title)),
    ...(description === "" ? [] : [makeLine("DESCRIPTION", escapeText(description))]),
    makeLine("CLASS", "PRIVATE"),
    makeLine("STATUS", status),
    makeLine("TRANSP", transp),
    makeLine(markName, markText(content.mark)),
    ...(content.status === "DID_NOT_COME" ? [makeLine(statusName, content.status)] : []),
    makeLine("END", "VEVENT"),
    makeLine("END", "VCALENDAR")
  ])
}

/**
 * Changes an item. `"same"`: it shows the change already, and there is nothing to write. A moved event keeps its form (a
 * whole day, UTC, floating, its zone) where that can tell the new term, else it takes the facility's zone, else UTC;
 * SEQUENCE rises when it is moved, cancelled or taken up again. Of a series only mark and status are changed, on the
 * master: a new term or text for it is a problem.
 *
 * @param nowMs - DTSTAMP and LAST-MODIFIED, Unix time in milliseconds.
 */
export const rewriteItem = (
  text: string,
  change: AppointmentChange,
  timeZone: TimeZone,
  nowMs: number
): Result.Result<string | "same", { readonly problem: string }> => {
  try {
    return Result.succeed(rewrite(parseObject(text), change, timeZone, nowMs))
  } catch (cause) {
    const problem = cause instanceof Problem ? cause.message : "The object has a form that is not supported"
    return Result.fail({ problem })
  }
}

const rewrite = (object: CalendarObject, change: AppointmentChange, timeZone: TimeZone, nowMs: number): string => {
  const events = readEvents(object, timeZone, { steps: 0 })
  const master = events?.master
  if (events === undefined || master === undefined) {
    throw new Problem(
      "The object holds no event, or single occurrences of somebody's series only: it cannot be changed"
    )
  }
  const isSeries =
    events.overrides.length > 0 || master.component.properties.some(({ name }) => name === "rrule" || name === "rdate")
  const refuse = () => {
    if (isSeries) throw new Problem("The term or text of a series cannot be changed; change the series in its calendar")
  }
  const lines = new EventLines(object, master.component)
  const isCancelled = textOf(master.component, "status").toUpperCase() === "CANCELLED"
  let isMoved = false
  if (change.term !== undefined && !showsTerm(master, change.term)) {
    refuse()
    isMoved = true
    move(lines, object, events, master, change.term, timeZone)
  }
  if (change.status !== undefined) {
    const shallCancel = change.status === "CANCELLED"
    if (events.isWithdrawn && !shallCancel)
      throw new Problem("The event was withdrawn by its organizer (METHOD:CANCEL)")
    if (shallCancel !== isCancelled) {
      isMoved = true
      const { status, transp } = statusLines(change.status)
      lines.set("STATUS", status)
      lines.set("TRANSP", transp)
    }
    const isAbsent = change.status === "DID_NOT_COME"
    if (isAbsent !== didNotComeOf(master.component)) lines.set(statusName, isAbsent ? "DID_NOT_COME" : undefined)
  }
  const shown = joinText(textOf(master.component, "summary"), textOf(master.component, "description"))
  if (change.text !== undefined && canonicalText(change.text) !== shown) {
    refuse()
    setText(lines, change.text)
  }
  if (change.mark !== undefined) {
    const mark = markOf(master.component)
    if (mark === undefined || markText(mark) !== markText(change.mark)) lines.set(markName, markText(change.mark))
  }
  if (!lines.isChanged) return "same"
  if (isMoved) lines.set("SEQUENCE", String(master.sequence + 1))
  lines.set("DTSTAMP", utcText(nowMs))
  lines.set("LAST-MODIFIED", utcText(nowMs))
  return lines.text()
}

const seconds = (ms: number): number => Math.floor(ms / 1_000)

const showsTerm = (event: Event, term: SyncTerm): boolean => {
  const shown = termOf(event, event.start)
  return seconds(shown.startMs) === seconds(term.startMs) && seconds(shown.endMs) === seconds(term.endMs)
}

const move = (
  lines: EventLines,
  object: CalendarObject,
  events: Events,
  master: Event,
  term: SyncTerm,
  timeZone: TimeZone
): void => {
  const facility = { timeZone, zone: events.zoneOf(timeZone) }
  const written = termLines(term, facility, master.start)
  lines.replace("DTSTART", written.lines.filter((line) => line.name === "DTSTART")[0])
  lines.replace("DTEND", written.lines.filter((line) => line.name === "DTEND")[0], "DTSTART")
  lines.set("DURATION", undefined)
  const { tzid } = written
  const isDefined = tzid === undefined || definitionOf(object.calendar, tzid) !== undefined
  // Every TZID that we write is defined, also one that its program left to the name (RFC 5545, 3.2.19).
  const name = isDefined ? undefined : platformNameOf(tzid)
  if (name !== undefined) lines.addZone(zoneLines(name, term.startMs, tzid))
}

const setText = (lines: EventLines, text: string): void => {
  const { title, description } = splitText(text)
  lines.set("SUMMARY", escapeText(title))
  lines.set("DESCRIPTION", description === "" ? undefined : escapeText(description))
  // The same text as HTML, which Outlook shows instead: it would go on showing the old one.
  lines.set("X-ALT-DESC", undefined)
}

const utcText = (ms: number): string => `${localText(ms)}Z`
