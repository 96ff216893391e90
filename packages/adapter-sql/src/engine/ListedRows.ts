/**
 * Listed reservations that were read before, by channel and id. A row is taken from here only where the database says that
 * its version and the channel's view of it are still the same: so it is never asked whether something has changed since.
 */
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import type { ChannelId, ExternalId, ReservationId } from "@bookio-kit/core/scalar/Id"

/** What a listed row depends on. */
export interface RowKey {
  readonly id: ReservationId
  readonly version: number
  readonly external_id: ExternalId | null
  readonly needs_sync: number
}

interface Entry {
  readonly key: RowKey
  readonly row: Reservation
}

const isSame = (one: RowKey, other: RowKey): boolean =>
  one.version === other.version && one.external_id === other.external_id && one.needs_sync === other.needs_sync

/** Makes the memory, of at most `capacity` rows; those that were not asked for the longest are forgotten first. */
export const make = (capacity: number) => {
  const generation = Math.floor(capacity / 2)
  let size = 0
  let young = new Map<ChannelId, Map<ReservationId, Entry>>()
  let old = young
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
    if (!rows.has(entry.key.id)) size++
    rows.set(entry.key.id, entry)
  }
  return {
    /** The rows of a page in its order, or `undefined` if one of them is not known. */
    find: (channel: ChannelId, keys: ReadonlyArray<RowKey>): ReadonlyArray<Reservation> | undefined => {
      const rows: Array<Reservation> = []
      for (const key of keys) {
        const youngEntry = young.get(channel)?.get(key.id)
        const entry = youngEntry ?? old.get(channel)?.get(key.id)
        if (entry === undefined || !isSame(entry.key, key)) return undefined
        if (youngEntry === undefined) add(channel, entry)
        rows.push(entry.row)
      }
      return rows
    },
    /** The row of a key: the one that is known, or else the one that `make` makes. */
    get: (channel: ChannelId, key: RowKey, make: () => Reservation): Reservation => {
      const entry = young.get(channel)?.get(key.id) ?? old.get(channel)?.get(key.id)
      if (entry !== undefined && isSame(entry.key, key)) return entry.row
      const row = make()
      add(channel, { key, row })
      return row
    }
  }
}

/** A memory of listed rows. */
export type ListedRows = ReturnType<typeof make>
