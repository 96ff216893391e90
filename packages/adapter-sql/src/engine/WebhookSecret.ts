/** The secrets of webhooks as they are told: `whsec_` and the bytes in base64 (Standard Webhooks). */
import { randomBytes } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

/** Draws the 32 bytes of a secret. */
export const drawSecret: Effect.Effect<Uint8Array> = Effect.sync(() => randomBytes(32))

/** A secret as it is told. */
export const secretOf = (bytes: Uint8Array): Redacted.Redacted =>
  Redacted.make(`whsec_${Buffer.from(bytes).toString("base64")}`, { label: "webhook secret" })
