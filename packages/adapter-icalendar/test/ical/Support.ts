import type { Occurrence } from "@bookio-kit/core/sync/Appointment"
import { TimeZone } from "@bookio-kit/core/time/TimeZone"
import { Result } from "effect"
import { type ItemContent, readItem } from "../../src/ical/ReadItem.ts"

export const bratislava = TimeZone.make("Europe/Bratislava")

/** The year 2026 in Bratislava. */
export const year2026 = {
  timeZone: bratislava,
  fromMs: Date.parse("2025-12-31T23:00:00Z"),
  toMs: Date.parse("2026-12-31T23:00:00Z")
}

/** Whether an occurrence takes the owner's time (sync.md, "Whose event is it"). */
export const busyOf = (one: Occurrence): boolean =>
  one.status !== "cancelled" &&
  !one.isTransparent &&
  (one.participation === "organizer" || one.participation === "accepted")

/** An object of these lines in a VEVENT. */
export const eventOf = (...lines: ReadonlyArray<string>): string =>
  ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:u", ...lines, "END:VEVENT", "END:VCALENDAR", ""].join("\r\n")

/** Reads an object that is to be an event. */
export const read = (text: string, window = year2026, owner: ReadonlyArray<string> = []): ItemContent => {
  const item = Result.getOrThrow(readItem(text, { window, owner }))
  if (item === undefined) throw new Error("read as no event")
  return item
}

/** What is wrong with an object. */
export const problemOf = (text: string): string =>
  Result.getOrThrow(Result.flip(readItem(text, { window: year2026, owner: [] }))).problem

/** An instant, of a term, as text. */
export const iso = (ms: number): string => new Date(ms).toISOString().replace(".000", "")
