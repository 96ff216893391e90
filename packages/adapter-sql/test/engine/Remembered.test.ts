/**
 * What the engine remembers, it remembers only as long as the database says the same: whoever changes it, by whatever
 * statement, in this process or another one.
 */
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { Freshness } from "@bookio-kit/core/backend/Freshness"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import * as SqliteClient from "@bookio-kit/sqlite-client/SqliteClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, type Layer, Redacted } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as DatabaseLayer from "../../src/database/Database.ts"
import { Database } from "../../src/database/Database.ts"
import type { Tables } from "../../src/database/Migrations.ts"
import { tables } from "../../src/engine/Tables.ts"
import {
  as,
  book,
  confirm,
  engine,
  equal,
  first,
  list,
  person,
  refusal,
  row,
  second,
  seed,
  sharedFacility,
  slots,
  status,
  temporaryFile,
  update,
  world
} from "../Support.ts"

const token = "x".repeat(43)
const withToken = {
  ...seed(),
  channels: [{ name: "first", facilities: ["shared", "foreign"], tokens: [{ token, access: "write" as const }] }]
}
const authenticate = Effect.flatMap(Authenticator, ({ authenticate }) => authenticate(Redacted.make(token)))

/** A statement of another process on the same file. */
const elsewhere = Effect.fnUntraced(function* (filename: string, statement: string) {
  const sql = yield* SqliteClient.make({ filename })
  yield* sql.unsafe(statement)
}, Effect.scoped)

/** Runs a test with the engine on a file, and what another process does to it. */
const onFile = <E>(
  test: (
    other: (statement: string) => Effect.Effect<void, unknown, Reactivity.Reactivity>
  ) => Effect.Effect<void, E, Needed>
) =>
  Effect.flatMap(temporaryFile, (filename) =>
    Effect.provide(
      test((statement) => elsewhere(filename, statement)),
      engine(filename)
    )
  ).pipe(Effect.provide(Reactivity.layer))

type Needed = Layer.Success<ReturnType<typeof engine>> | Reactivity.Reactivity

const two = Effect.gen(function* () {
  yield* world()
  for (const n of [1, 2]) yield* first(book({ externalId: n, dateFrom: `2026-06-0${n}T09:00:00`, ...person(n) }))
})

