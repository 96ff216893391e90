/**
 * Brings an export into an engine's database: the same ids, numbers, instants, statuses and channels' views, without the
 * booking rules, for what is imported has happened. What is there already stays as it is, so an import can be repeated after
 * a crash and nothing is made twice. A facility that the import itself makes is reached by no channel until `finish`: nobody
 * sees half of it. In one that channels reach already, what is made counts as changed now, so that no reader misses it.
 */
import type { ChannelId } from "@bookio-kit/core/scalar/Id"
import { toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { toMinutes } from "@bookio-kit/core/time/LocalTime"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { databaseClockMs } from "../database/Dialect.ts"
import { toBits } from "../engine/CalendarStore.ts"
import * as EventStore from "../engine/EventStore.ts"
import { drawNumber } from "../engine/Number.ts"
import { emailKey } from "../engine/ReservationStore.ts"
import { AdminError } from "./AdminError.ts"
import type { BlockedTimeRecord, ImportRecord, ReservationRecord } from "./ImportRecords.ts"
import type { CalendarLine, FacilityLine } from "./Records.ts"

/** What an import is about. */
export interface ImportHead {
  readonly facility: FacilityLine
  readonly calendars: ReadonlyArray<CalendarLine>
  /** The channels that are to reach the facility, by name; made where they are not there. */
  readonly channels: ReadonlyArray<string>
}

/** What is wrong with one record. */
export interface ImportProblem {
  readonly record: ImportRecord
  readonly problem: string
}

/** Of the records of a batch: how many were or would be made, and how many are there already. */
export interface ImportCounts {
  readonly made: number
  readonly known: number
}

const noun = (record: ImportRecord) => (record.kind === "reservation" ? "reservation" : "blocked time")

/**
 * What of an export's head contradicts the database: a facility, calendar or service of the same id that is another.
 *
 * @errors `BackendError`.
 */
export const headProblems = Effect.fn("Import.headProblems")(function* ({ calendars, facility }: ImportHead) {
  const database = yield* Database
  return yield* database.read(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const problems: Array<string> = []
      const [known] = yield* sql<{
        readonly name: string
        readonly time_zone: string
      }>`SELECT name, time_zone FROM facility WHERE id = ${facility.id}`
      if (known !== undefined && (known.name !== facility.name || known.time_zone !== facility.timeZone)) {
        problems.push(
          `facility ${facility.id} of this database is another: "${known.name}" in ${known.time_zone}; import into a database of its own`
        )
      }
      const seedKey = facility.exact?.seedKey
      if (known === undefined && seedKey !== undefined) {
        const [seeded] = yield* sql<{ readonly id: number }>`SELECT id FROM facility WHERE seed_key = ${seedKey}`
        if (seeded !== undefined)
          problems.push(`facility ${seeded.id} of this database was made of the same seed "${seedKey}"`)
      }
      for (const calendar of calendars) {
        const [row] = yield* sql<{
          readonly facility_id: number
        }>`SELECT facility_id FROM calendar WHERE id = ${calendar.id}`
        if (row !== undefined && row.facility_id !== facility.id) {
          problems.push(`calendar ${calendar.id} of this database belongs to facility ${row.facility_id}`)
        }
        for (const service of [...calendar.services, ...(calendar.exact?.removedServices ?? [])]) {
          const [owner] = yield* sql<{
            readonly calendar_id: number
          }>`SELECT calendar_id FROM service WHERE id = ${service.id}`
          if (owner !== undefined && owner.calendar_id !== calendar.id) {
            problems.push(`service ${service.id} of this database belongs to calendar ${owner.calendar_id}`)
          }
        }
        for (const interval of calendar.intervals) {
          const [owner] = yield* sql<{
            readonly calendar_id: number
          }>`SELECT calendar_id FROM opening_interval WHERE id = ${interval.id}`
          if (owner !== undefined && owner.calendar_id !== calendar.id) {
            problems.push(`interval ${interval.id} of this database belongs to calendar ${owner.calendar_id}`)
          }
        }
      }
      return problems
    })
  )
})

