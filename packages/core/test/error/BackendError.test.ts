/** Tests of failures: which of them a retry can help, and that a message holds no cause. */
import { describe, expect, it } from "@effect/vitest"
import { BackendError, BackendErrorReason } from "../../src/error/BackendError.ts"

describe("BackendError", () => {
  it("can be helped by a retry unless it is internal or the outcome of a write is unknown", () => {
    const retryable = BackendErrorReason.literals.filter((reason) => new BackendError({ reason }).isRetryable)
    expect(retryable).toEqual(["RateLimited", "Overloaded", "Unreachable", "MalformedResponse", "Timeout"])
  })

  it("says its reason and not its cause", () => {
    const error = new BackendError({ reason: "Internal", cause: new Error("SELECT secret") })
    expect(error.message).toBe("Internal")
    expect(String(error)).not.toContain("secret")
  })
})
