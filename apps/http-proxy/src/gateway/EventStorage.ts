/**
 * A gateway's change feed, in its database: events by dense ids that are never used twice, in the order of commits, for SQLite
 * has one writer; and what records looked like, as HMACs under a secret that is drawn with the database. The newest event
 * stays however old it is: so the oldest one tells what was removed before it.
 */
import { createHmac } from "node:crypto"
import { Database } from "@bookio-kit/adapter-sql/database/Database"
import type { Event, EventKind } from "@bookio-kit/core/event/Event"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import {
  EventStore,
  eventOf,
  kindOf,
  recordIdOf,
  type Seen,
  type Source,
  type Stretch,
  type WatchedKind
} from "@bookio-kit/gateway/EventStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { UpstreamServer, unusable } from "./GatewayDatabase.ts"

const watchedKinds: { readonly [K in WatchedKind]: number } = { calendar: 1, reservation: 3, blockedTime: 4 }

// How many ids one step of a search looks at, for most of them can be other facilities'.
const scanned = 10_000
const pruneLimit = 1000

interface EventRow {
  readonly id: number
  readonly facility_id: FacilityId
  readonly at_ms: number
  readonly kind: EventKind | "gap"
  readonly record_id: number
}

interface SourceRow {
  readonly facility_id: FacilityId
  readonly followed_last: number | null
  readonly content_version: number | null
  readonly whole_ms: number | null
  readonly reservations_ms: number | null
  readonly blocked_times_ms: number | null
}

const toSource = (row: SourceRow): Source | undefined => {
  const { blocked_times_ms, content_version, followed_last, reservations_ms, whole_ms } = row
  if (followed_last !== null) return { _tag: "Followed", last: followed_last }
  if (content_version === null || whole_ms === null || reservations_ms === null || blocked_times_ms === null) return
  return {
    _tag: "Polled",
    contentVersion: content_version,
    wholeMs: whole_ms,
    reservationsMs: reservations_ms,
    blockedTimesMs: blocked_times_ms
  }
}

const isSame = (a: Uint8Array | undefined, b: Uint8Array) => a !== undefined && Buffer.compare(a, b) === 0