const externalKeys = (record: ImportRecord): ReadonlyArray<string> => {
  const isGone = record.kind === "reservation" ? record.status === "CANCELLED" : record.removedMs !== undefined
  return isGone
    ? []
    : record.channels.flatMap(({ channel, externalId }) =>
        externalId === undefined ? [] : [`${record.kind} ${channel} ${externalId}`]
      )
}

const checkReservation = Effect.fnUntraced(function* (record: ReservationRecord) {
  const sql = yield* SqlClient.SqlClient
  const [known] = yield* sql<{ readonly facility_id: number; readonly number: string }>`
    SELECT facility_id, number FROM reservation WHERE id = ${record.id}`
  if (known !== undefined) {
    return known.facility_id === record.facilityId && (record.number === undefined || known.number === record.number)
      ? "known"
      : `reservation ${record.id} of this database is another, in facility ${known.facility_id}`
  }
  const [taken] = yield* sql<{ readonly id: number }>`SELECT id FROM reservation WHERE number = ${record.number ?? ""}`
  if (taken !== undefined) return `its number belongs to reservation ${taken.id} of this database`
  const [service] = yield* sql`SELECT 1 FROM service WHERE id = ${record.serviceId}`
  if (service !== undefined) return "new"
  if (record.calendarId === undefined) return `its service ${record.serviceId} is in no calendar of the export`
  // A calendar that is there stays as it is.
  const [calendar] = yield* sql`SELECT 1 FROM calendar WHERE id = ${record.calendarId}`
  if (calendar !== undefined) {
    return `calendar ${record.calendarId} of this database has no service ${record.serviceId}`
  }
  return "new"
})

const checkBlockedTime = Effect.fnUntraced(function* (record: BlockedTimeRecord) {
  const sql = yield* SqlClient.SqlClient
  const [known] = yield* sql<{ readonly facility_id: number }>`
    SELECT facility_id FROM blocked_time WHERE id = ${record.id}`
  if (known === undefined) return "new"
  return known.facility_id === record.facilityId
    ? "known"
    : `blocked time ${record.id} of this database is another, in facility ${known.facility_id}`
})

const checkExternalIds = Effect.fnUntraced(function* (record: ImportRecord) {
  const sql = yield* SqlClient.SqlClient
  if (externalKeys(record).length === 0) return undefined
  for (const { channel, externalId } of record.channels) {
    if (externalId === undefined) continue
    const [used] =
      record.kind === "reservation"
        ? yield* sql<{ readonly id: number }>`SELECT x.reservation_id AS id FROM reservation_channel x
            JOIN channel c ON c.id = x.channel_id AND c.name = ${channel}
            WHERE x.facility_id = ${record.facilityId} AND x.external_id = ${externalId} AND x.cancelled = 0`
        : yield* sql<{ readonly id: number }>`SELECT x.blocked_time_id AS id FROM blocked_time_channel x
            JOIN channel c ON c.id = x.channel_id AND c.name = ${channel}
            WHERE x.facility_id = ${record.facilityId} AND x.external_id = ${externalId} AND x.removed = 0`
    if (used !== undefined) return `its externalId of channel "${channel}" belongs to ${noun(record)} ${used.id}`
  }
  return undefined
})

/**
 * Makes what checks the records of one import, batch by batch, before anything is written: against the database, and
 * against each other.
 */
export const makeChecker = () => {
  const numbers = new Set<string>()
  const externalIds = new Set<string>()
  const among = (record: ImportRecord): string | undefined => {
    if (record.kind === "reservation" && record.number !== undefined) {
      if (numbers.has(record.number)) return "another line has its number"
      numbers.add(record.number)
    }
    for (const key of externalKeys(record)) {
      if (externalIds.has(key)) return "another line has its externalId"
      externalIds.add(key)
    }
    return undefined
  }
  /** The problems of a batch, and how many of the others would be made. @errors `BackendError`. */
  return Effect.fn("Import.check")(function* (batch: ReadonlyArray<ImportRecord>) {
    const database = yield* Database
    return yield* database.read(
      Effect.gen(function* () {
        const problems: Array<ImportProblem> = []
        let made = 0
        let known = 0
        for (const record of batch) {
          const found =
            record.kind === "reservation" ? yield* checkReservation(record) : yield* checkBlockedTime(record)
          const problem =
            among(record) ?? (found === "known" ? undefined : found === "new" ? yield* checkExternalIds(record) : found)
          if (problem !== undefined) problems.push({ record, problem })
          else if (found === "known") known++
          else made++
        }
        const counts: ImportCounts = { made, known }
        return { problems, counts }
      })
    )
  })
}

