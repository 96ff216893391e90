/**
 * A practice calendar in a folder of .ics files, one item a file, as khal and vdirsyncer keep them (calendars.md, "vdir").
 * It assumes a file system with hard links and atomic renames. Other programs may write to the folder at any time.
 */
import { createHash, randomUUID } from "node:crypto"
import { watch as watchFolder } from "node:fs"
import { basename } from "node:path"
import type { PracticeItem } from "@bookio-kit/core/sync/Appointment"
import {
  type CalendarWindow,
  ItemNotFound,
  type Listed,
  PracticeCalendar,
  type PracticeError,
  SyncTokenInvalid
} from "@bookio-kit/core/sync/PracticeCalendar"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { toItem, unreadable } from "./item/ToItem.ts"
import { makeChanges } from "./vdir/Changes.ts"
import { type FileContent, type FileError, type Files, folderError, systemFiles } from "./vdir/Files.ts"
import { concurrency, openFolder, type Seen } from "./vdir/Folder.ts"
import { makeKept } from "./vdir/Kept.ts"
import { isItemName, markerName } from "./vdir/Names.ts"

export interface VdirOptions {
  /** The folder. */
  readonly path: string
  /** Makes the folder and its marker where there are none; `false` where left out, so that a lost drive is noticed. */
  readonly create?: boolean
  /** The owner's e-mail addresses: whose events are the owner's own. */
  readonly owner?: ReadonlyArray<string>
}

/**
 * The operations on files by which `make` reads a folder that `create` would make a calendar, as if it were one: without its
 * marker, or not there at all. For previews; nothing is made.
 */
export const planned: Files = {
  ...systemFiles,
  entries: (folder) => absentAs(systemFiles.entries(folder), []),
  read: (path, maxBytes) => {
    const found = systemFiles.read(path, maxBytes)
    return basename(path) === markerName ? absentAs(found, plannedMarker) : found
  }
}

const plannedMarker: FileContent = { bytes: new TextEncoder().encode("not-made-yet"), size: 12, mtimeNs: 0n }

const absentAs = <A>(found: Effect.Effect<A, FileError>, value: A): Effect.Effect<A, FileError> =>
  Effect.catch(found, (error) => (error.code === "ENOENT" ? Effect.succeed(value) : Effect.fail(error)))

