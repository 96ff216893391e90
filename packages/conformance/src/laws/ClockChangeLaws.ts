/**
 * Laws of days on which clocks change (api.md, "The repeated hour"; engine.md, rules 2 and 3), tried on a change years
 * ahead in the facility's own zone; where clocks do not change they are not run.
 */

import { fromLocalMs } from "@bookio-kit/core/time/LocalDateTime"
import * as UtcOffset from "@bookio-kit/core/time/UtcOffset"
import type { WallTime } from "@bookio-kit/core/time/WallTime"
import * as Effect from "effect/Effect"
import * as Ask from "../internal/Ask.ts"
import * as Day from "../internal/Day.ts"
import { claimEqual, claimMembers, refusedFor } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { hours, world } from "../internal/World.ts"
import { type Law, writeLaw } from "../Law.ts"

const local = (localMs: number): WallTime => ({ _tag: "Local", localMs })

const halfHourMs = 30 * Day.minuteMs

/** A world that is open around the clock, on a day on which clocks change. */
const changed = Effect.fnUntraced(function* (direction: "forward" | "back") {
  const facility = yield* Records.facility
  const change = yield* Day.changeDay(facility, direction)
  const made = yield* world({ day: change.epochDay, intervals: [hours(0, 24)] })
  return { ...made, change, shiftMs: change.toLocalMs - change.fromLocalMs }
})

const afterOf = ({ transition }: Day.ClockChange) => UtcOffset.fromMs(transition.offsetAfterMs)

export const clockChangeLaws: ReadonlyArray<Law> = [
  writeLaw("createReservation", "MUST refuse a time that clocks skip with code 10 about dateFrom", {
    code: 10,
    body: Effect.gen(function* () {
      const { book, change } = yield* changed("forward")
      yield* refusedFor(book({ at: local(change.fromLocalMs) }), "dateFrom", "the first skipped minute")
      yield* refusedFor(book({ at: local(change.toLocalMs - Day.minuteMs) }), "dateFrom", "the last skipped minute")
      yield* book({ at: local(change.toLocalMs) })
    })
  }),
  writeLaw(
    "createReservation",
    "MUST end after the service's duration in elapsed minutes, over a change of clocks too",
    {
      body: Effect.gen(function* () {
        const { book, change, row, shiftMs } = yield* changed("forward")
        const { reservationId } = yield* book({ at: local(change.fromLocalMs - halfHourMs) })
        yield* claimMembers(
          yield* row(reservationId),
          { dateTo: fromLocalMs(change.fromLocalMs + halfHourMs + shiftMs), duration: 60 },
          "the reservation"
        )
      })
    }
  ),
  writeLaw(
    "changeReservationTerm",
    "MUST refuse to move into a time that clocks skip with code 10 about dateFrom or dateTo",
    {
      code: 10,
      body: Effect.gen(function* () {
        const { book, change } = yield* changed("forward")
        const { reservationId } = yield* book({ at: local(change.fromLocalMs - 2 * halfHourMs) })
        const move = (fromMs: number, toMs: number) =>
          Ask.first(Ask.changeTerm(reservationId, { dateFrom: local(fromMs), dateTo: local(toMs) }))
        yield* refusedFor(
          move(change.fromLocalMs, change.toLocalMs + halfHourMs),
          "dateFrom",
          "a start that is skipped"
        )
        yield* refusedFor(move(change.fromLocalMs - halfHourMs, change.fromLocalMs), "dateTo", "an end that is skipped")
      })
    }
  ),
  writeLaw("createBlockedTime", "MUST refuse a blocked time that begins in a time that clocks skip with code 10", {
    code: 10,
    body: Effect.gen(function* () {
      const { block, change } = yield* changed("forward")
      const blocking = { from: local(change.fromLocalMs), to: local(change.toLocalMs + halfHourMs) }
      yield* refusedFor(block(blocking), "dateFrom", "a start that is skipped")
    })
  }),
  writeLaw(
    "createReservation",
    "MUST tell the passes of a repeated hour apart by their offset, and take none for the first",
    {
      requires: { offsets: true },
      body: Effect.gen(function* () {
        const { book, change, row } = yield* changed("back")
        const at = local(change.fromLocalMs)
        // Two places, for where clocks go back by less than an hour the second pass begins before the first one's end.
        const one = yield* book({ service: "Pair", at })
        const dateFrom = fromLocalMs(change.fromLocalMs)
        yield* claimMembers(yield* row(one.reservationId), { dateFrom, dateFromOffset: undefined }, "the first pass")
        const other = yield* book({ service: "Pair", at, offset: afterOf(change) })
        yield* claimMembers(
          yield* row(other.reservationId),
          { dateFrom, dateFromOffset: afterOf(change) },
          "the second pass"
        )
      })
    }
  ),
  writeLaw("createReservation", "MUST NOT tell an offset where it has none", {
    requires: { offsets: false },
    body: Effect.gen(function* () {
      const { book, change, row } = yield* changed("back")
      const { reservationId } = yield* book({ at: local(change.toLocalMs - halfHourMs) })
      yield* claimMembers(
        yield* row(reservationId),
        { dateFromOffset: undefined, dateToOffset: undefined },
        "a reservation in the repeated hour"
      )
    })
  }),
  writeLaw(
    "createReservation",
    "MUST refuse an offset that the zone does not have then with code 10 about dateFromOffset",
    {
      code: 10,
      requires: { offsets: true },
      body: Effect.gen(function* () {
        const { book, change } = yield* changed("back")
        const offset = UtcOffset.fromMs(change.transition.offsetAfterMs > 0 ? -5 * 3_600_000 : 5 * 3_600_000)
        yield* refusedFor(book({ at: local(change.fromLocalMs), offset }), "dateFromOffset", "an offset of elsewhere")
      })
    }
  ),
  writeLaw(
    "createBlockedTime",
    "MUST take dateTo in a repeated hour for the earliest reading after dateFrom, unless its offset tells",
    {
      requires: { offsets: true },
      body: Effect.gen(function* () {
        const { block, blockedRow, change } = yield* changed("back")
        const [from, to] = [local(change.fromLocalMs), local(change.fromLocalMs + halfHourMs / 2)]
        const first = yield* block({ from, to })
        yield* claimMembers(yield* blockedRow(first.blockedTimeId), { dateToOffset: undefined }, "the first pass")
        const second = yield* block({ from, fromOffset: afterOf(change), to })
        const offsets = { dateFromOffset: afterOf(change), dateToOffset: afterOf(change) }
        yield* claimMembers(yield* blockedRow(second.blockedTimeId), offsets, "the second pass")
        const both = yield* block({ from, to, toOffset: afterOf(change) })
        yield* claimMembers(
          yield* blockedRow(both.blockedTimeId),
          { dateFromOffset: undefined, dateToOffset: afterOf(change) },
          "both passes"
        )
      })
    }
  ),
  writeLaw("listSlots", "MUST offer both passes of a repeated hour, as many slots as the day has hours", {
    requires: { offsets: true, slots: true },
    body: Effect.gen(function* () {
      const { shiftMs, slots } = yield* changed("back")
      const offered = yield* slots("Solo")
      // The last one may run on into the next day, which is open too.
      yield* claimEqual(offered.length, 24 + Math.ceil(shiftMs / 3_600_000), "the count of slots of an hour")
      const starts = new Set(offered.map(({ dateFrom, dateFromOffset }) => `${dateFrom} ${dateFromOffset ?? ""}`))
      yield* claimEqual(starts.size, offered.length, "the count of different starts")
    })
  })
]
