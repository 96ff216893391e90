/**
 * The calendar day of the wire, "YYYY-MM-DD" (api.md, "Scalars"), and its number: days since 1970-01-01, which rules and
 * databases count with. A day belongs to no zone by itself; the facility's zone says when it starts (`TimeZone`).
 */
import * as Schema from "effect/Schema"
import { saying } from "../scalar/Check.ts"
import * as Civil from "./Civil.ts"

/** A calendar day "YYYY-MM-DD" that exists, from 1900-01-01 to 9999-12-31. */
export const LocalDate = Schema.String.annotate({
  ...saying("notDate"),
  description: "Calendar day in the facility's time zone, YYYY-MM-DD",
  format: "date",
  examples: ["2018-06-29"]
})
  .check(
    Schema.makeFilter((text: string) => text.length === 10 && Civil.parseDay(text) !== undefined, {
      ...saying("notDate"),
      identifier: "LocalDate",
      expected: "a calendar day YYYY-MM-DD, years 1900 to 9999",
      toJsonSchema: () => [{}, true],
      arbitraryConstraint: {
        patterns: [{ source: "^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$", flags: "" }]
      }
    })
  )
  .pipe(Schema.brand("LocalDate"))

/** A calendar day "YYYY-MM-DD" that exists, from 1900-01-01 to 9999-12-31. */
export type LocalDate = typeof LocalDate.Type

/** Counts the days from 1970-01-01 to a day; earlier days are negative. */
export const toEpochDay = (date: LocalDate): number => Civil.parseDay(date)!

/** Writes an epoch day as text; one outside the years 1900 to 9999 gives the nearest day inside. */
export const fromEpochDay = (epochDay: number): LocalDate => Civil.dayText(epochDay) as LocalDate

/** Gives the ISO 8601 weekday of an epoch day, 1 Monday to 7 Sunday. */
export const isoWeekday = (epochDay: number): number => ((((epochDay + 3) % 7) + 7) % 7) + 1
