import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  answering,
  calendarOn,
  changing,
  event,
  isListing,
  isMultiget,
  serve,
  summarised,
  todo,
  window
} from "./CalDav.ts"
import { type FakeDav, found, multistatus, status } from "./FakeDav.ts"

/** What a new calendar on a server lists. */
const all = (server: FakeDav) => Effect.flatMap(calendarOn(server), (calendar) => summarised(calendar.list(window)))

describe("list", () => {
  it.effect("reads hundreds in batches, and only what is not known", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      for (let i = 0; i < 320; i++) server.put(`${i}.ics`, event(`u${i}`))
      const calendar = yield* calendarOn(server)
      const first = yield* summarised(calendar.list(window))
      assert.strictEqual(Object.values(first.items).filter((tag) => tag === "Appointment").length, 320)
      assert.strictEqual(first.coverage, "complete")
      const multigets = () => server.asked.filter(isMultiget).length
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
        change: changing(isListing, (body) =>
          body.replace(
            "</multistatus>",
            `${found("/cal/sub/", "<resourcetype><collection/></resourcetype>")}${found("/cal/sub/x.ics", "<getetag>&quot;1&quot;</getetag>")}` +
              `${found("/cal/typed.ics", "<getetag>&quot;1&quot;</getetag><getcontenttype>text/calendar; component=vtodo</getcontenttype>")}</multistatus>`
          )
        )
      })
      server.put("a.ics", event("a"))
      server.put("todo.ics", todo("b"))
      const { coverage, items } = yield* all(server)
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
      const { coverage, items } = yield* all(server)
      assert.strictEqual(Object.values(items).filter((tag) => tag === "Appointment").length >= 9, true)
      assert.strictEqual(Object.keys(items).length, 10)
      // By halves, not one by one: 1 + 2 + 2 + 2 + 2 multigets at most, and a GET.
      assert.isAtMost(server.asked.filter(isMultiget).length, 9)
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
      const { coverage, items } = yield* all(server)
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
        change: changing(isMultiget, (body) =>
          body.replace(/<response><href>\/cal\/broken.*?<\/response>/s, status("/cal/broken.ics", 500))
        )
      })
      server.put("a.ics", event("a"))
      server.put("broken.ics", event("b"))
      const { coverage, items, token } = yield* all(server)
      assert.deepStrictEqual(items, { "a.ics": "Appointment" })
      assert.strictEqual(coverage, "unknown")
      assert.isUndefined(token)
    }).pipe(Effect.scoped)
  )

  it.effect("does not believe a multiget that leaves items out or says 404: a GET decides", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        change: answering(isMultiget, multistatus([status("/cal/said-missing.ics", 404)]))
      })
      server.put("said-missing.ics", event("a"))
      server.put("left-out.ics", event("b"))
      const { coverage, items } = yield* all(server)
      assert.deepStrictEqual(items, { "said-missing.ics": "Appointment", "left-out.ics": "Appointment" })
      assert.strictEqual(coverage, "complete")
    }).pipe(Effect.scoped)
  )

  it.effect("does not take a listing of other places for this calendar's", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        change: changing(isListing, (body) => body.replaceAll("<href>/cal/", "<href>/inner/cal/"))
      })
      server.put("a.ics", event("a"))
      const { coverage, items } = yield* all(server)
      assert.deepStrictEqual(items, {})
      assert.strictEqual(coverage, "unknown")
    }).pipe(Effect.scoped)
  )

  it.effect("takes hrefs in any form: absolute, of another host, encoded more or less", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        change: changing(isListing, (body) =>
          body
            .replace("/cal/a%40b.ics", "http://internal.example:5232/cal/a@b.ics")
            .replace("/cal/%C5%BE%20x.ics", "/cal/%c5%be%20x.ics")
        )
      })
      server.put("a@b.ics", event("a"))
      server.put("ž x.ics", event("b"))
      const { coverage, items } = yield* all(server)
      assert.deepStrictEqual(items, { "a@b.ics": "Appointment", "ž x.ics": "Appointment" })
      assert.strictEqual(coverage, "complete")
    }).pipe(Effect.scoped)
  )

  it.effect("tells an incomplete listing that cannot be had otherwise as unknown", () =>
    Effect.gen(function* () {
      const server = yield* serve({ tokens: "ctag", listingIsTruncated: true })
      server.put("a.ics", event("a"))
      const { coverage, items } = yield* all(server)
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
          if (isListing(asked) && server.objects.size === 1) {
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
