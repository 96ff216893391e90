/**
 * `pnpm bench [SUITE…] [--rounds N] [--quick] [--long] [--write]`: measures, tells as it goes, and writes
 * `bench/results/latest.json` (`quick.json`). A whole run that is not quick, and any with `--write`, also writes
 * `docs/performance.json` and `docs/performance.md`, where suites that were not measured keep their last results. It fails
 * where something does not run, never for a figure.
 */
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { removeCopies } from "./Data.ts"
import { describeMachine } from "./Machine.ts"
import { makeProcesses } from "./Processes.ts"
import { keepOthers, toMarkdown, writeJson, writePage } from "./Report.ts"
import { runSuite, type SuiteResult } from "./Suite.ts"
import { suites } from "./Suites.ts"

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url))
const names = suites.map(({ name }) => name)

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    long: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false }
  }
})

const unknown = positionals.filter((name) => !names.includes(name))
if (values.help || unknown.length > 0 || !/^([1-9]\d*)?$/.test(values.rounds ?? "")) {
  if (unknown.length > 0) process.stderr.write(`there is no suite ${unknown.join(", ")}\n`)
  process.stdout.write(`pnpm bench [SUITE…] [--rounds N] [--quick] [--long] [--write]\nsuites: ${names.join(", ")}\n`)
  process.exit(values.help ? 0 : 64)
}

const started = performance.now()
const date = new Date().toISOString()
const machine = describeMachine()
const tell = (line: string) => process.stderr.write(`${Math.round((performance.now() - started) / 1000)} s  ${line}\n`)
const cache = path("bench/.cache")
const { quick } = values
const results: Array<SuiteResult> = []
removeCopies(cache)

const isWhole = positionals.length === 0
const chosen = suites.filter(({ isLong, name }) =>
  isWhole ? quick || values.long || isLong !== true : positionals.includes(name)
)

// The processes of a suite end with this one, also where it is interrupted.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130))

for (const suite of chosen) {
  tell(`${suite.name}: ${suite.title}`)
  const processes = makeProcesses()
  try {
    const rounds = Number(values.rounds ?? (quick ? 1 : suite.rounds))
    results.push(await runSuite(suite, { quick, cache, processes }, rounds, tell))
  } finally {
    await processes.close()
    removeCopies(cache)
  }
}

const all = { date, seconds: (performance.now() - started) / 1000, machine, suites: results }
writeJson(path(`bench/results/${quick ? "quick" : "latest"}.json`), all)
if ((isWhole || values.write) && !quick) {
  const file = path("docs/performance.json")
  const kept = keepOthers(file, all, names)
  writeJson(file, kept)
  writePage(path("docs/performance.md"), kept)
}
process.stdout.write(`${toMarkdown(all)}\n`)
