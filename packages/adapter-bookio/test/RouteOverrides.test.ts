import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { HttpClientRequest } from "effect/http"
import { parseRouteOverrides, reroute } from "../src/RouteOverrides.ts"

const problems = (json: unknown) => Result.getFailure(parseRouteOverrides(json))

const status = (given: object) => ({ changeReservationStatus: { method: "PUT", path: "/r/{reservationId}", ...given } })

describe("parseRouteOverrides", () => {
  it("takes what is right", () => {
    const routes = {
      changeReservationStatus: { method: "POST", path: "/reservations/{reservationId}/state" },
      removeBlockedTime: { method: "POST", path: "/blocked-times/{blockedTimeId}/remove" },
      listReservations: { method: "GET", path: "/v2/reservations" }
    } as const
    assert.deepStrictEqual(Result.getOrThrow(parseRouteOverrides(routes)), routes)
  })

  const wrong: ReadonlyArray<readonly [string, unknown, RegExp]> = [
    ["no object", [], /must be an object of operations/],
    [
      "an unknown operation",
      { dropAll: { method: "PUT", path: "/x" } },
      /"dropAll" is no operation; they are listFacilities, /
    ],
    ["the extension", { listSlots: { method: "GET", path: "/x" } }, /"listSlots" is no operation/],
    ["a name of Object", JSON.parse('{"__proto__": {"method": "GET", "path": "/x"}}'), /no operation/],
    ["a missing parameter", status({ path: "/r/state" }), /must have exactly the parameters \{reservationId\}/],
    ["a repeated parameter", status({ path: "/r/{reservationId}/{reservationId}" }), /must have exactly/],
    ["another parameter", status({ path: "/r/{id}" }), /must have exactly/],
    ["a host", status({ path: "https://evil.example/{reservationId}" }), /must begin with one \/ and hold no host/],
    ["a host without scheme", status({ path: "//evil.example/{reservationId}" }), /must begin with one \//],
    ["a backslash", status({ path: "/\\evil.example/{reservationId}" }), /may hold only/],
    ["a query", status({ path: "/r/{reservationId}?admin=1" }), /without \? and #/],
    ["a way up", status({ path: "/../r/{reservationId}" }), /must not hold \. or \.\./],
    ["an encoded way up", status({ path: "/%2E%2e/r/{reservationId}" }), /must not hold \. or \.\./],
    ["no method", status({ method: "TRACE" }), /method must be one of GET, POST, PUT, PATCH, DELETE/],
    ["a method without its body", status({ method: "GET" }), /method must be one that has a body/],
    ["a member that means nothing", status({ paht: "/x" }), /must have only method and path, not paht/],
    ["no path", { listCalendars: { method: "GET" } }, /listCalendars.path must be a text/]
  ]
  for (const [what, json, expected] of wrong) {
    it(`refuses ${what}`, () => {
      const found = problems(json)
      assert.match(found._tag === "Some" ? found.value.join("; ") : "accepted", expected)
    })
  }

  it("tells all problems at once", () => {
    const found = problems({ a: {}, b: {}, ...status({ path: "x", method: "x" }) })
    assert.strictEqual(found._tag === "Some" ? found.value.length : 0, 4)
  })
})

describe("reroute", () => {
  const routes = { changeReservationStatus: { method: "POST", path: "/v2/{reservationId}/state" } } as const
  it("moves a request with its parameters, and no other request", () => {
    const moved = reroute(routes, "changeReservationStatus", HttpClientRequest.put("/reservations/12/status"))
    assert.deepStrictEqual([moved.method, moved.url], ["POST", "/v2/12/state"])
    const other = HttpClientRequest.put("/reservations/12/term")
    assert.strictEqual(reroute(routes, "changeReservationTerm", other), other)
    assert.strictEqual(reroute(routes, "constructor", other), other)
  })
})
