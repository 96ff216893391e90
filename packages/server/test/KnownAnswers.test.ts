import { Caller } from "@bookio-kit/core/access/Caller"
import { InvalidToken } from "@bookio-kit/core/error/Refusal"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import { ChannelId, FacilityId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import type { LocalDateTime } from "@bookio-kit/core/time/LocalDateTime"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type Asked, makeServer } from "./Support.ts"

const base = "/public/api/v1"

const tokens = {
  one: { channelId: ChannelId.make(1), access: "write" },
  again: { channelId: ChannelId.make(1), access: "write" },
  books: { channelId: ChannelId.make(1), access: "book" },
  other: { channelId: ChannelId.make(2), access: "write" }
} as const

type Token = keyof typeof tokens

const isToken = (text: string): text is Token => Object.hasOwn(tokens, text)

const facility: Facility = {
  id: FacilityId.make(1),
  name: "Clinic",
  address: { street: "", city: "Bratislava", postcode: "82104", postcodeIsNumber: true },
  contact: {},
  timeZone: "Europe/Bratislava" as TimeZone
}

const reservation: Reservation = {
  id: ReservationId.make(1),
  name: "Žofia Ďurišová",
  service: ServiceId.make(1),
  duration: 30,
  created: "2026-06-01T08:00:00" as LocalDateTime,
  dateFrom: "2026-06-02T08:00:00" as LocalDateTime,
  dateTo: "2026-06-02T08:30:00" as LocalDateTime,
  needsSync: true,
  facilityId: FacilityId.make(1),
  status: "CONFIRMED"
}

/** A backend whose answers tell all that they are of: who asked, what, and how often anything was committed. */
const makeWorld = Effect.fnUntraced(function* (isTraced = false) {
  const world = { commits: 0, revoked: new Set<string>(), isBusy: false, length: 0 }
  const knownCaller = (token: string) => (isToken(token) && !world.revoked.has(token) ? tokens[token] : undefined)
  const told = (query: object) =>
    Effect.map(
      Caller,
      ({ access, channelId }) =>
        `${channelId} ${access} ${JSON.stringify(query)} ${world.commits} ${"č".repeat(world.length)}`
    )
  const server = yield* makeServer({
    isTraced,
    freshness: { state: () => (world.isBusy ? undefined : world.commits), callerOf: knownCaller },
    authenticator: {
      authenticate: (token) => {
        const found = knownCaller(Redacted.value(token))
        return found === undefined ? Effect.fail(new InvalidToken({ reason: "invalid" })) : Effect.succeed(found)
      }
    },
    facilities: { list: Effect.map(told({}), (street) => [{ ...facility, address: { ...facility.address, street } }]) },
    reservations: {
      list: (query) =>
        Effect.map(told(query), (note) => ({
          pagination: { total: 1, offset: 0, limit: 100 },
          rows: [{ ...reservation, note }]
        }))
    }
  })
  /** What is known of a request: its headers and its body, as a listener would send them. */
  const known = ({ headers, method = "GET", path, token = "one" }: Asked) => {
    const answer = server.known.find({
      method,
      url: `${base}${path}`,
      headers: { authorization: `Bearer ${token}`, ...headers }
    })
    if (answer === undefined) return undefined
    const sent = server.known.give(answer, server.known.state())
    return sent === undefined ? undefined : { headers: sent, text: Buffer.from(answer.entry.body).toString() }
  }
  /** The same by the router and all. */
  const slow = (asked: Asked) =>
    Effect.gen(function* () {
      const response = yield* server.open({ token: "one", ...asked })
      const { body, headers, status } = response
      assert.strictEqual(body._tag, "Uint8Array")
      const bytes = body._tag === "Uint8Array" ? (body.text ?? body.body) : ""
      return { status, headers: Object.entries(headers).flat(), text: Buffer.from(bytes).toString() }
    })
  return { ...server, ways: server.known, world, known, slow }
})

const facilities = { path: "/facilities/cgm" }

