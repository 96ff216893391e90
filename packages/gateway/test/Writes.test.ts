/** What a gateway keeps of writes: the first answer under a key, what an unknown outcome is settled by, and the audit log. */
import type { Caller } from "@bookio-kit/core/access/Caller"
import { type ApiError, toWireError } from "@bookio-kit/core/api/Envelope"
import { AuditEntries } from "@bookio-kit/core/audit/AuditEntries"
import type { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { NewCalendar } from "@bookio-kit/core/calendar/Calendar"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { IdempotencyKey } from "@bookio-kit/core/idempotency/IdempotencyKey"
import type { Page } from "@bookio-kit/core/page/Page"
import type { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { type RecordIds, Writes } from "@bookio-kit/core/write/Writes"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import { KeyRing } from "../src/Sessions.ts"
import { layerMemory, WriteStore } from "../src/WriteStore.ts"
import * as It from "./Support.ts"

const { one, two } = It

const table = It.keys(
  It.key("practice"),
  It.key("twin"),
  It.key("elsewhere", { facilities: new Set([two]) }),
  It.key("owner", { access: "admin", facilities: new Set([one]) })
)

const upstream = It.gateway(table)

const bytes = (text: string) => new TextEncoder().encode(text)

interface Told {
  readonly status: number
  readonly isReplay: boolean
  readonly text: string
}

/** What is told of a write that has no answer. */
const failed = (text: string): Told => ({ status: 0, isReplay: false, text })

/** Writes as the server does, with the answer in a form of its own. */
const write = <A extends object, R>(
  operation: string,
  run: Effect.Effect<A, ApiError, R>,
  ids: RecordIds = {},
  idempotency?: { readonly key: string; readonly body?: string }
) =>
  Effect.flatMap(Writes, (writes) =>
    writes.run(
      {
        operation,
        requestId: "request",
        ids,
        ...(idempotency === undefined
          ? {}
          : {
              idempotency: {
                key: IdempotencyKey.make(idempotency.key),
                body: bytes(idempotency.body ?? "body")
              }
            })
      },
      run.pipe(
        Effect.map((made) => ({ status: 200, body: bytes(JSON.stringify(made)), ids: made as RecordIds })),
        Effect.catch((error: ApiError) => {
          if (error._tag === "BackendError") return Effect.fail(error)
          const { errorCode, status } = toWireError(error, "request")
          return Effect.succeed({ status, errorCode: errorCode as number, body: bytes(error._tag) })
        })
      )
    )
  ).pipe(
    Effect.map(({ body, isReplay, status }) => ({ status, isReplay, text: new TextDecoder().decode(body) })),
    Effect.catch((error) => Effect.succeed(failed(error._tag === "BackendError" ? error.reason : error._tag)))
  )

/** Books the `n`th slot under a key. */
const bookUnder = (key: string, n = 1, body?: string) =>
  write("createReservation", It.book(It.booking(n)), { facilityId: one }, body === undefined ? { key } : { key, body })

const blockUnder = (key: string, n = 1) =>
  write("createBlockedTime", It.block(It.blocking(n)), { facilityId: one }, { key })

const newCalendar = Schema.decodeSync(NewCalendar)({
  name: "New",
  facilityId: one,
  validFrom: "2026-01-01T00:00:00",
  validTo: "2026-12-31T00:00:00",
  services: [{ id: 1, name: "Visit", duration: 30 }],
  intervals: [{ name: "Always", weekDays: [1], timeFrom: "08:00", timeTo: "12:00" }]
} as never)
const calendarUnder = (key: string) =>
  write(
    "createCalendar",
    Effect.map(
      Effect.flatMap(Calendars, ({ create }) => create(newCalendar)),
      ({ calendarId }) => ({ calendarId })
    ),
    { facilityId: one },
    { key }
  )

const audit = Effect.flatMap(AuditEntries, ({ list }) => list({}))
const lines = Effect.map(audit, ({ rows }) =>
  rows.map(
    ({ errorCode, operation, status }) => `${operation} ${status}${errorCode === undefined ? "" : ` ${errorCode}`}`
  )
)

const calls = (name: string) => Effect.map(It.Tap, ({ calls }) => calls.filter((call) => call === name).length)
const booked = Effect.map(It.past(It.listReservations({})), ({ pagination }) => pagination.total)

const failing = (reason: BackendError["reason"]) => new BackendError({ reason })

/** The next calls by that name are done and then fail, or only fail. */
const disturb = (name: string, when: "before" | "after", reason: BackendError["reason"]) =>
  Effect.map(It.Tap, (tap) => {
    tap.around = (called, call) => {
      if (called !== name) return call
      return when === "after" ? Effect.andThen(call, Effect.fail(failing(reason))) : Effect.fail(failing(reason))
    }
  })
const calm = Effect.map(It.Tap, (tap) => {
  tap.around = (_, call) => call
})

/** Runs while time passes, as it does for a caller who waits. */
const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("20 seconds")
    return yield* Fiber.join(fiber)
  })

