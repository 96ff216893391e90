/** What a gateway stores with writes, in a file that is opened again and again, as by processes one after another. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { IdempotencyKey } from "@bookio-kit/core/idempotency/IdempotencyKey"
import { FacilityId, ReservationId } from "@bookio-kit/core/scalar/Id"
import { LocalDate } from "@bookio-kit/core/time/LocalDate"
import type { Client } from "@bookio-kit/gateway/Sessions"
import { type Intention, WriteStore } from "@bookio-kit/gateway/WriteStore"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as GatewayDatabase from "../../src/gateway/GatewayDatabase.ts"
import * as WriteStorage from "../../src/gateway/WriteStorage.ts"

const [one, two] = [FacilityId.make(1), FacilityId.make(2)]
const server = "https://a.example.com"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bookio-writes-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** A client whose key has the digest of this one letter. */
const client = (letter: string): Client => ({
  sha256: letter.repeat(64),
  name: `key ${letter}`,
  session: {
    upstreamToken: Redacted.make("token"),
    upstreamDigest: "f".repeat(64),
    access: "write",
    facilities: new Set([one]),
    sync: false,
    own: undefined
  }
})

const bytes = (text: string) => new TextEncoder().encode(text)

const intention = (given: Partial<Intention> = {}): Intention => ({
  client: client("a"),
  operation: "createReservation",
  requestId: "request",
  ids: { facilityId: one },
  ...given
})

const keyed = (key: string, body = "planted body") =>
  intention({ idempotency: { key: IdempotencyKey.make(key), body: bytes(body) } })

/** Uses the store as one process does. */
const process =
  (filename: string, { auditDays = 365, url = server } = {}) =>
  <A, E>(use: (store: WriteStore["Service"]) => Effect.Effect<A, E>) =>
    Effect.provide(
      Effect.flatMap(WriteStore, use),
      Layer.provide(WriteStorage.layer(auditDays), GatewayDatabase.layer(filename, url))
    )

const inFile = <A, E, R>(use: (filename: string) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.flatMap(folder, (path) => use(join(path, "data", "gateway.db"))))

/** Begins a write that is not answered already. */
const begin = (store: WriteStore["Service"], given: Intention) =>
  Effect.map(store.begin(given), (begun) => {
    assert(begun._tag === "Work")
    return begun.work
  })

const answer = { status: 200, body: bytes('{"result":1}'), ids: { reservationId: ReservationId.make(9) } }

it.effect("an answer is the same after a restart, for its client, operation, key, body and server, for 24 hours", () =>
  inFile((filename) =>
    Effect.gen(function* () {
      yield* process(filename)((store) =>
        Effect.flatMap(begin(store, keyed("k")), (work) => store.finish(work, { status: 200 }, answer))
      )
      const again = (given: Intention, options = {}) => process(filename, options)((store) => store.begin(given))
      const replayed = yield* again(keyed("k"))
      assert.deepStrictEqual(replayed, { _tag: "Answered", answer: { status: 200, body: answer.body } })
      assert.strictEqual((yield* again(keyed("k", "another body")))._tag, "OtherBody")
      assert.strictEqual((yield* again({ ...keyed("k"), client: client("b") }))._tag, "Work")
      assert.strictEqual((yield* again({ ...keyed("k"), operation: "createCalendar" }))._tag, "Work")
      assert.strictEqual((yield* again(keyed("other")))._tag, "Work")
      assert.strictEqual((yield* again(keyed("k"), { url: "https://b.example.com" }))._tag, "Work")
      yield* TestClock.adjust("24 hours")
      assert.deepInclude(yield* again(keyed("k")), { _tag: "Work" })
    })
  )
)

it.effect("a refusal keeps its code", () =>
  inFile((filename) =>
    process(filename)((store) =>
      Effect.gen(function* () {
        const work = yield* begin(store, keyed("k"))
        yield* store.finish(work, { status: 400, errorCode: 40 }, { status: 400, errorCode: 40, body: bytes("no") })
        const again = yield* store.begin(keyed("k"))
        assert.deepStrictEqual(again, {
          _tag: "Answered",
          answer: { status: 400, errorCode: 40, body: Buffer.from("no") as Uint8Array }
        } as never)
      })
    )
  )
)

