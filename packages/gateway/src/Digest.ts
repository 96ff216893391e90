/** SHA-256 of keys and tokens. Those are random, so a fast hash is enough and no salt is needed. */
import { createHash } from "node:crypto"
import * as Redacted from "effect/Redacted"

/** The digest as 64 hexadecimal digits in lower case. */
export const digestOf = (token: Redacted.Redacted): string =>
  createHash("sha256").update(Redacted.value(token), "utf8").digest("hex")
