/**
 * Ids as the API has them: whole numbers from 1 to 2^53-1, numbers in JSON, decimal text in a path or a query. Ids of the
 * embedded engine are never used for a second thing.
 */
import * as Schema from "effect/Schema"
import { whole } from "./Check.ts"

/** A whole number from 1 to 2^53-1. */
export const Id = whole(1, Number.MAX_SAFE_INTEGER, "notId", { format: "int64" }).annotate({ examples: [123] })

export const FacilityId = Id.pipe(Schema.brand("FacilityId"))
/** The id of a facility (a clinic). */
export type FacilityId = typeof FacilityId.Type

export const CalendarId = Id.pipe(Schema.brand("CalendarId"))
/** The id of a calendar of a facility. */
export type CalendarId = typeof CalendarId.Type

export const ServiceId = Id.pipe(Schema.brand("ServiceId"))
/** The id of a service; it belongs to one calendar (engine.md, rule 1). */
export type ServiceId = typeof ServiceId.Type

export const IntervalId = Id.pipe(Schema.brand("IntervalId"))
/** The id of an opening interval of a calendar. */
export type IntervalId = typeof IntervalId.Type

export const ReservationId = Id.pipe(Schema.brand("ReservationId"))
/** The id of a reservation. */
export type ReservationId = typeof ReservationId.Type

export const BlockedTimeId = Id.pipe(Schema.brand("BlockedTimeId"))
/** The id of a blocked time. */
export type BlockedTimeId = typeof BlockedTimeId.Type

export const ExternalId = Id.pipe(Schema.brand("ExternalId"))
/** The id that a channel's own software gave to a reservation or blocked time (engine.md, rule 9). */
export type ExternalId = typeof ExternalId.Type

export const ChannelId = Id.pipe(Schema.brand("ChannelId"))
/** The id of a channel: what a token is bound to. */
export type ChannelId = typeof ChannelId.Type

export const TokenId = Id.pipe(Schema.brand("TokenId"))
/** The id of a token in the backend's own store; it tells nothing of the token. */
export type TokenId = typeof TokenId.Type
