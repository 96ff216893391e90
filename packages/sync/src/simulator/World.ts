/** The world of a run: both servers, what watches them, and what each event of the practice means, judged for itself. */
import type { SyncTerm } from "@bookio-kit/core/sync/SyncState"
import * as WallTime from "@bookio-kit/core/time/WallTime"
import * as Redacted from "effect/Redacted"
import { bookingOf, busyTimes } from "../Desired.ts"
import { type Directory, makeDirectory } from "../Directory.ts"
import { isOurMark, uidOf } from "../Identity.ts"
import type { FacilityPlan } from "../Plan.ts"
import * as BookioServer from "./BookioServer.ts"
import * as BudgetWatch from "./BudgetWatch.ts"
import * as Ledger from "./Ledger.ts"
import * as PracticeServer from "./PracticeServer.ts"
import * as Prng from "./Prng.ts"
import { holdPerson, type Settings, timeZone } from "./Settings.ts"
import type { VirtualTime } from "./VirtualTime.ts"

export interface World {
  readonly settings: Settings
  readonly time: VirtualTime
  readonly server: BookioServer.BookioServer
  readonly practices: ReadonlyMap<string, PracticeServer.PracticeServer>
  readonly ledger: Ledger.Ledger
  readonly directory: Directory
  readonly secret: Uint8Array
  readonly textOf: (term: SyncTerm) => string
  /** What an event takes in Bookio as busy time, whether it goes there or not. */
  readonly busyOf: (calendar: string, row: PracticeServer.EventRow) => ReturnType<typeof busyTimes>
  /** Whether an event asks for a reservation. */
  readonly asksFor: (calendar: string, row: PracticeServer.EventRow) => ReturnType<typeof bookingOf>
  /** The reservation that a mark of ours or its patient ties an event to. */
  readonly linkOf: (row: PracticeServer.EventRow) => number | undefined
  readonly blockedOf: (row: PracticeServer.EventRow) => number | undefined
  /** The UIDs that the sync gives to the events of a reservation, one after the other. */
  readonly uidsFor: (row: BookioServer.ReservationRow) => ReadonlyArray<string>
  /** The terms that the practice's plain events take in Bookio now, and those that ask for a reservation in vain. */
  readonly wanted: (
    refused?: ReadonlySet<string>
  ) => ReadonlyArray<{ readonly term: string; readonly uid: string; readonly endMs: number }>
  /** The terms that the sync takes in Bookio now. */
  readonly taken: () => ReadonlyArray<{ readonly term: string; readonly endMs: number }>
}

