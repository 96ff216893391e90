/** What ends a pass before its time. */
import type { JournalError, LeaseLost } from "@bookio-kit/core/sync/Journal"
import type { PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Schema from "effect/Schema"
import type { BookioError } from "./Bookio.ts"
import { HaltReason } from "./Progress.ts"

/** The facility stands still until someone decides; nothing was removed. */
export class Halted extends Schema.TaggedError<Halted>()("Halted", {
  reason: HaltReason,
  /** What was found, with ids and numbers only. */
  detail: Schema.String
}) {
  override get message() {
    return `${this.reason}: ${this.detail}`
  }
}

/** Bookio shows an earlier state than it did (sync.md, "A restored server"). @param detail - what tells that. */
export const restored = (detail: string) => new Halted({ reason: "restored-server", detail })

/** The same, told by an id that was another record's before. */
export const givenTwice = (id: number | undefined) =>
  restored(`record ${id} is another one than it was: its id was given out again`)

/** What makes no sense in the settings of a facility, found when it is first asked. */
export class PlanError extends Schema.TaggedError<PlanError>()("PlanError", { problem: Schema.String }) {
  override get message() {
    return this.problem
  }
}

export type Stopped = BookioError | JournalError | LeaseLost | Halted | PlanError

/** One practice calendar that could not be read or written; the others go on. */
export interface Down {
  readonly calendar: string
  readonly error: PracticeError
}
