/**
 * How a practice's busy time is shown in Bookio: as a blocked time, which closes all calendars of the facility and so is
 * right only where the practice calendar speaks for all of them, or as holds in the openings of one calendar (sync.md,
 * "What flows"). Pure; a hold's service and the facility's calendars are the caller's.
 */

import { type Opening, windowsOfDay } from "../booking/Opening.ts"
import type { Calendar } from "../calendar/Calendar.ts"
import { parseDay } from "../time/Civil.ts"
import { epochDayAt, type TimeZone } from "../time/TimeZone.ts"
import type { SyncTerm } from "./SyncState.ts"

/**
 * Cuts a term to the openings that it overlaps, ascending: one hold for each. Windows that abut or overlap are one opening
 * (engine.md, rule 2), across midnight too, so every hold lies inside the opening. Work grows with the days of the term.
 */
export const holdsOf = (term: SyncTerm, opening: Opening, serviceId: number): ReadonlyArray<SyncTerm> => {
  const holds: Array<SyncTerm> = []
  // Where clocks go back over midnight, windows of one day hold instants of the other: hence a day more at both ends.
  const firstDay = Math.max(opening.validFromDay, epochDayAt(opening.timeZone, term.startMs) - 1)
  const lastDay = Math.min(opening.validToDay, epochDayAt(opening.timeZone, term.endMs) + 1)
  for (let day = firstDay; day <= lastDay; day++) {
    for (const window of windowsOfDay(opening, serviceId, day)) {
      const startMs = Math.max(window.fromMs, term.startMs)
      const endMs = Math.min(window.toMs, term.endMs)
      if (startMs >= endMs) continue
      const last = holds.at(-1)
      if (last !== undefined && startMs <= last.endMs) {
        holds[holds.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, endMs) }
      } else {
        holds.push({ startMs, endMs })
      }
    }
  }
  return holds
}

/**
 * Tells whether a practice calendar that is bound to these calendars serves all that are valid on any day, in the zone,
 * that the term touches. Where none is valid there is nothing to close, and the answer is no.
 */
export const servesAll = (
  calendars: ReadonlyArray<Pick<Calendar, "id" | "validFrom" | "validTo">>,
  boundIds: ReadonlySet<number>,
  timeZone: TimeZone,
  term: SyncTerm
): boolean => {
  const firstDay = epochDayAt(timeZone, term.startMs)
  // The end is exclusive: one at midnight does not touch the day that begins.
  const lastDay = epochDayAt(timeZone, Math.max(term.startMs, term.endMs - 1))
  const valid = calendars.filter(
    ({ validFrom, validTo }) => parseDay(validFrom)! <= lastDay && parseDay(validTo)! >= firstDay
  )
  return valid.length > 0 && valid.every(({ id }) => boundIds.has(id))
}