const channelIds = Effect.fnUntraced(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly id: ChannelId; readonly name: string }>`SELECT id, name FROM channel`
  return new Map(rows.map(({ id, name }) => [name, id]))
})

const channelOf = (channels: ReadonlyMap<string, ChannelId>, name: string): Effect.Effect<ChannelId, AdminError> => {
  const id = channels.get(name)
  return id === undefined
    ? Effect.fail(new AdminError({ problem: `there is no channel "${name}"` }))
    : Effect.succeed(id)
}

const makeFacility = Effect.fnUntraced(function* ({ address, contact, exact, id, name, timeZone }: FacilityLine) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO facility ${sql.insert({
    id,
    seed_key: exact?.seedKey ?? null,
    name,
    street: address.street,
    city: address.city,
    postcode: address.postcode,
    postcode_is_number: address.postcodeIsNumber ? 1 : 0,
    country_name: address.country?.name ?? null,
    country_code: address.country?.code ?? null,
    latitude: address.gps?.latitude ?? null,
    longitude: address.gps?.longitude ?? null,
    phone: contact.phone ?? null,
    email: contact.email ?? null,
    time_zone: timeZone,
    last_change_ms: exact?.lastChangeMs ?? 0
  })} ON CONFLICT (id) DO NOTHING`
})

const makeCalendar = Effect.fnUntraced(function* (calendar: CalendarLine, eventMs: number | undefined) {
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

// What is made in a facility that channels reach already counts as changed now.
const stateOf = Effect.fnUntraced(function* (facilityId: number) {
  const sql = yield* SqlClient.SqlClient
  const nowMs = yield* databaseClockMs(sql)
  const [facility] = yield* sql<{ readonly last_change_ms: number; readonly is_visible: number }>`
    SELECT last_change_ms, EXISTS (SELECT 1 FROM channel_facility WHERE facility_id = ${facilityId}) AS is_visible
    FROM facility WHERE id = ${facilityId}`
  const lastMs = facility?.last_change_ms ?? 0
  return { nowMs, lastMs, visibleMs: facility?.is_visible === 1 ? Math.max(nowMs, lastMs) : undefined }
})

/** Makes the facility, its calendars and the channels, those that are not there. @errors `BackendError`. */
export const begin = Effect.fn("Import.begin")(function* ({ calendars, channels, facility }: ImportHead) {
  const database = yield* Database
  yield* database.write(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      for (const name of channels) yield* sql`INSERT INTO channel (name) VALUES (${name}) ON CONFLICT DO NOTHING`
      yield* makeFacility(facility)
      const { visibleMs } = yield* stateOf(facility.id)
      for (const calendar of calendars) yield* makeCalendar(calendar, visibleMs)
    })
  )
})

interface Storing {
  readonly channels: ReadonlyMap<string, ChannelId>
  readonly nowMs: number
  /** The change instant of what is made in a facility that channels reach already. */
  readonly visibleMs: number | undefined
}

const storeReservation = Effect.fnUntraced(function* (record: ReservationRecord, at: Storing) {
  const sql = yield* SqlClient.SqlClient
  const [known] = yield* sql`SELECT 1 FROM reservation WHERE id = ${record.id}`
  if (known !== undefined) return undefined
  const changedMs = at.visibleMs ?? record.changedMs ?? at.nowMs
  yield* sql`INSERT INTO reservation (id, facility_id, calendar_id, service_id, channel_id, number, name, surname, email,
      email_key, phone, locale, note, status, from_ms, to_ms, created_ms, cancel_ms, cancellation_reason, changed_ms)
    VALUES (${record.id}, ${record.facilityId}, (SELECT calendar_id FROM service WHERE id = ${record.serviceId}),
      ${record.serviceId}, ${yield* channelOf(at.channels, record.channel)}, ${record.number ?? (yield* drawNumber)},
      ${record.name}, ${record.surname}, ${record.email}, ${emailKey(record.email)}, ${record.phone}, ${record.locale},
      ${record.note ?? null}, ${record.status}, ${record.fromMs}, ${record.toMs}, ${record.createdMs},
      ${record.cancelMs ?? null}, ${record.cancellationReason ?? null}, ${changedMs})`
  for (const { channel, externalId, needsSync } of record.channels) {
    yield* sql`INSERT INTO reservation_channel ${sql.insert({
      reservation_id: record.id,
      channel_id: yield* channelOf(at.channels, channel),
      facility_id: record.facilityId,
      external_id: externalId ?? null,
      needs_sync: needsSync ? 1 : 0,
      cancelled: record.status === "CANCELLED" ? 1 : 0
    })}`
  }
  if (at.visibleMs !== undefined) {
    yield* EventStore.add("reservation.created", record.facilityId, record.id, changedMs)
  }
  return changedMs
})

const storeBlockedTime = Effect.fnUntraced(function* (record: BlockedTimeRecord, at: Storing) {
  const sql = yield* SqlClient.SqlClient
  const [known] = yield* sql`SELECT 1 FROM blocked_time WHERE id = ${record.id}`
  if (known !== undefined) return undefined
  const changedMs = at.visibleMs ?? record.changedMs ?? at.nowMs
  yield* sql`INSERT INTO blocked_time ${sql.insert({
    id: record.id,
    facility_id: record.facilityId,
    from_ms: record.fromMs,
    to_ms: record.toMs,
    note: record.note,
    created_ms: record.createdMs ?? at.nowMs,
    changed_ms: changedMs,
    removed_ms: record.removedMs ?? null
  })}`
  for (const { channel, externalId } of record.channels) {
    if (externalId === undefined) continue
    yield* sql`INSERT INTO blocked_time_channel ${sql.insert({
      blocked_time_id: record.id,
      channel_id: yield* channelOf(at.channels, channel),
      facility_id: record.facilityId,
      external_id: externalId,
      removed: record.removedMs === undefined ? 0 : 1
    })}`
  }
  if (at.visibleMs !== undefined && record.removedMs === undefined) {
    yield* EventStore.add("blockedTime.created", record.facilityId, record.id, changedMs)
  }
  return changedMs
})

/**
 * Makes the records of a batch that are not there, all or none of them, durable when it answers. They are of the facility of
 * `begin`, and were checked.
 *
 * @errors `AdminError` for a channel that `begin` was not told; `BackendError`.
 */
export const store = Effect.fn("Import.store")(function* (facilityId: number, batch: ReadonlyArray<ImportRecord>) {
  const database = yield* Database
  return yield* database.write(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { lastMs, nowMs, visibleMs } = yield* stateOf(facilityId)
      const at: Storing = { channels: yield* channelIds(), nowMs, visibleMs }
      let greatestMs = lastMs
      let made = 0
      for (const record of batch) {
        const changedMs =
          record.kind === "reservation" ? yield* storeReservation(record, at) : yield* storeBlockedTime(record, at)
        if (changedMs === undefined) continue
        made++
        greatestMs = Math.max(greatestMs, changedMs)
      }
      if (greatestMs > lastMs) yield* sql`UPDATE facility SET last_change_ms = ${greatestMs} WHERE id = ${facilityId}`
      const counts: ImportCounts = { made, known: batch.length - made }
      return counts
    })
  )
})

/** Lets the channels reach the facility, now that all of it is there. @errors `BackendError`. */
export const finish = Effect.fn("Import.finish")(function* ({ channels, facility }: ImportHead) {
  const database = yield* Database
  yield* database.write(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const ids = yield* channelIds()
      for (const name of channels) {
        yield* sql`INSERT INTO channel_facility (channel_id, facility_id)
          VALUES (${yield* channelOf(ids, name)}, ${facility.id}) ON CONFLICT DO NOTHING`
      }
    })
  )
})
