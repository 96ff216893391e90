/** Laws of isolation (engine.md, rule 12): what a channel that does not reach the facility, or that only books, sees. */

import type { Caller } from "@bookio-kit/core/access/Caller"
import type { ApiError } from "@bookio-kit/core/api/Envelope"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Ask from "../internal/Ask.ts"
import * as Day from "../internal/Day.ts"
import { claim, claimEqual, claimMembers, refused } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { newCalendar, type World, world } from "../internal/World.ts"
import { type Law, type LawFailure, type LawParts, NotRun, type Operation, readLaw, writeLaw } from "../Law.ts"
import type { Ports, Subject } from "../Subject.ts"

type Attempt = Effect.Effect<unknown, ApiError, Ports | Caller>

/** A law about a record of the first caller that a stranger names by its id. */
const notFound = (
  operation: Operation,
  what: string,
  attempt: (
    made: World
  ) => Effect.Effect<
    { readonly attempt: Attempt; readonly unchanged: Effect.Effect<void, LawFailure | ApiError, Subject> },
    LawFailure | NotRun | ApiError,
    Subject | Scope.Scope
  >
) =>
  writeLaw(operation, `MUST answer ${what} of another channel's facility like one that is not there`, {
    code: 12,
    body: Effect.gen(function* () {
      const stranger = yield* Ask.party("stranger")
      const tried = yield* attempt(yield* world())
      yield* refused(Ask.by(stranger)(tried.attempt), "ResourceNotFound", `${what} of a foreign facility`)
      yield* tried.unchanged
    })
  })

/** A law about a facility that a stranger names outright. */
const denied = (
  kind: typeof readLaw,
  operation: Operation,
  requires: NonNullable<LawParts["requires"]>,
  attempt: (facility: Effect.Success<typeof Records.facility>) => Attempt
) =>
  kind(operation, `MUST refuse ${operation} at a facility of other channels with PermissionDenied`, {
    code: 403,
    requires,
    body: Effect.gen(function* () {
      const stranger = yield* Ask.party("stranger")
      const facility = yield* Records.facility
      yield* refused(Ask.by(stranger)(attempt(facility)), "PermissionDenied", `${operation} at a foreign facility`)
    })
  })

// A reservation that a stranger touches must stay as it is.
const ofReservation = (operation: Operation, change: (id: Parameters<World["row"]>[0], made: World) => Attempt) =>
  notFound(
    operation,
    `${operation} of a reservation`,
    Effect.fnUntraced(function* (made) {
      const { reservationId } = yield* made.book({ at: "10:00" })
      const before = yield* made.row(reservationId)
      return {
        attempt: change(reservationId, made),
        unchanged: Effect.flatMap(made.row(reservationId), (after) => claimMembers(after, before, "the reservation"))
      }
    })
  )

const ofBlockedTime = (
  operation: Operation,
  change: (id: Parameters<World["blockedRow"]>[0], made: World) => Attempt
) =>
  notFound(
    operation,
    `${operation} of a blocked time`,
    Effect.fnUntraced(function* (made) {
      const { blockedTimeId } = yield* made.block({ from: "10:00", to: "11:00" })
      const before = yield* made.blockedRow(blockedTimeId)
      return {
        attempt: change(blockedTimeId, made),
        unchanged: Effect.flatMap(made.blockedRow(blockedTimeId), (after) => claimMembers(after, before, "it"))
      }
    })
  )

const ofCalendar = (operation: Operation, change: (made: World) => Attempt) =>
  notFound(operation, `${operation} of a calendar`, (made) =>
    Effect.succeed({
      attempt: change(made),
      unchanged: Effect.flatMap(Records.calendarRow(made.facility, made.calendarId), (after) =>
        claimMembers(after, made.made, "the calendar")
      )
    })
  )

const person = { name: "Test", surname: "Law", email: "law@example.com", phone: "+421900000000", locale: "en" }

