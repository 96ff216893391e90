/**
 * Reads a command line by the descriptions of the commands. Written by hand, for `effect/cli` alone takes half of the time
 * that a command may take (docs/decisions/0009-cli-parser.md). What is wrong is told without repeating values, which can
 * be people's names.
 */
import { type Argument, type Entry, type Flag, type Flags, type Given, kebab, type Spec } from "./Command.ts"
import { type Globals, globals } from "./Globals.ts"

/** The command line makes no sense: exit code 2. */
export class UsageProblem extends Error {
  readonly path: ReadonlyArray<string>
  constructor(message: string, path: ReadonlyArray<string> = []) {
    super(message)
    this.path = path
  }
}

/** What a command line asks for. */
export type Parsed =
  | { readonly _tag: "Version" }
  | { readonly _tag: "Help"; readonly path: ReadonlyArray<string> }
  | { readonly _tag: "Run"; readonly entry: Entry; readonly given: Given<Spec>; readonly globals: Globals }

type Value = boolean | number | string

const longNames = (flags: Flags): Map<string, string> =>
  new Map(Object.keys(flags).map((key): [string, string] => [kebab(key), key]))

const readNumber = (text: string, least: number): number | undefined => {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) && value >= least ? value : undefined
}

const readValue = (
  { choices, kind }: Flag | Argument,
  name: string,
  text: string,
  path: ReadonlyArray<string>
): Value => {
  if (kind === "id" || kind === "count") {
    const least = kind === "id" ? 1 : 0
    const value = readNumber(text, least)
    if (value === undefined) throw new UsageProblem(`${name} must be a whole number from ${least}`, path)
    return value
  }
  if (choices !== undefined && !choices.includes(text)) {
    throw new UsageProblem(`${name} must be one of ${choices.join(", ")}`, path)
  }
  return text
}

