/** The file of a journal, readable by its owner only: it holds texts of persons. SQLite gives -wal and -shm its mode. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs"
import { dirname } from "node:path"
import * as Effect from "effect/Effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"

const own = 0o600
const ownFolder = 0o700

/** Makes the file and its folder where they are absent, and takes others' rights from a file that is there. */
export const makePrivate = (filename: string): Effect.Effect<void, SqlError> =>
  filename === ":memory:"
    ? Effect.void
    : Effect.try({
        try: () => {
          mkdirSync(dirname(filename), { recursive: true, mode: ownFolder })
          closeSync(openSync(filename, "a", own))
          for (const file of [filename, `${filename}-wal`, `${filename}-shm`]) {
            if (existsSync(file)) chmodSync(file, own)
          }
        },
        catch: (cause) =>
          new SqlError({
            reason: new ConnectionError({ cause, message: `cannot make "${filename}" private: ${String(cause)}` })
          })
      })
