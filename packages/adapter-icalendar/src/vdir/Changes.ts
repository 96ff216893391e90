/**
 * Writes items to a folder: through a temporary file that is on the disk before it takes the item's name, and only if the
 * item is what it is believed to be. What another program writes between our look and our change is found afterwards and
 * put back.
 */
import { randomUUID } from "node:crypto"
import type { AppointmentChange, AppointmentContent } from "@bookio-kit/core/sync/Appointment"
import type { ItemRef } from "@bookio-kit/core/sync/PracticeCalendar"
import {
  ItemChanged,
  ItemExists,
  ItemNotFound,
  ItemRefused,
  PracticeError
} from "@bookio-kit/core/sync/PracticeCalendar"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { rewriteItem, writeItem } from "../ical/WriteItem.ts"
import { type Access, type Files, folderError } from "./Files.ts"
import { etagOf, type Folder, hashOf } from "./Folder.ts"
import type { Kept } from "./Kept.ts"
import { hashedName, isItemName, nameOf, temporaryName } from "./Names.ts"

/** Makes `create`, `update` and `remove` of a folder. */
export const makeChanges = (folder: Folder, kept: Kept, files: Files) => {
  const failed = folderError(folder.path)

  /** A name's change is durable once the folder is on the disk; before, nobody knows. */
  const flushed = files.flush(folder.path).pipe(
    Effect.mapError(
      ({ cause, code }) =>
        new PracticeError({
          reason: "OutcomeUnknown",
          problem: `the calendar folder ${folder.path} could not be brought to the disk (${code})`,
          cause
        })
    )
  )

  /** A file of ours on the disk, not yet an item; gone at the end, whatever that is. */
  const temporary = (text: string, access: Access) =>
    Effect.acquireRelease(
      Effect.suspend(() => {
        const path = folder.at(temporaryName(randomUUID()))
        return Effect.mapError(files.write(path, text, access), failed).pipe(
          Effect.tapError(() => Effect.ignore(files.unlink(path))),
          Effect.map((stat) => ({ path, etag: etagOf(stat, hashOf(text)) }))
        )
      }),
      ({ path }) => Effect.ignore(files.unlink(path))
    )

  const place = Effect.fnUntraced(function* (from: string, name: string) {
    const linked = yield* Effect.result(files.link(from, folder.at(name)))
    if (Result.isSuccess(linked)) return true
    return linked.failure.code === "EEXIST" ? false : yield* failed(linked.failure)
  })

  const create = Effect.fnUntraced(function* (content: AppointmentContent, timeZone: TimeZone) {
    yield* folder.marker
    const existing = yield* folder.fileOf(content.uid)
    if (existing !== undefined) return yield* new ItemExists({ href: existing })
    const text = writeItem(content, timeZone, yield* Clock.currentTimeMillis)
    // The practice's own program may run as another user: its group has of a new item what it has of the folder.
    const { gid, mode } = yield* Effect.mapError(files.access(folder.path), failed)
    const made = yield* temporary(text, { gid, mode: (mode & 0o060) | 0o600 })
    for (const name of new Set([nameOf(content.uid), hashedName(content.uid)])) {
      if (yield* place(made.path, name)) {
        yield* flushed
        return { href: name, etag: made.etag } satisfies ItemRef
      }
      // A file of this name that holds another UID, such as on a file system that ignores case, leaves the other name.
      if ((yield* folder.uidAt(name)) === content.uid) return yield* new ItemExists({ href: name })
    }
    return yield* new ItemRefused({ problem: "other items have the names of its file" })
  }, Effect.scoped)

  /** The text of an item that is still as its etag says, with its hash. */
  const unchanged = Effect.fnUntraced(function* (item: ItemRef) {
    yield* folder.marker
    if (!isItemName(item.href)) return yield* new ItemNotFound()
    const content = yield* folder.content(item.href)
    switch (content._tag) {
      case "Missing":
        return yield* new ItemNotFound()
      case "Problem":
        return yield* content.etag === item.etag ? new ItemRefused({ problem: content.problem }) : new ItemChanged()
      case "Text":
        return content.etag === item.etag ? content : yield* new ItemChanged()
    }
  })

  /**
   * Keeps the item's file, changes its name by `act`, and looks whether what was kept is what was believed, before and
   * after; `undo` puts it back.
   */
  const replacing = Effect.fnUntraced(function* <A>(
    { href }: ItemRef,
    hash: string,
    act: Effect.Effect<A, PracticeError>,
    undo: (kept: string) => Effect.Effect<unknown, PracticeError>
  ) {
    const path = yield* Effect.mapError(kept.keep(href, hash), (error) =>
      error.code === "ENOENT" ? new ItemNotFound() : failed(error)
    )
    const isSame = Effect.mapError(kept.isAsBelieved(path, hash), failed)
    if (!(yield* isSame)) {
      yield* Effect.ignore(files.unlink(path))
      return yield* new ItemChanged()
    }
    const done = yield* act
    if (!(yield* isSame)) {
      yield* undo(path)
      yield* flushed
      return yield* new ItemChanged()
    }
    yield* flushed
    return done
  })

  const update = Effect.fnUntraced(function* (item: ItemRef, change: AppointmentChange, timeZone: TimeZone) {
    const { hash, text } = yield* unchanged(item)
    const rewritten = rewriteItem(text, change, timeZone, yield* Clock.currentTimeMillis)
    if (Result.isFailure(rewritten)) return yield* new ItemRefused({ problem: rewritten.failure.problem })
    if (rewritten.success === "same") return item
    const target = folder.at(item.href)
    const access = yield* Effect.mapError(files.access(target), (error) =>
      error.code === "ENOENT" ? new ItemNotFound() : failed(error)
    )
    const made = yield* temporary(rewritten.success, access)
    yield* replacing(item, hash, Effect.mapError(files.rename(made.path, target), failed), (path) =>
      Effect.mapError(files.rename(path, target), failed)
    )
    return { href: item.href, etag: made.etag } satisfies ItemRef
  }, Effect.scoped)

  const remove = Effect.fnUntraced(function* (item: ItemRef) {
    const { hash } = yield* unchanged(item)
    const target = folder.at(item.href)
    yield* replacing(
      item,
      hash,
      Effect.catch(files.unlink(target), (error) =>
        error.code === "ENOENT" ? Effect.void : Effect.fail(failed(error))
      ),
      (path) => Effect.mapError(files.link(path, target), failed)
    )
  })

  return { create, update, remove }
}
