/**
 * Settings of an app from its environment: declared once as a table, which reads them, names what is wrong, and makes the
 * settings page of the documentation. An empty variable is as good as none.
 */
import * as Config from "effect/Config"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** One setting. */
export interface Setting<A> {
  /** The environment variable. */
  readonly name: string
  /** What it is for: one sentence. */
  readonly description: string
  /** What a value must be, to complete "NAME must be …". */
  readonly expects: string
  /** The text that stands for it when it is not set; `undefined` where it is then absent. */
  readonly fallback: string | undefined
  /** Says what the fallback is where no text can, such as "by terminal". */
  readonly fallbackNote?: string
  /** Whether its value must never be shown, not even a wrong one. */
  readonly secret?: true
  readonly schema: Schema.Codec<A, string>
}

/** A table of settings. */
export type Settings = { readonly [name: string]: Setting<unknown> }

/** The values of a table; one without a fallback may be absent. */
export type Values<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer A> ? (S[K]["fallback"] extends string ? A : A | undefined) : never
}

/** Declares a setting, with its type taken from its schema. */
export const setting = <A, const F extends string | undefined>(
  declared: Omit<Setting<A>, "fallback"> & { readonly fallback: F }
): Setting<A> & { readonly fallback: F } => declared

/** What makes a start fail for a wrong setting; each problem is one line that names the setting and what would be right. */
export class SettingsError extends Data.TaggedError("SettingsError")<{ readonly problems: ReadonlyArray<string> }> {
  override get message() {
    return this.problems.join("\n")
  }
}

/** The exit code of an app that cannot start for a wrong setting or file: EX_CONFIG of sysexits.h. */
export const settingsExitCode = 78

/** Reads a table of settings. @errors `SettingsError` with all that is wrong. */
export const readSettings = Effect.fnUntraced(function* <S extends Settings>(
  settings: S
): Effect.fn.Return<Values<S>, SettingsError> {
  const values: { [name: string]: unknown } = {}
  const problems: Array<string> = []
  for (const [key, { expects, fallback, name, schema, secret }] of Object.entries(settings)) {
    const given = yield* Effect.orDie(Config.option(Config.String(name)))
    const text = Option.getOrUndefined(Option.filter(given, (value) => value !== "")) ?? fallback
    if (text === undefined) continue
    const decoded = Schema.decodeResult(schema)(text)
    if (Result.isSuccess(decoded)) values[key] = decoded.success
    else problems.push(`${name} must be ${expects}${secret === true ? "" : `, not ${JSON.stringify(text)}`}`)
  }
  if (problems.length > 0) return yield* new SettingsError({ problems })
  return values as Values<S>
})

/** The table as Markdown. */
export const settingsTable = (settings: Settings): string =>
  [
    "| setting | default | meaning |",
    "| --- | --- | --- |",
    ...Object.values(settings).map(
      ({ description, expects, fallback, fallbackNote, name }) =>
        `| \`${name}\` | ${fallback === undefined ? (fallbackNote ?? "none") : `\`${fallback}\``} | ${description} Must be ${expects}. |`
    )
  ].join("\n")
