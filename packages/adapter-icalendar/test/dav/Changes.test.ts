import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { calendarOn, content, event, serve, summarised, timeZone, window } from "./CalDav.ts"
import { type Answer, errorOpen } from "./FakeDav.ts"

const puts = (asked: ReadonlyArray<{ readonly method: string }>) =>
  asked.filter(({ method }) => method === "PUT").length

describe("create", () => {
  it.effect("asks the server to refuse what is there, and names the item by its UID", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      const calendar = yield* calendarOn(server)
      const ref = yield* calendar.create(content("a b/č@x"), timeZone)
      assert.deepStrictEqual([...server.objects.keys()], ["a b/č@x.ics"])
      assert.strictEqual(ref.href, "/cal/a%20b%2F%C4%8D@x.ics")
      const put = server.asked.find(({ method }) => method === "PUT")
      assert.strictEqual(put?.headers["if-none-match"], "*")
      assert.strictEqual(put?.headers["content-type"], "text/calendar; charset=utf-8")
      assert.notInclude(put?.body ?? "", "ATTENDEE")
      assert.strictEqual((yield* calendar.read(ref.href, window))._tag, "Appointment")
    }).pipe(Effect.scoped)
  )

  it.effect("takes the place that the server names", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      server.habits.change = (asked, answer) => {
        if (asked.method !== "PUT") return answer
        const text = server.objects.get("a.ics") ?? ""
        server.remove("a.ics")
        server.put("4711.ics", text)
        return { ...answer, headers: { ...answer.headers, location: `${server.url}/cal/4711.ics` } }
      }
      const calendar = yield* calendarOn(server)
      const ref = yield* calendar.create(content("a"), timeZone)
      assert.strictEqual(ref.href, "/cal/4711.ics")
    }).pipe(Effect.scoped)
  )

  it.effect("reads back where the answer has no strong ETag, and the item then bears what the server stored", () =>
    Effect.gen(function* () {
      const server = yield* serve({ etagOnPut: false })
      const calendar = yield* calendarOn(server)
      const ref = yield* calendar.create(content("a"), timeZone)
      const item = yield* calendar.read(ref.href, window)
      assert.isTrue(item._tag === "Appointment" && item.etag === ref.etag)
      server.habits.instead = ({ method }) => (method === "GET" ? { status: 503 } : undefined)
      const error = yield* Effect.flip(calendar.create(content("b"), timeZone))
      assert.isTrue(error._tag === "PracticeError" && error.reason === "OutcomeUnknown")
    }).pipe(Effect.scoped)
  )

  it.effect("looks before it writes where a server does not know If-None-Match", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      server.put("a.ics", event("other"))
      const calendar = yield* calendarOn(server, { checksBeforeCreate: true })
      const error = yield* Effect.flip(calendar.create(content("a"), timeZone))
      assert.strictEqual(error._tag, "ItemExists")
      assert.strictEqual(puts(server.asked), 0)
      yield* calendar.create(content("b"), timeZone)
      assert.strictEqual(puts(server.asked), 1)
    }).pipe(Effect.scoped)
  )

  it.effect("looks before it writes to DavMail, which passes over If-None-Match, and to no other unless told", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      const found = server.habits
      for (const [name, isChecked] of [
        ["DavMail Gateway 6.2.2", true],
        ["nginx", false]
      ] as const) {
        server.put("a.ics", event("a"))
        found.change = (_asked, answer) => ({ ...answer, headers: { ...answer.headers, server: name } })
        found.instead = ({ headers, method }) => {
          if (method === "PUT" && headers["if-none-match"] !== undefined) server.objects.delete("a.ics")
          return undefined
        }
        const before = puts(server.asked)
        const made = yield* Effect.result((yield* calendarOn(server)).create(content("a"), timeZone))
        assert.strictEqual(made._tag, isChecked ? "Failure" : "Success")
        assert.strictEqual(puts(server.asked) - before, isChecked ? 0 : 1)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("tells where the item of its UID is", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      server.put("other.ics", event("a"))
      const error = yield* Effect.flip((yield* calendarOn(server)).create(content("a"), timeZone))
      assert.isTrue(error._tag === "ItemExists" && error.href === "/cal/other.ics")
    }).pipe(Effect.scoped)
  )

  const precondition = (name: string) => `${errorOpen}<C:${name} xmlns:C="urn:ietf:params:xml:ns:caldav"/></D:error>`
  const table: ReadonlyArray<readonly [what: string, answer: Answer | "hang", tag: string, reason?: string]> = [
    ["400, as for a UID in a bin", { status: 400 }, "ItemRefused"],
    ["403 with a precondition", { status: 403, body: precondition("valid-calendar-data") }, "ItemRefused"],
    ["409", { status: 409 }, "ItemRefused"],
    ["413", { status: 413, body: precondition("max-resource-size") }, "ItemRefused"],
    ["415", { status: 415 }, "ItemRefused"],
    [
      "no right to write",
      { status: 403, body: `${errorOpen}<D:need-privileges/></D:error>` },
      "PracticeError",
      "Forbidden"
    ],
    ["412", { status: 412 }, "ItemExists"],
    ["401", { status: 401 }, "PracticeError", "Unauthorized"],
    ["404", { status: 404 }, "PracticeError", "CalendarNotFound"],
    ["429", { status: 429 }, "PracticeError", "RateLimited"],
    ["503", { status: 503 }, "PracticeError", "Overloaded"],
    ["507", { status: 507 }, "PracticeError", "Full"],
    ["500", { status: 500 }, "PracticeError", "OutcomeUnknown"],
    ["502", { status: 502 }, "PracticeError", "OutcomeUnknown"],
    ["504", { status: 504 }, "PracticeError", "OutcomeUnknown"]
  ]
  for (const [what, answer, tag, reason] of table) {
    it.effect(`answered with ${what} fails with ${reason ?? tag}`, () =>
      Effect.gen(function* () {
        const server = yield* serve({ instead: ({ method }) => (method === "PUT" ? answer : undefined) })
        const error = yield* Effect.flip((yield* calendarOn(server)).create(content("a"), timeZone))
        assert.strictEqual(error._tag, tag)
        if (error._tag === "PracticeError") assert.strictEqual(error.reason, reason)
        const text = answer === "hang" ? "" : (answer.body ?? "")
        for (const name of ["valid-calendar-data", "max-resource-size"]) {
          if (text.includes(name)) assert.include(error._tag === "ItemRefused" ? error.problem : "", name)
        }
      }).pipe(Effect.scoped)
    )
  }

  it.live("without an answer has an unknown outcome; without a server it did nothing", () =>
    Effect.gen(function* () {
      const server = yield* serve({ instead: ({ method }) => (method === "PUT" ? "hang" : undefined) })
      const calendar = yield* calendarOn(server, { requestTimeout: "150 millis" })
      const slow = yield* Effect.flip(calendar.create(content("a"), timeZone))
      assert.isTrue(slow._tag === "PracticeError" && slow.reason === "OutcomeUnknown")
      server.habits.instead = ({ method }) => (method === "PUT" ? { status: 201, body: "x", cutAfter: 0 } : undefined)
      yield* Effect.promise(server.stop)
      const gone = yield* Effect.flip(calendar.create(content("a"), timeZone))
      assert.isTrue(gone._tag === "PracticeError" && gone.reason === "Unreachable")
    }).pipe(Effect.scoped)
  )
})

