/**
 * The sync's journal in memory, for simulations and tests: what core's port says, without a disk. Every step is done at
 * once, so nothing comes in between, and its clock is Effect's. It can be put back to an earlier state, as a restored
 * backup would be.
 */
import {
  type Conflict,
  type FacilityKey,
  Journal,
  type JournalChange,
  JournalError,
  type Lease,
  LeaseLost,
  type PassRecord,
  type Progress,
  type Removal,
  type TrailEntry
} from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { Side } from "@bookio-kit/core/sync/SyncState"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { frozen, keys, type MemoryItems, make as makeItems } from "./MemoryItems.ts"

/** How many lines of an item's story are kept. */
const trailLength = 200

interface Held {
  readonly fence: number
  readonly owner: string | undefined
  readonly untilMs: number
}

interface FacilityState {
  held: Held
  progress: Progress
  readonly items: MemoryItems
  /** By which listing an item was seen last. */
  readonly seen: { readonly [S in Side]: Map<number, number> }
  readonly conflicts: Map<number, Conflict>
  readonly trails: Map<number, ReadonlyArray<TrailEntry>>
  removals: ReadonlyArray<Removal>
  readonly passes: Map<number, PassRecord>
}

/** The whole of a journal at one moment; later changes of the journal do not change it. */
export interface Snapshot {
  readonly facilities: ReadonlyMap<FacilityKey, FacilityState>
}

export interface MemoryJournal {
  readonly journal: Journal["Service"]
  readonly snapshot: () => Snapshot
  /** Puts the journal back, leases and fences too. */
  readonly restore: (snapshot: Snapshot) => void
}

const copyOf = (state: Partial<FacilityState>): FacilityState => ({
  held: state.held ?? { fence: 0, owner: undefined, untilMs: 0 },
  progress: state.progress ?? {},
  items: makeItems(state.items?.all()),
  seen: { bookio: new Map(state.seen?.bookio), practice: new Map(state.seen?.practice) },
  conflicts: new Map(state.conflicts),
  trails: new Map(state.trails),
  removals: state.removals ?? [],
  passes: new Map(state.passes)
})

const forget = (state: FacilityState, itemId: number) => {
  state.items.drop(itemId)
  state.seen.bookio.delete(itemId)
  state.seen.practice.delete(itemId)
  state.trails.delete(itemId)
  for (const { id, itemId: of } of state.conflicts.values()) if (of === itemId) state.conflicts.delete(id)
}

const putItems = (state: FacilityState, changes: ReadonlyArray<JournalChange>) => {
  for (const change of changes) {
    if (change._tag === "Put") state.items.put(change.item)
    if (change._tag === "Drop") forget(state, change.itemId)
  }
}

const apply = (state: FacilityState, change: JournalChange): void => {
  switch (change._tag) {
    case "Put":
    case "Drop":
      return
    case "Seen":
      for (const id of change.itemIds) if (state.items.has(id)) state.seen[change.side].set(id, change.listing)
      return
    case "Progress":
      state.progress = frozen(change.progress)
      return
    case "Conflict":
      state.conflicts.set(change.conflict.id, frozen(change.conflict))
      return
    case "Removal":
      state.removals = [...state.removals, frozen(change.removal)]
      return
    case "Trail": {
      const { itemId } = change.entry
      if (!state.items.has(itemId)) return
      state.trails.set(itemId, [...(state.trails.get(itemId) ?? []), frozen(change.entry)].slice(-trailLength))
      return
    }
    case "Pass":
      state.passes.set(change.pass.id, frozen(change.pass))
  }
}

// A conflict that nobody could be shown is an error of whoever stores it; it is found before anything is changed.
const hasStrayConflict = (state: FacilityState, changes: ReadonlyArray<JournalChange>): boolean => {
  const known = new Map<number, boolean>()
  for (const change of changes) {
    if (change._tag === "Put") known.set(change.item.id, true)
    if (change._tag === "Drop") known.set(change.itemId, false)
  }
  return changes.some(
    (change) =>
      change._tag === "Conflict" && !(known.get(change.conflict.itemId) ?? state.items.has(change.conflict.itemId))
  )
}

