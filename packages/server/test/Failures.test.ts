import { BackendError, type BackendErrorReason } from "@bookio-kit/core/error/BackendError"
import {
  DuplicateReservation,
  InvalidToken,
  NoCapacityLeft,
  PaymentError,
  PermissionDenied,
  ResourceNotFound,
  ValidationError
} from "@bookio-kit/core/error/Refusal"
import type { BlockedTimeId, ReservationId } from "@bookio-kit/core/scalar/Id"
import { about } from "@bookio-kit/core/text/Text"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { languageOfUrl } from "../src/Failures.ts"
import { makeServer, newReservation } from "./Support.ts"

const secret = "SELECT secret FROM patient WHERE email = 'marker@example.com'"
const create = { method: "POST", path: "/reservations", json: newReservation }

describe("refusals: MUST be sent with the code, status and texts of api.md, and not be logged as failures", () => {
  it.effect.each([
    [
      new ValidationError({ problems: [about("dateFrom", "closed"), about("name", "tooLong", { max: 100 })] }),
      400,
      10,
      ["dateFrom: lies outside the opening hours of the calendar", "name: must have at most 100 characters"],
      undefined
    ],
    [new ResourceNotFound({ resource: "Service" }), 400, 12, ["serviceId: there is no such service"], undefined],
    [new InvalidToken({ reason: "invalid" }), 401, 20, ["The token is not valid"], undefined],
    [new NoCapacityLeft({ reason: "full" }), 400, 30, ["There is no capacity left at that time"], undefined],
    [new NoCapacityLeft({ reason: "blocked" }), 400, 30, ["The time is blocked"], undefined],
    [
      new DuplicateReservation({ reason: "person", reservationId: 5 as ReservationId }),
      400,
      40,
      ["This person already has a reservation for that service and time"],
      { reservationId: 5 }
    ],
    [
      new DuplicateReservation({ reason: "externalId", blockedTimeId: 6 as BlockedTimeId }),
      400,
      40,
      ["externalId: is already used by another record of this channel"],
      { blockedTimeId: 6 }
    ],
    [
      new DuplicateReservation({ reason: "retry" }),
      400,
      40,
      ["externalId: repeats a record that has been cancelled or removed in the last 24 hours"],
      undefined
    ],
    [
      new PermissionDenied({ reason: "facility" }),
      403,
      403,
      ["facilityId: this token does not reach that facility"],
      undefined
    ]
  ] as const)("%s", ([error, status, errorCode, errors, data]) =>
    Effect.gen(function* () {
      const { ask, entries, logs } = yield* makeServer({ reservations: { create: () => Effect.fail(error) } })
      const answer = yield* ask(create)
      expect(answer.status).toBe(status)
      expect(answer.result).toEqual({ success: false, errors, errorCode, ...(data === undefined ? {} : { data }) })
      expect(answer.headers.get("www-authenticate")).toBe(status === 401 ? 'Bearer realm="bookio"' : null)
      expect(entries).toMatchObject([{ operation: "createReservation", errorCode, status, channelId: 7 }])
      expect(logs).toEqual([])
    })
  )

  it.effect("a payment error, which only another backend raises", () =>
    Effect.gen(function* () {
      // Not among the errors of the port's type; what the envelope makes of it is core's table.
      const { toWireError } = yield* Effect.promise(() => import("@bookio-kit/core/api/Envelope"))
      expect(toWireError(new PaymentError({}), "id")).toMatchObject({ status: 400, errorCode: 11 })
    })
  )
})

const failures: ReadonlyArray<
  readonly [reason: BackendErrorReason, status: number, retryable: boolean, errorCode: number | undefined]
> = [
  ["Internal", 500, false, 666],
  ["RateLimited", 429, true, undefined],
  ["Overloaded", 503, true, undefined],
  ["Unreachable", 502, true, undefined],
  ["MalformedResponse", 502, true, undefined],
  ["Timeout", 504, true, undefined],
  ["OutcomeUnknown", 504, false, undefined]
]

