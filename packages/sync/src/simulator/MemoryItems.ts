/**
 * Items in memory, found by all that a journal finds them by. What is given out is frozen, all the way down, so that it can
 * be shared with whoever asked, with snapshots, and with what comes back by `put`.
 */
import type { ItemKind, SyncItem } from "@bookio-kit/core/sync/SyncItem"

const ours = new WeakSet<object>()

const copyMembers = (value: object): object => {
  const copy: { [key: string]: unknown } = {}
  for (const [key, inner] of Object.entries(value)) if (inner !== undefined) copy[key] = frozen(inner)
  return copy
}

/** A frozen copy of plain data; what is such a copy already is not copied again. */
export const frozen = <A>(value: A): A => {
  if (typeof value !== "object" || value === null || ours.has(value)) return value
  const copy: unknown = Array.isArray(value) ? value.map(frozen) : copyMembers(value)
  ours.add(Object.freeze(copy) as object)
  return copy as A
}

/** Of which record in Bookio an item is. */
const recordOf = (kind: ItemKind) => (kind === "reservation" || kind === "hold" ? "reservation" : "blockedTime")

/** The names under which items are found. */
export const keys = {
  bookio: (record: "reservation" | "blockedTime", id: number) => `${record} ${id}`,
  external: (externalId: number) => `external ${externalId}`,
  uid: (calendar: string, uid: string) => `uid ${JSON.stringify([calendar, uid])}`,
  href: (calendar: string, href: string) => `href ${JSON.stringify([calendar, href])}`
}

const keysOf = (item: SyncItem): ReadonlySet<string> => {
  const found = new Set<string>()
  const external = (externalId: number | undefined) => {
    if (externalId !== undefined) found.add(keys.external(externalId))
  }
  if (item.bookioId !== undefined) found.add(keys.bookio(recordOf(item.kind), item.bookioId))
  if (item.uid !== undefined) found.add(keys.uid(item.calendar, item.uid))
  if (item.href !== undefined) found.add(keys.href(item.calendar, item.href))
  external(item.externalId)
  external(item.intention?.externalId)
  for (const late of item.late) external(late.externalId)
  return found
}

/** A place in the order of what is due. */
export interface Place {
  readonly dueMs: number
  readonly id: number
}

const byDue = (a: Place, b: Place) => a.dueMs - b.dueMs || a.id - b.id
const byNumber = (a: number, b: number) => a - b

/** The index of the first entry that is not before the given one. */
const lowerBound = <A>(sorted: ReadonlyArray<A>, entry: A, order: (a: A, b: A) => number): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (order(sorted[middle] as A, entry) < 0) low = middle + 1
    else high = middle
  }
  return low
}

export interface MemoryItems {
  readonly get: (id: number) => SyncItem | undefined
  readonly has: (id: number) => boolean
  readonly put: (item: SyncItem) => void
  readonly drop: (id: number) => void
  /** Those of any of the keys, each once, ascending by id. */
  readonly find: (keys: ReadonlyArray<string>) => ReadonlyArray<SyncItem>
  /** Those of the ids, each once, ascending by id. */
  readonly named: (ids: Iterable<number>) => ReadonlyArray<SyncItem>
  /** Those due at a time, in their order, after a place; at most `limit`. */
  readonly due: (atMs: number, limit: number, after?: Place) => ReadonlyArray<SyncItem>
  /** Those that pass a test, ascending by id, after an id; at most `limit`. */
  readonly where: (test: (item: SyncItem) => boolean, limit: number, afterId?: number) => ReadonlyArray<SyncItem>
  readonly all: () => ReadonlyArray<SyncItem>
}

/** Items of one facility; those given are there from the start. */
export const make = (initial: ReadonlyArray<SyncItem> = []): MemoryItems => {
  const items = new Map<number, SyncItem>()
  const index = new Map<string, Set<number>>()
  const ids: Array<number> = []
  const dues: Array<Place> = []

  const unlist = (item: SyncItem) => {
    for (const key of keysOf(item)) {
      const found = index.get(key)
      found?.delete(item.id)
      if (found?.size === 0) index.delete(key)
    }
    if (item.dueMs !== undefined) dues.splice(lowerBound(dues, { dueMs: item.dueMs, id: item.id }, byDue), 1)
  }

  const enter = (item: SyncItem) => {
    items.set(item.id, item)
    for (const key of keysOf(item)) {
      const found = index.get(key)
      if (found === undefined) index.set(key, new Set([item.id]))
      else found.add(item.id)
    }
  }

  const named = (wanted: Iterable<number>) =>
    [...new Set(wanted)].sort(byNumber).flatMap((id) => {
      const item = items.get(id)
      return item === undefined ? [] : [item]
    })

  // Sorted once and not item by item.
  for (const item of initial) {
    const kept = frozen(item)
    enter(kept)
    ids.push(kept.id)
    if (kept.dueMs !== undefined) dues.push({ dueMs: kept.dueMs, id: kept.id })
  }
  ids.sort(byNumber)
  dues.sort(byDue)

  return {
    get: (id) => items.get(id),
    has: (id) => items.has(id),
    put: (item) => {
      const kept = frozen(item)
      const before = items.get(kept.id)
      if (before === undefined) ids.splice(lowerBound(ids, kept.id, byNumber), 0, kept.id)
      else unlist(before)
      enter(kept)
      if (kept.dueMs === undefined) return
      const place = { dueMs: kept.dueMs, id: kept.id }
      dues.splice(lowerBound(dues, place, byDue), 0, place)
    },
    drop: (id) => {
      const before = items.get(id)
      if (before === undefined) return
      unlist(before)
      items.delete(id)
      ids.splice(lowerBound(ids, id, byNumber), 1)
    },
    find: (wanted) => named(wanted.flatMap((key) => [...(index.get(key) ?? [])])),
    named,
    due: (atMs, limit, after) => {
      const from = after === undefined ? 0 : lowerBound(dues, { dueMs: after.dueMs, id: after.id + 1 }, byDue)
      const until = lowerBound(dues, { dueMs: atMs, id: Number.POSITIVE_INFINITY }, byDue)
      return dues.slice(from, Math.min(until, from + limit)).flatMap(({ id }) => items.get(id) ?? [])
    },
    where: (test, limit, afterId) => {
      const found: Array<SyncItem> = []
      let at = afterId === undefined ? 0 : lowerBound(ids, afterId + 1, byNumber)
      for (; at < ids.length && found.length < limit; at++) {
        const item = items.get(ids[at] as number)
        if (item !== undefined && test(item)) found.push(item)
      }
      return found
    },
    all: () => [...items.values()]
  }
}
