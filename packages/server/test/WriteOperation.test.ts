import { BackendError } from "@bookio-kit/core/error/BackendError"
import {
  DuplicateReservation,
  InvalidToken,
  NoCapacityLeft,
  PermissionDenied,
  ResourceNotFound,
  ValidationError
} from "@bookio-kit/core/error/Refusal"
import type { ReservationId } from "@bookio-kit/core/scalar/Id"
import { about } from "@bookio-kit/core/text/Text"
import type { Answer, Write, Writes } from "@bookio-kit/core/write/Writes"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Asked, makeServer, newReservation } from "./Support.ts"

const path = "/reservations"
const newBlockedTime = { dateFrom: "2030-01-01", dateTo: "2030-01-02", externalId: 1, note: "", facilityId: 4 }
const newCalendar = {
  facilityId: 5,
  name: "C",
  validFrom: "2030-01-01",
  validTo: "2030-12-31",
  services: [{ id: 8, name: "S", duration: 30 }],
  intervals: [{ name: "I", weekDays: [1], timeFrom: "08:00", timeTo: "12:00" }]
}

/** A backend's `Writes` that keeps what it is told, and what it is answered. */
const recording = () => {
  const told: Array<Write> = []
  const made: Array<Answer> = []
  const writes: Writes["Service"] = {
    run: (write, answer) => {
      told.push(write)
      return Effect.map(answer, (one) => {
        made.push(one)
        return { ...one, isReplay: false }
      })
    }
  }
  return { told, made, writes }
}

describe("what the backend is told of a write", () => {
  const table: ReadonlyArray<readonly [operation: string, asked: Asked, ids: object, made?: object]> = [
    ["createCalendar", { method: "POST", path: "/calendars", json: newCalendar }, { facilityId: 5 }, { calendarId: 1 }],
    [
      "updateCalendar",
      { method: "PUT", path: "/calendars/7", json: { facilityId: 5 } },
      { calendarId: 7, facilityId: 5 }
    ],
    ["endCalendar", { method: "PUT", path: "/calendars/7/end", json: {} }, { calendarId: 7 }],
    [
      "createReservation",
      { method: "POST", path, json: { ...newReservation, facilityId: 4, serviceId: 6 } },
      { facilityId: 4, serviceId: 6 },
      { reservationId: 2 }
    ],
    [
      "changeReservationStatus",
      { method: "PUT", path: "/reservations/9/status", json: { status: "CANCELLED" } },
      { reservationId: 9 }
    ],
    ["changeReservationTerm", { method: "PUT", path: "/reservations/9/term", json: {} }, { reservationId: 9 }],
    [
      "confirmReservationSync",
      { method: "PUT", path: "/reservations/9/sync", json: { externalId: 77 } },
      { reservationId: 9 }
    ],
    [
      "createBlockedTime",
      { method: "POST", path: "/blocked-times", json: newBlockedTime },
      { facilityId: 4 },
      { blockedTimeId: 3 }
    ],
    // Its answer calls the id of the blocked time a reservationId too, which it is not.
    ["changeBlockedTimeTerm", { method: "PUT", path: "/blocked-times/9/term", json: {} }, { blockedTimeId: 9 }],
    ["removeBlockedTime", { method: "DELETE", path: "/blocked-times/9" }, { blockedTimeId: 9 }]
  ]

  it.effect.each(table)("%s: its records by our ids, and no text", ([operation, asked, ids, made]) =>
    Effect.gen(function* () {
      const record = recording()
      const { ask } = yield* makeServer({ writes: record.writes })
      const answer = yield* ask({ ...asked, headers: { "x-request-id": "mine" } })
      expect(answer.status).toBe(200)
      expect(record.told).toEqual([{ operation, requestId: "mine", ids }])
      expect(record.made.map((one) => one.ids)).toEqual([made])
    })
  )

  it.effect("nothing of a request that only reads, or whose form is wrong", () =>
    Effect.gen(function* () {
      const record = recording()
      const { ask } = yield* makeServer({ writes: record.writes })
      for (const read of ["/facilities/cgm", "/calendars", "/reservations", "/blocked-times"])
        yield* ask({ path: read })
      yield* ask({ method: "POST", path, json: {} })
      yield* ask({ method: "POST", path, json: newReservation, token: "wrong" })
      expect(record.told).toEqual([])
    })
  )

  it.effect("also of a caller whose token may not do that", () =>
    Effect.gen(function* () {
      const record = recording()
      const { ask } = yield* makeServer({ writes: record.writes })
      const answer = yield* ask({ method: "POST", path, json: newReservation, token: "read" })
      expect([answer.status, answer.result.errorCode]).toEqual([403, 403])
      expect(record.made).toMatchObject([{ status: 403, errorCode: 403 }])
    })
  )
})

