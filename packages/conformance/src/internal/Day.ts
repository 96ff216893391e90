/**
 * Days and times that laws book: far in the future, on a day of the facility on which nothing else lies, so that laws
 * disturb nobody and not each other. Times are written as on the wall, "10:00".
 */
import type { Facility } from "@bookio-kit/core/facility/Facility"
import { fromEpochDay, isoWeekday } from "@bookio-kit/core/time/LocalDate"
import { fromLocalMs, type LocalDateTime, toLocalMs } from "@bookio-kit/core/time/LocalDateTime"
import { epochDayAt, type Transition, transitionsBetween } from "@bookio-kit/core/time/TimeZone"
import type { WallTime } from "@bookio-kit/core/time/WallTime"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { NotRun } from "../Law.ts"
import * as Ask from "./Ask.ts"

export const minuteMs = 60_000
export const dayMs = 86_400_000

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))

/** A time of a day on the wall, as a request may write it; "24:00" and beyond are of the next day. */
export const wall = (epochDay: number, time: string): WallTime => ({
  _tag: "Local",
  localMs: epochDay * dayMs + minutesOf(time) * minuteMs
})

/** A day alone. */
export const wholeDay = (epochDay: number): WallTime => ({ _tag: "Day", epochDay })

/** A time of a day as rows have it. */
export const listed = (epochDay: number, time: string) => fromLocalMs(epochDay * dayMs + minutesOf(time) * minuteMs)

/** A day as queries have it. */
export const date = fromEpochDay

/** Today in the facility's zone. */
export const today = ({ timeZone }: Facility) =>
  Effect.map(Clock.currentTimeMillis, (nowMs) => epochDayAt(timeZone, nowMs))

const isUnblocked = Effect.fnUntraced(function* (facility: Facility, epochDay: number) {
  const [dateFrom, dateTo] = [date(epochDay - 1), date(epochDay + 1)]
  const { pagination } = yield* Ask.listBlockedTimes({ facilityId: facility.id, dateFrom, dateTo, limit: 1 })
  return pagination.total === 0
})

// From the day before to the day after, so that what a law lists there is its own.
const isEmpty = Effect.fnUntraced(function* (facility: Facility, epochDay: number) {
  const [from, to] = [date(epochDay - 1), date(epochDay + 1)]
  const { pagination } = yield* Ask.listReservations({ facilityId: facility.id, from, to, limit: 1 })
  return pagination.total === 0 && (yield* isUnblocked(facility, epochDay))
})

const changesAround = ({ timeZone }: Facility, epochDay: number) =>
  transitionsBetween(timeZone, (epochDay - 2) * dayMs, (epochDay + 3) * dayMs)

const attempts = 20

const firstOf = <E, R>(draw: Effect.Effect<number>, isFit: (epochDay: number) => Effect.Effect<boolean, E, R>) =>
  Effect.gen(function* () {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const epochDay = yield* draw
      if (yield* Ask.first(isFit(epochDay))) return epochDay
    }
    return yield* new NotRun({ reason: "the facility has no empty day in the years to come" })
  })

/** An empty day from 3 to 23 years ahead, without a change of clocks near it. */
export const freshDay = Effect.fnUntraced(function* (facility: Facility) {
  const now = yield* today(facility)
  const draw: Effect.Effect<number> = Effect.flatMap(
    Random.nextIntBetween(now + 3 * 365, now + 23 * 365),
    (epochDay) => (changesAround(facility, epochDay).length === 0 ? Effect.succeed(epochDay) : draw)
  )
  return yield* firstOf(draw, (epochDay) => isEmpty(facility, epochDay))
})

/** A change of clocks: by how much, and the local times that it skips or repeats, in minutes of its day. */
export interface ClockChange {
  readonly epochDay: number
  readonly transition: Transition
  /** The start of what is skipped or repeated, as local ms. */
  readonly fromLocalMs: number
  readonly toLocalMs: number
}

/** A day without blocked times, years ahead, on which clocks go forward or back by an hour or so, within one day. */
export const changeDay = Effect.fnUntraced(function* (facility: Facility, direction: "forward" | "back") {
  const nowMs = yield* Clock.currentTimeMillis
  const changes = transitionsBetween(facility.timeZone, nowMs + 3 * 365 * dayMs, nowMs + 43 * 365 * dayMs).flatMap(
    (transition): ReadonlyArray<ClockChange> => {
      const { atMs, offsetAfterMs, offsetBeforeMs } = transition
      if (direction === "forward" ? offsetAfterMs <= offsetBeforeMs : offsetAfterMs >= offsetBeforeMs) return []
      const [fromLocalMs, toLocalMs] =
        direction === "forward"
          ? [atMs + offsetBeforeMs, atMs + offsetAfterMs]
          : [atMs + offsetAfterMs, atMs + offsetBeforeMs]
      // A change over midnight belongs to no one day.
      const epochDay = Math.floor(fromLocalMs / dayMs)
      return toLocalMs <= (epochDay + 1) * dayMs ? [{ epochDay, transition, fromLocalMs, toLocalMs }] : []
    }
  )
  if (changes.length === 0) return yield* new NotRun({ reason: `clocks do not go ${direction} where the facility is` })
  const index = yield* firstOf(Random.nextIntBetween(0, changes.length - 1), (index) =>
    isUnblocked(facility, (changes[index] as ClockChange).epochDay)
  )
  return changes[index] as ClockChange
})

/** The day of a listed time. */
export const dayOf = (text: LocalDateTime): number => Math.floor(toLocalMs(text) / dayMs)

/** The ISO weekday of a day, 1 Monday to 7 Sunday. */
export const weekDay = isoWeekday
