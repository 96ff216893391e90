/** Finding a calendar and signing in, with the habits of servers that there are. */
import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import * as CalDavCalendar from "../../src/CalDavCalendar.ts"
import { makeClient } from "../../src/dav/Client.ts"
import { digestOf, readChallenge } from "../../src/dav/Digest.ts"
import { discover } from "../../src/dav/Discover.ts"
import { calendarOn, content, serve, summarised, timeZone, window } from "./CalDav.ts"
import { found, multistatus } from "./FakeDav.ts"

describe("discovery", () => {
  const secret = Redacted.make("x")
  interface Call {
    readonly url: string
    readonly authorization: string | null
  }

  /** What is sent where, by a server at `url` that names its home at `home`. */
  const walked = (url: string, home: string) =>
    Effect.gen(function* () {
      const calls: Array<Call> = []
      const props = `<current-user-principal><href>/1/principal/</href></current-user-principal><cal:calendar-home-set><href>${home}</href></cal:calendar-home-set>`
      const fetch: typeof globalThis.fetch = async (target, init) => {
        calls.push({ url: String(target), authorization: new Headers(init?.headers).get("authorization") })
        return calls.length === 1
          ? new Response(multistatus([found("/", props)]), { status: 207 })
          : new Response(null, { status: 401 })
      }
      const calendar = yield* CalDavCalendar.make({ url, username: "dr", password: secret, owner: [] })
      const error = yield* Effect.flip(
        Effect.provideService(summarised(calendar.list(window)), FetchHttpClient.Fetch, fetch)
      )
      return { calls, error }
    }).pipe(Effect.provide(FetchHttpClient.layer))

  it.effect("iCloud's other hosts are not sent the password, and named to be set", () =>
    Effect.gen(function* () {
      const { calls, error } = yield* walked("https://caldav.icloud.com/", "https://p42-caldav.icloud.com:443/1/")
      assert.strictEqual(calls[1]?.authorization, null)
      assert.include(error.problem, "https://p42-caldav.icloud.com,")
    })
  )

  for (const home of ["http://169.254.169.254/latest/", "https://10.0.0.7/dav/", "http://other.example.com/dav/"]) {
    it.effect(`a home at ${home} is not asked, as a redirect to it would not be followed`, () =>
      Effect.gen(function* () {
        const { calls, error } = yield* walked("https://93.184.216.34/", home)
        assert.strictEqual(error.reason, "Forbidden")
        assert.strictEqual(calls.length, 1)
      })
    )
  }

  it.effect("a domain's SRV record is told, and not asked: DNS is not trusted with a password", () =>
    Effect.gen(function* () {
      const calls: Array<string> = []
      const fetch: typeof globalThis.fetch = async (target) => {
        calls.push(String(target))
        return new Response(null, { status: 404 })
      }
      const problemOf = (url: string) =>
        Effect.gen(function* () {
          const client = yield* makeClient({
            url: new URL(url),
            authorization: secret,
            requestTimeoutMs: 1000,
            maxAnswerBytes: 1000,
            allowPrivateRedirects: false,
            resolve: () => Effect.succeed(["93.184.216.34"]),
            findService: (domain) => Effect.succeed(`https://caldav.${domain}:8443/`)
          })
          return (yield* Effect.flip(discover(client, { calendar: undefined, owner: [] }))).problem
        }).pipe(Effect.provide(FetchHttpClient.layer), Effect.provideService(FetchHttpClient.Fetch, fetch))
      assert.include(yield* problemOf("https://example.com/"), "set https://caldav.example.com:8443/")
      assert.deepStrictEqual(calls, ["https://example.com/", "https://example.com/.well-known/caldav"])
      assert.notInclude(yield* problemOf("https://93.184.216.34/"), "caldav.")
    })
  )

  it.effect("a server behind a proxy names itself by http or another port: it is asked where it was found", () =>
    Effect.gen(function* () {
      for (const home of ["http://cal.example.com/home/", "https://cal.example.com:8443/home/"]) {
        const { calls } = yield* walked("https://cal.example.com/", home)
        assert.deepStrictEqual(calls[1], { url: "https://cal.example.com/home/", authorization: "Basic ZHI6eA==" })
      }
    })
  )
})

