/**
 * Services and opening hours that were read before. Each connection has its own, which holds for one version of all calendars:
 * the one that the facility of a step was read with, in the same transaction. Another version empties it. Versions are drawn
 * at random (`FastTables.ts`), so one that was undone does not come back for another state.
 */
import type { Opening } from "@bookio-kit/core/booking/Opening"
import type { CalendarId, FacilityId, ServiceId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as CalendarStore from "./CalendarStore.ts"
import type { FacilityState } from "./FacilityState.ts"

/** A service that can be booked, or was: a removed one is known for history. */
export interface BookedService {
  readonly id: ServiceId
  readonly calendarId: CalendarId
  readonly durationMinutes: number
  readonly capacity: number
  readonly hidden: boolean
  readonly removed: boolean
}

interface OwnedService extends BookedService {
  readonly facilityId: FacilityId
}

interface Memory {
  readonly version: number
  readonly services: Map<ServiceId, OwnedService>
  readonly openings: Map<CalendarId, Opening>
}

// The most services and the most calendars of one memory.
const capacity = 10_000

const memories = new WeakMap<SqlClient.SqlClient, Memory>()

const memoryOf = (sql: SqlClient.SqlClient, version: number): Memory => {
  const known = memories.get(sql)
  if (known?.version === version && known.services.size < capacity && known.openings.size < capacity) return known
  const memory: Memory = { version, services: new Map(), openings: new Map() }
  memories.set(sql, memory)
  return memory
}

const readService = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  id: ServiceId
): Effect.fn.Return<OwnedService | undefined, SqlError> {
  const [row] = yield* sql<{
    readonly facility_id: FacilityId
    readonly calendar_id: CalendarId
    readonly duration_minutes: number
    readonly capacity: number
    readonly hidden: number
    readonly removed: number
  }>`SELECT c.facility_id, s.calendar_id, s.duration_minutes, s.capacity, s.hidden, s.removed
    FROM service s JOIN calendar c ON c.id = s.calendar_id WHERE s.id = ${id}`
  return row === undefined
    ? undefined
    : {
        id,
        facilityId: row.facility_id,
        calendarId: row.calendar_id,
        durationMinutes: row.duration_minutes,
        capacity: row.capacity,
        hidden: row.hidden === 1,
        removed: row.removed === 1
      }
})

/** A service of a facility, removed or not; `undefined` if it is not one of that facility. */
export const serviceOf = Effect.fnUntraced(function* (facility: FacilityState, id: ServiceId) {
  const sql = yield* SqlClient.SqlClient
  const { services } = memoryOf(sql, facility.calendarsVersion)
  const known = services.get(id)
  const service: OwnedService | undefined = known ?? (yield* readService(sql, id))
  if (service === undefined || service.facilityId !== facility.id) return undefined
  services.set(id, service)
  const booked: BookedService = service
  return booked
})

/** What rule 2 needs of a calendar of a facility. */
export const openingOf = Effect.fnUntraced(function* (facility: FacilityState, id: CalendarId) {
  const sql = yield* SqlClient.SqlClient
  const { openings } = memoryOf(sql, facility.calendarsVersion)
  const known = openings.get(id)
  if (known?.timeZone === facility.timeZone) return known
  const [calendar] = yield* CalendarStore.select(sql`c.id = ${id}`)
  if (calendar === undefined) return undefined
  const opening = CalendarStore.openingOf(calendar, facility.timeZone)
  openings.set(id, opening)
  return opening
})
