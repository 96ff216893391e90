/**
 * From an id to its facility, for the API has no read by id: what a key may touch is decided here, before anything is sent.
 * It learns from every listing and creation that passes, and looks an id up in the upstream's listings once where it does
 * not know it. Assumes that ids are the upstream's and never move to another facility.
 */
import type { Caller } from "@bookio-kit/core/access/Caller"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { type InvalidToken, type PermissionDenied, ResourceNotFound } from "@bookio-kit/core/error/Refusal"
import type { Page } from "@bookio-kit/core/page/Page"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { type IdKind, IndexStore } from "./IndexStore.ts"
import { countLearned, countLook } from "./Metrics.ts"
import { reaches, type Session } from "./Session.ts"
import { Upstream } from "./Upstream.ts"

export class FacilityIndex extends Context.Service<
  FacilityIndex,
  {
    /** Takes note of ids that the upstream listed or made in a facility; a store that fails is passed over. */
    readonly learn: (kind: IdKind, facilityId: FacilityId, ids: ReadonlyArray<number>) => Effect.Effect<void>
    /** Whether all these ids were learnt already, of this facility: then `learn` would do nothing. */
    readonly knows: (kind: IdKind, facilityId: FacilityId, ids: ReadonlyArray<number>) => boolean
    /**
     * The facility of an id, one of those that the session reaches; `undefined` where the upstream decides what it reaches.
     *
     * @param wanted - the only facility that will do, where the request names one.
     * @errors `ResourceNotFound` where the id is of no such facility, also after another look; `Overloaded` where that look
     * was not possible: nothing was sent.
     */
    readonly facilityOf: (
      session: Session,
      kind: IdKind,
      id: number,
      wanted?: FacilityId
    ) => Effect.Effect<FacilityId | undefined, ResourceNotFound | BackendError, Caller>
  }
>()("@bookio-kit/gateway/FacilityIndex") {}

const resources = {
  calendar: "Calendar",
  service: "Service",
  reservation: "Reservation",
  blockedTime: "BlockedTime"
} as const

const pageLimit = 100
// The clocks of two servers may be apart, and a commit takes its time.
const overlapMs = 15 * 60_000
// Whatever went unseen between two pages is found within this time.
const wholeEveryMs = 24 * 3_600_000
// How long a caller waits for another look, which then goes on without him; the first one of a large facility takes longer.
const lookTime = "4 seconds"
// Ids of each kind that are remembered beside the store.
const recentLimit = 200_000
const tries = 5

type ListError = PermissionDenied | InvalidToken | BackendError

/**
 * Walks a listing to its end. Rows may move to the end meanwhile, so each page begins with the last row of the one before
 * it, else it starts again; tells whether it went through.
 */
const walk = Effect.fnUntraced(function* <A extends { readonly id: number }, R>(
  page: (offset: number) => Effect.Effect<Page<A>, ListError, R>,
  take: (ids: ReadonlyArray<number>) => Effect.Effect<void>
): Effect.fn.Return<boolean, ListError, R> {
  for (let attempt = 0; attempt < tries; attempt++) {
    let last: number | undefined
    for (let offset = 0; ; ) {
      const { rows } = yield* page(offset)
      yield* take(rows.map(({ id }) => id))
      if (last !== undefined && rows[0]?.id !== last) break
      if (rows.length < pageLimit) return true
      last = rows.at(-1)?.id
      offset += rows.length - 1
    }
  }
  return false
})

/** The facilities of ids that were learnt or found in this process. */
const makeRecent = () => {
  const facilities = {
    calendar: new Map<number, FacilityId>(),
    service: new Map<number, FacilityId>(),
    reservation: new Map<number, FacilityId>(),
    blockedTime: new Map<number, FacilityId>()
  } as const satisfies { readonly [K in IdKind]: Map<number, FacilityId> }
  return {
    get: (kind: IdKind, id: number) => facilities[kind].get(id),
    set: (kind: IdKind, ids: ReadonlyArray<number>, facilityId: FacilityId) => {
      const known = facilities[kind]
      if (known.size > recentLimit) known.clear()
      for (const id of ids) known.set(id, facilityId)
    },
    hasAll: (kind: IdKind, ids: ReadonlyArray<number>, facilityId: FacilityId) => {
      const known = facilities[kind]
      return ids.every((id) => known.get(id) === facilityId)
    }
  }
}

