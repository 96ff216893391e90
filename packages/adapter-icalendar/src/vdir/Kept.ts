/**
 * What we replaced or removed stays for a pass under another name, as a hard link: a program that had the file open and
 * wrote to it meanwhile wrote to what only we still hold. Then it is put beside the others, where it shows as the second
 * item of its UID, or back in its place, if that is free.
 */
import { randomUUID } from "node:crypto"
import { join } from "node:path"
import type { PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type FileError, type Files, folderError } from "./Files.ts"
import { hashOf } from "./Folder.ts"
import { isItemName, isTemporaryName, keptName } from "./Names.ts"

const maxBytes = 64 * 1024 * 1024

export interface Kept {
  /** Keeps an item's file as it is, whose content is believed to have this hash; gives its path. */
  readonly keep: (name: string, hash: string) => Effect.Effect<string, FileError>
  /** Whether a kept file is still as it was believed to be. */
  readonly isAsBelieved: (path: string, hash: string) => Effect.Effect<boolean, FileError>
  /** At the start of a pass: looks at all that is kept, puts back what was written to, lets go of what was looked at before. */
  readonly sweep: Effect.Effect<void, PracticeError>
}

export const makeKept = (folder: string, files: Files): Kept => {
  const path = join(folder, keptName)
  let lookedAt: ReadonlySet<string> = new Set()

  const keep = Effect.fnUntraced(function* (name: string, hash: string) {
    // The name tells all that is needed after a restart; of a long one the file's own is left out.
    const kept = join(path, `${hash}~${randomUUID().slice(0, 8)}~${Buffer.byteLength(name) > 150 ? "" : name}`)
    const linked = yield* Effect.result(files.link(join(folder, name), kept))
    if (Result.isFailure(linked)) {
      if (linked.failure.code !== "ENOENT") return yield* Effect.fail(linked.failure)
      yield* files.makeFolder(path)
      yield* files.link(join(folder, name), kept)
    }
    return kept
  })

  const isAsBelieved = (kept: string, hash: string) =>
    Effect.map(files.read(kept, maxBytes), ({ bytes }) => bytes !== undefined && hashOf(bytes) === hash)

  const restore = Effect.fnUntraced(function* (kept: string, name: string) {
    const back = yield* Effect.result(isItemName(name) ? files.link(kept, join(folder, name)) : Effect.fail(undefined))
    if (Result.isFailure(back)) yield* files.link(kept, join(folder, `restored-${randomUUID()}.ics`))
    yield* files.flush(folder)
  })

  /** What a crash left of a writing: an hour later nobody is at it any more. */
  const tidy = Effect.gen(function* () {
    const nowMs = yield* Clock.currentTimeMillis
    for (const { name } of yield* files.entries(folder)) {
      if (!isTemporaryName(name)) continue
      const { mtimeNs } = yield* files.stat(join(folder, name))
      if (Number(mtimeNs / 1_000_000n) < nowMs - 3_600_000) yield* files.unlink(join(folder, name))
    }
  })
  let isTidy = false

  const sweep = Effect.gen(function* () {
    if (!isTidy) {
      yield* Effect.ignore(tidy)
      isTidy = true
    }
    const entries = yield* Effect.result(files.entries(path))
    if (Result.isFailure(entries))
      return entries.failure.code === "ENOENT" ? undefined : yield* Effect.fail(entries.failure)
    const stays = new Set<string>()
    for (const { name } of entries.success) {
      const [hash = "", , ...rest] = name.split("~")
      const kept = join(path, name)
      const same = yield* isAsBelieved(kept, hash)
      if (!same) yield* restore(kept, rest.join("~"))
      if (same && !lookedAt.has(name)) stays.add(name)
      else yield* files.unlink(kept)
    }
    lookedAt = stays
  }).pipe(Effect.mapError(folderError(folder)))

  return { keep, isAsBelieved, sweep }
}
