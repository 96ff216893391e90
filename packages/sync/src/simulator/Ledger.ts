/**
 * What the simulator knows for itself: who changed what, what each side has shown since, and which requests of the sync
 * had no cause. It never asks the journal, so that it can judge it.
 */
import type { Mark } from "@bookio-kit/core/sync/Appointment"
import type { Side, SyncTerm } from "@bookio-kit/core/sync/SyncState"
import type { Author, BlockedRow } from "./BookioServer.ts"
import type { Edit, Field, Invariant, Ledger, LedgerOptions, Violation } from "./LedgerTypes.ts"
import type { EventRow } from "./PracticeServer.ts"

export type { Edit, Field, Invariant, Ledger, LedgerOptions, Violation } from "./LedgerTypes.ts"

export const practiceStatus = ({ content }: EventRow): string =>
  content.status === "cancelled" ? "CANCELLED" : content.didNotCome ? "DID_NOT_COME" : "CONFIRMED"

export const make = (options: LedgerOptions): Ledger => {
  const { isOurMark, stateOf, textOf, trace } = options
  const violations: Array<Violation> = []
  const edits: Array<Edit> = []
  const origins = new Map<number, string>()
  const touched = new Set<string>()
  const known = new Set<string>()
  const placed = new Set<string>()
  const rewritten = new Set<string>()
  const replaced = new Set<string>()
  const uids = new Map<number, Set<string>>()
  /** Reservations that an administrator decided to be off. */
  const decided = new Set<number>()
  /** UIDs whose events people cancelled or removed. */
  const calledOff = new Set<string>()
  /** Reservations that people changed since both sides were last seen to agree, and when. */
  const open = new Map<number, number>()
  /** Reservations whose event was removed. */
  const removed = new Set<number>()
  /** Reservations that had an event at some time. */
  const imaged = new Set<number>()
  /** Blocked times that staff removed. */
  const unblocked = new Set<number>()
  /** Terms that some event of the practice took and then did not. */
  const freed = new Set<string>()
  let order = 0

  const fail = (invariant: Invariant, detail: string) => {
    trace(`!! ${invariant}: ${detail}`)
    violations.push({ invariant, detail })
  }

  const orphaned = new Set<string>()

  const linkOf = (row: EventRow): { readonly kind: Mark["kind"]; readonly id: number } | undefined => {
    const { mark } = row.content
    if (mark !== undefined && !orphaned.has(row.uid) && isOurMark(row.uid, mark)) return mark
    for (const [id, uid] of origins) if (uid === row.uid) return { kind: "reservation", id }
    return undefined
  }

  const editsOf = (reservation: number, side: Side, field: Field) =>
    edits.filter((one) => one.reservation === reservation && one.side === side && one.field === field)

  const supersede = (reservation: number, side: Side, field: Field) => {
    for (const one of editsOf(reservation, side, field)) one.isSuperseded = true
  }

  // What goes with an event that is removed, or matters no more while it is off. What has come to the other side stays done.
  const drop = (reservation: number, field: Field) => {
    for (const one of editsOf(reservation, "practice", field)) if (one.arrived === undefined) one.isSuperseded = true
  }

  const edit = (reservation: number, side: Side, field: Field, value: string) => {
    supersede(reservation, side, field)
    open.set(reservation, order)
    const isReturn = agreed.get(`${reservation} ${field}`) === value
    // What the other side shows anyway, such as after a change and its undoing, has nowhere to go.
    const isShown = options.shown(reservation, side === "bookio" ? "practice" : "bookio", field) === value
    edits.push({
      reservation,
      side,
      field,
      value,
      order,
      arrived: isShown || isReturn ? order : undefined,
      isSuperseded: false,
      isStored: false,
      readAt: undefined,
      isReturn
    })
  }

  /** The value that both sides showed when the sync last wrote or compared them, by reservation and field. */
  const agreed = new Map<string, string>()

  const show = (reservation: number, side: Side, field: Field, value: string, by: Author) => {
    for (const one of edits) {
      if (one.reservation !== reservation || one.side === side || one.field !== field) continue
      // What was removed is as good as missed or cancelled.
      const isValue = one.value === value || (one.value === "REMOVED" && value !== "CONFIRMED")
      if (isValue) one.arrived ??= order
    }
    if (by === "sync" && options.shown(reservation, side === "bookio" ? "practice" : "bookio", field) === value) {
      agreed.set(`${reservation} ${field}`, value)
    }
  }

  /** How many changes there had been when the write was sent that is served now. */
  let sentAt = 0

  // The API has no conditional write: a change in Bookio that was not read when ours was sent is overwritten without a trace.
  const overwrite = (reservation: number, field: Field) => {
    for (const one of edits) {
      if (
        one.reservation === reservation &&
        one.side === "bookio" &&
        one.field === field &&
        !(one.readAt !== undefined && one.readAt <= sentAt)
      ) {
        one.isSuperseded = true
      }
    }
  }

  const causeOf = (reservation: number): boolean =>
    removed.has(reservation) ||
    decided.has(reservation) ||
    calledOff.has(origins.get(reservation) ?? "") ||
    edits.some(
      (one) =>
        one.reservation === reservation &&
        one.side === "practice" &&
        one.field === "status" &&
        one.value !== "CONFIRMED"
    )

  const takeFromBudget = (cause: Side, reservation: number) => {
    const number = options.budget.take(cause, reservation)
    if (number !== undefined) fail("proof", `${cause} took away ${number} in 24 hours, and nobody was asked`)
  }

  // Two events with one term are two blocked times: it must have been one too many, now or when it was decided.
  const takenAway = (term: SyncTerm, what: string) => {
    const text = textOf(term)
    if (!freed.has(text) && !options.asks(text) && options.lacks(text) > 0)
      fail("proof", `${what} was taken away without cause`)
  }

  return {
    violations,
    edits,
    fail,
    origins,
    touched,
    known,
    placed,
    rewritten,
    intended: (uid, from, target, reservation) => {
      if (reservation !== undefined) uids.set(reservation, new Set([...(uids.get(reservation) ?? []), uid]))
      if (from.status !== target.status) replaced.add(`${uid} status ${from.status}`)
      if (textOf(from.term) !== textOf(target.term)) replaced.add(`${uid} term ${textOf(from.term)}`)
    },
    uidsOf: (reservation) => uids.get(reservation) ?? new Set(),
    isReplaced: (uid, field, value) => replaced.has(`${uid} ${field} ${value}`),
    orphaned,
    restored: (reservations, uids, blocked, events) => {
      const lost = new Set(reservations)
      for (const uid of uids) orphaned.add(uid)
      for (const row of events) {
        const link = linkOf(row)
        if (link?.kind === "reservation" && lost.has(link.id)) orphaned.add(row.uid)
      }
      for (const id of lost) origins.delete(id)
      for (const id of blocked) unblocked.add(id)
      // What had come to the other side may be undone; whose change it was, nobody can tell.
      for (const one of edits) one.isSuperseded = true
      agreed.clear()
      open.clear()
    },
    stored: (reservation, state) => {
      for (const one of edits) {
        if (one.reservation !== reservation || one.side !== "practice") continue
        const value = state === undefined ? "REMOVED" : one.field === "term" ? textOf(state.term) : state.status
        if (one.value === value) one.isStored = true
      }
    },
    replacing: (row, since) => {
      const link = linkOf(row)
      if (link?.kind !== "reservation") return
      // Nobody can have seen what was there only between the reading and the write that it was compared for.
      for (const one of edits) {
        const isUnseen = one.order > since && !one.isStored && one.arrived === undefined
        if (one.reservation === link.id && one.side === "practice" && isUnseen) one.isSuperseded = true
      }
    },
    calledOff: (reservation) => void decided.add(reservation),
    told: (uid) => {
      for (const one of edits)
        if (one.side === "practice" && options.uidOf(one.reservation) === uid) one.readAt ??= order
    },
    listed: (reservations, until) => {
      const ids = new Set(reservations)
      for (const one of edits) {
        if (one.side === "bookio" && ids.has(one.reservation) && one.order <= until) one.readAt ??= order
      }
    },
    confirming: (reservation) => {
      for (const field of ["status", "term"] as const) {
        const mine = editsOf(reservation, "bookio", field).find((one) => !one.isSuperseded)
        if (mine === undefined || mine.readAt === undefined || mine.arrived !== undefined) continue
        // Where the practice has changed it too, or never had it, something else may have been decided.
        // What was perhaps made, and was not seen since, may not be there.
        const isContested =
          !known.has(options.uidOf(reservation) ?? "") ||
          origins.has(reservation) ||
          edits.some((one) => one.reservation === reservation && one.side === "practice")
        const shown = options.shown(reservation, "practice", field)
        const isOn = options.shown(reservation, "practice", "status") === "CONFIRMED"
        if (isContested || shown === undefined || shown === mine.value || (field === "term" && !isOn)) continue
        fail(
          "durable",
          `reservation ${reservation} is confirmed, and its ${field} ${mine.value} is not in the practice yet`
        )
      }
    },
    serving: (sent) => {
      sentAt = sent
    },
    allow: options.budget.allow,
    order: () => order,
    passed: (since) => {
      for (const [reservation, at] of open) {
        const isUnread = edits.some(
          (one) => one.reservation === reservation && !one.isSuperseded && one.readAt === undefined
        )
        if (at > since || isUnread) continue
        open.delete(reservation)
        for (const field of ["term", "status"] as const) {
          const value = options.shown(reservation, "bookio", field)
          if (value !== undefined && options.shown(reservation, "practice", field) === value) {
            agreed.set(`${reservation} ${field}`, value)
          }
        }
      }
    },
    reservation: (before, after, by: Author) => {
      order++
      trace(`${by} reservation ${after.id} ${after.status} ${textOf(after.term)}`)
      const isHold = after.email === options.holdEmail
      if (before === undefined) {
        if (by === "people") return
        if (!options.notes && after.note !== "") fail("private", `reservation ${after.id} has the text of an event`)
        if (isHold) return
        const uid = options.uidOfEmail(after.email)
        if (uid === undefined) return fail("proof", `reservation ${after.id} was made for nobody`)
        origins.set(after.id, uid)
        imaged.add(after.id)
        show(after.id, "bookio", "term", textOf(after.term), by)
        show(after.id, "bookio", "status", after.status, by)
        return
      }
      const isMoved = textOf(before.term) !== textOf(after.term)
      if (by === "people") {
        if (isMoved) edit(after.id, "bookio", "term", textOf(after.term))
        if (before.status !== after.status) edit(after.id, "bookio", "status", after.status)
      } else {
        if (isMoved) overwrite(after.id, "term")
        if (before.status !== after.status) overwrite(after.id, "status")
        const isTaken = before.status === "CONFIRMED" && (isMoved || after.status === "CANCELLED")
        if (isTaken && !isHold) takeFromBudget("practice", after.id)
      }
      if (by === "sync" && isHold) {
        if (before.status === "CONFIRMED" && after.status !== "CONFIRMED") takenAway(before.term, `hold ${after.id}`)
      } else if (by === "sync" && before.status === "CONFIRMED" && after.status !== "CONFIRMED" && !causeOf(after.id)) {
        fail("proof", `reservation ${after.id} was ${after.status} without cause`)
      }
      show(after.id, "bookio", "term", textOf(after.term), by)
      show(after.id, "bookio", "status", after.status, by)
    },
    refused: ({ email }, term) => {
      const uid = email === options.holdEmail ? undefined : options.uidOfEmail(email)
      if (uid !== undefined && options.isInOwnWay(uid, term)) {
        fail("twice", `the event ${uid} has a blocked time in the way of its own booking`)
      }
    },
    confirmed: (row) => {
      trace(`confirmed ${row.id}`)
      // Confirmed again after it was read as cancelled: it had no appointment to be made, and is looked at once more.
      const isNews = editsOf(row.id, "bookio", "status").some((one) => !one.isSuperseded && one.readAt === undefined)
      if (row.status === "CONFIRMED" && row.email !== options.holdEmail && !imaged.has(row.id) && !isNews) {
        fail("durable", `reservation ${row.id} was confirmed before there was an appointment`)
      }
    },
    blocked: (before: BlockedRow | undefined, after: BlockedRow | undefined, by: Author) => {
      order++
      const row = after ?? before
      if (row === undefined) return
      trace(`${by} blocked ${row.id} ${after === undefined ? "removed" : textOf(row.term)}`)
      if (by === "people") {
        if (after === undefined) unblocked.add(row.id)
        // What staff moved there stands for no event of that time, though one may have come to take it since.
        else if (before?.externalId !== undefined) freed.add(textOf(after.term))
        return
      }
      if (!options.notes && row.note !== "") fail("private", `blocked time ${row.id} has the text of an event`)
      if (before !== undefined && before.externalId === undefined) {
        return fail("proof", `blocked time ${row.id} of the staff was changed`)
      }
      if (before !== undefined && after === undefined) takenAway(before.term, `blocked time ${before.id}`)
    },
    practice: (calendar) => ({
      event: (before, after, by) => {
        order++
        const row = after ?? before
        if (row === undefined) return
        trace(
          `${by} event ${calendar} ${row.uid} ${after === undefined ? "removed" : `${practiceStatus(row)} ${textOf(row.content.term)}`}`
        )
        const link = linkOf(row)
        const isKept = after !== undefined && after.content.status !== "cancelled"
        if (by === "sync" && orphaned.has(row.uid) && link === undefined && !isKept) {
          fail("proof", `the event ${row.uid} of a reservation that the server lost was taken away`)
        }
        const isMovedAway = after === undefined && options.isThere(row.uid)
        const isOff = after === undefined ? !isMovedAway : practiceStatus(after) !== "CONFIRMED"
        if (by === "people" && isOff) calledOff.add(row.uid)
        if (by === "people" && before !== undefined) {
          const now = after === undefined ? [] : options.takes(calendar, after)
          // A removal that was sent while an event asked for a reservation is sent again where nobody heard of it.
          const hasAsked = before.content.booking !== undefined
          for (const term of options.takes(calendar, before)) if (hasAsked || !now.includes(term)) freed.add(term)
        }
        if (link === undefined) return
        if (link.kind === "blockedTime") {
          if (by === "people") touched.add(row.uid)
          else if (after === undefined && !unblocked.has(link.id)) {
            fail("proof", `the event ${row.uid} of blocked time ${link.id} was removed without cause`)
          }
          return
        }
        if (after !== undefined) imaged.add(link.id)
        const value = after === undefined ? "REMOVED" : practiceStatus(after)
        if (by === "people") {
          touched.add(row.uid)
          if (isMovedAway) return
          if (after === undefined) {
            removed.add(link.id)
            // Its last move goes with it.
            drop(link.id, "term")
          }
          if (before === undefined) return
          // One that was gone before the sync could know of it was never there.
          if (after === undefined && !known.has(row.uid)) return drop(link.id, "status")
          const isOn = practiceStatus(before) === "CONFIRMED"
          if (after !== undefined && textOf(before.content.term) !== textOf(after.content.term)) {
            edit(link.id, "practice", "term", textOf(after.content.term))
          }
          // One that was off already was tidied up; and whoever confirms again, confirms the term that it has by then.
          // So was one whose last confirmation nobody has read.
          const last = editsOf(link.id, "practice", "status").find((one) => !one.isSuperseded)
          const isKnownOn = isOn && !(last?.value === "CONFIRMED" && !last.isStored)
          const isTidied = after === undefined && !isKnownOn
          if (isTidied) drop(link.id, "status")
          if (value !== practiceStatus(before) && !isTidied) edit(link.id, "practice", "status", value)
          if (after !== undefined && !isOn && value === "CONFIRMED") {
            edit(link.id, "practice", "term", textOf(after.content.term))
          }
          const status = stateOf(link.id)?.status
          if (status !== undefined && status !== "CONFIRMED") show(link.id, "bookio", "status", status, by)
        } else {
          const isTakenOff = value !== "CONFIRMED" && (before === undefined || practiceStatus(before) === "CONFIRMED")
          const isMoved =
            before !== undefined && after !== undefined && textOf(before.content.term) !== textOf(after.content.term)
          if (before !== undefined && ((isTakenOff && value === "CANCELLED") || (isMoved && value === "CONFIRMED")))
            takeFromBudget("bookio", link.id)
          const isCaused =
            stateOf(link.id)?.status !== "CONFIRMED" ||
            edits.some(
              (one) =>
                one.reservation === link.id &&
                one.field === "status" &&
                one.side === "bookio" &&
                one.value !== "CONFIRMED"
            )
          if (isTakenOff && !isCaused)
            fail("proof", `the event ${row.uid} of reservation ${link.id} was ${value} without cause`)
        }
        if (after !== undefined) show(link.id, "practice", "term", textOf(after.content.term), by)
        show(link.id, "practice", "status", value, by)
      }
    })
  }
}
