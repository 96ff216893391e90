/**
 * Whole passes with calendar servers of several habits, over real sockets: whatever a server makes of what it is sent, no
 * event is made twice, every change arrives once, and a pass without changes writes nothing.
 */
import * as CalDavCalendar from "@bookio-kit/adapter-icalendar/CalDavCalendar"
import type { ReservationId } from "@bookio-kit/core/scalar/Id"
import { writeTerm } from "@bookio-kit/core/sync/Terms"
import { TimeZone } from "@bookio-kit/core/time/TimeZone"
import { makeFacilitySync } from "@bookio-kit/sync/Pass"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { type Habits, startFakeDav } from "../../../packages/adapter-icalendar/test/dav/FakeDav.ts"
import { practice } from "./Practice.ts"

const withoutUnknown = (text: string) => text.replaceAll(/^X-[^\r\n]*\r\n/gm, "")
const named = (name: string) => name.replace(/\.ics$/, ".EML")

/** Loses the answers to the first changes, which are made. */
const lost = (count: number): Habits["change"] => {
  let left = count
  return ({ method }, answer) => (method === "PUT" && left-- > 0 ? { ...answer, status: 502 } : answer)
}

const servers: ReadonlyArray<readonly [what: string, habits: Partial<Habits>, passes?: number]> = [
  ["strong ETags", {}],
  ["weak ETags", { etags: "weak" }],
  ["weak ETags and a ctag", { etags: "weak", tokens: "ctag", etagOnPut: false }],
  ["neither ETags nor tokens", { etags: "none", tokens: "none" }],
  ["no ETag in the answer to a PUT", { etagOnPut: false }],
  ["ETags without quotes", { etags: "unquoted" }],
  ["ETags without quotes, which it wants quoted", { etags: "unquoted", ifMatch: "quoted" }],
  ["ETags that it does not know itself", { ifMatch: "never" }],
  ["names of its own", { renamed: named }],
  ["names of its own, and no ETag", { renamed: named, etagOnPut: false }],
  ["no place for unknown properties, though it says so", { stored: withoutUnknown }],
  ["no place for unknown properties", { stored: withoutUnknown, etagOnPut: false }],
  [
    "no place for unknown properties, and its own stamps",
    {
      stored: (text) => withoutUnknown(text).replace(/LAST-MODIFIED:.*\r\n/, "LAST-MODIFIED:20300101T000000Z\r\n"),
      etagOnPut: false
    }
  ],
  // Without a mark an event is the practice's own until it is written again: one pass more.
  ["no place for unknown properties, and answers that are lost", { stored: withoutUnknown, change: lost(3) }, 3],
  ["names of its own, and answers that are lost", { renamed: named, etagOnPut: false, change: lost(3) }],
  ["titles of its own", { stored: (text) => text.replace(/SUMMARY:.*/, "SUMMARY:cut"), etagOnPut: false }]
]

/** How a program of the practice moves an event of ours to 14:00. */
const movedTo14 = (text: string) =>
  text
    .replace(/DTSTART;TZID[^\r\n]*/, "DTSTART:20260602T120000Z")
    .replace(/DTEND;TZID[^\r\n]*/, "DTEND:20260602T123000Z")
    .replace(/LAST-MODIFIED.*/, "LAST-MODIFIED:20260602T062000Z")

describe("a calendar server with", () => {
  for (const [what, habits, passes = 2] of servers) {
    it.effect(`${what} MUST be in step after every change, and be left alone then`, () =>
      Effect.gen(function* () {
        const { journal, plan } = yield* practice
        const [calendar] = plan.calendars
        if (calendar === undefined) return assert.fail("no calendar")
        const server = yield* Effect.acquireRelease(
          Effect.promise(() => startFakeDav(habits)),
          ({ stop }) => Effect.promise(stop)
        )
        const caldav = yield* CalDavCalendar.make({ url: `${server.url}/cal/` })
        const bound = { ...plan, calendars: [{ ...calendar, practice: caldav }] }
        const sync = yield* makeFacilitySync(bound, journal, "test")
        const writes = () => server.asked.filter(({ method }) => method === "PUT" || method === "DELETE").length
        /** Until all is done, in the passes that sync.md allows; then one that has nothing to write. */
        const settles = Effect.gen(function* () {
          for (let pass = 0; pass < passes; pass++) {
            yield* sync.pass()
            yield* TestClock.adjust("1 minute")
          }
          const before = writes()
          const last = yield* sync.pass()
          assert.isTrue(last.isSettled)
          assert.isUndefined(last.counts.get("writes"))
          assert.strictEqual(writes(), before)
        })
        const eventAt = (time: string) =>
          [...server.objects].find(([, text]) => text.includes(time)) ?? assert.fail(time)

        yield* settles
        assert.strictEqual(server.objects.size, 3)

        yield* TestClock.setTime(Date.UTC(2026, 5, 2, 6, 20))
        const term = { startMs: Date.UTC(2026, 5, 2, 9), endMs: Date.UTC(2026, 5, 2, 9, 30) }
        yield* plan.bookio.changeStatus(1 as ReservationId, { status: "DID_NOT_COME" })
        yield* plan.bookio.changeTerm(3 as ReservationId, writeTerm(TimeZone.make("Europe/Bratislava"), term))
        yield* settles
        assert.strictEqual(server.objects.size, 3)

        const [moved, text] = eventAt("T090000")
        server.put(moved, movedTo14(text))
        yield* settles
        server.remove(eventAt("T110000")[0])
        yield* settles
        assert.strictEqual(server.objects.size, 2)

        const { rows } = yield* plan.bookio.listReservations({ facilityId: plan.facilityId, offset: 0, limit: 10 })
        assert.deepStrictEqual(
          rows.map(({ dateFrom, id, status }) => `${id} ${status} ${dateFrom.slice(11, 16)}`).toSorted(),
          ["1 DID_NOT_COME 08:00", "2 CONFIRMED 14:00", "3 CANCELLED 11:00"]
        )
      }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
    )
  }
})
