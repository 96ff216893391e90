/**
 * What the tests of the engine share: a small world (two channels, a facility that both reach and one that only the first
 * does), callers, requests written as the wire writes them, and answers as short texts such as "30 full". A fresh
 * database numbers everything from 1, in the order of the seed.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Access, Caller } from "@bookio-kit/core/access/Caller"
import type { ApiError } from "@bookio-kit/core/api/Envelope"
import { BlockedTimeChange, NewBlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { type BlockedTimeQuery, BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { CalendarChange, CalendarEnd, NewCalendar } from "@bookio-kit/core/calendar/Calendar"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { NewReservation, type ReservationStatus, TermChange } from "@bookio-kit/core/reservation/Reservation"
import { type ReservationQuery, Reservations } from "@bookio-kit/core/reservation/Reservations"
import {
  BlockedTimeId,
  CalendarId,
  ChannelId,
  ExternalId,
  FacilityId,
  ReservationId,
  ServiceId
} from "@bookio-kit/core/scalar/Id"
import { Slots } from "@bookio-kit/core/slot/Slots"
import { LocalDate } from "@bookio-kit/core/time/LocalDate"
import { assert } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Database from "../src/database/Database.ts"
import * as Engine from "../src/Engine.ts"
import { applySeed, decodeSeed } from "../src/seed/ApplySeed.ts"
import type { Seed } from "../src/seed/Seed.ts"

export type SeedJson = typeof Seed.Encoded
export type CalendarJson = SeedJson["facilities"][number]["calendars"][number]

/** A folder of its own that goes with the scope. */
export const temporaryFile = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "bookio-engine-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  ),
  (folder) => join(folder, "bookio.db")
)

/** The engine with its database, in memory unless a file is named. */
export const engine = (filename = ":memory:") => Layer.provideMerge(Engine.layer, Database.layer({ filename }))

export const sharedFacility = FacilityId.make(1)
export const foreignFacility = FacilityId.make(2)
export const visit = ServiceId.make(1)
export const group = ServiceId.make(2)
export const hidden = ServiceId.make(3)
export const massage = ServiceId.make(4)
export const london = ServiceId.make(5)
export const doctor = CalendarId.make(1)
export const room = CalendarId.make(2)

const everyDay = [1, 2, 3, 4, 5, 6, 7]
const valid = { validFrom: "2026-01-01", validTo: "2026-12-31" }

/** Capacities 1, 3 and 2 in one calendar, the last hidden; open from 8 to 12 and 12 to 16, and over midnight. */
export const doctorCalendar: CalendarJson = {
  key: "doctor",
  name: "Doctor",
  ...valid,
  services: [
    { id: 1, name: "Visit", duration: 60 },
    { id: 2, name: "Group", duration: 30, capacity: 3 },
    { id: 3, name: "Hidden", duration: 90, capacity: 2, hiddenInOnlineForm: true }
  ],
  intervals: [
    { name: "Night", weekDays: everyDay, timeFrom: "00:00", timeTo: "04:00" },
    { name: "Morning", weekDays: everyDay, timeFrom: "08:00", timeTo: "12:00" },
    { name: "Afternoon", weekDays: everyDay, timeFrom: "12:00", timeTo: "16:00", allowedServices: [2, 1] },
    { name: "Evening", weekDays: everyDay, timeFrom: "20:00", timeTo: "24:00" }
  ]
}

/** One service of capacity 2, open around the clock. */
export const roomCalendar: CalendarJson = {
  key: "room",
  name: "Room",
  ...valid,
  services: [{ id: 1, name: "Massage", duration: 60, capacity: 2 }],
  intervals: [{ name: "Always", weekDays: everyDay, timeFrom: "00:00", timeTo: "24:00" }]
}

const foreignCalendar: CalendarJson = {
  key: "london",
  name: "London",
  ...valid,
  services: [
    { id: 1, name: "Visit", duration: 60, capacity: 2 },
    { id: 2, name: "Short visit", duration: 30 }
  ],
  intervals: [{ name: "Always", weekDays: everyDay, timeFrom: "00:00", timeTo: "24:00" }]
}

