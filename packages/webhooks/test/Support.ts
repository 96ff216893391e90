/**
 * What the tests of delivery share: an engine with two channels and two facilities, a receiver in place of the network that
 * each test tells what to answer, and changes to deliver. Time is the test clock's.
 */
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { applySeed, decodeSeed } from "@bookio-kit/adapter-sql/seed/ApplySeed"
import { Caller } from "@bookio-kit/core/access/Caller"
import { NewBlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Event } from "@bookio-kit/core/event/Event"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import { NewWebhook } from "@bookio-kit/core/webhook/Webhook"
import { Webhooks } from "@bookio-kit/core/webhook/Webhooks"
import { LoopbackAllowed } from "@bookio-kit/core/webhook/WebhookUrl"
import { Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Delivery from "../src/Delivery.ts"
import * as Sender from "../src/Sender.ts"

const engine = Layer.provideMerge(
  Engine.layer,
  Layer.merge(Database.layer({ filename: ":memory:" }), Layer.succeed(LoopbackAllowed)(true))
)

/** Provides an engine of its own, in memory, which outlives what delivers from it. */
export const withEngine = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  effect.pipe(Effect.scoped, Effect.provide(engine))

const everyDay = [1, 2, 3, 4, 5, 6, 7]

const facility = (key: string) => ({
  key,
  name: `Facility ${key}`,
  address: { street: "Main 1", city: "Town", postcode: "82104", country: { name: "Slovakia", code: "SVK" } },
  contact: {},
  timeZone: "Europe/Bratislava",
  calendars: [
    {
      key: "doctor",
      name: "Doctor",
      validFrom: "2026-01-01",
      validTo: "2026-12-31",
      services: [{ id: 1, name: "Visit", duration: 60 }],
      intervals: [{ name: "Always", weekDays: everyDay, timeFrom: "00:00", timeTo: "24:00" }]
    }
  ]
})

/** 1 June 2026: channel 1 reaches facilities 1 and 2, channel 2 only the second. */
export const world = Effect.gen(function* () {
  yield* TestClock.setTime(Date.parse("2026-06-01T06:00:00Z"))
  const seed = {
    facilities: [facility("one"), facility("two")],
    channels: [
      { name: "first", facilities: ["one", "two"], tokens: [] },
      { name: "second", facilities: ["two"], tokens: [] }
    ]
  }
  yield* decodeSeed(seed).pipe(Effect.flatMap(applySeed), Effect.orDie)
})

/** Provides who asks. */
export const as =
  (channel: 1 | 2) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.provideService(effect, Caller, { channelId: ChannelId.make(channel), access: "admin", language: "en" })

const decodeWebhook = Schema.decodeSync(NewWebhook)

/** Makes a webhook of channel 1. */
export const create = (given: Partial<typeof NewWebhook.Encoded> = {}) =>
  Effect.flatMap(Webhooks, (webhooks) =>
    webhooks.create(decodeWebhook({ url: "https://hook.example/in", ...given }))
  ).pipe(as(1))

export const webhooks = as(1)(Effect.flatMap(Webhooks, ({ list }) => list))
export const undelivered = as(1)(Effect.flatMap(Webhooks, (webhooks) => webhooks.undelivered({})))

const decodeBlocked = Schema.decodeSync(NewBlockedTime)

/** A change: a blocked time of a facility, with a note that no message may show. */
export const change = (externalId: number, facilityId = 1) =>
  Effect.flatMap(BlockedTimes, (blocked) =>
    blocked.create(
      decodeBlocked({
        facilityId,
        externalId,
        dateFrom: "2026-06-02T09:00:00",
        dateTo: "2026-06-02T10:00:00",
        note: "Planted note"
      })
    )
  ).pipe(as(1))

/** Several changes, with external ids from 1. */
export const changes = (count: number, from = 1) =>
  Effect.forEach(
    Array.from({ length: count }, (_, i) => from + i),
    (externalId) => change(externalId),
    { discard: true }
  )

/** The network: what is sent, and what it answers. */
export interface Network {
  /** Everything that was sent so far. */
  readonly log: Array<Sender.Message>
  /** How many of it a test has taken. */
  taken: number
  answer: (message: Sender.Message) => Effect.Effect<Sender.Answer>
}

export const delivered: Sender.Answer = { result: "delivered", status: 200 }
export const failed: Sender.Answer = { result: "refused", status: 500 }

export const network = (): Network => ({ log: [], taken: 0, answer: () => Effect.succeed(delivered) })

const senderOf = (network: Network) =>
  Layer.succeed(Sender.Sender)({
    send: (message) =>
      Effect.suspend(() => {
        network.log.push(message)
        return network.answer(message)
      })
  })

/** Delivers until the scope closes. */
export const deliver = (network: Network, options: Delivery.DeliveryOptions = {}) =>
  Effect.asVoid(Layer.build(Delivery.layer(options).pipe(Layer.provide(senderOf(network)))))

type Step = "1 second" | "1 minute"

// Lets every fiber do what it can before the clock goes on, and a test that waits in vain reach its time limit.
const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

/** Lets time pass until something is there. */
export const until = <A, E, R>(look: Effect.Effect<A | undefined, E, R>, step: Step = "1 second") =>
  Effect.gen(function* () {
    for (;;) {
      const found = yield* look
      if (found !== undefined) return found
      yield* TestClock.adjust(step)
      yield* turn
    }
  })

/** The next message that is sent, however long that takes. */
export const next = (network: Network, step?: Step) =>
  until(
    Effect.sync(() => (network.taken < network.log.length ? network.log[network.taken++] : undefined)),
    step
  )

/** The next few of them. */
export const several = (network: Network, count: number, step?: Step) =>
  Effect.forEach(Array.from({ length: count }), () => next(network, step))

/** Lets an hour pass, in which nothing may be sent. */
export const silence = (network: Network) =>
  Effect.gen(function* () {
    for (let minute = 0; minute < 60; minute++) {
      yield* TestClock.adjust("1 minute")
      yield* turn
    }
    return network.log.length - network.taken
  })

/** The event in a message. */
export const eventOf = ({ body }: Sender.Message): Event => Schema.decodeSync(Schema.fromJsonString(Event))(body)
