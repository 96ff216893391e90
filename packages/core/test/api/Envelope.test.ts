/** Tests of the table between errors and what is sent: api.md, "Errors". */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { type ApiError, Failure, toFailure, toWireError } from "../../src/api/Envelope.ts"
import { BackendError, type BackendErrorReason } from "../../src/error/BackendError.ts"
import * as Refusal from "../../src/error/Refusal.ts"
import { BlockedTimeId, ReservationId } from "../../src/scalar/Id.ts"
import { about, catalogue, Language, render, say, type TextKey } from "../../src/text/Text.ts"

const refusal = (error: Refusal.Refusal, status: number, errorCode: number, ...errors: ReadonlyArray<string>) => ({
  name: `${error._tag} ${"reason" in error ? error.reason : "resource" in error ? error.resource : ""}`.trim(),
  error,
  status,
  result: { success: false, errors, errorCode }
})

const invalid = (key: TextKey) => new Refusal.ValidationError({ problems: [about("body", key, { max: 1000 })] })

const refusals = [
  refusal(
    new Refusal.ValidationError({ problems: [about("name", "empty"), about("email", "required")] }),
    400,
    10,
    "name: must not be empty",
    "email: is required"
  ),
  refusal(invalid("bodyTooLarge"), 413, 10, "body: must have at most 1000 bytes"),
  refusal(invalid("contentType"), 415, 10, "body: must be sent as application/json in UTF-8"),
  refusal(new Refusal.PaymentError(), 400, 11, "The reservation cannot be marked as paid"),
  ...(["Facility", "Calendar", "Service", "Reservation"] as const).map((resource) =>
    refusal(
      new Refusal.ResourceNotFound({ resource }),
      400,
      12,
      `${resource.toLowerCase()}Id: there is no such ${resource.toLowerCase()}`
    )
  ),
  refusal(
    new Refusal.ResourceNotFound({ resource: "BlockedTime" }),
    400,
    12,
    "blockedTimeId: there is no such blocked time"
  ),
  refusal(new Refusal.InvalidToken({ reason: "missing" }), 401, 20, "A Bearer token is required"),
  refusal(new Refusal.InvalidToken({ reason: "invalid" }), 401, 20, "The token is not valid"),
  refusal(new Refusal.NoCapacityLeft({ reason: "full" }), 400, 30, "There is no capacity left at that time"),
  refusal(new Refusal.NoCapacityLeft({ reason: "blocked" }), 400, 30, "The time is blocked"),
  refusal(
    new Refusal.DuplicateReservation({ reason: "externalId" }),
    400,
    40,
    "externalId: is already used by another record of this channel"
  ),
  refusal(
    new Refusal.DuplicateReservation({ reason: "retry" }),
    400,
    40,
    "externalId: repeats a record that has been cancelled or removed in the last 24 hours"
  ),
  refusal(
    new Refusal.DuplicateReservation({ reason: "person" }),
    400,
    40,
    "This person already has a reservation for that service and time"
  ),
  refusal(
    new Refusal.PermissionDenied({ reason: "facility" }),
    403,
    403,
    "facilityId: this token does not reach that facility"
  ),
  refusal(new Refusal.PermissionDenied({ reason: "access" }), 403, 403, "This token is not allowed to do that"),
  refusal(new Refusal.EndpointNotFound(), 404, 404, "There is no such endpoint, or it does not accept this method")
]

const secret = "SELECT 'Ján Novák'"
const failure = (
  reason: BackendErrorReason,
  status: number,
  retryable: boolean,
  error: string,
  code: { readonly errorCode?: number } = {}
) => ({
  name: `BackendError ${reason}`,
  error: new BackendError({ reason, retryAfterMs: 5, cause: new Error(secret) }),
  status,
  result: { success: false, errors: [error], ...code, reason, retryable }
})

const failures = [
  failure("Internal", 500, false, "Internal error; it was logged under the request id req-1", { errorCode: 666 }),
  failure("RateLimited", 429, true, "Too many requests; try again later"),
  failure("Overloaded", 503, true, "The server is overloaded; try again later"),
  failure("Unreachable", 502, true, "The reservation system cannot be reached; try again later"),
  failure("MalformedResponse", 502, true, "The reservation system gave an answer that cannot be understood"),
  failure("Timeout", 504, true, "The request took too long; try again later"),
  failure(
    "OutcomeUnknown",
    504,
    false,
    "It is not known whether the change was made; look it up before sending it again"
  )
]

const cases: ReadonlyArray<{ name: string; error: ApiError; status: number; result: { success: boolean } }> = [
  ...refusals,
  ...failures
]

describe.each(cases)("$name", ({ error, result, status }) => {
  it("is sent with its status, code, text and hints, and nothing else", () => {
    expect(toWireError(error, "req-1").status).toBe(status)
    expect(toFailure(error, "req-1", "en")).toStrictEqual({ result })
  })

  it("is a failure of the contract, with no cause in it", () => {
    const encoded = Schema.encodeSync(Failure)(toFailure(error, "req-1", "en"))
    expect(encoded).toStrictEqual({ result })
    expect(JSON.stringify(encoded)).not.toContain("Novák")
  })

  it.each(Language.literals)("is said in %s", (language) => {
    const { texts } = toWireError(error, "req-1")
    const { errors } = toFailure(error, "req-1", language).result
    expect(errors).toEqual(texts.map((text) => render(text, language)))
    for (const [index, { key }] of texts.entries()) {
      const words = catalogue(language)[key].split(/\{\w+\}/)[0]!
      expect(errors[index]!.toLowerCase()).toContain(words.toLowerCase())
    }
  })
})

describe("a duplicate", () => {
  it.each([{ reservationId: ReservationId.make(5) }, { blockedTimeId: BlockedTimeId.make(6) }])(
    "names the existing record where the caller may see it: %j",
    (data) => {
      const error = new Refusal.DuplicateReservation({ reason: "externalId", ...data })
      expect(toFailure(error, "req-1", "en").result).toStrictEqual({
        success: false,
        errors: ["externalId: is already used by another record of this channel"],
        errorCode: 40,
        data
      })
    }
  )
})

describe("a validation error", () => {
  it("has the status of its gravest problem, wherever that stands", () => {
    const statusOf = (...keys: ReadonlyArray<TextKey>) => {
      const [first, ...others] = keys.map((key) => say(key))
      return toWireError(new Refusal.ValidationError({ problems: [first!, ...others] }), "").status
    }
    expect(statusOf("empty", "contentType")).toBe(415)
    expect(statusOf("empty", "bodyTooLarge")).toBe(413)
    expect(statusOf("notJson")).toBe(400)
  })
})
