/** `bookio backup`. */
import { resolve } from "node:path"
import * as Backup from "@bookio-kit/adapter-sql/admin/Backup"
import * as Effect from "effect/Effect"
import { tellAdmin } from "../../backend/Administration.ts"
import type { Given } from "../../Command.ts"
import { printOne } from "../../output/Output.ts"
import { kinds, sourceOf } from "./Source.ts"
import type { backup } from "./specs.ts"

/** Runs the command. */
export const run = ({ args: { file }, flags }: Given<typeof backup>) =>
  Effect.gen(function* () {
    const source = yield* sourceOf(flags)
    const made = yield* tellAdmin(Backup.backup(source, resolve(file), kinds))
    yield* printOne({ file, ...made }, [
      `${file} is a whole copy of the ${made.kind}'s database, of ${made.bytes} bytes, at migration ${made.version}.`
    ])
  })
