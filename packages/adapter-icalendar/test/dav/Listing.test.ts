import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { calendarOn, event, serve, summarised, todo, window } from "./CalDav.ts"
import { errorOpen, found, multistatus, status } from "./FakeDav.ts"

const escape207 = (body: string) => ({ status: 207, body })

describe("list", () => {
  it.effect("reads hundreds in batches, and only what is not known", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      for (let i = 0; i < 320; i++) server.put(`${i}.ics`, event(`u${i}`))
      const calendar = yield* calendarOn(server)
      const all = yield* summarised(calendar.list(window))
      assert.strictEqual(Object.values(all.items).filter((tag) => tag === "Appointment").length, 320)
      assert.strictEqual(all.coverage, "complete")
      const multigets = () => server.asked.filter(({ body }) => body.includes("calendar-multiget")).length
      assert.strictEqual(multigets(), 7)
      const etags = new Map<string, string>()
      for (const [name, text] of server.objects) {
        const { headers } = yield* Effect.promise(() => fetch(`${server.url}/cal/${name}`))
        assert.isString(text)
        etags.set(`/cal/${name}`, headers.get("etag") ?? "")
      }
      server.put("7.ics", event("u7", ["LOCATION:x"]))
      const again = yield* summarised(calendar.list(window, () => Effect.succeed(etags)))
      assert.strictEqual(again.items["7.ics"], "Appointment")
      assert.strictEqual(Object.values(again.items).filter((tag) => tag === "Unchanged").length, 319)
      assert.strictEqual(multigets(), 8)
    }).pipe(Effect.scoped)
  )

  it.effect("reads weak ETags as unchanged where the weak one is the same", () =>
    Effect.gen(function* () {
      const server = yield* serve({ etags: "weak" })
      server.put("a.ics", event("a"))
      const calendar = yield* calendarOn(server)
      const item = yield* calendar.read("/cal/a.ics", window)
      const etag = item._tag === "Appointment" ? item.etag : ""
      assert.match(etag, /^~W\//)
      const again = yield* summarised(calendar.list(window, () => Effect.succeed(new Map([["/cal/a.ics", etag]]))))
      assert.deepStrictEqual(again.items, { "a.ics": "Unchanged" })
    }).pipe(Effect.scoped)
  )

  it.effect("tells no to-do, and no object of a collection inside", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        change: (asked, answer) =>
          asked.headers.depth === "1" && asked.method === "PROPFIND"
            ? {
                ...answer,
                body: (answer.body ?? "").replace(
                  "</multistatus>",
                  `${found("/cal/sub/", "<resourcetype><collection/></resourcetype>")}${found("/cal/sub/x.ics", "<getetag>&quot;1&quot;</getetag>")}` +
                    `${found("/cal/typed.ics", "<getetag>&quot;1&quot;</getetag><getcontenttype>text/calendar; component=vtodo</getcontenttype>")}</multistatus>`
                )
              }
            : answer
      })
      server.put("a.ics", event("a"))
      server.put("todo.ics", todo("b"))
      const { coverage, items } = yield* summarised((yield* calendarOn(server)).list(window))
      assert.deepStrictEqual(items, { "a.ics": "Appointment", "todo.ics": "Removed" })
      assert.strictEqual(coverage, "complete")
      assert.isFalse(server.asked.some(({ body }) => body.includes("typed.ics")))
    }).pipe(Effect.scoped)
  )

  it.effect("isolates an object that breaks the XML of its batch", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      for (let i = 0; i < 9; i++) server.put(`${i}.ics`, event(`u${i}`))
      server.put("bad.ics", event("bad", ["LOCATION:a\u0007bell"]))
      const { coverage, items } = yield* summarised((yield* calendarOn(server)).list(window))
      assert.strictEqual(Object.values(items).filter((tag) => tag === "Appointment").length >= 9, true)
      assert.strictEqual(Object.keys(items).length, 10)
      // By halves, not one by one: 1 + 2 + 2 + 2 + 2 multigets at most, and a GET.
      assert.isAtMost(server.asked.filter(({ body }) => body.includes("calendar-multiget")).length, 9)
      assert.strictEqual(server.asked.filter(({ method }) => method === "GET").length, 1)
      assert.strictEqual(coverage, "complete")
    }).pipe(Effect.scoped)
  )

  it.effect("parks an object over the limit of an answer alone, and reads the others", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      for (let i = 0; i < 5; i++) server.put(`${i}.ics`, event(`u${i}`))
      server.put("huge.ics", event("huge", [`DESCRIPTION:${"x".repeat(21 * 1024 * 1024)}`]))
      server.put("big.ics", event("big", [`DESCRIPTION:${"x".repeat(5 * 1024 * 1024)}`]))
      const { coverage, items } = yield* summarised((yield* calendarOn(server)).list(window))
      assert.strictEqual(items["huge.ics"], "Unreadable")
      assert.strictEqual(items["big.ics"], "Unreadable")
      assert.strictEqual(Object.values(items).filter((tag) => tag === "Appointment").length, 5)
      assert.strictEqual(coverage, "complete")
    }).pipe(Effect.scoped)
  )

  it.effect("knows nothing of an item that the server fails for: coverage unknown, the others told", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        instead: ({ method, path }) => (method === "GET" && path.endsWith("broken.ics") ? { status: 500 } : undefined),
        change: (asked, answer) =>
          asked.body.includes("calendar-multiget")
            ? {
                ...answer,
                body: (answer.body ?? "").replace(
                  /<response><href>\/cal\/broken.*?<\/response>/s,
                  status("/cal/broken.ics", 500)
                )
              }
            : answer
      })
      server.put("a.ics", event("a"))
      server.put("broken.ics", event("b"))
      const { coverage, items, token } = yield* summarised((yield* calendarOn(server)).list(window))
      assert.deepStrictEqual(items, { "a.ics": "Appointment" })
      assert.strictEqual(coverage, "unknown")
      assert.isUndefined(token)
    }).pipe(Effect.scoped)
  )

  it.effect("does not believe a multiget that leaves items out or says 404: a GET decides", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        change: (asked, answer) =>
          asked.body.includes("calendar-multiget")
            ? escape207(multistatus([status("/cal/said-missing.ics", 404)]))
            : answer
      })
      server.put("said-missing.ics", event("a"))
      server.put("left-out.ics", event("b"))
      const { coverage, items } = yield* summarised((yield* calendarOn(server)).list(window))
      assert.deepStrictEqual(items, { "said-missing.ics": "Appointment", "left-out.ics": "Appointment" })
      assert.strictEqual(coverage, "complete")
    }).pipe(Effect.scoped)
  )

  it.effect("does not take a listing of other places for this calendar's", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        change: (asked, answer) =>
          asked.headers.depth === "1" && asked.method === "PROPFIND"
            ? { ...answer, body: (answer.body ?? "").replaceAll("<href>/cal/", "<href>/inner/cal/") }
            : answer
      })
      server.put("a.ics", event("a"))
      const { coverage, items } = yield* summarised((yield* calendarOn(server)).list(window))
      assert.deepStrictEqual(items, {})
      assert.strictEqual(coverage, "unknown")
    }).pipe(Effect.scoped)
  )

  it.effect("takes hrefs in any form: absolute, of another host, encoded more or less", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        change: (asked, answer) =>
          asked.headers.depth === "1" && asked.method === "PROPFIND"
            ? {
                ...answer,
                body: (answer.body ?? "")
                  .replace("/cal/a%40b.ics", "http://internal.example:5232/cal/a@b.ics")
                  .replace("/cal/%C5%BE%20x.ics", "/cal/%c5%be%20x.ics")
              }
            : answer
      })
      server.put("a@b.ics", event("a"))
      server.put("ž x.ics", event("b"))
      const { coverage, items } = yield* summarised((yield* calendarOn(server)).list(window))
      assert.deepStrictEqual(items, { "a@b.ics": "Appointment", "ž x.ics": "Appointment" })
      assert.strictEqual(coverage, "complete")
    }).pipe(Effect.scoped)
  )

  it.effect("tells an incomplete listing that cannot be had otherwise as unknown", () =>
    Effect.gen(function* () {
      const server = yield* serve({ tokens: "ctag", listingIsTruncated: true })
      server.put("a.ics", event("a"))
      const { coverage, items } = yield* summarised((yield* calendarOn(server)).list(window))
      assert.deepStrictEqual(items, { "a.ics": "Appointment" })
      assert.strictEqual(coverage, "unknown")
    }).pipe(Effect.scoped)
  )

  it.effect("reads its token before the members, so that a change between is told again", () =>
    Effect.gen(function* () {
      for (const tokens of ["sync", "ctag"] as const) {
        const server = yield* serve({ tokens })
        server.put("a.ics", event("a"))
        const calendar = yield* calendarOn(server)
        server.habits.change = (asked, answer) => {
          if (asked.headers.depth === "1" && asked.method === "PROPFIND" && server.objects.size === 1) {
            server.put("late.ics", event("late"))
          }
          return answer
        }
        const { items, token } = yield* summarised(calendar.list(window))
        assert.deepStrictEqual(items, { "a.ics": "Appointment" })
        const after = yield* Effect.result(summarised(calendar.changes(token ?? "", window)))
        if (tokens === "sync") {
          assert.isTrue(after._tag === "Success" && after.success.items["late.ics"] === "Appointment")
        } else assert.isTrue(after._tag === "Failure" && after.failure._tag === "SyncTokenInvalid")
      }
    }).pipe(Effect.scoped)
  )
})

