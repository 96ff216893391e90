/**
 * Answers of reads, kept for a short while. Each write raises a generation of its facility at its start and at its end, and
 * an answer whose generations have been overtaken is neither given, nor kept, nor waited for: after an own write nobody
 * reads what was before it. Whoever asks what is being asked already waits for that one answer. Only reads pass through
 * here; nothing about taking a place is decided by what is kept.
 */
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { Exchange } from "./Exchange.ts"
import { provesNothingDone, unsettledMs } from "./Proof.ts"

/** Facilities of which something is read or changed; `all` where they are not known. */
export type Concerned = ReadonlyArray<FacilityId> | "all"

/** A read whose answer may be kept. */
export interface Kept<A> {
  /** All that the answer depends on, as text: who asks, what, in which language. */
  readonly key: string
  readonly concerned: Concerned
  readonly lifetimeMs: number
  /** Whether an answer past its lifetime may be given while the upstream fails. */
  readonly mayBeStale: boolean
  /** How many rows an answer has, for the bound on memory. */
  readonly rows: (answer: A) => number
}

export class Cache extends Context.Service<
  Cache,
  {
    /** Reads through the cache, and tells the `Exchange` how that went. */
    readonly read: <A, E, R>(
      kept: Kept<A>,
      fill: Effect.Effect<A, E | BackendError, R>
    ) => Effect.Effect<A, E | BackendError, R>
    /** Runs a write that concerns facilities, once it is about to be sent. */
    readonly write: <A, E, R>(concerned: Concerned, write: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>()("@bookio-kit/gateway/Cache") {}

// All rows that are kept at most; a row of a reservation takes about a kilobyte.
const rowLimit = 100_000
// How long an answer past its lifetime is kept for the time when the upstream fails.
const staleMs = 3_600_000
// An upstream that takes longer counts as failing where a stale answer is at hand.
const staleAfter = "3 seconds"
const sweepEvery = "10 seconds"
// More facilities than anyone has: the callers of `passthrough` name what they like.
const facilityLimit = 100_000

interface Entry {
  readonly stamp: number
  readonly value: unknown
  readonly rows: number
  readonly atMs: number
  readonly untilMs: number
}

interface Flight {
  readonly stamp: number
  // The type of the value belongs to the key: one key is always read with one type.
  readonly answer: Deferred.Deferred<unknown, unknown>
}

/** The generations of facilities; a stamp of some of them rises whenever one of them does. */
const makeGenerations = () => {
  const ofFacility = new Map<FacilityId, number>()
  const unsettled = new Map<FacilityId | "all", number>()
  let ofAll = 0
  let raises = 0
  return {
    stamp: (concerned: Concerned): number =>
      concerned === "all" ? raises : concerned.reduce((sum, id) => sum + (ofFacility.get(id) ?? 0), ofAll),
    raise: (concerned: Concerned): void => {
      raises += 1
      if (concerned === "all" || ofFacility.size > facilityLimit) {
        ofAll += 1
        // Stamps must not fall when the map is emptied.
        if (concerned === "all") return
        for (const generation of ofFacility.values()) ofAll += generation
        ofFacility.clear()
        return
      }
      for (const id of concerned) ofFacility.set(id, (ofFacility.get(id) ?? 0) + 1)
    },
    unsettle: (concerned: Concerned, untilMs: number): void => {
      for (const id of concerned === "all" ? (["all"] as const) : concerned) unsettled.set(id, untilMs)
    },
    isSettled: (concerned: Concerned, nowMs: number): boolean => {
      for (const [id, untilMs] of unsettled) if (untilMs <= nowMs) unsettled.delete(id)
      if (unsettled.size === 0) return true
      return concerned === "all" ? false : !unsettled.has("all") && !concerned.some((id) => unsettled.has(id))
    }
  }
}

/** What is kept, oldest first, within the bound of rows. */
const makeEntries = () => {
  const entries = new Map<string, Entry>()
  let rows = 0
  const drop = (key: string) => {
    rows -= entries.get(key)?.rows ?? 0
    entries.delete(key)
  }
  return {
    get: (key: string) => entries.get(key),
    set: (key: string, entry: Entry) => {
      drop(key)
      entries.set(key, entry)
      rows += entry.rows
      for (const oldest of entries.keys()) {
        if (rows <= rowLimit) return
        drop(oldest)
      }
    },
    sweep: (nowMs: number) => {
      for (const [key, entry] of entries) if (entry.untilMs <= nowMs) drop(key)
    }
  }
}

// A write with one of these ends has had its effect, or never will.
const isKnown = (exit: Exit.Exit<unknown, unknown>): boolean => {
  if (Exit.isSuccess(exit)) return true
  const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  if (error === undefined) return false
  return !Predicate.isTagged(error, "BackendError") || provesNothingDone(error as BackendError)
}

const isFailing = (cause: Cause.Cause<unknown>): boolean =>
  Predicate.isTagged(Option.getOrUndefined(Cause.findErrorOption(cause)), "BackendError")

const make = Effect.gen(function* () {
  const scope = yield* Effect.scope
  const generations = makeGenerations()
  const entries = makeEntries()
  const flights = new Map<string, Flight>()

  const sweep = Effect.andThen(Effect.sleep(sweepEvery), Effect.map(Clock.currentTimeMillis, entries.sweep))
  yield* Effect.forkScoped(Effect.forever(sweep))

  /** Asks the upstream on a fiber of its own, so that a caller who goes away takes nobody's answer with him. */
  const start = <A, E, R>(kept: Kept<A>, stamp: number, fill: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const flight: Flight = { stamp, answer: Deferred.makeUnsafe() }
      flights.set(kept.key, flight)
      const startedMs = yield* Clock.currentTimeMillis
      const land = Effect.fnUntraced(function* (exit: Exit.Exit<A, E>) {
        if (flights.get(kept.key) === flight) flights.delete(kept.key)
        const nowMs = yield* Clock.currentTimeMillis
        const isCurrent = generations.stamp(kept.concerned) === stamp && generations.isSettled(kept.concerned, nowMs)
        if (Exit.isSuccess(exit) && isCurrent) {
          const untilMs = startedMs + (kept.mayBeStale ? Math.max(staleMs, kept.lifetimeMs) : kept.lifetimeMs)
          entries.set(kept.key, { stamp, value: exit.value, rows: 1 + kept.rows(exit.value), atMs: startedMs, untilMs })
        }
        yield* Deferred.done(flight.answer, exit)
      })
      yield* Effect.forkIn(Effect.onExit(fill, land), scope)
      return flight
    }).pipe(Effect.uninterruptible)

  const read: Cache["Service"]["read"] = <A, E, R>(kept: Kept<A>, fill: Effect.Effect<A, E | BackendError, R>) =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      if (exchange.noCache) return yield* fill
      const nowMs = yield* Clock.currentTimeMillis
      const stamp = generations.stamp(kept.concerned)
      const found = entries.get(kept.key)
      const entry = found?.stamp === stamp ? found : undefined
      // For whoever keeps what is made of the answer: as long as it would be a hit.
      const tellKept = ({ atMs, stamp: of }: Entry) => {
        exchange.keptAgeMs = (atTimeMs) => {
          const ageMs = atTimeMs - atMs
          return ageMs < kept.lifetimeMs && generations.stamp(kept.concerned) === of ? ageMs : undefined
        }
      }
      const give = ({ atMs, value }: Entry, how: "hit" | "stale", atTimeMs: number) => {
        exchange.cache = how
        exchange.ageMs = atTimeMs - atMs
        return value as A
      }
      if (entry !== undefined && nowMs - entry.atMs < kept.lifetimeMs) {
        tellKept(entry)
        return give(entry, "hit", nowMs)
      }
      exchange.cache = "miss"
      const joined = flights.get(kept.key)
      const flight = joined?.stamp === stamp ? joined : yield* start(kept, stamp, fill)
      const answer = Effect.map(Deferred.await(flight.answer) as Effect.Effect<A, E | BackendError>, (value) => {
        const made = entries.get(kept.key)
        if (made?.stamp === stamp && made.value === value) tellKept(made)
        return value
      })
      if (entry === undefined || !kept.mayBeStale || nowMs - entry.atMs >= staleMs) return yield* answer
      const exit = yield* Effect.exit(answer).pipe(Effect.timeoutOption(staleAfter), Effect.map(Option.getOrUndefined))
      if (exit !== undefined && (Exit.isSuccess(exit) || !isFailing(exit.cause))) return yield* exit
      // A write meanwhile has made it older than stale.
      if (generations.stamp(kept.concerned) !== stamp) return yield* exit ?? answer
      return give(entry, "stale", yield* Clock.currentTimeMillis)
    })

  const write: Cache["Service"]["write"] = (concerned, effect) =>
    Effect.suspend(() => {
      generations.raise(concerned)
      return Effect.onExit(effect, (exit) =>
        Effect.map(Clock.currentTimeMillis, (nowMs) => {
          generations.raise(concerned)
          if (!isKnown(exit)) generations.unsettle(concerned, nowMs + unsettledMs)
        })
      )
    })

  return Cache.of({ read, write })
})

/** A cache in memory. */
export const layer: Layer.Layer<Cache> = Layer.effect(Cache)(make)
