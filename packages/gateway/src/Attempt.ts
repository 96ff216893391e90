/**
 * What a creation knows of earlier requests under its `Idempotency-Key`, and the look-up that settles one whose outcome is
 * unknown (sync.md, "Unknown outcomes"). One object a request, made by `Writes` and written by the port that looks up.
 */
import type { Caller } from "@bookio-kit/core/access/Caller"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { paged } from "@bookio-kit/core/page/Listing"
import type { Page } from "@bookio-kit/core/page/Page"
import type { ExternalId } from "@bookio-kit/core/scalar/Id"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { countRepeat } from "./Metrics.ts"

export interface Attempt {
  /** Present while it is unknown whether an earlier request had its effect. Times are Unix milliseconds. */
  earlier: { readonly begunMs: number; readonly settledFromMs: number } | undefined
}

/** The attempt that is being made; without an earlier one unless `Writes` says so. */
export const Attempt = Context.Reference<Attempt>("@bookio-kit/gateway/Attempt", {
  defaultValue: () => ({ earlier: undefined })
})

// The upstream's clock may be apart from ours by this much, and a commit takes its time.
const overlapMs = 15 * 60_000
const furthestBehindMs = 10 * 60_000

const unclear = (cause?: unknown) =>
  new BackendError(cause === undefined ? { reason: "OutcomeUnknown" } : { reason: "OutcomeUnknown", cause })

interface Row {
  readonly id: number
  readonly externalId?: ExternalId
}

interface Seen<A> {
  readonly made: A | undefined
  readonly isAmbiguous: boolean
  readonly isWhole: boolean
}

/**
 * What an earlier request of this creation made, by its externalId; `undefined` where nothing was made, so that it may be
 * sent. It is looked for in all rows of the facility that changed since shortly before the first attempt. Nothing found
 * proves nothing while the last attempt can still be under way: then it waits for that time and looks once more.
 *
 * @param page - a page of the upstream's rows of any status, past every cache, changed at or after `lastSync` (Unix
 * milliseconds).
 * @param mayBe - whether a row under another externalId could be it all the same, for a confirmation of sync replaces
 * externalIds: then nothing is told.
 * @errors `OutcomeUnknown` where that cannot be told.
 */
export const madeBefore = Effect.fn("Attempt.madeBefore")(
  function* <A extends Row, E, R>(
    externalId: ExternalId,
    page: (query: {
      readonly lastSync: number
      readonly offset: number
      readonly limit: number
    }) => Effect.Effect<Page<A>, E, R>,
    mayBe: (row: A) => boolean = () => false
  ): Effect.fn.Return<A | undefined, BackendError, R | Caller> {
    const attempt = yield* Attempt
    const { earlier } = attempt
    if (earlier === undefined) return undefined
    const lastSync = Math.max(0, earlier.begunMs - overlapMs)
    const look = Effect.gen(function* () {
      const startedMs = yield* Clock.currentTimeMillis
      const rows = paged((offset, limit) => page({ lastSync, offset, limit }), "unknown")
      const seen = yield* Stream.runFold(
        rows,
        (): Seen<A> => ({ made: undefined, isAmbiguous: false, isWhole: false }),
        (known, listed) => {
          if (listed._tag === "Rows") {
            const made = listed.rows.find((row) => row.externalId === externalId) ?? known.made
            return { ...known, made, isAmbiguous: known.isAmbiguous || listed.rows.some(mayBe) }
          }
          const isBehind = listed.asOfMs !== undefined && listed.asOfMs < startedMs - furthestBehindMs
          return { ...known, isWhole: listed.coverage === "complete" && !isBehind }
        }
      )
      return { ...seen, startedMs }
    }).pipe(Effect.mapError(unclear))
    let seen = yield* look
    if (seen.made === undefined && seen.startedMs < earlier.settledFromMs) {
      yield* Effect.sleep(Math.max(0, earlier.settledFromMs - (yield* Clock.currentTimeMillis)))
      seen = yield* look
    }
    if (seen.made === undefined && (seen.isAmbiguous || !seen.isWhole)) return yield* unclear()
    attempt.earlier = undefined
    yield* countRepeat(seen.made === undefined ? "sentAgain" : "found")
    return seen.made
  },
  Effect.tapError(() => countRepeat("unclear"))
)
