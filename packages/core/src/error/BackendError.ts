/**
 * Failures: the backend could not say yes or no (api.md, "Errors"). One class with a reason. What went wrong inside stays
 * inside: the cause is for the log of this process and never leaves it.
 */
import * as Schema from "effect/Schema"

/**
 * `Internal`: a defect. `RateLimited`, `Overloaded`: refused before any work. `Unreachable`: no connection was made.
 * `MalformedResponse`: an answer that is no envelope. `Timeout`: of a read. `OutcomeUnknown`: a write that may have happened.
 */
export const BackendErrorReason = Schema.Literals([
  "Internal",
  "RateLimited",
  "Overloaded",
  "Unreachable",
  "MalformedResponse",
  "Timeout",
  "OutcomeUnknown"
])
export type BackendErrorReason = typeof BackendErrorReason.Type

const retryable: { readonly [R in BackendErrorReason]: boolean } = {
  Internal: false,
  RateLimited: true,
  Overloaded: true,
  Unreachable: true,
  MalformedResponse: true,
  Timeout: true,
  OutcomeUnknown: false
}

export class BackendError extends Schema.TaggedError<BackendError>()("BackendError", {
  reason: BackendErrorReason,
  /** Milliseconds to wait before a retry, where the backend said so. */
  retryAfterMs: Schema.optionalKey(Schema.Finite),
  /** For the log of this process only: never encoded, never sent. */
  cause: Schema.optionalKey(Schema.Unknown)
}) {
  /** Whether sending the same request again can help, and is safe for a read. A write follows api.md, "Unknown outcome". */
  get isRetryable(): boolean {
    return retryable[this.reason]
  }
  override get message() {
    return this.reason
  }
}