describe("changes", () => {
  it.effect("goes on through answers that are cut short by 507", () =>
    Effect.gen(function* () {
      const server = yield* serve({ syncLimit: 4 })
      const calendar = yield* calendarOn(server)
      const { token } = yield* summarised(calendar.list(window))
      for (let i = 0; i < 10; i++) server.put(`${i}.ics`, event(`u${i}`))
      server.remove("3.ics")
      const { coverage, items, token: next } = yield* summarised(calendar.changes(token ?? "", window))
      assert.strictEqual(Object.keys(items).length, 10)
      assert.strictEqual(items["3.ics"], "Removed")
      assert.strictEqual(coverage, "complete")
      assert.deepStrictEqual((yield* summarised(calendar.changes(next ?? "", window))).items, {})
    }).pipe(Effect.scoped)
  )

  it.effect("stops where a cut answer's token does not move", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      server.put("a.ics", event("a"))
      const calendar = yield* calendarOn(server)
      const { token } = yield* summarised(calendar.list(window))
      server.habits.change = (asked, answer) =>
        asked.body.includes("sync-collection") ? escape207(multistatus([status("/cal/", 507)], "urn:fake:1")) : answer
      const { coverage } = yield* summarised(calendar.changes(token ?? "", window))
      assert.strictEqual(coverage, "unknown")
    }).pipe(Effect.scoped)
  )

  it.effect("has an invalid token where the server says so in any of its ways", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      server.put("a.ics", event("a"))
      const calendar = yield* calendarOn(server)
      const { token } = yield* summarised(calendar.list(window))
      const since = calendar.changes(token ?? "", window)
      server.loseTokens()
      assert.strictEqual((yield* Effect.flip(summarised(since)))._tag, "SyncTokenInvalid")
      for (const code of [400, 403, 405, 409, 412, 415, 418, 500, 501]) {
        server.habits.instead = ({ body }) => (body.includes("sync-collection") ? { status: code } : undefined)
        assert.strictEqual((yield* Effect.flip(summarised(since)))._tag, "SyncTokenInvalid", `${code}`)
      }
      for (const [code, reason] of [
        [401, "Unauthorized"],
        [404, "CalendarNotFound"],
        [429, "RateLimited"],
        [503, "Overloaded"]
      ] as const) {
        server.habits.instead = ({ body }) => (body.includes("sync-collection") ? { status: code } : undefined)
        const error = yield* Effect.flip(summarised(since))
        assert.isTrue(error._tag === "PracticeError" && error.reason === reason, `${code}`)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("is no token of another calendar", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* serve(), yield* serve()]
      const { token } = yield* summarised((yield* calendarOn(one)).list(window))
      const error = yield* Effect.flip(summarised((yield* calendarOn(other)).changes(token ?? "", window)))
      assert.strictEqual(error._tag, "SyncTokenInvalid")
    }).pipe(Effect.scoped)
  )

  it.effect("reads what has a status that is not known, such as 418 for what lies in a bin", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      server.put("a.ics", event("a"))
      const calendar = yield* calendarOn(server)
      const { token } = yield* summarised(calendar.list(window))
      server.put("binned.ics", event("b"))
      server.remove("binned.ics")
      server.put("there.ics", event("c"))
      server.habits.change = (asked, answer) =>
        asked.body.includes("sync-collection")
          ? escape207(multistatus([status("/cal/binned.ics", 418), status("/cal/there.ics", 418)], "urn:fake:4"))
          : answer
      const { coverage, items } = yield* summarised(calendar.changes(token ?? "", window))
      assert.deepStrictEqual(items, { "binned.ics": "Removed", "there.ics": "Appointment" })
      assert.strictEqual(coverage, "complete")
    }).pipe(Effect.scoped)
  )

  it.effect("keeps the token where an item could not be read, so that it is asked for again", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      const calendar = yield* calendarOn(server)
      const { token } = yield* summarised(calendar.list(window))
      server.put("a.ics", event("a"))
      server.habits.instead = ({ body, method }) =>
        method === "GET" ? { status: 502 } : body.includes("multiget") ? escape207(multistatus([])) : undefined
      const failed = yield* summarised(calendar.changes(token ?? "", window))
      assert.deepStrictEqual(failed, { items: {}, coverage: "unknown", token })
      server.habits.instead = () => undefined
      const { items } = yield* summarised(calendar.changes(failed.token ?? "", window))
      assert.deepStrictEqual(items, { "a.ics": "Appointment" })
    }).pipe(Effect.scoped)
  )
})

