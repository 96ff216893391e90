/** Laws of operation 11 over the blocked times that there are; of a listing that keeps changing they say nothing. */
import type { BlockedTimeQuery } from "@bookio-kit/core/blocked-time/BlockedTimes"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Ask from "../internal/Ask.ts"
import * as Day from "../internal/Day.ts"
import { claim, claimEqual, refused } from "../internal/Expect.ts"
import { quiet } from "../internal/Quiet.ts"
import { type Law, NotRun, readLaw } from "../Law.ts"
import { Subject } from "../Subject.ts"

const list = (query: BlockedTimeQuery = {}) => Ask.first(Ask.listBlockedTimes(query))

const total = Effect.map(list({ limit: 0 }), ({ pagination }) => pagination.total)

const some = Effect.flatMap(list(), (page) =>
  page.rows.length === 0 ? Effect.fail(new NotRun({ reason: "no blocked time is listed" })) : Effect.succeed(page)
)

const idsOf = (rows: ReadonlyArray<{ readonly id: number }>) => rows.map(({ id }) => id)

export const blockedTimeReadLaws: ReadonlyArray<Law> = [
  readLaw("listBlockedTimes", "MUST page through blocked times without gap or overlap, and tell their total", {
    body: quiet(
      total,
      Effect.gen(function* () {
        const whole = yield* some
        const pages = yield* Effect.forEach([0, 1, 2, 3], (page) => list({ offset: page * 2, limit: 2 }))
        yield* claimEqual(
          pages.flatMap(({ rows }) => idsOf(rows)),
          idsOf(whole.rows).slice(0, 8),
          "the list of four pages of two"
        )
        for (const { pagination } of pages) yield* claimEqual(pagination.total, whole.pagination.total, "the total")
      })
    )
  }),
  readLaw("listBlockedTimes", "MUST list each blocked time once, and none without length", {
    body: Effect.gen(function* () {
      const { rows } = yield* some
      yield* claim(new Set(idsOf(rows)).size === rows.length, "a blocked time is listed twice")
      const empty = rows.filter((row) => row.dateTo <= row.dateFrom && row.dateToOffset === undefined)
      yield* claim(empty.length === 0, `blocked times ${idsOf(empty).join(", ")} have no length`)
    })
  }),
  readLaw("listBlockedTimes", "MUST list no blocked time as changed after an instant that is to come", {
    body: Effect.gen(function* () {
      yield* some
      const { clockToleranceMs } = yield* Subject
      const lastSync = (yield* Clock.currentTimeMillis) + clockToleranceMs + Day.dayMs
      yield* claimEqual((yield* list({ lastSync })).pagination.total, 0, "the total since tomorrow")
    })
  }),
  readLaw("listBlockedTimes", "MUST refuse to list a facility that the channel does not reach with PermissionDenied", {
    code: 403,
    body: refused(
      list({ facilityId: Ask.unknown.facility }),
      "PermissionDenied",
      "listing the blocked times of a facility that is not there"
    )
  })
]
