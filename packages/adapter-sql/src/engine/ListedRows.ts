/**
 * Listed reservations that were read before, by channel and id. A row is taken from here only where the database says that
 * its version and the channel's view of it are still the same: so it is never asked whether something has changed since.
 */
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import type { ChannelId, ExternalId, ReservationId } from "@bookio-kit/core/scalar/Id"

/** What a listed row depends on. A tuple, for a page reads a hundred of them. */
export type RowKey = readonly [id: ReservationId, version: number, externalId: ExternalId | null, needsSync: number]

interface Entry {
  readonly key: RowKey
  readonly row: Reservation
}

const isSame = (one: RowKey, other: RowKey): boolean =>
  one[1] === other[1] && one[2] === other[2] && one[3] === other[3]

// So many pages in turn with rows that were not known, and rows are read with their keys.
const manyMisses = 4

/**
 * Makes the memory, of at most `capacity` rows; those that were not asked for the longest are forgotten first. A row is kept
 * when it is asked for the second time: those that are read once only would drive out the others, and are most of what a
 * garbage collector then has to look at.
 */
export const make = (capacity: number) => {
  const generation = Math.floor(capacity / 2)
  let size = 0
  let misses = 0
  let young = new Map<ChannelId, Map<ReservationId, Entry>>()
  let old = young
  const askedOnce = new Set<ReservationId>()
  const add = (channel: ChannelId, entry: Entry) => {
    if (size >= generation) {
      old = young
      young = new Map()
      size = 0
    }
    let rows = young.get(channel)
    if (rows === undefined) {
      rows = new Map()
      young.set(channel, rows)
    }
    if (!rows.has(entry.key[0])) size++
    rows.set(entry.key[0], entry)
  }
  const isAskedAgain = (id: ReservationId): boolean => {
    if (askedOnce.has(id)) return true
    if (askedOnce.size >= capacity) askedOnce.clear()
    askedOnce.add(id)
    return false
  }
  return {
    /** Whether the last pages held rows that were not known. */
    isMissing: () => misses >= manyMisses,
    /** The rows of a page in its order, or `undefined` if one of them is not known. */
    find: (channel: ChannelId, keys: ReadonlyArray<RowKey>): ReadonlyArray<Reservation> | undefined => {
      const rows: Array<Reservation> = []
      for (const key of keys) {
        const youngEntry = young.get(channel)?.get(key[0])
        const entry = youngEntry ?? old.get(channel)?.get(key[0])
        if (entry === undefined || !isSame(entry.key, key)) {
          misses++
          return undefined
        }
        if (youngEntry === undefined) add(channel, entry)
        rows.push(entry.row)
      }
      misses = 0
      return rows
    },
    /** The rows of a page in its order: those that are known, and else those that `make` makes. */
    take: <Whole extends readonly [...RowKey, ...ReadonlyArray<unknown>]>(
      channel: ChannelId,
      found: ReadonlyArray<Whole>,
      make: (whole: Whole) => Reservation
    ): ReadonlyArray<Reservation> => {
      let areKnown = true
      const rows = found.map((whole) => {
        const [id, version, externalId, needsSync] = whole
        const entry = young.get(channel)?.get(id) ?? old.get(channel)?.get(id)
        const key: RowKey = [id, version, externalId, needsSync]
        if (entry !== undefined && isSame(entry.key, key)) return entry.row
        areKnown = false
        const row = make(whole)
        if (isAskedAgain(id)) add(channel, { key, row })
        return row
      })
      if (areKnown) misses = 0
      return rows
    }
  }
}

/** A memory of listed rows. */
export type ListedRows = ReturnType<typeof make>
