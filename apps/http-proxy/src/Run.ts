/** Runs a server's layer as the process: 0 after SIGTERM or SIGINT, 78 for wrong settings, 1 for anything else. */
import { SettingsError, settingsExitCode } from "@bookio-kit/core/settings/Settings"
import { describeCause } from "@bookio-kit/server/Describe"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"

const exitCodeOf = (cause: Cause.Cause<unknown>): number => {
  if (Cause.hasInterruptsOnly(cause)) return 0
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  process.stderr.write(error instanceof SettingsError ? `${error.message}\n` : `stopped: ${describeCause(cause)}\n`)
  return error instanceof SettingsError ? settingsExitCode : 1
}

/** Launches the layer until a signal ends it. */
export const run = <E>(layer: Layer.Layer<never, E>): void =>
  NodeRuntime.runMain(Layer.launch(layer), {
    disableErrorReporting: true,
    teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : exitCodeOf(exit.cause))
  })
