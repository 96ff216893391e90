/** `plan` before anything is there: it tells what would be made, and makes nothing, on no side and on no disk. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { preview } from "@bookio-kit/sync/Preview"
import * as MemoryJournal from "@bookio-kit/sync/simulator/MemoryJournal"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { FetchHttpClient } from "effect/http"
import { open } from "../src/Open.ts"
import { facilitySides } from "../src/Sides.ts"
import { practice } from "./Practice.ts"
import { facility, scratch, writeConfig } from "./Support.ts"

const busy = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:a", "DTSTAMP:20260101T000000Z"]
  .concat("DTSTART;TZID=Europe/Bratislava:20260603T090000", "DURATION:PT1H", "SUMMARY:Busy")
  .concat("END:VEVENT", "END:VCALENDAR", "")
  .join("\r\n")

describe("a plan", () => {
  it.effect("MUST make no folder and no marker, and read what is there", () =>
    Effect.gen(function* () {
      const { loaded } = yield* practice
      const [config] = loaded.config.facilities
      const [calendar] = config?.calendars ?? []
      if (config === undefined || calendar === undefined) return assert.fail("the settings have a calendar")
      const folder = yield* scratch
      const planOf = (name: string) =>
        Effect.gen(function* () {
          const calendars = [{ ...calendar, vdir: { path: join(folder, name), create: true } }]
          const { journal } = MemoryJournal.make()
          const sides = yield* facilitySides(loaded, { ...config, calendars }, journal, { isDry: true })
          return (yield* preview(sides.plan, journal, { full: false })).writes.map(({ action }) => action)
        })

      const first = yield* planOf("none")
      assert.strictEqual(first.filter((action) => action === "create event").length, 3)
      assert.isFalse(existsSync(join(folder, "none")))

      mkdirSync(join(folder, "given"))
      writeFileSync(join(folder, "given", "a.ics"), busy)
      assert.include(yield* planOf("given"), "create blocked time")
      assert.deepStrictEqual(readdirSync(join(folder, "given")), ["a.ics"])
      assert.strictEqual(readFileSync(join(folder, "given", "a.ics"), "utf8"), busy)
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST make no journal", () =>
    Effect.gen(function* () {
      const folder = yield* scratch
      const before = process.env.BOOKIO_TOKEN
      process.env.BOOKIO_TOKEN = "secret-token"
      const calendars = [{ name: "Dr Novak", serves: [1], vdir: { path: "novak", create: true } }]
      const config = Option.some(
        writeConfig(folder, { journal: "kept/journal.db", facilities: [{ ...facility, calendars }] })
      )
      const opened = yield* open({ config, facility: Option.none(), isDry: true })
      if (before === undefined) delete process.env.BOOKIO_TOKEN
      else process.env.BOOKIO_TOKEN = before
      assert.strictEqual((yield* opened.journal.counts(opened.facilities[0]!.key)).links, 0)
      assert.deepStrictEqual(readdirSync(folder), ["bookio-sync.json"])
    }).pipe(Effect.scoped)
  )
})
