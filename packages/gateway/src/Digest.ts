/** SHA-256 of keys and tokens. Those are random, so a fast hash is enough and no salt is needed. */
import { hash } from "node:crypto"
import * as Redacted from "effect/Redacted"

/** The digest of a text in UTF-8 as 64 hexadecimal digits in lower case. */
export const digestOfText = (text: string): string => hash("sha256", text, "hex")

/** The digest of a key or token. */
export const digestOf = (token: Redacted.Redacted): string => digestOfText(Redacted.value(token))
