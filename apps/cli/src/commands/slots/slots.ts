/** `bookio slots`. */
import { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import { freeSlots } from "@bookio-kit/core/booking/FreeSlots"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { ResourceNotFound } from "@bookio-kit/core/error/Refusal"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import { ServiceId } from "@bookio-kit/core/scalar/Id"
import { maxSlotDays, type Slot } from "@bookio-kit/core/slot/Slot"
import { Slots } from "@bookio-kit/core/slot/Slots"
import { type LocalDate, toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { format } from "@bookio-kit/core/time/WallTime"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { addDays, readDay, showTime } from "../../Days.ts"
import { oneFacility } from "../../Facility.ts"
import { usageError } from "../../Failure.ts"
import { printRows } from "../../output/Output.ts"
import type { Column } from "../../output/Table.ts"
import { blocked, confirmed, occupancyOf, openingOf } from "../../Terms.ts"
import type { slots } from "./specs.ts"

interface Row extends Slot {
  readonly timeZone: string
}

const columns = (zone: string): ReadonlyArray<Column<Row>> => [
  { title: `FROM (${zone})`, cell: ({ dateFrom, dateFromOffset }) => showTime(dateFrom, dateFromOffset), least: 16 },
  { title: "TO", cell: ({ dateTo, dateToOffset }) => showTime(dateTo, dateToOffset) },
  { title: "FREE", cell: ({ free }) => String(free), align: "right" }
]

const member = <K extends "dateFrom" | "dateTo">(name: K, { timeZone }: Facility, epochMs: number) => {
  const { offset, text } = format(timeZone, epochMs)
  return { [name]: text, ...(offset === undefined ? {} : { [`${name}Offset`]: offset }) } as Pick<Slot, K>
}

// The rules of the engine over what the published API lists (engine.md, rule 15).
const workedOut = Effect.fnUntraced(function* (facility: Facility, service: ServiceId, from: LocalDate, to: LocalDate) {
  const { list } = yield* Calendars
  const calendar = (yield* list({ facilityId: facility.id })).find(({ services }) =>
    services.some(({ id }) => id === service)
  )
  const found = calendar?.services.find(({ id }) => id === service)
  if (calendar === undefined || found === undefined) return yield* new ResourceNotFound({ resource: "Service" })
  const until = addDays(to, 1)
  const free = freeSlots({
    opening: openingOf(calendar, facility.timeZone),
    serviceId: service,
    durationMinutes: found.duration,
    capacity: found.capacity,
    fromDay: toEpochDay(from),
    toDay: toEpochDay(to),
    nowMs: yield* Clock.currentTimeMillis,
    occupied: occupancyOf(calendar, yield* confirmed(facility, from, until)),
    blocked: (yield* blocked(facility, from, until)).map(({ term }) => term)
  })
  return free.map(
    (slot): Slot => ({
      ...member("dateFrom", facility, slot.fromMs),
      ...member("dateTo", facility, slot.toMs),
      free: slot.free
    })
  )
})

/** Runs the command. */
export const run = ({ flags }: Given<typeof slots>) =>
  withBackend(
    Effect.gen(function* () {
      const facility = yield* oneFacility(flags.facility)
      const from = yield* readDay("--from", flags.from ?? "today", facility.timeZone)
      const to = flags.to === undefined ? addDays(from, 6) : yield* readDay("--to", flags.to, facility.timeZone)
      const days = toEpochDay(to) - toEpochDay(from) + 1
      if (days < 1 || days > maxSlotDays) {
        return yield* usageError(`--from to --to are ${days} days`, `give 1 to ${maxSlotDays}`)
      }
      const service = ServiceId.make(flags.service)
      const capabilities = yield* Capabilities
      const { list } = yield* Slots
      const found = capabilities.slots
        ? yield* list({ facilityId: facility.id, serviceId: service, from, to })
        : yield* workedOut(facility, service, from, to)
      const rows = found.map((slot): Row => ({ ...slot, timeZone: facility.timeZone }))
      yield* printRows(
        { columns: columns(facility.timeZone), empty: "There is no free term on these days." },
        Stream.fromIterable(rows)
      )
    })
  )
