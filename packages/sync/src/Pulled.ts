/** Reads a listing of Bookio to its end, page by page: what there is of it, whether it was complete, and as of when. */
import * as Listing from "@bookio-kit/core/page/Listing"
import type { Page } from "@bookio-kit/core/page/Page"
import type { Coverage } from "@bookio-kit/core/page/Paging"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Run } from "./Run.ts"
import { givenTwice, type Halted } from "./Stopped.ts"

/** A listing that was read: whether it was complete, and the server's clock when it began. */
export interface Pulled {
  readonly coverage: Coverage
  readonly asOfMs: number
  /** Whether the server told its clock; else `asOfMs` is ours. */
  readonly isServersClock: boolean
}

/**
 * Reads a listing to its end.
 *
 * @param onRows - takes rows in, in the listing's order, each at least once.
 * @errors what `page` and `onRows` say; `Halted` where ids are another record's by now (sync.md, "A restored server").
 */
export const pull = Effect.fnUntraced(function* <A extends { readonly id: number }, E, F>(
  run: Run,
  page: (offset: number, limit: number) => Effect.Effect<Page<A>, E>,
  onRows: (rows: ReadonlyArray<A>) => Effect.Effect<void, F>
): Effect.fn.Return<Pulled, E | F | Halted> {
  // The clock of a backend in this process is ours, read before the page.
  let pulled: Pulled = { coverage: "unknown", asOfMs: yield* Clock.currentTimeMillis, isServersClock: false }
  const pages = Listing.paged(page, run.plan.bookio.order, run.plan.concurrency)
  yield* Stream.runForEach(pages, (listed): Effect.Effect<void, F> => {
    if (listed._tag === "Rows") return onRows(listed.rows)
    pulled = {
      coverage: listed.coverage,
      asOfMs: listed.asOfMs ?? pulled.asOfMs,
      isServersClock: listed.asOfMs !== undefined
    }
    return Effect.void
  })
  const [reborn] = run.reborn
  if (reborn === undefined) return pulled
  return yield* givenTwice(reborn)
})
