/** Appointments that both sides have and that go on: what one or both of them changed. */
import { assert, describe, it } from "@effect/vitest"
import { type FieldConflict, isSameConflict, type Policy } from "../../src/sync/Reconcile.ts"
import type { SyncState } from "../../src/sync/SyncState.ts"
import {
  bookioWins,
  cancelled,
  check,
  eleven,
  missed,
  named,
  noon,
  over,
  overMissed,
  practiceWins,
  scribbled,
  table,
  ten
} from "./ReconcileTable.ts"
import { bratislava, state, term, utc } from "./Support.ts"

table("one side changed", {
  "nothing changed: nothing is written": { base: ten, bookio: ten, practice: ten },
  "Bookio moved: the appointment moves": {
    base: ten,
    bookio: eleven,
    practice: ten,
    toPractice: { term: eleven.term }
  },
  "the practice moved: the reservation moves": {
    base: ten,
    bookio: ten,
    practice: eleven,
    toBookio: { term: eleven.term }
  },
  "the practice moved its start alone": {
    base: ten,
    bookio: ten,
    practice: state("10:15-10:30"),
    toBookio: { term: term("10:15-10:30") }
  },
  "the practice moved it into the past: a walk-in, it flows": {
    base: ten,
    bookio: ten,
    practice: over,
    toBookio: { term: over.term }
  },
  "Bookio cancelled": { base: ten, bookio: cancelled, practice: ten, toPractice: { status: "CANCELLED" } },
  "the practice cancelled": { base: ten, bookio: ten, practice: cancelled, toBookio: { status: "CANCELLED" } },
  "the person did not come": { base: over, bookio: overMissed, practice: over, toPractice: { status: "DID_NOT_COME" } },
  "Bookio's text changed": { base: ten, bookio: named, practice: ten, toPractice: { text: "John Audrey" } },
  "the practice's text stays there, and is shown": {
    base: ten,
    bookio: ten,
    practice: scribbled,
    conflicts: ["text:practice"]
  },
  "different fields of both sides meet": {
    base: ten,
    bookio: named,
    practice: eleven,
    toBookio: { term: eleven.term },
    toPractice: { text: "John Audrey" }
  }
})

table("both sides changed", {
  "equally: an echo, nothing is written": { base: ten, bookio: eleven, practice: eleven },
  "moved differently, bookio-wins": {
    base: ten,
    bookio: eleven,
    practice: noon,
    toPractice: { term: eleven.term },
    conflicts: ["term:bookio"]
  },
  "moved differently, practice-wins": {
    policy: practiceWins,
    base: ten,
    bookio: eleven,
    practice: noon,
    toBookio: { term: noon.term },
    conflicts: ["term:practice"]
  },
  "texts, bookio-wins": {
    base: ten,
    bookio: named,
    practice: scribbled,
    toPractice: { text: "John Audrey" },
    conflicts: ["text:bookio"]
  },
  "texts, practice-wins": {
    policy: practiceWins,
    base: ten,
    bookio: named,
    practice: scribbled,
    conflicts: ["text:practice"]
  },
  "CANCELLED wins against another new status, whatever the policy": {
    base: ten,
    bookio: missed,
    practice: cancelled,
    toBookio: { status: "CANCELLED" },
    conflicts: ["status:practice"]
  },
  "a reservation that is cancelled against an agreed no-show": {
    policy: practiceWins,
    base: missed,
    bookio: cancelled,
    practice: ten,
    toPractice: { status: "CANCELLED" },
    conflicts: ["status:bookio"]
  }
})

table("cancel beats move", {
  "the practice cancelled, Bookio moved": {
    base: ten,
    bookio: eleven,
    practice: cancelled,
    toBookio: { status: "CANCELLED" },
    conflicts: ["term:practice"]
  },
  "Bookio cancelled, the practice moved, practice-wins": {
    policy: practiceWins,
    base: ten,
    bookio: cancelled,
    practice: eleven,
    toPractice: { status: "CANCELLED", term: ten.term },
    conflicts: ["term:bookio"]
  },
  "Bookio moved and then cancelled: both arrive": {
    base: ten,
    bookio: state("11:00-11:30", "CANCELLED"),
    practice: ten,
    toPractice: { status: "CANCELLED", term: eleven.term }
  },
  "the practice moved and then cancelled: Bookio gets no term": {
    base: ten,
    bookio: ten,
    practice: state("11:00-11:30", "CANCELLED"),
    toBookio: { status: "CANCELLED" }
  },
  "a no-show beats a move, too": {
    base: ten,
    bookio: eleven,
    practice: missed,
    toBookio: { status: "DID_NOT_COME" },
    conflicts: ["term:practice"]
  },
  "what takes place on neither side is equal whatever its terms": {
    base: ten,
    bookio: state("11:00-11:30", "CANCELLED"),
    practice: cancelled
  },
  "confirmed again by the practice: its term comes with it": {
    base: cancelled,
    bookio: cancelled,
    practice: eleven,
    toBookio: { status: "CONFIRMED", term: eleven.term }
  },
  "confirmed again in Bookio: its term comes with it, and a move while it was off is told": {
    policy: practiceWins,
    base: cancelled,
    bookio: ten,
    practice: state("11:00-11:30", "CANCELLED"),
    conflicts: ["term:bookio"],
    toPractice: { status: "CONFIRMED", term: ten.term }
  },
  "from CANCELLED to DID_NOT_COME is sent, and Bookio's to refuse": {
    base: cancelled,
    bookio: cancelled,
    practice: missed,
    toBookio: { status: "DID_NOT_COME" }
  }
})

describe("the repeated hour", () => {
  const at = (times: string): SyncState => ({ ...ten, term: term(times, "2026-10-25") })
  const first = at("00:15-00:45")
  const second = at("01:15-01:45")
  const policy: Policy = { ...bookioWins, nowMs: utc("2026-10-01T00:00") }

  it("its two passes are equal where Bookio sends no offsets", () =>
    check({ policy: { ...policy, textZone: bratislava }, base: second, bookio: first, practice: second }))
  it("they are not where it does", () =>
    check({ policy, base: first, bookio: first, practice: second, toBookio: { term: second.term } }))
  it("an hour before them is another term", () =>
    check({
      policy: { ...policy, textZone: bratislava },
      base: first,
      bookio: first,
      practice: at("00:15-00:59"),
      toBookio: { term: term("00:15-00:59", "2026-10-25") }
    }))
})

describe("isSameConflict", () => {
  const known: FieldConflict = { field: "term", bookio: ten, practice: eleven, winner: "practice" }
  it("looks at the values of its field only", () =>
    assert.isTrue(isSameConflict(known, { ...known, bookio: named, practice: { ...eleven, text: "" } })))
  it.each<readonly [string, FieldConflict]>([
    ["another value in Bookio", { ...known, bookio: noon }],
    ["another value of the practice", { ...known, practice: noon }],
    ["another winner", { ...known, winner: "bookio" }],
    ["another field", { ...known, field: "status" }],
    ["no value", { field: "term", bookio: ten, winner: "practice" }]
  ])("knows %s as new", (_, found) => assert.isFalse(isSameConflict(known, found)))
  it.each<readonly [FieldConflict["field"], SyncState, boolean]>([
    ["status", named, true],
    ["status", cancelled, false],
    ["text", cancelled, true],
    ["text", named, false],
    ["removed", ten, true],
    ["removed", named, false],
    ["put-back", eleven, false],
    ["put-back", cancelled, false]
  ])("compares %s", (field, bookio, isSame) =>
    assert.strictEqual(isSameConflict({ field, bookio: ten }, { field, bookio }), isSame)
  )
})
