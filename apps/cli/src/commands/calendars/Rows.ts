/** Calendars as rows: with the facility that they belong to. */
import type { Calendar } from "@bookio-kit/core/calendar/Calendar"
import { type CalendarQuery, Calendars } from "@bookio-kit/core/calendar/Calendars"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import * as Effect from "effect/Effect"
import { facilitiesOf } from "../../Facility.ts"
import { CommandError } from "../../Failure.ts"

/** A calendar with its facility's name and zone. */
export interface Row extends Calendar {
  readonly facilityName: string | undefined
  readonly timeZone: string | undefined
}

/** Lists calendars as rows. */
export const listRows = Effect.fnUntraced(function* (query: CalendarQuery, byId: ReadonlyMap<number, Facility>) {
  const { list } = yield* Calendars
  return (yield* list(query)).map((calendar): Row => {
    const facility = byId.get(calendar.facilityId)
    return { ...calendar, facilityName: facility?.name, timeZone: facility?.timeZone }
  })
})

/** The calendar with this id. @errors `CommandError` where there is none. */
export const findCalendar = Effect.fnUntraced(function* (id: number) {
  const { byId } = yield* facilitiesOf(undefined)
  const found = (yield* listRows({}, byId)).find((row) => row.id === id)
  if (found !== undefined) return found
  return yield* new CommandError({
    why: `there is no calendar ${id}`,
    fix: "`bookio calendars list` shows what there is",
    exitCode: 12
  })
})
