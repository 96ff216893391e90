/** The names in a calendar folder: items, and what we keep beside them, which other programs pass over. */
import { createHash } from "node:crypto"

/** Proves that the folder is the right one: a drive that is not mounted has none. */
export const markerName = ".bookio-calendar"

/** Holds what we replaced or removed, for a pass. */
export const keptName = ".bookio-kept"

/** The name of a file that is being written. */
export const temporaryName = (id: string): string => `.bookio-${id}.tmp`

/** Whether a name is one of `temporaryName`. */
export const isTemporaryName = (name: string): boolean => /^\.bookio-[\w-]+\.tmp$/.test(name)

const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 40)

/** The name by a hash, which is there for any UID. */
export const hashedName = (uid: string): string => `uid-${hash(uid)}.ics`

// The same on file systems that ignore case, and no device of Windows (`aux`, `com1`).
const isSafe = (uid: string) =>
  /^[a-z0-9][a-z0-9._@-]{0,199}$/.test(uid) &&
  !uid.endsWith(".") &&
  !/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/.test(uid)

/** The name of a new item's file: its UID, or a hash of it where the UID is no name for every file system. */
export const nameOf = (uid: string): string => (isSafe(uid) ? `${uid}.ics` : hashedName(uid))

/** Whether a name is that of an item's file, directly in the folder. */
export const isItemName = (name: string): boolean =>
  !name.startsWith(".") && /\.ics$/i.test(name) && !/[/\\\0]/.test(name)

/** The UID of an object's first component that has one, without reading the object. */
export const uidOf = (text: string): string | undefined =>
  /^UID(?:;[^:\r\n]*)?:(.*)$/im
    .exec(text.replace(/(?:\r*\n|\r)[ \t]/g, ""))?.[1]
    ?.trim()
    .replace(/\\([,;\\])/g, "$1") || undefined
