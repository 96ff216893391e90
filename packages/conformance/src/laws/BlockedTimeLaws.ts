/** Laws of operations 11 to 14 over blocked times of a law's own (engine.md, rules 4, 6 and 9). */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Ask from "../internal/Ask.ts"
import * as Day from "../internal/Day.ts"
import { claim, claimEqual, claimMembers, refused, refusedFor } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { type World, world } from "../internal/World.ts"
import { type Law, type Requirements, writeLaw } from "../Law.ts"
import { Subject } from "../Subject.ts"

const idsOf = (rows: ReadonlyArray<{ readonly id: number }>) => rows.map(({ id }) => id)

const term = ({ day }: World, from: string, to: string) => ({
  dateFrom: Day.listed(day, from),
  dateTo: Day.listed(day, to)
})

const idLaw = (requires: Requirements, name: Law["name"], expected: boolean) =>
  writeLaw("createBlockedTime", name, {
    code: 40,
    requires,
    body: Effect.gen(function* () {
      const { block } = yield* world()
      const externalId = yield* Records.freshId
      const { blockedTimeId } = yield* block({ from: "10:00", to: "11:00", externalId })
      const { blockedTimeId: told } = yield* refused(
        block({ from: "12:00", to: "13:00", externalId }),
        "DuplicateReservation",
        "a used externalId"
      )
      yield* claimEqual(told, expected ? blockedTimeId : undefined, "the id that the refusal tells")
    })
  })

/** Blocks, removes, and gives the same request again. */
const late = Effect.fnUntraced(function* ({ block }: World) {
  const blocking = { from: "10:00", to: "11:00", externalId: yield* Records.freshId }
  const { blockedTimeId } = yield* block(blocking)
  yield* Ask.first(Ask.removeBlockedTime(blockedTimeId))
  return { blocking, second: block(blocking) }
})

