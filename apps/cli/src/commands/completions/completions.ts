/** `bookio completions`: what `effect/cli` makes of the descriptions. */
import * as Completions from "effect/cli/Completions"
import * as Effect from "effect/Effect"
import { type Argument, type Entry, type Flag, type Flags, type Given, kebab } from "../../Command.ts"
import { globals } from "../../Globals.ts"
import { print } from "../../output/Output.ts"
import { entries } from "../../Registry.ts"
import type { completions } from "./specs.ts"

const valueType = ({ choices, kind }: Flag | Argument): Completions.ArgumentType => {
  if (choices !== undefined) return { _tag: "Choice", values: choices }
  if (kind === "file") return { _tag: "Path", pathType: "file" }
  return kind === "id" || kind === "count" ? { _tag: "Int" } : { _tag: "String" }
}

const flagsOf = (flags: Flags): ReadonlyArray<Completions.FlagDescriptor> =>
  Object.entries(flags).map(([key, flag]) => ({
    name: kebab(key),
    aliases: flag.short === undefined ? [] : [flag.short],
    description: flag.description,
    type: flag.kind === "boolean" ? { _tag: "Boolean" } : valueType(flag),
    optionalValue: key === "json",
    // No flag has a form that begins with --no-.
    negation: false
  }))

const descriptorOf = (path: ReadonlyArray<string>, members: ReadonlyArray<Entry>): Completions.CommandDescriptor => {
  const own = members.find(({ spec }) => spec.path.length === path.length)?.spec
  const words = [...new Set(members.flatMap(({ spec }) => spec.path[path.length] ?? []))]
  return {
    name: path.at(-1) ?? "bookio",
    description: own?.summary,
    flags: flagsOf({ ...own?.flags, ...globals }),
    arguments: Object.entries(own?.args ?? {}).map(([key, argument]) => ({
      name: kebab(key),
      description: argument.description,
      required: argument.required === true,
      variadic: argument.many === true,
      type: valueType(argument)
    })),
    subcommands: words.map((word) =>
      descriptorOf(
        [...path, word],
        members.filter(({ spec }) => spec.path[path.length] === word)
      )
    )
  }
}

/** Runs the command. */
export const run = ({ args: { shell } }: Given<typeof completions>) =>
  Effect.suspend(() => print(`${Completions.generate("bookio", shell, descriptorOf([], entries))}\n`))
