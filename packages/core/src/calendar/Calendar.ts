/**
 * A calendar: one book of appointments of a facility (a doctor, a room), with the services that can be booked in it and
 * the intervals in which it is open (engine.md, rules 1, 2 and 11).
 */
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { check, saying, whole } from "../scalar/Check.ts"
import { described } from "../scalar/Described.ts"
import { CalendarId, FacilityId, Id, IntervalId, ServiceId } from "../scalar/Id.ts"
import { tolerant } from "../scalar/Tolerant.ts"
import { Name, Note } from "../scalar/Words.ts"
import { LocalDateTime } from "../time/LocalDateTime.ts"
import { LocalTime } from "../time/LocalTime.ts"
import { WallTime } from "../time/WallTime.ts"
import { allowedServiceProblems, intervalProblems, type RuleProblem, serviceProblems } from "./CalendarRules.ts"

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
  note: tolerant(Note),
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
  id: described(
    Schema.optionalKey(Id),
    "What allowedServices of this request call it. Create gives a new id; update keeps the service that has this id, and makes a new one for any other or none."
  ),
  name: Name,
  note: described(Schema.optionalKey(Note), "Empty where left out."),
  duration: described(DurationMinutes, "Elapsed minutes."),
  capacity: described(
    Schema.optionalKey(Capacity),
    "How many reservations may overlap; the smallest capacity among their services counts. 1 where left out."
  ),
  referralLetter: described(Schema.optionalKey(Flag), "false where left out."),
  hiddenInOnlineForm: described(Schema.optionalKey(Flag), "false where left out.")
}).annotate({ identifier: "ServiceInput", ...saying("notObject") })
export type ServiceInput = typeof ServiceInput.Type

/** An interval in a request. `allowedServices` name services of the same request by their ids. */
export const IntervalInput = Schema.Struct({
  id: described(
    Schema.optionalKey(Id),
    "Update keeps the interval that has this id; any other or none makes a new one."
  ),
  name: Name,
  weekDays: described(WeekDays, "ISO days of the week, 1 Monday to 7 Sunday, no repeats."),
  timeFrom: described(LocalTime, "Start, inclusive."),
  timeTo: described(LocalTime, "End, exclusive; after timeFrom."),
  allowedServices: described(
    Schema.optionalKey(list(Id)),
    "The services that can be booked then, by their ids in this request; all where empty or left out."
  )
}).annotate({ identifier: "IntervalInput", ...saying("notObject") })
export type IntervalInput = typeof IntervalInput.Type

// The rules among services and intervals need nothing but the request, so they belong to its form (api.md, "Order of
// checks"). Each list is judged by itself, so that its problems are told beside those of other members.
const toIssue = ({ path, text }: RuleProblem, depth: number) => ({
  path: path.slice(depth),
  issue: new SchemaIssue.InvalidValue(saying(text.key, text.params))
})

const listKeeping = <S extends Schema.Top>(
  item: S,
  rules: (items: ReadonlyArray<S["Type"]>) => ReadonlyArray<RuleProblem>
) =>
  list(item).check(
    Schema.makeFilter((items) => rules(items).map((problem) => toIssue(problem, 1)), {
      toJsonSchema: () => [{ minItems: 1 }, true]
    })
  )

const services = listKeeping(ServiceInput, serviceProblems)
const intervals = listKeeping(IntervalInput, intervalProblems)

const namesItsServices = Schema.makeFilter(
  (request: { readonly services?: ReadonlyArray<ServiceInput>; readonly intervals?: ReadonlyArray<IntervalInput> }) =>
    request.services === undefined || request.intervals === undefined
      ? []
      : allowedServiceProblems(request.services, request.intervals).map((problem) => toIssue(problem, 0))
)

const firstDay = "The first day that it is valid. Only the day counts."
const lastDay = "The last day that it is valid, inclusive. Only the day counts."

/** What creates a calendar. */
export const NewCalendar = Schema.Struct({
  facilityId: FacilityId,
  name: Name,
  note: described(Schema.optionalKey(Note), "Empty where left out."),
  validFrom: described(WallTime, firstDay),
  validTo: described(WallTime, lastDay),
  services,
  intervals
})
  .check(namesItsServices)
  .annotate({ identifier: "NewCalendar", ...saying("notObject") })
export type NewCalendar = typeof NewCalendar.Type

/** What changes a calendar: members left out keep their value. */
export const CalendarChange = Schema.Struct({
  facilityId: Schema.optionalKey(FacilityId),
  name: Schema.optionalKey(Name),
  note: Schema.optionalKey(Note),
  validFrom: described(Schema.optionalKey(WallTime), firstDay),
  validTo: described(Schema.optionalKey(WallTime), lastDay),
  services: described(
    Schema.optionalKey(services),
    "All services: one that is not among them is removed, unless a future CONFIRMED reservation names it."
  ),
  intervals: described(Schema.optionalKey(intervals), "All intervals: one that is not among them is removed.")
})
  .check(namesItsServices)
  .annotate({ identifier: "CalendarChange", ...saying("notObject") })
export type CalendarChange = typeof CalendarChange.Type

/** What ends a calendar: `validTo` absent means today in the facility's zone. */
export const CalendarEnd = Schema.Struct({
  facilityId: Schema.optionalKey(FacilityId),
  validTo: described(
    Schema.optionalKey(WallTime),
    "The last day that it is valid, inclusive, from the day before validFrom on; today where left out. Only the day counts."
  )
}).annotate({ identifier: "CalendarEnd", ...saying("notObject") })
export type CalendarEnd = typeof CalendarEnd.Type
