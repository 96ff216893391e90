/** Tests of webhooks as their channel sees them, and of the store that their delivery works from. */
import { PermissionDenied, ResourceNotFound, ValidationError } from "@bookio-kit/core/error/Refusal"
import { type Event, EventId } from "@bookio-kit/core/event/Event"
import { CalendarId } from "@bookio-kit/core/scalar/Id"
import { about } from "@bookio-kit/core/text/Text"
import { NewWebhook, UndeliveredId, WebhookId } from "@bookio-kit/core/webhook/Webhook"
import { type Outcome, WebhookDeliveries } from "@bookio-kit/core/webhook/WebhookDeliveries"
import { Webhooks } from "@bookio-kit/core/webhook/Webhooks"
import { LoopbackAllowed } from "@bookio-kit/core/webhook/WebhookUrl"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as Database from "../../src/database/Database.ts"
import * as Deliveries from "../../src/engine/WebhookDeliveries.ts"
import { as, engine, equal, foreignFacility, sharedFacility, utc, world } from "../Support.ts"

const first = as(1, "admin")
const second = as(2, "admin")

const decode = Schema.decodeSync(NewWebhook)
const create = (given: Partial<typeof NewWebhook.Encoded> = {}) =>
  Effect.flatMap(Webhooks, (webhooks) => webhooks.create(decode({ url: "https://hook.example/in", ...given })))
const list = Effect.flatMap(Webhooks, ({ list }) => list)
const remove = (id: number) => Effect.flatMap(Webhooks, (webhooks) => webhooks.remove(WebhookId.make(id)))
const rotate = (id: number) => Effect.flatMap(Webhooks, (webhooks) => webhooks.rotateSecret(WebhookId.make(id)))
const undelivered = (query: Parameters<Webhooks["Service"]["undelivered"]>[0] = {}) =>
  Effect.flatMap(Webhooks, (webhooks) => webhooks.undelivered(query))
const redeliver = (id: number) => Effect.flatMap(Webhooks, (webhooks) => webhooks.redeliver(UndeliveredId.make(id)))

