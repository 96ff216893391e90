/** Laws of operation 8 (engine.md, rule 7). */

import type { ReservationStatus } from "@bookio-kit/core/reservation/Reservation"
import type { ReservationId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as Ask from "../internal/Ask.ts"
import * as Day from "../internal/Day.ts"
import { claim, claimEqual, claimMembers, refused, refusedFor } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { hours, world } from "../internal/World.ts"
import { type Law, writeLaw } from "../Law.ts"

const become = (id: ReservationId, status: ReservationStatus, cancellationReason?: string) =>
  Ask.first(Ask.changeStatus(id, { status, ...(cancellationReason === undefined ? {} : { cancellationReason }) }))

export const statusLaws: ReadonlyArray<Law> = [
  writeLaw("changeReservationStatus", "MUST store when and why a reservation was cancelled, and free its place", {
    body: Effect.gen(function* () {
      const { book, row } = yield* world()
      const { externalId, reservationId } = yield* book({ at: "10:00" })
      const answer = yield* become(reservationId, "CANCELLED", "Conformance")
      yield* claimEqual(answer, { reservationId, ...(externalId && { externalId }) }, "the answer")
      const cancelled = yield* row(reservationId)
      yield* claimMembers(cancelled, { status: "CANCELLED", cancellationReason: "Conformance" }, "the reservation")
      yield* claim(cancelled.cancelTime !== undefined, "cancelTime is absent")
      yield* book({ at: "10:00" })
    })
  }),
  writeLaw("changeReservationStatus", "MUST free the place of one who did not come", {
    body: Effect.gen(function* () {
      const { book, row } = yield* world()
      const { reservationId } = yield* book({ at: "10:00" })
      yield* become(reservationId, "DID_NOT_COME")
      yield* claimMembers(
        yield* row(reservationId),
        { status: "DID_NOT_COME", cancelTime: undefined },
        "the reservation"
      )
      yield* book({ at: "10:00" })
    })
  }),
  writeLaw("changeReservationStatus", "MUST change nothing where the status is the one that it has", {
    body: Effect.gen(function* () {
      const { book, row } = yield* world()
      const { reservationId } = yield* book({ at: "10:00" })
      yield* become(reservationId, "CONFIRMED")
      yield* claimEqual((yield* row(reservationId)).needsSync, false, "needsSync of one that stays CONFIRMED")
      yield* become(reservationId, "CANCELLED", "First")
      yield* become(reservationId, "CANCELLED", "Second")
      yield* claimEqual((yield* row(reservationId)).cancellationReason, "First", "the reason")
    })
  }),
  writeLaw(
    "changeReservationStatus",
    "MUST clear cancelTime and reason, and take the place again, when it is confirmed again",
    {
      body: Effect.gen(function* () {
        const { book, row } = yield* world()
        const { reservationId } = yield* book({ at: "10:00" })
        yield* become(reservationId, "CANCELLED", "Conformance")
        yield* become(reservationId, "CONFIRMED")
        yield* claimMembers(
          yield* row(reservationId),
          { status: "CONFIRMED", cancelTime: undefined, cancellationReason: undefined },
          "the reservation"
        )
        yield* refused(book({ at: "10:00" }), "NoCapacityLeft", "a second reservation of the term")
      })
    }
  ),
  writeLaw("changeReservationStatus", "MUST refuse to confirm again what has lost its place with NoCapacityLeft", {
    code: 30,
    body: Effect.gen(function* () {
      const { block, book, row } = yield* world()
      const { reservationId } = yield* book({ at: "10:00" })
      yield* become(reservationId, "CANCELLED")
      const other = yield* book({ at: "10:00" })
      yield* refused(become(reservationId, "CONFIRMED"), "NoCapacityLeft", "confirming again at a taken time")
      yield* claimEqual((yield* row(reservationId)).status, "CANCELLED", "the status afterwards")
      yield* become(other.reservationId, "CANCELLED")
      yield* block({ from: "10:00", to: "10:30" })
      yield* refused(become(reservationId, "CONFIRMED"), "NoCapacityLeft", "confirming again in a blocked time")
    })
  }),
  writeLaw("changeReservationStatus", "MUST refuse to confirm again what is outside the opening by now with code 10", {
    code: 10,
    body: Effect.gen(function* () {
      const { book, calendarId } = yield* world()
      const { reservationId } = yield* book({ at: "14:00" })
      yield* become(reservationId, "CANCELLED")
      yield* Ask.first(Ask.updateCalendar(calendarId, { intervals: [hours(8, 12)] }))
      yield* refusedFor(become(reservationId, "CONFIRMED"), "dateFrom", "confirming again outside the opening")
    })
  }),
  writeLaw("changeReservationStatus", "MUST refuse to confirm again for a service that was removed with code 10", {
    code: 10,
    body: Effect.gen(function* () {
      const { book, calendarId, made } = yield* world()
      const { reservationId } = yield* book({ at: "10:00" })
      yield* become(reservationId, "CANCELLED")
      yield* Ask.first(
        Ask.updateCalendar(calendarId, {
          services: made.services.filter(({ name }) => name !== "Solo"),
          intervals: [hours(8, 16)]
        })
      )
      yield* refused(become(reservationId, "CONFIRMED"), "ValidationError", "confirming again for a removed service")
    })
  }),
  writeLaw(
    "changeReservationStatus",
    "MUST refuse to confirm again where its externalId has been used with DuplicateReservation",
    {
      code: 40,
      body: Effect.gen(function* () {
        const { book } = yield* world()
        const externalId = yield* Records.freshId
        const { reservationId } = yield* book({ at: "10:00", externalId })
        yield* become(reservationId, "CANCELLED")
        yield* book({ at: "11:00", externalId })
        yield* refused(become(reservationId, "CONFIRMED"), "DuplicateReservation", "confirming a used externalId again")
      })
    }
  ),
  writeLaw(
    "changeReservationStatus",
    "MUST refuse to confirm again for a person who has a place by now with DuplicateReservation",
    {
      code: 40,
      requires: { personDuplicates: true },
      body: Effect.gen(function* () {
        const { book } = yield* world()
        const person = yield* Records.freshPerson
        const { reservationId } = yield* book({ service: "Group", at: "10:00", person })
        yield* become(reservationId, "CANCELLED")
        yield* book({ service: "Group", at: "10:00", person })
        yield* refused(become(reservationId, "CONFIRMED"), "DuplicateReservation", "confirming a person again")
      })
    }
  ),
  writeLaw(
    "changeReservationStatus",
    "MUST refuse a change between CANCELLED and DID_NOT_COME with code 10 about status",
    {
      code: 10,
      body: Effect.gen(function* () {
        const { book, row } = yield* world()
        const one = yield* book({ at: "10:00" })
        yield* become(one.reservationId, "CANCELLED")
        yield* refusedFor(become(one.reservationId, "DID_NOT_COME"), "status", "not coming to what is cancelled")
        const other = yield* book({ at: "11:00" })
        yield* become(other.reservationId, "DID_NOT_COME")
        yield* refusedFor(become(other.reservationId, "CANCELLED"), "status", "cancelling what nobody came to")
        yield* claimEqual((yield* row(one.reservationId)).status, "CANCELLED", "the status afterwards")
      })
    }
  ),
  writeLaw("changeReservationStatus", "MUST refuse a reservation that is not there with ResourceNotFound", {
    code: 12,
    body: refused(
      become(Ask.unknown.reservation, "CANCELLED"),
      "ResourceNotFound",
      "cancelling a reservation that is not there"
    )
  }),
  writeLaw("changeReservationStatus", "MUST accept a change of what is past", {
    body: Effect.gen(function* () {
      const facility = yield* Records.facility
      const { book, row } = yield* world({ day: (yield* Day.today(facility)) - 401 })
      const { reservationId } = yield* book({ at: "10:00" })
      yield* become(reservationId, "DID_NOT_COME")
      yield* claimEqual((yield* row(reservationId)).status, "DID_NOT_COME", "the status")
    })
  })
]
