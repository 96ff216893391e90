/**
 * What the tests share: an engine in memory as upstream, what is asked of it counted and disturbed, and a gateway's ports
 * in front of it, used as its callers use them: by key.
 */
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { applySeed, decodeSeed } from "@bookio-kit/adapter-sql/seed/ApplySeed"
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { Caller } from "@bookio-kit/core/access/Caller"
import { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import { NewBlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import { Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import { NewReservation } from "@bookio-kit/core/reservation/Reservation"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { ChannelId, FacilityId } from "@bookio-kit/core/scalar/Id"
import { Slots } from "@bookio-kit/core/slot/Slots"
import type { Language } from "@bookio-kit/core/text/Text"
import { Context, Effect, Layer, Redacted, Schema } from "effect"
import { channel, facility, tokenOf, visit } from "../../adapter-bookio/test/Seed.ts"
import { digestOf } from "../src/Digest.ts"
import * as EventMemory from "../src/EventMemory.ts"
import { Exchange, makeExchange } from "../src/Exchange.ts"
import * as Gateway from "../src/Gateway.ts"
import * as IndexStore from "../src/IndexStore.ts"
import type { Key, KeyTable } from "../src/Keys.ts"
import { KeyRing, keyRing } from "../src/Sessions.ts"
import type { UpstreamPorts } from "../src/Upstream.ts"
import * as WriteStore from "../src/WriteStore.ts"

export { tokenOf }

const services = [visit, { id: 2, name: "Hidden visit", duration: 30, hiddenInOnlineForm: true }]

/** Channel 1 reaches all three facilities, channel 2 the first, channel 3 the second. */
export const seed = {
  facilities: [facility("one", services), facility("two", services), facility("three", services)],
  channels: [
    channel("first", ["one", "two", "three"], ["write", "read"]),
    channel("second", ["one"], ["write", "book"]),
    channel("stranger", ["two"], ["write"])
  ]
}

export const engine = Layer.effectDiscard(decodeSeed(seed).pipe(Effect.flatMap(applySeed), Effect.orDie)).pipe(
  Layer.provideMerge(Engine.layer),
  Layer.provideMerge(Database.layer({ filename: ":memory:" })),
  Layer.orDie
)

export const [one, two, three] = [FacilityId.make(1), FacilityId.make(2), FacilityId.make(3)] as const

/** What is asked of the upstream: each call by its name, and what is done with it instead, where a test says so. */
export class Tap extends Context.Service<
  Tap,
  {
    readonly calls: Array<string>
    /** Runs in place of a call; the call itself unless a test sets it. */
    around: <A, E, R>(name: string, call: Effect.Effect<A, E, R>) => Effect.Effect<A, E | BackendError, R>
  }
>()("test/Tap") {}

export const tapLayer = Layer.sync(Tap)(() => Tap.of({ calls: [], around: (_, call) => call }))

type Upstream = Context.Context<UpstreamPorts>

/** The engine's ports, each call of which passes the tap. */
const tapped = (engine: Upstream, tap: Tap["Service"]): Upstream => {
  const around = <A, E, R>(name: string, call: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => {
      tap.calls.push(name)
      return tap.around(name, call)
    })
  const facilities = Context.get(engine, Facilities)
  const calendars = Context.get(engine, Calendars)
  const reservations = Context.get(engine, Reservations)
  const blockedTimes = Context.get(engine, BlockedTimes)
  const slots = Context.get(engine, Slots)
  const events = Context.get(engine, Events)
  return Context.make(Facilities, { list: around("listFacilities", facilities.list) }).pipe(
    Context.add(Calendars, {
      list: (query) => around("listCalendars", calendars.list(query)),
      create: (given) => around("createCalendar", calendars.create(given)),
      update: (id, given) => around("updateCalendar", calendars.update(id, given)),
      end: (id, given) => around("endCalendar", calendars.end(id, given))
    }),
    Context.add(Reservations, {
      list: (query) => around("listReservations", reservations.list(query)),
      create: (given) => around("createReservation", reservations.create(given)),
      changeStatus: (id, given) => around("changeReservationStatus", reservations.changeStatus(id, given)),
      changeTerm: (id, given) => around("changeReservationTerm", reservations.changeTerm(id, given)),
      confirmSync: (id, given) => around("confirmReservationSync", reservations.confirmSync(id, given))
    }),
    Context.add(BlockedTimes, {
      list: (query) => around("listBlockedTimes", blockedTimes.list(query)),
      create: (given) => around("createBlockedTime", blockedTimes.create(given)),
      changeTerm: (id, given) => around("changeBlockedTimeTerm", blockedTimes.changeTerm(id, given)),
      remove: (id) => around("removeBlockedTime", blockedTimes.remove(id))
    }),
    Context.add(Slots, { list: (query) => around("listSlots", slots.list(query)) }),
    Context.add(Events, {
      list: (query) => around("listEvents", events.list(query)),
      follow: events.follow,
      newest: around("newestEvent", events.newest)
    })
  )
}

/** A key in a table, by its name. */
export const key = (name: string, given: Partial<Omit<Key, "name">> = {}): readonly [string, Key] => [
  digestOf(Redacted.make(tokenOf(name))),
  {
    name,
    facilities: new Set([one, two]),
    access: "write",
    sync: false,
    upstreamToken: Redacted.make(tokenOf("first-write")),
    ...given
  }
]

export const keys = (...entries: ReadonlyArray<readonly [string, Key]>): KeyTable => ({
  _tag: "Keys",
  keys: new Map(entries)
})

/** The engine itself, for what happens past the gateway. */
export class Behind extends Context.Service<Behind, Upstream>()("test/Behind") {}

/** Runs on the engine itself, as channel 1. */
export const past = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Behind, (ports) =>
    effect.pipe(
      Effect.provideService(Caller, { channelId: ChannelId.make(1), access: "write", language: "en" }),
      Effect.provideContext(ports)
    )
  )

/** A gateway in front of the engine; a token that the engine does not know is refused by whatever it is asked. */
export const gateway = (
  table: KeyTable,
  options: Partial<Gateway.GatewayOptions> = {},
  writeStore: Layer.Layer<WriteStore.WriteStore> = WriteStore.layerMemory
) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const tap = yield* Tap
      const services = yield* Effect.context<Engine.Ports>()
      const { authenticate } = Context.get(services, Authenticator)
      const refusing = (error: unknown): Upstream => {
        const refuse = Effect.fail(error as never)
        return tapped(services, { calls: tap.calls, around: () => refuse })
      }
      return Gateway.layer({
        capabilities: Context.get(services, Capabilities),
        connect: (token) =>
          Effect.match(authenticate(token), {
            onSuccess: (known) => Context.add(tapped(services, tap), Caller, { ...known, language: "en" }),
            onFailure: (error) =>
              Context.add(refusing(error), Caller, { channelId: ChannelId.make(1), access: "read", language: "en" })
          }),
        ...options
      })
    })
  ).pipe(
    Layer.provideMerge(Layer.sync(KeyRing)(() => keyRing(table))),
    Layer.provideMerge(Layer.merge(IndexStore.layerMemory, EventMemory.layer)),
    Layer.provideMerge(writeStore),
    Layer.provideMerge(Layer.effect(Behind)(Effect.context<UpstreamPorts>())),
    Layer.provideMerge(Layer.mergeAll(tapLayer, Layer.fresh(engine)))
  )

