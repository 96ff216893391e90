/**
 * The operations of the engine on plain lists, in the order of checks of api.md. Each changes the model and tells the
 * result, or the refusals any of which is right. `id` is what the engine gave to what it made.
 */
import type { UtcOffset } from "@bookio-kit/core/time/UtcOffset"
import type { WallTime } from "@bookio-kit/core/time/WallTime"
import {
  confirmedIn,
  dayMs,
  duplicate,
  type Facility,
  type GivenTime,
  holders,
  isBlocked,
  isOpen,
  isSamePerson,
  type Model,
  minuteMs,
  no,
  ok,
  type Person,
  placementRefusal,
  placesLeft,
  type Reservation,
  type Status,
  shown,
  type Term,
  termOf,
  type Who,
  windows
} from "./ModelRules.ts"

/** A facility that is named outright. */
export const named = (model: Model, who: Who, id: number) =>
  model.facilities.find((f) => f.id === id && f.channels.includes(who.channel))

export const found = <A extends { readonly id: number; readonly facility: number }>(
  model: Model,
  who: Who,
  all: ReadonlyArray<A>,
  id: number
) => {
  const record = all.find((a) => a.id === id)
  const facility = record === undefined ? undefined : named(model, who, record.facility)
  return record === undefined || facility === undefined ? undefined : { record, facility }
}

/** Rule 10. */
const change = (facility: Facility, now: number): number => {
  facility.changed = Math.max(facility.changed, now)
  return facility.changed
}

const touch = (reservation: Reservation, facility: Facility, now: number) => {
  reservation.changed = change(facility, now)
  for (const view of reservation.views.values()) view.needsSync = true
}

const refOf = (who: Who, { id, views }: Reservation) => {
  const externalId = views.get(who.channel)?.externalId
  return ok(externalId === undefined ? { reservationId: id } : { reservationId: id, externalId })
}

export interface NewReservation extends Person {
  readonly facilityId: number
  readonly serviceId: number
  readonly externalId: number
  readonly note?: string
  readonly dateFrom: WallTime
  readonly dateFromOffset?: UtcOffset
}

export const create = (model: Model, who: Who, now: number, given: NewReservation, id: number) => {
  const facility = named(model, who, given.facilityId)
  if (facility === undefined) return no("403 facility")
  const service = model.services.find((s) => s.id === given.serviceId)
  const calendar = model.calendars.find((c) => c.id === service?.calendar)
  if (service === undefined || service.removed || calendar?.facility !== facility.id) return no("12 Service")
  const used = holders(model, facility.id, who.channel, given.externalId)
  if (used.length > 0) return duplicate(who, "externalId", used)
  const start: GivenTime = { field: "dateFrom", time: given.dateFrom, offset: given.dateFromOffset }
  const term = termOf(facility.timeZone, start, (from) => from + service.duration * minuteMs)
  if ("no" in term) return term
  const repeated = model.reservations.filter(
    (r) =>
      r.facility === facility.id &&
      r.status === "CANCELLED" &&
      r.cancelled! >= now - dayMs &&
      r.views.get(who.channel)?.externalId === given.externalId &&
      r.service === service.id &&
      r.from === term.from &&
      isSamePerson(facility, r, given)
  )
  if (repeated.length > 0) return duplicate(who, "retry", repeated)
  const refusal = placementRefusal(model, who, facility, service, term, given)
  if (refusal !== undefined) return refusal
  const { email, externalId, name, note, phone, surname } = given
  const reservation: Reservation = {
    ...{ id, name, surname, email, phone, note, ...term },
    facility: facility.id,
    service: service.id,
    channel: who.channel,
    created: now,
    status: "CONFIRMED",
    changed: change(facility, now),
    views: new Map([[who.channel, { externalId, needsSync: false }]])
  }
  model.reservations.push(reservation)
  return refOf(who, reservation)
}

