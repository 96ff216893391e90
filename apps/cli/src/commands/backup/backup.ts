/** `bookio backup`. */
import { resolve } from "node:path"
import * as Backup from "@bookio-kit/adapter-sql/admin/Backup"
import * as Effect from "effect/Effect"
import { databaseFile, tellAdmin } from "../../backend/Administration.ts"
import type { Given } from "../../Command.ts"
import { printOne } from "../../output/Output.ts"
import type { backup } from "./specs.ts"

/** Runs the command. */
export const run = ({ args: { file }, flags: { journal } }: Given<typeof backup>) =>
  Effect.gen(function* () {
    process.umask(0o077)
    const source = journal === undefined ? yield* databaseFile : resolve(journal)
    const made = yield* tellAdmin(Backup.backup(source, resolve(file)))
    yield* printOne({ file, ...made }, [
      `${file} is a whole copy of the ${made.kind}'s database, of ${made.bytes} bytes, at migration ${made.version}.`
    ])
  })
