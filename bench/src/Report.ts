/** The results as a JSON file and as a page: what is between the marks is written anew, what stands around it stays. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import type { Machine } from "./Machine.ts"
import type { Goal, GoalResult, Spread, SuiteResult } from "./Suite.ts"

export interface Results {
  readonly date: string
  readonly seconds: number
  readonly machine: Machine
  readonly suites: ReadonlyArray<SuiteResult>
}

const units: { readonly [metric: string]: string } = {
  perSecond: "per second",
  cpuMicros: "CPU, µs each",
  p50Ms: "p50, ms",
  p99Ms: "p99, ms",
  ms: "ms",
  mib: "MiB",
  idleMib: "idle, MiB",
  loadedMib: "after load, MiB",
  grownMib: "grown by, MiB",
  readyMs: "ready after, ms",
  cpuMs: "CPU, ms",
  requests: "requests",
  seconds: "seconds",
  kib: "packed, KiB",
  unpackedKib: "unpacked, KiB",
  share: "of the ideal"
}

const digits = (value: number): string =>
  Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString("en")
    : Math.abs(value) >= 100
      ? value.toFixed(0)
      : Math.abs(value) >= 10
        ? value.toFixed(1)
        : value.toFixed(2)

const spread = ({ median, p25, p75, samples }: Spread): string =>
  samples.length === 1 || p25 === p75 ? digits(median) : `${digits(median)} (${digits(p25)} to ${digits(p75)})`

const bounds = ({ atLeast, atMost, byCpu, unit }: Goal): string => {
  const end = unit === undefined ? "" : ` ${unit}`
  return [
    atLeast === undefined ? [] : [`at least ${atLeast}${end}`],
    atMost === undefined ? [] : [`at most ${atMost}${end}`],
    byCpu === undefined ? [] : ["by CPU time"]
  ]
    .flat()
    .join(", ")
}

const row = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

const goalRow = ({ beside, goal, isMet, value }: GoalResult): string =>
  row([
    String(goal.number),
    goal.what,
    bounds(goal),
    value === undefined ? "not measured" : spread(value),
    beside === undefined ? "" : `${digits(beside.median)} by ${goal.byCpu === true ? "requests a second" : "CPU time"}`,
    isMet === undefined ? "" : isMet ? "met" : "**not met**"
  ])

const suiteTable = (
  { contenders, date, metrics, skipped, title }: SuiteResult,
  ranAt: string
): ReadonlyArray<string> => {
  const shown = metrics.filter((metric) => contenders.some((contender) => contender.metrics[metric] !== undefined))
  return [
    "",
    `### ${title}`,
    "",
    ...(date.slice(0, 10) === ranAt.slice(0, 10) ? [] : [`Measured on ${date.slice(0, 10)}.`, ""]),
    row(["", ...shown.map((metric) => units[metric] ?? metric)]),
    row(["---", ...shown.map(() => "---")]),
    ...contenders.map(({ metrics: measured, name }) =>
      row([
        name,
        ...shown.map((metric) => {
          const found = measured[metric]
          return found === undefined ? "" : spread(found)
        })
      ])
    ),
    ...(skipped.length === 0 ? [] : ["", ...skipped.map((line) => `Not measured: ${line}`)])
  ]
}

/** The page's generated part. */
export const toMarkdown = ({ date, machine, seconds, suites }: Results): string =>
  [
    `Measured on ${date.slice(0, 10)} in ${Math.round(seconds)} seconds. Figures hold for this machine only; the goals are ratios, taken`,
    "side by side in alternating rounds: medians, with the middle half of the rounds in parentheses.",
    "",
    ...Object.entries(machine).map(([what, value]) => `- ${what}: ${value}`),
    "",
    "## Goals",
    "",
    row(["#", "what", "goal", "measured", "beside", ""]),
    row(["---", "---", "---", "---", "---", "---"]),
    ...suites
      .flatMap(({ goals }) => goals)
      .sort((a, b) => a.goal.number - b.goal.number)
      .map(goalRow),
    "",
    "## Measurements",
    ...suites.flatMap((suite) => suiteTable(suite, date))
  ].join("\n")

const begin = "<!-- written by `pnpm bench` -->"
const end = "<!-- end of what `pnpm bench` writes -->"

/** Writes the generated part of the page, and keeps the rest of it. */
export const writePage = (file: string, results: Results): void => {
  const page = existsSync(file) ? readFileSync(file, "utf8") : `# Performance\n\n${begin}\n${end}\n`
  const before = page.slice(0, page.indexOf(begin) + begin.length)
  const after = page.slice(page.indexOf(end))
  if (!page.includes(begin) || !page.includes(end)) throw new Error(`${file}: the marks are gone`)
  writeFileSync(file, `${before}\n\n${toMarkdown(results)}\n\n${after}`)
}

/** The results with those of a file for the suites that were not measured now. */
export const keepOthers = (file: string, results: Results, order: ReadonlyArray<string>): Results => {
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results).suites : []
  const suites = order.flatMap((name) => {
    const found = [...results.suites, ...kept].find((suite) => suite.name === name)
    return found === undefined ? [] : [found]
  })
  return { ...results, suites }
}

export const writeJson = (file: string, results: Results): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`)
}
