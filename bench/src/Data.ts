/**
 * The databases that suites work on, made once and kept: ten facilities of five calendars each, whose weekdays are fully
 * booked up to two weeks from a fixed day, and one more calendar for what a suite books. The engine makes its own tables
 * and the clinic; the rows of reservations are put in by SQL, for a million bookings one by one would take minutes. A peer's
 * database holds the same rows in the tables that someone would make who needs no more than these.
 */
import { createHash } from "node:crypto"
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import { applySeed, decodeSeed } from "@bookio-kit/adapter-sql/seed/ApplySeed"
import * as Effect from "effect/Effect"
import type { Booking } from "./Bookings.ts"

export const token = "bench-".padEnd(43, "x")

/** The token of another channel, which has confirmed nothing yet: that of a practice that begins to synchronise. */
export const syncToken = "bench-sync-".padEnd(43, "x")

const facilities = 10
const calendars = 5
const slotsPerDay = 16
const dayMs = 86_400_000
const lastMondayMs = Date.UTC(2026, 0, 5)

/** A made database and what is worth asking it. */
export interface Data {
  readonly file: string
  readonly count: number
  /** The facility that reads ask for. */
  readonly facilityId: number
  /** The change instant from which on it has `page` rows, and a few more. */
  readonly lastSyncMs: number
  /** The last Monday with reservations, and the Sunday after it. */
  readonly week: { readonly from: string; readonly to: string }
  /** Services to be booked, one in each facility. */
  readonly bookings: ReadonlyArray<Booking>
  /** A service of a full calendar, for slots. */
  readonly serviceId: number
}

const everyDay = [1, 2, 3, 4, 5, 6, 7]
const validity = { validFrom: "1990-01-01", validTo: "2039-12-31" }

const seedOf = (reach: number) => ({
  facilities: Array.from({ length: facilities }, (_, facility) => ({
    key: `f${facility}`,
    name: `Poliklinika ${facility}`,
    address: {
      street: "Hlavná 1",
      city: "Bratislava",
      postcode: 82104,
      country: { name: "Slovakia", code: "SVK" },
      gps: { latitude: 48.152115, longitude: 17.108769 }
    },
    contact: { phone: "+421999888777", email: "test@bookio.com" },
    timeZone: "Europe/Bratislava",
    calendars: [
      ...Array.from({ length: calendars }, (_, calendar) => ({
        key: `doctor${calendar}`,
        name: `Doctor ${calendar}`,
        ...validity,
        services: [
          { id: 1, name: "Visit", duration: 30 },
          { id: 2, name: "Prescription", duration: 15 }
        ],
        intervals: [{ name: "Weekdays", weekDays: [1, 2, 3, 4, 5], timeFrom: "08:00", timeTo: "16:00" }]
      })),
      {
        key: "round",
        name: "Round the clock",
        ...validity,
        services: [{ id: 1, name: "Check", duration: 5 }],
        intervals: [{ name: "Always", weekDays: everyDay, timeFrom: "00:00", timeTo: "24:00" }]
      }
    ]
  })),
  channels: [
    {
      name: "cgm",
      facilities: Array.from({ length: reach }, (_, facility) => `f${facility}`),
      tokens: [{ token, access: "write" }]
    },
    {
      name: "practice",
      facilities: Array.from({ length: reach }, (_, facility) => `f${facility}`),
      tokens: [{ token: syncToken, access: "write" }]
    }
  ]
})

const makeClinic = (filename: string, reach: number) =>
  Effect.runPromise(
    Effect.scoped(
      decodeSeed(seedOf(reach)).pipe(
        Effect.flatMap(applySeed),
        Effect.provide(Database.layer({ filename })),
        Effect.orDie
      )
    )
  )

const names = ["Jana", "Peter", "Mária", "Ľubomír", "Zuzana", "Štefan", "Eva", "Ján", "Katarína", "Tomáš", "Žofia"]
const surnames = ["Nováková", "Horváth", "Kováčová", "Varga", "Tóthová", "Nagy", "Balážová", "Szabó", "Molnárová"]

