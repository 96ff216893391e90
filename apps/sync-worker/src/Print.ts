/** Writing what commands found: for people as lines, for programs as JSON, one document a command. */
import * as Effect from "effect/Effect"

const write = (text: string) =>
  Effect.promise(
    () =>
      new Promise<void>((resolve) => {
        process.stdout.write(text, () => resolve())
      })
  )

/** Writes a document, or the lines for people. */
export const print = (isJson: boolean, document: unknown, lines: ReadonlyArray<string>): Effect.Effect<void> =>
  write(isJson ? `${JSON.stringify(document, undefined, 2)}\n` : lines.length === 0 ? "" : `${lines.join("\n")}\n`)

/** A table of columns that are as wide as their widest text. */
export const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> => {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? "").length)))
  return [head, ...rows].map((row) =>
    row
      .map((text, column) => (column === row.length - 1 ? text : text.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd()
  )
}

/** An instant in UTC, to the second. */
export const instant = (epochMs: number): string => `${new Date(epochMs).toISOString().slice(0, 19)}Z`

/** How long ago, in the largest unit that tells it. */
export const ago = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s ago`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86_400)} days ago`
}
