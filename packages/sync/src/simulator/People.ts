/** What people do on both sides: patients and staff in Bookio, the doctor in the practice calendar. */

import type { SyncTerm } from "@bookio-kit/core/sync/SyncState"
import { epochDayAt, startOfDay } from "@bookio-kit/core/time/TimeZone"
import type { ReservationRow } from "./BookioServer.ts"
import type { EventContent, EventRow, PracticeServer } from "./PracticeServer.ts"
import type { Prng } from "./Prng.ts"
import { holdPerson, timeZone } from "./Settings.ts"
import type { World } from "./World.ts"

export interface People {
  /** Does one thing, if there is anything to do it to. */
  readonly act: () => void
  /** Makes something unreadable; gives how it is mended. */
  readonly spoil: () => (() => void) | undefined
  /** Changes a reservation or its event on one side, of those that were changed within the last minute. */
  readonly hurry: () => void
}

const minuteMs = 60_000
const dayMs = 86_400_000

export const make = (world: World, chance: Prng): People => {
  const { practices, server, settings, time } = world
  let drawn = 0

  const slot = (minutes: number): SyncTerm => {
    const day =
      epochDayAt(timeZone, time.nowMs()) +
      chance.weighted([
        [5, chance.int(1, 6)],
        [1, chance.int(7, 25)]
      ])
    // Nights too: that is when clocks change.
    const isNight = chance.chance(0.2)
    const startMs = startOfDay(timeZone, day) + (isNight ? chance.int(0, 8) : chance.int(16, 33)) * 30 * minuteMs
    return { startMs, endMs: startMs + minutes * minuteMs }
  }
  const patient = () => {
    drawn++
    return {
      name: "Pat",
      surname: `P${drawn}`,
      email: `p${drawn}@patients.example`,
      phone: `+4219111${10_000 + drawn}`,
      note: ""
    }
  }
  const isFuture = (term: SyncTerm) => term.endMs > time.nowMs() + dayMs / 2
  const practice = (): PracticeServer => chance.pick([...practices.values()])
  const some = <A>(rows: Iterable<A>, of: (row: A) => boolean, use: (row: A) => void) => {
    const found = [...rows].filter(of)
    if (found.length > 0) use(chance.pick(found))
  }
  const reservation = (of: (row: ReservationRow) => boolean, use: (row: ReservationRow) => void) =>
    some(
      server.state.reservations.values(),
      (row) => row.email !== holdPerson.email && row.isMalformed !== true && isFuture(row.term) && of(row),
      use
    )

  const plain = (term: SyncTerm): EventContent => ({
    term,
    status: "confirmed",
    isTransparent: false,
    isPrivate: chance.chance(0.3),
    participation: "organizer",
    text: `Private matter ${drawn}`,
    didNotCome: false,
    attendees: []
  })
  const add = (content: EventContent, calendar = practice()) => {
    drawn++
    calendar.create(`own-${drawn}`, content, "people")
  }
  const change = (calendar: PracticeServer, row: EventRow, content: Partial<EventContent>) =>
    calendar.update(row.href, { ...row.content, ...content }, "people")
  const isOurs = (row: EventRow) => row.content.mark !== undefined && !row.uid.startsWith("own-")
  const isLinked = (row: EventRow) => world.linkOf(row) !== undefined
  const length = ({ endMs, startMs }: SyncTerm) => (endMs - startMs) / minuteMs

  const book = () =>
    void server.book(
      { service: chance.pick(settings.calendars).services[0]?.id ?? 0, startMs: slot(30).startMs, ...patient() },
      "people"
    )
  const staff: ReadonlyArray<readonly [number, () => void]> = [
    [10, book],
    [
      5,
      () =>
        reservation(
          ({ status }) => status === "CONFIRMED",
          (row) => void server.move(row.id, slot(length(row.term)), "people")
        )
    ],
    [
      3,
      () =>
        reservation(
          ({ status }) => status === "CONFIRMED",
          (row) => void server.setStatus(row.id, "CANCELLED", "people")
        )
    ],
    [
      1,
      () =>
        reservation(
          ({ status }) => status === "CONFIRMED",
          (row) => void server.setStatus(row.id, "DID_NOT_COME", "people")
        )
    ],
    [
      2,
      () =>
        reservation(
          ({ status }) => status !== "CONFIRMED",
          (row) => void server.setStatus(row.id, "CONFIRMED", "people")
        )
    ],
    [3, () => void server.block(slot(chance.pick([30, 60, 240])), "staff", undefined, "people")],
    [
      2,
      () =>
        some(
          server.state.blocked.values(),
          (row) => isFuture(row.term) && row.isMalformed !== true,
          (row) => void server.moveBlocked(row.id, slot(length(row.term)), "people")
        )
    ],
    [
      2,
      () =>
        some(
          server.state.blocked.values(),
          (row) => isFuture(row.term) && row.isMalformed !== true,
          (row) => void server.unblock(row.id, "people")
        )
    ],
    [
      1,
      () =>
        some(
          server.state.reservations.values(),
          (row) => row.email === holdPerson.email && row.status === "CONFIRMED" && isFuture(row.term),
          (row) => void server.setStatus(row.id, "CANCELLED", "people")
        )
    ]
  ]

  const busy = () => {
    const term = slot(chance.pick([30, 45, 60, 180]))
    const day = startOfDay(timeZone, epochDayAt(timeZone, term.startMs))
    const days = chance.int(1, 2)
    add(
      chance.pick([
        plain(term),
        plain(term),
        plain({ startMs: day, endMs: startOfDay(timeZone, epochDayAt(timeZone, term.startMs) + days) }),
        { ...plain(term), series: { count: chance.int(2, 5), everyDays: chance.pick([1, 7]), off: [], moved: {} } },
        { ...plain(term), status: "tentative" },
        { ...plain(term), participation: chance.pick(["accepted", "tentative", "declined", "needs-action"]) },
        { ...plain(term), isTransparent: true }
      ])
    )
  }
  const bookingIn = (calendar: PracticeServer) => {
    const served = settings.bound.find(({ name }) => name === calendar.name)?.serves ?? []
    const service = settings.calendars.find(({ id }) => served.includes(id))?.services[0]
    const { email, name, phone, surname } = patient()
    return { service: String(service?.id), name: `${name} ${surname}`, email, phone }
  }
  const asks = () => {
    const calendar = practice()
    const term = slot(chance.pick([30, 30, 45]))
    add({ ...plain(term), booking: bookingIn(calendar) }, calendar)
  }
  const isElsewhere = (calendar: PracticeServer, { uid }: EventRow) =>
    [...practices.values()].some((other) => other !== calendar && other.byUid(uid) !== undefined)
  const event = (of: (row: EventRow) => boolean, use: (calendar: PracticeServer, row: EventRow) => void) => {
    const calendar = practice()
    some(
      calendar.rows.values(),
      // One that is being moved has its program's attention, and nobody else's.
      (row) => of(row) && row.isMalformed !== true && isFuture(row.content.term) && !isElsewhere(calendar, row),
      (row) => use(calendar, row)
    )
  }
  const moved = (calendar: PracticeServer, row: EventRow) => {
    const { series, term } = row.content
    if (series === undefined || chance.chance(0.3)) return void change(calendar, row, { term: slot(length(term)) })
    const index = chance.int(0, series.count - 1)
    const key = new Date(term.startMs + index * series.everyDays * dayMs).toISOString().replace(".000", "")
    change(calendar, row, {
      series: chance.chance(0.5)
        ? { ...series, off: [...series.off, key] }
        : { ...series, moved: { ...series.moved, [key]: slot(length(term)) } }
    })
  }
  // As calendar programs do it: it is made in the other calendar, and then removed from its own.
  const carried = new Set<string>()
  const carry = (calendar: PracticeServer, { content, href, uid }: EventRow) => {
    const others = [...practices.values()].filter((other) => other !== calendar)
    carried.add(uid)
    if (others.length === 0 || typeof chance.pick(others).create(uid, content, "people") === "string") return
    const gapMs = chance.chance(0.5) ? 0 : chance.int(1, 90_000)
    if (gapMs === 0) calendar.remove(href, "people")
    else time.after(gapMs, () => void calendar.remove(href, "people"))
  }
  const isPlain = (row: EventRow) => !isOurs(row) && !isLinked(row)
  const doctor: ReadonlyArray<readonly [number, () => void]> = [
    [8, busy],
    [4, asks],
    // What was busy becomes a patient's visit, and the other way round.
    [
      2,
      () =>
        event(
          (row) => isPlain(row) && row.content.series === undefined && !row.content.isTransparent,
          (calendar, row) => {
            const { booking, ...content } = row.content
            const next = booking === undefined ? { ...content, booking: bookingIn(calendar) } : content
            calendar.update(row.href, next, "people")
          }
        )
    ],
    // Two ask for one place.
    [
      1,
      () =>
        event(
          ({ content }) => content.booking !== undefined,
          (calendar, { content }) => add({ ...plain(content.term), booking: bookingIn(calendar) }, calendar)
        )
    ],
    [4, () => event(isPlain, moved)],
    [3, () => event(isPlain, (calendar, row) => void calendar.remove(row.href, "people"))],
    [
      1,
      () => event(isPlain, (calendar, row) => void change(calendar, row, { isTransparent: !row.content.isTransparent }))
    ],
    [
      1,
      () =>
        event(
          isPlain,
          (calendar, row) =>
            void change(calendar, row, { status: row.content.status === "cancelled" ? "confirmed" : "cancelled" })
        )
    ],
    [1, () => event(isPlain, (calendar, row) => void change(calendar, row, { text: `Another matter ${drawn}` }))],
    [5, () => event(isLinked, (calendar, row) => void change(calendar, row, { term: slot(length(row.content.term)) }))],
    [3, () => event(isLinked, (calendar, row) => void calendar.remove(row.href, "people"))],
    [
      2,
      () =>
        event(
          isLinked,
          (calendar, row) =>
            void change(calendar, row, { status: row.content.status === "cancelled" ? "confirmed" : "cancelled" })
        )
    ],
    [1, () => event(isLinked, (calendar, row) => void change(calendar, row, { didNotCome: !row.content.didNotCome }))],
    [1, () => event(isLinked, (calendar, row) => void change(calendar, row, { text: `A note ${drawn}` }))],
    [1, () => event(isLinked, carry)],
    [1, () => event(isOurs, (_, row) => add({ ...row.content, term: slot(length(row.content.term)) }))],
    [
      1,
      () =>
        event(
          (row) => world.blockedOf(row) !== undefined,
          (calendar, row) => void change(calendar, row, { term: slot(length(row.content.term)) })
        )
    ],
    [
      1,
      () =>
        event(
          (row) => world.blockedOf(row) !== undefined,
          (calendar, row) => void calendar.remove(row.href, "people")
        )
    ]
  ]
  const hurry = () =>
    reservation(
      ({ changedMs }) => changedMs > server.nowMs() - minuteMs,
      (row) => {
        const isOn = row.status === "CONFIRMED"
        const term = chance.chance(0.6) ? slot(length(row.term)) : undefined
        if (chance.chance(0.5)) {
          if (term !== undefined && isOn) server.move(row.id, term, "people")
          else server.setStatus(row.id, isOn ? "CANCELLED" : "CONFIRMED", "people")
          return
        }
        for (const calendar of practices.values()) {
          for (const event of calendar.rows.values()) {
            if (event.isMalformed === true || world.linkOf(event) !== row.id || isElsewhere(calendar, event)) continue
            const status = event.content.status === "cancelled" ? "confirmed" : "cancelled"
            return void change(calendar, event, term === undefined ? { status } : { term })
          }
        }
      }
    )
  // One side at a time.
  const isEventBad = (id: number) =>
    [...practices.values()].some(({ rows }) =>
      [...rows.values()].some(
        (row) => row.isMalformed === true && (world.linkOf(row) ?? world.blockedOf(row) ?? id) === id
      )
    )
  const isRowBad = (row: EventRow) => {
    const id = world.linkOf(row) ?? world.blockedOf(row)
    const { blocked, reservations } = server.state
    if (id !== undefined) return reservations.get(id)?.isMalformed === true || blocked.get(id)?.isMalformed === true
    return [...reservations.values(), ...blocked.values()].some(({ isMalformed }) => isMalformed === true)
  }
  const spoilRow = () => {
    const rows = [...server.state.reservations.values(), ...server.state.blocked.values()].filter(
      (row) => isFuture(row.term) && row.isMalformed !== true && !isEventBad(row.id)
    )
    if (rows.length === 0) return undefined
    const { id } = chance.pick(rows)
    server.spoil(id, true)
    return () => server.spoil(id, false)
  }
  const spoilEvent = () => {
    const calendar = practice()
    // What nobody has read yet where it is now may be what was moved away from where it was.
    const rows = [...calendar.rows.values()].filter(
      (row) =>
        row.isMalformed !== true &&
        isFuture(row.content.term) &&
        !isElsewhere(calendar, row) &&
        !isRowBad(row) &&
        (!carried.has(row.uid) || world.ledger.placed.has(row.href))
    )
    if (rows.length === 0) return undefined
    const { href } = chance.pick(rows)
    calendar.spoil(href)
    return () => {
      const row = calendar.rows.get(href)
      if (row?.isMalformed !== true) return
      const isMoved = chance.chance(0.4)
      change(calendar, row, isMoved ? { term: slot(length(row.content.term)) } : {})
    }
  }
  const spoil = () => (chance.chance(0.3) ? spoilRow() : spoilEvent())
  return { spoil, hurry, act: () => (chance.chance(0.45) ? chance.weighted(staff)() : chance.weighted(doctor)()) }
}
