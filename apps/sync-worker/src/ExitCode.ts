/**
 * How a command ends: 0 done, also `run` after a signal; 1 failed; 2 wrong arguments; 3 partly done; 12 there is
 * no such conflict or item; 78 a setting or file that is wrong.
 */
import { SettingsError, settingsExitCode } from "@bookio-kit/core/settings/Settings"
import { JournalError, LeaseLost } from "@bookio-kit/core/sync/Journal"
import { describeCause } from "@bookio-kit/server/Describe"
import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { NotFound } from "./NotFound.ts"
import { RunFailed } from "./Run.ts"

/** The exit code of a command, and what is still to be said of it. */
export const endingOf = (exit: Exit.Exit<unknown, unknown>): { readonly code: number; readonly message?: string } => {
  if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return { code: 0 }
  const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  if (error instanceof RunFailed) return { code: error.isPartly ? 3 : 1 }
  // The command line has said by itself what is wrong.
  if (CliError.isCliError(error)) return { code: error._tag === "ShowHelp" && error.errors.length === 0 ? 0 : 2 }
  if (error instanceof SettingsError) return { code: settingsExitCode, message: error.message }
  if (error instanceof NotFound) return { code: 12, message: error.message }
  if (error instanceof LeaseLost) {
    return { code: 1, message: "another worker is in a pass over this facility: try again when it ended, or stop it" }
  }
  if (error instanceof JournalError) {
    const what = {
      Locked: "is locked by another process",
      Full: "cannot grow: the disk is full",
      Internal: "cannot be read"
    }
    return { code: 1, message: `the journal ${what[error.reason]}` }
  }
  return { code: 1, message: `stopped: ${describeCause(exit.cause)}` }
}
