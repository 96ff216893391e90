/**
 * Everything of a facility, as the lines of an export, for the administrator of the database: with all channels' views,
 * removed services and removed blocked times, and without tokens, audit lines, events and webhooks, which belong to the
 * server (a backup has them). Pages are read one after another while others write: a record that is changed meanwhile moves
 * behind what was read (rule 10) and comes again, so that the last line of each is no older than the start.
 */
import type { Service } from "@bookio-kit/core/calendar/Calendar"
import type { ReservationStatus } from "@bookio-kit/core/reservation/Reservation"
import type { BlockedTimeId, ExternalId, FacilityId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { select, toListed } from "../engine/CalendarStore.ts"
import { type Row as FacilityRow, toFacility } from "../engine/Facilities.ts"
import { listedTime } from "../engine/Times.ts"
import { AdminError } from "./AdminError.ts"
import type { BlockedTimeLine, CalendarLine, FacilityLine, ReservationLine } from "./Records.ts"

/** Where a page ends: the change instant and the id of its last record. */
export interface Place {
  readonly changedMs: number
  readonly id: number
}

/** Before all records. */
export const beginning: Place = { changedMs: 0, id: 0 }

/** A page of records by change instant, then id; a short one is the last. */
export interface ExportPage<Line> {
  readonly lines: ReadonlyArray<Line>
  readonly last: Place
}

/** What an export holds beside its reservations and blocked times, and how many there are of these. */
export interface ExportHead {
  readonly facility: FacilityLine
  readonly calendars: ReadonlyArray<CalendarLine>
  readonly reservations: number
  readonly blockedTimes: number
}

/** The facilities of the database, ascending by id. @errors `BackendError`. */
export const facilities = Effect.fn("Export.facilities")(function* () {
  const database = yield* Database
  return yield* database.read(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<{ readonly id: FacilityId; readonly name: string }>`SELECT id, name FROM facility ORDER BY id`
    )
  )
})

const removedServices = Effect.fnUntraced(function* (calendarId: number) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{
    readonly id: ServiceId
    readonly name: string
    readonly note: string
    readonly duration_minutes: number
    readonly capacity: number
    readonly referral_letter: number
    readonly hidden: number
  }>`SELECT id, name, note, duration_minutes, capacity, referral_letter, hidden FROM service
    WHERE calendar_id = ${calendarId} AND removed = 1 ORDER BY id`
  return rows.map(
    (row): Service => ({
      id: row.id,
      name: row.name,
      note: row.note,
      duration: row.duration_minutes,
      capacity: row.capacity,
      referralLetter: row.referral_letter === 1,
      hiddenInOnlineForm: row.hidden === 1
    })
  )
})

/**
 * What an export of a facility begins with.
 *
 * @errors `AdminError` for a facility that is not there; `BackendError`.
 */
export const head = Effect.fn("Export.head")(function* (facilityId: number) {
  const database = yield* Database
  return yield* database.read(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql<
        FacilityRow & { readonly seed_key: string | null; readonly last_change_ms: number }
      >`SELECT * FROM facility WHERE id = ${facilityId}`
      if (row === undefined) return yield* new AdminError({ problem: `there is no facility ${facilityId}` })
      const channels = yield* sql<{ readonly name: string }>`SELECT c.name FROM channel_facility cf
        JOIN channel c ON c.id = cf.channel_id WHERE cf.facility_id = ${facilityId} ORDER BY c.id`
      const facility: FacilityLine = {
        kind: "facility",
        ...toFacility(row),
        exact: {
          ...(row.seed_key === null ? {} : { seedKey: row.seed_key }),
          channels: channels.map(({ name }) => name),
          lastChangeMs: row.last_change_ms
        }
      }
      const keys = new Map(
        (yield* sql<{
          readonly id: number
          readonly seed_key: string | null
        }>`SELECT id, seed_key FROM calendar WHERE facility_id = ${facilityId}`).map(({ id, seed_key }) => [
          id,
          seed_key
        ])
      )
      const calendars = yield* Effect.forEach(yield* select(sql`c.facility_id = ${facilityId}`), (calendar) =>
        Effect.map(removedServices(calendar.id), (removed): CalendarLine => {
          const seedKey = keys.get(calendar.id) ?? undefined
          return {
            kind: "calendar",
            ...toListed(calendar),
            exact: { ...(seedKey === undefined ? {} : { seedKey }), removedServices: removed }
          }
        })
      )
      const [counts] = yield* sql<{ readonly reservations: number; readonly blocked_times: number }>`SELECT
        (SELECT COUNT(*) FROM reservation WHERE facility_id = ${facilityId}) AS reservations,
        (SELECT COUNT(*) FROM blocked_time WHERE facility_id = ${facilityId}) AS blocked_times`
      const found: ExportHead = {
        facility,
        calendars,
        reservations: counts?.reservations ?? 0,
        blockedTimes: counts?.blocked_times ?? 0
      }
      return found
    })
  )
})

const groupBy = <A>(rows: ReadonlyArray<A>, key: (row: A) => number): ReadonlyMap<number, ReadonlyArray<A>> => {
  const groups = new Map<number, Array<A>>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group === undefined) groups.set(key(row), [row])
    else group.push(row)
  }
  return groups
}

const placeOf = (rows: ReadonlyArray<{ readonly changed_ms: number; readonly id: number }>, before: Place): Place => {
  const last = rows.at(-1)
  return last === undefined ? before : { changedMs: last.changed_ms, id: last.id }
}

interface ReservationRow {
  readonly id: ReservationId
  readonly number: string
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
  readonly locale: string
  readonly note: string | null
  readonly service_id: ServiceId
  readonly facility_id: FacilityId
  readonly channel: string
  readonly status: ReservationStatus
  readonly from_ms: number
  readonly to_ms: number
  readonly created_ms: number
  readonly cancel_ms: number | null
  readonly cancellation_reason: string | null
  readonly changed_ms: number
}

