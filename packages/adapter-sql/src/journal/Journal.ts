/**
 * The sync's journal in a SQL database (sync.md, "Journal"). It assumes a `Database` with this folder's tables, of which
 * other processes may hold the leases of other facilities. Items and conflicts hold texts of persons: a file is readable
 * by its owner only, and erasing a person means to overwrite these texts by `Put` and `Conflict` under the lease.
 */
import { Journal, type JournalError } from "@bookio-kit/core/sync/Journal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { MigrationError } from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Database from "../database/Database.ts"
import * as Commit from "./Commit.ts"
import { hideBackendErrors } from "./Failures.ts"
import * as Leases from "./Leases.ts"
import { makePrivate } from "./PrivateFile.ts"
import * as Prune from "./Prune.ts"
import * as Reads from "./Reads.ts"
import { tables } from "./Tables.ts"

const secret = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly value: Uint8Array }>`SELECT value FROM secret WHERE name = 'journal'`
  if (row === undefined) return yield* Effect.die(new Error("the journal has lost its secret"))
  return Redacted.make(row.value)
})

const make = Effect.gen(function* () {
  const database = yield* Database.Database

  const read = <A, E>(effect: Effect.Effect<A, E | SqlError, SqlClient.SqlClient>) =>
    hideBackendErrors(database.read(effect))
  const write = <A, E>(effect: Effect.Effect<A, E | SqlError, SqlClient.SqlClient>) =>
    hideBackendErrors(database.write(effect))

  return Journal.of({
    secret: yield* read(secret),
    acquire: Effect.fn("Journal.acquire")((facility, options) => write(Leases.acquire(facility, options))),
    release: Effect.fn("Journal.release")((lease) => write(Leases.release(lease))),
    commit: Effect.fn("Journal.commit")((lease, changes) =>
      write(Effect.flatMap(Leases.hold(lease), (facilityId) => Commit.store(facilityId, changes)))
    ),
    progress: (facility) => read(Reads.progress(facility)),
    byId: (facility, ids) => read(Reads.byId(facility, ids)),
    byBookioId: (facility, record, ids) => read(Reads.byBookioId(facility, record, ids)),
    byExternalId: (facility, ids) => read(Reads.byExternalId(facility, ids)),
    byUid: (facility, calendar, uids) => read(Reads.byName(facility, calendar, "uid", uids)),
    byHref: (facility, calendar, hrefs) => read(Reads.byName(facility, calendar, "href", hrefs)),
    due: (...query) => read(Reads.due(...query)),
    unseen: (...query) => read(Reads.unseen(...query)),
    items: (...query) => read(Reads.all(...query)),
    waiting: (...query) => read(Reads.waiting(...query)),
    conflicts: (facility, state) => read(Reads.conflicts(facility, state)),
    conflictsOf: (facility, itemId) => read(Reads.conflictsOf(facility, itemId)),
    removedSince: (...query) => read(Reads.removedSince(...query)),
    counts: (facility) => read(Reads.counts(facility)),
    trail: (facility, itemId) => read(Reads.trail(facility, itemId)),
    passes: (facility, limit) => read(Reads.passes(facility, limit)),
    facilities: read(Reads.facilities),
    prune: Effect.fn("Journal.prune")((lease, from) => Prune.toTheEnd(write(Prune.step(lease, from))))
  })
})

/** The journal over an open database of `tables`. */
export const layer: Layer.Layer<Journal, JournalError, Database.Database> = Layer.effect(Journal)(make)

/**
 * The journal in a SQLite file, which is made if it is absent, its folder too; both are its owner's only. ":memory:" is a
 * journal that ends with the scope.
 *
 * @errors `SqlError` for a file that cannot be opened or made private; `MigrationError` for that of a newer version.
 */
export const layerFile = (options: {
  readonly filename: string
}): Layer.Layer<Journal, JournalError | SqlError | MigrationError> =>
  layer.pipe(
    Layer.provide(
      Layer.unwrap(Effect.as(makePrivate(options.filename), Database.layer({ filename: options.filename, tables })))
    )
  )
