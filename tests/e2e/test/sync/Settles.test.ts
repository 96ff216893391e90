/**
 * It settles (sync.md): two passes after the last edit nothing is written any more, and a pass without anything to do is
 * three requests: what changed of reservations, of blocked times, and of the calendar. With the change feed it is two.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { ics, kinds, localLine, movedTo } from "../../src/Practice.ts"
import { runOnce, startWorker, until } from "../../src/SyncWorker.ts"
import { at, type Facility, person, startWorld, term, type World } from "../../src/SyncWorld.ts"
import { differences } from "./Compare.ts"

let world: World
const running = kinds.filter(({ missing }) => missing === undefined).map(({ kind }) => kind)

beforeAll(async () => {
  world = await startWorld({
    facilities: running.flatMap((kind) => [
      { name: kind, kind },
      { name: `${kind}-feed`, kind, bookio: { extensions: true } }
    ])
  })
})
afterAll(() => world?.close())

const event = (uid: string, startMs: number, more: { readonly [name: string]: string } = {}) =>
  ics(uid, { DTSTART: localLine(startMs), DTEND: localLine(startMs + 3_600_000), SUMMARY: "Busy", ...more })

/** Whose event the doctor removes in the end, which cancels the reservation. */
const removed = new Set<string | undefined>()

/** What happened to a practice between two passes, one after the other. */
const edits: ReadonlyArray<(facility: Facility) => Promise<unknown>> = [
  async (facility) => {
    await facility.book(at(3, "08:00"))
    await facility.book(at(3, "10:00"))
    await facility.block(term(at(4, "10:00"), 60))
    await facility.practice.put("busy.ics", event("busy", at(5, "10:00")))
    const who = person()
    removed.add(who.email)
    const booked = {
      "X-BOOKIO-SERVICE": String(facility.services["visit-1"]),
      "X-BOOKIO-NAME": `${who.name} ${who.surname}`,
      "X-BOOKIO-EMAIL": who.email,
      "X-BOOKIO-PHONE": who.phone
    }
    await facility.practice.put("new.ics", event("new", at(6, "10:00"), booked))
  },
  async (facility) => {
    const [first, second] = (await facility.reservations()).toSorted((a, b) => a.id - b.id)
    await facility.move(first?.id as number, term(at(3, "14:00"), 45))
    const shown = facility.practice.events().find(({ mark }) => mark === `reservation/${facility.id}/${second?.id}`)
    if (shown === undefined) throw new Error("the second is not shown")
    await facility.practice.edit(shown, (old) => movedTo(old, term(at(3, "16:00"), 30)))
    await facility.practice.put("busy.ics", event("busy", at(5, "12:00")))
  },
  async (facility) => {
    const rows = (await facility.reservations()).toSorted((a, b) => a.id - b.id)
    await facility.setStatus(rows[0]?.id as number, "CANCELLED")
    await facility.practice.remove("busy.ics")
    await facility.practice.remove("new.ics")
    const staffs = (await facility.blockedTimes()).filter(({ externalId }) => externalId === undefined)
    for (const { id } of staffs) await facility.unblock(id)
  }
]

describe("each change of both sides", () => {
  it("is on the other after two passes, and the next one writes nothing", { timeout: 90_000 }, async () => {
    const facilities = running.flatMap((kind) => [world.facility(kind), world.facility(`${kind}-feed`)])
    for (const edit of edits) {
      for (const facility of facilities) await edit(facility)
      await runOnce(world.settings)
      await runOnce(world.settings)
      const unequal = await Promise.all(
        facilities.map((facility) =>
          differences(facility, ({ email, status }) => status === "CANCELLED" && removed.has(email))
        )
      )
      assert.deepStrictEqual(unequal.flat(), [])
      world.bookioRelay.requests.splice(0)
      world.davRelay?.requests.splice(0)
      const files = facilities.map(({ practice }) => [...practice.files()])
      for (const { counts } of await runOnce(world.settings)) assert.notProperty(counts, "writes")
      assert.deepStrictEqual([...world.bookioRelay.changes(), ...(world.davRelay?.changes() ?? [])], [])
      assert.deepStrictEqual(
        facilities.map(({ practice }) => [...practice.files()]),
        files
      )
    }
  })

  it("an ordinary pass is three requests, and two with the change feed", { timeout: 60_000 }, async () => {
    const worker = await startWorker(world.settings)
    const shapes = () => {
      const all = [...world.bookioRelay.requests, ...(world.davRelay?.requests ?? [])]
      return (name: string) => {
        const { id, practice } = world.facility(name)
        const own = all.flatMap(({ method, path }) =>
          path.includes(`facilityId=${id}&`) || path.endsWith(`facilityId=${id}`)
            ? [
                path
                  .replace(/^.*\/(ext|v1)\//, "")
                  .replace(/\?.*(lastSync)?.*/, path.includes("lastSync") ? " since" : "")
              ]
            : practice.kind === "radicale" && path.includes(`/${name}-1/`)
              ? [`${method} calendar`]
              : []
        )
        return own
      }
    }
    // The first pass of a process sweeps, and may list once more; every tenth sweeps again.
    const names = running.flatMap((kind) => [kind, `${kind}-feed`])
    const passed = async (number: number) =>
      (await Promise.all(names.map((name) => worker.passes(name)))).every((passes) => passes >= number)
    await until(() => passed(3), "three passes of each")
    world.bookioRelay.requests.splice(0)
    world.davRelay?.requests.splice(0)
    const before = await Promise.all(names.map((name) => worker.passes(name)))
    await until(() => passed(5), "five passes of each")
    await worker.stop()
    const of = shapes()
    for (const [index, name] of names.entries()) {
      const asked = of(name)
      const expected = name.endsWith("-feed") ? ["events"] : ["reservations since", "blocked-times since"]
      if (!name.startsWith("vdir")) expected.push("REPORT calendar")
      assert.sameMembers([...new Set(asked)], expected, `${name}, ${before[index]}`)
      for (const one of expected) {
        const number = asked.filter((found) => found === one).length
        // A pass can be cut by the moments that are looked at.
        assert.closeTo(number, asked.length / expected.length, 1, `${name}: ${one}`)
      }
    }
  })
})
