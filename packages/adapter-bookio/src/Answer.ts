/** What came of one attempt of an operation. */
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import type { Refusal } from "@bookio-kit/core/error/Refusal"

/** A success, with the server's clock where it told it (Unix time in milliseconds) and what it said beside. */
export interface Answered<A> {
  readonly _tag: "Success"
  readonly data: A
  readonly said: ReadonlyArray<string>
  readonly asOfMs: number | undefined
}

/**
 * `nothingDone`: there is proof that a write had no effect (api.md, "Unknown outcome"). `local`: this process kept the
 * request back, so that the failure says nothing new about the server.
 */
export type Answer<A> =
  | Answered<A>
  | { readonly _tag: "Refusal"; readonly error: Refusal }
  | { readonly _tag: "Failure"; readonly error: BackendError; readonly nothingDone: boolean; readonly local?: true }
