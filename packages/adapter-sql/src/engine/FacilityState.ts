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
import { databaseClockMs, forUpdateText } from "../database/Dialect.ts"
import { prepared } from "../database/Prepared.ts"

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

const select = (condition: string) => `SELECT f.id, f.time_zone, f.country_code, f.last_change_ms,
    (SELECT version FROM calendars_version) AS calendars_version
  FROM facility f JOIN channel_facility cf ON cf.facility_id = f.id AND cf.channel_id = ?
  WHERE ${condition} ORDER BY f.id`

const selectReachable = prepared<Row>(select("1 = 1"))

/** The facilities that the caller's channel reaches, ascending by id. */
export const reachable = (caller: CallerService) =>
  Effect.map(selectReachable(caller.channelId), (rows) => rows.map(toState))

const selectNamed = {
  read: prepared<Row>(select("f.id = ?")),
  lock: prepared<Row>((sql) => select("f.id = ?") + forUpdateText(sql))
}

/** A facility that a request names outright: a foreign one is `PermissionDenied`. */
export const named = (caller: CallerService, id: FacilityId, lock: "lock" | "read") =>
  Effect.flatMap(selectNamed[lock](caller.channelId, id), ([row]) =>
    row === undefined ? new PermissionDenied({ reason: "facility" }) : Effect.succeed(toState(row))
  )

const selectOwner = (table: string) =>
  prepared<Row>((sql) => select(`f.id = (SELECT facility_id FROM ${table} WHERE id = ?)`) + forUpdateText(sql))

const owners = {
  Reservation: selectOwner("reservation"),
  BlockedTime: selectOwner("blocked_time"),
  Calendar: selectOwner("calendar")
} as const

/** The facility of a record by its id, locked: a foreign or unknown record is `ResourceNotFound`. */
export const ownerOf = (caller: CallerService, resource: keyof typeof owners, id: number) =>
  Effect.flatMap(owners[resource](caller.channelId, id), ([row]) =>
    row === undefined ? new ResourceNotFound({ resource }) : Effect.succeed(toState(row))
  )

/**
 * Tells the instant of a change: not before the database's clock, not before any earlier change of the facility. Adding a
 * reservation makes it the facility's greatest.
 */
export const instantOfChange = (facility: FacilityState) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(databaseClockMs(sql), (nowMs) => ({ nowMs, changedMs: Math.max(nowMs, facility.lastChangeMs) }))
  )

const setLastChange = prepared("UPDATE facility SET last_change_ms = ? WHERE id = ?")

/** Takes the instant of a change, which becomes the facility's greatest. */
export const changeNow = Effect.fnUntraced(function* (facility: FacilityState) {
  const change = yield* instantOfChange(facility)
  if (change.changedMs > facility.lastChangeMs) yield* setLastChange(change.changedMs, facility.id)
  return change
})
