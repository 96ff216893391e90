/**
 * What the engine keeps of a person, and its end: the reservations of all facilities under an e-mail address, for the
 * administrator of the database. Erasing overwrites the person's texts; the row, its id and its number stay, so that
 * occupancy, history and the ids that others hold stay right. Answers under an Idempotency-Key, audit lines, events and
 * webhooks hold ids and codes only, so nothing in them is erased; backups and exports made before are not reached.
 */
import type { ReservationStatus } from "@bookio-kit/core/reservation/Reservation"
import type { FacilityId, ReservationId } from "@bookio-kit/core/scalar/Id"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { databaseClockMs, forUpdate } from "../database/Dialect.ts"
import * as EventStore from "../engine/EventStore.ts"
import { emailKey, touch } from "../engine/ReservationStore.ts"
import { AdminError } from "./AdminError.ts"

/** What stands for the name of a person who was erased; e-mail and phone become empty, note and reason absent. */
export const erasedName = { name: "Erased", surname: "Person" } as const

/** A line of the audit log about a reservation of the person. */
export interface PersonAudit {
  readonly id: number
  /** RFC 3339, UTC. */
  readonly at: string
  readonly channel: string | undefined
  readonly operation: string
  readonly status: number
  readonly requestId: string
}

/** All that is kept about one reservation of the person. Instants are RFC 3339 in UTC. */
export interface PersonReservation {
  readonly id: ReservationId
  readonly number: string
  readonly facilityId: FacilityId
  readonly facility: string
  readonly timeZone: TimeZone
  readonly calendar: string
  readonly service: string
  /** The channel that made it. */
  readonly madeBy: string
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
  readonly locale: string
  readonly note?: string
  readonly status: ReservationStatus
  readonly from: string
  readonly to: string
  readonly created: string
  readonly changed: string
  readonly cancelled?: string
  readonly cancellationReason?: string
  /** What each channel calls it. */
  readonly channels: ReadonlyArray<{ readonly channel: string; readonly externalId?: number }>
  readonly audit: ReadonlyArray<PersonAudit>
}

interface Row {
  readonly id: ReservationId
  readonly number: string
  readonly facility_id: FacilityId
  readonly facility: string
  readonly time_zone: TimeZone
  readonly calendar: string
  readonly service: string
  readonly made_by: string
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
  readonly locale: string
  readonly note: string | null
  readonly status: ReservationStatus
  readonly from_ms: number
  readonly to_ms: number
  readonly created_ms: number
  readonly changed_ms: number
  readonly cancel_ms: number | null
  readonly cancellation_reason: string | null
}

const utc = (ms: number) => new Date(ms).toISOString()

const auditOf = Effect.fnUntraced(function* (id: ReservationId) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{
    readonly id: number
    readonly at_ms: number
    readonly channel: string | null
    readonly operation: string
    readonly status: number
    readonly request_id: string
  }>`SELECT a.id, a.at_ms, c.name AS channel, a.operation, a.status, a.request_id
    FROM audit_entry a LEFT JOIN channel c ON c.id = a.channel_id WHERE a.reservation_id = ${id} ORDER BY a.id`
  return rows.map(
    (row): PersonAudit => ({
      id: row.id,
      at: utc(row.at_ms),
      channel: row.channel ?? undefined,
      operation: row.operation,
      status: row.status,
      requestId: row.request_id
    })
  )
})

const toReservation = Effect.fnUntraced(function* (row: Row) {
  const sql = yield* SqlClient.SqlClient
  const channels = yield* sql<{ readonly channel: string; readonly external_id: number | null }>`
    SELECT c.name AS channel, x.external_id FROM reservation_channel x JOIN channel c ON c.id = x.channel_id
    WHERE x.reservation_id = ${row.id} ORDER BY c.id`
  const found: PersonReservation = {
    id: row.id,
    number: row.number,
    facilityId: row.facility_id,
    facility: row.facility,
    timeZone: row.time_zone,
    calendar: row.calendar,
    service: row.service,
    madeBy: row.made_by,
    name: row.name,
    surname: row.surname,
    email: row.email,
    phone: row.phone,
    locale: row.locale,
    ...(row.note === null ? {} : { note: row.note }),
    status: row.status,
    from: utc(row.from_ms),
    to: utc(row.to_ms),
    created: utc(row.created_ms),
    changed: utc(row.changed_ms),
    ...(row.cancel_ms === null ? {} : { cancelled: utc(row.cancel_ms) }),
    ...(row.cancellation_reason === null ? {} : { cancellationReason: row.cancellation_reason }),
    channels: channels.map(({ channel, external_id }) => ({
      channel,
      ...(external_id === null ? {} : { externalId: external_id })
    })),
    audit: yield* auditOf(row.id)
  }
  return found
})

// Erased ones have the empty key, which is nobody's.
const keyOf = Effect.fnUntraced(function* (email: string) {
  const key = emailKey(email)
  return key === "" ? yield* new AdminError({ problem: "give the e-mail address of the person" }) : key
})

/**
 * All reservations of a person in all facilities, ascending by id, with all that is kept about them. E-mail addresses are
 * compared trimmed and case-folded.
 *
 * @errors `AdminError` for an empty address; `BackendError`.
 */
