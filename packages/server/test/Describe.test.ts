import { BackendError } from "@bookio-kit/core/error/BackendError"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import { describeCause } from "../src/Describe.ts"

const secret = "marker@example.com"

describe("describeCause: MUST tell kinds, codes and places, and never a message", () => {
  it("of an error", () => {
    expect(describeCause(new TypeError(secret))).toMatch(/^TypeError at .*Describe\.test\.ts:\d+:\d+/)
  })

  it.each([
    ["a message", new Error(secret)],
    ["a message with lines that look like places", new Error(`x\n    at ${secret}:1:2\n    at f (${secret}:3:4)`)],
    ["a name", Object.assign(new Error("x"), { name: `John ${secret}` })],
    ["a code", Object.assign(new Error("x"), { code: `UNIQUE ${secret}` })],
    ["a tag", { _tag: `No ${secret}`, name: secret }],
    ["a text", secret],
    ["a stack of its own", { stack: `Error: ${secret}\n    at ${secret}:1:2`, message: "another" }],
    ["a cause", new Error("x", { cause: new Error(secret, { cause: secret }) })],
    ["a reason", { _tag: "SqlError", reason: { _tag: "Unique", message: secret, cause: new Error(secret) } }],
    ["a failure", Cause.fail(new Error(secret))],
    ["a defect", Cause.die({ patient: secret, toString: () => secret })],
    ["what a backend's failure hides", new BackendError({ reason: "Internal", cause: new Error(secret) })]
  ])("of %s that holds a value", (_, error) => {
    expect(describeCause(error)).not.toContain(secret)
    expect(describeCause(error)).not.toBe("")
  })

  it("follows causes and reasons, as far as four deep", () => {
    const sqlite = Object.assign(new Error(secret), { code: "ERR_SQLITE_ERROR" })
    const text = describeCause({ _tag: "SqlError", reason: { _tag: "ConstraintError", cause: sqlite } })
    expect(text).toMatch(/^SqlError; caused by ConstraintError; caused by Error ERR_SQLITE_ERROR at /)
    const round = new Error("x")
    round.cause = round
    expect(describeCause(round).match(/caused by/g)).toHaveLength(4)
  })

  it("tells every part of a cause", () => {
    const cause = Cause.combine(
      Cause.fail(new RangeError("a")),
      Cause.combine(Cause.die(new TypeError("b")), Cause.interrupt(1))
    )
    expect(describeCause(cause)).toMatch(/^RangeError .*, TypeError .*, interrupted$/)
  })

  it("names no folder of this machine above the packages", () => {
    expect(describeCause(new Error("x"))).not.toMatch(/file:\/\//)
  })
})
