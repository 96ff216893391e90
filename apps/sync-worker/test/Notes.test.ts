/** Which texts of the practice's own events reach Bookio. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { makeFacilitySync } from "@bookio-kit/sync/Pass"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { practice } from "./Practice.ts"

const event = (name: string, hour: string, ...lines: ReadonlyArray<string>) =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", `UID:${name}`, "DTSTAMP:20260101T000000Z"]
    .concat(`DTSTART;TZID=Europe/Bratislava:20260603T${hour}0000`, "DURATION:PT30M", `SUMMARY:Text of ${name}`, lines)
    .concat("END:VEVENT", "END:VCALENDAR", "")
    .join("\r\n")

const patient = (email: string) => [
  "X-BOOKIO-SERVICE:1",
  "X-BOOKIO-NAME:Jan Novy",
  `X-BOOKIO-EMAIL:${email}`,
  "X-BOOKIO-PHONE:+421900111333"
]

describe("notes", () => {
  it.effect("MUST reach Bookio with `notes`, but never of an event that is private", () =>
    Effect.gen(function* () {
      const { journal, path, plan } = yield* practice
      const put = (name: string, ...lines: Parameters<typeof event> extends [string, ...infer Rest] ? Rest : never) =>
        writeFileSync(join(path, `${name}.ics`), event(name, ...lines))
      put("told", "08", ...patient("told@example.com"))
      put("kept", "09", "CLASS:PRIVATE", ...patient("kept@example.com"))
      put("busy", "11")
      put("secret", "12", "CLASS:CONFIDENTIAL")
      const sync = yield* makeFacilitySync({ ...plan, notes: true }, journal, "test")
      for (let times = 0; times < 3; times++) {
        yield* TestClock.adjust("1 minute")
        yield* sync.pass()
      }
      const { facilityId } = plan
      const reservations = yield* plan.bookio.listReservations({ facilityId })
      const noteOf = new Map(reservations.rows.map(({ email, note }) => [email, note]))
      assert.strictEqual(noteOf.get("told@example.com"), "Text of told")
      assert.isTrue(noteOf.has("kept@example.com"))
      assert.isUndefined(noteOf.get("kept@example.com"))
      const blocked = yield* plan.bookio.listBlockedTimes({ facilityId })
      assert.deepStrictEqual(blocked.rows.map(({ note }) => note).sort(), ["", "Text of busy"])
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST NOT stay in the journal once the reservation is made, and a change of them alone is no news", () =>
    Effect.gen(function* () {
      const { journal, path, plan, textOf } = yield* practice
      writeFileSync(join(path, "asks.ics"), event("asks", "08", ...patient("asks@example.com")))
      const sync = yield* makeFacilitySync(plan, journal, "test")
      const pass = Effect.andThen(TestClock.adjust("1 minute"), sync.pass())
      const held = Effect.map(journal.items(plan.key, 20), (items) =>
        JSON.stringify(items.filter(({ isOwn, kind }) => isOwn && kind === "reservation"))
      )
      yield* pass
      assert.include(yield* held, `"uid":"asks"`)
      assert.notInclude(yield* held, "Text of")
      writeFileSync(join(path, "asks.ics"), textOf("asks.ics").replace("Text of asks", "Text of nobody"))
      yield* pass
      assert.notInclude(yield* held, "Text of")
      assert.deepStrictEqual(yield* journal.conflicts(plan.key), [])
      yield* TestClock.adjust("1 day")
      const { counts } = yield* sync.pass({ full: true })
      assert.deepStrictEqual([counts.get("writes"), counts.get("drift")], [undefined, 0])
      assert.include(textOf("asks.ics"), "Text of nobody")
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})
