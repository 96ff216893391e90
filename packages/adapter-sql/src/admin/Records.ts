/**
 * The lines of an export: each is a record as the API lists it, with its kind, and, where the export was made of a
 * database, `exact`: what a listing does not tell, such as instants to the millisecond and what every channel calls it.
 * Lines may come twice for one record; the last one counts. The first line says what the export is, the last that it is whole.
 */
import { BlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { Calendar, Service } from "@bookio-kit/core/calendar/Calendar"
import { Facility } from "@bookio-kit/core/facility/Facility"
import { Reservation } from "@bookio-kit/core/reservation/Reservation"
import { ExternalId, FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Schema from "effect/Schema"

/** The version of the format, which rises when an older reader would misread it. */
export const formatVersion = 1

/** The first line. */
export const StartLine = Schema.Struct({
  kind: Schema.Literal("export"),
  version: Schema.Int,
  /** `database`: lines are `exact`. `api`: as one channel sees them. */
  source: Schema.Literals(["database", "api"]),
  facilityId: FacilityId,
  /** When it began, RFC 3339 in UTC. */
  at: Schema.String
})
export type StartLine = typeof StartLine.Type

/** The last line: how many lines of each kind there are. */
export const EndLine = Schema.Struct({
  kind: Schema.Literal("end"),
  /** Whether nothing that was there throughout can be missing. */
  complete: Schema.Boolean,
  reservations: Schema.Int,
  blockedTimes: Schema.Int
})
export type EndLine = typeof EndLine.Type

export const FacilityLine = Schema.Struct({
  kind: Schema.Literal("facility"),
  ...Facility.fields,
  exact: Schema.optionalKey(
    Schema.Struct({
      seedKey: Schema.optionalKey(Schema.String),
      /** The names of the channels that reach it. */
      channels: Schema.Array(Schema.String),
      lastChangeMs: Schema.Int
    })
  )
})
export type FacilityLine = typeof FacilityLine.Type

export const CalendarLine = Schema.Struct({
  kind: Schema.Literal("calendar"),
  ...Calendar.fields,
  exact: Schema.optionalKey(
    Schema.Struct({
      seedKey: Schema.optionalKey(Schema.String),
      /** Which reservations of before still name. */
      removedServices: Schema.Array(Service)
    })
  )
})
export type CalendarLine = typeof CalendarLine.Type

export const ReservationLine = Schema.Struct({
  kind: Schema.Literal("reservation"),
  ...Reservation.fields,
  // Both are a channel's own: of all channels they stand in `exact`.
  needsSync: Schema.optionalKey(Schema.Boolean),
  exact: Schema.optionalKey(
    Schema.Struct({
      name: Schema.String,
      surname: Schema.String,
      locale: Schema.String,
      /** The channel that made it. */
      channel: Schema.String,
      fromMs: Schema.Int,
      toMs: Schema.Int,
      createdMs: Schema.Int,
      changedMs: Schema.Int,
      cancelMs: Schema.optionalKey(Schema.Int),
      channels: Schema.Array(
        Schema.Struct({
          channel: Schema.String,
          externalId: Schema.optionalKey(ExternalId),
          needsSync: Schema.Boolean
        })
      )
    })
  )
})
export type ReservationLine = typeof ReservationLine.Type

export const BlockedTimeLine = Schema.Struct({
  kind: Schema.Literal("blockedTime"),
  facilityId: FacilityId,
  ...BlockedTime.fields,
  exact: Schema.optionalKey(
    Schema.Struct({
      fromMs: Schema.Int,
      toMs: Schema.Int,
      createdMs: Schema.Int,
      changedMs: Schema.Int,
      removedMs: Schema.optionalKey(Schema.Int),
      channels: Schema.Array(Schema.Struct({ channel: Schema.String, externalId: ExternalId }))
    })
  )
})
export type BlockedTimeLine = typeof BlockedTimeLine.Type

/** A line that holds a record. */
export const RecordLine = Schema.Union([FacilityLine, CalendarLine, ReservationLine, BlockedTimeLine])
export type RecordLine = typeof RecordLine.Type

/** Any line of an export. */
export const Line = Schema.Union([StartLine, FacilityLine, CalendarLine, ReservationLine, BlockedTimeLine, EndLine])
export type Line = typeof Line.Type
