/**
 * What a worker is called among those that share a journal. The name stands beside the journal and is its holder's by a
 * lock of the operating system, which ends with the process, however that ends: so a worker that was killed goes on at
 * once when it is started again, for it is known that nobody else works under its name. It assumes a disk of this machine,
 * as the journal does.
 */
import { randomUUID } from "node:crypto"
import { chmodSync, closeSync, existsSync, openSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

const drawn = (): string => `${process.pid}-${randomUUID()}`

const nameIn = (database: DatabaseSync): string => {
  database.exec(
    "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS owner (name TEXT NOT NULL)"
  )
  const known = database.prepare("SELECT name FROM owner").get()?.name
  const name = typeof known === "string" ? known : drawn()
  if (known === undefined) database.prepare("INSERT INTO owner (name) VALUES (?)").run(name)
  // The lock stays: that is what this mode means.
  database.exec("COMMIT")
  return name
}

/** The name that belongs to this journal's place, or a new one while another process has that. */
export const ownerOf = (journal: string): Effect.Effect<string, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        let database: DatabaseSync | undefined
        try {
          const filename = `${journal}.owner`
          // As the journal's own files: others need not read who works here, nor can they then take the lock.
          // Made only where it is absent: to close a file ends this process's own locks on it.
          if (!existsSync(filename)) closeSync(openSync(filename, "a", 0o600))
          chmodSync(filename, 0o600)
          database = new DatabaseSync(filename, { timeout: 0 })
          return { name: nameIn(database), database }
        } catch {
          // Another has it, or it cannot be written: then it is a name that nobody else can have either.
          database?.close()
          return { name: drawn(), database: undefined }
        }
      }),
      ({ database }) => Effect.sync(() => database?.close())
    ),
    ({ name }) => name
  )