const practice = It.as("practice")

describe("a creation under a key", () => {
  it.effect("answers a repeat with the first answer, does nothing, and has one line", () =>
    Effect.gen(function* () {
      const first = yield* practice(bookUnder("a"))
      assert.deepInclude(first, { status: 200, isReplay: false })
      assert.deepStrictEqual(yield* practice(bookUnder("a")), { ...first, isReplay: true })
      assert.strictEqual(yield* calls("createReservation"), 1)
      assert.deepStrictEqual(yield* practice(lines), ["createReservation 200"])
      yield* TestClock.adjust("24 hours")
      // As new: refused by the upstream, for its externalId is taken.
      assert.deepInclude(yield* practice(bookUnder("a")), { text: "DuplicateReservation", isReplay: false })
    }).pipe(Effect.provide(upstream))
  )

  it.effect("is another one for another key, client or operation, and none with another body", () =>
    Effect.gen(function* () {
      yield* practice(bookUnder("a"))
      assert.deepStrictEqual(yield* practice(bookUnder("a", 1, "other body")), failed("ValidationError"))
      assert.deepInclude(yield* practice(bookUnder("b")), { text: "DuplicateReservation", isReplay: false })
      assert.deepInclude(yield* It.as("twin")(bookUnder("a", 2)), { status: 200, isReplay: false })
      assert.deepInclude(yield* practice(blockUnder("a")), { status: 200, isReplay: false })
      assert.deepInclude(yield* practice(bookUnder("b")), { text: "DuplicateReservation", isReplay: true })
      assert.deepStrictEqual(yield* practice(lines), [
        "createReservation 200",
        "createReservation 400 10",
        "createReservation 400 40",
        "createReservation 200",
        "createBlockedTime 200"
      ])
    }).pipe(Effect.provide(upstream))
  )

  it.effect("is done once for twenty at once, and for one with another body at the same time not at all", () =>
    Effect.gen(function* () {
      const other = practice(bookUnder("a", 1, "other body"))
      const all = yield* Effect.all([...Array.from({ length: 20 }, () => practice(bookUnder("a"))), other], {
        concurrency: "unbounded"
      })
      assert.strictEqual(all.filter(({ isReplay, status }) => !isReplay && status === 200).length, 1)
      assert.strictEqual(new Set(all.slice(0, 20).map(({ text }) => text)).size, 1)
      assert.deepStrictEqual(all[20], failed("ValidationError"))
      assert.strictEqual(yield* calls("createReservation"), 1)
    }).pipe(Effect.provide(upstream))
  )

  it.effect("keeps nothing of a failure that did nothing, or of missing rights", () =>
    Effect.gen(function* () {
      for (const reason of ["RateLimited", "Overloaded", "Unreachable"] as const) {
        yield* disturb("createReservation", "before", reason)
        assert.deepStrictEqual(yield* practice(bookUnder("a")), failed(reason))
        assert.strictEqual(yield* calls("listReservations"), 0)
      }
      yield* calm
      assert.deepInclude(yield* practice(bookUnder("a")), { status: 200, isReplay: false })
      assert.deepInclude(yield* It.as("elsewhere")(bookUnder("a")), { status: 403, isReplay: false })
      assert.deepInclude(yield* It.as("elsewhere")(bookUnder("a")), { status: 403, isReplay: false })
    }).pipe(Effect.provide(upstream))
  )

  it.effect("goes on without its caller", () =>
    Effect.gen(function* () {
      const entered = yield* Deferred.make<void>()
      const leave = yield* Deferred.make<void>()
      const tap = yield* It.Tap
      tap.around = (_, call) =>
        Deferred.succeed(entered, undefined).pipe(Effect.andThen(Deferred.await(leave)), Effect.andThen(call))
      const caller = yield* Effect.forkChild(practice(bookUnder("a")))
      yield* Deferred.await(entered)
      yield* Fiber.interrupt(caller)
      const repeat = yield* Effect.forkChild(practice(bookUnder("a")))
      yield* Deferred.succeed(leave, undefined)
      assert.deepInclude(yield* Fiber.join(repeat), { status: 200, isReplay: true })
      assert.strictEqual(yield* calls("createReservation"), 1)
    }).pipe(Effect.provide(upstream))
  )
})

