import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs"
import { makeFacilitySync } from "@bookio-kit/sync/Pass"
import { preview } from "@bookio-kit/sync/Preview"
import * as MemoryJournal from "@bookio-kit/sync/simulator/MemoryJournal"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { practice } from "./Practice.ts"

describe("a facility of the settings", () => {
  it.effect("MUST be shown what its first pass would write, each once, and nothing be written", () =>
    Effect.gen(function* () {
      const { events, journal, plan } = yield* practice
      const { writes } = yield* preview(plan, journal, { full: false })
      const told = writes.map(({ action, of, to }) => `${to}: ${action}${typeof of === "number" ? ` ${of}` : ""}`)
      assert.deepStrictEqual(told.toSorted(), [
        "Dr Novak: create event",
        "Dr Novak: create event",
        "Dr Novak: create event",
        "bookio: confirm sync 1",
        "bookio: confirm sync 2",
        "bookio: confirm sync 3"
      ])
      assert.deepStrictEqual(events(), [])
      assert.deepStrictEqual((yield* preview(plan, journal, { full: true })).writes.length, writes.length)
    }).pipe(Effect.scoped)
  )

  it.effect("MUST have its reservations in the folder after a pass, with initials only, and rest then", () =>
    Effect.gen(function* () {
      const { events, journal, plan, textOf } = yield* practice
      const sync = yield* makeFacilitySync(plan, journal, "test")
      const first = yield* sync.pass()
      assert.strictEqual(first.counts.get("writes"), 6)
      assert.strictEqual(events().length, 3)
      for (const name of events()) {
        assert.include(textOf(name), "SUMMARY:E. M.")
        assert.notMatch(textOf(name), /Eva |Malá|example|\+421/)
      }
      const second = yield* sync.pass()
      assert.isUndefined(second.counts.get("writes"))
      assert.isTrue(second.isSettled)
      assert.deepStrictEqual((yield* preview(plan, journal, { full: true })).writes, [])
    }).pipe(Effect.scoped)
  )

  it.effect("MUST stand still beside another journal on its channel, and write nothing", () =>
    Effect.gen(function* () {
      const { events, journal, plan, textOf } = yield* practice
      yield* (yield* makeFacilitySync(plan, journal, "test")).pass()
      const texts = events().map(textOf)
      let writes = 0
      const counted =
        <Args extends ReadonlyArray<unknown>, A, E>(send: (...args: Args) => Effect.Effect<A, E>) =>
        (...args: Args) => {
          writes++
          return send(...args)
        }
      const { bookio } = plan
      const second = yield* makeFacilitySync(
        {
          ...plan,
          bookio: { ...bookio, confirmSync: counted(bookio.confirmSync), changeTerm: counted(bookio.changeTerm) }
        },
        MemoryJournal.make().journal,
        "another"
      )
      for (let pass = 0; pass < 2; pass++) {
        const stopped = yield* Effect.flip(second.pass())
        assert.strictEqual(stopped._tag, "Halted")
        assert.match(
          stopped.message,
          /^foreign-journal: 3 records, such as \d+, bear an externalId that this journal did not/
        )
      }
      assert.strictEqual(writes, 0)
      assert.deepStrictEqual(events().map(textOf), texts)
    }).pipe(Effect.scoped)
  )

  it.effect("MUST NOT make anew, with create, the folder of a calendar that its journal knows", () =>
    Effect.gen(function* () {
      const { events, journal, open, path, plan } = yield* practice
      yield* (yield* makeFacilitySync(plan, journal, "test")).pass()
      assert.strictEqual(events().length, 3)
      const lost = Effect.gen(function* () {
        const again = yield* makeFacilitySync((yield* open).plan, journal, "test")
        return (yield* again.pass()).down.map(({ error }) => `${error.reason} ${error.message}`)
      })
      renameSync(path, `${path}.away`)
      for (const part of yield* lost) assert.match(part, /^CalendarNotFound .*check that its drive is mounted/)
      mkdirSync(path)
      for (const part of yield* lost) assert.match(part, /^CalendarNotFound .*check that its drive is mounted/)
      assert.deepStrictEqual(readdirSync(path), [])
      rmSync(path, { recursive: true })
      renameSync(`${path}.away`, path)
      assert.deepStrictEqual(yield* lost, [])
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})
