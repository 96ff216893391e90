/** Mutants of operations 6 and 11. */
import type { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Page } from "@bookio-kit/core/page/Page"
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import type { ReservationQuery } from "@bookio-kit/core/reservation/Reservations"
import type { LocalDate } from "@bookio-kit/core/time/LocalDate"
import { Effect } from "effect"
import { blockedTimes, type Defect, type Mutant, mutant, reservations } from "./Defect.ts"

type Rows = ReadonlyArray<Reservation>

const rewritten = (change: (query: ReservationQuery) => ReservationQuery): Defect =>
  reservations((real) => ({ list: (query) => real.list(change(query)) }))

const rows = (change: (rows: Rows, query: ReservationQuery) => Rows): Defect =>
  reservations((real) => ({
    list: (query) => Effect.map(real.list(query), (page) => ({ ...page, rows: change(page.rows, query) }))
  }))

const each = (change: (row: Reservation) => Reservation): Defect => rows((found) => found.map(change))

// All rows of a listing, sorted anew and paged again.
const sorted = (compare: (a: Reservation, b: Reservation) => number): Defect =>
  reservations((real) => ({
    list: ({ limit = 100, offset = 0, ...query }) =>
      Effect.map(real.list(query), (page) => ({
        pagination: { ...page.pagination, offset, limit },
        rows: page.rows.toSorted(compare).slice(offset, offset + limit)
      }))
  }))

const without =
  (...members: ReadonlyArray<keyof ReservationQuery>) =>
  (query: ReservationQuery): ReservationQuery =>
    Object.fromEntries(Object.entries(query).filter(([name]) => !members.some((member) => member === name)))

const previousDay = (date: LocalDate): LocalDate =>
  new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10) as LocalDate

const emptyPage = { pagination: { total: 0, offset: 0, limit: 100 }, rows: [] }

const blockedPage = (
  change: (page: Effect.Success<ReturnType<BlockedTimes["Service"]["list"]>>) => Page<never> | typeof page
): Defect => blockedTimes((real) => ({ list: (query) => Effect.map(real.list(query), change) }))

const blockedQuery = (change: (query: Parameters<BlockedTimes["Service"]["list"]>[0]) => typeof query): Defect =>
  blockedTimes((real) => ({ list: (query) => real.list(change(query)) }))