const creations: ReadonlyArray<
  readonly [
    what: string,
    create: string,
    list: string,
    under: (key: string, n?: number) => Effect.Effect<Told, never, Writes | Reservations | BlockedTimes | Caller>
  ]
> = [
  ["a reservation", "createReservation", "listReservations", bookUnder],
  ["a blocked time", "createBlockedTime", "listBlockedTimes", blockUnder]
]

describe("a repeat after an unknown outcome", () => {
  for (const [what, create, list, under] of creations) {
    it.effect(`finds ${what} that was made, answers as if the first had, and keeps that`, () =>
      Effect.gen(function* () {
        yield* practice(under("expected", 2))
        yield* disturb(create, "after", "OutcomeUnknown")
        assert.deepStrictEqual(yield* practice(under("a")), failed("OutcomeUnknown"))
        const found = yield* practice(under("a"))
        assert.deepInclude(found, { status: 200, isReplay: false })
        assert.strictEqual(yield* calls(create), 2)
        yield* disturb(list, "before", "Unreachable")
        assert.deepStrictEqual(yield* practice(under("a")), { ...found, isReplay: true })
        assert.deepStrictEqual((yield* practice(lines)).slice(1), [`${create} 504`, `${create} 200`])
      }).pipe(Effect.provide(upstream))
    )

    it.effect(`sends ${what} again where none is, once the first can have no effect any more`, () =>
      Effect.gen(function* () {
        yield* disturb(create, "before", "OutcomeUnknown")
        assert.deepStrictEqual(yield* practice(under("a")), failed("OutcomeUnknown"))
        yield* calm
        const repeat = yield* Effect.forkChild(practice(under("a")))
        yield* TestClock.adjust("14 seconds")
        assert.strictEqual(yield* calls(create), 1)
        assert.isUndefined(repeat.pollUnsafe())
        yield* TestClock.adjust("1 second")
        assert.deepInclude(yield* Fiber.join(repeat), { status: 200, isReplay: false })
        assert.strictEqual(yield* calls(create), 2)
      }).pipe(Effect.provide(upstream))
    )
  }

  it.effect("finds what came after its first look", () =>
    Effect.gen(function* () {
      yield* disturb("createReservation", "before", "OutcomeUnknown")
      yield* practice(bookUnder("a"))
      yield* calm
      const repeat = yield* Effect.forkChild(practice(bookUnder("a")))
      yield* TestClock.adjust("5 seconds")
      yield* It.past(It.book(It.booking(1)))
      yield* TestClock.adjust("10 seconds")
      assert.deepInclude(yield* Fiber.join(repeat), { status: 200, isReplay: false })
      assert.strictEqual(yield* calls("createReservation"), 1)
      assert.strictEqual(yield* booked, 1)
    }).pipe(Effect.provide(upstream))
  )

  it.effect("is unknown itself where the upstream cannot tell, and sends nothing", () =>
    Effect.gen(function* () {
      yield* disturb("createReservation", "after", "OutcomeUnknown")
      yield* practice(bookUnder("a"))
      yield* disturb("listReservations", "before", "Unreachable")
      assert.deepStrictEqual(yield* inTime(practice(bookUnder("a"))), failed("OutcomeUnknown"))
      assert.deepStrictEqual(yield* inTime(practice(bookUnder("a"))), failed("OutcomeUnknown"))
      yield* calm
      assert.deepInclude(yield* practice(bookUnder("a")), { status: 200, isReplay: false })
      assert.strictEqual(yield* calls("createReservation"), 1)
    }).pipe(Effect.provide(upstream))
  )

  const listings: ReadonlyArray<readonly [what: string, change: (page: Page<unknown>) => Page<unknown>]> = [
    ["lists no end", (page) => ({ ...page, rows: Array.from({ length: 100 }, () => ({ id: Math.random() })) })],
    ["has a clock far behind", (page) => ({ ...page, asOfMs: 3_600_000 })]
  ]
  for (const [what, change] of listings) {
    it.effect(`is unknown itself where the upstream ${what}, and sends nothing`, () =>
      Effect.gen(function* () {
        yield* TestClock.adjust("2 hours")
        yield* disturb("createReservation", "before", "OutcomeUnknown")
        yield* practice(bookUnder("a"))
        const tap = yield* It.Tap
        tap.around = (name, call) =>
          // What the tap is put around has a type of its own for each call.
          name === "listReservations" ? Effect.map(call, (page) => change(page as Page<unknown>) as typeof page) : call
        assert.deepStrictEqual(yield* inTime(practice(bookUnder("a"))), failed("OutcomeUnknown"))
        assert.strictEqual(yield* calls("createReservation"), 1)
      }).pipe(Effect.provide(upstream))
    )
  }

  it.effect("is unknown itself where its externalId was replaced by a confirmation of sync", () =>
    Effect.gen(function* () {
      yield* disturb("createReservation", "after", "OutcomeUnknown")
      yield* practice(bookUnder("a"))
      yield* calm
      const { rows } = yield* It.past(It.listReservations({}))
      yield* It.past(It.confirmSync(rows[0]?.id as never, { externalId: 99 as never }))
      assert.deepStrictEqual(yield* inTime(practice(bookUnder("a"))), failed("OutcomeUnknown"))
      assert.strictEqual(yield* calls("createReservation"), 1)
    }).pipe(Effect.provide(upstream))
  )

  it.effect("is refused with another body, and by what has nothing to do with the first looks up later", () =>
    Effect.gen(function* () {
      yield* disturb("createReservation", "after", "OutcomeUnknown")
      yield* practice(bookUnder("a"))
      yield* calm
      assert.deepStrictEqual(yield* practice(bookUnder("a", 1, "other body")), failed("ValidationError"))
      const ring = yield* KeyRing
      ring.replace(It.keys(It.key("practice", { facilities: new Set([two]) })))
      assert.deepInclude(yield* practice(bookUnder("a")), { status: 403 })
      ring.replace(table)
      assert.deepInclude(yield* practice(bookUnder("a")), { status: 200, isReplay: false })
      assert.strictEqual(yield* calls("createReservation"), 1)
    }).pipe(Effect.provide(upstream))
  )

  it.effect("of a calendar stays unknown for 24 hours, for nothing tells calendars apart", () =>
    Effect.gen(function* () {
      yield* disturb("createCalendar", "after", "OutcomeUnknown")
      assert.deepStrictEqual(yield* practice(calendarUnder("a")), failed("OutcomeUnknown"))
      yield* calm
      yield* TestClock.adjust("23 hours")
      assert.deepStrictEqual(yield* practice(calendarUnder("a")), failed("OutcomeUnknown"))
      assert.deepInclude(yield* practice(calendarUnder("b")), { status: 200 })
      yield* TestClock.adjust("1 hour")
      assert.deepInclude(yield* practice(calendarUnder("a")), { status: 200, isReplay: false })
      assert.strictEqual(yield* calls("createCalendar"), 3)
    }).pipe(Effect.provide(upstream))
  )
})

