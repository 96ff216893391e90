/** Tries laws on a subject, one after the other, and tells what came of each. No test runner is needed. */
import { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { concerns, type Law, LawFailure } from "./Law.ts"
import type { LawReport, Outcome, Report } from "./Report.ts"
import { Subject } from "./Subject.ts"

// A defect's message may hold what a person entered; its kind does not. What was left behind says so itself.
const problemOf = (cause: Cause.Cause<unknown>): string => {
  const defect = Cause.squash(cause)
  return defect instanceof LawFailure
    ? defect.problem
    : `defect: ${defect instanceof Error ? defect.name : typeof defect}`
}

/** Tries one law; the cause is of a defect or a failure, for who debugs the backend. */
export const tryLaw = Effect.fnUntraced(function* (
  law: Law
): Effect.fn.Return<{ readonly outcome: Outcome; readonly cause?: Cause.Cause<unknown> }, never, Subject> {
  const exit = yield* Effect.exit(law.run)
  if (Exit.isSuccess(exit)) return { outcome: { _tag: "Holds" } }
  const { cause } = exit
  if (Cause.hasInterruptsOnly(cause)) return yield* Effect.interrupt
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error?._tag === "NotRun") return { outcome: { _tag: "NotRun", reason: error.reason } }
  return { outcome: { _tag: "Fails", problem: error?.problem ?? problemOf(cause) }, cause }
})

/** The laws that are about the subject's backend, by what it declares; of opposite laws one. */
export const chosen = (laws: ReadonlyArray<Law>): Effect.Effect<ReadonlyArray<Law>, never, Subject> =>
  Effect.gen(function* () {
    const { first } = yield* Subject
    const capabilities = yield* Effect.provide(Capabilities, first)
    return laws.filter((law) => concerns(law, capabilities))
  })

export interface RunOptions {
  /** Called after each law, to show how it goes on. */
  readonly onLaw?: (report: LawReport) => Effect.Effect<void>
}

/** Tries the laws that are about the backend, in their order, each to its end and cleaned up before the next. */
export const run = Effect.fn("conformance.run")(function* (
  laws: ReadonlyArray<Law>,
  { onLaw = () => Effect.void }: RunOptions = {}
): Effect.fn.Return<Report, never, Subject> {
  const reports: Array<LawReport> = []
  for (const law of yield* chosen(laws)) {
    const startedMs = yield* Clock.currentTimeMillis
    const { outcome } = yield* tryLaw(law)
    const { code, kind, name, operation } = law
    const durationMs = (yield* Clock.currentTimeMillis) - startedMs
    const report = { name, operation, kind, ...(code === undefined ? {} : { code }), outcome, durationMs }
    reports.push(report)
    yield* onLaw(report)
  }
  return { laws: reports }
})
