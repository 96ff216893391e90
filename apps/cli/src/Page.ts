/** The page of the documentation that shows every command: made of the descriptions, and of runs that the tests check. */
import { type Entry, type Flags, kebab, type Spec } from "./Command.ts"
import { exitCodes } from "./ExitCode.ts"
import { globals } from "./Globals.ts"
import { flagUsage, usageOf } from "./Help.ts"

const cell = (text: string) => text.replaceAll("|", "\\|")

const table = (head: readonly [string, string], rows: ReadonlyArray<readonly [string, string]>): string =>
  rows.length === 0
    ? ""
    : `\n| ${head[0]} | ${head[1]} |\n| --- | --- |\n${rows
        .map(([left, right]) => `| \`${cell(left)}\` | ${cell(right)} |\n`)
        .join("")}`

const flagRows = (flags: Flags) =>
  Object.entries(flags).map(([key, flag]): [string, string] => [
    flagUsage(key, flag),
    `${flag.required === true ? "Required. " : ""}${flag.description}${flag.many === true ? "; can be repeated" : ""}`
  ])

const commandSection = (spec: Spec): string =>
  [
    `### bookio ${spec.path.join(" ")}\n\n${spec.summary}.\n`,
    ...(spec.details ?? []).map((paragraph) => `\n${paragraph}\n`),
    `\n\`\`\`\n${usageOf(spec)}\n\`\`\`\n`,
    table(
      ["argument", "meaning"],
      Object.entries(spec.args).map(([key, { choices, description }]) => [
        kebab(key).toUpperCase(),
        choices === undefined ? description : `${description}: ${choices.join(", ")}`
      ])
    ),
    table(["flag", "meaning"], flagRows(spec.flags)),
    spec.fields === undefined
      ? ""
      : `\nMembers for \`--json\`: ${spec.fields.map((field) => `\`${field}\``).join(", ")}.\n`,
    `\n\`\`\`sh\n${spec.examples.map(({ does, line }) => `# ${does}\nbookio ${line}\n`).join("\n")}\`\`\`\n`
  ].join("")

// A golden file ends with what standard error and the exit code were.
const shown = (transcript: string) => transcript.replace(/\n--- exit 0\n$/, "\n").replace(/\n--- stderr\n/, "\n")

/** The page; `transcripts` are runs as the golden files of the tests hold them. */
export const cliPage = (
  entries: ReadonlyArray<Entry>,
  settings: string,
  transcripts: ReadonlyArray<string>
): string => `# bookio, the command line

Generated from the commands by \`pnpm generate\`; do not edit. How it finds its server, and how to add a command, is told by
[apps/cli](../apps/cli/README.md).

## A walk

\`pnpm start\` starts the demonstration in one terminal; in another one:

\`\`\`sh
export BOOKIO_BASE_URL=http://127.0.0.1:8080/public/api/v1 BOOKIO_TOKEN=demo BOOKIO_EXTENSIONS=true
alias bookio="$PWD/node_modules/.bin/node $PWD/apps/cli/src/bin.ts"
bookio doctor
bookio agenda tomorrow --facility 2
bookio slots --facility 1 --service 1
\`\`\`

[A whole session](cli-transcript.md) shows login, agenda, booking, a conflict and an export. What it looks like, on the
demonstration of another day:

${transcripts.map((transcript) => `\`\`\`\n${shown(transcript)}\`\`\``).join("\n\n")}

## Flags of every command
${table(["flag", "meaning"], flagRows(globals))}
## Settings

${settings}

## Exit codes
${table(
  ["code", "meaning"],
  exitCodes.map(([code, meaning]) => [String(code), meaning])
)}
## Commands

${entries.map(({ spec }) => commandSection(spec)).join("\n")}`

/** The page with a whole session, as a test ran it in a terminal. */
export const transcriptPage = (session: string): string => `# A session with bookio

Taken from a run of the tests against the demonstration (\`apps/cli/test/Transcript.test.ts\`), and checked with each one; rates,
times of answers and random numbers are made alike. [cli.md](cli.md) has every command.

${session
  .trimEnd()
  .split(/\n\n(?=\$ bookio )/)
  .map((part) => `\`\`\`console\n${part.trimEnd()}\n\`\`\``)
  .join("\n\n")}

What \`bookio agenda 2040-06-05 --facility 2\` looks like on a terminal with colours:

![A day of a clinic as a timetable of two calendars, with a clash in red](cli-agenda.svg)
`
