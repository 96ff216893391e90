import { AuditEntries } from "@bookio-kit/core/audit/AuditEntries"
import { PermissionDenied } from "@bookio-kit/core/error/Refusal"
import { CalendarId, FacilityId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { AuditRetentionDays } from "../../src/engine/AuditEntries.ts"
import {
  book,
  day,
  engine,
  equal,
  foreignFacility,
  london,
  sharedFacility,
  status,
  unblock,
  utc,
  world
} from "../Support.ts"
import { by, write } from "./Answering.ts"

const first = by(1, 1, "admin")
const second = by(2, 9, "admin")
const nine = "2026-06-02T09:00:00"
const dayMs = 86_400_000

const audit = (query: Parameters<AuditEntries["Service"]["list"]>[0] = {}) =>
  Effect.flatMap(AuditEntries, (entries) => entries.list(query))

const rows = (query: Parameters<AuditEntries["Service"]["list"]>[0] = {}) =>
  Effect.map(audit(query), ({ rows }) => rows)

describe("a line of the audit log", () => {
  it.effect("MUST tell who did what to which records, when, and how it ended", () =>
    Effect.gen(function* () {
      yield* world()
      const ids = { facilityId: sharedFacility, serviceId: ServiceId.make(1) }
      yield* first(write({ requestId: "one", ids }, book({ externalId: 5, dateFrom: nine })))
      yield* TestClock.adjust(1500)
      yield* by(1, null)(write({ requestId: "two", ids }, book({ externalId: 5, dateFrom: nine })))
      const reservationId = ReservationId.make(1)
      yield* first(
        write(
          { operation: "changeReservationStatus", requestId: "three", ids: { reservationId } },
          status(1, "CANCELLED")
        )
      )
      equal(yield* first(rows()), [
        {
          id: 1,
          at: "2026-06-01T06:00:00.000Z",
          channelId: 1,
          tokenId: 1,
          operation: "createReservation",
          facilityId: 1,
          serviceId: 1,
          reservationId: 1,
          status: 200,
          requestId: "one"
        },
        {
          id: 2,
          at: "2026-06-01T06:00:01.500Z",
          channelId: 1,
          operation: "createReservation",
          facilityId: 1,
          serviceId: 1,
          status: 400,
          errorCode: 40,
          requestId: "two"
        },
        {
          id: 3,
          at: "2026-06-01T06:00:01.500Z",
          channelId: 1,
          tokenId: 1,
          operation: "changeReservationStatus",
          // Not named by the request: that of the reservation.
          facilityId: 1,
          reservationId: 1,
          status: 200,
          requestId: "three"
        }
      ])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST be there for every end of a write, and not for a replay", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(write({ key: "k", body: "a" }, Effect.succeed({})))
      yield* first(write({ key: "k", body: "a" }, Effect.succeed({})))
      yield* Effect.exit(first(write({ key: "k", body: "b" }, Effect.succeed({}))))
      yield* first(write({}, new PermissionDenied({ reason: "access" })))
      yield* Effect.exit(first(write({}, Effect.die("a bug"))))
      equal(
        (yield* first(rows())).map(({ errorCode, status }) => [status, errorCode]),
        [
          [200, undefined],
          [400, 10],
          [403, 403],
          [500, 666]
        ]
      )
    }).pipe(Effect.provide(engine()))
  )
})

describe("the audit log", () => {
  it.effect("MUST show a channel its own writes and those in its facilities, and nothing of others (rule 12)", () =>
    Effect.gen(function* () {
      yield* world()
      const inForeign = { externalId: 1, facilityId: foreignFacility, serviceId: london, dateFrom: nine }
      const foreign = { facilityId: foreignFacility }
      const shared = { facilityId: sharedFacility }
      yield* first(write({ requestId: "first, shared", ids: shared }, book({ externalId: 2, dateFrom: nine })))
      yield* first(write({ requestId: "first, foreign", ids: foreign }, book(inForeign)))
      yield* second(write({ requestId: "second, shared", ids: shared }, book({ externalId: 3, dateFrom: nine })))
      yield* second(write({ requestId: "second, foreign", ids: foreign }, book(inForeign)))
      const guessed = { reservationId: ReservationId.make(2) }
      yield* second(write({ requestId: "second, guessed", ids: guessed }, status(2, "CANCELLED")))
      const calendarId = { calendarId: CalendarId.make(3) }
      yield* second(write({ requestId: "second, calendar", ids: calendarId }, unblock(77)))
      const told = Effect.map(rows(), (entries) => entries.map((entry) => [entry.requestId, entry.facilityId]))
      equal(yield* first(told), [
        ["first, shared", 1],
        ["first, foreign", 2],
        ["second, shared", 1]
      ])
      // It learns neither where a guessed record belongs nor that it exists.
      equal(yield* second(told), [
        ["first, shared", 1],
        ["second, shared", 1],
        ["second, foreign", undefined],
        ["second, guessed", undefined],
        ["second, calendar", undefined]
      ])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST page in the order of instants, by whole days in UTC, both inclusive", () =>
    Effect.gen(function* () {
      yield* world()
      const instants = ["2026-06-01T06:00:00", "2026-06-01T23:59:59.999", "2026-06-02T00:00:00", "2026-06-03T12:00:00"]
      for (const at of instants) {
        yield* TestClock.setTime(utc(at))
        yield* first(write({}, Effect.succeed({})))
      }
      const ids = (query: Parameters<typeof audit>[0]) =>
        first(Effect.map(audit(query), ({ pagination, rows }) => [pagination.total, rows.map(({ id }) => id)] as const))
      equal(yield* ids({}), [4, [1, 2, 3, 4]])
      equal(yield* ids({ from: day("2026-06-02") }), [2, [3, 4]])
      equal(yield* ids({ to: day("2026-06-01") }), [2, [1, 2]])
      equal(yield* ids({ from: day("2026-06-02"), to: day("2026-06-02") }), [1, [3]])
      equal(yield* ids({ from: day("2026-06-03"), to: day("2026-06-01") }), [0, []])
      equal(yield* ids({ offset: 1, limit: 2 }), [4, [2, 3]])
      equal(yield* ids({ limit: 0 }), [4, []])
      equal((yield* first(audit({ offset: 3 }))).pagination, { total: 4, offset: 3, limit: 100 })
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST keep a line for as many days as it is told, and remove a bounded number at a time", () =>
    Effect.gen(function* () {
      yield* world()
      const many = (n: number) => Effect.forEach(Array.from({ length: n }), () => first(write({}, Effect.succeed({}))))
      const total = Effect.map(first(audit()), ({ pagination }) => pagination.total)
      yield* many(192)
      yield* TestClock.adjust(3 * dayMs)
      yield* many(64)
      assert.strictEqual(yield* total, 256)
      yield* TestClock.adjust(1)
      yield* many(64)
      assert.strictEqual(yield* total, 256 + 64 - 128)
      yield* many(64)
      assert.strictEqual(yield* total, 64 + 64 + 64)
    }).pipe(Effect.provide(engine().pipe(Layer.provide(Layer.succeed(AuditRetentionDays)(3)))))
  )

  it.effect("MUST show nothing of a channel without facilities but its own", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(write({ ids: { facilityId: FacilityId.make(1) } }, Effect.succeed({})))
      equal(yield* by(3)(rows()), [])
    }).pipe(Effect.provide(engine()))
  )
})
