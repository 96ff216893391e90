/** Free slots of a month over a busy clinic: core's function, and a check of each point of the grid against all rows. */
import { fits, type Occupancy } from "@bookio-kit/core/booking/Capacity"
import { type FreeSlotsInput, freeSlots } from "@bookio-kit/core/booking/FreeSlots"
import { isOpen } from "@bookio-kit/core/booking/Opening"
import { overlaps, type Term } from "@bookio-kit/core/booking/Term"
import { startOfDay, TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Schema from "effect/Schema"
import { serve } from "./Serve.ts"

const timeZone = Schema.decodeSync(TimeZone)("Europe/Bratislava")
// March 2026: 31 days with a change of the clock among them.
const fromDay = Date.UTC(2026, 2, 1) / 86_400_000
const minuteMs = 60_000

const termAt = (index: number, count: number, minutes: number): Term => {
  const spanMs = 31 * 86_400_000
  const fromMs = startOfDay(timeZone, fromDay) + Math.floor((index * spanMs) / count / minuteMs / 5) * 5 * minuteMs
  return { fromMs, toMs: fromMs + minutes * minuteMs }
}

const input: FreeSlotsInput = {
  opening: {
    timeZone,
    validFromDay: fromDay - 365,
    validToDay: fromDay + 365,
    intervals: [
      { weekDays: [1, 2, 3, 4, 5], timeFromMinutes: 420, timeToMinutes: 720, allowedServices: [] },
      { weekDays: [1, 2, 3, 4, 5, 6], timeFromMinutes: 750, timeToMinutes: 1080, allowedServices: [] }
    ]
  },
  serviceId: 1,
  durationMinutes: 15,
  capacity: 2,
  fromDay,
  toDay: fromDay + 30,
  nowMs: 0,
  occupied: Array.from({ length: 2_000 }, (_, index): Occupancy => ({ ...termAt(index, 2_000, 30), capacity: 2 })),
  blocked: Array.from({ length: 200 }, (_, index) => termAt(index, 200, 45))
}

// Every quarter of an hour of the month is asked by itself, which is what rule 15 says a free slot is.
const byEachPoint = (): number => {
  const { blocked, capacity, durationMinutes, occupied, opening, serviceId, toDay } = input
  const endMs = startOfDay(timeZone, toDay + 1)
  let found = 0
  for (let at = startOfDay(timeZone, fromDay); at < endMs; at += durationMinutes * minuteMs) {
    const term = { fromMs: at, toMs: at + durationMinutes * minuteMs }
    if (!isOpen(opening, serviceId, term)) continue
    if (blocked.some((other) => overlaps(other, term))) continue
    if (fits(term, capacity, occupied)) found++
  }
  return found
}

const works = { "core, freeSlots": () => freeSlots(input).length, "each point against all rows": byEachPoint }

const measure = ({ durationMs, name }: { readonly name: keyof typeof works; readonly durationMs: number }) => {
  const work = works[name]
  const expected = works["core, freeSlots"]()
  const startedMs = performance.now()
  let count = 0
  while (performance.now() - startedMs < durationMs) {
    if (work() !== expected) throw new Error(`${name} finds ${work()} slots, freeSlots ${expected}`)
    count++
  }
  return { ms: (performance.now() - startedMs) / count }
}

serve({ measure })
