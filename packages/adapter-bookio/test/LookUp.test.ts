/** What becomes of writes whose outcome is unknown, by every operation, in the test's own time. */
import type { Caller } from "@bookio-kit/core/access/Caller"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { BlockedTimeId, CalendarId, ReservationId } from "@bookio-kit/core/scalar/Id"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, type Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import { type Asked, backend, type Given, refusal, stub, success } from "./Stub.ts"
import { asCaller, blocking, booking } from "./Support.ts"

const startMs = Date.parse("2026-06-01T12:00:00Z")
/** The server's clock is 90 seconds ahead. */
const dateAt = (atMs: number) => ({ date: new Date(atMs + 90_000).toUTCString() })

const id = ReservationId.make(7)
const blockedTimeId = BlockedTimeId.make(9)

const row = (members: object = {}) => ({
  id,
  externalId: booking(1).externalId,
  name: "John Person 1",
  service: 1,
  duration: 30,
  created: "2026-06-01T14:00:00",
  dateFrom: "2027-06-01T12:30:00",
  dateTo: "2027-06-01T13:00:00",
  needsSync: true,
  facilityId: 1,
  status: "CONFIRMED",
  ...members
})

const blocked = (members: object = {}) => ({
  id: blockedTimeId,
  externalId: blocking(1).externalId,
  dateFrom: "2032-06-01T13:00:00",
  dateTo: "2032-06-01T14:00:00",
  ...members
})

interface World {
  /** What listings of reservations give, and those of blocked times. */
  readonly rows: ReadonlyArray<object>
  readonly blockedRows?: ReadonlyArray<object>
  /** How many writes are lost before one is answered. */
  readonly lost?: number
  readonly answer?: Given
  readonly dated?: boolean
}

type Backend = Layer.Success<ReturnType<typeof backend>>

const run = <A, E>(
  { answer, blockedRows = [], dated = true, lost = 1, rows }: World,
  call: Effect.Effect<A, E, Backend | Caller>
) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(startMs)
    let writes = 0
    const reply = ({ atMs, method, url }: Asked): Given => {
      if (method !== "GET") {
        return ++writes <= lost ? { code: "ECONNRESET" } : (answer ?? success({ reservationId: 8, externalId: 1 }))
      }
      const all = url.pathname.endsWith("/reservations") ? rows : blockedRows
      const limit = Number(url.searchParams.get("limit"))
      const data = {
        pagination: { total: all.length, offset: 0, limit },
        [url.pathname.endsWith("/reservations") ? "reservations" : "blockedTimes"]: all.slice(0, limit)
      }
      return success(data, dated ? dateAt(atMs) : {})
    }
    const { asked, layer } = stub(reply)
    const fiber = yield* Effect.forkChild(Effect.result(asCaller(Effect.provide(call, backend(layer)))), {
      startImmediately: true
    })
    yield* TestClock.adjust("2 minutes")
    const result = yield* Fiber.join(fiber)
    const told = Result.isSuccess(result)
      ? result.success
      : (result.failure as { readonly reason?: string; readonly _tag: string })
    return { asked, told, writes, reads: asked.filter(({ method }) => method === "GET") }
  })

const reservations = <A, E>(use: (port: Reservations["Service"]) => Effect.Effect<A, E, Caller>) =>
  Effect.flatMap(Reservations, use)
const blockedTimes = <A, E>(use: (port: BlockedTimes["Service"]) => Effect.Effect<A, E, Caller>) =>
  Effect.flatMap(BlockedTimes, use)

const create = reservations(({ create }) => create(booking(1)))
const unknown = { _tag: "BackendError", reason: "OutcomeUnknown" }

describe("the look-up", () => {
  it.effect("lists what changed since five minutes before the first attempt, by the server's clock", () =>
    Effect.gen(function* () {
      const { reads } = yield* run({ rows: [row()] }, create)
      // The first is for the server's clock only.
      assert.deepStrictEqual(
        reads.map(({ url }) => url.search.replace(/lastSync=\d+/, "lastSync")),
        ["?limit=0&lang=en", "?offset=0&limit=100&facilityId=1&lastSync&lang=en"]
      )
      assert.strictEqual(Number(reads[1]?.url.searchParams.get("lastSync")), startMs + 90_000 - 300_000)
    })
  )

  it.effect("proves nothing where the server tells no time", () =>
    Effect.gen(function* () {
      const { told, writes } = yield* run({ rows: [row()], dated: false }, create)
      assert.deepInclude({ ...told }, unknown)
      assert.strictEqual(writes, 1)
    })
  )
})

