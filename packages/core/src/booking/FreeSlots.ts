/**
 * Free slots (engine.md rule 15): the starts of a service's grid that a booking would be accepted at. Assumes rows of
 * the service's calendar and facility, in any order and from any time, and a duration of 1 to 1440 minutes (rule 11).
 */
import { epochDayAt, startOfDay } from "../time/TimeZone.ts"
import { type Occupancy, type Places, placesDuring } from "./Capacity.ts"
import { type Opening, windowsOfDay } from "./Opening.ts"
import type { Term } from "./Term.ts"

/**
 * What free slots depend on: the opening; the service with its duration in elapsed minutes and its capacity; the epoch
 * days of the range, both inclusive, in the opening's zone; now, in epoch milliseconds; the CONFIRMED reservations of
 * the calendar and the blocked times of the facility.
 */
export interface FreeSlotsInput {
  readonly opening: Opening
  readonly serviceId: number
  readonly durationMinutes: number
  readonly capacity: number
  readonly fromDay: number
  readonly toDay: number
  readonly nowMs: number
  readonly occupied: ReadonlyArray<Occupancy>
  readonly blocked: ReadonlyArray<Term>
}

/** A term that can be booked, and how many more reservations of the service fit on it, 1 or more. */
export interface FreeSlot extends Term {
  readonly free: number
}

/**
 * Returns the free slots that start on the days of the range, at `nowMs` or later, ascending by start (engine.md rule
 * 15). Each window of a day starts its own grid; a slot may run on into the next window or the next day. A start is
 * offered exactly if its term is open, not blocked, and fits (rules 2, 4 and 5).
 */
export const freeSlots = (input: FreeSlotsInput): ReadonlyArray<FreeSlot> => {
  const durationMs = input.durationMinutes * 60_000
  const starts = openStarts(input, durationMs)
  if (starts.length === 0) return []
  const span = { fromMs: starts[0]!, toMs: starts.at(-1)! + durationMs }
  return pick(starts, durationMs, placesDuring(span, input.capacity, input.occupied, input.blocked))
}

/** Returns the starts on the grid whose terms the opening covers, ascending and each once. */
const openStarts = (input: FreeSlotsInput, durationMs: number): ReadonlyArray<number> => {
  const { opening, serviceId, fromDay, toDay, nowMs } = input
  const windows: Array<Term> = []
  // A window can hold instants of a neighbouring day, where clocks go back over midnight. The last slot can run on: a day
  // more than its length says where clocks go forward.
  const lastDay = Math.min(toDay + 1 + Math.ceil(input.durationMinutes / 1440), opening.validToDay)
  for (let day = Math.max(fromDay - 1, opening.validFromDay); day <= lastDay; day++) {
    windows.push(...windowsOfDay(opening, serviceId, day))
  }
  // Whatever the clock does on the first and the last day, the instants between these two are of days of the range.
  const innerFromMs = startOfDay(opening.timeZone, fromDay + 1)
  const innerToMs = startOfDay(opening.timeZone, toDay)
  const inRange = (at: number): boolean => {
    if (at >= innerFromMs && at < innerToMs) return true
    const day = epochDayAt(opening.timeZone, at)
    return day >= fromDay && day <= toDay
  }
  const starts: Array<number> = []
  let lastMs = Number.NEGATIVE_INFINITY
  let ascending = true
  let next = 0
  while (next < windows.length) {
    const first = next
    let endMs = windows[next]!.toMs
    // Windows ascend by fromMs over all days: those up to `next` are one opening that ends at `endMs`.
    while (++next < windows.length && windows[next]!.fromMs <= endMs) endMs = Math.max(endMs, windows[next]!.toMs)
    for (const window of windows.slice(first, next)) {
      const skipped = Math.max(0, Math.ceil((nowMs - window.fromMs) / durationMs))
      const stopMs = Math.min(window.toMs, endMs - durationMs + 1)
      for (let at = window.fromMs + skipped * durationMs; at < stopMs; at += durationMs) {
        if (!inRange(at)) continue
        if (at <= lastMs) ascending = false
        lastMs = at
        starts.push(at)
      }
    }
  }
  return ascending ? starts : [...new Set(starts)].sort((a, b) => a - b)
}

/**
 * Returns the slots with places left: the least number of places on each, by a window of equal length that slides over
 * the steps. `queue` holds the steps in it that a later one does not undercut, so its head is the least.
 */
const pick = (starts: ReadonlyArray<number>, durationMs: number, left: Places): ReadonlyArray<FreeSlot> => {
  const { atMs, places } = left
  const slots: Array<FreeSlot> = []
  const queue = new Int32Array(atMs.length)
  let head = 0
  let tail = 0
  let step = 0
  for (const fromMs of starts) {
    const toMs = fromMs + durationMs
    for (; step < atMs.length && atMs[step]! < toMs; step++) {
      while (tail > head && places[queue[tail - 1]!]! >= places[step]!) tail--
      queue[tail++] = step
    }
    // A step is over where the next one starts.
    while (queue[head]! + 1 < atMs.length && atMs[queue[head]! + 1]! <= fromMs) head++
    const free = places[queue[head]!]!
    if (free >= 1) slots.push({ fromMs, toMs, free })
  }
  return slots
}
