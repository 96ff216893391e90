/** Tests of delivery over the engine, with a network that each test tells what to answer. */
import { createHmac } from "node:crypto"
import { Database } from "@bookio-kit/adapter-sql/database/Database"
import { FacilityId } from "@bookio-kit/core/scalar/Id"
import { Webhooks } from "@bookio-kit/core/webhook/Webhooks"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Redacted, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import type { Message } from "../src/Sender.ts"
import {
  as,
  change,
  changes,
  create,
  deliver,
  delivered,
  eventOf,
  failed,
  network,
  next,
  several,
  silence,
  undelivered,
  until,
  webhooks,
  withEngine,
  world
} from "./Support.ts"

const idOf = (message: Message) => message.headers["webhook-id"]
const recordOf = (message: Message) => {
  const event = eventOf(message)
  return "blockedTimeId" in event ? event.blockedTimeId : undefined
}

/** Whether a receiver with this secret takes the message. */
const verifies = ({ body, headers }: Message, secret: Redacted.Redacted): boolean => {
  const key = Buffer.from(Redacted.value(secret).replace("whsec_", ""), "base64")
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`
  const expected = `v1,${createHmac("sha256", key).update(signed).digest("base64")}`
  return (headers["webhook-signature"] ?? "").split(" ").includes(expected)
}

const pendingOf = Effect.map(undelivered, ({ rows }) => rows.filter(({ nextAttemptAt }) => nextAttemptAt !== undefined))

const gone = Effect.map(undelivered, ({ pagination }) => (pagination.total === 0 ? true : undefined))

describe("a message", () => {
  it.effect("MUST be one event since the webhook was made, as JSON and nothing else, signed with its secret", () =>
    Effect.gen(function* () {
      yield* world
      yield* change(1)
      const { secret, webhookId } = yield* create()
      const net = network()
      yield* deliver(net)
      yield* change(2)
      const message = yield* next(net)
      const event = eventOf(message)
      assert.strictEqual(event.kind, "blockedTime.created")
      assert.deepStrictEqual(JSON.parse(message.body), { ...event })
      assert.strictEqual(recordOf(message), 2)
      assert.notInclude(message.body, "Planted")
      assert.strictEqual(idOf(message), `evt_${webhookId}_${event.id}_${Date.parse(event.at).toString(36)}`)
      assert.isTrue(verifies(message, secret))
      assert.strictEqual(yield* silence(net), 0)
      const [webhook] = yield* webhooks
      assert.strictEqual(webhook?.after, event.id)
      assert.strictEqual(webhook?.lastAttempt?.result, "delivered")
    }).pipe(withEngine)
  )

  it.effect("MUST be of the facility and the kinds that the webhook names", () =>
    Effect.gen(function* () {
      yield* world
      yield* create({ facilityId: 2, url: "https://hook.example/two" })
      yield* create({ kinds: ["blockedTime.removed"], url: "https://hook.example/removed" })
      const net = network()
      yield* deliver(net)
      yield* change(1, 1)
      yield* change(2, 2)
      const message = yield* next(net)
      assert.strictEqual(message.url, "https://hook.example/two")
      assert.strictEqual(recordOf(message), 2)
      assert.strictEqual(yield* silence(net), 0)
    }).pipe(withEngine)
  )

  it.effect("MUST NOT be of a facility that the channel reaches no more, not even where it was tried before", () =>
    Effect.gen(function* () {
      yield* world
      yield* create()
      const net = network()
      net.answer = () => Effect.succeed(failed)
      yield* deliver(net)
      yield* change(1, 1)
      yield* next(net)
      yield* until(Effect.map(pendingOf, (rows) => (rows.length === 1 ? true : undefined)))
      const sql = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DELETE FROM channel_facility WHERE facility_id = 1`)
      yield* Effect.flatMap(Database, ({ write }) => write(sql))
      net.taken = net.log.length
      yield* change(2, 2)
      assert.strictEqual(eventOf(yield* next(net)).facilityId, FacilityId.make(2))
      yield* silence(net)
      const later = net.log.slice(net.taken).map(eventOf)
      assert.deepStrictEqual([...new Set(later.map(({ facilityId }) => facilityId))], [FacilityId.make(2)])
      const sqlCount = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`SELECT event_id FROM webhook_undelivered WHERE facility_id = 1`
      )
      assert.deepStrictEqual(yield* Effect.flatMap(Database, ({ read }) => read(sqlCount)), [])
    }).pipe(withEngine)
  )
})

