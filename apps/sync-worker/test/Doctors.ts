/** A facility of an embedded engine with two doctors, a practice calendar each, and settings that can be others later. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { applySeed, decodeSeed } from "@bookio-kit/adapter-sql/seed/ApplySeed"
import { TimeZone } from "@bookio-kit/core/time/TimeZone"
import { makeFacilitySync } from "@bookio-kit/sync/Pass"
import * as MemoryJournal from "@bookio-kit/sync/simulator/MemoryJournal"
import { Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { readConfig } from "../src/ConfigFile.ts"
import { facilitySides } from "../src/Sides.ts"
import { facility, scratch, writeConfig } from "./Support.ts"

export const zone = TimeZone.make("Europe/Bratislava")

const token = "t".repeat(43)

const calendar = (key: string, firstId: number, validTo: string) => ({
  key,
  name: key,
  validFrom: "2026-01-01",
  validTo,
  services: [
    { id: firstId, name: "Visit", duration: 30 },
    { id: firstId + 1, name: "Busy", duration: 15, hiddenInOnlineForm: true }
  ],
  intervals: [{ name: "Day", weekDays: [1, 2, 3, 4, 5, 6, 7], timeFrom: "08:00", timeTo: "16:00" }]
})

/** Settings of a practice calendar that holds what is busy; service 1 takes 30 minutes and service 2 takes 15. */
export const holding = (serviceId = 2, email = "office@example.com") => ({
  busy: "hold",
  hold: { serviceId, name: "Calendar", surname: "Novak", email, phone: "+421900111222" }
})

/**
 * Opens it on 1 June 2026 at 08:00. Both are open daily from 08:00 to 16:00, Balaz up to the given day.
 *
 * @param novak - what the settings of Novak's calendar say beside the ordinary.
 */
export const doctors = Effect.fnUntraced(function* (
  options: { readonly novak?: object; readonly validTo?: string; readonly booked?: string } = {}
) {
  yield* TestClock.setTime(Date.UTC(2026, 5, 1, 6))
  const folder = yield* scratch
  const { booked, validTo = "2036-12-31" } = options
  const seed = {
    facilities: [
      {
        key: "practice",
        name: "Practice",
        address: { street: "Main 1", city: "Town", postcode: "82104", country: { name: "Slovakia", code: "SVK" } },
        contact: {},
        timeZone: zone,
        calendars: [calendar("novak", 1, "2036-12-31"), calendar("balaz", 11, validTo)],
        reservations:
          booked === undefined
            ? []
            : [
                {
                  channel: "web",
                  calendar: "novak",
                  serviceId: 1,
                  externalId: 1,
                  name: "Eva",
                  surname: "Malá",
                  email: "eva.mala@example.com",
                  phone: "+421900111333",
                  locale: "sk",
                  dateFrom: booked
                }
              ]
      }
    ],
    channels: [
      { name: "web", facilities: ["practice"], tokens: [] },
      { name: "sync", facilities: ["practice"], tokens: [{ token, access: "write" }] }
    ]
  }
  const filename = join(folder, "bookio.db")
  const engine = Layer.provideMerge(Engine.layer, Database.layer({ filename }))
  yield* decodeSeed(seed).pipe(Effect.flatMap(applySeed), Effect.provide(engine))
  const bookio = { token: facility.bookio.token, database: "sqlite:bookio.db" }
  const { journal } = MemoryJournal.make()
  const open = Effect.fnUntraced(function* (novak: object) {
    const calendars = [
      { name: "novak", serves: [1], vdir: { path: "novak", create: true }, ...novak },
      { name: "balaz", serves: [2], vdir: { path: "balaz", create: true } }
    ]
    const path = writeConfig(folder, { facilities: [{ ...facility, bookio, calendars }] })
    const loaded = yield* readConfig(path, { BOOKIO_TOKEN: token })
    const [config] = loaded.config.facilities
    return config === undefined
      ? yield* Effect.die("no facility")
      : (yield* facilitySides(loaded, config, journal)).plan
  })
  const plan = yield* open(options.novak ?? {})
  let listings = 0
  /** Another process with such settings. Tokens stay valid, as those of a server do; a silent calendar tells no changes. */
  const process = Effect.fnUntraced(function* (
    novak = options.novak ?? {},
    { journal: used = journal, silent = false }: { readonly journal?: typeof journal; readonly silent?: boolean } = {}
  ) {
    const opened = yield* open(novak)
    const calendars = opened.calendars.map((one, index) => {
      const { changes, list, ...practice } = plan.calendars[index]?.practice ?? one.practice
      const counted: typeof list = (...args) => {
        listings++
        return list(...args)
      }
      const silently: typeof changes = (token) => Stream.make({ _tag: "End", token, coverage: "complete" })
      return { ...one, practice: { ...practice, list: counted, changes: silent ? silently : changes } }
    })
    const sync = yield* makeFacilitySync({ ...opened, calendars }, used, "test")
    const pass = (full = false) => Effect.andThen(TestClock.adjust("1 minute"), sync.pass({ full }))
    /** As many passes, a minute apart; gives what the last one counted. */
    const passes = (count: number) =>
      Effect.map(
        Effect.forEach(Array.from({ length: count }), () => pass()),
        (reports) => reports.at(-1)?.counts
      )
    return { pass, passes }
  })
  const { facilityId } = plan
  const reservations = Effect.map(plan.bookio.listReservations({ facilityId }), ({ rows }) => rows)
  return {
    journal,
    plan,
    process,
    /** How many full listings of practice calendars there were. */
    listings: () => listings,
    sql: (statement: string) =>
      Effect.sync(() => {
        const database = new DatabaseSync(filename)
        database.exec(statement)
        database.close()
      }),
    put: (name: string, ...lines: ReadonlyArray<string>) =>
      writeFileSync(
        join(folder, "novak", name),
        ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", `UID:${name}`, "DTSTAMP:20260101T000000Z", ...lines]
          .concat("SUMMARY:Busy", "END:VEVENT", "END:VCALENDAR", "")
          .join("\r\n")
      ),
    remove: (name: string) => rmSync(join(folder, "novak", name)),
    events: () => readdirSync(join(folder, "novak")).filter((name) => name.endsWith(".ics")),
    textOf: (name: string) => readFileSync(join(folder, "novak", name), "utf8"),
    blocked: Effect.map(plan.bookio.listBlockedTimes({ facilityId }), ({ rows }) =>
      rows.map(({ dateFrom, dateTo }) => `${dateFrom.slice(8, 16)} ${dateTo.slice(11, 16)}`)
    ),
    reservations,
    /** Such as "10T09:00 11:00": day and start, and end. */
    taken: Effect.map(reservations, (rows) =>
      rows
        .filter(({ status }) => status === "CONFIRMED")
        .map(({ dateFrom, dateTo }) => `${dateFrom.slice(8, 16)} ${dateTo.slice(11, 16)}`)
        .sort()
    ),
    parked: Effect.map(journal.waiting(plan.key, 100), (items) => items.flatMap(({ parked }) => parked?.reason ?? []))
  }
})

/** From and until, on 10 June 2026 or another day of it. */
export const at = (from: string, until: string, day = "10") => [
  `DTSTART;TZID=Europe/Bratislava:202606${day}T${from}00`,
  `DTEND;TZID=Europe/Bratislava:202606${day}T${until}00`
]
