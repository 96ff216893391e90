/** What a key may touch: its facilities, by whatever name or id, its level, and the sync of its upstream token. */
import type { Caller } from "@bookio-kit/core/access/Caller"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { BlockedTimeId, CalendarId, type FacilityId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { LocalDate } from "@bookio-kit/core/time/LocalDate"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import { KeyRing } from "../src/Sessions.ts"
import type { UpstreamPorts } from "../src/Upstream.ts"
import * as It from "./Support.ts"

const { one, two, three } = It
const day = Schema.decodeSync(LocalDate)("2027-06-02")
/** Keys on one upstream token (which reaches three facilities), one on another, and one whose upstream token is wrong. */
const table = It.keys(
  It.key("practice", { sync: true }),
  It.key("owner", { facilities: new Set([one, two, three]) }),
  It.key("web", { access: "book", facilities: new Set([one]) }),
  It.key("other", { facilities: new Set([one]), upstreamToken: Redacted.make(It.tokenOf("second-write")), sync: true }),
  It.key("broken", { upstreamToken: Redacted.make("not-a-token") }),
  It.key("outside", { facilities: new Set([three]), upstreamToken: Redacted.make(It.tokenOf("second-write")) })
)

const outcome = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, { onSuccess: () => "success", onFailure: ({ _tag }) => _tag })

/** A reservation, a blocked time and a calendar of a facility. */
const furnish = (facilityId: FacilityId) =>
  Effect.gen(function* () {
    const { reservationId } = yield* It.book(It.booking(facilityId, facilityId))
    const { blockedTimeId } = yield* It.block(It.blocking(facilityId, facilityId))
    return { reservationId, blockedTimeId, calendarId: CalendarId.make(facilityId) }
  })

interface Ids {
  readonly reservationId: ReservationId
  readonly blockedTimeId: BlockedTimeId
  readonly calendarId: CalendarId
  readonly serviceId: ServiceId
}

/** Every operation that names its subject by id. */
const operations: { readonly [operation: string]: (ids: Ids) => Effect.Effect<string, never, UpstreamPorts | Caller> } =
  {
    updateCalendar: (ids: Ids) => outcome(It.updateCalendar(ids.calendarId, { name: "Renamed" })),
    endCalendar: (ids: Ids) => outcome(It.endCalendar(ids.calendarId, { validTo: It.booking(1).dateFrom })),
    createReservation: (ids: Ids) =>
      outcome(It.book(It.booking(50, one, { serviceId: ids.serviceId, externalId: 5_000_000 + ids.serviceId }))),
    changeReservationStatus: (ids: Ids) => outcome(It.changeStatus(ids.reservationId, { status: "CANCELLED" })),
    changeReservationTerm: (ids: Ids) =>
      outcome(It.changeTerm(ids.reservationId, { dateFrom: It.booking(90).dateFrom })),
    confirmReservationSync: (ids: Ids) => outcome(It.confirmSync(ids.reservationId, {})),
    changeBlockedTimeTerm: (ids: Ids) => outcome(It.moveBlocked(ids.blockedTimeId, { dateTo: It.blocking(90).dateTo })),
    removeBlockedTime: (ids: Ids) => outcome(It.unblock(ids.blockedTimeId)),
    listSlots: (ids: Ids) => outcome(It.listSlots({ facilityId: one, serviceId: ids.serviceId, from: day, to: day }))
  }

describe("a key that guesses an id of another facility", () => {
  for (const [operation, call] of Object.entries(operations)) {
    it.effect(`gets 12 of ${operation}, and nothing is sent but listings of its own facilities`, () =>
      Effect.gen(function* () {
        const foreign = yield* furnish(three).pipe(It.as("owner"))
        const { calls } = yield* It.Tap
        const ids = { ...foreign, serviceId: ServiceId.make(5) }
        // Known by the index from the owner's calls, and not known by a listing of its own.
        for (const guess of [ids, { ...ids, serviceId: ServiceId.make(999), reservationId: ReservationId.make(999) }]) {
          calls.length = 0
          const got = yield* call(guess).pipe(It.as("practice"))
          assert.strictEqual(got, "ResourceNotFound")
          assert.isFalse(calls.includes(operation))
          assert.isTrue(calls.every((name) => name.startsWith("list") && name !== "listSlots"))
        }
      }).pipe(Effect.provide(It.gateway(table)))
    )

    it.effect(`may ${operation} by an id of its own facility`, () =>
      Effect.gen(function* () {
        const { reservationId } = yield* It.book(It.booking(1, one)).pipe(It.as("practice"))
        const { blockedTimeId } = yield* It.block(It.blocking(1, one)).pipe(It.as("practice"))
        const ids = { reservationId, blockedTimeId, calendarId: CalendarId.make(1), serviceId: ServiceId.make(1) }
        const got = yield* call(ids).pipe(It.as("practice"))
        assert.strictEqual(got, "success")
        const { calls } = yield* It.Tap
        assert.strictEqual(calls.filter((name) => name === operation).length, operation === "createReservation" ? 2 : 1)
      }).pipe(Effect.provide(It.gateway(table)))
    )
  }
})

