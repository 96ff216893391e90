/**
 * Imports over the API, as far as it goes: calendars by their name, reservations by their externalId, then their term and
 * status, blocked times last, for they would refuse what they cover. What ends a place comes before what takes it.
 */
import type { CalendarLine, ReservationLine } from "@bookio-kit/adapter-sql/admin/Records"
import type { ApiError } from "@bookio-kit/core/api/Envelope"
import { NewBlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { NewCalendar } from "@bookio-kit/core/calendar/Calendar"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { NewReservation, type Reservation, TermChange } from "@bookio-kit/core/reservation/Reservation"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { ExternalId, type FacilityId, type ServiceId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { allFacilities, facilityNamed } from "../../Facility.ts"
import { whyOf } from "../../Failure.ts"
import { present, readForm } from "../../Form.ts"
import { Invocation } from "../../Invocation.ts"
import { allRows } from "../../Listings.ts"
import { progress } from "../../output/Progress.ts"
import type { Imported } from "./IntoDatabase.ts"
import type { ExportFile, Numbered } from "./ReadExport.ts"
import type { Report } from "./Report.ts"

// Its own: of the channel that exported it, or of the one that is named. Without one: its id, above all that people count up
// to. So a second run finds what the first has made.
const externalIdOf = ({ record }: Numbered, channel: string | undefined): ExternalId =>
  record.externalId ??
  record.exact?.channels.find((one) => one.channel === channel)?.externalId ??
  ExternalId.make(2 ** 52 + record.id)

const isRefusal = (error: ApiError): boolean => error._tag !== "BackendError" && error._tag !== "InvalidToken"

const requestOf = (calendar: CalendarLine, facilityId: FacilityId) => ({
  facilityId,
  name: calendar.name,
  note: calendar.note ?? "",
  validFrom: calendar.validFrom,
  validTo: calendar.validTo,
  services: calendar.services,
  intervals: calendar.intervals
})

/** The services of the export as the server has them; calendars that are not there, by name, are made. */
const services = Effect.fnUntraced(function* (file: ExportFile, facilityId: FacilityId, dryRun: boolean) {
  const port = yield* Calendars
  const there = () => port.list({ facilityId })
  let listed = yield* there()
  const missing = file.calendars.filter(({ name }) => !listed.some((calendar) => calendar.name === name))
  if (!dryRun) {
    for (const calendar of missing) yield* port.create(yield* readForm(NewCalendar, requestOf(calendar, facilityId)))
    if (missing.length > 0) listed = yield* there()
  }
  const ids = new Map<number, ServiceId>()
  for (const calendar of file.calendars) {
    const same = listed.find(({ name }) => name === calendar.name)
    for (const service of calendar.services) {
      const found = dryRun && same === undefined ? service : same?.services.find(({ name }) => name === service.name)
      if (found !== undefined) ids.set(service.id, found.id)
    }
  }
  return ids
})

const parted = ({ exact, name }: ReservationLine) => {
  if (exact !== undefined) return { name: exact.name, surname: exact.surname }
  const space = name.indexOf(" ")
  return space < 0 ? { name, surname: name } : { name: name.slice(0, space), surname: name.slice(space + 1) }
}

const dropped = ({ record }: Numbered): ReadonlyArray<string> =>
  record.kind === "blockedTime"
    ? ["id"]
    : [
        "id",
        "number",
        "created",
        ...(record.cancelTime === undefined ? [] : ["cancelTime"]),
        ...(record.exact === undefined ? [] : ["what other channels call it"]),
        ...(record.exact === undefined ? ["locale"] : [])
      ]

/**
 * Imports what the API allows; a line that is refused is told in the report and the others go on.
 *
 * @errors those of the ports but for refusals of single lines; `CommandError`.
 */
export const overApi = Effect.fnUntraced(function* (
  file: ExportFile,
  report: Report,
  options: {
    readonly facility: string | undefined
    /** Whose externalIds are kept, where the export has those of several channels. */
    readonly channel: string | undefined
    readonly locale: string
    readonly dryRun: boolean
    readonly skipErrors: boolean
  }
) {
  const { requestId } = yield* Invocation
  const facility = yield* facilityNamed(yield* allFacilities, options.facility ?? file.facility.name)
  const reservations = yield* Reservations
  const blockedTimes = yield* BlockedTimes
  const query = { facilityId: facility.id }
  yield* report.tell(file.problems)
  if (file.problems.length > 0 && !options.skipErrors) return { made: 0, known: 0 } satisfies Imported
  const serviceIds = yield* services(file, facility.id, options.dryRun)
  const known = new Map<number, Reservation>()
  yield* Stream.runForEach(
    allRows((offset, limit) => reservations.list({ ...query, offset, limit })),
    (row) => Effect.sync(() => row.externalId !== undefined && known.set(row.externalId, row))
  )
  const knownBlocked = new Set<number>()
  yield* Stream.runForEach(
    allRows((offset, limit) => blockedTimes.list({ ...query, offset, limit })),
    (row) => Effect.sync(() => row.externalId !== undefined && knownBlocked.add(row.externalId))
  )
  const counts = { made: 0, known: 0 }

  const reserve = Effect.fnUntraced(function* (numbered: Numbered, record: ReservationLine) {
    const externalId = externalIdOf(numbered, options.channel)
    const there = known.get(externalId)
    const service = serviceIds.get(record.service)
    const request = yield* readForm(
      NewReservation,
      present({
        ...query,
        ...parted(record),
        email: record.email,
        phone: record.phone,
        dateFrom: record.dateFrom,
        dateFromOffset: record.dateFromOffset,
        locale: record.exact?.locale ?? options.locale,
        externalId,
        serviceId: service ?? 0,
        note: record.note
      })
    )
    if (options.dryRun) {
      counts[there === undefined ? "made" : "known"]++
      return
    }
    const id = there?.id ?? (yield* reservations.create(request)).reservationId
    const isSame = (row: Reservation) => row.dateFrom === record.dateFrom && row.dateTo === record.dateTo
    if (there === undefined ? !isUsual(file, record) : there.status === "CONFIRMED" && !isSame(there)) {
      const { dateFrom, dateFromOffset, dateTo, dateToOffset } = record
      const change = yield* readForm(TermChange, present({ dateFrom, dateFromOffset, dateTo, dateToOffset }))
      yield* reservations.changeTerm(id, change)
    }
    // A run that was cut off can have left it without its status.
    if ((there?.status ?? "CONFIRMED") !== record.status) {
      yield* reservations.changeStatus(id, {
        status: record.status,
        ...(record.cancellationReason === undefined ? {} : { cancellationReason: record.cancellationReason })
      })
    }
    counts[there === undefined ? "made" : "known"]++
    if (there === undefined) yield* report.tell([told(numbered)])
  })

  const block = Effect.fnUntraced(function* (numbered: Numbered) {
    const { record } = numbered
    const externalId = externalIdOf(numbered, options.channel)
    const isKnown = knownBlocked.has(externalId)
    const { dateFrom, dateFromOffset, dateTo, dateToOffset, note = "" } = record
    const request = yield* readForm(
      NewBlockedTime,
      present({ ...query, dateFrom, dateFromOffset, dateTo, dateToOffset, note, externalId })
    )
    if (!isKnown && !options.dryRun) {
      yield* blockedTimes.create(request)
      yield* report.tell([told(numbered)])
    }
    counts[isKnown ? "known" : "made"]++
  })

  const told = (numbered: Numbered) => ({
    line: numbered.line,
    kind: numbered.record.kind,
    id: numbered.record.id,
    dropped: dropped(numbered)
  })

  const show = yield* progress(file.total)
  let done = 0
  for (const turn of ["CANCELLED", "DID_NOT_COME", "CONFIRMED", "blocked"] as const) {
    yield* Stream.runForEach(file.records, (numbered) => {
      const { line, record } = numbered
      const isTurn = record.kind === "reservation" ? record.status === turn : turn === "blocked"
      if (!isTurn) return Effect.void
      const step: Effect.Effect<
        void,
        ApiError | Effect.Error<ReturnType<Report["tell"]>>,
        Effect.Services<ReturnType<typeof reserve>>
      > = record.kind === "reservation"
        ? reserve(numbered, record)
        : record.exact?.removedMs !== undefined
          ? report.tell([{ line, kind: record.kind, id: record.id, dropped: ["all of it, for it was removed"] }])
          : block(numbered)
      return step.pipe(
        Effect.catchIf(
          (error): error is ApiError => error._tag !== "CommandError" && isRefusal(error),
          (error) => report.tell([{ line, kind: record.kind, id: record.id, problem: whyOf(error, requestId) }])
        ),
        Effect.andThen(Effect.suspend(() => show(++done)))
      )
    })
  }
  return counts satisfies Imported
})

// Whether its length is that of its service, which a new reservation has by itself.
const isUsual = (file: ExportFile, record: ReservationLine): boolean =>
  file.calendars.some(({ services }) =>
    services.some(({ duration, id }) => id === record.service && duration === record.duration)
  )
