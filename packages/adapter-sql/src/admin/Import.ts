/**
 * Brings an export into an engine's database: the same ids, numbers, instants, statuses and channels' views, without the
 * booking rules, for what is imported has happened. What is there already stays as it is, so an import can be repeated after
 * a crash and nothing is made twice. A facility that the import itself makes is reached by no channel until `finish`: nobody
 * sees half of it. In one that channels reach already, what is made counts as changed now, so that no reader misses it.
 */
import type { ChannelId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { databaseClockMs } from "../database/Dialect.ts"
import * as EventStore from "../engine/EventStore.ts"
import { drawNumber } from "../engine/Number.ts"
import { emailKey } from "../engine/ReservationStore.ts"
import { AdminError } from "./AdminError.ts"
import * as FacilityRows from "./FacilityRows.ts"
import { makeCalendar } from "./ImportCalendar.ts"
import type { BlockedTimeRecord, ImportRecord, ReservationRecord } from "./ImportRecords.ts"
import type { CalendarLine, FacilityLine } from "./Records.ts"

/** What an import is about. */
export interface ImportHead {
  readonly facility: FacilityLine
  readonly calendars: ReadonlyArray<CalendarLine>
  /** The channels that are to reach the facility, by name; made where they are not there. */
  readonly channels: ReadonlyArray<string>
}

/** Of the records of a batch: how many were or would be made, and how many are there already. */
export interface ImportCounts {
  readonly made: number
  readonly known: number
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
      for (const name of channels) yield* FacilityRows.ensureChannel(name)
      const [known] = yield* sql`SELECT 1 FROM facility WHERE id = ${facility.id}`
      if (known === undefined) {
        const { exact, id, ...described } = facility
        yield* FacilityRows.insertFacility(described, {
          id,
          seedKey: exact?.seedKey,
          lastChangeMs: exact?.lastChangeMs
        })
      }
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
      const ids = yield* channelIds()
      for (const name of channels) yield* FacilityRows.letReach(yield* channelOf(ids, name), facility.id)
    })
  )
})
