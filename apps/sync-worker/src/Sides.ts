/** What the settings of a facility stand for: its account in Bookio, and its practice calendars. */
import { readFile } from "node:fs/promises"
import * as BookioRemote from "@bookio-kit/adapter-bookio/BookioRemote"
import { parseRouteOverrides } from "@bookio-kit/adapter-bookio/RouteOverrides"
import * as CalDavCalendar from "@bookio-kit/adapter-icalendar/CalDavCalendar"
import * as VdirCalendar from "@bookio-kit/adapter-icalendar/VdirCalendar"
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import { reasonOf } from "@bookio-kit/adapter-sql/database/OpenError"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { Caller } from "@bookio-kit/core/access/Caller"
import type { Order } from "@bookio-kit/core/page/Paging"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import type { FacilityKey, Journal, JournalError } from "@bookio-kit/core/sync/Journal"
import { type Bookio, fromPorts } from "@bookio-kit/sync/Bookio"
import { type CalendarPlan, type FacilityPlan, writeMs } from "@bookio-kit/sync/Plan"
import { fromJournal } from "@bookio-kit/sync/Progress"
import type { Scheduled } from "@bookio-kit/sync/Worker"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type CalendarConfig, defaultPastDays, defaultRetentionDays, type FacilityConfig } from "./Config.ts"
import { identityOf, keyOf, type LoadedConfig, requestTimeoutMs } from "./ConfigFile.ts"

const wrong = (facility: FacilityConfig, problem: string) =>
  new SettingsError({ problems: [`facility "${facility.name}": ${problem}`] })

const readRoutes = Effect.fnUntraced(function* (facility: FacilityConfig, path: string | undefined) {
  if (path === undefined) return {}
  const json = yield* Effect.tryPromise({
    try: async () => JSON.parse(await readFile(path, "utf8")) as unknown,
    catch: () => wrong(facility, `bookio.routes: ${path} cannot be read as JSON`)
  })
  const routes = parseRouteOverrides(json)
  if (Result.isSuccess(routes)) return routes.success
  return yield* new SettingsError({
    problems: routes.failure.map((problem) => `facility "${facility.name}": ${problem}`)
  })
})

const build = <A, E>(order: Order, ports: Layer.Layer<A, E, never>) =>
  Effect.gen(function* () {
    const context = yield* Layer.buildWithMemoMap(ports, yield* Layer.makeMemoMap, yield* Effect.scope)
    return { context, order }
  })

/** An account over HTTP. */
const remote = Effect.fnUntraced(function* (
  loaded: LoadedConfig,
  facility: FacilityConfig,
  baseUrl: string
): Effect.fn.Return<Bookio, SettingsError, HttpClient.HttpClient | Scope.Scope> {
  const { extensions = false, requestsPerMinute, routes, token } = facility.bookio
  const options = {
    baseUrl,
    token: loaded.secretOf(token),
    extensions,
    // With all its retries: a pass has time to read.
    timeout: "60 seconds" as const,
    // A write is repeated only while the lease that was checked before it lasts; then the next pass goes on by the journal.
    writeTimeout: writeMs(requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    routes: yield* readRoutes(facility, routes === undefined ? undefined : loaded.pathOf(routes)),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute })
  }
  const client = Layer.succeedContext(yield* Effect.context<HttpClient.HttpClient>())
  // The server knows by the token who asks; of this the client takes the language only.
  const caller = Layer.succeed(Caller)({
    channelId: ChannelId.make(1),
    access: "write",
    language: facility.language ?? "en"
  })
  const ports = Layer.merge(BookioRemote.layer(options), caller).pipe(Layer.provide(client))
  const { context, order } = yield* build(extensions ? "known" : "unknown", ports)
  return yield* Effect.provideContext(fromPorts(order), context)
})

/** An account of an engine in this process, over its database. */
const embedded = Effect.fnUntraced(function* (
  loaded: LoadedConfig,
  facility: FacilityConfig,
  filename: string
): Effect.fn.Return<Bookio, SettingsError, Scope.Scope> {
  const engine = Engine.layer.pipe(Layer.provide(Database.layer({ filename })))
  const { context, order } = yield* build("known", engine).pipe(
    Effect.mapError((error) => wrong(facility, `bookio.database: ${filename} cannot be used: ${reasonOf(error)}`))
  )
  const { authenticate } = Context.get(context, Authenticator)
  const caller = yield* Effect.mapError(authenticate(loaded.secretOf(facility.bookio.token)), () =>
    wrong(facility, "bookio.token: the database does not know it, or it expired or was revoked")
  )
  return yield* fromPorts(order).pipe(
    Effect.provideContext(context),
    Effect.provideService(Caller, { ...caller, language: facility.language ?? "en" })
  )
})

interface CalendarSide {
  readonly plan: CalendarPlan
  readonly wake: Scheduled["wake"]
}

/** Whether the journal knows anything of a practice calendar. */
const isKnown = Effect.fnUntraced(function* (journal: Journal["Service"], key: FacilityKey, calendar: string) {
  if (fromJournal(yield* journal.progress(key)).tokens[calendar] !== undefined) return true
  const kinds = ["reservation", "busy", "hold", "mirror"] as const
  // No listing has this number: that is all that were ever seen in it.
  const seen = { side: "practice", kinds, calendar, listing: 0, endsFromMs: 0 } as const
  return (yield* journal.unseen(key, seen, 1)).length > 0
})

