/** What is taken for a plain listing is one of the contract, and means what the contract says. */
import { BookioApi, basePath } from "@bookio-kit/core/api/BookioApi"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { readPlainList } from "../src/PlainList.ts"

const { listReservations } = BookioApi.groups.reservations.endpoints
const { listBlockedTimes } = BookioApi.groups.blockedTimes.endpoints

const lists = {
  "/reservations": { operation: "listReservations", query: listReservations.query },
  "/blocked-times": { operation: "listBlockedTimes", query: listBlockedTimes.query }
} as const

const names = ["facilityId", "offset", "limit", "lastSync", "onlyUnsynced", "lang", "email", "from", "x"]
const values = [
  "0",
  "1",
  "7",
  "100",
  "101",
  "007",
  "-1",
  "1.5",
  "1e3",
  "",
  "true",
  "false",
  "en",
  "sk",
  "xx",
  "%31",
  "+1"
]
const pairs = names.flatMap((name) => values.map((value) => [name, value] as const))

describe("readPlainList", () => {
  it("takes no request that the contract would refuse, and reads it as the contract does", () => {
    let taken = 0
    for (const path of ["/reservations", "/blocked-times"] as const) {
      const schema = lists[path].query as unknown as Schema.Codec<{ readonly [name: string]: unknown }, unknown>
      const decode = Schema.decodeUnknownSync(schema)
      for (const given of [...pairs.map((one) => [one]), ...pairs.flatMap((one) => pairs.map((two) => [one, two]))]) {
        const query = given.map(([name, value]) => `${name}=${value}`).join("&")
        const list = readPlainList(`${basePath}${path}?${query}`)
        if (list === undefined) continue
        taken += 1
        const members = Object.fromEntries(new URLSearchParams(query))
        assert.strictEqual(Object.keys(members).length, given.length)
        const decoded = decode(members)
        assert.strictEqual(list.operation, lists[path].operation)
        assert.strictEqual(list.facilityId, decoded.facilityId)
        assert.strictEqual(list.isOfChanges, "lastSync" in decoded || "onlyUnsynced" in decoded)
        assert.strictEqual(list.hasLanguage, "lang" in decoded)
        assert.strictEqual(list.query, query)
        // Nothing that the contract does not know is sent on.
        for (const name of Object.keys(members)) assert.property(decoded, name)
      }
    }
    assert.isAbove(taken, 200)
  })

  it("leaves whatever is written in any other way", () => {
    for (const target of [
      "/reservations",
      "/reservations?",
      "/reservations?facilityId=1&facilityId=1",
      "/reservations?facilityId=1&",
      "/reservations?facilityId=%31",
      "/reservations?facilityId=9007199254740993",
      "/reservations?facilityid=1",
      "/reservations?lastSync=1#x",
      "/reservations/?lastSync=1",
      "//reservations?lastSync=1",
      "/reservations/1?lastSync=1",
      "/Reservations?lastSync=1",
      "/blocked-times?onlyUnsynced=true",
      "/reservations?constructor=1",
      "/calendars?facilityId=1",
      "/reservations?lang=xx&lastSync=1"
    ]) {
      assert.isUndefined(readPlainList(`${basePath}${target}`), target)
    }
  })
})
