/**
 * What flows (sync.md), between a real proxy and real calendars, by one `bookio-sync run`: a folder of .ics files, and
 * Debian's Radicale. All scenarios of a kind run at the same time, each on days of its own, as a practice's edits do.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { ics, kinds, localLine, movedTo, owner, withLine } from "../../src/Practice.ts"
import { fromWall, nextClockChange, type RawEvent, termOf, toWall } from "../../src/RawCalendar.ts"
import { runOnce, runSync, startWorker, until, type WorkerProcess } from "../../src/SyncWorker.ts"
import { at, type Facility, person, Refused, startWorld, type Term, term, type World } from "../../src/SyncWorld.ts"
import { differences } from "./Compare.ts"

interface Scene {
  readonly world: World
  readonly worker: WorkerProcess
  readonly facility: Facility
}

const sameTerm = (a: Term, b: Term) => a.startMs === b.startMs && a.endMs === b.endMs

const marked = ({ practice }: Facility, kind: "reservation" | "blockedTime", id: number) =>
  practice.events().filter(({ mark }) => mark?.startsWith(`${kind}/`) && mark.endsWith(`/${id}`))

/** Waits until the one event of a record is so; gives it. */
const eventOf = async (
  facility: Facility,
  id: number,
  holds: (event: RawEvent) => boolean,
  kind: "reservation" | "blockedTime" = "reservation"
): Promise<RawEvent> => {
  const found = () => marked(facility, kind, id)
  await until(
    () => found().length === 1 && holds(found()[0] as RawEvent),
    () => `the event of ${kind} ${id} is so:\n${found().map(({ text }) => text)}`
  )
  return found()[0] as RawEvent
}

const rowIs = (facility: Facility, id: number, holds: (row: Awaited<ReturnType<Facility["row"]>>) => boolean) =>
  until(
    async () => holds(await facility.row(id)),
    async () => `reservation ${id} is so: ${JSON.stringify(await facility.row(id))}`
  )

const blockedIs = (facility: Facility, dayMs: number, expected: ReadonlyArray<string>) =>
  until(
    async () => JSON.stringify(await facility.blockedOn(dayMs)) === JSON.stringify(expected),
    async () => `blocked is ${expected.join()}: ${(await facility.blockedOn(dayMs)).join()}`
  )

const text = ({ endMs, startMs }: Term) => `${toWall(startMs)}/${toWall(endMs)}`

/** An event of the practice's own, by its term. */
const event = (uid: string, { endMs, startMs }: Term, more: { readonly [name: string]: string } = {}) =>
  ics(uid, { DTSTART: localLine(startMs), DTEND: localLine(endMs), SUMMARY: "Zubny lekar mojej zeny", ...more })

const booked = (serviceId: number | undefined, who: ReturnType<typeof person>) => ({
  SUMMARY: `${who.name} ${who.surname}`,
  "X-BOOKIO-SERVICE": String(serviceId),
  "X-BOOKIO-NAME": `${who.name} ${who.surname}`,
  "X-BOOKIO-EMAIL": who.email,
  "X-BOOKIO-PHONE": who.phone
})

const rowsOf = async (facility: Facility, who: ReturnType<typeof person>) =>
  (await facility.reservations()).filter(({ email }) => email === who.email)

interface Scenario {
  readonly title: string
  /** Which facility of the kind: `plain`, `pair` of two doctors with holds, or `open` with texts and put-back. */
  readonly of: "plain" | "pair" | "open"
  readonly play: (scene: Scene) => Promise<void>
}

