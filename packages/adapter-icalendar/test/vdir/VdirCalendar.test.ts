import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as VdirCalendar from "../../src/VdirCalendar.ts"
import { type Files, systemFiles } from "../../src/vdir/Files.ts"
import { content, event, summarised, timeZone, todo, window } from "../dav/CalDav.ts"
import { opened, scratch } from "./Support.ts"

describe("the folder", () => {
  it.effect("needs its marker: a drive that is not mounted is no emptied calendar", () =>
    Effect.gen(function* () {
      const path = yield* scratch
      const calendar = yield* VdirCalendar.make({ path })
      writeFileSync(join(path, "a.ics"), event("a"))
      for (const attempt of [
        summarised(calendar.list(window)),
        calendar.read("a.ics", window),
        calendar.create(content("b"), timeZone),
        calendar.remove({ href: "a.ics", etag: "x" })
      ]) {
        const error = yield* Effect.flip<unknown, { readonly _tag: string; readonly reason?: string }, never>(attempt)
        assert.strictEqual(error.reason, "CalendarNotFound")
      }
      yield* VdirCalendar.init(path)
      assert.deepStrictEqual((yield* summarised(calendar.list(window))).items, { "a.ics": "Appointment" })
      const before = readFileSync(join(path, ".bookio-calendar"), "utf8")
      yield* VdirCalendar.init(path)
      assert.strictEqual(readFileSync(join(path, ".bookio-calendar"), "utf8"), before)
    }).pipe(Effect.scoped)
  )

  it.effect("lost in the middle of a listing gives no end; exchanged for another, no valid token", () =>
    Effect.gen(function* () {
      let lose = () => {}
      const { at, calendar, path } = yield* opened({
        ...systemFiles,
        entries: (folder) => Effect.tap(systemFiles.entries(folder), () => Effect.sync(() => lose()))
      })
      writeFileSync(at("a.ics"), event("a"))
      const { token } = yield* summarised(calendar.list(window))
      lose = () => rmSync(at(".bookio-calendar"), { force: true })
      assert.strictEqual((yield* Effect.flip(summarised(calendar.list(window)))).reason, "CalendarNotFound")
      lose = () => {}
      yield* VdirCalendar.init(path)
      const error = yield* Effect.flip(summarised(calendar.changes(token ?? "", window)))
      assert.strictEqual(error._tag, "SyncTokenInvalid")
    }).pipe(Effect.scoped)
  )

  it.effect("passes over folders, links, pipes' places, hidden and other files; takes odd names", () =>
    Effect.gen(function* () {
      const { at, calendar, path, write } = yield* opened()
      const outside = yield* scratch
      writeFileSync(join(outside, "secret.ics"), event("secret"))
      symlinkSync(join(outside, "secret.ics"), at("link.ics"))
      symlinkSync(outside, at("linked.ics"))
      mkdirSync(at("sub.ics"))
      mkdirSync(join(path, "sub"))
      writeFileSync(join(path, "sub", "x.ics"), event("x"))
      write(".hidden.ics", event("hidden"))
      write("notes.txt", "x")
      write("a.ics.tmp", event("t"))
      for (const name of ["ž ľ%20#?&'\".ics", "-rf.ics", "UPPER.ICS", "line\nbreak.ics"])
        write(name, event(name.length.toString()))
      write("todo.ics", todo("todo"))
      const { coverage, items } = yield* summarised(calendar.list(window))
      assert.deepStrictEqual(Object.values(items).sort(), [
        "Appointment",
        "Appointment",
        "Appointment",
        "Appointment",
        "Removed"
      ])
      assert.strictEqual(items["todo.ics"], "Removed")
      assert.strictEqual(coverage, "complete")
      for (const href of ["link.ics", "sub.ics", ".hidden.ics", "../x.ics", `${outside}/secret.ics`]) {
        assert.strictEqual((yield* Effect.flip(calendar.read(href, window)))._tag, "ItemNotFound", href)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("parks what is half-written, not UTF-8, too large or a second of its UID, each by its name", () =>
    Effect.gen(function* () {
      const { calendar, write, at } = yield* opened()
      write("good.ics", event("good"))
      write("half.ics", event("half").slice(0, 120))
      write("empty.ics", "")
      writeFileSync(at("latin.ics"), Buffer.from([0x42, 0x45, 0xff, 0xfe, 0x41]))
      write("huge.ics", event("huge", [`DESCRIPTION:${"x".repeat(2_000_000)}`]))
      write("b-copy.ics", event("twin"))
      write("twin.ics", event("twin"))
      const parts = yield* Stream.runCollect(calendar.list(window))
      const items = parts.flatMap((part) => (part._tag === "Items" ? part.items : []))
      const problems = items.flatMap((item) => (item._tag === "Unreadable" ? [item] : []))
      assert.deepStrictEqual(problems.map(({ href }) => href).sort(), [
        "b-copy.ics",
        "empty.ics",
        "half.ics",
        "huge.ics",
        "latin.ics"
      ])
      for (const { href, problem } of problems) assert.include(problem, href)
      assert.strictEqual(parts.at(-1)?._tag === "End" ? parts.at(-1) : undefined, parts.at(-1))
      // Once the first is gone, the second counts, though it did not change.
      const end = parts.at(-1)
      const token = end?._tag === "End" ? end.token : undefined
      rmSync(at("twin.ics"))
      const { items: after } = yield* summarised(calendar.changes(token ?? "", window))
      assert.deepStrictEqual(after, { "b-copy.ics": "Appointment", "twin.ics": "Removed" })
    }).pipe(Effect.scoped)
  )

  it.effect("sees a change that leaves size and time as they were", () =>
    Effect.gen(function* () {
      const { at, calendar, write } = yield* opened()
      write("a.ics", event("a", ["LOCATION:1"]))
      const first = yield* summarised(calendar.list(window))
      const time = new Date()
      utimesSync(at("a.ics"), time, time)
      const second = yield* summarised(calendar.changes(first.token ?? "", window))
      write("a.ics", event("a", ["LOCATION:2"]))
      utimesSync(at("a.ics"), time, time)
      const third = yield* summarised(calendar.changes(second.token ?? "", window))
      assert.deepStrictEqual(third.items, { "a.ics": "Appointment" })
    }).pipe(Effect.scoped)
  )

  it.effect("reads what did not change once only", () =>
    Effect.gen(function* () {
      const read: Array<string> = []
      const { at, calendar, write } = yield* opened({
        ...systemFiles,
        read: (path, maxBytes) => {
          if (path.endsWith(".ics")) read.push(path)
          return systemFiles.read(path, maxBytes)
        }
      })
      for (let i = 0; i < 1000; i++) write(`${i}.ics`, event(`u${i}`))
      // Long ago, by the calendar's clock.
      const old = new Date(0)
      yield* TestClock.setTime(60_000)
      for (let i = 0; i < 1000; i++) utimesSync(at(`${i}.ics`), old, old)
      const { token } = yield* summarised(calendar.list(window))
      assert.isAtLeast(read.length, 1000)
      read.length = 0
      yield* summarised(calendar.changes(token ?? "", window))
      assert.deepStrictEqual(read, [])
    }).pipe(Effect.scoped)
  )

  it.effect("a file that is removed between its listing and its reading is gone, and no error", () =>
    Effect.gen(function* () {
      const { calendar, write } = yield* opened({
        ...systemFiles,
        entries: (folder) =>
          Effect.tap(systemFiles.entries(folder), () =>
            Effect.sync(() => rmSync(join(folder, "a.ics"), { force: true }))
          )
      })
      write("a.ics", event("a"))
      write("b.ics", event("b"))
      const { coverage, items } = yield* summarised(calendar.list(window))
      assert.deepStrictEqual(items, { "b.ics": "Appointment" })
      assert.strictEqual(coverage, "complete")
    }).pipe(Effect.scoped)
  )
})

describe("watch", () => {
  it.live("tells that an item was dropped into the folder; ends where there is none", () =>
    Effect.gen(function* () {
      const { path, write } = yield* opened()
      // Once more where the watch had not begun; less often than it waits for the folder to come to rest.
      const dropping = Effect.forever(
        Effect.andThen(
          Effect.sync(() => write("a.ics", event("a"))),
          Effect.sleep("1 second")
        )
      )
      const told = Effect.timeout(Stream.runHead(VdirCalendar.watch(path)), "10 seconds")
      assert.strictEqual((yield* Effect.raceFirst(told, dropping))._tag, "Some")
      assert.isFalse(existsSync(join(path, "none")))
      assert.deepStrictEqual(yield* Stream.runCollect(VdirCalendar.watch(join(path, "none"))), [])
    }).pipe(Effect.scoped)
  )

  it.live("ends when the folder is moved away", () =>
    Effect.gen(function* () {
      const { path } = yield* opened()
      const away = `${path}.away`
      // There and back again, until the watch has begun.
      const moving = Effect.forever(
        Effect.andThen(
          Effect.sync(() => {
            renameSync(path, away)
            renameSync(away, path)
          }),
          Effect.sleep("50 millis")
        )
      )
      const ended = Effect.timeoutOption(Stream.runDrain(VdirCalendar.watch(path)), "10 seconds")
      assert.strictEqual((yield* Effect.raceFirst(ended, moving))._tag, "Some")
    }).pipe(Effect.scoped)
  )
})

describe("a file that may not be read", () => {
  it.effect.skipIf(process.getuid?.() === 0)("is parked, and the others go on", () =>
    Effect.gen(function* () {
      const { at, calendar, write } = yield* opened()
      write("a.ics", event("a"))
      write("b.ics", event("b"))
      chmodSync(at("a.ics"), 0)
      const { items } = yield* summarised(calendar.list(window))
      assert.deepStrictEqual(items, { "a.ics": "Unreadable", "b.ics": "Appointment" })
    }).pipe(Effect.scoped)
  )
})

describe("what no two listings show", () => {
  it.effect("is told: an item that we made and that was removed before the next listing", () =>
    Effect.gen(function* () {
      const { at, calendar } = yield* opened()
      const { token } = yield* summarised(calendar.list(window))
      const { href } = yield* calendar.create(content("ours"), timeZone)
      rmSync(at(href))
      const { items } = yield* summarised(calendar.changes(token ?? "", window))
      assert.deepStrictEqual(items, { [href]: "Removed" })
    }).pipe(Effect.scoped)
  )

  it.effect("is not concluded: a folder that was emptied all at once is listed in full", () =>
    Effect.gen(function* () {
      const { at, calendar, write } = yield* opened()
      write("a.ics", event("a"))
      write("b.ics", event("b"))
      const { token } = yield* summarised(calendar.list(window))
      rmSync(at("a.ics"))
      rmSync(at("b.ics"))
      const error = yield* Effect.flip(summarised(calendar.changes(token ?? "", window)))
      assert.strictEqual(error._tag, "SyncTokenInvalid")
    }).pipe(Effect.scoped)
  )
})

describe("a program that removes a file to write it anew", () => {
  /** Such a program puts the file back while we pause. */
  const between = (act: () => void): Files => ({ ...systemFiles, pause: Effect.sync(act) })

  it.effect("removes no item: gone is what is gone at a second look too", () =>
    Effect.gen(function* () {
      let back = () => {}
      const { at, calendar, write } = yield* opened(between(() => back()))
      write("a.ics", event("a"))
      write("b.ics", event("b"))
      const { token } = yield* summarised(calendar.list(window))
      rmSync(at("a.ics"))
      back = () => write("a.ics", event("a", ["LOCATION:x"]))
      const one = yield* summarised(calendar.changes(token ?? "", window))
      assert.deepStrictEqual(one.items, { "a.ics": "Appointment" })
      rmSync(at("a.ics"))
      assert.strictEqual((yield* calendar.read("a.ics", window))._tag, "Appointment")
      rmSync(at("a.ics"))
      // Another file is written anew just then.
      back = () => rmSync(at("b.ics"))
      const other = yield* summarised(calendar.changes(one.token ?? "", window))
      assert.deepStrictEqual(other.items, { "a.ics": "Removed" })
      back = () => {}
      const last = yield* summarised(calendar.changes(other.token ?? "", window))
      assert.deepStrictEqual(last.items, { "b.ics": "Removed" })
    }).pipe(Effect.scoped)
  )
})

describe("who may read an item", () => {
  const modeOf = (path: string) => statSync(path).mode & 0o777

  it.effect("is for a new one the folder's group too, if the folder is its, and nobody else", () =>
    Effect.gen(function* () {
      const { at, calendar, path } = yield* opened()
      for (const [folder, file] of [
        [0o700, 0o600],
        [0o770, 0o660],
        [0o755, 0o640],
        [0o777, 0o660]
      ] as const) {
        chmodSync(path, folder)
        const { href } = yield* calendar.create(content(`u${folder}`), timeZone)
        assert.strictEqual(modeOf(at(href)), file)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("stays as it is when the item is changed", () =>
    Effect.gen(function* () {
      const { at, calendar } = yield* opened()
      const { etag, href } = yield* calendar.create(content("a"), timeZone)
      chmodSync(at(href), 0o644)
      yield* calendar.update({ href, etag }, { text: "x" }, timeZone)
      assert.strictEqual(modeOf(at(href)), 0o644)
    }).pipe(Effect.scoped)
  )
})
