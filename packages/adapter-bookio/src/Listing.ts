/**
 * Whole listings as streams that page by themselves (sync.md, "Paging"), with one page in memory. The last element tells
 * whether the listing was complete: absence proves nothing unless it was.
 */
import type { Caller } from "@bookio-kit/core/access/Caller"
import type { BlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import type { BlockedTimeQuery } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import type { InvalidToken, PermissionDenied } from "@bookio-kit/core/error/Refusal"
import type { Page } from "@bookio-kit/core/page/Page"
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import type { ReservationQuery } from "@bookio-kit/core/reservation/Reservations"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { BookioClient } from "./BookioClient.ts"
import { listBlockedTimes, listReservations } from "./Operations.ts"
import { advance, type Coverage, type Order, pageLimit, start } from "./Paging.ts"

/** A page with the server's clock when it was made, where the server told it (Unix time in milliseconds). */
export interface DatedPage<A> extends Page<A> {
  readonly asOfMs: number | undefined
}

/**
 * Rows of a listing, page by page, each at least once; then its end. `asOfMs` is that of the first page of all: what
 * changed later may be missing from the listing, and a next one that starts a few minutes before it misses nothing.
 */
export type Listed<A> =
  | { readonly _tag: "Rows"; readonly rows: ReadonlyArray<A> }
  | { readonly _tag: "End"; readonly coverage: Coverage; readonly asOfMs: number | undefined }

/** Reads a listing by its pages; `page` is told offset and limit. */
export const paged = <A extends { readonly id: number }, E, R>(
  page: (offset: number, limit: number) => Effect.Effect<DatedPage<A>, E, R>,
  order: Order
): Stream.Stream<Listed<A>, E, R> =>
  Stream.suspend(() => {
    let first: { readonly asOfMs: number | undefined } | undefined
    return Stream.paginate(start(), (at) =>
      Effect.map(page(at.offset, pageLimit), ({ asOfMs, pagination, rows }) => {
        first ??= { asOfMs }
        const limit = pagination.limit > 0 ? Math.min(pageLimit, pagination.limit) : pageLimit
        const known = rows.map((row) => ({ id: row.id, text: JSON.stringify(row) }))
        const { give, next } = advance(at, known, limit, order)
        const given = give.flatMap((index) => rows[index] ?? [])
        const listed: Array<Listed<A>> = given.length === 0 ? [] : [{ _tag: "Rows", rows: given }]
        if (!Predicate.isString(next)) return [listed, Option.some(next)] as const
        listed.push({ _tag: "End", coverage: next, asOfMs: first.asOfMs })
        return [listed, Option.none()] as const
      })
    )
  })

type ListError = PermissionDenied | InvalidToken | BackendError

/** All reservations that a query asks for; by `deadlineMs` (Unix time in milliseconds), else each page by the time-out. */
export const reservations = (
  query: Omit<ReservationQuery, "offset" | "limit">,
  deadlineMs?: number
): Stream.Stream<Listed<Reservation>, ListError, BookioClient | Caller> =>
  Stream.unwrap(
    Effect.map(BookioClient, (client) =>
      paged((offset, limit) => listReservations(client, { ...query, offset, limit }, deadlineMs), client.order)
    )
  )

/** All blocked times that a query asks for; as `reservations`. */
export const blockedTimes = (
  query: Omit<BlockedTimeQuery, "offset" | "limit">,
  deadlineMs?: number
): Stream.Stream<Listed<BlockedTime>, ListError, BookioClient | Caller> =>
  Stream.unwrap(
    Effect.map(BookioClient, (client) =>
      paged((offset, limit) => listBlockedTimes(client, { ...query, offset, limit }, deadlineMs), client.order)
    )
  )
