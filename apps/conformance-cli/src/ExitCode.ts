/** How a run ends: 0 all laws hold, 1 a law fails, 2 wrong arguments, 78 a setting or file that is wrong. */
import { SubjectError } from "@bookio-kit/conformance/Subject"
import { SettingsError, settingsExitCode } from "@bookio-kit/core/settings/Settings"
import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { LawsFail } from "./Conformance.ts"
import { UsageError } from "./Options.ts"

/** The exit code of a run, and what is still to be said of it. */
export const endingOf = (exit: Exit.Exit<unknown, unknown>): { readonly code: number; readonly message?: string } => {
  if (Exit.isSuccess(exit)) return { code: 0 }
  if (Cause.hasInterruptsOnly(exit.cause)) return { code: 130 }
  const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  if (error instanceof LawsFail) return { code: 1 }
  if (error instanceof UsageError) return { code: 2, message: error.message }
  // The command line has said by itself what is wrong.
  if (CliError.isCliError(error)) return { code: error._tag === "ShowHelp" && error.errors.length === 0 ? 0 : 2 }
  if (error instanceof SettingsError || error instanceof SubjectError) {
    return { code: settingsExitCode, message: error.message }
  }
  return { code: 1, message: "stopped by a defect" }
}
