/** Runs a command as the process: its output, its end by a signal, its exit code. */
import { randomBytes } from "node:crypto"
import * as Effect from "effect/Effect"
import type { Spec } from "./Command.ts"
import { ending } from "./Failure.ts"
import type { Globals } from "./Globals.ts"
import { Invocation, type Screen } from "./Invocation.ts"

const screen = (): Screen => {
  const { stdin, stdout } = process
  const columns = stdout.isTTY ? stdout.columns : Number(process.env.COLUMNS || Number.NaN)
  return {
    width: columns >= 20 ? columns : undefined,
    colors: stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== "dumb",
    canAsk: stdin.isTTY && stdout.isTTY
  }
}

// All that was written must have left before the process ends.
const end = (exitCode: number, lines: ReadonlyArray<string>) => {
  const text = lines.map((line) => `bookio: ${line}\n`).join("")
  process.stderr.write(text, () => process.stdout.write("", () => process.exit(exitCode)))
}

/** Runs the effect of a command and ends the process. A first Ctrl-C lets it tidy up. */
export const runEntry = (spec: Spec, globals: Globals, run: Effect.Effect<void, unknown, Invocation>): void => {
  let isPartly = false
  const invocation: Invocation["Service"] = {
    spec,
    globals,
    requestId: randomBytes(16).toString("hex"),
    screen: screen(),
    setPartly: () => {
      isPartly = true
    }
  }
  const fiber = Effect.runFork(Effect.provideService(run, Invocation, invocation))
  const interrupt = () => fiber.interruptUnsafe()
  process.once("SIGINT", interrupt)
  process.once("SIGTERM", interrupt)
  fiber.addObserver((exit) => {
    const { exitCode, lines } = ending(exit, invocation)
    end(exitCode === 0 && isPartly ? 3 : exitCode, lines)
  })
}