export const make = (
  settings: Settings,
  time: VirtualTime,
  plan: FacilityPlan,
  secret: Uint8Array,
  trace: (line: string) => void
): World => {
  const key = Redacted.make(secret)
  const directory = makeDirectory(plan, timeZone, settings.calendars)
  const window = () => ({
    fromMs: time.nowMs() - plan.pastDays * 86_400_000,
    toMs: directory.horizonMs(time.nowMs())
  })
  const planOf = (calendar: string) => {
    const found = plan.calendars.find(({ name }) => name === calendar)
    if (found === undefined) throw new Error(`no calendar ${calendar}`)
    return found
  }
  const textOf = ({ endMs, startMs }: SyncTerm) => {
    const text = (epochMs: number) => {
      const { offset, text } = WallTime.format(timeZone, epochMs)
      return settings.offsets ? `${text}${offset ?? ""}` : text
    }
    return `${text(startMs)}/${text(endMs)}`
  }
  const practices = new Map<string, PracticeServer.PracticeServer>()
  const busyOf: World["busyOf"] = (calendar, row) =>
    busyTimes(PracticeServer.appointmentOf(row, window()), planOf(calendar), plan, directory, window())
  const asksFor: World["asksFor"] = (calendar, row) => {
    const booking = bookingOf(PracticeServer.appointmentOf(row, window()), planOf(calendar), directory)
    const isOn = row.content.status !== "cancelled" && !row.content.didNotCome
    return booking !== undefined && isOn && row.content.term.endMs > time.nowMs() ? booking : undefined
  }
  const markedId = (row: PracticeServer.EventRow, kind: "reservation" | "blockedTime") => {
    const { mark } = row.content
    return mark !== undefined && mark.kind === kind && isOurMark(key, row.uid, mark) ? mark.id : undefined
  }
  const linkOf: World["linkOf"] = (row) => {
    const id = ledger.orphaned.has(row.uid) ? undefined : markedId(row, "reservation")
    if (id !== undefined) return id
    for (const [reservation, uid] of ledger.origins) if (uid === row.uid) return reservation
    return undefined
  }
  const eventOf = (id: number) => {
    for (const { rows } of practices.values()) {
      for (const row of rows.values()) if (linkOf(row) === id) return row
    }
    return undefined
  }
  const blockedOf: World["blockedOf"] = (row) => markedId(row, "blockedTime")

  const uidsFor: World["uidsFor"] = ({ createdMs, id }) => {
    const { channel, facilityId, identity } = plan
    const created = WallTime.format(timeZone, createdMs).text
    const named = { identity, channel, facilityId, kind: "reservation", id, created, calendar: "" } as const
    return Array.from({ length: 50 }, (_, generation) => uidOf({ ...named, generation }))
  }

  const sent = (calendar: string, row: PracticeServer.EventRow) =>
    busyOf(calendar, row).filter(({ isNotSent }) => isNotSent !== true)

  const wanted: World["wanted"] = (refused = new Set()) =>
    [...practices].flatMap(([calendar, { rows }]) =>
      [...rows.values()].flatMap((row) => {
        const isAsking = asksFor(calendar, row) !== undefined && !refused.has(row.uid)
        if (linkOf(row) !== undefined || blockedOf(row) !== undefined || isAsking) return []
        return sent(calendar, row).map(({ state: { term } }) => ({
          term: textOf(term),
          uid: row.uid,
          endMs: term.endMs
        }))
      })
    )

  const taken: World["taken"] = () => {
    const { blocked, reservations } = server.state
    const times = [...blocked.values()].filter(({ externalId }) => externalId !== undefined)
    const holds = [...reservations.values()].filter(
      ({ email, status }) => email === holdPerson.email && status === "CONFIRMED"
    )
    return [...times, ...holds].map(({ term }) => ({ term: textOf(term), endMs: term.endMs }))
  }

  const ledger: Ledger.Ledger = Ledger.make({
    isOurMark: (uid, mark) => isOurMark(key, uid, mark),
    textOf,
    holdEmail: holdPerson.email,
    notes: settings.notes,
    uidOfEmail: (email) => {
      for (const { rows } of practices.values()) {
        for (const { content, uid } of rows.values()) if (content.booking?.email === email) return uid
      }
      return uids.get(email)
    },
    stateOf: (id) => server.state.reservations.get(id),
    // Fewer than sixty items make ten percent less than six, and five are always allowed.
    budget: BudgetWatch.make(time.nowMs, () => {
      const items = [...practices.values()].reduce((sum, { rows }) => sum + rows.size, server.state.reservations.size)
      return settings.restoresJournal || settings.restoresServer || settings.stepsClock
        ? Number.POSITIVE_INFINITY
        : Math.max(5, items / 10)
    }),
    uidOf: (id) => eventOf(id)?.uid,
    isThere: (uid) => [...practices.values()].some(({ byUid }) => byUid(uid) !== undefined),
    trace,
    shown: (id, side, field) => {
      if (side === "bookio") {
        const row = server.state.reservations.get(id)
        return row === undefined ? undefined : field === "term" ? textOf(row.term) : row.status
      }
      const row = eventOf(id)
      if (row === undefined) return undefined
      return field === "term" ? textOf(row.content.term) : Ledger.practiceStatus(row)
    },
    takes: (calendar, row) => {
      for (const email of [row.content.booking?.email]) if (email !== undefined) uids.set(email, row.uid)
      return sent(calendar, row).map(({ state }) => textOf(state.term))
    },
    isInOwnWay: (uid, { endMs, startMs }) => {
      // What a journal does not know any more that it made, it cannot take away first.
      if (settings.restoresJournal || settings.restoresServer) return false
      const touches = ({ term }: { readonly term: SyncTerm }) => term.startMs < endMs && startMs < term.endMs
      const { blocked, reservations } = server.state
      const [one, ...others] = [...blocked.values()].filter(touches)
      if (one?.externalId === undefined || others.length > 0) return false
      if ([...reservations.values()].some((row) => row.status === "CONFIRMED" && touches(row))) return false
      const takes = (row: PracticeServer.EventRow, calendar: string) =>
        sent(calendar, row).some(({ state }) => textOf(state.term) === textOf(one.term))
      const found = [...practices].flatMap(([name, { rows }]) => [...rows.values()].filter((row) => takes(row, name)))
      return found.length === 1 && found[0]?.uid === uid
    },
    asks: (term) =>
      [...practices].some(([calendar, { rows }]) =>
        [...rows.values()].some(
          (row) =>
            row.content.booking !== undefined &&
            asksFor(calendar, row) !== undefined &&
            sent(calendar, row).some(({ state }) => textOf(state.term) === term)
        )
      ),
    lacks: (term) =>
      wanted().filter((one) => one.term === term && one.endMs > time.nowMs()).length -
      taken().filter((one) => one.term === term).length
  })
  // Of events that are not there any more.
  const uids = new Map<string, string>()
  const server = BookioServer.make({
    calendars: settings.calendars,
    openings: settings.openings,
    nowMs: () => time.nowMs() + settings.serverSkewMs,
    watcher: ledger
  })
  const skips = Prng.make(settings.startMs / 1_000 + settings.edits)
  const isSkipped = () => settings.skips > 0 && skips.chance(settings.skips)
  for (const { etags, hasTokens, name, usesUp } of settings.bound) {
    const tellsUids = settings.edits % 2 === 0
    practices.set(
      name,
      PracticeServer.make({ name, usesUp, hasTokens, tellsUids, etags, isSkipped, watcher: ledger.practice(name) })
    )
  }
  return {
    settings,
    time,
    server,
    practices,
    ledger,
    directory,
    secret,
    textOf,
    busyOf,
    asksFor,
    linkOf,
    blockedOf,
    uidsFor,
    wanted,
    taken
  }
}
