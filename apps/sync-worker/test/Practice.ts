/** A facility of an embedded engine with three reservations, and an empty folder, as settings join them. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { applySeed, decodeSeed } from "@bookio-kit/adapter-sql/seed/ApplySeed"
import * as MemoryJournal from "@bookio-kit/sync/simulator/MemoryJournal"
import { Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { readConfig } from "../src/ConfigFile.ts"
import { facilitySides } from "../src/Sides.ts"
import { facility, scratch, writeConfig } from "./Support.ts"

const token = "t".repeat(43)

const reservation = (externalId: number, hour: string) => ({
  channel: "web",
  calendar: "novak",
  serviceId: 1,
  externalId,
  name: "Eva",
  surname: "Malá",
  email: "eva.mala@example.com",
  phone: "+421900111222",
  locale: "sk",
  dateFrom: `2026-06-02T${hour}:00`
})

const seed = {
  facilities: [
    {
      key: "practice",
      name: "Practice",
      address: { street: "Main 1", city: "Town", postcode: "82104", country: { name: "Slovakia", code: "SVK" } },
      contact: {},
      timeZone: "Europe/Bratislava",
      calendars: [
        {
          key: "novak",
          name: "Dr Novak",
          validFrom: "2026-01-01",
          validTo: "2026-12-31",
          services: [{ id: 1, name: "Visit", duration: 30 }],
          intervals: [{ name: "Day", weekDays: [1, 2, 3, 4, 5], timeFrom: "08:00", timeTo: "16:00" }]
        }
      ],
      reservations: [reservation(1, "08:00"), reservation(2, "09:00"), reservation(3, "10:00")]
    }
  ],
  channels: [
    { name: "web", facilities: ["practice"], tokens: [] },
    { name: "sync", facilities: ["practice"], tokens: [{ token, access: "write" }] }
  ]
}

/** Opens it, on 1 June 2026 at 08:00; `open` opens both sides once more, as another process does. */
export const practice = Effect.gen(function* () {
  yield* TestClock.setTime(Date.UTC(2026, 5, 1, 6))
  const folder = yield* scratch
  const engine = Layer.provideMerge(Engine.layer, Database.layer({ filename: join(folder, "bookio.db") }))
  yield* decodeSeed(seed).pipe(Effect.flatMap(applySeed), Effect.provide(engine))
  const calendars = [{ name: "Dr Novak", serves: [1], vdir: { path: "novak", create: true } }]
  const bookio = { token: facility.bookio.token, database: "sqlite:bookio.db" }
  const loaded = yield* readConfig(writeConfig(folder, { facilities: [{ ...facility, bookio, calendars }] }), {
    BOOKIO_TOKEN: token
  })
  const [config] = loaded.config.facilities
  if (config === undefined) return yield* Effect.die("no facility")
  const { journal, restore, snapshot } = MemoryJournal.make()
  const open = facilitySides(loaded, config, journal)
  const { plan } = yield* open
  const events = () => readdirSync(join(folder, "novak")).filter((name) => name.endsWith(".ics"))
  const textOf = (name: string) => readFileSync(join(folder, "novak", name), "utf8")
  return { plan, loaded, events, textOf, journal, restore, snapshot, open, path: join(folder, "novak") }
}).pipe(Effect.provide(FetchHttpClient.layer))
