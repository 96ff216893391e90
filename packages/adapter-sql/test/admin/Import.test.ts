import { Caller } from "@bookio-kit/core/access/Caller"
import { Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as Export from "../../src/admin/Export.ts"
import * as Import from "../../src/admin/Import.ts"
import * as ImportChecks from "../../src/admin/ImportChecks.ts"
import { blockedTimeOf, type ImportRecord, reservationOf } from "../../src/admin/ImportRecords.ts"
import { type BlockedTimeLine, Line, type RecordLine, type ReservationLine } from "../../src/admin/Records.ts"
import { Database } from "../../src/database/Database.ts"
import {
  as,
  block,
  blocks,
  book,
  calendars,
  confirm,
  createCalendar,
  doctor,
  doctorCalendar,
  engine,
  equal,
  first,
  group,
  list,
  move,
  person,
  roomCalendar,
  second,
  sharedFacility,
  status,
  unblock,
  update,
  world
} from "../Support.ts"

/** A database of its own in memory. */
const fresh = Effect.map(
  Layer.build(Layer.fresh(engine())),
  (context) =>
    <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.provideContext(effect, context)
)

/** Two channels' doings in the shared facility: moves, a cancellation, the second pass of an hour, removed things. */
const doings = Effect.gen(function* () {
  yield* world()
  yield* first(book({ dateFrom: "2026-06-02T08:00", externalId: 1, note: "note" }))
  yield* TestClock.adjust("1234 millis")
  yield* second(book({ dateFrom: "2026-06-02T09:00", externalId: 1, ...person(2), name: "Mary Ann" }))
  yield* first(confirm(2, 77))
  yield* first(move(1, { dateFrom: "2026-06-04T10:00", dateTo: "2026-06-04T11:30" }))
  yield* TestClock.adjust("1 second")
  yield* first(status(1, "CANCELLED", "because"))
  yield* first(book({ dateFrom: "2026-06-05T08:00", externalId: 3, ...person(3), serviceId: group }))
  yield* first(status(3, "DID_NOT_COME"))
  yield* first(
    block({ dateFrom: "2026-10-25T02:30", dateFromOffset: "+01:00", dateTo: "2026-10-25T04:00", externalId: 5 })
  )
  yield* second(block({ dateFrom: "2026-07-01", dateTo: "2026-07-01", externalId: 6, note: "holiday" }))
  yield* second(unblock(2))
  yield* first(
    update(doctor, {
      services: doctorCalendar.services.filter(({ id }) => id !== 3),
      intervals: doctorCalendar.intervals
    })
  )
})

const lines = Effect.gen(function* () {
  const head = yield* Export.head(sharedFacility)
  const reservations: Array<ReservationLine> = []
  const blockedTimes: Array<BlockedTimeLine> = []
  for (let at = Export.beginning; ; ) {
    const page = yield* Export.reservations(head.facility, at, 2)
    reservations.push(...page.lines)
    if (page.lines.length < 2) break
    at = page.last
  }
  for (let at = Export.beginning; ; ) {
    const page = yield* Export.blockedTimes(head.facility, at, 1)
    blockedTimes.push(...page.lines)
    if (page.lines.length < 1) break
    at = page.last
  }
  return { head, reservations, blockedTimes }
})

type Lines = Effect.Success<typeof lines>

const records = ({ blockedTimes, head, reservations }: Lines): ReadonlyArray<ImportRecord> => {
  const assumed = {
    timeZone: head.facility.timeZone,
    calendars: head.calendars,
    channel: "first",
    locale: "sk"
  }
  return [
    ...reservations.map((line) => Result.getOrThrow(reservationOf(line, assumed))),
    ...blockedTimes.map((line) => Result.getOrThrow(blockedTimeOf(line, assumed)))
  ]
}

const headOf = ({ head }: Lines) => ({
  facility: head.facility,
  calendars: head.calendars,
  channels: head.facility.exact?.channels ?? ["first"]
})

const bring = Effect.fnUntraced(function* (exported: Lines) {
  const head = headOf(exported)
  equal(yield* ImportChecks.headProblems(head), [])
  const batch = records(exported)
  const { counts, problems } = yield* ImportChecks.makeChecker()(batch)
  equal(problems, [])
  yield* Import.begin(head)
  const stored = yield* Import.store(sharedFacility, batch)
  equal(stored, counts)
  yield* Import.finish(head)
  return stored
})

const view = (channel: 1 | 2) =>
  as(channel)(
    Effect.all([
      list({ facilityId: sharedFacility }),
      blocks({ facilityId: sharedFacility }),
      calendars({ facilityId: sharedFacility })
    ])
  )

const views = Effect.all([view(1), view(2)])

describe("Export and Import", () => {
  it.effect("MUST bring a facility into another database exactly: its records, and every channel's view of them", () =>
    Effect.gen(function* () {
      const source = yield* fresh
      const target = yield* fresh
      yield* source(doings)
      const exported = yield* source(lines)
      equal(yield* target(bring(exported)), { made: 5, known: 0 })
      equal(yield* target(lines), exported)
      equal(yield* target(views), yield* source(views))
      // An id, a number or an externalId is never given out again.
      const next = yield* target(first(book({ dateFrom: "2026-06-02T14:00", externalId: 9, ...person(5) })))
      equal(next.reservationId, 4)
    })
  )

  it.effect("MUST make lines that the schema of a line reads again as they were", () =>
    Effect.gen(function* () {
      const source = yield* fresh
      yield* source(doings)
      const { blockedTimes, head, reservations } = yield* source(lines)
      const all: ReadonlyArray<RecordLine> = [head.facility, ...head.calendars, ...reservations, ...blockedTimes]
      for (const line of all) {
        const text = JSON.stringify(Schema.encodeSync(Line)(line))
        equal(Schema.decodeUnknownSync(Line)(JSON.parse(text)), line)
      }
    })
  )

  it.effect("MUST make nothing twice when it is repeated, also after it was cut off, and show nobody half of it", () =>
    Effect.gen(function* () {
      const source = yield* fresh
      const target = yield* fresh
      yield* source(doings)
      const exported = yield* source(lines)
      const channel = { channelId: ChannelId.make(1), access: "admin", language: "en" } as const
      const seen = target(
        Effect.provideService(
          Effect.flatMap(Facilities, ({ list }) => list),
          Caller,
          channel
        )
      )
      yield* target(Import.begin(headOf(exported)))
      yield* target(Import.store(sharedFacility, records(exported).slice(0, 2)))
      equal(yield* seen, [])
      equal(yield* target(bring(exported)), { made: 3, known: 2 })
      equal((yield* seen).length, 1)
      equal(yield* target(bring(exported)), { made: 0, known: 5 })
      equal(yield* target(lines), exported)
    })
  )

  it.effect("MUST leave what is there as it is, and count what is new as changed now where channels look already", () =>
    Effect.gen(function* () {
      const source = yield* fresh
      yield* source(doings)
      const exported = yield* source(lines)
      const target = yield* fresh
      yield* target(bring(exported))
      yield* source(first(book({ dateFrom: "2026-06-08T09:00", externalId: 20, ...person(7) })))
      const { key: _, services, intervals, ...calendar } = roomCalendar
      yield* source(first(createCalendar({ facilityId: sharedFacility, ...calendar, services, intervals })))
      yield* target(second(status(2, "CANCELLED")))
      yield* TestClock.adjust("1 hour")
      const nowMs = yield* TestClock.testClockWith((clock) => Effect.succeed(clock.currentTimeMillisUnsafe()))
      equal(yield* target(bring(yield* source(lines))), { made: 1, known: 5 })
      const changed = yield* target(second(list({ lastSync: nowMs })))
      equal(
        changed.rows.map(({ externalId, id, needsSync }) => ({ externalId, id, needsSync })),
        [{ externalId: undefined, id: 4, needsSync: true }]
      )
      const events = yield* target(second(Effect.flatMap(Events, ({ list }) => list({ facilityId: sharedFacility }))))
      equal(
        events.events.map(({ at, kind }) => `${at} ${kind}`),
        [
          "2026-06-01T06:00:02.234Z reservation.changed",
          `${new Date(nowMs).toISOString()} calendar.created`,
          `${new Date(nowMs).toISOString()} reservation.created`
        ]
      )
      equal((yield* target(second(list({ status: "CANCELLED" })))).rows.map(({ id }) => id).sort(), [1, 2])
    })
  )

  it.effect("MUST tell what contradicts the database, or itself, before anything is written", () =>
    Effect.gen(function* () {
      const source = yield* fresh
      yield* source(doings)
      const exported = yield* source(lines)
      const target = yield* fresh
      yield* target(world())
      yield* target(
        Effect.flatMap(Database, ({ write }) =>
          write(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`UPDATE facility SET name = 'Another' WHERE id = 1`))
        )
      )
      equal(yield* target(ImportChecks.headProblems(headOf(exported))), [
        'facility 1 of this database is another: "Another" in Europe/Bratislava; import into a database of its own'
      ])
      yield* target(first(book({ dateFrom: "2026-06-02T08:00", externalId: 77, ...person(9) })))
      const [one, two, three, ...others] = records(exported) as [ImportRecord, ImportRecord, ImportRecord]
      const batch = [one, two, { ...three, id: 9 } as ImportRecord, { ...three, id: 10 } as ImportRecord, ...others]
      const { counts, problems } = yield* target(ImportChecks.makeChecker()(batch))
      equal(counts, { made: 3, known: 0 })
      equal(
        problems.map(({ problem, record }) => `${record.kind} ${record.id}: ${problem}`).sort(),
        [
          "reservation 1: reservation 1 of this database is another, in facility 1",
          "reservation 10: another line has its number",
          'reservation 2: its externalId of channel "first" belongs to reservation 1'
        ].sort()
      )
      assert.strictEqual((yield* target(first(list()))).rows.length, 1)
    })
  )

  it.effect("MUST take lines of the API as that channel's view", () =>
    Effect.gen(function* () {
      const source = yield* fresh
      const target = yield* fresh
      yield* source(doings)
      const exported = yield* source(lines)
      const [reservations, blockedTimes, listed] = yield* source(view(1))
      const seen: Lines = {
        head: {
          ...exported.head,
          facility: (({ exact: _, ...facility }) => facility)(exported.head.facility),
          calendars: listed.map((calendar) => ({ kind: "calendar", ...calendar }))
        },
        reservations: reservations.rows.map((row) => ({ kind: "reservation", ...row })),
        blockedTimes: blockedTimes.rows.map((row) => ({ kind: "blockedTime", facilityId: sharedFacility, ...row }))
      }
      yield* target(bring(seen))
      const got = yield* target(view(1))
      const byId = <A extends { readonly id: number }>(rows: ReadonlyArray<A>) => [...rows].sort((a, b) => a.id - b.id)
      equal(byId(got[0].rows), byId(reservations.rows))
      equal(byId(got[1].rows), byId(blockedTimes.rows))
      equal(got[2], listed)
    })
  )
})
