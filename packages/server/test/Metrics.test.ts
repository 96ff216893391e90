import { NoCapacityLeft } from "@bookio-kit/core/error/Refusal"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { type Asked, makeServer, newReservation } from "./Support.ts"

// Metrics of this test only.
const isolated = <A, E, R>(test: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => Effect.provideService(test, Metric.MetricRegistry, new Map()))
const here: Asked = { path: "//metrics", token: "", from: "127.0.0.1", headers: { host: "127.0.0.1:8080" } }

describe("who may read /metrics", () => {
  const local: ReadonlyArray<Asked> = [
    here,
    { ...here, from: "127.8.9.10" },
    { ...here, from: "::1", headers: { host: "[::1]:8080" } },
    { ...here, from: "::ffff:127.0.0.1", headers: { host: "localhost" } }
  ]
  it.effect.each(local)("MUST be anyone on this machine: $from", (asked) =>
    Effect.gen(function* () {
      const { ask } = yield* makeServer()
      const answer = yield* ask(asked)
      expect([answer.status, answer.headers.get("content-type")]).toEqual([
        200,
        "text/plain; version=0.0.4; charset=utf-8"
      ])
      expect(answer.headers.get("cache-control")).toBe("no-store")
    }).pipe(isolated)
  )

  const foreign: ReadonlyArray<readonly [why: string, asked: Asked]> = [
    ["another machine", { ...here, from: "192.168.0.7" }],
    ["an address that only looks like one", { ...here, from: "1127.0.0.1" }],
    ["an address that is not known", { path: "//metrics", headers: { host: "localhost" } }],
    ["another name of this machine (DNS rebinding)", { ...here, headers: { host: "clinic.example.com" } }],
    ["a name that begins like one", { ...here, headers: { host: "localhost.example.com" } }],
    ["no name", { ...here, headers: {} }],
    ...["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"].map(
      (name): readonly [string, Asked] => [name, { ...here, headers: { host: "localhost", [name]: "127.0.0.1" } }]
    )
  ]
  it.effect.each(foreign)("MUST else be an admin: %s", ([, asked]) =>
    Effect.gen(function* () {
      const { ask } = yield* makeServer()
      const status = (token: string) => Effect.map(ask({ ...asked, token }), ({ result, status }) => [status, result])
      expect(yield* status("")).toMatchObject([401, { success: false, errorCode: 20 }])
      expect(yield* status("wrong")).toMatchObject([401, { success: false, errorCode: 20 }])
      for (const token of ["book", "read", "write"]) {
        expect(yield* status(token)).toMatchObject([403, { success: false, errorCode: 403 }])
      }
      expect((yield* ask({ ...asked, token: "admin" })).text).toContain("bookio_requests_total")
    }).pipe(isolated)
  )
})

describe("what is counted", () => {
  it.effect("MUST be requests and their times by operation and status, without anything of a request", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeServer({
        reservations: { create: () => Effect.fail(new NoCapacityLeft({ reason: "full" })) }
      })
      yield* ask({ path: "/reservations?email=marker@example.com" })
      yield* ask({ path: "/reservations?email=marker@example.com", headers: { "x-request-id": "marker-id" } })
      yield* ask({ method: "POST", path: "/reservations", json: newReservation })
      yield* ask({ method: "PUT", path: "/reservations/98765/term", json: {}, from: "198.51.100.7" })
      yield* ask({ path: "/marker/path" })
      yield* ask({ path: "/calendars", token: "marker-token" })
      const { text } = yield* ask(here)
      const counts = text.split("\n").filter((line) => line.startsWith("bookio_requests_total{"))
      expect(counts.toSorted()).toEqual([
        'bookio_requests_total{operation="changeReservationTerm",status="200"} 1',
        'bookio_requests_total{operation="createReservation",status="400"} 1',
        'bookio_requests_total{operation="listCalendars",status="401"} 1',
        'bookio_requests_total{operation="listReservations",status="200"} 2',
        'bookio_requests_total{operation="none",status="404"} 1'
      ])
      expect(text).toContain('bookio_request_duration_seconds_count{operation="listReservations",status="200"} 2\n')
      expect(text).not.toMatch(/marker|98765|198\.51/i)
    }).pipe(isolated)
  )
})
