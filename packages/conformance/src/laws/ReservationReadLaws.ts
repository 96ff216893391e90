/** Laws of operation 6 over the reservations that there are; of a listing that keeps changing they say nothing. */
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import type { ReservationQuery } from "@bookio-kit/core/reservation/Reservations"
import { toLocalMs } from "@bookio-kit/core/time/LocalDateTime"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Ask from "../internal/Ask.ts"
import * as Day from "../internal/Day.ts"
import { claim, claimEqual, refused } from "../internal/Expect.ts"
import { quiet } from "../internal/Quiet.ts"
import { type Law, NotRun, readLaw } from "../Law.ts"
import { Subject } from "../Subject.ts"

const list = (query: ReservationQuery = {}) => Ask.first(Ask.listReservations(query))

const total = Effect.map(list({ limit: 0 }), ({ pagination }) => pagination.total)

const some = Effect.flatMap(list(), (page) =>
  page.rows.length === 0 ? Effect.fail(new NotRun({ reason: "no reservation is listed" })) : Effect.succeed(page)
)

const idsOf = (rows: ReadonlyArray<{ readonly id: number }>) => rows.map(({ id }) => id)

export const reservationReadLaws: ReadonlyArray<Law> = [
  readLaw("listReservations", "MUST tell offset, limit and the total of the whole listing with each page", {
    body: quiet(
      total,
      Effect.gen(function* () {
        const whole = yield* list()
        yield* claimEqual(whole.pagination, { total: whole.pagination.total, offset: 0, limit: 100 }, "the pagination")
        yield* claim(whole.rows.length === Math.min(100, whole.pagination.total), "the page is not full")
        const part = yield* list({ offset: 1, limit: 2 })
        yield* claimEqual(part.pagination, { total: whole.pagination.total, offset: 1, limit: 2 }, "the pagination")
        yield* claim(part.rows.length <= 2, "the page has more rows than its limit")
        const none = yield* list({ limit: 0 })
        yield* claimEqual(none.rows.length, 0, "the count of rows of limit 0")
        const beyond = yield* list({ offset: whole.pagination.total + 1 })
        yield* claimEqual(beyond.rows.length, 0, "the count of rows behind the end")
      })
    )
  }),
  readLaw("listReservations", "MUST page without gap or overlap", {
    body: quiet(
      total,
      Effect.gen(function* () {
        const whole = yield* some
        const pages = yield* Effect.forEach([0, 1, 2, 3], (page) => list({ offset: page * 3, limit: 3 }))
        yield* claimEqual(
          pages.flatMap(({ rows }) => idsOf(rows)),
          idsOf(whole.rows).slice(0, 12),
          "the list of four pages of three"
        )
      })
    )
  }),
  readLaw("listReservations", "MUST list each reservation once, of the channel's facilities only", {
    body: Effect.gen(function* () {
      const reached = idsOf(yield* Ask.first(Ask.listFacilities))
      const { rows } = yield* some
      yield* claim(new Set(idsOf(rows)).size === rows.length, "a reservation is listed twice")
      const foreign = rows.filter(({ facilityId }) => !reached.includes(facilityId))
      yield* claim(foreign.length === 0, `reservations ${idsOf(foreign).join(", ")} are of other facilities`)
    })
  }),
  readLaw(
    "listReservations",
    "MUST list a dateTo that lies duration minutes after dateFrom, and cancelTime of the cancelled only",
    {
      body: Effect.gen(function* () {
        const { rows } = yield* some
        for (const { cancelTime, dateFrom, dateFromOffset, dateTo, dateToOffset, duration, id, status } of rows) {
          const minutes = (toLocalMs(dateTo) - toLocalMs(dateFrom)) / Day.minuteMs
          // On the day of a clock change the wall shows another length than has elapsed.
          const isPlain =
            dateFromOffset === undefined && dateToOffset === undefined && Math.abs(minutes - duration) < 30
          yield* claim(
            duration > 0 && (!isPlain || minutes === duration),
            `duration of ${id} is ${duration}, not ${minutes}`
          )
          yield* claim(status === "CANCELLED" || cancelTime === undefined, `${id} is ${status} and has a cancelTime`)
        }
      })
    }
  ),
  readLaw("listReservations", "MUST list only what meets each condition that is given", {
    body: Effect.gen(function* () {
      const [row] = (yield* some).rows
      if (row === undefined) return
      const day = Day.date(Day.dayOf(row.dateFrom))
      const conditions: ReadonlyArray<readonly [ReservationQuery, (other: Reservation) => boolean]> = [
        [{ facilityId: row.facilityId }, (other) => other.facilityId === row.facilityId],
        [{ status: row.status }, (other) => other.status === row.status],
        [{ from: day, to: day }, (other) => Day.date(Day.dayOf(other.dateFrom)) === day],
        ...(row.number === undefined
          ? []
          : [[{ number: row.number }, (other: Reservation) => other.number === row.number] as const]),
        ...(row.email === undefined
          ? []
          : [
              [
                { email: row.email },
                (other: Reservation) => other.email?.toLowerCase() === row.email?.toLowerCase()
              ] as const
            ])
      ]
      for (const [query, meets] of conditions) {
        const { rows } = yield* list(query)
        const names = Object.keys(query).join(" and ")
        yield* claim(rows.every(meets), `the listing by ${names} has others`)
        yield* claim(rows.length === 100 || idsOf(rows).includes(row.id), `the listing by ${names} lacks ${row.id}`)
      }
    })
  }),
  readLaw("listReservations", "MUST list only unsynced reservations where onlyUnsynced is asked for", {
    body: Effect.gen(function* () {
      yield* some
      const { rows } = yield* list({ onlyUnsynced: true })
      yield* claim(
        rows.every(({ needsSync }) => needsSync),
        "a synced reservation is listed"
      )
    })
  }),
  readLaw("listReservations", "MUST list nothing as changed after an instant that is to come", {
    body: Effect.gen(function* () {
      yield* some
      const { clockToleranceMs } = yield* Subject
      const lastSync = (yield* Clock.currentTimeMillis) + clockToleranceMs + Day.dayMs
      const { pagination } = yield* list({ lastSync })
      yield* claimEqual(pagination.total, 0, "the total since tomorrow")
      yield* claimEqual((yield* list({ lastSync: 0 })).pagination.total > 0, true, "listing since 1970")
    })
  }),
  readLaw("listReservations", "MUST refuse a facility that the channel does not reach with PermissionDenied", {
    code: 403,
    body: refused(
      list({ facilityId: Ask.unknown.facility }),
      "PermissionDenied",
      "listing the reservations of a facility that is not there"
    )
  })
]
