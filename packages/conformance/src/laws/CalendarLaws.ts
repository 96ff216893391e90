/** Laws of operations 3 to 5 (engine.md, rule 11; api.md, notes 3 to 5). */
import type { ServiceInput } from "@bookio-kit/core/calendar/Calendar"
import * as Effect from "effect/Effect"
import * as Ask from "../internal/Ask.ts"
import * as Day from "../internal/Day.ts"
import { claim, claimEqual, claimMembers, refused, refusedFor } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { allowedNames, hours, newCalendar, services, world } from "../internal/World.ts"
import { type Law, writeLaw } from "../Law.ts"

const listed = (id: Parameters<typeof Records.calendarRow>[1]) =>
  Effect.flatMap(Records.facility, (facility) => Records.calendarRow(facility, id))

/** The services of a calendar as a change names them, each by its own id. */
const kept = (made: { readonly services: ReadonlyArray<ServiceInput> }): ReadonlyArray<ServiceInput> => made.services

export const calendarLaws: ReadonlyArray<Law> = [
  writeLaw("createCalendar", "MUST list a created calendar as it was given, and the defaults of what was left out", {
    body: Effect.gen(function* () {
      const { day, facility, made } = yield* world({ note: "Two floors up" })
      yield* claimMembers(
        made,
        {
          facilityId: facility.id,
          name: "Conformance",
          note: "Two floors up",
          validFrom: Day.listed(day - 2, "00:00"),
          validTo: Day.listed(day + 2, "00:00")
        },
        "the calendar"
      )
      const shown = made.services.map(({ capacity, duration, hiddenInOnlineForm, name, referralLetter }) => ({
        capacity,
        duration,
        hiddenInOnlineForm,
        name,
        referralLetter
      }))
      const flags = { hiddenInOnlineForm: false, referralLetter: false }
      yield* claimEqual(
        shown,
        services.map(({ capacity = 1, duration, name }) => ({ capacity, duration, ...flags, name })),
        "the list of services"
      )
      const opening = made.intervals.map(({ timeFrom, timeTo, weekDays }) => ({ timeFrom, timeTo, weekDays }))
      const given = [hours(8, 12), hours(12, 16)].map(({ timeFrom, timeTo, weekDays }) => ({
        timeFrom,
        timeTo,
        weekDays
      }))
      yield* claimEqual(opening, given, "the list of intervals")
    })
  }),
  writeLaw("createCalendar", "MUST give services new ids, and let allowedServices name the services by them", {
    body: Effect.gen(function* () {
      const one = yield* world()
      const other = yield* world({ day: one.day })
      const ids = [...one.made.services, ...other.made.services].map(({ id }) => id)
      yield* claim(new Set(ids).size === ids.length, `services of two calendars share ids: ${ids.join(", ")}`)
      const names = other.made.intervals.map((interval) => allowedNames(other.made, interval))
      yield* claimEqual(names, [[], ["Solo", "Group"]], "the list of allowed services")
    })
  }),
  writeLaw("createCalendar", "MUST refuse a facility that the channel does not reach with PermissionDenied", {
    code: 403,
    body: Effect.gen(function* () {
      const facility = yield* Records.facility
      const day = yield* Day.freshDay(facility)
      const given = { ...newCalendar(facility, day), facilityId: Ask.unknown.facility }
      yield* refused(
        Records.makeCalendar(facility, given),
        "PermissionDenied",
        "a calendar of a facility that is not there"
      )
    })
  }),
  writeLaw("createCalendar", "MUST refuse validFrom after validTo with code 10, and accept one day", {
    code: 10,
    body: Effect.gen(function* () {
      const { day, facility } = yield* world()
      const given = (validTo: number) => ({
        ...newCalendar(facility, day),
        validFrom: Day.wholeDay(day),
        validTo: Day.wholeDay(validTo)
      })
      yield* refusedFor(
        Records.makeCalendar(facility, given(day - 1)),
        "validFrom",
        "a calendar that ends before it begins"
      )
      const { calendarId } = yield* Records.makeCalendar(facility, given(day))
      const on = yield* Effect.forEach([day - 1, day, day + 1], (epochDay) =>
        Effect.map(Ask.first(Ask.listCalendars({ facilityId: facility.id, date: Day.date(epochDay) })), (calendars) =>
          calendars.some(({ id }) => id === calendarId)
        )
      )
      yield* claimEqual(on, [false, true, false], "being listed on the day before, its day and the day after")
    })
  }),
  writeLaw("updateCalendar", "MUST keep what a change leaves out", {
    body: Effect.gen(function* () {
      const { calendarId, made } = yield* world({ note: "Two floors up" })
      yield* Ask.first(Ask.updateCalendar(calendarId, { name: "Renamed" }))
      yield* claimMembers(yield* listed(calendarId), { ...made, name: "Renamed" }, "the calendar")
    })
  }),
  writeLaw("updateCalendar", "MUST keep services and intervals whose ids it has, and make all others new", {
    body: Effect.gen(function* () {
      const { calendarId, made, service } = yield* world()
      const [interval] = made.intervals
      yield* Ask.first(
        Ask.updateCalendar(calendarId, {
          services: [
            { id: service("Group"), name: "Group", duration: 45, capacity: 3 },
            { id: Ask.unknown.service, name: "Other", duration: 20 },
            { name: "Third", duration: 20 }
          ],
          intervals: [
            { ...hours(8, 12, [service("Group"), Ask.unknown.service]), ...(interval && { id: interval.id }) }
          ]
        })
      )
      const changed = yield* listed(calendarId)
      const [group, ...others] = changed.services
      yield* claimEqual(
        { id: group?.id, duration: group?.duration, count: changed.services.length },
        { id: service("Group"), duration: 45, count: 3 },
        "the service that was kept"
      )
      const known = [...made.services.map(({ id }) => id), Ask.unknown.service]
      yield* claim(
        !others.some(({ id }) => known.includes(id)),
        "a service that the calendar did not have got a known id"
      )
      yield* claimEqual(
        changed.intervals.map((found) => `${found.id}: ${allowedNames(changed, found).join(", ")}`),
        [`${interval?.id}: Group, Other`],
        "the list of intervals"
      )
    })
  }),
  writeLaw("updateCalendar", "MUST refuse to remove a service that a future reservation names with code 10", {
    code: 10,
    body: Effect.gen(function* () {
      const { book, calendarId, made } = yield* world()
      yield* book({ at: "10:00" })
      const without = kept(made).filter(({ name }) => name !== "Solo")
      const change = Ask.first(Ask.updateCalendar(calendarId, { services: without, intervals: [hours(8, 12)] }))
      yield* refusedFor(change, "services", "removing a service that is booked")
      yield* claimEqual((yield* listed(calendarId)).services.length, 3, "the count of services afterwards")
    })
  }),
  writeLaw("updateCalendar", "MUST refuse allowedServices that name no service of the calendar with code 10", {
    code: 10,
    body: Effect.gen(function* () {
      const { calendarId } = yield* world()
      const change = Ask.first(Ask.updateCalendar(calendarId, { intervals: [hours(8, 12, [Ask.unknown.service])] }))
      yield* refusedFor(change, "intervals[0].allowedServices[0]", "an interval for a service that is not there")
    })
  }),
  writeLaw(
    "updateCalendar",
    "MUST keep reservations that a change leaves outside, warn of them, and judge new ones anew",
    {
      body: Effect.gen(function* () {
        const { book, calendarId, row } = yield* world()
        const { reservationId } = yield* book({ at: "14:00" })
        const { warnings } = yield* Ask.first(Ask.updateCalendar(calendarId, { intervals: [hours(8, 12)] }))
        yield* claim(warnings.length > 0, "there is no warning")
        yield* claimEqual((yield* row(reservationId)).status, "CONFIRMED", "the status of the reservation")
        yield* refusedFor(book({ at: "15:00" }), "dateFrom", "a reservation outside the new opening")
      })
    }
  ),
  writeLaw("updateCalendar", "MUST refuse a calendar that is not there with ResourceNotFound", {
    code: 12,
    body: refused(
      Ask.first(Ask.updateCalendar(Ask.unknown.calendar, { name: "Renamed" })),
      "ResourceNotFound",
      "a change of a calendar that is not there"
    )
  }),
  writeLaw("updateCalendar", "MUST refuse a facility that the channel does not reach with PermissionDenied", {
    code: 403,
    body: Effect.gen(function* () {
      const { calendarId } = yield* world()
      const change = Ask.updateCalendar(calendarId, { facilityId: Ask.unknown.facility, name: "Renamed" })
      yield* refused(Ask.first(change), "PermissionDenied", "a change that names a facility that is not there")
    })
  }),
  writeLaw("endCalendar", "MUST make validTo the last day that can be booked", {
    body: Effect.gen(function* () {
      const { book, calendarId, day } = yield* world()
      yield* Ask.first(Ask.endCalendar(calendarId, { validTo: Day.wholeDay(day) }))
      yield* claimEqual((yield* listed(calendarId)).validTo, Day.listed(day, "00:00"), "validTo")
      yield* book({ at: "10:00" })
      yield* refusedFor(book({ at: Day.wall(day + 1, "10:00") }), "dateFrom", "a reservation on the day after the last")
    })
  }),
  writeLaw("endCalendar", "MUST accept the day before validFrom, and refuse an earlier one with code 10", {
    code: 10,
    body: Effect.gen(function* () {
      const { calendarId, day } = yield* world()
      const end = (epochDay: number) => Ask.first(Ask.endCalendar(calendarId, { validTo: Day.wholeDay(epochDay) }))
      yield* refusedFor(end(day - 4), "validTo", "an end two days before the calendar begins")
      yield* end(day - 3)
      yield* end(day - 3)
    })
  }),
  writeLaw("endCalendar", "MUST end a calendar today where no day is given", {
    body: Effect.gen(function* () {
      const facility = yield* Records.facility
      const before = yield* Day.today(facility)
      const { calendarId } = yield* world({ validFrom: Day.wholeDay(before - 7) })
      yield* Ask.first(Ask.endCalendar(calendarId, { facilityId: facility.id }))
      const { validTo } = yield* listed(calendarId)
      // Midnight may have passed, here or there.
      const days = [before - 1, before, before + 1]
      yield* claim(days.includes(Day.dayOf(validTo)), `validTo is ${validTo}, and today ${Day.date(before)}`)
    })
  }),
  writeLaw("endCalendar", "MUST refuse a calendar that is not there with ResourceNotFound", {
    code: 12,
    body: refused(
      Ask.first(Ask.endCalendar(Ask.unknown.calendar, {})),
      "ResourceNotFound",
      "the end of a calendar that is not there"
    )
  })
]
