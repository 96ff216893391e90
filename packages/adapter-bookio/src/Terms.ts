/** Whether a listed row shows the term that a change asked for, without knowing the facility's zone. */
import { fromEpochDay } from "@bookio-kit/core/time/LocalDate"
import { fromLocalMs, type LocalDateTime } from "@bookio-kit/core/time/LocalDateTime"
import type { UtcOffset } from "@bookio-kit/core/time/UtcOffset"
import type { WallTime } from "@bookio-kit/core/time/WallTime"

export interface GivenTerm {
  readonly dateFrom?: WallTime
  readonly dateFromOffset?: UtcOffset
  readonly dateTo?: WallTime
  readonly dateToOffset?: UtcOffset
}

export interface ListedTerm {
  readonly dateFrom: LocalDateTime
  readonly dateFromOffset?: UtcOffset
  readonly dateTo: LocalDateTime
  readonly dateToOffset?: UtcOffset
}

// An instant means a text only in a zone, so nothing can be said of one.
const textOf = (time: WallTime, daysLater: number): string | undefined => {
  switch (time._tag) {
    case "Day":
      return `${fromEpochDay(time.epochDay + daysLater)}T00:00:00`
    case "Local":
      return fromLocalMs(time.localMs)
    case "Instant":
      return undefined
  }
}

// Two readings of a repeated hour with one text are equal where a side has no offset (sync.md, "A pass", 2).
const isEqual = (text: string | undefined, offset: UtcOffset | undefined, listed: string, listedOffset?: UtcOffset) =>
  text === listed && (offset === undefined || listedOffset === undefined || offset === listedOffset)

/**
 * Whether a row's term is the one given; an end that is not given is not looked at.
 *
 * @param dayEnds - by how many days later a `dateTo` that is only a day ends: 1 where it means the end of that day.
 */
export const showsTerm = (given: GivenTerm, row: ListedTerm, dayEnds: 0 | 1): boolean =>
  (given.dateFrom === undefined ||
    isEqual(textOf(given.dateFrom, 0), given.dateFromOffset, row.dateFrom, row.dateFromOffset)) &&
  (given.dateTo === undefined ||
    isEqual(textOf(given.dateTo, dayEnds), given.dateToOffset, row.dateTo, row.dateToOffset))
