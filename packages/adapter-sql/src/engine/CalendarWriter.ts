/** Writes a calendar's rows: services and intervals keep the ids that belong to the calendar, all else is new. */
import type { IntervalInput, ServiceInput } from "@bookio-kit/core/calendar/Calendar"
import type { CalendarId, FacilityId, IntervalId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { toMinutes } from "@bookio-kit/core/time/LocalTime"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { databaseClockMs } from "../database/Dialect.ts"
import { type StoredInterval, type StoredService, toBits } from "./CalendarStore.ts"
import * as EventStore from "./EventStore.ts"

interface CalendarValues {
  readonly name: string
  readonly note: string
  readonly validFromDay: number
  readonly validToDay: number
}

const onlyId = <Id>(rows: ReadonlyArray<{ readonly id: Id }>): Id => (rows as readonly [{ readonly id: Id }])[0].id

export const insertCalendar = Effect.fnUntraced(function* (facilityId: FacilityId, values: CalendarValues) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly id: CalendarId }>`INSERT INTO calendar ${sql.insert({
    facility_id: facilityId,
    name: values.name,
    note: values.note,
    valid_from_day: values.validFromDay,
    valid_to_day: values.validToDay
  })} RETURNING id`
  const id = onlyId(rows)
  yield* EventStore.add("calendar.created", facilityId, id, yield* databaseClockMs(sql))
  return id
})

export const updateCalendar = Effect.fnUntraced(function* (id: CalendarId, values: CalendarValues) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE calendar SET name = ${values.name}, note = ${values.note},
    valid_from_day = ${values.validFromDay}, valid_to_day = ${values.validToDay} WHERE id = ${id}`
})

const serviceValues = (service: ServiceInput, position: number) => ({
  position,
  name: service.name,
  note: service.note ?? "",
  duration_minutes: service.duration,
  capacity: service.capacity ?? 1,
  referral_letter: service.referralLetter === true ? 1 : 0,
  hidden: service.hiddenInOnlineForm === true ? 1 : 0
})

/**
 * Makes the calendar's services those of a request; what is left out stays known for history, as removed.
 *
 * @returns the stored id for each id that the request uses.
 */
export const writeServices = Effect.fnUntraced(function* (
  calendarId: CalendarId,
  stored: ReadonlyArray<StoredService>,
  services: ReadonlyArray<ServiceInput>
) {
  const sql = yield* SqlClient.SqlClient
  const own = new Set<number>(stored.map((service) => service.id))
  const ids = new Map<number, ServiceId>()
  yield* sql`UPDATE service SET removed = 1 WHERE calendar_id = ${calendarId}`
  for (const [position, service] of services.entries()) {
    const values = serviceValues(service, position)
    if (service.id !== undefined && own.has(service.id)) {
      const id = service.id as ServiceId
      yield* sql`UPDATE service SET ${sql.update({ ...values, removed: 0 })} WHERE id = ${id}`
      ids.set(id, id)
    } else {
      const rows = yield* sql<{ readonly id: ServiceId }>`
        INSERT INTO service ${sql.insert({ calendar_id: calendarId, ...values, removed: 0 })} RETURNING id`
      if (service.id !== undefined) ids.set(service.id, onlyId(rows))
    }
  }
  return ids as ReadonlyMap<number, ServiceId>
})

/** Makes the calendar's intervals those of a request; what is left out is gone. */
export const writeIntervals = Effect.fnUntraced(function* (
  calendarId: CalendarId,
  stored: ReadonlyArray<StoredInterval>,
  intervals: ReadonlyArray<IntervalInput>,
  serviceIds: ReadonlyMap<number, ServiceId>
) {
  const sql = yield* SqlClient.SqlClient
  const own = new Set<number>(stored.map((interval) => interval.id))
  const kept = intervals.flatMap((interval) => (interval.id !== undefined && own.has(interval.id) ? [interval.id] : []))
  for (const { id } of stored) {
    yield* sql`DELETE FROM interval_service WHERE interval_id = ${id}`
    if (!kept.includes(id)) yield* sql`DELETE FROM opening_interval WHERE id = ${id}`
  }
  for (const [position, interval] of intervals.entries()) {
    const values = {
      position,
      name: interval.name,
      week_days: toBits(interval.weekDays),
      from_minutes: toMinutes(interval.timeFrom),
      to_minutes: toMinutes(interval.timeTo)
    }
    let id = interval.id as IntervalId | undefined
    if (id !== undefined && own.has(id)) {
      yield* sql`UPDATE opening_interval SET ${sql.update(values)} WHERE id = ${id}`
    } else {
      id = onlyId(
        yield* sql<{ readonly id: IntervalId }>`
          INSERT INTO opening_interval ${sql.insert({ calendar_id: calendarId, ...values })} RETURNING id`
      )
    }
    // The request's form has proved that every allowed service is one of its services, each once or more.
    for (const service of new Set(interval.allowedServices ?? [])) {
      yield* sql`INSERT INTO interval_service ${sql.insert({
        interval_id: id,
        service_id: serviceIds.get(service) as ServiceId
      })}`
    }
  }
})