const isSettled = ({ dueMs, intention, parked }: SyncItem) =>
  dueMs === undefined && parked === undefined && intention === undefined

const bySince = (a: Conflict, b: Conflict) => a.sinceMs - b.sinceMs || a.id - b.id
const byStartDown = (a: PassRecord, b: PassRecord) => b.startedMs - a.startedMs || b.id - a.id

/** Makes an empty journal; its secret is zeros unless given, so that runs of one seed are equal. */
export const make = (options: { readonly secret?: Uint8Array } = {}): MemoryJournal => {
  let facilities = new Map<FacilityKey, FacilityState>()
  const nothing = copyOf({})
  const now = <A, E>(f: (nowMs: number) => Effect.Effect<A, E>) => Effect.flatMap(Clock.currentTimeMillis, f)
  const read = <A>(facility: FacilityKey, f: (state: FacilityState) => A) =>
    Effect.sync(() => f(facilities.get(facility) ?? nothing))

  const write = <A>(lease: Lease, f: (state: FacilityState) => Effect.Effect<A, JournalError>) =>
    now((nowMs): Effect.Effect<A, LeaseLost | JournalError> => {
      const state = facilities.get(lease.facility)
      if (state === undefined) return Effect.fail(new LeaseLost({}))
      const { fence, owner, untilMs } = state.held
      const inForce = owner !== undefined && untilMs > nowMs
      if (fence === lease.fence && inForce) return f(state)
      return Effect.fail(new LeaseLost(fence !== lease.fence && inForce ? { remainingMs: untilMs - nowMs } : {}))
    })

  const conflictsWhere = (facility: FacilityKey, test: (conflict: Conflict) => boolean) =>
    read(facility, ({ conflicts }) => [...conflicts.values()].filter(test).sort(bySince))

  const journal = Journal.of({
    secret: Redacted.make(options.secret ?? new Uint8Array(32)),
    acquire: (facility, { durationMs, graceMs, owner }) =>
      now((nowMs): Effect.Effect<Lease, LeaseLost> => {
        const state = facilities.get(facility) ?? copyOf({})
        const { held } = state
        const isOthers = held.owner !== undefined && held.owner !== owner
        if (isOthers && held.untilMs + graceMs > nowMs) {
          return Effect.fail(new LeaseLost({ remainingMs: Math.max(0, held.untilMs - nowMs) }))
        }
        const isRenewal = held.owner === owner && held.untilMs > nowMs
        state.held = { fence: isRenewal ? held.fence : held.fence + 1, owner, untilMs: nowMs + durationMs }
        facilities.set(facility, state)
        return Effect.succeed({ facility, fence: state.held.fence, untilMs: state.held.untilMs })
      }),
    release: ({ facility, fence }) =>
      Effect.sync(() => {
        const state = facilities.get(facility)
        if (state?.held.fence === fence) state.held = { fence, owner: undefined, untilMs: 0 }
      }),
    commit: (lease, changes) =>
      write(lease, (state) => {
        if (hasStrayConflict(state, changes)) return Effect.fail(new JournalError({ reason: "Internal" }))
        putItems(state, changes)
        for (const change of changes) apply(state, change)
        return Effect.void
      }),
    progress: (facility) => read(facility, ({ progress }) => progress),
    byId: (facility, ids) => read(facility, ({ items }) => items.named(ids)),
    byBookioId: (facility, record, ids) =>
      read(facility, ({ items }) => items.find(ids.map((id) => keys.bookio(record, id)))),
    byExternalId: (facility, ids) => read(facility, ({ items }) => items.find(ids.map(keys.external))),
    byUid: (facility, calendar, uids) =>
      read(facility, ({ items }) => items.find(uids.map((uid) => keys.uid(calendar, uid)))),
    byHref: (facility, calendar, hrefs) =>
      read(facility, ({ items }) => items.find(hrefs.map((href) => keys.href(calendar, href)))),
    due: (facility, atMs, limit, after) => read(facility, ({ items }) => items.due(atMs, limit, after)),
    unseen: (facility, { calendar, endsFromMs, kinds, listing, side }, limit, afterId) =>
      read(facility, ({ items, seen }) =>
        items.where(
          (item) =>
            item[side].state !== undefined &&
            kinds.includes(item.kind) &&
            (calendar === undefined || item.calendar === calendar) &&
            item.endMs >= endsFromMs &&
            seen[side].get(item.id) !== listing,
          limit,
          afterId
        )
      ),
    items: (facility, limit, afterId) => read(facility, ({ items }) => items.where(() => true, limit, afterId)),
    waiting: (facility, limit, afterId) =>
      read(facility, ({ items }) =>
        items.where(({ intention, parked }) => parked !== undefined || intention?.state === "unknown", limit, afterId)
      ),
    conflicts: (facility, state) =>
      conflictsWhere(facility, (conflict) => state === undefined || conflict.state === state),
    conflictsOf: (facility, itemId) => conflictsWhere(facility, (conflict) => conflict.itemId === itemId),
    removedSince: (facility, cause, sinceMs) =>
      read(facility, ({ removals }) => {
        const counted = removals.filter((removal) => removal.cause === cause && removal.atMs >= sinceMs)
        return new Set(counted.map(({ uid }) => uid)).size
      }),
    counts: (facility) =>
      now((nowMs) =>
        read(facility, ({ conflicts, items }) => {
          const waiting: Record<string, number> = {}
          const counts = { links: 0, due: 0, parked: waiting, openConflicts: 0 }
          const uids = new Set<string>()
          for (const { bookio, dueMs, parked, practice, uid } of items.all()) {
            if (bookio.state !== undefined && practice.state !== undefined && uid !== undefined) uids.add(uid)
            if (dueMs !== undefined && dueMs <= nowMs) counts.due++
            if (parked !== undefined) waiting[parked.reason] = (waiting[parked.reason] ?? 0) + 1
          }
          for (const { state } of conflicts.values()) if (state === "open") counts.openConflicts++
          counts.links = uids.size
          return counts
        })
      ),
    trail: (facility, itemId) => read(facility, ({ trails }) => trails.get(itemId) ?? []),
    passes: (facility, limit) => read(facility, ({ passes }) => [...passes.values()].sort(byStartDown).slice(0, limit)),
    facilities: Effect.sync(() => [...facilities.keys()]),
    prune: (lease, { conflictsMs, passesMs, recordsMs }) =>
      write(lease, (state) => {
        const open = new Set<number>()
        for (const conflict of state.conflicts.values()) if (conflict.state === "open") open.add(conflict.itemId)
        const old = state.items.all().filter((item) => isSettled(item) && item.endMs < recordsMs && !open.has(item.id))
        for (const { id } of old) forget(state, id)
        state.removals = state.removals.filter(({ atMs }) => atMs >= passesMs)
        for (const { id, startedMs } of state.passes.values()) if (startedMs < passesMs) state.passes.delete(id)
        for (const one of state.conflicts.values()) {
          if (one.state === "resolved" && one.sinceMs < conflictsMs) state.conflicts.delete(one.id)
        }
        return Effect.succeed(old.length)
      })
  })

  const copyAll = (from: ReadonlyMap<FacilityKey, FacilityState>) =>
    new Map([...from].map(([key, state]) => [key, copyOf(state)] as const))

  return {
    journal,
    snapshot: () => ({ facilities: copyAll(facilities) }),
    restore: (snapshot) => {
      facilities = copyAll(snapshot.facilities)
    }
  }
}
