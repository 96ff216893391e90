/**
 * One pass over one facility (sync.md, "A pass"): pull, reconcile, act, advance. Whatever ends it early, what the journal
 * holds is enough to go on from, and cursors stay where they were.
 */

import { overlapMs } from "@bookio-kit/core/page/Listing"
import type { Journal, JournalError, Lease, LeaseLost, PassRecord } from "@bookio-kit/core/sync/Journal"
import { LeaseLost as LeaseLostError } from "@bookio-kit/core/sync/Journal"
import type { PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { heeding } from "./Bookio.ts"
import { budgetMs } from "./Budget.ts"
import { type Directory, readDirectory } from "./Directory.ts"
import { digestOf, drawId } from "./Identity.ts"
import { findOrphans, parkOrphans } from "./Orphans.ts"
import { type FacilityPlan, settleMs, writeMs } from "./Plan.ts"
import { fromJournal, type Progress, toJournal } from "./Progress.ts"
import { countReservations, pullBookio } from "./PullBookio.ts"
import { readPractice } from "./ReadPractice.ts"
import { actOnDue } from "./Rounds.ts"
import { type Count, type Run, withParking } from "./Run.ts"
import { type Down, Halted, type Stopped } from "./Stopped.ts"

/** How a pass went. */
export interface PassReport {
  readonly startedMs: number
  readonly endedMs: number
  readonly counts: ReadonlyMap<Count, number>
  /** Calendars that could not be read or written, in the plan's order: the pass proves nothing about them. */
  readonly down: ReadonlyArray<Down>
  /** Whether Bookio was read to its end: a listing that is not complete proves nothing of what it lacks. */
  readonly isBookioComplete: boolean
  /** Calendars whose reading was not complete. */
  readonly uncovered: ReadonlyArray<string>
  /** Whether everything that was found is settled, parked or in conflict. */
  readonly isSettled: boolean
}

export interface PassOptions {
  /** Compares both windows in full, whatever cursors and tokens say. */
  readonly full?: boolean
  /** Calendars that are not asked in this pass, with what they failed with: they are down from its beginning. */
  readonly leftAlone?: ReadonlyMap<string, PracticeError>
}

/** The sync of one facility in this process: what it remembers from pass to pass is only what can be asked for again. */
export interface FacilitySync {
  readonly plan: FacilityPlan
  readonly pass: (options?: PassOptions) => Effect.Effect<PassReport, Stopped>
}

const sweepEvery = 10
const dayMs = 86_400_000
const batch = 500
const changing = ["changedRows", "changedEvents", "writes"] as const

/** What a worker remembers of a facility. */
interface Memory {
  readonly startedMs: number
  directory: Directory | undefined
  passes: number
  readonly resting: Run["resting"]
  fresh: Run["fresh"] | undefined
  /** How many UIDs both sides have, while nothing has changed since they were counted. */
  links: number | undefined
}

/** Makes the sync of a facility. @param owner - names this worker among those that share the journal. */
export const makeFacilitySync = Effect.fnUntraced(function* (
  settings: FacilityPlan,
  journal: Journal["Service"],
  owner: string
): Effect.fn.Return<FacilitySync> {
  const plan: FacilityPlan = { ...settings, bookio: heeding(settings.bookio) }
  const memory: Memory = {
    startedMs: yield* Clock.currentTimeMillis,
    directory: undefined,
    passes: 0,
    resting: new Map(),
    fresh: undefined,
    links: undefined
  }
  return { plan, pass: (options = {}) => Effect.scoped(passOf(plan, journal, owner, memory, options)) }
})

/** A lease that is renewed when less of it is left than a write can take; by the monotonic clock, which is never set back. */
const takeLease = Effect.fnUntraced(function* (
  plan: FacilityPlan,
  journal: Journal["Service"],
  owner: string
): Effect.fn.Return<
  { readonly lease: () => Lease; readonly leased: Run["leased"] },
  LeaseLost | JournalError,
  Scope.Scope
> {
  // Takeover waits for the lease, the longest write and what may come late of it.
  const options = { owner, durationMs: plan.leaseMs, graceMs: plan.requestTimeoutMs + settleMs }
  const acquire = Effect.gen(function* () {
    const startedNs = yield* Clock.monotonicTimeNanos
    const lease = yield* journal.acquire(plan.key, options)
    return { lease, endsNs: startedNs + BigInt(plan.leaseMs) * 1_000_000n }
  })
  let held = yield* acquire
  yield* Effect.addFinalizer(() => Effect.ignore(journal.release(held.lease)))
  const needNs = BigInt(writeMs(plan.requestTimeoutMs)) * 1_000_000n
  let renewing: Effect.Effect<void, LeaseLost> | undefined
  const renew = Effect.gen(function* () {
    const { fence } = held.lease
    held = yield* acquire
    if (held.lease.fence !== fence) return yield* new LeaseLostError({})
  }).pipe(Effect.mapError((error) => (error._tag === "LeaseLost" ? error : new LeaseLostError({}))))
  const leased = <A, E>(write: Effect.Effect<A, E>): Effect.Effect<A, E | LeaseLost> =>
    Effect.gen(function* () {
      if (held.endsNs - (yield* Clock.monotonicTimeNanos) < needNs) {
        // One renewal serves all writes that wait for it.
        renewing ??= yield* Effect.cached(
          Effect.ensuring(
            renew,
            Effect.sync(() => {
              renewing = undefined
            })
          )
        )
        yield* renewing
      }
      return yield* write
    })
  return { lease: () => held.lease, leased }
})

/** Waits until what an earlier pass or process sent cannot come about any more unseen (sync.md, "Unknown outcomes"). */
const awaitUnknown = Effect.fnUntraced(function* (plan: FacilityPlan, journal: Journal["Service"], memory: Memory) {
  const nowMs = yield* Clock.currentTimeMillis
  const since: Array<number> = []
  let afterId: number | undefined
  for (;;) {
    const waiting = yield* journal.waiting(plan.key, batch, afterId)
    for (const { intention } of waiting) {
      if (intention === undefined) continue
      since.push(Math.max(Math.min(intention.storedMs, nowMs), memory.passes === 0 ? memory.startedMs : 0))
    }
    if (waiting.length < batch) break
    afterId = waiting.at(-1)?.id
  }
  if (since.length === 0) return
  const leftMs = Math.max(...since) + settleMs - nowMs
  if (leftMs > 0) yield* Effect.sleep(Math.min(leftMs, settleMs))
})

// An instant in the future was stored while the clock was wrong.
const isWithinDay = (atMs: number, nowMs: number): boolean => atMs <= nowMs && nowMs - atMs < dayMs

const passOf = Effect.fn("Sync.pass")(function* (
  plan: FacilityPlan,
  journal: Journal["Service"],
  owner: string,
  memory: Memory,
  options: PassOptions
): Effect.fn.Return<PassReport, Stopped, Scope.Scope> {
  const { lease, leased } = yield* takeLease(plan, journal, owner)
  const before = fromJournal(yield* journal.progress(plan.key))
  if (before.halt !== undefined) return yield* new Halted({ reason: before.halt.reason, detail: before.halt.detail })
  yield* awaitUnknown(plan, journal, memory)
  const startedMs = yield* Clock.currentTimeMillis
  const isSweep = memory.passes % sweepEvery === 0
  // What a restored server has is read from the start: cursors of before may lie in its future.
  const isFull =
    options.full === true ||
    before.adopt === true ||
    (before.comparedMs !== undefined && !isWithinDay(before.comparedMs, startedMs))
  memory.passes++
  const known = isSweep || isFull ? undefined : memory.directory
  const directory = known ?? (yield* readDirectory(plan))
  memory.directory = directory
  const fresh = memory.fresh ?? (yield* readFresh(plan, journal, before))
  memory.fresh = fresh
  const rules = digestOf(journal.secret, directory.rules)
  const sinceMs = startedMs - budgetMs
  if (memory.links === undefined || isSweep) memory.links = (yield* journal.counts(plan.key)).links
  const room = yield* Semaphore.make(plan.concurrency)
  const inFlight = <A, E>(request: Effect.Effect<A, E>) => room.withPermits(1)(request)
  const run: Run = {
    plan,
    journal,
    directory,
    // A pass can read for longer than a lease lasts.
    commit: (changes) => leased(Effect.suspend(() => journal.commit(lease(), withParking(changes, startedMs)))),
    prune: (from) => leased(Effect.suspend(() => journal.prune(lease(), from))),
    inFlight,
    leased: (write) => inFlight(leased(write)),
    startedMs,
    window: { fromMs: startedMs - plan.pastDays * dayMs, toMs: directory.horizonMs(startedMs) },
    isFull,
    comparedToMs: directory.horizonMs(before.comparedMs ?? startedMs),
    differences: 0,
    isSweep,
    // Events that are known are judged anew once settings or Bookio's calendars are others: a calendar tells only of changes.
    progress: before.rules === rules ? before : { ...before, rules, listAgain: plan.calendars.map(({ name }) => name) },
    isDirectoryFresh: known === undefined,
    isDirectoryStale: false,
    down: new Map(options.leftAlone),
    resting: memory.resting,
    fresh,
    foreign: new Set(),
    outdated: new Set(),
    shown: new Set(),
    total: undefined,
    reborn: new Set(),
    bookioDown: undefined,
    orphans: new Map(),
    unclaimed: new Map(),
    isStrayFound: false,
    removedNow: new Set(),
    freed: [],
    taken: undefined,
    listed: new Set(),
    unknown: new Set(),
    overlapMs,
    lookBackMs: undefined,
    aheadMs: 0,
    readMs: undefined,
    written: new Set(),
    changedSince: new Map(),
    isReservationsComplete: false,
    isBlockedTimesComplete: false,
    uncovered: new Set(),
    removals: {
      bookio: yield* journal.removedSince(plan.key, "bookio", sinceMs),
      practice: yield* journal.removedSince(plan.key, "practice", sinceMs),
      // As it was before this pass reads what is gone.
      links: memory.links
    },
    removed: { bookio: new Set(), practice: new Set() },
    counts: new Map()
  }
  const worked = yield* Effect.result(work(run, memory))
  // What changed nothing needs no counting before the next one.
  if (changing.some((name) => (run.counts.get(name) ?? 0) > 0)) memory.links = undefined
  const endedMs = yield* Clock.currentTimeMillis
  const record: PassRecord = {
    id: yield* drawId,
    startedMs,
    endedMs,
    outcome: Result.isFailure(worked) ? worked.failure._tag : run.down.size > 0 ? "PracticeError" : "done",
    counts: Object.fromEntries(run.counts)
  }
  const progress = Result.isSuccess(worked) ? worked.success.progress : stopped(before, run, worked.failure, endedMs)
  const isQuiet = Result.isSuccess(worked) && JSON.stringify(progress) === JSON.stringify(before)
  const stored = run.commit([
    ...(isQuiet ? [] : [{ _tag: "Progress", progress: toJournal(progress) } as const]),
    { _tag: "Pass", pass: record }
  ])
  // What stopped the pass is what is told, also where the journal cannot take it down.
  if (Result.isFailure(worked)) {
    yield* Effect.ignore(stored)
    return yield* worked.failure
  }
  yield* stored
  return {
    startedMs,
    endedMs,
    counts: run.counts,
    down: plan.calendars.flatMap(({ name }) => {
      const error = run.down.get(name)
      return error === undefined ? [] : [{ calendar: name, error }]
    }),
    isBookioComplete: run.isReservationsComplete && run.isBlockedTimesComplete,
    uncovered: [...run.uncovered],
    isSettled: worked.success.isSettled
  }
})

/** The events that an earlier process found or made after the tokens that are stored. */
const readFresh = Effect.fnUntraced(function* (plan: FacilityPlan, journal: Journal["Service"], progress: Progress) {
  const fresh: Run["fresh"] = new Map()
  let afterId: number | undefined
  // Without a token all is listed anyway.
  while (Object.keys(progress.tokens).length > 0) {
    const items = yield* journal.items(plan.key, batch, afterId)
    for (const { calendar, href, id, placedMs, practice } of items) {
      const isFresh = placedMs !== undefined && placedMs >= (progress.tokensMs[calendar] ?? 0)
      if (isFresh && href !== undefined && practice.state !== undefined) fresh.set(id, { calendar, href, placedMs })
    }
    if (items.length < batch) break
    afterId = items.at(-1)?.id
  }
  return fresh
})

/** What is kept of a pass that was stopped: no cursor moves. */
const stopped = (before: Progress, run: Run, error: Stopped, nowMs: number): Progress => ({
  ...before,
  ...(run.total === undefined ? {} : { total: run.total }),
  listAgain: [...new Set([...before.listAgain, ...run.progress.listAgain])],
  ...(error._tag === "Halted" ? { halt: { reason: error.reason, sinceMs: nowMs, detail: error.detail } } : {})
})

const isAllRead = ({ isBlockedTimesComplete, isReservationsComplete, listed, plan }: Run): boolean =>
  isReservationsComplete && isBlockedTimesComplete && listed.size === plan.calendars.length

const isAnythingDue = Effect.fnUntraced(function* ({ journal, plan }: Run) {
  return (yield* journal.due(plan.key, yield* Clock.currentTimeMillis, 1)).length > 0
})

const work = Effect.fnUntraced(function* (
  run: Run,
  memory: Memory
): Effect.fn.Return<{ readonly progress: Progress; readonly isSettled: boolean }, Stopped> {
  const isFirst = run.progress.reservationsMs === undefined
  const cursors = yield* pullBookio(run)
  yield* findOrphans(run)
  const read = yield* readPractice(run)
  if (run.outdated.size > 0) {
    return yield* new Halted({
      reason: "foreign-journal",
      detail: `${run.outdated.size} events bear a mark of ours that is later than this journal: another one synchronises this facility, or this one was restored`
    })
  }
  yield* parkOrphans(run)
  run.progress = { ...run.progress, listAgain: read.listAgain }
  // Nothing is written to a server that has lost what is known of it, and the sweep is long in coming.
  if (run.total === undefined && (yield* isAnythingDue(run))) yield* countReservations(run)
  yield* actOnDue(run)
  const nowMs = yield* Clock.currentTimeMillis
  // A service that came after the calendars were read is looked up before anything of it is taken for known.
  if (run.isDirectoryStale) memory.directory = undefined
  const isSettled = !(yield* isAnythingDue(run)) && !(run.isDirectoryStale && !run.isDirectoryFresh)
  if (run.isFull || isFirst) {
    const { conflicts, passes, records } = run.plan.retentionDays
    const daysAgo = (days: number) => nowMs - run.aheadMs - days * dayMs
    yield* run.prune({ recordsMs: daysAgo(records), conflictsMs: daysAgo(conflicts), passesMs: daysAgo(passes) })
  }
  const { adopt, ...progress } = run.progress
  const { asOfMs, blockedTimesAgain, blockedTimesMs, event, reservationsMs } = cursors
  const passes = memory.passes
  const kept: Progress = {
    ...progress,
    blockedTimesAgain: blockedTimesAgain || run.isStrayFound,
    // What no event was found for is looked for again once everything can be read.
    ...(adopt === true && !isAllRead(run) ? { adopt } : {}),
    ...(asOfMs === undefined ? {} : { asOfMs }),
    ...(run.total === undefined ? {} : { total: run.total }),
    ...(run.isFull || isFirst ? { comparedMs: run.startedMs, passes } : {})
  }
  // A cursor moves when everything that it covers is settled, parked or in conflict.
  if (!isSettled) return { isSettled, progress: kept }
  return {
    isSettled,
    progress: {
      ...kept,
      tokens: read.tokens,
      tokensMs: Object.fromEntries(
        Object.entries(read.tokens).map(([name, token]) => [
          name,
          token === progress.tokens[name] ? (progress.tokensMs[name] ?? run.startedMs) : run.startedMs
        ])
      ),
      ...(reservationsMs === undefined ? {} : { reservationsMs }),
      ...(blockedTimesMs === undefined ? {} : { blockedTimesMs }),
      ...(event === undefined ? {} : { event })
    }
  }
})