const facility = (key: string, timeZone: string, code: string, calendars: ReadonlyArray<CalendarJson>) => ({
  key,
  name: `Facility ${key}`,
  address: { street: "Main 1", city: "Town", postcode: "82104", country: { name: code, code } },
  contact: {},
  timeZone,
  calendars
})

/** The world of the tests: channel 1 reaches both facilities, channel 2 only the first. */
export const seed = (calendars: ReadonlyArray<CalendarJson> = [doctorCalendar, roomCalendar]): SeedJson => ({
  facilities: [
    facility("shared", "Europe/Bratislava", "SVK", calendars),
    facility("foreign", "Europe/London", "GBR", [foreignCalendar])
  ],
  channels: [
    { name: "first", facilities: ["shared", "foreign"], tokens: [] },
    { name: "second", facilities: ["shared"], tokens: [] }
  ]
})

/** Puts a seed into the database; an invalid one is a defect of the test. */
export const plant = (json: unknown = seed()) => decodeSeed(json).pipe(Effect.flatMap(applySeed), Effect.orDie)

/** An instant by its UTC text. */
export const utc = (text: string): number => Date.parse(`${text}Z`)

/** Monday 1 June 2026, 8 in Bratislava, with the world planted. */
export const world = (json?: unknown) => Effect.andThen(TestClock.setTime(utc("2026-06-01T06:00:00")), plant(json))

/** Provides who asks. */
export const as =
  (channel: 1 | 2, access: Access = "write") =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.provideService(effect, Caller, { channelId: ChannelId.make(channel), access, language: "en" })

export const first = as(1)
export const second = as(2)

export const day = Schema.decodeSync(LocalDate)
export const externalId = (id: number) => ExternalId.make(id)
export const reservationId = (id: number) => ReservationId.make(id)
export const blockedTimeId = (id: number) => BlockedTimeId.make(id)

const john = {
  name: "John",
  surname: "Audrey",
  email: "john@example.com",
  phone: "+421948762315",
  locale: "sk",
  facilityId: sharedFacility,
  serviceId: visit
}

/** Another person each time. */
export const person = (n: number) => ({ surname: `Person ${n}`, email: `p${n}@example.com`, phone: `+42190000000${n}` })

const decodeReservation = Schema.decodeSync(NewReservation)

/** Operation 7; what is not given is that of John at the doctor's. */
export const book = (
  given: Partial<typeof NewReservation.Encoded> & Pick<typeof NewReservation.Encoded, "dateFrom" | "externalId">
) => Effect.flatMap(Reservations, (reservations) => reservations.create(decodeReservation({ ...john, ...given })))

/** Operation 8. */
export const status = (id: number, to: ReservationStatus, cancellationReason?: string) =>
  Effect.flatMap(Reservations, (reservations) =>
    reservations.changeStatus(reservationId(id), {
      status: to,
      ...(cancellationReason === undefined ? {} : { cancellationReason })
    })
  )

// A port is told what its types allow, so also what the form of a request refuses before it: an offset without its time.
const unchecked = { disableChecks: true } as const
const decodeTerm = Schema.decodeSync(TermChange, unchecked)

/** Operation 9. */
export const move = (id: number, change: typeof TermChange.Encoded) =>
  Effect.flatMap(Reservations, (reservations) => reservations.changeTerm(reservationId(id), decodeTerm(change)))

/** Operation 10. */
export const confirm = (id: number, external?: number) =>
  Effect.flatMap(Reservations, (reservations) =>
    reservations.confirmSync(reservationId(id), external === undefined ? {} : { externalId: externalId(external) })
  )

/** Operation 6. */
export const list = (query: ReservationQuery = {}) =>
  Effect.flatMap(Reservations, (reservations) => reservations.list(query))

/** The one reservation of that id, as the caller sees it. */
export const row = (id: number) => Effect.map(list(), ({ rows }) => rows.find((row) => row.id === id)!)

