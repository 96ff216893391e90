/** Listings of commands: all pages of a query, up to `--limit`, and what is said when there is more. */

import { paged } from "@bookio-kit/core/page/Listing"
import type { Page } from "@bookio-kit/core/page/Page"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Backend } from "./Backend.ts"
import { Invocation } from "./Invocation.ts"
import { note } from "./output/Output.ts"

const rowsByDefault = 50

/** All rows of a query, page after page; whether they were all is told at the end. */
export const allRows = <A extends { readonly id: number }, E, R>(
  page: (offset: number, limit: number) => Effect.Effect<Page<A>, E, R>
): Stream.Stream<A, E, R | Backend | Invocation> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const { order } = yield* Backend
      const { setPartly } = yield* Invocation
      return paged(page, order).pipe(
        Stream.tap((listed) => {
          if (listed._tag === "Rows" || listed.coverage === "complete") return Effect.void
          setPartly()
          return note("bookio: the rows changed while they were read, so some may be missing; list them again")
        }),
        Stream.flatMap((listed) => Stream.fromIterable(listed._tag === "Rows" ? listed.rows : []))
      )
    })
  )

/** The first rows by the flags; where there are more, it is said how to see them. */
export const limited = <A, E, R>(
  { all, limit = rowsByDefault }: { readonly all: boolean; readonly limit: number | undefined },
  rows: Stream.Stream<A, E, R>
): Stream.Stream<A, E, R> => {
  if (all) return rows
  let count = 0
  return rows.pipe(
    Stream.take(limit + 1),
    Stream.filterEffect(() =>
      ++count <= limit
        ? Effect.succeed(true)
        : Effect.as(note(`bookio: the first ${limit} are shown; --limit N or --all shows more`), false)
    )
  )
}
