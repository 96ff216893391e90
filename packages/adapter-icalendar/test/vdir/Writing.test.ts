/** Items that are made, changed and removed in a folder, whatever comes between. */
import { appendFileSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { type Files, systemFiles } from "../../src/vdir/Files.ts"
import { content, event, summarised, timeZone, window } from "../dav/CalDav.ts"
import { failing, opened } from "./Support.ts"

describe("writing", () => {
  it.effect("leaves nothing but the item, whatever its UID is", () =>
    Effect.gen(function* () {
      const { calendar, path } = yield* opened()
      const uids = ["a-1", "A-1", "../../etc/passwd", "con", "é", "x".repeat(400), "a/b", "", "trailing."]
      for (const uid of uids) {
        const ref = yield* calendar.create(content(uid === "" ? " " : uid), timeZone)
        assert.match(ref.href, /^(?:a-1|uid-[0-9a-f]{40})\.ics$/)
      }
      const names = readdirSync(path)
      assert.strictEqual(names.filter((name) => name.endsWith(".ics")).length, uids.length)
      assert.deepStrictEqual(
        names.filter((name) => !name.endsWith(".ics")),
        [".bookio-calendar"]
      )
    }).pipe(Effect.scoped)
  )

  it.effect("does not replace a file of its name that holds another UID", () =>
    Effect.gen(function* () {
      const { at, calendar, write } = yield* opened()
      write("a.ics", event("b"))
      const ref = yield* calendar.create(content("a"), timeZone)
      assert.match(ref.href, /^uid-/)
      assert.strictEqual(readFileSync(at("a.ics"), "utf8"), event("b"))
    }).pipe(Effect.scoped)
  )

  /** What another program does between our look and our change, once. */
  const meddled = (operation: "rename" | "unlink", name: string, act: (path: string) => void) => {
    let isArmed = true
    return (files: Files): Files => ({
      ...files,
      [operation]: (from: string, to: string) =>
        Effect.suspend(() => {
          const target = operation === "rename" ? to : from
          if (isArmed && target.endsWith(`/${name}`)) {
            isArmed = false
            act(target)
          }
          return operation === "rename" ? files.rename(from, to) : files.unlink(from)
        })
    })
  }

  for (const operation of ["rename", "unlink"] as const) {
    it.effect(`finds what another program wrote between our look and our ${operation}, and puts it back`, () =>
      Effect.gen(function* () {
        const meddle = meddled(operation, "a.ics", (path) => appendFileSync(path, "theirs"))
        const { at, calendar, path } = yield* opened(meddle(systemFiles))
        const ref = yield* calendar.create(content("a"), timeZone)
        const change =
          operation === "rename" ? Effect.asVoid(calendar.update(ref, { text: "x" }, timeZone)) : calendar.remove(ref)
        assert.strictEqual((yield* Effect.flip(change))._tag, "ItemChanged")
        assert.include(readFileSync(at("a.ics"), "utf8"), "theirs")
        assert.isFalse(readdirSync(path).some((name) => name.endsWith(".tmp")))
      }).pipe(Effect.scoped)
    )
  }

  it.effect(
    "finds what a program with the old file open wrote after our change: beside ours, or back in its place",
    () =>
      Effect.gen(function* () {
        const { at, calendar, path } = yield* opened()
        const kept = (uid: string) =>
          join(
            path,
            ".bookio-kept",
            readdirSync(join(path, ".bookio-kept")).find((name) => name.endsWith(`~${uid}.ics`)) ?? ""
          )
        const changed = yield* calendar.create(content("a"), timeZone)
        yield* calendar.update(changed, { text: "ours" }, timeZone)
        const removed = yield* calendar.create(content("b"), timeZone)
        yield* calendar.remove(removed)
        const text = readFileSync(kept("b"), "utf8").replace("SUMMARY:J. A.", "SUMMARY:theirs")
        writeFileSync(kept("b"), text)
        writeFileSync(kept("a"), readFileSync(kept("a"), "utf8").replace("SUMMARY:J. A.", "SUMMARY:theirs"))
        const { items } = yield* summarised(calendar.list(window))
        assert.strictEqual(items["a.ics"], "Appointment")
        assert.strictEqual(readFileSync(at("b.ics"), "utf8"), text)
        const restored = Object.entries(items).filter(([name]) => name.startsWith("restored-"))
        assert.deepStrictEqual(
          restored.map(([, tag]) => tag),
          ["Unreadable"]
        )
      }).pipe(Effect.scoped)
  )

  it.effect("keeps what it replaced for one pass, and no longer", () =>
    Effect.gen(function* () {
      const { calendar, path } = yield* opened()
      const count = () => readdirSync(join(path, ".bookio-kept")).length
      const ref = yield* calendar.create(content("a"), timeZone)
      yield* calendar.update(ref, { text: "x" }, timeZone)
      assert.strictEqual(count(), 1)
      yield* summarised(calendar.list(window))
      assert.strictEqual(count(), 1)
      yield* summarised(calendar.list(window))
      assert.strictEqual(count(), 0)
    }).pipe(Effect.scoped)
  )

  it.effect("clears away what a crash left an hour ago, and nothing that is being written", () =>
    Effect.gen(function* () {
      const { at, calendar, path, write } = yield* opened()
      yield* TestClock.setTime(Date.UTC(2031, 0, 1))
      for (const [name, age] of [
        ["old", 3_700_000],
        ["new", 3_500_000]
      ] as const) {
        write(`.bookio-${name}.tmp`, "x")
        const time = new Date(Date.UTC(2031, 0, 1) - age)
        utimesSync(at(`.bookio-${name}.tmp`), time, time)
      }
      yield* summarised(calendar.list(window))
      assert.deepStrictEqual(readdirSync(path).sort(), [".bookio-calendar", ".bookio-new.tmp"])
    }).pipe(Effect.scoped)
  )

  for (const [code, reason] of [
    ["ENOSPC", "Full"],
    ["EDQUOT", "Full"],
    ["EACCES", "Forbidden"],
    ["EROFS", "Forbidden"],
    ["ENOENT", "CalendarNotFound"],
    ["EIO", "Unreachable"],
    ["EMFILE", "Overloaded"],
    ["EWHAT", "Internal"]
  ] as const) {
    it.effect(`answered with ${code} fails with ${reason}, and the item stays`, () =>
      Effect.gen(function* () {
        let isBroken = false
        const { at, calendar } = yield* opened({
          ...systemFiles,
          write: (path, text) => (isBroken ? failing(code) : systemFiles.write(path, text))
        })
        const ref = yield* calendar.create(content("a"), timeZone)
        const before = readFileSync(at("a.ics"), "utf8")
        isBroken = true
        for (const attempt of [
          calendar.update(ref, { text: "x" }, timeZone),
          calendar.create(content("b"), timeZone)
        ]) {
          const error = yield* Effect.flip<unknown, { readonly _tag: string; readonly reason?: string }, never>(attempt)
          assert.strictEqual(error.reason, reason)
        }
        assert.strictEqual(readFileSync(at("a.ics"), "utf8"), before)
      }).pipe(Effect.scoped)
    )
  }

  it.effect("that may not be on the disk has an unknown outcome", () =>
    Effect.gen(function* () {
      let isBroken = false
      const { calendar } = yield* opened({
        ...systemFiles,
        flush: (folder) => Effect.suspend(() => (isBroken ? failing("EIO") : systemFiles.flush(folder)))
      })
      isBroken = true
      const error = yield* Effect.flip(calendar.create(content("a"), timeZone))
      assert.isTrue(error._tag === "PracticeError" && error.reason === "OutcomeUnknown")
    }).pipe(Effect.scoped)
  )

  it.effect("of a file that another program replaced by rename is refused", () =>
    Effect.gen(function* () {
      const { at, calendar, write } = yield* opened()
      const ref = yield* calendar.create(content("a"), timeZone)
      write("new.tmp", event("a"))
      renameSync(at("new.tmp"), at("a.ics"))
      assert.strictEqual((yield* Effect.flip(calendar.update(ref, { text: "x" }, timeZone)))._tag, "ItemChanged")
      assert.strictEqual(readFileSync(at("a.ics"), "utf8"), event("a"))
    }).pipe(Effect.scoped)
  )
})