it.effect("what was at work when a process ended is known by when it began, and stands in the log as unknown", () =>
  inFile((filename) =>
    Effect.gen(function* () {
      yield* TestClock.adjust(1000)
      yield* process(filename)((store) => store.begin(keyed("k")))
      yield* TestClock.adjust(1000)
      yield* process(filename)((store) =>
        Effect.gen(function* () {
          const { rows } = yield* store.list(client("a"), [], {})
          assert.deepStrictEqual(rows, [
            {
              id: 1,
              at: "1970-01-01T00:00:02.000Z",
              channelId: 1,
              tokenId: 2,
              operation: "createReservation",
              facilityId: one,
              status: 504,
              requestId: "request"
            }
          ] as never)
          const work = yield* begin(store, keyed("k"))
          assert.deepStrictEqual(work.earlier, { begunMs: 1000 })
          yield* store.finish(work, { status: 504 }, "unknown")
        })
      )
      yield* TestClock.adjust(1000)
      yield* process(filename)((store) =>
        Effect.gen(function* () {
          const work = yield* begin(store, keyed("k"))
          assert.deepStrictEqual(work.earlier, { begunMs: 1000, leftMs: 2000 })
          yield* store.finish(work, { status: 503 }, "nothing")
          assert.isUndefined((yield* begin(store, keyed("k"))).earlier)
        })
      )
    })
  )
)

it.effect("a line ends with what was made, where it is done, and a client sees its own and its facilities'", () =>
  inFile((filename) =>
    process(filename)((store) =>
      Effect.gen(function* () {
        const slow = yield* begin(store, intention())
        const quick = yield* begin(store, intention({ client: client("b"), ids: { facilityId: two } }))
        yield* TestClock.adjust(5)
        yield* store.finish(quick, { status: 400, errorCode: 30 }, "nothing")
        assert.deepStrictEqual((yield* store.list(client("a"), [one], {})).rows, [])
        yield* TestClock.adjust(5)
        yield* store.finish(slow, { status: 200, ids: { reservationId: ReservationId.make(9) } }, "nothing")
        const both = yield* store.list(client("a"), [one, two], {})
        assert.deepStrictEqual(
          both.rows.map(({ errorCode, facilityId, id, reservationId }) => [id, facilityId, reservationId, errorCode]),
          [
            [2, two, undefined, 30],
            [1, one, 9, undefined]
          ]
        )
        const ids = (facilities: ReadonlyArray<FacilityId>, query = {}) =>
          Effect.map(store.list(client("b"), facilities, query), ({ pagination, rows }) => [
            pagination.total,
            ...rows.map(({ id }) => id)
          ])
        assert.deepStrictEqual(yield* ids([]), [1, 2])
        assert.deepStrictEqual(yield* ids([one]), [2, 2, 1])
        assert.deepStrictEqual(yield* ids([one], { offset: 1, limit: 1 }), [2, 1])
        const day = Schema.decodeSync(LocalDate)("1970-01-02")
        assert.deepStrictEqual(yield* ids([one], { from: day }), [0])
        assert.deepStrictEqual(yield* ids([one], { to: day }), [2, 2, 1])
        yield* TestClock.adjust("2 days")
        assert.deepStrictEqual(
          yield* process(filename, { url: "https://b.example.com" })((other) =>
            other.list(client("b"), [one, two], {})
          ),
          { pagination: { total: 0, offset: 0, limit: 100 }, rows: [] }
        )
      })
    )
  )
)

it.effect("lines are removed after their days, and answers after theirs", () =>
  inFile((filename) =>
    Effect.gen(function* () {
      const use = process(filename, { auditDays: 2 })
      const add = (key: string) =>
        use((store) => Effect.flatMap(begin(store, keyed(key)), (work) => store.finish(work, { status: 200 }, answer)))
      yield* add("first")
      yield* TestClock.adjust("36 hours")
      yield* add("second")
      yield* TestClock.adjust("36 hours")
      yield* add("third")
      assert.deepStrictEqual(
        yield* use((store) => Effect.map(store.list(client("a"), [], {}), ({ rows }) => rows.map(({ id }) => id))),
        [2, 3]
      )
    })
  )
)

it.effect("no file holds a key or a body of a request", () =>
  inFile((filename) =>
    process(filename)((store) =>
      Effect.gen(function* () {
        const work = yield* begin(store, keyed("planted-key"))
        yield* store.finish(work, { status: 200 }, answer)
        const folder = join(filename, "..")
        const held = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"))
        assert.isTrue(held.some((text) => text.includes('{"result":1}')))
        for (const text of held) assert.notInclude(text, "planted")
      })
    )
  )
)
