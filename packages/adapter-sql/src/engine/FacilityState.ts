/**
 * The facility that a step is about: whether the caller reaches it, its zone, and its change instant. A write takes the
 * facility's lock by reading it here, before anything else that it decides on (engine.md, rules 10, 12 and 14).
 */
import type { Caller } from "@bookio-kit/core/access/Caller"
import { PermissionDenied, ResourceNotFound } from "@bookio-kit/core/error/Refusal"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type * as Statement from "effect/sql/Statement"
import { databaseClockMs, forUpdate } from "../database/Dialect.ts"

type CallerService = Caller["Service"]

export interface FacilityState {
  readonly id: FacilityId
  readonly timeZone: TimeZone
  /** ISO 3166-1 alpha-3 of its address. */
  readonly countryCode: string | undefined
  /** The greatest change instant so far, Unix milliseconds. */
  readonly lastChangeMs: number
  /** Differs after each change of any calendar. */
  readonly calendarsVersion: number
}

interface Row {
  readonly id: FacilityId
  readonly time_zone: TimeZone
  readonly country_code: string | null
  readonly last_change_ms: number
  readonly calendars_version: number
}

const toState = (row: Row): FacilityState => ({
  id: row.id,
  timeZone: row.time_zone,
  countryCode: row.country_code ?? undefined,
  lastChangeMs: row.last_change_ms,
  calendarsVersion: row.calendars_version
})

const columns = `f.id, f.time_zone, f.country_code, f.last_change_ms,
  (SELECT version FROM calendars_version) AS calendars_version`

const select = Effect.fnUntraced(function* (caller: CallerService, condition: Statement.Fragment, lock: boolean) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<Row>`SELECT ${sql.literal(columns)} FROM facility f
    JOIN channel_facility cf ON cf.facility_id = f.id AND cf.channel_id = ${caller.channelId}
    WHERE ${condition} ORDER BY f.id${lock ? forUpdate(sql) : sql.literal("")}`
  return rows.map(toState)
})

/** The facilities that the caller's channel reaches, ascending by id. */
export const reachable = Effect.fnUntraced(function* (caller: CallerService) {
  const sql = yield* SqlClient.SqlClient
  return yield* select(caller, sql.literal("1 = 1"), false)
})

/** A facility that a request names outright: a foreign one is `PermissionDenied`. */
export const named = Effect.fnUntraced(function* (caller: CallerService, id: FacilityId, lock: "lock" | "read") {
  const sql = yield* SqlClient.SqlClient
  const [facility] = yield* select(caller, sql`f.id = ${id}`, lock === "lock")
  if (facility === undefined) return yield* new PermissionDenied({ reason: "facility" })
  return facility
})

const tables = { Reservation: "reservation", BlockedTime: "blocked_time", Calendar: "calendar" } as const

/** The facility of a record by its id, locked: a foreign or unknown record is `ResourceNotFound`. */
export const ownerOf = Effect.fnUntraced(function* (caller: CallerService, resource: keyof typeof tables, id: number) {
  const sql = yield* SqlClient.SqlClient
  const table = sql.literal(tables[resource])
  const [facility] = yield* select(caller, sql`f.id = (SELECT facility_id FROM ${table} WHERE id = ${id})`, true)
  if (facility === undefined) return yield* new ResourceNotFound({ resource })
  return facility
})

/**
 * Takes the instant of a change: not before the database's clock, not before any earlier change of the facility. It
 * becomes the facility's greatest.
 */
export const changeNow = Effect.fnUntraced(function* (facility: FacilityState) {
  const sql = yield* SqlClient.SqlClient
  const nowMs = yield* databaseClockMs(sql)
  const changedMs = Math.max(nowMs, facility.lastChangeMs)
  if (changedMs > facility.lastChangeMs) {
    yield* sql`UPDATE facility SET last_change_ms = ${changedMs} WHERE id = ${facility.id}`
  }
  return { nowMs, changedMs }
})
