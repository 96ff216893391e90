/** Reservations of Bookio in the calendar, and what the doctor and Bookio do to them there. */
import { assert } from "@effect/vitest"
import { movedTo, withLine } from "../../../src/Practice.ts"
import { type RawEvent, termOf, toWall } from "../../../src/RawCalendar.ts"
import { until } from "../../../src/SyncWorker.ts"
import { at, term } from "../../../src/SyncWorld.ts"
import { blockedIs, eventOf, marked, rowIs, type Scenario, sameTerm, text } from "./Scene.ts"

export const reservations: ReadonlyArray<Scenario> = [
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
  }
]
