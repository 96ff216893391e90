/**
 * The wall-clock time of the wire in its canonical form, "YYYY-MM-DDTHH:mm:ss" (api.md, "Scalars"): what answers carry.
 * What requests may write is `WallTime`. As a number it is "local ms": the wall clock read as if it were UTC, which
 * only a zone turns into an instant (`TimeZone`). Writing one is on the path of every list row.
 */
import * as Schema from "effect/Schema"
import { predicateAnnotation, saying } from "../scalar/Check.ts"
import * as Civil from "./Civil.ts"

/** A wall-clock time "YYYY-MM-DDTHH:mm:ss" whose day exists, years 1900 to 9999, 00:00:00 to 23:59:59. */
export const LocalDateTime = Schema.String.annotate({
  ...saying("notDateTime"),
  description: "Wall-clock time in the facility's time zone, YYYY-MM-DDTHH:mm:ss",
  examples: ["2018-06-29T12:00:00"]
})
  .check(
    Schema.makeFilter((text: string) => isLocalDateTime(text), {
      ...saying("notDateTime"),
      [predicateAnnotation]: (text: string) => isLocalDateTime(text),
      identifier: "LocalDateTime",
      expected: "a wall-clock time YYYY-MM-DDTHH:mm:ss, years 1900 to 9999",
      toJsonSchema: () => [{ pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$" }, true],
      arbitraryConstraint: {
        patterns: [
          {
            source: "^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$",
            flags: ""
          }
        ]
      }
    })
  )
  .pipe(Schema.brand("LocalDateTime"))

/** A wall-clock time "YYYY-MM-DDTHH:mm:ss" whose day exists, years 1900 to 9999, 00:00:00 to 23:59:59. */
export type LocalDateTime = typeof LocalDateTime.Type

/** Reads the wall clock as if it were UTC, in milliseconds since 1970. */
export const toLocalMs = (text: LocalDateTime): number => parse(text)!

/**
 * Writes local ms as text, cut down to the second.
 *
 * What lies outside the years 1900 to 9999 gives the nearest text inside, so that a term that ends with the last day of
 * the year 9999 stays writable.
 */
export const fromLocalMs = (localMs: number): LocalDateTime => {
  const inside = Math.min(Math.max(localMs, FIRST_MS), LAST_MS)
  const day = Math.floor(inside / Civil.DAY_MS)
  const second = ((inside - day * Civil.DAY_MS) / 1_000) | 0
  const minute = (second / 60) | 0
  const text = `${Civil.dayText(day)}T${Civil.minuteTexts[minute]!}:${Civil.digits(second - minute * 60)}`
  return text as LocalDateTime
}

const FIRST_MS = Civil.FIRST_DAY * Civil.DAY_MS
const LAST_MS = (Civil.LAST_DAY + 1) * Civil.DAY_MS - 1

const parse = (text: string): number | undefined => {
  const epochDay = Civil.parseDay(text)
  const timeMs = Civil.parseSeconds(text, 11)
  return epochDay === undefined || timeMs < 0 || text.charCodeAt(10) !== 84
    ? undefined
    : epochDay * Civil.DAY_MS + timeMs
}

// Pages repeat their times, and the next page those of the last one. A slot by the characters that differ most between
// times holds one text, so the memory is bounded, and comparing costs half of parsing.
const known = new Array<string>(4096).fill("")

const isLocalDateTime = (text: string): boolean => {
  if (text.length !== 19) return false
  const slot =
    (text.charCodeAt(9) ^ (text.charCodeAt(8) << 3) ^ (text.charCodeAt(12) << 6) ^ (text.charCodeAt(14) << 8)) & 4095
  if (known[slot] === text) return true
  if (parse(text) === undefined) return false
  known[slot] = text
  return true
}
