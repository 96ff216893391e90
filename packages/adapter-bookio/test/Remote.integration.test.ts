/** The ports against a server that listens, with its engine behind it. */

import { Caller } from "@bookio-kit/core/access/Caller"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { CalendarId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { Slots } from "@bookio-kit/core/slot/Slots"
import { LocalDate } from "@bookio-kit/core/time/LocalDate"
import { assert, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import { saidBy } from "../src/Said.ts"
import { asCaller, blocking, booking, caller, remote, rowsOf, server, shared } from "./Support.ts"

const day = Schema.decodeSync(LocalDate)

it.live("does every operation of the contract", () =>
  Effect.gen(function* () {
    const { baseUrl, services } = yield* server
    yield* Effect.gen(function* () {
      const facilities = yield* (yield* Facilities).list
      assert.deepStrictEqual(
        facilities.map(({ id }) => id),
        [1, 2] as never
      )
      const calendars = yield* Calendars
      const listed = yield* calendars.list({ facilityId: shared })
      assert.strictEqual(listed[0]?.services[0]?.id, 1)
      const reservations = yield* Reservations
      const made = yield* reservations.create(booking(1))
      assert.strictEqual(made.externalId, booking(1).externalId)
      assert.strictEqual((yield* Effect.provide(rowsOf(booking(1).externalId), services)).length, 1)
      const slots = yield* (yield* Slots).list({
        facilityId: shared,
        serviceId: ServiceId.make(1),
        from: day("2027-06-02"),
        to: day("2027-06-02")
      })
      assert.strictEqual(slots.length, 48)
      const taken = yield* Effect.flip(
        reservations.create(
          booking(1, { externalId: 5, email: "o@example.com", phone: "+421911111111", surname: "Else" })
        )
      )
      assert.deepStrictEqual(
        [taken._tag, saidBy(taken)],
        ["NoCapacityLeft", ["There is no capacity left at that time"]]
      )
      const twice = yield* Effect.flip(reservations.create(booking(1)))
      assert.deepInclude(
        { ...twice },
        { _tag: "DuplicateReservation", reason: "externalId", reservationId: made.reservationId }
      )
      yield* reservations.changeTerm(made.reservationId, { dateFrom: booking(3).dateFrom, dateTo: booking(4).dateFrom })
      yield* reservations.confirmSync(made.reservationId, {})
      yield* reservations.changeStatus(made.reservationId, { status: "CANCELLED" })
      const missing = yield* Effect.flip(reservations.changeStatus(ReservationId.make(999), { status: "CANCELLED" }))
      assert.deepInclude({ ...missing }, { _tag: "ResourceNotFound", resource: "Reservation" })
      const blocked = yield* BlockedTimes
      const { blockedTimeId } = yield* blocked.create(blocking(1))
      yield* blocked.changeTerm(blockedTimeId, { dateTo: blocking(2).dateTo })
      assert.strictEqual((yield* blocked.list({ facilityId: shared })).rows.length, 1)
      yield* blocked.remove(blockedTimeId)
      const gone = yield* Effect.flip(blocked.remove(blockedTimeId))
      assert.deepInclude({ ...gone }, { _tag: "ResourceNotFound", resource: "BlockedTime" })
      const ended = yield* calendars.end(CalendarId.make(2), {})
      assert.deepStrictEqual(ended, { calendarId: CalendarId.make(2), warnings: [] })
      const wrong = yield* Effect.flip(reservations.create({ ...booking(9), name: "" }))
      assert.deepStrictEqual(wrong._tag === "ValidationError" ? wrong.problems : wrong, [
        { key: "empty", field: "name" }
      ])
      const spoken = yield* Effect.flip(
        Effect.provideService(
          reservations.create(booking(9, { dateFrom: "2027-03-28T02:30:00" })),
          Caller,
          caller("sk")
        )
      )
      assert.deepStrictEqual(spoken._tag === "ValidationError" ? spoken.problems : spoken, [
        { key: "inGap", field: "dateFrom" }
      ])
    }).pipe(asCaller, Effect.provide(remote(baseUrl)))
    const denied = yield* Effect.flip(Effect.flatMap(Facilities, ({ list }) => list)).pipe(
      asCaller,
      Effect.provide(remote(baseUrl, { token: Redacted.make("wrong") }))
    )
    assert.strictEqual(denied._tag, "InvalidToken")
  }).pipe(Effect.scoped)
)
