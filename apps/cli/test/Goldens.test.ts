/** That no command is without a golden file: each one in the form for people, in JSON, and failing. */
import { readdirSync, readFileSync } from "node:fs"
import { expect, it } from "vitest"
import type { Entry } from "../src/Command.ts"
import { parse, UsageProblem } from "../src/Parse.ts"
import { entries } from "../src/Registry.ts"

const folder = new URL("golden/", import.meta.url)

interface Run {
  readonly entry: Entry
  readonly isJson: boolean
  readonly exitCode: number
}

const words = (line: string) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "")

const runsOf = (text: string): ReadonlyArray<Run> =>
  text.split(/^\$ bookio /m).flatMap((part): ReadonlyArray<Run> => {
    const exitCode = /^--- exit (\d+)$/m.exec(part)?.[1]
    if (exitCode === undefined) return []
    try {
      const parsed = parse(words(part.slice(0, part.indexOf("\n"))), entries)
      if (parsed._tag !== "Run") return []
      const { jq, json, ndjson } = parsed.globals
      return [
        {
          entry: parsed.entry,
          isJson: json !== undefined || jq !== undefined || ndjson,
          exitCode: Number(exitCode)
        }
      ]
    } catch (problem) {
      if (problem instanceof UsageProblem) return []
      throw problem
    }
  })

const runs = readdirSync(folder).flatMap((name) => runsOf(readFileSync(new URL(name, folder), "utf8")))

const isOk = (run: Run) => run.exitCode === 0 || run.exitCode === 3

/** Why a command has no golden file of a kind. */
const without: {
  readonly [command: string]: { readonly table?: string; readonly json?: string; readonly failed?: string }
} = {
  completions: {
    json: "its output is a script",
    table: "the script is loaded by the shells in Session.test.ts",
    failed: "it cannot fail"
  },
  api: { table: "it prints what the API answers, which is JSON" },
  "person export": { table: "it prints JSON", failed: "an address that nobody has gives an empty export" },
  "sync run": { table: "it has no end", json: "it has no end", failed: "it fails as the other verbs do" },
  "sync resolve": { table: "a conflict is not to be had in one run", json: "as its table" },
  ...Object.fromEntries(
    ["once", "plan", "verify", "conflicts", "parked", "retry", "resume"].map((verb) => [
      `sync ${verb}`,
      { failed: "settings that are wrong fail all verbs as they do `status`" }
    ])
  )
}

it.for(entries.map((entry): [string, Entry] => [entry.spec.path.join(" "), entry]))(
  "bookio %s has golden files",
  ([name, entry]) => {
    const own = runs.filter((run) => run.entry === entry)
    const reasons = without[name] ?? {}
    const kinds = {
      table: own.some((run) => isOk(run) && !run.isJson),
      json: own.some((run) => isOk(run) && run.isJson),
      failed: own.some((run) => !isOk(run))
    }
    for (const kind of ["table", "json", "failed"] as const) {
      expect({ kind, has: kinds[kind] }).toEqual({ kind, has: reasons[kind] === undefined })
    }
  }
)
