/** The offsets that may accompany the times of a term: one says which pass a time means, so it says nothing without it. */
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { saying } from "../scalar/Check.ts"
import { about, type Text } from "../text/Text.ts"

/** The members of a request that change a term. */
export interface OffsetTimes {
  readonly dateFrom?: unknown
  readonly dateFromOffset?: unknown
  readonly dateTo?: unknown
  readonly dateToOffset?: unknown
}

const isAbsent = (value: unknown) => value === undefined || value === null

/** The times that an offset was given for, but which were not. */
export const offsetProblems = (times: OffsetTimes): ReadonlyArray<Text> =>
  (["dateFrom", "dateTo"] as const).flatMap((field) =>
    !isAbsent(times[`${field}Offset`]) && isAbsent(times[field]) ? [about(field, "required")] : []
  )

/** The check of a request's form by that rule; it needs nothing but the request (api.md, "Order of checks"). */
export const offsetsHaveTimes = Schema.makeFilter(
  (times: OffsetTimes) =>
    offsetProblems(times).map(({ field, key }) => ({
      path: [field as string],
      issue: new SchemaIssue.InvalidValue(saying(key))
    })),
  { toJsonSchema: () => [{}, true] }
)
