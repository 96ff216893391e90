/**
 * Reads the Bookio side: what changed, by the change feed where there is one; now and then what waits for confirmation and
 * the window of blocked times; once a day both windows in full, whatever cursors say (sync.md, "A pass", 1).
 */
import * as Event from "@bookio-kit/core/event/Event"
import type { EventPage } from "@bookio-kit/core/event/Events"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import { fromEpochDay, type LocalDate } from "@bookio-kit/core/time/LocalDate"
import { epochDayAt } from "@bookio-kit/core/time/TimeZone"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { windowSlackMs } from "./Directory.ts"
import { drawId } from "./Identity.ts"
import { judgeUnseenBlockedTimes, pullBlockedTimes, removeBlockedTimes } from "./PullBlockedTimes.ts"
import type { Pulled } from "./Pulled.ts"
import { lost, pullReservations } from "./PullReservations.ts"
import { count, type Run } from "./Run.ts"
import { Halted, restored, type Stopped } from "./Stopped.ts"

/** Where the next pass starts, once everything that this one covers is settled. */
export interface Cursors {
  readonly reservationsMs: number | undefined
  readonly blockedTimesMs: number | undefined
  readonly event: number | undefined
  readonly asOfMs: number | undefined
  readonly blockedTimesAgain: boolean
}

const dayOf = (run: Run, epochMs: number): LocalDate => fromEpochDay(epochDayAt(run.directory.timeZone, epochMs))

const firstDay = (run: Run): LocalDate => dayOf(run, run.window.fromMs - windowSlackMs)

/** What the change feed says: which listings are worth a request. */
interface Feed {
  readonly last: number | undefined
  readonly reservations: boolean
  readonly blockedTimes: boolean
  readonly calendars: boolean
  readonly removed: ReadonlyArray<number>
}

const readFeed = Effect.fnUntraced(function* (run: Run): Effect.fn.Return<Feed | undefined, Stopped> {
  const { events, newestEvent } = run.plan.bookio
  if (events === undefined) return undefined
  let after: number | undefined = run.progress.event
  const everything = { reservations: true, blockedTimes: true, calendars: true, removed: [] }
  // From now on; what was before, the listings tell. A feed without events yet begins with the first.
  if (after === undefined) return { ...everything, last: (yield* newestEvent) ?? 0 }
  const told = { reservations: false, blockedTimes: false, calendars: false }
  const removed: Array<number> = []
  for (;;) {
    const page: EventPage = yield* events({
      facilityId: run.plan.facilityId,
      ...(after === 0 ? {} : { after: Event.EventId.make(after) })
    })
    if (page.hasGap) {
      const newest = (yield* newestEvent) ?? 0
      // Old events are forgotten, and new ones never: a feed that ends before what was read of it is an earlier one.
      if (newest < after && run.progress.adopt !== true)
        return yield* restored("its change feed has lost what was read")
      return { ...everything, last: page.last ?? newest }
    }
    for (const event of page.events) {
      if ("reservationId" in event) told.reservations = true
      else if ("calendarId" in event) told.calendars = true
      else if (event.kind === "blockedTime.removed") removed.push(event.blockedTimeId)
      else told.blockedTimes = true
    }
    if (page.last === undefined || page.last === after) return { ...told, removed, last: after }
    after = page.last
    if (page.events.length === 0) return { ...told, removed, last: after }
  }
})

const checkClock = Effect.fnUntraced(function* (run: Run, { asOfMs }: Pulled) {
  const known = run.progress.asOfMs
  if (known !== undefined && asOfMs + run.overlapMs < known && run.progress.adopt !== true) {
    return yield* restored(`its clock went back by ${known - asOfMs} milliseconds`)
  }
})

/** Lists reservations, and compares the server's clock with ours where it tells its own. @errors as `pullReservations`. */
const readReservations = Effect.fnUntraced(function* (
  ...[run, query, listing]: Parameters<typeof pullReservations>
): Effect.fn.Return<Pulled, Stopped> {
  const beforeMs = yield* Clock.currentTimeMillis
  const pulled = yield* pullReservations(run, query, listing)
  if (pulled.isServersClock) {
    const aheadMs = beforeMs - pulled.asOfMs
    run.aheadMs = aheadMs > run.overlapMs ? aheadMs : 0
  }
  return pulled
})

/** Lists the whole window and looks for known reservations that it lacks, for none is ever deleted. */
const compareReservations = Effect.fnUntraced(function* (run: Run): Effect.fn.Return<Pulled, Stopped> {
  // Drawn and not counted, as in `ReadPractice`.
  const listing = yield* drawId
  const pulled = yield* readReservations(run, { from: firstDay(run) }, listing)
  if (pulled.coverage !== "complete") return pulled
  const query = { side: "bookio", kinds: ["reservation", "hold"], listing, endsFromMs: run.window.fromMs } as const
  // A write on its way, and one that was moved out of the window, is no sign of a restored server.
  const isMissing = (item: SyncItem) =>
    (item.intention === undefined || run.progress.adopt === true) &&
    item.bookio.state !== undefined &&
    item.bookio.state.term.startMs >= run.window.fromMs &&
    !(item.bookioId !== undefined && run.shown.has(item.bookioId))
  let afterId: number | undefined
  for (;;) {
    const unseen = yield* run.journal.unseen(run.plan.key, query, batch, afterId)
    const missing = unseen.filter(isMissing)
    if (missing.length > 0 && run.progress.adopt !== true) {
      return yield* restored(`reservation ${missing[0]?.bookioId} is not there any more`)
    }
    if (missing.length > 0) {
      // Someone said that the server is right.
      yield* run.commit(missing.map((item) => lost(item, run.startedMs)))
    }
    if (unseen.length < batch) return pulled
    afterId = unseen.at(-1)?.id
  }
})