// Indexes are made again after the rows: in one go they cost a fraction.
const withoutIndexes = (db: DatabaseSync, tables: ReadonlyArray<string>, work: () => void) => {
  const marks = tables.map(() => "?").join(", ")
  const indexes = db
    .prepare(`SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN (${marks})`)
    .all(...tables)
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`)
  work()
  for (const { sql } of indexes) db.exec(String(sql))
}

// Row i is of facility i mod 10, of calendar k mod 5 with k = i / 10; each calendar's slots follow one another.
const rows = (count: number) => `
  WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < ${count}),
  places AS (
    SELECT i, i % ${facilities} AS f, i / ${facilities} % ${calendars} AS c, i / ${facilities * calendars} AS slot
    FROM numbers
  ),
  terms AS (
    SELECT i, f, c,
      ${lastMondayMs + 14 * dayMs} - (${Math.ceil(count / (facilities * calendars * slotsPerDay * 5))}
        - slot / ${slotsPerDay * 5}) * ${7 * dayMs}
      + slot / ${slotsPerDay} % 5 * ${dayMs} + 7 * 3600000 + slot % ${slotsPerDay} * 1800000 AS from_ms
    FROM places
  )
  SELECT i, s.facility_id, s.calendar_id, s.service_id,
    printf('%06x', i) AS number,
    (SELECT value FROM names WHERE id = i * 7 % ${names.length}) AS name,
    (SELECT value FROM surnames WHERE id = i % ${surnames.length}) AS surname,
    'person' || (i % 300007) || '@example.com' AS email,
    '+4219' || (10000000 + i % 90000000) AS phone,
    CASE WHEN i % 12 = 0 THEN 'CANCELLED' WHEN i % 50 = 1 THEN 'DID_NOT_COME' ELSE 'CONFIRMED' END AS status,
    from_ms, from_ms + 1800000 AS to_ms, from_ms - ${14 * dayMs} AS changed_ms
  FROM terms JOIN clinic s ON s.f = terms.f AND s.c = terms.c`

const fill = (file: string, count: number) => {
  const db = new DatabaseSync(file)
  db.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA temp_store = MEMORY")
  db.exec("CREATE TEMP TABLE names (id INTEGER PRIMARY KEY, value TEXT)")
  db.exec("CREATE TEMP TABLE surnames (id INTEGER PRIMARY KEY, value TEXT)")
  for (const [id, value] of names.entries()) db.prepare("INSERT INTO names VALUES (?, ?)").run(id, value)
  for (const [id, value] of surnames.entries()) db.prepare("INSERT INTO surnames VALUES (?, ?)").run(id, value)
  db.exec(`CREATE TEMP TABLE clinic AS
    SELECT CAST(substr(f.seed_key, 2) AS INTEGER) AS f, CAST(substr(c.seed_key, 7) AS INTEGER) AS c,
      f.id AS facility_id, c.id AS calendar_id, MIN(s.id) AS service_id
    FROM facility f JOIN calendar c ON c.facility_id = f.id JOIN service s ON s.calendar_id = c.id
    WHERE c.seed_key <> 'round' GROUP BY c.id`)
  db.exec("CREATE INDEX temp.clinic_place ON clinic (f, c)")
  withoutIndexes(db, ["reservation", "reservation_channel"], () => {
    db.exec("BEGIN")
    db.exec(`INSERT INTO reservation (id, facility_id, calendar_id, service_id, channel_id, number, name, surname, email,
        email_key, phone, locale, note, status, from_ms, to_ms, created_ms, cancel_ms, cancellation_reason, changed_ms)
      SELECT i + 1, facility_id, calendar_id, service_id, 1, number, name, surname, email, email, phone, 'sk',
        CASE WHEN i % 4 = 0 THEN 'Prosím o potvrdenie telefonicky.' END, status, from_ms, to_ms, changed_ms,
        CASE WHEN status = 'CANCELLED' THEN changed_ms END,
        CASE WHEN status = 'CANCELLED' THEN 'Cant make it.' END, changed_ms
      FROM (${rows(count)})`)
    db.exec(`INSERT INTO reservation_channel (reservation_id, channel_id, facility_id, external_id, needs_sync, cancelled)
      SELECT id, channel_id, facility_id, id, id % 20 = 0, status = 'CANCELLED' FROM reservation`)
    db.exec(`UPDATE facility SET last_change_ms =
      (SELECT COALESCE(MAX(changed_ms), 0) FROM reservation r WHERE r.facility_id = facility.id)`)
    db.exec("COMMIT")
  })
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)")
  db.close()
}

// A peer's tables: what its two requests need, times also as the texts that it answers with.
const peerTables = `
  CREATE TABLE token (sha256 BLOB PRIMARY KEY, channel_id INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE service (id INTEGER PRIMARY KEY, facility_id INTEGER NOT NULL, calendar_id INTEGER NOT NULL,
    duration_minutes INTEGER NOT NULL, capacity INTEGER NOT NULL, time_zone TEXT NOT NULL);
  CREATE TABLE opening (calendar_id INTEGER NOT NULL, week_days INTEGER NOT NULL, from_minutes INTEGER NOT NULL,
    to_minutes INTEGER NOT NULL);
  CREATE INDEX opening_calendar ON opening (calendar_id);
  CREATE TABLE blocked_time (id INTEGER PRIMARY KEY, facility_id INTEGER NOT NULL, from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL);
  CREATE INDEX blocked_time_from ON blocked_time (facility_id, from_ms);
  CREATE TABLE reservation (id INTEGER PRIMARY KEY, facility_id INTEGER NOT NULL, calendar_id INTEGER NOT NULL,
    service_id INTEGER NOT NULL, channel_id INTEGER NOT NULL, external_id INTEGER NOT NULL, number TEXT NOT NULL,
    name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL, note TEXT, status TEXT NOT NULL,
    from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, date_from TEXT NOT NULL,
    date_to TEXT NOT NULL, created TEXT NOT NULL, cancel_time TEXT, cancellation_reason TEXT, needs_sync INTEGER NOT NULL);`

const peerIndexes = `
  CREATE UNIQUE INDEX reservation_number ON reservation (number);
  CREATE UNIQUE INDEX reservation_external ON reservation (facility_id, channel_id, external_id)
    WHERE status <> 'CANCELLED';
  CREATE INDEX reservation_changed ON reservation (facility_id, changed_ms, id);
  CREATE INDEX reservation_from ON reservation (facility_id, from_ms);
  CREATE INDEX reservation_occupies ON reservation (calendar_id, from_ms, to_ms) WHERE status = 'CONFIRMED';
  CREATE INDEX reservation_same_start ON reservation (service_id, from_ms) WHERE status = 'CONFIRMED';`

const text = (column: string) => `strftime('%Y-%m-%dT%H:%M:%S', ${column} / 1000, 'unixepoch')`

const fillPeer = (file: string, source: string) => {
  const db = new DatabaseSync(file)
  db.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA temp_store = MEMORY"
  )
  db.exec(peerTables)
  db.exec(`ATTACH '${source.replaceAll("'", "''")}' AS kit`)
  db.exec(`BEGIN;
    INSERT INTO token SELECT sha256, channel_id FROM kit.token;
    INSERT INTO service SELECT s.id, c.facility_id, c.id, s.duration_minutes, s.capacity, f.time_zone
      FROM kit.service s JOIN kit.calendar c ON c.id = s.calendar_id JOIN kit.facility f ON f.id = c.facility_id;
    INSERT INTO opening SELECT calendar_id, week_days, from_minutes, to_minutes FROM kit.opening_interval;
    INSERT INTO reservation SELECT r.id, r.facility_id, r.calendar_id, r.service_id, r.channel_id, x.external_id, r.number,
        r.name || ' ' || r.surname, r.email, r.phone, r.note, r.status, r.from_ms, r.to_ms, r.changed_ms,
        ${text("r.from_ms")}, ${text("r.to_ms")}, ${text("r.created_ms")}, ${text("r.cancel_ms")},
        r.cancellation_reason, x.needs_sync
      FROM kit.reservation r JOIN kit.reservation_channel x ON x.reservation_id = r.id;
    COMMIT;`)
  db.exec(peerIndexes)
  db.exec("DETACH kit; PRAGMA wal_checkpoint(TRUNCATE)")
  db.close()
}

