/** Why a step of the administration cannot be taken, for whoever asked for it at a terminal. */
import * as Data from "effect/Data"

/** A step that names something that is not there, or that would break what is there. Nothing was changed. */
export class AdminError extends Data.TaggedError("AdminError")<{
  /** One sentence that says what is wrong and what to do; it never holds a token. */
  readonly problem: string
  /** Whether a file is what is wrong: absent, damaged, not ours, or in the way. */
  readonly isFile?: true
}> {
  override get message() {
    return this.problem
  }
}
