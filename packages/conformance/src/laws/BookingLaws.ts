/** Laws of operation 7 where it says yes: what is booked, and what a booking leaves free (engine.md, rules 2, 3 and 5). */

import { toLocalMs } from "@bookio-kit/core/time/LocalDateTime"
import { offsetMsAt, toLocalMs as toLocal } from "@bookio-kit/core/time/TimeZone"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Ask from "../internal/Ask.ts"
import * as Day from "../internal/Day.ts"
import { claim, claimEqual, claimMembers, refused, refusedFor } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { hours, world } from "../internal/World.ts"
import { type Law, writeLaw } from "../Law.ts"
import { Subject } from "../Subject.ts"

export const bookingLaws: ReadonlyArray<Law> = [
  writeLaw("createReservation", "MUST list a reservation as it was made, CONFIRMED and synced for its channel", {
    body: Effect.gen(function* () {
      const { book, day, facility, row, service } = yield* world()
      const person = yield* Records.freshPerson
      const externalId = yield* Records.freshId
      const made = yield* book({ at: "10:00", person, externalId, note: "By the window" })
      yield* claimEqual(made.externalId, externalId, "the externalId of the answer")
      const row1 = yield* row(made.reservationId)
      yield* claimMembers(
        row1,
        {
          externalId,
          name: `${person.name} ${person.surname}`,
          email: person.email,
          phone: person.phone,
          note: "By the window",
          service: service("Solo"),
          facilityId: facility.id,
          dateFrom: Day.listed(day, "10:00"),
          dateTo: Day.listed(day, "11:00"),
          duration: 60,
          status: "CONFIRMED",
          needsSync: false,
          cancelTime: undefined,
          cancellationReason: undefined
        },
        "the reservation"
      )
      yield* claim(/^[a-z0-9]{6}$/.test(row1.number ?? ""), "the number is not six of a-z and 0-9")
    })
  }),
  writeLaw("createReservation", "MUST list the time at which a reservation was made", {
    body: Effect.gen(function* () {
      const { book, facility, row } = yield* world()
      const { clockToleranceMs } = yield* Subject
      const beforeMs = yield* Clock.currentTimeMillis
      const { reservationId } = yield* book({ at: "10:00" })
      const afterMs = yield* Clock.currentTimeMillis
      const { created } = yield* row(reservationId)
      const localMs = toLocalMs(created)
      // Rows are cut down to the second; a change of clocks meanwhile is not worth a line.
      const fits =
        localMs > toLocal(facility.timeZone, beforeMs - clockToleranceMs) - 1000 &&
        localMs <= toLocal(facility.timeZone, afterMs + clockToleranceMs)
      yield* claim(fits, `created is ${created}, which is not when it was made`)
    })
  }),
  writeLaw("createReservation", "MUST accept reservations that abut, for a term is half-open", {
    body: Effect.gen(function* () {
      const { book } = yield* world()
      yield* book({ at: "10:00" })
      yield* book({ at: "11:00" })
      yield* book({ at: "09:00" })
    })
  }),
  writeLaw("createReservation", "MUST count intervals that abut as one opening", {
    body: Effect.gen(function* () {
      const { book } = yield* world()
      yield* book({ at: "11:30" })
    })
  }),
  writeLaw("createReservation", "MUST count 24:00 and 00:00 of the next day as one opening", {
    body: Effect.gen(function* () {
      const { book, day, row } = yield* world({ intervals: [hours(0, 4), hours(20, 24)] })
      const { reservationId } = yield* book({ at: "23:30" })
      yield* claimEqual((yield* row(reservationId)).dateTo, Day.listed(day + 1, "00:30"), "dateTo")
    })
  }),
  writeLaw("createReservation", "MUST convert a time with its offset to the facility's zone", {
    body: Effect.gen(function* () {
      const { book, day, facility, row } = yield* world()
      const localMs = toLocalMs(Day.listed(day, "10:00"))
      const epochMs = localMs - offsetMsAt(facility.timeZone, localMs)
      const { reservationId } = yield* book({ at: { _tag: "Instant", epochMs } })
      yield* claimEqual((yield* row(reservationId)).dateFrom, Day.listed(day, "10:00"), "dateFrom")
    })
  }),
  writeLaw("createReservation", "MUST accept a term in the past", {
    body: Effect.gen(function* () {
      const facility = yield* Records.facility
      const past = (yield* Day.today(facility)) - 400
      const { book, row } = yield* world({ day: past })
      const { reservationId } = yield* book({ at: "10:00" })
      yield* row(reservationId)
    })
  }),
  writeLaw(
    "createReservation",
    "MUST let a group service take as many as its capacity, and refuse one more with NoCapacityLeft",
    {
      code: 30,
      body: Effect.gen(function* () {
        const { book } = yield* world()
        yield* book({ service: "Group", at: "10:00" })
        yield* book({ service: "Group", at: "10:00" })
        yield* book({ service: "Group", at: "10:00" })
        yield* refused(book({ service: "Group", at: "10:00" }), "NoCapacityLeft", "the fourth of three places")
      })
    }
  ),
  writeLaw("createReservation", "MUST count the places at each instant, not over the whole term", {
    body: Effect.gen(function* () {
      const { book } = yield* world()
      // Two groups that follow each other: never more than one at once, so a service for two has a place beside them.
      yield* book({ service: "Group", at: "10:00" })
      yield* book({ service: "Group", at: "10:30" })
      yield* book({ service: "Pair", at: "10:00" })
      yield* refused(
        book({ service: "Pair", at: "10:00" }),
        "NoCapacityLeft",
        "a third at once beside a service for two"
      )
    })
  }),
  writeLaw("createReservation", "MUST refuse the second of two reservations of one term with NoCapacityLeft", {
    code: 30,
    body: Effect.gen(function* () {
      const { book, rows } = yield* world()
      const { reservationId } = yield* book({ at: "10:00" })
      yield* refused(book({ at: "10:00" }), "NoCapacityLeft", "a second reservation of a term for one")
      yield* refused(book({ at: "10:30" }), "NoCapacityLeft", "a reservation that overlaps the end of another")
      yield* refused(book({ at: "09:30" }), "NoCapacityLeft", "a reservation that overlaps the start of another")
      yield* claimEqual(
        (yield* rows()).map(({ id }) => id),
        [reservationId],
        "the list of reservations"
      )
    })
  }),
  writeLaw("createReservation", "MUST let the smallest capacity among overlapping services count", {
    code: 30,
    body: Effect.gen(function* () {
      const { book } = yield* world()
      yield* book({ service: "Group", at: "10:00" })
      yield* refused(book({ service: "Solo", at: "10:00" }), "NoCapacityLeft", "a service for one beside another")
      yield* book({ service: "Solo", at: "08:00" })
      yield* refused(book({ service: "Group", at: "08:30" }), "NoCapacityLeft", "a group beside a service for one")
    })
  }),
  writeLaw(
    "createReservation",
    "MUST refuse what overlaps a blocked time with NoCapacityLeft, and accept what abuts it",
    {
      code: 30,
      body: Effect.gen(function* () {
        const { block, book } = yield* world()
        yield* block({ from: "10:00", to: "11:00" })
        yield* refused(book({ service: "Group", at: "10:45" }), "NoCapacityLeft", "a reservation in a blocked time")
        yield* book({ service: "Group", at: "11:00" })
        yield* book({ service: "Group", at: "09:30" })
      })
    }
  ),
  writeLaw("createReservation", "MUST let exactly one of many at once take a place", {
    code: 30,
    body: Effect.gen(function* () {
      const { book, rows } = yield* world()
      const answers = yield* Effect.forEach([1, 2, 3, 4, 5, 6], () => Effect.result(book({ at: "10:00" })), {
        concurrency: "unbounded"
      })
      const lost = answers.flatMap((answer) => (Result.isFailure(answer) ? [answer.failure._tag] : []))
      yield* claimEqual(
        lost,
        ["1", "2", "3", "4", "5"].map(() => "NoCapacityLeft"),
        "the list of refusals"
      )
      yield* claimEqual((yield* rows()).length, 1, "the count of reservations")
    })
  }),
  writeLaw("createReservation", "MUST refuse what lies outside the opening with code 10 about dateFrom", {
    code: 10,
    body: Effect.gen(function* () {
      const { book, day, rows } = yield* world()
      const outside = [
        ["07:30", "a start before the opening"],
        ["15:30", "an end after the opening"],
        ["18:00", "a term after the opening"]
      ] as const
      for (const [at, what] of outside) yield* refusedFor(book({ at }), "dateFrom", what)
      yield* refusedFor(book({ at: Day.wall(day + 3, "10:00") }), "dateFrom", "a day after the last valid one")
      yield* refusedFor(book({ at: Day.wall(day - 3, "10:00") }), "dateFrom", "a day before the first valid one")
      yield* refusedFor(
        book({ service: "Pair", at: "12:00" }),
        "dateFrom",
        "a service that the interval does not allow"
      )
      yield* claimEqual((yield* rows()).length, 0, "the count of reservations")
    })
  }),
  writeLaw("createReservation", "MUST refuse a weekday on which the calendar is closed with code 10", {
    code: 10,
    body: Effect.gen(function* () {
      const facility = yield* Records.facility
      const day = yield* Day.freshDay(facility)
      const weekDay = Day.weekDay(day)
      const { book } = yield* world({ day, intervals: [{ ...hours(8, 12), weekDays: [weekDay] }] })
      yield* book({ at: "10:00" })
      yield* refusedFor(book({ at: Day.wall(day + 1, "10:00") }), "dateFrom", "another day of the week")
    })
  }),
  writeLaw("createReservation", "MUST refuse a service that is not there with ResourceNotFound", {
    code: 12,
    body: Effect.gen(function* () {
      const { book, calendarId, made, service } = yield* world()
      yield* refused(
        book({ service: Ask.unknown.service, at: "10:00" }),
        "ResourceNotFound",
        "a service that is not there"
      )
      const removed = service("Pair")
      yield* Ask.first(
        Ask.updateCalendar(calendarId, {
          services: made.services.filter(({ name }) => name !== "Pair"),
          intervals: [hours(8, 12)]
        })
      )
      yield* refused(book({ service: removed, at: "10:00" }), "ResourceNotFound", "a service that has been removed")
    })
  }),
  writeLaw("createReservation", "MUST refuse a facility that the channel does not reach with PermissionDenied", {
    code: 403,
    body: Effect.gen(function* () {
      const { service, wall } = yield* world()
      const given = {
        ...(yield* Records.freshPerson),
        externalId: yield* Records.freshId,
        locale: "en",
        dateFrom: wall("10:00"),
        serviceId: service("Solo"),
        facilityId: Ask.unknown.facility
      }
      yield* refused(Records.reserve(given), "PermissionDenied", "a reservation at a facility that is not there")
    })
  }),
  writeLaw("createReservation", "MUST answer by the first that applies of 12, 40 for the externalId, 10, 30", {
    body: Effect.gen(function* () {
      const { book, row } = yield* world()
      const person = yield* Records.freshPerson
      const externalId = yield* Records.freshId
      const { reservationId } = yield* book({ at: "10:00", person, externalId })
      const again = { person, externalId }
      yield* refused(
        book({ ...again, service: Ask.unknown.service, at: "10:00" }),
        "ResourceNotFound",
        "an unknown service under a used externalId"
      )
      yield* refused(book({ ...again, at: "18:00" }), "DuplicateReservation", "a used externalId outside the opening")
      yield* refused(book({ ...again, at: "10:00" }), "DuplicateReservation", "a used externalId at a full time")
      yield* book({ at: "15:00" })
      yield* refusedFor(book({ at: "15:30" }), "dateFrom", "a full time that runs out of the opening")
      yield* claimEqual((yield* row(reservationId)).status, "CONFIRMED", "the status of the first reservation")
    })
  })
]