interface ChannelRow {
  readonly record_id: number
  readonly channel: string
  readonly external_id: ExternalId | null
  readonly needs_sync: number
}

const toReservation = (row: ReservationRow, channels: ReadonlyArray<ChannelRow>, zone: TimeZone): ReservationLine => ({
  kind: "reservation",
  id: row.id,
  number: row.number,
  name: `${row.name} ${row.surname}`,
  email: row.email,
  phone: row.phone,
  service: row.service_id,
  duration: (row.to_ms - row.from_ms) / 60_000,
  ...listedTime(zone, "created", row.created_ms),
  ...listedTime(zone, "dateFrom", row.from_ms),
  ...listedTime(zone, "dateTo", row.to_ms),
  ...(row.cancel_ms === null ? {} : listedTime(zone, "cancelTime", row.cancel_ms)),
  ...(row.cancellation_reason === null ? {} : { cancellationReason: row.cancellation_reason }),
  facilityId: row.facility_id,
  ...(row.note === null ? {} : { note: row.note }),
  status: row.status,
  exact: {
    name: row.name,
    surname: row.surname,
    locale: row.locale,
    channel: row.channel,
    fromMs: row.from_ms,
    toMs: row.to_ms,
    createdMs: row.created_ms,
    changedMs: row.changed_ms,
    ...(row.cancel_ms === null ? {} : { cancelMs: row.cancel_ms }),
    channels: channels.map(({ channel, external_id, needs_sync }) => ({
      channel,
      ...(external_id === null ? {} : { externalId: external_id }),
      needsSync: needs_sync === 1
    }))
  }
})

/**
 * A page of a facility's reservations behind a place, at most `limit` of them.
 *
 * @errors `BackendError`.
 */
export const reservations = Effect.fn("Export.reservations")(function* (
  { id: facilityId, timeZone }: Pick<FacilityLine, "id" | "timeZone">,
  after: Place,
  limit: number
) {
  const database = yield* Database
  return yield* database.read(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const rows =
        yield* sql<ReservationRow>`SELECT r.id, r.number, r.name, r.surname, r.email, r.phone, r.locale, r.note,
          r.service_id, r.facility_id, c.name AS channel, r.status, r.from_ms, r.to_ms, r.created_ms, r.cancel_ms,
          r.cancellation_reason, r.changed_ms
        FROM reservation r JOIN channel c ON c.id = r.channel_id
        WHERE r.facility_id = ${facilityId} AND (r.changed_ms, r.id) > (${after.changedMs}, ${after.id})
        ORDER BY r.changed_ms, r.id LIMIT ${limit}`
      const channels =
        rows.length === 0
          ? []
          : yield* sql<ChannelRow>`SELECT x.reservation_id AS record_id, c.name AS channel, x.external_id, x.needs_sync
              FROM reservation_channel x JOIN channel c ON c.id = x.channel_id
              WHERE ${sql.in(
                "x.reservation_id",
                rows.map(({ id }) => id)
              )} ORDER BY c.id`
      const channelsOf = groupBy(channels, (row) => row.record_id)
      const page: ExportPage<ReservationLine> = {
        lines: rows.map((row) => toReservation(row, channelsOf.get(row.id) ?? [], timeZone)),
        last: placeOf(rows, after)
      }
      return page
    })
  )
})

/**
 * A page of a facility's blocked times behind a place, removed ones too, at most `limit` of them.
 *
 * @errors `BackendError`.
 */
export const blockedTimes = Effect.fn("Export.blockedTimes")(function* (
  { id: facilityId, timeZone }: Pick<FacilityLine, "id" | "timeZone">,
  after: Place,
  limit: number
) {
  const database = yield* Database
  return yield* database.read(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<{
        readonly id: BlockedTimeId
        readonly from_ms: number
        readonly to_ms: number
        readonly note: string
        readonly created_ms: number
        readonly changed_ms: number
        readonly removed_ms: number | null
      }>`SELECT id, from_ms, to_ms, note, created_ms, changed_ms, removed_ms FROM blocked_time
        WHERE facility_id = ${facilityId} AND (changed_ms, id) > (${after.changedMs}, ${after.id})
        ORDER BY changed_ms, id LIMIT ${limit}`
      const channels =
        rows.length === 0
          ? []
          : yield* sql<{ readonly record_id: number; readonly channel: string; readonly external_id: ExternalId }>`
              SELECT x.blocked_time_id AS record_id, c.name AS channel, x.external_id
              FROM blocked_time_channel x JOIN channel c ON c.id = x.channel_id
              WHERE ${sql.in(
                "x.blocked_time_id",
                rows.map(({ id }) => id)
              )} ORDER BY c.id`
      const channelsOf = groupBy(channels, (row) => row.record_id)
      const page: ExportPage<BlockedTimeLine> = {
        lines: rows.map((row) => ({
          kind: "blockedTime",
          facilityId,
          id: row.id,
          ...listedTime(timeZone, "dateFrom", row.from_ms),
          ...listedTime(timeZone, "dateTo", row.to_ms),
          note: row.note,
          exact: {
            fromMs: row.from_ms,
            toMs: row.to_ms,
            createdMs: row.created_ms,
            changedMs: row.changed_ms,
            ...(row.removed_ms === null ? {} : { removedMs: row.removed_ms }),
            channels: (channelsOf.get(row.id) ?? []).map(({ channel, external_id }) => ({
              channel,
              externalId: external_id
            }))
          }
        })),
        last: placeOf(rows, after)
      }
      return page
    })
  )
})
