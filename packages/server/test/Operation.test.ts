import type { Access } from "@bookio-kit/core/access/Caller"
import { EndpointNotFound, PermissionDenied } from "@bookio-kit/core/error/Refusal"
import { about } from "@bookio-kit/core/text/Text"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Asked, makeServer, newReservation } from "./Support.ts"

const newCalendar = {
  facilityId: 1,
  name: "C",
  validFrom: "2030-01-01",
  validTo: "2030-12-31",
  services: [{ name: "S", duration: 30 }],
  intervals: [{ name: "I", weekDays: [1], timeFrom: "08:00", timeTo: "12:00" }]
}
const newBlockedTime = { dateFrom: "2030-01-01", dateTo: "2030-01-02", externalId: 1, note: "", facilityId: 1 }

// engine.md, rule 12, written out.
const everyone = ["book", "read", "write", "admin"]
const changers = ["write", "admin"]
const table: ReadonlyArray<readonly [operation: string, request: Asked, allowed: ReadonlyArray<string>]> = [
  ["listFacilities", { path: "/facilities/cgm" }, everyone],
  ["listCalendars", { path: "/calendars" }, everyone],
  ["createCalendar", { method: "POST", path: "/calendars", json: newCalendar }, changers],
  ["updateCalendar", { method: "PUT", path: "/calendars/1", json: {} }, changers],
  ["endCalendar", { method: "PUT", path: "/calendars/1/end", json: {} }, changers],
  ["listReservations", { path: "/reservations" }, everyone],
  ["createReservation", { method: "POST", path: "/reservations", json: newReservation }, ["book", "write", "admin"]],
  [
    "changeReservationStatus",
    { method: "PUT", path: "/reservations/1/status", json: { status: "CANCELLED" } },
    changers
  ],
  ["changeReservationTerm", { method: "PUT", path: "/reservations/1/term", json: {} }, changers],
  ["confirmReservationSync", { method: "PUT", path: "/reservations/1/sync", json: {} }, changers],
  ["listBlockedTimes", { path: "/blocked-times" }, ["read", "write", "admin"]],
  ["createBlockedTime", { method: "POST", path: "/blocked-times", json: newBlockedTime }, changers],
  ["changeBlockedTimeTerm", { method: "PUT", path: "/blocked-times/1/term", json: {} }, changers],
  ["removeBlockedTime", { method: "DELETE", path: "/blocked-times/1" }, changers],
  ["listSlots", { path: "//ext/v1/slots?facilityId=1&serviceId=1&from=2030-01-01&to=2030-01-02" }, everyone],
  ["listAuditEntries", { path: "//ext/v1/audit" }, ["admin"]]
]

describe("access levels: MUST allow what engine.md, rule 12 allows, and refuse the rest before the port", () => {
  it.effect.each(table)("%s", ([operation, request, allowed]) =>
    Effect.gen(function* () {
      const calls: Array<string> = []
      const called = () =>
        Effect.suspend(() => {
          calls.push(operation)
          return Effect.fail(new PermissionDenied({ reason: "facility" }))
        })
      // A port that is reached refuses in its own words.
      const reached = {
        calendars: { list: called, create: called, update: called, end: called },
        reservations: { list: called, create: called, changeStatus: called, changeTerm: called, confirmSync: called },
        blockedTimes: { list: called, create: called, changeTerm: called, remove: called },
        auditEntries: { list: () => Effect.catch(called(), () => new EndpointNotFound()) }
      }
      const { ask, entries } = yield* makeServer(reached)
      for (const token of ["book", "read", "write", "admin"] satisfies ReadonlyArray<Access>) {
        calls.length = 0
        const answer = yield* ask({ ...request, token })
        const isRefused = answer.result.errors?.[0] === "This token is not allowed to do that"
        expect(isRefused, token).toBe(!allowed.includes(token))
        if (isRefused) {
          expect([answer.status, answer.result.errorCode, calls]).toEqual([403, 403, []])
        }
      }
      expect(entries.map((entry) => entry.operation)).toEqual(Array(4).fill(operation))
    })
  )

  it("names every operation of the definition", () =>
    import("@bookio-kit/core/api/BookioApi").then(({ routes }) => {
      expect(table.map(([operation]) => operation).sort()).toEqual(
        [...routes().map((route) => route.operation), "listSlots", "listAuditEntries"].sort()
      )
    }))
})

it.effect("MUST tell the form's problems before the missing right", () =>
  Effect.gen(function* () {
    const { ask } = yield* makeServer()
    const answer = yield* ask({ method: "PUT", path: "/calendars/x", json: {}, token: "read" })
    expect([answer.status, answer.result.errorCode]).toEqual([400, 10])
  })
)

it.effect("MUST send warnings as errors beside success, in the caller's language, and none where there are none", () =>
  Effect.gen(function* () {
    const warnings = [
      about("validTo", "leftOutsideOpening", { reservations: "5, 6" }),
      about("services", "leftOverCapacity", { reservations: "7" })
    ]
    const { ask } = yield* makeServer({
      calendars: { end: (calendarId) => Effect.succeed({ calendarId, warnings }) }
    })
    const end = { method: "PUT", path: "/calendars/9/end", json: {} }
    const english = yield* ask(end)
    expect(english.status).toBe(200)
    expect(english.result).toEqual({
      success: true,
      errors: [
        "validTo: these future reservations now lie outside the opening hours: 5, 6",
        "services: these future reservations now exceed the capacity: 7"
      ],
      data: { calendarId: 9 }
    })
    const slovak = yield* ask({ ...end, path: `${end.path}?lang=sk` })
    expect(slovak.result.errors).toHaveLength(2)
    expect(slovak.result.errors?.[0]).toMatch(/^validTo: .*5, 6/)
    expect(slovak.result.errors).not.toEqual(english.result.errors)
    const other = yield* ask({ method: "PUT", path: "/calendars/9", json: {} })
    expect(other.result).toEqual({ success: true, data: { calendarId: 1 } })
  })
)