describe("a message that failed", () => {
  it.effect("MUST be sent again with the same id and body, and leave the list when it goes through", () =>
    Effect.gen(function* () {
      yield* world
      const { secret } = yield* create()
      const net = network()
      net.answer = () => Effect.succeed(net.log.length < 3 ? failed : delivered)
      yield* deliver(net)
      yield* change(1)
      const first = yield* next(net)
      const listed = yield* until(Effect.map(undelivered, ({ rows }) => rows[0]))
      assert.strictEqual(listed.messageId, idOf(first))
      assert.strictEqual(listed.attempts, 1)
      assert.strictEqual(listed.lastAttempt.status, 500)
      assert.isAbove(Date.parse(listed.nextAttemptAt ?? ""), Date.parse(listed.lastAttempt.at))
      const others = yield* several(net, 2)
      for (const message of others) {
        assert.strictEqual(idOf(message), idOf(first))
        assert.strictEqual(message.body, first.body)
        assert.isTrue(verifies(message, secret))
        assert.notStrictEqual(message.headers["webhook-timestamp"], first.headers["webhook-timestamp"])
      }
      yield* until(gone)
      assert.strictEqual(yield* silence(net), 0)
      assert.strictEqual((yield* webhooks)[0]?.failures, 0)
    }).pipe(withEngine)
  )

  it.effect("MUST be tried for as long as told, stay in the list, and be sent once more when asked", () =>
    Effect.gen(function* () {
      yield* world
      yield* create()
      const net = network()
      net.answer = () => Effect.succeed(failed)
      yield* deliver(net, { giveUpAfter: "1 hour", maxDelay: "10 minutes", pollEvery: "1 minute" })
      yield* change(1)
      const given = yield* until(
        Effect.map(undelivered, ({ rows }) => rows.find(({ nextAttemptAt }) => nextAttemptAt === undefined)),
        "1 minute"
      )
      const triedMs = Date.parse(given.lastAttempt.at) - Date.parse(given.firstAttemptAt)
      assert.isAbove(triedMs, 45 * 60_000)
      assert.isAtMost(triedMs, 61 * 60_000)
      assert.strictEqual(given.attempts, net.log.length)
      net.taken = net.log.length
      assert.strictEqual(yield* silence(net), 0)
      yield* as(1)(Effect.flatMap(Webhooks, ({ redeliver }) => redeliver(given.id)))
      net.answer = () => Effect.succeed(delivered)
      assert.strictEqual(idOf(yield* next(net, "1 minute")), given.messageId)
      yield* until(gone)
    }).pipe(withEngine)
  )

  it.effect("MUST wait for as long as its receiver asks", () =>
    Effect.gen(function* () {
      yield* world
      yield* create()
      const net = network()
      net.answer = () => Effect.succeed({ result: "refused", status: 429, retryAfterMs: 600_000 })
      yield* deliver(net)
      yield* change(1)
      const [first, second] = yield* several(net, 2)
      const at = (message: Message | undefined) => Number(message?.headers["webhook-timestamp"])
      assert.isAtLeast(at(second) - at(first), 600)
      assert.isBelow(at(second) - at(first), 620)
    }).pipe(withEngine)
  )
})