describe("update and remove", () => {
  it.effect("send the ETag that they start from; the same content sends nothing that changes", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      const calendar = yield* calendarOn(server)
      const ref = yield* calendar.create(content("a"), timeZone)
      const next = yield* calendar.update(ref, { text: "x" }, timeZone)
      assert.strictEqual(server.asked.at(-1)?.headers["if-match"], ref.etag)
      assert.strictEqual(puts(server.asked), 2)
      yield* calendar.update(next, { text: "x" }, timeZone)
      assert.strictEqual(puts(server.asked), 2)
      yield* calendar.remove(next)
      assert.strictEqual(server.asked.at(-1)?.headers["if-match"], next.etag)
      assert.strictEqual(server.objects.size, 0)
    }).pipe(Effect.scoped)
  )

  it.effect("find a change between their reading and their writing by 412", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      const calendar = yield* calendarOn(server)
      const ref = yield* calendar.create(content("a"), timeZone)
      server.habits.instead = ({ method }) => {
        if (method === "PUT") server.put("a.ics", event("a"))
        return undefined
      }
      assert.strictEqual((yield* Effect.flip(calendar.update(ref, { text: "x" }, timeZone)))._tag, "ItemChanged")
      assert.strictEqual(server.objects.get("a.ics"), event("a"))
      server.habits.instead = ({ method }) => {
        if (method === "DELETE") server.remove("a.ics")
        return undefined
      }
      // The server says 412 for what is not there any more.
      assert.strictEqual((yield* Effect.flip(calendar.remove(ref)))._tag, "ItemNotFound")
    }).pipe(Effect.scoped)
  )

  it.effect("with weak ETags compare the content, send no If-Match, and read back", () =>
    Effect.gen(function* () {
      const server = yield* serve({ etags: "weak" })
      const calendar = yield* calendarOn(server)
      const ref = yield* calendar.create(content("a"), timeZone)
      const next = yield* calendar.update(ref, { text: "x" }, timeZone)
      assert.isTrue(server.asked.every(({ headers }) => headers["if-match"] === undefined))
      server.put("a.ics", event("a"))
      assert.strictEqual((yield* Effect.flip(calendar.update(next, { text: "y" }, timeZone)))._tag, "ItemChanged")
      assert.strictEqual((yield* Effect.flip(calendar.remove(next)))._tag, "ItemChanged")
      // Another client is faster than the reading back.
      const now = yield* calendar.read("/cal/a.ics", window)
      const etag = now._tag === "Appointment" ? now.etag : ""
      server.habits.change = (asked, answer) => {
        if (asked.method === "PUT") server.put("a.ics", event("a", ["LOCATION:theirs"]))
        return answer
      }
      const error = yield* Effect.flip(calendar.update({ href: "/cal/a.ics", etag }, { text: "z" }, timeZone))
      assert.strictEqual(error._tag, "ItemChanged")
    }).pipe(Effect.scoped)
  )

  it.effect("write nowhere but in the calendar", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      const calendar = yield* calendarOn(server)
      yield* summarised(calendar.list(window))
      const before = server.asked.length
      for (const href of ["/other/a.ics", "/cal/../principal/", "/cal/", "https://example.com/x", "/cal/sub/a.ics"]) {
        assert.strictEqual((yield* Effect.flip(calendar.remove({ href, etag: '"1"' })))._tag, "ItemNotFound", href)
        assert.strictEqual(
          (yield* Effect.flip(calendar.update({ href, etag: '"1"' }, {}, timeZone)))._tag,
          "ItemNotFound"
        )
        assert.strictEqual((yield* Effect.flip(calendar.read(href, window)))._tag, "ItemNotFound")
      }
      assert.strictEqual(server.asked.length, before)
    }).pipe(Effect.scoped)
  )

  it.effect("a DELETE that the server could not finish has an unknown outcome", () =>
    Effect.gen(function* () {
      const server = yield* serve({ instead: ({ method }) => (method === "DELETE" ? { status: 207 } : undefined) })
      const calendar = yield* calendarOn(server)
      const error = yield* Effect.flip(calendar.remove({ href: "/cal/a.ics", etag: '"1"' }))
      assert.isTrue(error._tag === "PracticeError" && error.reason === "OutcomeUnknown")
    }).pipe(Effect.scoped)
  )
})
