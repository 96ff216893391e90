/**
 * The smallest adapter that keeps the laws: a clinic's software that can be read and not written. Copy this package to
 * begin your own. `Vendor` stands for the client of that software; its shapes stay in this file, and each method is a
 * question to it, a translation, and nothing else. What changes records is refused as it is to a token that may only read.
 */
import { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import type { BlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { freeSlots } from "@bookio-kit/core/booking/FreeSlots"
import type { Calendar } from "@bookio-kit/core/calendar/Calendar"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { EndpointNotFound, PermissionDenied, ResourceNotFound } from "@bookio-kit/core/error/Refusal"
import { Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import type { Page } from "@bookio-kit/core/page/Page"
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { BlockedTimeId, CalendarId, FacilityId, IntervalId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { Slots } from "@bookio-kit/core/slot/Slots"
import { type LocalDate, toEpochDay } from "@bookio-kit/core/time/LocalDate"
import type { LocalDateTime } from "@bookio-kit/core/time/LocalDateTime"
import type { LocalTime } from "@bookio-kit/core/time/LocalTime"
import { epochDayAt, startOfDay, type TimeZone } from "@bookio-kit/core/time/TimeZone"
import { format } from "@bookio-kit/core/time/WallTime"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

/** The software's own shape of an appointment: instants in milliseconds, no wall clock. */
export interface Appointment {
  readonly id: number
  readonly patient: string
  readonly email: string
  readonly fromMs: number
  readonly minutes: number
  readonly cancelledMs?: number
  readonly changedMs: number
}

/** The software's own shape of an absence. */
export interface Absence {
  readonly id: number
  readonly fromMs: number
  readonly toMs: number
  readonly changedMs: number
}

/** The client of the clinic's software. A real one fails: translate that into `BackendError` in one function. */
export class Vendor extends Context.Service<
  Vendor,
  {
    readonly appointments: Effect.Effect<ReadonlyArray<Appointment>>
    readonly absences: Effect.Effect<ReadonlyArray<Absence>>
  }
>()("@bookio-kit/skeleton-adapter/Vendor") {}

const zone = "Europe/Bratislava" as TimeZone
const visitMinutes = 30

const clinic: Facility = {
  id: FacilityId.make(1),
  name: "Clinic",
  address: { street: "Second street", city: "Bratislava", postcode: "82104", postcodeIsNumber: true },
  contact: {},
  timeZone: zone
}

const doctor: Calendar = {
  id: CalendarId.make(1),
  facilityId: clinic.id,
  name: "Doctor",
  validFrom: "2020-01-01T00:00:00" as LocalDateTime,
  validTo: "2039-12-31T00:00:00" as LocalDateTime,
  services: [
    {
      id: ServiceId.make(1),
      name: "Visit",
      duration: visitMinutes,
      capacity: 1,
      referralLetter: false,
      hiddenInOnlineForm: false
    }
  ],
  intervals: [
    {
      id: IntervalId.make(1),
      name: "Opening hours",
      weekDays: [1, 2, 3, 4, 5],
      timeFrom: "08:00" as LocalTime,
      timeTo: "16:00" as LocalTime,
      allowedServices: []
    }
  ]
}

const opening = {
  timeZone: zone,
  validFromDay: toEpochDay(doctor.validFrom.slice(0, 10) as LocalDate),
  validToDay: toEpochDay(doctor.validTo.slice(0, 10) as LocalDate),
  intervals: [{ weekDays: [1, 2, 3, 4, 5], timeFromMinutes: 480, timeToMinutes: 960, allowedServices: [] }]
}

const listedTime = <Name extends string>(name: Name, epochMs: number) => {
  const { offset, text } = format(zone, epochMs)
  const times = { [name]: text, ...(offset === undefined ? {} : { [`${name}Offset`]: offset }) }
  return times as { readonly [K in Name]: LocalDateTime }
}

const toReservation = (appointment: Appointment): Reservation => ({
  id: ReservationId.make(appointment.id),
  name: appointment.patient,
  email: appointment.email,
  service: ServiceId.make(1),
  duration: appointment.minutes,
  ...listedTime("created", appointment.changedMs),
  ...listedTime("dateFrom", appointment.fromMs),
  ...listedTime("dateTo", appointment.fromMs + appointment.minutes * 60_000),
  ...(appointment.cancelledMs === undefined ? {} : listedTime("cancelTime", appointment.cancelledMs)),
  needsSync: true,
  facilityId: clinic.id,
  status: appointment.cancelledMs === undefined ? "CONFIRMED" : "CANCELLED"
})

const toBlockedTime = ({ fromMs, id, toMs }: Absence): BlockedTime => ({
  id: BlockedTimeId.make(id),
  ...listedTime("dateFrom", fromMs),
  ...listedTime("dateTo", toMs)
})

/** A page of records in the order of the contract: by change instant, then id. */
const pageOf = <A extends { readonly id: number; readonly changedMs: number }, B>(
  records: ReadonlyArray<A>,
  {
    lastSync = 0,
    limit = 100,
    offset = 0
  }: { readonly lastSync?: number; readonly limit?: number; readonly offset?: number },
  translate: (record: A) => B
): Page<B> => {
  const listed = records
    .filter(({ changedMs }) => changedMs >= lastSync)
    .sort((a, b) => a.changedMs - b.changedMs || a.id - b.id)
  const rows = listed.slice(offset, offset + limit).map(translate)
  return { pagination: { total: listed.length, offset, limit }, rows }
}

const named = (facilityId: FacilityId | undefined) =>
  facilityId === undefined || facilityId === clinic.id
    ? Effect.void
    : Effect.fail(new PermissionDenied({ reason: "facility" }))

const readOnly = () => Effect.fail(new PermissionDenied({ reason: "access" }))

const facilities = Layer.succeed(Facilities)(Facilities.of({ list: Effect.succeed([clinic]) }))

const calendars = Layer.succeed(Calendars)(
  Calendars.of({
    list: Effect.fn("Calendars.list")(function* ({ date, facilityId }) {
      yield* named(facilityId)
      const isValid =
        date === undefined || (date >= doctor.validFrom.slice(0, 10) && date <= doctor.validTo.slice(0, 10))
      return isValid ? [doctor] : []
    }),
    create: readOnly,
    update: readOnly,
    end: readOnly
  })
)

const reservations = Layer.effect(Reservations)(
  Effect.map(Vendor, (vendor) =>
    Reservations.of({
      list: Effect.fn("Reservations.list")(function* (query) {
        yield* named(query.facilityId)
        // This software knows no numbers and no sync, so a listing by number is empty, and all is unsynced.
        const found = (yield* vendor.appointments).filter(
          ({ cancelledMs, email, fromMs }) =>
            query.number === undefined &&
            (query.email === undefined || email.toLowerCase() === query.email.toLowerCase()) &&
            (query.status === undefined || query.status === (cancelledMs === undefined ? "CONFIRMED" : "CANCELLED")) &&
            (query.from === undefined || epochDayAt(zone, fromMs) >= toEpochDay(query.from)) &&
            (query.to === undefined || epochDayAt(zone, fromMs) <= toEpochDay(query.to))
        )
        return pageOf(found, query, toReservation)
      }),
      create: readOnly,
      changeStatus: readOnly,
      changeTerm: readOnly,
      confirmSync: readOnly
    })
  )
)

const blockedTimes = Layer.effect(BlockedTimes)(
  Effect.map(Vendor, (vendor) =>
    BlockedTimes.of({
      list: Effect.fn("BlockedTimes.list")(function* (query) {
        yield* named(query.facilityId)
        const { dateFrom, dateTo } = query
        const found = (yield* vendor.absences).filter(
          ({ fromMs, toMs }) =>
            (dateFrom === undefined || toMs > startOfDay(zone, toEpochDay(dateFrom))) &&
            (dateTo === undefined || fromMs < startOfDay(zone, toEpochDay(dateTo) + 1))
        )
        return pageOf(found, query, toBlockedTime)
      }),
      create: readOnly,
      changeTerm: readOnly,
      remove: readOnly
    })
  )
)

const slots = Layer.effect(Slots)(
  Effect.map(Vendor, (vendor) =>
    Slots.of({
      list: Effect.fn("Slots.list")(function* ({ facilityId, from, serviceId, to }) {
        yield* named(facilityId)
        if (serviceId !== 1) return yield* new ResourceNotFound({ resource: "Service" })
        const found = freeSlots({
          opening,
          serviceId,
          durationMinutes: visitMinutes,
          capacity: 1,
          fromDay: toEpochDay(from),
          toDay: toEpochDay(to),
          nowMs: yield* Clock.currentTimeMillis,
          occupied: (yield* vendor.appointments)
            .filter(({ cancelledMs }) => cancelledMs === undefined)
            .map(({ fromMs, minutes }) => ({ fromMs, toMs: fromMs + minutes * 60_000, capacity: 1 })),
          blocked: yield* vendor.absences
        })
        return found.map(({ free, fromMs, toMs }) => ({
          ...listedTime("dateFrom", fromMs),
          ...listedTime("dateTo", toMs),
          free
        }))
      })
    })
  )
)

/** The clinic's software tells no changes. */
const noFeed = Effect.fail(new EndpointNotFound())
const events = Layer.succeed(Events)({ list: () => noFeed, follow: () => Stream.fromEffect(noFeed), newest: noFeed })

/** What this backend can do of what differs: of the channels' and the duplicates' part nothing, for it does not write. */
const capabilities = Layer.succeed(Capabilities)({
  slots: true,
  offsets: true,
  channelFlags: false,
  duplicateIds: false,
  lateRetries: false,
  personDuplicates: false,
  events: false
})

/** All ports, over the client of the clinic's software. */
export const layer = Layer.mergeAll(facilities, calendars, reservations, blockedTimes, slots, events, capabilities)
