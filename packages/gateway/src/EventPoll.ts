/**
 * One look at a facility of an upstream without a change feed: its listings, compared with what its records looked like before
 * (sync.md, "A pass"). Rows carry no instant of their change, so an event has the one at which it was seen; what changed and
 * changed back in between is not seen. It assumes that no other look at the facility runs.
 */
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import type { EventKind } from "@bookio-kit/core/event/Event"
import { type Listed, overlapMs, paged } from "@bookio-kit/core/page/Listing"
import type { Page } from "@bookio-kit/core/page/Page"
import type { Order } from "@bookio-kit/core/page/Paging"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import { LocalDate } from "@bookio-kit/core/time/LocalDate"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { contentVersion, ofBlockedTime, ofCalendar, ofReservation } from "./EventContent.ts"
import type { EventStore, Seen, Source, WatchedKind } from "./EventStore.ts"
import type { Session } from "./Session.ts"
import type { Upstream } from "./Upstream.ts"

/** A listing that never read the same while it was read: nothing is concluded from it, and it is read again. */
export class Unproven extends Data.TaggedError("Unproven")<{ readonly kind: WatchedKind }> {}

type Polled = Extract<Source, { readonly _tag: "Polled" }>

/** What one look leaves for the next one at the same facility; lost with the process, and then learnt again. */
export interface Memory {
  /** How far it was read; the store may be up to a minute behind. */
  source: Polled | undefined
  /** When `source` was stored, Unix milliseconds. */
  storedMs: number
  /** Looks so far. */
  looks: number
  /** Blocked times that the last complete listing lacked, and which listing that was. */
  missing: ReadonlySet<number>
  missingFrom: "window" | "whole"
  /** Whether the upstream's clock fell behind what was read: a restored server, whose records are all compared. */
  hasFallen: boolean
}

/** The memory of a first look. */
export const makeMemory = (source: Source | undefined): Memory => ({
  source: source?._tag === "Polled" && source.contentVersion === contentVersion ? source : undefined,
  storedMs: 0,
  looks: 0,
  missing: new Set(),
  missingFrom: "window",
  hasFallen: false
})

/** What a look is made with. */
export interface Parts {
  readonly store: EventStore["Service"]
  readonly upstream: Upstream["Service"]
  /** Of the upstream's listings. */
  readonly order: Order
  /** Told the kinds of the events that were stored. */
  readonly tell: (kinds: ReadonlyArray<EventKind>) => Effect.Effect<void>
}

const dayMs = 86_400_000
// Whatever went unseen between two looks is found within this time (sync.md, "A pass").
const wholeEveryMs = dayMs
// Calendars, and the listing that shows removed blocked times, are read with every tenth look.
const windowEvery = 10
// A restart reads again what changed since it was stored how far that was; most looks need no write for it.
const storeEveryMs = 60_000

const dayOf = (ms: number): LocalDate => LocalDate.make(new Date(ms).toISOString().slice(0, 10))