const scenarios: ReadonlyArray<Scenario> = [
  {
    title: "shows a reservation by initials, and as it is moved, cancelled, confirmed again and missed in Bookio",
    of: "plain",
    play: async ({ facility }) => {
      const start = at(3, "10:00")
      const id = await facility.book(start)
      const first = await eventOf(facility, id, (event) => sameTerm(event, term(start, 30)))
      assert.strictEqual(first.summary, "J. A.")
      assert.isTrue(first.isPrivate)
      assert.notMatch(first.text, /ATTENDEE|ORGANIZER/)
      await rowIs(facility, id, (row) => row.needsSync === false && row.externalId !== undefined)

      await facility.move(id, term(at(3, "12:00"), 45))
      const moved = await eventOf(facility, id, (event) => sameTerm(event, term(at(3, "12:00"), 45)))
      assert.isAbove(moved.sequence, first.sequence)
      await facility.setStatus(id, "CANCELLED")
      await eventOf(facility, id, (event) => event.status === "CANCELLED" && event.isFree)
      await facility.setStatus(id, "CONFIRMED")
      await eventOf(facility, id, (event) => event.status === "CONFIRMED" && !event.isFree)
      await facility.setStatus(id, "DID_NOT_COME")
      const last = await eventOf(facility, id, (event) => event.didNotCome && event.status === "CONFIRMED")
      assert.strictEqual(last.uid, first.uid)
      await rowIs(facility, id, (row) => row.needsSync === false)
    }
  },
  {
    title: "moves, cancels and takes up again in Bookio what the doctor moves, cancels and takes up in the calendar",
    of: "plain",
    play: async ({ facility }) => {
      const id = await facility.book(at(4, "10:00"))
      const to = term(at(4, "13:00"), 60)
      const first = await eventOf(facility, id, () => true)
      await facility.practice.edit(first, (old) => movedTo(old, to))
      await rowIs(facility, id, (row) => sameTerm(termOf(row), to) && row.needsSync === false)
      const moved = await eventOf(facility, id, (event) => sameTerm(event, to))
      await facility.practice.edit(moved, (old) => withLine(old, "STATUS", "CANCELLED"))
      await rowIs(facility, id, (row) => row.status === "CANCELLED")
      const cancelled = await eventOf(facility, id, (event) => event.status === "CANCELLED")
      await facility.practice.edit(cancelled, (old) => withLine(old, "STATUS", "CONFIRMED"))
      await rowIs(facility, id, (row) => row.status === "CONFIRMED" && row.needsSync === false)
    }
  },
  {
    title: "cancels in Bookio what the doctor deletes in the calendar, and does not bring it back",
    of: "plain",
    play: async ({ facility }) => {
      const id = await facility.book(at(5, "10:00"))
      const { file } = await eventOf(facility, id, () => true)
      await rowIs(facility, id, (row) => row.needsSync === false)
      await facility.practice.remove(file)
      await rowIs(facility, id, (row) => row.status === "CANCELLED" && row.needsSync === false)
      assert.lengthOf(marked(facility, "reservation", id), 0)
    }
  },
  {
    title: "turns a busy event into a blocked time without its text, moves it and removes it",
    of: "plain",
    play: async ({ facility }) => {
      const first = term(at(6, "10:00"), 90)
      await facility.practice.put("busy-1.ics", event("busy-1", first))
      await blockedIs(facility, first.startMs, [text(first)])
      const [row] = (await facility.blockedTimes()).filter((one) => sameTerm(termOf(one), first))
      assert.strictEqual(row?.note ?? "", "")
      const second = term(at(6, "14:00"), 30)
      await facility.practice.put("busy-1.ics", event("busy-1", second))
      await blockedIs(facility, first.startMs, [text(second)])
      const [moved] = (await facility.blockedTimes()).filter((one) => sameTerm(termOf(one), second))
      assert.strictEqual(moved?.id, row?.id)
      await facility.practice.remove("busy-1.ics")
      await blockedIs(facility, first.startMs, [])
    }
  },
  {
    title: "blocks the whole days of all-day events and events of several days",
    of: "plain",
    play: async ({ facility }) => {
      const date = (days: number) => `;VALUE=DATE:${toWall(at(days, "12:00")).slice(0, 10).replaceAll("-", "")}`
      await facility.practice.put("day.ics", ics("day", { DTSTART: date(40), SUMMARY: "Dovolenka" }))
      await facility.practice.put("days.ics", ics("days", { DTSTART: date(42), DTEND: date(45), SUMMARY: "Kongres" }))
      const night = { startMs: at(47, "20:00"), endMs: at(49, "08:30") }
      await facility.practice.put("night.ics", event("night", night))
      await blockedIs(facility, at(40, "12:00"), [text({ startMs: at(40, "00:00"), endMs: at(41, "00:00") })])
      await blockedIs(facility, at(42, "12:00"), [text({ startMs: at(42, "00:00"), endMs: at(45, "00:00") })])
      await blockedIs(facility, at(47, "12:00"), [text(night)])
    }
  },
  {
    title: "expands a series across a clock change, with an exception, a moved and a cancelled occurrence",
    of: "plain",
    play: async ({ facility }) => {
      // Weekly at six o'clock, on the change's own weekday: three before it, the fourth on its day, two after.
      const change = nextClockChange(at(30, "12:00"))
      const weekday = (week: number) => toWall(change + week * 7 * 86_400_000).slice(0, 10)
      const on = (week: number, time: string) => fromWall(`${weekday(week)}T${time}:00`)
      const override = (week: number, lines: { readonly [name: string]: string }) =>
        ics("series", { "RECURRENCE-ID": localLine(on(week, "06:00")), SUMMARY: "Porada", ...lines })
          .split("\r\n")
          .slice(3, -2)
      const series = ics(
        "series",
        {
          DTSTART: localLine(on(-3, "06:00")),
          DTEND: localLine(on(-3, "07:00")),
          RRULE: "FREQ=WEEKLY;COUNT=6",
          EXDATE: localLine(on(-2, "06:00")),
          SUMMARY: "Porada"
        },
        ...override(-1, { DTSTART: localLine(on(-1, "07:30")), DTEND: localLine(on(-1, "08:15")) }),
        ...override(1, { DTSTART: localLine(on(1, "06:00")), DTEND: localLine(on(1, "07:00")), STATUS: "CANCELLED" })
      )
      await facility.practice.put("series.ics", series)
      const hour = (week: number) => [`${weekday(week)}T06:00:00/${weekday(week)}T07:00:00`]
      const expected = [hour(-3), [], [`${weekday(-1)}T07:30:00/${weekday(-1)}T08:15:00`], hour(0), [], hour(2), []]
      for (const [index, times] of expected.entries()) await blockedIs(facility, on(index - 3, "12:00"), times)
      await facility.practice.remove("series.ics")
      for (const index of expected.keys()) await blockedIs(facility, on(index - 3, "12:00"), [])
    }
  },
  {
    title: "shows a time that staff blocked, puts back what the doctor does to it, and removes it with it",
    of: "plain",
    play: async ({ facility, world }) => {
      const first = term(at(7, "10:00"), 60)
      const id = await facility.block(first, "Osobne volno pani Kovacovej")
      const shown = await eventOf(facility, id, (event) => sameTerm(event, first), "blockedTime")
      assert.notMatch(shown.text, /Kovac/)
      await facility.practice.edit(shown, (old) => movedTo(old, term(at(7, "15:00"), 60)))
      await eventOf(facility, id, (event) => sameTerm(event, first) && event.text !== shown.text, "blockedTime")
      const { stdout } = await runSync(world.settings, "conflicts", "--facility", facility.name)
      assert.match(stdout, new RegExp(`blocked time ${id}  put-back`))
      assert.deepStrictEqual(await facility.blockedOn(first.startMs), [text(first)])
      await facility.unblock(id)
      await until(() => marked(facility, "blockedTime", id).length === 0, "the event is gone")
      assert.deepStrictEqual(await facility.blockedOn(first.startMs), [])
    }
  },
  {
    title: "makes a reservation of an event that names patient and service, with the event's length",
    of: "plain",
    play: async ({ facility }) => {
      const who = person()
      const when = term(at(8, "10:00"), 75)
      await facility.practice.put("new.ics", event("new", when, booked(facility.services["visit-1"], who)))
      await until(
        async () => (await rowsOf(facility, who)).some((row) => sameTerm(termOf(row), when)),
        async () => `it is booked: ${JSON.stringify(await rowsOf(facility, who))}`
      )
      const [row] = await rowsOf(facility, who)
      assert.strictEqual(row?.name, `${who.name} ${who.surname}`)
      assert.deepStrictEqual(await facility.blockedOn(when.startMs), [])
      // The event stays the doctor's, with our mark.
      const own = await eventOf(facility, row?.id as number, (event) => event.uid === "new")
      assert.strictEqual(own.summary, `${who.name} ${who.surname}`)
      const to = term(at(8, "14:00"), 75)
      await facility.practice.edit(own, (old) => movedTo(old, to))
      await rowIs(facility, row?.id as number, (moved) => sameTerm(termOf(moved), to))
      assert.lengthOf(await rowsOf(facility, who), 1)
    }
  },
  {
    title: "makes a reservation of an invitation of one patient by the rule of its title, and not without a phone",
    of: "plain",
    play: async ({ facility }) => {
      const invite = (uid: string, startMs: number, who: ReturnType<typeof person>, phone: string | undefined) =>
        event(uid, term(startMs, 30), {
          SUMMARY: "Preventivna prehliadka",
          ORGANIZER: `mailto:${owner}`,
          ATTENDEE: `;CN=${who.name} ${who.surname};PARTSTAT=ACCEPTED:mailto:${who.email}`,
          ...(phone === undefined ? {} : { "X-BOOKIO-PHONE": phone })
        })
      const [withPhone, without] = [person(), person()]
      await facility.practice.put("invited.ics", invite("invited", at(9, "10:00"), withPhone, withPhone.phone))
      await facility.practice.put("silent.ics", invite("silent", at(9, "12:00"), without, undefined))
      await until(async () => (await rowsOf(facility, withPhone)).length === 1, "the patient is booked")
      await blockedIs(facility, at(9, "12:00"), [text(term(at(9, "12:00"), 30))])
      assert.lengthOf(await rowsOf(facility, without), 0)
    }
  },
  {
    title: "shows as a conflict what Bookio refuses: the doctor's decision stays in the calendar",
    of: "plain",
    play: async ({ facility, worker, world }) => {
      const taken = await facility.book(at(10, "10:00"))
      const [full, closed] = [await facility.book(at(10, "14:00")), await facility.book(at(10, "16:00"))]
      const [onto, night] = [term(at(10, "10:00"), 30), term(at(10, "23:00"), 30)]
      await facility.practice.edit(await eventOf(facility, full, () => true), (old) => movedTo(old, onto))
      await facility.practice.edit(await eventOf(facility, closed, () => true), (old) => movedTo(old, night))
      const who = person()
      const wish = event("wish", onto, booked(facility.services["visit-1"], who))
      await facility.practice.put("wish.ics", wish)
      const openConflicts = async () => (await worker.health(facility.name)).openConflicts
      await until(
        async () => (await openConflicts()) === 3,
        async () => `three conflicts are open, not ${await openConflicts()}`
      )
      assert.strictEqual((await worker.health(facility.name)).health, "yellow")
      const { stdout } = await runSync(world.settings, "conflicts", "--json", "--facility", facility.name)
      const found = JSON.parse(stdout) as ReadonlyArray<{ readonly state: string; readonly refusal?: string }>
      assert.sameMembers(
        found.flatMap(({ refusal, state }) => (state === "open" ? [refusal] : [])),
        ["NoCapacityLeft", "NoCapacityLeft", "ValidationError"]
      )
      // What could not be booked takes its time all the same.
      await blockedIs(facility, onto.startMs, [text(onto)])
      assert.lengthOf(await rowsOf(facility, who), 0)
      assert.isTrue(sameTerm(await eventOf(facility, full, () => true), onto))
      assert.isTrue(sameTerm(await eventOf(facility, closed, () => true), night))
      for (const [id, time] of [
        [taken, "10:00"],
        [full, "14:00"],
        [closed, "16:00"]
      ] as const) {
        assert.strictEqual(termOf(await facility.row(id)).startMs, at(10, time))
      }
    }
  },
  {
    title: "lets someone else's invitation block only if the doctor accepted it, and never book",
    of: "plain",
    play: async ({ facility }) => {
      const who = person()
      const invitation = (uid: string, time: string, answer: string) =>
        event(uid, term(at(11, time), 60), {
          ...booked(facility.services["visit-1"], who),
          ORGANIZER: "mailto:chief@hospital.example",
          ATTENDEE: `;PARTSTAT=${answer}:mailto:${owner}`
        })
      const { put } = facility.practice
      await put("asked.ics", invitation("asked", "07:00", "NEEDS-ACTION"))
      await put("maybe.ics", invitation("maybe", "09:00", "TENTATIVE"))
      await put("declined.ics", invitation("declined", "11:00", "DECLINED"))
      await put("accepted.ics", invitation("accepted", "13:00", "ACCEPTED"))
      // The doctor's own, while it is not certain; and what takes no time.
      await put("own.ics", event("own", term(at(11, "15:00"), 60), { STATUS: "TENTATIVE" }))
      await put("free.ics", event("free", term(at(11, "17:00"), 60), { TRANSP: "TRANSPARENT" }))
      await put("off.ics", event("off", term(at(11, "19:00"), 60), { STATUS: "CANCELLED" }))
      await blockedIs(facility, at(11, "12:00"), [text(term(at(11, "13:00"), 60)), text(term(at(11, "15:00"), 60))])
      await put("asked.ics", invitation("asked", "07:00", "ACCEPTED"))
      await blockedIs(facility, at(11, "12:00"), [
        text(term(at(11, "07:00"), 60)),
        text(term(at(11, "13:00"), 60)),
        text(term(at(11, "15:00"), 60))
      ])
      assert.lengthOf(await rowsOf(facility, who), 0)
    }
  },
  {
    title: "takes a copy of one of our events for a plain event",
    of: "plain",
    play: async ({ facility }) => {
      const id = await facility.book(at(12, "10:00"))
      const original = await eventOf(facility, id, () => true)
      await rowIs(facility, id, (row) => row.needsSync === false)
      const there = term(at(12, "15:00"), 30)
      const copy = movedTo(original.text, there).replace(original.uid, "a-copy")
      await facility.practice.put("a-copy.ics", copy)
      await blockedIs(facility, there.startMs, [text(there)])
      await facility.practice.remove("a-copy.ics")
      await blockedIs(facility, there.startMs, [])
      const row = await facility.row(id)
      assert.deepInclude(row, { status: "CONFIRMED", dateFrom: toWall(at(12, "10:00")) })
    }
  },
  {
    title: "decides field by field where both sides changed one reservation while the worker was not looking",
    of: "plain",
    play: async ({ facility }) => {
      const [first, second] = [await facility.book(at(13, "08:00")), await facility.book(at(13, "12:00"))]
      const [one, two] = [await eventOf(facility, first, () => true), await eventOf(facility, second, () => true)]
      await rowIs(facility, second, (row) => row.needsSync === false)
      await Promise.all([
        facility.move(first, term(at(13, "09:00"), 30)),
        facility.practice.edit(one, (old) => movedTo(old, term(at(13, "10:00"), 30))),
        facility.move(second, term(at(13, "13:00"), 30)),
        facility.practice.edit(two, (old) => withLine(old, "STATUS", "CANCELLED"))
      ])
      // Whichever came last or won: one term on both sides; and a cancellation stands whatever else was changed.
      await rowIs(facility, second, (row) => row.status === "CANCELLED" && row.needsSync === false)
      await until(async () => {
        const row = await facility.row(first)
        return row.needsSync === false && sameTerm(termOf(row), marked(facility, "reservation", first)[0] as RawEvent)
      }, "both sides show one term")
      assert.include([at(13, "09:00"), at(13, "10:00")], termOf(await facility.row(first)).startMs)
    }
  },
  {
    title: "shows nothing of a person where settings say none, brings the doctor's texts where they allow it",
    of: "open",
    play: async ({ facility }) => {
      const id = await facility.book(at(3, "10:00"))
      const shown = await eventOf(facility, id, () => true)
      assert.strictEqual(shown.summary, "Rezervované")
      const busy = term(at(3, "14:00"), 60)
      await facility.practice.put("text.ics", event("text", busy, { SUMMARY: "Porada o lieku", CLASS: "PUBLIC" }))
      await facility.practice.put(
        "hidden.ics",
        event("hidden", term(at(3, "16:00"), 60), { SUMMARY: "Rozvod", CLASS: "PRIVATE" })
      )
      await blockedIs(facility, busy.startMs, [text(busy), text(term(at(3, "16:00"), 60))])
      const notes = (await facility.blockedTimes()).map(({ note = "" }) => note)
      assert.sameMembers(
        notes.filter((note) => note !== ""),
        ["Porada o lieku"]
      )
    }
  },
  {
    title: "puts back what Bookio refuses or the doctor deletes, where settings say so",
    of: "open",
    play: async ({ facility }) => {
      const taken = await facility.book(at(4, "10:00"))
      const id = await facility.book(at(4, "14:00"))
      const first = await eventOf(facility, id, () => true)
      await rowIs(facility, id, (row) => row.needsSync === false)
      await facility.practice.edit(first, (old) => movedTo(old, term(at(4, "10:00"), 30)))
      await eventOf(facility, id, (event) => event.text !== first.text && event.startMs === at(4, "14:00"))
      await facility.practice.remove(first.file)
      const again = await eventOf(facility, id, (event) => event.uid !== first.uid)
      assert.strictEqual(again.startMs, at(4, "14:00"))
      assert.deepInclude(await facility.row(id), { status: "CONFIRMED", dateFrom: toWall(at(4, "14:00")) })
      assert.deepInclude(await facility.row(taken), { status: "CONFIRMED", dateFrom: toWall(at(4, "10:00")) })
    }
  },
  {
    title: "sends a reservation to its own doctor's calendar, and holds the time of that doctor alone",
    of: "pair",
    play: async ({ facility, worker }) => {
      const [one, two] = facility.practices
      const [first, second] = [await facility.book(at(3, "08:00")), await facility.book(at(3, "08:00"), {}, "visit-2")]
      const has = (practice: typeof one, id: number) =>
        practice?.events().filter(({ mark }) => mark === `reservation/${facility.id}/${id}`).length
      await until(() => has(one, first) === 1 && has(two, second) === 1, "each has its own")
      assert.deepStrictEqual([has(one, second), has(two, first)], [0, 0])

      const busy = term(at(3, "13:00"), 150)
      await one?.put("busy.ics", event("busy", busy))
      // Its calendar says `busy: off`: this goes nowhere.
      await two?.put("busy.ics", event("busy-two", term(at(3, "13:00"), 150)))
      const holds = async () =>
        (await facility.reservations())
          .filter(({ service, status }) => service === facility.services["hold-1"] && status === "CONFIRMED")
          .map((row) => text(termOf(row)))
      await until(
        async () => (await holds()).join() === text(busy),
        async () => `held: ${(await holds()).join()}`
      )
      await until(
        () =>
          facility.book(at(3, "14:00")).then(
            () => false,
            (error: unknown) => error instanceof Refused && error.code === 30
          ),
        "the first doctor's time is taken"
      )
      await facility.book(at(3, "14:00"), {}, "visit-2")
      // Over closing time: only where the doctor is open.
      const late = { startMs: at(3, "21:00"), endMs: at(4, "06:00") }
      await one?.put("busy.ics", event("busy", late))
      const parts = [
        text({ startMs: at(3, "21:00"), endMs: at(3, "22:00") }),
        text({ startMs: at(4, "05:00"), endMs: at(4, "06:00") })
      ]
      await until(
        async () => (await holds()).toSorted().join() === parts.join(),
        async () => `held: ${(await holds()).join()}`
      )
      await one?.remove("busy.ics")
      await until(async () => (await holds()).length === 0, "the holds are cancelled")
      assert.deepStrictEqual(await facility.blockedTimes(), [])
      assert.strictEqual((await worker.health(facility.name)).health, "green")
    }
  }
]

