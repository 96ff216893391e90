/**
 * The peer of the whole server: fastify with schemas on both ends and better-sqlite3 with prepared statements, written as
 * someone would who needs these two requests and no more. It does what ours does for them: looks up the token, validates,
 * keeps facilities apart by the rows it reads, checks externalId, opening, person, blocked times and capacity, and commits
 * each booking with synchronous = FULL before it answers. It has no audit log, no change feed and no access log.
 */
import { createHash, randomBytes } from "node:crypto"
import Sqlite from "better-sqlite3"
import fastify from "fastify"
import { newReservation, reservationAnswer, reservationQuery, reservationsAnswer } from "./Schemas.ts"

const db = new Sqlite(process.argv[2] as string)
db.pragma("journal_mode = WAL")
db.pragma("synchronous = FULL")
db.pragma("temp_store = MEMORY")

interface Row {
  readonly id: number
  readonly external_id: number
  readonly number: string
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly service_id: number
  readonly from_ms: number
  readonly to_ms: number
  readonly created: string
  readonly date_from: string
  readonly date_to: string
  readonly cancel_time: string | null
  readonly cancellation_reason: string | null
  readonly needs_sync: number
  readonly facility_id: number
  readonly note: string | null
  readonly status: string
}

interface Query {
  readonly facilityId: number
  readonly lastSync?: number
  readonly from?: string
  readonly to?: string
  readonly offset?: number
  readonly limit?: number
}

interface NewReservation {
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
  readonly dateFrom: string
  readonly externalId: number
  readonly serviceId: number
  readonly facilityId: number
  readonly note?: string
}

interface Service {
  readonly facility_id: number
  readonly calendar_id: number
  readonly duration_minutes: number
  readonly capacity: number
  readonly time_zone: string
}

const columns = `id, external_id, number, name, email, phone, service_id, from_ms, to_ms, created, date_from, date_to,
  cancel_time, cancellation_reason, needs_sync, facility_id, note, status`
const page = (condition: string) => ({
  count: db.prepare<Array<number>, { readonly n: number }>(`SELECT COUNT(*) AS n FROM reservation WHERE ${condition}`),
  rows: db.prepare<Array<number>, Row>(
    `SELECT ${columns} FROM reservation WHERE ${condition} ORDER BY changed_ms, id LIMIT ? OFFSET ?`
  )
})
const bySync = page("facility_id = ? AND changed_ms >= ?")
const byDays = page("facility_id = ? AND from_ms >= ? AND from_ms < ?")
const tokens = db.prepare<[Buffer], { readonly channel_id: number }>("SELECT channel_id FROM token WHERE sha256 = ?")

const app = fastify()

app.addHook("onRequest", async (request, reply) => {
  const given = request.headers.authorization?.replace(/^Bearer /, "") ?? ""
  const found = tokens.get(createHash("sha256").update(given).digest())
  if (found === undefined)
    await reply.code(401).send({ result: { success: false, errors: ["The token is not valid."] } })
})

const zone = (name: string) =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit"
  })
const zones = new Map<string, Intl.DateTimeFormat>()
// The instant of a wall-clock time: the offset that the zone has there.
const instantOf = (local: string, name: string): number => {
  const format = zones.get(name) ?? zone(name)
  zones.set(name, format)
  const asUtc = Date.parse(`${local}Z`)
  const [day, month, year, hour, minute, second] = format
    .formatToParts(asUtc)
    .filter(({ type }) => type !== "literal")
    .map(({ value }) => Number(value))
  const shown = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second)
  return asUtc - (shown - asUtc)
}

app.get<{ Querystring: Query }>(
  "/public/api/v1/reservations",
  { schema: { querystring: reservationQuery, response: { 200: reservationsAnswer } } },
  (request) => {
    const { facilityId, from, lastSync, limit = 100, offset = 0, to } = request.query
    const day = (text: string, plus: number) =>
      instantOf(new Date(Date.parse(text) + plus).toISOString().slice(0, 19), "Europe/Bratislava")
    const [{ count, rows }, given] =
      from !== undefined && to !== undefined
        ? [byDays, [facilityId, day(from, 0), day(to, 86_400_000)]]
        : [bySync, [facilityId, lastSync ?? 0]]
    return {
      result: {
        success: true,
        data: {
          pagination: { total: count.get(...given)?.n ?? 0, offset, limit },
          reservations: rows.all(...given, limit, offset).map((row) => ({
            id: row.id,
            externalId: row.external_id,
            number: row.number,
            name: row.name,
            email: row.email,
            phone: row.phone,
            service: row.service_id,
            duration: (row.to_ms - row.from_ms) / 60_000,
            created: row.created,
            dateFrom: row.date_from,
            dateTo: row.date_to,
            cancelTime: row.cancel_time ?? undefined,
            cancellationReason: row.cancellation_reason ?? undefined,
            needsSync: row.needs_sync === 1,
            facilityId: row.facility_id,
            note: row.note ?? undefined,
            status: row.status
          }))
        }
      }
    }
  }
)

