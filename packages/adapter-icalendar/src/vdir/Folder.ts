/**
 * The files of a calendar folder with their ETags: modification time, size and SHA-256 of the content. A content is read
 * again only if time or size changed, or if the time is so near that a later write may have left it the same.
 */
import { createHash } from "node:crypto"
import { join } from "node:path"
import { PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { decodeObject } from "../ical/Decode.ts"
import { maxObjectBytes } from "../ical/Limits.ts"
import { type FileContent, type FileStat, type Files, folderError } from "./Files.ts"
import { isItemName, markerName, nameOf, uidOf } from "./Names.ts"

/** SHA-256, hexadecimal. */
export const hashOf = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")

/** The ETag of a file's content. */
export const etagOf = ({ mtimeNs, size }: FileStat, hash: string): string => `${mtimeNs}-${size}-${hash}`

/** A file as it was seen. */
export interface Seen {
  readonly name: string
  readonly etag: string
  readonly uid: string | undefined
  /** The file that has the same UID and counts. */
  readonly twinOf?: string
}

/** A file's content; `problem` where it is there and cannot be read as text. */
export type Content =
  | { readonly _tag: "Text"; readonly text: string; readonly etag: string; readonly hash: string }
  | { readonly _tag: "Problem"; readonly etag: string | undefined; readonly problem: string }
  | { readonly _tag: "Missing" }

export interface Folder {
  readonly path: string
  readonly at: (name: string) => string
  /** The marker's id. @errors `CalendarNotFound` where there is none. */
  readonly marker: Effect.Effect<string, PracticeError>
  /** All items' files, by name. @errors `PracticeError` */
  readonly scan: Effect.Effect<ReadonlyMap<string, Seen>, PracticeError>
  /** The file that has a UID, as the last scan saw it. */
  readonly fileOf: (uid: string) => Effect.Effect<string | undefined, PracticeError>
  /** The UID in a file, read now. */
  readonly uidAt: (name: string) => Effect.Effect<string | undefined, PracticeError>
  readonly content: (name: string) => Effect.Effect<Content, PracticeError>
}

// Coarse clocks of file systems: FAT's has 2 s.
const settledNs = 2_000_000_000n

/** Files that are open at a time. */
export const concurrency = 16

const isGone = (code: string) => code === "ENOENT"
// A link (O_NOFOLLOW), a folder or a pipe in an item's place.
const isNoFile = (code: string) => code === "ELOOP" || code === "EISDIR" || code === "ENXIO" || code === "EMLINK"

/** The name that counts of several files of one UID: the one that the UID would be given, else the first. */
const winner = (uid: string, names: ReadonlyArray<string>): string | undefined =>
  names.find((name) => name === nameOf(uid)) ?? [...names].sort()[0]

/** Opens a folder; nothing is read yet. */
export const openFolder = (path: string, files: Files): Folder => {
  const failed = folderError(path)
  const at = (name: string) => join(path, name)
  interface Cached extends FileStat {
    readonly etag: string
    readonly uid: string | undefined
    readonly isSettled: boolean
  }
  let cache: ReadonlyMap<string, Cached> | undefined

  const marker = files.read(at(markerName), 1024).pipe(
    Effect.mapError((error) =>
      isGone(error.code)
        ? new PracticeError({
            reason: "CalendarNotFound",
            problem: `the folder ${path} has no ${markerName}: check that its drive is mounted, or restore that file`
          })
        : failed(error)
    ),
    Effect.flatMap(({ bytes }) => {
      const id = bytes === undefined ? "" : new TextDecoder().decode(bytes).trim()
      return /^[\w-]{8,64}$/.test(id)
        ? Effect.succeed(id)
        : Effect.fail(
            new PracticeError({ reason: "CalendarNotFound", problem: `${at(markerName)} holds no id; restore it` })
          )
    })
  )

  const contentOf = (read: FileContent): Content => {
    if (read.bytes === undefined) {
      const problem = `The file is larger than ${maxObjectBytes} bytes; make it smaller`
      return { _tag: "Problem", etag: etagOf(read, ""), problem }
    }
    const hash = hashOf(read.bytes)
    const etag = etagOf(read, hash)
    const text = decodeObject(read.bytes)
    return Result.isFailure(text)
      ? { _tag: "Problem", etag, problem: text.failure.problem }
      : { _tag: "Text", text: text.success, etag, hash }
  }

  const content = (name: string): Effect.Effect<Content, PracticeError> =>
    files.read(at(name), maxObjectBytes).pipe(
      Effect.map(contentOf),
      Effect.catch((error): Effect.Effect<Content, PracticeError> => {
        if (isGone(error.code) || isNoFile(error.code)) return Effect.succeed({ _tag: "Missing" })
        if (error.code === "EACCES" || error.code === "EPERM") {
          const problem = "The file may not be read; give this program's user the right to"
          return Effect.succeed({ _tag: "Problem", etag: undefined, problem })
        }
        return Effect.fail(failed(error))
      })
    )

  const look = Effect.fnUntraced(function* (name: string, nowNs: bigint) {
    const stat = yield* Effect.result(files.stat(at(name)))
    if (Result.isFailure(stat)) return isGone(stat.failure.code) ? undefined : yield* failed(stat.failure)
    const { mtimeNs, size } = stat.success
    const cached = cache?.get(name)
    if (cached?.isSettled && cached.mtimeNs === mtimeNs && cached.size === size) return cached
    const found = yield* content(name)
    if (found._tag === "Missing") return undefined
    const seen: Cached = {
      mtimeNs,
      size,
      etag: found.etag ?? etagOf(stat.success, ""),
      uid: found._tag === "Text" ? uidOf(found.text) : undefined,
      isSettled: mtimeNs < nowNs - settledNs
    }
    return seen
  })

  const scan = Effect.gen(function* () {
    const entries = yield* Effect.mapError(files.entries(path), failed)
    const nowNs = BigInt(yield* Clock.currentTimeMillis) * 1_000_000n
    const found = new Map<string, Cached>()
    const byUid = new Map<string, Array<string>>()
    const names = entries.filter((entry) => entry.isFile() && isItemName(entry.name)).map((entry) => entry.name)
    const looked = yield* Effect.forEach(names, (name) => look(name, nowNs), { concurrency })
    for (const [index, name] of names.entries()) {
      const seen = looked[index]
      if (seen === undefined) continue
      found.set(name, seen)
      if (seen.uid !== undefined) byUid.set(seen.uid, [...(byUid.get(seen.uid) ?? []), name])
    }
    cache = found
    const all = new Map<string, Seen>()
    for (const [name, { etag, uid }] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const names = uid === undefined ? [] : (byUid.get(uid) ?? [])
      const first = uid === undefined || names.length < 2 ? name : winner(uid, names)
      all.set(name, { name, etag, uid, ...(first === undefined || first === name ? {} : { twinOf: first }) })
    }
    return all
  })

  const uidAt = (name: string) =>
    Effect.map(content(name), (found) => (found._tag === "Text" ? uidOf(found.text) : undefined))

  const fileOf = Effect.fnUntraced(function* (uid: string) {
    if (cache === undefined) yield* scan
    for (const [name, seen] of cache ?? []) {
      if (seen.uid === uid && (yield* uidAt(name)) === uid) return name
    }
    return undefined
  })

  return { path, at, marker, scan, fileOf, uidAt, content }
}
