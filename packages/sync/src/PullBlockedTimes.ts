/**
 * Reads what changed of a facility's blocked times into the journal. A removed one leaves no trace in the published API: it
 * is gone when a complete listing of the window lacked it twice running, or when the change feed says so.
 */
import type { BlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import type { BlockedTimeQuery } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { JournalChange, JournalError, LeaseLost } from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { SyncState } from "@bookio-kit/core/sync/SyncState"
import { blockedTimeState } from "@bookio-kit/core/sync/Terms"
import type { TimeProblem } from "@bookio-kit/core/time/WallTime"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { BookioError } from "./Bookio.ts"
import { noteFreed } from "./Holds.ts"
import { drawId } from "./Identity.ts"
import { type Pulled, pull } from "./Pulled.ts"
import { knownOf, unreadableRow } from "./Rows.ts"
import { count, dueItem, type Run, readable, withoutRow } from "./Run.ts"
import { sameState } from "./States.ts"
import type { Halted } from "./Stopped.ts"
import { words } from "./Words.ts"

const kinds: ReadonlySet<SyncItem["kind"]> = new Set(["busy", "mirror"])

// Ours carries the text that it was made with, which cannot be changed; a note of staff is shown with `full` only.
const stateOf = ({ directory, plan }: Run, row: BlockedTime, kind: SyncItem["kind"]) =>
  Result.map(blockedTimeState(directory.timeZone, row), (state) => ({
    ...state,
    text:
      kind === "busy"
        ? ""
        : plan.details === "full" && state.text.trim() !== ""
          ? state.text
          : words[plan.language].blocked
  }))

const newMirror = Effect.fnUntraced(function* (calendar: string, row: BlockedTime, endMs: number) {
  const item: SyncItem = {
    id: yield* drawId,
    kind: "mirror",
    calendar,
    bookioId: row.id,
    occurrence: "",
    part: "",
    generation: 0,
    bookio: { missing: 0, atMs: 0 },
    practice: { missing: 0, atMs: 0 },
    needsSync: false,
    isOwn: false,
    late: [],
    endMs
  }
  return item
})

const newOrphan = (calendar: string, row: BlockedTime, externalId: number | undefined, endMs: number) =>
  Effect.map(
    newMirror(calendar, row, endMs),
    (item): SyncItem => ({ ...item, kind: "busy", isOwn: true, ...(externalId === undefined ? {} : { externalId }) })
  )

const observed = (
  known: SyncItem,
  row: BlockedTime,
  state: Result.Result<SyncState, TimeProblem>,
  nowMs: number
): SyncItem => {
  if (Result.isFailure(state)) return unreadableRow(known, row, `blocked time ${row.id}: ${state.failure}`, nowMs)
  const item = readable(known, "UnreadableRow")
  const isSame = item.bookioId === row.id && sameState(item.bookio.state, state.success) && item.bookio.missing === 0
  const isFound = item !== known
  if (isSame && !isFound && item.intention === undefined) return item
  const next: SyncItem = {
    ...item,
    bookioId: row.id,
    bookio: { state: state.success, missing: 0, atMs: nowMs },
    endMs: Math.max(state.success.term.endMs, item.practice.state?.term.endMs ?? 0)
  }
  return isSame && !isFound ? next : dueItem(next)
}

/** What the server has lost: what we made is made anew, where it is still wanted, and the event of any other goes. */
const lost = (known: SyncItem, nowMs: number): SyncItem => {
  const item = readable(known, "UnreadableRow")
  return dueItem({ ...(item.kind === "busy" ? withoutRow(item) : item), bookio: { missing: 2, atMs: nowMs } })
}

const bears = (row: BlockedTime, { externalId, intention, late }: SyncItem): boolean =>
  row.externalId !== undefined &&
  [externalId, intention?.externalId, ...late.map((write) => write.externalId)].includes(row.externalId)

/** Whether a row is not the one that its id was known for: what we made bears our id of it, and what staff made bears none. */
const isAnother = (item: SyncItem, row: BlockedTime, ours: SyncItem | undefined): boolean =>
  item.kind === "busy"
    ? item.externalId !== undefined && !bears(row, item)
    : ours !== undefined && item.kind === "mirror" && item.bookio.state !== undefined

/** Takes rows into the journal. @param listing - the number to mark what was seen with, where the listing is a full one. */
export const observeBlockedTimes: (
  run: Run,
  rows: ReadonlyArray<BlockedTime>,
  listing?: number
) => Effect.Effect<void, JournalError | LeaseLost> = Effect.fnUntraced(function* (run, rows, listing) {
  const { plan } = run
  const nowMs = yield* Clock.currentTimeMillis
  const { byExternalId, byId } = yield* knownOf(run, "blockedTime", rows)
  const changes = new Map<number, SyncItem>()
  const seen: Array<number> = []
  for (const row of rows) {
    const bearers = byExternalId.filter(({ kind }) => kinds.has(kind))
    const ours =
      row.externalId === undefined
        ? undefined
        : (bearers.find((item) => item.intention?.externalId === row.externalId) ??
          bearers.find((item) => item.externalId === row.externalId) ??
          bearers.find((item) => item.late.some((late) => late.externalId === row.externalId)))
    const here = byId.filter((item) => item.bookioId === row.id)
    // An id is never given out again, but by a server that was put back to an earlier state.
    const reborn = here.filter((item) => isAnother(item, row, ours))
    if (reborn.length > 0 && run.progress.adopt !== true) {
      run.reborn.add(row.id)
      continue
    }
    for (const item of reborn) changes.set(item.id, lost(item, nowMs))
    const known = ours === undefined ? here.filter((item) => !reborn.includes(item)) : [ours]
    let items = known
    if (known.length === 0) {
      if (row.externalId !== undefined && run.progress.adopt !== true) {
        run.foreign.add(row.id)
        continue
      }
      const state = stateOf(run, row, "mirror")
      const endMs = Result.isSuccess(state) ? state.success.term.endMs : run.window.toMs
      // What has ended closes nothing any more; the window's listing leaves it out as well.
      if (endMs <= run.startedMs) continue
      items =
        row.externalId === undefined
          ? yield* Effect.forEach(plan.calendars, ({ name }) => newMirror(name, row, endMs))
          : // Made for an event before the journal was restored, which `Orphans` looks for.
            yield* Effect.forEach(plan.calendars.slice(0, 1), ({ name }) => newOrphan(name, row, row.externalId, endMs))
    } else if (known[0]?.kind === "mirror") {
      // A practice calendar that settings have since then has no event for it yet.
      const missing = plan.calendars.filter(({ name }) => known.every(({ calendar }) => calendar !== name))
      items = [...known, ...(yield* Effect.forEach(missing, ({ name }) => newMirror(name, row, known[0]?.endMs ?? 0)))]
    }
    for (const found of items) {
      const item = changes.get(found.id) ?? found
      const next = observed(item, row, stateOf(run, row, item.kind), nowMs)
      if (next !== item || !known.includes(found)) changes.set(next.id, next)
      noteFreed(run, item, next.bookio.state)
      seen.push(item.id)
      count(run, "seen")
    }
  }
  const commits: Array<JournalChange> = [...changes.values()].map((item) => ({ _tag: "Put", item }))
  if (listing !== undefined && seen.length > 0) commits.push({ _tag: "Seen", side: "bookio", listing, itemIds: seen })
  if (commits.length > 0) yield* run.commit(commits)
})

/** Reads a listing to its end. @errors what Bookio says; `Halted` where an id is another blocked time's by now. */
export const pullBlockedTimes: (
  run: Run,
  query: BlockedTimeQuery,
  listing?: number
) => Effect.Effect<Pulled, BookioError | JournalError | LeaseLost | Halted> = Effect.fnUntraced(
  function* (run, query, listing) {
    const { bookio, facilityId } = run.plan
    return yield* pull(
      run,
      (offset, limit) => bookio.listBlockedTimes({ ...query, facilityId, offset, limit }),
      (rows) => observeBlockedTimes(run, rows, listing)
    )
  }
)

/** Takes note of the removal of blocked times that is proven: what was known of them is absent from now on. */
export const removeBlockedTimes: (
  run: Run,
  items: ReadonlyArray<SyncItem>
) => Effect.Effect<void, JournalError | LeaseLost> = Effect.fnUntraced(function* (run, items) {
  const nowMs = yield* Clock.currentTimeMillis
  const gone = items.filter(({ bookio, kind }) => kinds.has(kind) && bookio.state !== undefined)
  if (gone.length === 0) return
  for (const item of gone) noteFreed(run, item, undefined)
  yield* run.commit(
    gone.map((item) => ({
      _tag: "Put",
      item: dueItem(readable({ ...item, bookio: { missing: 2, atMs: nowMs } }, "UnreadableRow"))
    }))
  )
})

const batch = 200

/**
 * Judges what a complete listing of the window did not show: absent once, it is looked for again in the next pass; twice
 * running, it is gone. Gives how many were absent for the first time. What a restored server lost is forgotten by its id, which
 * can be given out again.
 */
export const judgeUnseenBlockedTimes: (run: Run, listing: number) => Effect.Effect<number, JournalError | LeaseLost> =
  Effect.fnUntraced(function* (run, listing) {
    const nowMs = yield* Clock.currentTimeMillis
    let afterId: number | undefined
    let first = 0
    for (;;) {
      const unseen = yield* run.journal.unseen(
        run.plan.key,
        { side: "bookio", kinds: ["busy", "mirror"], listing, endsFromMs: run.startedMs },
        batch,
        afterId
      )
      const changes: Array<JournalChange> = []
      for (const item of unseen) {
        const state = item.bookio.state
        // Only a term that lies in the window would have been listed.
        if (state === undefined || state.term.endMs <= run.startedMs || state.term.startMs >= run.window.toMs) continue
        // What a write on its way does to it is seen in the next listing.
        if (item.intention !== undefined && run.progress.adopt !== true) {
          first++
          continue
        }
        const missing = item.bookio.missing + 1
        if (missing < 2) {
          first++
          changes.push({ _tag: "Put", item: { ...item, bookio: { ...item.bookio, missing } } })
        } else {
          noteFreed(run, item, undefined)
          const gone = readable({ ...item, bookio: { missing, atMs: nowMs } }, "UnreadableRow")
          changes.push({ _tag: "Put", item: run.progress.adopt === true ? lost(item, nowMs) : dueItem(gone) })
        }
      }
      if (changes.length > 0) yield* run.commit(changes)
      if (unseen.length < batch) return first
      afterId = unseen.at(-1)?.id
    }
  })
