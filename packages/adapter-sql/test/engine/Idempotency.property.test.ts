/**
 * Stories of creating requests with keys: any number of times, many at once, with other bodies, across restarts, with every
 * outcome. Each key has one effect and one answer. `FC_NUM_RUNS` raises the number of stories; fast-check prints the seed.
 */
import type { Caller } from "@bookio-kit/core/access/Caller"
import type { ApiError } from "@bookio-kit/core/api/Envelope"
import type { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import {
  block,
  blocks,
  book,
  engine,
  foreignFacility,
  list,
  london,
  person,
  refusal,
  temporaryFile,
  world
} from "../Support.ts"
import { by, textOf, write } from "./Answering.ts"

const nine = "2026-06-02T09:00:00"
const asker = by(2)

type Body = "john" | "again" | "mary" | "closed" | "unknown" | "foreign" | "blocked"
type Creation = Effect.Effect<object, ApiError, Reservations | BlockedTimes | Caller>

// What a body asks for. Of the two that want one place, whichever comes first gets it, and refuses the others.
const requests: { readonly [B in Body]: readonly [operation: string, request: () => Creation] } = {
  john: ["createReservation", () => book({ externalId: 1, dateFrom: nine })],
  again: ["createReservation", () => book({ externalId: 1, dateFrom: nine, note: "once more" })],
  mary: ["createReservation", () => book({ ...person(2), externalId: 2, dateFrom: nine })],
  closed: ["createReservation", () => book({ externalId: 3, dateFrom: "2026-06-02T05:00:00" })],
  unknown: ["createReservation", () => book({ externalId: 4, serviceId: 99, dateFrom: nine })],
  foreign: [
    "createReservation",
    () => book({ externalId: 5, facilityId: foreignFacility, serviceId: london, dateFrom: nine })
  ],
  blocked: ["createBlockedTime", () => block({ externalId: 1, dateFrom: "2026-06-09", dateTo: "2026-06-09" })]
}

interface Act {
  readonly key: string
  readonly body: Body
  /** How many such requests there are at once. */
  readonly times: number
}

const act: fc.Arbitrary<Act> = fc.record({
  key: fc.constantFrom("a", "b", "c"),
  body: fc.constantFrom(...(Object.keys(requests) as Array<Body>)),
  times: fc.integer({ min: 1, max: 3 })
})

/** Each inner list is the life of one process. */
const story = fc.array(fc.array(act, { maxLength: 8 }), { minLength: 1, maxLength: 4 })

interface First {
  readonly body: Body
  readonly answer: string
}

const tell = (lives: ReadonlyArray<ReadonlyArray<Act>>) =>
  Effect.gen(function* () {
    const filename = yield* temporaryFile
    yield* world().pipe(Effect.provide(engine(filename)), Effect.scoped)
    const firsts = new Map<string, First>()
    const made = { reservations: 0, blockedTimes: 0 }
    let runs = 0

    const perform = Effect.fnUntraced(function* ({ body, key, times }: Act) {
      const [operation, request] = requests[body]
      const counted = Effect.andThen(
        Effect.sync(() => {
          runs += 1
        }),
        request()
      )
      const ask = asker(write({ key, body, operation }, counted))
      const known = firsts.get(`${operation} ${key}`)
      const before = runs
      if (known !== undefined && known.body !== body) {
        assert.strictEqual(yield* refusal(ask), "10 Idempotency-Key keyReused")
        assert.strictEqual(runs, before)
        return
      }
      const answers = yield* Effect.all(
        Array.from({ length: times }, () => ask),
        { concurrency: "unbounded" }
      )
      const texts = new Set(answers.map((answer) => textOf(answer.body)))
      assert.strictEqual(texts.size, 1)
      const [answer] = answers
      if (body === "foreign") {
        assert.strictEqual(answer?.errorCode, 403)
        assert.strictEqual(runs, before + times)
        return
      }
      const text = known?.answer ?? textOf(answer!.body)
      assert.deepStrictEqual([...texts], [text])
      assert.strictEqual(runs, known === undefined ? before + 1 : before)
      assert.strictEqual(answers.filter(({ isReplay }) => isReplay).length, known === undefined ? times - 1 : times)
      if (known !== undefined) return
      firsts.set(`${operation} ${key}`, { body, answer: text })
      if (answer!.status === 200) made[operation === "createReservation" ? "reservations" : "blockedTimes"] += 1
    })

    for (const acts of lives) {
      yield* Effect.gen(function* () {
        for (const one of acts) yield* perform(one)
        const rows = [(yield* asker(list())).rows.length, (yield* asker(blocks())).rows.length]
        assert.deepStrictEqual(rows, [made.reservations, made.blockedTimes])
      }).pipe(Effect.provide(engine(filename)), Effect.scoped)
    }
  }).pipe(Effect.scoped, Effect.provide(TestClock.layer()))

const numRuns = Number(process.env.FC_NUM_RUNS ?? 60)

describe("Idempotency-Key", () => {
  it(
    "MUST give each key one effect and one answer, whatever happens in between",
    { timeout: 60_000 + numRuns * 500 },
    () =>
      fc.assert(
        fc.asyncProperty(story, (lives) => Effect.runPromise(tell(lives))),
        { numRuns }
      )
  )
})
