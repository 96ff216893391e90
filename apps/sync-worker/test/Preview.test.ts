import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { applySeed, decodeSeed } from "@bookio-kit/adapter-sql/seed/ApplySeed"
import { makeFacilitySync } from "@bookio-kit/sync/Pass"
import { preview } from "@bookio-kit/sync/Preview"
import * as MemoryJournal from "@bookio-kit/sync/simulator/MemoryJournal"
import { assert, describe, it } from "@effect/vitest"
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

/** A facility of an embedded engine with three reservations, and an empty folder. */
const practice = Effect.gen(function* () {
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
  const { plan } = yield* facilitySides(loaded, config)
  const events = () => readdirSync(join(folder, "novak")).filter((name) => name.endsWith(".ics"))
  const textOf = (name: string) => readFileSync(join(folder, "novak", name), "utf8")
  return { plan, events, textOf, journal: MemoryJournal.make().journal }
}).pipe(Effect.provide(FetchHttpClient.layer))

describe("a facility of the settings", () => {
  it.effect("MUST be shown what its first pass would write, each once, and nothing be written", () =>
    Effect.gen(function* () {
      const { events, journal, plan } = yield* practice
      const { writes } = yield* preview(plan, journal, { full: false })
      const told = writes.map(({ action, of, to }) => `${to}: ${action}${typeof of === "number" ? ` ${of}` : ""}`)
      assert.deepStrictEqual(told.toSorted(), [
        "Dr Novak: create event",
        "Dr Novak: create event",
        "Dr Novak: create event",
        "bookio: confirm sync 1",
        "bookio: confirm sync 2",
        "bookio: confirm sync 3"
      ])
      assert.deepStrictEqual(events(), [])
      assert.deepStrictEqual((yield* preview(plan, journal, { full: true })).writes.length, writes.length)
    }).pipe(Effect.scoped)
  )

  it.effect("MUST have its reservations in the folder after a pass, with initials only, and rest then", () =>
    Effect.gen(function* () {
      const { events, journal, plan, textOf } = yield* practice
      const sync = yield* makeFacilitySync(plan, journal, "test")
      const first = yield* sync.pass()
      assert.strictEqual(first.counts.get("writes"), 6)
      assert.strictEqual(events().length, 3)
      for (const name of events()) {
        assert.include(textOf(name), "SUMMARY:E. M.")
        assert.notMatch(textOf(name), /Eva|Mal|example|421/)
      }
      const second = yield* sync.pass()
      assert.isUndefined(second.counts.get("writes"))
      assert.isTrue(second.isSettled)
      assert.deepStrictEqual((yield* preview(plan, journal, { full: true })).writes, [])
    }).pipe(Effect.scoped)
  )
})
