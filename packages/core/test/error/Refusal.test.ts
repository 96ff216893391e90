/** Tests of refusals: none is helped by a retry, and what they say of themselves holds nothing that was sent. */
import { describe, expect, it } from "@effect/vitest"
import * as Refusal from "../../src/error/Refusal.ts"
import { about, say } from "../../src/text/Text.ts"

const refusals: ReadonlyArray<Refusal.Refusal> = [
  new Refusal.ValidationError({ problems: [about("name", "required"), say("notJson")] }),
  new Refusal.PaymentError(),
  new Refusal.ResourceNotFound({ resource: "Service" }),
  new Refusal.InvalidToken({ reason: "missing" }),
  new Refusal.NoCapacityLeft({ reason: "full" }),
  new Refusal.DuplicateReservation({ reason: "person" }),
  new Refusal.PermissionDenied({ reason: "access" }),
  new Refusal.EndpointNotFound()
]

describe("every refusal", () => {
  it.each(refusals.map((refusal) => [refusal._tag, refusal] as const))("%s is not retryable", (_, refusal) => {
    expect(refusal.isRetryable).toBe(false)
  })

  it("is an error with a tag of its own", () => {
    expect(new Set(refusals.map((refusal) => refusal._tag)).size).toBe(refusals.length)
    expect(refusals.every((refusal) => refusal instanceof Error)).toBe(true)
  })
})

describe("ValidationError", () => {
  it("lists its problems by field and key", () => {
    expect(refusals[0]?.message).toBe("name required, notJson")
  })
})
