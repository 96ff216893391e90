/**
 * Lines of an export as records to import. A line of a database has all of a record. One of the API leaves out what a
 * channel cannot see: then name and surname are parted at the first space, the language is taken for `locale`, times are
 * whole seconds of the facility's wall clock, and everything belongs to one channel.
 */
import type { ReservationStatus } from "@bookio-kit/core/reservation/Reservation"
import type {
  BlockedTimeId,
  CalendarId,
  ExternalId,
  FacilityId,
  ReservationId,
  ServiceId
} from "@bookio-kit/core/scalar/Id"
import type { LocalDateTime } from "@bookio-kit/core/time/LocalDateTime"
import { toLocalMs } from "@bookio-kit/core/time/LocalDateTime"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import type { UtcOffset } from "@bookio-kit/core/time/UtcOffset"
import { resolveFrom, resolveTo } from "@bookio-kit/core/time/WallTime"
import * as Result from "effect/Result"
import type { BlockedTimeLine, CalendarLine, ReservationLine } from "./Records.ts"

/** A reservation as the engine keeps it. Instants are Unix milliseconds; the end is exclusive. */
export interface ReservationRecord {
  readonly kind: "reservation"
  readonly id: ReservationId
  readonly facilityId: FacilityId
  readonly serviceId: ServiceId
  /** The calendar of the export that has its service. */
  readonly calendarId: CalendarId | undefined
  readonly channel: string
  /** Drawn where absent. */
  readonly number: string | undefined
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
  readonly locale: string
  readonly note: string | undefined
  readonly status: ReservationStatus
  readonly fromMs: number
  readonly toMs: number
  readonly createdMs: number
  readonly changedMs: number | undefined
  readonly cancelMs: number | undefined
  readonly cancellationReason: string | undefined
  readonly channels: ReadonlyArray<{
    readonly channel: string
    readonly externalId?: ExternalId
    readonly needsSync: boolean
  }>
}

/** A blocked time as the engine keeps it. */
export interface BlockedTimeRecord {
  readonly kind: "blockedTime"
  readonly id: BlockedTimeId
  readonly facilityId: FacilityId
  readonly fromMs: number
  readonly toMs: number
  readonly note: string
  readonly createdMs: number | undefined
  readonly changedMs: number | undefined
  readonly removedMs: number | undefined
  readonly channels: ReadonlyArray<{ readonly channel: string; readonly externalId?: ExternalId }>
}

export type ImportRecord = ReservationRecord | BlockedTimeRecord

/** What lines of the API do not tell. */
export interface Assumed {
  readonly timeZone: TimeZone
  readonly calendars: ReadonlyArray<CalendarLine>
  /** Whose view the lines are. */
  readonly channel: string
  readonly locale: string
}

const at = (zone: TimeZone, text: LocalDateTime, offset: UtcOffset | undefined, field: string) =>
  Result.mapError(
    resolveFrom(zone, { _tag: "Local", localMs: toLocalMs(text) }, offset),
    (problem) => `${field} ${problem === "gap" ? "is skipped by the clocks" : "has an offset that the zone has not"}`
  )

const until = (zone: TimeZone, text: LocalDateTime, offset: UtcOffset | undefined, fromMs: number) =>
  Result.flatMap(
    Result.mapError(
      resolveTo(zone, { _tag: "Local", localMs: toLocalMs(text) }, fromMs, offset),
      (problem) => `dateTo ${problem === "gap" ? "is skipped by the clocks" : "has an offset that the zone has not"}`
    ),
    (toMs) => (toMs > fromMs ? Result.succeed(toMs) : Result.fail("dateTo is not after dateFrom"))
  )

/** Parts "name surname" at its first space, so that both together are the same text again. */
const parted = (text: string): { readonly name: string; readonly surname: string } => {
  const space = text.indexOf(" ")
  return space < 0 ? { name: text, surname: "" } : { name: text.slice(0, space), surname: text.slice(space + 1) }
}

const calendarOf = (calendars: ReadonlyArray<CalendarLine>, serviceId: ServiceId): CalendarId | undefined =>
  calendars.find(({ exact, services }) =>
    [...services, ...(exact?.removedServices ?? [])].some(({ id }) => id === serviceId)
  )?.id

/** The record of a reservation's line, or what is wrong with it. */
export const reservationOf = (line: ReservationLine, assumed: Assumed): Result.Result<ReservationRecord, string> =>
  Result.gen(function* () {
    const { calendars, channel, locale, timeZone } = assumed
    const common = {
      kind: "reservation" as const,
      id: line.id,
      facilityId: line.facilityId,
      serviceId: line.service,
      calendarId: calendarOf(calendars, line.service),
      number: line.number,
      email: line.email ?? "",
      phone: line.phone ?? "",
      note: line.note,
      status: line.status,
      cancellationReason: line.cancellationReason
    }
    if (line.exact !== undefined) {
      const { cancelMs, ...exact } = line.exact
      if (exact.toMs <= exact.fromMs) return yield* Result.fail("toMs is not after fromMs")
      return { ...common, ...exact, cancelMs }
    }
    const fromMs = yield* at(timeZone, line.dateFrom, line.dateFromOffset, "dateFrom")
    const toMs = yield* until(timeZone, line.dateTo, line.dateToOffset, fromMs)
    return {
      ...common,
      ...parted(line.name),
      channel,
      locale,
      fromMs,
      toMs,
      createdMs: yield* at(timeZone, line.created, line.createdOffset, "created"),
      changedMs: undefined,
      cancelMs:
        line.cancelTime === undefined
          ? undefined
          : yield* at(timeZone, line.cancelTime, line.cancelTimeOffset, "cancelTime"),
      channels: [
        {
          channel,
          ...(line.externalId === undefined ? {} : { externalId: line.externalId }),
          needsSync: line.needsSync ?? true
        }
      ]
    }
  })

/** The record of a blocked time's line, or what is wrong with it. */
export const blockedTimeOf = (line: BlockedTimeLine, assumed: Assumed): Result.Result<BlockedTimeRecord, string> =>
  Result.gen(function* () {
    const common = {
      kind: "blockedTime" as const,
      id: line.id,
      facilityId: line.facilityId,
      note: line.note ?? ""
    }
    if (line.exact !== undefined) {
      const { removedMs, ...exact } = line.exact
      if (exact.toMs <= exact.fromMs) return yield* Result.fail("toMs is not after fromMs")
      return { ...common, ...exact, removedMs }
    }
    const fromMs = yield* at(assumed.timeZone, line.dateFrom, line.dateFromOffset, "dateFrom")
    return {
      ...common,
      fromMs,
      toMs: yield* until(assumed.timeZone, line.dateTo, line.dateToOffset, fromMs),
      createdMs: undefined,
      changedMs: undefined,
      removedMs: undefined,
      channels: line.externalId === undefined ? [] : [{ channel: assumed.channel, externalId: line.externalId }]
    }
  })