const decodeBlocked = Schema.decodeSync(NewBlockedTime)

/** Operation 12. */
export const block = (
  given: Partial<typeof NewBlockedTime.Encoded> &
    Pick<typeof NewBlockedTime.Encoded, "dateFrom" | "dateTo" | "externalId">
) =>
  Effect.flatMap(BlockedTimes, (blocked) =>
    blocked.create(decodeBlocked({ note: "", facilityId: sharedFacility, ...given }))
  )

const decodeBlockedChange = Schema.decodeSync(BlockedTimeChange, unchecked)

/** Operation 13. */
export const moveBlock = (id: number, change: typeof BlockedTimeChange.Encoded) =>
  Effect.flatMap(BlockedTimes, (blocked) => blocked.changeTerm(blockedTimeId(id), decodeBlockedChange(change)))

/** Operation 14. */
export const unblock = (id: number) => Effect.flatMap(BlockedTimes, (blocked) => blocked.remove(blockedTimeId(id)))

/** Operation 11. */
export const blocks = (query: BlockedTimeQuery = {}) => Effect.flatMap(BlockedTimes, (blocked) => blocked.list(query))

/** Operation 2. */
export const calendars = (query: { readonly date?: string; readonly facilityId?: FacilityId } = {}) =>
  Effect.flatMap(Calendars, (calendars) =>
    calendars.list({
      ...(query.facilityId === undefined ? {} : { facilityId: query.facilityId }),
      ...(query.date === undefined ? {} : { date: day(query.date) })
    })
  )

/** Operation 3. */
export const createCalendar = (given: typeof NewCalendar.Encoded) =>
  Effect.flatMap(Calendars, (calendars) => calendars.create(Schema.decodeSync(NewCalendar)(given)))

const decodeChange = Schema.decodeSync(CalendarChange)

/** Operation 4. */
export const update = (id: number, change: typeof CalendarChange.Encoded) =>
  Effect.flatMap(Calendars, (calendars) => calendars.update(CalendarId.make(id), decodeChange(change)))

const decodeEnd = Schema.decodeSync(CalendarEnd)

/** Operation 5. */
export const end = (id: number, given: typeof CalendarEnd.Encoded = {}) =>
  Effect.flatMap(Calendars, (calendars) => calendars.end(CalendarId.make(id), decodeEnd(given)))

/** The slot extension. */
export const slots = (service: number, from: string, to: string, facility: number = sharedFacility) =>
  Effect.flatMap(Slots, (slots) =>
    slots.list({
      facilityId: FacilityId.make(facility),
      serviceId: ServiceId.make(service),
      from: day(from),
      to: day(to)
    })
  )

/** An error as one short text: the code of the reference, the reason, the ids. */
export const said = (error: ApiError): string => {
  switch (error._tag) {
    case "ValidationError":
      return `10 ${error.problems
        .map(({ field, key }) => `${field} ${key}`)
        .sort()
        .join(", ")}`
    case "PaymentError":
      return "11"
    case "ResourceNotFound":
      return `12 ${error.resource}`
    case "InvalidToken":
      return `20 ${error.reason}`
    case "NoCapacityLeft":
      return `30 ${error.reason}`
    case "DuplicateReservation":
      return `40 ${error.reason} ${error.reservationId ?? error.blockedTimeId ?? "-"}`
    case "PermissionDenied":
      return `403 ${error.reason}`
    case "EndpointNotFound":
      return "404"
    case "BackendError":
      return error.reason
  }
}

/** Compares by value, whatever the brands. */
export const equal = (actual: unknown, expected: unknown) => assert.deepStrictEqual(actual, expected)

/** Compares the members that are expected, whatever the brands. */
export const includes = (actual: object, expected: object) => assert.deepInclude(actual, expected)

/** The refusal of an effect as a text; a success fails the test. */
export const refusal = <A, R>(effect: Effect.Effect<A, ApiError, R>) => Effect.map(Effect.flip(effect), said)