export const changeStatus = (model: Model, who: Who, now: number, id: number, to: Status, reason?: string) => {
  const hit = found(model, who, model.reservations, id)
  if (hit === undefined) return no("12 Reservation")
  const { facility, record } = hit
  if (record.status === to) return refOf(who, record)
  if (record.status !== "CONFIRMED" && to !== "CONFIRMED") return no("10 status statusChange")
  if (to === "CONFIRMED") {
    const used = [...record.views].flatMap(([channel, { externalId }]) =>
      externalId === undefined ? [] : holders(model, facility.id, channel, externalId, record)
    )
    if (used.length > 0) return duplicate(who, "externalId", used)
    const service = model.services.find((s) => s.id === record.service)!
    if (service.removed) return no("10 status serviceRemoved")
    const refusal = placementRefusal(model, who, facility, service, record, record, record)
    if (refusal !== undefined) return refusal
  }
  record.status = to
  delete record.cancelled
  delete record.reason
  if (to === "CANCELLED") {
    record.cancelled = now
    if (reason !== undefined) record.reason = reason
  }
  touch(record, facility, now)
  return refOf(who, record)
}

export interface TermChange {
  readonly dateFrom?: WallTime
  readonly dateFromOffset?: UtcOffset
  readonly dateTo?: WallTime | null
  readonly dateToOffset?: UtcOffset
}

const orphanedOffsets = (change: TermChange): ReadonlyArray<string> => [
  ...(change.dateFromOffset !== undefined && change.dateFrom === undefined ? ["dateFrom required"] : []),
  ...(change.dateToOffset !== undefined && (change.dateTo ?? undefined) === undefined ? ["dateTo required"] : [])
]

export const changeTerm = (model: Model, who: Who, now: number, id: number, given: TermChange) => {
  const hit = found(model, who, model.reservations, id)
  if (hit === undefined) return no("12 Reservation")
  const { facility, record } = hit
  if (record.status !== "CONFIRMED") return no("10 reservationId notConfirmed")
  const orphaned = orphanedOffsets(given)
  if (orphaned.length > 0) return no(`10 ${orphaned.join(", ")}`)
  const { dateFrom, dateFromOffset: fromOffset, dateTo, dateToOffset: toOffset } = given
  if (dateFrom === undefined && dateTo === undefined) return refOf(who, record)
  const service = model.services.find((s) => s.id === record.service)!
  const term = termOf(
    facility.timeZone,
    dateFrom === undefined ? record.from : { field: "dateFrom", time: dateFrom, offset: fromOffset },
    dateTo === undefined || dateTo === null
      ? (from) => from + service.duration * minuteMs
      : { field: "dateTo", time: dateTo, offset: toOffset }
  )
  if ("no" in term) return term
  const refusal = placementRefusal(model, who, facility, service, term, record, record)
  if (refusal !== undefined) return refusal
  if (term.from !== record.from || term.to !== record.to) {
    Object.assign(record, term)
    touch(record, facility, now)
  }
  return refOf(who, record)
}

export const confirmSync = (model: Model, who: Who, id: number, externalId?: number) => {
  const hit = found(model, who, model.reservations, id)
  if (hit === undefined) return no("12 Reservation")
  const { facility, record } = hit
  const told = externalId ?? record.views.get(who.channel)?.externalId
  if (told === undefined) return no("10 externalId externalIdUnknown")
  const used = record.status === "CANCELLED" ? [] : holders(model, facility.id, who.channel, told, record)
  if (used.length > 0) return duplicate(who, "externalId", used)
  record.views.set(who.channel, { externalId: told, needsSync: false })
  return refOf(who, record)
}

export interface NewBlocked {
  readonly facilityId: number
  readonly externalId: number
  readonly note: string
  readonly dateFrom: WallTime
  readonly dateFromOffset?: UtcOffset
  readonly dateTo: WallTime
  readonly dateToOffset?: UtcOffset
}

/** A day without a time means to its end. */
const endOf = (time: WallTime): WallTime => (time._tag === "Day" ? { ...time, epochDay: time.epochDay + 1 } : time)

