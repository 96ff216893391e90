/**
 * Bad weather (sync.md, calendars.md): what goes wrong is told once, with the facility's name; nothing is removed for it;
 * and the worker goes on by itself when it is over. All facilities are played side by side by one worker, for the trouble of
 * one is none of the others'.
 */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { notInstalled } from "@bookio-kit/radicale/Radicale"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { startRelay } from "../../src/Relay.ts"
import { runSync, startWorker, until, type WorkerProcess } from "../../src/SyncWorker.ts"
import { at, startWorld, type World } from "../../src/SyncWorld.ts"
import {
  busy,
  fill,
  furnish,
  green,
  hourMs,
  mount,
  red,
  type Scenario,
  untouched,
  withWorker,
  works
} from "./scenarios/Weather.ts"

const onFolders: ReadonlyArray<Scenario> = [
  {
    title: "a malformed file, one of 5 MB and one of an unknown zone are parked alone",
    facility: "malformed",
    play: async ({ facility, settings, worker }) => {
      await furnish(facility)
      const { put, remove } = facility.practice
      await put("broken.ics", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:brok")
      await put("huge.ics", busy("huge", at(6, "10:00"), `DESCRIPTION:${"x".repeat(5 * 1024 * 1024)}`))
      await put("mars.ics", busy("mars", at(6, "12:00")).replaceAll("Europe/Bratislava", "Mars/Olympus Mons"))
      await until(async () => (await worker.health("malformed")).parked === 3, "three are parked")
      assert.deepInclude(await worker.health("malformed"), { health: "yellow", outcome: "done" })
      const { stdout } = await runSync(settings, "parked", "--facility", "malformed")
      for (const file of ["broken.ics", "huge.ics", "mars.ics"]) assert.include(stdout, file)
      assert.match(stdout, /larger than 1048576 bytes/)
      await works(facility, at(5, "10:00"))
      await untouched(facility)
      for (const file of ["broken.ics", "huge.ics", "mars.ics"]) await remove(file)
      await green(worker, facility)
    }
  },
  {
    title: "an emptied folder is no removal",
    facility: "emptied",
    play: async ({ facility, worker }) => {
      await furnish(facility)
      const kept = facility.practice.files()
      for (const file of kept.keys()) rmSync(join(facility.practice.folder, file))
      await red(worker, facility, /is empty all of a sudden; nothing is removed for that/)
      await untouched(facility, 0)
      for (const [file, text] of kept) writeFileSync(join(facility.practice.folder, file), text)
      await green(worker, facility)
      await works(facility, at(5, "10:00"))
      await untouched(facility)
    }
  },
  {
    title: "a folder that is not mounted is no removal",
    facility: "unmounted",
    play: async ({ facility, worker }) => {
      await furnish(facility)
      const { folder } = facility.practice
      renameSync(folder, `${folder}.away`)
      mkdirSync(folder)
      await red(worker, facility, /CalendarNotFound/)
      assert.deepStrictEqual(readdirSync(folder), [])
      await untouched({ ...facility, practice: { ...facility.practice, files: () => new Map() } }, 0)
      rmSync(folder, { recursive: true })
      renameSync(`${folder}.away`, folder)
      await green(worker, facility)
      await works(facility, at(5, "10:00"))
      await untouched(facility)
    }
  },
  {
    title: "more removals than the budget stop and ask; resume goes on",
    facility: "budget",
    play: async ({ facility, settings, worker }) => {
      await furnish(facility)
      for (const file of ["busy-1.ics", "busy-2.ics"]) await facility.practice.remove(file)
      await red(worker, facility, /deletion-budget: practice would take away 2 of 4 in 24 hours; 1 or 10 % are allowed/)
      assert.isNotEmpty(await facility.blockedTimes())
      const { code, stdout } = await runSync(settings, "status", "--facility", "budget")
      assert.strictEqual(code, 3)
      assert.match(stdout, /stands still: deletion-budget[\s\S]*bookio-sync resume --facility "budget"/)
      // A pass may be under way: it holds the facility for its moment.
      await until(async () => (await runSync(settings, "resume", "--facility", "budget")).code === 0, "it goes on")
      await until(async () => (await facility.blockedTimes()).length === 0, "the second is removed too")
      await green(worker, facility)
    }
  },
  {
    title: "a server whose clock is an hour fast is no trouble; one whose clock went back stops and asks",
    facility: "clock",
    play: async ({ facility, world }) => {
      const relay = await startRelay(world.proxy().url)
      relay.setClock(hourMs)
      const settings = world.settingsOf("clock", { bookio: { baseUrl: `${relay.url}/public/api/v1` } })
      await withWorker(settings, async (worker) => {
        await furnish(facility)
        await green(worker, facility)
        relay.setClock(0)
        await red(worker, facility, /restored-server: its clock went back by 3[56]\d{5} milliseconds/)
        await untouched(facility)
        await until(async () => (await runSync(settings, "resume")).code === 0, "it goes on")
        await green(worker, facility)
        await works(facility, at(5, "10:00"))
        await untouched(facility)
      })
      relay.close()
    }
  },
  {
    title: "a journal that is locked by another program",
    facility: "locked",
    play: async ({ facility, world }) => {
      const journal = join(world.folder, "locked.db")
      await withWorker(world.settingsOf("locked", { file: { journal } }), async (worker) => {
        await furnish(facility)
        const other = new DatabaseSync(journal, { timeout: 5000 })
        other.exec("BEGIN IMMEDIATE")
        await red(worker, facility, /journal: Locked/)
        await untouched(facility)
        other.exec("ROLLBACK")
        other.close()
        await green(worker, facility)
        await works(facility, at(5, "10:00"))
        await untouched(facility)
      })
    }
  },
  {
    title: "a token that is revoked, and is good again",
    facility: "token",
    play: async ({ facility, world }) => {
      const { env, file } = world.settingsOf("token")
      const token = "sync-2"
      const database = new DatabaseSync(join(world.folder, "bookio.db"), { timeout: 5000 })
      const revoke = database.prepare("UPDATE token SET revoked_ms = ? WHERE sha256 = ?")
      const digest = createHash("sha256").update(token).digest()
      await withWorker({ file, env: { ...env, SYNC_TOKEN: token } }, async (worker) => {
        await furnish(facility)
        assert.strictEqual(Number(revoke.run(Date.now(), digest).changes), 1)
        // The proxy is another process than this one: there a revocation holds from the next second.
        await until(() => world.isRefused(token), "the proxy does not know the token any more")
        await facility.practice.put("busy-3.ics", busy("busy-3", at(6, "14:00")))
        await red(worker, facility, /Bookio: InvalidToken: its token is unknown, expired or revoked/)
        await untouched(facility)
        revoke.run(null, digest)
        await green(worker, facility)
        await until(async () => (await facility.blockedTimes()).length === 3, "what came meanwhile is blocked")
        await works(facility, at(5, "10:00"))
        assert.notInclude(worker.stdout() + worker.stderr(), token)
      })
      database.close()
    }
  },
  {
    title: "a proxy that is stopped and started again",
    // With a proxy of its own. A pass tries again for a minute before it gives up.
    facility: "stopped",
    play: async () => {
      const world = await startWorld({ facilities: [{ name: "stopped", kind: "vdir" }] })
      const facility = world.facility("stopped")
      const { url } = world.proxy()
      const settings = world.settingsOf("stopped", { bookio: { baseUrl: `${url}/public/api/v1` } })
      try {
        await withWorker(settings, async (worker) => {
          await furnish(facility)
          await world.proxy().stop()
          await facility.practice.put("busy-3.ics", busy("busy-3", at(6, "14:00")))
          await red(worker, facility, /Bookio: Unreachable/, 90_000)
          await world.restartProxy()
          await green(worker, facility)
          await until(async () => (await facility.blockedTimes()).length === 3, "what came meanwhile is blocked")
          await works(facility, at(5, "10:00"))
        })
      } finally {
        await world.close()
      }
    }
  }
]

const onDisks: ReadonlyArray<Scenario> = [
  {
    title: "a calendar's disk that is full",
    facility: "full",
    play: async ({ facility, world }) => {
      const { folder } = facility.practice
      await withWorker(world.settingsOf("full"), async (worker) => {
        await furnish(facility)
        fill(folder)
        const id = await facility.book(at(5, "10:00"))
        await red(worker, facility, /Full: the calendar folder .*: its disk is full; make space/)
        assert.isTrue((await facility.row(id)).needsSync)
        await untouched(facility)
        rmSync(join(folder, "filler"))
        await green(worker, facility)
        await works(facility, at(6, "10:00"))
        await untouched(facility, 6)
      })
    }
  },
  {
    title: "a journal's disk that is full",
    facility: "journal",
    play: async ({ facility, world }) => {
      const folder = diskOf(world)
      const journal = join(folder, "sync.db")
      await withWorker(world.settingsOf("journal", { file: { journal } }), async (worker) => {
        await furnish(facility)
        fill(folder)
        const id = await facility.book(at(5, "10:00"))
        await red(worker, facility, /journal: Full: its disk is full; make space/)
        assert.isTrue((await facility.row(id)).needsSync)
        await untouched(facility)
        rmSync(join(folder, "filler"))
        await green(worker, facility)
        await until(async () => (await facility.row(id)).needsSync === false, "what came meanwhile is confirmed")
        assert.lengthOf(facility.eventsOn(at(5, "10:00")), 1)
        await works(facility, at(6, "10:00"))
        await untouched(facility, 6)
      })
    }
  }
]

/** Of the journal that gets full. */
const diskOf = (world: World): string => join(world.folder, "disk")

const parkedAlone = "an object of 5 MB and a malformed one are parked alone"

const onServers: ReadonlyArray<Scenario> = [
  {
    title: parkedAlone,
    facility: "huge",
    play: async ({ facility, settings, worker }) => {
      await furnish(facility)
      const { folder, put, remove } = facility.practice
      await put("huge.ics", busy("huge", at(6, "10:00"), `DESCRIPTION:${"x".repeat(5 * 1024 * 1024)}`))
      await put("mars.ics", busy("mars", at(6, "12:00")).replaceAll("Europe/Bratislava", "Mars/Olympus Mons"))
      await facility.practice.put("busy-3.ics", busy("busy-3", at(6, "14:00")))
      await until(async () => (await worker.health("huge")).parked === 2, "both are parked")
      assert.deepInclude(await worker.health("huge"), { health: "yellow", outcome: "done" })
      await until(async () => (await facility.blockedTimes()).length === 3, "the one beside them is blocked")
      const { stdout } = await runSync(settings, "parked", "--facility", "huge")
      for (const file of ["huge.ics", "mars.ics"]) assert.include(stdout, file)
      assert.match(stdout, /larger than 1048576 bytes/)
      await works(facility, at(5, "10:00"))
      for (const file of ["huge.ics", "mars.ics"]) {
        assert.isTrue(readdirSync(folder).includes(file))
        await remove(file)
      }
      await green(worker, facility)
      for (const { status } of await facility.reservations()) assert.strictEqual(status, "CONFIRMED")
    }
  },
  {
    title: "a password that expired, a calendar that vanished, a server that is stopped, a token that is lost",
    facility: "dav",
    play: async ({ facility, worker, world }) => {
      const radicale = world.radicale as NonNullable<World["radicale"]>
      const { folder } = facility.practice
      await furnish(facility)
      // They have one server, which is about to fail.
      await Promise.allSettled([played.get(parkedAlone)])

      radicale.setPassword("another one")
      await red(worker, facility, /Unauthorized: .*check the user name and the \(app\) password/)
      radicale.setPassword(radicale.password)
      await green(worker, facility)
      await untouched(facility)

      renameSync(folder, `${folder}-away`)
      await red(worker, facility, /CalendarNotFound: .*there is no calendar there/)
      await untouched({ ...facility, practice: { ...facility.practice, files: () => new Map() } }, 0)
      renameSync(`${folder}-away`, folder)
      await green(worker, facility)
      await untouched(facility)

      await radicale.halt()
      await red(worker, facility, /Unreachable/)
      await radicale.resume()
      await green(worker, facility)
      await works(facility, at(5, "10:00"))

      // With the tokens, what was removed is known to nobody but to who compares.
      const [removed] = facility.practice.events().filter(({ uid }) => uid === "busy-2")
      rmSync(join(folder, ".Radicale.cache"), { recursive: true })
      rmSync(join(folder, removed?.file ?? ""))
      await until(async () => (await facility.blockedTimes()).length === 1, "the removal is found by comparing, twice")
      assert.strictEqual((await worker.health("dav")).health, "green")
      for (const row of await facility.reservations()) assert.strictEqual(row.status, "CONFIRMED")
    }
  }
]

const isMounted = new Set<string>()
const hasDav = notInstalled === undefined
let world: World
let worker: WorkerProcess
const played = new Map<string, Promise<void>>()

beforeAll(async () => {
  const folders = onFolders.map(({ facility }) => facility)
  world = await startWorld({
    facilities: [
      ...folders.map((name) => ({
        name,
        kind: "vdir" as const,
        ...(name === "budget" ? { settings: { deletionBudget: { count: 1, percent: 10 } } } : {})
      })),
      { name: "full", kind: "vdir" as const },
      { name: "journal", kind: "vdir" as const },
      ...(hasDav ? ["dav", "huge"].map((name) => ({ name, kind: "radicale" as const })) : [])
    ]
  })
  const { folder } = world.facility("full").practice
  if (mount(folder, "512k")) isMounted.add(folder)
  mkdirSync(diskOf(world))
  if (mount(diskOf(world), "8m")) isMounted.add(diskOf(world))
  // Those with a worker of their own are left out of this one.
  const shared = ["malformed", "emptied", "unmounted", "budget", ...(hasDav ? ["dav", "huge"] : [])]
  const settings = world.settingsOf(shared)
  worker = await startWorker(settings)
  for (const { facility, play, title } of [
    ...(hasDav ? onServers : []),
    ...(isMounted.size === onDisks.length ? onDisks : []),
    ...onFolders
  ]) {
    const playing = play({ world, worker, settings, facility: world.facility(facility) })
    playing.catch(() => {})
    played.set(title, playing)
  }
})

afterAll(async () => {
  await Promise.allSettled(played.values())
  await worker?.kill()
  for (const folder of isMounted) spawnSync("umount", ["-l", folder])
  await world?.close()
})

const play = (scenarios: ReadonlyArray<Scenario>) => () => {
  for (const { title } of scenarios) it(title, { timeout: 120_000 }, () => played.get(title))
}

describe("a folder", play(onFolders))

describe("a disk", () => {
  for (const { title } of onDisks) {
    it(title, { timeout: 120_000 }, async (context) => {
      context.skip(isMounted.size < onDisks.length, "only root can mount a small disk: sudo")
      await played.get(title)
    })
  }
})

describe.skipIf(notInstalled !== undefined)(
  notInstalled === undefined ? "a CalDAV server" : `a CalDAV server (${notInstalled})`,
  play(onServers)
)
