/** Requests that are answered before the router hears of them get what the router would have given. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect } from "effect"
import { KeyRing, keyRing } from "../src/Sessions.ts"
import { api, get, told } from "./FrontSupport.ts"
import { gatewayServer, logged, upstream } from "./Stack.ts"
import * as It from "./Support.ts"

const { one, two } = It

const table = It.keys(
  It.key("practice"),
  It.key("single", { facilities: new Set([two]) }),
  It.key("reader", { access: "read", facilities: new Set([one]) }),
  It.key("booker", { access: "book", facilities: new Set([one]) }),
  It.key("slow", { rate: { requestsPerSecond: 0.1, burst: 3 } })
)

const furnish = Effect.forEach(
  [1, 2, 3, 4, 5],
  (n) =>
    Effect.all([It.book(It.booking(n, one)), It.block(It.blocking(n, one)), It.book(It.booking(n + 10, two))]).pipe(
      It.past
    ),
  { discard: true }
)

/** One server with rows, behind a gateway that takes requests in front, and behind one that does not. */
const both = Effect.gen(function* () {
  const { services, url } = yield* upstream
  yield* Effect.provideContext(furnish, Context.add(services, It.Behind, services))
  return {
    services,
    fast: yield* gatewayServer(url, table),
    slow: yield* gatewayServer(url, table, {}, {}, false)
  }
})

/** One server with rows behind a gateway that takes requests in front, and the ids of a list that was relayed. */
const changed = Effect.gen(function* () {
  const { fast } = yield* both
  // Connects; what follows is relayed, and nobody else has seen a row.
  yield* get(fast.url, `${api}/facilities/cgm`, "practice")
  const changes = yield* get(fast.url, `${api}/reservations?facilityId=1&lastSync=0`, "practice")
  assert.strictEqual(fast.answered.length, 1)
  const rows: ReadonlyArray<{ readonly id: number }> = JSON.parse(changes.body).result.data.reservations
  return { fast, ids: rows.map(({ id }) => id) }
})

const cancel = (url: string, reservationId: number | undefined) =>
  Effect.promise(async () => {
    const { status } = await fetch(`${url}${api}/reservations/${reservationId}/status`, {
      method: "PUT",
      headers: { authorization: `Bearer ${It.tokenOf("practice")}`, "content-type": "application/json" },
      body: JSON.stringify({ status: "CANCELLED" })
    })
    assert.strictEqual(status, 200)
  })

const lists = ["/reservations", "/blocked-times"]
const queries = [
  "facilityId=1&lastSync=0",
  "facilityId=2&lastSync=0",
  "facilityId=3&lastSync=0",
  "facilityId=99&lastSync=0",
  "lastSync=0",
  "lastSync=0&limit=2&offset=1",
  "facilityId=1&lastSync=0&limit=2",
  "facilityId=1&lastSync=0&limit=0",
  "facilityId=1&lastSync=0&limit=101",
  "facilityId=1&lastSync=0&offset=1000",
  "facilityId=1&lastSync=x",
  "facilityId=1&lastSync=0&lang=sk",
  "facilityId=1&lastSync=9999999999999",
  "facilityId=1&onlyUnsynced=true",
  "facilityId=1&onlyUnsynced=false",
  "facilityId=1",
  "facilityId=2&limit=3",
  "limit=3",
  ""
]