export const look = Effect.fn("EventPoll.look")(function* (
  { order, store, tell, upstream }: Parts,
  session: Session,
  facilityId: FacilityId,
  memory: Memory
) {
  const startedMs = yield* Clock.currentTimeMillis
  const before = memory.source
  const isWhole = before === undefined || memory.hasFallen || startedMs - before.wholeMs >= wholeEveryMs
  // The first reading is what later ones are compared with; nothing of it has happened now.
  const isQuiet = before === undefined
  let hasEvents = false

  const see = Effect.fnUntraced(function* (kind: WatchedKind, seen: ReadonlyArray<Seen>) {
    const kinds = yield* store.see(kind, facilityId, seen, { nowMs: yield* Clock.currentTimeMillis, isQuiet })
    hasEvents ||= kinds.length > 0
    if (kinds.length > 0) yield* tell(kinds)
  })

  /** Reads a listing to its end, page by page. @returns the upstream's clock at its first page, ours where it is not told. */
  const read = Effect.fnUntraced(function* <A extends { readonly id: number }, E, R>(
    kind: WatchedKind,
    page: (offset: number, limit: number) => Effect.Effect<Page<A>, E, R>,
    toSeen: (row: A) => Seen,
    inOrder: Order,
    ids?: Set<number>
  ) {
    const end = yield* Stream.runFoldEffect(
      paged(page, inOrder),
      (): Extract<Listed<A>, { readonly _tag: "End" }> => ({ _tag: "End", coverage: "unknown", asOfMs: undefined }),
      (end, listed) => {
        if (listed._tag === "End") return Effect.succeed(listed)
        for (const { id } of listed.rows) ids?.add(id)
        return Effect.as(see(kind, listed.rows.map(toSeen)), end)
      }
    )
    // Not a step further, so that the next look reads it again.
    if (end.coverage !== "complete") return yield* new Unproven({ kind })
    return end.asOfMs ?? startedMs
  })

  const since = (cursorMs: number | undefined) =>
    isWhole || cursorMs === undefined ? {} : { lastSync: Math.max(0, cursorMs - overlapMs) }

  const reservationsMs = yield* read(
    "reservation",
    (offset, limit) =>
      upstream.read(
        session,
        Effect.flatMap(Reservations, ({ list }) =>
          list({ facilityId, offset, limit, ...since(before?.reservationsMs) })
        )
      ),
    ofReservation,
    // Nothing is concluded from a reservation that a whole listing lacks, so one reading of it will do: what it missed is
    // seen when it changes, and then taken for a new one.
    isWhole ? "known" : order
  )

  const listBlockedTimes =
    (query: { readonly lastSync?: number; readonly dateFrom?: LocalDate }) => (offset: number, limit: number) =>
      upstream.read(
        session,
        Effect.flatMap(BlockedTimes, ({ list }) => list({ facilityId, offset, limit, ...query }))
      )
  const blockedTimesMs = isWhole
    ? startedMs
    : yield* read("blockedTime", listBlockedTimes(since(before.blockedTimesMs)), ofBlockedTime, order)

  // A removed blocked time leaves no trace: it is in neither listing, twice running. What has ended is compared once a day.
  const asksAgain = memory.missing.size > 0
  const from = isWhole ? "whole" : asksAgain ? memory.missingFrom : "window"
  const isWindow = isWhole || asksAgain || memory.looks % windowEvery === 0
  let wholeBlockedTimesMs = blockedTimesMs
  if (isWindow) {
    // Two days, for its days are the facility's, and a term that ends on its first day may lie outside.
    const dateFrom = from === "whole" ? undefined : dayOf(startedMs - 2 * dayMs)
    const ids = new Set<number>()
    wholeBlockedTimesMs = yield* read(
      "blockedTime",
      listBlockedTimes(dateFrom === undefined ? {} : { dateFrom }),
      ofBlockedTime,
      order,
      ids
    )
    const ends = dateFrom === undefined ? undefined : `${dayOf(startedMs - dayMs)}T00:00:00`
    const absent = (yield* store.blockedTimes(facilityId, ends)).filter((id) => !ids.has(id))
    const removed = absent.filter((id) => memory.missing.has(id))
    if (removed.length > 0) {
      yield* store.remove(facilityId, removed, yield* Clock.currentTimeMillis)
      yield* tell(removed.map(() => "blockedTime.removed"))
    }
    memory.missing = new Set(absent.filter((id) => !memory.missing.has(id)))
    memory.missingFrom = from
    const calendars = yield* upstream.read(
      session,
      Effect.flatMap(Calendars, ({ list }) => list({ facilityId }))
    )
    yield* see("calendar", calendars.map(ofCalendar))
  }

  const nowMs = yield* Clock.currentTimeMillis
  const isGap = isQuiet || memory.hasFallen
  memory.hasFallen = !isWhole && reservationsMs < before.reservationsMs - overlapMs
  memory.looks += 1
  memory.source = {
    _tag: "Polled",
    contentVersion,
    wholeMs: isWhole ? startedMs : before.wholeMs,
    reservationsMs,
    blockedTimesMs: isWhole ? wholeBlockedTimesMs : blockedTimesMs
  }
  if (isWhole || hasEvents || nowMs - memory.storedMs >= storeEveryMs) {
    yield* store.setSource(facilityId, memory.source, isGap ? nowMs : undefined)
    memory.storedMs = nowMs
    // Who follows is told of the gap.
    if (isGap) yield* tell([])
  }
})
