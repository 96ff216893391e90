/** Refusals over the wire and back: what core writes, the client reads again, in every language. */
import { toFailure, toWireError } from "@bookio-kit/core/api/Envelope"
import type { Refusal } from "@bookio-kit/core/error/Refusal"
import * as Errors from "@bookio-kit/core/error/Refusal"
import { BlockedTimeId, ReservationId } from "@bookio-kit/core/scalar/Id"
import { about, catalogue, type Language, render, say, type TextKey } from "@bookio-kit/core/text/Text"
import { assert, describe, it } from "@effect/vitest"
import { judge } from "../src/Answers.ts"
import { toRefusal } from "../src/Refusals.ts"
import { saidBy, textOf } from "../src/Said.ts"

const languages: ReadonlyArray<Language> = ["en", "sk", "cs", "de", "hu", "pl"]

const there = (error: Refusal, language: Language, operation = "createReservation"): Refusal => {
  const body = JSON.stringify(toFailure(error, "id", language))
  const { status } = toWireError(error, "id")
  const verdict = judge({ status, headers: {}, bytes: new TextEncoder().encode(body), ended: "whole" }, "write")
  if (verdict._tag !== "Refusal") throw new Error(`read as ${verdict._tag}`)
  return toRefusal(verdict, operation, language)
}

const refusals: ReadonlyArray<Refusal> = [
  new Errors.ValidationError({
    problems: [about("dateFrom", "inGap"), about("services[0].name", "tooLong", { max: 200 }), say("invalid")]
  }),
  new Errors.PaymentError(),
  ...(["Facility", "Calendar", "Service", "Reservation", "BlockedTime"] as const).map(
    (resource) => new Errors.ResourceNotFound({ resource })
  ),
  new Errors.InvalidToken({ reason: "missing" }),
  new Errors.InvalidToken({ reason: "invalid" }),
  new Errors.NoCapacityLeft({ reason: "blocked" }),
  new Errors.NoCapacityLeft({ reason: "full" }),
  new Errors.DuplicateReservation({ reason: "externalId", reservationId: ReservationId.make(7) }),
  new Errors.DuplicateReservation({ reason: "retry", blockedTimeId: BlockedTimeId.make(7) }),
  new Errors.DuplicateReservation({ reason: "person" }),
  new Errors.PermissionDenied({ reason: "facility" }),
  new Errors.PermissionDenied({ reason: "access" }),
  new Errors.EndpointNotFound()
]

describe("toRefusal", () => {
  for (const language of languages) {
    it(`reads every refusal of ours as it was, in ${language}`, () => {
      for (const error of refusals) assert.deepStrictEqual({ ...there(error, language) }, { ...error })
    })
  }

  const foreign = (
    code: 10 | 12 | 20 | 30 | 40 | 403,
    said: ReadonlyArray<string>,
    operation: string,
    data?: unknown
  ) => toRefusal({ _tag: "Refusal", code, said, data }, operation, "en")

  it("keeps another server's words beside the error, never in it", () => {
    const error = foreign(10, ["Mr John Audrey is not welcome"], "createReservation")
    assert.deepStrictEqual(error, new Errors.ValidationError({ problems: [say("invalid")] }))
    assert.deepStrictEqual(saidBy(error), ["Mr John Audrey is not welcome"])
    assert.notInclude(JSON.stringify(error) + String(error), "John")
  })

  it("takes from the operation what another server does not say", () => {
    assert.deepInclude({ ...foreign(12, [], "changeReservationTerm") }, { resource: "Reservation" })
    assert.deepInclude({ ...foreign(12, ["?"], "removeBlockedTime") }, { resource: "BlockedTime" })
    assert.deepInclude({ ...foreign(12, [], "createReservation") }, { resource: "Service" })
    assert.strictEqual(JSON.stringify(foreign(40, [], "createReservation", { reservationId: 5 })).includes("5"), true)
    assert.notProperty(foreign(40, [], "createReservation", { reservationId: "5" }), "reservationId")
    assert.strictEqual(foreign(10, [], "createReservation")._tag, "ValidationError")
  })
})

describe("textOf", () => {
  for (const language of languages) {
    it(`finds every text of the catalogue again, in ${language}`, () => {
      for (const key of Object.keys(catalogue(language)) as ReadonlyArray<TextKey>) {
        const names = [...catalogue(language)[key].matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "")
        const text = about(
          "field",
          key,
          names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, 5]))
        )
        const sentence = render(text, language)
        // Two keys may read the same in a language: then what is said is the same.
        const found = textOf(sentence, language)
        assert.strictEqual(found === undefined ? undefined : render(found, language), sentence)
      }
    })
  }
  it("falls back to English, and knows nothing of anybody else's sentences", () => {
    assert.deepStrictEqual(textOf("name: is required", "hu"), about("name", "required"))
    for (const sentence of ["", "Nope", "name: John is not a name", "is required: name"])
      assert.isUndefined(textOf(sentence, "sk"))
  })
})
