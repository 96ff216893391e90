/**
 * A reservation: a person's place in a calendar, for a service, over a term. Rows carry the wire's own texts for times,
 * for a list page holds a hundred of them (performance.md).
 */
import * as Schema from "effect/Schema"
import { row } from "../page/Row.ts"
import { saying } from "../scalar/Check.ts"
import { described } from "../scalar/Described.ts"
import { ExternalId, FacilityId, ReservationId, ServiceId } from "../scalar/Id.ts"
import { tolerant } from "../scalar/Tolerant.ts"
import { CancellationReason, Email, Locale, Note, PersonName, Phone } from "../scalar/Words.ts"
import { LocalDateTime } from "../time/LocalDateTime.ts"
import { offsetsHaveTimes } from "../time/TermOffsets.ts"
import { UtcOffset } from "../time/UtcOffset.ts"
import { WallTime } from "../time/WallTime.ts"

export const ReservationStatus = Schema.Literals(["CONFIRMED", "CANCELLED", "DID_NOT_COME"]).annotate(
  saying("notOneOf", { allowed: "CONFIRMED, CANCELLED, DID_NOT_COME" })
)
export type ReservationStatus = typeof ReservationStatus.Type

/**
 * A reservation as one channel sees it. Times are wall-clock times in the facility's zone; a member `…Offset` stands
 * beside one that means the second pass of a repeated hour (api.md, "The repeated hour").
 */
export const Reservation = row(
  Schema.Struct({
    id: ReservationId,
    externalId: tolerant(ExternalId),
    number: tolerant(Schema.String.annotate({ examples: ["a2se8w"] })),
    /** "name surname" as they were given. */
    name: Schema.String.annotate({ examples: ["John Audrey"] }),
    email: tolerant(Schema.String),
    phone: tolerant(Schema.String),
    service: ServiceId,
    /** Elapsed minutes from `dateFrom` to `dateTo`. */
    duration: Schema.Finite,
    created: LocalDateTime,
    createdOffset: tolerant(UtcOffset),
    /** Inclusive. */
    dateFrom: LocalDateTime,
    dateFromOffset: tolerant(UtcOffset),
    /** Exclusive. */
    dateTo: LocalDateTime,
    dateToOffset: tolerant(UtcOffset),
    cancelTime: tolerant(LocalDateTime),
    cancelTimeOffset: tolerant(UtcOffset),
    cancellationReason: tolerant(Schema.String),
    needsSync: Schema.Boolean,
    facilityId: FacilityId,
    note: tolerant(Schema.String),
    status: ReservationStatus
  }).annotate({ identifier: "Reservation" })
)
export type Reservation = typeof Reservation.Type

/** What creates a reservation; its end is `dateFrom` plus the service's duration in elapsed minutes. */
export const NewReservation = Schema.Struct({
  name: PersonName,
  surname: PersonName,
  email: Email,
  phone: described(Phone, "An optional +, then 7 to 15 digits, with spaces, -, /, ( and ) allowed."),
  dateFrom: described(WallTime, "Start, inclusive; the end is the service's duration in elapsed minutes later."),
  dateFromOffset: Schema.optionalKey(UtcOffset),
  locale: described(Locale, "The language to write to the person in, ISO 639-1."),
  externalId: described(ExternalId, "The channel's own id of it, unique among its reservations of the facility."),
  serviceId: ServiceId,
  note: Schema.optionalKey(Note),
  facilityId: FacilityId
}).annotate({ identifier: "NewReservation", ...saying("notObject") })
export type NewReservation = typeof NewReservation.Type

/** What changes the status; the reason is stored on CANCELLED. */
export const StatusChange = Schema.Struct({
  status: ReservationStatus,
  cancellationReason: described(Schema.optionalKey(CancellationReason), "Stored with CANCELLED only.")
}).annotate({ identifier: "StatusChange", ...saying("notObject") })
export type StatusChange = typeof StatusChange.Type

/**
 * What moves a reservation: `dateFrom` alone, or with `dateTo` null, takes the service's duration; `dateTo` alone keeps
 * `dateFrom`; neither changes nothing (api.md, 9).
 */
export const TermChange = Schema.Struct({
  dateFrom: described(Schema.optionalKey(WallTime), "Start, inclusive; kept where left out."),
  dateFromOffset: Schema.optionalKey(UtcOffset),
  dateTo: described(
    Schema.optionalKey(Schema.NullOr(WallTime)),
    "End, exclusive. Where null, or left out beside dateFrom, the length becomes the service's duration."
  ),
  dateToOffset: Schema.optionalKey(UtcOffset)
})
  .check(offsetsHaveTimes)
  .annotate({ identifier: "TermChange", ...saying("notObject") })
export type TermChange = typeof TermChange.Type

/** What confirms a sync: without an externalId the channel's own stays (api.md, 10). */
export const SyncConfirmation = Schema.Struct({
  externalId: described(
    Schema.optionalKey(ExternalId),
    "The channel's own id of it; required where the channel has told none before."
  )
}).annotate({
  identifier: "SyncConfirmation",
  ...saying("notObject")
})
export type SyncConfirmation = typeof SyncConfirmation.Type
