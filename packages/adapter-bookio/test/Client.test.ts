/** What is sent, and what comes of the answers, in the test's own time. */
import { readFileSync } from "node:fs"
import { Caller } from "@bookio-kit/core/access/Caller"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { CalendarEnd, NewCalendar } from "@bookio-kit/core/calendar/Calendar"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import { IdempotencyKey } from "@bookio-kit/core/idempotency/IdempotencyKey"
import { StatusChange, SyncConfirmation, TermChange } from "@bookio-kit/core/reservation/Reservation"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { BlockedTimeId, CalendarId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { Slots } from "@bookio-kit/core/slot/Slots"
import { LocalDate } from "@bookio-kit/core/time/LocalDate"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Metric, Redacted, Schema, Tracer } from "effect"
import { TestClock } from "effect/testing"
import { RequestId } from "../src/BookioClient.ts"
import { CurrentIdempotencyKey } from "../src/CurrentIdempotencyKey.ts"
import type { MalformedAnswer, NoAnswer, UnexpectedCode, UnexpectedRefusal } from "../src/Failures.ts"
import { backend, type Given, json, refusal, stub, stubUrl, success } from "./Stub.ts"
import { asCaller, blocking, booking, caller, shared } from "./Support.ts"

type Backend = Layer.Success<ReturnType<typeof backend>>

/** Runs a call against a stub and lets all its time pass. */
const run = <A, E>(
  answer: Parameters<typeof stub>[0],
  call: Effect.Effect<A, E, Backend | Caller>,
  options: Parameters<typeof backend>[1] = {}
) =>
  Effect.gen(function* () {
    const { asked, layer } = stub(answer)
    const fiber = yield* Effect.forkChild(Effect.exit(asCaller(Effect.provide(call, backend(layer, options)))), {
      startImmediately: true
    })
    yield* TestClock.adjust("2 minutes")
    return { asked, exit: yield* Fiber.join(fiber) }
  })

const failureOf = <A, E>(exit: Exit.Exit<A, E>) => Effect.flip(exit)

const backendErrorOf = <A, E>(exit: Exit.Exit<A, E>) =>
  Effect.map(failureOf(exit), (error) => {
    if (!(error instanceof BackendError)) throw new Error(`not a BackendError: ${String(error)}`)
    return error
  })

const facilities = Effect.flatMap(Facilities, (port) => port.list)
const reservations = <A, E>(use: (port: Reservations["Service"]) => Effect.Effect<A, E, Caller>) =>
  Effect.flatMap(Reservations, use)
const blockedTimes = <A, E>(use: (port: BlockedTimes["Service"]) => Effect.Effect<A, E, Caller>) =>
  Effect.flatMap(BlockedTimes, use)
const calendars = <A, E>(use: (port: Calendars["Service"]) => Effect.Effect<A, E, Caller>) =>
  Effect.flatMap(Calendars, use)

const page = (rows: ReadonlyArray<object>, total = rows.length) => ({
  pagination: { total, offset: 0, limit: 100 },
  reservations: rows
})

