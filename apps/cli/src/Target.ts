/** Where a command goes, of the environment and the stored profiles: the environment goes before the file. */
import { settings as clientSettings } from "@bookio-kit/adapter-bookio/Settings"
import { readSettings, SettingsError, setting } from "@bookio-kit/core/settings/Settings"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Invocation } from "./Invocation.ts"
import { type Profile, readProfiles } from "./Profile.ts"

const { routes, requestTimeout, requestsPerMinute, timeout, token } = clientSettings

/** What says how a server is spoken to; of no use on a database, where reading it would only take time. */
export const remoteSettings = { timeout, requestTimeout, requestsPerMinute, routes } as const

/** What says where a run goes. */
export const settings = {
  profile: setting({
    name: "BOOKIO_PROFILE",
    description: "The stored profile to use; `--profile` goes before it.",
    expects: "the name of a profile that `bookio login` stored",
    fallback: undefined,
    schema: Schema.NonEmptyString
  }),
  baseUrl: setting({ ...clientSettings.baseUrl, fallback: undefined }),
  token,
  database: setting({
    name: "BOOKIO_DATABASE",
    description: "The database of the embedded engine, which is then used directly, without a server.",
    expects: "`sqlite:PATH`",
    fallback: undefined,
    schema: Schema.String.check(Schema.isPattern(/^sqlite:.+$/))
  }),
  extensions: setting({
    ...clientSettings.extensions,
    fallback: undefined,
    fallbackNote: "as `bookio login` found it"
  })
} as const

/** A server. */
export interface RemoteTarget {
  readonly _tag: "Remote"
  /** The profile that it comes from, or "environment". */
  readonly name: string
  readonly baseUrl: string
  readonly token: Redacted.Redacted
  readonly extensions: boolean
}

/** The database of an engine; without a token whoever may read the file acts as `channel`. */
export interface EmbeddedTarget {
  readonly _tag: "Embedded"
  readonly name: string
  readonly filename: string
  readonly token: Redacted.Redacted | undefined
  readonly channel: string | undefined
}

export type Target = RemoteTarget | EmbeddedTarget

const wrong = (problem: string): SettingsError => new SettingsError({ problems: [problem] })

const originOf = (url: string): string | undefined => URL.parse(url)?.origin

const stored = Effect.fnUntraced(function* (asked: string | undefined) {
  const { default: byDefault, profiles } = yield* readProfiles
  const name = asked ?? byDefault
  if (name === undefined) return undefined
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (profile !== undefined) return { name, profile }
  if (asked === undefined) return undefined
  const known = Object.keys(profiles)
  return yield* wrong(
    `there is no profile ${asked}: ${known.length === 0 ? "`bookio login` stores one" : `they are ${known.join(", ")}`}`
  )
})

const nothingSet =
  "no server is set: run `bookio login`, or set BOOKIO_BASE_URL and BOOKIO_TOKEN, or BOOKIO_DATABASE=sqlite:PATH"

/**
 * Where this run goes. A stored token is used with the origin it was stored for only.
 *
 * @errors `SettingsError` for whatever is wrong with the settings, and where nothing is set.
 */
export const target = Effect.gen(function* () {
  const { globals } = yield* Invocation
  const given = yield* readSettings(settings)
  const asked = globals.profile ?? given.profile
  if (given.baseUrl !== undefined && given.database !== undefined) {
    return yield* wrong("BOOKIO_BASE_URL and BOOKIO_DATABASE exclude each other: unset one of them")
  }
  const profile: { readonly name: string; readonly profile: Profile } | undefined =
    given.database === undefined || asked !== undefined ? yield* stored(asked) : undefined
  const filename =
    given.database?.slice("sqlite:".length) ??
    (given.baseUrl === undefined && profile !== undefined && "database" in profile.profile
      ? profile.profile.database
      : undefined)
  if (filename !== undefined) {
    const own = profile !== undefined && "database" in profile.profile ? profile.profile : undefined
    const isStored = own !== undefined && own.database === filename
    const storedToken = isStored && own.token !== undefined ? Redacted.make(own.token) : undefined
    return {
      _tag: "Embedded",
      name: isStored ? (profile?.name ?? "environment") : "environment",
      filename,
      token: globals.channel === undefined ? (given.token ?? storedToken) : undefined,
      channel: globals.channel ?? (isStored ? own.channel : undefined)
    } satisfies EmbeddedTarget as Target
  }
  if (globals.channel !== undefined)
    return yield* wrong("--channel is for a database: a server knows the channel by the token")
  const own = profile !== undefined && "baseUrl" in profile.profile ? profile.profile : undefined
  const baseUrl = given.baseUrl ?? own?.baseUrl
  if (baseUrl === undefined) return yield* wrong(nothingSet)
  const isStored = own !== undefined && originOf(own.baseUrl) === originOf(baseUrl)
  const bearer = given.token ?? (isStored ? Redacted.make(own.token) : undefined)
  if (bearer === undefined) {
    return yield* wrong(
      `there is no token for ${originOf(baseUrl) ?? "that server"}: set BOOKIO_TOKEN, or run \`bookio login\``
    )
  }
  return {
    _tag: "Remote",
    name: isStored && given.baseUrl === undefined ? (profile?.name ?? "environment") : "environment",
    baseUrl,
    token: bearer,
    extensions: given.extensions ?? (isStored ? own.extensions : false)
  } satisfies RemoteTarget as Target
})
