import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { BlockedTimeId } from "@bookio-kit/core/scalar/Id"
import * as MemoryJournal from "@bookio-kit/sync/simulator/MemoryJournal"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, Option, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { keyOf, readConfig } from "../src/ConfigFile.ts"
import { facilitySides } from "../src/Sides.ts"
import { calendar, environment, facility, scratch, writeConfig } from "./Support.ts"

/** Opens the one facility of a settings file in a folder. */
const openWith = (
  folder: string,
  changes: object,
  variables: { readonly [name: string]: string } = environment,
  journal = MemoryJournal.make().journal
) =>
  Effect.gen(function* () {
    const path = writeConfig(folder, { facilities: [{ ...facility, ...changes }] })
    const loaded = yield* readConfig(path, variables)
    const [config] = loaded.config.facilities
    if (config === undefined) return yield* Effect.die("no facility")
    return { key: keyOf(loaded, config), ...(yield* facilitySides(loaded, config, journal)) }
  })

const openIn = (...given: Parameters<typeof openWith>) => Effect.provide(openWith(...given), FetchHttpClient.layer)

const problemsOf = (folder: string, changes: object) =>
  Effect.map(Effect.flip(openIn(folder, changes)), (error) =>
    error._tag === "SettingsError" ? error.problems : [error.reason]
  )

const vdir = (changes: object) => ({ name: "Dr Novak", serves: [1], vdir: { path: "novak", ...changes } })