const services = db.prepare<[number, number], Service>("SELECT * FROM service WHERE id = ? AND facility_id = ?")
const sameExternal = db.prepare(
  "SELECT 1 FROM reservation WHERE facility_id = ? AND channel_id = 1 AND external_id = ? AND status <> 'CANCELLED'"
)
const openings = db.prepare<
  [number],
  { readonly week_days: number; readonly from_minutes: number; readonly to_minutes: number }
>("SELECT week_days, from_minutes, to_minutes FROM opening WHERE calendar_id = ?")
const samePerson = db.prepare<[number, number], { readonly name: string; readonly email: string }>(
  "SELECT name, email FROM reservation WHERE service_id = ? AND from_ms = ? AND status = 'CONFIRMED'"
)
const blocked = db.prepare(
  "SELECT 1 FROM blocked_time WHERE facility_id = ? AND from_ms < ? AND from_ms >= ? AND to_ms > ?"
)
const overlaps = db.prepare<[number, number, number, number], { readonly n: number }>(
  `SELECT COUNT(*) AS n FROM reservation WHERE calendar_id = ? AND status = 'CONFIRMED'
    AND from_ms < ? AND from_ms >= ? AND to_ms > ?`
)
const insert = db.prepare<Array<number | string | null>, { readonly id: number }>(
  `INSERT INTO reservation (facility_id, calendar_id, service_id, channel_id, external_id, number, name, email, phone,
    note, status, from_ms, to_ms, changed_ms, date_from, date_to, created, needs_sync)
    VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, 'CONFIRMED', ?, ?, ?, ?, ?, ?, 0) RETURNING id`
)

class Refused extends Error {}

const dayMs = 86_400_000
const book = db.transaction((given: NewReservation) => {
  const service = services.get(given.serviceId, given.facilityId)
  if (service === undefined) throw new Refused("no service")
  if (sameExternal.get(given.facilityId, given.externalId) !== undefined) throw new Refused("externalId")
  const fromMs = instantOf(given.dateFrom, service.time_zone)
  const toMs = fromMs + service.duration_minutes * 60_000
  const local = new Date(`${given.dateFrom}Z`)
  const minutes = local.getUTCHours() * 60 + local.getUTCMinutes()
  const weekDay = 1 << ((local.getUTCDay() + 6) % 7)
  const isOpen = openings
    .all(service.calendar_id)
    .some(
      ({ from_minutes, to_minutes, week_days }) =>
        (week_days & weekDay) !== 0 && minutes >= from_minutes && minutes + service.duration_minutes <= to_minutes
    )
  if (!isOpen) throw new Refused("closed")
  const name = `${given.name} ${given.surname}`
  const isSame = (row: { readonly name: string; readonly email: string }) =>
    row.name === name && row.email === given.email
  if (samePerson.all(given.serviceId, fromMs).some(isSame)) throw new Refused("person")
  if (blocked.get(given.facilityId, toMs, fromMs - dayMs, fromMs) !== undefined) throw new Refused("blocked")
  const taken = overlaps.get(service.calendar_id, toMs, fromMs - dayMs, fromMs)?.n ?? 0
  if (taken >= service.capacity) throw new Refused("full")
  const nowMs = Date.now()
  const dateTo = new Date(local.getTime() + service.duration_minutes * 60_000).toISOString().slice(0, 19)
  const created = new Date(nowMs).toISOString().slice(0, 19)
  const number = randomBytes(9).toString("base64url")
  const { email, externalId, facilityId, note = null, phone, serviceId } = given
  return insert.get(
    ...[facilityId, service.calendar_id, serviceId, externalId, number, name, email, phone, note],
    ...[fromMs, toMs, nowMs, given.dateFrom, dateTo, created]
  )?.id
}).immediate

app.post<{ Body: NewReservation }>(
  "/public/api/v1/reservations",
  { schema: { body: newReservation, response: { 200: reservationAnswer } } },
  (request, reply) => {
    try {
      const reservationId = book(request.body)
      return { result: { success: true, data: { reservationId, externalId: request.body.externalId } } }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return reply.code(400).send({ result: { success: false, errors: [error.message] } })
    }
  }
)

const url = await app.listen({ host: "127.0.0.1", port: 0 })
process.stdout.write(`listening on ${url}\n`)
