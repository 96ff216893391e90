/** What came of a run, and its three forms: text for people, JSON for programs, JUnit for CI. All pure. */
import type { Law } from "./Law.ts"

/** What came of a law: it holds, it fails, or it could not be tried. */
export type Outcome =
  | { readonly _tag: "Holds" }
  | { readonly _tag: "Fails"; readonly problem: string }
  | { readonly _tag: "NotRun"; readonly reason: string }

/** A law with what came of it. */
export interface LawReport extends Pick<Law, "name" | "operation" | "code" | "kind"> {
  readonly outcome: Outcome
  readonly durationMs: number
}

export interface Report {
  readonly laws: ReadonlyArray<LawReport>
}

/** How many laws hold, fail, and were not run. */
export const summary = ({ laws }: Report) => {
  const count = (tag: Outcome["_tag"]) => laws.filter(({ outcome }) => outcome._tag === tag).length
  return { holds: count("Holds"), fails: count("Fails"), notRun: count("NotRun") }
}

/** Whether no law fails. */
export const allHold = (report: Report): boolean => summary(report).fails === 0

const marks = { Holds: "  ok   ", Fails: "  FAIL ", NotRun: "  --   " } as const

const detail = (outcome: Outcome): string =>
  outcome._tag === "Holds"
    ? ""
    : `\n         ${outcome._tag === "Fails" ? outcome.problem : `not run: ${outcome.reason}`}`

/** One line of a law, and another that says why, unless it holds. */
export const lineOf = ({ code, name, outcome }: LawReport): string =>
  `${marks[outcome._tag]}${code === undefined ? "" : `[${code}] `}${name}${detail(outcome)}`

const summaryLine = (report: Report): string => {
  const { fails, holds, notRun } = summary(report)
  return `${holds} laws hold, ${fails} fail, ${notRun} were not run`
}

/** The report for people, by operation; ends with the sums. */
export const toText = (report: Report): string => {
  const operations = [...new Set(report.laws.map(({ operation }) => operation))]
  const groups = operations.map((operation) =>
    [operation, ...report.laws.filter((law) => law.operation === operation).map(lineOf)].join("\n")
  )
  return `${[...groups, summaryLine(report)].join("\n\n")}\n`
}

/** The report as JSON: `summary` and `laws`. */
export const toJson = (report: Report): string =>
  `${JSON.stringify({ summary: summary(report), laws: report.laws }, undefined, 2)}\n`

const controls = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu

const entities: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\t": "&#9;",
  "\r": "&#13;"
}

// XML 1.0 has no way to write a control character (section 2.2).
const xml = (text: string): string =>
  text.replace(controls, "\uFFFD").replace(/[&<>"\n\t\r]/g, (character) => entities[character] ?? character)

const seconds = (ms: number) => (ms / 1000).toFixed(3)

const testCase = ({ code, durationMs, name, operation, outcome }: LawReport): string => {
  const group = code === undefined ? operation : `${operation}.${code}`
  const open = `    <testcase classname="${xml(group)}" name="${xml(name)}" time="${seconds(durationMs)}"`
  if (outcome._tag === "Holds") return `${open}/>`
  const inner =
    outcome._tag === "Fails"
      ? `<failure message="${xml(outcome.problem)}"/>`
      : `<skipped message="${xml(outcome.reason)}"/>`
  return `${open}>${inner}</testcase>`
}

/** The report as JUnit's XML: one suite, a test case a law, what was not run as skipped. */
export const toJUnit = (report: Report): string => {
  const { fails, notRun } = summary(report)
  const time = seconds(report.laws.reduce((sum, { durationMs }) => sum + durationMs, 0))
  const counts = `tests="${report.laws.length}" failures="${fails}" errors="0" skipped="${notRun}" time="${time}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="bookio-conformance" ${counts}>`,
    `  <testsuite name="bookio-conformance" ${counts}>`,
    ...report.laws.map(testCase),
    "  </testsuite>",
    "</testsuites>",
    ""
  ].join("\n")
}
