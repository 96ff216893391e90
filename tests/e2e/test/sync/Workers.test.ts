/**
 * Two workers on one journal (sync.md, "Many facilities"): a facility is one worker's at a time, and one that was killed is
 * replaced by another after the lease, the longest request and what may come late of it.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { startRelay } from "../../src/Relay.ts"
import { endWorkers, runSync, startWorker, until } from "../../src/SyncWorker.ts"
import { at, startWorld, type World } from "../../src/SyncWorld.ts"

const leaseMs = 30_000
// The longest request and what may come late: ten seconds each.
const graceMs = 20_000

let world: World
beforeAll(async () => {
  world = await startWorld({ facilities: ["clinic", "again"].map((name) => ({ name, kind: "vdir" as const })) })
})
afterAll(async () => {
  endWorkers()
  await world?.close()
})

describe("two workers on one journal", () => {
  it("keep apart, and one takes over when the other was killed in a write", { timeout: 180_000 }, async () => {
    const facility = world.facility("clinic")
    const relay = await startRelay(world.proxy().url)
    const file = { journal: "../two.db", lease: "30 seconds" }
    const settings = (url: string) =>
      world.settingsOf("clinic", { file, bookio: { baseUrl: `${url}/public/api/v1`, identity: "clinic" } })
    const first = await startWorker(settings(relay.url))
    await until(async () => (await first.passes("clinic")) > 0, "the first works")
    const held = relay.hold(({ method }) => method === "PUT")
    const id = await facility.book(at(3, "10:00"))
    await held
    // It is in a pass: the confirmation is on its way.
    const beforeMs = Date.now()
    const second = await startWorker(settings(world.proxy().url))
    const others = /another worker synchronises this facility/
    await until(async () => others.test((await second.health("clinic")).outcome), "the second keeps away")
    assert.deepInclude(await second.health("clinic"), { health: "red", status: 503 })
    const told = second
      .stderr()
      .split("\n")
      .filter((line) => others.test(line))
    assert.lengthOf(told, 1)
    assert.include(told[0], '"clinic: ')
    const once = await runSync(settings(world.proxy().url), "once")
    assert.strictEqual(once.code, 1)
    assert.match(once.stdout, others)

    await first.kill()
    relay.close()
    assert.isTrue((await facility.row(id)).needsSync)
    await until(async () => (await facility.row(id)).needsSync === false, "the second takes over", 90_000)
    // The first renewed its lease for the write at the latest.
    assert.isAtLeast(Date.now() - beforeMs, leaseMs + graceMs - 2_000)
    await until(async () => (await second.health("clinic")).health === "green", "the second is well")
    assert.lengthOf(facility.eventsOn(at(3, "10:00")), 1)
    await second.kill()
  })

  it("one that is started again in the place of the killed one goes on at once", { timeout: 60_000 }, async () => {
    const facility = world.facility("again")
    await facility.book(at(3, "10:00"))
    const relay = await startRelay(world.proxy().url)
    // With the lease of 60 seconds, another would wait for 80.
    const settings = world.settingsOf("again", {
      file: { journal: "../again.db" },
      bookio: { baseUrl: `${relay.url}/public/api/v1`, identity: "again" }
    })
    const first = await startWorker(settings)
    const held = relay.hold(({ method }) => method === "GET")
    await held
    await first.kill()
    relay.release()
    const again = await startWorker(settings)
    await until(async () => (await again.passes("again")) > 0, "it works", 40_000)
    assert.strictEqual(await again.passes("again", "failed"), 0)
    assert.lengthOf(facility.eventsOn(at(3, "10:00")), 1)
    await again.kill()
    relay.close()
  })
})
