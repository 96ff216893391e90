/** The report of an import: a line of JSON for each line of the export that is wrong, was refused, or lost something. */
import { closeSync, openSync, writeSync } from "node:fs"
import * as Effect from "effect/Effect"
import { CommandError } from "../../Failure.ts"
import type { LineProblem } from "./ReadExport.ts"

/** What is told of a line. */
export type ReportLine =
  | LineProblem
  | { readonly line: number; readonly kind: string; readonly id: number; readonly dropped: ReadonlyArray<string> }

/** A report that is made when its first line comes. */
export interface Report {
  readonly tell: (lines: ReadonlyArray<ReportLine>) => Effect.Effect<void, CommandError>
  /** How many lines were told, and whether the file was made. */
  readonly counts: () => { readonly wrong: number; readonly dropped: number }
}

/** Opens a report until the scope ends. */
export const openReport = Effect.fnUntraced(function* (file: string) {
  let fd: number | undefined
  let wrong = 0
  let dropped = 0
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      if (fd !== undefined) closeSync(fd)
    })
  )
  const report: Report = {
    tell: (lines) =>
      Effect.try({
        try: () => {
          if (lines.length === 0) return
          fd ??= openSync(file, "w", 0o600)
          writeSync(fd, lines.map((line) => `${JSON.stringify(line)}\n`).join(""))
          for (const line of lines) {
            if ("problem" in line) wrong++
            else dropped++
          }
        },
        catch: () => new CommandError({ why: `the report ${file} cannot be written`, exitCode: 78 })
      }),
    counts: () => ({ wrong, dropped })
  }
  return report
})