const running = kinds.filter(({ missing }) => missing === undefined).map(({ kind }) => kind)
const nameOf = (kind: string, of: Scenario["of"]) => `${kind}-${of}`

let world: World
let worker: WorkerProcess
const played = new Map<string, Promise<unknown>>()
const failed = new Set<string>()

beforeAll(async () => {
  world = await startWorld({
    facilities: running.flatMap((kind) => {
      // Half of them go without the change feed, as against a Bookio that is not ours.
      const bookio = kind === "radicale" ? { extensions: true } : {}
      return [
        {
          name: nameOf(kind, "plain"),
          kind,
          bookio,
          calendar: (_: number, services: { readonly [name: string]: number }) => ({
            services: [{ title: "prehliadka", serviceId: services["visit-1"] }]
          })
        },
        {
          name: nameOf(kind, "open"),
          kind,
          bookio,
          settings: { details: "none", notes: true, language: "sk", onRefusal: "put-back", onDelete: "restore" }
        },
        {
          name: nameOf(kind, "pair"),
          kind,
          bookio,
          doctors: 2,
          calendar: (doctor: number, services: { readonly [name: string]: number }) =>
            doctor === 1
              ? {
                  busy: "hold",
                  hold: {
                    serviceId: services["hold-1"],
                    name: "Obsadene",
                    surname: "Ordinacia",
                    email: "hold@practice.example",
                    phone: "+421911222333"
                  }
                }
              : {}
        }
      ]
    })
  })
  worker = await startWorker(world.settings)
  // All at the same time: each test below waits for its own.
  for (const kind of running) {
    for (const { of, play, title } of scenarios) {
      const playing = play({ world, worker, facility: world.facility(nameOf(kind, of)) })
      playing.catch(() => failed.add(`${kind} ${title}`))
      played.set(`${kind} ${title}`, playing)
    }
  }
})

