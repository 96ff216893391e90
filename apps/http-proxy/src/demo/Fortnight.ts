/**
 * The reservations and blocked times of a clinic around a day. They are placed by the booking rules of core, so that an
 * engine takes them one after the other, the reservations before the blocked times. Assumes opening hours that stay
 * clear of the hours in which clocks change, and that start and end on multiples of five minutes.
 */
import { isBlocked } from "@bookio-kit/core/booking/Blocking"
import { isOpen, type Opening, windowsOfDay } from "@bookio-kit/core/booking/Opening"
import type { Term } from "@bookio-kit/core/booking/Term"
import { isoWeekday, LocalDate, toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { fromLocalMs } from "@bookio-kit/core/time/LocalDateTime"
import { LocalTime, toMinutes } from "@bookio-kit/core/time/LocalTime"
import { instantsOf, TimeZone, toLocalMs } from "@bookio-kit/core/time/TimeZone"
import type { BlockedTimeSeed, Clinic, DemoCalendar, DemoService, ReservationSeed } from "./Clinic.ts"
import type { Dice } from "./Dice.ts"
import { dealer, patients } from "./People.ts"

/** A clinic's reservations, in the order in which they can be made, and its blocked times. */
export interface Fortnight {
  readonly reservations: ReadonlyArray<ReservationSeed>
  readonly blockedTimes: ReadonlyArray<BlockedTimeSeed>
}

/** Makes the reservations from seven days before `today` (an epoch day) to seven after, both inclusive; about 60% full. */
export const fortnight = (clinic: Clinic, today: number, dice: Dice): Fortnight => {
  const { facility, locale } = clinic
  const zone = TimeZone.make(facility.timeZone)
  const write = (atMs: number) => fromLocalMs(toLocalMs(zone, atMs))
  const blocks = clinic.blocks.map((block) => {
    const day = nthWeekday(today, block.weekday)
    return { ...block, fromMs: instant(zone, day, block.from), toMs: instant(zone, day, block.to) }
  })
  // More than a busy day has places, so that nobody is in two places at once.
  const nextPatient = dealer(dice, patients(dice, locale, 160), 80)

  const book = (
    calendar: DemoCalendar,
    service: DemoService,
    fromMs: number,
    channel: string,
    status: NonNullable<ReservationSeed["status"]>
  ): Omit<ReservationSeed, "externalId"> => {
    const patient = nextPatient()
    return {
      channel,
      calendar: calendar.key,
      serviceId: service.id,
      ...patient,
      ...(dice.chance(0.15) ? { note: dice.pick(texts[patient.locale].notes) } : {}),
      dateFrom: write(fromMs),
      status,
      ...(status === "CANCELLED" ? { cancellationReason: dice.pick(texts[patient.locale].reasons) } : {})
    }
  }

  /** Walks through a day and never back, so that no two terms overlap but those of the places of one group. */
  const fillDay = (calendar: DemoCalendar, day: number) => {
    const opening = openingOf(zone, calendar)
    const windows = calendar.services.flatMap((service) =>
      windowsOfDay(opening, service.id, day).map((window) => ({ ...window, service }))
    )
    const booked: Array<Omit<ReservationSeed, "externalId">> = []
    // On a closed day from Infinity to -Infinity: not a step.
    const endMs = Math.max(...windows.map((window) => window.toMs))
    let atMs = Math.min(...windows.map((window) => window.fromMs))
    while (atMs < endMs) {
      const free = windows.filter(({ service, fromMs, toMs }) => {
        if (atMs < fromMs || atMs >= toMs) return false
        const term = termOf(service, atMs)
        return isOpen(opening, service.id, term) && !isBlocked(term, blocks)
      })
      if (free.length === 0) {
        atMs += 5 * minuteMs
        continue
      }
      const { service, fromMs } = dice.pick(free)
      const durationMs = service.duration * minuteMs
      // Patients see the free slots of the online form only: on the service's own grid (engine.md rule 15).
      const isOnline = service.hiddenInOnlineForm !== true && (atMs - fromMs) % durationMs === 0
      const channel = () => (isOnline && dice.chance(0.7) ? "web" : "cgm")
      for (let place = 0; place < (service.capacity ?? 1); place++) {
        if (!dice.chance(fullness)) continue
        const status = dice.pick(day < today ? pastStatuses : statuses)
        booked.push(book(calendar, service, atMs, channel(), status))
        // A place that was given up is free again, and half of the time somebody took it.
        if (status === "CANCELLED" && dice.chance(0.5))
          booked.push(book(calendar, service, atMs, channel(), "CONFIRMED"))
      }
      atMs += durationMs
    }
    return booked
  }

  const made = blocks.flatMap(({ over, fromMs }) =>
    facility.calendars.flatMap((calendar) =>
      calendar.services
        .filter((service) => calendar.key === over?.calendar && service.id === over.serviceId)
        .map((service) => book(calendar, service, fromMs, "web", "CONFIRMED"))
    )
  )
  for (let day = today - 7; day <= today + 7; day++) {
    for (const calendar of facility.calendars) made.push(...fillDay(calendar, day))
  }
  return {
    reservations: numbered(made),
    blockedTimes: blocks.map(({ fromMs, toMs, note }, index) => ({
      channel: "cgm",
      externalId: index + 1,
      dateFrom: write(fromMs),
      dateTo: write(toMs),
      note
    }))
  }
}

const minuteMs = 60_000

/** The share of terms that are booked; a little goes to cancellations and to times too short for any service. */
const fullness = 0.65

const statuses = [...Array<"CONFIRMED">(11).fill("CONFIRMED"), "CANCELLED"] as const
const pastStatuses = [...statuses, "DID_NOT_COME"] as const

const texts = {
  sk: {
    notes: [
      "Prvá návšteva.",
      "Prosím zavolať deň vopred.",
      "Alergia na penicilín.",
      "Bezbariérový prístup, prosím.",
      "Prídem s deťmi, ďakujem."
    ],
    reasons: ["Choroba.", "Nestíham, ospravedlňujem sa.", "Našiel sa skorší termín.", "Pracovná cesta."]
  },
  cs: {
    notes: [
      "První návštěva.",
      "Prosím zavolat den předem.",
      "Alergie na penicilin.",
      "Potřebuji bezbariérový přístup.",
      "Přijdu přímo z práce, děkuji."
    ],
    reasons: ["Nemoc.", "Nestíhám, omlouvám se.", "Našel se dřívější termín.", "Služební cesta."]
  }
} as const

/** Assumes a time that the zone's clock shows that day, which weekdays of European zones grant. */
const instant = (zone: TimeZone, epochDay: number, time: string): number =>
  instantsOf(zone, (epochDay * 1440 + toMinutes(LocalTime.make(time))) * minuteMs)[0]!

const termOf = (service: DemoService, fromMs: number): Term => ({ fromMs, toMs: fromMs + service.duration * minuteMs })

const nthWeekday = (today: number, n: number): number => {
  let day = today
  for (let left = Math.abs(n); left > 0; ) {
    day += Math.sign(n)
    if (isoWeekday(day) <= 5) left--
  }
  return day
}

const openingOf = (timeZone: TimeZone, calendar: DemoCalendar): Opening => ({
  timeZone,
  validFromDay: toEpochDay(LocalDate.make(calendar.validFrom)),
  validToDay: toEpochDay(LocalDate.make(calendar.validTo)),
  intervals: calendar.intervals.map((interval) => ({
    weekDays: interval.weekDays,
    timeFromMinutes: toMinutes(LocalTime.make(interval.timeFrom)),
    timeToMinutes: toMinutes(LocalTime.make(interval.timeTo)),
    allowedServices: interval.allowedServices ?? []
  }))
})

/** Sorts by start, and numbers each channel's rows from 1; of equal starts the first made stays the first. */
const numbered = (made: ReadonlyArray<Omit<ReservationSeed, "externalId">>): ReadonlyArray<ReservationSeed> => {
  const last = new Map<string, number>()
  return made
    .toSorted((a, b) => (a.dateFrom < b.dateFrom ? -1 : a.dateFrom > b.dateFrom ? 1 : 0))
    .map((row) => {
      const externalId = (last.get(row.channel) ?? 0) + 1
      last.set(row.channel, externalId)
      return { ...row, externalId }
    })
}
