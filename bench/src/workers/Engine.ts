/** Bookings by the engine alone, without HTTP, and by node:sqlite alone: the overlap query and the insert, nothing else. */
import "effect/schema/SchemaJITCompiler/enable"
import { randomBytes } from "node:crypto"
import { DatabaseSync, type StatementSync } from "node:sqlite"
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { Caller } from "@bookio-kit/core/access/Caller"
import { NewReservation } from "@bookio-kit/core/reservation/Reservation"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Schema from "effect/Schema"
import { type Booking, bookingOf } from "../Bookings.ts"
import { serve } from "./Serve.ts"

interface Opened {
  readonly engine: ManagedRuntime.ManagedRuntime<Reservations, unknown>
  readonly db: DatabaseSync
  readonly overlaps: StatementSync
  readonly insert: StatementSync
  readonly services: ReadonlyArray<Booking>
}

export interface OpenFiles {
  readonly engineFile: string
  readonly peerFile: string
  readonly services: ReadonlyArray<Booking>
}

export interface Batch {
  readonly first: number
  readonly count: number
  /** Fibers of the engine, or bookings a commit of node:sqlite. */
  readonly together: number
}

let opened: Opened | undefined

const open = ({ engineFile, peerFile, services }: OpenFiles): void => {
  const db = new DatabaseSync(peerFile)
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY")
  opened = {
    engine: ManagedRuntime.make(Layer.provide(Engine.layer, Database.layer({ filename: engineFile }))),
    db,
    overlaps: db.prepare(`SELECT 1 FROM reservation WHERE calendar_id = ? AND status = 'CONFIRMED'
      AND from_ms < ? AND from_ms >= ? AND to_ms > ? LIMIT 1`),
    insert: db.prepare(`INSERT INTO reservation (facility_id, calendar_id, service_id, channel_id, external_id, number,
      name, email, phone, note, status, from_ms, to_ms, changed_ms, date_from, date_to, created, needs_sync)
      VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, 'CONFIRMED', ?, ?, ?, ?, ?, ?, 0)`),
    services
  }
}

const get = (): Opened => {
  if (opened === undefined) throw new Error("open comes first")
  return opened
}

const measured = async (count: number, work: () => Promise<void> | void) => {
  const cpu = process.cpuUsage()
  const startedMs = performance.now()
  await work()
  const seconds = (performance.now() - startedMs) / 1000
  const { system, user } = process.cpuUsage(cpu)
  return { perSecond: count / seconds, cpuMicros: (user + system) / count }
}

const decode = Schema.decodeUnknownSync(NewReservation)
const caller = Caller.of({ channelId: ChannelId.make(1), access: "write", language: "en" })

const engine = async ({ count, first, together }: Batch) => {
  const { engine, services } = get()
  const given = Array.from({ length: count }, (_, index) => decode(bookingOf(services, first + index)))
  return measured(count, () =>
    engine.runPromise(
      Effect.gen(function* () {
        const reservations = yield* Reservations
        yield* Effect.forEach(given, (reservation) => reservations.create(reservation), {
          concurrency: together,
          discard: true
        })
      }).pipe(Effect.provideService(Caller, caller))
    )
  )
}

const dayMs = 86_400_000

const sqlite = ({ count, first, together }: Batch) => {
  const { db, insert, overlaps, services } = get()
  const given = Array.from({ length: count }, (_, index) => bookingOf(services, first + index))
  return measured(count, () => {
    for (let at = 0; at < count; at += together) {
      db.exec("BEGIN IMMEDIATE")
      for (const booking of given.slice(at, at + together)) {
        const { dateFrom, email, externalId, facilityId, name, note, phone, serviceId, surname } = booking
        const fromMs = Date.parse(`${dateFrom}Z`)
        const toMs = fromMs + 300_000
        if (overlaps.get(1_000_000 + facilityId, toMs, fromMs - dayMs, fromMs) !== undefined) throw new Error("taken")
        const number = randomBytes(9).toString("base64url")
        insert.run(
          ...[
            facilityId,
            1_000_000 + facilityId,
            serviceId,
            externalId,
            number,
            `${name} ${surname}`,
            email,
            phone,
            note
          ],
          ...[fromMs, toMs, fromMs, dateFrom, dateFrom, dateFrom]
        )
      }
      db.exec("COMMIT")
    }
  })
}

const close = async () => {
  await get().engine.dispose()
  get().db.close()
}

serve({ open, engine, sqlite, close })
