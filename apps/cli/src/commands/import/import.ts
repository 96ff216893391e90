/** `bookio import`. */
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import { layerOf } from "../../Backend.ts"
import { tellAdmin, withDatabase } from "../../backend/Administration.ts"
import type { Given } from "../../Command.ts"
import { CommandError } from "../../Failure.ts"
import { Invocation } from "../../Invocation.ts"
import { note, printOne } from "../../output/Output.ts"
import { target } from "../../Target.ts"
import type { Imported } from "./IntoDatabase.ts"
import { type ExportFile, readExport } from "./ReadExport.ts"
import { openReport, type Report } from "./Report.ts"
import type { importFacility } from "./specs.ts"

const tell = Effect.fnUntraced(function* (
  { args, flags }: Given<typeof importFacility>,
  file: ExportFile,
  report: Report,
  path: string,
  { known, made }: Imported,
  isExact: boolean
) {
  const { setPartly } = yield* Invocation
  const { dropped, wrong } = report.counts()
  const isStopped = wrong > 0 && !flags.skipErrors && isExact
  const would = flags.dryRun ? "would be " : "were "
  const told = wrong + dropped > 0 ? { report: path } : {}
  const document = {
    file: args.file,
    facilityId: file.facility.id,
    dryRun: flags.dryRun,
    made: isStopped && !flags.dryRun ? 0 : made,
    known,
    wrong,
    dropped,
    ...told
  }
  yield* printOne(document, [
    ...(isStopped && !flags.dryRun
      ? [`Nothing was imported of ${args.file}.`]
      : [`${made} records ${would}made, ${known} ${flags.dryRun ? "are" : "were"} there already.`]),
    ...(dropped === 0 ? [] : [`${dropped} records lost something that cannot be kept: ${path} says what.`])
  ])
  if (wrong === 0) return
  if (isStopped) {
    return yield* new CommandError({
      why: `${wrong} lines are wrong: ${path} says why`,
      fix: "mend them, or --skip-errors imports the others"
    })
  }
  setPartly()
  yield* note(`bookio: ${wrong} lines were not imported: ${path} says why`)
})

/** Runs the command. */
export const run = (given: Given<typeof importFacility>) =>
  Effect.gen(function* () {
    process.umask(0o077)
    const { args, flags } = given
    const to = yield* target
    const file = yield* readExport(resolve(args.file))
    const path = flags.report ?? `${args.file}.report.ndjson`
    const report = yield* openReport(resolve(path))
    const options = {
      channel: flags.as,
      facility: flags.facility,
      locale: flags.locale ?? "sk",
      dryRun: flags.dryRun,
      skipErrors: flags.skipErrors
    }
    if (to._tag === "Embedded" && to.token === undefined && to.channel === undefined) {
      const { intoDatabase } = yield* Effect.promise(() => import("./IntoDatabase.ts"))
      return yield* withDatabase(
        () =>
          intoDatabase(file, report, { ...options, channel: flags.as ?? "import" }).pipe(
            Effect.scoped,
            Effect.flatMap((done) => tell(given, file, report, path, done, true))
          ),
        flags.dryRun ? "look" : "new"
      )
    }
    const { overApi } = yield* Effect.promise(() => import("./OverApi.ts"))
    yield* overApi(file, report, options).pipe(
      Effect.scoped,
      Effect.flatMap((done) => tell(given, file, report, path, done, file.problems.length > 0)),
      Effect.provide(layerOf(to))
    )
  }).pipe(
    Effect.scoped,
    tellAdmin,
    Effect.onInterrupt(() => note("bookio: stopped; run the same command again: nothing is made twice"))
  )
