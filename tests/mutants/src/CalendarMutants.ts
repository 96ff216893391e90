/** Mutants of operations 1 to 5. */
import { Caller } from "@bookio-kit/core/access/Caller"
import { PermissionDenied, ResourceNotFound, ValidationError } from "@bookio-kit/core/error/Refusal"
import { CalendarId, FacilityId, ServiceId } from "@bookio-kit/core/scalar/Id"
import type { WallTime } from "@bookio-kit/core/time/WallTime"
import { Effect } from "effect"
import { calendars, facilities, type Mutant, mutant } from "./Defect.ts"

const anId = CalendarId.make(1)
const written = { calendarId: anId, warnings: [] }

const dayBefore = (day: WallTime | undefined): WallTime | undefined =>
  day?._tag === "Day" ? { _tag: "Day", epochDay: day.epochDay - 1 } : day

export const calendarMutants: ReadonlyArray<Mutant> = [
  mutant(
    "facilities are listed by id descending",
    facilities((real) => ({ list: Effect.map(real.list, (rows) => rows.toReversed()) })),
    "listFacilities MUST list facilities ascending by id, each once"
  ),
  mutant(
    "a facility is missing in Slovak",
    facilities((real) => ({
      list: Effect.flatMap(Caller, ({ language }) =>
        Effect.map(real.list, (rows) => (language === "sk" ? rows.slice(1) : rows))
      )
    })),
    "listFacilities MUST list the same facilities in every language"
  ),
  mutant(
    "calendars are listed by id descending",
    calendars((real) => ({ list: (query) => Effect.map(real.list(query), (rows) => rows.toReversed()) })),
    "listCalendars MUST list calendars ascending by id, each once"
  ),
  mutant(
    "calendars of a foreign facility are listed",
    calendars((real) => ({
      list: (query) =>
        Effect.map(real.list(query), (rows) =>
          rows.map((row, index) => (index === 0 ? { ...row, facilityId: FacilityId.make(999) } : row))
        )
    })),
    "listCalendars MUST list calendars of the channel's facilities only"
  ),
  mutant(
    "the facility of a listing of calendars is ignored",
    calendars((real) => ({ list: ({ facilityId: _, ...query }) => real.list(query) })),
    "listCalendars MUST list exactly the calendars of a facility that is named"
  ),
  mutant(
    "the last valid day of a calendar is exclusive in listings",
    calendars((real) => ({
      list: (query) =>
        Effect.map(real.list(query), (rows) =>
          rows.filter((row) => query.date === undefined || query.date !== row.validTo.slice(0, 10))
        )
    })),
    "listCalendars MUST list on a day exactly the calendars that are valid on it, both ends inclusive"
  ),
  mutant(
    "calendars of an unknown facility are an empty list",
    calendars((real) => ({
      list: (query) => Effect.catchTag(real.list(query), "PermissionDenied", () => Effect.succeed([]))
    })),
    "listCalendars MUST refuse a facility that the channel does not reach with PermissionDenied"
  ),
  mutant(
    "the note of a calendar is lost",
    calendars((real) => ({ create: ({ note: _, ...given }) => real.create(given) })),
    "createCalendar MUST list a created calendar as it was given, and the defaults of what was left out"
  ),
  mutant(
    "services keep the ids of the request",
    calendars((real) => ({
      list: (query) =>
        Effect.map(real.list(query), (rows) =>
          rows.map((row) => ({
            ...row,
            services: row.services.map((service, index) => ({ ...service, id: ServiceId.make(index + 1) }))
          }))
        )
    })),
    "createCalendar MUST give services new ids, and let allowedServices name the services by them"
  ),
  mutant(
    "a calendar of an unknown facility is refused as not found",
    calendars((real) => ({
      create: (given) =>
        Effect.catchTag(real.create(given), "PermissionDenied", () =>
          // The port's type rules this defect out; a client that reads answers of a server can still have it.
          Effect.fail(new ResourceNotFound({ resource: "Facility" }) as never)
        )
    })),
    "createCalendar MUST refuse a facility that the channel does not reach with PermissionDenied"
  ),
  mutant(
    "a calendar that ends before it begins is accepted",
    calendars((real) => ({
      create: (given) =>
        Effect.catchTag(real.create(given), "ValidationError", () =>
          real.create({ ...given, validTo: given.validFrom })
        )
    })),
    "createCalendar MUST refuse validFrom after validTo with code 10, and accept one day"
  ),
  mutant(
    "a change empties the note that it leaves out",
    calendars((real) => ({ update: (id, change) => real.update(id, { note: "", ...change }) })),
    "updateCalendar MUST keep what a change leaves out"
  ),
  mutant(
    "a change makes every service anew",
    calendars((real) => ({
      update: (id, { services, ...change }) =>
        real.update(id, {
          ...change,
          ...(services && { services: services.map(({ id: _, ...service }) => service) }),
          ...(change.intervals && {
            intervals: change.intervals.map(({ allowedServices: _, ...interval }) => interval)
          })
        })
    })),
    "updateCalendar MUST keep services and intervals whose ids it has, and make all others new"
  ),
  mutant(
    "any change of a calendar is accepted",
    calendars((real) => ({
      update: (id, change) =>
        Effect.catchTag(real.update(id, change), "ValidationError", () =>
          Effect.succeed({ ...written, calendarId: id })
        )
    })),
    "updateCalendar MUST refuse allowedServices that name no service of the calendar with code 10",
    "updateCalendar MUST refuse to remove a service that a future reservation names with code 10"
  ),
  mutant(
    "changes of calendars do not warn",
    calendars((real) => ({
      update: (id, change) => Effect.map(real.update(id, change), (answer) => ({ ...answer, warnings: [] }))
    })),
    "updateCalendar MUST keep reservations that a change leaves outside, warn of them, and judge new ones anew"
  ),
  mutant(
    "a calendar that is not there is refused as forbidden",
    calendars((real) => ({
      update: (id, change) =>
        Effect.catchTag(real.update(id, change), "ResourceNotFound", () =>
          Effect.fail(new PermissionDenied({ reason: "facility" }))
        ),
      end: (id, end) =>
        Effect.catchTag(real.end(id, end), "ResourceNotFound", () =>
          Effect.fail(new PermissionDenied({ reason: "facility" }))
        )
    })),
    "updateCalendar MUST refuse a calendar that is not there with ResourceNotFound",
    "endCalendar MUST refuse a calendar that is not there with ResourceNotFound"
  ),
  mutant(
    "the facility that a change of a calendar names is ignored",
    calendars((real) => ({ update: (id, { facilityId: _, ...change }) => real.update(id, change) })),
    "updateCalendar MUST refuse a facility that the channel does not reach with PermissionDenied"
  ),
  mutant(
    "the end of a calendar is exclusive",
    calendars((real) => ({
      end: (id, { validTo: day, ...end }) => {
        const last = dayBefore(day)
        return real.end(id, { ...end, ...(last && { validTo: last }) })
      }
    })),
    "endCalendar MUST make validTo the last day that can be booked"
  ),
  mutant(
    "any end of a calendar is accepted",
    calendars((real) => ({
      end: (id, end) => Effect.catchTag(real.end(id, end), "ValidationError", () => Effect.succeed(written))
    })),
    "endCalendar MUST accept the day before validFrom, and refuse an earlier one with code 10"
  ),
  mutant(
    "the problem of an end is about no field",
    calendars((real) => ({
      end: (id, end) =>
        Effect.catchTag(real.end(id, end), "ValidationError", () =>
          Effect.fail(new ValidationError({ problems: [{ key: "endTooEarly" }] }))
        )
    })),
    "endCalendar MUST accept the day before validFrom, and refuse an earlier one with code 10"
  ),
  mutant(
    "an end without a day does nothing",
    calendars((real) => ({
      end: (id, end) => (end.validTo === undefined ? Effect.succeed(written) : real.end(id, end))
    })),
    "endCalendar MUST end a calendar today where no day is given"
  )
]