const batch = 200

/**
 * Asks how many reservations the facility has: none is ever deleted. @errors what Bookio says; `Halted` where there are fewer
 * than before.
 */
export const countReservations: (run: Run) => Effect.Effect<void, Stopped> = Effect.fnUntraced(function* (run) {
  const { bookio, facilityId } = run.plan
  const { pagination } = yield* bookio.listReservations({ facilityId, limit: 0 })
  const known = run.progress.total
  if (known !== undefined && pagination.total < known && run.progress.adopt !== true) {
    return yield* restored(`it has ${pagination.total} reservations and had ${known}`)
  }
  run.total = pagination.total
})

/** Lists the window of blocked times, and judges what it lacks. Gives whether something was missing for the first time. */
const compareBlockedTimes = Effect.fnUntraced(function* (
  run: Run
): Effect.fn.Return<readonly [Pulled, boolean], Stopped> {
  // Drawn and not counted, as in `ReadPractice`.
  const listing = yield* drawId
  const pulled = yield* pullBlockedTimes(
    run,
    { dateFrom: dayOf(run, run.startedMs), dateTo: dayOf(run, run.window.toMs) },
    listing
  )
  if (pulled.coverage !== "complete") return [pulled, true]
  return [pulled, (yield* judgeUnseenBlockedTimes(run, listing)) > 0]
})

// The feed does not tell the server's clock, and a clock of ours that is ahead takes what is to come for what has ended.
const isClockOld = ({ progress, startedMs }: Run): boolean => startedMs - (progress.asOfMs ?? 0) > 3_600_000

/** Reads the Bookio side into the journal. @errors what Bookio says; `Halted` for a server that was restored. */
export const pullBookio = Effect.fn("Sync.pullBookio")(function* (run: Run): Effect.fn.Return<Cursors, Stopped> {
  const { blockedTimesMs, reservationsMs } = run.progress
  const feed = yield* readFeed(run)
  const asOf: Array<number> = []
  const note = (pulled: Pulled) => {
    asOf.push(pulled.asOfMs)
    return pulled
  }

  let reservations: Pulled | undefined
  if (reservationsMs === undefined) reservations = note(yield* compareReservations(run))
  else if (feed === undefined || feed.reservations || run.isSweep || run.isFull || isClockOld(run)) {
    reservations = note(yield* readReservations(run, { lastSync: reservationsMs }))
  }
  if (reservations !== undefined) {
    yield* checkClock(run, reservations)
    run.lookBackMs = reservations.asOfMs - run.overlapMs
    run.isReservationsComplete = reservations.coverage === "complete"
    if (run.isReservationsComplete && reservations.isServersClock) run.readMs = reservations.asOfMs
  } else {
    // The feed had nothing: nothing has changed, our own writes included.
    run.readMs = run.progress.asOfMs
    run.isReservationsComplete = true
    run.lookBackMs = reservationsMs
  }
  if (run.isFull && reservationsMs !== undefined) {
    const before = run.differences
    const { coverage } = yield* compareReservations(run)
    if (run.progress.adopt === true && coverage !== "complete") run.isReservationsComplete = false
    count(run, "drift", run.differences - before)
  }

  let blockedTimes: Pulled | undefined
  let isAgain = false
  if (feed !== undefined && feed.removed.length > 0) {
    yield* removeBlockedTimes(run, yield* run.journal.byBookioId(run.plan.key, "blockedTime", feed.removed))
  }
  if (blockedTimesMs === undefined) {
    ;[blockedTimes, isAgain] = yield* compareBlockedTimes(run)
    note(blockedTimes)
  } else if (feed === undefined || feed.blockedTimes || run.isSweep || run.isFull) {
    blockedTimes = note(yield* pullBlockedTimes(run, { lastSync: blockedTimesMs }))
    if (run.isSweep || run.isFull || run.progress.blockedTimesAgain) {
      ;[, isAgain] = yield* compareBlockedTimes(run)
    }
  } else if (run.progress.blockedTimesAgain) {
    ;[, isAgain] = yield* compareBlockedTimes(run)
  }
  // What was lost is known before anything is written: its ids are given out again.
  if (run.progress.adopt === true && isAgain) [, isAgain] = yield* compareBlockedTimes(run)
  run.isBlockedTimesComplete = blockedTimes === undefined || blockedTimes.coverage === "complete"
  if (run.progress.adopt === true && isAgain) run.isBlockedTimesComplete = false

  if (run.isSweep || run.isFull) {
    yield* readReservations(run, { onlyUnsynced: true, from: firstDay(run) })
    yield* countReservations(run)
  }
  if (feed?.calendars === true) run.isDirectoryStale = true
  if (run.foreign.size > 0) {
    const [first] = run.foreign
    return yield* new Halted({
      reason: "foreign-journal",
      detail: `${run.foreign.size} records, such as ${first}, bear an externalId that this journal did not give: another one synchronises this facility, or this one was restored`
    })
  }
  const cursorOf = (pulled: Pulled | undefined, before: number | undefined) =>
    pulled === undefined || pulled.coverage !== "complete" ? before : pulled.asOfMs - run.overlapMs
  return {
    reservationsMs: cursorOf(reservations, reservationsMs),
    blockedTimesMs: cursorOf(blockedTimes, blockedTimesMs),
    event: feed?.last,
    asOfMs:
      asOf.length === 0
        ? run.progress.asOfMs
        : Math.max(run.progress.adopt === true ? 0 : (run.progress.asOfMs ?? 0), ...asOf),
    blockedTimesAgain: isAgain
  }
})
