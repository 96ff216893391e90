/**
 * Confirms to Bookio what is durable in the practice calendar, and looks again at what slipped in between: a confirmation
 * clears the flag of whatever the reservation is by then, and not of what was read (sync.md, "A pass", 3).
 */
import { ExternalId, ReservationId } from "@bookio-kit/core/scalar/Id"
import type { JournalChange } from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { pullReservations } from "./PullReservations.ts"
import { count, dueItem, parkedItem, type Run } from "./Run.ts"
import { writing } from "./SendBookio.ts"
import { restored, type Stopped } from "./Stopped.ts"

/** Whether an item waits for our confirmation. */
export const isUnconfirmed = ({ bookioId, externalId, kind, needsSync }: SyncItem): boolean =>
  (kind === "reservation" || kind === "hold") && needsSync && bookioId !== undefined && externalId !== undefined

/** What an answer makes of an item, as it is by then. */
export interface Answered {
  readonly itemId: number
  /** What it was, for `why`. */
  readonly detail: string
  readonly becomes: (item: SyncItem) => SyncItem
}

const confirmOne = Effect.fnUntraced(function* (run: Run, item: SyncItem): Effect.fn.Return<Answered, Stopped> {
  const nowMs = yield* Clock.currentTimeMillis
  const sent = writing(
    run,
    run.plan.bookio.confirmSync(ReservationId.make(item.bookioId ?? 0), {
      externalId: ExternalId.make(item.externalId ?? 0)
    })
  )
  const answered = (detail: string, becomes: Answered["becomes"]): Effect.Effect<Answered> =>
    Effect.succeed({ itemId: item.id, detail, becomes })
  return yield* Effect.matchEffect(run.leased(sent), {
    onSuccess: () => {
      count(run, "confirmed")
      return answered("done", (now) => ({ ...now, needsSync: false }))
    },
    onFailure: (error): Effect.Effect<Answered, Stopped> => {
      switch (error._tag) {
        // Confirming twice is confirming once: what is not known to be done is done again.
        case "BackendError":
          return error.reason === "OutcomeUnknown" ? answered("unknown", dueItem) : Effect.fail(error)
        case "ResourceNotFound":
          // It was there, and none is ever deleted.
          return Effect.fail(restored(`reservation ${item.bookioId} is not there any more`))
        case "DuplicateReservation":
        case "ValidationError":
          count(run, "parked")
          return answered(`refused: ${error._tag}`, (now) =>
            parkedItem(now, error._tag, `Bookio refused the confirmation: ${error._tag}`, nowMs, false)
          )
        default:
          return Effect.fail(error)
      }
    }
  })
})

/** Items in hand for each request in flight: while one is under way, others are decided, stored and encoded. */
export const itemsInHand = 4

/** Sends the confirmations of items that are as they were when they were acted on; answers come into `answered`. */
export const sendConfirmations = Effect.fn("Sync.confirm")(function* (
  run: Run,
  itemIds: ReadonlyArray<number>,
  answered: Array<Answered>
): Effect.fn.Return<void, Stopped> {
  if (itemIds.length === 0) return
  const items = yield* run.journal.byId(run.plan.key, itemIds)
  yield* Effect.forEach(
    items.filter((item) => isUnconfirmed(item) && item.dueMs === undefined && item.parked === undefined),
    (item) => Effect.map(confirmOne(run, item), (answer) => answered.push(answer)),
    { concurrency: run.plan.concurrency * itemsInHand, discard: true }
  )
})

/** Stores what was answered; nothing else may be at work on these items. */
export const storeConfirmations = Effect.fnUntraced(function* (
  run: Run,
  answered: ReadonlyArray<Answered>
): Effect.fn.Return<void, Stopped> {
  if (answered.length === 0) return
  const items = yield* run.journal.byId(
    run.plan.key,
    answered.map(({ itemId }) => itemId)
  )
  const byId = new Map(items.map((item) => [item.id, item]))
  const nowMs = yield* Clock.currentTimeMillis
  const changes = answered.flatMap(({ becomes, detail, itemId }): ReadonlyArray<JournalChange> => {
    const item = byId.get(itemId)
    if (item === undefined) return []
    return [
      { _tag: "Put", item: becomes(item) },
      { _tag: "Trail", entry: { itemId, atMs: nowMs, step: "confirm", detail } }
    ]
  })
  yield* run.commit(changes)
})

/** Lists again what changed since the last listing; nothing else may be at work on what it finds. */
export const lookAgain = Effect.fn("Sync.lookAgain")(function* (run: Run): Effect.fn.Return<void, Stopped> {
  if (run.lookBackMs === undefined) return
  const { asOfMs, coverage, isServersClock } = yield* pullReservations(run, { lastSync: run.lookBackMs })
  if (coverage !== "complete") return
  run.lookBackMs = Math.max(run.lookBackMs, asOfMs - run.overlapMs)
  if (!isServersClock) return
  run.readMs = asOfMs
  run.written.clear()
})
