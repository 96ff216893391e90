/** What the small Bookio shows on the wire: rows with wall-clock times, pages of as many rows as it likes, the feed. */
import type { BlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import type { BlockedTimeQuery } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Event } from "@bookio-kit/core/event/Event"
import type { EventPage, EventQuery } from "@bookio-kit/core/event/Events"
import type { Page } from "@bookio-kit/core/page/Page"
import type { Order } from "@bookio-kit/core/page/Paging"
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import type { ReservationQuery } from "@bookio-kit/core/reservation/Reservations"
import type { SyncTerm } from "@bookio-kit/core/sync/SyncState"
import { toEpochDay } from "@bookio-kit/core/time/LocalDate"
import type { LocalDateTime } from "@bookio-kit/core/time/LocalDateTime"
import { epochDayAt, type TimeZone } from "@bookio-kit/core/time/TimeZone"
import type { UtcOffset } from "@bookio-kit/core/time/UtcOffset"
import * as WallTime from "@bookio-kit/core/time/WallTime"
import * as Result from "effect/Result"
import type { BlockedRow, BookioServer, ReservationRow } from "./BookioServer.ts"

export interface WireOptions {
  readonly facilityId: number
  readonly timeZone: TimeZone
  readonly offsets: boolean
  readonly order: Order
  /** Rows of a page at most, whatever is asked. */
  readonly pageRows: number
}

export interface Wire {
  readonly reservations: (query: ReservationQuery) => Page<Reservation>
  readonly blockedTimes: (query: BlockedTimeQuery) => Page<BlockedTime>
  readonly events: (query: EventQuery) => EventPage
  readonly newest: () => number | undefined
  /** Reads the times of a request. */
  readonly term: (times: Times) => SyncTerm | undefined
}

export interface Times {
  readonly dateFrom?: WallTime.WallTime
  readonly dateFromOffset?: UtcOffset
  readonly dateTo?: WallTime.WallTime | null
  readonly dateToOffset?: UtcOffset
}

export const make = (server: BookioServer, options: WireOptions): Wire => {
  const { offsets, order, pageRows, timeZone } = options

  const text = (name: string, epochMs: number) => {
    const { offset, text } = WallTime.format(timeZone, epochMs)
    return { [name]: text, ...(offsets && offset !== undefined ? { [`${name}Offset`]: offset } : {}) }
  }
  const times = ({ endMs, startMs }: SyncTerm) =>
    ({ ...text("dateFrom", startMs), ...text("dateTo", endMs) }) as {
      readonly dateFrom: LocalDateTime
      readonly dateTo: LocalDateTime
    }

  // A time that the zone skips, as of a row that was imported with another zone in mind.
  const timesOf = ({ isMalformed, term }: ReservationRow | BlockedRow) =>
    isMalformed === true ? { ...times(term), dateFrom: "2027-03-28T02:30:00" as LocalDateTime } : times(term)

  const reservationOf = (row: ReservationRow): Reservation => ({
    id: row.id as Reservation["id"],
    ...(row.externalId === undefined ? {} : { externalId: row.externalId as NonNullable<Reservation["externalId"]> }),
    number: `n${row.id}`,
    name: `${row.name} ${row.surname}`,
    email: row.email,
    phone: row.phone,
    service: row.service as Reservation["service"],
    duration: (row.term.endMs - row.term.startMs) / 60_000,
    created: WallTime.format(timeZone, row.createdMs).text,
    ...timesOf(row),
    needsSync: row.needsSync,
    facilityId: options.facilityId as Reservation["facilityId"],
    note: row.note,
    status: row.status
  })

  const blockedOf = (row: BlockedRow): BlockedTime => ({
    id: row.id as BlockedTime["id"],
    ...(row.externalId === undefined ? {} : { externalId: row.externalId as NonNullable<BlockedTime["externalId"]> }),
    ...timesOf(row),
    note: row.note
  })

  // Where nothing is known of the order it is by start, so that a move carries a row to another page.
  const sorted = <A extends BlockedRow | ReservationRow>(rows: Iterable<A>): ReadonlyArray<A> =>
    [...rows].sort((a, b) =>
      order === "known" ? a.changedMs - b.changedMs || a.id - b.id : a.term.startMs - b.term.startMs || a.id - b.id
    )

  const page = <A, B>(
    rows: ReadonlyArray<A>,
    query: { offset?: number; limit?: number },
    of: (row: A) => B
  ): Page<B> => {
    const offset = query.offset ?? 0
    const limit = Math.min(query.limit ?? 100, pageRows)
    return {
      pagination: { total: rows.length, offset, limit },
      rows: rows.slice(offset, offset + limit).map(of),
      asOfMs: server.nowMs()
    }
  }

  const dayOf = (epochMs: number) => epochDayAt(timeZone, epochMs)

  return {
    reservations: (query) => {
      const from = query.from === undefined ? undefined : toEpochDay(query.from)
      const to = query.to === undefined ? undefined : toEpochDay(query.to)
      const rows = [...server.state.reservations.values()].filter(
        (row) =>
          (query.lastSync === undefined || row.changedMs >= query.lastSync) &&
          (query.onlyUnsynced !== true || row.needsSync) &&
          (query.status === undefined || row.status === query.status) &&
          (from === undefined || dayOf(row.term.startMs) >= from) &&
          (to === undefined || dayOf(row.term.startMs) <= to)
      )
      return page(sorted(rows), query, reservationOf)
    },
    blockedTimes: (query) => {
      const from = query.dateFrom === undefined ? undefined : toEpochDay(query.dateFrom)
      const to = query.dateTo === undefined ? undefined : toEpochDay(query.dateTo)
      const rows = [...server.state.blocked.values()].filter(
        (row) =>
          (query.lastSync === undefined || row.changedMs >= query.lastSync) &&
          (from === undefined || dayOf(row.term.endMs - 1) >= from) &&
          (to === undefined || dayOf(row.term.startMs) <= to)
      )
      return page(sorted(rows), query, blockedOf)
    },
    events: ({ after }) => {
      const { events } = server.state
      const last = events.at(-1)?.id
      const told = events.filter(({ id }) => id > (after ?? 0)).slice(0, pageRows)
      const at = told.at(-1)?.id ?? last
      return {
        events: told.map((event): Event => {
          const common = {
            id: event.id as Event["id"],
            facilityId: options.facilityId as Event["facilityId"],
            at: new Date(event.atMs).toISOString()
          }
          return event.kind === "reservation.created" || event.kind === "reservation.changed"
            ? { ...common, kind: event.kind, reservationId: event.of as Reservation["id"] }
            : { ...common, kind: event.kind, blockedTimeId: event.of as BlockedTime["id"] }
        }),
        ...(at === undefined ? {} : { last: at as Event["id"] }),
        hasGap: after !== undefined && after > (last ?? 0)
      }
    },
    newest: () => server.state.events.at(-1)?.id,
    term: ({ dateFrom, dateFromOffset, dateTo, dateToOffset }) => {
      if (dateFrom === undefined) return undefined
      const start = WallTime.resolveFrom(timeZone, dateFrom, offsets ? dateFromOffset : undefined)
      if (Result.isFailure(start)) return undefined
      if (dateTo === undefined || dateTo === null) return { startMs: start.success, endMs: start.success }
      const end = WallTime.resolveTo(timeZone, dateTo, start.success, offsets ? dateToOffset : undefined)
      return Result.isFailure(end) ? undefined : { startMs: start.success, endMs: end.success }
    }
  }
}
