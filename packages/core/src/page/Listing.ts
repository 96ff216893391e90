/**
 * A whole listing as a stream that pages by itself (sync.md, "Paging"), with one page in memory. Its last element tells
 * whether the listing was complete: absence proves nothing unless it was.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
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

/**
 * Pages that are asked for before their turn. Where rows move to the end only, a page may be read before the one that it
 * follows: it begins with that one's last row only if nothing before it has moved in between.
 */
const makeAhead = Effect.fnUntraced(function* <A, E, R>(
  page: (offset: number, limit: number) => Effect.Effect<Page<A>, E, R>,
  most: number
) {
  const scope = yield* Effect.scope
  const asked = new Map<number, Fiber.Fiber<Page<A>, E>>()
  return {
    /** The page at `offset`, and what was asked for besides it is kept. */
    take: (offset: number): Effect.Effect<Page<A>, E, R> =>
      Effect.suspend(() => {
        const fiber = asked.get(offset)
        if (fiber === undefined) return page(offset, pageLimit)
        asked.delete(offset)
        return Fiber.join(fiber)
      }),
    /** Asks for the next pages as far as the listing goes; for none after one that failed. */
    ask: Effect.fnUntraced(function* (from: number, step: number, total: number) {
      for (let offset = from, count = 0; count < most && offset < total; offset += step, count++) {
        const exit = asked.get(offset)?.pollUnsafe()
        if (exit !== undefined && Exit.isFailure(exit)) return
        if (!asked.has(offset)) asked.set(offset, yield* Effect.forkIn(page(offset, pageLimit), scope))
      }
    }),
    /** Forgets what was asked for: the rows have moved. */
    clear: Effect.suspend(() => {
      const fibers = [...asked.values()]
      asked.clear()
      return Fiber.interruptAll(fibers)
    })
  }
})

/**
 * Reads a listing by its pages; `page` is told offset and limit. An error of a page ends the stream, which then has no `End`.
 *
 * @param atOnce - pages that may be asked for at the same time; more than one has an effect only where the order is `known`.
 */
export const paged = <A extends { readonly id: number }, E, R>(
  page: (offset: number, limit: number) => Effect.Effect<Page<A>, E, R>,
  order: Order,
  atOnce = 1
): Stream.Stream<Listed<A>, E, R> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const ahead = yield* makeAhead(page, atOnce)
      const isAhead = order === "known" && atOnce > 1
      let first: { readonly asOfMs: number | undefined } | undefined
      return Stream.paginate(
        start(),
        Effect.fnUntraced(function* (at) {
          const { asOfMs, pagination, rows } = yield* ahead.take(at.offset)
          first ??= { asOfMs }
          const limit = pagination.limit > 0 ? Math.min(pageLimit, pagination.limit) : pageLimit
          const known = rows.map((row) => ({ id: row.id, text: JSON.stringify(row) }))
          const { give, next } = advance(at, known, limit, order)
          const given = give.flatMap((index) => rows[index] ?? [])
          const listed: Array<Listed<A>> = given.length === 0 ? [] : [{ _tag: "Rows", rows: given }]
          if (!Predicate.isString(next)) {
            if (next.isBack) yield* ahead.clear
            else if (isAhead) yield* ahead.ask(next.offset, rows.length - 1, pagination.total)
            return [listed, Option.some(next)] as const
          }
          listed.push({ _tag: "End", coverage: next, asOfMs: first.asOfMs })
          return [listed, Option.none()] as const
        })
      )
    })
  )