describe("in front of the router", () => {
  it.live("each request is answered as behind it, first and again", () =>
    Effect.gen(function* () {
      const { fast, slow } = yield* both
      for (const name of ["practice", "single", "reader", "booker", "nobody"]) {
        for (const list of [...lists, "/calendars", "/facilities/cgm"]) {
          for (const query of lists.includes(list) ? queries : ["facilityId=1", "facilityId=3", ""]) {
            const path = `${api}${list}?${query}`
            const expected = told(yield* get(slow.url, path, name))
            for (const time of [1, 2, 3]) {
              assert.deepStrictEqual(told(yield* get(fast.url, path, name)), expected, `${name} ${path} ${time}`)
            }
          }
        }
      }
      assert.isAbove(fast.answered.length, 150)
      assert.isAbove(fast.relayed(), 80)
      assert.strictEqual(slow.answered.length, 0)
    }).pipe(Effect.scoped)
  )

  it.live("a key gets no other key's answers, and none after it was revoked", () =>
    Effect.gen(function* () {
      const { fast } = yield* both
      const path = `${api}/reservations?facilityId=1`
      for (const _ of [1, 2, 3]) assert.strictEqual((yield* get(fast.url, path, "practice")).status, 200)
      const before = fast.answered.length
      assert.isAbove(before, 0)
      for (const _ of [1, 2, 3]) assert.strictEqual((yield* get(fast.url, path, "single")).status, 403)
      for (const _ of [1, 2, 3]) assert.strictEqual((yield* get(fast.url, path, "booker")).status, 403)
      assert.strictEqual(fast.answered.length, before)
      const changes = `${path}&lastSync=0`
      assert.strictEqual((yield* get(fast.url, changes, "practice")).status, 200)
      // The same key reaches less now.
      Context.get(fast.services, KeyRing).replace(It.keys(It.key("practice", { facilities: new Set([two]) })))
      assert.strictEqual((yield* get(fast.url, path, "practice")).status, 403)
      assert.strictEqual((yield* get(fast.url, changes, "practice")).status, 403)
      Context.get(fast.services, KeyRing).replace(keyRing(It.keys(It.key("single"))).current())
      assert.strictEqual((yield* get(fast.url, path, "practice")).status, 401)
      assert.strictEqual((yield* get(fast.url, changes, "practice")).status, 401)
    }).pipe(Effect.scoped)
  )

  it.live("an id of a relayed list can be written to at once", () =>
    Effect.gen(function* () {
      const before = logged.length
      yield* Effect.scoped(Effect.flatMap(changed, ({ fast, ids }) => cancel(fast.url, ids[1])))
      // Each by the upstream, and those that were not relayed by the gateway: no other listing was read to find its facility.
      assert.deepStrictEqual(
        [
          ...(logged
            .slice(before)
            .join("")
            .match(/(?<="operation":")[^"]*/g) ?? [])
        ].sort(),
        ["changeReservationStatus", "changeReservationStatus", "listFacilities", "listFacilities", "listReservations"]
      )
    })
  )

  it.live("a write ends what is kept", () =>
    Effect.gen(function* () {
      const { fast, ids } = yield* changed
      const path = `${api}/reservations?facilityId=1`
      const has = (body: string) =>
        JSON.parse(body).result.data.reservations.find((row: { id: number }) => row.id === ids[0])
      yield* cancel(fast.url, ids[1])
      for (const _ of [1, 2, 3]) {
        assert.strictEqual(has((yield* get(fast.url, path, "practice")).body).status, "CONFIRMED")
      }
      assert.strictEqual(fast.answered.length, 3)
      yield* cancel(fast.url, ids[0])
      const cancelled = yield* get(fast.url, path, "practice")
      assert.strictEqual(has(cancelled.body).status, "CANCELLED")
      assert.strictEqual(cancelled.headers["x-cache"], "miss")
    }).pipe(Effect.scoped)
  )

  it.live("headers tell the cache, the rate and the request; a rate counts each request once", () =>
    Effect.gen(function* () {
      const { fast } = yield* both
      const changes = `${api}/reservations?facilityId=1&lastSync=0`
      // The first connects, and is served behind.
      for (const remaining of ["2", "1", "0"]) {
        const { headers, status } = yield* get(fast.url, changes, "slow", { "x-request-id": "mine" })
        assert.strictEqual(status, 200)
        assert.deepInclude(headers, {
          "x-cache": "bypass",
          age: "0",
          "x-request-id": "mine",
          "ratelimit-limit": "3",
          "ratelimit-remaining": remaining
        })
      }
      assert.isAbove(fast.answered.length, 0)
      const refused = yield* get(fast.url, changes, "slow")
      assert.strictEqual(refused.status, 429)
      assert.isString(refused.headers["retry-after"])
      const path = `${api}/facilities/cgm`
      const states: Array<string | undefined> = []
      for (const _ of [1, 2, 3]) states.push((yield* get(fast.url, path, "practice")).headers["x-cache"])
      assert.deepStrictEqual(states, ["miss", "hit", "hit"])
      assert.strictEqual(fast.answered.at(-1)?.operation, "listFacilities")
      const fresh = yield* get(fast.url, path, "practice", { "cache-control": "no-cache" })
      assert.strictEqual(fresh.headers["x-cache"], "bypass")
    }).pipe(Effect.scoped)
  )
})
