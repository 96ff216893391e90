/** Answers that cannot be trusted: none of them is an empty calendar. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { calendarOn, event, isListing, serve, summarised, window } from "./CalDav.ts"
import { errorOpen, multistatus, status } from "./FakeDav.ts"

describe("an answer that cannot be trusted", () => {
  const listed = "<?xml version='1.0'?>"
  const table: ReadonlyArray<
    readonly [string, { status: number; body?: string; headers?: Record<string, string>; cutAfter?: number }, string]
  > = [
    ["a login page", { status: 200, body: "<!DOCTYPE html><html><body>Log in</body></html>" }, "MalformedResponse"],
    ["HTML as a multistatus", { status: 207, body: "<html><body>oops<br></body></html>" }, "MalformedResponse"],
    ["another document", { status: 207, body: `${listed}<a xmlns="DAV:"/>` }, "MalformedResponse"],
    ["nothing", { status: 207 }, "MalformedResponse"],
    [
      "a DTD",
      { status: 207, body: `${listed}<!DOCTYPE m [<!ENTITY a "b">]><multistatus xmlns="DAV:"></multistatus>` },
      "MalformedResponse"
    ],
    [
      "an end in the middle",
      { status: 207, body: multistatus([status("/cal/x.ics", 200)]).slice(0, 200) },
      "MalformedResponse"
    ],
    [
      "a cut connection",
      { status: 207, body: multistatus([status("/cal/x.ics", 200)]), cutAfter: 100 },
      "MalformedResponse"
    ],
    [
      "an undeclared prefix",
      { status: 207, body: `${listed}<d:multistatus><d:response/></d:multistatus>` },
      "MalformedResponse"
    ],
    ["401", { status: 401 }, "Unauthorized"],
    ["403", { status: 403, body: `${errorOpen}</D:error>` }, "Forbidden"],
    ["404", { status: 404 }, "CalendarNotFound"],
    ["410", { status: 410 }, "CalendarNotFound"],
    ["423", { status: 423 }, "Overloaded"],
    ["429", { status: 429, headers: { "retry-after": "120" } }, "RateLimited"],
    ["500", { status: 500, body: "<html>sorry</html>" }, "Overloaded"],
    ["503", { status: 503 }, "Overloaded"],
    ["507", { status: 507 }, "Full"],
    ["418", { status: 418 }, "Internal"]
  ]
  for (const [what, answer, reason] of table) {
    it.effect(`${what} is ${reason}, never an empty calendar`, () =>
      Effect.gen(function* () {
        const server = yield* serve()
        server.put("a.ics", event("a"))
        const calendar = yield* calendarOn(server, { owner: [] })
        yield* summarised(calendar.list(window))
        server.habits.instead = (asked) => (isListing(asked) ? answer : undefined)
        const error = yield* Effect.flip(summarised(calendar.list(window)))
        assert.strictEqual(error.reason, reason)
        if (what === "429") assert.strictEqual(error.retryAfterMs, 120_000)
      }).pipe(Effect.scoped)
    )
  }

  it.live("a server that does not answer in time is Timeout; one that is not there is Unreachable", () =>
    Effect.gen(function* () {
      const server = yield* serve({ instead: () => "hang" })
      const slow = yield* calendarOn(server, { requestTimeout: "100 millis" })
      assert.strictEqual((yield* Effect.flip(summarised(slow.list(window)))).reason, "Timeout")
      yield* Effect.promise(server.stop)
      const gone = yield* calendarOn(server)
      assert.strictEqual((yield* Effect.flip(summarised(gone.list(window)))).reason, "Unreachable")
    }).pipe(Effect.scoped)
  )

  it.effect("a collection that is no calendar any more is CalendarNotFound", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      const calendar = yield* calendarOn(server)
      yield* summarised(calendar.list(window))
      server.habits.change = (_asked, answer) => ({
        ...answer,
        body: (answer.body ?? "").replace("<cal:calendar/>", "")
      })
      assert.strictEqual((yield* Effect.flip(summarised(calendar.list(window)))).reason, "CalendarNotFound")
    }).pipe(Effect.scoped)
  )
})