/** The names nearest to one that was mistyped: at most two letters away. */
export const nearest = (name: string, known: Iterable<string>): string | undefined => {
  let best: string | undefined
  let bestDistance = 3
  for (const candidate of known) {
    const distance = distanceOf(name, candidate)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

const distanceOf = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}

const orNearest = (name: string, known: Iterable<string>, prefix = ""): string => {
  const found = nearest(name, known)
  return found === undefined ? "" : `; did you mean ${prefix}${found}?`
}

/** The commands that begin with these words, by the next word. */
const nextWords = (entries: ReadonlyArray<Entry>, words: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(
    entries
      .filter(({ spec }) => words.every((word, index) => spec.path[index] === word))
      .flatMap(({ spec }) => spec.path[words.length] ?? [])
  )
]

const isFieldList = (text: string, fields: ReadonlyArray<string>): boolean =>
  text.split(",").every((field) => fields.includes(field))

const isFilled = (values: Map<string, ReadonlyArray<Value>>, key: string) => (values.get(key)?.length ?? 0) > 0

const gather = (
  declared: { readonly [name: string]: Flag | Argument },
  values: Map<string, ReadonlyArray<Value>>
): { readonly [name: string]: unknown } =>
  Object.fromEntries(
    Object.entries(declared).map(([key, { kind, many }]) => {
      const given = values.get(key) ?? []
      return [key, many === true ? given : (given.at(-1) ?? (kind === "boolean" ? false : undefined))]
    })
  )

/** Reads the words behind the program's name. Throws `UsageProblem`. */
export const parse = (argv: ReadonlyArray<string>, entries: ReadonlyArray<Entry>): Parsed => {
  const first = argv[0]
  if (first === "--version") return { _tag: "Version" }
  if (first === "help") return { _tag: "Help", path: argv.slice(1).filter((word) => !word.startsWith("-")) }
  const words: Array<string> = []
  let found: Entry | undefined
  let at = 0
  // The words of a command stand before its flags.
  while (found === undefined && at < argv.length && !argv[at]!.startsWith("-")) {
    const word = argv[at]!
    const known = nextWords(entries, words)
    if (!known.includes(word)) {
      const what = words.length === 0 ? "command" : `command of bookio ${words.join(" ")}`
      throw new UsageProblem(`there is no such ${what}${orNearest(word, known)}`, words)
    }
    words.push(word)
    at++
    found = entries.find(({ spec }) => spec.path.length === words.length && spec.path.every((w, i) => w === words[i]))
  }
  const rest = argv.slice(at)
  if (rest.includes("--help") || rest.includes("-h")) return { _tag: "Help", path: words }
  if (found === undefined) {
    if (rest.includes("--version")) return { _tag: "Version" }
    if (rest.length > 0) throw new UsageProblem("flags stand behind the command", words)
    return { _tag: "Help", path: words }
  }
  return { _tag: "Run", entry: found, ...readRest(found.spec, rest, words) }
}

const readRest = (spec: Spec, rest: ReadonlyArray<string>, path: ReadonlyArray<string>) => {
  const declared: Flags = { ...globals, ...spec.flags }
  const names = longNames(declared)
  const shorts = new Map(
    Object.entries(declared).flatMap(([key, { short }]) => (short === undefined ? [] : [[short, key]]))
  )
  const values = new Map<string, ReadonlyArray<Value>>()
  const args = new Map<string, ReadonlyArray<Value>>()
  const put = (key: string, flag: Flag, value: Value) => {
    if (flag.many !== true && isFilled(values, key)) throw new UsageProblem(`--${kebab(key)} is given twice`, path)
    values.set(key, [...(values.get(key) ?? []), value])
  }
  const argumentNames = Object.keys(spec.args)
  const putArgument = (text: string) => {
    const key = argumentNames.find((name) => spec.args[name]?.many === true || !isFilled(args, name))
    const argument = key === undefined ? undefined : spec.args[key]
    if (key === undefined || argument === undefined) {
      throw new UsageProblem(
        `there is an argument too many${argumentNames.length === 0 ? ": it takes none" : ""}`,
        path
      )
    }
    args.set(key, [...(args.get(key) ?? []), readValue(argument, kebab(key).toUpperCase(), text, path)])
  }
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at]!
    if (word === "--") {
      for (const text of rest.slice(at + 1)) putArgument(text)
      break
    }
    if (!word.startsWith("-") || word === "-") {
      putArgument(word)
      continue
    }
    const [name = "", ...parts] = word.split("=")
    const inline = parts.length === 0 ? undefined : parts.join("=")
    const key = name.startsWith("--") ? names.get(name.slice(2)) : shorts.get(name.slice(1))
    const flag = key === undefined ? undefined : declared[key]
    if (key === undefined || flag === undefined) {
      throw new UsageProblem(`there is no flag ${name}${orNearest(name.slice(2), names.keys(), "--")}`, path)
    }
    if (flag.kind === "boolean") {
      if (inline !== undefined) throw new UsageProblem(`--${kebab(key)} takes no value`, path)
      put(key, flag, true)
    } else if (key === "json" && inline === undefined) {
      // It may stand alone, so that only a word that is nothing else is its value.
      const next = rest[at + 1]
      const isNext = next !== undefined && isFieldList(next, spec.fields ?? [])
      put(key, flag, isNext ? next : "")
      if (isNext) at++
    } else {
      const text = inline ?? rest[++at]
      if (text === undefined) throw new UsageProblem(`--${kebab(key)} needs a value`, path)
      put(key, flag, readValue(flag, `--${kebab(key)}`, text, path))
    }
  }
  for (const [key, { required }] of Object.entries(spec.flags)) {
    if (required === true && !isFilled(values, key)) throw new UsageProblem(`--${kebab(key)} must be given`, path)
  }
  for (const [key, { required }] of Object.entries(spec.args)) {
    if (required === true && !isFilled(args, key)) {
      throw new UsageProblem(`${kebab(key).toUpperCase()} must be given`, path)
    }
  }
  const given = { flags: gather(spec.flags, values), args: gather(spec.args, args) } as Given<Spec>
  const common = gather(globals, values) as Globals
  const forms = [common.json !== undefined || common.jq !== undefined, common.csv, common.ndjson]
  if (forms.filter(Boolean).length > 1) throw new UsageProblem("--json, --csv and --ndjson exclude each other", path)
  const unknown = (common.json ?? "").split(",").find((field) => field !== "" && spec.fields?.includes(field) !== true)
  if (unknown !== undefined) {
    throw new UsageProblem(
      spec.fields === undefined
        ? "--json has no members to choose from here"
        : `--json: there is no member ${unknown}; they are ${spec.fields.join(", ")}`,
      path
    )
  }
  return { given, globals: common }
}
