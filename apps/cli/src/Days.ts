/** Days and times as they are written on the command line, in the facility's zone. */
import { fromEpochDay, LocalDate, toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { epochDayAt, type TimeZone } from "@bookio-kit/core/time/TimeZone"
import { WallTime } from "@bookio-kit/core/time/WallTime"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { usageError } from "./Failure.ts"

/** How a day may be written, for descriptions. */
export const dayForms = "YYYY-MM-DD, today, tomorrow, yesterday, +3, -3"

const decodeDay = Schema.decodeUnknownResult(LocalDate)

const relative = (text: string): number | undefined => {
  const word = { yesterday: -1, today: 0, tomorrow: 1 }[text]
  return word ?? (/^[+-]\d{1,5}$/.test(text) ? Number(text) : undefined)
}

/** A day of a flag, relative ones by today in the zone. @errors `CommandError` for what is no day. */
export const readDay = Effect.fnUntraced(function* (name: string, text: string, zone: TimeZone) {
  const days = relative(text)
  if (days !== undefined) return fromEpochDay(epochDayAt(zone, yield* Clock.currentTimeMillis) + days)
  const day = decodeDay(text)
  return Result.isSuccess(day) ? day.success : yield* usageError(`${name} must be a day`, `write ${dayForms}`)
})

/** As `readDay`, for a flag that may be absent: as members of a query. */
export const dayMember = Effect.fnUntraced(function* <K extends string>(
  member: K,
  name: string,
  text: string | undefined,
  zone: TimeZone
) {
  if (text === undefined) return {} as { readonly [P in K]?: LocalDate }
  return { [member]: yield* readDay(name, text, zone) } as { readonly [P in K]?: LocalDate }
})

/** Days after another, or before it. */
export const addDays = (day: LocalDate, days: number): LocalDate => fromEpochDay(toEpochDay(day) + days)

const decodeTime = Schema.decodeUnknownResult(WallTime)

/**
 * A time of a flag as the API takes it: `2026-11-23 09:00`, with T or a space, `tomorrow 09:00`, a day alone, or with an
 * offset (RFC 3339). @errors `CommandError` for what is none.
 */
export const readTime = Effect.fnUntraced(function* (name: string, text: string, zone: TimeZone) {
  const [first = "", ...others] = text.trim().split(/[T ]/)
  const day = relative(first) === undefined ? first : yield* readDay(name, first, zone)
  const time = [day, ...others].join("T")
  if (Result.isSuccess(decodeTime(time))) return time
  return yield* usageError(
    `${name} must be a time`,
    'write "YYYY-MM-DD HH:mm" or "tomorrow 09:00", in the facility\'s zone'
  )
})

/** A time of a row as people read it: `2026-11-23 09:00`, with its offset in a repeated hour. */
export const showTime = (text: string, offset?: string | null): string =>
  `${text.slice(0, 16).replace("T", " ")}${offset === undefined || offset === null ? "" : offset}`

/** The zone that a column of times is in, where it is one. */
export const zoneTitle = (title: string, zones: Iterable<string | undefined>): string => {
  const [only, ...others] = [...new Set(zones)]
  return only === undefined || others.length > 0 ? title : `${title} (${only})`
}
