/**
 * A calendar: one book of appointments of a facility (a doctor, a room), with the services that can be booked in it and
 * the intervals in which it is open (engine.md, rules 1, 2 and 11).
 */
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { check, saying, whole } from "../scalar/Check.ts"
import { CalendarId, FacilityId, Id, IntervalId, ServiceId } from "../scalar/Id.ts"
import { tolerant } from "../scalar/Tolerant.ts"
import { Name, Note } from "../scalar/Words.ts"
import { LocalDateTime } from "../time/LocalDateTime.ts"
import { LocalTime } from "../time/LocalTime.ts"
import { WallTime } from "../time/WallTime.ts"
import { requestProblems } from "./CalendarRules.ts"

/** Elapsed minutes that a reservation of a service takes: 1 to 1440. */
export const DurationMinutes = whole(1, 1440).annotate({ examples: [44] })

/** How many reservations may overlap (engine.md, rule 5): 1 to 1000. */
export const Capacity = whole(1, 1000).annotate({ examples: [1] })

const Flag = Schema.Boolean.annotate(saying("notBoolean"))

const WeekDay = whole(1, 7, "notWeekDay")

/** ISO days of the week, 1 Monday to 7 Sunday; at least one, no repeats. */
export const WeekDays = Schema.Array(WeekDay)
  .annotate({ ...saying("notList"), examples: [[1, 2, 3]] })
  .check(
    check((days: ReadonlyArray<number>) => days.length > 0, "empty", { jsonSchema: { minItems: 1 } }),
    check((days: ReadonlyArray<number>) => new Set(days).size === days.length, "repeatedDay", {
      jsonSchema: { uniqueItems: true }
    })
  )

const list = <S extends Schema.Top>(item: S) => Schema.Array(item).annotate(saying("notList"))

/** A service of a calendar, as listed. */
export const Service = Schema.Struct({
  id: ServiceId,
  name: Name,
  note: Note,
  /** Elapsed minutes. */
  duration: DurationMinutes,
  capacity: Capacity,
  referralLetter: Flag,
  hiddenInOnlineForm: Flag
}).annotate({ identifier: "Service" })
export type Service = typeof Service.Type

/** An opening interval, as listed: [timeFrom, timeTo) on each of its days. No allowed services means all. */
export const Interval = Schema.Struct({
  id: IntervalId,
  name: Name,
  weekDays: WeekDays,
  timeFrom: LocalTime,
  timeTo: LocalTime,
  allowedServices: list(ServiceId)
}).annotate({ identifier: "Interval" })
export type Interval = typeof Interval.Type

/** A calendar, as listed. Of `validFrom` and `validTo`, both inclusive, only the day counts. */
export const Calendar = Schema.Struct({
  id: CalendarId,
  facilityId: FacilityId,
  name: Name,
  note: tolerant(Note),
  validFrom: LocalDateTime,
  validTo: LocalDateTime,
  services: Schema.Array(Service),
  intervals: Schema.Array(Interval)
}).annotate({ identifier: "Calendar" })
export type Calendar = typeof Calendar.Type

/** A service in a request. Its id is a reference local to the request, or that of a service to keep (api.md, 3 and 4). */
export const ServiceInput = Schema.Struct({
  id: Schema.optionalKey(Id),
  name: Name,
  note: Schema.optionalKey(Note),
  duration: DurationMinutes,
  capacity: Schema.optionalKey(Capacity),
  referralLetter: Schema.optionalKey(Flag),
  hiddenInOnlineForm: Schema.optionalKey(Flag)
}).annotate({ identifier: "ServiceInput", ...saying("notObject") })
export type ServiceInput = typeof ServiceInput.Type

/** An interval in a request. `allowedServices` name services of the same request by their ids. */
export const IntervalInput = Schema.Struct({
  id: Schema.optionalKey(Id),
  name: Name,
  weekDays: WeekDays,
  timeFrom: LocalTime,
  timeTo: LocalTime,
  allowedServices: Schema.optionalKey(list(Id))
}).annotate({ identifier: "IntervalInput", ...saying("notObject") })
export type IntervalInput = typeof IntervalInput.Type

// The rules among services and intervals need nothing but the request, so they belong to its form (api.md, "Order of checks").
const keepsRules = Schema.makeFilter(
  (request: { readonly services?: ReadonlyArray<ServiceInput>; readonly intervals?: ReadonlyArray<IntervalInput> }) =>
    requestProblems(request).map(({ path, text }) => ({
      path,
      issue: new SchemaIssue.InvalidValue(saying(text.key, text.params))
    }))
)

/** What creates a calendar. */
export const NewCalendar = Schema.Struct({
  facilityId: FacilityId,
  name: Name,
  note: Schema.optionalKey(Note),
  validFrom: WallTime,
  validTo: WallTime,
  services: list(ServiceInput),
  intervals: list(IntervalInput)
})
  .annotate({ identifier: "NewCalendar", ...saying("notObject") })
  .check(keepsRules)
export type NewCalendar = typeof NewCalendar.Type

/** What changes a calendar: members left out keep their value. */
export const CalendarChange = Schema.Struct({
  facilityId: Schema.optionalKey(FacilityId),
  name: Schema.optionalKey(Name),
  note: Schema.optionalKey(Note),
  validFrom: Schema.optionalKey(WallTime),
  validTo: Schema.optionalKey(WallTime),
  services: Schema.optionalKey(list(ServiceInput)),
  intervals: Schema.optionalKey(list(IntervalInput))
})
  .annotate({ identifier: "CalendarChange", ...saying("notObject") })
  .check(keepsRules)
export type CalendarChange = typeof CalendarChange.Type

/** What ends a calendar: `validTo` absent means today in the facility's zone. */
export const CalendarEnd = Schema.Struct({
  facilityId: Schema.optionalKey(FacilityId),
  validTo: Schema.optionalKey(WallTime)
}).annotate({ identifier: "CalendarEnd", ...saying("notObject") })
export type CalendarEnd = typeof CalendarEnd.Type
