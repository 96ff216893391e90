/** The work on one item while a pass acts on it: what is known of it but not stored yet, and how it comes into the journal. */
import type { Conflict, JournalChange } from "@bookio-kit/core/sync/Journal"
import { isSameConflict } from "@bookio-kit/core/sync/Reconcile"
import type { Intention, LateWrite, Parked, SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { Side, SyncState } from "@bookio-kit/core/sync/SyncState"
import * as Effect from "effect/Effect"
import { partFormer } from "./Holds.ts"
import { drawExternalId, drawId } from "./Identity.ts"
import { count, dueItem, type Run } from "./Run.ts"
import { held, sameState } from "./States.ts"

/** What became of an item: `done` where the sides agree, or as far as they are meant to; else it waits. */
export type Acted = { readonly _tag: "Done"; readonly item: SyncItem } | { readonly _tag: "Waits" }

export const waits: Acted = { _tag: "Waits" }

const lateMs = 86_400_000

/** The work on one item, with what is known but not stored yet. */
export interface Work {
  item: SyncItem
  /** What it was parked for when it was taken up. */
  readonly parked: Parked | undefined
  /** Goes into the next commit. */
  readonly pending: Array<JournalChange>
  /** What is written to the practice calendar in place of what the rules say: a refused change that is put back. */
  putBack: SyncState | undefined
  /** Writes that were given up and are seen to have come about, as text. */
  readonly landed: Set<string>
  /** Bookio refused what the practice wants, and both are left as they are. */
  isRefused: boolean
  /** Why the next write is made (`Rule.ts`). */
  rule: string
}

export const trail = (work: Work, atMs: number, step: string, detail: string): void => {
  work.pending.push({ _tag: "Trail", entry: { itemId: work.item.id, atMs, step, detail } })
}

export const store = (run: Run, work: Work, item: SyncItem) =>
  Effect.suspend(() => {
    work.item = held(item)
    const changes: ReadonlyArray<JournalChange> = [{ _tag: "Put", item: work.item }, ...work.pending.splice(0)]
    return run.commit(changes)
  })

export const withoutIntention = ({ intention: _, ...item }: SyncItem): SyncItem => item

/** What the journal keeps of a write that was given up: it may still appear. */
export const givenUp = (item: SyncItem, nowMs: number): SyncItem => {
  const { intention } = item
  const late = item.late.filter(({ untilMs }) => untilMs > nowMs)
  if (intention === undefined) return item
  const { etag, externalId, from, side, target } = intention
  const write: LateWrite = {
    side,
    untilMs: nowMs + lateMs,
    ...(target === undefined ? {} : { target }),
    ...(from === undefined ? {} : { from }),
    ...(etag === undefined ? {} : { etag }),
    ...(externalId === undefined ? {} : { externalId })
  }
  return withoutIntention({ ...item, late: [...late, write] })
}

/** Notes the conflicts that are new, and gives the item with the one that waits for someone. */
export const tell = Effect.fnUntraced(function* (
  run: Run,
  work: Work,
  found: ReadonlyArray<Omit<Conflict, "id" | "itemId" | "sinceMs" | "state">>,
  nowMs: number
) {
  if (found.length === 0) return
  const resolved = new Set(
    work.pending.flatMap((change) =>
      change._tag === "Conflict" && change.conflict.state === "resolved" ? [change.conflict.id] : []
    )
  )
  const known = (yield* run.journal.conflictsOf(run.plan.key, work.item.id)).filter(({ id }) => !resolved.has(id))
  for (const conflict of found) {
    const isKnown = known.some(
      (one) =>
        one.state !== "resolved" &&
        (conflict.refusal === undefined
          ? isSameConflict(one, conflict as Parameters<typeof isSameConflict>[1])
          : one.field === conflict.field &&
            sameState(one.practice, conflict.practice) &&
            sameState(one.bookio, conflict.bookio))
    )
    if (isKnown) {
      // A decision that came to nothing is not tried again by itself.
      for (const one of known) {
        if (one.id !== work.item.conflict || one.resolution === undefined || conflict.refusal === undefined) continue
        const { resolution: _, ...undecided } = one
        work.pending.push({ _tag: "Conflict", conflict: undecided })
      }
      continue
    }
    const id = yield* drawId
    const isOpen = conflict.winner === undefined
    work.pending.push({
      _tag: "Conflict",
      conflict: { ...conflict, id, itemId: work.item.id, sinceMs: nowMs, state: isOpen ? "open" : "shown" }
    })
    if (isOpen) {
      // What waited before is moot: the sides show something else by now.
      const old = known.find((one) => one.id === work.item.conflict && one.state !== "resolved")
      if (old !== undefined) work.pending.push({ _tag: "Conflict", conflict: { ...old, state: "resolved" } })
      work.item = { ...work.item, conflict: id }
    }
    count(run, "conflicts")
    trail(work, nowMs, "conflict", `${conflict.field}${conflict.refusal === undefined ? "" : ` ${conflict.refusal}`}`)
  }
})

export const currentConflict = Effect.fnUntraced(function* (run: Run, item: SyncItem) {
  if (item.conflict === undefined) return undefined
  return (yield* run.journal.conflictsOf(run.plan.key, item.id)).find(({ id }) => id === item.conflict)
})

// A server tells its clock in whole seconds: what the last pass wrote can seem to be later than what this one has read.
const isJustBefore = ({ startedMs }: Run, atMs: number): boolean => atMs <= startedMs && atMs > startedMs - 2000

export const intend = Effect.fnUntraced(function* (
  run: Run,
  work: Work,
  side: Side,
  operation: { readonly action: Intention["action"]; readonly target?: SyncState; readonly uid?: string },
  nowMs: number
) {
  if (work.item.kind === "hold" && operation.action === "create" && work.item.bookioId !== undefined) {
    // It was cancelled, by staff or with an event that is there again.
    const { former, item } = yield* partFormer(work.item, nowMs)
    work.pending.push({ _tag: "Put", item: former })
    work.item = item
  }
  const { item } = work
  const from = side === "bookio" ? item.bookio.state : item.practice.state
  // What we changed since the reading would look like someone's change.
  const isWritten = run.written.has(item.id) || isJustBefore(run, item.bookio.atMs)
  const serverMs = side === "practice" || isWritten ? undefined : run.readMs
  if (side === "bookio") run.written.add(item.id)
  // Nothing but the request comes between this and the request, so whoever finds it must take it for sent.
  const intention: Intention = {
    id: yield* drawId,
    side,
    ...operation,
    ...(from === undefined ? {} : { from }),
    ...(side === "bookio" && operation.action === "create" ? { externalId: yield* drawExternalId } : {}),
    ...(side === "practice" && operation.action === "update" && item.etag !== undefined ? { etag: item.etag } : {}),
    storedMs: nowMs,
    ...(serverMs === undefined ? {} : { serverMs }),
    state: "unknown",
    attempts: 1
  }
  trail(work, nowMs, "intend", `${operation.action} in ${side}: ${work.rule}`)
  const writes = (item.writes ?? 0) + (side === "practice" ? 1 : 0)
  yield* store(run, work, dueItem({ ...item, intention, ...(writes > 0 && { writes }) }))
  return intention
})

export const countDone = (run: Run, { action, target }: Intention): void => {
  if (action === "create") count(run, "created")
  else if (action === "remove") count(run, "removed")
  else if (target?.status === "CANCELLED") count(run, "cancelled")
  else count(run, action === "term" ? "moved" : "changed")
}
