/** Listings of rows by facility: of one, of several merged into one order, or the upstream's own; the index learns their ids. */
import type { Page } from "@bookio-kit/core/page/Page"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import type { FacilityIndex } from "./FacilityIndex.ts"
import type { IdKind } from "./IndexStore.ts"
import { mergedPage, type Window } from "./Merge.ts"
import type { Session } from "./Session.ts"

/** What a listing asks for: a facility, and which rows. */
type Query = Window & { readonly facilityId?: FacilityId | undefined }

/**
 * Makes the listing of one kind of rows from the upstream's.
 *
 * @returns a page of the `targets`, or of the upstream's own listing where there are none.
 */
export const listing =
  <A extends { readonly id: number }, Q extends Query, E, R>(
    index: FacilityIndex["Service"],
    kind: IdKind,
    ask: (session: Session, query: Q) => Effect.Effect<Page<A>, E, R>
  ) =>
  (session: Session, targets: ReadonlyArray<FacilityId> | undefined, query: Q) => {
    const pageOf = Effect.fnUntraced(function* (facilityId: FacilityId, window: Window) {
      const page = yield* ask(session, { ...query, ...window, facilityId })
      yield* index.learn(
        kind,
        facilityId,
        page.rows.map(({ id }) => id)
      )
      return page
    })
    if (targets === undefined) return ask(session, query)
    const [only, ...others] = targets
    return only !== undefined && others.length === 0
      ? pageOf(only, {})
      : mergedPage(targets, query, (facilityId, offset, limit) => pageOf(facilityId, { offset, limit }))
  }
