/**
 * Reads the settings file, in YAML or JSON by its name, and the secrets that it names from the environment. All that is
 * wrong is told at once, each with its place, and nothing secret is repeated.
 */
import { readFile } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import { FacilityKey } from "@bookio-kit/core/sync/Journal"
import { problemsOf } from "@bookio-kit/core/text/Problems"
import { render } from "@bookio-kit/core/text/Text"
import { writeMs } from "@bookio-kit/sync/Plan"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Yaml from "effect/encoding/Yaml"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Config, defaultPastDays, defaultRetentionDays, type FacilityConfig } from "./Config.ts"

/** The longest that one request takes on either side, in milliseconds. */
export const requestTimeoutMs = 10_000

// A write begins only with this much of the lease left; as much again as a request takes is for renewing it.
const shortestLeaseMs = writeMs(requestTimeoutMs) + requestTimeoutMs

/** A file that was read and is right. */
export interface LoadedConfig {
  readonly config: Config
  /** A path of the file, which is relative to the file's own folder. */
  readonly pathOf: (path: string) => string
  /** What `${NAME}` stands for. */
  readonly secretOf: (reference: string) => Redacted.Redacted
}

/** What a facility's server or database is known by. */
export const identityOf = ({ pathOf }: Pick<LoadedConfig, "pathOf">, { bookio }: FacilityConfig): string =>
  bookio.identity ??
  (bookio.database === undefined
    ? (bookio.baseUrl ?? "").replace(/\/+$/, "")
    : `sqlite:${pathOf(bookio.database.slice("sqlite:".length))}`)

/** How the journal knows a facility. */
export const keyOf = (loaded: Pick<LoadedConfig, "pathOf">, facility: FacilityConfig): FacilityKey =>
  FacilityKey.make(JSON.stringify([identityOf(loaded, facility), facility.channel ?? "sync", facility.facilityId]))

const variableOf = (reference: string): string => reference.slice(2, -1)

const parse = (path: string, text: string): unknown => (path.endsWith(".json") ? JSON.parse(text) : Yaml.parse(text))

/** What the schema cannot say: names that are given twice, members that go together. */
const consistencyOf = (loaded: Pick<LoadedConfig, "config" | "pathOf">): ReadonlyArray<string> => {
  const { facilities, lease } = loaded.config
  const problems: Array<string> = []
  if (lease !== undefined && Duration.toMillis(lease) < shortestLeaseMs) {
    problems.push(`lease: must be at least ${shortestLeaseMs / 1000} seconds, so that a write ends before it`)
  }
  const names = new Set<string>()
  const keys = new Set<FacilityKey>()
  for (const [index, facility] of facilities.entries()) {
    const at = `facilities[${index}]`
    if (names.has(facility.name)) problems.push(`${at}.name: another facility has this name`)
    names.add(facility.name)
    const { baseUrl, database } = facility.bookio
    if ((baseUrl === undefined) === (database === undefined)) {
      problems.push(`${at}.bookio: must have one of baseUrl and database`)
    }
    if (database !== undefined && !/^sqlite:.+/.test(database)) {
      problems.push(`${at}.bookio.database: must be sqlite:PATH`)
    }
    const key = keyOf(loaded, facility)
    if (keys.has(key)) problems.push(`${at}: another entry synchronises this facility through this channel`)
    keys.add(key)
    const { pastDays = defaultPastDays, retention } = facility
    if ((retention?.records ?? defaultRetentionDays.records) < pastDays) {
      problems.push(`${at}.retention.records: must be at least ${pastDays}, for as long reservations flow (pastDays)`)
    }
    if (facility.details === "full" && facility.showFullDetails !== true) {
      problems.push(`${at}.showFullDetails: must be true beside details: full`)
    }
    const calendars = new Set<string>()
    const served = new Set<number>()
    for (const [position, calendar] of facility.calendars.entries()) {
      const here = `${at}.calendars[${position}]`
      if (calendars.has(calendar.name)) problems.push(`${here}.name: another calendar of the facility has this name`)
      calendars.add(calendar.name)
      for (const id of calendar.serves) {
        if (served.has(id)) problems.push(`${here}.serves: calendar ${id} is served twice`)
        served.add(id)
      }
      if ((calendar.caldav === undefined) === (calendar.vdir === undefined)) {
        problems.push(`${here}: must have one of caldav and vdir`)
      }
      if (calendar.busy === "hold" && calendar.hold === undefined) {
        problems.push(`${here}.hold: is required beside busy: hold`)
      }
      const { bearerToken, password, username } = calendar.caldav ?? {}
      if (
        calendar.caldav !== undefined &&
        bearerToken === undefined &&
        (username === undefined || password === undefined)
      ) {
        problems.push(`${here}.caldav: must have username and password, or bearerToken`)
      }
    }
  }
  return problems
}

const secretsOf = ({ facilities }: Config): ReadonlyArray<readonly [string, string]> =>
  facilities.flatMap(({ bookio, calendars }, index) => [
    [`facilities[${index}].bookio.token`, bookio.token] as const,
    ...calendars.flatMap(({ caldav }, position) =>
      (["password", "bearerToken"] as const).flatMap((name) => {
        const reference = caldav?.[name]
        return reference === undefined
          ? []
          : [[`facilities[${index}].calendars[${position}].caldav.${name}`, reference] as const]
      })
    )
  ])

/** Reads a settings file. @errors `SettingsError` with every problem, each with its place. */
export const readConfig = Effect.fn("Sync.readConfig")(function* (
  path: string,
  environment: { readonly [name: string]: string | undefined } = process.env
): Effect.fn.Return<LoadedConfig, SettingsError> {
  const wrong = (problems: ReadonlyArray<string>) =>
    new SettingsError({ problems: problems.map((problem) => `${path}: ${problem}`) })
  const text = yield* Effect.tryPromise({
    try: () => readFile(path, "utf8"),
    catch: () => new SettingsError({ problems: [`BOOKIO_SYNC_CONFIG: ${path} cannot be read`] })
  })
  const json = yield* Effect.try({
    try: () => parse(path, text),
    // What the parser says can repeat a line of the file, and with it a secret that should not stand there.
    catch: () => wrong([`is not valid ${path.endsWith(".json") ? "JSON" : "YAML"}`])
  })
  const config = yield* Schema.decodeUnknownEffect(Config, { errors: "all", onExcessProperty: "error" })(json).pipe(
    Effect.mapError(({ issue }) => wrong(problemsOf(issue, "the file").map((problem) => render(problem, "en"))))
  )
  const missing = secretsOf(config).flatMap(([place, reference]) => {
    const name = variableOf(reference)
    return (environment[name] ?? "") === "" ? [`${place}: the environment variable ${name} is not set`] : []
  })
  const pathOf = (given: string) => resolve(dirname(path), given)
  const problems = [...consistencyOf({ config, pathOf }), ...missing]
  if (problems.length > 0) return yield* wrong(problems)
  return {
    config,
    pathOf,
    secretOf: (reference) => Redacted.make(environment[variableOf(reference)] ?? "")
  }
})
