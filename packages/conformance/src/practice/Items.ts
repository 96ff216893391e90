/** What the laws for practice calendars have in common: items of their own that end with them, listings, and claims. */
import type { Appointment, AppointmentContent, Occurrence, PracticeItem } from "@bookio-kit/core/sync/Appointment"
import type { CalendarWindow, ItemRef, Listed, PracticeCalendar } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { LawFailure, NotRun } from "../Law.ts"
import { describeError, type PortError } from "./PracticeLaw.ts"
import { PracticeSubject, type RawObjects } from "./PracticeSubject.ts"

/** 2031-03-10T09:00:00Z, an hour's start before the spring's clock change. */
export const dayMs = Date.UTC(2031, 2, 10, 9)
export const hourMs = 3_600_000

/** The window that holds all that the laws make, unless they say otherwise. */
export const wide = Effect.map(
  PracticeSubject,
  ({ timeZone }): CalendarWindow => ({ timeZone, fromMs: Date.UTC(2031, 0, 1), toMs: Date.UTC(2032, 0, 1) })
)

const fail = (problem: string) => Effect.fail(new LawFailure({ problem }))

export const claim = (condition: boolean, problem: string): Effect.Effect<void, LawFailure> =>
  condition ? Effect.void : fail(problem)

export const claimEqual = (actual: unknown, expected: unknown, what: string): Effect.Effect<void, LawFailure> =>
  Equal.equals(actual, expected)
    ? Effect.void
    : fail(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)

/** Claims that an effect fails with one error of the port. */
export const refused = <A, E extends PortError | LawFailure, R, T extends E["_tag"] & PortError["_tag"]>(
  effect: Effect.Effect<A, E, R>,
  tag: T,
  what: string
): Effect.Effect<Extract<E, { readonly _tag: T }>, LawFailure, R> =>
  Effect.flatMap(Effect.result(effect), (answer) => {
    if (Result.isSuccess(answer)) return fail(`${what} succeeded, and must fail with ${tag}`)
    const error = answer.failure
    return error._tag === tag
      ? Effect.succeed(error as Extract<E, { readonly _tag: T }>)
      : fail(
          `${what} failed with ${error._tag === "LawFailure" ? error.problem : describeError(error)}, not with ${tag}`
        )
  })

/** The hand of another program, where the calendar's author gives one. */
export const rawOf: Effect.Effect<RawObjects, NotRun, PracticeSubject> = Effect.flatMap(PracticeSubject, ({ raw }) =>
  raw === undefined
    ? Effect.fail(new NotRun({ reason: "the subject gives no raw access to its objects" }))
    : Effect.succeed(raw)
)

/** A UID of its own; lower case, of letters, digits and hyphens. */
export const freshUid: Effect.Effect<string> = Effect.map(
  Effect.all([Random.nextInt, Random.nextInt, Random.nextInt]),
  (parts) => `law-${parts.map((part) => Math.abs(part).toString(36)).join("-")}`
)

/** What a law writes unless it says otherwise. */
export const contentOf = (uid: string): AppointmentContent => ({
  uid,
  term: { startMs: dayMs, endMs: dayMs + hourMs },
  status: "CONFIRMED",
  text: "J. A.",
  mark: { kind: "reservation", facilityId: 7, id: 4711, signature: "c2lnbmVk" }
})

const removed = (calendar: PracticeCalendar["Service"], href: string, window: CalendarWindow) =>
  calendar.read(href, window).pipe(
    Effect.flatMap((item) =>
      "etag" in item && item.etag !== undefined ? calendar.remove({ href, etag: item.etag }) : Effect.void
    ),
    Effect.ignore
  )

/** Makes an item that is removed at the law's end. */
export const made: (
  change?: Partial<AppointmentContent>
) => Effect.Effect<ItemRef & { readonly content: AppointmentContent }, PortError, PracticeSubject | Scope.Scope> =
  Effect.fnUntraced(function* (change = {}) {
    const { calendar, timeZone } = yield* PracticeSubject
    const window = yield* wide
    const content = { ...contentOf(yield* freshUid), ...change }
    const ref = yield* Effect.acquireRelease(calendar.create(content, timeZone), ({ href }) =>
      removed(calendar, href, window)
    )
    return { ...ref, content }
  })

/** Puts an object by another program's hand; it is removed at the law's end. */
export const put: (name: string, text: string) => Effect.Effect<string, NotRun, PracticeSubject | Scope.Scope> =
  Effect.fnUntraced(function* (name, text) {
    const raw = yield* rawOf
    return yield* Effect.acquireRelease(raw.put(name, text), (href) => raw.remove(href))
  })

/** An item that must be one that can be read. */
export const readable = (item: PracticeItem | undefined, what: string): Effect.Effect<Appointment, LawFailure> =>
  item?._tag === "Appointment"
    ? Effect.succeed(item)
    : fail(`${what} is told as ${item?._tag ?? "nothing"}${item?._tag === "Unreadable" ? ` (${item.problem})` : ""}`)

/** Reads an item. */
export const look = Effect.fnUntraced(function* (href: string) {
  const { calendar } = yield* PracticeSubject
  return yield* readable(yield* calendar.read(href, yield* wide), "the item")
})

/** The one occurrence of an item that does not recur. */
export const onlyOne = ({ occurrences }: Appointment): Effect.Effect<Occurrence, LawFailure> => {
  const [only] = occurrences
  return only === undefined || occurrences.length > 1
    ? fail(`an item that does not recur has ${occurrences.length} occurrences`)
    : Effect.succeed(only)
}

export interface Told {
  readonly items: ReadonlyMap<string, ReadonlyArray<PracticeItem>>
  readonly token: string | undefined
  readonly coverage: "complete" | "unknown"
}

/** Runs a listing to its end, which there must be one of, and last. */
export const told = <E extends PortError>(listing: Stream.Stream<Listed, E>): Effect.Effect<Told, E | LawFailure> =>
  Effect.flatMap(Stream.runCollect(listing), (parts) => {
    const items = new Map<string, Array<PracticeItem>>()
    for (const part of parts) {
      for (const item of part._tag === "Items" ? part.items : []) {
        items.set(item.href, [...(items.get(item.href) ?? []), item])
      }
    }
    const end = parts.at(-1)
    return end?._tag === "End" && parts.filter(({ _tag }) => _tag === "End").length === 1
      ? Effect.succeed({ items, token: end.token, coverage: end.coverage })
      : fail("a listing has not exactly one end, as its last part")
  })

/** The whole calendar, complete. */
export const listed = (window?: CalendarWindow) =>
  Effect.gen(function* () {
    const { calendar } = yield* PracticeSubject
    const all = yield* told(calendar.list(window ?? (yield* wide)))
    yield* claimEqual(all.coverage, "complete", "the coverage of a listing without errors")
    return all
  })

/** An iCalendar object of another program, with lines of its own inside the event. */
export const foreign = (uid: string, lines: ReadonlyArray<string> = []): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Example Corp.//Example//EN",
    "BEGIN:VEVENT",
    `UID:${uid}`,
    "DTSTAMP:20310101T000000Z",
    "DTSTART:20310310T090000Z",
    "DTEND:20310310T100000Z",
    "SUMMARY:Rounds",
    ...lines,
    "END:VEVENT",
    "END:VCALENDAR",
    ""
  ].join("\r\n")
