/** Laws of operation 9 (engine.md, rule 8; api.md, note 9). */
import type { ReservationId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as Ask from "../internal/Ask.ts"
import * as Day from "../internal/Day.ts"
import { claimEqual, claimMembers, refused, refusedFor } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { type World, world } from "../internal/World.ts"
import { type Law, writeLaw } from "../Law.ts"

/** Moves a reservation on the law's day. */
const move = ({ wall }: World, id: ReservationId, dateFrom: string | undefined, dateTo?: string | null) =>
  Ask.first(
    Ask.changeTerm(id, {
      ...(dateFrom === undefined ? {} : { dateFrom: wall(dateFrom) }),
      ...(dateTo === undefined ? {} : { dateTo: dateTo === null ? null : wall(dateTo) })
    })
  )

const claimTerm = Effect.fnUntraced(function* ({ day, row }: World, id: ReservationId, from: string, to: string) {
  const found = yield* row(id)
  yield* claimMembers(found, { dateFrom: Day.listed(day, from), dateTo: Day.listed(day, to) }, `reservation ${id}`)
})

export const termLaws: ReadonlyArray<Law> = [
  writeLaw("changeReservationTerm", "MUST move a reservation, its length too, and free the place that it had", {
    body: Effect.gen(function* () {
      const made = yield* world()
      const { externalId, reservationId } = yield* made.book({ at: "10:00" })
      const answer = yield* move(made, reservationId, "13:00", "14:30")
      yield* claimEqual(answer, { reservationId, ...(externalId && { externalId }) }, "the answer")
      yield* claimTerm(made, reservationId, "13:00", "14:30")
      yield* claimEqual((yield* made.row(reservationId)).duration, 90, "the duration")
      yield* made.book({ at: "10:00" })
      yield* refused(made.book({ at: "14:00" }), "NoCapacityLeft", "a reservation where it has been moved to")
    })
  }),
  writeLaw("changeReservationTerm", "MUST take the service's duration where dateFrom stands alone or dateTo is null", {
    body: Effect.gen(function* () {
      const made = yield* world()
      const { reservationId } = yield* made.book({ at: "10:00" })
      yield* move(made, reservationId, "13:00", "14:30")
      yield* move(made, reservationId, "12:00")
      yield* claimTerm(made, reservationId, "12:00", "13:00")
      yield* move(made, reservationId, "12:00", "14:00")
      yield* move(made, reservationId, undefined, null)
      yield* claimTerm(made, reservationId, "12:00", "13:00")
    })
  }),
  writeLaw("changeReservationTerm", "MUST keep dateFrom where dateTo stands alone", {
    body: Effect.gen(function* () {
      const made = yield* world()
      const { reservationId } = yield* made.book({ at: "10:00" })
      yield* move(made, reservationId, undefined, "11:30")
      yield* claimTerm(made, reservationId, "10:00", "11:30")
    })
  }),
  writeLaw("changeReservationTerm", "MUST change nothing where nothing is given", {
    body: Effect.gen(function* () {
      const made = yield* world()
      const { reservationId } = yield* made.book({ at: "10:00" })
      yield* move(made, reservationId, undefined)
      yield* claimTerm(made, reservationId, "10:00", "11:00")
      yield* claimEqual((yield* made.row(reservationId)).needsSync, false, "needsSync")
    })
  }),
  writeLaw("changeReservationTerm", "MUST leave the reservation itself out of account", {
    body: Effect.gen(function* () {
      const made = yield* world()
      const { reservationId } = yield* made.book({ at: "10:00" })
      yield* move(made, reservationId, "10:30", "11:30")
      yield* claimTerm(made, reservationId, "10:30", "11:30")
      yield* move(made, reservationId, "10:30", "11:30")
    })
  }),
  writeLaw(
    "changeReservationTerm",
    "MUST refuse a taken or blocked time with NoCapacityLeft, and leave the reservation as it was",
    {
      code: 30,
      body: Effect.gen(function* () {
        const made = yield* world()
        const { reservationId } = yield* made.book({ at: "10:00" })
        yield* made.book({ at: "13:00" })
        yield* refused(move(made, reservationId, "13:30", "14:30"), "NoCapacityLeft", "moving to a taken time")
        yield* made.block({ from: "08:00", to: "09:00" })
        yield* refused(move(made, reservationId, "08:30", "09:30"), "NoCapacityLeft", "moving to a blocked time")
        yield* claimTerm(made, reservationId, "10:00", "11:00")
        yield* claimEqual((yield* made.row(reservationId)).needsSync, false, "needsSync")
      })
    }
  ),
  writeLaw("changeReservationTerm", "MUST refuse a term outside the opening with code 10 about dateFrom", {
    code: 10,
    body: Effect.gen(function* () {
      const made = yield* world()
      const { reservationId } = yield* made.book({ at: "10:00" })
      yield* refusedFor(move(made, reservationId, "15:30", "16:30"), "dateFrom", "moving out of the opening")
      yield* claimTerm(made, reservationId, "10:00", "11:00")
    })
  }),
  writeLaw("changeReservationTerm", "MUST refuse a dateTo that is not after dateFrom with code 10 about dateTo", {
    code: 10,
    body: Effect.gen(function* () {
      const made = yield* world()
      const { reservationId } = yield* made.book({ at: "10:00" })
      yield* refusedFor(move(made, reservationId, "13:00", "12:00"), "dateTo", "an end before the start")
      yield* refusedFor(move(made, reservationId, "13:00", "13:00"), "dateTo", "an end at the start")
    })
  }),
  writeLaw("changeReservationTerm", "MUST refuse to move what is not CONFIRMED with code 10", {
    code: 10,
    body: Effect.gen(function* () {
      const made = yield* world()
      const { reservationId } = yield* made.book({ at: "10:00" })
      yield* Ask.first(Ask.changeStatus(reservationId, { status: "CANCELLED" }))
      yield* refused(move(made, reservationId, "13:00", "14:00"), "ValidationError", "moving what is cancelled")
      yield* claimTerm(made, reservationId, "10:00", "11:00")
    })
  }),
  writeLaw(
    "changeReservationTerm",
    "MUST refuse the start of another reservation of the person with DuplicateReservation",
    {
      code: 40,
      requires: { personDuplicates: true },
      body: Effect.gen(function* () {
        const made = yield* world()
        const person = yield* Records.freshPerson
        yield* made.book({ service: "Group", at: "10:00", person })
        const { reservationId } = yield* made.book({ service: "Group", at: "11:00", person })
        yield* refused(move(made, reservationId, "10:00"), "DuplicateReservation", "moving onto the person's other one")
      })
    }
  ),
  writeLaw("changeReservationTerm", "MUST refuse a reservation that is not there with ResourceNotFound", {
    code: 12,
    body: refused(
      Ask.first(Ask.changeTerm(Ask.unknown.reservation, {})),
      "ResourceNotFound",
      "moving a reservation that is not there"
    )
  })
]
