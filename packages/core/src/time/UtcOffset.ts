/**
 * The distance of a wall clock from UTC, "+01:00", as the `Offset` members of the API write it (api.md, "The repeated
 * hour"). Local mean times of old days have seconds ("+00:57:44"). "Z" is not accepted: UTC is "+00:00".
 */
import * as Schema from "effect/Schema"
import { saying } from "../scalar/Check.ts"
import * as Civil from "./Civil.ts"

/** An offset east of UTC, "+HH:mm" or "-HH:mm", with seconds ("+00:57:44") where it has some; less than 24 hours. */
export const UtcOffset = Schema.String.annotate({
  ...saying("notOffset"),
  description: "Offset from UTC that tells the two passes of a repeated hour apart",
  examples: ["+01:00"]
})
  .check(
    Schema.isPattern(/^[+-](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?$/u, {
      ...saying("notOffset"),
      identifier: "UtcOffset",
      expected: "an offset from UTC like +01:00"
    })
  )
  .pipe(Schema.brand("UtcOffset"))

/** An offset east of UTC, "+HH:mm" or "-HH:mm", with seconds ("+00:57:44") where it has some; less than 24 hours. */
export type UtcOffset = typeof UtcOffset.Type

/** Gives the milliseconds east of UTC; west is negative. */
export const toMs = (offset: UtcOffset): number => {
  const seconds = offset.length > 6 ? Civil.twoAt(offset, 7) : 0
  const size = ((Civil.twoAt(offset, 1) * 60 + Civil.twoAt(offset, 4)) * 60 + seconds) * 1_000
  // Not a negation: the size of "-00:00" must not become the number -0.
  return offset.charCodeAt(0) === 45 ? 0 - size : size
}

/** Writes milliseconds east of UTC, whole seconds and less than 24 hours, as an offset; seconds only where there are any. */
export const fromMs = (offsetMs: number): UtcOffset => {
  const seconds = Math.abs(offsetMs) / 1_000
  const minutes = Math.floor(seconds / 60)
  const text = `${offsetMs < 0 ? "-" : "+"}${Civil.digits(Math.floor(minutes / 60))}:${Civil.digits(minutes % 60)}`
  return (seconds % 60 === 0 ? text : `${text}:${Civil.digits(seconds % 60)}`) as UtcOffset
}