describe("a server that asks for Digest", () => {
  const password = Redacted.make("Circle of Life")
  const challenge = (nonce: string) =>
    `Digest realm="BaikalDAV",qop="auth,auth-int",nonce="${nonce}",opaque="df58bdff8cf60599c939187d0b5c54de"`

  /** A server that takes what answers its nonce of the moment. */
  const digesting = (secret: string) =>
    Effect.gen(function* () {
      const state = { nonce: "one" }
      const server = yield* serve({
        instead: ({ headers, method, path }) => {
          const given = new Map(
            [...(headers.authorization ?? "").matchAll(/(\w+)="?([^",]*)"?/g)].map(([, name = "", value = ""]) => [
              name,
              value
            ])
          )
          const hash = (text: string) => createHash("md5").update(text).digest("hex")
          const ha1 = hash(`dr:BaikalDAV:${secret}`)
          const expected = hash(
            `${ha1}:${state.nonce}:${given.get("nc")}:${given.get("cnonce")}:auth:${hash(`${method}:${path}`)}`
          )
          return given.get("uri") === path && given.get("response") === expected
            ? undefined
            : { status: 401, headers: { "www-authenticate": challenge(state.nonce) } }
        }
      })
      return { server, state }
    })

  it.effect("is answered, once for each nonce", () =>
    Effect.gen(function* () {
      const { server, state } = yield* digesting("Circle of Life")
      const calendar = yield* calendarOn(server, { username: "dr", password })
      const ref = yield* calendar.create(content("a"), timeZone)
      const before = server.asked.length
      yield* calendar.update(ref, { text: "x" }, timeZone)
      assert.strictEqual(server.asked.length, before + 2)
      assert.match(server.asked.at(-1)?.headers.authorization ?? "", /nc=0000000[2-9]/)
      state.nonce = "two"
      yield* calendar.read("/cal/a.ics", window)
      assert.strictEqual(server.asked.length, before + 4)
    }).pipe(Effect.scoped)
  )

  it.effect("with another password is Unauthorized, and not asked again and again", () =>
    Effect.gen(function* () {
      const { server } = yield* digesting("other")
      const calendar = yield* calendarOn(server, { username: "dr", password })
      for (const count of [2, 3]) {
        const error = yield* Effect.flip(summarised(calendar.list(window)))
        assert.strictEqual(error.reason, "Unauthorized")
        assert.strictEqual(server.asked.length, count)
      }
    }).pipe(Effect.scoped)
  )

  it("is answered as RFC 7616 has it in its example", () => {
    for (const [algorithm, response] of [
      ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
      ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"]
    ] as const) {
      const given = readChallenge(
        `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
          'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
      )
      const header = digestOf(given!, {
        username: "Mufasa",
        password: "Circle of Life",
        method: "GET",
        uri: "/dir/index.html",
        count: 1,
        clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
      })
      assert.include(header, `response="${response}"`)
      assert.include(header, 'username="Mufasa"')
    }
  })

  it("is not answered where Basic is taken too, or it wants what we do not know", () => {
    for (const header of [
      undefined,
      'Basic realm="x"',
      'Digest realm="x", nonce="y", Basic realm="z"',
      'Digest realm="x", nonce="y", qop="auth-int"',
      'Digest realm="x", nonce="y", algorithm=MD5-sess',
      'Digest realm="x"',
      "Negotiate"
    ]) {
      assert.isUndefined(readChallenge(header), header)
    }
    assert.strictEqual(readChallenge('Negotiate, Digest realm="a \\"b\\"", nonce=y')?.realm, 'a "b"')
  })
})
