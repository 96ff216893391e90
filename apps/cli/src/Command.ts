/**
 * What a command is, as plain data: its flags, arguments, examples. From it come the parser, `--help`, the completions of
 * four shells and `docs/cli.md`. Nothing here, and nothing that a description imports, loads Effect: `--help` must answer
 * as fast as Node starts.
 */
import type * as Effect from "effect/Effect"
import type { Invocation } from "./Invocation.ts"

/** How the text of a flag or an argument is read: `id` a whole number from 1, `count` one from 0. */
export type Kind = "boolean" | "text" | "id" | "count" | "choice" | "file"

/** One flag; its name on the command line is its key, in kebab case. */
export interface Flag {
  readonly kind: Kind
  /** One sentence, without its full stop. */
  readonly description: string
  /** What stands for the value in the help. */
  readonly metavar?: string
  readonly short?: string
  readonly choices?: ReadonlyArray<string>
  readonly required?: true
  /** Whether it can be given several times. */
  readonly many?: true
}

/** One argument; arguments are read in the order of their keys. */
export interface Argument extends Omit<Flag, "short" | "metavar"> {
  readonly kind: Exclude<Kind, "boolean">
}

export type Flags = { readonly [name: string]: Flag }
export type Arguments = { readonly [name: string]: Argument }

/** A command that can be pasted, and what it does. */
export interface Example {
  readonly does: string
  /** Without the leading `bookio`. */
  readonly line: string
}

/** The description of a command. */
export interface Spec {
  /** The words that name it, such as `reservations list`. */
  readonly path: readonly [string, ...Array<string>]
  /** What it does: one sentence, without its full stop. */
  readonly summary: string
  /** What else is worth knowing, as paragraphs. */
  readonly details?: ReadonlyArray<string>
  /** Completes "cannot …" where it fails. */
  readonly doing: string
  readonly flags: Flags
  readonly args: Arguments
  readonly examples: readonly [Example, ...Array<Example>]
  /** The members of its rows, where it prints rows: what `--json` and `--jq` choose from. */
  readonly fields?: ReadonlyArray<string>
}

type Base<F extends Pick<Flag, "kind" | "choices">> = F["kind"] extends "boolean"
  ? boolean
  : F["kind"] extends "id" | "count"
    ? number
    : F extends { readonly choices: ReadonlyArray<infer C> }
      ? C
      : string

type ValueOf<F extends Pick<Flag, "kind" | "choices" | "required" | "many">> = F extends { readonly many: true }
  ? ReadonlyArray<Base<F>>
  : F extends { readonly required: true } | { readonly kind: "boolean" }
    ? Base<F>
    : Base<F> | undefined

/** What the command line said, by the description of its command. */
export interface Given<S extends Pick<Spec, "flags" | "args">> {
  readonly flags: { readonly [K in keyof S["flags"]]: ValueOf<S["flags"][K]> }
  readonly args: { readonly [K in keyof S["args"]]: ValueOf<S["args"][K]> }
}

/** Declares a command, with the types of its flags and arguments taken from their descriptions. */
export const command = <const S extends Spec>(spec: S): S => spec

/** What runs a command; how it failed is told by `Failure`. */
export type Run<S extends Spec> = (given: Given<S>) => Effect.Effect<void, unknown, Invocation>

/** A command and where its code is, which is loaded when it is used. */
export interface Entry {
  readonly spec: Spec
  /** The run of the command, with what the command line said for its description. */
  readonly load: () => Promise<(given: Given<Spec>) => Effect.Effect<void, unknown, Invocation>>
}

/** Ties a description to its code. */
export const entry = <S extends Spec>(spec: S, load: () => Promise<{ readonly run: Run<S> }>): Entry => ({
  spec,
  // The parser makes what it gives from this very description.
  load: async () => (await load()).run as (given: Given<Spec>) => Effect.Effect<void, unknown, Invocation>
})

/** The name of a flag or argument on the command line. */
export const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