describe("the audit log", () => {
  it.effect("tells a client its own lines and those of its facilities, by facility where it reaches it", () =>
    Effect.gen(function* () {
      yield* practice(write("createReservation", It.book(It.booking(1)), { facilityId: one, serviceId: 1 as never }))
      yield* practice(write("createReservation", It.book(It.booking(1, two)), { facilityId: two }))
      const { rows } = yield* It.past(It.listReservations({ facilityId: two }))
      const reservationId = rows[0]?.id as never
      // Not its facility: told nothing of where it belongs.
      yield* It.as("owner")(
        write("changeReservationStatus", It.changeStatus(reservationId, { status: "CANCELLED" }), { reservationId })
      )
      const owned = yield* It.as("owner")(audit)
      assert.deepStrictEqual(
        owned.rows.map(({ errorCode, facilityId, status, tokenId }) => [tokenId, facilityId, status, errorCode]),
        [
          [2, one, 200, undefined],
          [3, undefined, 400, 12]
        ]
      )
      assert.deepStrictEqual(
        (yield* It.as("elsewhere")(audit)).rows.map(({ facilityId }) => facilityId),
        [two]
      )
      const line: object = { ...owned.rows[0] }
      assert.deepInclude(line, { serviceId: 1, reservationId: 1, requestId: "request", channelId: 1 })
    }).pipe(Effect.provide(upstream))
  )

  it.effect("has a line for each end of a write, and nothing of a client whose key is gone", () =>
    Effect.gen(function* () {
      yield* disturb("createReservation", "before", "Overloaded")
      yield* practice(write("createReservation", It.book(It.booking(1)), { facilityId: one }))
      yield* disturb("createReservation", "before", "Internal")
      const defect: Effect.Effect<object> = Effect.die("a defect")
      yield* practice(write("createReservation", It.book(It.booking(1)), { facilityId: one }))
      yield* practice(write("createReservation", defect, { facilityId: one })).pipe(Effect.exit)
      assert.deepStrictEqual(yield* practice(lines), [
        "createReservation 503",
        "createReservation 500 666",
        "createReservation 500 666"
      ])
      const revoked = practice(
        Effect.andThen(
          Effect.map(KeyRing, (ring) => ring.replace(It.keys(It.key("twin")))),
          Effect.exit(audit)
        )
      )
      assert.isTrue(Exit.isFailure(yield* revoked))
    }).pipe(Effect.provide(upstream))
  )
})

