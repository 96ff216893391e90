/**
 * Refusals: the server understood the request and said no. One class for each decision that a caller makes (api.md,
 * "Errors"). None of them is helped by sending the same request again.
 */
import * as Schema from "effect/Schema"
import { BlockedTimeId, ReservationId } from "../scalar/Id.ts"
import { Text } from "../text/Text.ts"

/** errorCode 10: the request, or what it asks for, breaks a rule; every problem found is told, each with its field. */
export class ValidationError extends Schema.TaggedError<ValidationError>()("ValidationError", {
  problems: Schema.NonEmptyArray(Text)
}) {
  readonly isRetryable = false
  override get message() {
    return this.problems.map((problem) => `${problem.field ?? ""} ${problem.key}`.trim()).join(", ")
  }
}

/** errorCode 11: the reservation cannot be marked as paid. The embedded engine never raises it. */
export class PaymentError extends Schema.TaggedError<PaymentError>()("PaymentError", {}) {
  readonly isRetryable = false
}

/** errorCode 12: there is no such thing, or the caller's channel does not reach it; the two are not told apart. */
export class ResourceNotFound extends Schema.TaggedError<ResourceNotFound>()("ResourceNotFound", {
  resource: Schema.Literals(["Facility", "Calendar", "Service", "Reservation", "BlockedTime", "Webhook", "Undelivered"])
}) {
  readonly isRetryable = false
}

/** errorCode 20: no token, or one that is unknown, expired or revoked. */
export class InvalidToken extends Schema.TaggedError<InvalidToken>()("InvalidToken", {
  reason: Schema.Literals(["missing", "invalid"])
}) {
  readonly isRetryable = false
}

/** errorCode 30: the time is blocked, or the calendar is full (engine.md, rules 4 and 5). */
export class NoCapacityLeft extends Schema.TaggedError<NoCapacityLeft>()("NoCapacityLeft", {
  reason: Schema.Literals(["blocked", "full"])
}) {
  readonly isRetryable = false
}

/**
 * errorCode 40: the same externalId, a late retry, or the same person at the same time (engine.md, rule 6). The id is that
 * of the existing record, where the caller may see it.
 */
export class DuplicateReservation extends Schema.TaggedError<DuplicateReservation>()("DuplicateReservation", {
  reason: Schema.Literals(["externalId", "retry", "person"]),
  reservationId: Schema.optionalKey(ReservationId),
  blockedTimeId: Schema.optionalKey(BlockedTimeId)
}) {
  readonly isRetryable = false
}

/** errorCode 403: the token does not reach the facility that the request names, or is not allowed to do this. */
export class PermissionDenied extends Schema.TaggedError<PermissionDenied>()("PermissionDenied", {
  reason: Schema.Literals(["facility", "access"])
}) {
  readonly isRetryable = false
}

/** errorCode 404: no such endpoint, or not with this method. */
export class EndpointNotFound extends Schema.TaggedError<EndpointNotFound>()("EndpointNotFound", {}) {
  readonly isRetryable = false
}

/** Every refusal. */
export type Refusal =
  | ValidationError
  | PaymentError
  | ResourceNotFound
  | InvalidToken
  | NoCapacityLeft
  | DuplicateReservation
  | PermissionDenied
  | EndpointNotFound
