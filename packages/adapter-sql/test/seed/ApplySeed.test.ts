import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Database } from "../../src/database/Database.ts"
import { applySeed, decodeSeed } from "../../src/seed/ApplySeed.ts"
import {
  blocks,
  calendars,
  engine,
  equal,
  first,
  list,
  roomCalendar,
  row,
  type SeedJson,
  seed,
  status,
  unblock,
  update,
  utc
} from "../Support.ts"

const strong = "s".repeat(43)
const digest = "0".repeat(64)

const reservation = {
  channel: "first",
  calendar: "doctor",
  serviceId: 1,
  externalId: 1,
  name: "John",
  surname: "Audrey",
  email: "john@example.com",
  phone: "+421948762315",
  locale: "sk",
  dateFrom: "2026-06-02T09:00:00"
}

/** The world with a token, reservations and a blocked time. */
const full = (more: Partial<SeedJson["facilities"][number]> = {}): SeedJson => {
  const { channels, facilities } = seed()
  return {
    facilities: [
      {
        ...facilities[0]!,
        reservations: [
          reservation,
          {
            ...reservation,
            externalId: 2,
            dateFrom: "2026-06-03T09:00:00",
            status: "CANCELLED",
            cancellationReason: "ill"
          }
        ],
        blockedTimes: [{ channel: "second", externalId: 1, dateFrom: "2026-06-04", dateTo: "2026-06-04", note: "off" }],
        ...more
      },
      facilities[1]!
    ],
    channels: [{ ...channels[0]!, tokens: [{ token: strong, access: "write" }] }, channels[1]!]
  }
}

const start = TestClock.setTime(utc("2026-06-01T06:00:00"))
const apply = (json: unknown) => Effect.flatMap(decodeSeed(json), applySeed)
const problems = (json: unknown) => Effect.map(Effect.flip(decodeSeed(json)), (error) => error.problems)

/** Every row of every table, as text. */
const everything = Effect.flatMap(Database, (database) =>
  database.read(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const tables = yield* sql<{ readonly name: string }>`SELECT name FROM sqlite_schema WHERE type = 'table'`
      const rows = yield* Effect.forEach(tables, ({ name }) => sql`SELECT * FROM ${sql(name)}`)
      return JSON.stringify(tables.map(({ name }, index) => [name, rows[index]]))
    })
  )
)

const authenticate = (token: string) =>
  Effect.flatMap(Authenticator, (authenticator) => authenticator.authenticate(Redacted.make(token)))

describe("decodeSeed", () => {
  it.effect("MUST name the path of everything that is wrong, at once", () =>
    Effect.gen(function* () {
      const json = full()
      const [facility, foreign] = json.facilities
      equal(yield* problems([]), ["the seed: must be an object"])
      equal(
        yield* problems({
          ...json,
          more: 1,
          facilities: [
            {
              ...facility,
              timeZone: "Europe/Nowhere",
              calendars: [{ ...roomCalendar, services: [{ name: "", duration: 0 }] }]
            },
            foreign
          ]
        }).pipe(Effect.map((texts) => texts.map((text) => text.split(":")[0]).sort())),
        [
          "facilities[0].calendars[0].services[0].duration",
          "facilities[0].calendars[0].services[0].name",
          "facilities[0].timeZone",
          "more"
        ]
      )
    })
  )

  it.effect("MUST refuse keys that repeat and references that lead nowhere, with their paths", () =>
    Effect.gen(function* () {
      const json = full({
        calendars: [
          { ...roomCalendar, key: "doctor", validFrom: "2027-01-01" },
          { ...roomCalendar, key: "doctor", intervals: [{ ...roomCalendar.intervals[0]!, allowedServices: [9] }] }
        ],
        reservations: [
          { ...reservation, channel: "nobody" },
          { ...reservation, calendar: "nowhere" },
          { ...reservation, serviceId: 9 }
        ],
        blockedTimes: [{ channel: "nobody", externalId: 1, dateFrom: "2026-06-04", dateTo: "2026-06-04", note: "" }]
      })
      const [channel] = json.channels
      equal(
        (yield* problems({
          facilities: [json.facilities[0], json.facilities[0]],
          channels: [{ ...channel, facilities: ["shared", "gone"] }, channel]
        }))
          .map((text) => text.split(": ")[0])
          .filter((path) => !path?.startsWith("facilities[1].") || path === "facilities[1].key"),
        [
          "facilities[1].key",
          "channels[1].name",
          "facilities[0].calendars[1].key",
          "facilities[0].calendars[0].validFrom",
          "facilities[0].calendars[1].intervals[0].allowedServices[0]",
          "facilities[0].reservations[0].channel",
          "facilities[0].reservations[1].calendar",
          "facilities[0].reservations[2].serviceId",
          "facilities[0].blockedTimes[0].channel",
          "channels[0].facilities[1]",
          "channels[1].facilities[1]"
        ]
      )
    })
  )

  it.effect("MUST refuse a token that can be guessed, unless the seed is a demonstration, and never repeat it", () =>
    Effect.gen(function* () {
      const json = full()
      const withTokens = (...tokens: ReadonlyArray<object>) => ({
        ...json,
        channels: [{ ...json.channels[0], tokens }]
      })
      const weak = { token: "guess-me", access: "read" }
      const texts = yield* problems({ ...withTokens(weak), facilities: [seed().facilities[0], seed().facilities[1]] })
      equal(
        texts.map((text) => text.split(": ")[0]),
        ["channels[0].tokens[0].token"]
      )
      assert.notInclude(texts.join(), "guess-me")
      const bare = { ...withTokens(weak), facilities: seed().facilities }
      yield* decodeSeed({ ...bare, demo: true })
      const both = { token: strong, sha256: digest, access: "read" }
      equal(
        (yield* problems({
          ...bare,
          channels: withTokens(both, { access: "read" }, { sha256: "A", access: "no" }).channels
        })).map((text) => text.split(": ")[0]),
        ["channels[0].tokens[2].sha256", "channels[0].tokens[2].access"]
      )
      equal(
        (yield* problems({ ...bare, channels: withTokens(both, { access: "read" }).channels })).map(
          (text) => text.split(": ")[0]
        ),
        ["channels[0].tokens[0]", "channels[0].tokens[1]"]
      )
    })
  )
})

