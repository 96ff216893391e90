/**
 * The times of Bookio's rows as instants, and back as the members of a request (api.md, "The repeated hour"). Assumes the
 * facility's zone. The wire has whole seconds, so terms are compared as `wholeSeconds` leaves them.
 */
import * as Result from "effect/Result"
import type { BlockedTime } from "../blocked-time/BlockedTime.ts"
import type { Reservation } from "../reservation/Reservation.ts"
import { type LocalDateTime, toLocalMs } from "../time/LocalDateTime.ts"
import { instantsOf, offsetMsAt, type TimeZone } from "../time/TimeZone.ts"
import { toMs, type UtcOffset } from "../time/UtcOffset.ts"
import { format, type TimeProblem, type WallTime } from "../time/WallTime.ts"
import type { SyncState, SyncTerm } from "./SyncState.ts"

/** The times of a listed row: start inclusive, end exclusive, on the facility's wall clock. */
export interface ListedTerm {
  readonly dateFrom: LocalDateTime
  readonly dateFromOffset?: UtcOffset
  readonly dateTo: LocalDateTime
  readonly dateToOffset?: UtcOffset
  /** Elapsed minutes, where the row tells them. */
  readonly duration?: number
}

/** The times of a request that creates or moves something; an offset stands beside the second pass of a repeated hour. */
export interface RequestTerm {
  readonly dateFrom: WallTime
  readonly dateFromOffset?: UtcOffset
  readonly dateTo: WallTime
  readonly dateToOffset?: UtcOffset
}

/**
 * Reads the term of a row. A repeated time without an offset is taken so that the term fits `duration`, to less than a
 * minute; else the first pass for the start, and for the end the earliest after it.
 *
 * @errors `gap` where a time does not exist in the zone; `offset` where it has no such offset then.
 */
export const readTerm = (zone: TimeZone, row: ListedTerm): Result.Result<SyncTerm, TimeProblem> =>
  Result.gen(function* () {
    const starts = yield* readings(zone, row.dateFrom, row.dateFromOffset)
    const ends = yield* readings(zone, row.dateTo, row.dateToOffset)
    const { duration } = row
    const terms = starts.flatMap((startMs) => ends.map((endMs) => ({ startMs, endMs })))
    const fitting =
      duration === undefined
        ? undefined
        : terms.find(({ startMs, endMs }) => Math.abs(endMs - startMs - duration * 60_000) < 60_000)
    const [startMs] = starts
    return fitting ?? { startMs, endMs: ends.find((endMs) => endMs > startMs) ?? ends[0] }
  })

/** Reads a reservation with the text that its appointment is to show. @errors as `readTerm`. */
export const reservationState = (
  zone: TimeZone,
  row: Reservation,
  text: string
): Result.Result<SyncState, TimeProblem> =>
  Result.map(readTerm(zone, row), (term) => ({ term, status: row.status, text }))

/** Reads a blocked time, which is there or not and so counts as CONFIRMED; its text is its note. @errors as `readTerm`. */
export const blockedTimeState = (zone: TimeZone, row: BlockedTime): Result.Result<SyncState, TimeProblem> =>
  Result.map(readTerm(zone, row), (term) => ({ term, status: "CONFIRMED", text: row.note ?? "" }))

/** Widens a term to whole seconds: the start down, the end up, so that nothing of it is left free. */
export const wholeSeconds = ({ endMs, startMs }: SyncTerm): SyncTerm => ({
  startMs: Math.floor(startMs / 1_000) * 1_000,
  endMs: Math.ceil(endMs / 1_000) * 1_000
})

/** Writes a term, in whole seconds, as the members of a request; a server of api.md reads the same instants from them. */
export const writeTerm = (zone: TimeZone, term: SyncTerm): RequestTerm => {
  const { endMs, startMs } = wholeSeconds(term)
  const from = format(zone, startMs)
  const to = format(zone, endMs)
  return {
    dateFrom: { _tag: "Local", localMs: toLocalMs(from.text) },
    ...(from.offset === undefined ? {} : { dateFromOffset: from.offset }),
    dateTo: { _tag: "Local", localMs: toLocalMs(to.text) },
    ...(to.offset === undefined ? {} : { dateToOffset: to.offset })
  }
}

type Readings = readonly [number, ...Array<number>]

const readings = (zone: TimeZone, text: LocalDateTime, offset?: UtcOffset): Result.Result<Readings, TimeProblem> => {
  const [first, ...others] = instantsOf(zone, toLocalMs(text))
  if (first === undefined) return Result.fail("gap")
  if (offset === undefined) return Result.succeed([first, ...others])
  const fitting = [first, ...others].find((instant) => offsetMsAt(zone, instant) === toMs(offset))
  return fitting === undefined ? Result.fail("offset") : Result.succeed([fitting])
}
