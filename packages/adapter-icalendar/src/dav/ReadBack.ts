/**
 * What came of a write, told from what the server has afterwards (RFC 4791, 5.3.4): the very thing, the thing with
 * something else in it, something that the server made of it, or someone else's. It decides which ETag a write may give:
 * that of a content which another program put there meanwhile would hide that program's change for ever.
 */
import type { AppointmentChange } from "@bookio-kit/core/sync/Appointment"
import type { CalendarWindow } from "@bookio-kit/core/sync/PracticeCalendar"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Result from "effect/Result"
import { type ItemContent, readItem } from "../ical/ReadItem.ts"
import { rewriteItem } from "../ical/WriteItem.ts"

/** What was sent, and which change it carries. */
export interface Sent {
  readonly text: string
  readonly change: AppointmentChange
  readonly timeZone: TimeZone
  readonly nowMs: number
  readonly owner: ReadonlyArray<string>
}

/**
 * `same`: all that the port tells of it is as it was sent. `more`: it has our change, and something differs beside it.
 * `altered`: it is our write, and the server did not keep what it carries. `other`: someone wrote after us.
 */
export type Shown = "same" | "more" | "altered" | "other"

/** Compares what was sent with what is there. */
export const shownIn = (back: string, sent: Sent): Shown => {
  const { change, nowMs, text, timeZone } = sent
  const [ours, theirs] = [factsOf(text, sent), factsOf(back, sent)]
  if (ours === undefined || theirs === undefined) return text === back ? "same" : "other"
  // Servers that keep no properties that they do not know (Exchange) drop the mark; the journal links by UID without it.
  const isUnmarked = theirs.mark === undefined
  if (isEqual(isUnmarked ? withoutMark(ours) : ours, theirs)) return "same"
  if (ours.didNotCome && isEqual({ ...withoutMark(ours), didNotCome: false }, withoutMark(theirs))) return "altered"
  const { mark: _, ...unmarked } = change
  const again = rewriteItem(back, isUnmarked ? unmarked : change, timeZone, nowMs)
  if (Result.isSuccess(again) && again.success === "same") return "more"
  return stampsOf(back) === stampsOf(text) ? "altered" : "other"
}

/**
 * Whether what is there is what would be sent, but for the mark, which it lacks: a server that keeps no marks has it from
 * us, for nobody else knows a UID that was never told. What has a mark is told by that.
 */
export const isUnmarkedTwin = (there: string, sent: Sent): boolean => {
  const [ours, theirs] = [factsOf(sent.text, sent), factsOf(there, sent)]
  return ours !== undefined && theirs !== undefined && isEqual(withoutMark(ours), theirs)
}

const factsOf = (text: string, { nowMs, owner, timeZone }: Sent): ItemContent | undefined => {
  const window: CalendarWindow = { timeZone, fromMs: nowMs - yearMs, toMs: nowMs + yearMs }
  return Result.getOrUndefined(readItem(text, { window, owner }))
}

const yearMs = 400 * 86_400_000

const withoutMark = ({ mark: _, ...rest }: ItemContent): ItemContent => rest

const isEqual = (one: ItemContent, other: ItemContent): boolean => canonical(one) === canonical(other)

// Both come from one function, with their members in one order.
const canonical = (content: ItemContent): string => JSON.stringify(content)

/** Who wrote last, as the object says it: a program that changes an item stamps it. */
const stampsOf = (text: string): string =>
  [...text.matchAll(/^(?:LAST-MODIFIED|SEQUENCE)[;:].*$/gim)].map(([line]) => line.trim()).join("\n")
