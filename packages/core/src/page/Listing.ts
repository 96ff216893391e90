/**
 * A whole listing as a stream that pages by itself (sync.md, "Paging"), with one page in memory. Its last element tells
 * whether the listing was complete: absence proves nothing unless it was.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { Page } from "./Page.ts"
import { advance, type Coverage, type Order, pageLimit, start } from "./Paging.ts"

/** What a reader goes back behind the last instant it knows, for clocks and commits are not that exact (sync.md, "Cursor"). */
export const overlapMs = 5 * 60_000

/**
 * Rows of a listing, page by page, each at least once; then its end. `asOfMs` is that of the first page of all: what
 * changed later may be missing from the listing, and a next one that starts `overlapMs` before it misses nothing.
 */
export type Listed<A> =
  | { readonly _tag: "Rows"; readonly rows: ReadonlyArray<A> }
  | { readonly _tag: "End"; readonly coverage: Coverage; readonly asOfMs: number | undefined }

/** Reads a listing by its pages; `page` is told offset and limit. An error of a page ends the stream, which then has no `End`. */
export const paged = <A extends { readonly id: number }, E, R>(
  page: (offset: number, limit: number) => Effect.Effect<Page<A>, E, R>,
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
