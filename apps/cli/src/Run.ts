/** Runs a command as the process: its output, its end by a signal, its exit code. */
import * as Effect from "effect/Effect"
import type { Spec } from "./Command.ts"
import { ending } from "./Failure.ts"
import type { Globals } from "./Globals.ts"
import { Invocation, type Screen } from "./Invocation.ts"

const screen = (): Screen => {
  const { stdout } = process
  const columns = stdout.isTTY ? stdout.columns : Number(process.env.COLUMNS || Number.NaN)
  return {
    width: columns >= 20 ? columns : undefined,
    colors: stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== "dumb",
    // Standard input is loaded where it is asked for.
    get canAsk() {
      return stdout.isTTY && process.stdin.isTTY
    }
  }
}

// It must be no other run's, and may be guessed: what draws secrets would take a tenth of a command's time to load.
const newRequestId = () =>
  Array.from({ length: 4 }, () =>
    Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0")
  ).join("")

// All that was written must have left before the process ends.
const end = (exitCode: number, lines: ReadonlyArray<string>) => {
  const leave = () => process.stdout.write("", () => process.exit(exitCode))
  // Standard error takes time to load, and mostly has nothing to say.
  if (lines.length === 0) leave()
  else process.stderr.write(lines.map((line) => `bookio: ${line}\n`).join(""), leave)
}

/** Runs the effect of a command and ends the process. A first Ctrl-C lets it tidy up. */
export const runEntry = (spec: Spec, globals: Globals, run: Effect.Effect<void, unknown, Invocation>): void => {
  let isPartly = false
  const invocation: Invocation["Service"] = {
    spec,
    globals,
    requestId: newRequestId(),
    screen: screen(),
    setPartly: () => {
      isPartly = true
    }
  }
  // Nobody is told of spans.
  const fiber = Effect.runFork(Effect.withTracerEnabled(Effect.provideService(run, Invocation, invocation), false))
  const interrupt = () => fiber.interruptUnsafe()
  process.once("SIGINT", interrupt)
  process.once("SIGTERM", interrupt)
  fiber.addObserver((exit) => {
    const { exitCode, lines } = ending(exit, invocation)
    end(exitCode === 0 && isPartly ? 3 : exitCode, lines)
  })
}