/** A store that differs from the one in memory. */
const storeWith = (change: (store: WriteStore["Service"]) => Partial<WriteStore["Service"]>) =>
  Layer.effect(WriteStore)(Effect.map(WriteStore, (store) => ({ ...store, ...change(store) }))).pipe(
    Layer.provide(layerMemory)
  )

describe("a store", () => {
  it.effect("that cannot begin a write keeps it from being sent, and says that nothing was done", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* practice(bookUnder("a")), failed("Overloaded"))
      assert.deepStrictEqual((yield* It.Tap).calls, [])
    }).pipe(
      Effect.provide(
        It.gateway(
          table,
          {},
          storeWith(() => ({ begin: () => Effect.fail(failing("OutcomeUnknown")) }))
        )
      )
    )
  )

  it.effect("that cannot end a write leaves a success untold, so that the repeat looks it up", () => {
    let isBroken = true
    const store = storeWith(({ finish }) => ({
      finish: (...given) => (isBroken ? Effect.fail(failing("Overloaded")) : finish(...given))
    }))
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* practice(bookUnder("a")), failed("OutcomeUnknown"))
      isBroken = false
      assert.deepInclude(yield* practice(bookUnder("a")), { status: 200, isReplay: false })
      assert.strictEqual(yield* calls("createReservation"), 1)
    }).pipe(Effect.provide(It.gateway(table, {}, store)))
  })

  it.effect("that tells of a request of the process before this one has it waited for from the start on", () => {
    const store = storeWith(({ begin }) => ({
      begin: (intention) =>
        Effect.map(begin(intention), (begun) =>
          begun._tag === "Work" ? { ...begun, work: { ...begun.work, earlier: { begunMs: 0 } } } : begun
        )
    }))
    return Effect.gen(function* () {
      yield* TestClock.adjust("1 hour")
      yield* Effect.gen(function* () {
        const repeat = yield* Effect.forkChild(practice(bookUnder("a")))
        yield* TestClock.adjust("14 seconds")
        assert.strictEqual(yield* calls("createReservation"), 0)
        yield* TestClock.adjust("1 second")
        assert.deepInclude(yield* Fiber.join(repeat), { status: 200 })
      }).pipe(Effect.provide(It.gateway(table, {}, store)))
    })
  })
})
