/** Free slots of the engine (engine.md, rule 15), from one committed state. */
import { Caller } from "@bookio-kit/core/access/Caller"
import { freeSlots } from "@bookio-kit/core/booking/FreeSlots"
import { ResourceNotFound } from "@bookio-kit/core/error/Refusal"
import type { Slot, SlotQuery } from "@bookio-kit/core/slot/Slot"
import { Slots } from "@bookio-kit/core/slot/Slots"
import { toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { startOfDay } from "@bookio-kit/core/time/TimeZone"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { databaseClockMs } from "../database/Dialect.ts"
import { serviceOf } from "./CalendarMemory.ts"
import * as CalendarStore from "./CalendarStore.ts"
import * as FacilityState from "./FacilityState.ts"
import * as Occupied from "./Occupied.ts"
import { listedTime } from "./Times.ts"

const list = Effect.fnUntraced(function* (caller: Caller["Service"], query: SlotQuery) {
  const sql = yield* SqlClient.SqlClient
  const facility = yield* FacilityState.named(caller, query.facilityId, "read")
  const service = yield* serviceOf(facility, query.serviceId)
  if (service === undefined || service.removed) return yield* new ResourceNotFound({ resource: "Service" })
  if (service.hidden && caller.access === "book") return []
  const [calendar] = yield* CalendarStore.select(sql`c.id = ${service.calendarId}`)
  if (calendar === undefined) return []
  const fromDay = toEpochDay(query.from)
  const toDay = toEpochDay(query.to)
  // A slot that starts at the end of the last day runs on into the next.
  const reach = {
    fromMs: startOfDay(facility.timeZone, fromDay),
    toMs: startOfDay(facility.timeZone, toDay + 1) + service.durationMinutes * 60_000
  }
  const slots = freeSlots({
    opening: CalendarStore.openingOf(calendar, facility.timeZone),
    serviceId: service.id,
    durationMinutes: service.durationMinutes,
    capacity: service.capacity,
    fromDay,
    toDay,
    nowMs: yield* databaseClockMs(sql),
    occupied: yield* Occupied.reservations(service.calendarId, reach, undefined),
    blocked: yield* Occupied.blockedTimes(facility.id, reach)
  })
  return slots.map(
    (slot): Slot => ({
      ...listedTime(facility.timeZone, "dateFrom", slot.fromMs),
      ...listedTime(facility.timeZone, "dateTo", slot.toMs),
      free: slot.free
    })
  )
})

export const layer = Layer.effect(Slots)(
  Effect.gen(function* () {
    const database = yield* Database
    return Slots.of({
      list: Effect.fn("Slots.list")(function* (query) {
        return yield* database.read(list(yield* Caller, query))
      })
    })
  })
)
