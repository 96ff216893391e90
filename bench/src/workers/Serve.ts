/** The worker's side of `Processes.worker`: does what it is told by messages, one task after another. */
import { inspect } from "node:util"

export interface Tasks {
  readonly [task: string]: (input: never) => unknown
}

/** Serves tasks until the process is ended. */
export const serve = (tasks: Tasks): void => {
  process.on("message", async ({ input, task }: { readonly task: string; readonly input: unknown }) => {
    try {
      const run = tasks[task] as ((given: unknown) => unknown) | undefined
      if (run === undefined) throw new Error("no such task")
      process.send?.({ value: await run(input) })
    } catch (error) {
      process.send?.({ error: inspect(error, { depth: 6 }) })
    }
  })
  process.on("disconnect", () => process.exit(0))
}
