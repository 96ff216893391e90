/** The texts of `--help`, from the descriptions. */
import { type Entry, type Flag, type Flags, kebab, type Spec } from "./Command.ts"
import { exitCodes } from "./ExitCode.ts"
import { globals } from "./Globals.ts"
import { nearest, UsageProblem } from "./Parse.ts"

/** The left column of a flag: `--facility ID`. */
export const flagUsage = (key: string, { kind, metavar, short, choices }: Flag): string => {
  const value = kind === "boolean" ? "" : ` ${metavar ?? choices?.join("|") ?? kebab(key).toUpperCase()}`
  return `${short === undefined ? "" : `-${short}, `}--${kebab(key)}${value}`
}

/** The line that shows how a command is written. */
export const usageOf = ({ args, flags, path }: Spec): string => {
  const required = Object.entries(flags).flatMap(([key, flag]) =>
    flag.required === true ? [flagUsage(key, flag)] : []
  )
  const named = Object.entries(args).map(([key, { many, required }]) => {
    const name = `${kebab(key).toUpperCase()}${many === true ? "..." : ""}`
    return required === true ? name : `[${name}]`
  })
  return ["bookio", ...path, ...named, ...required, "[flags]"].join(" ")
}

const columns = (rows: ReadonlyArray<readonly [string, string]>): string => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("")
}

const section = (title: string, body: string): string => (body === "" ? "" : `\n${title}:\n${body}`)

const flagRows = (flags: Flags) =>
  Object.entries(flags).map(([key, flag]): [string, string] => [
    flagUsage(key, flag),
    flag.many === true ? `${flag.description} (can be repeated)` : flag.description
  ])

const table = (rows: ReadonlyArray<readonly [string, string]>): string => (rows.length === 0 ? "" : columns(rows))

const commandHelp = (spec: Spec): string =>
  [
    `${spec.summary}.\n`,
    ...(spec.details ?? []).map((paragraph) => `\n${paragraph}\n`),
    section("Usage", `  ${usageOf(spec)}\n`),
    section(
      "Arguments",
      table(
        Object.entries(spec.args).map(([key, { choices, description }]) => [
          kebab(key).toUpperCase(),
          choices === undefined ? description : `${description}: ${choices.join(", ")}`
        ])
      )
    ),
    section("Flags", table(flagRows(spec.flags))),
    section("Flags of every command", table(flagRows(globals))),
    section("Members for --json and --jq", spec.fields === undefined ? "" : `  ${spec.fields.join(", ")}\n`),
    section("Examples", spec.examples.map(({ does, line }) => `  # ${does}\n  bookio ${line}\n`).join("\n"))
  ].join("")

const groupHelp = (path: ReadonlyArray<string>, members: ReadonlyArray<Entry>): string => {
  const [example] = members[0]?.spec.examples ?? []
  return [
    path.length === 0
      ? "bookio: calendars, reservations and blocked times of a Bookio-compatible server, or of an engine's database.\n"
      : `bookio ${path.join(" ")}\n`,
    section("Usage", `  ${["bookio", ...path].join(" ")} COMMAND [flags]\n`),
    section("Commands", columns(members.map(({ spec }) => [spec.path.slice(path.length).join(" "), spec.summary]))),
    section("Flags of every command", table(flagRows(globals))),
    path.length > 0
      ? ""
      : section(
          "Where to",
          columns([
            ["bookio login", "asks for server and token, and stores them"],
            ["BOOKIO_BASE_URL, BOOKIO_TOKEN", "go before what is stored; a token is never an argument"],
            ["BOOKIO_DATABASE", "the embedded engine, without a server: sqlite:PATH"]
          ])
        ),
    path.length > 0 ? "" : section("Exit codes", columns(exitCodes.map(([code, meaning]) => [String(code), meaning]))),
    section("Example", example === undefined ? "" : `  # ${example.does}\n  bookio ${example.line}\n`)
  ].join("")
}

/** The help of the command that these words name, or of the commands that begin with them. Throws `UsageProblem`. */
export const helpOf = (path: ReadonlyArray<string>, entries: ReadonlyArray<Entry>): string => {
  const members = entries.filter(({ spec }) => path.every((word, index) => spec.path[index] === word))
  const [only] = members
  if (only === undefined) {
    const found = nearest(
      path.join(" "),
      entries.map(({ spec }) => spec.path.join(" "))
    )
    throw new UsageProblem(`there is no such command${found === undefined ? "" : `; did you mean ${found}?`}`)
  }
  return only.spec.path.length === path.length ? commandHelp(only.spec) : groupHelp(path, members)
}
