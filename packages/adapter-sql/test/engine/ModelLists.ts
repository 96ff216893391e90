/** Listings of the model (api.md, operations 6 and 11): filter, sort, cut. */

import type { BlockedTimeQuery } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { ReservationQuery } from "@bookio-kit/core/reservation/Reservations"
import { toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { startOfDay } from "@bookio-kit/core/time/TimeZone"
import { named } from "./Model.ts"
import { type Facility, type Model, minuteMs, no, ok, type Reservation, shown, type Who } from "./ModelRules.ts"

interface Paged {
  readonly facilityId?: number
  readonly offset?: number
  readonly limit?: number
}

const page = <A extends { readonly id: number; readonly facility: number; readonly changed: number }>(
  model: Model,
  who: Who,
  { facilityId, limit = 100, offset = 0 }: Paged,
  all: ReadonlyArray<A>,
  matches: (record: A, facility: Facility) => boolean,
  toRow: (record: A, facility: Facility) => object
) => {
  if (facilityId !== undefined && named(model, who, facilityId) === undefined) return no("403 facility")
  const hits = all
    .flatMap((record) => {
      const facility = named(model, who, record.facility)
      return facility === undefined || (facilityId ?? facility.id) !== facility.id ? [] : [{ record, facility }]
    })
    .filter(({ facility, record }) => matches(record, facility))
    .sort((a, b) => a.record.changed - b.record.changed || a.record.id - b.record.id)
  return ok({
    pagination: { total: hits.length, offset, limit },
    rows: hits.slice(offset, offset + limit).map(({ facility, record }) => toRow(record, facility))
  })
}

const rowOf = (who: Who, r: Reservation, { timeZone }: Facility) => {
  const view = r.views.get(who.channel)
  return {
    id: r.id,
    ...(view?.externalId === undefined ? {} : { externalId: view.externalId }),
    number: r.number,
    name: `${r.name} ${r.surname}`,
    email: r.email,
    phone: r.phone,
    service: r.service,
    duration: (r.to - r.from) / minuteMs,
    ...shown(timeZone, "created", r.created),
    ...shown(timeZone, "dateFrom", r.from),
    ...shown(timeZone, "dateTo", r.to),
    ...(r.cancelled === undefined ? {} : shown(timeZone, "cancelTime", r.cancelled)),
    ...(r.reason === undefined ? {} : { cancellationReason: r.reason }),
    needsSync: view?.needsSync ?? true,
    facilityId: r.facility,
    ...(r.note === undefined ? {} : { note: r.note }),
    status: r.status
  }
}

export const reservations = (model: Model, who: Who, query: ReservationQuery) =>
  page(
    model,
    who,
    query,
    model.reservations,
    (r, { timeZone }) =>
      (query.email === undefined || r.email.toLowerCase() === query.email.trim().toLowerCase()) &&
      (query.number === undefined || r.number === query.number) &&
      (query.status === undefined || r.status === query.status) &&
      (query.from === undefined || r.from >= startOfDay(timeZone, toEpochDay(query.from))) &&
      (query.to === undefined || r.from < startOfDay(timeZone, toEpochDay(query.to) + 1)) &&
      (query.onlyUnsynced !== true || (r.views.get(who.channel)?.needsSync ?? true)) &&
      (query.lastSync === undefined || r.changed >= query.lastSync) &&
      (who.access !== "book" || r.channel === who.channel),
    (r, facility) => rowOf(who, r, facility)
  )

export const blocks = (model: Model, who: Who, query: BlockedTimeQuery) =>
  page(
    model,
    who,
    query,
    model.blocked,
    (b, { timeZone }) =>
      b.removed === undefined &&
      (query.dateFrom === undefined || b.to > startOfDay(timeZone, toEpochDay(query.dateFrom))) &&
      (query.dateTo === undefined || b.from < startOfDay(timeZone, toEpochDay(query.dateTo) + 1)) &&
      (query.lastSync === undefined || b.changed >= query.lastSync),
    (b, { timeZone }) => {
      const externalId = b.externalIds.get(who.channel)
      return {
        id: b.id,
        ...(externalId === undefined ? {} : { externalId }),
        ...shown(timeZone, "dateFrom", b.from),
        ...shown(timeZone, "dateTo", b.to),
        note: b.note
      }
    }
  )
