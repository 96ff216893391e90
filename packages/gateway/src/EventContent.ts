/**
 * What of a record counts as a change. What is the channel's own, `externalId` and `needsSync`, does not: confirming a sync is
 * no event (engine.md, rule 9). Members are named one by one, in an order of our own, so that neither a member that a later
 * version reads nor another order makes all records look changed.
 */
import type { BlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import type { Calendar } from "@bookio-kit/core/calendar/Calendar"
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import type { Seen } from "./EventStore.ts"

/** To be raised with every change of what is named here: records are then learnt anew, and a gap is told. */
export const contentVersion = 1

/** A reservation as it is seen. */
export const ofReservation = (row: Reservation): Seen => ({
  id: row.id,
  content: JSON.stringify([
    row.number,
    row.name,
    row.email,
    row.phone,
    row.service,
    row.duration,
    row.created,
    row.createdOffset,
    row.dateFrom,
    row.dateFromOffset,
    row.dateTo,
    row.dateToOffset,
    row.cancelTime,
    row.cancelTimeOffset,
    row.cancellationReason,
    row.facilityId,
    row.note,
    row.status
  ])
})

/** A blocked time as it is seen. */
export const ofBlockedTime = (row: BlockedTime): Seen => ({
  id: row.id,
  until: row.dateTo,
  content: JSON.stringify([row.dateFrom, row.dateFromOffset, row.dateTo, row.dateToOffset, row.note])
})

/** A calendar as it is seen, with its services and intervals. */
export const ofCalendar = ({ intervals, services, ...row }: Calendar): Seen => ({
  id: row.id,
  content: JSON.stringify([
    row.facilityId,
    row.name,
    row.note,
    row.validFrom,
    row.validTo,
    services.map((service) => [
      service.id,
      service.name,
      service.note,
      service.duration,
      service.capacity,
      service.referralLetter,
      service.hiddenInOnlineForm
    ]),
    intervals.map((interval) => [
      interval.id,
      interval.name,
      interval.weekDays,
      interval.timeFrom,
      interval.timeTo,
      interval.allowedServices
    ])
  ])
})
