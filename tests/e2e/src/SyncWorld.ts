/**
 * A small world for tests of the sync: facilities of a proxy, each with its own practice calendars, and the settings of a
 * worker between them. Bookio's side is changed as patients and staff change it, over HTTP by another channel than the
 * worker's. All facilities are in Bratislava, are open from 05:00 to 22:00 on all days, and book one person at a time.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Radicale, startRadicale } from "@bookio-kit/radicale/Radicale"
import { folderPractice, type Kind, type Practice, radicalePractice } from "./Practice.ts"
import { type ProxyProcess, startProxy } from "./Proxy.ts"
import { type RawEvent, termOf, toWall } from "./RawCalendar.ts"
import { type Relay, startRelay } from "./Relay.ts"
import { type Settings, writeSettings } from "./SyncWorker.ts"

type Members = { readonly [name: string]: unknown }

/** A facility of the world. */
export interface Asked {
  readonly name: string
  readonly kind: Kind
  /** How many doctors, with a Bookio calendar and a practice calendar each; 1 where left out. */
  readonly doctors?: number
  /** More members of the facility in settings; `bookio` and `calendars` are merged in, the latter into each. */
  readonly settings?: Members
  readonly bookio?: Members
  readonly calendar?: (doctor: number, serviceIds: { readonly [name: string]: number }) => Members
}

/** A listed row of either kind, as far as these tests look at it. */
export interface Row {
  readonly id: number
  readonly externalId?: number
  readonly name?: string
  readonly email?: string
  readonly service?: number
  readonly dateFrom: string
  readonly dateTo: string
  readonly dateFromOffset?: string
  readonly dateToOffset?: string
  readonly needsSync?: boolean
  readonly note?: string
  readonly status?: string
}

interface Result {
  readonly success: boolean
  readonly errorCode?: number
  readonly errors?: ReadonlyArray<string>
  readonly data?: {
    readonly reservationId?: number
    readonly blockedTimeId?: number
    readonly reservations?: ReadonlyArray<Row>
    readonly blockedTimes?: ReadonlyArray<Row>
    readonly facilities?: ReadonlyArray<{ readonly id: number; readonly name: string }>
    readonly calendars?: ReadonlyArray<{
      readonly id: number
      readonly services: ReadonlyArray<{ readonly id: number; readonly name: string }>
    }>
  }
}

export interface Term {
  readonly startMs: number
  readonly endMs: number
}

/** A facility with both its sides. */
export interface Facility {
  readonly name: string
  readonly id: number
  /** By their names: `visit-1`, `hold-1`, …, of the first doctor. */
  readonly services: { readonly [name: string]: number }
  readonly practices: ReadonlyArray<Practice>
  /** The first doctor's. */
  readonly practice: Practice
  /** Books 30 minutes with the first doctor unless told; gives the reservation's id. */
  readonly book: (startMs: number, person?: Partial<Person>, service?: string) => Promise<number>
  readonly move: (id: number, term: Term) => Promise<void>
  readonly setStatus: (id: number, status: "CONFIRMED" | "CANCELLED" | "DID_NOT_COME") => Promise<void>
  readonly block: (term: Term, note?: string) => Promise<number>
  readonly moveBlocked: (id: number, term: Term) => Promise<void>
  readonly unblock: (id: number) => Promise<void>
  /** All rows, as the worker's channel sees them. */
  readonly reservations: () => Promise<ReadonlyArray<Row>>
  readonly blockedTimes: () => Promise<ReadonlyArray<Row>>
  readonly row: (id: number) => Promise<Row>
  /** Blocked times that begin on the day of this instant, as "2026-11-23T10:00:00/2026-11-23T11:00:00", ascending. */
  readonly blockedOn: (ms: number) => Promise<ReadonlyArray<string>>
  /** The first doctor's events that begin on that day, ascending. */
  readonly eventsOn: (ms: number) => ReadonlyArray<RawEvent>
}

export interface Person {
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
}

/** More members of a settings file, and of `bookio` in it. */
interface More {
  readonly file?: Members
  readonly bookio?: Members
}

export interface World {
  /** The proxy that runs; after `restartProxy` another process at the same address. */
  readonly proxy: () => ProxyProcess
  /** Starts it again, with the same database. */
  readonly restartProxy: () => Promise<void>
  readonly radicale: Radicale | undefined
  /** Between the worker and the proxy, and between the worker and Radicale. */
  readonly bookioRelay: Relay
  readonly davRelay: Relay | undefined
  readonly folder: string
  readonly settings: Settings
  /** Settings of a worker of its own for some facilities, in a folder of its own. @param more - members of the file and of `bookio`. */
  readonly settingsOf: (facilities: string | ReadonlyArray<string>, more?: More) => Settings
  /** What such a file says. */
  readonly config: (facilities: string | ReadonlyArray<string>, more?: More) => unknown
  readonly facility: (name: string) => Facility
  /** Whether the proxy does not know this token. */
  readonly isRefused: (token: string) => Promise<boolean>
  /** Ends both servers and removes all folders. */
  readonly close: () => Promise<void>
}