type Known = (hrefs: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, string>>

const stepSize = 200

/** Makes a folder a calendar, where it is none yet: makes it and its marker. @errors `PracticeError` */
export const init = (path: string, files: Files = systemFiles): Effect.Effect<void, PracticeError> =>
  Effect.gen(function* () {
    yield* files.makeFolder(path)
    yield* files
      .write(openFolder(path, files).at(markerName), `${randomUUID()}\n`)
      .pipe(Effect.catch((error) => (error.code === "EEXIST" ? Effect.void : Effect.fail(error))))
    yield* files.flush(path)
  }).pipe(Effect.mapError(folderError(path)))

/**
 * Makes the port. An item's href is its file's name. Sync tokens are of this process: after a start all is listed once.
 *
 * @param files - the operations on files, for tests.
 * @errors `PracticeError` where `create` is asked for and fails.
 */
export const make = Effect.fnUntraced(function* (
  options: VdirOptions,
  files: Files = systemFiles
): Effect.fn.Return<PracticeCalendar["Service"], PracticeError> {
  if (options.create === true) yield* init(options.path, files)
  const owner = (options.owner ?? []).map((address) => address.toLowerCase().replace(/^mailto:/, ""))
  const folder = openFolder(options.path, files)
  const kept = makeKept(options.path, files)
  const changes = makeChanges(folder, kept, files)
  const one = yield* Semaphore.make(1)
  // What the last listing told, which its token stands for.
  let told: { readonly token: string; readonly etags: Map<string, string> } | undefined

  // A file that is another's twin is told as such: its etag here differs from when it was not.
  const tagOf = ({ etag, twinOf }: Seen) => (twinOf === undefined ? etag : `${etag} ${twinOf}`)

  // A program that removes a file to write it anew leaves a moment without it: gone is what is so at a second look too.
  const settled = Effect.fnUntraced(function* (name: string) {
    const content = yield* folder.content(name)
    if (content._tag !== "Missing") return content
    yield* files.pause
    return yield* folder.content(name)
  })

  const itemOf = Effect.fnUntraced(function* (seen: Seen, window: CalendarWindow) {
    const { name, twinOf, uid } = seen
    if (twinOf !== undefined) {
      const item = unreadable(name, seen.etag, `${name} has the UID of ${twinOf}; remove one of the two`, uid)
      return { item, tag: tagOf(seen) }
    }
    const content = yield* settled(name)
    if (content._tag === "Missing")
      return { item: { _tag: "Removed", href: name } satisfies PracticeItem, tag: undefined }
    if (content._tag === "Problem") {
      const etag = content.etag ?? seen.etag
      return { item: unreadable(name, etag, `${name}: ${content.problem}`), tag: etag }
    }
    const item = toItem(name, content.etag, content.text, { window, owner })
    // An object without an event is no item.
    if (item === undefined) return { item: { _tag: "Removed", href: name } satisfies PracticeItem, tag: content.etag }
    return {
      item: item._tag === "Unreadable" ? { ...item, problem: `${name}: ${item.problem}` } : item,
      tag: content.etag
    }
  })

  /** Tells files in steps, then the end, with a token for all that is then told. */
  const telling = (
    id: string,
    window: CalendarWindow,
    all: ReadonlyMap<string, Seen>,
    wanted: ReadonlyArray<Seen>,
    removed: ReadonlyArray<string>,
    known: Known | undefined
  ): Stream.Stream<Listed, PracticeError> => {
    const etags = new Map([...all].map(([name, seen]) => [name, tagOf(seen)]))
    const gone: ReadonlyArray<Listed> =
      removed.length === 0 ? [] : [{ _tag: "Items", items: removed.map((href) => ({ _tag: "Removed", href })) }]
    const step = (at: number) =>
      Effect.gen(function* () {
        const part = wanted.slice(at, at + stepSize)
        const knownEtags = known === undefined ? undefined : yield* known(part.map(({ name }) => name))
        const tell = Effect.fnUntraced(function* (seen: Seen): Effect.fn.Return<PracticeItem, PracticeError> {
          if (seen.twinOf === undefined && knownEtags?.get(seen.name) === seen.etag) {
            return { _tag: "Unchanged", href: seen.name }
          }
          const { item, tag } = yield* itemOf(seen, window)
          if (tag === undefined) etags.delete(seen.name)
          else etags.set(seen.name, tag)
          return item
        })
        const items = yield* Effect.forEach(part, tell, { concurrency })
        const listed: ReadonlyArray<Listed> = items.length === 0 ? [] : [{ _tag: "Items", items }]
        if (at + stepSize < wanted.length) return [listed, Option.some(at + stepSize)] as const
        // A drive that was lost meanwhile looks like an emptied folder.
        const idNow = yield* folder.marker
        const hash = createHash("sha256")
        for (const [name, etag] of etags) hash.update(`${name}\n${etag}\n`)
        const token = `${id} ${hash.digest("hex")}`
        told = { token, etags }
        const end: Listed =
          idNow === id ? { _tag: "End", token, coverage: "complete" } : { _tag: "End", coverage: "unknown" }
        return [[...listed, end], Option.none<number>()] as const
      })
    return Stream.concat(Stream.fromIterable(gone), Stream.paginate(0, step))
  }

  const seenNow = Effect.gen(function* () {
    const id = yield* folder.marker
    yield* kept.sweep
    return { id, all: yield* folder.scan }
  }).pipe(one.withPermits(1))

  /** As `seenNow`; what is missing of what was told is looked for once more. */
  const seenSince = Effect.fnUntraced(function* (etags: ReadonlyMap<string, string>) {
    const { all, id } = yield* seenNow
    if ([...etags.keys()].every((name) => all.has(name))) return { id, all }
    yield* files.pause
    return { id, all: new Map([...all, ...(yield* one.withPermits(1)(folder.scan))]) }
  })

  return PracticeCalendar.of({
    list: (window, known) =>
      Stream.unwrap(Effect.map(seenNow, ({ all, id }) => telling(id, window, all, [...all.values()], [], known))),
    changes: (token, window) =>
      Stream.unwrap(
        Effect.gen(function* () {
          const before = told
          if (before?.token !== token) return yield* new SyncTokenInvalid()
          const { all, id } = yield* seenSince(before.etags)
          if (!token.startsWith(`${id} `)) return yield* new SyncTokenInvalid()
          // A folder reports no removals: emptied all at once, it proves nothing (sync.md, "Deletions").
          if (all.size === 0 && before.etags.size > 1) return yield* new SyncTokenInvalid()
          const wanted = [...all.values()].filter((seen) => before.etags.get(seen.name) !== tagOf(seen))
          const removed = [...before.etags.keys()].filter((name) => !all.has(name))
          return telling(id, window, all, wanted, removed, undefined)
        })
      ),
    read: Effect.fn("PracticeCalendar.read")(function* (href, window) {
      yield* folder.marker
      if (!isItemName(href)) return yield* new ItemNotFound()
      const content = yield* settled(href)
      if (content._tag === "Missing") return yield* new ItemNotFound()
      if (content._tag === "Problem") return unreadable(href, content.etag, `${href}: ${content.problem}`)
      return toItem(href, content.etag, content.text, { window, owner }) ?? (yield* new ItemNotFound())
    }),
    create: Effect.fn("PracticeCalendar.create")((content, timeZone) =>
      one
        .withPermits(1)(changes.create(content, timeZone))
        .pipe(
          // Removed before the next listing, it would be in neither, and its removal told by none.
          Effect.tap(({ href }) => Effect.sync(() => told?.etags.set(href, "created")))
        )
    ),
    update: Effect.fn("PracticeCalendar.update")((item, change, timeZone) =>
      one.withPermits(1)(changes.update(item, change, timeZone))
    ),
    remove: Effect.fn("PracticeCalendar.remove")((item) => one.withPermits(1)(changes.remove(item)))
  })
})

/** The port as a layer. @errors as `make`. */
export const layer = (options: VdirOptions): Layer.Layer<PracticeCalendar, PracticeError> =>
  Layer.effect(PracticeCalendar)(make(options))

/**
 * Tells, at most twice a second, that something in the folder changed. Best effort: not every file system tells, and it
 * ends where the folder cannot be watched, or is moved or removed; passes by the clock go on.
 */
export const watch = (path: string): Stream.Stream<void> =>
  Stream.callback<void>((queue) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        try {
          const watcher = watchFolder(path, (event, name) => {
            // The folder's own name: what is found at its path from now on is another one.
            if (event === "rename" && name === basename(path)) Queue.endUnsafe(queue)
            else if (name === null || isItemName(name)) Queue.offerUnsafe(queue, undefined)
          })
          watcher.once("error", () => Queue.endUnsafe(queue))
          return watcher
        } catch {
          Queue.endUnsafe(queue)
          return undefined
        }
      }),
      (watcher) => Effect.sync(() => watcher?.close())
    )
  ).pipe(Stream.debounce("500 millis"))
