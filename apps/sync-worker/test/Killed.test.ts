/**
 * What a worker finds that was killed at the worst moment, with both sides changed before it was started again: each of
 * these was found by `kill -9` against real servers (tests/e2e/test/sync/Kill.test.ts) and is told here step by step.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { JournalChange } from "@bookio-kit/core/sync/Journal"
import type { PracticeCalendar } from "@bookio-kit/core/sync/PracticeCalendar"
import type { Bookio } from "@bookio-kit/sync/Bookio"
import { makeFacilitySync } from "@bookio-kit/sync/Pass"
import type { FacilityPlan } from "@bookio-kit/sync/Plan"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { practice } from "./Practice.ts"

interface Kills {
  readonly bookio?: (bookio: Bookio) => Partial<Bookio>
  readonly calendar?: (calendar: PracticeCalendar["Service"]) => Partial<PracticeCalendar["Service"]>
  /** Dies instead of storing such a change. */
  readonly commit?: (change: JournalChange) => boolean
  /** It is hindered only. */
  readonly lives?: true
}

const killed = Effect.die("killed")

/** Does it, and is killed before the answer comes. */
const thenKilled =
  <Args extends ReadonlyArray<unknown>, A, E>(send: (...args: Args) => Effect.Effect<A, E>) =>
  (...args: Args) =>
    Effect.andThen(send(...args), killed)

const open = Effect.gen(function* () {
  const opened = yield* practice
  const { journal, path } = opened
  /** A process of its own: one pass, which is killed as told, or passes until nothing is written. */
  const process = Effect.fnUntraced(function* (kills?: Kills) {
    const { plan } = yield* opened.open
    const calendars = plan.calendars.map((calendar) => ({
      ...calendar,
      practice: { ...calendar.practice, ...kills?.calendar?.(calendar.practice) }
    }))
    const bookio: Bookio = {
      ...plan.bookio,
      // As a server over HTTP, which tells its clock.
      listReservations: (query) =>
        Effect.flatMap(Clock.currentTimeMillis, (asOfMs) =>
          Effect.map(plan.bookio.listReservations(query), (page) => ({ ...page, asOfMs }))
        ),
      ...kills?.bookio?.(plan.bookio)
    }
    const isKilling = kills?.commit
    const own: typeof journal =
      isKilling === undefined
        ? journal
        : {
            ...journal,
            commit: (lease, changes) => (changes.some(isKilling) ? killed : journal.commit(lease, changes))
          }
    const used: FacilityPlan = { ...plan, bookio, calendars, concurrency: 1 }
    const sync = yield* makeFacilitySync(used, own, "test")
    // What was sent before may come late.
    yield* TestClock.adjust("11 seconds")
    if (kills !== undefined && kills.lives !== true) {
      assert.isTrue(Exit.hasDies(yield* Effect.exit(sync.pass())), "it was killed")
      return
    }
    let report = yield* sync.pass()
    for (let more = 0; more < 4; more++) report = yield* sync.pass()
    assert.isTrue(report.isSettled)
    assert.isUndefined(report.counts.get("writes"))
  })
  const { facilityId } = opened.plan
  return {
    ...opened,
    process,
    put: (name: string, ...lines: ReadonlyArray<string>) =>
      writeFileSync(
        join(path, name),
        ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", `UID:${name}`, "DTSTAMP:20260101T000000Z", ...lines]
          .concat("END:VEVENT", "END:VCALENDAR", "")
          .join("\r\n")
      ),
    edit: (name: string, change: (text: string) => string) =>
      writeFileSync(join(path, name), change(readFileSync(join(path, name), "utf8"))),
    blocked: Effect.map(opened.plan.bookio.listBlockedTimes({ facilityId }), ({ rows }) =>
      rows.map(({ dateFrom }) => dateFrom.slice(0, 16))
    ),
    reservation: (email: string) =>
      Effect.map(opened.plan.bookio.listReservations({ facilityId }), ({ rows }) => {
        const row = rows.find((one) => one.email === email)
        return row === undefined ? undefined : `${row.status} ${row.dateFrom.slice(0, 16)}`
      }),
    conflicts: journal.conflicts(opened.plan.key)
  }
})

const at = (hour: string, until: string) => [
  `DTSTART;TZID=Europe/Bratislava:20260603T${hour}0000`,
  `DTEND;TZID=Europe/Bratislava:20260603T${until}0000`
]

const patient = [
  "SUMMARY:Patient",
  "X-BOOKIO-SERVICE:1",
  "X-BOOKIO-NAME:Jan Novy",
  "X-BOOKIO-EMAIL:jan@example.com",
  "X-BOOKIO-PHONE:+421900111333"
]

const moved = (text: string, from: string, to: string) => text.replaceAll(`20260603T${from}`, `20260603T${to}`)