// A change of the tables or of this module makes new databases.
const version = () => {
  const hash = createHash("sha256")
  const tables = fileURLToPath(new URL("../../packages/adapter-sql/src/engine", import.meta.url))
  for (const name of readdirSync(tables)
    .filter((file) => file.endsWith("Tables.ts"))
    .sort()) {
    hash.update(readFileSync(join(tables, name)))
  }
  return hash
    .update(readFileSync(fileURLToPath(import.meta.url)))
    .digest("hex")
    .slice(0, 12)
}

const describe = (file: string, count: number): Data => {
  const db = new DatabaseSync(file, { readOnly: true })
  const one = (sql: string, ...given: ReadonlyArray<number>) => db.prepare(sql).get(...given) as { readonly n: number }
  const facilityId = one("SELECT MIN(id) AS n FROM facility").n
  const lastSyncMs = one(
    "SELECT changed_ms AS n FROM reservation WHERE facility_id = ? ORDER BY changed_ms DESC LIMIT 1 OFFSET 119",
    facilityId
  )?.n
  const bookings = db
    .prepare(`SELECT c.facility_id AS facilityId, s.id AS serviceId FROM service s JOIN calendar c ON c.id = s.calendar_id
      WHERE c.seed_key = 'round' ORDER BY s.id`)
    .all() as unknown as ReadonlyArray<Booking>
  const serviceId = one("SELECT MIN(id) AS n FROM service").n
  db.close()
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  return {
    file,
    count,
    facilityId,
    lastSyncMs: lastSyncMs ?? 0,
    week: { from: day(lastMondayMs + 7 * dayMs), to: day(lastMondayMs + 13 * dayMs) },
    // SQLite gives objects without a prototype, which a message to a worker does not mind but a reader would.
    bookings: bookings.map(({ facilityId, serviceId }) => ({ facilityId, serviceId })),
    serviceId
  }
}

