import type { ApiError } from "@bookio-kit/core/api/Envelope"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import {
  DuplicateReservation,
  EndpointNotFound,
  InvalidToken,
  NoCapacityLeft,
  PaymentError,
  PermissionDenied,
  ResourceNotFound,
  ValidationError
} from "@bookio-kit/core/error/Refusal"
import { about } from "@bookio-kit/core/text/Text"
import { Writes } from "@bookio-kit/core/write/Writes"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Database } from "../../src/database/Database.ts"
import { block, book, engine, equal, list, refusal, temporaryFile, world } from "../Support.ts"
import { answering, by, bytes, textOf, write } from "./Answering.ts"

const first = by(1)
const nine = "2026-06-02T09:00:00"
const hour = 3_600_000

/** A step that counts how often it is run and ends as told. */
const step = (outcome: { readonly ok: object } | { readonly no: ApiError }) => {
  const runs = { count: 0 }
  const effect = Effect.suspend(() => {
    runs.count += 1
    return "ok" in outcome ? Effect.succeed({ ...outcome.ok, run: runs.count }) : Effect.fail(outcome.no)
  })
  return { runs, effect }
}

const rowsOf = (table: string) =>
  Effect.flatMap(Database, (database) =>
    database.read(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql<{ readonly [column: string]: unknown }>`SELECT * FROM ${sql(table)}`
      )
    )
  )