describe("a known answer", () => {
  it.effect.prop(
    "MUST be byte for byte what the router answers, whoever asks whatever while anyone commits",
    { steps: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 499 }))) },
    ({ steps }) => follow(steps),
    { arbitrary: { runs: 60 } }
  )

  it.effect("MUST be given from the third time on that it is asked for, with the id that is asked for", () =>
    Effect.gen(function* () {
      const { entries, known, slow } = yield* makeWorld()
      assert.isUndefined(known(facilities))
      const first = yield* slow(facilities)
      assert.isUndefined(known(facilities))
      yield* slow(facilities)
      const found = known({ ...facilities, headers: { "x-request-id": "mine-1" } })
      assert.strictEqual(found?.text, first.text)
      assert.deepStrictEqual(found?.headers.slice(-2), ["x-request-id", "mine-1"])
      assert.match(known(facilities)?.headers.at(-1) ?? "", /^[0-9a-f-]{36}$/)
      assert.match(
        known({ ...facilities, headers: { "x-request-id": "a b@c" } })?.headers.at(-1) ?? "",
        /^[0-9a-f-]{36}$/
      )
      assert.lengthOf(entries, 5)
      const [routed, , given] = entries
      const { requestId: _, startedMs: __, ...line } = given!
      assert.deepInclude(routed, line)
      assert.deepInclude(given, { requestId: "mine-1", operation: "listFacilities", channelId: 1, status: 200 })
    })
  )

  it.effect.each([
    ["of another token that is not known", { token: "none" }],
    ["without a token", { headers: { authorization: undefined } }],
    ["by another scheme", { headers: { authorization: "Basic one" } }],
    ["that writes", { method: "POST" }],
    ["for its head", { method: "HEAD" }],
    ["with a body", { headers: { "content-length": "2" } }],
    ["with a body in pieces", { headers: { "transfer-encoding": "chunked" } }],
    ["for another language", { path: "/facilities/cgm?lang=sk" }],
    ["of another channel", { token: "other" }],
    ["of another access", { token: "books" }]
  ] as const)("MUST NOT be given to a request %s", ([, asked]) =>
    Effect.gen(function* () {
      const { known, slow } = yield* makeWorld()
      yield* slow(facilities)
      yield* slow(facilities)
      assert.isDefined(known({ ...facilities, token: "again" }))
      assert.isUndefined(known({ ...facilities, ...asked } as Asked))
    })
  )

  it.effect("MUST NOT be given once anything was committed, not even between its being found and given", () =>
    Effect.gen(function* () {
      const { known, slow, world } = yield* makeWorld()
      const server = yield* makeWorld()
      yield* slow(facilities)
      yield* slow(facilities)
      assert.isDefined(known(facilities))
      world.commits++
      assert.isUndefined(known(facilities))
      for (const _ of [1, 2]) yield* server.slow(facilities)
      const head = { method: "GET", url: `${base}/facilities/cgm`, headers: { authorization: "Bearer one" } }
      const found = server.ways.find(head)
      assert.isDefined(found)
      server.world.commits++
      for (const _ of [1, 2]) yield* server.slow(facilities)
      assert.isUndefined(server.ways.give(found!, server.ways.state()))
    })
  )

  it.effect("MUST NOT be made of an answer that was read before a commit", () =>
    Effect.gen(function* () {
      const { open, ways, world } = yield* makeWorld()
      const info = { requestId: "x", operation: "listFacilities", ...tokens.one, isLasting: true }
      const old = yield* open({ ...facilities, token: "one" })
      const before = ways.stateBefore("GET")
      world.commits++
      const now = yield* open({ ...facilities, token: "one" })
      for (const _ of [1, 2, 3]) ways.keep(before, `${base}/facilities/cgm`, info, old)
      const head = { method: "GET", url: `${base}/facilities/cgm`, headers: { authorization: "Bearer one" } }
      assert.isUndefined(ways.find(head))
      for (const _ of [1, 2]) ways.keep(ways.stateBefore("GET"), `${base}/facilities/cgm`, info, now)
      assert.isDefined(ways.find(head))
      ways.keep(before, `${base}/facilities/cgm`, info, old)
      assert.isDefined(ways.find(head))
    })
  )

  it.effect.each([
    ["an answer of the clock", "//ext/v1/slots?facilityId=1&serviceId=1&from=2026-01-01&to=2026-01-02"],
    ["what is no operation", "//openapi.json"],
    ["a refusal", "/reservations?limit=1000"],
    ["a path that does not exist", "/nothing"]
  ] as const)("MUST NOT be %s", ([, path]) =>
    Effect.gen(function* () {
      const { ask, ways } = yield* makeWorld()
      for (const _ of [1, 2, 3]) yield* ask({ path, token: "one" })
      const url = path.startsWith("//") ? path.slice(1) : `${base}${path}`
      assert.isUndefined(ways.find({ method: "GET", url, headers: { authorization: "Bearer one" } }))
    })
  )

  it.effect("MUST be forgotten before all of them take more than sixteen megabytes", () =>
    Effect.gen(function* () {
      const { known, slow, world } = yield* makeWorld()
      world.length = 200_000
      const paths = Array.from({ length: 60 }, (_, n) => ({ path: `/reservations?offset=${n}` }))
      for (const asked of paths) {
        yield* slow(asked)
        yield* slow(asked)
        assert.isDefined(known(asked))
      }
      const kept = paths.filter((asked) => known(asked) !== undefined).length
      assert.isAbove(kept, 0)
      assert.isAtMost(kept * 400_000, 16 * 1024 * 1024)
    })
  )

  it.effect("MUST NOT be of more than a megabyte, and none where each request is traced", () =>
    Effect.gen(function* () {
      const { known, slow, world } = yield* makeWorld()
      world.length = 600_000
      const traced = yield* makeWorld(true)
      for (const _ of [1, 2, 3]) {
        yield* slow(facilities)
        yield* traced.slow(facilities)
      }
      assert.isUndefined(known(facilities))
      assert.isUndefined(traced.known(facilities))
    })
  )
})

const askers = ["one", "again", "books", "other", "none"]
const paths = [
  "/facilities/cgm",
  "/facilities/cgm?lang=sk",
  "/facilities/cgm?lang=sk&lang=en",
  "/reservations",
  "/reservations?facilityId=1",
  "/reservations?facilityId=1&lastSync=5",
  "/reservations?limit=1000",
  "/nothing"
]
const happenings = ["commit", "revoke", "busy", "longer"]

/** Asks each question both ways, and again; one step in twelve changes something first. */
const follow = Effect.fnUntraced(function* (steps: ReadonlyArray<number>) {
  const { known, slow, world } = yield* makeWorld()
  for (const step of steps.flatMap((step) => [step, step % 40, step % 40])) {
    const happening = happenings[Math.floor(step / 40) - 8]
    if (happening === "busy") world.isBusy = !world.isBusy
    else if (happening !== undefined) world.commits++
    if (happening === "revoke") world.revoked.add("again")
    if (happening === "longer") world.length += 3_000
    const asked = {
      token: askers[step % 5]!,
      path: paths[Math.floor(step / 5) % 8]!,
      headers: { "x-request-id": "same" }
    }
    const found = known(asked)
    const { status, ...answer } = yield* slow(asked)
    if (found === undefined) continue
    assert.strictEqual(status, 200)
    assert.deepStrictEqual(found, answer)
  }
})
