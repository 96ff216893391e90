/** Laws of operation 2 over the calendars that there are. */
import * as Effect from "effect/Effect"
import * as Ask from "../internal/Ask.ts"
import * as Day from "../internal/Day.ts"
import { claim, claimEqual, refused } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { type Law, NotRun, readLaw } from "../Law.ts"
import { isAscending } from "./FacilityLaws.ts"

const idsOf = (rows: ReadonlyArray<{ readonly id: number }>) => rows.map(({ id }) => id)

const all = Effect.flatMap(Ask.first(Ask.listCalendars({})), (calendars) =>
  calendars.length === 0 ? Effect.fail(new NotRun({ reason: "no calendar is listed" })) : Effect.succeed(calendars)
)

export const calendarReadLaws: ReadonlyArray<Law> = [
  readLaw("listCalendars", "MUST list calendars ascending by id, each once", {
    body: Effect.gen(function* () {
      const ids = idsOf(yield* all)
      yield* claim(isAscending(ids), `the ids are ${ids.join(", ")}`)
    })
  }),
  readLaw("listCalendars", "MUST list calendars of the channel's facilities only", {
    body: Effect.gen(function* () {
      const reached = idsOf(yield* Ask.first(Ask.listFacilities))
      const foreign = (yield* all).filter(({ facilityId }) => !reached.includes(facilityId))
      yield* claim(foreign.length === 0, `calendars ${idsOf(foreign).join(", ")} are of other facilities`)
    })
  }),
  readLaw("listCalendars", "MUST list exactly the calendars of a facility that is named", {
    body: Effect.gen(function* () {
      const facility = yield* Records.facility
      const expected = (yield* all).filter(({ facilityId }) => facilityId === facility.id)
      const listed = yield* Ask.first(Ask.listCalendars({ facilityId: facility.id }))
      yield* claimEqual(idsOf(listed), idsOf(expected), `the listing of facility ${facility.id}`)
    })
  }),
  readLaw("listCalendars", "MUST list on a day exactly the calendars that are valid on it, both ends inclusive", {
    body: Effect.gen(function* () {
      const calendars = yield* all
      const days = calendars.flatMap(({ validFrom, validTo }) => [Day.dayOf(validFrom), Day.dayOf(validTo)])
      for (const day of new Set(days.flatMap((day) => [day - 1, day, day + 1]).slice(0, 12))) {
        const expected = calendars.filter(
          ({ validFrom, validTo }) => Day.dayOf(validFrom) <= day && day <= Day.dayOf(validTo)
        )
        const listed = yield* Ask.first(Ask.listCalendars({ date: Day.date(day) }))
        yield* claimEqual(idsOf(listed), idsOf(expected), `the listing on ${Day.date(day)}`)
      }
    })
  }),
  readLaw("listCalendars", "MUST refuse a facility that the channel does not reach with PermissionDenied", {
    code: 403,
    body: Effect.gen(function* () {
      const list = Ask.first(Ask.listCalendars({ facilityId: Ask.unknown.facility }))
      yield* refused(list, "PermissionDenied", "listing the calendars of a facility that is not there")
    })
  })
]
