/**
 * A line of the audit log: who called which writing operation, on which records, when, and how it ended. It holds ids and
 * codes only: no text of a request, no data of a person, no channel's own ids.
 */
import * as Schema from "effect/Schema"
import { described } from "../scalar/Described.ts"
import {
  BlockedTimeId,
  CalendarId,
  ChannelId,
  FacilityId,
  Id,
  ReservationId,
  ServiceId,
  TokenId
} from "../scalar/Id.ts"
import type { LocalDate } from "../time/LocalDate.ts"

export const AuditEntry = Schema.Struct({
  id: Id,
  at: Schema.String.annotate({
    description: "When it was done, RFC 3339 in UTC with milliseconds.",
    format: "date-time",
    examples: ["2026-11-22T18:27:21.899Z"]
  }),
  channelId: ChannelId,
  tokenId: described(Schema.optionalKey(TokenId), "The token's id in the server's database."),
  operation: Schema.String.annotate({ examples: ["createReservation"] }),
  facilityId: described(
    Schema.optionalKey(FacilityId),
    "Absent where the caller's channel does not reach the facility."
  ),
  calendarId: Schema.optionalKey(CalendarId),
  serviceId: Schema.optionalKey(ServiceId),
  reservationId: Schema.optionalKey(ReservationId),
  blockedTimeId: Schema.optionalKey(BlockedTimeId),
  status: Schema.Int.annotate({ description: "The HTTP status of the answer.", examples: [200] }),
  errorCode: described(Schema.optionalKey(Schema.Int), "Absent for a success."),
  requestId: Schema.String.annotate({ description: "The X-Request-Id of the answer." })
}).annotate({ identifier: "AuditEntry" })
export type AuditEntry = typeof AuditEntry.Type

/** Which lines, and which page of them. */
export interface AuditQuery {
  /** First and last day in UTC, both inclusive. */
  readonly from?: LocalDate
  readonly to?: LocalDate
  /** Rows to skip; 0 by default. */
  readonly offset?: number
  /** 0 to 100 rows; 100 by default. */
  readonly limit?: number
}