const base = "/public/api/v1"

// Refused bookings are what some tests are about; any other failure is the test's own mistake.
export class Refused extends Error {
  readonly code: number | undefined
  constructor(method: string, path: string, result: Result) {
    super(`${method} ${path}: ${result.errorCode} ${result.errors?.join("; ")}`)
    this.code = result.errorCode
  }
}

const ask = async (url: string, token: string, method: string, path: string, body?: unknown): Promise<Result> => {
  const response = await fetch(`${url}${base}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" })
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  const { result } = (await response.json()) as { readonly result: Result }
  if (!result.success) throw new Refused(method, path, result)
  return result
}

const seedOf = (asked: ReadonlyArray<Asked>) => ({
  demo: true,
  facilities: asked.map(({ doctors = 1, name }) => ({
    key: name,
    name,
    address: { street: "Hlavna 1", city: "Bratislava", postcode: "81101" },
    contact: { phone: "+421900000000", email: "clinic@example.com" },
    timeZone: "Europe/Bratislava",
    calendars: Array.from({ length: doctors }, (_, index) => ({
      key: `doctor-${index + 1}`,
      name: `Doctor ${index + 1}`,
      validFrom: "2020-01-01",
      validTo: "2040-12-31",
      services: [
        { id: 1, name: `visit-${index + 1}`, duration: 30, capacity: 1 },
        { id: 2, name: `hold-${index + 1}`, duration: 60, capacity: 1, hiddenInOnlineForm: true }
      ],
      intervals: [{ name: "day", weekDays: [1, 2, 3, 4, 5, 6, 7], timeFrom: "05:00", timeTo: "22:00" }]
    }))
  })),
  channels: ["desk", "sync"].map((name) => ({
    name,
    facilities: asked.map((facility) => facility.name),
    // The second one is there for whoever wants to lose it.
    tokens: [name, `${name}-2`].map((token) => ({ token, access: "write" }))
  }))
})

let people = 0
let externalIds = 0

/** A person that nobody else in this process is. */
export const person = (): Person => {
  people += 1
  return {
    name: `Jana${people}`,
    surname: `Adamcova${people}`,
    email: `jana${people}@patients.example`,
    phone: `+42190${String(1_000_000 + people)}`
  }
}

const wall = ({ endMs, startMs }: Term) => ({ dateFrom: toWall(startMs), dateTo: toWall(endMs) })

const makeFacility = async (url: () => string, name: string, practices: ReadonlyArray<Practice>) => {
  const desk = (method: string, path: string, body?: unknown) => ask(url(), "desk", method, path, body)
  const facilities = (await desk("GET", "/facilities/cgm")).data?.facilities ?? []
  const id = facilities.find((one) => one.name === name)?.id as number
  const calendars = (await desk("GET", `/calendars?facilityId=${id}`)).data?.calendars ?? []
  const services = Object.fromEntries(
    calendars.flatMap((one) => one.services.map((service) => [service.name, service.id]))
  )
  const all = async (path: string, member: "reservations" | "blockedTimes") => {
    const rows: Array<Row> = []
    for (;;) {
      const { data } = await ask(url(), "sync", "GET", `${path}?facilityId=${id}&limit=100&offset=${rows.length}`)
      const page = data?.[member] ?? []
      rows.push(...page)
      if (page.length < 100) return rows
    }
  }
  const facility: Facility = {
    name,
    id,
    services,
    practices,
    practice: practices[0] as Practice,
    book: async (startMs, who = {}, service = "visit-1") => {
      externalIds += 1
      const body = {
        ...person(),
        ...who,
        dateFrom: toWall(startMs),
        locale: "sk",
        externalId: externalIds,
        serviceId: services[service],
        facilityId: id
      }
      return (await desk("POST", "/reservations", body)).data?.reservationId as number
    },
    move: async (reservation, term) => {
      await desk("PUT", `/reservations/${reservation}/term`, wall(term))
    },
    setStatus: async (reservation, status) => {
      await desk("PUT", `/reservations/${reservation}/status`, { status })
    },
    block: async (term, note = "staff only") => {
      externalIds += 1
      const body = { ...wall(term), externalId: externalIds, note, facilityId: id }
      return (await desk("POST", "/blocked-times", body)).data?.blockedTimeId as number
    },
    moveBlocked: async (blocked, term) => {
      await desk("PUT", `/blocked-times/${blocked}/term`, wall(term))
    },
    unblock: async (blocked) => {
      await desk("DELETE", `/blocked-times/${blocked}`)
    },
    reservations: () => all("/reservations", "reservations"),
    blockedTimes: () => all("/blocked-times", "blockedTimes"),
    row: async (reservation) => {
      const found = (await all("/reservations", "reservations")).find((one) => one.id === reservation)
      if (found === undefined) throw new Error(`no reservation ${reservation}`)
      return found
    },
    blockedOn: async (ms) =>
      (await all("/blocked-times", "blockedTimes"))
        .filter((row) => row.dateFrom.slice(0, 10) === toWall(ms).slice(0, 10))
        .map((row) => ({ ...row, ...termOf(row) }))
        .sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs)
        .map(({ dateFrom, dateTo }) => `${dateFrom}/${dateTo}`),
    eventsOn: (ms) =>
      (practices[0] as Practice)
        .events()
        .filter(({ startMs }) => toWall(startMs).slice(0, 10) === toWall(ms).slice(0, 10))
        .toSorted((a, b) => a.startMs - b.startMs)
  }
  return { facility, calendars }
}

export interface WorldOptions {
  readonly facilities: ReadonlyArray<Asked>
  /** More members of the settings file. */
  readonly settings?: Members
  /** Settings of the proxy. */
  readonly env?: { readonly [name: string]: string }
}

/** Starts both servers and writes the settings; no worker yet. */
export const startWorld = async ({ env = {}, facilities: asked, settings = {} }: WorldOptions): Promise<World> => {
  const folder = mkdtempSync(join(tmpdir(), "bookio-sync-"))
  const isDav = asked.some(({ kind }) => kind === "radicale")
  const start = (port: string) =>
    startProxy({
      seed: seedOf(asked),
      env: { BOOKIO_DATABASE: `sqlite:${join(folder, "bookio.db")}`, BOOKIO_PROXY_PORT: port, ...env }
    })
  const [first, radicale] = await Promise.all([start("0"), isDav ? startRadicale() : undefined])
  const finish = async (ended: ProxyProcess) => {
    await Promise.all([ended.kill(), radicale?.stop()])
    rmSync(folder, { recursive: true, force: true })
  }
  let proxy = first
  const bookioRelay = await startRelay(proxy.url)
  const davRelay = radicale === undefined ? undefined : await startRelay(radicale.url)
  const facilities = new Map<string, Facility>()
  const configs: Array<Members & { readonly name: string; readonly bookio: Members }> = []
  for (const { bookio = {}, calendar = () => ({}), doctors = 1, kind, name, settings: own = {} } of asked) {
    const practices = Array.from({ length: doctors }, (_, index) => {
      if (kind === "vdir") return folderPractice(join(folder, `${name}-${index + 1}`))
      if (radicale === undefined || davRelay === undefined) throw new Error("there is no radicale")
      return radicalePractice(radicale, `${name}-${index + 1}`, davRelay.url)
    })
    for (const practice of practices) mkdirSync(practice.folder, { recursive: true })
    const { calendars, facility } = await makeFacility(() => proxy.url, name, practices).catch(async (error) => {
      await finish(proxy)
      throw error
    })
    facilities.set(name, facility)
    configs.push({
      name,
      facilityId: facility.id,
      interval: "1 second",
      // Tests take away more of the little there is than any doctor would.
      deletionBudget: { count: 1000, percent: 100 },
      ...own,
      bookio: { baseUrl: `${bookioRelay.url}${base}`, token: `\${SYNC_TOKEN}`, requestsPerMinute: 100_000, ...bookio },
      calendars: practices.map((practice, index) => ({
        name: `Doctor ${index + 1}`,
        serves: [calendars[index]?.id],
        ...practice.settings,
        ...calendar(index + 1, facility.services)
      }))
    })
  }
  const config = { journal: "journal/sync.db", listen: { port: 0 }, ...settings, facilities: configs }
  const configOf: World["config"] = (names, { bookio = {}, file = {} } = {}) => {
    const own = configs.filter(({ name }) => (typeof names === "string" ? name === names : names.includes(name)))
    return { ...config, ...file, facilities: own.map((one) => ({ ...one, bookio: { ...one.bookio, ...bookio } })) }
  }
  const secrets = { SYNC_TOKEN: "sync", RADICALE_PASSWORD: radicale?.password ?? "" }
  return {
    proxy: () => proxy,
    restartProxy: async () => {
      proxy = await start(new URL(first.url).port)
    },
    radicale,
    bookioRelay,
    davRelay,
    folder,
    settings: writeSettings(folder, config, secrets),
    config: configOf,
    settingsOf: (names, more) => writeSettings(mkdtempSync(join(folder, "worker-")), configOf(names, more), secrets),
    facility: (name) => {
      const found = facilities.get(name)
      if (found === undefined) throw new Error(`no facility ${name}`)
      return found
    },
    isRefused: async (token) => {
      const { status } = await fetch(`${proxy.url}${base}/facilities/cgm`, {
        headers: { authorization: `Bearer ${token}` }
      })
      return status === 401
    },
    close: async () => {
      bookioRelay.close()
      davRelay?.close()
      await finish(proxy)
    }
  }
}

const dayMs = 86_400_000

/** An instant of a day from today on, by its wall-clock time in Bratislava: `at(3, "10:00")`. */
export const at = (days: number, time: string): number => {
  const day = toWall(Date.now() + days * dayMs).slice(0, 10)
  return wallInstant(`${day}T${time}:00`)
}

const wallInstant = (text: string): number => termOf({ dateFrom: text, dateTo: text }).startMs

/** A term of some minutes. */
export const term = (startMs: number, minutes: number): Term => ({ startMs, endMs: startMs + minutes * 60_000 })
