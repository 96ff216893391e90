/**
 * Edits of both sides by a seed: patients and staff in Bookio, the doctor in the calendar. Each record has days of its own,
 * and is changed by one side or by both. What one side alone changes must be so in the end: that is remembered.
 */
import { ics, localLine, movedTo, withLine } from "../../src/Practice.ts"
import { type RawEvent, termOf, toWall } from "../../src/RawCalendar.ts"
import { at, type Facility, person, Refused, type Row, type Term, term } from "../../src/SyncWorld.ts"

/** A pseudo-random sequence of whole numbers below a bound: the same in each run. */
export const dice = (seed: number) => {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >> 8) % below
  }
}

type Status = "CONFIRMED" | "CANCELLED" | "DID_NOT_COME"

interface Reservation {
  readonly email: string
  readonly by: "bookio" | "practice" | "both"
  readonly day: number
  id?: number
  /** Of the doctor's own event. */
  readonly file?: string
  status: Status
  term: Term
  /** It was off at some time, by either side. */
  wasOff?: true
  /** The doctor removed its event. */
  isRemoved?: true
  /** Its event was there at some time. */
  wasShown?: true
}

interface Busy {
  readonly day: number
  readonly file: string
  term: Term | undefined
}

interface Blocked {
  readonly day: number
  id?: number
  term: Term | undefined
}

export interface Edits {
  /** Makes one edit. */
  readonly step: () => Promise<void>
  /** How many were made. */
  readonly made: () => number
  /** Whether a reservation needs no event by what the edits were. */
  readonly mayLackEvent: (row: Row) => boolean
  /** What is not as the last edit left it, one line each. */
  readonly lost: () => Promise<ReadonlyArray<string>>
}

/** Whether an edit could not be made because the other side was quicker. */
const isOvertaken = (error: unknown): boolean =>
  error instanceof Refused || (error instanceof Error && /: 404$|ENOENT/.test(error.message))

const text = ({ endMs, startMs }: Term) => `${toWall(startMs)}/${toWall(endMs)}`

