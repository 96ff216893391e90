/** Rows that a seed and an import both make: a channel, a facility, and that the one reaches the other. */
import type { ChannelId, FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { FacilitySeed } from "../seed/Seed.ts"

// INSERT … RETURNING gives the row that it made.
const idOf = <Id>(rows: ReadonlyArray<{ readonly id: Id }>) => Effect.fromNullishOr(rows[0]?.id).pipe(Effect.orDie)

/** The channel of this name, which is made where it is not there. */
export const ensureChannel = Effect.fnUntraced(function* (name: string) {
  const sql = yield* SqlClient.SqlClient
  const [known] = yield* sql<{ readonly id: ChannelId }>`SELECT id FROM channel WHERE name = ${name}`
  if (known !== undefined) return known.id
  return yield* idOf(yield* sql<{ readonly id: ChannelId }>`INSERT INTO channel (name) VALUES (${name}) RETURNING id`)
})

/** What is told of a facility. */
export type Described = Pick<FacilitySeed, "name" | "address" | "contact" | "timeZone">

/** What a facility is beside that. */
export interface Kept {
  /** The next one where absent. */
  readonly id?: FacilityId
  readonly seedKey: string | undefined
  /** 0, never, where absent. */
  readonly lastChangeMs?: number | undefined
}

/** Makes a facility that no channel reaches yet, and gives its id. */
export const insertFacility = Effect.fnUntraced(function* (
  { address, contact, name, timeZone }: Described,
  { id, lastChangeMs = 0, seedKey }: Kept
) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly id: FacilityId }>`INSERT INTO facility ${sql.insert({
    ...(id === undefined ? {} : { id }),
    seed_key: seedKey ?? null,
    name,
    street: address.street,
    city: address.city,
    postcode: address.postcode,
    postcode_is_number: address.postcodeIsNumber ? 1 : 0,
    country_name: address.country?.name ?? null,
    country_code: address.country?.code ?? null,
    latitude: address.gps?.latitude ?? null,
    longitude: address.gps?.longitude ?? null,
    phone: contact.phone ?? null,
    email: contact.email ?? null,
    time_zone: timeZone,
    last_change_ms: lastChangeMs
  })} RETURNING id`
  return yield* idOf(rows)
})

/** Lets a channel reach a facility. Idempotent. */
export const letReach = Effect.fnUntraced(function* (channelId: ChannelId, facilityId: FacilityId) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO channel_facility (channel_id, facility_id)
    VALUES (${channelId}, ${facilityId}) ON CONFLICT DO NOTHING`
})
