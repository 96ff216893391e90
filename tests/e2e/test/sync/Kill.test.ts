/**
 * `kill -9` of the worker at random moments while both sides change (sync.md, "How it is tested"): in the end both sides
 * are equal, nothing is lost and nothing is there twice. Several practices are played side by side, each with a worker of
 * its own, for a worker that was killed in a write waits ten seconds for what may come late of it. What it found is told
 * step by step in apps/sync-worker/test/Killed.test.ts.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { type Kind, kinds } from "../../src/Practice.ts"
import { type Relay, startRelay } from "../../src/Relay.ts"
import { endWorkers, runOnce, runSync, type Settings, startWorker, until } from "../../src/SyncWorker.ts"
import { startWorld, type World } from "../../src/SyncWorld.ts"
import { differences } from "./Compare.ts"
import { dice, makeEdits } from "./Edits.ts"

const killsOfEach = 5
const lanes = kinds
  .filter(({ missing }) => missing === undefined)
  .flatMap(({ kind }) => [1, 2, 3].map((number) => ({ kind, number, name: `${kind}-${number}` })))

const waited = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

interface Lane {
  readonly edits: number
  /** How often the kill came while a worker had sent something that changes Bookio. */
  readonly busyKills: number
  readonly passes: number
  readonly lost: ReadonlyArray<string>
  readonly differences: ReadonlyArray<string>
  readonly writesAfter: ReadonlyArray<unknown>
}

interface Told {
  readonly record: string
  readonly state: string
}

const play = async (world: World, name: string, seed: number): Promise<Lane> => {
  const facility = world.facility(name)
  const relay: Relay = await startRelay(world.proxy().url)
  const settings: Settings = world.settingsOf(name, {
    bookio: { baseUrl: `${relay.url}/public/api/v1`, extensions: seed % 2 === 0 }
  })
  const edits = makeEdits(facility, seed)
  const random = dice(seed * 7)
  let isOver = false
  const editing = (async () => {
    while (!isOver) {
      await edits.step()
      await waited(300 + random(500))
    }
  })()
  let busyKills = 0
  try {
    for (let kill = 0; kill < killsOfEach; kill++) {
      const worker = await startWorker(settings)
      const before = relay.changes().length
      // Some at once; most when it has begun to write, or waits for what the last one left open.
      const wanted = random(5) === 0 ? 0 : 1 + random(6)
      await until(() => relay.changes().length >= before + wanted, `${name} writes`, 60_000)
      await waited(random(400))
      if (relay.changes().length > before) busyKills += 1
      assert.strictEqual((await worker.kill()).signal, "SIGKILL")
    }
  } finally {
    isOver = true
    await editing
  }
  // What waits for someone to decide is told, and may differ until then.
  const open = async () => {
    const conflicts = JSON.parse((await runSync(settings, "conflicts", "--json")).stdout) as ReadonlyArray<Told>
    return conflicts.flatMap(({ record, state }) => (state === "open" ? [`${record} `] : []))
  }
  const unequal = async () => {
    const found = await differences(facility, edits.mayLackEvent)
    if (found.length === 0) return found
    const told = await open()
    return found.filter((one) => !told.some((record) => one.startsWith(record)))
  }
  let passes = 0
  let found: ReadonlyArray<string> = []
  do {
    await runOnce(settings)
    passes += 1
    found = await unequal()
  } while (found.length > 0 && passes < 6)
  relay.requests.splice(0)
  const counted = await runOnce(settings, "--full")
  relay.close()
  return {
    edits: edits.made(),
    busyKills,
    passes,
    lost: await edits.lost(),
    differences: found,
    writesAfter: [...relay.changes(), ...counted.flatMap(({ counts }) => counts.writes ?? [])]
  }
}

let world: World
const played = new Map<string, Promise<Lane>>()

beforeAll(async () => {
  world = await startWorld({ facilities: lanes.map(({ kind, name }) => ({ name, kind })) })
  for (const [index, { name }] of lanes.entries()) {
    const playing = play(world, name, 20_261_122 + index)
    playing.catch(() => {})
    played.set(name, playing)
  }
})

afterAll(async () => {
  endWorkers()
  await world?.close()
})

const judge = (kind: Kind) => async () => {
  for (const { name } of lanes.filter((lane) => lane.kind === kind)) {
    const lane = await (played.get(name) as Promise<Lane>)
    const told = `${name}: ${lane.edits} edits, ${lane.passes} passes`
    assert.deepStrictEqual(lane.differences, [], told)
    assert.deepStrictEqual(lane.lost, [], told)
    assert.deepStrictEqual(lane.writesAfter, [], told)
    // Otherwise this proved nothing.
    assert.isAbove(lane.busyKills, 0, told)
    assert.isAbove(lane.edits, 20, told)
  }
}

for (const { kind, missing } of kinds) {
  describe.skipIf(missing !== undefined)(missing === undefined ? kind : `${kind} (${missing})`, () => {
    it("is equal on both sides after fifteen kills, with nothing lost or twice", { timeout: 400_000 }, judge(kind))
  })
}
