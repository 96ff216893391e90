/**
 * Laws of tokens: each operation refuses one that is not valid, before all else, and each writing one refuses one that may
 * only read. What is sent would be refused for something else if it were not for the token, so nothing is made.
 */
import type { Caller } from "@bookio-kit/core/access/Caller"
import type { ApiError } from "@bookio-kit/core/api/Envelope"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import * as Effect from "effect/Effect"
import * as Ask from "../internal/Ask.ts"
import * as Day from "../internal/Day.ts"
import { refused } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { newCalendar } from "../internal/World.ts"
import { type Law, type Operation, operations, type Requirements, readLaw, writeLaw } from "../Law.ts"
import type { Ports } from "../Subject.ts"

interface Attempt {
  readonly writes: boolean
  readonly requires?: Requirements
  readonly call: (facility: Facility) => Effect.Effect<unknown, ApiError, Ports | Caller>
}

const read = (call: Attempt["call"], requires: Requirements = {}): Attempt => ({ writes: false, call, requires })
const write = (call: Attempt["call"]): Attempt => ({ writes: true, call })

const day = 20_000

const attempts: { readonly [O in Operation]: Attempt } = {
  listFacilities: read(() => Ask.listFacilities),
  listCalendars: read(() => Ask.listCalendars({})),
  createCalendar: write((facility) =>
    Ask.createCalendar({ ...newCalendar(facility, day), validTo: Day.wholeDay(day - 100) })
  ),
  updateCalendar: write(() => Ask.updateCalendar(Ask.unknown.calendar, { name: "Renamed" })),
  endCalendar: write(() => Ask.endCalendar(Ask.unknown.calendar, {})),
  listReservations: read(() => Ask.listReservations({ limit: 1 })),
  createReservation: write(({ id }) =>
    Ask.createReservation({
      name: "Test",
      surname: "Law",
      email: "law@example.com",
      phone: "+421900000000",
      locale: "en",
      dateFrom: Day.wholeDay(day),
      externalId: Ask.unknown.externalId,
      serviceId: Ask.unknown.service,
      facilityId: id
    })
  ),
  changeReservationStatus: write(() => Ask.changeStatus(Ask.unknown.reservation, { status: "CANCELLED" })),
  changeReservationTerm: write(() => Ask.changeTerm(Ask.unknown.reservation, {})),
  confirmReservationSync: write(() => Ask.confirmSync(Ask.unknown.reservation, { externalId: Ask.unknown.externalId })),
  listBlockedTimes: read(() => Ask.listBlockedTimes({ limit: 1 })),
  createBlockedTime: write(({ id }) =>
    Ask.createBlockedTime({
      dateFrom: Day.wall(day, "11:00"),
      dateTo: Day.wall(day, "10:00"),
      externalId: Ask.unknown.externalId,
      note: "",
      facilityId: id
    })
  ),
  changeBlockedTimeTerm: write(() => Ask.changeBlockedTerm(Ask.unknown.blockedTime, {})),
  removeBlockedTime: write(() => Ask.removeBlockedTime(Ask.unknown.blockedTime)),
  listSlots: read(
    ({ id }) =>
      Ask.listSlots({ facilityId: id, serviceId: Ask.unknown.service, from: Day.date(day), to: Day.date(day) }),
    { slots: true }
  ),
  listEvents: read(() => Ask.listEvents({}), { events: true })
}

const lawOf = ({ writes }: Attempt) => (writes ? writeLaw : readLaw)

const intruderLaws = operations.map((operation) => {
  const { call, requires = {} } = attempts[operation]
  return lawOf(attempts[operation])(
    operation,
    `MUST refuse ${operation} to a token that is not valid with InvalidToken`,
    {
      code: 20,
      requires,
      body: Effect.gen(function* () {
        const intruder = yield* Ask.party("intruder")
        yield* refused(
          Ask.by(intruder)(call(yield* Records.facility)),
          "InvalidToken",
          `${operation} with a wrong token`
        )
      })
    }
  )
})

/** What a caller that may only read is refused. */
export const readerLaws: ReadonlyArray<Law> = operations
  .filter((operation) => attempts[operation].writes)
  .map((operation) =>
    writeLaw(operation, `MUST refuse ${operation} to a token that may only read with PermissionDenied`, {
      code: 403,
      body: Effect.gen(function* () {
        const reader = yield* Ask.party("reader")
        const attempt = attempts[operation].call(yield* Records.facility)
        yield* refused(Ask.by(reader)(attempt), "PermissionDenied", `${operation} by a reader`)
      })
    })
  )

export const accessLaws: ReadonlyArray<Law> = [...intruderLaws, ...readerLaws]
