/** Tests of engine.md rule 15: examples worked out by hand, and agreement with the rules and with a calendar of minutes. */

import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { isBlocked } from "../../src/booking/Blocking.ts"
import { placesLeft } from "../../src/booking/Capacity.ts"
import { type FreeSlotsInput, freeSlots } from "../../src/booking/FreeSlots.ts"
import { isOpen } from "../../src/booking/Opening.ts"
import {
  at,
  type Clock,
  clocks,
  day,
  MINUTE,
  occupancyOf,
  opening,
  openingOf,
  scanOpen,
  scanWindows,
  term,
  termOf,
  utc,
  zone
} from "./Support.ts"

const winter = day("2026-01-14")
const gapDay = day("2026-03-29")
const repeatDay = day("2026-10-25")

const input = (changes: Partial<FreeSlotsInput>): FreeSlotsInput => ({
  opening: opening(at("08:00-12:00")),
  serviceId: 1,
  durationMinutes: 60,
  capacity: 1,
  fromDay: winter,
  toDay: changes.fromDay ?? winter,
  nowMs: utc("2026-01-01T00:00"),
  occupied: [],
  blocked: [],
  ...changes
})

/** The starts, as UTC "HH:mm". */
const starts = (changes: Partial<FreeSlotsInput>): ReadonlyArray<string> =>
  freeSlots(input(changes)).map(({ fromMs }) => new Date(fromMs).toISOString().slice(11, 16))

