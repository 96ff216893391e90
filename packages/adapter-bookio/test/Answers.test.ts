/** The table of api.md, "Errors", line by line, and that any bytes have a meaning. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { asOfMs, judge, type Kind, type RawAnswer, retryAfterMs } from "../src/Answers.ts"

const raw = (status: number, body: unknown, headers: RawAnswer["headers"] = {}): RawAnswer => ({
  status,
  headers,
  bytes: typeof body === "string" ? new TextEncoder().encode(body) : new TextEncoder().encode(JSON.stringify(body)),
  ended: "whole"
})

const brief = (answer: RawAnswer, kind: Kind): string => {
  const verdict = judge(answer, kind)
  switch (verdict._tag) {
    case "Success":
      return `success ${JSON.stringify(verdict.data)}`
    case "Refusal":
      return `refusal ${verdict.code}`
    case "Failure":
      return [
        verdict.reason,
        ...(verdict.code === undefined ? [] : [verdict.code]),
        ...(verdict.malformation === undefined ? [] : [verdict.malformation]),
        ...(verdict.nothingDone ? ["nothing done"] : [])
      ].join(" ")
  }
}

const refused = { result: { success: false, errors: ["No"] } }
const withResult = (members: object) => ({ result: { success: false, ...members } })

const table: ReadonlyArray<readonly [string, number, unknown, string, string?]> = [
  // what, status, body, a read's meaning, a write's where it differs
  ["a success", 200, { result: { success: true, data: 1 } }, "success 1"],
  ["a success with another status", 500, { result: { success: true, data: 1 } }, "success 1"],
  ["a success with warnings that are null", 200, { result: { success: true, errors: null, data: 1 } }, "success 1"],
  ["code 10", 400, withResult({ errorCode: 10 }), "refusal 10"],
  ["code 11", 400, withResult({ errorCode: 11 }), "refusal 11"],
  ["code 12", 400, withResult({ errorCode: 12 }), "refusal 12"],
  ["code 20", 401, withResult({ errorCode: 20 }), "refusal 20"],
  ["code 30", 400, withResult({ errorCode: 30 }), "refusal 30"],
  ["code 40", 400, withResult({ errorCode: 40 }), "refusal 40"],
  ["code 403", 403, withResult({ errorCode: 403 }), "refusal 403"],
  ["code 404", 404, withResult({ errorCode: 404 }), "refusal 404"],
  ["a code with status 200", 200, withResult({ errorCode: 12 }), "refusal 12"],
  ["a code that is text", 400, withResult({ errorCode: "12" }), "refusal 12"],
  ["a code in result.code", 400, withResult({ code: 30 }), "refusal 30"],
  ["a code in result.error.code", 400, withResult({ error: { code: 30 } }), "refusal 30"],
  ["a code at top level", 400, { errorCode: 30 }, "refusal 30"],
  ["a code in code at top level", 400, { code: 30 }, "refusal 30"],
  ["a code in error.code at top level", 400, { error: { code: 30 } }, "refusal 30"],
  ["the code of the result before that of the top", 400, { ...withResult({ code: 12 }), code: 30 }, "refusal 12"],
  ["code 666", 500, withResult({ errorCode: 666 }), "Internal"],
  ["reason RateLimited", 429, withResult({ reason: "RateLimited" }), "RateLimited nothing done"],
  ["reason Overloaded", 503, withResult({ reason: "Overloaded" }), "Overloaded nothing done"],
  ["reason Unreachable", 502, withResult({ reason: "Unreachable" }), "Unreachable"],
  ["reason Timeout", 504, withResult({ reason: "Timeout" }), "Timeout"],
  ["reason OutcomeUnknown", 504, withResult({ reason: "OutcomeUnknown" }), "OutcomeUnknown"],
  ["reason Internal with its code", 500, withResult({ reason: "Internal", errorCode: 666 }), "Internal"],
  ["a reason that is none of ours", 500, withResult({ reason: "Whatever" }), "Internal"],
  ["no code, 401", 401, refused, "refusal 20"],
  ["no code, 403", 403, refused, "refusal 403"],
  ["no code, 404", 404, refused, "refusal 404"],
  ["no code, 409", 409, refused, "refusal 40"],
  ["no code, 422", 422, refused, "refusal 10"],
  ["no code, 413", 413, refused, "refusal 10"],
  ["no code, 415", 415, refused, "refusal 10"],
  ["no code, 429", 429, refused, "RateLimited nothing done"],
  ["no code, 503", 503, refused, "Overloaded", "OutcomeUnknown"],
  ["no code, 504", 504, refused, "Timeout", "OutcomeUnknown"],
  ["no code, another 5xx", 507, refused, "Internal"],
  ["no code, another 4xx", 418, refused, "refusal 10"],
  ["no code, 2xx", 200, refused, "Internal"],
  ["an unknown code", 400, withResult({ errorCode: 777 }), "Internal 777"],
  ["an unknown code on 200", 200, withResult({ errorCode: 777 }), "Internal 777"],
  ["success: false without a result", 400, { success: false }, "refusal 10"],
  ["429 of whoever stands in front", 429, "<html>", "RateLimited nothing done"],
  ["an HTML page", 502, "<html>", "MalformedResponse notJson"],
  ["an HTML page with 200", 200, "<html>", "MalformedResponse notJson"],
  ["JSON that is no envelope", 500, { message: "oops" }, "MalformedResponse notEnvelope"],
  ["a list", 200, [1], "MalformedResponse notEnvelope"],
  ["null", 200, null, "MalformedResponse notEnvelope"],
  ["nothing", 204, "", "MalformedResponse notJson"]
]

describe("judge", () => {
  for (const [what, status, body, read, write = read] of table) {
    it(`reads ${what}`, () => {
      assert.strictEqual(brief(raw(status, body), "read"), read)
      assert.strictEqual(brief(raw(status, body), "write"), write)
    })
  }

  it("takes a body that was cut off for none, however good its beginning", () => {
    const whole = raw(200, { result: { success: true, data: 1 } })
    assert.strictEqual(brief({ ...whole, ended: "cut" }, "read"), "MalformedResponse cut")
    assert.strictEqual(brief({ ...whole, ended: "tooLong" }, "read"), "MalformedResponse tooLong")
  })

  it("takes bytes that are no UTF-8 for no JSON", () => {
    const bytes = new Uint8Array([
      ...new TextEncoder().encode('{"result":{"success":true,"data":"'),
      0xff,
      34,
      125,
      125
    ])
    assert.strictEqual(brief({ ...raw(200, ""), bytes }, "read"), "MalformedResponse notJson")
  })

  it("keeps what the server said, bounded", () => {
    const verdict = judge(raw(400, withResult({ errorCode: 10, errors: ["a", 1, null, "x".repeat(5000)] })), "read")
    assert.deepStrictEqual(verdict._tag === "Refusal" ? verdict.said.map((said) => said.length) : [], [1, 2000])
  })

  it("gives any bytes a meaning", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 599 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom("read" as const, "write" as const),
        (status, bytes, kind) => {
          assert.isString(judge({ status, headers: {}, bytes, ended: "whole" }, kind)._tag)
        }
      )
    )
  })

  it("gives any JSON a meaning", () => {
    const nested = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.integer({ min: -1, max: 700 }), tie("envelope")),
      envelope: fc.record(
        {
          result: tie("value"),
          success: fc.jsonValue(),
          errorCode: tie("value"),
          code: tie("value"),
          error: tie("value"),
          errors: tie("value"),
          reason: fc.jsonValue(),
          data: fc.jsonValue()
        },
        { requiredKeys: [] }
      )
    }))
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), nested.envelope, (status, body) => {
        for (const kind of ["read", "write"] as const) {
          const verdict = judge(raw(status, body), kind)
          // Only these two are proof that nothing was done.
          if (verdict._tag === "Failure" && verdict.nothingDone)
            assert.match(verdict.reason, /^(RateLimited|Overloaded)$/)
        }
      })
    )
  })
})

const now = Date.parse("2026-06-01T12:00:00Z")

describe("retryAfterMs", () => {
  it("reads seconds and dates", () => {
    assert.strictEqual(retryAfterMs({ "retry-after": "7" }, now), 7000)
    assert.strictEqual(retryAfterMs({ "retry-after": "0" }, now), 0)
    assert.strictEqual(retryAfterMs({ "retry-after": "Mon, 01 Jun 2026 12:00:30 GMT" }, now), 30_000)
    assert.strictEqual(retryAfterMs({ "retry-after": "Mon, 01 Jun 2026 11:00:00 GMT" }, now), 0)
  })
  it("compares a date with the server's own clock", () => {
    const date = "Mon, 01 Jun 2026 12:00:20 GMT"
    assert.strictEqual(retryAfterMs({ date, "retry-after": "Mon, 01 Jun 2026 12:00:30 GMT" }, now), 10_000)
  })
  it("knows nothing of anything else", () => {
    for (const given of [undefined, "", "-1", "1.5", "soon", "May 3", "1e3", "9999999999"]) {
      assert.isUndefined(retryAfterMs({ "retry-after": given }, now), given)
    }
  })
})

describe("asOfMs", () => {
  it("is Date minus Age", () => {
    assert.strictEqual(asOfMs({ date: "Mon, 01 Jun 2026 12:00:00 GMT" }), now)
    assert.strictEqual(asOfMs({ date: "Mon, 01 Jun 2026 12:00:00 GMT", age: "5" }), now - 5000)
    assert.isUndefined(asOfMs({ date: "yesterday" }))
  })
})