const make = Effect.gen(function* () {
  const scope = yield* Effect.scope
  const store = yield* IndexStore
  const upstream = yield* Upstream
  const recent = makeRecent()
  const looks = new Map<string, { readonly number: number; readonly done: Deferred.Deferred<void, ListError> }>()
  let lastLook = 0

  const learn = Effect.fnUntraced(function* (kind: IdKind, facilityId: FacilityId, ids: ReadonlyArray<number>) {
    const unknown = ids.filter((id) => recent.get(kind, id) !== facilityId)
    if (unknown.length === 0) return
    yield* Effect.matchEffect(store.put(kind, facilityId, unknown), {
      onSuccess: () => {
        recent.set(kind, unknown, facilityId)
        return countLearned(kind, unknown.length)
      },
      onFailure: (error) =>
        Effect.logWarning("ids could not be stored").pipe(Effect.annotateLogs({ kind, reason: error.reason }))
    })
  })

  const find = Effect.fnUntraced(function* (kind: IdKind, id: number) {
    const known = recent.get(kind, id) ?? (yield* store.find(kind, id))
    if (known !== undefined) recent.set(kind, [id], known)
    return known
  })

  const readCalendars = Effect.fnUntraced(function* (session: Session, facilityId: FacilityId) {
    const calendars = yield* upstream.read(
      session,
      Effect.flatMap(Calendars, ({ list }) => list({ facilityId }))
    )
    yield* learn(
      "calendar",
      facilityId,
      calendars.map(({ id }) => id)
    )
    yield* learn(
      "service",
      facilityId,
      calendars.flatMap(({ services }) => services.map(({ id }) => id))
    )
  })

  const readRows = Effect.fnUntraced(function* (
    session: Session,
    kind: "reservation" | "blockedTime",
    facilityId: FacilityId
  ) {
    const nowMs = yield* Clock.currentTimeMillis
    const before = yield* store.progress(kind, facilityId)
    const isWhole = before === undefined || nowMs - before.wholeMs >= wholeEveryMs
    const since = isWhole ? {} : { lastSync: Math.max(0, before.changesMs - overlapMs) }
    const page = (offset: number): Effect.Effect<Page<{ readonly id: number }>, ListError, Caller> => {
      const query = { facilityId, offset, limit: pageLimit, ...since }
      return kind === "reservation"
        ? upstream.read(
            session,
            Effect.flatMap(Reservations, ({ list }) => list(query))
          )
        : upstream.read(
            session,
            Effect.flatMap(BlockedTimes, ({ list }) => list(query))
          )
    }
    const isThrough = yield* walk(page, (ids) => learn(kind, facilityId, ids))
    if (!isThrough) return
    yield* store.setProgress(kind, facilityId, { wholeMs: isWhole ? nowMs : before.wholeMs, changesMs: nowMs })
  })

  /** Reads a facility's listing again; who comes while that is under way waits for the next one, for this may have passed. */
  const look = (session: Session, kind: IdKind, facilityId: FacilityId) =>
    Effect.gen(function* () {
      const key = `${session.upstreamDigest} ${kind} ${facilityId}`
      const arrived = ++lastLook
      for (;;) {
        const running = looks.get(key)
        if (running === undefined) break
        yield* Effect.exit(Deferred.await(running.done))
        if (running.number > arrived) return yield* Deferred.await(running.done)
      }
      const done = Deferred.makeUnsafe<void, ListError>()
      const reading =
        kind === "reservation" || kind === "blockedTime"
          ? readRows(session, kind, facilityId)
          : readCalendars(session, facilityId)
      yield* Effect.uninterruptible(
        Effect.suspend(() => {
          looks.set(key, { number: ++lastLook, done })
          return Effect.forkIn(
            Effect.onExit(reading, (exit) => {
              looks.delete(key)
              return Effect.andThen(
                countLook(kind, Exit.isSuccess(exit) ? "done" : "failed"),
                Deferred.done(done, exit)
              )
            }),
            scope
          )
        })
      )
      yield* Deferred.await(done)
    })

  // A caller who wants to write is told that nothing was done; the upstream's own words could mean something else to him.
  const notLooked = (cause: unknown) => new BackendError({ reason: "Overloaded", retryAfterMs: 2000, cause })

  const facilityOf: FacilityIndex["Service"]["facilityOf"] = Effect.fn("FacilityIndex.facilityOf")(
    function* (session, kind, id, wanted) {
      if (session.facilities === undefined) return wanted
      const isIt = (found: FacilityId | undefined): found is FacilityId =>
        found !== undefined && reaches(session, found) && (wanted === undefined || found === wanted)
      const known = yield* find(kind, id)
      if (isIt(known)) return known
      // What is known of an id stays true, so another look would show the same.
      if (known !== undefined) return yield* new ResourceNotFound({ resource: resources[kind] })
      const targets = wanted === undefined ? [...session.facilities] : [wanted]
      // A facility that the upstream token does not reach has no ids for this key.
      const lookAt = (facilityId: FacilityId) =>
        Effect.catchTag(look(session, kind, facilityId), "PermissionDenied", () => Effect.void)
      yield* Effect.forEach(targets, lookAt, { concurrency: 4, discard: true }).pipe(
        Effect.timeoutOrElse({ duration: lookTime, orElse: () => Effect.fail(notLooked(undefined)) }),
        Effect.catch((error) =>
          Effect.fail(error._tag === "BackendError" && error.reason === "RateLimited" ? error : notLooked(error))
        )
      )
      const found = yield* find(kind, id)
      if (isIt(found)) return found
      return yield* new ResourceNotFound({ resource: resources[kind] })
    }
  )

  const knows: FacilityIndex["Service"]["knows"] = (kind, facilityId, ids) => recent.hasAll(kind, ids, facilityId)

  return FacilityIndex.of({ learn, knows, facilityOf })
})

export const layer: Layer.Layer<FacilityIndex, never, IndexStore | Upstream> = Layer.effect(FacilityIndex)(make)