describe("applySeed", () => {
  it.effect("MUST make all there is in it", () =>
    Effect.gen(function* () {
      yield* start
      yield* apply(full())
      equal(yield* authenticate(strong), { channelId: 1, tokenId: 1, access: "write" })
      equal(
        (yield* first(list())).rows.map(({ cancellationReason, externalId, status }) => [
          externalId,
          status,
          cancellationReason
        ]),
        [
          [1, "CONFIRMED", undefined],
          [2, "CANCELLED", "ill"]
        ]
      )
      equal((yield* first(blocks())).rows[0]?.dateTo, "2026-06-05T00:00:00")
      equal((yield* first(calendars())).length, 3)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a second time MUST change nothing", () =>
    Effect.gen(function* () {
      yield* start
      yield* apply(full())
      const before = yield* everything
      yield* TestClock.adjust("1 hour")
      yield* apply(full())
      equal(yield* everything, before)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a second time MUST leave what was edited since, and make what is new", () =>
    Effect.gen(function* () {
      yield* start
      yield* apply(full())
      yield* first(status(1, "CANCELLED"))
      yield* first(unblock(1))
      yield* first(update(1, { name: "Edited", validTo: "2026-11-30" }))
      yield* Effect.flatMap(Database, (database) =>
        database.write(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`UPDATE token SET revoked_ms = 1`))
      )
      const { calendars: known = [], ...rest } = full().facilities[0]!
      const later = full({ ...rest, calendars: [...known, { ...roomCalendar, key: "new", name: "New" }] })
      yield* apply({ ...later, channels: [...later.channels, { name: "third", facilities: ["foreign"], tokens: [] }] })
      equal((yield* first(row(1))).status, "CANCELLED")
      equal((yield* first(list())).pagination.total, 2)
      equal((yield* first(blocks())).pagination.total, 0)
      equal(
        (yield* first(calendars())).map(({ name }) => name),
        ["Edited", "Room", "London", "New"]
      )
      equal((yield* Effect.flip(authenticate(strong)))._tag, "InvalidToken")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse a token that is another channel's", () =>
    Effect.gen(function* () {
      yield* start
      yield* apply(full())
      const json = full()
      const [, other] = json.channels
      const moved = { ...json, channels: [{ ...other!, tokens: [{ token: strong, access: "read" as const }] }] }
      const before = yield* everything
      const error = yield* Effect.flip(apply({ ...moved, facilities: seed().facilities }))
      assert.include(error.message, "channels[0].tokens[0]")
      assert.notInclude(error.message, strong)
      equal(yield* everything, before)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST keep a postcode as it was written, number or text", () =>
    Effect.gen(function* () {
      const json = seed()
      const withPostcode = (index: number, postcode: string | number) => ({
        ...json.facilities[index]!,
        address: { ...json.facilities[index]!.address, postcode }
      })
      yield* apply({ ...json, facilities: [withPostcode(0, 82104), withPostcode(1, "012 34")] })
      const facilities = yield* first(Effect.flatMap(Facilities, (facilities) => facilities.list))
      equal(
        facilities.map(({ address }) => [address.postcode, address.postcodeIsNumber]),
        [
          ["82104", true],
          ["012 34", false]
        ]
      )
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a reservation that breaks a rule MUST fail with its path and leave nothing", () =>
    Effect.gen(function* () {
      yield* start
      const before = yield* everything
      for (const [wrong, text] of [
        [
          { dateFrom: "2026-06-02T17:00:00", externalId: 2 },
          "dateFrom: lies outside the opening hours of the calendar"
        ],
        [
          { surname: "Else", externalId: 2, email: "e@example.com", phone: "+421900000000" },
          "There is no capacity left at that time"
        ],
        [{}, "externalId: is already used by another record of this channel"]
      ] as const) {
        const error = yield* Effect.flip(apply(full({ reservations: [reservation, { ...reservation, ...wrong }] })))
        equal(error._tag === "SeedError" ? error.problems : error, [`facilities[0].reservations[1]: ${text}`])
        equal(yield* everything, before)
      }
      const blocked = {
        channel: "first",
        externalId: 1,
        dateFrom: "2026-06-04T10:00:00",
        dateTo: "2026-06-04T10:00:00",
        note: ""
      }
      const error = yield* Effect.flip(apply(full({ blockedTimes: [blocked] })))
      assert.include(error.message, "facilities[0].blockedTimes[0]: dateTo")
      equal(yield* everything, before)
    }).pipe(Effect.provide(engine()))
  )
})
