/**
 * Settles a write whose outcome is unknown (sync.md, "Unknown outcomes"): by what has changed since shortly before its
 * first attempt, by the server's clock. A row is recognised by its id or by our externalId, never by its term.
 */
import type { Caller } from "@bookio-kit/core/access/Caller"
import { type Listed, overlapMs } from "@bookio-kit/core/page/Listing"
import type { Coverage } from "@bookio-kit/core/page/Paging"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { BookioClient, type BookioClientService } from "./BookioClient.ts"
import { listReservations } from "./Operations.ts"
import type { Settled, Settlement } from "./Retry.ts"

/** What a row says that is there and shows something else than the write: who came first cannot be told. */
export const ambiguous: Settled<never> = { _tag: "Unclear" }

const notDone: Settled<never> = { _tag: "NotDone" }

// The instant to list from: before the first attempt by either reading of the server's clock, the one before and the
// latest, so that a step of our own clock between them does no harm.
const listFrom = Effect.fnUntraced(function* (
  client: BookioClientService,
  aheadBeforeMs: number | undefined,
  startedMs: number,
  deadlineMs: number
) {
  // An answer tells the server's clock, so one is asked for where there was none.
  if ((yield* client.serverAheadMs) === undefined) yield* listReservations(client, { limit: 0 }, deadlineMs)
  const aheadMs = yield* client.serverAheadMs
  if (aheadMs === undefined) return undefined
  return Math.max(0, startedMs + Math.min(aheadMs, aheadBeforeMs ?? aheadMs) - overlapMs)
})

const lookUp = Effect.fn("BookioClient.lookUp")(function* <Row, A, E>(
  client: BookioClientService,
  aheadBeforeMs: number | undefined,
  list: (lastSync: number, deadlineMs: number) => Stream.Stream<Listed<Row>, E, BookioClient | Caller>,
  match: (row: Row) => Settled<A> | undefined,
  startedMs: number,
  deadlineMs: number
) {
  const lastSync = yield* listFrom(client, aheadBeforeMs, startedMs, deadlineMs)
  if (lastSync === undefined) return ambiguous
  const { coverage, latest } = yield* Stream.runFold(
    list(lastSync, deadlineMs),
    (): { readonly latest: Settled<A> | undefined; readonly coverage: Coverage } => ({
      latest: undefined,
      coverage: "unknown"
    }),
    (known, listed) =>
      listed._tag === "End"
        ? { ...known, coverage: listed.coverage }
        : // A row that is seen again is seen as it is by then.
          { ...known, latest: listed.rows.reduce((latest, row) => match(row) ?? latest, known.latest) }
  )
  return latest ?? (coverage === "complete" ? notDone : ambiguous)
})

/**
 * A settlement by look-up.
 *
 * @param list - all that changed at or after `lastSync`, of any status.
 * @param match - what a row says of the write; `undefined` for a row that is about something else.
 */
export const settleBy = <Row, A, E>(
  client: BookioClientService,
  list: (lastSync: number, deadlineMs: number) => Stream.Stream<Listed<Row>, E, BookioClient | Caller>,
  match: (row: Row) => Settled<A> | undefined
): Effect.Effect<Settlement<A, Caller>> =>
  Effect.map(client.serverAheadMs, (aheadBeforeMs) => ({
    _tag: "LookUp",
    lookUp: (startedMs, deadlineMs) =>
      lookUp(client, aheadBeforeMs, list, match, startedMs, deadlineMs).pipe(
        Effect.provideService(BookioClient, client),
        Effect.catch(() => Effect.succeed<Settled<A>>(ambiguous))
      )
  }))
