/** `bookio agenda`. */
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import { fromEpochDay, isoWeekday, type LocalDate, toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { startOfDay } from "@bookio-kit/core/time/TimeZone"
import { format } from "@bookio-kit/core/time/WallTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { addDays, readDay } from "../../Days.ts"
import { oneFacility } from "../../Facility.ts"
import { Invocation } from "../../Invocation.ts"
import { isForPeople, print, printRows } from "../../output/Output.ts"
import { colored } from "../../output/Table.ts"
import { safe } from "../../output/Width.ts"
import { blocked, confirmed } from "../../Terms.ts"
import { type Entry, entriesOf, openTerms } from "./Entries.ts"
import { type Block, type GridColumn, gridLines } from "./Grid.ts"
import type { agenda } from "./specs.ts"

const dayNames = ["", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

const dayTitle = (day: LocalDate) => `${dayNames[isoWeekday(toEpochDay(day))]} ${day}`

const clashTexts = { blocked: "in a blocked time", full: "no place is left for it" } as const

const nameOf = ({ blockedTime, reservation }: Entry): string =>
  reservation === undefined ? blockedTime?.note || "blocked" : reservation.name

const timeOf = ({ timeZone }: Facility, epochMs: number) => format(timeZone, epochMs).text.slice(11, 16)

const blockOf = (facility: Facility, entry: Entry): Block => ({
  fromMs: entry.fromMs,
  toMs: entry.toMs,
  text: safe(nameOf(entry)),
  time: timeOf(facility, entry.fromMs),
  kind: entry.reservation === undefined ? "blocked" : "reservation",
  isClash: entry.clash !== undefined
})

const toJson = (facility: Facility) => (entry: Entry) => ({
  kind: entry.reservation === undefined ? "blockedTime" : "reservation",
  dateFrom: format(facility.timeZone, entry.fromMs).text,
  dateTo: format(facility.timeZone, entry.toMs).text,
  timeZone: facility.timeZone,
  calendarId: entry.calendar.id,
  calendarName: entry.calendar.name,
  reservationId: entry.reservation?.id ?? null,
  blockedTimeId: entry.blockedTime?.id ?? null,
  number: entry.reservation?.number ?? null,
  name: entry.reservation?.name ?? null,
  serviceName: entry.calendar.services.find(({ id }) => id === entry.reservation?.service)?.name ?? null,
  note: entry.reservation?.note ?? entry.blockedTime?.note ?? null,
  clash: entry.clash ?? null
})

// The same blocked time is in every calendar, and once in a column that shows them all.
const merged = (entries: ReadonlyArray<Entry>): ReadonlyArray<Entry> => {
  const seen = new Set<number>()
  return entries
    .filter(({ blockedTime }) => blockedTime === undefined || (!seen.has(blockedTime.id) && seen.add(blockedTime.id)))
    .toSorted((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)
}

const clashLines = (facility: Facility, entries: ReadonlyArray<Entry>): ReadonlyArray<string> => {
  const clashes = entries.filter(({ clash }) => clash !== undefined)
  const line = (entry: Entry) =>
    `! ${format(facility.timeZone, entry.fromMs).text.slice(0, 16).replace("T", " ")} ${safe(nameOf(entry))} (${
      entry.reservation?.number ?? entry.reservation?.id
    }): ${clashTexts[entry.clash ?? "full"]}`
  return clashes.length === 0
    ? []
    : ["", `${clashes.length === 1 ? "1 clash" : `${clashes.length} clashes`}:`, ...clashes.map(line)]
}

/** Runs the command. */
export const run = ({ args, flags }: Given<typeof agenda>) =>
  withBackend(
    Effect.gen(function* () {
      const { screen } = yield* Invocation
      const facility = yield* oneFacility(flags.facility)
      const { timeZone } = facility
      const asked = yield* readDay("DAY", args.day ?? "today", timeZone)
      const first = flags.week ? addDays(asked, 1 - isoWeekday(toEpochDay(asked))) : asked
      const days = Array.from({ length: flags.week ? 7 : 1 }, (_, index) => addDays(first, index))
      const last = addDays(first, days.length - 1)
      const { list } = yield* Calendars
      const calendars = (yield* list({ facilityId: facility.id })).filter(
        ({ id, validFrom, validTo }) =>
          validFrom.slice(0, 10) <= last &&
          validTo.slice(0, 10) >= first &&
          (flags.calendar.length === 0 || flags.calendar.includes(id))
      )
      const reservations = yield* confirmed(facility, first, last)
      const blockedTimes = yield* blocked(facility, first, last)
      const startOf = (day: LocalDate) => startOfDay(timeZone, toEpochDay(day))
      const spanOf = (day: LocalDate) => ({ fromMs: startOf(day), toMs: startOf(fromEpochDay(toEpochDay(day) + 1)) })
      const entries = calendars.flatMap((calendar) =>
        entriesOf(calendar, { fromMs: startOf(first), toMs: spanOf(last).toMs }, reservations, blockedTimes)
      )
      if (!(yield* isForPeople)) {
        const form = { columns: [], empty: "", toJson: toJson(facility) }
        return yield* printRows(form, Stream.fromIterable(merged(entries)))
      }
      const column = (title: string, day: LocalDate, of: typeof calendars): GridColumn => ({
        title,
        dayMs: startOf(day),
        blocks: merged(of.flatMap((calendar) => entriesOf(calendar, spanOf(day), reservations, blockedTimes))).map(
          (entry) => blockOf(facility, entry)
        ),
        open: of.flatMap((calendar) => openTerms(calendar, timeZone, toEpochDay(day)))
      })
      const columns = flags.week
        ? days
            .map((day) => column(dayTitle(day), day, calendars))
            .filter(({ blocks, open }) => blocks.length > 0 || open.length > 0)
        : calendars.map((calendar) => column(calendar.name, first, [calendar]))
      const grid = gridLines(columns, {
        width: screen.width ?? 120,
        colors: screen.colors,
        clock: (epochMs) => timeOf(facility, epochMs)
      })
      const title = `${safe(facility.name)}, ${days.length === 1 ? dayTitle(first) : `${first} to ${last}`} (${timeZone})`
      yield* print(
        `${[
          colored(title, "bold", screen.colors),
          "",
          ...(grid.length === 0 ? ["Closed, and nothing is booked."] : grid),
          ...clashLines(facility, merged(entries))
        ].join("\n")}\n`
      )
    })
  )
