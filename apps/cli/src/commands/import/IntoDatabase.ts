/** Imports into the database of an engine, exactly. */
import * as Import from "@bookio-kit/adapter-sql/admin/Import"
import * as ImportChecks from "@bookio-kit/adapter-sql/admin/ImportChecks"
import {
  type Assumed,
  blockedTimeOf,
  type ImportRecord,
  reservationOf
} from "@bookio-kit/adapter-sql/admin/ImportRecords"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { CommandError } from "../../Failure.ts"
import { progress } from "../../output/Progress.ts"
import type { ExportFile, Numbered } from "./ReadExport.ts"
import type { Report } from "./Report.ts"

const batchSize = 500

const recordOf = ({ record }: Numbered, assumed: Assumed): Result.Result<ImportRecord, string> =>
  record.kind === "reservation" ? reservationOf(record, assumed) : blockedTimeOf(record, assumed)

/** What became of the records. */
export interface Imported {
  readonly made: number
  readonly known: number
}

/**
 * Checks all of an export, and imports it where it is sound.
 *
 * @errors `CommandError` where the head contradicts the database, or lines are wrong and not to be skipped: nothing is
 * written then; `AdminError`, `BackendError`.
 */
export const intoDatabase = Effect.fnUntraced(function* (
  file: ExportFile,
  report: Report,
  options: { readonly channel: string; readonly locale: string; readonly dryRun: boolean; readonly skipErrors: boolean }
) {
  const { calendars, facility } = file
  const assumed: Assumed = { timeZone: facility.timeZone, calendars, channel: options.channel, locale: options.locale }
  // Channels that made something, or know it, and no longer reach the facility, must be there as well, but do not reach it.
  const named = new Set<string>(facility.exact?.channels ?? [options.channel])
  const reaching = [...named]
  const headProblems = yield* ImportChecks.headProblems({ facility, calendars, channels: reaching })
  if (headProblems.length > 0) {
    return yield* new CommandError({ why: headProblems.join("; "), exitCode: 1 })
  }
  const check = ImportChecks.makeChecker()
  const skipped = new Set<number>()
  let made = 0
  let known = 0
  yield* report.tell(file.problems)
  yield* Stream.runForEach(Stream.grouped(file.records, batchSize), (batch) =>
    Effect.gen(function* () {
      const sound: Array<{ readonly line: number; readonly record: ImportRecord }> = []
      for (const numbered of batch) {
        const { line, record } = numbered
        const found = recordOf(numbered, assumed)
        if (Result.isSuccess(found)) sound.push({ line, record: found.success })
        else {
          skipped.add(line)
          yield* report.tell([{ line, kind: record.kind, id: record.id, problem: found.failure }])
        }
      }
      const { counts, problems } = yield* check(sound.map(({ record }) => record))
      made += counts.made
      known += counts.known
      const lineOf = new Map(sound.map(({ line, record }) => [record, line]))
      for (const { problem, record } of problems) {
        const line = lineOf.get(record) ?? 0
        skipped.add(line)
        yield* report.tell([{ line, kind: record.kind, id: record.id, problem }])
      }
      for (const { record } of sound) {
        for (const { channel } of record.channels) named.add(channel)
        if (record.kind === "reservation") named.add(record.channel)
      }
    })
  )
  const isSound = skipped.size === 0 && file.problems.length === 0
  if (options.dryRun || (!isSound && !options.skipErrors)) return { made, known } satisfies Imported
  yield* Import.begin({ facility, calendars, channels: [...named] })
  const show = yield* progress(file.total)
  made = 0
  known = 0
  const sound = Stream.filter(file.records, ({ line }) => !skipped.has(line))
  yield* Stream.runForEach(Stream.grouped(sound, batchSize), (batch) =>
    Effect.gen(function* () {
      const records = batch.flatMap((numbered) => {
        const found = recordOf(numbered, assumed)
        return Result.isSuccess(found) ? [found.success] : []
      })
      const stored = yield* Import.store(facility.id, records)
      made += stored.made
      known += stored.known
      yield* show(made + known)
    })
  )
  yield* Import.finish({ facility, calendars, channels: reaching })
  return { made, known } satisfies Imported
})
