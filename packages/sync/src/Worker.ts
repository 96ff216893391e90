/**
 * Many facilities in one process: a bounded pool, fair, one pass per facility at a time, the next one from the facility's
 * own interval with jitter (sync.md, "Many facilities"). What fails waits longer each time and goes on by itself: a
 * practice calendar alone, so that the others of its facility are not held up, or the facility as a whole. What stalls is
 * started again; and how old the last proven pass is can be asked at any time.
 */
import type { Journal } from "@bookio-kit/core/sync/Journal"
import type { PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { type FacilitySync, makeFacilitySync, type PassOptions, type PassReport } from "./Pass.ts"
import type { FacilityPlan } from "./Plan.ts"
import type { Stopped } from "./Stopped.ts"

export interface Scheduled {
  readonly plan: FacilityPlan
  /** From the start of one pass to that of the next, in milliseconds; a tenth more or less of it by chance. */
  readonly intervalMs: number
  /** The names of practice calendars in which something is worth a pass at once, such as a file that was dropped. */
  readonly wake: Stream.Stream<string>
}

/** What can be said of a facility at any time; times are Unix milliseconds by our clock. */
export interface FacilityHealth {
  readonly name: string
  readonly facilityId: number
  readonly intervalMs: number
  readonly isRunning: boolean
  /** When the last pass began that read Bookio to its end. */
  bookioProvenMs: number | undefined
  /** The same of each practice calendar. */
  readonly practiceProvenMs: Map<string, number>
  /** `done`, or what stopped the last pass, in one line that names what to look at. */
  outcome: string
  /** Whether nothing but a person's doing helps. */
  isHalted: boolean
  /** The last pass that ended, whatever way. */
  report: PassReport | undefined
  /** Passes in a row that were stopped, or that could not read or write one of the calendars. */
  failures: number
}

export interface Worker {
  readonly health: ReadonlyArray<FacilityHealth>
  /** Runs passes for ever. */
  readonly run: Effect.Effect<never>
}

export interface WorkerOptions {
  /** How many facilities are synchronised at the same time. */
  readonly concurrency: number
  /** Names this process among those that share the journal. */
  readonly owner: string
  /** Told after each pass. */
  readonly onPass?: (health: FacilityHealth) => Effect.Effect<void>
}

const firstBackoffMs = 5_000
const longestBackoffMs = 300_000
// No single request takes this long; a pass that neither reads nor writes its journal for so long is stuck.
const stallNs = 600_000_000_000n

// What to look at, where the kind alone does not say it.
const advice: { readonly [reason: string]: string } = {
  InvalidToken: "its token is unknown, expired or revoked",
  PermissionDenied: "its token has no rights here",
  Full: "its disk is full; make space",
  Locked: "another program holds it"
}

const told = (kind: string): string => (advice[kind] === undefined ? kind : `${kind}: ${advice[kind]}`)

/** What someone is told of an error: its kind, and what it says of itself without any person's data. */
export const tellStopped = (error: Stopped): string => {
  switch (error._tag) {
    case "BackendError":
      return `Bookio: ${error.reason}`
    case "JournalError":
      return `journal: ${told(error.reason)}`
    case "LeaseLost":
      return "another worker synchronises this facility"
    case "Halted":
    case "PlanError":
      return error.message
    default:
      return `Bookio: ${told(error._tag)}`
  }
}

/** How long what failed is left alone: longer each time, and at least as long as it asked for. */
const backoffMs = (failures: number, error: Stopped | PracticeError | undefined, share: number): number => {
  // Who stands by for another worker takes over as soon as it may.
  const ownMs =
    error?._tag === "LeaseLost"
      ? firstBackoffMs
      : Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(failures - 1, 10))
  const askedMs =
    error?._tag === "BackendError" || error?._tag === "PracticeError"
      ? error.retryAfterMs
      : error?._tag === "LeaseLost"
        ? error.remainingMs
        : undefined
  // Chance makes it longer or shorter, but never shorter than what was asked for.
  return Math.max(ownMs * share, (askedMs ?? 0) * Math.max(1, share))
}

