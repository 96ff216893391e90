/** The journals of syncs that a person's texts stand in, and the facilities in them that are this database's. */
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import * as SyncJournal from "@bookio-kit/adapter-sql/journal/Journal"
import { type FacilityKey, Journal } from "@bookio-kit/core/sync/Journal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CommandError } from "../../Failure.ts"

// A key is made of the server's identity, the channel, and the facility's id (sync-worker, Sides.ts).
const parsed = (key: FacilityKey): { readonly identity: unknown; readonly facilityId: unknown } => {
  try {
    const parts: unknown = JSON.parse(key)
    return Array.isArray(parts)
      ? { identity: parts[0], facilityId: parts[2] }
      : { identity: key, facilityId: undefined }
  } catch {
    return { identity: key, facilityId: undefined }
  }
}

const unusable = (file: string) => (error: { readonly message: string }) =>
  new CommandError({ why: `the journal ${file} cannot be used: ${error.message}`, exitCode: 78 })

/** A facility of a journal that is this database's, with the reservations that are asked for in it. */
export interface JournalFacility<R> {
  readonly journal: Journal["Service"]
  readonly key: FacilityKey
  readonly reservations: ReadonlyArray<R>
}

/**
 * Opens a journal until the scope ends, and finds the facilities in it that are this database's.
 *
 * @errors `CommandError` for a file that is not there, or where none of its facilities is: it then names them, so that
 * `--identity` can.
 */
export const openJournal = Effect.fnUntraced(function* <R extends { readonly id: number; readonly facilityId: number }>(
  file: string,
  identities: ReadonlyArray<string>,
  reservations: ReadonlyArray<R>
) {
  if (!existsSync(file)) return yield* new CommandError({ why: `there is no journal ${file}`, exitCode: 78 })
  const context = yield* Effect.mapError(
    Layer.build(SyncJournal.layerFile({ filename: resolve(file) })),
    unusable(file)
  )
  const journal = yield* Effect.provideContext(Journal, context)
  const keys = yield* Effect.mapError(journal.facilities, unusable(file))
  const own = keys.filter((key) => identities.includes(String(parsed(key).identity)))
  if (keys.length > 0 && own.length === 0) {
    const known = [...new Set(keys.map((key) => JSON.stringify(parsed(key).identity)))].join(", ")
    return yield* new CommandError({
      why: `the journal ${file} has nothing of this database; it knows ${known}`,
      fix: "give the one that is this database as --identity",
      exitCode: 78
    })
  }
  return own.map(
    (key): JournalFacility<R> => ({
      journal,
      key,
      reservations: reservations.filter(({ facilityId }) => facilityId === parsed(key).facilityId)
    })
  )
})

/** How a journal calls a database that is a file. */
export const ownIdentity = (filename: string): string => `sqlite:${filename}`