export const block = (model: Model, who: Who, now: number, given: NewBlocked, id: number) => {
  const facility = named(model, who, given.facilityId)
  if (facility === undefined) return no("403 facility")
  const own = model.blocked.filter(
    (b) => b.facility === facility.id && b.externalIds.get(who.channel) === given.externalId
  )
  const used = own.filter((b) => b.removed === undefined)
  if (used.length > 0) return no(...used.map((b) => `40 externalId ${b.id}`))
  const term = termOf(
    facility.timeZone,
    { field: "dateFrom", time: given.dateFrom, offset: given.dateFromOffset },
    { field: "dateTo", time: endOf(given.dateTo), offset: given.dateToOffset }
  )
  if ("no" in term) return term
  const repeated = own.filter((b) => b.removed! >= now - dayMs && b.from === term.from && b.to === term.to)
  if (repeated.length > 0) return no(...repeated.map((b) => `40 retry ${b.id}`))
  const { externalId, note } = given
  const externalIds = new Map([[who.channel, externalId]])
  model.blocked.push({ id, facility: facility.id, note, ...term, changed: change(facility, now), externalIds })
  return ok({ blockedTimeId: id, externalId })
}

const standing = (model: Model, who: Who, id: number) =>
  found(
    model,
    who,
    model.blocked.filter((b) => b.removed === undefined),
    id
  )

export const moveBlock = (model: Model, who: Who, now: number, id: number, given: TermChange) => {
  const hit = standing(model, who, id)
  if (hit === undefined) return no("12 BlockedTime")
  const { facility, record } = hit
  const orphaned = orphanedOffsets(given)
  if (orphaned.length > 0) return no(`10 ${orphaned.join(", ")}`)
  const { dateFrom, dateFromOffset: fromOffset, dateTo, dateToOffset: toOffset } = given
  const term = termOf(
    facility.timeZone,
    dateFrom === undefined ? record.from : { field: "dateFrom", time: dateFrom, offset: fromOffset },
    dateTo === undefined || dateTo === null
      ? () => record.to
      : { field: "dateTo", time: endOf(dateTo), offset: toOffset }
  )
  if ("no" in term) return term
  if (term.from !== record.from || term.to !== record.to) {
    Object.assign(record, term, { changed: change(facility, now) })
  }
  return ok({ blockedTimeId: id })
}

export const unblock = (model: Model, who: Who, now: number, id: number) => {
  const hit = standing(model, who, id)
  if (hit === undefined) return no("12 BlockedTime")
  Object.assign(hit.record, { removed: now, changed: change(hit.facility, now) })
  return ok({ blockedTimeId: id })
}

/** Rule 15. */
export const slots = (model: Model, who: Who, now: number, facilityId: number, serviceId: number, days: Term) => {
  const facility = named(model, who, facilityId)
  if (facility === undefined) return no("403 facility")
  const service = model.services.find((s) => s.id === serviceId)
  const calendar = model.calendars.find((c) => c.id === service?.calendar)
  if (service === undefined || service.removed || calendar?.facility !== facility.id) return no("12 Service")
  if (service.hidden && who.access === "book") return ok([])
  const free = new Map<number, number>()
  const length = service.duration * minuteMs
  const others = confirmedIn(model, calendar.id)
  for (let day = days.from; day <= days.to; day++) {
    for (const window of windows(facility.timeZone, calendar, service.id, day)) {
      for (let from = window.from; from < window.to; from += length) {
        const term = { from, to: from + length }
        if (from < now || !isOpen(model, calendar, service.id, term) || isBlocked(model, facility.id, term)) continue
        const left = placesLeft(model, service.capacity, term, others)
        if (left >= 1) free.set(from, left)
      }
    }
  }
  return ok(
    [...free]
      .sort(([a], [b]) => a - b)
      .map(([from, left]) => ({
        ...shown(facility.timeZone, "dateFrom", from),
        ...shown(facility.timeZone, "dateTo", from + length),
        free: left
      }))
  )
}
