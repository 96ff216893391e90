/** What takes the doctor's time: events that become blocked times, and times that staff blocked. */
import { assert } from "@effect/vitest"
import { ics, localLine, movedTo, owner } from "../../../src/Practice.ts"
import { fromWall, nextClockChange, termOf, toWall } from "../../../src/RawCalendar.ts"
import { runSync, until } from "../../../src/SyncWorker.ts"
import { at, person, term } from "../../../src/SyncWorld.ts"
import { blockedIs, booked, event, eventOf, marked, rowsOf, type Scenario, sameTerm, text } from "./Scene.ts"

export const busyTimes: ReadonlyArray<Scenario> = [
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
  }
]