describe("a request", () => {
  it.effect("carries token, language and request id, and nothing that it need not", () =>
    Effect.gen(function* () {
      const { asked } = yield* run(
        () => success(page([])),
        reservations(({ list }) => list({ email: "a@example.com", onlyUnsynced: true, limit: 5 })).pipe(
          Effect.provideService(Caller, caller("sk")),
          Effect.provideService(RequestId, "id-of-the-caller")
        )
      )
      const [ask] = asked
      assert.strictEqual(ask?.method, "GET")
      assert.strictEqual(
        `${ask?.url}`,
        `${stubUrl}/reservations?email=a%40example.com&limit=5&onlyUnsynced=true&lang=sk`
      )
      assert.deepStrictEqual(
        { ...ask?.headers },
        { accept: "application/json", authorization: "Bearer secret-token", "x-request-id": "id-of-the-caller" }
      )
    })
  )

  it.effect("has a new request id where the caller has none, one for all its attempts", () =>
    Effect.gen(function* () {
      const { asked } = yield* run(
        (_, before) => (before % 2 === 0 ? new Response("oops", { status: 502 }) : success({ facilities: [] })),
        Effect.andThen(facilities, facilities)
      )
      const ids = asked.map(({ headers }) => headers["x-request-id"])
      assert.strictEqual(ids.length, 4)
      assert.strictEqual(ids[0], ids[1])
      assert.notStrictEqual(ids[1], ids[2])
      assert.match(ids[0] ?? "", /^[0-9a-f]{32}$/)
    })
  )

  it.effect("that creates carries the caller's idempotency key, and none where there is none", () =>
    Effect.gen(function* () {
      const create = reservations((port) => port.create(booking(shared)))
      const { asked } = yield* run(
        () => success({ reservationId: 7, externalId: 8 }),
        Effect.andThen(Effect.provideService(create, CurrentIdempotencyKey, IdempotencyKey.make("again")), create)
      )
      assert.deepStrictEqual(
        asked.map(({ headers }) => headers["idempotency-key"]),
        ["again", undefined]
      )
    })
  )

  it.effect("goes where the overrides say", () =>
    Effect.gen(function* () {
      const { asked, exit } = yield* run(
        () => success({ reservationId: 7, externalId: 8 }),
        reservations(({ changeStatus }) => changeStatus(ReservationId.make(7), { status: "CANCELLED" })),
        { routes: { changeReservationStatus: { method: "POST", path: "/v2/{reservationId}/state" } } }
      )
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual([asked[0]?.method, asked[0]?.url.pathname], ["POST", "/public/api/v1/v2/7/state"])
      assert.deepStrictEqual(asked[0]?.body, { status: "CANCELLED" })
    })
  )

  it.effect("that the contract refuses is not sent", () =>
    Effect.gen(function* () {
      const { asked, exit } = yield* run(
        () => success({}),
        reservations(({ create }) => create({ ...booking(1), name: "", phone: "1" }))
      )
      const error = yield* failureOf(exit)
      assert.strictEqual(asked.length, 0)
      assert.strictEqual(error._tag === "ValidationError" ? error.message : error._tag, "name empty, phone notPhone")
    })
  )

  for (const baseUrl of ["http://bookio.example/public/api/v1", "nonsense"]) {
    it.effect(`is never made to ${baseUrl}`, () =>
      Effect.gen(function* () {
        const { layer } = stub(() => success({}))
        const exit = yield* Effect.exit(Effect.scoped(Layer.build(backend(layer, { baseUrl }))))
        assert.strictEqual((yield* failureOf(exit))._tag, "SettingsError")
      })
    )
  }

  it.effect("does not outlast its call", () =>
    Effect.gen(function* () {
      const { layer } = stub(() => success({}))
      const build = Layer.build(backend(layer, { requestTimeout: "31 seconds" }))
      assert.strictEqual((yield* Effect.flip(Effect.scoped(build)))._tag, "SettingsError")
    })
  )
})

const golden = (operation: string) =>
  JSON.parse(readFileSync(new URL(`../../core/test/api/golden/${operation}.json`, import.meta.url), "utf8")) as {
    readonly request?: unknown
    readonly response: { readonly result: { readonly data: unknown } }
  }

const requestOf = <A>(schema: Schema.Codec<A, unknown>, operation: string) =>
  Schema.decodeUnknownSync(schema)(golden(operation).request)

// The sample's interval ends when it starts, and allows services that it does not have: an example of form only.
const newCalendar = Schema.decodeSync(NewCalendar)({
  facilityId: 123,
  name: "Hello there",
  note: "Hello there",
  validFrom: "2018-06-29T12:00:00",
  validTo: "2018-06-29T12:00:00",
  services: [{ id: 123, name: "Some service", duration: 44 }],
  intervals: [{ id: 123, name: "Some interval", weekDays: [1, 2, 3], timeFrom: "18:00", timeTo: "19:00" }]
})

// Any member that a live server may leave out, as null, and one that nobody knows.
const disturbed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(disturbed)
  if (typeof value !== "object" || value === null) return value
  const optional = ["note", "email", "phone", "cancelTime", "cancellationReason", "number", "gps", "country"]
  return {
    ...Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, optional.includes(key) ? null : disturbed(member)])
    ),
    somethingNew: { a: [1] }
  }
}

