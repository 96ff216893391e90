/** Facilities of the engine. */
import { Caller } from "@bookio-kit/core/access/Caller"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import * as Remembered from "../database/Remembered.ts"

/** A facility as the database holds it. */
export interface Row {
  readonly id: FacilityId
  readonly name: string
  readonly street: string
  readonly city: string
  readonly postcode: string
  readonly postcode_is_number: number
  readonly country_name: string | null
  readonly country_code: string | null
  readonly latitude: number | null
  readonly longitude: number | null
  readonly phone: string | null
  readonly email: string | null
  readonly time_zone: TimeZone
}

/** A facility as the reference lists it. */
export const toFacility = (row: Row): Facility => ({
  id: row.id,
  name: row.name,
  address: {
    street: row.street,
    city: row.city,
    postcode: row.postcode,
    postcodeIsNumber: row.postcode_is_number === 1,
    ...(row.country_name === null || row.country_code === null
      ? {}
      : { country: { name: row.country_name, code: row.country_code } }),
    ...(row.latitude === null || row.longitude === null
      ? {}
      : { gps: { latitude: row.latitude, longitude: row.longitude } })
  },
  contact: {
    ...(row.phone === null ? {} : { phone: row.phone }),
    ...(row.email === null ? {} : { email: row.email })
  },
  timeZone: row.time_zone
})

const list = Effect.fnUntraced(function* (channelId: number) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<Row>`SELECT f.id, f.name, f.street, f.city, f.postcode, f.postcode_is_number, f.country_name,
    f.country_code, f.latitude, f.longitude, f.phone, f.email, f.time_zone
    FROM facility f JOIN channel_facility cf ON cf.facility_id = f.id AND cf.channel_id = ${channelId} ORDER BY f.id`
  return rows.map(toFacility)
})

export const layer = Layer.effect(Facilities)(
  Effect.gen(function* () {
    const database = yield* Database
    const remembered = Remembered.make<ReadonlyArray<Facility>>(database, 1000)
    return Facilities.of({
      list: Effect.flatMap(Caller, ({ channelId }) => remembered(String(channelId), database.read(list(channelId))))
    })
  })
)
