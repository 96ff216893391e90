/**
 * Applies a seed: makes what is not there yet, and leaves what is there as it is, so that a second start changes nothing
 * and what was edited since stays edited. All or nothing. Reservations and blocked times come only with a new facility,
 * through the same booking step as any other, in their order.
 */
import type { Caller } from "@bookio-kit/core/access/Caller"
import type { ApiError } from "@bookio-kit/core/api/Envelope"
import { toWireError } from "@bookio-kit/core/api/Envelope"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import type { CalendarId, ChannelId, FacilityId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { problemsOf } from "@bookio-kit/core/text/Problems"
import { render } from "@bookio-kit/core/text/Text"
import { toEpochDay } from "@bookio-kit/core/time/LocalDate"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import * as FacilityRows from "../admin/FacilityRows.ts"
import { Database } from "../database/Database.ts"
import * as BlockedTimes from "../engine/BlockedTimes.ts"
import * as CalendarWriter from "../engine/CalendarWriter.ts"
import * as Reservations from "../engine/Reservations.ts"
import { sha256 } from "../engine/Tokens.ts"
import { type ChannelSeed, type FacilitySeed, Seed } from "./Seed.ts"
import { SeedError } from "./SeedError.ts"
import { seedProblems } from "./SeedRules.ts"

/** Reads a seed from JSON. @errors `SeedError` with every problem and its path. */
export const decodeSeed = Effect.fnUntraced(function* (json: unknown): Effect.fn.Return<Seed, SeedError> {
  const seed = yield* Schema.decodeUnknownEffect(Schema.toCodecJson(Seed), {
    errors: "all",
    onExcessProperty: "error"
  })(json).pipe(
    Effect.mapError(
      ({ issue }) => new SeedError({ problems: problemsOf(issue, "the seed").map((text) => render(text, "en")) })
    )
  )
  const problems = seedProblems(seed)
  if (problems.length > 0) return yield* new SeedError({ problems })
  return seed
})

const ensureTokens = Effect.fnUntraced(function* (channelId: ChannelId, { tokens }: ChannelSeed, path: string) {
  const sql = yield* SqlClient.SqlClient
  for (const [index, token] of tokens.entries()) {
    const digest = token.token === undefined ? Buffer.from(token.sha256 ?? "", "hex") : sha256(token.token)
    const known = yield* sql<{ readonly channel_id: ChannelId }>`SELECT channel_id FROM token WHERE sha256 = ${digest}`
    if (known[0] !== undefined && known[0].channel_id !== channelId) {
      return yield* new SeedError({ problems: [`${path}.tokens[${index}]: this token belongs to another channel`] })
    }
    if (known.length > 0) continue
    yield* sql`INSERT INTO token ${sql.insert({
      sha256: digest,
      channel_id: channelId,
      access: token.access,
      expires_ms: token.expiresAt === undefined ? null : DateTime.toEpochMillis(token.expiresAt)
    })}`
  }
})

const ensureFacility = Effect.fnUntraced(function* (facility: FacilitySeed) {
  const sql = yield* SqlClient.SqlClient
  const [known] = yield* sql<{ readonly id: FacilityId }>`SELECT id FROM facility WHERE seed_key = ${facility.key}`
  if (known !== undefined) return { id: known.id, isNew: false }
  return { id: yield* FacilityRows.insertFacility(facility, { seedKey: facility.key }), isNew: true }
})

type ServiceIds = ReadonlyMap<string, ReadonlyMap<number, ServiceId>>

/** Makes the calendars that are not there, and tells the services that were made, by calendar key and the seed's id. */
const ensureCalendars = Effect.fnUntraced(function* (facilityId: FacilityId, { calendars }: FacilitySeed) {
  const sql = yield* SqlClient.SqlClient
  const made = new Map<string, ReadonlyMap<number, ServiceId>>()
  for (const { intervals, key, name, note = "", services, validFrom, validTo } of calendars) {
    const known = yield* sql<{ readonly id: CalendarId }>`
      SELECT id FROM calendar WHERE facility_id = ${facilityId} AND seed_key = ${key}`
    if (known.length > 0) continue
    const values = { name, note, validFromDay: toEpochDay(validFrom), validToDay: toEpochDay(validTo) }
    const id = yield* CalendarWriter.insertCalendar(facilityId, values)
    yield* sql`UPDATE calendar SET seed_key = ${key} WHERE id = ${id}`
    const serviceIds = yield* CalendarWriter.writeServices(id, [], services)
    yield* CalendarWriter.writeIntervals(id, [], intervals, serviceIds)
    made.set(key, serviceIds)
  }
  return made as ServiceIds
})

// A refusal of the booking step, with the place in the seed; the database's own trouble goes on as it is.
const at = (path: string) =>
  Effect.mapError((error: ApiError | import("effect/sql/SqlError").SqlError) =>
    isSqlError(error) || error instanceof BackendError
      ? error
      : new SeedError({ problems: toWireError(error, "").texts.map((text) => `${path}: ${render(text, "en")}`) })
  )

const book = Effect.fnUntraced(function* (
  facilityId: FacilityId,
  facility: FacilitySeed,
  services: ServiceIds,
  channels: ReadonlyMap<string, ChannelId>,
  path: string
) {
  const caller = (channel: string): Caller["Service"] => ({
    channelId: channels.get(channel) as ChannelId,
    access: "write",
    language: "en"
  })
  for (const [index, reservation] of (facility.reservations ?? []).entries()) {
    const { calendar, cancellationReason, channel, serviceId, status = "CONFIRMED", ...given } = reservation
    const id = services.get(calendar)?.get(serviceId) as ServiceId
    yield* Reservations.create(caller(channel), { ...given, facilityId, serviceId: id }).pipe(
      Effect.flatMap(({ reservationId }) =>
        Reservations.changeStatus(caller(channel), reservationId, {
          status,
          ...(cancellationReason === undefined ? {} : { cancellationReason })
        })
      ),
      at(`${path}.reservations[${index}]`)
    )
  }
  for (const [index, { channel, ...given }] of (facility.blockedTimes ?? []).entries()) {
    yield* BlockedTimes.create(caller(channel), { ...given, facilityId }).pipe(at(`${path}.blockedTimes[${index}]`))
  }
})

const apply = Effect.fnUntraced(function* (seed: Seed) {
  const channels = new Map<string, ChannelId>()
  for (const channel of seed.channels) channels.set(channel.name, yield* FacilityRows.ensureChannel(channel.name))
  const facilities = new Map<string, { readonly id: FacilityId; readonly isNew: boolean }>()
  // Both were made for each that the seed names, and its rules let it name no other.
  const made = (key: string) => facilities.get(key) as { readonly id: FacilityId; readonly isNew: boolean }
  for (const facility of seed.facilities) facilities.set(facility.key, yield* ensureFacility(facility))
  for (const [index, channel] of seed.channels.entries()) {
    const channelId = channels.get(channel.name) as ChannelId
    yield* ensureTokens(channelId, channel, `channels[${index}]`)
    for (const key of new Set(channel.facilities)) {
      yield* FacilityRows.letReach(channelId, made(key).id)
    }
  }
  for (const [index, facility] of seed.facilities.entries()) {
    const { id, isNew } = made(facility.key)
    const services = yield* ensureCalendars(id, facility)
    if (isNew) yield* book(id, facility, services, channels, `facilities[${index}]`)
  }
})

/**
 * Applies a seed to the database.
 *
 * @errors `SeedError` where it contradicts what is there or breaks a booking rule; `BackendError` when the database fails.
 */
export const applySeed = Effect.fn("applySeed")(function* (seed: Seed) {
  const database = yield* Database
  yield* database.write(apply(seed))
})
