/** Each command of `bookio-sync` as a process: what it writes for people and for programs, and how it ends. */

import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { ics, localLine, movedTo } from "../../src/Practice.ts"
import { type Finished, runSync, type Settings, writeSettings } from "../../src/SyncWorker.ts"
import { at, type Facility, startWorld, term, type World } from "../../src/SyncWorld.ts"

let world: World
let facility: Facility
let settings: Settings
let reservation: number

const sync = (...args: ReadonlyArray<string>): Promise<Finished> => runSync(settings, ...args)

/** Runs a command that must end well, as JSON. */
const json = async <A>(...args: ReadonlyArray<string>): Promise<A> => {
  const { code, stderr, stdout } = await sync(...args, "--json")
  assert.strictEqual(code, 0, stderr)
  return JSON.parse(stdout) as A
}

beforeAll(async () => {
  world = await startWorld({
    facilities: [
      { name: "Ordinacia", kind: "vdir" },
      { name: "Ambulancia", kind: "vdir" }
    ]
  })
  facility = world.facility("Ordinacia")
  settings = world.settings
  reservation = await facility.book(at(3, "10:00"))
  await facility.book(at(3, "12:00"))
})
afterAll(() => world?.close())

// Each goes on where the one before ended.
describe("commands", { timeout: 60_000 }, () => {
  it("plan shows what a pass would do, and does nothing", async () => {
    const { code, stdout } = await sync("plan")
    assert.strictEqual(code, 0)
    assert.match(stdout, /^Ordinacia: \d+ to write$/m)
    assert.match(
      stdout,
      /^ {2}Doctor 1: create event [0-9a-f-]{36} \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ to \S+Z CONFIRMED$/m
    )
    assert.match(stdout, /^Ambulancia: 0 to write$/m)
    assert.lengthOf(facility.practice.events(), 0)
    assert.isTrue((await facility.row(reservation)).needsSync)
  })

  it("once makes a pass", async () => {
    const { code, stdout } = await sync("once")
    assert.strictEqual(code, 0)
    assert.match(stdout, /^Ordinacia: done, .*2 created, 2 confirmed/m)
    assert.match(stdout, /^Ambulancia: done/m)
    assert.lengthOf(facility.practice.events(), 2)
    type Pass = { readonly facility: string; readonly outcome: string; readonly isDone: boolean }
    const again = await json<ReadonlyArray<Pass>>("once")
    assert.deepStrictEqual(
      again.map(({ facility, isDone, outcome }) => ({ facility, isDone, outcome })),
      ["Ordinacia", "Ambulancia"].map((facility) => ({ facility, isDone: true, outcome: "done" }))
    )
  })

  it("status tells how each facility stands", async () => {
    const { code, stdout } = await sync("status")
    assert.strictEqual(code, 0)
    assert.match(stdout, /^FACILITY +LAST PASS +OUTCOME +LINKS +DUE +CONFLICTS +PARKED$/m)
    assert.match(stdout, /^Ordinacia +\d+ s ago +done +2 +0 +0 +0$/m)
    const found = await json<ReadonlyArray<{ readonly facility: string; readonly links: number }>>("status")
    assert.deepStrictEqual(
      found.map(({ facility, links }) => [facility, links]),
      [
        ["Ordinacia", 2],
        ["Ambulancia", 0]
      ]
    )
  })

  it("why tells the story of a record, without the person", async () => {
    const { code, stdout } = await sync("why", String(reservation))
    assert.strictEqual(code, 0)
    assert.match(stdout, new RegExp(`Bookio record +${reservation}, externalId \\d+`))
    assert.match(stdout, /intend +create in practice: it is new in Bookio\n.*outcome +done\n.*confirm +done/)
    assert.notMatch(stdout, /Jana|Adamcova|patients/)
    const [story] = await json<ReadonlyArray<{ readonly bookioId: number; readonly uid: string }>>(
      "why",
      String(reservation)
    )
    assert.strictEqual(story?.bookioId, reservation)
    assert.include(
      facility.practice.events().map(({ uid }) => uid),
      story?.uid
    )
    const { code: none, stderr } = await sync("why", "999999")
    assert.strictEqual(none, 12)
    assert.match(stderr, /there is no .* 999999/)
  })

  it("conflicts shows both values, and resolve decides", async () => {
    assert.strictEqual((await sync("conflicts")).stdout, "no conflicts\n")
    const event = facility.practice.events().find(({ startMs }) => startMs === at(3, "10:00"))
    if (event === undefined) throw new Error("the event is not there")
    await facility.practice.edit(event, (old) => movedTo(old, term(at(3, "12:00"), 30)))
    assert.strictEqual((await sync("once")).code, 0)
    const { code, stdout } = await sync("conflicts")
    assert.strictEqual(code, 0)
    assert.match(
      stdout,
      new RegExp(`^\\d+ {2}open {2}Ordinacia {2}reservation ${reservation} {2}refused \\(NoCapacityLeft\\)`, "m")
    )
    const utc = (ms: number) => new Date(ms).toISOString().slice(0, 16)
    assert.include(stdout, `Bookio:   ${utc(at(3, "10:00"))}Z to ${utc(at(3, "10:30"))}Z CONFIRMED`)
    assert.include(stdout, `practice: ${utc(at(3, "12:00"))}Z to ${utc(at(3, "12:30"))}Z CONFIRMED`)
    const [conflict] = await json<ReadonlyArray<{ readonly id: number; readonly refusal: string }>>("conflicts")
    assert.strictEqual(conflict?.refusal, "NoCapacityLeft")

    assert.strictEqual((await sync("resolve", "1", "--keep", "bookio")).code, 12)
    assert.strictEqual((await sync("resolve", String(conflict?.id), "--keep", "mine")).code, 2)
    const resolved = await sync("resolve", String(conflict?.id), "--keep", "bookio")
    assert.deepStrictEqual(
      [resolved.code, resolved.stdout],
      [0, "the next pass lets the value of bookio stand on both sides\n"]
    )
    assert.strictEqual((await sync("once")).code, 0)
    assert.deepStrictEqual(
      facility.practice
        .events()
        .map(({ startMs }) => startMs)
        .toSorted(),
      [at(3, "10:00"), at(3, "12:00")]
    )
    assert.strictEqual((await sync("conflicts")).stdout, "no conflicts\n")
  })

  it("parked shows what waits, and retry takes it up", async () => {
    await facility.practice.put("broken.ics", "BEGIN:VCALENDAR")
    assert.strictEqual((await sync("once")).code, 0)
    const { code, stdout } = await sync("parked")
    assert.strictEqual(code, 0)
    assert.match(stdout, /^\d+ {2}Ordinacia {2}Doctor 1 .* broken\.ics$/m)
    const [item] =
      await json<ReadonlyArray<{ readonly id: number; readonly reason: string; readonly event: string }>>("parked")
    assert.deepInclude(item, { reason: "Unreadable", event: "broken.ics" })
    await facility.practice.put(
      "broken.ics",
      ics("mended", { DTSTART: localLine(at(4, "10:00")), DTEND: localLine(at(4, "11:00")) })
    )
    const retried = await sync("retry", String(item?.id))
    assert.deepStrictEqual([retried.code, retried.stdout], [0, "the next pass takes up 1\n"])
    assert.strictEqual((await sync("retry", "1")).code, 12)
    assert.strictEqual((await sync("once")).code, 0)
    assert.strictEqual((await sync("parked")).stdout, "nothing is parked\n")
    assert.lengthOf(await facility.blockedTimes(), 1)
  })

  it("verify compares in full and finds no difference; resume has nothing to do", async () => {
    const { code, stdout } = await sync("verify")
    assert.strictEqual(code, 0)
    assert.match(stdout, /^Ordinacia: 0 to write, 0 differences that passes had missed$/m)
    const { stdout: resumed } = await sync("resume")
    assert.strictEqual(resumed, "nothing stands still\n")
  })

  it("ends with 3 where some facilities failed, and with 1 where all did", async () => {
    const { env, file } = world.settingsOf(["Ordinacia", "Ambulancia"])
    const wrong = { file, env: { ...env, SYNC_TOKEN: "wrong" } }
    const all = await runSync(wrong, "once")
    assert.strictEqual(all.code, 1)
    assert.match(all.stdout, /^Ordinacia: Bookio: InvalidToken: its token is unknown, expired or revoked$/m)
    const mixed = writeSettings(
      join(file, ".."),
      JSON.parse(JSON.stringify(world.config(["Ordinacia", "Ambulancia"])).replace("{SYNC_TOKEN}", "{OTHER_TOKEN}")),
      { ...env, OTHER_TOKEN: "wrong" }
    )
    const some = await runSync(mixed, "once")
    assert.strictEqual(some.code, 3)
    assert.match(some.stdout, /^Ordinacia: Bookio: InvalidToken: its token is unknown, expired or revoked$/m)
    assert.match(some.stdout, /^Ambulancia: done/m)
    assert.notMatch(all.stdout + all.stderr + some.stdout + some.stderr, /wrong/)
  })

  it("says that the journal is locked, and ends with 1", async () => {
    const journal = join(world.folder, "locked.db")
    const locked = world.settingsOf("Ambulancia", { file: { journal } })
    assert.strictEqual((await runSync(locked, "once")).code, 0)
    const other = new DatabaseSync(journal)
    other.exec("BEGIN EXCLUSIVE")
    const { code, stderr, stdout } = await runSync(locked, "once")
    other.close()
    assert.strictEqual(code, 1)
    assert.match(stdout + stderr, /journal.*[Ll]ocked/)
  })

  it("ends with 2 for arguments, and tells the commands for help", async () => {
    const unknown = await sync("frobnicate")
    assert.strictEqual(unknown.code, 2)
    const help = await sync("--help")
    assert.strictEqual(help.code, 0)
    for (const name of [
      "run",
      "once",
      "plan",
      "verify",
      "status",
      "conflicts",
      "resolve",
      "parked",
      "retry",
      "why",
      "resume"
    ]) {
      assert.match(help.stdout, new RegExp(`^ +${name}\\b`, "m"))
    }
    const other = await sync("once", "--facility", "Nowhere")
    assert.strictEqual(other.code, 78)
    assert.match(other.stderr, /no facility "Nowhere"; they have "Ordinacia", "Ambulancia"/)
  })

  it("names everything that is wrong in the settings, with its place and no secret", async () => {
    const wrong = writeSettings(
      world.settingsOf("Ordinacia").file.replace(/[^/]+$/, ""),
      {
        journal: "",
        facilities: [
          {
            name: "",
            facilityId: "one",
            bookio: { baseUrl: "http://localhost:1", token: "my-secret-token" },
            intervall: "1 minute",
            calendars: [
              { name: "A", serves: [], caldav: { url: "http://localhost:1", username: "a", password: "hunter2" } }
            ]
          }
        ]
      },
      {}
    )
    const { code, stderr, stdout } = await runSync(wrong, "once")
    assert.strictEqual(code, 78)
    for (const place of [
      "journal",
      "facilities[0].name",
      "facilities[0].facilityId",
      "facilities[0].bookio.token",
      "facilities[0].intervall",
      "facilities[0].calendars[0].serves",
      "facilities[0].calendars[0].caldav.password"
    ]) {
      assert.include(stderr, place)
    }
    assert.notMatch(stdout + stderr, /my-secret-token|hunter2/)
    const unset = await runSync({ ...settings, env: {} }, "run")
    assert.strictEqual(unset.code, 78)
    assert.match(unset.stderr, /facilities\[0\]\.bookio\.token: the environment variable SYNC_TOKEN is not set/)
  })
})
