/**
 * The rounds of a pass (sync.md, "A pass", 3): all that is due is acted on, batch by batch, confirmed, and looked at again,
 * until a round finds nothing more to do. Requests are in flight up to the budget all the time.
 */
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { act } from "./Act.ts"
import {
  type Answered,
  isUnconfirmed,
  itemsInHand,
  lookAgain,
  sendConfirmations,
  storeConfirmations
} from "./Confirm.ts"
import { takeUpHolds } from "./Holds.ts"
import type { Run } from "./Run.ts"
import type { Halted, Stopped } from "./Stopped.ts"
import { type Acted, waits } from "./Work.ts"

// Items that are taken from the journal at once. Acting ends with each batch before the next begins, so there should be few.
const usualBatch = 1000
const mostRounds = 4

interface Round {
  after: { readonly dueMs: number; readonly id: number } | undefined
  readonly acted: Set<number>
  done: number
}

/** Items that are due, from a place on, but for those that were acted on in this round. */
const nextDue = Effect.fnUntraced(function* (run: Run, round: Round) {
  const batch = run.plan.batch ?? usualBatch
  for (;;) {
    const nowMs = yield* Clock.currentTimeMillis
    const found = yield* run.journal.due(run.plan.key, nowMs, batch, round.after)
    const last = found.at(-1)
    if (last === undefined) return []
    round.after = { dueMs: last.dueMs ?? 0, id: last.id }
    const items = found.filter(({ id }) => !round.acted.has(id) && !run.unknown.has(id))
    for (const { id } of items) round.acted.add(id)
    if (items.length > 0 || found.length < batch) return items
  }
})

/**
 * Items that may be acted on side by side: those of an event that asks for a reservation come one after the other, for
 * acting on one of them reads the event anew, and that is news for the others.
 */
const apart = (items: ReadonlyArray<SyncItem>): ReadonlyArray<ReadonlyArray<SyncItem>> => {
  const nameOf = ({ calendar, uid }: SyncItem) => `${calendar} ${uid}`
  const asking = new Set(items.filter(({ isOwn, kind }) => isOwn && kind === "reservation").map(nameOf))
  const groups = Map.groupBy(items, (item) =>
    item.uid !== undefined && asking.has(nameOf(item)) ? nameOf(item) : item.id
  )
  return [...groups.values()]
}

/** Acts on a batch, with more items in hand than requests may be in flight, so that there is always one to send. */
const actOn = (run: Run, items: ReadonlyArray<SyncItem>, became: (acted: Acted) => void, halt: { error?: Halted }) => {
  // What is on its way when the budget is used up is let end, so that its outcome is known.
  const actOne = (item: SyncItem) =>
    Effect.suspend(() => (halt.error === undefined ? act(run, item) : Effect.succeed(waits))).pipe(
      Effect.map(became),
      Effect.catchTag("Halted", (error) =>
        Effect.sync(() => {
          halt.error ??= error
        })
      )
    )
  return Effect.forEach(apart(items), (group) => Effect.forEach(group, actOne, { discard: true }), {
    concurrency: run.plan.concurrency * itemsInHand,
    discard: true
  })
}

/**
 * Acts on what is due, batch by batch; while one is acted on, the one before is confirmed, and then what slipped in between
 * is looked for. An item is acted on once a round, and no more in this pass once the outcome of a write of it is unknown:
 * the next pass looks first.
 */
export const actOnDue = Effect.fnUntraced(function* (run: Run): Effect.fn.Return<void, Stopped> {
  const halt: { error?: Halted } = {}
  for (let count = 0; count < mostRounds; count++) {
    yield* takeUpHolds(run)
    const round: Round = { after: undefined, acted: new Set(), done: 0 }
    let unconfirmed: ReadonlyArray<number> = []
    for (;;) {
      const items = halt.error === undefined ? yield* nextDue(run, round) : []
      if (items.length === 0 && unconfirmed.length === 0) break
      const done: Array<number> = []
      const answered: Array<Answered> = []
      const confirming = yield* Effect.forkChild(sendConfirmations(run, unconfirmed, answered))
      yield* actOn(
        run,
        items,
        (acted) => {
          if (acted._tag === "Waits") return
          round.done++
          if (isUnconfirmed(acted.item)) done.push(acted.item.id)
        },
        halt
      ).pipe(
        Effect.andThen(Fiber.join(confirming)),
        Effect.onExit(() => Fiber.interrupt(confirming)),
        // What was confirmed before an error ends the pass is stored all the same.
        Effect.ensuring(Effect.suspend(() => Effect.ignore(storeConfirmations(run, answered))))
      )
      if (answered.length > 0) yield* lookAgain(run)
      unconfirmed = done
    }
    if (halt.error !== undefined) return yield* halt.error
    if (round.done === 0 && run.freed.length === 0) return
  }
})
