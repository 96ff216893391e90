/** Laws of operation 6 over reservations of a law's own: order, pages, conditions, changes. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Ask from "../internal/Ask.ts"
import * as Day from "../internal/Day.ts"
import { claim, claimEqual } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { world } from "../internal/World.ts"
import { type Law, writeLaw } from "../Law.ts"
import { Subject } from "../Subject.ts"

const idsOf = (rows: ReadonlyArray<{ readonly id: number }>) => rows.map(({ id }) => id)

export const reservationListLaws: ReadonlyArray<Law> = [
  writeLaw("listReservations", "MUST list by change instant, so that what changes moves to the end", {
    body: Effect.gen(function* () {
      const { book, rows, wall } = yield* world()
      const { pass } = yield* Subject
      const made: Array<number> = []
      for (const at of ["10:00", "09:00", "11:00"]) {
        made.push((yield* book({ at })).reservationId)
        yield* pass(2)
      }
      yield* claimEqual(idsOf(yield* rows()), made, "the order")
      const [one, two, three] = yield* rows()
      if (one === undefined || two === undefined || three === undefined) return
      yield* Ask.first(Ask.changeTerm(one.id, { dateFrom: wall("14:00") }))
      yield* claimEqual(idsOf(yield* rows()), [two.id, three.id, one.id], "the order after a move")
      yield* pass(2)
      yield* Ask.first(Ask.changeStatus(two.id, { status: "CANCELLED" }))
      yield* claimEqual(idsOf(yield* rows()), [three.id, one.id, two.id], "the order after a cancellation")
    })
  }),
  writeLaw("listReservations", "MUST page by offset and limit through one listing, with its total", {
    body: Effect.gen(function* () {
      const { book, rows } = yield* world()
      const { pass } = yield* Subject
      for (const at of ["08:00", "09:00", "10:00", "11:00", "12:00"]) {
        yield* book({ at })
        yield* pass(2)
      }
      const whole = idsOf(yield* rows())
      yield* claimEqual(whole.length, 5, "the count of reservations")
      for (const [offset, limit] of [
        [0, 2],
        [2, 2],
        [4, 2],
        [1, 3],
        [5, 2],
        [0, 0]
      ] as const) {
        const page = yield* rows({ offset, limit })
        yield* claimEqual(idsOf(page), whole.slice(offset, offset + limit), `the page at ${offset} of ${limit}`)
      }
    })
  }),
  writeLaw("listReservations", "MUST count the whole listing in each page's total", {
    body: Effect.gen(function* () {
      const { book, day, facility } = yield* world()
      yield* book({ at: "08:00" })
      yield* book({ at: "09:00" })
      const query = { facilityId: facility.id, from: Day.date(day), to: Day.date(day), offset: 1, limit: 1 }
      const { pagination } = yield* Ask.first(Ask.listReservations(query))
      yield* claimEqual(pagination, { total: 2, offset: 1, limit: 1 }, "the pagination")
    })
  }),
  writeLaw("listReservations", "MUST take from and to for days of dateFrom, both inclusive", {
    body: Effect.gen(function* () {
      const { book, day, rows } = yield* world()
      const ids: Array<number> = []
      for (const at of [
        Day.wall(day - 1, "10:00"),
        Day.wall(day, "08:00"),
        Day.wall(day, "15:00"),
        Day.wall(day + 1, "08:00")
      ]) {
        ids.push((yield* book({ at })).reservationId)
      }
      const on = Day.date(day)
      const listed = Effect.map(rows({ from: on, to: on }), (found) => [...idsOf(found)].sort((a, b) => a - b))
      yield* claimEqual(
        yield* listed,
        ids.slice(1, 3).sort((a, b) => a - b),
        "the listing of one day"
      )
    })
  }),
  writeLaw("listReservations", "MUST find by e-mail in any letter case, by number, by status, and by all at once", {
    body: Effect.gen(function* () {
      const { book, row, rows } = yield* world()
      const person = yield* Records.freshPerson
      const { reservationId } = yield* book({ at: "10:00", person })
      const other = yield* book({ at: "11:00" })
      yield* Ask.first(Ask.changeStatus(other.reservationId, { status: "CANCELLED" }))
      const { number } = yield* row(reservationId)
      const email = person.email.toUpperCase()
      const queries = [
        { email },
        ...(number === undefined ? [] : [{ number }]),
        { status: "CONFIRMED" as const },
        { email, status: "CONFIRMED" as const }
      ]
      for (const query of queries) {
        const what = `the listing by ${Object.keys(query).join(" and ")}`
        yield* claimEqual(idsOf(yield* rows(query)), [reservationId], what)
      }
      yield* claimEqual(
        (yield* rows({ email, status: "CANCELLED" })).length,
        0,
        "the count of CANCELLED of that e-mail"
      )
    })
  }),
  writeLaw("listReservations", "MUST list with onlyUnsynced what has changed since the channel confirmed it", {
    body: Effect.gen(function* () {
      const { book, rows } = yield* world()
      const one = yield* book({ at: "10:00" })
      yield* book({ at: "11:00" })
      yield* claimEqual(idsOf(yield* rows({ onlyUnsynced: true })), [], "the listing before a change")
      yield* Ask.first(Ask.changeStatus(one.reservationId, { status: "CANCELLED" }))
      yield* claimEqual(idsOf(yield* rows({ onlyUnsynced: true })), [one.reservationId], "the listing after a change")
    })
  }),
  writeLaw("listReservations", "MUST list with lastSync what has changed since, and nothing that has not", {
    body: Effect.gen(function* () {
      const { book, rows } = yield* world()
      const { clockToleranceMs, pass } = yield* Subject
      const early = yield* book({ at: "10:00" })
      const moved = yield* book({ at: "11:00" })
      const untilMs = yield* Clock.currentTimeMillis
      // The backend's clock read at most `untilMs` plus the tolerance then, and reads more now.
      const lastSync = untilMs + clockToleranceMs + 1
      yield* pass(2 * clockToleranceMs + 2)
      const late = yield* book({ at: "12:00" })
      yield* Ask.first(Ask.changeStatus(moved.reservationId, { status: "DID_NOT_COME" }))
      const listed = idsOf(yield* rows({ lastSync }))
      yield* claim(listed.includes(late.reservationId), "what was made since is not listed")
      yield* claim(listed.includes(moved.reservationId), "what was changed since is not listed")
      yield* claim(!listed.includes(early.reservationId), "what was not changed since is listed")
    })
  }),
  writeLaw("listReservations", "MUST leave a reservation out for a channel that does not reach its facility", {
    body: Effect.gen(function* () {
      const stranger = yield* Ask.party("stranger")
      const { book, row } = yield* world()
      const { reservationId } = yield* book({ at: "10:00" })
      // Of hundred rows by change instant ours would be the last: found by its number.
      const { number } = yield* row(reservationId)
      const query = number === undefined ? {} : { number }
      const { rows } = yield* Ask.by(stranger)(Ask.listReservations(query))
      yield* claim(!idsOf(rows).includes(reservationId), `reservation ${reservationId} is listed`)
    })
  })
]
