import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { IdempotencyKey, isRemembered } from "../../src/idempotency/IdempotencyKey.ts"
import { problemsOf } from "../../src/text/Problems.ts"

const decode = Schema.decodeUnknownResult(IdempotencyKey)

describe("IdempotencyKey", () => {
  it.each(["!", "~", "k", "8e685fa2-6680-4152-9be8-0af997e71866", "a".repeat(255), '"quoted"'])("takes %j", (text) => {
    expect(decode(text)._tag).toBe("Success")
  })

  it.each(["", " ", "a b", "a,\tb", "a, b", "ä", "\u007f", "\u0000", "a".repeat(256), 7])("refuses %j", (text) => {
    const decoded = decode(text)
    expect(decoded._tag === "Failure" && problemsOf(decoded.failure.issue)).toEqual([{ key: "notIdempotencyKey" }])
  })
})

describe("isRemembered", () => {
  it.each([
    [200, undefined, true],
    [400, 10, true],
    [400, 12, true],
    [400, 30, true],
    [400, 40, true],
    [400, 11, false],
    [401, 20, false],
    [403, 403, false],
    [404, 404, false],
    [429, undefined, false],
    [500, 666, false],
    [502, undefined, false],
    [503, undefined, false],
    [504, undefined, false]
  ])("HTTP %d with errorCode %s: %s", (status, errorCode, expected) => {
    expect(isRemembered({ status, ...(errorCode === undefined ? {} : { errorCode }) })).toBe(expected)
  })
})
