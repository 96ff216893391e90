import { readdirSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { base, booking, clinic, idsOf, makeClient, seedOf, start } from "./Support.ts"

const seed = seedOf(clinic("Clinic", "Europe/Bratislava", [{ name: "Group", duration: 60, capacity: 1000 }]))

describe("sqlite::memory:", () => {
  it("MUST show each reader whole writes, and at once what was acknowledged", async () => {
    const proxy = await start({ seed, env: { BOOKIO_DATABASE: "sqlite::memory:" } })
    const client = makeClient(proxy.url)
    const ids = await idsOf(client)
    const facility = ids.facility("Clinic")
    const service = await ids.service("Clinic", "Group")
    const acknowledged = new Set<number>()
    const path = (n: number) => (n % 2 === 0 ? "/reservations" : "/blocked-times")
    const body = (n: number) =>
      n % 2 === 0
        ? booking(n, facility, service, "2030-05-06T10:00:00")
        : { dateFrom: "2031-05-06", dateTo: "2031-05-07", externalId: n, note: `${n}`, facilityId: facility }
    let writing = true
    let reads = 0
    const read = async () => {
      const reader = makeClient(proxy.url)
      while (writing) {
        const before = [...acknowledged]
        const reservations = await reader.all("/reservations", "reservations")
        const blockedTimes = await reader.all("/blocked-times", "blockedTimes")
        const seen = new Set([...reservations, ...blockedTimes].map(({ externalId }) => externalId))
        assert.deepStrictEqual(
          before.filter((n) => !seen.has(n)),
          []
        )
        for (const row of reservations) {
          assert.deepInclude(row, { note: `note ${row.externalId}`, needsSync: false, status: "CONFIRMED" })
        }
        reads += 1
      }
    }
    const readers = [read(), read(), read()]
    await Promise.all(
      Array.from({ length: 600 }, async (_, index) => {
        const n = index + 1
        const { result, text } = await client.send("POST", base + path(n), body(n))
        assert.isTrue(result.success, text)
        acknowledged.add(n)
      })
    )
    writing = false
    await Promise.all(readers)
    assert.isAbove(reads, 3)
    assert.strictEqual((await client.all("/reservations", "reservations")).length, 300)
    assert.strictEqual((await client.all("/blocked-times", "blockedTimes")).length, 300)
    assert.deepStrictEqual(readdirSync(proxy.folder), ["seed.json"], "nothing is on disk")
    assert.deepStrictEqual(await proxy.stop(), { code: 0, signal: null })
  })
})
