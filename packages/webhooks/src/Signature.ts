/**
 * Signatures of messages by the scheme of Standard Webhooks 1.0 (standardwebhooks.com): HMAC-SHA256 over id, timestamp and
 * body, in base64, one for each secret that is in force.
 */
import { createHmac } from "node:crypto"
import * as Redacted from "effect/Redacted"

/** What is signed of an attempt. */
export interface Signed {
  /** The same for all attempts at a message. */
  readonly id: string
  /** When this attempt is made, Unix seconds. */
  readonly timestamp: number
  /** As it is sent. */
  readonly body: string
}

/** The headers of an attempt: `webhook-id`, `webhook-timestamp` and `webhook-signature`, for secrets as `whsec_` and base64. */
export const signatureHeaders = ({ body, id, timestamp }: Signed, secrets: ReadonlyArray<Redacted.Redacted>) => ({
  "webhook-id": id,
  "webhook-timestamp": String(timestamp),
  "webhook-signature": secrets
    .map((secret) => {
      const key = Buffer.from(Redacted.value(secret).slice("whsec_".length), "base64")
      return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`
    })
    .join(" ")
})
