/** What settings choose: texts, putting back, and holds where there are several doctors. */
import { assert } from "@effect/vitest"
import { movedTo } from "../../../src/Practice.ts"
import { termOf, toWall } from "../../../src/RawCalendar.ts"
import { until } from "../../../src/SyncWorker.ts"
import { at, Refused, term } from "../../../src/SyncWorld.ts"
import { blockedIs, event, eventOf, rowIs, type Scenario, text } from "./Scene.ts"

export const choices: ReadonlyArray<Scenario> = [
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
