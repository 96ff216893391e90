/**
 * Watches the upstream for changes of every facility that a key may follow: by its own change feed where it has one, else by
 * looks at its listings (`EventPoll`). All keys of a facility share its feed, so one upstream token watches it: that of the
 * first key that reaches it, and of the next one where that is refused. Callers come first: few looks run at once, and after
 * each the upstream has rest for as long as it took.
 */
import { Caller } from "@bookio-kit/core/access/Caller"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import { EventId, type EventKind, eventLifetimeMs } from "@bookio-kit/core/event/Event"
import { Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import type { Order } from "@bookio-kit/core/page/Paging"
import { ChannelId, type FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberMap from "effect/FiberMap"
import * as Predicate from "effect/Predicate"
import * as Random from "effect/Random"
import * as Semaphore from "effect/Semaphore"
import { countEvents, countLook, showLag } from "./EventMetrics.ts"
import { look, type Memory, makeMemory } from "./EventPoll.ts"
import { EventStore } from "./EventStore.ts"
import type { KeyTable } from "./Keys.ts"
import type { Session } from "./Session.ts"
import { KeyRing, sessionOf } from "./Sessions.ts"
import { Upstream } from "./Upstream.ts"

export interface PollerOptions {
  /** How long after a look the next one comes. */
  readonly every: Duration.Input
  /** Whether the upstream should have a change feed of its own; where it turns out to have none, its listings are watched. */
  readonly hasFeed: boolean
  /** Called after each commit of events, and of gaps. */
  readonly onCommit: Effect.Effect<void>
}

// Of a facility whose first reading may take minutes, and of all others.
const firstLooks = 1
const otherLooks = 3
// After failures the next look comes later and later, up to this.
const longestMs = 60_000
const pruneEvery = "1 minute"
// The keys in force can change at any time.
const targetsEvery = "1 second"

// The upstream knows by its token who asks.
const asPoller = Effect.provideService(Caller, { channelId: ChannelId.make(1), access: "read", language: "en" })

/** By facility the sessions that may watch it, in the order of their keys, one for each upstream token. */
const targetsOf = (table: KeyTable): ReadonlyMap<FacilityId, ReadonlyArray<Session>> => {
  const targets = new Map<FacilityId, Array<Session>>()
  if (table._tag === "Passthrough") return targets
  for (const key of table.keys.values()) {
    // One that only books follows nothing.
    if (key.access === "book") continue
    const session = sessionOf(key)
    for (const id of key.facilities) {
      const sessions = targets.get(id) ?? []
      if (!sessions.some(({ upstreamDigest }) => upstreamDigest === session.upstreamDigest)) sessions.push(session)
      targets.set(id, sessions)
    }
  }
  return targets
}

/** What is known of a facility while this process runs. */
interface Watched {
  memory: Memory | undefined
  /** Which of the sessions watches it. */
  turn: number
  /** The upstream token that is known to reach it, by its digest. */
  reachedBy: string | undefined
  /** When it is asked again whether one does, Unix milliseconds. */
  askMs: number
  /** When it was read to its end last, or first to be, Unix milliseconds. */
  readMs: number
}

const isRefusal = (error: unknown): boolean =>
  Predicate.isTagged(error, "PermissionDenied") ||
  (Predicate.isTagged(error, "BackendError") && (error as BackendError).reason === "Internal")

const retryAfterMs = (error: unknown): number =>
  Predicate.isTagged(error, "BackendError") ? ((error as BackendError).retryAfterMs ?? 0) : 0

/** Watches until the scope closes. */
export const run = Effect.fnUntraced(function* ({ every, hasFeed, onCommit }: PollerOptions) {
  const ring = yield* KeyRing
  const store = yield* EventStore
  const upstream = yield* Upstream
  const everyMs = Duration.toMillis(Duration.fromInputUnsafe(every))
  const order: Order = hasFeed ? "known" : "unknown"
  const first = Semaphore.makeUnsafe(firstLooks)
  const others = Semaphore.makeUnsafe(otherLooks)
  const watched = new Map<FacilityId, Watched>()
  const fibers = yield* FiberMap.make<string | FacilityId>()
  const clock = yield* Clock.Clock
  // A server of ours can be one that has none: of an earlier version, or a gateway that watches nothing.
  let isFollowed = hasFeed
  let table = ring.current()
  let targets = targetsOf(table)

  const tell = (kinds: ReadonlyArray<EventKind>) => Effect.andThen(countEvents(kinds), onCommit)

  const watchedOf = (id: FacilityId): Watched => {
    const known = watched.get(id)
    if (known !== undefined) return known
    const made: Watched = {
      memory: undefined,
      turn: 0,
      reachedBy: undefined,
      askMs: 0,
      readMs: clock.currentTimeMillisUnsafe()
    }
    watched.set(id, made)
    return made
  }

  /** The facilities that are watched with an upstream token now. */
  const sharesOf = () => {
    const shares = new Map<string, { readonly session: Session; readonly facilities: Array<FacilityId> }>()
    for (const [id, sessions] of targets) {
      const session = sessions[watchedOf(id).turn % sessions.length]
      if (session === undefined) continue
      const share = shares.get(session.upstreamDigest) ?? { session, facilities: [] }
      share.facilities.push(id)
      shares.set(session.upstreamDigest, share)
    }
    return shares
  }

  // The feed of a token that does not reach a facility is silent about it, and says nothing of that.
  const reachedOf = Effect.fnUntraced(function* (session: Session, facilities: ReadonlyArray<FacilityId>) {
    const nowMs = yield* Clock.currentTimeMillis
    const isReached = (id: FacilityId) => watchedOf(id).reachedBy === session.upstreamDigest
    const doubtful = facilities.filter((id) => !isReached(id) && watchedOf(id).askMs <= nowMs)
    if (doubtful.length > 0) {
      const rows = yield* upstream.read(
        session,
        Effect.flatMap(Facilities, ({ list }) => list)
      )
      const reached = new Set(rows.map(({ id }) => id))
      for (const id of doubtful) {
        const state = watchedOf(id)
        if (reached.has(id)) state.reachedBy = session.upstreamDigest
        else {
          state.turn += 1
          state.askMs = nowMs + longestMs
        }
      }
    }
    return facilities.filter(isReached)
  })

  /** Reads the upstream's feed to its present end, for all facilities that are watched with a token. */
  const follow = Effect.fn("EventPoller.follow")(function* (session: Session, named: ReadonlyArray<FacilityId>) {
    const facilities = yield* reachedOf(session, named)
    if (facilities.length === 0) return facilities
    const lasts: Array<number> = []
    for (const id of facilities) {
      const source = yield* store.source(id)
      if (source?._tag === "Followed") lasts.push(source.last)
      else {
        // It is followed from now on; what was before is not known.
        const newest = yield* upstream.read(
          session,
          Effect.flatMap(Events, ({ newest }) => newest)
        )
        yield* store.setSource(id, { _tag: "Followed", last: newest ?? 0 }, yield* Clock.currentTimeMillis)
        yield* tell([])
        lasts.push(newest ?? 0)
      }
    }
    for (let after = Math.min(...lasts); ; ) {
      const query = after === 0 ? {} : { after: EventId.make(after) }
      const page = yield* upstream.read(
        session,
        Effect.flatMap(Events, ({ list }) => list(query))
      )
      if (page.last !== undefined) {
        const { events, hasGap, last } = page
        const kinds = yield* store.take({ facilities, events, last, hasGap }, yield* Clock.currentTimeMillis)
        if (kinds.length > 0 || hasGap) yield* tell(kinds)
        after = last
      }
      if (page.events.length === 0) return facilities
    }
  })

  const lookAt = Effect.fnUntraced(function* (session: Session, id: FacilityId) {
    const state = watchedOf(id)
    state.memory ??= makeMemory(yield* store.source(id))
    const permits = state.memory.source === undefined ? first : others
    yield* permits.withPermits(1)(look({ store, upstream, order, tell }, session, id, state.memory))
    return [id]
  })

  /** Repeats a look while it has something to look at; `work` is asked anew each time, for keys change. */
  const repeat = (
    work: () =>
      | {
          readonly facilities: ReadonlyArray<FacilityId>
          /** Gives the facilities that it read. */
          readonly look: Effect.Effect<ReadonlyArray<FacilityId>, unknown, Caller>
        }
      | undefined
  ) =>
    Effect.gen(function* () {
      for (let failures = 0; ; ) {
        const task = work()
        if (task === undefined) return
        const startedMs = yield* Clock.currentTimeMillis
        const exit = yield* Effect.exit(asPoller(task.look))
        const nowMs = yield* Clock.currentTimeMillis
        let waitMs = Math.max(everyMs, nowMs - startedMs)
        if (Exit.isSuccess(exit)) {
          if (failures > 0) yield* Effect.logInfo("changes of the upstream are watched again")
          failures = 0
          for (const id of exit.value) watchedOf(id).readMs = nowMs
          yield* countLook("complete")
        } else {
          if (Cause.hasInterruptsOnly(exit.cause)) return
          const error = Cause.squash(exit.cause)
          if (isFollowed && Predicate.isTagged(error, "EndpointNotFound")) {
            isFollowed = false
            yield* Effect.logWarning("the upstream has no change feed, so its listings are watched")
            return
          }
          // One of the facilities may be the one that is refused.
          if (isRefusal(error)) for (const id of task.facilities) watchedOf(id).turn += 1
          const isUnproven = Predicate.isTagged(error, "Unproven")
          yield* countLook(isUnproven ? "unproven" : "failed")
          if (failures === 0) {
            const reason = Predicate.isTagged(error, "BackendError") ? (error as BackendError).reason : undefined
            yield* Effect.logWarning("changes of the upstream could not be watched").pipe(
              Effect.annotateLogs({ facilities: task.facilities, error: reason ?? nameOf(error) })
            )
          }
          const slowerMs = Math.min(waitMs * 2 ** Math.min(failures, 20), Math.max(waitMs, longestMs))
          waitMs = Math.max(slowerMs, retryAfterMs(error))
          failures += 1
        }
        yield* Effect.sleep(waitMs * (yield* Random.nextBetween(0.9, 1.1)))
      }
    })

  const followWith = (upstreamDigest: string) => () => {
    const share = isFollowed ? sharesOf().get(upstreamDigest) : undefined
    if (share === undefined) return undefined
    return { facilities: share.facilities, look: follow(share.session, share.facilities) }
  }

  const lookAtAgain = (id: FacilityId) => () => {
    const sessions = targets.get(id)
    const session = sessions?.[watchedOf(id).turn % sessions.length]
    return session === undefined ? undefined : { facilities: [id], look: lookAt(session, id) }
  }

  yield* showLag(() => {
    const nowMs = clock.currentTimeMillisUnsafe()
    return Math.max(0, ...[...watched.values()].map(({ readMs }) => nowMs - readMs)) / 1000
  })

  const supervise = Effect.gen(function* () {
    if (table !== ring.current()) {
      table = ring.current()
      targets = targetsOf(table)
    }
    for (const id of watched.keys()) if (!targets.has(id)) watched.delete(id)
    const works = isFollowed
      ? [...sharesOf().keys()].map((digest) => [digest, followWith(digest)] as const)
      : [...targets.keys()].map((id) => [id, lookAtAgain(id)] as const)
    for (const [key, work] of works) yield* FiberMap.run(fibers, key, repeat(work), { onlyIfMissing: true })
  })
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(supervise, Effect.sleep(targetsEvery))))

  const prune = Effect.flatMap(Clock.currentTimeMillis, (nowMs) => store.prune(nowMs - eventLifetimeMs))
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.ignore(prune), Effect.sleep(pruneEvery))))
})

const nameOf = (error: unknown): string =>
  Predicate.hasProperty(error, "_tag") && Predicate.isString(error._tag) ? error._tag : "Defect"
