/**
 * Whether both sides are equal, but for what is listed as conflict or parked: judged on the world itself, and the journal
 * is asked only what it lists (sync.md, "What a doctor may rely on").
 */
import type { Conflict } from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { SyncState } from "@bookio-kit/core/sync/SyncState"
import type { ReservationRow } from "./BookioServer.ts"
import { type Edit, practiceStatus, type Violation } from "./Ledger.ts"
import type { EventRow } from "./PracticeServer.ts"
import { holdPerson } from "./Settings.ts"
import type { World } from "./World.ts"

/** What the journal lists for people to see. */
export interface Listed {
  readonly items: ReadonlyArray<SyncItem>
  readonly conflicts: ReadonlyArray<Conflict>
}

interface Placed {
  readonly calendar: string
  readonly row: EventRow
}

const count = (values: ReadonlyArray<string>) => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

export const check = (world: World, listed: Listed): ReadonlyArray<Violation> => {
  const found: Array<Violation> = []
  const fail = (invariant: Violation["invariant"], detail: string) => found.push({ invariant, detail })
  const { ledger, practices, server, textOf } = world
  const nowMs = world.time.nowMs()
  const events: ReadonlyArray<Placed> = [...practices].flatMap(([calendar, { rows }]) =>
    [...rows.values()].map((row) => ({ calendar, row }))
  )
  const isPutBack = world.settings.restoresJournal || world.settings.restoresServer
  const conflictsOf = (itemIds: ReadonlySet<number>) => listed.conflicts.filter(({ itemId }) => itemIds.has(itemId))
  const termOf = (state: SyncState | undefined) => (state === undefined ? undefined : textOf(state.term))

  /** One that is listed with these very values explains a difference of them. */
  const isExplained = (
    conflicts: ReadonlyArray<Conflict>,
    field: "term" | "status",
    bookio: string | undefined,
    practice: string | undefined
  ) =>
    conflicts.some(
      (one) =>
        one.state !== "resolved" &&
        (field === "term"
          ? termOf(one.bookio) === bookio && termOf(one.practice) === practice
          : one.bookio?.status === bookio && one.practice?.status === practice)
    )

  const checkReservation = (row: ReservationRow) => {
    const linked = events.filter(({ row: event }) => world.linkOf(event) === row.id)
    const items = listed.items.filter((item) => item.kind === "reservation" && item.bookioId === row.id)
    const conflicts = conflictsOf(new Set(items.map(({ id }) => id)))
    const isParked = items.some(({ parked }) => parked !== undefined)
    const name = `reservation ${row.id}`
    if (linked.length > 1) fail("twice", `${name} has ${linked.length} appointments`)
    if (items.length > 1) fail("twice", `${name} has ${items.length} items`)
    if (row.term.endMs <= nowMs || isParked) return
    const [event] = linked
    if (event === undefined) {
      const isListed = isExplained(conflicts, "status", row.status, undefined)
      if (row.status === "CONFIRMED" && !isListed) fail("lost", `${name} has no appointment`)
      return
    }
    const status = practiceStatus(event.row)
    const isStatusSame = status === row.status || isExplained(conflicts, "status", row.status, status)
    if (!isStatusSame) fail("settles", `${name} is ${row.status} and its appointment ${status}`)
    const [here, there] = [textOf(row.term), textOf(event.row.content.term)]
    const takesPlace = row.status === "CONFIRMED" && status === "CONFIRMED"
    if (takesPlace && here !== there && !isExplained(conflicts, "term", here, there)) {
      fail("settles", `${name} is at ${here} and its appointment at ${there}`)
    }
    // Whose change it was, a journal that was put back cannot tell.
    if (!isPutBack) checkEdits(row, status, there, conflicts)
  }

  /** What people changed has come to the other side, or is listed; and of two the later one stands. */
  const checkEdits = (row: ReservationRow, status: string, term: string, conflicts: ReadonlyArray<Conflict>) => {
    for (const field of ["status", "term"] as const) {
      if (field === "term" && row.status !== "CONFIRMED") continue
      const finals = field === "term" ? [textOf(row.term), term] : [row.status, status]
      const all = ledger.edits.filter((one) => one.reservation === row.id && one.field === field)
      const last = (side: Edit["side"]) => all.filter((one) => one.side === side && !one.isSuperseded).at(-1)
      const ends = [last("bookio"), last("practice")].filter((one) => one !== undefined)
      const valueIn = (state: SyncState | undefined) =>
        field === "term" ? termOf(state) : (state?.status ?? "REMOVED")
      const isListed = ({ side, value }: Edit) => conflicts.some((one) => valueIn(one[side]) === value)
      for (const one of ends) {
        if (one.arrived !== undefined || finals.includes(one.value) || isListed(one)) continue
        const isLater = ends.some(
          (other) => other.side !== one.side && other.order > one.order && finals.includes(other.value)
        )
        fail(
          "lost",
          `reservation ${row.id}: ${one.side} made its ${field} ${one.value}; it is ${finals.join(" and ")}${isLater ? " by a later change" : ""}`
        )
      }
      // Who went back to what was agreed on has changed nothing, and the other side's change is the only one.
      const changes = ends.length > 1 ? ends.filter(({ isReturn }) => !isReturn) : ends
      const [newest] = changes.toSorted((a, b) => b.order - a.order)
      if (newest === undefined || finals.includes(newest.value) || isListed(newest)) continue
      // One that came later and has come about stays later, whatever became of its author's next one.
      if (all.some(({ arrived, order, side }) => arrived !== undefined && order > newest.order && side !== newest.side))
        continue
      const isRemoved = newest.value === "REMOVED" && row.status === "CANCELLED"
      const other = ends.find((one) => one !== newest)
      const isConcurrent = other !== undefined && (other.arrived === undefined || other.arrived > newest.order)
      if (!isRemoved && !isConcurrent) {
        fail(
          "lost",
          `reservation ${row.id}: the last ${field} is ${newest.value} (${newest.side}); it is ${finals.join(" and ")}`
        )
      }
    }
  }

  /** A conflict is about what a person did, and not about a write of our own. */
  const checkConflicts = () => {
    for (const { bookio, field, itemId, practice, refusal, winner } of listed.conflicts) {
      const item = listed.items.find(({ id }) => id === itemId)
      if (item?.kind !== "reservation" || item.isOwn || practice === undefined || refusal !== undefined) continue
      if (field !== "term" && field !== "status") continue
      // Whoever cancels or confirms again brings the term along.
      if (field === "term" && bookio?.status !== practice.status) continue
      const value = field === "term" ? textOf(practice.term) : practice.status
      const isMade = ledger.edits.some(
        (one) =>
          one.reservation === item.bookioId && one.side === "practice" && one.field === field && one.value === value
      )
      // With the outcome of a write of ours unknown, another etag says that someone may have undone it: told, and not lost.
      const isPerhapsUndone =
        winner === "bookio" &&
        [...ledger.uidsOf(item.bookioId ?? 0)].some(
          (uid) => ledger.isReplaced(uid, field, value) && (ledger.rewritten.has(uid) || ledger.touched.has(uid))
        )
      if (!isMade && !isPerhapsUndone)
        fail("invented", `nobody made the ${field} ${value} of reservation ${item.bookioId} in the practice`)
    }
  }

  /** What cannot be read is listed, whatever else is known of it; and what can be, is taken up again. */
  const checkUnreadable = () => {
    const isWaiting = ({ parked }: SyncItem) => parked !== undefined
    for (const { row } of events) {
      const items = listed.items.filter(({ href }) => href === row.href)
      const isUnreadable = items.some(({ parked }) => parked?.reason === "Unreadable")
      if (row.isMalformed === true && row.content.term.endMs > nowMs && !items.some(isWaiting)) {
        fail("lost", `the event ${row.uid} cannot be read, and nobody is told`)
      }
      const isMended = row.isMalformed !== true
      if (isMended && isUnreadable) fail("lost", `the event ${row.uid} can be read again, and is not taken up`)
      // Nobody but its calendar refuses to change what is linked and there.
      const isRefused = items.some(
        (item) => item.bookioId !== undefined && item.kind !== "hold" && item.parked?.reason === "Refused"
      )
      if (isMended && isRefused) fail("lost", `the event ${row.uid} can be written again, and waits`)
    }
    const hrefs = new Set(events.map(({ row }) => row.href))
    for (const { href, parked } of listed.items) {
      if (parked?.reason === "Unreadable" && href !== undefined && !hrefs.has(href)) {
        fail("settles", `nobody could read ${href}, which is gone`)
      }
    }
    // A hold that takes no time is nobody's.
    const rows = [...server.state.reservations.values()].filter(
      ({ email, status }) => email !== holdPerson.email || status === "CONFIRMED"
    )
    for (const row of [...rows, ...server.state.blocked.values()]) {
      if (row.term.endMs <= nowMs) continue
      const items = listed.items.filter(({ bookioId }) => bookioId === row.id)
      const isUnreadable = items.some(({ parked }) => parked?.reason === "UnreadableRow")
      if (row.isMalformed === true && !items.some(isWaiting)) {
        fail("lost", `row ${row.id} cannot be read, and nobody is told`)
      }
      if (row.isMalformed !== true && isUnreadable) {
        fail("lost", `row ${row.id} can be read again, and is not taken up`)
      }
    }
  }

  const isBadEvent = (href: string | undefined) =>
    href !== undefined && events.some(({ row }) => row.href === href && row.isMalformed === true)

  const checkBusy = () => {
    const refused = new Set(
      listed.items
        .filter(
          ({ bookioId, kind, parked }) => kind === "reservation" && bookioId === undefined && parked !== undefined
        )
        .flatMap(({ uid }) => uid ?? [])
    )
    const wanted = world.wanted(refused).filter(({ endMs }) => endMs > nowMs)
    const taken = world.taken().filter(({ endMs }) => endMs > nowMs)
    const have = count(taken.map(({ term }) => term))
    const want = count(wanted.map(({ term }) => term))
    for (const [term, number] of want) {
      const missing = number - (have.get(term) ?? 0)
      if (missing <= 0) continue
      const uids = new Set(wanted.filter((one) => one.term === term).map(({ uid }) => uid))
      const hrefs = new Set(events.filter(({ row }) => uids.has(row.uid)).map(({ row }) => row.href))
      const waiting = listed.items.filter(
        (item) =>
          ((item.uid !== undefined && uids.has(item.uid)) || (item.href !== undefined && hrefs.has(item.href))) &&
          (item.parked !== undefined ||
            conflictsOf(new Set([item.id])).some(
              ({ resolution, state }) => state !== "resolved" || resolution !== undefined
            ))
      )
      if (waiting.length < missing)
        fail("lost", `${missing} busy times at ${term} are not in Bookio (${[...uids].join(", ")})`)
    }
    for (const [term, number] of have) {
      // What was taken before an event could not be read any more stays.
      const orphans = listed.items.filter(
        ({ bookio, href, parked }) =>
          (parked?.reason === "Orphan" ||
            parked?.reason === "UnreadableRow" ||
            (parked !== undefined && isBadEvent(href))) &&
          termOf(bookio.state) === term
      )
      const extra = number - (want.get(term) ?? 0) - orphans.length
      if (extra > 0) fail("twice", `${extra} more than the ${want.get(term) ?? 0} busy times at ${term} are in Bookio`)
    }
  }

  const checkAsked = () => {
    for (const { calendar, row } of events) {
      const booking = world.linkOf(row) === undefined ? world.asksFor(calendar, row) : undefined
      if (booking === undefined || world.blockedOf(row) !== undefined || row.isMalformed === true) continue
      const isListed = listed.items.some(
        ({ kind, parked, uid }) => uid === row.uid && kind === "reservation" && parked !== undefined
      )
      if (!isListed) fail("lost", `the booking of event ${row.uid} is not in Bookio`)
    }
    const emails = [...server.state.reservations.values()].filter(
      ({ email, status }) => status === "CONFIRMED" && email !== holdPerson.email
    )
    for (const [email, number] of count(emails.map((one) => one.email))) {
      if (number > 1) fail("twice", `${email} has ${number} reservations`)
    }
  }

  const checkMirrors = () => {
    for (const row of server.state.blocked.values()) {
      if (row.externalId !== undefined || row.term.endMs <= nowMs) continue
      for (const calendar of practices.keys()) {
        const mirrors = events.filter((one) => one.calendar === calendar && world.blockedOf(one.row) === row.id)
        const isParked = listed.items.some(
          (item) => item.kind === "mirror" && item.bookioId === row.id && item.parked !== undefined
        )
        if (isParked) continue
        if (mirrors.length > 1) fail("twice", `blocked time ${row.id} has ${mirrors.length} events in ${calendar}`)
        const [mirror] = mirrors
        if (mirror === undefined) fail("lost", `blocked time ${row.id} has no event in ${calendar}`)
        else if (textOf(mirror.row.content.term) !== textOf(row.term) || practiceStatus(mirror.row) !== "CONFIRMED") {
          fail(
            "settles",
            `blocked time ${row.id} is at ${textOf(row.term)} and its event at ${textOf(mirror.row.content.term)}`
          )
        }
      }
    }
    for (const { row } of events) {
      const id = world.blockedOf(row)
      const isParked = listed.items.some(({ parked, uid }) => uid === row.uid && parked !== undefined)
      if (id !== undefined && !server.state.blocked.has(id) && row.content.term.endMs > nowMs && !isParked) {
        fail("settles", `the event ${row.uid} is of blocked time ${id}, which was removed`)
      }
    }
  }

  for (const row of server.state.reservations.values()) {
    if (row.email !== holdPerson.email) checkReservation(row)
  }
  for (const { row } of events) {
    const id = world.linkOf(row)
    if (id !== undefined && !server.state.reservations.has(id))
      fail("twice", `the event ${row.uid} is of no reservation`)
  }
  if (!isPutBack) checkConflicts()
  checkUnreadable()
  checkBusy()
  checkAsked()
  checkMirrors()
  return found
}