describe("a worker that was killed", () => {
  it.effect("MUST find what was removed since the full listing of a pass that never ended", () =>
    Effect.gen(function* () {
      const { blocked, path, process, put } = yield* open
      put("a.ics", ...at("09", "10"), "SUMMARY:Busy")
      put("b.ics", ...at("11", "12"), "SUMMARY:Busy")
      yield* process({ commit: (change) => change._tag === "Put" && change.item.intention !== undefined })
      rmSync(join(path, "a.ics"))
      yield* process()
      assert.deepStrictEqual(yield* blocked, ["2026-06-03T11:00"])
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST take a change of what it made for the practice's, though it never heard that it was made", () =>
    Effect.gen(function* () {
      const { edit, events, plan, process } = yield* open
      yield* process({ calendar: ({ create }) => ({ create: thenKilled(create) }) })
      const [name = ""] = events()
      edit(name, (text) => text.replace("STATUS:CONFIRMED", "STATUS:CANCELLED"))
      yield* process({ bookio: ({ changeStatus }) => ({ changeStatus: thenKilled(changeStatus) }) })
      edit(name, (text) => text.replace("STATUS:CANCELLED", "STATUS:CONFIRMED"))
      yield* process()
      const { rows } = yield* plan.bookio.listReservations({ facilityId: plan.facilityId })
      assert.deepStrictEqual(
        rows.map(({ status }) => status),
        ["CONFIRMED", "CONFIRMED", "CONFIRMED"]
      )
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST follow the practice once more, where its last move was done and the rest was not", () =>
    Effect.gen(function* () {
      const { conflicts, edit, process, put, reservation } = yield* open
      put("patient.ics", ...at("09", "10"), ...patient)
      yield* process({ bookio: ({ createReservation }) => ({ createReservation: thenKilled(createReservation) }) })
      edit("patient.ics", (text) => moved(moved(text, "10", "12"), "09", "11"))
      yield* process({ calendar: () => ({ update: () => killed }) })
      assert.strictEqual(yield* reservation("jan@example.com"), "CONFIRMED 2026-06-03T11:00")
      edit("patient.ics", (text) => moved(moved(text, "12", "15"), "11", "14"))
      yield* process()
      assert.strictEqual(yield* reservation("jan@example.com"), "CONFIRMED 2026-06-03T14:00")
      assert.deepStrictEqual(yield* conflicts, [])
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST mark the event of a reservation, though the doctor changed it at that moment", () =>
    Effect.gen(function* () {
      const { edit, process, put, reservation, textOf } = yield* open
      put("patient.ics", ...at("09", "10"), ...patient)
      let isFirst = true
      yield* process({
        lives: true,
        calendar: ({ update }) => ({
          update: (...args) =>
            Effect.suspend(() => {
              if (isFirst) edit("patient.ics", (text) => moved(moved(text, "10", "12"), "09", "11"))
              isFirst = false
              return update(...args)
            })
        })
      })
      assert.strictEqual(yield* reservation("jan@example.com"), "CONFIRMED 2026-06-03T11:00")
      assert.include(textOf("patient.ics"), "X-BOOKIO-MARK:reservation/")
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST NOT confirm again what was cancelled before the answer to its creation came", () =>
    Effect.gen(function* () {
      const { process, put, reservation, textOf } = yield* open
      put("patient.ics", ...at("09", "10"), ...patient)
      yield* process({ bookio: () => ({ createReservation: () => killed }) })
      let isFirst = true
      yield* process({
        lives: true,
        bookio: ({ changeStatus, createReservation }) => ({
          createReservation: (wanted) =>
            Effect.suspend(() => {
              if (!isFirst) return createReservation(wanted)
              isFirst = false
              // The one that was sent before arrives only now, and is cancelled before it is sent once more.
              return createReservation(wanted).pipe(
                Effect.flatMap(({ reservationId }) => changeStatus(reservationId, { status: "CANCELLED" })),
                Effect.andThen(createReservation(wanted))
              )
            })
        })
      })
      assert.isFalse(isFirst)
      assert.strictEqual(yield* reservation("jan@example.com"), "CANCELLED 2026-06-03T09:00")
      assert.match(textOf("patient.ics"), /^STATUS:CANCELLED/m)
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST NOT take what it sent once more for someone's change", () =>
    Effect.gen(function* () {
      const { conflicts, edit, process, put, reservation } = yield* open
      put("patient.ics", ...at("09", "10"), ...patient)
      yield* process()
      edit("patient.ics", (text) => moved(moved(text, "10", "12"), "09", "11"))
      yield* process({ bookio: () => ({ changeTerm: () => killed }) })
      edit("patient.ics", (text) => text.replace("SUMMARY:Patient", "STATUS:CANCELLED\r\nSUMMARY:Patient"))
      yield* process({
        bookio: ({ changeTerm }) => ({
          changeTerm: (...args) => Effect.andThen(TestClock.adjust("1 second"), changeTerm(...args)),
          changeStatus: () => killed
        })
      })
      yield* process()
      assert.match((yield* reservation("jan@example.com")) ?? "", /^CANCELLED/)
      assert.deepStrictEqual(yield* conflicts, [])
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})