describe("freeSlots", () => {
  it("offers the grid of a day, with its places", () => {
    expect(freeSlots(input({ capacity: 3, opening: opening(at("08:00-10:00")) }))).toEqual([
      { ...term("2026-01-14T07:00", "2026-01-14T08:00"), free: 3 },
      { ...term("2026-01-14T08:00", "2026-01-14T09:00"), free: 3 }
    ])
  })

  it("leaves out a start whose slot would end after closing", () => {
    expect(starts({ opening: opening(at("08:00-10:00")), durationMinutes: 50 })).toEqual(["07:00", "07:50"])
  })

  it("gives abutting intervals a grid each, and lets a slot run on into the next", () => {
    // 08:00 + 4 x 50 min = 11:20, then 12:00 + 4 x 50 min = 15:20: 15:20 would end at 16:10. 11:20 runs on to 12:10.
    expect(starts({ opening: opening(at("08:00-12:00"), at("12:00-16:00")), durationMinutes: 50 })).toEqual([
      "07:00",
      "07:50",
      "08:40",
      "09:30",
      "10:20",
      "11:00",
      "11:50",
      "12:40",
      "13:30"
    ])
  })

  it("lets a slot run on over midnight, on the last day of the range too", () => {
    const night = opening(at("22:00-24:00", { weekDays: [3] }), at("00:00-02:00", { weekDays: [4] }))
    // 22:00 and 23:30 local of the 14th; 00:00 of the 15th, whose 01:30 would end at 03:00.
    expect(starts({ opening: night, durationMinutes: 90 })).toEqual(["21:00", "22:30"])
    expect(starts({ opening: night, durationMinutes: 90, toDay: winter + 1 })).toEqual(["21:00", "22:30", "23:00"])
    expect(starts({ opening: night, durationMinutes: 90, fromDay: winter + 1 })).toEqual(["23:00"])
  })

  it("lets a slot of 24 hours run on over a day of 23", () => {
    // 23:30 of the day before the change ends at 00:30 of the day after it.
    const always = opening(at("00:00-23:30"), at("23:30-24:00"))
    expect(starts({ opening: always, durationMinutes: 1440, fromDay: gapDay - 1 })).toEqual(["23:00", "22:30"])
  })

  it("ends with the calendar's last valid day", () => {
    const last = { ...opening(at("00:00-24:00")), validToDay: winter }
    expect(freeSlots(input({ opening: last, toDay: winter + 9 }))).toHaveLength(24)
    expect(freeSlots(input({ opening: last, toDay: winter + 9, durationMinutes: 50 }))).toHaveLength(28)
  })

  it("has 23 and 25 hours to offer on the days of the clock changes", () => {
    const always = opening(at("00:00-24:00"))
    expect(freeSlots(input({ opening: always, fromDay: gapDay }))).toHaveLength(23)
    expect(freeSlots(input({ opening: always, fromDay: repeatDay }))).toHaveLength(25)
    expect(freeSlots(input({ opening: always, fromDay: repeatDay, toDay: repeatDay + 1 }))).toHaveLength(49)
  })

  it("offers nothing of an hour that does not exist, and one that repeats twice", () => {
    const third = opening(at("02:00-03:00"))
    expect(starts({ opening: third, fromDay: gapDay })).toEqual([])
    expect(starts({ opening: third, fromDay: repeatDay })).toEqual(["00:00", "01:00"])
  })

  it("starts the grid at the change, and at the first pass", () => {
    const late = opening(at("02:30-04:00"))
    // [03:00, 04:00) is 60 minutes; [02:30 first, 04:00) is 150.
    expect(starts({ opening: late, durationMinutes: 30, fromDay: gapDay })).toEqual(["01:00", "01:30"])
    expect(starts({ opening: late, durationMinutes: 30, fromDay: repeatDay })).toEqual([
      "00:30",
      "01:00",
      "01:30",
      "02:00",
      "02:30"
    ])
  })

  it("offers once what overlapping windows share, in order", () => {
    // Until the second 02:00 (01:00 UTC) and from the first 02:00 (00:00 UTC).
    const abutting = opening(at("01:00-02:00"), at("02:00-03:00"))
    expect(starts({ opening: abutting, fromDay: repeatDay })).toEqual(["23:00", "00:00", "01:00"])
    expect(starts({ opening: abutting, fromDay: repeatDay, durationMinutes: 40 })).toEqual([
      "23:00",
      "23:40",
      "00:00",
      "00:20",
      "00:40",
      "01:20"
    ])
  })

  it("goes by the calendar day of the start where clocks go back over midnight", () => {
    // In St. John's, 7 November 2010 began at 02:30 UTC, and from 02:31 to 03:30 UTC it was the 6th once more.
    const changes = {
      opening: { ...opening(at("22:00-23:30")), timeZone: zone("America/St_Johns"), validFromDay: 0 },
      durationMinutes: 30,
      nowMs: 0
    }
    const sixth = day("2010-11-06")
    expect(starts({ ...changes, fromDay: sixth })).toEqual(["00:30", "01:00", "01:30", "02:00"])
    expect(starts({ ...changes, fromDay: sixth + 1 })).toEqual(["02:30", "01:30", "02:00", "02:30"])
  })

  it("starts at now, a start at this very instant included", () => {
    expect(starts({ nowMs: utc("2026-01-14T08:00") })).toEqual(["08:00", "09:00", "10:00"])
    expect(starts({ nowMs: utc("2026-01-14T08:00") + 1 })).toEqual(["09:00", "10:00"])
    expect(starts({ nowMs: utc("2026-01-15T00:00") })).toEqual([])
  })

  it("offers nothing that a blocked time overlaps", () => {
    const blocked = [term("2026-01-14T10:59", "2026-01-20T00:00"), term("2026-01-14T06:00", "2026-01-14T07:01")]
    expect(starts({ capacity: 8, blocked })).toEqual(["08:00", "09:00"])
  })

  it("counts the places on the whole slot", () => {
    const occupied = [
      { ...term("2026-01-14T06:00", "2026-01-14T07:30"), capacity: 3 },
      { ...term("2026-01-14T07:30", "2026-01-14T08:00"), capacity: 8 },
      { ...term("2026-01-14T09:59", "2026-01-14T10:00"), capacity: 1 }
    ]
    expect(freeSlots(input({ capacity: 4, occupied })).map(({ free }) => free)).toEqual([2, 4, 4])
  })

  it("offers nothing in a range without days, or to a service that the calendar does not allow", () => {
    expect(starts({ toDay: winter - 1 })).toEqual([])
    expect(starts({ opening: opening(at("08:00-12:00", { allowedServices: [2] })) })).toEqual([])
  })

  const cases = fc.constantFrom(...clocks).chain((clock) =>
    fc.record({
      clock: fc.constant(clock),
      opening: openingOf(clock),
      durationMinutes: fc.constantFrom(5, 15, 20, 50, 60, 90, 240, 1440),
      capacity: fc.constantFrom(1, 2, 8),
      range: fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 })),
      now: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: clock.local.length })),
      occupied: fc.array(occupancyOf(clock, 300), { maxLength: 60, size: "max" }),
      blocked: fc.array(termOf(clock, 500), { maxLength: 6 })
    })
  )

  const inputOf = ({
    clock,
    now,
    range,
    ...rest
  }: { readonly clock: Clock; readonly now: number; readonly range: readonly [number, number] } & Pick<
    FreeSlotsInput,
    "opening" | "durationMinutes" | "capacity" | "occupied" | "blocked"
  >): FreeSlotsInput => ({
    ...rest,
    serviceId: 1,
    fromDay: clock.firstDay + range[0],
    toDay: clock.firstDay + range[1],
    nowMs: clock.firstMs + now * MINUTE
  })

  /** The starts of every window's grid on the days of the range from now on, as indexes into the clock. */
  const grid = (clock: Clock, { durationMinutes, fromDay, nowMs, opening, toDay }: FreeSlotsInput) => {
    const found = new Set<number>()
    for (const [from, to] of scanWindows(clock, opening, 1)) {
      for (let minute = from; minute < to; minute += durationMinutes) {
        const localDay = Math.floor(clock.local[minute]! / 1440)
        if (localDay < fromDay || localDay > toDay || clock.firstMs + minute * MINUTE < nowMs) continue
        found.add(minute)
      }
    }
    return [...found].sort((a, b) => a - b)
  }

  it("agrees with a calendar filled in minute by minute", () => {
    fc.assert(
      fc.property(cases, ({ clock, ...rest }) => {
        const request = inputOf({ clock, ...rest })
        const size = clock.local.length
        const open = scanOpen(clock, scanWindows(clock, request.opening, 1))
        const count = new Int32Array(size)
        const smallest = new Int32Array(size).fill(request.capacity)
        const index = (ms: number): number => (ms - clock.firstMs) / MINUTE
        for (const { capacity, fromMs, toMs } of request.occupied) {
          for (let i = index(fromMs); i < index(toMs); i++) {
            count[i]!++
            smallest[i] = Math.min(smallest[i]!, capacity)
          }
        }
        for (const { fromMs, toMs } of request.blocked) open.fill(0, index(fromMs), index(toMs))
        const expected = grid(clock, request).flatMap((minute) => {
          let free = request.capacity
          for (let i = minute; i < minute + request.durationMinutes; i++) {
            free = Math.min(free, open[i] === 1 ? smallest[i]! - count[i]! : 0)
          }
          const fromMs = clock.firstMs + minute * MINUTE
          return free >= 1 ? [{ fromMs, toMs: fromMs + request.durationMinutes * MINUTE, free }] : []
        })
        expect(freeSlots(request)).toEqual(expected)
      }),
      { numRuns: 400 }
    )
  })

  it("offers a start of the grid exactly if a booking there would be accepted", () => {
    fc.assert(
      fc.property(cases, ({ clock, ...rest }) => {
        const request = inputOf({ clock, ...rest })
        const accepted = grid(clock, request).flatMap((minute) => {
          const fromMs = clock.firstMs + minute * MINUTE
          const slot = { fromMs, toMs: fromMs + request.durationMinutes * MINUTE }
          const free = placesLeft(slot, request.capacity, request.occupied)
          return isOpen(request.opening, 1, slot) && !isBlocked(slot, request.blocked) && free >= 1
            ? [{ ...slot, free }]
            : []
        })
        expect(freeSlots(request)).toEqual(accepted)
      }),
      { numRuns: 200 }
    )
  })
})
