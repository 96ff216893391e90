/** From the bytes of a calendar object to what the port tells of it, for every kind of calendar that holds such objects. */
import type { Appointment, UnreadableItem } from "@bookio-kit/core/sync/Appointment"
import * as Result from "effect/Result"
import { maxObjectBytes } from "../ical/Limits.ts"
import { type ReadOptions, readItem } from "../ical/ReadItem.ts"

/** An item that is there and cannot be read. */
export const unreadable = (href: string, etag: string | undefined, problem: string, uid?: string): UnreadableItem => ({
  _tag: "Unreadable",
  href,
  ...(etag === undefined ? {} : { etag }),
  ...(uid === undefined ? {} : { uid }),
  problem
})

/** Reads an object; `undefined` for one that is no event. */
export const toItem = (
  href: string,
  etag: string,
  text: string,
  options: ReadOptions
): Appointment | UnreadableItem | undefined => {
  if (Buffer.byteLength(text) > maxObjectBytes) {
    return unreadable(href, etag, `The calendar object is larger than ${maxObjectBytes} bytes; make it smaller`)
  }
  const read = readItem(text, options)
  if (Result.isFailure(read)) return unreadable(href, etag, read.failure.problem, read.failure.uid)
  return read.success === undefined ? undefined : { _tag: "Appointment", href, etag, ...read.success }
}
