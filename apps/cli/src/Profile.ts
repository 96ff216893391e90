/**
 * Profiles: servers with their tokens, or databases, that `bookio login` stored in a file of the user's own, mode 0600. A
 * token never leaves it but in a request to the server it was stored for.
 */
import { chmod, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import { problemsOf } from "@bookio-kit/core/text/Problems"
import { render } from "@bookio-kit/core/text/Text"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** A server, or the database of an engine. */
export const Profile = Schema.Union([
  Schema.Struct({
    baseUrl: Schema.NonEmptyString,
    token: Schema.NonEmptyString,
    /** Whether the server is one of bookio-kit. */
    extensions: Schema.Boolean
  }),
  Schema.Struct({
    /** A path; the `sqlite:` of settings is left out. */
    database: Schema.NonEmptyString,
    token: Schema.optionalKey(Schema.NonEmptyString),
    channel: Schema.optionalKey(Schema.NonEmptyString)
  })
])
export type Profile = typeof Profile.Type

/** The file: its profiles by name, and which one is used without a name. */
export const Profiles = Schema.Struct({
  default: Schema.optionalKey(Schema.String),
  profiles: Schema.Record(Schema.String, Profile)
})
export type Profiles = typeof Profiles.Type

/** The path of the file. */
export const profilesPath = (): string =>
  join(
    process.env.XDG_CONFIG_HOME ||
      (process.platform === "win32" && process.env.APPDATA ? process.env.APPDATA : join(homedir(), ".config")),
    "bookio",
    "profiles.json"
  )

const wrong = (problem: string) => new SettingsError({ problems: [problem] })

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT"

const readText = (path: string) =>
  Effect.tryPromise({
    try: async () => {
      try {
        // Windows has no such bits.
        const { mode } = await stat(path)
        return { text: await readFile(path, "utf8"), isOpen: process.platform !== "win32" && (mode & 0o077) !== 0 }
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    catch: () => wrong(`${path} cannot be read`)
  })

/** The stored profiles; none where there is no file. @errors `SettingsError` for a file that is wrong, or that others can read. */
export const readProfiles: Effect.Effect<Profiles, SettingsError> = Effect.gen(function* () {
  const path = profilesPath()
  const file = yield* readText(path)
  if (file === undefined) return { profiles: {} }
  if (file.isOpen) return yield* wrong(`${path} holds tokens and can be read by others: run \`chmod 600 ${path}\``)
  const json = yield* Effect.try({
    try: () => JSON.parse(file.text) as unknown,
    catch: () => wrong(`${path} is not valid JSON`)
  })
  const profiles = Schema.decodeUnknownResult(Profiles)(json)
  if (Result.isSuccess(profiles)) return profiles.success
  return yield* new SettingsError({
    problems: problemsOf(profiles.failure.issue).map((text) => `${path}: ${render(text, "en")}`)
  })
})

/** Stores the profiles, readable by their owner only, whole or not at all. @errors `SettingsError` where it cannot. */
export const writeProfiles = (profiles: Profiles): Effect.Effect<void, SettingsError> => {
  const path = profilesPath()
  const temporary = `${path}.${process.pid}`
  return Effect.tryPromise({
    try: async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await writeFile(temporary, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 })
      await chmod(temporary, 0o600)
      await rename(temporary, path)
    },
    catch: () => wrong(`${path} cannot be written`)
  })
}
