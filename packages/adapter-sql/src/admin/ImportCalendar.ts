/** A calendar of an export as rows, under the ids that it had. */
import { toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { toMinutes } from "@bookio-kit/core/time/LocalTime"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { toBits } from "../engine/CalendarStore.ts"
import * as EventStore from "../engine/EventStore.ts"
import type { CalendarLine } from "./Records.ts"

/** Makes a calendar unless it is there; `eventMs` is when readers are told of it, absent where none reaches it yet. */
export const makeCalendar = Effect.fnUntraced(function* (calendar: CalendarLine, eventMs: number | undefined) {
  const sql = yield* SqlClient.SqlClient
  const [known] = yield* sql`SELECT 1 FROM calendar WHERE id = ${calendar.id}`
  if (known !== undefined) return
  yield* sql`INSERT INTO calendar ${sql.insert({
    id: calendar.id,
    facility_id: calendar.facilityId,
    seed_key: calendar.exact?.seedKey ?? null,
    name: calendar.name,
    note: calendar.note ?? "",
    valid_from_day: toEpochDay(calendar.validFrom.slice(0, 10) as Parameters<typeof toEpochDay>[0]),
    valid_to_day: toEpochDay(calendar.validTo.slice(0, 10) as Parameters<typeof toEpochDay>[0])
  })}`
  if (eventMs !== undefined) yield* EventStore.add("calendar.created", calendar.facilityId, calendar.id, eventMs)
  const removed = calendar.exact?.removedServices ?? []
  for (const [position, service] of [...calendar.services, ...removed].entries()) {
    yield* sql`INSERT INTO service ${sql.insert({
      id: service.id,
      calendar_id: calendar.id,
      position,
      name: service.name,
      note: service.note ?? "",
      duration_minutes: service.duration,
      capacity: service.capacity,
      referral_letter: service.referralLetter ? 1 : 0,
      hidden: service.hiddenInOnlineForm ? 1 : 0,
      removed: position >= calendar.services.length ? 1 : 0
    })}`
  }
  for (const [position, interval] of calendar.intervals.entries()) {
    yield* sql`INSERT INTO opening_interval ${sql.insert({
      id: interval.id,
      calendar_id: calendar.id,
      position,
      name: interval.name,
      week_days: toBits(interval.weekDays),
      from_minutes: toMinutes(interval.timeFrom),
      to_minutes: toMinutes(interval.timeTo)
    })}`
    for (const serviceId of new Set(interval.allowedServices)) {
      yield* sql`INSERT INTO interval_service ${sql.insert({ interval_id: interval.id, service_id: serviceId })}`
    }
  }
})