export const exportPerson = Effect.fn("People.export")(function* (email: string) {
  const database = yield* Database
  const key = yield* keyOf(email)
  return yield* database.read(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<Row>`SELECT r.id, r.number, r.facility_id, f.name AS facility, f.time_zone,
          c.name AS calendar, s.name AS service, m.name AS made_by, r.name, r.surname, r.email, r.phone, r.locale, r.note,
          r.status, r.from_ms, r.to_ms, r.created_ms, r.changed_ms, r.cancel_ms, r.cancellation_reason
        FROM reservation r JOIN facility f ON f.id = r.facility_id JOIN calendar c ON c.id = r.calendar_id
          JOIN service s ON s.id = r.service_id JOIN channel m ON m.id = r.channel_id
        WHERE r.email_key = ${key} ORDER BY r.id`
      return yield* Effect.forEach(rows, toReservation)
    })
  )
})

// As FacilityState.changeNow, for the administrator, whom no channel limits to some facilities.
const changeInstantOf = Effect.fnUntraced(function* (facilityId: FacilityId, nowMs: number) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly last_change_ms: number }>`SELECT last_change_ms FROM facility
    WHERE id = ${facilityId}${forUpdate(sql)}`
  const changedMs = Math.max(nowMs, row?.last_change_ms ?? 0)
  yield* sql`UPDATE facility SET last_change_ms = ${changedMs} WHERE id = ${facilityId}`
  return changedMs
})

/** Refuses to erase a person who has confirmed reservations to come. @errors `AdminError` where there are any. */
export const refuseUpcoming = (ids: ReadonlyArray<number>): Effect.Effect<void, AdminError> =>
  ids.length === 0
    ? Effect.void
    : Effect.fail(
        new AdminError({
          problem: `the person has ${ids.length} confirmed reservations to come (${ids.join(", ")}): cancel them first, or erase the upcoming ones too`
        })
      )

/** What was erased. */
export interface Erased {
  /** Ascending by facility, then id. */
  readonly reservations: ReadonlyArray<{ readonly id: ReservationId; readonly facilityId: FacilityId }>
}

/**
 * Erases a person: name, e-mail, phone, note and reason of every reservation are overwritten, in one step. The change
 * instant of each moves, and it is unsynced for every channel, so that whoever holds a copy fetches it again (rules 9, 10).
 * What SQLite frees is overwritten too; `scrub` (Scrub.ts) then removes what earlier changes left in the file and its log.
 *
 * @errors `AdminError` for an empty address, and, unless `upcoming`, for a person with CONFIRMED reservations to come, who
 * would arrive without a name; `BackendError`.
 */
export const erasePerson = Effect.fn("People.erase")(function* (
  email: string,
  { upcoming = false }: { readonly upcoming?: boolean } = {}
) {
  const database = yield* Database
  const key = yield* keyOf(email)
  return yield* database.write(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const nowMs = yield* databaseClockMs(sql)
      const rows = yield* sql<{
        readonly id: ReservationId
        readonly facility_id: FacilityId
        readonly is_upcoming: number
      }>`SELECT id, facility_id, status = 'CONFIRMED' AND to_ms > ${nowMs} AS is_upcoming FROM reservation
        WHERE email_key = ${key} ORDER BY facility_id, id`
      const ahead = rows.filter((row) => row.is_upcoming === 1)
      if (!upcoming) yield* refuseUpcoming(ahead.map(({ id }) => id))
      yield* sql.onDialectOrElse({ pg: () => Effect.void, orElse: () => Effect.asVoid(sql`PRAGMA secure_delete = ON`) })
      for (const facilityId of new Set(rows.map((row) => row.facility_id))) {
        const changedMs = yield* changeInstantOf(facilityId, nowMs)
        for (const { id } of rows.filter((row) => row.facility_id === facilityId)) {
          yield* sql`UPDATE reservation SET name = ${erasedName.name}, surname = ${erasedName.surname}, email = '',
            email_key = '', phone = '', note = NULL, cancellation_reason = NULL, changed_ms = ${changedMs} WHERE id = ${id}`
          yield* touch(id)
          yield* EventStore.add("reservation.changed", facilityId, id, changedMs)
        }
      }
      const erased: Erased = { reservations: rows.map(({ facility_id, id }) => ({ id, facilityId: facility_id })) }
      return erased
    })
  )
})

/**
 * The reservations of all who were ever erased, ascending by id, with their change instants: what a journal is asked about,
 * so that a run that was cut off behind `erasePerson` is completed by the next.
 *
 * @errors `BackendError`.
 */
export const erasedReservations = Effect.fn("People.erasedReservations")(function* () {
  const database = yield* Database
  return yield* database.read(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<{
        readonly id: ReservationId
        readonly facility_id: FacilityId
        readonly changed_ms: number
      }>`SELECT id, facility_id, changed_ms FROM reservation
        WHERE email_key = '' AND name = ${erasedName.name} AND surname = ${erasedName.surname} ORDER BY id`
      return rows.map((row) => ({ id: row.id, facilityId: row.facility_id, changedMs: row.changed_ms }))
    })
  )
})
