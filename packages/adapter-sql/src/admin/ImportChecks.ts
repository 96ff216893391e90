/**
 * What of an export contradicts the database that it is to be brought into, or itself. It reads only: all of an export is
 * checked before anything of it is written.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import type { ImportCounts, ImportHead } from "./Import.ts"
import type { BlockedTimeRecord, ImportRecord, ReservationRecord } from "./ImportRecords.ts"

/** What is wrong with one record. */
export interface ImportProblem {
  readonly record: ImportRecord
  readonly problem: string
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