describe("facilitySides", () => {
  it.effect("MUST take what stands nowhere from the documented defaults", () =>
    Effect.gen(function* () {
      const { intervalMs, key, plan } = yield* openIn(yield* scratch, {})
      const { bookio, calendars, ...rest } = plan
      assert.deepStrictEqual(rest, {
        key,
        name: "General practice",
        facilityId: facility.facilityId as typeof plan.facilityId,
        identity: "https://medic.bookio.com/public/api/v1",
        channel: "sync",
        prefer: "bookio",
        onDelete: "cancel",
        onRefusal: "keep",
        details: "initials",
        notes: false,
        tentative: false,
        language: "en",
        pastDays: 30,
        retentionDays: { records: 400, conflicts: 400, passes: 400 },
        deletionBudget: { count: 5, percent: 10 },
        concurrency: 16,
        leaseMs: 60_000,
        requestTimeoutMs: 10_000
      })
      assert.strictEqual(intervalMs, 30_000)
      const [only] = calendars
      assert.strictEqual(only?.name, "Dr Novak")
      assert.strictEqual(only?.busy, "off")
      assert.deepStrictEqual(only?.services, [])
      assert.notProperty(only, "hold")
    }).pipe(Effect.scoped)
  )

  it.effect("MUST watch a folder that was not there when it began", () =>
    Effect.gen(function* () {
      const folder = yield* scratch
      const { wake } = yield* openIn(folder, { calendars: [vdir({ create: true })] })
      const path = join(folder, "novak")
      rmSync(path, { recursive: true })
      const told = yield* Effect.forkChild(Stream.runHead(wake))
      yield* TestClock.adjust("20 seconds")
      mkdirSync(path)
      for (let second = 0; told.pollUnsafe() === undefined && second < 300; second++) {
        writeFileSync(join(path, "a.ics"), "")
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 10)))
        yield* TestClock.adjust("1 second")
      }
      assert.deepStrictEqual(yield* Fiber.join(told), Option.some("Dr Novak"))
    }).pipe(Effect.scoped)
  )

  it.effect("MUST hand on what stands in the file", () =>
    Effect.gen(function* () {
      const hold = {
        serviceId: 7,
        name: "Sync",
        surname: "Worker",
        email: "office@example.com",
        phone: "+421900111222"
      }
      const { intervalMs, plan } = yield* openIn(yield* scratch, {
        conflicts: "practice-wins",
        details: "full",
        showFullDetails: true,
        onDelete: "ask",
        onRefusal: "put-back",
        interval: "5 minutes",
        channel: "practice",
        retention: { passes: 30 },
        calendars: [{ ...calendar, busy: "hold", hold, services: [{ title: "Check-up", serviceId: 2 }] }]
      })
      assert.strictEqual(intervalMs, 300_000)
      assert.strictEqual(plan.prefer, "practice")
      assert.strictEqual(plan.details, "full")
      assert.strictEqual(plan.onDelete, "ask")
      assert.strictEqual(plan.onRefusal, "put-back")
      assert.strictEqual(plan.channel, "practice")
      assert.deepStrictEqual(plan.retentionDays, { records: 400, conflicts: 400, passes: 30 })
      const { serviceId, ...person } = hold
      assert.deepStrictEqual(plan.calendars[0]?.hold, { serviceId: serviceId as never, person })
      assert.deepStrictEqual(plan.calendars[0]?.services, [{ title: "Check-up", serviceId: 2 as never }])
    }).pipe(Effect.scoped)
  )

  it.effect("MUST keep the journal's key over another address, where identity says what it was", () =>
    Effect.gen(function* () {
      const folder = yield* scratch
      const { key } = yield* openIn(folder, {})
      const bookio = { ...facility.bookio, baseUrl: "https://new.example.com/public/api/v1" }
      const moved = yield* openIn(folder, { bookio })
      assert.notStrictEqual(moved.key, key)
      const kept = yield* openIn(folder, { bookio: { ...bookio, identity: facility.bookio.baseUrl } })
      assert.strictEqual(kept.key, key)
    }).pipe(Effect.scoped)
  )

  it.effect("MUST make a folder only where create says so", () =>
    Effect.gen(function* () {
      const folder = yield* scratch
      yield* openIn(folder, { calendars: [vdir({})] })
      assert.isFalse(existsSync(join(folder, "novak")))
      yield* openIn(folder, { calendars: [vdir({ create: true })] })
      assert.isTrue(existsSync(join(folder, "novak", ".bookio-calendar")))
    }).pipe(Effect.scoped)
  )

  it.effect("MUST name facility and calendar in what is wrong, and repeat no secret", () =>
    Effect.gen(function* () {
      const folder = yield* scratch
      const open = { ...calendar, caldav: { ...calendar.caldav, url: "http://cloud.example.com/dav" } }
      const [insecure = "", ...others] = yield* problemsOf(folder, { calendars: [open] })
      assert.deepStrictEqual(others, [])
      assert.match(insecure, /^facility "General practice": calendar "Dr Novak": .*https/)
      assert.notInclude(insecure, "secret")
    }).pipe(Effect.scoped)
  )

  it.effect("MUST tell routes that cannot be read, and those that are wrong", () =>
    Effect.gen(function* () {
      const folder = yield* scratch
      const bookio = { ...facility.bookio, routes: "routes.json" }
      assert.deepStrictEqual(yield* problemsOf(folder, { bookio }), [
        `facility "General practice": bookio.routes: ${join(folder, "routes.json")} cannot be read as JSON`
      ])
      writeFileSync(join(folder, "routes.json"), '{"listReservation": "GET /x"}')
      const problems = yield* problemsOf(folder, { bookio })
      assert.isNotEmpty(problems)
      for (const problem of problems) assert.match(problem, /^facility "General practice": .*listReservation/)
    }).pipe(Effect.scoped)
  )

  it.effect("MUST refuse a token that the database does not know, and a place where none can be", () =>
    Effect.gen(function* () {
      const folder = yield* scratch
      const { token } = facility.bookio
      const unknown = yield* problemsOf(folder, { bookio: { token, database: "sqlite:bookio.db" } })
      assert.deepStrictEqual(unknown, [
        'facility "General practice": bookio.token: the database does not know it, or it expired or was revoked'
      ])
      writeFileSync(join(folder, "file"), "")
      const [absent = ""] = yield* problemsOf(folder, { bookio: { token, database: "sqlite:file/bookio.db" } })
      assert.match(absent, /^facility "General practice": bookio.database: .*bookio.db cannot be used: /)
    }).pipe(Effect.scoped)
  )

  it.effect("MUST repeat a write only while the lease that was checked before it lasts", () =>
    Effect.gen(function* () {
      const startedMs = yield* Clock.currentTimeMillis
      const sentMs: Array<number> = []
      const client = HttpClient.make((request) =>
        Effect.map(Clock.currentTimeMillis, (nowMs) => {
          sentMs.push(nowMs - startedMs)
          return HttpClientResponse.fromWeb(request, new Response("", { status: 503, headers: { "retry-after": "9" } }))
        })
      )
      const { plan } = yield* Effect.provide(openWith(yield* scratch, {}), Layer.succeed(HttpClient.HttpClient)(client))
      const removing = yield* Effect.forkChild(Effect.flip(plan.bookio.removeBlockedTime(BlockedTimeId.make(5))))
      // A second at a time, for what waits is known only when what was answered before it was read.
      for (let second = 0; second < 61; second++) yield* TestClock.adjust("1 second")
      const error = yield* Fiber.join(removing)
      assert.strictEqual(error._tag, "BackendError")
      assert.isAtLeast(sentMs.length, 1)
      // Each with its whole time-out left of the 20 seconds that are checked.
      for (const atMs of sentMs) assert.isAtMost(atMs, plan.requestTimeoutMs)
    }).pipe(Effect.scoped)
  )
})