describe("Idempotency-Key", () => {
  const creations: ReadonlyArray<readonly [path: string, json: object]> = [
    ["/calendars", newCalendar],
    ["/reservations", newReservation],
    ["/blocked-times", newBlockedTime]
  ]

  it.effect.each(creations)("MUST reach the backend of POST %s with the body, byte for byte", ([path, json]) =>
    Effect.gen(function* () {
      const record = recording()
      const { ask } = yield* makeServer({ writes: record.writes })
      const body = `  ${JSON.stringify(json)}\n`
      yield* ask({ method: "POST", path, body, headers: { "Idempotency-Key": "k~1" } })
      expect(record.told[0]?.idempotency?.key).toBe("k~1")
      expect(new TextDecoder().decode(record.told[0]?.idempotency?.body)).toBe(body)
    })
  )

  it.effect("MUST be overlooked where nothing is created", () =>
    Effect.gen(function* () {
      const record = recording()
      const { ask } = yield* makeServer({ writes: record.writes })
      yield* ask({ method: "PUT", path: "/reservations/9/term", json: {}, headers: { "idempotency-key": "a b" } })
      expect(record.told).toMatchObject([{ operation: "changeReservationTerm" }])
      expect(record.told[0]?.idempotency).toBeUndefined()
    })
  )

  it.effect.each(["a b", "", "ä", "a".repeat(256), "a, b"])("MUST be code 10 that names it, for %j", (key) =>
    Effect.gen(function* () {
      const record = recording()
      const { ask } = yield* makeServer({ writes: record.writes })
      const asked = { method: "POST", path, headers: { "idempotency-key": key } }
      const answer = yield* ask({ ...asked, json: newReservation })
      expect([answer.status, answer.result.errorCode]).toEqual([400, 10])
      expect(answer.result.errors).toEqual(["Idempotency-Key: must be 1 to 255 visible ASCII characters"])
      const { email, ...without } = newReservation
      const both = yield* ask({ ...asked, json: without })
      expect(both.result.errors).toEqual([
        "Idempotency-Key: must be 1 to 255 visible ASCII characters",
        "email: is required"
      ])
      expect(record.told).toEqual([])
      expect(email).toBeDefined()
    })
  )

  it.effect("MUST give the stored answer as it is, and say that it is a replay", () =>
    Effect.gen(function* () {
      const body = new TextEncoder().encode('{ "result": {"success":false, "errorCode":30} }')
      const { ask, entries } = yield* makeServer({
        writes: { run: () => Effect.succeed({ status: 400, errorCode: 30, body, isReplay: true }) }
      })
      const answer = yield* ask({ method: "POST", path, json: newReservation, headers: { "idempotency-key": "k" } })
      expect(answer.text).toBe('{ "result": {"success":false, "errorCode":30} }')
      expect(answer.status).toBe(400)
      expect(answer.headers.get("content-type")).toBe("application/json")
      expect(answer.headers.get("idempotency-replayed")).toBe("true")
      expect(answer.headers.get("x-request-id")).toMatch(/./)
      expect(entries).toMatchObject([{ status: 400, errorCode: 30 }])
    })
  )
})

describe("the answer that is made inside", () => {
  it.effect.each([
    [new ValidationError({ problems: [about("dateFrom", "closed")] }), 400, 10],
    [new ResourceNotFound({ resource: "Service" }), 400, 12],
    [new InvalidToken({ reason: "invalid" }), 401, 20],
    [new NoCapacityLeft({ reason: "full" }), 400, 30],
    [new DuplicateReservation({ reason: "person", reservationId: 5 as ReservationId }), 400, 40],
    [new PermissionDenied({ reason: "facility" }), 403, 403]
  ] as const)("MUST be what is sent: %s", ([error, status, errorCode]) =>
    Effect.gen(function* () {
      const record = recording()
      const { ask, entries } = yield* makeServer({
        writes: record.writes,
        reservations: { create: () => Effect.fail(error) }
      })
      const answer = yield* ask({ method: "POST", path: `${path}?lang=sk`, json: newReservation })
      expect(record.made).toMatchObject([{ status, errorCode }])
      expect(new TextDecoder().decode(record.made[0]?.body)).toBe(answer.text)
      expect([answer.status, answer.result.errorCode]).toEqual([status, errorCode])
      expect(answer.headers.get("www-authenticate")).toBe(status === 401 ? 'Bearer realm="bookio"' : null)
      expect(answer.headers.get("idempotency-replayed")).toBeNull()
      expect(entries).toMatchObject([{ status, errorCode }])
    })
  )

  it.effect("MUST not be made for what the backend could not do", () =>
    Effect.gen(function* () {
      const record = recording()
      const { ask } = yield* makeServer({
        writes: record.writes,
        reservations: { create: () => Effect.fail(new BackendError({ reason: "Overloaded" })) }
      })
      const answer = yield* ask({ method: "POST", path, json: newReservation })
      expect([answer.status, answer.result.reason, answer.headers.get("retry-after")]).toEqual([503, "Overloaded", "1"])
      expect(record.made).toEqual([])
    })
  )

  it.effect("MUST hold what the contract has and nothing else, and be a defect where it cannot", () =>
    Effect.gen(function* () {
      const record = recording()
      const more = { reservationId: 2 as ReservationId, secret: "x" }
      const { ask } = yield* makeServer({ writes: record.writes, reservations: { create: () => Effect.succeed(more) } })
      expect((yield* ask({ method: "POST", path, json: newReservation })).text).toBe(
        '{"result":{"success":true,"data":{"reservationId":2}}}'
      )
      const broken = yield* makeServer({
        writes: record.writes,
        reservations: { create: () => Effect.succeed({ reservationId: 0.5 as ReservationId }) }
      })
      const answer = yield* broken.ask({ method: "POST", path, json: newReservation })
      expect([answer.status, answer.result.errorCode]).toEqual([500, 666])
      expect(record.made).toHaveLength(1)
    })
  )
})