const samples: { readonly [operation: string]: Effect.Effect<unknown, unknown, Backend | Caller> } = {
  listFacilities: facilities,
  listCalendars: calendars(({ list }) => list({})),
  createCalendar: calendars(({ create }) => create(newCalendar)),
  updateCalendar: calendars(({ update }) => update(CalendarId.make(3254), newCalendar)),
  endCalendar: calendars(({ end }) => end(CalendarId.make(3254), requestOf(CalendarEnd, "endCalendar"))),
  listReservations: reservations(({ list }) => list({})),
  createReservation: reservations(({ create }) => create(booking(1))),
  changeReservationStatus: reservations(({ changeStatus }) =>
    changeStatus(ReservationId.make(3254), requestOf(StatusChange, "changeReservationStatus"))
  ),
  changeReservationTerm: reservations(({ changeTerm }) =>
    changeTerm(ReservationId.make(3254), requestOf(TermChange, "changeReservationTerm"))
  ),
  confirmReservationSync: reservations(({ confirmSync }) =>
    confirmSync(ReservationId.make(3254), requestOf(SyncConfirmation, "confirmReservationSync"))
  ),
  listBlockedTimes: blockedTimes(({ list }) => list({})),
  createBlockedTime: blockedTimes(({ create }) => create(blocking(1))),
  changeBlockedTimeTerm: blockedTimes(({ changeTerm }) => changeTerm(BlockedTimeId.make(3254), {})),
  removeBlockedTime: blockedTimes(({ remove }) => remove(BlockedTimeId.make(3254)))
}

describe("the reference's samples", () => {
  for (const [operation, call] of Object.entries(samples)) {
    it.effect(`decode, with nulls and members of any kind: ${operation}`, () =>
      Effect.gen(function* () {
        const { response } = golden(operation)
        const wild = { result: { errors: null, ...response.result, data: disturbed(response.result.data) } }
        for (const answer of [response, wild]) {
          const { exit } = yield* run(() => json(answer), call)
          assert.isTrue(Exit.isSuccess(exit), JSON.stringify(exit))
        }
      })
    )
  }
})

describe("an answer", () => {
  // Digests are not made in a test's time. A write that cannot be looked up ends with its first answer.
  const end = calendars(({ end }) => end(CalendarId.make(1), {}))
  const causeOf = (answer: Response) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(asCaller(Effect.provide(end, backend(stub(() => answer).layer))))
      assert.strictEqual(error._tag === "BackendError" ? error.reason : error._tag, "OutcomeUnknown")
      return { ...((error as BackendError).cause as MalformedAnswer) }
    })

  it.live("that is no envelope is kept as status, type, length and digest only", () =>
    Effect.gen(function* () {
      const html = new Response("<p>John Audrey", { status: 502, headers: { "content-type": "text/html" } })
      const cause = yield* causeOf(html)
      assert.deepInclude(cause, {
        problem: "notJson",
        status: 502,
        contentType: "text/html",
        length: 14,
        sha256: "679d9a3bd6b46a55f6be0596bcf35f443aa402ad778058a29c9c2568aaeaae3e"
      })
      assert.notInclude(JSON.stringify(cause), "John")
    })
  )

  it.live("whose data are not the operation's is malformed too", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* causeOf(success({ calendarId: "x" }))).problem, "data")
    })
  )

  it.effect("with an unknown code is internal, not repeated, and keeps the code", () =>
    Effect.gen(function* () {
      const { asked, exit } = yield* run(() => refusal({ errorCode: 777 }), facilities)
      const { cause, isRetryable, reason } = yield* backendErrorOf(exit)
      assert.deepStrictEqual(
        [reason, isRetryable, (cause as UnexpectedCode).code, asked.length],
        ["Internal", false, 777, 1]
      )
    })
  )

  it.effect("with a refusal that the operation does not have is internal", () =>
    Effect.gen(function* () {
      const { exit } = yield* run(() => refusal({ errorCode: 30 }), facilities)
      const { cause, reason } = yield* backendErrorOf(exit)
      assert.deepStrictEqual([reason, (cause as UnexpectedRefusal).refusal], ["Internal", "NoCapacityLeft"])
    })
  )

  it.effect("that says when to come back is obeyed", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-06-01T12:00:00Z"))
      const later = { date: "Mon, 01 Jun 2020 12:00:00 GMT", "retry-after": "Mon, 01 Jun 2020 12:00:04 GMT" }
      const answers: ReadonlyArray<Given> = [
        refusal({ reason: "RateLimited" }, 429, { "retry-after": "3" }),
        refusal({}, 503, later),
        success({ facilities: [] })
      ]
      const { asked, exit } = yield* run((_, before) => answers[before] ?? "silence", facilities)
      assert.isTrue(Exit.isSuccess(exit))
      const [first = 0, second = 0, third = 0] = asked.map(({ atMs }) => atMs)
      assert.deepStrictEqual([second - first, third - second], [3000, 4000])
    })
  )

  it.effect("that never comes is a time-out of the read, within its time", () =>
    Effect.gen(function* () {
      const { asked, exit } = yield* run(() => "silence", facilities, { timeout: "12 seconds", breakerFailures: 100 })
      assert.strictEqual((yield* backendErrorOf(exit)).reason, "Timeout")
      assert.strictEqual(asked.length, 3)
    })
  )

  it.effect("that cannot come, for there is no connection, is repeated", () =>
    Effect.gen(function* () {
      const { asked, exit } = yield* run(() => ({ code: "ECONNREFUSED", syscall: "connect" }), facilities, {
        breakerFailures: 1000
      })
      const { cause, reason } = yield* backendErrorOf(exit)
      assert.deepStrictEqual([reason, (cause as NoAnswer).code], ["Unreachable", "ECONNREFUSED"])
      assert.isAbove(asked.length, 5)
    })
  )
})

