/** Databases of their own for tests of the administration, and an HTTP server that a test answers by itself. */
import { spawnSync } from "node:child_process"
import { once } from "node:events"
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import * as GatewayTables from "@bookio-kit/http-proxy/gateway/Tables"
import { Effect, Layer } from "effect"
import { expect } from "vitest"
import type { Ended, Harness, RunOptions } from "./Harness.ts"

/** A line of an export. */
export type Row = { readonly kind: string; readonly id: number; readonly [member: string]: unknown }

/** Whether this machine has a program. */
export const has = (command: string) => spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined

/** What a run that was to end well printed. */
export const done = (ended: Ended) => {
  expect([ended.exitCode, ended.stderr]).toEqual([0, ""])
  return ended.stdout
}

/** The files and databases of a test file. */
export interface Databases {
  readonly path: (name: string) => string
  /** The environment of a database instead of the proxy. */
  readonly onDatabase: (name: string) => RunOptions
  /** The database of the running proxy. */
  readonly live: RunOptions
  /** A name that no other test has. */
  readonly freshName: (ending: string) => string
  /** A database of its own with the demonstration of fixed days; its name. */
  readonly seeded: () => string
  readonly linesOf: (name: string) => ReadonlyArray<Row>
  /**
   * Makes `OF-seed.json`, `OF-worker.json` with the settings of a sync of the database `OF-sync.db` and the journal
   * `OF-journal.db`, and the folder that is the practice's calendar. Its token is in `SYNC_TOKEN`, and is "demo".
   */
  readonly prepareSync: (of: string) => void
  /** Makes the database of a gateway. */
  readonly makeGateway: (file: string) => Promise<void>
}

// One facility with one reservation to come, so that a pass has one thing to do on any day.
const prepareSync = (path: (name: string) => string, folder: string) => {
  const seed = JSON.parse(readFileSync(path("seed.json"), "utf8"))
  const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10)
  const calendar = {
    key: "all-day",
    name: "All day",
    validFrom: "2020-01-01",
    validTo: "2099-12-31",
    services: [{ id: 1, name: "Visit", duration: 30 }],
    intervals: [{ name: "Day", weekDays: [1, 2, 3, 4, 5, 6, 7], timeFrom: "00:00", timeTo: "24:00" }]
  }
  const reservation = {
    calendar: "all-day",
    serviceId: 1,
    channel: "web",
    externalId: 1,
    dateFrom: `${day}T10:00:00`,
    name: "Jana",
    surname: "Nová",
    email: "jana@example.com",
    phone: "+421905123456",
    locale: "sk"
  }
  mkdirSync(path(`${folder}-calendar`))
  // Says that the folder is a calendar, and not the place where a drive is not mounted.
  writeFileSync(join(path(`${folder}-calendar`), ".bookio-calendar"), "the-calendar-of-a-test")
  writeFileSync(
    path(`${folder}-seed.json`),
    JSON.stringify({
      demo: true,
      channels: [
        { name: "cgm", facilities: ["one"], tokens: [{ token: "demo", access: "write" }] },
        { name: "web", facilities: ["one"], tokens: [] }
      ],
      facilities: [
        { ...seed.facilities[0], key: "one", calendars: [calendar], reservations: [reservation], blockedTimes: [] }
      ]
    })
  )
  writeFileSync(
    path(`${folder}-worker.json`),
    JSON.stringify({
      journal: `${folder}-journal.db`,
      facilities: [
        {
          name: "clinic",
          facilityId: 1,
          bookio: { database: `sqlite:${path(`${folder}-sync.db`)}`, token: "$" + "{SYNC_TOKEN}" },
          calendars: [{ name: "doctor", serves: [1], vdir: { path: `${folder}-calendar` } }]
        }
      ]
    })
  )
}

// A gateway's database, with all its tables.
const makeGateway = async (file: string): Promise<void> => {
  await Effect.runPromise(Effect.scoped(Layer.build(Database.layer({ filename: file, tables: GatewayTables.tables }))))
}

/** Makes the demonstration once, of which `seeded` gives copies. */
export const databasesOf = async (harness: Harness): Promise<Databases> => {
  const path = (name: string) => join(harness.folder, name)
  const at = (file: string): RunOptions => ({
    env: {
      BOOKIO_BASE_URL: undefined,
      BOOKIO_TOKEN: undefined,
      BOOKIO_EXTENSIONS: undefined,
      BOOKIO_DATABASE: `sqlite:${file}`
    }
  })
  const onDatabase = (name: string) => at(path(name))
  expect((await harness.bookio(["seed", "seed.json"], onDatabase("seeded.db"))).exitCode).toBe(0)
  let fresh = 0
  const freshName = (ending: string) => `own${++fresh}${ending}`
  return {
    path,
    onDatabase,
    live: at(harness.database),
    freshName,
    seeded: () => {
      const name = freshName(".db")
      copyFileSync(path("seeded.db"), path(name))
      return name
    },
    linesOf: (name) =>
      readFileSync(path(name), "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    prepareSync: (of) => prepareSync(path, of),
    makeGateway
  }
}

/** An HTTP server that answers by a handler, until the test ends. */
export const serving = async (handler: RequestListener, run: (url: string) => Promise<void>) => {
  const server = createServer().on("request", handler).listen(0, "127.0.0.1")
  await once(server, "listening")
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
