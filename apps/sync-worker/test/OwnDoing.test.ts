/** Writes to the practice calendar of which nobody heard the outcome: whose doing it is what the event shows afterwards. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { AppointmentChange } from "@bookio-kit/core/sync/Appointment"
import { PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import { makeFacilitySync } from "@bookio-kit/sync/Pass"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { practice } from "./Practice.ts"

/** A calendar that loses some changes on their way, and cannot say so. */
const losing = Effect.gen(function* () {
  const { events, journal, path, plan, textOf } = yield* practice
  const state = { isLost: (_: AppointmentChange) => false }
  const calendars = plan.calendars.map((one) => {
    const update: typeof one.practice.update = (item, change, timeZone) =>
      state.isLost(change)
        ? Effect.fail(new PracticeError({ reason: "OutcomeUnknown", problem: "lost" }))
        : one.practice.update(item, change, timeZone)
    return { ...one, practice: { ...one.practice, update } }
  })
  const sync = yield* makeFacilitySync({ ...plan, calendars }, journal, "test")
  const { bookio, facilityId } = plan
  const rows = Effect.map(bookio.listReservations({ facilityId }), (page) => page.rows)
  return {
    state,
    bookio,
    rows,
    events,
    textOf,
    write: (name: string, text: string) => writeFileSync(join(path, name), text),
    pass: Effect.andThen(TestClock.adjust("1 minute"), sync.pass())
  }
})

describe("a change of which nobody heard the outcome", () => {
  it.effect("MUST NOT be taken for what the practice did, where the event's mark tells that it never came about", () =>
    Effect.gen(function* () {
      const { bookio, events, pass, rows, state, textOf, write } = yield* losing
      yield* pass
      const [first] = yield* rows
      if (first === undefined) return assert.fail("the seed has reservations")
      yield* bookio.changeStatus(first.id, { status: "CANCELLED" })
      state.isLost = () => true
      yield* pass
      state.isLost = () => false
      yield* bookio.changeStatus(first.id, { status: "CONFIRMED" })
      const event = events().find((name) => textOf(name).includes("T080000")) ?? assert.fail("it has an event")
      write(event, textOf(event).replace("STATUS:CONFIRMED", "STATUS:CANCELLED"))
      yield* pass
      yield* pass
      assert.strictEqual((yield* rows).find(({ id }) => id === first.id)?.status, "CANCELLED")
      assert.include(textOf(event), "STATUS:CANCELLED")
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST NOT make our own cancellation the practice's, where it was the event's link that was lost", () =>
    Effect.gen(function* () {
      const { bookio, pass, rows, state, textOf, write } = yield* losing
      write(
        "asks.ics",
        ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:asks", "DTSTAMP:20260101T000000Z"]
          .concat("DTSTART;TZID=Europe/Bratislava:20260603T080000", "DURATION:PT30M", "SUMMARY:Visit")
          .concat("X-BOOKIO-SERVICE:1", "X-BOOKIO-NAME:Jan Novy", "X-BOOKIO-EMAIL:jan.novy@example.com")
          .concat("X-BOOKIO-PHONE:+421900111333", "STATUS:CONFIRMED", "END:VEVENT", "END:VCALENDAR", "")
          .join("\r\n")
      )
      const asked = Effect.map(rows, (all) => all.find(({ email }) => email === "jan.novy@example.com"))
      state.isLost = ({ status, term }) => status === undefined && term === undefined
      yield* pass
      const made = (yield* asked) ?? assert.fail("it was made")
      yield* bookio.changeStatus(made.id, { status: "CANCELLED" })
      yield* pass
      assert.include(textOf("asks.ics"), "STATUS:CANCELLED")
      yield* bookio.changeStatus(made.id, { status: "CONFIRMED" })
      state.isLost = () => false
      yield* pass
      yield* pass
      assert.strictEqual((yield* asked)?.status, "CONFIRMED")
      assert.include(textOf("asks.ics"), "STATUS:CONFIRMED")
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})
