/** `bookio export`. */
import { resolve } from "node:path"
import { formatVersion, type Line, type RecordLine } from "@bookio-kit/adapter-sql/admin/Records"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { layerOf } from "../../Backend.ts"
import { tellAdmin, withDatabase } from "../../backend/Administration.ts"
import type { Given } from "../../Command.ts"
import { Invocation } from "../../Invocation.ts"
import { note, print, printOne } from "../../output/Output.ts"
import { progress } from "../../output/Progress.ts"
import { target } from "../../Target.ts"
import { type ExportFormat, ending, heading, textOf } from "./Lines.ts"
import { openPartial, type PartialFile } from "./PartialFile.ts"
import type { Source } from "./Source.ts"
import type { exportFacility } from "./specs.ts"

type Flags = Given<typeof exportFacility>

// Standard output cannot be taken up again.
const standardOutput: PartialFile = {
  before: undefined,
  append: print,
  save: () => Effect.void,
  finish: Effect.void,
  idsOf: () => Effect.succeed(new Set<number>())
}

const write = Effect.fnUntraced(function* <E, R>(source: Source<E, R>, { args, flags }: Flags) {
  const { setPartly } = yield* Invocation
  const format: ExportFormat = flags.format ?? "ndjson"
  const { facilityId } = source
  const file =
    args.file === undefined
      ? standardOutput
      : yield* openPartial({
          file: resolve(args.file),
          about: `${source.name}, facility ${facilityId}, ${format}`,
          restart: flags.restart,
          overwrite: flags.overwrite
        })
  const { before } = file
  const counts = { ...(before?.counts ?? { reservation: 0, blockedTime: 0 }) }
  let isComplete = before?.isComplete ?? true
  let head = before?.head ?? ""
  if (before === undefined) {
    const at = new Date(yield* Clock.currentTimeMillis).toISOString()
    const start: Line = { kind: "export", version: formatVersion, source: source.source, facilityId, at }
    head = textOf(format, yield* source.head)
    yield* file.append(heading(format, start) + head)
    yield* file.save({ stage: 0, counts, isComplete, head })
  } else {
    yield* note(`bookio: goes on with ${args.file}.partial, behind ${counts.reservation + counts.blockedTime} records`)
  }
  const written = counts.reservation + counts.blockedTime
  const total = source.stages.reduce((sum, stage) => sum + stage.total, 0)
  const show = yield* progress(total, written)
  for (const [index, stage] of source.stages.entries()) {
    if (index < (before?.stage ?? 0)) continue
    let at = before?.stage === index ? before.at : undefined
    const ids = at === undefined ? new Set<number>() : yield* file.idsOf(stage.kind)
    for (;;) {
      const { isComplete: isWhole, lines, next } = yield* stage.step(at, ids)
      yield* file.append(textOf(format, lines))
      counts[stage.kind] += lines.length
      at = next
      if (next === undefined) {
        isComplete &&= isWhole
        yield* file.save({ stage: index + 1, counts, isComplete, head })
        break
      }
      yield* file.save({ stage: index, at: next, counts, isComplete, head })
      yield* show(counts.reservation + counts.blockedTime)
    }
  }
  // A calendar may have been made for a reservation that was read later.
  const lastHead: ReadonlyArray<RecordLine> = yield* source.head
  const changed = textOf(format, lastHead)
  const end: Line = {
    kind: "end",
    complete: isComplete,
    reservations: counts.reservation,
    blockedTimes: counts.blockedTime
  }
  yield* file.append((changed === head ? "" : changed) + ending(format, end))
  yield* file.finish
  if (!isComplete) {
    setPartly()
    yield* note("bookio: rows moved while they were read, so some may be missing; export again when it is quieter")
  }
  return {
    ...(args.file === undefined ? {} : { file: args.file }),
    facilityId,
    source: source.source,
    complete: isComplete,
    reservations: counts.reservation,
    blockedTimes: counts.blockedTime
  }
})

const tell = Effect.fnUntraced(function* (done: Effect.Success<ReturnType<typeof write>>) {
  if (done.file === undefined) return
  const exact = done.source === "database" ? "everything" : "what the token's channel sees"
  yield* printOne(done, [
    `${done.file} has ${exact} of facility ${done.facilityId}: ${done.reservations} reservations, ${done.blockedTimes} blocked times.`
  ])
})

const onStop = ({ args: { file } }: Flags) =>
  file === undefined
    ? Effect.void
    : note(`bookio: stopped; the same command goes on from ${file}.partial, --restart begins anew`)

/** Runs the command. */
export const run = (given: Flags) =>
  Effect.gen(function* () {
    process.umask(0o077)
    const to = yield* target
    const { facility } = given.flags
    if (to._tag === "Embedded" && to.token === undefined && to.channel === undefined) {
      const { databaseSource } = yield* Effect.promise(() => import("./DatabaseSource.ts"))
      return yield* withDatabase((filename) =>
        Effect.flatMap(databaseSource(filename, facility), (source) => write(source, given)).pipe(
          Effect.scoped,
          Effect.flatMap(tell)
        )
      )
    }
    const { apiSource } = yield* Effect.promise(() => import("./ApiSource.ts"))
    yield* Effect.flatMap(apiSource(facility), (source) => write(source, given)).pipe(
      Effect.scoped,
      Effect.flatMap(tell),
      Effect.provide(layerOf(to))
    )
  }).pipe(
    tellAdmin,
    Effect.onInterrupt(() => onStop(given))
  )