export const blockedTimeLaws: ReadonlyArray<Law> = [
  writeLaw("createBlockedTime", "MUST list a blocked time as it was made", {
    body: Effect.gen(function* () {
      const made = yield* world()
      const externalId = yield* Records.freshId
      const answer = yield* made.block({ from: "10:00", to: "11:00", externalId })
      yield* claimEqual(answer.externalId, externalId, "the externalId of the answer")
      const row = yield* made.blockedRow(answer.blockedTimeId)
      yield* claimMembers(row, { externalId, note: "Conformance", ...term(made, "10:00", "11:00") }, "the blocked time")
    })
  }),
  writeLaw("createBlockedTime", "MUST take a dateTo that is only a day to mean the end of that day", {
    body: Effect.gen(function* () {
      const { block, blockedRow, day } = yield* world()
      const { blockedTimeId } = yield* block({ from: Day.wholeDay(day), to: Day.wholeDay(day) })
      yield* claimMembers(
        yield* blockedRow(blockedTimeId),
        { dateFrom: Day.listed(day, "00:00"), dateTo: Day.listed(day + 1, "00:00") },
        "the blocked time"
      )
    })
  }),
  writeLaw("createBlockedTime", "MUST accept a blocked time over reservations, and leave them as they are", {
    body: Effect.gen(function* () {
      const { block, book, row } = yield* world()
      const { reservationId } = yield* book({ at: "10:00" })
      yield* block({ from: "10:00", to: "11:00" })
      yield* claimMembers(yield* row(reservationId), { status: "CONFIRMED", needsSync: false }, "the reservation")
    })
  }),
  writeLaw(
    "createBlockedTime",
    "MUST refuse an externalId that a blocked time of the channel has with DuplicateReservation",
    {
      code: 40,
      body: Effect.gen(function* () {
        const { block, blockedRows } = yield* world()
        const externalId = yield* Records.freshId
        yield* block({ from: "10:00", to: "11:00", externalId })
        yield* refused(block({ from: "12:00", to: "13:00", externalId }), "DuplicateReservation", "a used externalId")
        yield* claimEqual((yield* blockedRows()).length, 1, "the count of blocked times")
      })
    }
  ),
  idLaw({ duplicateIds: true }, "MUST name the blocked time that has the externalId", true),
  idLaw({ duplicateIds: false }, "MUST NOT name the blocked time that has the externalId", false),
  writeLaw("createBlockedTime", "MUST let a blocked time have the externalId of a reservation", {
    body: Effect.gen(function* () {
      const { block, book } = yield* world()
      const externalId = yield* Records.freshId
      yield* book({ at: "10:00", externalId })
      yield* block({ from: "12:00", to: "13:00", externalId })
    })
  }),
  writeLaw("createBlockedTime", "MUST refuse a late retry of a removed blocked time with DuplicateReservation", {
    code: 40,
    requires: { lateRetries: true },
    body: Effect.gen(function* () {
      const made = yield* world()
      const { blocking, second } = yield* late(made)
      yield* refused(second, "DuplicateReservation", "the same request after the removal")
      yield* made.block({ ...blocking, to: "12:00" })
    })
  }),
  writeLaw("createBlockedTime", "MUST make a removed blocked time anew when it is sent again", {
    requires: { lateRetries: false },
    body: Effect.gen(function* () {
      const { second } = yield* late(yield* world())
      yield* second
    })
  }),
  writeLaw("createBlockedTime", "MUST refuse a dateTo that is not after dateFrom with code 10 about dateTo", {
    code: 10,
    body: Effect.gen(function* () {
      const { block } = yield* world()
      yield* refusedFor(block({ from: "11:00", to: "10:00" }), "dateTo", "an end before the start")
      yield* refusedFor(block({ from: "11:00", to: "11:00" }), "dateTo", "an end at the start")
    })
  }),
  writeLaw("createBlockedTime", "MUST refuse a facility that the channel does not reach with PermissionDenied", {
    code: 403,
    body: Effect.gen(function* () {
      const { wall } = yield* world()
      const given = {
        dateFrom: wall("10:00"),
        dateTo: wall("11:00"),
        externalId: yield* Records.freshId,
        note: "",
        facilityId: Ask.unknown.facility
      }
      yield* refused(Records.block(given), "PermissionDenied", "a blocked time of a facility that is not there")
    })
  }),
  writeLaw("createBlockedTime", "MUST keep the externalId of a blocked time for each channel by itself", {
    requires: { channelFlags: true },
    body: Effect.gen(function* () {
      const second = yield* Ask.party("second")
      const { block, blockedRow } = yield* world()
      const externalId = yield* Records.freshId
      const { blockedTimeId } = yield* block({ from: "10:00", to: "11:00", externalId })
      yield* claimEqual(
        (yield* blockedRow(blockedTimeId, second)).externalId,
        undefined,
        "the second channel's externalId"
      )
      yield* block({ from: "12:00", to: "13:00", externalId, by: second })
    })
  }),
  writeLaw("createBlockedTime", "MUST show all channels one externalId of a blocked time", {
    requires: { channelFlags: false },
    body: Effect.gen(function* () {
      const second = yield* Ask.party("second")
      const { block, blockedRow } = yield* world()
      const { blockedTimeId, externalId } = yield* block({ from: "10:00", to: "11:00" })
      yield* claimEqual(
        (yield* blockedRow(blockedTimeId, second)).externalId,
        externalId,
        "what the second channel sees"
      )
    })
  }),
  writeLaw("listBlockedTimes", "MUST list what overlaps the days that are asked for, both inclusive", {
    body: Effect.gen(function* () {
      const { block, day, facility } = yield* world()
      const { blockedTimeId } = yield* block({ from: Day.wall(day - 1, "20:00"), to: Day.wall(day, "00:00") })
      const next = yield* block({ from: Day.wall(day, "23:00"), to: Day.wall(day + 1, "01:00") })
      const on = (epochDay: number) => {
        const date = Day.date(epochDay)
        const query = { facilityId: facility.id, dateFrom: date, dateTo: date }
        return Effect.map(Ask.first(Ask.listBlockedTimes(query)), ({ rows }) => idsOf(rows))
      }
      yield* claimEqual(yield* on(day - 1), [blockedTimeId], "the listing of the day before")
      yield* claimEqual(yield* on(day), [next.blockedTimeId], "the listing of the day")
      yield* claimEqual(yield* on(day + 1), [next.blockedTimeId], "the listing of the day after")
    })
  }),
  writeLaw("listBlockedTimes", "MUST list by change instant, in pages with the total of the listing", {
    body: Effect.gen(function* () {
      const { block, day, facility, wall } = yield* world()
      const { pass } = yield* Subject
      const made: Array<Effect.Success<ReturnType<typeof block>>["blockedTimeId"]> = []
      for (const [from, to] of [
        ["10:00", "11:00"],
        ["08:00", "09:00"],
        ["12:00", "13:00"]
      ] as const) {
        made.push((yield* block({ from, to })).blockedTimeId)
        yield* pass(2)
      }
      const [one, two, three] = made
      if (one === undefined || two === undefined || three === undefined) return
      yield* Ask.first(Ask.changeBlockedTerm(one, { dateTo: wall("11:30") }))
      const range = { facilityId: facility.id, dateFrom: Day.date(day), dateTo: Day.date(day) }
      const whole = yield* Ask.first(Ask.listBlockedTimes(range))
      yield* claimEqual(idsOf(whole.rows), [two, three, one], "the order after a change of the first")
      yield* claimEqual(whole.pagination, { total: 3, offset: 0, limit: 100 }, "the pagination")
      const page = yield* Ask.first(Ask.listBlockedTimes({ ...range, offset: 1, limit: 1 }))
      yield* claimEqual(idsOf(page.rows), [three], "the page at 1 of 1")
      yield* claimEqual(page.pagination, { total: 3, offset: 1, limit: 1 }, "the pagination")
    })
  }),
  writeLaw("listBlockedTimes", "MUST list with lastSync what has changed since, and nothing that has not", {
    body: Effect.gen(function* () {
      const { block, day, facility } = yield* world()
      const { clockToleranceMs, pass } = yield* Subject
      const early = yield* block({ from: "10:00", to: "11:00" })
      const lastSync = (yield* Clock.currentTimeMillis) + clockToleranceMs + 1
      yield* pass(2 * clockToleranceMs + 2)
      const late = yield* block({ from: "12:00", to: "13:00" })
      const query = { facilityId: facility.id, dateFrom: Day.date(day), dateTo: Day.date(day), lastSync }
      const listed = idsOf((yield* Ask.first(Ask.listBlockedTimes(query))).rows)
      yield* claim(listed.includes(late.blockedTimeId), "what was made since is not listed")
      yield* claim(!listed.includes(early.blockedTimeId), "what was not changed since is listed")
    })
  }),
  writeLaw("changeBlockedTimeTerm", "MUST move a blocked time, and keep the end that is left out", {
    body: Effect.gen(function* () {
      const made = yield* world()
      const { blockedTimeId } = yield* made.block({ from: "10:00", to: "12:00" })
      const move = (change: Parameters<typeof Ask.changeBlockedTerm>[1]) =>
        Ask.first(Ask.changeBlockedTerm(blockedTimeId, change))
      yield* move({ dateFrom: made.wall("09:00") })
      yield* claimMembers(yield* made.blockedRow(blockedTimeId), term(made, "09:00", "12:00"), "the blocked time")
      yield* move({ dateTo: made.wall("10:00") })
      yield* claimMembers(yield* made.blockedRow(blockedTimeId), term(made, "09:00", "10:00"), "the blocked time")
      yield* move({})
      yield* made.book({ at: "10:00" })
      yield* refused(made.book({ at: "09:00" }), "NoCapacityLeft", "a reservation where it has been moved to")
    })
  }),
  writeLaw(
    "changeBlockedTimeTerm",
    "MUST refuse a dateTo that is not after dateFrom with code 10, and change nothing",
    {
      code: 10,
      body: Effect.gen(function* () {
        const made = yield* world()
        const { blockedTimeId } = yield* made.block({ from: "10:00", to: "12:00" })
        const change = Ask.first(Ask.changeBlockedTerm(blockedTimeId, { dateTo: made.wall("09:00") }))
        yield* refusedFor(change, "dateTo", "an end before the start")
        yield* claimMembers(yield* made.blockedRow(blockedTimeId), term(made, "10:00", "12:00"), "the blocked time")
      })
    }
  ),
  writeLaw("changeBlockedTimeTerm", "MUST refuse a blocked time that is not there with ResourceNotFound", {
    code: 12,
    body: refused(
      Ask.first(Ask.changeBlockedTerm(Ask.unknown.blockedTime, {})),
      "ResourceNotFound",
      "moving a blocked time that is not there"
    )
  }),
  writeLaw("removeBlockedTime", "MUST remove a blocked time from the listing, and free its time", {
    body: Effect.gen(function* () {
      const { block, blockedRows, book } = yield* world()
      const { blockedTimeId } = yield* block({ from: "10:00", to: "11:00" })
      const answer = yield* Ask.first(Ask.removeBlockedTime(blockedTimeId))
      yield* claimEqual(answer.blockedTimeId, blockedTimeId, "the id of the answer")
      yield* claimEqual((yield* blockedRows()).length, 0, "the count of blocked times")
      yield* book({ at: "10:00" })
    })
  }),
  writeLaw("removeBlockedTime", "MUST refuse a blocked time that is removed, or not there, with ResourceNotFound", {
    code: 12,
    body: Effect.gen(function* () {
      const { block, wall } = yield* world()
      const { blockedTimeId } = yield* block({ from: "10:00", to: "11:00" })
      const remove = Ask.first(Ask.removeBlockedTime(blockedTimeId))
      yield* remove
      yield* refused(remove, "ResourceNotFound", "a second removal")
      const move = Ask.first(Ask.changeBlockedTerm(blockedTimeId, { dateTo: wall("12:00") }))
      yield* refused(move, "ResourceNotFound", "moving what is removed")
      yield* refused(
        Ask.first(Ask.removeBlockedTime(Ask.unknown.blockedTime)),
        "ResourceNotFound",
        "removing a blocked time that is not there"
      )
    })
  })
]
