/**
 * The envelope of every answer (api.md, "Basics" and "Errors"), and the one table between errors and what is sent: code,
 * HTTP status, texts.
 */
import * as Match from "effect/Match"
import * as Schema from "effect/Schema"
import { type BackendError, BackendErrorReason } from "../error/BackendError.ts"
import type { Refusal } from "../error/Refusal.ts"
import { BlockedTimeId, ReservationId } from "../scalar/Id.ts"
import { tolerant } from "../scalar/Tolerant.ts"
import { about, type Language, render, say, type Text } from "../text/Text.ts"

/** The envelope of a success; `errors` are warnings. */
export const Success = <S extends Schema.Top>(data: S) =>
  Schema.Struct({
    result: Schema.Struct({
      success: Schema.Literal(true),
      errors: tolerant(Schema.Array(Schema.String)),
      data
    })
  })

/** The codes of the reference's table. */
export const ErrorCode = Schema.Literals([10, 11, 12, 20, 30, 40, 403, 404, 666])
export type ErrorCode = typeof ErrorCode.Type

/** The envelope of a failure. `errorCode`, `reason` and `retryable` are inferred (api.md). */
export const Failure = Schema.Struct({
  result: Schema.Struct({
    success: Schema.Literal(false),
    errors: Schema.Array(Schema.String),
    errorCode: Schema.optionalKey(ErrorCode),
    reason: Schema.optionalKey(BackendErrorReason),
    retryable: Schema.optionalKey(Schema.Boolean),
    data: Schema.optionalKey(
      Schema.Struct({
        reservationId: Schema.optionalKey(ReservationId),
        blockedTimeId: Schema.optionalKey(BlockedTimeId)
      })
    )
  })
}).annotate({ identifier: "Failure" })
export type Failure = typeof Failure.Type

/** Everything that an operation can fail with. */
export type ApiError = Refusal | BackendError

/** What an error is on the wire, before its texts are rendered. */
export interface WireError {
  readonly status: number
  readonly errorCode?: ErrorCode
  readonly texts: ReadonlyArray<Text>
  readonly data?: NonNullable<Failure["result"]["data"]>
}

const notFoundTexts = {
  Facility: about("facilityId", "noFacility"),
  Calendar: about("calendarId", "noCalendar"),
  Service: about("serviceId", "noService"),
  Reservation: about("reservationId", "noReservation"),
  BlockedTime: about("blockedTimeId", "noBlockedTime"),
  Webhook: about("webhookId", "noWebhook"),
  Undelivered: about("undeliveredId", "noUndelivered")
} as const

const duplicateTexts = {
  externalId: about("externalId", "duplicateExternalId"),
  retry: about("externalId", "duplicateRetry"),
  person: say("duplicatePerson")
} as const

const failures: {
  readonly [R in BackendErrorReason]: { readonly status: number; readonly key: Text["key"]; readonly errorCode?: 666 }
} = {
  Internal: { status: 500, key: "internal", errorCode: 666 },
  RateLimited: { status: 429, key: "rateLimited" },
  Overloaded: { status: 503, key: "overloaded" },
  Unreachable: { status: 502, key: "unreachable" },
  MalformedResponse: { status: 502, key: "malformedResponse" },
  Timeout: { status: 504, key: "timeout" },
  OutcomeUnknown: { status: 504, key: "outcomeUnknown" }
}

const formStatus = (problems: ReadonlyArray<Text>) =>
  problems.some((problem) => problem.key === "contentType")
    ? 415
    : problems.some((problem) => problem.key === "bodyTooLarge")
      ? 413
      : 400

/** The code, status and texts of an error; the table of api.md, "Errors". */
export const toWireError = (error: ApiError, requestId: string): WireError =>
  Match.value(error).pipe(
    Match.tagsExhaustive({
      ValidationError: ({ problems }) => ({ status: formStatus(problems), errorCode: 10 as const, texts: problems }),
      PaymentError: () => ({ status: 400, errorCode: 11 as const, texts: [say("paymentError")] }),
      ResourceNotFound: ({ resource }) => ({ status: 400, errorCode: 12 as const, texts: [notFoundTexts[resource]] }),
      InvalidToken: ({ reason }) => ({
        status: 401,
        errorCode: 20 as const,
        texts: [say(reason === "missing" ? "tokenMissing" : "tokenInvalid")]
      }),
      NoCapacityLeft: ({ reason }) => ({
        status: 400,
        errorCode: 30 as const,
        texts: [say(reason === "blocked" ? "timeBlocked" : "noCapacity")]
      }),
      DuplicateReservation: ({ blockedTimeId, reason, reservationId }) => ({
        status: 400,
        errorCode: 40 as const,
        texts: [duplicateTexts[reason]],
        ...(reservationId === undefined && blockedTimeId === undefined
          ? {}
          : {
              data: {
                ...(reservationId === undefined ? {} : { reservationId }),
                ...(blockedTimeId === undefined ? {} : { blockedTimeId })
              }
            })
      }),
      PermissionDenied: ({ reason }) => ({
        status: 403,
        errorCode: 403 as const,
        texts: [reason === "facility" ? about("facilityId", "facilityDenied") : say("accessDenied")]
      }),
      EndpointNotFound: () => ({ status: 404, errorCode: 404 as const, texts: [say("noEndpoint")] }),
      BackendError: ({ reason }) => {
        const { errorCode, key, status } = failures[reason]
        const texts = [say(key, { requestId })]
        return errorCode === undefined ? { status, texts } : { status, errorCode, texts }
      }
    })
  )

/** The envelope of an error in a language. */
export const toFailure = (error: ApiError, requestId: string, language: Language): Failure => {
  const { data, errorCode, texts } = toWireError(error, requestId)
  return {
    result: {
      success: false,
      errors: texts.map((text) => render(text, language)),
      ...(errorCode === undefined ? {} : { errorCode }),
      ...(error._tag === "BackendError" ? { reason: error.reason, retryable: error.isRetryable } : {}),
      ...(data === undefined ? {} : { data })
    }
  }
}
