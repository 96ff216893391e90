import { assert, describe, it } from "@effect/vitest"
import type { Occurrence } from "../../src/sync/Appointment.ts"
import { blocks, mayBook } from "../../src/sync/AppointmentRules.ts"
import { term } from "./Support.ts"

const own: Occurrence = {
  key: "",
  term: term("10:00-10:30"),
  status: "confirmed",
  isTransparent: false,
  isPrivate: false,
  participation: "organizer",
  text: ""
}

describe("blocks", () => {
  it.each<readonly [string, Partial<Occurrence>, boolean, boolean]>([
    ["the owner's own event", {}, true, true],
    ["the owner's own tentative event", { status: "tentative" }, true, true],
    ["a private event", { isPrivate: true }, true, true],
    ["a cancelled event", { status: "cancelled" }, false, false],
    ["an event shown as free", { isTransparent: true }, false, false],
    ["an event without length", { term: term("10:00-10:00") }, false, false],
    ["an accepted invitation", { participation: "accepted" }, true, true],
    ["an accepted invitation that is cancelled", { participation: "accepted", status: "cancelled" }, false, false],
    ["a tentative invitation", { participation: "tentative" }, false, true],
    ["a declined invitation", { participation: "declined" }, false, false],
    ["an unanswered invitation", { participation: "needs-action" }, false, false]
  ])("%s", (_, facts, strictly, tentatively) => {
    assert.strictEqual(blocks({ ...own, ...facts }, { tentative: false }), strictly)
    assert.strictEqual(blocks({ ...own, ...facts }, { tentative: true }), tentatively)
  })
})

describe("mayBook", () => {
  it("the owner's own event may", () => assert.isTrue(mayBook({ occurrences: [own, own] })))
  it.each(["accepted", "tentative", "declined", "needs-action"] as const)(
    "someone else's may not: %s",
    (participation) => {
      assert.isFalse(mayBook({ occurrences: [own, { ...own, participation }] }))
    }
  )
  it("one without an occurrence may not", () => assert.isFalse(mayBook({ occurrences: [] })))
})
