/** The folders of database files. */
import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import * as Effect from "effect/Effect"

/** Makes the folder of a database that a setting names, for its owner only. @errors `SettingsError` where it cannot. */
export const ensureFolder = (setting: string, filename: string): Effect.Effect<void, SettingsError> =>
  filename === ":memory:"
    ? Effect.void
    : Effect.asVoid(
        Effect.tryPromise({
          try: () => mkdir(dirname(filename), { recursive: true, mode: 0o700 }),
          catch: () => new SettingsError({ problems: [`${setting}: the folder ${dirname(filename)} cannot be made`] })
        })
      )