/** A journal that notes when it was last used, by which a stuck pass is told from a long one. */
const watched = (journal: Journal["Service"], touch: () => void): Journal["Service"] =>
  Object.fromEntries(
    Object.entries(journal).map(([name, member]) => [
      name,
      typeof member === "function"
        ? (...given: ReadonlyArray<never>) => {
            touch()
            return (member as (...args: ReadonlyArray<never>) => unknown)(...given)
          }
        : member
    ])
  ) as Journal["Service"]

/** A calendar that failed the last time it was asked. */
interface Rest {
  readonly failures: number
  readonly error: PracticeError
  /** By the monotonic clock. */
  readonly untilNs: bigint
}

interface Entry {
  readonly scheduled: Scheduled
  readonly sync: FacilitySync
  readonly health: FacilityHealth & { isRunning: boolean }
  /** Opened to start the next pass at once. */
  readonly latch: Latch.Latch
  /** When the journal was last used, by the monotonic clock: one that is set back must not hide what is stuck. */
  touchedNs: bigint
  /** Passes in a row that were stopped. */
  stops: number
  /** Calendars that failed, by name. They fail in passes that end well otherwise. */
  readonly rests: Map<string, Rest>
  /** Calendars that were worth a pass since the last one began. */
  readonly woken: Set<string>
}

const makeEntry = Effect.fnUntraced(function* (scheduled: Scheduled, journal: Journal["Service"], owner: string) {
  const clock = yield* Clock.Clock
  const { plan } = scheduled
  const entry: Entry = {
    scheduled,
    sync: yield* makeFacilitySync(
      plan,
      watched(journal, () => {
        entry.touchedNs = clock.monotonicTimeNanosUnsafe()
      }),
      owner
    ),
    health: {
      name: plan.name,
      facilityId: plan.facilityId,
      intervalMs: scheduled.intervalMs,
      isRunning: false,
      bookioProvenMs: undefined,
      practiceProvenMs: new Map(),
      outcome: "no pass yet",
      isHalted: false,
      report: undefined,
      failures: 0
    },
    latch: yield* Latch.make(false),
    touchedNs: 0n,
    stops: 0,
    rests: new Map(),
    woken: new Set()
  }
  return entry
})

class Stalled extends Error {}

/** One pass, given up when it is stuck. */
const watchedPass = (entry: Entry, options: PassOptions): Effect.Effect<PassReport, Stopped | Stalled> => {
  const stalled = Effect.gen(function* () {
    for (;;) {
      yield* Effect.sleep("1 minute")
      if ((yield* Clock.monotonicTimeNanos) - entry.touchedNs > stallNs) return yield* Effect.fail(new Stalled())
    }
  })
  return Effect.raceFirst(entry.sync.pass(options), stalled)
}

const take = (health: Entry["health"], exit: Exit.Exit<PassReport, Stopped | Stalled>): void => {
  if (Exit.isSuccess(exit)) {
    const { down, isBookioComplete, startedMs, uncovered } = exit.value
    health.report = exit.value
    if (isBookioComplete) health.bookioProvenMs = startedMs
    const failed = new Set([...down.map(({ calendar }) => calendar), ...uncovered])
    for (const name of health.practiceProvenMs.keys())
      if (!failed.has(name)) health.practiceProvenMs.set(name, startedMs)
    const [first] = down
    health.isHalted = false
    health.failures = first === undefined ? 0 : health.failures + 1
    const [part] = uncovered
    if (first !== undefined) health.outcome = `calendar "${first.calendar}": ${first.error.message}`
    else if (!isBookioComplete) health.outcome = "Bookio: its listing was not complete"
    else health.outcome = part === undefined ? "done" : `calendar "${part}": its listing was not complete`
    return
  }
  const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  health.failures++
  health.isHalted = error !== undefined && !(error instanceof Stalled) && error._tag === "Halted"
  health.outcome =
    error === undefined ? "a defect" : error instanceof Stalled ? "stuck; started again" : tellStopped(error)
}

/** Takes in which calendars failed in a pass, and which of them are well again. */
const takeRests = (
  { rests, scheduled }: Entry,
  leftAlone: ReadonlyMap<string, PracticeError>,
  { down }: PassReport,
  nowNs: bigint,
  share: number
): void => {
  const failed = new Map(down.map(({ calendar, error }) => [calendar, error]))
  for (const { name } of scheduled.plan.calendars) {
    if (leftAlone.has(name)) continue
    const error = failed.get(name)
    if (error === undefined) {
      rests.delete(name)
      continue
    }
    const failures = (rests.get(name)?.failures ?? 0) + 1
    // All that fail in one pass wait from its end, and by one chance, so that one pass takes them up again.
    const untilNs = nowNs + BigInt(Math.ceil(backoffMs(failures, error, share) * 1e6))
    rests.set(name, { failures, error, untilNs })
  }
}