describe("what is remembered under a key", () => {
  const refusals: ReadonlyArray<readonly [name: string, error: ApiError, remembered: boolean]> = [
    ["10", new ValidationError({ problems: [about("dateFrom", "closed")] }), true],
    ["12", new ResourceNotFound({ resource: "Service" }), true],
    ["30", new NoCapacityLeft({ reason: "full" }), true],
    ["40", new DuplicateReservation({ reason: "person" }), true],
    ["11", new PaymentError(), false],
    ["20", new InvalidToken({ reason: "invalid" }), false],
    ["403 facility", new PermissionDenied({ reason: "facility" }), false],
    ["403 access", new PermissionDenied({ reason: "access" }), false],
    ["404", new EndpointNotFound(), false],
    ["RateLimited", new BackendError({ reason: "RateLimited" }), false],
    ["Overloaded", new BackendError({ reason: "Overloaded" }), false],
    ["Internal", new BackendError({ reason: "Internal" }), false],
    ["Timeout", new BackendError({ reason: "Timeout" }), false],
    ["OutcomeUnknown", new BackendError({ reason: "OutcomeUnknown" }), false]
  ]

  it.effect.each(refusals)("%s", ([, error, remembered]) =>
    Effect.gen(function* () {
      yield* world()
      const { effect, runs } = step({ no: error })
      const ask = Effect.exit(first(write({ key: "k" }, effect)))
      const one = yield* ask
      const two = yield* ask
      assert.strictEqual(runs.count, remembered ? 1 : 2)
      assert.strictEqual((yield* rowsOf("idempotency_record")).length, remembered ? 1 : 0)
      if (Exit.isSuccess(one) && Exit.isSuccess(two)) {
        assert.deepStrictEqual([one.value.isReplay, two.value.isReplay], [false, remembered])
        assert.deepStrictEqual([two.value.status, two.value.errorCode], [one.value.status, one.value.errorCode])
        assert.deepStrictEqual(two.value.body, one.value.body)
      } else {
        assert.instanceOf(error, BackendError)
      }
    }).pipe(Effect.provide(engine()))
  )

  it.effect("a success, and never a defect", () =>
    Effect.gen(function* () {
      yield* world()
      const { effect, runs } = step({ ok: { reservationId: 7 } })
      const [one, two] = [yield* first(write({ key: "k" }, effect)), yield* first(write({ key: "k" }, effect))]
      assert.strictEqual(runs.count, 1)
      assert.strictEqual(textOf(one.body), '{"data":{"reservationId":7,"run":1}}')
      assert.deepStrictEqual([two.status, two.body, two.isReplay], [200, one.body, true])
      assert.isTrue(Exit.hasDies(yield* Effect.exit(first(write({ key: "dies" }, Effect.die("a bug"))))))
      assert.isFalse((yield* first(write({ key: "dies" }, effect))).isReplay)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("nothing without a key", () =>
    Effect.gen(function* () {
      yield* world()
      const { effect, runs } = step({ ok: {} })
      yield* first(write({}, effect))
      yield* first(write({}, effect))
      assert.strictEqual(runs.count, 2)
      equal(yield* rowsOf("idempotency_record"), [])
    }).pipe(Effect.provide(engine()))
  )
})

describe("a key", () => {
  it.effect("MUST be refused with another body, as code 10 that names it, and keep its first answer", () =>
    Effect.gen(function* () {
      yield* world()
      const { effect, runs } = step({ ok: {} })
      const one = yield* first(write({ key: "k", body: "{}" }, effect))
      equal(yield* refusal(first(write({ key: "k", body: "{ }" }, effect))), "10 Idempotency-Key keyReused")
      equal(yield* refusal(first(write({ key: "k", body: "" }, effect))), "10 Idempotency-Key keyReused")
      assert.deepStrictEqual((yield* first(write({ key: "k", body: "{}" }, effect))).body, one.body)
      assert.strictEqual(runs.count, 1)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST belong to one channel, token and operation", () =>
    Effect.gen(function* () {
      yield* world()
      const { effect, runs } = step({ ok: {} })
      const askers = [by(1, 1), by(1, 2), by(2, 1), by(1, null)]
      for (const asker of askers) {
        for (const operation of ["createReservation", "createBlockedTime"]) {
          assert.isFalse((yield* asker(write({ key: "k", operation }, effect))).isReplay)
          assert.isTrue((yield* asker(write({ key: "k", operation }, effect))).isReplay)
        }
      }
      assert.strictEqual(runs.count, 8)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST be told apart by every character", () =>
    Effect.gen(function* () {
      yield* world()
      const { effect, runs } = step({ ok: {} })
      for (const key of ["k", "K", "k!", "kk", "'--", "a".repeat(255), "a".repeat(254)]) {
        yield* first(write({ key }, effect))
      }
      assert.strictEqual(runs.count, 7)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST hold for 24 hours, to the millisecond, and be free for another body then", () =>
    Effect.gen(function* () {
      yield* world()
      const { effect, runs } = step({ ok: {} })
      yield* first(write({ key: "k", body: "a" }, effect))
      yield* TestClock.adjust(24 * hour - 1)
      assert.isTrue((yield* first(write({ key: "k", body: "a" }, effect))).isReplay)
      yield* TestClock.adjust(1)
      const second = yield* first(write({ key: "k", body: "b" }, effect))
      assert.isFalse(second.isReplay)
      // From the second answer on, not from the first.
      yield* TestClock.adjust(24 * hour - 1)
      assert.deepStrictEqual((yield* first(write({ key: "k", body: "b" }, effect))).body, second.body)
      assert.strictEqual(runs.count, 2)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST give all of many at once one answer", () =>
    Effect.gen(function* () {
      yield* world()
      const asked = Array.from({ length: 100 }, () =>
        first(write({ key: "k", body: "b" }, book({ externalId: 1, dateFrom: nine })))
      )
      const answers = yield* Effect.all(asked, { concurrency: "unbounded" })
      assert.deepStrictEqual(new Set(answers.map(({ body }) => textOf(body))).size, 1)
      assert.strictEqual(answers.filter(({ isReplay }) => !isReplay).length, 1)
      assert.strictEqual((yield* first(list())).rows.length, 1)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST outlive the process, and hold in another one beside it", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const ask = first(write({ key: "k", body: "b" }, book({ externalId: 1, dateFrom: nine })))
      const one = yield* Effect.andThen(world(), ask).pipe(Effect.provide(engine(filename)), Effect.scoped)
      const beside = yield* Effect.gen(function* () {
        return [yield* ask, yield* Effect.provide(ask, engine(filename))]
      }).pipe(Effect.provide(engine(filename)))
      for (const { body, isReplay } of beside) assert.deepStrictEqual([body, isReplay], [one.body, true])
    })
  )
})

describe("a refused write", () => {
  it.effect("MUST leave its record and its line, and nothing of itself", () =>
    Effect.gen(function* () {
      yield* world()
      const database = yield* Database
      const halfDone = database.write(
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          yield* sql`INSERT INTO channel (name) VALUES ('half done')`
          return yield* new NoCapacityLeft({ reason: "full" })
        })
      )
      const answer = yield* first(write({ key: "k" }, halfDone))
      assert.strictEqual(answer.errorCode, 30)
      equal(
        (yield* rowsOf("channel")).map(({ name }) => name),
        ["first", "second"]
      )
      assert.strictEqual((yield* rowsOf("idempotency_record")).length, 1)
      assert.strictEqual((yield* rowsOf("audit_entry")).length, 1)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST be undone as a whole by a defect after it, such as an answer that does not fit the contract", () =>
    Effect.gen(function* () {
      yield* world()
      const writes = yield* Writes
      const broken = Effect.andThen(book({ externalId: 1, dateFrom: nine }), Effect.die("does not fit"))
      const request = { operation: "createReservation", requestId: "broken", ids: {} }
      assert.isTrue(Exit.hasDies(yield* Effect.exit(first(writes.run(request, answering(broken))))))
      equal((yield* first(list())).rows, [])
      const [entry, ...others] = yield* rowsOf("audit_entry")
      equal(others, [])
      assert.deepInclude(entry, { status: 500, error_code: 666, request_id: "broken" })
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST not take with it what is committed beside it", () =>
    Effect.gen(function* () {
      yield* world()
      const answers = yield* Effect.all(
        [
          first(write({ key: "a" }, book({ externalId: 1, dateFrom: nine }))),
          first(write({ key: "b" }, book({ externalId: 1, dateFrom: nine }))),
          Effect.exit(first(write({ key: "c" }, Effect.die("a bug")))),
          first(
            write(
              { key: "d", operation: "createBlockedTime" },
              block({ externalId: 1, dateFrom: "2026-06-03", dateTo: "2026-06-03" })
            )
          )
        ],
        { concurrency: "unbounded" }
      )
      equal([answers[0].status, answers[1].errorCode, answers[3].status], [200, 40, 200])
      assert.strictEqual((yield* first(list())).rows.length, 1)
      assert.strictEqual((yield* rowsOf("idempotency_record")).length, 3)
    }).pipe(Effect.provide(engine()))
  )
})

describe("what is stored", () => {
  it.effect("MUST hold neither key nor body, nor an HMAC that another database would make", () =>
    Effect.gen(function* () {
      const hmacs = Effect.gen(function* () {
        yield* world()
        yield* first(write({ key: "marker-key", body: "marker-body" }, Effect.succeed({})))
        const rows = yield* rowsOf("idempotency_record")
        const text = rows
          .flatMap((row) => Object.values(row))
          .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value)))
          .join("|")
        assert.notInclude(text, "marker")
        return rows.map(({ body_hmac, key_hmac }) =>
          [key_hmac, body_hmac].map((hmac) => Buffer.from(hmac as Uint8Array).toString("hex"))
        )
      })
      const [[one], [two]] = [yield* Effect.provide(hmacs, engine()), yield* Effect.provide(hmacs, engine())]
      assert.strictEqual(new Set([...one!, ...two!]).size, 4)
      assert.isTrue([...one!, ...two!].every((hmac) => hmac.length === 64))
    })
  )

  it.effect("MUST be removed once it has expired, a bounded number at a time, and nothing before", () =>
    Effect.gen(function* () {
      yield* world()
      const noop = Effect.succeed({})
      const count = Effect.map(rowsOf("idempotency_record"), (rows) => rows.length)
      const many = (n: number) => Effect.forEach(Array.from({ length: n }), () => first(write({}, noop)))
      for (let n = 0; n < 200; n++) yield* first(write({ key: `${n}` }, noop))
      yield* TestClock.adjust(24 * hour - 1)
      yield* many(64)
      assert.strictEqual(yield* count, 200)
      yield* TestClock.adjust(1)
      yield* many(64)
      assert.strictEqual(yield* count, 200 - 128)
      yield* many(64)
      assert.strictEqual(yield* count, 0)
      equal((yield* first(write({ key: "1", body: "" }, noop))).isReplay, false)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST be the answer's very bytes", () =>
    Effect.gen(function* () {
      yield* world()
      const writes = yield* Writes
      const body = new Uint8Array([0, 255, 1, 254, 10, 13])
      const asked = { operation: "createCalendar", requestId: "r", ids: {} }
      const idempotency = { key: "k" as never, body: bytes("") }
      const run = writes.run({ ...asked, idempotency }, Effect.succeed({ status: 200, body }))
      yield* first(run)
      assert.deepStrictEqual([...(yield* first(run)).body], [...body])
    }).pipe(Effect.provide(engine()))
  )
})