const calendarSide = Effect.fnUntraced(function* (
  loaded: LoadedConfig,
  facility: FacilityConfig,
  config: CalendarConfig,
  journal: Journal["Service"],
  isDry: boolean
): Effect.fn.Return<CalendarSide, SettingsError | JournalError, HttpClient.HttpClient> {
  const { busy = "off", caldav, hold, name, serves, services = [], vdir } = config
  const owner = vdir?.owner ?? caldav?.owner
  const common = {
    name,
    serves,
    busy,
    services,
    ...(owner === undefined ? {} : { owner }),
    ...(hold === undefined
      ? {}
      : {
          hold: {
            serviceId: hold.serviceId,
            person: { name: hold.name, surname: hold.surname, email: hold.email, phone: hold.phone }
          }
        })
  }
  if (vdir !== undefined) {
    const path = loaded.pathOf(vdir.path)
    // A folder that was there before and is not now, or has lost its marker, is a lost drive and no new calendar.
    const create = vdir.create === true && !(yield* isKnown(journal, keyOf(loaded, facility), name))
    const practice = yield* Effect.mapError(
      VdirCalendar.make(
        { path, create: create && !isDry, ...(owner === undefined ? {} : { owner }) },
        // What is to be made is read as it is, and made by nobody.
        ...(create && isDry ? [VdirCalendar.planned] : [])
      ),
      (error) => wrong(facility, `calendar "${name}": ${error.problem}`)
    )
    // A folder that is not there now, such as a drive that is not mounted, may be there later.
    const watched = Stream.concat(VdirCalendar.watch(path), Stream.fromEffectDrain(Effect.sleep("30 seconds")))
    return { plan: { ...common, practice }, wake: Stream.map(Stream.forever(watched), () => name) }
  }
  const { allowPrivateRedirects, bearerToken, calendar, password, url = "", username } = caldav ?? {}
  const practice = yield* CalDavCalendar.make({
    url,
    requestTimeout: requestTimeoutMs,
    ...(calendar === undefined ? {} : { calendar }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: loaded.secretOf(password) }),
    ...(bearerToken === undefined ? {} : { bearerToken: loaded.secretOf(bearerToken) }),
    ...(owner === undefined ? {} : { owner }),
    ...(allowPrivateRedirects === undefined ? {} : { allowPrivateRedirects })
  }).pipe(Effect.mapError(({ problems }) => wrong(facility, `calendar "${name}": ${problems.join("; ")}`)))
  return { plan: { ...common, practice }, wake: Stream.never }
})

/**
 * Opens both sides of a facility; nothing is asked of them yet.
 *
 * @param journal - a folder is made only for a calendar of which it knows nothing.
 * @param options - `isDry`: no folder is made; one that would be is read as it is, empty where there is none.
 * @errors `SettingsError` for what cannot be opened.
 */
export const facilitySides = Effect.fn("Sync.facilitySides")(function* (
  loaded: LoadedConfig,
  facility: FacilityConfig,
  journal: Journal["Service"],
  { isDry = false }: { readonly isDry?: boolean } = {}
): Effect.fn.Return<Scheduled, SettingsError | JournalError, HttpClient.HttpClient | Scope.Scope> {
  const { baseUrl = "", database } = facility.bookio
  const bookio =
    database === undefined
      ? yield* remote(loaded, facility, baseUrl)
      : yield* embedded(loaded, facility, loaded.pathOf(database.slice("sqlite:".length)))
  const sides = yield* Effect.forEach(facility.calendars, (calendar) =>
    calendarSide(loaded, facility, calendar, journal, isDry)
  )
  const [only, ...others] = sides
  const plan: FacilityPlan = {
    key: keyOf(loaded, facility),
    name: facility.name,
    facilityId: facility.facilityId,
    identity: identityOf(loaded, facility),
    channel: facility.channel ?? "sync",
    bookio,
    calendars: sides.map((side) => side.plan),
    prefer: facility.conflicts === "practice-wins" ? "practice" : "bookio",
    onDelete: facility.onDelete ?? "cancel",
    onRefusal: facility.onRefusal ?? "keep",
    details: facility.details ?? "initials",
    notes: facility.notes ?? false,
    tentative: facility.tentative ?? false,
    language: facility.language ?? "en",
    pastDays: facility.pastDays ?? defaultPastDays,
    retentionDays: { ...defaultRetentionDays, ...facility.retention },
    deletionBudget: facility.deletionBudget ?? { count: 5, percent: 10 },
    concurrency: facility.requestsInFlight ?? 16,
    leaseMs: Duration.toMillis(loaded.config.lease ?? "60 seconds"),
    requestTimeoutMs
  }
  return {
    plan,
    intervalMs: Duration.toMillis(facility.interval ?? "30 seconds"),
    // Merging takes fibers, and most facilities have one calendar.
    wake:
      only !== undefined && others.length === 0
        ? only.wake
        : Stream.mergeAll(
            sides.map(({ wake }) => wake),
            { concurrency: "unbounded" }
          )
  }
})
