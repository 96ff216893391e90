/** `bookio restore`. */
import { resolve } from "node:path"
import * as Backup from "@bookio-kit/adapter-sql/admin/Backup"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { tellAdmin } from "../../backend/Administration.ts"
import type { Given } from "../../Command.ts"
import { confirm } from "../../Confirm.ts"
import { note, printOne } from "../../output/Output.ts"
import { kinds, sourceOf } from "./Source.ts"
import type { restore } from "./specs.ts"

/** Runs the command. */
export const run = ({ args: { file }, flags }: Given<typeof restore>) =>
  Effect.gen(function* () {
    const filename = yield* sourceOf(flags)
    yield* confirm(flags.yes, `Replace ${filename}? What happened since the backup is lost to it.`)
    const stamp = new Date(yield* Clock.currentTimeMillis).toISOString().replace(/[:.]/g, "-")
    const done = yield* tellAdmin(Backup.restore(resolve(file), filename, stamp, kinds))
    yield* printOne({ file, ...done }, [
      `The ${done.kind}'s database ${filename} is that of the backup, at migration ${done.version}.`,
      ...(done.kept === undefined ? [] : [`The one of before is ${done.kept}.`])
    ])
    if (done.kind === "engine") {
      yield* note("Tokens that were revoked since the backup are good again: `bookio token list` shows them.")
    }
  })
