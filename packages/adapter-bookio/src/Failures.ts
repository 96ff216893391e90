/**
 * Why a request failed, for the log of this process: kinds, codes and digests. Never a URL, a header or a body, which can
 * hold a person's data or the token.
 */
import type { Refusal } from "@bookio-kit/core/error/Refusal"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { Malformation } from "./Answers.ts"

/** An answer that is no envelope, or whose data is not what the operation gives. */
export class MalformedAnswer extends Data.TaggedError("MalformedAnswer")<{
  readonly problem: Malformation
  readonly status: number
  readonly contentType: string | undefined
  /** In bytes; of a body that was not read to its end, what was read. */
  readonly length: number
  /** In hexadecimal digits; absent where the body was not read to its end, or the platform has no Web Crypto. */
  readonly sha256?: string
}> {}

/** An envelope of a failure whose code is not in the reference's table, or that has none. */
export class UnexpectedCode extends Data.TaggedError("UnexpectedCode")<{
  readonly status: number
  readonly code?: number
}> {}

/** No answer. `code` is the platform's, such as `ECONNRESET`, where it tells one. */
export class NoAnswer extends Data.TaggedError("NoAnswer")<{ readonly code?: string }> {}

/** A refusal that the operation does not have: its server is not one of this API, or a route override is wrong. */
export class UnexpectedRefusal extends Data.TaggedError("UnexpectedRefusal")<{ readonly refusal: Refusal["_tag"] }> {}

/** SHA-256 in hexadecimal digits, where the platform has Web Crypto (browsers: on secure origins only). */
export const sha256 = (bytes: Uint8Array<ArrayBuffer>): Effect.Effect<string | undefined> => {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle
  return subtle === undefined
    ? Effect.succeed(undefined)
    : Effect.map(
        Effect.promise(() => subtle.digest("SHA-256", bytes)),
        (digest) => Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")
      )
}