afterAll(async () => {
  await worker?.kill()
  await world?.close()
})

for (const { kind, missing } of kinds) {
  const title = missing === undefined ? kind : `${kind} (${missing})`
  describe.skipIf(missing !== undefined)(title, () => {
    for (const scenario of scenarios)
      it(scenario.title, { timeout: 90_000 }, () => played.get(`${kind} ${scenario.title}`))
  })
}

describe("when all of it is over", () => {
  it("the sides are equal, and further passes write nothing", { timeout: 90_000 }, async () => {
    await Promise.allSettled(played.values())
    assert.deepStrictEqual([...failed], [])
    await worker.stop()
    await runOnce(world.settings)
    world.bookioRelay.requests.splice(0)
    world.davRelay?.requests.splice(0)
    const names = running.flatMap((kind) => ["plain", "open", "pair"].map((of) => nameOf(kind, of as Scenario["of"])))
    const files = () => names.map((name) => world.facility(name).practices.map((practice) => [...practice.files()]))
    const before = files()
    const passes = await runOnce(world.settings)
    for (const { counts, facility } of passes) assert.notProperty(counts, "writes", facility)
    await runOnce(world.settings, "--full")
    assert.deepStrictEqual([...world.bookioRelay.changes(), ...(world.davRelay?.changes() ?? [])], [])
    assert.deepStrictEqual(files(), before)
    for (const kind of running) {
      assert.deepStrictEqual(await differences(world.facility(nameOf(kind, "open"))), [])
    }
  })

  it("no calendar shows anything of a patient", () => {
    for (const kind of running) {
      for (const of of ["plain", "open", "pair"] as const) {
        const facility = world.facility(nameOf(kind, of))
        for (const { files } of facility.practices) {
          for (const [file, content] of files()) {
            // What the doctor wrote is the doctor's.
            if (/^(new|invited|silent|wish|asked|maybe|declined|accepted)\.ics$/.test(file)) continue
            assert.notMatch(content, /Jana\d|Adamcova|patients\.example|42190/i, `${facility.name} ${file}`)
          }
        }
      }
    }
  })

  it("Bookio shows nothing of the calendars' texts where settings do not allow it", async () => {
    for (const kind of running) {
      for (const of of ["plain", "pair"] as const) {
        const facility = world.facility(nameOf(kind, of))
        const rows = JSON.stringify([await facility.reservations(), await facility.blockedTimes()])
        assert.notMatch(rows, /Zubny|Dovolenka|Kongres|Porada|prehliadka/i)
      }
    }
  })
})
