import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import * as CalDavCalendar from "../../src/CalDavCalendar.ts"
import { isPrivate } from "../../src/dav/Address.ts"
import { makeClient } from "../../src/dav/Client.ts"
import { calendarOn, event, serve, summarised, window } from "./CalDav.ts"
import { found, multistatus } from "./FakeDav.ts"

const calendarProps = (name: string, extra = "") =>
  `<resourcetype><collection/><cal:calendar/></resourcetype><displayname>${name}</displayname>${extra}`

const events = '<cal:supported-calendar-component-set><cal:comp name="VEVENT"/></cal:supported-calendar-component-set>'
const todos = '<cal:supported-calendar-component-set><cal:comp name="VTODO"/></cal:supported-calendar-component-set>'

const home = multistatus([
  found("/home/", "<resourcetype><collection/></resourcetype>"),
  found("/cal/", calendarProps("Practice", events)),
  found("/other/", calendarProps("Other")),
  found("/tasks/", calendarProps("Practice", todos)),
  found("/home/inbox/", "<resourcetype><collection/><cal:schedule-inbox/></resourcetype>")
])

describe("discovery", () => {
  it.effect(
    "goes from the server's root by the well-known place, the principal and its home to the named calendar",
    () =>
      Effect.gen(function* () {
        const server = yield* serve({
          instead: ({ method, path }) =>
            path === "/"
              ? { status: 405 }
              : path === "/.well-known/caldav"
                ? { status: 301, headers: { location: "/dav/" } }
                : path === "/dav/"
                  ? {
                      status: 207,
                      body: multistatus([
                        found("/dav/", "<current-user-principal><href>/principal/</href></current-user-principal>")
                      ])
                    }
                  : method === "PROPFIND" && path === "/home/"
                    ? { status: 207, body: home }
                    : undefined
        })
        server.put("a.ics", event("a"))
        for (const calendar of ["Practice", "/cal/", "/cal", "cal", `${server.url}/cal/`]) {
          const { items } = yield* summarised((yield* calendarOn(server, { url: server.url, calendar })).list(window))
          assert.deepStrictEqual(items, { "a.ics": "Appointment" }, calendar)
        }
        const some = yield* Effect.flip(summarised((yield* calendarOn(server, { url: server.url })).list(window)))
        assert.strictEqual(some.reason, "CalendarNotFound")
        assert.include(some.problem, '"Other" (/other/)')
        assert.notInclude(some.problem, "/tasks/")
        const none = yield* calendarOn(server, { url: server.url, calendar: "Nobody's" })
        assert.strictEqual((yield* Effect.flip(summarised(none.list(window)))).reason, "CalendarNotFound")
      }).pipe(Effect.scoped)
  )

  it.effect("takes the only calendar there is, and asks once", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      server.put("a.ics", event("a"))
      const calendar = yield* calendarOn(server, { url: `${server.url}/principal` })
      server.habits.instead = ({ path }) =>
        path === "/principal"
          ? {
              status: 207,
              body: multistatus([
                found("/principal", "<cal:calendar-home-set><href>/home/</href></cal:calendar-home-set>")
              ])
            }
          : undefined
      yield* summarised(calendar.list(window))
      yield* summarised(calendar.list(window))
      assert.strictEqual(server.asked.filter(({ path }) => path === "/home/").length, 1)
    }).pipe(Effect.scoped)
  )

  it.effect("takes no other calendar for one that is gone", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      const calendar = yield* calendarOn(server, { url: `${server.url}/gone/` })
      assert.strictEqual((yield* Effect.flip(summarised(calendar.list(window)))).reason, "CalendarNotFound")
      assert.isTrue(server.asked.every(({ path }) => path === "/gone/"))
      server.habits.instead = () => ({ status: 403 })
      assert.strictEqual((yield* Effect.flip(summarised(calendar.list(window)))).reason, "Forbidden")
    }).pipe(Effect.scoped)
  )

  it.effect("takes the owner's addresses from the server, unless they are told", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      const invited = ["ORGANIZER:mailto:boss@example.com", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:DOCTOR@example.com"]
      server.put("a.ics", event("a", invited))
      const partOf = (owner?: ReadonlyArray<string>) =>
        Effect.gen(function* () {
          const calendar = yield* calendarOn(server, owner === undefined ? {} : { owner })
          const item = yield* calendar.read("/cal/a.ics", window)
          return item._tag === "Appointment" ? item.occurrences[0]?.participation : undefined
        })
      assert.strictEqual(yield* partOf(), "accepted")
      assert.strictEqual(yield* partOf(["mailto:Boss@example.com"]), "organizer")
    }).pipe(Effect.scoped)
  )

  it.effect("sends a password or a token, and tells of a wrong one", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        instead: ({ headers }) => (headers.authorization === undefined ? { status: 401 } : undefined)
      })
      const secret = Redacted.make("s3cret")
      yield* summarised((yield* calendarOn(server, { username: "dr", password: secret })).list(window))
      assert.strictEqual(server.asked[0]?.headers.authorization, `Basic ${btoa("dr:s3cret")}`)
      yield* summarised((yield* calendarOn(server, { bearerToken: secret })).list(window))
      assert.strictEqual(server.asked.at(-1)?.headers.authorization, "Bearer s3cret")
      const error = yield* Effect.flip(summarised((yield* calendarOn(server)).list(window)))
      assert.strictEqual(error.reason, "Unauthorized")
    }).pipe(Effect.scoped)
  )
})