describe("failures: MUST send reason and retry hint, and nothing of the cause, on the wire or in a log", () => {
  it.effect.each(failures)("%s", ([reason, status, retryable, errorCode]) =>
    Effect.gen(function* () {
      const cause = Object.assign(new Error(secret), { code: "SQLITE_BUSY", parameters: [secret] })
      const { ask, entries, logs } = yield* makeServer({
        reservations: { create: () => Effect.fail(new BackendError({ reason, cause })) }
      })
      const answer = yield* ask({ ...create, headers: { "x-request-id": "request-1" } })
      expect(answer.status).toBe(status)
      expect(answer.result).toEqual({
        success: false,
        errors: [expect.any(String)],
        ...(errorCode === undefined ? {} : { errorCode }),
        reason,
        retryable
      })
      expect(entries).toHaveLength(1)
      expect(logs).toHaveLength(1)
      // Under the request's id, with the kind of the cause and where it was raised.
      expect(logs[0]).toContain('"requestId":"request-1"')
      expect(logs[0]).toContain(`"reason":"${reason}"`)
      expect(logs[0]).toContain("Error SQLITE_BUSY at ")
      for (const seen of [answer.text, ...logs, JSON.stringify(entries)]) {
        expect(seen).not.toMatch(/secret|marker/i)
      }
      expect(answer.text).not.toContain("SQLITE")
      if (errorCode === 666) {
        expect(answer.result.errors).toEqual(["Internal error; it was logged under the request id request-1"])
      }
    })
  )

  it.effect.each([
    ["RateLimited", 1500, "2"],
    ["RateLimited", undefined, "1"],
    ["Overloaded", 60_000, "60"],
    ["Timeout", 1500, null],
    ["Internal", 1500, null]
  ] as const)("Retry-After of %s after %s ms is %s", ([reason, retryAfterMs, header]) =>
    Effect.gen(function* () {
      const error = new BackendError({ reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
      const { ask } = yield* makeServer({ facilities: { list: Effect.fail(error) } })
      const answer = yield* ask({ path: "/facilities/cgm" })
      expect(answer.headers.get("retry-after")).toBe(header)
    })
  )

  it.effect("a token that cannot be looked up is a failure, not errorCode 20", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeServer({
        authenticator: { authenticate: () => Effect.fail(new BackendError({ reason: "Overloaded" })) }
      })
      expect((yield* ask({ path: "/facilities/cgm" })).status).toBe(503)
      expect((yield* ask({ path: "/nowhere" })).status).toBe(503)
    })
  )
})

it.effect("MUST write texts in the language that lang asks for", () =>
  Effect.gen(function* () {
    const { ask } = yield* makeServer({
      reservations: { create: () => Effect.fail(new NoCapacityLeft({ reason: "full" })) }
    })
    const texts = new Set<string | undefined>()
    for (const lang of ["en", "sk", "cs", "de", "hu", "pl"]) {
      texts.add((yield* ask({ ...create, path: `/reservations?lang=${lang}` })).result.errors?.[0])
    }
    expect(texts.size).toBe(6)
    const unsupported = yield* ask({ ...create, path: "/reservations?lang=fr" })
    expect(unsupported.result.errors).toEqual(["There is no capacity left at that time"])
  })
)

describe("languageOfUrl", () => {
  it.each([
    ["/x", "en"],
    ["/x?lang=sk", "sk"],
    ["/x?a=1&lang=hu&b", "hu"],
    ["/x?lang=%73k", "sk"],
    ["/x?lang=sk&lang=cs", "en"],
    ["/x?lang=SK", "en"],
    ["/x?lang", "en"],
    ["/x?lang=__proto__", "en"],
    ["/lang=sk", "en"]
  ] as const)("%s is %s", (url, language) => {
    expect(languageOfUrl(url)).toBe(language)
  })
})
