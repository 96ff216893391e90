/** What the commands work with: the settings, the journal, and the facilities that are asked for. */
import { existsSync, mkdirSync } from "node:fs"
import { dirname } from "node:path"
import * as SyncJournal from "@bookio-kit/adapter-sql/journal/Journal"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import { type FacilityKey, Journal, JournalError } from "@bookio-kit/core/sync/Journal"
import * as MemoryJournal from "@bookio-kit/sync/simulator/MemoryJournal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { FacilityConfig } from "./Config.ts"
import { keyOf, type LoadedConfig, readConfig } from "./ConfigFile.ts"

/** How commands name the settings file: the flag, then the environment, then a file of this name here. */
export const configPath = (flag: Option.Option<string>): string =>
  Option.getOrElse(flag, () => process.env.BOOKIO_SYNC_CONFIG || "bookio-sync.yaml")

const openJournal = (filename: string) =>
  Layer.unwrap(
    Effect.sync(() => {
      mkdirSync(dirname(filename), { recursive: true, mode: 0o700 })
      return SyncJournal.layerFile({ filename })
    })
  ).pipe(
    Layer.catch((error) => {
      // What passes by itself is no matter of settings.
      const told: Effect.Effect<never, JournalError | SettingsError> =
        error._tag === "JournalError" && error.reason !== "Internal"
          ? Effect.fail(error)
          : error._tag === "SqlError" && error.isRetryable
            ? Effect.fail(new JournalError({ reason: "Locked", cause: error }))
            : Effect.fail(new SettingsError({ problems: [`journal: ${filename} cannot be used: ${error.message}`] }))
      return Layer.effectContext(told)
    })
  )

/** One facility, as settings have it and as the journal knows it. */
export interface Known {
  readonly config: FacilityConfig
  readonly key: FacilityKey
}

export interface Opened {
  readonly loaded: LoadedConfig
  readonly journal: Journal["Service"]
  /** The journal's file. */
  readonly filename: string
  /** Those that were asked for; all of the settings where none was. */
  readonly facilities: ReadonlyArray<Known>
  /** Names this process among those that share the journal, for a moment's work; who synchronises has `ownerOf`. */
  readonly owner: string
}

/**
 * Opens everything but the two sides.
 *
 * @param options - `isDry`: a journal that is not there yet is not made, and an empty one in memory stands in for it.
 * @errors `SettingsError`.
 */
export const open = Effect.fnUntraced(function* (options: {
  readonly config: Option.Option<string>
  readonly facility: Option.Option<string>
  readonly isDry?: boolean
}) {
  const loaded = yield* readConfig(configPath(options.config))
  const name = Option.getOrUndefined(options.facility)
  const chosen = loaded.config.facilities.filter((facility) => name === undefined || facility.name === name)
  if (chosen.length === 0) {
    const known = loaded.config.facilities.map((facility) => `"${facility.name}"`).join(", ")
    return yield* new SettingsError({
      problems: [`--facility: settings have no facility "${name}"; they have ${known}`]
    })
  }
  const filename = loaded.pathOf(loaded.config.journal ?? "bookio-sync.db")
  const journal =
    options.isDry === true && !existsSync(filename)
      ? MemoryJournal.make().journal
      : yield* Effect.provideContext(Journal, yield* Layer.build(openJournal(filename)))
  const opened: Opened = {
    loaded,
    filename,
    journal,
    facilities: chosen.map((config) => ({ config, key: keyOf(loaded, config) })),
    owner: `${process.pid}-${process.hrtime.bigint().toString(36)}`
  }
  return opened
})