describe("the URL of the settings", () => {
  for (const url of [
    "nonsense",
    "http://calendar.example.com/",
    "ftp://127.0.0.1/",
    "https://dr:secret@example.com/",
    "https://example.com/?a=b",
    "http://127.0.0.1.example.com/"
  ]) {
    it.effect(`refuses ${url.replace("secret", "…")} and repeats nothing of it`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(CalDavCalendar.make({ url }))
        assert.strictEqual(error._tag, "SettingsError")
        assert.notInclude(error.message, "secret")
      }).pipe(Effect.provide(FetchHttpClient.layer))
    )
  }
})

describe("redirects", () => {
  it.effect("of one origin are followed with method and body; there are at most five", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        instead: ({ path }) => (path === "/old/" ? { status: 302, headers: { location: "/cal/" } } : undefined)
      })
      server.put("a.ics", event("a"))
      const { items } = yield* summarised((yield* calendarOn(server, { url: `${server.url}/old/` })).list(window))
      assert.deepStrictEqual(items, { "a.ics": "Appointment" })
      server.habits.instead = ({ path }) => ({ status: 307, headers: { location: `${path}x/` } })
      const error = yield* Effect.flip(summarised((yield* calendarOn(server)).list(window)))
      assert.strictEqual(error.reason, "MalformedResponse")
      server.habits.instead = () => ({ status: 307 })
      const nowhere = yield* Effect.flip(summarised((yield* calendarOn(server)).list(window)))
      assert.strictEqual(nowhere.reason, "MalformedResponse")
    }).pipe(Effect.scoped)
  )

  it.effect("to another origin that is not https are refused, and it is not asked", () =>
    Effect.gen(function* () {
      const other = yield* serve()
      const server = yield* serve({ instead: () => ({ status: 301, headers: { location: `${other.url}/cal/` } }) })
      const calendar = yield* calendarOn(server, { username: "dr", password: Redacted.make("x") })
      assert.strictEqual((yield* Effect.flip(summarised(calendar.list(window)))).reason, "Forbidden")
      assert.strictEqual(other.asked.length, 0)
    }).pipe(Effect.scoped)
  )

  /** A client whose server redirects to `location`, and what it was sent after that. */
  const redirected = (location: string, allowPrivateRedirects = false) =>
    Effect.gen(function* () {
      const sent: Array<{ readonly url: string; readonly authorization: string | null }> = []
      const fetch: typeof globalThis.fetch = async (url, init) => {
        sent.push({ url: String(url), authorization: new Headers(init?.headers).get("authorization") })
        return sent.length === 1
          ? new Response(null, { status: 301, headers: { location } })
          : new Response(null, { status: 401 })
      }
      const client = yield* makeClient({
        url: new URL("https://cal.example.com/dav/"),
        authorization: Redacted.make("Basic x"),
        requestTimeoutMs: 1000,
        maxAnswerBytes: 1000,
        allowPrivateRedirects,
        resolve: (host) => Effect.succeed(host === "inside.example.com" ? ["10.0.0.7"] : ["93.184.216.34"]),
        findService: () => Effect.undefined
      }).pipe(Effect.provide(FetchHttpClient.layer))
      const url = new URL("https://cal.example.com/dav/")
      const answer = yield* Effect.result(
        Effect.provideService(client.send({ method: "PROPFIND", url, depth: "0" }), FetchHttpClient.Fetch, fetch)
      )
      return { answer, sent }
    })

  it.effect("to another https origin are followed without the credentials", () =>
    Effect.gen(function* () {
      const { answer, sent } = yield* redirected("https://other.example.com/cal/")
      assert.deepStrictEqual(
        sent.map(({ authorization }) => authorization),
        ["Basic x", null]
      )
      assert.isTrue(answer._tag === "Success" && answer.success.url.host === "other.example.com")
    })
  )

  it.effect("that end in 401 there say that the password was not sent, and what would help", () =>
    Effect.gen(function* () {
      const calls: Array<string | null> = []
      const fetch: typeof globalThis.fetch = async (url, init) => {
        calls.push(new Headers(init?.headers).get("authorization"))
        const props = "<cal:calendar-home-set><href>https://p42.example.net/home/</href></cal:calendar-home-set>"
        return String(url).startsWith("https://p42")
          ? new Response(null, { status: 401 })
          : new Response(multistatus([found("/dr/", props)]), { status: 207 })
      }
      const calendar = yield* CalDavCalendar.make({
        url: "https://cal.example.com/dr/",
        username: "dr",
        password: Redacted.make("x")
      })
      const error = yield* Effect.flip(
        Effect.provideService(summarised(calendar.list(window)), FetchHttpClient.Fetch, fetch)
      )
      assert.strictEqual(error.reason, "Unauthorized")
      assert.include(error.problem, "https://p42.example.net")
      assert.deepStrictEqual(calls, ["Basic ZHI6eA==", null])
    }).pipe(Effect.provide(FetchHttpClient.layer))
  )

  for (const location of [
    "https://127.0.0.1/",
    "https://localhost/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://169.254.169.254/latest/",
    "https://inside.example.com/",
    "https://2130706433/"
  ]) {
    it.effect(`from a public server to ${location} are refused unless allowed`, () =>
      Effect.gen(function* () {
        const { answer, sent } = yield* redirected(location)
        assert.isTrue(answer._tag === "Failure" && answer.failure.reason === "Forbidden")
        assert.strictEqual(sent.length, 1)
        assert.strictEqual((yield* redirected(location, true)).sent.length, 2)
      })
    )
  }

  it.effect("private addresses are those that RFC 6890 keeps from the internet", () =>
    Effect.gen(function* () {
      const of = (host: string) => isPrivate(new URL(`https://${host}/`), () => Effect.succeed([]))
      for (const host of [
        "10.1.2.3",
        "172.31.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "[fe80::1]",
        "[fd00::1]",
        "[::]"
      ]) {
        assert.isTrue(yield* of(host), host)
      }
      for (const host of ["93.184.216.34", "172.32.0.1", "[2606:2800:220:1::1]"]) assert.isFalse(yield* of(host), host)
    })
  )
})
