/** The command: reads settings, tries the laws, writes the report. */
import { type FileHandle, open } from "node:fs/promises"
import { laws, readLaws } from "@bookio-kit/conformance/Laws"
import { allHold, lineOf, type Report, toJson, toJUnit, toText } from "@bookio-kit/conformance/Report"
import { run } from "@bookio-kit/conformance/Run"
import { readSettings, SettingsError } from "@bookio-kit/core/settings/Settings"
import * as Command from "effect/cli/Command"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Option from "effect/Option"
import { checkOptions, flags } from "./Options.ts"
import { subject } from "./Remote.ts"
import { settings } from "./Settings.ts"

/** A law fails; the report says which. */
export class LawsFail extends Data.TaggedError("LawsFail")<{ readonly report: Report }> {}

const forms = { text: toText, json: toJson, junit: toJUnit } as const

// Opened before anything is tried, so that a long run is not lost for a wrong path.
const outputFile = (path: Option.Option<string>) =>
  Effect.acquireRelease(
    Option.match(path, {
      onNone: () => Effect.succeed<FileHandle | undefined>(undefined),
      onSome: (file) =>
        Effect.tryPromise({
          try: () => open(file, "w"),
          catch: () => new SettingsError({ problems: [`--output: ${file} cannot be written`] })
        })
    }),
    (file) => Effect.promise(async () => file?.close())
  )

const writeOut = (file: FileHandle | undefined, text: string) =>
  Effect.promise(
    () =>
      file?.writeFile(text) ??
      new Promise<void>((resolve) => {
        process.stdout.write(text, () => resolve())
      })
  )

/** Shows someone at a terminal how it goes on. */
const progress = { onLaw: (law: Report["laws"][number]) => Effect.sync(() => process.stderr.write(`${lineOf(law)}\n`)) }

/** `bookio-conformance`. */
export const command = Command.make(
  "bookio-conformance",
  flags,
  Effect.fnUntraced(function* (options) {
    yield* checkOptions(options)
    const values = yield* readSettings(settings)
    const file = yield* outputFile(options.output)
    const report = yield* run(options.write ? laws : readLaws, process.stderr.isTTY ? progress : {}).pipe(
      Effect.provide(subject(options, values)),
      Effect.provide(FetchHttpClient.layer)
    )
    yield* writeOut(file, forms[options.report](report))
    if (!allHold(report)) return yield* new LawsFail({ report })
  }, Effect.scoped)
).pipe(Command.withDescription("Tries the laws of the Bookio Medical Public API on a server."))
