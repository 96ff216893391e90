/**
 * The file of an export that is being made: FILE.partial, and FILE.resume, which says how much of it counts and where to go
 * on. A run may end at any moment, by Ctrl-C or by kill: what stands behind the last checkpoint is cut off by the next.
 */
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync
} from "node:fs"
import { createInterface } from "node:readline"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { CommandError } from "../../Failure.ts"

/** How far a run was. */
const Checkpoint = Schema.Struct({
  version: Schema.Literal(1),
  /** What is exported, from where, in which form: a run goes on only with the same. */
  about: Schema.String,
  bytes: Schema.Int,
  stage: Schema.Int,
  at: Schema.optionalKey(Schema.Json),
  counts: Schema.Struct({ reservation: Schema.Int, blockedTime: Schema.Int }),
  isComplete: Schema.Boolean,
  head: Schema.String
})
export type Checkpoint = typeof Checkpoint.Type

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Checkpoint))

const unwritable = (path: string) => (thrown: unknown) =>
  new CommandError({
    why: `${path} cannot be written${thrown instanceof Error && "code" in thrown ? ` (${String(thrown.code)})` : ""}`,
    exitCode: 78
  })

/** A file that grows by pieces; what `save` was told of last is what a next run begins with. */
export interface PartialFile {
  /** Of the run before, where this one goes on with it. */
  readonly before: Checkpoint | undefined
  readonly append: (text: string) => Effect.Effect<void, CommandError>
  readonly save: (checkpoint: Omit<Checkpoint, "bytes" | "version" | "about">) => Effect.Effect<void, CommandError>
  /** The file is whole: it gets its name. */
  readonly finish: Effect.Effect<void, CommandError>
  /** The ids of the rows of a kind that are in it; for NDJSON and CSV. */
  readonly idsOf: (kind: string) => Effect.Effect<ReadonlySet<number>, CommandError>
}

const readBefore = (path: string, about: string): Checkpoint | undefined => {
  if (!existsSync(path)) return undefined
  const found = decode(readFileSync(path, "utf8"))
  return Result.isSuccess(found) && found.success.about === about ? found.success : undefined
}

/** Opens the file until the scope ends. @errors `CommandError` where it is there, or cannot be written. */
export const openPartial = Effect.fnUntraced(function* (options: {
  readonly file: string
  readonly about: string
  readonly restart: boolean
  readonly overwrite: boolean
}) {
  const { about, file } = options
  const partial = `${file}.partial`
  const resume = `${file}.resume`
  const attempt = <A>(run: () => A) => Effect.try({ try: run, catch: unwritable(partial) })
  if (existsSync(file) && !options.overwrite) {
    return yield* new CommandError({ why: `${file} is there already`, fix: "--overwrite replaces it", exitCode: 78 })
  }
  const before = options.restart || !existsSync(partial) ? undefined : readBefore(resume, about)
  let bytes = before?.bytes ?? 0
  const fd = yield* Effect.acquireRelease(
    attempt(() => {
      const opened = openSync(partial, before === undefined ? "w" : "r+", 0o600)
      ftruncateSync(opened, bytes)
      return opened
    }),
    (opened) => Effect.sync(() => closeSync(opened))
  )
  const made: PartialFile = {
    before,
    append: (text) =>
      attempt(() => {
        const buffer = Buffer.from(text, "utf8")
        for (let at = 0; at < buffer.length; ) at += writeSync(fd, buffer, at, buffer.length - at, bytes + at)
        bytes += buffer.length
      }),
    save: (checkpoint) =>
      attempt(() => {
        const text = JSON.stringify({ version: 1, about, bytes, ...checkpoint } satisfies Checkpoint)
        writeFileSync(`${resume}.new`, text, { mode: 0o600 })
        renameSync(`${resume}.new`, resume)
      }),
    finish: attempt(() => {
      fsyncSync(fd)
      renameSync(partial, file)
      rmSync(resume, { force: true })
    }),
    idsOf: (kind) =>
      Effect.tryPromise({
        try: async () => {
          const ids = new Set<number>()
          const pattern = new RegExp(`^(?:\\{"kind":"${kind}",(?:"facilityId":\\d+,)?"id":|${kind},)(\\d+)`)
          for await (const line of createInterface({ input: createReadStream(partial, "utf8") })) {
            const id = pattern.exec(line)?.[1]
            if (id !== undefined) ids.add(Number(id))
          }
          return ids
        },
        catch: unwritable(partial)
      })
  }
  return made
})