describe("a listing", () => {
  it.effect("MUST give known rows out again as the same objects, in whatever page they stand", () =>
    Effect.gen(function* () {
      yield* two
      yield* first(list())
      // They are kept when they are asked for the second time.
      const [one, other] = (yield* first(list())).rows
      yield* first(book({ externalId: 3, dateFrom: "2026-06-03T09:00:00", ...person(3) }))
      const all = (yield* first(list())).rows
      assert.lengthOf(all, 3)
      assert.strictEqual(all[0], one)
      assert.strictEqual((yield* first(list({ offset: 1, limit: 1 }))).rows[0], other)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST show what another process changed, by any statement", () =>
    onFile((other) =>
      Effect.gen(function* () {
        yield* two
        yield* first(list())
        yield* first(list())
        yield* other("UPDATE reservation SET name = 'erased', surname = '' WHERE id = 1")
        equal((yield* first(row(1))).name, "erased ")
        yield* other("UPDATE reservation SET status = 'CANCELLED', cancel_ms = 0 WHERE id = 1")
        equal((yield* first(row(1))).status, "CANCELLED")
        yield* other("UPDATE facility SET time_zone = 'Europe/London' WHERE id = 1")
        equal((yield* first(row(2))).dateFrom, "2026-06-02T08:00:00")
        yield* other("DELETE FROM reservation_channel WHERE reservation_id = 2")
        equal((yield* first(row(2))).externalId, undefined)
        yield* other("DELETE FROM reservation WHERE id = 2")
        equal((yield* first(list())).pagination.total, 1)
      })
    )
  )

  it.effect("MUST keep each channel's view apart", () =>
    Effect.gen(function* () {
      yield* two
      equal((yield* first(row(1))).needsSync, false)
      equal((yield* second(row(1))).needsSync, true)
      yield* second(confirm(1, 77))
      equal((yield* second(row(1))).externalId, 77)
      yield* second(confirm(1, 78))
      equal((yield* second(row(1))).externalId, 78)
      equal((yield* first(row(1))).externalId, 1)
      equal((yield* as(2, "book")(list())).rows, [])
      equal((yield* first(list())).rows.length, 2)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST count every row of the facilities it is of", () =>
    Effect.gen(function* () {
      yield* two
      const total = (facilityId?: typeof sharedFacility) =>
        Effect.map(
          first(list({ limit: 0, ...(facilityId === undefined ? {} : { facilityId }) })),
          (page) => page.pagination.total
        )
      equal(yield* total(), 2)
      yield* first(status(1, "CANCELLED"))
      equal(yield* total(sharedFacility), 2)
      const undone = Effect.andThen(
        first(book({ externalId: 9, dateFrom: "2026-06-05T09:00:00", ...person(9) })),
        Effect.die("undone")
      )
      const database = yield* Database
      assert.isTrue(Exit.isFailure(yield* Effect.exit(database.write(undone))))
      equal(yield* total(sharedFacility), 2)
    }).pipe(Effect.provide(engine()))
  )
})

describe("facilities, tokens and calendars", () => {
  it.effect("facilities MUST be read again once anyone has committed", () =>
    onFile((other) =>
      Effect.gen(function* () {
        yield* world()
        const names = Effect.flatMap(Facilities, ({ list }) => first(list))
        const before = yield* names
        assert.strictEqual(yield* names, before)
        yield* other("UPDATE facility SET name = 'Renamed' WHERE id = 1")
        equal(
          (yield* names).map(({ name }) => name),
          ["Renamed", "Facility foreign"]
        )
      })
    )
  )

  it.effect("a token that another process revokes MUST be refused from the next second", () =>
    onFile((other) =>
      Effect.gen(function* () {
        yield* world(withToken)
        equal((yield* authenticate).access, "write")
        yield* other("UPDATE token SET revoked_ms = 0")
        yield* TestClock.adjust("1 second")
        equal(yield* refusal(authenticate), "20 invalid")
      })
    )
  )

  it.effect("a token that this process revokes MUST be refused at once, though it was known", () =>
    Effect.gen(function* () {
      yield* world(withToken)
      equal((yield* authenticate).access, "write")
      const revoke = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`UPDATE token SET revoked_ms = 0`)
      yield* Effect.flatMap(Database, (database) => database.write(revoke))
      equal(yield* refusal(authenticate), "20 invalid")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("what is told at once MUST be what would be told after waiting, or nothing", () =>
    onFile((other) =>
      Effect.gen(function* () {
        yield* world(withToken)
        const { callerOf, state } = yield* Freshness
        assert.isUndefined(callerOf(token))
        const who = yield* authenticate
        const before = state()
        assert.strictEqual(state(), before)
        equal(callerOf(token), who)
        assert.isUndefined(callerOf(token.toUpperCase()))
        yield* other("UPDATE token SET revoked_ms = 0")
        assert.notStrictEqual(state(), before)
        equal(callerOf(token), who)
        yield* TestClock.adjust("1 second")
        assert.isUndefined(callerOf(token))
        yield* other("UPDATE token SET revoked_ms = NULL")
        equal(yield* authenticate, who)
        equal(callerOf(token), who)
        const last = state()
        yield* two
        assert.isUndefined(callerOf(token))
        assert.notStrictEqual(state(), last)
      })
    )
  )

  it.effect("a booking MUST follow the calendar as it is now, whoever changed it", () =>
    onFile((other) =>
      Effect.gen(function* () {
        yield* two
        yield* other("UPDATE service SET duration_minutes = 30 WHERE id = 1")
        yield* first(book({ externalId: 3, dateFrom: "2026-06-03T09:00:00", ...person(3) }))
        equal((yield* first(row(3))).duration, 30)
        yield* other("DELETE FROM interval_service")
        yield* other("DELETE FROM opening_interval")
        const closed = book({ externalId: 4, dateFrom: "2026-06-04T09:00:00", ...person(4) })
        equal(yield* refusal(first(closed)), "10 dateFrom closed")
        equal(yield* first(slots(1, "2026-06-04", "2026-06-05")), [])
      })
    )
  )

  it.effect("a calendar change that is undone MUST leave nothing of it in later bookings", () =>
    Effect.gen(function* () {
      yield* two
      const database = yield* Database
      const shortened = update(1, { services: [{ id: 1, name: "Visit", duration: 15 }] })
      const undone = Effect.gen(function* () {
        yield* first(shortened)
        yield* first(book({ externalId: 3, dateFrom: "2026-06-03T09:00:00", ...person(3) }))
        equal((yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT 1 FROM reservation`)).length, 3)
        return yield* Effect.die("undone")
      })
      assert.isTrue(Exit.isFailure(yield* Effect.exit(database.write(undone))))
      yield* first(book({ externalId: 3, dateFrom: "2026-06-03T09:00:00", ...person(3) }))
      equal((yield* first(list({ limit: 1, offset: 2 }))).rows[0]?.duration, 60)
    }).pipe(Effect.provide(engine()))
  )
})

/** The tables before a migration. */
const before = (name: string): Tables["migrations"] =>
  Object.fromEntries(Object.entries(tables.migrations).filter(([migration]) => migration < name))

describe.each(["0005_fast", "0006_booking", "0007_tokens"])("a database from before %s", (migration) => {
  it.effect("MUST keep its reservations and their channels' views, and count them and those to come", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const old = Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`INSERT INTO channel VALUES (1, 'first')`
        yield* sql`INSERT INTO facility (seed_key, name, street, city, postcode, postcode_is_number, time_zone, last_change_ms)
          VALUES ('shared', 'Old', '', '', '', 0, 'Europe/Bratislava', 0)`
        yield* sql`INSERT INTO channel_facility VALUES (1, 1)`
        yield* sql`INSERT INTO calendar (facility_id, seed_key, name, note, valid_from_day, valid_to_day)
          VALUES (1, 'doctor', 'Doctor', '', 0, 1)`
        yield* sql`INSERT INTO service (calendar_id, position, name, note, duration_minutes, capacity, referral_letter, hidden)
          VALUES (1, 0, 'Visit', '', 60, 1, 0, 0)`
        yield* sql`INSERT INTO reservation (facility_id, calendar_id, service_id, channel_id, number, name, surname, email,
            email_key, phone, locale, status, from_ms, to_ms, created_ms, changed_ms)
          VALUES (1, 1, 1, 1, 'abc123', 'John', 'Old', 'o@example.com', 'o@example.com', '', 'sk', 'CONFIRMED', 0, 3600000, 0, 5)`
        yield* sql`INSERT INTO reservation_channel VALUES (1, 1, 1, 42, 0, 0)`
      })
      yield* Effect.flatMap(Database, (database) => database.write(old)).pipe(
        Effect.provide(DatabaseLayer.layer({ filename, tables: { ...tables, migrations: before(migration) } }))
      )
      yield* Effect.gen(function* () {
        const page = yield* first(list())
        equal(page.pagination.total, 1)
        equal([page.rows[0]?.name, page.rows[0]?.externalId, page.rows[0]?.needsSync], ["John Old", 42, false])
        equal(yield* refusal(first(book({ externalId: 42, dateFrom: "2026-06-02T09:00:00" }))), "40 externalId 1")
        yield* elsewhere(filename, "UPDATE calendar SET valid_to_day = 40000")
        yield* elsewhere(
          filename,
          `INSERT INTO opening_interval (calendar_id, position, name, week_days, from_minutes, to_minutes)
            VALUES (1, 0, 'Always', 127, 0, 1440)`
        )
        const overlapping = book({ externalId: 43, dateFrom: "1970-01-01T01:30:00", ...person(2) })
        equal(yield* refusal(first(overlapping)), "30 full")
        yield* first(book({ externalId: 43, dateFrom: "2026-06-02T09:00:00", ...person(2) }))
        equal((yield* first(list())).pagination.total, 2)
        yield* elsewhere(filename, "DELETE FROM reservation_channel WHERE reservation_id = 1")
        yield* elsewhere(filename, "DELETE FROM reservation WHERE id = 1")
        equal((yield* first(list())).pagination.total, 1)
      }).pipe(Effect.provide(engine(filename)))
    }).pipe(Effect.provide(Reactivity.layer))
  )
})
