/** The embedded engine over the database that the settings name. */
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import { reasonOf } from "@bookio-kit/adapter-sql/database/OpenError"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { AuditRetentionDays } from "@bookio-kit/adapter-sql/engine/AuditEntries"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import { LoopbackAllowed } from "@bookio-kit/core/webhook/WebhookUrl"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ensureFolder } from "./Folder.ts"
import { mapError } from "./MapError.ts"

const wrong = (problem: string) => new SettingsError({ problems: [`BOOKIO_DATABASE: ${problem}`] })

export interface StorageOptions {
  /** A path, or ":memory:". */
  readonly filename: string
  /** How many days the audit log is kept. */
  readonly auditDays: number
  /** Whether webhooks may be sent to loopback. */
  readonly webhookLoopback: boolean
}

/** The ports of the engine. @errors `SettingsError` for a database that cannot be opened. */
export const layer = ({ auditDays, filename, webhookLoopback }: StorageOptions) =>
  Engine.layer.pipe(
    Layer.provide(Layer.succeed(AuditRetentionDays)(auditDays)),
    Layer.provideMerge(Layer.succeed(LoopbackAllowed)(webhookLoopback)),
    Layer.provideMerge(
      Layer.unwrap(Effect.as(ensureFolder("BOOKIO_DATABASE", filename), Database.layer({ filename }))).pipe(
        mapError((error) =>
          error instanceof SettingsError ? error : wrong(`${filename} cannot be used: ${reasonOf(error)}`)
        )
      )
    )
  )