const store = <A, E>(use: (store: WebhookDeliveries["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(WebhookDeliveries, use)
const claim = (worker = "a", leaseMs = 15_000) => store(({ claim }) => claim(worker, leaseMs))
const due = (limit = 16) => store(({ due }) => due(WebhookId.make(1), limit))

const event = (id: number, facilityId = sharedFacility): Event => ({
  id: EventId.make(id),
  facilityId,
  at: "2026-06-01T06:00:00.000Z",
  kind: "calendar.changed",
  calendarId: CalendarId.make(1)
})

const startMs = utc("2026-06-01T06:00:00")

const failure = (id: number, nextMs: number | undefined, facilityId = sharedFacility): Outcome => ({
  event: event(id, facilityId),
  attempts: 1,
  firstMs: startMs,
  atMs: startMs,
  result: "refused",
  status: 500,
  ...(nextMs === undefined ? {} : { nextMs })
})

const record = (
  progress: Parameters<WebhookDeliveries["Service"]["record"]>[2],
  { webhook = 1, worker = "a" }: { readonly webhook?: number; readonly worker?: string } = {}
) => store((store) => store.record(worker, WebhookId.make(webhook), progress))

describe("Webhooks.create", () => {
  it.effect("MUST tell a secret of 32 bytes once, and list what was asked for without it", () =>
    Effect.gen(function* () {
      yield* world()
      const { secret, webhookId } = yield* first(create({ facilityId: foreignFacility, kinds: ["calendar.changed"] }))
      const told = Redacted.value(secret)
      assert.match(told, /^whsec_[A-Za-z0-9+/]{43}=$/)
      const rows = yield* first(list)
      equal(rows, [
        {
          id: webhookId,
          url: "https://hook.example/in",
          facilityId: foreignFacility,
          kinds: ["calendar.changed"],
          createdAt: "2026-06-01T06:00:00.000Z",
          state: "active",
          after: rows[0]?.after,
          failures: 0
        }
      ])
      assert.notInclude(JSON.stringify(rows), told.slice(6))
      assert.notInclude(String(secret), told.slice(6))
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse a facility that is not the channel's", () =>
    Effect.gen(function* () {
      yield* world()
      equal(
        yield* Effect.flip(second(create({ facilityId: foreignFacility }))),
        new PermissionDenied({ reason: "facility" })
      )
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse loopback unless it is allowed", () =>
    Effect.gen(function* () {
      yield* world()
      for (const url of ["http://localhost:9000/", "https://127.0.0.1/", "http://[::1]:80/x"]) {
        equal(
          yield* Effect.flip(first(create({ url }))),
          new ValidationError({ problems: [about("url", "notWebhookUrl")] })
        )
      }
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST take loopback where it is allowed", () =>
    Effect.gen(function* () {
      yield* world()
      equal((yield* first(create({ url: "http://localhost:9000/" }))).webhookId, WebhookId.make(1))
    }).pipe(Effect.provide(engine().pipe(Layer.provide(Layer.succeed(LoopbackAllowed)(true)))))
  )

  it.effect("MUST refuse more than 20 of a channel, whatever the others have", () =>
    Effect.gen(function* () {
      yield* world()
      yield* Effect.replicateEffect(first(create()), 20)
      equal(
        yield* Effect.flip(first(create())),
        new ValidationError({ problems: [about("url", "tooManyWebhooks", { max: 20 })] })
      )
      yield* second(create())
    }).pipe(Effect.provide(engine()))
  )
})

describe("isolation", () => {
  it.effect("MUST hide a channel's webhooks and messages from others", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(create())
      yield* claim()
      yield* record({ outcomes: [failure(1, startMs)] })
      equal(yield* second(list), [])
      equal((yield* second(undelivered())).pagination.total, 0)
      equal(yield* Effect.flip(second(remove(1))), new ResourceNotFound({ resource: "Webhook" }))
      equal(yield* Effect.flip(second(rotate(1))), new ResourceNotFound({ resource: "Webhook" }))
      equal(yield* Effect.flip(second(redeliver(1))), new ResourceNotFound({ resource: "Undelivered" }))
      equal((yield* first(list)).length, 1)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST hide messages of a facility that the channel reaches no more", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(create())
      yield* claim()
      yield* record({ outcomes: [failure(1, startMs), failure(2, startMs, foreignFacility)] })
      equal((yield* first(undelivered())).pagination.total, 2)
      const withdraw = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`DELETE FROM channel_facility WHERE facility_id = ${foreignFacility}`
      )
      yield* Effect.flatMap(Database.Database, ({ write }) => write(withdraw))
      equal(
        (yield* first(undelivered())).rows.map(({ event }) => event.facilityId),
        [sharedFacility]
      )
      equal(yield* Effect.flip(first(redeliver(2))), new ResourceNotFound({ resource: "Undelivered" }))
    }).pipe(Effect.provide(engine()))
  )
})

describe("the list of the undelivered", () => {
  it.effect("MUST tell each message with its attempts, by pages", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(create())
      yield* claim()
      yield* record({ outcomes: [failure(5, startMs + 1000), failure(6, undefined)], after: EventId.make(6) })
      const page = yield* first(undelivered({ offset: 1, limit: 1 }))
      equal(page, {
        pagination: { total: 2, offset: 1, limit: 1 },
        rows: [
          {
            id: UndeliveredId.make(2),
            webhookId: WebhookId.make(1),
            messageId: "evt_1_6_mpusudc0",
            event: event(6),
            attempts: 1,
            firstAttemptAt: "2026-06-01T06:00:00.000Z",
            lastAttempt: { at: "2026-06-01T06:00:00.000Z", result: "refused", status: 500 }
          }
        ]
      })
      equal(
        (yield* first(undelivered())).rows.map(({ nextAttemptAt }) => nextAttemptAt),
        ["2026-06-01T06:00:01.000Z", undefined]
      )
      equal((yield* first(undelivered({ webhookId: WebhookId.make(9) }))).rows, [])
      equal((yield* first(list))[0]?.after, EventId.make(6))
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST lose a webhook's messages with it", () =>
    Effect.gen(function* () {
      yield* world()
      yield* first(create())
      yield* claim()
      yield* record({ outcomes: [failure(1, startMs)] })
      equal(yield* first(remove(1)), { webhookId: WebhookId.make(1) })
      equal((yield* first(undelivered())).pagination.total, 0)
      equal(yield* record({ outcomes: [] }), undefined)
      const count = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT id FROM webhook_undelivered`)
      equal(yield* Effect.flatMap(Database.Database, ({ read }) => read(count)), [])
    }).pipe(Effect.provide(engine()))
  )
})

/** The store alone, as it stands in a database without an engine. */
const storeAlone = Layer.provideMerge(Deliveries.layer, Database.layer({ filename: ":memory:" }))

const plantWebhook = Effect.flatMap(Database.Database, ({ write }) =>
  write(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO webhook ${sql.insert({
        channel_id: 1,
        url: "https://hook.example/",
        secret: new Uint8Array(32),
        created_ms: startMs
      })}`
    })
  )
)

const alone = <A, E>(test: Effect.Effect<A, E, WebhookDeliveries | Database.Database>) =>
  TestClock.setTime(startMs).pipe(Effect.andThen(plantWebhook), Effect.andThen(test), Effect.provide(storeAlone))

describe("WebhookDeliveries", () => {
  it.effect("MUST give a webhook to one worker, until it is released or not claimed in time", () =>
    alone(
      Effect.gen(function* () {
        const owners = Effect.gen(function* () {
          return [(yield* claim("a")).length, (yield* claim("b")).length]
        })
        equal(yield* owners, [1, 0])
        yield* TestClock.adjust("14 seconds")
        equal(yield* owners, [1, 0])
        yield* TestClock.adjust("15 seconds")
        equal((yield* claim("b")).length, 1)
        equal(yield* owners, [0, 1])
        equal(yield* record({ outcomes: [] }, { worker: "a" }), undefined)
        equal(yield* record({ outcomes: [] }, { worker: "b" }), { failures: 0, pending: 0 })
        yield* store(({ release }) => release("b"))
        equal(yield* owners, [1, 0])
      })
    )
  )

  it.effect("MUST store nothing for a worker that has lost its webhook", () =>
    alone(
      Effect.gen(function* () {
        yield* claim("a")
        yield* TestClock.adjust("15 seconds")
        yield* claim("b")
        equal(yield* record({ outcomes: [failure(1, startMs)], after: EventId.make(9) }, { worker: "a" }), undefined)
        equal(yield* due(), [])
        equal((yield* claim("b"))[0]?.after, undefined)
      })
    )
  )

  it.effect("MUST tell what is due, the most overdue first, and count the failures in a row", () =>
    alone(
      Effect.gen(function* () {
        yield* claim()
        equal(
          yield* record({ outcomes: [failure(1, startMs + 2), failure(2, startMs + 1), failure(3, startMs + 99_000)] }),
          { failures: 3, pending: 3 }
        )
        yield* TestClock.adjust(10)
        equal(
          (yield* due()).map(({ event }) => Number(event.id)),
          [2, 1]
        )
        equal((yield* due(1)).length, 1)
        const through: Outcome = { ...failure(2, undefined), attempts: 2, result: "delivered", status: 200 }
        equal(yield* record({ outcomes: [through] }), { failures: 0, pending: 2 })
        equal(yield* record({ outcomes: [], isBack: true }), { failures: 0, pending: 2 })
        equal(
          (yield* due()).map(({ event }) => Number(event.id)),
          [1, 3]
        )
        yield* store(({ drop }) => drop(WebhookId.make(1), [EventId.make(1), EventId.make(3)]))
        equal(yield* due(), [])
      })
    )
  )

  it.effect("MUST keep one row for a message however often it is recorded", () =>
    alone(
      Effect.gen(function* () {
        yield* claim()
        yield* record({ outcomes: [failure(1, startMs)] })
        equal(yield* record({ outcomes: [{ ...failure(1, startMs), attempts: 2 }] }), { failures: 2, pending: 1 })
        equal(
          (yield* due()).map(({ attempts }) => attempts),
          [2]
        )
      })
    )
  )

  it.effect("MUST end a webhook whose receiver is gone", () =>
    alone(
      Effect.gen(function* () {
        yield* claim()
        yield* record({ outcomes: [failure(1, startMs)], isGone: true })
        equal(yield* claim(), [])
        equal(yield* due(), [])
      })
    )
  )

  it.effect("MUST remove what was given up 30 days ago", () =>
    alone(
      Effect.gen(function* () {
        const left = Effect.flatMap(Database.Database, ({ read }) =>
          read(
            Effect.flatMap(
              SqlClient.SqlClient,
              (sql) => sql<{ event_id: number }>`SELECT event_id FROM webhook_undelivered`
            )
          )
        )
        yield* claim()
        yield* record({ outcomes: [failure(1, undefined), failure(2, startMs)] })
        yield* TestClock.adjust(30 * 86_400_000 - 1)
        yield* claim()
        equal((yield* left).length, 2)
        yield* TestClock.adjust(1)
        yield* claim()
        equal(yield* left, [{ event_id: 2 }])
      })
    )
  )

  it.effect("MUST write nothing where there is no webhook", () =>
    Effect.gen(function* () {
      equal(yield* claim(), [])
    }).pipe(Effect.provide(storeAlone))
  )
})

describe("a changed secret", () => {
  it.effect("MUST sign beside the one before for 24 hours, and no longer", () =>
    Effect.gen(function* () {
      yield* world()
      const { secret: old } = yield* first(create())
      const { secret } = yield* first(rotate(1))
      const secrets = Effect.map(claim(), (targets) => targets[0]?.secrets.map(Redacted.value))
      equal(yield* secrets, [Redacted.value(secret), Redacted.value(old)])
      const { secret: newest } = yield* first(rotate(1))
      equal(yield* secrets, [Redacted.value(newest), Redacted.value(secret)])
      const passed = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`UPDATE webhook SET previous_until_ms = previous_until_ms - 86400000`
      )
      yield* Effect.flatMap(Database.Database, ({ write }) => write(passed))
      equal(yield* secrets, [Redacted.value(newest)])
    }).pipe(Effect.provide(engine()))
  )
})