/** Whether a calendar was worth a pass that is not left alone. */
const isWoken = ({ rests, woken }: Entry): boolean => [...woken].some((name) => !rests.has(name))

/** Makes a worker. Nothing is sent before it runs. */
export const makeWorker = Effect.fnUntraced(function* (
  facilities: ReadonlyArray<Scheduled>,
  journal: Journal["Service"],
  options: WorkerOptions
): Effect.fn.Return<Worker> {
  const entries = yield* Effect.forEach(facilities, (scheduled) => makeEntry(scheduled, journal, options.owner))
  // Asked for in order of arrival, so that no facility waits for ever.
  const pool = yield* Semaphore.make(options.concurrency)

  const turn = Effect.fnUntraced(function* (entry: Entry) {
    const { health, scheduled } = entry
    const startedNs = yield* Clock.monotonicTimeNanos
    entry.touchedNs = startedNs
    entry.woken.clear()
    yield* entry.latch.close
    health.isRunning = true
    const leftAlone = new Map<string, PracticeError>()
    for (const [name, { error, untilNs }] of entry.rests) if (untilNs > startedNs) leftAlone.set(name, error)
    const exit = yield* Effect.exit(watchedPass(entry, { leftAlone }))
    health.isRunning = false
    take(health, exit)
    if (Exit.isFailure(exit) && health.outcome === "a defect") {
      yield* Effect.logError(`A pass of ${health.name} failed`, exit.cause)
    }
    if (options.onPass !== undefined) yield* options.onPass(health)
    const share = yield* Random.nextBetween(0.9, 1.1)
    if (Exit.isFailure(exit)) {
      entry.stops++
      const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
      const waitMs = backoffMs(entry.stops, error instanceof Stalled ? undefined : error, share)
      return { waitMs, isStopped: true }
    }
    entry.stops = 0
    const nowNs = yield* Clock.monotonicTimeNanos
    takeRests(entry, leftAlone, exit.value, nowNs, share)
    yield* isWoken(entry) ? entry.latch.open : entry.latch.close
    const spentMs = Number(nowNs - startedNs) / 1e6
    // Where no calendar works there is nothing to be done before one of them is asked again.
    const isUseless = entry.rests.size > 0 && entry.rests.size === scheduled.plan.calendars.length
    const ownMs = isUseless ? longestBackoffMs : Math.max(0, scheduled.intervalMs - spentMs) * share
    // A timer may fire a moment early, and the calendar would be left alone for one more pass.
    const restsMs = [...entry.rests.values()].map(({ untilNs }) => Math.max(0, Number(untilNs - nowNs) / 1e6) + 1)
    return { waitMs: Math.min(ownMs, ...restsMs), isStopped: false }
  })

  const runOne = Effect.fnUntraced(function* (entry: Entry) {
    for (const { name } of entry.scheduled.plan.calendars) entry.health.practiceProvenMs.set(name, 0)
    yield* Effect.forkScoped(
      Effect.ignore(
        Stream.runForEach(entry.scheduled.wake, (name) => {
          entry.woken.add(name)
          return isWoken(entry) ? Effect.asVoid(entry.latch.open) : Effect.void
        })
      )
    )
    // Spread over their interval, so that thousands do not start at once.
    const first = yield* Random.nextBetween(0, facilities.length > options.concurrency ? entry.scheduled.intervalMs : 1)
    yield* Effect.sleep(first)
    return yield* Effect.forever(
      Effect.gen(function* () {
        const { isStopped, waitMs } = yield* pool.withPermit(turn(entry))
        // After that nothing but time helps.
        yield* isStopped ? Effect.sleep(waitMs) : Effect.raceFirst(Effect.sleep(waitMs), entry.latch.await)
      })
    )
  })

  return {
    health: entries.map(({ health }) => health),
    run: Effect.scoped(
      Effect.andThen(Effect.forEach(entries, runOne, { concurrency: "unbounded", discard: true }), Effect.never)
    )
  }
})
