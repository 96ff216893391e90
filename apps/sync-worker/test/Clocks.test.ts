/** Clocks that are wrong for a while: what has ended is judged by the server's, and nothing is forgotten for ours. */
import { rmSync } from "node:fs"
import { join } from "node:path"
import type { Bookio } from "@bookio-kit/sync/Bookio"
import { makeFacilitySync } from "@bookio-kit/sync/Pass"
import type { FacilityPlan } from "@bookio-kit/sync/Plan"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { practice } from "./Practice.ts"

const minuteMs = 60_000
const dayMs = 1440 * minuteMs

/** The sync of a facility with a server over HTTP, whose clock is right whatever ours says. */
const open = Effect.gen(function* () {
  const opened = yield* practice
  const server = { nowMs: Date.UTC(2026, 5, 1, 6), listed: 0 }
  const embedded = opened.plan.bookio
  const bookio: Bookio = {
    ...embedded,
    events: undefined,
    listBlockedTimes: (query) =>
      Effect.map(embedded.listBlockedTimes(query), (page) => ({ ...page, asOfMs: server.nowMs })),
    listReservations: (query) =>
      Effect.map(embedded.listReservations(query), (page) => {
        if (query.lastSync === undefined && query.from !== undefined && query.onlyUnsynced !== true) server.listed++
        return { ...page, asOfMs: server.nowMs }
      })
  }
  const plan: FacilityPlan = { ...opened.plan, bookio }
  const sync = yield* makeFacilitySync(plan, opened.journal, "test")
  /** A minute later, by a clock of ours that is ahead of the server's by so much. */
  const pass = (aheadMs = 0) =>
    Effect.gen(function* () {
      server.nowMs += minuteMs
      yield* TestClock.setTime(server.nowMs + aheadMs)
      return yield* sync.pass()
    })
  yield* pass()
  yield* pass()
  return { ...opened, bookio, pass, server }
})

describe("a clock of ours that is ahead for one pass", () => {
  it.effect("MUST NOT lose a removal of what takes place by the server's clock", () =>
    Effect.gen(function* () {
      const { bookio, events, pass, path, plan, textOf } = yield* open
      const name = events().find((one) => textOf(one).includes("20260602T080000"))
      if (name === undefined) return assert.fail("the reservation has an event")
      rmSync(join(path, name))
      yield* pass(2 * dayMs)
      for (let more = 0; more < 3; more++) yield* pass()
      const { rows } = yield* bookio.listReservations({ facilityId: plan.facilityId })
      const statusOf = new Map(rows.map(({ dateFrom, status }) => [dateFrom.slice(0, 16), status]))
      assert.strictEqual(statusOf.get("2026-06-02T08:00"), "CANCELLED")
      assert.strictEqual(statusOf.get("2026-06-02T09:00"), "CONFIRMED")
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST NOT forget what both sides have", () =>
    Effect.gen(function* () {
      const { journal, pass, plan } = yield* open
      const { links } = yield* journal.counts(plan.key)
      assert.strictEqual(links, 3)
      yield* pass(800 * dayMs)
      assert.strictEqual((yield* journal.counts(plan.key)).links, links)
      assert.isUndefined((yield* pass()).counts.get("writes"))
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.effect("MUST NOT put off the daily comparison", () =>
    Effect.gen(function* () {
      const { pass, server } = yield* open
      yield* pass(90 * dayMs)
      const before = server.listed
      for (let day = 0; day < 3; day++) {
        server.nowMs += dayMs
        yield* pass()
      }
      assert.isAtLeast(server.listed - before, 3)
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})
