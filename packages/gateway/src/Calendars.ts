/** Core's port of calendars: one upstream listing for each facility of the key; writes only within its facilities. */
import type { Calendar } from "@bookio-kit/core/calendar/Calendar"
import { type CalendarQuery, Calendars } from "@bookio-kit/core/calendar/Calendars"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import type { CalendarId, FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Attempt } from "./Attempt.ts"
import { allow, cached, type Parts, parts, targetsOf } from "./Reading.ts"
import type { Session } from "./Session.ts"

/** The calendars that a session reaches, past every check of the query; ascending by id. */
export const listCalendars = Effect.fnUntraced(function* (given: Parts, session: Session, query: CalendarQuery) {
  const { index, lifetimes, upstream } = given
  const targets = targetsOf(session, query.facilityId)
  const ask = (asked: CalendarQuery) =>
    upstream.read(
      session,
      Effect.flatMap(Calendars, ({ list }) => list(asked))
    )
  const listOf = Effect.fnUntraced(function* (facilityId: FacilityId) {
    const calendars = yield* ask({ ...query, facilityId })
    yield* index.learn(
      "calendar",
      facilityId,
      calendars.map(({ id }) => id)
    )
    yield* index.learn(
      "service",
      facilityId,
      calendars.flatMap(({ services }) => services.map(({ id }) => id))
    )
    return calendars
  })
  const merged =
    targets === undefined
      ? ask(query)
      : Effect.map(Effect.forEach(targets, listOf, { concurrency: 4 }), (lists) =>
          lists.flat().sort((a, b) => a.id - b.id)
        )
  return yield* cached<ReadonlyArray<Calendar>, Effect.Error<typeof merged>, Effect.Services<typeof merged>>(
    given,
    session,
    {
      operation: "listCalendars",
      query,
      concerned: targets ?? "all",
      lifetimeMs: lifetimes.calendarsMs,
      mayBeStale: true,
      rows: (calendars) => calendars.reduce((sum, { services }) => sum + 1 + services.length, 0)
    },
    merged
  )
})

export const layer = Layer.effect(Calendars)(
  Effect.map(parts, (given) => {
    const { cache, index, upstream } = given

    /** Changes a calendar of the session, in the facility that the request names where it names one. */
    const change = Effect.fnUntraced(function* <A, E, R>(
      calendarId: CalendarId,
      named: FacilityId | undefined,
      use: Effect.Effect<A, E, R>
    ) {
      const session = yield* given.session
      yield* allow(session, named)
      const facilityId = yield* index.facilityOf(session, "calendar", calendarId, named)
      return yield* cache.write(facilityId === undefined ? "all" : [facilityId], upstream.write(session, use))
    })

    return Calendars.of({
      list: Effect.fn("Calendars.list")(function* (query) {
        const session = yield* given.session
        yield* allow(session, query.facilityId)
        return yield* listCalendars(given, session, query)
      }),
      create: Effect.fn("Calendars.create")(function* (calendar) {
        const session = yield* given.session
        yield* allow(session, calendar.facilityId)
        // A calendar has nothing by which what an earlier request made could be told from others (sync.md).
        if ((yield* Attempt).earlier !== undefined) return yield* new BackendError({ reason: "OutcomeUnknown" })
        const use = Effect.flatMap(Calendars, ({ create }) => create(calendar))
        const written = yield* cache.write([calendar.facilityId], upstream.write(session, use))
        yield* index.learn("calendar", calendar.facilityId, [written.calendarId])
        return written
      }),
      update: Effect.fn("Calendars.update")(function* (calendarId, given) {
        return yield* change(
          calendarId,
          given.facilityId,
          Effect.flatMap(Calendars, ({ update }) => update(calendarId, given))
        )
      }),
      end: Effect.fn("Calendars.end")(function* (calendarId, given) {
        return yield* change(
          calendarId,
          given.facilityId,
          Effect.flatMap(Calendars, ({ end }) => end(calendarId, given))
        )
      })
    })
  })
)