/** Runs as the owner of a key (or, with passthrough, of a token), as one request with an exchange of its own. */
export const as =
  (name: string, { language = "en", noCache = false }: { language?: Language; noCache?: boolean } = {}) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const exchange = makeExchange(noCache)
      const { authenticate } = yield* Authenticator
      const known = yield* Effect.provideService(authenticate(Redacted.make(tokenOf(name))), Exchange, exchange)
      return yield* effect.pipe(
        Effect.provideService(Caller, { ...known, language }),
        Effect.provideService(Exchange, exchange)
      )
    })

/** What the cache did in a request. */
export const cacheState = Effect.map(Exchange, ({ ageMs, cache }) => ({ ageMs, cache }))

const decodeReservation = Schema.decodeSync(NewReservation)

/** What books half an hour for a person of its own: the `n`th of them. Service 1, 3, 5 is the visit of facility 1, 2, 3. */
export const booking = (n: number, facilityId: FacilityId = one, given: Partial<typeof NewReservation.Encoded> = {}) =>
  decodeReservation({
    name: "John",
    surname: `Person ${n}`,
    email: `p${n}@example.com`,
    phone: `+4219${String(10_000_000 + n)}`,
    dateFrom: new Date(Date.UTC(2027, 5, 1, 12) + n * 1_800_000).toISOString().slice(0, 19),
    locale: "sk",
    externalId: 1_000_000 + n,
    serviceId: facilityId * 2 - 1,
    facilityId,
    ...given
  })

