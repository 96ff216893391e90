/**
 * The backend that mutants break: the engine on SQLite in memory with all the callers that laws ask for, among them the
 * two whose tokens a server would refuse. Each test has one of its own.
 */
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { applySeed, decodeSeed } from "@bookio-kit/adapter-sql/seed/ApplySeed"
import * as Subject from "@bookio-kit/conformance/Subject"
import { InvalidToken, PermissionDenied } from "@bookio-kit/core/error/Refusal"
import { ChannelId, FacilityId } from "@bookio-kit/core/scalar/Id"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { type Defect, refusing } from "./Defect.ts"

const everyDay = [1, 2, 3, 4, 5, 6, 7]
const days = [1, 2, 3, 4, 5]

const calendar = {
  key: "room",
  name: "Room",
  validFrom: "2026-01-01",
  validTo: "2026-12-31",
  services: [{ id: 1, name: "Visit", duration: 60 }],
  intervals: [{ name: "Always", weekDays: everyDay, timeFrom: "00:00", timeTo: "24:00" }]
}

const facility = (key: string) => ({
  key,
  name: `Facility ${key}`,
  address: { street: "Main 1", city: "Town", postcode: "82104", country: { name: "Slovakia", code: "SVK" } },
  contact: {},
  timeZone: "Europe/Bratislava",
  calendars: [calendar],
  reservations: days.map((n) => ({
    channel: "first",
    calendar: "room",
    serviceId: 1,
    externalId: n,
    name: "John",
    surname: `Person ${n}`,
    email: `p${n}@example.com`,
    phone: `+42190000000${n}`,
    locale: "sk",
    dateFrom: `2026-06-0${n}T09:00`,
    status: n === 5 ? "CANCELLED" : "CONFIRMED"
  })),
  blockedTimes: days.map((n) => ({
    channel: "first",
    externalId: n,
    dateFrom: `2026-06-0${n}T12:00`,
    dateTo: `2026-06-0${n}T13:00`,
    note: ""
  }))
})

// Monday 1 June 2026, 8 in Bratislava.
const plant = Effect.gen(function* () {
  yield* TestClock.setTime(Date.parse("2026-06-01T06:00:00Z"))
  const seed = yield* decodeSeed({
    facilities: [facility("one"), facility("other")],
    channels: [
      { name: "first", facilities: ["one", "other"], tokens: [] },
      { name: "second", facilities: ["one"], tokens: [] },
      { name: "stranger", facilities: ["other"], tokens: [] }
    ]
  })
  yield* applySeed(seed)
})

const engine = Layer.effectDiscard(plant).pipe(
  Layer.provideMerge(Layer.provideMerge(Engine.layer, Database.layer({ filename: ":memory:" })))
)

const caller = (channel: number, access: "book" | "read" | "write" = "write") => ({
  channelId: ChannelId.make(channel),
  access
})

// What a server does before its ports are asked.
const intruder = refusing(() => new InvalidToken({ reason: "invalid" }), "every")
const reader = refusing(() => new PermissionDenied({ reason: "access" }), "writes")

const unbroken = Subject.layerCallers(engine, {
  first: caller(1),
  second: caller(2),
  stranger: caller(3),
  booker: caller(2, "book"),
  reader: caller(1, "read"),
  intruder: caller(1),
  facilityId: FacilityId.make(1),
  pass: (ms) => TestClock.adjust(ms)
})

/** A subject on a fresh engine, with a defect in the ports of its callers. */
export const subject = (defect: Defect): Layer.Layer<Subject.Subject, unknown> =>
  Layer.effect(Subject.Subject)(
    Effect.map(Subject.Subject, (whole) => {
      const { booker, first, second, stranger } = whole
      const broken = (party: Subject.Party | undefined, role: keyof Subject.Parties<unknown>) =>
        defect(party ?? first, role, first)
      return {
        ...whole,
        first: broken(first, "first"),
        second: broken(second, "second"),
        stranger: broken(stranger, "stranger"),
        booker: broken(booker, "booker"),
        reader: broken(reader(whole.reader ?? first), "reader"),
        intruder: broken(intruder(whole.intruder ?? first), "intruder")
      }
    })
  ).pipe(Layer.provide(unbroken), Layer.provideMerge(TestClock.layer()))
