/** Which database a backup is about: the engine's of this run, or one that a flag names. */
import { resolve } from "node:path"
import * as Backup from "@bookio-kit/adapter-sql/admin/Backup"
import * as GatewayTables from "@bookio-kit/http-proxy/gateway/Tables"
import * as Effect from "effect/Effect"
import { databaseFile } from "../../backend/Administration.ts"
import { usageError } from "../../Failure.ts"

/** What this command can back up. */
export const kinds = { ...Backup.kinds, gateway: GatewayTables.tables } as const satisfies Backup.DatabaseKinds

/** The file of the database. @errors `CommandError` where both flags are given, `SettingsError`. */
export const sourceOf = ({
  gateway,
  journal
}: {
  readonly gateway: string | undefined
  readonly journal: string | undefined
}) =>
  Effect.gen(function* () {
    process.umask(0o077)
    if (gateway !== undefined && journal !== undefined) {
      return yield* usageError("--journal and --gateway exclude each other", "run the command for each")
    }
    const named = gateway ?? journal
    return named === undefined ? yield* databaseFile : resolve(named)
  })
