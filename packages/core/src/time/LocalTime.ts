/**
 * The time of day of the wire, "HH:mm" (api.md, "Scalars"), as calendars write their opening times. "24:00" is the end
 * of the day: the 00:00 of the next one.
 */
import * as Schema from "effect/Schema"
import { saying } from "../scalar/Check.ts"
import * as Civil from "./Civil.ts"

/** A time of day "HH:mm", from 00:00 to 24:00, both inclusive. */
export const LocalTime = Schema.String.annotate({
  ...saying("notTime"),
  description: "Time of day in the facility's time zone, HH:mm from 00:00 to 24:00",
  examples: ["18:00"]
})
  .check(
    Schema.isPattern(/^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/u, {
      ...saying("notTime"),
      identifier: "LocalTime",
      expected: "a time of day HH:mm from 00:00 to 24:00"
    })
  )
  .pipe(Schema.brand("LocalTime"))

/** A time of day "HH:mm", from 00:00 to 24:00, both inclusive. */
export type LocalTime = typeof LocalTime.Type

/** Counts the minutes on the clock from midnight, 0 to 1440. */
export const toMinutes = (time: LocalTime): number => Civil.twoAt(time, 0) * 60 + Civil.twoAt(time, 3)

/** Writes whole minutes from midnight, 0 to 1440, as a time of day. */
export const fromMinutes = (minutes: number): LocalTime => Civil.minuteTexts[minutes]! as LocalTime
