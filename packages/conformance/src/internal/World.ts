/**
 * The small world of a law: an empty day years ahead, a calendar of its own around it with three services, and short ways
 * to book, block and list there. Times are those on the wall of the law's day, "10:00", unless told.
 */
import type { Interval, IntervalInput, NewCalendar, ServiceInput } from "@bookio-kit/core/calendar/Calendar"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import type { NewReservation } from "@bookio-kit/core/reservation/Reservation"
import type { ReservationQuery } from "@bookio-kit/core/reservation/Reservations"
import type { BlockedTimeId, ExternalId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { fromMinutes } from "@bookio-kit/core/time/LocalTime"
import type { UtcOffset } from "@bookio-kit/core/time/UtcOffset"
import type { WallTime } from "@bookio-kit/core/time/WallTime"
import * as Effect from "effect/Effect"
import { LawFailure } from "../Law.ts"
import type { Party } from "../Subject.ts"
import * as Ask from "./Ask.ts"
import * as Day from "./Day.ts"
import * as Records from "./Records.ts"

export const everyDay = [1, 2, 3, 4, 5, 6, 7]

/** The name of a service of the law's calendar. */
export type ServiceName = "Solo" | "Group" | "Pair"

/** Capacities 1, 3 and 2; 60, 30 and 60 minutes. */
export const services: ReadonlyArray<ServiceInput> = [
  { id: 1, name: "Solo", duration: 60 },
  { id: 2, name: "Group", duration: 30, capacity: 3 },
  { id: 3, name: "Pair", duration: 60, capacity: 2 }
]

/** An interval of each day, in whole hours. */
export const hours = (from: number, to: number, allowedServices: ReadonlyArray<number> = []): IntervalInput => ({
  name: `From ${from} to ${to}`,
  weekDays: everyDay,
  timeFrom: fromMinutes(from * 60),
  timeTo: fromMinutes(to * 60),
  allowedServices
})

/** A calendar as laws make it: from 8 to 12 for all, and from 12 to 16 for all but Pair; valid two days to each side. */
export const newCalendar = ({ id }: Facility, epochDay: number): NewCalendar => ({
  facilityId: id,
  name: "Conformance",
  validFrom: Day.wholeDay(epochDay - 2),
  validTo: Day.wholeDay(epochDay + 2),
  services,
  intervals: [hours(8, 12), hours(12, 16, [1, 2])]
})

/** What a law books; what is left out is Solo at the first caller's, for a fresh person under a fresh externalId. */
export interface Booking {
  readonly service?: ServiceName | ServiceId
  readonly at: string | WallTime
  readonly offset?: UtcOffset
  readonly person?: Pick<NewReservation, "name" | "surname" | "email" | "phone">
  readonly externalId?: ExternalId
  readonly note?: string
  readonly by?: Party
}

/** What a law blocks, and by whom: the first caller, unless told. */
export interface Blocking {
  readonly from: string | WallTime
  readonly to: string | WallTime
  readonly fromOffset?: UtcOffset
  readonly toOffset?: UtcOffset
  readonly externalId?: ExternalId
  readonly by?: Party
}

/** What a law's calendar is, where it is not as `newCalendar` has it. */
export interface WorldOptions extends Partial<NewCalendar> {
  readonly day?: number
}

/** Makes the world of a law; it ends with the scope. */
export const world = Effect.fnUntraced(function* ({ day: given, ...calendar }: WorldOptions = {}) {
  const facility = yield* Records.facility
  const day = given ?? (yield* Day.freshDay(facility))
  const { calendarId } = yield* Records.makeCalendar(facility, { ...newCalendar(facility, day), ...calendar })
  const made = yield* Records.calendarRow(facility, calendarId)

  const wall = (time: string | WallTime): WallTime => (typeof time === "string" ? Day.wall(day, time) : time)

  /** The id of one of its services. */
  const service = (name: ServiceName): ServiceId =>
    (made.services.find((service) => service.name === name) ?? made.services[0])?.id ?? Ask.unknown.service

  /** Books; cancelled with the scope. */
  const book = Effect.fnUntraced(function* ({ at, by, offset, person, service: asked = "Solo", ...booking }: Booking) {
    const fresh = { externalId: yield* Records.freshId, ...(person ?? (yield* Records.freshPerson)) }
    return yield* Records.reserve(
      {
        ...fresh,
        ...booking,
        locale: "en",
        dateFrom: wall(at),
        ...(offset === undefined ? {} : { dateFromOffset: offset }),
        serviceId: typeof asked === "string" ? service(asked) : asked,
        facilityId: facility.id
      },
      by
    )
  })

  /** Blocks; removed with the scope. */
  const block = Effect.fnUntraced(function* ({ by, externalId, from, fromOffset, to, toOffset }: Blocking) {
    return yield* Records.block(
      {
        dateFrom: wall(from),
        ...(fromOffset === undefined ? {} : { dateFromOffset: fromOffset }),
        dateTo: wall(to),
        ...(toOffset === undefined ? {} : { dateToOffset: toOffset }),
        externalId: externalId ?? (yield* Records.freshId),
        note: "Conformance",
        facilityId: facility.id
      },
      by
    )
  })

  /** The reservations of its own services, of the law's day and the days around it, in the order of the listing. */
  const rows = (query: ReservationQuery = {}, by?: Party) =>
    Effect.map(
      Ask.by(by)(
        Ask.listReservations({ facilityId: facility.id, from: Day.date(day - 1), to: Day.date(day + 1), ...query })
      ),
      ({ rows }) => rows.filter((row) => made.services.some(({ id }) => id === row.service))
    )

  /** One reservation as a caller sees it. */
  const row = Effect.fnUntraced(function* (id: ReservationId, by?: Party) {
    const found = (yield* rows({}, by)).find((row) => row.id === id)
    return found ?? (yield* new LawFailure({ problem: `reservation ${id} was made and is not listed on its day` }))
  })

  const blockedRows = (by?: Party) =>
    Effect.map(
      Ask.by(by)(
        Ask.listBlockedTimes({ facilityId: facility.id, dateFrom: Day.date(day - 1), dateTo: Day.date(day + 1) })
      ),
      ({ rows }) => rows
    )

  /** One blocked time as a caller sees it. */
  const blockedRow = Effect.fnUntraced(function* (id: BlockedTimeId, by?: Party) {
    const found = (yield* blockedRows(by)).find((row) => row.id === id)
    return found ?? (yield* new LawFailure({ problem: `blocked time ${id} was made and is not listed on its day` }))
  })

  /** The slots of one of its services on the law's day. */
  const slots = (name: ServiceName, by?: Party) =>
    Ask.by(by)(
      Ask.listSlots({ facilityId: facility.id, serviceId: service(name), from: Day.date(day), to: Day.date(day) })
    )

  return { facility, day, calendarId, made, service, wall, book, block, rows, row, blockedRows, blockedRow, slots }
})

export type World = Effect.Success<ReturnType<typeof world>>

/** The ids of an interval's allowed services, by name, as a calendar lists them. */
export const allowedNames = (calendar: World["made"], interval: Interval): ReadonlyArray<string> =>
  interval.allowedServices.map((id) => calendar.services.find((service) => service.id === id)?.name ?? `${id}`)
