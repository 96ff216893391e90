/**
 * One page of several listings as one. Rows do not carry the change instant that each listing is ordered by, so across
 * facilities it is approached by what all rows show: ids are drawn in the order of creation, so whatever stands behind a
 * row has changed at or after the creation of the greatest id up to there. Within a facility the upstream's order stays.
 */
import type { Page } from "@bookio-kit/core/page/Page"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"

/** Rows to skip and to give, as in the contract: 0 and 100 where left out. */
export interface Window {
  readonly offset?: number | undefined
  readonly limit?: number | undefined
}

const pageLimit = 100

interface Source<A> {
  readonly facilityId: FacilityId
  readonly total: number
  rows: ReadonlyArray<A>
  /** The next row of `rows`, and how many rows of the listing were fetched. */
  at: number
  fetched: number
}

/**
 * Reads a page of the merged listing; its total is the sum of the totals. Rows that are skipped are fetched too, so a page
 * far behind costs as many requests as all before it.
 *
 * @param page - a page of one facility's listing.
 */
export const mergedPage = Effect.fnUntraced(function* <A extends { readonly id: number }, E, R>(
  facilities: ReadonlyArray<FacilityId>,
  { limit = pageLimit, offset = 0 }: Window,
  page: (facilityId: FacilityId, offset: number, limit: number) => Effect.Effect<Page<A>, E, R>
): Effect.fn.Return<Page<A>, E, R> {
  const first = Math.min(pageLimit, limit === 0 ? 0 : offset + limit)
  const sources = yield* Effect.forEach(
    facilities,
    (facilityId) =>
      Effect.map(
        page(facilityId, 0, first),
        ({ pagination, rows }): Source<A> => ({
          facilityId,
          total: pagination.total,
          rows,
          at: 0,
          fetched: rows.length
        })
      ),
    { concurrency: 4 }
  )
  const refill = Effect.fnUntraced(function* (source: Source<A>) {
    if (source.at < source.rows.length || source.fetched >= source.total) return
    const { rows } = yield* page(source.facilityId, source.fetched, pageLimit)
    source.rows = rows
    source.at = 0
    // A listing that has become shorter has no more.
    source.fetched = rows.length === 0 ? source.total : source.fetched + rows.length
  })
  const given: Array<A> = []
  for (let index = 0; limit > 0 && index < offset + limit; index++) {
    let next: Source<A> | undefined
    let nextId = Number.POSITIVE_INFINITY
    for (const source of sources) {
      yield* refill(source)
      const head = source.rows[source.at]
      // Behind a taken row all other heads have greater ids, so what was changed late in a facility follows at once.
      if (head !== undefined && head.id < nextId) {
        next = source
        nextId = head.id
      }
    }
    const row = next?.rows[next.at]
    if (next === undefined || row === undefined) break
    next.at += 1
    if (index >= offset) given.push(row)
  }
  const total = sources.reduce((sum, source) => sum + source.total, 0)
  return { pagination: { total, offset, limit }, rows: given }
})