const decodeBlocked = Schema.decodeSync(NewBlockedTime)

/** What blocks an hour, far from all bookings. */
export const blocking = (n: number, facilityId: FacilityId = one) =>
  decodeBlocked({
    dateFrom: new Date(Date.UTC(2032, 5, 1, 12) + n * 3_600_000).toISOString().slice(0, 19),
    dateTo: new Date(Date.UTC(2032, 5, 1, 13) + n * 3_600_000).toISOString().slice(0, 19),
    externalId: 2_000_000 + n,
    note: "Closed",
    facilityId
  })

// Each port, so that a test says what is done and not where it is had from.
export const listFacilities = Effect.flatMap(Facilities, ({ list }) => list)
export const listCalendars = (...given: Parameters<Calendars["Service"]["list"]>) =>
  Effect.flatMap(Calendars, ({ list }) => list(...given))
export const updateCalendar = (...given: Parameters<Calendars["Service"]["update"]>) =>
  Effect.flatMap(Calendars, ({ update }) => update(...given))
export const endCalendar = (...given: Parameters<Calendars["Service"]["end"]>) =>
  Effect.flatMap(Calendars, ({ end }) => end(...given))
export const listReservations = (...given: Parameters<Reservations["Service"]["list"]>) =>
  Effect.flatMap(Reservations, ({ list }) => list(...given))
export const book = (...given: Parameters<Reservations["Service"]["create"]>) =>
  Effect.flatMap(Reservations, ({ create }) => create(...given))
export const changeStatus = (...given: Parameters<Reservations["Service"]["changeStatus"]>) =>
  Effect.flatMap(Reservations, ({ changeStatus }) => changeStatus(...given))
export const changeTerm = (...given: Parameters<Reservations["Service"]["changeTerm"]>) =>
  Effect.flatMap(Reservations, ({ changeTerm }) => changeTerm(...given))
export const confirmSync = (...given: Parameters<Reservations["Service"]["confirmSync"]>) =>
  Effect.flatMap(Reservations, ({ confirmSync }) => confirmSync(...given))
export const listBlockedTimes = (...given: Parameters<BlockedTimes["Service"]["list"]>) =>
  Effect.flatMap(BlockedTimes, ({ list }) => list(...given))
export const block = (...given: Parameters<BlockedTimes["Service"]["create"]>) =>
  Effect.flatMap(BlockedTimes, ({ create }) => create(...given))
export const moveBlocked = (...given: Parameters<BlockedTimes["Service"]["changeTerm"]>) =>
  Effect.flatMap(BlockedTimes, ({ changeTerm }) => changeTerm(...given))
export const unblock = (...given: Parameters<BlockedTimes["Service"]["remove"]>) =>
  Effect.flatMap(BlockedTimes, ({ remove }) => remove(...given))
export const listSlots = (...given: Parameters<Slots["Service"]["list"]>) =>
  Effect.flatMap(Slots, ({ list }) => list(...given))
