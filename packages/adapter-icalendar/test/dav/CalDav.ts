/** What tests of the CalDAV calendar have in common. */
import { foreign } from "@bookio-kit/conformance/practice/Items"
import type { AppointmentContent } from "@bookio-kit/core/sync/Appointment"
import type { CalendarWindow, Listed } from "@bookio-kit/core/sync/PracticeCalendar"
import { TimeZone } from "@bookio-kit/core/time/TimeZone"
import { Effect, Schema, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import * as CalDavCalendar from "../../src/CalDavCalendar.ts"
import { type Asked, type FakeDav, type Habits, startFakeDav } from "./FakeDav.ts"

export const timeZone = Schema.decodeSync(TimeZone)("Europe/Bratislava")
export const window: CalendarWindow = { timeZone, fromMs: Date.UTC(2031, 0, 1), toMs: Date.UTC(2032, 0, 1) }

/** As the laws write it. */
export const event = foreign

export const todo = (uid: string) => event(uid).replaceAll("VEVENT", "VTODO")

export const content = (uid: string): AppointmentContent => ({
  uid,
  term: { startMs: Date.UTC(2031, 2, 10, 9), endMs: Date.UTC(2031, 2, 10, 10) },
  status: "CONFIRMED",
  text: "J. A.",
  mark: { kind: "reservation", facilityId: 7, id: 4711, signature: "c2lnbmVk" }
})

export const isListing = ({ headers, method }: Asked): boolean => method === "PROPFIND" && headers.depth === "1"
export const isMultiget = ({ body }: Asked): boolean => body.includes("calendar-multiget")
export const isSync = ({ body }: Asked): boolean => body.includes("sync-collection")

/** The habit of answering some requests with another body. */
export const changing =
  (which: (asked: Asked) => boolean, change: (body: string) => string): Habits["change"] =>
  (asked, answer) =>
    which(asked) ? { ...answer, body: change(answer.body ?? "") } : answer

/** The habit of answering some requests with a 207 of the test's own. */
export const answering =
  (which: (asked: Asked) => boolean, body: string): Habits["change"] =>
  (asked, answer) =>
    which(asked) ? { status: 207, body } : answer

/** A server of the test's own. */
export const serve = (habits: Partial<Habits> = {}) =>
  Effect.acquireRelease(
    Effect.promise(() => startFakeDav(habits)),
    ({ stop }) => Effect.promise(stop)
  )

/** A calendar on it; its own URL is used as it is unless told otherwise. */
export const calendarOn = (server: FakeDav, options: Partial<CalDavCalendar.CalDavOptions> = {}) =>
  CalDavCalendar.make({ url: `${server.url}/cal/`, ...options }).pipe(Effect.provide(FetchHttpClient.layer))

/** What a listing told, by the last segment of its href, and how it ended. */
export const summary = (parts: ReadonlyArray<Listed>) => {
  const items = parts.flatMap((part) => (part._tag === "Items" ? part.items : []))
  const end = parts.at(-1)
  return {
    items: Object.fromEntries(items.map(({ _tag, href }) => [decodeURIComponent(href.split("/").at(-1) ?? ""), _tag])),
    coverage: end?._tag === "End" ? end.coverage : undefined,
    token: end?._tag === "End" ? end.token : undefined
  }
}

export const summarised = <E>(listing: Stream.Stream<Listed, E>) => Effect.map(Stream.runCollect(listing), summary)