const makeStatements = (serverId: number, secret: Uint8Array) => {
  // Half of an HMAC-SHA-256 is enough to tell what a record looked like from whatever else it may.
  const digestOf = ({ content }: Seen) => createHmac("sha256", secret).update(content).digest().subarray(0, 16)

  const add = Effect.fnUntraced(function* (
    kind: EventKind | "gap",
    facilityId: FacilityId,
    recordId: number,
    atMs: number
  ) {
    const sql = yield* SqlClient.SqlClient
    const row = { server_id: serverId, facility_id: facilityId, at_ms: atMs, kind, record_id: recordId }
    yield* sql`INSERT INTO event ${sql.insert(row)}`
  })

  const source = Effect.fnUntraced(function* (facilityId: FacilityId) {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<SourceRow>`SELECT facility_id, followed_last, content_version, whole_ms, reservations_ms,
      blocked_times_ms FROM event_source WHERE server_id = ${serverId} AND facility_id = ${facilityId}`
    return row === undefined ? undefined : toSource(row)
  })

  const setSource = Effect.fnUntraced(function* (facilityId: FacilityId, given: Source, gapAtMs: number | undefined) {
    const sql = yield* SqlClient.SqlClient
    const polled = given._tag === "Polled" ? given : undefined
    const row = {
      server_id: serverId,
      facility_id: facilityId,
      followed_last: given._tag === "Followed" ? given.last : null,
      content_version: polled?.contentVersion ?? null,
      whole_ms: polled?.wholeMs ?? null,
      reservations_ms: polled?.reservationsMs ?? null,
      blocked_times_ms: polled?.blockedTimesMs ?? null
    }
    yield* sql`INSERT OR REPLACE INTO event_source ${sql.insert(row)}`
    if (gapAtMs !== undefined) yield* add("gap", facilityId, 0, gapAtMs)
  })

  /** What of these records is new, or looks other than before. */
  const differing = Effect.fnUntraced(function* (kind: WatchedKind, seen: ReadonlyArray<Seen>) {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly id: number; readonly digest: Uint8Array }>`SELECT id, digest FROM watched
      WHERE server_id = ${serverId} AND kind = ${watchedKinds[kind]} AND ${sql.in(
        "id",
        seen.map(({ id }) => id)
      )}`
    const known = new Map(rows.map(({ digest, id }) => [id, digest]))
    return seen.flatMap((record) => {
      const digest = digestOf(record)
      return isSame(known.get(record.id), digest) ? [] : [{ record, digest, isNew: !known.has(record.id) }]
    })
  })

  const see = Effect.fnUntraced(function* (
    kind: WatchedKind,
    facilityId: FacilityId,
    seen: ReadonlyArray<Seen>,
    { isQuiet, nowMs }: { readonly nowMs: number; readonly isQuiet: boolean }
  ) {
    const sql = yield* SqlClient.SqlClient
    const kinds: Array<EventKind> = []
    for (const { digest, isNew, record } of yield* differing(kind, seen)) {
      const row = {
        server_id: serverId,
        kind: watchedKinds[kind],
        id: record.id,
        facility_id: facilityId,
        digest,
        until: record.until ?? null
      }
      yield* sql`INSERT OR REPLACE INTO watched ${sql.insert(row)}`
      if (isQuiet) continue
      const event = kindOf(kind, isNew)
      yield* add(event, facilityId, record.id, nowMs)
      kinds.push(event)
    }
    return kinds
  })

  const blockedTimes = Effect.fnUntraced(function* (facilityId: FacilityId, until: string | undefined) {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly id: number }>`SELECT id FROM watched
      WHERE server_id = ${serverId} AND facility_id = ${facilityId} AND until >= ${until ?? ""}`
    return rows.map(({ id }) => id)
  })

  const remove = Effect.fnUntraced(function* (facilityId: FacilityId, ids: ReadonlyArray<number>, nowMs: number) {
    const sql = yield* SqlClient.SqlClient
    for (const id of ids) {
      const gone = yield* sql`DELETE FROM watched
        WHERE server_id = ${serverId} AND kind = ${watchedKinds.blockedTime} AND id = ${id} RETURNING id`
      if (gone.length > 0) yield* add("blockedTime.removed", facilityId, id, nowMs)
    }
  })

  const take = Effect.fnUntraced(function* ({ events, facilities, hasGap, last }: Stretch, nowMs: number) {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<SourceRow>`SELECT facility_id, followed_last FROM event_source
        WHERE server_id = ${serverId} AND followed_last IS NOT NULL AND ${sql.in("facility_id", facilities)}`
    const lasts = new Map<FacilityId, number>()
    for (const { facility_id, followed_last } of rows) {
      lasts.set(facility_id, hasGap ? 0 : (followed_last ?? 0))
      if (hasGap) yield* add("gap", facility_id, 0, nowMs)
      if (!hasGap && (followed_last ?? 0) >= last) continue
      yield* sql`UPDATE event_source SET followed_last = ${last}
          WHERE server_id = ${serverId} AND facility_id = ${facility_id}`
    }
    const kinds: Array<EventKind> = []
    for (const event of events) {
      if (event.id <= (lasts.get(event.facilityId) ?? Number.POSITIVE_INFINITY)) continue
      yield* add(event.kind, event.facilityId, recordIdOf(event), Date.parse(event.at))
      kinds.push(event.kind)
    }
    return kinds
  })

  // One subquery each: SQLite finds a minimum by its index only where it is asked for nothing else.
  const ends = Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{ readonly first: number | null; readonly last: number | null }>`
      SELECT (SELECT MIN(id) FROM event) AS first, (SELECT MAX(id) FROM event) AS last`
    return { floor: (row?.first ?? 1) - 1, newest: row?.last ?? 0 }
  })

  const find = Effect.fnUntraced(function* (facilities: ReadonlySet<FacilityId>, after: number, limit: number) {
    const sql = yield* SqlClient.SqlClient
    const { floor, newest } = yield* ends
    const start = Math.min(Math.max(after, floor), newest)
    const events: Array<Event> = []
    let hasGap = after !== 0 && after !== start
    let last = start
    while (last < newest && events.length === 0) {
      const end = Math.min(last + scanned, newest)
      const rows =
        facilities.size === 0
          ? []
          : yield* sql<EventRow>`SELECT id, facility_id, at_ms, kind, record_id FROM event
              WHERE id > ${last} AND id <= ${end} AND server_id = ${serverId}
                AND ${sql.in("facility_id", [...facilities])} ORDER BY id LIMIT ${limit}`
      last = (rows.length === limit ? rows.at(-1)?.id : undefined) ?? end
      for (const { at_ms, facility_id, id, kind, record_id } of rows) {
        if (kind !== "gap") events.push(eventOf(id, facility_id, at_ms, kind, record_id))
        else if (events.length === 0) hasGap = true
        else {
          last = id - 1
          break
        }
      }
    }
    return { events, last, hasGap }
  })

  const prune = Effect.fnUntraced(function* (beforeMs: number) {
    const sql = yield* SqlClient.SqlClient
    const oldest = sql`(SELECT id, at_ms FROM event ORDER BY id LIMIT ${pruneLimit + 1}) AS oldest`
    yield* sql`DELETE FROM event WHERE id < (SELECT MIN(id) FROM (
      SELECT MIN(id) AS id FROM ${oldest} WHERE at_ms >= ${beforeMs}
      UNION ALL SELECT MAX(id) AS id FROM ${oldest}) AS kept)`
  })

  return { blockedTimes, differing, ends, find, prune, remove, see, setSource, source, take }
}

/** The store of the upstream server's feed. @errors `SettingsError` for a database that fails. */
export const layer = Layer.effect(EventStore)(
  Effect.gen(function* () {
    const { read, write } = yield* Database
    const { id: serverId } = yield* UpstreamServer
    const [secret] = yield* read(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql<{ readonly value: Uint8Array }>`SELECT value FROM secret WHERE name = 'events'`
      )
    ).pipe(Effect.mapError(unusable))
    if (secret === undefined) return yield* Effect.die(new Error("the database has lost its secret"))
    const run = makeStatements(serverId, secret.value)
    return EventStore.of({
      source: (facilityId) => read(run.source(facilityId)),
      setSource: (facilityId, source, gapAtMs) => write(run.setSource(facilityId, source, gapAtMs)),
      see: Effect.fnUntraced(function* (kind, facilityId, seen, at) {
        // Most looks find nothing new, and then nothing is written.
        if (seen.length === 0 || (yield* read(run.differing(kind, seen))).length === 0) return []
        return yield* write(run.see(kind, facilityId, seen, at))
      }),
      blockedTimes: (facilityId, until) => read(run.blockedTimes(facilityId, until)),
      remove: (facilityId, ids, nowMs) => write(run.remove(facilityId, ids, nowMs)),
      take: (stretch, nowMs) => write(run.take(stretch, nowMs)),
      find: (facilities, after, limit) => read(run.find(facilities, after, limit)),
      newest: Effect.map(read(run.ends), ({ newest }) => newest),
      prune: (beforeMs) => write(run.prune(beforeMs))
    })
  })
)
