/** Why a seed cannot be applied, with the place in the file. */
import * as Data from "effect/Data"

/** A seed that is not well-formed, contradicts itself, or breaks a booking rule: one problem a line, each with its path. */
export class SeedError extends Data.TaggedError("SeedError")<{ readonly problems: ReadonlyArray<string> }> {
  override get message() {
    return this.problems.join("; ")
  }
}
