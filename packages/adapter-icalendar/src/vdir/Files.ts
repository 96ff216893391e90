/**
 * What a calendar does to its folder, operation by operation, and what an operation's failure means. A record, so that
 * tests put a full disk or another program's write between two of them.
 */
import { constants, type Dirent } from "node:fs"
import * as fs from "node:fs/promises"
import { setTimeout } from "node:timers/promises"
import { PracticeError, type PracticeErrorReason } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

/** A failed operation, by the name that the system gives the error. */
export interface FileError {
  readonly _tag: "FileError"
  readonly code: string
  readonly cause: unknown
}

/** A file's size and when it was last changed, in nanoseconds since 1970. */
export interface FileStat {
  readonly size: number
  readonly mtimeNs: bigint
}

/** Who may read and write a file: the bits of its mode, and its group. */
export interface Access {
  readonly mode: number
  readonly gid: number
}

export interface FileContent extends FileStat {
  /** `undefined` for a file that is longer than asked for. */
  readonly bytes: Uint8Array | undefined
}

export interface Files {
  readonly entries: (folder: string) => Effect.Effect<ReadonlyArray<Dirent>, FileError>
  readonly stat: (path: string) => Effect.Effect<FileStat, FileError>
  /** Reads a file that is no link. A file that changes meanwhile is read again. */
  readonly read: (path: string, maxBytes: number) => Effect.Effect<FileContent, FileError>
  readonly access: (path: string) => Effect.Effect<Access, FileError>
  /** Writes a new file, to the disk; for its owner only unless told otherwise. */
  readonly write: (path: string, text: string, access?: Access) => Effect.Effect<FileStat, FileError>
  /** Makes another name of a file; never replaces. */
  readonly link: (from: string, to: string) => Effect.Effect<void, FileError>
  readonly rename: (from: string, to: string) => Effect.Effect<void, FileError>
  readonly unlink: (path: string) => Effect.Effect<void, FileError>
  readonly makeFolder: (path: string) => Effect.Effect<void, FileError>
  /** Brings the names in a folder to the disk. */
  readonly flush: (folder: string) => Effect.Effect<void, FileError>
  /** Lets another program end what it is at: by the system's clock, for it is that program that needs the time. */
  readonly pause: Effect.Effect<void>
}

const attempt = <A>(operation: () => Promise<A>): Effect.Effect<A, FileError> =>
  Effect.tryPromise({
    try: operation,
    catch: (cause): FileError => ({
      _tag: "FileError",
      code: Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? cause.code : "unknown",
      cause
    })
  })

const statOf = async (handle: fs.FileHandle) => {
  const stat = await handle.stat({ bigint: true })
  if (!stat.isFile()) throw Object.assign(new Error("not a file"), { code: "EISDIR" })
  return { size: Number(stat.size), mtimeNs: stat.mtimeNs }
}

const readOnce = async (path: string, maxBytes: number) => {
  // O_NONBLOCK: a pipe of that name must not make us wait for ever.
  const handle = await fs.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const before = await statOf(handle)
    if (before.size > maxBytes) return { ...before, bytes: undefined, isSteady: true }
    const bytes = await handle.readFile()
    const after = await statOf(handle)
    return { ...after, bytes, isSteady: before.mtimeNs === after.mtimeNs && after.size === bytes.length }
  } finally {
    await handle.close()
  }
}

/** The system's own. */
export const systemFiles: Files = {
  entries: (folder) => attempt(() => fs.readdir(folder, { withFileTypes: true })),
  stat: (path) =>
    attempt(async () => {
      const { mtimeNs, size } = await fs.lstat(path, { bigint: true })
      return { size: Number(size), mtimeNs }
    }),
  read: (path, maxBytes) =>
    attempt(async () => {
      let read = await readOnce(path, maxBytes)
      for (let again = 0; !read.isSteady && again < 3; again++) read = await readOnce(path, maxBytes)
      return read
    }),
  access: (path) =>
    attempt(async () => {
      const { gid, mode } = await fs.lstat(path)
      return { mode: mode & 0o777, gid }
    }),
  write: (path, text, access) =>
    attempt(async () => {
      const handle = await fs.open(path, "wx", 0o600)
      try {
        if (access !== undefined) {
          // A group that is not ours cannot be given; who is in ours then has what the bits say.
          await handle.chown(-1, access.gid).catch(() => undefined)
          await handle.chmod(access.mode)
        }
        await handle.writeFile(text)
        await handle.sync()
        return await statOf(handle)
      } finally {
        await handle.close()
      }
    }),
  link: (from, to) => attempt(() => fs.link(from, to)),
  rename: (from, to) => attempt(() => fs.rename(from, to)),
  unlink: (path) => attempt(() => fs.unlink(path)),
  makeFolder: (path) =>
    attempt(async () => {
      await fs.mkdir(path, { recursive: true, mode: 0o700 })
    }),
  flush: (folder) =>
    attempt(async () => {
      const handle = await fs.open(folder, "r")
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    }),
  pause: Effect.promise(() => setTimeout(300))
}

const reasons: { readonly [code: string]: readonly [PracticeErrorReason, string] } = {
  ENOSPC: ["Full", "its disk is full; make space"],
  EDQUOT: ["Full", "the quota of its disk is used up; make space"],
  EACCES: ["Forbidden", "access is denied; give this program's user the right to read and write it"],
  EPERM: ["Forbidden", "access is denied; give this program's user the right to read and write it"],
  EROFS: ["Forbidden", "it is read-only; mount it for writing"],
  ENOENT: ["CalendarNotFound", "it is not there; check the path and whether it is mounted"],
  ENOTDIR: ["CalendarNotFound", "it is no folder; check the path"],
  ESTALE: ["Unreachable", "the network drive that it is on does not answer"],
  EIO: ["Unreachable", "the drive that it is on does not answer"],
  ETIMEDOUT: ["Unreachable", "the network drive that it is on does not answer"],
  EHOSTDOWN: ["Unreachable", "the network drive that it is on does not answer"],
  ENOTSUP: ["Internal", "its file system has no hard links; use one that has"],
  EOPNOTSUPP: ["Internal", "its file system has no hard links; use one that has"],
  ENOSYS: ["Internal", "its file system has no hard links; use one that has"],
  EMFILE: ["Overloaded", "too many files are open"],
  ENFILE: ["Overloaded", "too many files are open"]
}

/** What a failed operation on the folder means. */
export const folderError =
  (folder: string) =>
  ({ cause, code }: FileError): PracticeError => {
    const [reason, problem] = reasons[code] ?? (["Internal", `the system answers ${code}`] as const)
    return new PracticeError({ reason, problem: `the calendar folder ${folder}: ${problem}`, cause })
  }