export const listingMutants: ReadonlyArray<Mutant> = [
  mutant(
    "a page has fifty rows where no limit is given",
    rewritten((query) => ({ limit: 50, ...query })),
    "listReservations MUST tell offset, limit and the total of the whole listing with each page"
  ),
  mutant(
    "the offset is ignored",
    rewritten((query) => ({ ...query, offset: 0 })),
    "listReservations MUST page without gap or overlap"
  ),
  mutant(
    "the offset is off by one",
    reservations((real) => ({
      list: (query) =>
        Effect.map(
          real.list({ ...query, ...((query.offset ?? 0) > 0 && { offset: (query.offset ?? 0) + 1 }) }),
          (page) => ({ ...page, pagination: { ...page.pagination, offset: query.offset ?? 0 } })
        )
    })),
    "listReservations MUST page without gap or overlap",
    "listReservations MUST page by offset and limit through one listing, with its total"
  ),
  mutant(
    "the total is that of the page",
    reservations((real) => ({
      list: (query) =>
        Effect.map(real.list(query), (page) => ({
          ...page,
          pagination: { ...page.pagination, total: page.rows.length }
        }))
    })),
    "listReservations MUST tell offset, limit and the total of the whole listing with each page",
    "listReservations MUST count the whole listing in each page's total"
  ),
  mutant(
    "reservations are listed by id",
    sorted((a, b) => a.id - b.id),
    "listReservations MUST list by change instant, so that what changes moves to the end"
  ),
  mutant(
    "reservations are listed by term",
    sorted((a, b) => a.dateFrom.localeCompare(b.dateFrom)),
    "listReservations MUST list by change instant, so that what changes moves to the end"
  ),
  mutant(
    "the last day of a listing is exclusive",
    rewritten((query) => ({ ...query, ...(query.to && { to: previousDay(query.to) }) })),
    "listReservations MUST take from and to for days of dateFrom, both inclusive"
  ),
  mutant(
    "e-mails are compared letter by letter",
    rows((found, { email }) => found.filter((row) => email === undefined || row.email === email)),
    "listReservations MUST find by e-mail in any letter case, by number, by status, and by all at once"
  ),
  mutant(
    "the e-mail of a listing is ignored",
    rewritten(without("email")),
    "listReservations MUST list only what meets each condition that is given"
  ),
  mutant(
    "the number of a listing is ignored",
    rewritten(without("number")),
    "listReservations MUST list only what meets each condition that is given"
  ),
  mutant(
    "the status of a listing is ignored",
    rewritten(without("status")),
    "listReservations MUST list only what meets each condition that is given"
  ),
  mutant(
    "the days of a listing are ignored",
    rewritten(without("from", "to")),
    "listReservations MUST list only what meets each condition that is given"
  ),
  mutant(
    "the facility of a listing is ignored",
    rewritten(without("facilityId")),
    "listReservations MUST list only what meets each condition that is given"
  ),
  mutant(
    "onlyUnsynced is ignored",
    rewritten(without("onlyUnsynced")),
    "listReservations MUST list only unsynced reservations where onlyUnsynced is asked for",
    "listReservations MUST list with onlyUnsynced what has changed since the channel confirmed it"
  ),
  mutant(
    "lastSync is ignored",
    rewritten(without("lastSync")),
    "listReservations MUST list with lastSync what has changed since, and nothing that has not",
    "listReservations MUST list nothing as changed after an instant that is to come"
  ),
  mutant(
    "lastSync is taken for the time of creation",
    reservations((real) => ({
      list: ({ lastSync = 0, ...query }) =>
        Effect.map(real.list(query), (page) => {
          const kept = page.rows.filter(
            (row) => Date.parse(`${row.created}+02:00`) >= lastSync - 1000 && lastSync < 4e12
          )
          return { pagination: { ...page.pagination, total: kept.length }, rows: kept }
        })
    })),
    "listReservations MUST list with lastSync what has changed since, and nothing that has not"
  ),
  mutant(
    "lastSync lists nothing",
    rows((found, { lastSync }) => (lastSync === undefined ? found : [])),
    "listReservations MUST list with lastSync what has changed since, and nothing that has not"
  ),
  mutant(
    "a row is listed twice",
    rows((found) => [...found.slice(0, 1), ...found]),
    "listReservations MUST list each reservation once, of the channel's facilities only",
    "createReservation MUST let exactly one of many at once take a place"
  ),
  mutant(
    "the last row of a page is lost",
    rows((found) => found.slice(0, -1)),
    "listReservations MUST page without gap or overlap"
  ),
  mutant(
    "the duration is that of another service",
    each((row) => ({ ...row, duration: row.duration - 15 })),
    "listReservations MUST list a dateTo that lies duration minutes after dateFrom, and cancelTime of the cancelled only"
  ),
  mutant(
    "needsSync is never set",
    each((row) => ({ ...row, needsSync: false })),
    "confirmReservationSync MUST ask for sync after each change, also the channel that made it, until it is confirmed"
  ),
  mutant(
    "needsSync is always set",
    each((row) => ({ ...row, needsSync: true })),
    "createReservation MUST list a reservation as it was made, CONFIRMED and synced for its channel"
  ),
  mutant(
    "the note of a reservation is lost",
    each(({ note: _, ...row }) => row),
    "createReservation MUST list a reservation as it was made, CONFIRMED and synced for its channel"
  ),
  mutant(
    "the reason of a cancellation is lost",
    each(({ cancellationReason: _, ...row }) => row),
    "changeReservationStatus MUST store when and why a reservation was cancelled, and free its place"
  ),
  mutant(
    "the time of a cancellation is lost",
    each(({ cancelTime: _, ...row }) => row),
    "changeReservationStatus MUST store when and why a reservation was cancelled, and free its place"
  ),
  mutant(
    "every row has a time of cancellation",
    each((row) => ({ ...row, cancelTime: row.created })),
    "listReservations MUST list a dateTo that lies duration minutes after dateFrom, and cancelTime of the cancelled only"
  ),
  mutant(
    "the time of creation is that of the term",
    each((row) => ({ ...row, created: row.dateFrom })),
    "createReservation MUST list the time at which a reservation was made"
  ),
  mutant(
    "reservations of an unknown facility are an empty list",
    reservations((real) => ({
      list: (query) => Effect.catchTag(real.list(query), "PermissionDenied", () => Effect.succeed(emptyPage))
    })),
    "listReservations MUST refuse a facility that the channel does not reach with PermissionDenied"
  ),
  mutant(
    "the pages of blocked times overlap",
    blockedQuery(({ offset = 0, ...query }) => ({ ...query, offset: Math.max(0, offset - 1) })),
    "listBlockedTimes MUST page through blocked times without gap or overlap, and tell their total"
  ),
  mutant(
    "the total of blocked times is that of the page",
    blockedPage((page) => ({ ...page, pagination: { ...page.pagination, total: page.rows.length } })),
    "listBlockedTimes MUST page through blocked times without gap or overlap, and tell their total"
  ),
  mutant(
    "blocked times are listed by id",
    blockedPage((page) => ({ ...page, rows: page.rows.toSorted((a, b) => a.id - b.id) })),
    "listBlockedTimes MUST list by change instant, in pages with the total of the listing"
  ),
  mutant(
    "a blocked time is listed twice",
    blockedPage((page) => ({ ...page, rows: [...page.rows.slice(0, 1), ...page.rows] })),
    "listBlockedTimes MUST list each blocked time once, and none without length"
  ),
  mutant(
    "lastSync of blocked times is ignored",
    blockedQuery(({ lastSync: _, ...query }) => query),
    "listBlockedTimes MUST list no blocked time as changed after an instant that is to come"
  ),
  mutant(
    "the last day of a listing of blocked times is exclusive",
    blockedQuery((query) => ({ ...query, ...(query.dateTo && { dateTo: previousDay(query.dateTo) }) })),
    "listBlockedTimes MUST list with lastSync what has changed since, and nothing that has not"
  ),
  mutant(
    "blocked times that end at the first midnight are listed",
    blockedQuery((query) => ({ ...query, ...(query.dateFrom && { dateFrom: previousDay(query.dateFrom) }) })),
    "listBlockedTimes MUST list what overlaps the days that are asked for, both inclusive"
  ),
  mutant(
    "blocked times of an unknown facility are an empty list",
    blockedTimes((real) => ({
      list: (query) => Effect.catchTag(real.list(query), "PermissionDenied", () => Effect.succeed(emptyPage))
    })),
    "listBlockedTimes MUST refuse to list a facility that the channel does not reach with PermissionDenied"
  ),
  mutant(
    "the note of a blocked time is lost",
    blockedPage((page) => ({ ...page, rows: page.rows.map(({ note: _, ...row }) => row) })),
    "createBlockedTime MUST list a blocked time as it was made"
  )
]