/** The engine's database of so many reservations; its token reaches so many facilities. Not to be written to: take a copy. */
export const engineData = async (cache: string, count: number, reach = facilities): Promise<Data> => {
  mkdirSync(cache, { recursive: true })
  const wanted = version()
  const file = join(cache, `engine-${count}-${reach}-${wanted}.db`)
  for (const name of readdirSync(cache)) {
    if (name.includes(".db") && !name.includes(`-${wanted}.db`))
      rmSync(join(cache, name), { recursive: true, force: true })
  }
  if (!existsSync(file)) {
    const making = `${file}.${process.pid}`
    await makeClinic(making, reach)
    fill(making, count)
    renameSync(making, file)
  }
  return describe(file, count)
}

/** The peer's database of the same rows. It must not be written to: take a copy. */
export const peerData = (data: Data): string => {
  const file = data.file.replace("engine-", "peer-")
  if (!existsSync(file)) {
    const making = `${file}.${process.pid}`
    fillPeer(making, data.file)
    renameSync(making, file)
  }
  return file
}

// On the disk of the cache, for a folder of the system may lie in memory.
const workFolder = (cache: string): string => join(cache, `work-${process.pid}`)

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Removes the copies of this run, and those of runs that were interrupted. */
export const removeCopies = (cache: string): void => {
  mkdirSync(cache, { recursive: true })
  for (const name of readdirSync(cache)) {
    const pid = Number(/^work-(\d+)$/.exec(name)?.[1])
    if (pid === process.pid || (pid > 0 && !isRunning(pid))) rmSync(join(cache, name), { recursive: true, force: true })
  }
}

/** A copy that may be written to; it ends with the run. */
export const copyOf = (cache: string, file: string, name: string): string => {
  mkdirSync(workFolder(cache), { recursive: true })
  const copy = join(workFolder(cache), name)
  for (const end of ["", "-wal", "-shm"]) rmSync(`${copy}${end}`, { force: true })
  copyFileSync(file, copy)
  return copy
}