describe("an item that the server fails for", () => {
  it.effect("holds up no other, and is asked for again from before it", () =>
    Effect.gen(function* () {
      const server = yield* serve({ syncLimit: 300 })
      const calendar = yield* calendarOn(server)
      const { token } = yield* summarised(calendar.list(window))
      server.put("broken.ics", event("broken"))
      for (let i = 0; i < 650; i++) server.put(`${i}.ics`, event(`u${i}`))
      server.habits.instead = ({ path }) => (path.endsWith("broken.ics") ? { status: 500 } : undefined)
      server.habits.change = (asked, answer) =>
        asked.body.includes("calendar-multiget")
          ? { ...answer, body: (answer.body ?? "").replace(/<response><href>\/cal\/broken.*?<\/response>/s, "") }
          : answer
      const first = yield* summarised(calendar.changes(token ?? "", window))
      assert.strictEqual(Object.values(first.items).filter((tag) => tag === "Appointment").length, 650)
      assert.strictEqual(first.coverage, "unknown")
      assert.strictEqual(first.token, token)
      server.habits.instead = () => undefined
      const second = yield* summarised(calendar.changes(first.token ?? "", window))
      assert.strictEqual(second.items["broken.ics"], "Appointment")
      assert.strictEqual(second.coverage, "complete")
    }).pipe(Effect.scoped)
  )
})

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
        server.habits.instead = ({ headers, method }) =>
          method === "PROPFIND" && headers.depth === "1" ? answer : undefined
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
