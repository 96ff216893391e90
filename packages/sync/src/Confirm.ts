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
import type { Stopped } from "./Stopped.ts"

/** Whether an item waits for our confirmation. */
export const isUnconfirmed = ({ bookioId, externalId, kind, needsSync }: SyncItem): boolean =>
  (kind === "reservation" || kind === "hold") && needsSync && bookioId !== undefined && externalId !== undefined

const confirmOne = Effect.fnUntraced(function* (
  run: Run,
  item: SyncItem
): Effect.fn.Return<JournalChange | undefined, Stopped> {
  const nowMs = yield* Clock.currentTimeMillis
  const sent = writing(
    run,
    run.plan.bookio.confirmSync(ReservationId.make(item.bookioId ?? 0), {
      externalId: ExternalId.make(item.externalId ?? 0)
    })
  )
  return yield* Effect.matchEffect(run.leased(sent), {
    onSuccess: (): Effect.Effect<JournalChange | undefined, Stopped> => {
      count(run, "confirmed")
      return Effect.succeed({ _tag: "Put", item: { ...item, needsSync: false } })
    },
    onFailure: (error): Effect.Effect<JournalChange | undefined, Stopped> => {
      switch (error._tag) {
        // Confirming twice is confirming once: what is not known to be done is done again.
        case "BackendError":
          return error.reason === "OutcomeUnknown"
            ? Effect.succeed({ _tag: "Put", item: dueItem(item) })
            : Effect.fail(error)
        case "DuplicateReservation":
        case "ResourceNotFound":
        case "ValidationError":
          count(run, "parked")
          return Effect.succeed({
            _tag: "Put",
            item: parkedItem(item, error._tag, `Bookio refused the confirmation: ${error._tag}`, nowMs, false)
          })
        default:
          return Effect.fail(error)
      }
    }
  })
})

/** Confirms a batch, stores that, and lists again what changed since the last listing. */
export const confirm = Effect.fn("Sync.confirm")(function* (
  run: Run,
  items: ReadonlyArray<SyncItem>
): Effect.fn.Return<void, Stopped> {
  if (items.length === 0) return
  const changes: Array<JournalChange> = []
  const sent = Effect.forEach(
    items,
    (item) =>
      Effect.map(confirmOne(run, item), (change) => {
        if (change !== undefined) changes.push(change)
      }),
    { concurrency: run.plan.concurrency, discard: true }
  )
  // What was confirmed before an error ends the batch is stored all the same.
  yield* Effect.ensuring(
    sent,
    Effect.suspend(() => (changes.length === 0 ? Effect.void : Effect.ignore(run.commit(changes))))
  )
  if (run.lookBackMs === undefined) return
  const { asOfMs, coverage } = yield* pullReservations(run, { lastSync: run.lookBackMs })
  if (coverage === "complete") run.lookBackMs = Math.max(run.lookBackMs, asOfMs - run.overlapMs)
})
