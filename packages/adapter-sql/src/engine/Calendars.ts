/** Calendars of the engine (engine.md, rule 11). A change never touches reservations: what it leaves outside is told. */
import { Caller } from "@bookio-kit/core/access/Caller"
import type {
  Calendar,
  CalendarChange,
  CalendarEnd,
  IntervalInput,
  NewCalendar,
  ServiceInput
} from "@bookio-kit/core/calendar/Calendar"
import { allowedServiceProblems, type RuledInterval, type RuleProblem } from "@bookio-kit/core/calendar/CalendarRules"
import { type CalendarQuery, Calendars, type CalendarWritten } from "@bookio-kit/core/calendar/Calendars"
import { ResourceNotFound } from "@bookio-kit/core/error/Refusal"
import type { CalendarId, FacilityId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { fieldOf } from "@bookio-kit/core/text/Problems"
import { about, type Text } from "@bookio-kit/core/text/Text"
import { fromEpochDay, toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { epochDayAt } from "@bookio-kit/core/time/TimeZone"
import { dayOf } from "@bookio-kit/core/time/WallTime"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { databaseClockMs } from "../database/Dialect.ts"
import * as Remembered from "../database/Remembered.ts"
import * as CalendarStore from "./CalendarStore.ts"
import * as CalendarWarnings from "./CalendarWarnings.ts"
import * as CalendarWriter from "./CalendarWriter.ts"
import * as EventStore from "./EventStore.ts"
import * as FacilityState from "./FacilityState.ts"
import { refuse } from "./Times.ts"

type CallerService = Caller["Service"]

const list = Effect.fnUntraced(function* (caller: CallerService, query: CalendarQuery) {
  const sql = yield* SqlClient.SqlClient
  const facilities =
    query.facilityId === undefined
      ? yield* FacilityState.reachable(caller)
      : [yield* FacilityState.named(caller, query.facilityId, "read")]
  if (facilities.length === 0) return []
  const day = query.date === undefined ? undefined : toEpochDay(query.date)
  const calendars = yield* CalendarStore.select(
    sql.and([
      sql.in(
        "c.facility_id",
        facilities.map((facility) => facility.id)
      ),
      ...(day === undefined ? [] : [sql`c.valid_from_day <= ${day} AND c.valid_to_day >= ${day}`])
    ])
  )
  return calendars.map(CalendarStore.toListed)
})

const checkValidity = (fromDay: number, toDay: number) =>
  fromDay > toDay ? refuse([about("validFrom", "after", { other: "validTo" })]) : Effect.void

const create = Effect.fnUntraced(function* (caller: CallerService, given: NewCalendar) {
  const facility = yield* FacilityState.named(caller, given.facilityId, "lock")
  const validFromDay = dayOf(facility.timeZone, given.validFrom)
  const validToDay = dayOf(facility.timeZone, given.validTo)
  yield* checkValidity(validFromDay, validToDay)
  const { name, note = "" } = given
  const calendarId = yield* CalendarWriter.insertCalendar(facility.id, { name, note, validFromDay, validToDay })
  const serviceIds = yield* CalendarWriter.writeServices(calendarId, [], given.services)
  yield* CalendarWriter.writeIntervals(calendarId, [], given.intervals, serviceIds)
  return { calendarId, warnings: [] } satisfies CalendarWritten
})

/** The calendar of a request by id, its facility locked: one of another facility than the request names is not found. */
const locked = Effect.fnUntraced(function* (caller: CallerService, id: CalendarId, facilityId: FacilityId | undefined) {
  const sql = yield* SqlClient.SqlClient
  if (facilityId !== undefined) yield* FacilityState.named(caller, facilityId, "read")
  const facility = yield* FacilityState.ownerOf(caller, "Calendar", id)
  const [calendar] = yield* CalendarStore.select(sql`c.id = ${id}`)
  if (calendar === undefined || (facilityId !== undefined && facilityId !== facility.id)) {
    return yield* new ResourceNotFound({ resource: "Calendar" })
  }
  return { facility, calendar }
})

const textsOf = (problems: ReadonlyArray<RuleProblem>): ReadonlyArray<Text> =>
  problems.map(({ path, text }) => about(fieldOf(path), text.key, text.params))

/** Services that future CONFIRMED reservations name cannot be left out (api.md, 3 and 4). */
const removalProblems = Effect.fnUntraced(function* (
  calendar: CalendarStore.StoredCalendar,
  services: ReadonlyArray<ServiceInput>,
  nowMs: number
) {
  const kept = new Set<number | undefined>(services.map((service) => service.id))
  const removed = calendar.services.filter((service) => !kept.has(service.id))
  if (removed.length === 0) return []
  const future = yield* CalendarWarnings.future(calendar.id, nowMs)
  return removed.flatMap(({ id }) => {
    const ids = future.filter((reservation) => reservation.serviceId === id).map((reservation) => reservation.id)
    return ids.length === 0
      ? []
      : [about("services", "serviceInUse", { service: id, reservations: CalendarWarnings.some(ids) })]
  })
})

/** Judges what the request gives together with what stays as stored. */
const mergedProblems = (calendar: CalendarStore.StoredCalendar, change: CalendarChange): ReadonlyArray<Text> => {
  if ((change.services === undefined) === (change.intervals === undefined)) return []
  const services = change.services ?? calendar.services
  const intervals: ReadonlyArray<RuledInterval | IntervalInput> =
    change.intervals ?? CalendarStore.toListed(calendar).intervals
  return textsOf(allowedServiceProblems(services, intervals))
}

const update = Effect.fnUntraced(function* (caller: CallerService, id: CalendarId, change: CalendarChange) {
  const sql = yield* SqlClient.SqlClient
  const { calendar, facility } = yield* locked(caller, id, change.facilityId)
  const nowMs = yield* databaseClockMs(sql)
  const validFromDay =
    change.validFrom === undefined ? calendar.validFromDay : dayOf(facility.timeZone, change.validFrom)
  const validToDay = change.validTo === undefined ? calendar.validToDay : dayOf(facility.timeZone, change.validTo)
  yield* refuse([
    // A calendar that was ended before it began keeps its days while they are not changed.
    ...((change.validFrom !== undefined || change.validTo !== undefined) && validFromDay > validToDay
      ? [about("validFrom", "after", { other: "validTo" })]
      : []),
    ...mergedProblems(calendar, change),
    ...(change.services === undefined ? [] : yield* removalProblems(calendar, change.services, nowMs))
  ])
  const { name = calendar.name, note = calendar.note } = change
  yield* CalendarWriter.updateCalendar(id, { name, note, validFromDay, validToDay })
  const serviceIds =
    change.services === undefined
      ? new Map<number, ServiceId>(calendar.services.map((service) => [service.id, service.id]))
      : yield* CalendarWriter.writeServices(id, calendar.services, change.services)
  if (change.intervals !== undefined) {
    yield* CalendarWriter.writeIntervals(id, calendar.intervals, change.intervals, serviceIds)
  }
  const [changed] = yield* CalendarStore.select(sql`c.id = ${id}`)
  if (!Equal.equals(changed, calendar)) yield* EventStore.add("calendar.changed", facility.id, id, nowMs)
  return { calendarId: id, warnings: yield* CalendarWarnings.warnings(facility, id, nowMs) } satisfies CalendarWritten
})

const end = Effect.fnUntraced(function* (caller: CallerService, id: CalendarId, given: CalendarEnd) {
  const sql = yield* SqlClient.SqlClient
  const { calendar, facility } = yield* locked(caller, id, given.facilityId)
  const nowMs = yield* databaseClockMs(sql)
  const validToDay =
    given.validTo === undefined ? epochDayAt(facility.timeZone, nowMs) : dayOf(facility.timeZone, given.validTo)
  const earliest = calendar.validFromDay - 1
  if (validToDay < earliest) yield* refuse([about("validTo", "endTooEarly", { date: fromEpochDay(earliest) })])
  if (validToDay !== calendar.validToDay) {
    yield* CalendarWriter.updateCalendar(id, { ...calendar, validToDay })
    yield* EventStore.add("calendar.changed", facility.id, id, nowMs)
  }
  return { calendarId: id, warnings: yield* CalendarWarnings.warnings(facility, id, nowMs) } satisfies CalendarWritten
})

// Lists that are asked for again and again while nothing happens.
const knownLists = 256

export const layer = Layer.effect(Calendars)(
  Effect.gen(function* () {
    const database = yield* Database
    const remembered = Remembered.make<ReadonlyArray<Calendar>>(database, knownLists)
    return Calendars.of({
      list: Effect.fn("Calendars.list")(function* (query) {
        const caller = yield* Caller
        const key = JSON.stringify([caller.channelId, caller.access, query])
        return yield* remembered(key, database.read(list(caller, query)))
      }),
      create: Effect.fn("Calendars.create")(function* (calendar) {
        return yield* database.write(create(yield* Caller, calendar))
      }),
      update: Effect.fn("Calendars.update")(function* (id, change) {
        return yield* database.write(update(yield* Caller, id, change))
      }),
      end: Effect.fn("Calendars.end")(function* (id, given) {
        return yield* database.write(end(yield* Caller, id, given))
      })
    })
  })
)