describe("a create", () => {
  it.effect("is done where a row has its externalId, cancelled or not", () =>
    Effect.gen(function* () {
      for (const status of ["CONFIRMED", "CANCELLED"]) {
        const { told, writes } = yield* run({ rows: [row({ status })] }, create)
        assert.deepStrictEqual([told, writes], [{ reservationId: 7, externalId: booking(1).externalId }, 1] as never)
      }
    })
  )
  it.effect("is sent again where no row has it, though one has its term", () =>
    Effect.gen(function* () {
      const { told, writes } = yield* run({ rows: [row({ externalId: 5 })] }, create)
      assert.deepStrictEqual([told, writes], [{ reservationId: 8, externalId: 1 }, 2] as never)
    })
  )
  it.effect("of a blocked time likewise", () =>
    Effect.gen(function* () {
      const call = blockedTimes(({ create }) => create(blocking(1)))
      const found = yield* run({ rows: [], blockedRows: [blocked()] }, call)
      assert.deepStrictEqual([found.told, found.writes], [{ blockedTimeId: 9, externalId: 2_000_001 }, 1] as never)
      const again = yield* run({ rows: [], answer: success({ blockedTimeId: 10 }) }, call)
      assert.deepStrictEqual([again.told, again.writes], [{ blockedTimeId: 10 }, 2] as never)
    })
  )
})

const term = { dateFrom: booking(3).dateFrom, dateTo: booking(4).dateFrom }
const moved = { dateFrom: "2027-06-01T13:30:00", dateTo: "2027-06-01T14:00:00" }

type Change = readonly [string, Effect.Effect<unknown, unknown, Backend | Caller>, object, object]

const changes: ReadonlyArray<Change> = [
  [
    "of status",
    reservations(({ changeStatus }) => changeStatus(id, { status: "CANCELLED" })),
    { status: "CANCELLED" },
    {}
  ],
  ["of term", reservations(({ changeTerm }) => changeTerm(id, term)), moved, { dateFrom: moved.dateFrom }],
  [
    "that confirms sync",
    reservations(({ confirmSync }) => confirmSync(id, { externalId: booking(1).externalId })),
    { needsSync: false },
    { needsSync: false, externalId: 5 }
  ]
]

describe("a change", () => {
  for (const [what, call, target, other] of changes) {
    it.effect(`${what} is done where the row shows it, and in doubt where the row shows something else`, () =>
      Effect.gen(function* () {
        const done = yield* run({ rows: [row(target)] }, call)
        assert.deepStrictEqual([done.told, done.writes], [{ reservationId: 7, externalId: 1_000_001 }, 1] as never)
        const doubtful = yield* run({ rows: [row(other)] }, call)
        assert.deepInclude({ ...(doubtful.told as object) }, unknown)
        assert.strictEqual(doubtful.writes, 1)
      })
    )
    it.effect(`${what} is sent again where its row has not changed since`, () =>
      Effect.gen(function* () {
        const { told, writes } = yield* run({ rows: [row({ ...target, id: 6 })] }, call)
        assert.deepStrictEqual([told, writes], [{ reservationId: 8, externalId: 1 }, 2] as never)
      })
    )
  }

  it.effect("of term without its end is never recognised", () =>
    Effect.gen(function* () {
      for (const change of [{ dateFrom: term.dateFrom }, { ...term, dateTo: null }]) {
        const { told } = yield* run(
          { rows: [row(moved)] },
          reservations(({ changeTerm }) => changeTerm(id, change))
        )
        assert.deepInclude({ ...told }, unknown)
      }
      const end = reservations(({ changeTerm }) => changeTerm(id, { dateTo: term.dateTo }))
      const recognised = yield* run({ rows: [row(moved)] }, end)
      assert.deepStrictEqual(recognised.told, { reservationId: 7, externalId: 1_000_001 } as never)
    })
  )

  it.effect("of a blocked time's term is done where the row shows it; a day ends with its last hour", () =>
    Effect.gen(function* () {
      const day = { _tag: "Day", epochDay: Date.UTC(2032, 5, 1) / 86_400_000 } as const
      const call = blockedTimes(({ changeTerm }) => changeTerm(blockedTimeId, { dateTo: day }))
      const done = yield* run({ rows: [], blockedRows: [blocked({ dateTo: "2032-06-02T00:00:00" })] }, call)
      assert.deepStrictEqual([done.told, done.writes], [{ blockedTimeId: 9 }, 1] as never)
      const doubtful = yield* run({ rows: [], blockedRows: [blocked({ dateTo: "2032-06-01T00:00:00" })] }, call)
      assert.deepInclude({ ...doubtful.told }, unknown)
    })
  )
})

describe("a removal", () => {
  it.effect("is sent again, and its absence then is its success", () =>
    Effect.gen(function* () {
      const call = blockedTimes(({ remove }) => remove(blockedTimeId))
      const { reads, told, writes } = yield* run({ rows: [], answer: refusal({ errorCode: 12 }) }, call)
      assert.deepStrictEqual([told, writes, reads.length], [{ blockedTimeId: 9 }, 2, 0] as never)
      const first = yield* run({ rows: [], lost: 0, answer: refusal({ errorCode: 12 }) }, call)
      assert.deepInclude({ ...first.told }, { _tag: "ResourceNotFound" })
    })
  )
})

describe("a calendar's write", () => {
  it.effect("is never looked up", () =>
    Effect.gen(function* () {
      const call = Effect.flatMap(Calendars, ({ end }) => end(CalendarId.make(1), {}))
      const { asked, told } = yield* run({ rows: [] }, call)
      assert.deepInclude({ ...told }, unknown)
      assert.strictEqual(asked.length, 1)
    })
  )
})
