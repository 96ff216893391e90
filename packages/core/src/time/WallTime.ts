/**
 * A LocalDateTime as a request may write it (api.md, "Scalars"), what it means in a facility's zone, and the way back
 * to text. The repeated hour is api.md's: without an offset a `from` means the first pass and a `to` the earliest
 * reading after `from`; answers name the offset of the second pass only. Instants are milliseconds since 1970 UTC.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { saying } from "../scalar/Check.ts"
import * as Civil from "./Civil.ts"
import * as LocalDate from "./LocalDate.ts"
import * as LocalDateTime from "./LocalDateTime.ts"
import * as TimeZone from "./TimeZone.ts"
import * as UtcOffset from "./UtcOffset.ts"

/**
 * What a request wrote: `Day` is "YYYY-MM-DD", the start of that day; `Local` is "YYYY-MM-DDTHH:mm", with or without
 * ":ss"; `Instant` is an RFC 3339 date-time with its offset or "Z", cut down to the second.
 */
export type WallTime =
  | { readonly _tag: "Day"; readonly epochDay: number }
  | { readonly _tag: "Local"; readonly localMs: number }
  | { readonly _tag: "Instant"; readonly epochMs: number }

/**
 * Decodes the texts a request may write for a LocalDateTime, years 1900 to 9999 as written; a bad text is one issue.
 *
 * "T" and "Z" are upper case and no leap second is taken, both as RFC 3339 lets an application decide (section 5.6).
 */
export const WallTime: Schema.Codec<WallTime, string> = Schema.String.annotate({
  ...saying("notDateTime"),
  identifier: "WallTime",
  description:
    "Wall-clock time in the facility's time zone: YYYY-MM-DD (the start of that day), YYYY-MM-DDTHH:mm or " +
    "YYYY-MM-DDTHH:mm:ss; or an RFC 3339 date-time with its offset or Z, which is converted to that zone",
  format: "date-time",
  examples: ["2018-06-29T12:00:00", "2018-06-29T12:00", "2018-06-29", "2018-06-29T12:00:00+02:00"]
}).pipe(
  Schema.decodeTo(
    Schema.TaggedUnion({
      Day: { epochDay: Schema.Int.check(Schema.isBetween({ minimum: Civil.FIRST_DAY, maximum: Civil.LAST_DAY })) },
      Local: { localMs: Schema.Int },
      Instant: { epochMs: Schema.Int }
    }),
    SchemaTransformation.transformEffect({
      decode: (text, options) => {
        const time = parse(text)
        return time === undefined
          ? Effect.fail(new SchemaIssue.InvalidValue(saying("notDateTime"), text, options))
          : Effect.succeed(time)
      },
      encode: (time) => Effect.succeed(write(time))
    })
  )
)

/**
 * Why a time means no instant: `gap`, clocks skip it in spring; `offset`, the given offset is not one that the zone has
 * at that time, or disagrees with the instant that was written.
 */
export type TimeProblem = "gap" | "offset"

/** Gives the instant a term starts at; in a repeated hour without an offset, the first pass. */
export const resolveFrom = (
  zone: TimeZone.TimeZone,
  time: WallTime,
  offset?: UtcOffset.UtcOffset
): Result.Result<number, TimeProblem> => Result.map(readings(zone, time, offset), ([first]) => first)

/** Gives the instant a term ends at; in a repeated hour without an offset, the earliest pass after `fromMs`, else the last. */
export const resolveTo = (
  zone: TimeZone.TimeZone,
  time: WallTime,
  fromMs: number,
  offset?: UtcOffset.UtcOffset
): Result.Result<number, TimeProblem> =>
  Result.map(readings(zone, time, offset), (found) => found.find((epochMs) => epochMs > fromMs) ?? found.at(-1)!)

/** Gives the calendar day in the zone, as epoch day, that a time falls on; one in the gap has its day all the same. */
export const dayOf = (zone: TimeZone.TimeZone, time: WallTime): number => {
  switch (time._tag) {
    case "Day":
      return time.epochDay
    case "Local":
      return Math.floor(time.localMs / Civil.DAY_MS)
    case "Instant":
      return TimeZone.epochDayAt(zone, time.epochMs)
  }
}

/**
 * Writes an instant, cut down to the second, as the zone's wall clock shows it, with its offset where that is the second
 * pass of a repeated hour.
 */
export const format = (
  zone: TimeZone.TimeZone,
  epochMs: number
): { readonly text: LocalDateTime.LocalDateTime; readonly offset: UtcOffset.UtcOffset | undefined } => {
  const offsetMs = TimeZone.offsetMsAt(zone, epochMs)
  const localMs = epochMs + offsetMs
  // Clocks went back less than a day ago if a day ago they were ahead; only then is it worth asking for the readings.
  const isSecondPass =
    TimeZone.offsetMsAt(zone, epochMs - Civil.DAY_MS) > offsetMs && TimeZone.instantsOf(zone, localMs)[0] !== epochMs
  return {
    text: LocalDateTime.fromLocalMs(localMs),
    offset: isSecondPass ? UtcOffset.fromMs(offsetMs) : undefined
  }
}

const parse = (text: string): WallTime | undefined => {
  const epochDay = Civil.parseDay(text)
  if (epochDay === undefined) return undefined
  if (text.length === 10) return { _tag: "Day", epochDay }
  const timeMs = text.length === 16 ? Civil.parseMinutes(text, 11) : Civil.parseSeconds(text, 11)
  if (timeMs < 0 || text.charCodeAt(10) !== 84) return undefined
  const localMs = epochDay * Civil.DAY_MS + timeMs
  if (text.length <= 19) return { _tag: "Local", localMs }
  const tail = /^(?:\.[0-9]+)?(?:Z|([+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))$/.exec(text.slice(19))
  if (tail === null) return undefined
  const offsetMs = tail[1] === undefined ? 0 : UtcOffset.toMs(tail[1] as UtcOffset.UtcOffset)
  return { _tag: "Instant", epochMs: localMs - offsetMs }
}

const write = (time: WallTime): string => {
  switch (time._tag) {
    case "Day":
      return LocalDate.fromEpochDay(time.epochDay)
    case "Local":
      return LocalDateTime.fromLocalMs(time.localMs)
    case "Instant":
      return `${LocalDateTime.fromLocalMs(time.epochMs)}Z`
  }
}

const readings = (
  zone: TimeZone.TimeZone,
  time: WallTime,
  offset: UtcOffset.UtcOffset | undefined
): Result.Result<readonly [number, ...Array<number>], TimeProblem> => {
  const [first, ...others] = readingsWithout(zone, time)
  if (first === undefined) return Result.fail("gap")
  if (offset === undefined) return Result.succeed([first, ...others])
  const offsetMs = UtcOffset.toMs(offset)
  const fitting = [first, ...others].find((epochMs) => TimeZone.offsetMsAt(zone, epochMs) === offsetMs)
  return fitting === undefined ? Result.fail("offset") : Result.succeed([fitting])
}

const readingsWithout = (zone: TimeZone.TimeZone, time: WallTime): ReadonlyArray<number> => {
  switch (time._tag) {
    case "Day":
      return startsOf(zone, time.epochDay)
    case "Local":
      return TimeZone.instantsOf(zone, time.localMs)
    case "Instant":
      return [time.epochMs]
  }
}

const startsOf = (zone: TimeZone.TimeZone, epochDay: number): ReadonlyArray<number> => {
  const midnights = TimeZone.instantsOf(zone, epochDay * Civil.DAY_MS)
  return midnights.length > 0 ? midnights : [TimeZone.startOfDay(zone, epochDay)]
}
