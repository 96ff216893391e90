import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import { describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Database } from "../../src/database/Database.ts"
import { drawToken, sha256 } from "../../src/engine/Tokens.ts"
import {
  as,
  block,
  blocks,
  book,
  calendars,
  confirm,
  engine,
  equal,
  first,
  foreignFacility,
  group,
  hidden,
  list,
  london,
  move,
  moveBlock,
  person,
  refusal,
  second,
  seed,
  slots,
  status,
  unblock,
  update,
  utc,
  world
} from "../Support.ts"

const nine = "2026-06-02T09:00:00"
const web = as(1, "book")

describe("rule 12", () => {
  it.effect("a foreign facility MUST be 403 where it is named", () =>
    Effect.gen(function* () {
      yield* world()
      const facilityId = foreignFacility
      const day = { dateFrom: "2026-06-02", dateTo: "2026-06-02" }
      equal(yield* refusal(second(list({ facilityId }))), "403 facility")
      equal(yield* refusal(second(blocks({ facilityId }))), "403 facility")
      equal(yield* refusal(second(calendars({ facilityId }))), "403 facility")
      equal(yield* refusal(second(slots(london, "2026-06-02", "2026-06-02", facilityId))), "403 facility")
      equal(yield* refusal(second(block({ externalId: 1, facilityId, ...day }))), "403 facility")
      equal(
        yield* refusal(second(book({ externalId: 1, facilityId, serviceId: london, dateFrom: nine }))),
        "403 facility"
      )
      equal(
        yield* refusal(second(book({ externalId: 1, facilityId: 99, serviceId: london, dateFrom: nine }))),
        "403 facility"
      )
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a foreign record MUST be 12, like one that does not exist, and absent from lists", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(book({ externalId: 1, facilityId: foreignFacility, serviceId: london, dateFrom: nine }))
      yield* first(block({ externalId: 1, facilityId: foreignFacility, dateFrom: "2026-06-03", dateTo: "2026-06-03" }))
      for (const id of [1, 99]) {
        equal(yield* refusal(second(status(id, "CANCELLED"))), "12 Reservation")
        equal(yield* refusal(second(move(id, {}))), "12 Reservation")
        equal(yield* refusal(second(confirm(id, 1))), "12 Reservation")
        equal(yield* refusal(second(moveBlock(id, {}))), "12 BlockedTime")
        equal(yield* refusal(second(unblock(id))), "12 BlockedTime")
      }
      for (const id of [3, 99]) equal(yield* refusal(second(update(id, {}))), "12 Calendar")
      for (const serviceId of [london, 99]) {
        equal(yield* refusal(second(book({ externalId: 1, serviceId, dateFrom: nine }))), "12 Service")
        equal(yield* refusal(second(slots(serviceId, "2026-06-02", "2026-06-02"))), "12 Service")
      }
      equal((yield* second(list())).pagination.total, 0)
      equal((yield* second(blocks())).pagination.total, 0)
      equal(
        (yield* second(calendars())).map(({ id }) => id),
        [1, 2]
      )
      const facilities = Effect.flatMap(Facilities, (facilities) => facilities.list)
      equal(
        (yield* second(facilities)).map(({ id }) => id),
        [1]
      )
      equal(
        (yield* first(facilities)).map(({ id }) => id),
        [1, 2]
      )
      equal((yield* first(list())).pagination.total, 1)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("access `book` MUST see its own channel's reservations only", () =>
    Effect.gen(function* () {
      yield* world()
      yield* second(book({ externalId: 1, dateFrom: nine }))
      yield* first(confirm(1, 8))
      yield* web(book({ externalId: 1, dateFrom: "2026-06-02T10:00:00", ...person(2) }))
      equal(
        (yield* web(list())).rows.map(({ id }) => id),
        [2]
      )
      equal((yield* web(list())).pagination.total, 1)
      equal((yield* first(list())).pagination.total, 2)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("access `book` MUST NOT get the id of another channel's reservation with a 40", () =>
    Effect.gen(function* () {
      yield* world()
      yield* second(book({ externalId: 1, dateFrom: nine, serviceId: group }))
      equal(yield* refusal(web(book({ externalId: 1, dateFrom: nine, serviceId: group }))), "40 person -")
      yield* first(confirm(1, 8))
      const other = { dateFrom: "2026-06-02T10:00:00", ...person(1) }
      equal(yield* refusal(web(book({ externalId: 8, ...other }))), "40 externalId -")
      yield* web(book({ externalId: 9, ...other }))
      equal(yield* refusal(web(book({ externalId: 9, ...other }))), "40 externalId 2")
      equal(yield* refusal(first(book({ externalId: 8, ...other }))), "40 externalId 1")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("hidden services MUST be absent from the slots of access `book` alone", () =>
    Effect.gen(function* () {
      yield* world()
      const hiddenSlots = slots(hidden, "2026-06-02", "2026-06-02")
      equal(yield* web(hiddenSlots), [])
      equal((yield* as(1, "read")(hiddenSlots)).length > 0, true)
      equal((yield* web(slots(group, "2026-06-02", "2026-06-02"))).length > 0, true)
    }).pipe(Effect.provide(engine()))
  )
})

describe("tokens", () => {
  const strong = "x".repeat(43)
  const expiring = "y".repeat(43)
  const planted = {
    ...seed(),
    channels: [
      {
        name: "first",
        facilities: ["shared"],
        tokens: [
          { token: strong, access: "write" as const },
          { token: expiring, access: "read" as const, expiresAt: "2026-06-01T07:00:00Z" }
        ]
      }
    ]
  }
  const authenticate = (token: string) =>
    Effect.flatMap(Authenticator, (authenticator) => authenticator.authenticate(Redacted.make(token)))

  it.effect("MUST tell the channel, id and access of a valid one, and refuse an unknown or empty one", () =>
    Effect.gen(function* () {
      yield* world(planted)
      equal(yield* authenticate(strong), { channelId: 1, tokenId: 1, access: "write" })
      equal(yield* refusal(authenticate(`${strong}x`)), "20 invalid")
      equal(yield* refusal(authenticate(strong.toUpperCase())), "20 invalid")
      equal(yield* refusal(authenticate(sha256(strong).toString())), "20 invalid")
      equal(yield* refusal(authenticate("")), "20 missing")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse one from the very instant at which it expires", () =>
    Effect.gen(function* () {
      yield* world(planted)
      yield* TestClock.setTime(utc("2026-06-01T07:00:00") - 1)
      equal(yield* authenticate(expiring), { channelId: 1, tokenId: 2, access: "read" })
      yield* TestClock.adjust("1 millis")
      equal(yield* refusal(authenticate(expiring)), "20 invalid")
      equal(yield* authenticate(strong), { channelId: 1, tokenId: 1, access: "write" })
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse a revoked one at once", () =>
    Effect.gen(function* () {
      yield* world(planted)
      const revoke = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`UPDATE token SET revoked_ms = 0 WHERE sha256 = ${sha256(strong)}`
      )
      yield* Effect.flatMap(Database, (database) => database.write(revoke))
      equal(yield* refusal(authenticate(strong)), "20 invalid")
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST be drawn as 32 random bytes in base64url", () =>
    Effect.gen(function* () {
      const tokens = (yield* Effect.all(Array.from({ length: 20 }, () => drawToken))).map(Redacted.value)
      equal(
        tokens.filter((token) => /^[\w-]{43}$/.test(token) && Buffer.from(token, "base64url").length === 32).length,
        20
      )
      equal(new Set(tokens).size, 20)
    })
  )
})
