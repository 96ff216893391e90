/** What a command prints, in the form that was asked for: a table, JSON, CSV, a line for each row, or what jq makes of it. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Invocation } from "../Invocation.ts"
import { choose, csvLine, csvRow } from "./Rows.ts"
import { type Column, tableLines } from "./Table.ts"

/** Writes to standard output, and waits where its reader is slower. */
export const print = (text: string): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    process.stdout.write(text, () => resume(Effect.void))
  })

/** Says something to someone at a terminal or in a log, beside the output. */
export const note = (text: string): Effect.Effect<void> =>
  Effect.sync(() => {
    process.stderr.write(`${text}\n`)
  })

/** Whether the output is for people: no form was asked for. */
export const isForPeople = Effect.map(
  Invocation,
  ({ globals: { csv, jq, json, ndjson } }) => json === undefined && jq === undefined && !csv && !ndjson
)

/** Prints a value as JSON, or what jq makes of it. */
export const printJson = Effect.fnUntraced(function* (value: unknown) {
  const { globals } = yield* Invocation
  if (globals.jq === undefined) return yield* print(`${JSON.stringify(value, null, 2)}\n`)
  const { jqLines } = yield* Effect.promise(() => import("./Jq.ts"))
  const lines = yield* jqLines(globals.jq, value)
  yield* print(lines.map((line) => `${line}\n`).join(""))
})

/** How rows of one kind are printed. */
export interface Form<A extends object> {
  readonly columns: ReadonlyArray<Column<A>>
  /** What is said instead of a table without rows. */
  readonly empty: string
  /** The row as `--json` shows it; itself where absent. */
  readonly toJson?: (row: A) => object
  /** What is said under a table. */
  readonly footer?: (rows: ReadonlyArray<A>) => string | undefined
}

/** Prints rows as they arrive where the form allows it, which keeps memory flat; a table or JSON when all are there. */
export const printRows = Effect.fnUntraced(function* <A extends object, E, R>(
  { columns, empty, footer, toJson = (row) => row }: Form<A>,
  rows: Stream.Stream<A, E, R>
) {
  const { globals, screen, spec } = yield* Invocation
  const fields = spec.fields ?? []
  if (globals.ndjson) {
    return yield* Stream.runForEachArray(rows, (chunk) =>
      print(chunk.map((row) => `${JSON.stringify(toJson(row))}\n`).join(""))
    )
  }
  if (globals.csv) {
    yield* print(csvLine(fields))
    return yield* Stream.runForEachArray(rows, (chunk) =>
      print(chunk.map((row) => csvRow(toJson(row), fields)).join(""))
    )
  }
  const all = yield* Stream.runCollect(rows)
  if (globals.json !== undefined || globals.jq !== undefined) {
    return yield* printJson(all.map((row) => choose(toJson(row), globals.json)))
  }
  if (all.length === 0) return yield* note(empty)
  const under = footer?.(all)
  const lines = tableLines(columns, all, screen)
  yield* print(`${[...lines, ...(under === undefined ? [] : ["", under])].join("\n")}\n`)
})

/** Prints one thing: its members under each other for people, otherwise as JSON, CSV or a line. */
export const printOne = Effect.fnUntraced(function* (value: object, lines: ReadonlyArray<string>) {
  const { globals, spec } = yield* Invocation
  if (yield* isForPeople) return yield* print(lines.map((line) => `${line}\n`).join(""))
  if (globals.ndjson) return yield* print(`${JSON.stringify(value)}\n`)
  if (globals.csv) {
    const fields = spec.fields ?? Object.keys(value)
    return yield* print(csvLine(fields) + csvRow(value, fields))
  }
  yield* printJson(choose(value, globals.json))
})
