/** Events of the doctor's that ask for a reservation, and what Bookio refuses. */
import { assert } from "@effect/vitest"
import { movedTo, owner } from "../../../src/Practice.ts"
import { termOf } from "../../../src/RawCalendar.ts"
import { runSync, until } from "../../../src/SyncWorker.ts"
import { at, person, term } from "../../../src/SyncWorld.ts"
import { blockedIs, booked, event, eventOf, rowIs, rowsOf, type Scenario, sameTerm, text } from "./Scene.ts"

export const bookings: ReadonlyArray<Scenario> = [
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
  }
]
