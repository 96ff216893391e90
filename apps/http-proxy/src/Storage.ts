/** The embedded engine over the database that the settings name. */
import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import { reasonOf } from "@bookio-kit/adapter-sql/database/OpenError"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mapError } from "./MapError.ts"

const wrong = (problem: string) => new SettingsError({ problems: [`BOOKIO_DATABASE: ${problem}`] })

const ensureFolder = (filename: string) =>
  filename === ":memory:"
    ? Effect.void
    : Effect.asVoid(
        Effect.tryPromise({
          try: () => mkdir(dirname(filename), { recursive: true, mode: 0o700 }),
          catch: () => wrong(`the folder ${dirname(filename)} cannot be made`)
        })
      )

/** The ports of the engine. @errors `SettingsError` for a database that cannot be opened. */
export const layer = ({ filename }: { readonly filename: string }) =>
  Engine.layer.pipe(
    Layer.provideMerge(
      Layer.unwrap(Effect.as(ensureFolder(filename), Database.layer({ filename }))).pipe(
        mapError((error) =>
          error instanceof SettingsError ? error : wrong(`${filename} cannot be used: ${reasonOf(error)}`)
        )
      )
    )
  )
