/** What changed since a token, and which tokens a server and a calendar stand by. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { answering, calendarOn, changing, event, isMultiget, isSync, serve, summarised, window } from "./CalDav.ts"
import { type Habits, multistatus, status } from "./FakeDav.ts"

/** A server with an item for each name, a calendar on it, and the token of its listing. */
const listed = (habits: Partial<Habits> = {}, ...names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const server = yield* serve(habits)
    for (const name of names) server.put(`${name}.ics`, event(name))
    const calendar = yield* calendarOn(server)
    const { token = "" } = yield* summarised(calendar.list(window))
    return { server, calendar, token }
  })

describe("changes", () => {
  it.effect("goes on through answers that are cut short by 507", () =>
    Effect.gen(function* () {
      const { calendar, server, token } = yield* listed({ syncLimit: 4 })
      for (let i = 0; i < 10; i++) server.put(`${i}.ics`, event(`u${i}`))
      server.remove("3.ics")
      const { coverage, items, token: next } = yield* summarised(calendar.changes(token, window))
      assert.strictEqual(Object.keys(items).length, 10)
      assert.strictEqual(items["3.ics"], "Removed")
      assert.strictEqual(coverage, "complete")
      assert.deepStrictEqual((yield* summarised(calendar.changes(next ?? "", window))).items, {})
    }).pipe(Effect.scoped)
  )

  it.effect("stops where a cut answer's token does not move", () =>
    Effect.gen(function* () {
      const { calendar, server, token } = yield* listed({}, "a")
      server.habits.change = answering(isSync, multistatus([status("/cal/", 507)], "urn:fake:1"))
      const { coverage } = yield* summarised(calendar.changes(token, window))
      assert.strictEqual(coverage, "unknown")
    }).pipe(Effect.scoped)
  )

  it.effect("has an invalid token where the server says so in any of its ways", () =>
    Effect.gen(function* () {
      const { calendar, server, token } = yield* listed({}, "a")
      const since = calendar.changes(token, window)
      server.loseTokens()
      assert.strictEqual((yield* Effect.flip(summarised(since)))._tag, "SyncTokenInvalid")
      for (const code of [400, 403, 405, 409, 412, 415, 418, 500, 501]) {
        server.habits.instead = (asked) => (isSync(asked) ? { status: code } : undefined)
        assert.strictEqual((yield* Effect.flip(summarised(since)))._tag, "SyncTokenInvalid", `${code}`)
      }
      for (const [code, reason] of [
        [401, "Unauthorized"],
        [404, "CalendarNotFound"],
        [429, "RateLimited"],
        [503, "Overloaded"]
      ] as const) {
        server.habits.instead = (asked) => (isSync(asked) ? { status: code } : undefined)
        const error = yield* Effect.flip(summarised(since))
        assert.isTrue(error._tag === "PracticeError" && error.reason === reason, `${code}`)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("is no token of another calendar", () =>
    Effect.gen(function* () {
      const { token } = yield* listed()
      const other = yield* calendarOn(yield* serve())
      const error = yield* Effect.flip(summarised(other.changes(token, window)))
      assert.strictEqual(error._tag, "SyncTokenInvalid")
    }).pipe(Effect.scoped)
  )

  it.effect("reads what has a status that is not known, such as 418 for what lies in a bin", () =>
    Effect.gen(function* () {
      const { calendar, server, token } = yield* listed({}, "a")
      server.put("binned.ics", event("b"))
      server.remove("binned.ics")
      server.put("there.ics", event("c"))
      server.habits.change = answering(
        isSync,
        multistatus([status("/cal/binned.ics", 418), status("/cal/there.ics", 418)], "urn:fake:4")
      )
      const { coverage, items } = yield* summarised(calendar.changes(token, window))
      assert.deepStrictEqual(items, { "binned.ics": "Removed", "there.ics": "Appointment" })
      assert.strictEqual(coverage, "complete")
    }).pipe(Effect.scoped)
  )

  it.effect("keeps the token where an item could not be read, so that it is asked for again", () =>
    Effect.gen(function* () {
      const { calendar, server, token } = yield* listed()
      server.put("a.ics", event("a"))
      server.habits.instead = ({ body, method }) =>
        method === "GET"
          ? { status: 502 }
          : body.includes("multiget")
            ? { status: 207, body: multistatus([]) }
            : undefined
      const failed = yield* summarised(calendar.changes(token, window))
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
      const { calendar, server, token } = yield* listed({ syncLimit: 300 })
      server.put("broken.ics", event("broken"))
      for (let i = 0; i < 650; i++) server.put(`${i}.ics`, event(`u${i}`))
      server.habits.instead = ({ path }) => (path.endsWith("broken.ics") ? { status: 500 } : undefined)
      server.habits.change = changing(isMultiget, (body) =>
        body.replace(/<response><href>\/cal\/broken.*?<\/response>/s, "")
      )
      const first = yield* summarised(calendar.changes(token, window))
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
