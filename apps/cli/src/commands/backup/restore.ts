/** `bookio restore`. */
import { resolve } from "node:path"
import * as Backup from "@bookio-kit/adapter-sql/admin/Backup"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { databaseFile, tellAdmin } from "../../backend/Administration.ts"
import type { Given } from "../../Command.ts"
import { confirm } from "../../Confirm.ts"
import { note, printOne } from "../../output/Output.ts"
import type { restore } from "./specs.ts"

/** Runs the command. */
export const run = ({ args: { file }, flags: { journal, yes } }: Given<typeof restore>) =>
  Effect.gen(function* () {
    process.umask(0o077)
    const filename = journal === undefined ? yield* databaseFile : resolve(journal)
    yield* confirm(yes, `Replace ${filename}? What happened since the backup is lost to it.`)
    const stamp = new Date(yield* Clock.currentTimeMillis).toISOString().replace(/[:.]/g, "-")
    const done = yield* tellAdmin(Backup.restore(resolve(file), filename, stamp))
    yield* printOne({ file, ...done }, [
      `The ${done.kind}'s database ${filename} is that of the backup, at migration ${done.version}.`,
      ...(done.kept === undefined ? [] : [`The one of before is ${done.kept}.`])
    ])
    if (done.kind === "engine") {
      yield* note("Tokens that were revoked since the backup are good again: `bookio token list` shows them.")
    }
  })