describe("a key", () => {
  it.effect("finds an id that was made past the gateway, by one more look at the listing", () =>
    Effect.gen(function* () {
      const { calls } = yield* It.Tap
      const cancel = (id: number) =>
        outcome(It.changeStatus(ReservationId.make(id), { status: "CANCELLED" })).pipe(It.as("practice"))
      assert.strictEqual(yield* cancel(1), "ResourceNotFound")
      // One listing for each facility of the key.
      assert.deepStrictEqual(calls, ["listReservations", "listReservations"])
      const { reservationId } = yield* It.past(It.book(It.booking(1, one)))
      assert.strictEqual(yield* cancel(reservationId), "success")
      assert.strictEqual(calls.filter((name) => name === "listReservations").length, 4)
      // What is known needs no look.
      assert.strictEqual(yield* cancel(reservationId), "success")
      assert.strictEqual(calls.filter((name) => name === "listReservations").length, 4)
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("gets 12 for a service of another of its facilities than it names, and nothing is sent", () =>
    Effect.gen(function* () {
      const { calls } = yield* It.Tap
      yield* It.listCalendars({}).pipe(It.as("practice"))
      calls.length = 0
      const serviceId = ServiceId.make(3)
      const got = [
        yield* outcome(It.book(It.booking(1, one, { serviceId }))).pipe(It.as("practice")),
        yield* outcome(It.listSlots({ facilityId: one, serviceId, from: day, to: day })).pipe(It.as("practice"))
      ]
      assert.deepStrictEqual(got, ["ResourceNotFound", "ResourceNotFound"])
      assert.deepStrictEqual(calls, [])
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("finds every id of a listing of many pages", () =>
    Effect.gen(function* () {
      const ids: Array<ReservationId> = []
      for (let n = 1; n <= 250; n++) ids.push((yield* It.past(It.book(It.booking(n, two)))).reservationId)
      for (const id of [ids[0], ids[99], ids[100], ids[101], ids[249]]) {
        const moved = yield* It.changeStatus(id as ReservationId, { status: "CANCELLED" }).pipe(It.as("practice"))
        assert.strictEqual(moved.reservationId, id)
      }
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("is told that nothing was done where an id cannot be looked up", () =>
    Effect.gen(function* () {
      const tap = yield* It.Tap
      tap.around = () => Effect.fail(new BackendError({ reason: "Timeout" }))
      const error = yield* Effect.flip(It.unblock(BlockedTimeId.make(9))).pipe(It.as("practice"))
      assert.deepInclude({ ...error }, { _tag: "BackendError", reason: "Overloaded" })
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("gets 403 for a facility that it names and does not have, and nothing is sent", () =>
    Effect.gen(function* () {
      const asked: ReadonlyArray<Effect.Effect<string, never, UpstreamPorts | Caller>> = [
        outcome(It.listCalendars({ facilityId: three })),
        outcome(It.listReservations({ facilityId: three })),
        outcome(It.listBlockedTimes({ facilityId: three })),
        outcome(It.book(It.booking(1, three))),
        outcome(It.block(It.blocking(1, three))),
        outcome(It.updateCalendar(CalendarId.make(1), { facilityId: three })),
        outcome(It.endCalendar(CalendarId.make(1), { facilityId: three })),
        outcome(It.listSlots({ facilityId: three, serviceId: ServiceId.make(5), from: day, to: day }))
      ]
      for (const call of asked) {
        assert.strictEqual(yield* call.pipe(It.as("practice")), "PermissionDenied")
      }
      assert.deepStrictEqual((yield* It.Tap).calls, [])
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("is listed its facilities and what is theirs only", () =>
    Effect.gen(function* () {
      for (const facilityId of [one, two, three]) yield* furnish(facilityId).pipe(It.as("owner"))
      const listed = yield* Effect.all([
        Effect.map(It.listFacilities, (rows) => rows.map(({ id }) => id as number)),
        Effect.map(It.listCalendars({}), (rows) => rows.map(({ id }) => id as number)),
        Effect.map(It.listReservations({}), ({ rows }) => rows.map(({ facilityId }) => facilityId as number)),
        Effect.map(It.listBlockedTimes({}), ({ pagination }) => [pagination.total])
      ]).pipe(It.as("practice"))
      assert.deepStrictEqual(listed, [[1, 2], [1, 2], [1, 2], [2]])
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("shares the channel of its upstream token with other keys of that token only", () =>
    Effect.gen(function* () {
      yield* It.book(It.booking(1, one)).pipe(It.as("practice"))
      // One token, one namespace of externalIds.
      const twice = yield* Effect.flip(It.book(It.booking(1, one))).pipe(It.as("owner"))
      assert.deepInclude({ ...twice }, { _tag: "DuplicateReservation", reason: "externalId" })
      // Another token, another channel: the externalId is free, and the row is not synced.
      const [row] = (yield* It.listReservations({}).pipe(It.as("other"))).rows
      assert.deepInclude(row, { needsSync: true })
      assert.notProperty(row, "externalId")
      const own = It.booking(2, one, { externalId: It.booking(1).externalId })
      assert.strictEqual(yield* outcome(It.book(own)).pipe(It.as("other")), "success")
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("confirms sync only where the file says so", () =>
    Effect.gen(function* () {
      const { reservationId } = yield* It.book(It.booking(1, one)).pipe(It.as("practice"))
      const confirm = outcome(It.confirmSync(reservationId, { externalId: It.booking(1).externalId }))
      assert.strictEqual(yield* confirm.pipe(It.as("owner")), "PermissionDenied")
      assert.strictEqual(yield* confirm.pipe(It.as("practice")), "success")
      // Another upstream token has its own.
      assert.strictEqual(yield* confirm.pipe(It.as("other")), "success")
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("of access book lists no reservations, is told no id by a 40, and sees no slots of hidden services", () =>
    Effect.gen(function* () {
      yield* It.book(It.booking(1, one)).pipe(It.as("practice"))
      assert.strictEqual(yield* outcome(It.listReservations({})).pipe(It.as("web")), "PermissionDenied")
      const person = yield* Effect.flip(It.book(It.booking(1, one))).pipe(It.as("web"))
      assert.deepInclude({ ...person }, { _tag: "DuplicateReservation", reason: "externalId" })
      assert.notProperty(person, "reservationId")
      const slots = (name: string, serviceId: number) =>
        It.listSlots({ facilityId: one, serviceId: ServiceId.make(serviceId), from: day, to: day }).pipe(
          Effect.map(({ length }) => length),
          It.as(name)
        )
      assert.deepStrictEqual([yield* slots("web", 1), yield* slots("web", 2)], [48, 0])
      assert.strictEqual(yield* slots("practice", 2), 48)
      assert.strictEqual(yield* outcome(It.book(It.booking(2, one))).pipe(It.as("web")), "success")
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("whose upstream token is refused gets an internal error, for its own key is right", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(It.listFacilities).pipe(It.as("broken"))
      assert.deepInclude({ ...error }, { _tag: "BackendError", reason: "Internal" })
    }).pipe(Effect.provide(It.gateway(table)))
  )

  it.effect("that is unknown, or no longer in the table, is refused", () =>
    Effect.gen(function* () {
      const ask = outcome(It.listFacilities).pipe(It.as("practice"))
      assert.strictEqual(yield* ask, "success")
      assert.strictEqual((yield* Effect.flip(Effect.void.pipe(It.as("nobody"))))._tag, "InvalidToken")
      assert.strictEqual((yield* Effect.flip(Effect.void.pipe(It.as("first-write"))))._tag, "InvalidToken")
      // Revoked between the authentication and the answer, and before the next.
      const ring = yield* KeyRing
      const revoke = Effect.sync(() => ring.replace(It.keys(It.key("owner"))))
      const during = Effect.andThen(revoke, outcome(It.listFacilities)).pipe(It.as("practice"))
      assert.strictEqual(yield* during, "InvalidToken")
      assert.strictEqual((yield* Effect.flip(ask))._tag, "InvalidToken")
    }).pipe(Effect.provide(It.gateway(table)))
  )
})