describe("a receiver", () => {
  it.effect("MUST get every event after it was away, of which no more than a few were kept beside the feed", () =>
    Effect.gen(function* () {
      yield* world
      yield* create()
      const net = network()
      net.answer = () => Effect.succeed({ result: "unreachable" })
      yield* deliver(net)
      yield* changes(300)
      yield* silence(net)
      const rows = yield* pendingOf
      assert.isAbove(rows.length, 0)
      assert.isBelow(rows.length, 50)
      const place = (yield* webhooks)[0]?.after
      yield* changes(100, 301)
      yield* silence(net)
      assert.strictEqual((yield* webhooks)[0]?.after, place)
      const through = new Set<number>()
      net.answer = (message) =>
        Effect.sync(() => {
          through.add(recordOf(message) ?? 0)
          return delivered
        })
      // It is found to be back by what is tried every few minutes, and then nothing waits for its turn in an hour.
      yield* until(Effect.sync(() => (through.size > 0 ? true : undefined)))
      const backMs = yield* Clock.currentTimeMillis
      yield* until(Effect.sync(() => (through.size === 400 ? true : undefined)))
      yield* until(gone)
      assert.isBelow((yield* Clock.currentTimeMillis) - backMs, 60_000)
      assert.strictEqual(Math.max(...through), 400)
      assert.strictEqual((yield* webhooks)[0]?.failures, 0)
    }).pipe(withEngine)
  )

  it.effect("MUST be asked again by a new event when everything that failed has been given up", () =>
    Effect.gen(function* () {
      yield* world
      yield* create()
      const net = network()
      net.answer = () => Effect.succeed(failed)
      yield* deliver(net, { giveUpAfter: "10 minutes", pollEvery: "1 minute" })
      yield* changes(100)
      yield* until(
        Effect.map(undelivered, ({ pagination }) => (pagination.total === 100 ? true : undefined)),
        "1 minute"
      )
      assert.isAbove(net.log.length, 100)
    }).pipe(withEngine)
  )

  it.effect("MUST get its own events although another one never answers", () =>
    Effect.gen(function* () {
      yield* world
      yield* create({ url: "https://slow.example/" })
      yield* create({ url: "https://fast.example/" })
      const net = network()
      net.answer = ({ url }) => (url.includes("slow") ? Effect.never : Effect.succeed(delivered))
      yield* deliver(net)
      yield* changes(50)
      const through = () => new Set(net.log.filter(({ url }) => url.includes("fast")).map(recordOf))
      yield* until(Effect.sync(() => (through().size === 50 ? true : undefined)))
      assert.isAtMost(net.log.filter(({ url }) => url.includes("slow")).length, 4)
    }).pipe(withEngine)
  )

  it.effect("MUST get other events while one of them fails", () =>
    Effect.gen(function* () {
      yield* world
      yield* create()
      const net = network()
      net.answer = (message) => Effect.succeed(recordOf(message) === 3 ? failed : delivered)
      yield* deliver(net)
      yield* changes(60)
      const through = () => new Set(net.log.map(recordOf))
      yield* until(Effect.sync(() => (through().size === 60 ? true : undefined)))
      const left = yield* until(Effect.map(pendingOf, (rows) => (rows.length === 1 ? rows : undefined)))
      assert.deepStrictEqual(
        left.map(({ event }) => ("blockedTimeId" in event ? Number(event.blockedTimeId) : 0)),
        [3]
      )
    }).pipe(withEngine)
  )

  it.effect("MUST get nothing more after a 410, not even on request", () =>
    Effect.gen(function* () {
      yield* world
      yield* create()
      const net = network()
      net.answer = () => Effect.succeed({ result: "refused", status: 410 })
      yield* deliver(net)
      yield* change(1)
      yield* next(net)
      yield* until(Effect.map(webhooks, ([webhook]) => (webhook?.state === "disabled" ? true : undefined)))
      yield* change(2)
      assert.strictEqual(yield* silence(net), 0)
      const [row] = (yield* undelivered).rows
      assert.isUndefined(row?.nextAttemptAt)
      const refused = yield* Effect.flip(as(1)(Effect.flatMap(Webhooks, ({ redeliver }) => redeliver(row!.id))))
      assert.strictEqual(refused._tag, "ValidationError")
    }).pipe(withEngine)
  )

  it.effect("MUST be told by two signatures after its secret was changed", () =>
    Effect.gen(function* () {
      yield* world
      const { secret: old, webhookId } = yield* create()
      const { secret } = yield* as(1)(Effect.flatMap(Webhooks, ({ rotateSecret }) => rotateSecret(webhookId)))
      const net = network()
      yield* deliver(net)
      yield* change(1)
      const message = yield* next(net)
      assert.isTrue(verifies(message, secret))
      assert.isTrue(verifies(message, old))
    }).pipe(withEngine)
  )

  it.effect("MUST NOT get anything after its webhook was removed", () =>
    Effect.gen(function* () {
      yield* world
      const { webhookId } = yield* create()
      const net = network()
      net.answer = () => Effect.succeed(failed)
      yield* deliver(net)
      yield* change(1)
      yield* next(net)
      yield* as(1)(Effect.flatMap(Webhooks, ({ remove }) => remove(webhookId)))
      yield* TestClock.adjust("5 seconds")
      net.taken = net.log.length
      yield* change(2)
      assert.strictEqual(yield* silence(net), 0)
    }).pipe(withEngine)
  )
})

describe("a worker", () => {
  it.effect("MUST lose nothing when it stops in the middle of an attempt", () =>
    Effect.gen(function* () {
      yield* world
      yield* create()
      const first = network()
      first.answer = () => Effect.never
      const scope = yield* Scope.make()
      yield* Scope.provide(deliver(first), scope)
      yield* changes(10)
      const cut = yield* next(first)
      yield* Scope.close(scope, Exit.void)
      const second = network()
      yield* deliver(second)
      const messages = yield* several(second, 10)
      assert.strictEqual(new Set(messages.map(idOf)).size, 10)
      assert.include(messages.map(idOf), idOf(cut))
    }).pipe(withEngine)
  )

  it.effect("MUST NOT send what another one sends, and MUST take over when that one is gone", () =>
    Effect.gen(function* () {
      yield* world
      yield* create()
      const [first, second] = [network(), network()]
      const scope = yield* Scope.make()
      yield* Scope.provide(deliver(first), scope)
      yield* change(1)
      yield* next(first)
      yield* deliver(second)
      yield* changes(20, 2)
      yield* several(first, 20)
      assert.strictEqual(yield* silence(second), 0)
      yield* Scope.close(scope, Exit.void)
      yield* change(22)
      assert.strictEqual(recordOf(yield* next(second)), 22)
      assert.strictEqual(first.log.length + second.log.length, 22)
    }).pipe(withEngine)
  )

  it.effect("MUST tell when events were gone before they could be sent, and go on with those that are there", () =>
    Effect.gen(function* () {
      yield* world
      yield* create()
      yield* changes(5)
      const drop = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`DELETE FROM event WHERE id < (SELECT MAX(id) FROM event)`
      )
      yield* Effect.flatMap(Database, ({ write }) => write(drop))
      const net = network()
      yield* deliver(net)
      assert.strictEqual(recordOf(yield* next(net)), 5)
      assert.isString((yield* webhooks)[0]?.gapAt)
    }).pipe(withEngine)
  )
})