export const isolationLaws: ReadonlyArray<Law> = [
  denied(readLaw, "listCalendars", {}, ({ id }) => Ask.listCalendars({ facilityId: id })),
  denied(readLaw, "listReservations", {}, ({ id }) => Ask.listReservations({ facilityId: id })),
  denied(readLaw, "listBlockedTimes", {}, ({ id }) => Ask.listBlockedTimes({ facilityId: id })),
  denied(readLaw, "listSlots", { slots: true }, ({ id }) =>
    Ask.listSlots({ facilityId: id, serviceId: Ask.unknown.service, from: Day.date(20_000), to: Day.date(20_000) })
  ),
  denied(readLaw, "listEvents", { events: true }, ({ id }) => Ask.listEvents({ facilityId: id })),
  // Were they not refused for the facility, they would be for what is wrong with them: nothing is made.
  denied(writeLaw, "createCalendar", {}, (facility) =>
    Ask.createCalendar({ ...newCalendar(facility, 20_000), validTo: Day.wholeDay(19_000) })
  ),
  denied(writeLaw, "createReservation", {}, ({ id }) =>
    Ask.createReservation({
      ...person,
      externalId: Ask.unknown.externalId,
      dateFrom: Day.wholeDay(20_000),
      serviceId: Ask.unknown.service,
      facilityId: id
    })
  ),
  denied(writeLaw, "createBlockedTime", {}, ({ id }) =>
    Ask.createBlockedTime({
      dateFrom: Day.wall(20_000, "11:00"),
      dateTo: Day.wall(20_000, "10:00"),
      externalId: Ask.unknown.externalId,
      note: "",
      facilityId: id
    })
  ),
  ofCalendar("updateCalendar", ({ calendarId }) => Ask.updateCalendar(calendarId, { name: "Taken over" })),
  ofCalendar("endCalendar", ({ calendarId, day }) => Ask.endCalendar(calendarId, { validTo: Day.wholeDay(day) })),
  ofReservation("changeReservationStatus", (id) => Ask.changeStatus(id, { status: "CANCELLED" })),
  ofReservation("changeReservationTerm", (id, { wall }) => Ask.changeTerm(id, { dateFrom: wall("11:00") })),
  ofReservation("confirmReservationSync", (id) => Ask.confirmSync(id, { externalId: Ask.unknown.externalId })),
  ofBlockedTime("changeBlockedTimeTerm", (id, { wall }) => Ask.changeBlockedTerm(id, { dateTo: wall("12:00") })),
  ofBlockedTime("removeBlockedTime", (id) => Ask.removeBlockedTime(id)),
  writeLaw("createReservation", "MUST answer a service of another channel's facility like one that is not there", {
    code: 12,
    body: Effect.gen(function* () {
      const stranger = yield* Ask.party("stranger")
      const { service, wall } = yield* world()
      const [own] = yield* Ask.by(stranger)(Ask.listFacilities)
      if (own === undefined) return yield* new NotRun({ reason: "the other channel reaches no facility" })
      const given = {
        ...person,
        externalId: yield* Records.freshId,
        dateFrom: wall("10:00"),
        serviceId: service("Solo")
      }
      const attempt = Records.reserve({ ...given, facilityId: own.id }, stranger)
      yield* refused(attempt, "ResourceNotFound", "a service of a foreign facility at the own one")
    })
  }),
  writeLaw("listReservations", "MUST show a caller of access book only the reservations of its own channel", {
    body: Effect.gen(function* () {
      const booker = yield* Ask.party("booker")
      const { book, rows } = yield* world()
      const foreign = yield* book({ at: "10:00" })
      const own = yield* book({ at: "11:00", by: booker })
      const listed = (yield* rows({}, booker)).map(({ id }) => id)
      yield* claim(!listed.includes(foreign.reservationId), "another channel's reservation is listed")
      yield* claim(listed.includes(own.reservationId), "the own reservation is not listed")
    })
  }),
  writeLaw("createReservation", "MUST NOT name another channel's reservation to a caller of access book", {
    code: 40,
    requires: { personDuplicates: true },
    body: Effect.gen(function* () {
      const booker = yield* Ask.party("booker")
      const { book } = yield* world()
      const person = yield* Records.freshPerson
      yield* book({ service: "Group", at: "10:00", person })
      const second = book({ service: "Group", at: "10:00", person, by: booker })
      const { reservationId } = yield* refused(second, "DuplicateReservation", "a second place for one person")
      yield* claimEqual(reservationId, undefined, "the id that the refusal tells")
    })
  })
]
