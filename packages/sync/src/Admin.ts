/** What a person asks of the journal, and decides: for the worker's and the CLI's commands. Texts of persons are left out. */
import type {
  Conflict,
  FacilityKey,
  Journal,
  JournalChange,
  Lease,
  PassRecord,
  TrailEntry
} from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { Side, SyncState } from "@bookio-kit/core/sync/SyncState"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { settleMs } from "./Plan.ts"
import { fromJournal, type Progress, toJournal } from "./Progress.ts"
import { dueItem } from "./Run.ts"

type Service = Journal["Service"]

/** What stands in the journal about a facility. */
export interface Status {
  readonly links: number
  readonly due: number
  readonly parked: number
  readonly openConflicts: number
  readonly halt: Progress["halt"]
  readonly lastPass: PassRecord | undefined
}

/** How many items are parked, for whatever reason. */
export const totalOf = (parked: { readonly [reason: string]: number }): number =>
  Object.values(parked).reduce((sum, count) => sum + count, 0)

export const status = Effect.fn("Sync.status")(function* (journal: Service, facility: FacilityKey) {
  const { due, links, openConflicts, parked } = yield* journal.counts(facility)
  const { halt } = fromJournal(yield* journal.progress(facility))
  const [lastPass] = yield* journal.passes(facility, 1)
  const found: Status = { links, due, parked: totalOf(parked), openConflicts, halt, lastPass }
  return found
})

const batch = 500

/** All items that wait, and why. */
export const parked = Effect.fn("Sync.parked")(function* (journal: Service, facility: FacilityKey) {
  const found: Array<SyncItem> = []
  let afterId: number | undefined
  for (;;) {
    const items = yield* journal.waiting(facility, batch, afterId)
    found.push(...items.filter((item) => item.parked !== undefined))
    if (items.length < batch) return found
    afterId = items.at(-1)?.id
  }
})

/** The item that an id means: of the journal, of a conflict, of a reservation or blocked time, or an event's UID. */
export const find = Effect.fn("Sync.find")(function* (
  journal: Service,
  facility: FacilityKey,
  calendars: ReadonlyArray<string>,
  id: string
) {
  const number = /^[0-9]{1,16}$/.test(id) ? Number(id) : undefined
  if (number === undefined) {
    return (yield* Effect.forEach(calendars, (calendar) => journal.byUid(facility, calendar, [id]))).flat()
  }
  const conflict = (yield* journal.conflicts(facility)).find((one) => one.id === number)
  const items = [
    ...(yield* journal.byId(facility, conflict === undefined ? [number] : [conflict.itemId])),
    ...(yield* journal.byBookioId(facility, "reservation", [number])),
    ...(yield* journal.byBookioId(facility, "blockedTime", [number])),
    ...(yield* journal.byExternalId(facility, [number]))
  ]
  return [...new Map(items.map((item) => [item.id, item])).values()]
})

/** A state without the text, which is a person's. */
export const shown = (state: SyncState | undefined) =>
  state === undefined
    ? undefined
    : {
        start: new Date(state.term.startMs).toISOString(),
        end: new Date(state.term.endMs).toISOString(),
        status: state.status
      }

/** All that is known of an item, in the order in which it happened. */
export interface Story {
  readonly item: SyncItem
  readonly conflicts: ReadonlyArray<Conflict>
  readonly trail: ReadonlyArray<TrailEntry>
}

export const why = Effect.fn("Sync.why")(function* (journal: Service, facility: FacilityKey, item: SyncItem) {
  const story: Story = {
    item,
    conflicts: yield* journal.conflictsOf(facility, item.id),
    trail: yield* journal.trail(facility, item.id)
  }
  return story
})

/** Writes under a lease of one's own; a worker that is in a pass has it, and the command waits for its end. */
const withLease = <A, E>(
  journal: Service,
  facility: FacilityKey,
  owner: string,
  use: (lease: Lease) => Effect.Effect<A, E>
) =>
  Effect.acquireUseRelease(journal.acquire(facility, { owner, durationMs: 30_000, graceMs: settleMs }), use, (lease) =>
    Effect.ignore(journal.release(lease))
  )

/** What someone did, as a line of an item's story. */
const noted = ({ id }: SyncItem, step: string, detail: string): Effect.Effect<JournalChange> =>
  Effect.map(Clock.currentTimeMillis, (atMs) => ({ _tag: "Trail", entry: { itemId: id, atMs, step, detail } }))

/** Decides a conflict: the side's value is to stand on both. The next pass does it. */
export const resolve = Effect.fn("Sync.resolve")(function* (
  journal: Service,
  facility: FacilityKey,
  owner: string,
  conflict: Conflict,
  side: Side
) {
  return yield* withLease(journal, facility, owner, (lease) =>
    Effect.gen(function* () {
      const [item] = yield* journal.byId(facility, [conflict.itemId])
      if (item === undefined) return false
      yield* journal.commit(lease, [
        { _tag: "Conflict", conflict: { ...conflict, state: "open", resolution: side } },
        { _tag: "Put", item: dueItem({ ...item, conflict: conflict.id }) },
        yield* noted(item, "resolve", `someone decided conflict ${conflict.id} for ${side}`)
      ])
      return true
    })
  )
})

/** Takes parked items up again in the next pass. */
export const retry = Effect.fn("Sync.retry")(function* (
  journal: Service,
  facility: FacilityKey,
  owner: string,
  items: ReadonlyArray<SyncItem>
) {
  if (items.length === 0) return
  yield* withLease(journal, facility, owner, (lease) =>
    Effect.gen(function* () {
      const lines = yield* Effect.forEach(items, (item) => noted(item, "retry", "someone has it taken up again"))
      yield* journal.commit(lease, [...items.map((item) => ({ _tag: "Put" as const, item: dueItem(item) })), ...lines])
    })
  )
})

const dayMs = 86_400_000

/**
 * Lets a facility go on that stands still. For the deletion budget: removals beyond it are allowed for a day. Else: what the
 * server shows is taken for the truth once.
 */
export const resume = Effect.fn("Sync.resume")(function* (journal: Service, facility: FacilityKey, owner: string) {
  const nowMs = yield* Clock.currentTimeMillis
  return yield* withLease(journal, facility, owner, (lease) =>
    Effect.gen(function* () {
      const { halt, ...progress } = fromJournal(yield* journal.progress(facility))
      if (halt === undefined) return undefined
      const allowed: Progress =
        halt.reason === "deletion-budget"
          ? { ...progress, removalsAllowedUntilMs: nowMs + dayMs }
          : { ...progress, adopt: true }
      yield* journal.commit(lease, [{ _tag: "Progress", progress: toJournal(allowed) }])
      return halt
    })
  )
})
