/** Tests of signatures against the vector that Standard Webhooks publishes with its libraries. */
import { describe, expect, it } from "@effect/vitest"
import { Redacted } from "effect"
import { signatureHeaders } from "../src/Signature.ts"

const secret = Redacted.make("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
const message = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1614265330, body: '{"test": 2432232314}' }

describe("signatureHeaders", () => {
  it("signs as the published vector has it", () => {
    expect(signatureHeaders(message, [secret])).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    })
  })

  it("has one signature for each secret, separated by a space", () => {
    const other = Redacted.make("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
    const signatures = signatureHeaders(message, [other, secret])["webhook-signature"].split(" ")
    expect(signatures).toHaveLength(2)
    expect(signatures[1]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    expect(signatures[0]).not.toBe(signatures[1])
  })
})