describe("slots", () => {
  const slots = Effect.flatMap(Slots, ({ list }) =>
    list({
      facilityId: shared,
      serviceId: ServiceId.make(1),
      from: Schema.decodeSync(LocalDate)("2026-06-01"),
      to: Schema.decodeSync(LocalDate)("2026-06-02")
    })
  )
  it.effect("are not asked for where the server has no extension", () =>
    Effect.gen(function* () {
      const { asked, exit } = yield* run(() => success({ slots: [] }), slots)
      assert.deepStrictEqual([(yield* failureOf(exit))._tag, asked.length], ["EndpointNotFound", 0])
    })
  )
  it.effect("stand beside the reference", () =>
    Effect.gen(function* () {
      const { asked } = yield* run(() => success({ slots: [] }), slots, { extensions: true })
      assert.strictEqual(
        `${asked[0]?.url}`,
        "https://bookio.example/ext/v1/slots?facilityId=1&serviceId=1&from=2026-06-01&to=2026-06-02&lang=en"
      )
    })
  )
  it.effect("are absent where the server turns out to have none", () =>
    Effect.gen(function* () {
      const { exit } = yield* run(() => refusal({ errorCode: 404 }, 404), slots, { extensions: true })
      assert.strictEqual((yield* failureOf(exit))._tag, "EndpointNotFound")
    })
  )
})

describe("what can be measured", () => {
  it.live("names operations and outcomes, and holds nothing of a person or a token", () =>
    Effect.gen(function* () {
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const failing = stub((_, before) =>
        before === 0
          ? new Response("planted@example.com", { status: 500 })
          : refusal({ errorCode: 403, errors: ["planted@example.com"] })
      )
      const snapshot = yield* Effect.gen(function* () {
        yield* reservations(({ list }) => list({ email: "planted@example.com" })).pipe(
          Effect.provide(backend(failing.layer, { token: Redacted.make("planted-token") })),
          asCaller,
          Effect.exit
        )
        return yield* Metric.snapshot
      }).pipe(Effect.withTracer(tracer), Effect.provideService(Metric.MetricRegistry, new Map()))
      const shown = JSON.stringify(
        [spans.map(({ attributes, name, status }) => [name, [...attributes], status]), snapshot],
        (_, value) => (typeof value === "bigint" ? String(value) : value)
      )
      assert.notInclude(shown, "planted")
      assert.deepStrictEqual(spans.map(({ name }) => name).slice(-2), [
        "bookio.listReservations",
        "bookio.listReservations"
      ])
      const counted = snapshot.filter(({ id }) => id === "bookio_client_requests")
      assert.deepStrictEqual(
        counted.map(({ attributes }) => attributes),
        [
          { operation: "listReservations", outcome: "MalformedResponse" },
          { operation: "listReservations", outcome: "PermissionDenied" }
        ]
      )
      assert.isTrue(snapshot.some(({ id }) => id === "bookio_client_request_duration"))
    })
  )
})