/** Makes the edits of a facility. */
export const makeEdits = (facility: Facility, seed: number): Edits => {
  const roll = dice(seed)
  const { practice } = facility
  const reservations: Array<Reservation> = []
  const busy: Array<Busy> = []
  const blocked: Array<Blocked> = []
  let days = 1
  let made = 0

  const newDay = () => {
    days += 1
    return days
  }
  const someTerm = (day: number): Term =>
    term(at(day, `${String(6 + roll(13)).padStart(2, "0")}:${roll(2) === 0 ? "00" : "30"}`), 30 * (1 + roll(3)))
  const pick = <A>(items: ReadonlyArray<A>): A | undefined => items[roll(Math.max(1, items.length))]

  const book = async () => {
    const day = newDay()
    const when = someTerm(day)
    const who = person()
    const by = (["bookio", "practice", "both"] as const)[roll(3)] ?? "both"
    if (roll(3) > 0) {
      const id = await facility.book(when.startMs, who)
      const slot = term(when.startMs, 30)
      reservations.push({ email: who.email, by, day, id, status: "CONFIRMED", term: slot })
      return
    }
    const file = `patient-${day}.ics`
    const lines = {
      DTSTART: localLine(when.startMs),
      DTEND: localLine(when.endMs),
      SUMMARY: "Patient",
      "X-BOOKIO-SERVICE": String(facility.services["visit-1"]),
      "X-BOOKIO-NAME": `${who.name} ${who.surname}`,
      "X-BOOKIO-EMAIL": who.email,
      "X-BOOKIO-PHONE": who.phone
    }
    await practice.put(file, ics(`patient-${day}`, lines))
    reservations.push({
      email: who.email,
      by: by === "bookio" ? "both" : by,
      day,
      file,
      status: "CONFIRMED",
      term: when
    })
  }

  const changeInBookio = async (record: Reservation) => {
    const row = (await facility.reservations()).find(({ email }) => email === record.email)
    if (row === undefined) return
    const current = record.by === "bookio" ? record.status : (row.status as Status)
    const choice = roll(4)
    if (current !== "CONFIRMED") {
      await facility.setStatus(row.id, "CONFIRMED")
      record.status = "CONFIRMED"
    } else if (choice < 2) {
      const to = someTerm(record.day)
      await facility.move(row.id, to)
      record.term = to
    } else {
      // What the practice cancels meanwhile could not be told to Bookio (engine.md, rule 7): a conflict, rightly.
      const status = choice === 2 || record.by === "both" ? "CANCELLED" : "DID_NOT_COME"
      await facility.setStatus(row.id, status)
      record.status = status
      if (status === "CANCELLED") record.wasOff = true
    }
  }

  const eventOf = (record: Reservation): RawEvent | undefined =>
    practice
      .events()
      .find(({ file, mark }) =>
        record.file === undefined
          ? mark?.endsWith(`/${record.id}`) && mark.startsWith("reservation")
          : file === record.file
      )

  const changeInPractice = async (record: Reservation) => {
    const event = eventOf(record)
    if (event === undefined) return
    if (event.status === "CANCELLED") {
      await practice.edit(event, (old) => withLine(old, "STATUS", "CONFIRMED"))
      record.status = "CONFIRMED"
    } else if (roll(4) === 0) {
      await practice.edit(event, (old) => withLine(old, "STATUS", "CANCELLED"))
      record.status = "CANCELLED"
      record.wasOff = true
    } else if (roll(8) === 0 && record.by === "both") {
      await practice.remove(event.file)
      record.isRemoved = true
    } else {
      const to = someTerm(record.day)
      await practice.edit(event, (old) => movedTo(old, to))
      record.term = to
    }
  }

  const changeBusy = async () => {
    const known = roll(2) === 0 ? undefined : pick(busy)
    const one = known ?? { day: newDay(), file: `busy-${days}.ics`, term: undefined }
    if (known === undefined) busy.push(one)
    if (one.term !== undefined && roll(3) === 0) {
      await practice.remove(one.file)
      one.term = undefined
      return
    }
    const to = someTerm(one.day)
    const lines = { DTSTART: localLine(to.startMs), DTEND: localLine(to.endMs), SUMMARY: "Busy" }
    await practice.put(one.file, ics(one.file, lines))
    one.term = to
  }

  const changeBlocked = async () => {
    const known = roll(2) === 0 ? undefined : pick(blocked.filter(({ id }) => id !== undefined))
    if (known?.id === undefined) {
      const day = newDay()
      const when = someTerm(day)
      blocked.push({ day, id: await facility.block(when), term: when })
    } else if (roll(3) === 0) {
      await facility.unblock(known.id)
      known.term = undefined
      delete known.id
    } else {
      const to = someTerm(known.day)
      await facility.moveBlocked(known.id, to)
      known.term = to
    }
  }

  const noteShown = () => {
    const marks = new Set(practice.events().flatMap(({ mark }) => mark ?? []))
    for (const record of reservations) if (marks.has(`reservation/${facility.id}/${record.id}`)) record.wasShown = true
  }

  // Cancelled before it was ever asked for to the end.
  const isTakenBack = (record: Reservation) =>
    record.file !== undefined && (eventOf(record)?.status ?? "CANCELLED") === "CANCELLED"

  return {
    step: async () => {
      noteShown()
      made += 1
      const choice = roll(10)
      try {
        if (choice < 2 || reservations.length < 3) return await book()
        if (choice < 4) return await changeBusy()
        if (choice < 5) return await changeBlocked()
        const record = pick(reservations)
        if (record === undefined) return
        const inBookio = record.by === "bookio" || (record.by === "both" && roll(2) === 0)
        return await (inBookio ? changeInBookio(record) : changeInPractice(record))
      } catch (error) {
        if (!isOvertaken(error)) throw error
      }
    },
    made: () => made,
    mayLackEvent: ({ email, status }) => {
      const record = reservations.find((one) => one.email === email)
      if (record === undefined || status === "CONFIRMED") return false
      if (record.isRemoved) return true
      // What was off before it was shown has no event, and gets none for being missed.
      return record.wasOff === true && record.wasShown !== true && record.file === undefined
    },
    lost: async () => {
      const rows = await facility.reservations()
      const times = (await facility.blockedTimes()).map((row) => text(termOf(row)))
      const found: Array<string> = []
      for (const record of reservations) {
        const mine = rows.filter(({ email }) => email === record.email)
        const [row] = mine
        if (mine.length > 1 || (row === undefined && !isTakenBack(record))) {
          found.push(`${record.email} has ${mine.length} reservations`)
        } else if (row !== undefined && record.by !== "both") {
          if (row.status !== record.status) found.push(`${record.email} is ${row.status} and not ${record.status}`)
          // Moved while it was cancelled is not moved: Bookio does not take that.
          else if (row.status === "CONFIRMED" && text(termOf(row)) !== text(record.term)) {
            found.push(`${record.email} is at ${text(termOf(row))} and not at ${text(record.term)}`)
          }
        }
      }
      for (const { term } of [...busy, ...blocked]) {
        if (term !== undefined && !times.includes(text(term))) found.push(`${text(term)} is not blocked`)
      }
      return found
    }
  }
}
