/**
 * What flows (sync.md), between a real proxy and real calendars, by one `bookio-sync run`: a folder of .ics files, and
 * Debian's Radicale. All scenarios of a kind run at the same time, each on days of its own, as a practice's edits do.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { kinds } from "../../src/Practice.ts"
import { runOnce, startWorker, type WorkerProcess } from "../../src/SyncWorker.ts"
import { startWorld, type World } from "../../src/SyncWorld.ts"
import { differences } from "./Compare.ts"
import { bookings } from "./scenarios/Bookings.ts"
import { busyTimes } from "./scenarios/BusyTimes.ts"
import { choices } from "./scenarios/Choices.ts"
import { reservations } from "./scenarios/Reservations.ts"
import type { Scenario } from "./scenarios/Scene.ts"

const scenarios: ReadonlyArray<Scenario> = [...reservations, ...busyTimes, ...bookings, ...choices]

const running = kinds.filter(({ missing }) => missing === undefined).map(({ kind }) => kind)
const nameOf = (kind: string, of: Scenario["of"]) => `${kind}-${of}`

let world: World
let worker: WorkerProcess
const played = new Map<string, Promise<unknown>>()
const failed = new Set<string>()

beforeAll(async () => {
  world = await startWorld({
    facilities: running.flatMap((kind) => {
      // Half of them go without the change feed, as against a Bookio that is not ours.
      const bookio = kind === "radicale" ? { extensions: true } : {}
      return [
        {
          name: nameOf(kind, "plain"),
          kind,
          bookio,
          calendar: (_: number, services: { readonly [name: string]: number }) => ({
            services: [{ title: "prehliadka", serviceId: services["visit-1"] }]
          })
        },
        {
          name: nameOf(kind, "open"),
          kind,
          bookio,
          settings: { details: "none", notes: true, language: "sk", onRefusal: "put-back", onDelete: "restore" }
        },
        {
          name: nameOf(kind, "pair"),
          kind,
          bookio,
          doctors: 2,
          calendar: (doctor: number, services: { readonly [name: string]: number }) =>
            doctor === 1
              ? {
                  busy: "hold",
                  hold: {
                    serviceId: services["hold-1"],
                    name: "Obsadene",
                    surname: "Ordinacia",
                    email: "hold@practice.example",
                    phone: "+421911222333"
                  }
                }
              : {}
        }
      ]
    })
  })
  worker = await startWorker(world.settings)
  // All at the same time: each test below waits for its own.
  for (const kind of running) {
    for (const { of, play, title } of scenarios) {
      const playing = play({ world, worker, facility: world.facility(nameOf(kind, of)) })
      playing.catch(() => failed.add(`${kind} ${title}`))
      played.set(`${kind} ${title}`, playing)
    }
  }
})

afterAll(async () => {
  await worker?.kill()
  await world?.close()
})

for (const { kind, missing } of kinds) {
  const title = missing === undefined ? kind : `${kind} (${missing})`
  describe.skipIf(missing !== undefined)(title, () => {
    for (const scenario of scenarios)
      it(scenario.title, { timeout: 90_000 }, () => played.get(`${kind} ${scenario.title}`))
  })
}

describe("when all of it is over", () => {
  it("the sides are equal, and further passes write nothing", { timeout: 90_000 }, async () => {
    await Promise.allSettled(played.values())
    assert.deepStrictEqual([...failed], [])
    await worker.stop()
    await runOnce(world.settings)
    world.bookioRelay.requests.splice(0)
    world.davRelay?.requests.splice(0)
    const names = running.flatMap((kind) => ["plain", "open", "pair"].map((of) => nameOf(kind, of as Scenario["of"])))
    const files = () => names.map((name) => world.facility(name).practices.map((practice) => [...practice.files()]))
    const before = files()
    const passes = await runOnce(world.settings)
    for (const { counts, facility } of passes) assert.notProperty(counts, "writes", facility)
    await runOnce(world.settings, "--full")
    assert.deepStrictEqual([...world.bookioRelay.changes(), ...(world.davRelay?.changes() ?? [])], [])
    assert.deepStrictEqual(files(), before)
    for (const kind of running) {
      assert.deepStrictEqual(await differences(world.facility(nameOf(kind, "open")), () => false), [])
    }
  })

  it("no calendar shows anything of a patient", () => {
    for (const kind of running) {
      for (const of of ["plain", "open", "pair"] as const) {
        const facility = world.facility(nameOf(kind, of))
        for (const { files } of facility.practices) {
          for (const [file, content] of files()) {
            // What the doctor wrote is the doctor's.
            if (/^(new|invited|silent|wish|asked|maybe|declined|accepted)\.ics$/.test(file)) continue
            assert.notMatch(content, /Jana\d|Adamcova|patients\.example|42190/i, `${facility.name} ${file}`)
          }
        }
      }
    }
  })

  it("Bookio shows nothing of the calendars' texts where settings do not allow it", async () => {
    for (const kind of running) {
      for (const of of ["plain", "pair"] as const) {
        const facility = world.facility(nameOf(kind, of))
        const rows = JSON.stringify([await facility.reservations(), await facility.blockedTimes()])
        assert.notMatch(rows, /Zubny|Dovolenka|Kongres|Porada|prehliadka/i)
      }
    }
  })
})
