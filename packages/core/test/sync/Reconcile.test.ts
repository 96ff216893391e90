/** The merge as a table: what was agreed, what each side shows now, and what follows. */
import { assert, describe, it } from "@effect/vitest"
import { type FieldConflict, isSameConflict, type Policy, reconcile } from "../../src/sync/Reconcile.ts"
import type { SyncState } from "../../src/sync/SyncState.ts"
import { bratislava, carriedOut, state, term, utc } from "./Support.ts"

const nowMs = utc("2026-11-22T08:00")
const bookioWins: Policy = { prefer: "bookio", onDelete: "cancel", nowMs }
const practiceWins: Policy = { ...bookioWins, prefer: "practice" }
const busy: Policy = { ...bookioWins, master: "practice" }
const mirror: Policy = { ...bookioWins, master: "bookio" }

type Change = Partial<SyncState> | "create" | "remove"

interface Row {
  readonly policy?: Policy
  readonly base?: SyncState
  readonly bookio?: SyncState
  readonly practice?: SyncState
  readonly toBookio?: Change
  readonly toPractice?: Change
  /** `field:winner`. */
  readonly conflicts?: ReadonlyArray<string>
  /** Bookio's state after it, unless given; `null` for none. */
  readonly agreed?: SyncState | null
}

const ten = state("10:00-10:30")
const eleven = state("11:00-11:30")
const noon = state("12:00-12:30")
const cancelled = state("10:00-10:30", "CANCELLED")
const missed = state("10:00-10:30", "DID_NOT_COME")
const over = state("07:00-07:30")
const overCancelled = state("07:00-07:30", "CANCELLED")
const overMissed = state("07:00-07:30", "DID_NOT_COME")
const named = state("10:00-10:30", "CONFIRMED", "John Audrey")
const scribbled = state("10:00-10:30", "CONFIRMED", "J. A., bring x-ray")

const check = (row: Row): void => {
  const policy = row.policy ?? bookioWins
  const found = reconcile(row.base, row.bookio, row.practice, policy)
  const written = (change: Change | undefined, from: SyncState | undefined) => {
    if (change === undefined) return undefined
    if (change === "create") return { _tag: "Create", state: from }
    return change === "remove" ? { _tag: "Remove" } : { _tag: "Update", ...change }
  }
  assert.deepStrictEqual<unknown>(found.toBookio, written(row.toBookio, row.practice))
  assert.deepStrictEqual<unknown>(found.toPractice, written(row.toPractice, row.bookio))
  assert.deepStrictEqual(
    found.conflicts.map(({ field, winner }) => `${field}:${winner ?? "open"}`),
    row.conflicts ?? []
  )
  const agreed = row.agreed === undefined ? carriedOut(row.bookio, row.practice, found).bookio : row.agreed
  assert.deepStrictEqual(found.agreed, agreed ?? undefined)
}

const table = (title: string, rows: Readonly<Record<string, Row>>): void => {
  describe(title, () => {
    for (const [name, row] of Object.entries(rows)) it(name, () => check(row))
  })
}

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

table("what has ended", {
  "a move by the practice stays there": { base: over, bookio: over, practice: eleven, conflicts: ["term:practice"] },
  "a cancellation by the practice stays there": {
    base: over,
    bookio: over,
    practice: overCancelled,
    conflicts: ["status:practice"]
  },
  "did-not-come flows": { base: over, bookio: over, practice: overMissed, toBookio: { status: "DID_NOT_COME" } },
  "did-not-come flows, but no move with it": {
    base: over,
    bookio: over,
    practice: missed,
    toBookio: { status: "DID_NOT_COME" }
  },
  "it ends at its end, exclusive": {
    policy: { ...bookioWins, nowMs: over.term.endMs },
    base: over,
    bookio: over,
    practice: overCancelled,
    conflicts: ["status:practice"]
  },
  "a millisecond before it has not ended": {
    policy: { ...bookioWins, nowMs: over.term.endMs - 1 },
    base: over,
    bookio: over,
    practice: overCancelled,
    toBookio: { status: "CANCELLED" }
  },
  "Bookio's changes flow": { base: over, bookio: overCancelled, practice: over, toPractice: { status: "CANCELLED" } },
  "Bookio's move flows though the practice's cancellation is held": {
    base: ten,
    bookio: over,
    practice: cancelled,
    toPractice: { term: over.term },
    conflicts: ["status:practice"]
  },
  "both moved, practice-wins: each stays as it is": {
    policy: practiceWins,
    base: ten,
    bookio: over,
    practice: eleven,
    conflicts: ["term:practice"]
  }
})

table("the practice removed the appointment", {
  cancel: { base: ten, bookio: ten, toBookio: { status: "CANCELLED" } },
  "cancel, though Bookio moved it": {
    base: ten,
    bookio: eleven,
    toBookio: { status: "CANCELLED" },
    conflicts: ["term:practice"]
  },
  restore: {
    policy: { ...bookioWins, onDelete: "restore" },
    base: ten,
    bookio: ten,
    toPractice: "create",
    conflicts: ["removed:bookio"]
  },
  ask: {
    policy: { ...bookioWins, onDelete: "ask" },
    base: ten,
    bookio: eleven,
    agreed: ten,
    conflicts: ["removed:open"]
  },
  "of what has ended": { base: over, bookio: over },
  "of what is cancelled": { base: cancelled, bookio: cancelled },
  "and Bookio cancelled it": { base: ten, bookio: cancelled },
  "while it was cancelled, and Bookio confirms it again": { base: cancelled, bookio: ten, toPractice: "create" },
  "when it was over, and Bookio moves it into the future": { base: over, bookio: ten, toPractice: "create" }
})

table("one side is new", {
  "a reservation": { bookio: ten, toPractice: "create" },
  "a cancelled reservation": { bookio: cancelled },
  "a no-show": { bookio: overMissed, toPractice: "create" },
  "a booking of the practice": { practice: ten, toBookio: "create" },
  "a cancelled booking of the practice": { practice: cancelled },
  "a booking of the practice that is over": { practice: over },
  "both, equal": { bookio: ten, practice: ten },
  "both, different": {
    bookio: ten,
    practice: state("11:00-11:30", "CONFIRMED", "Audrey"),
    toPractice: { term: ten.term, text: "J. A." },
    conflicts: ["term:bookio", "text:bookio"]
  },
  "both, one of them cancelled": {
    bookio: ten,
    practice: cancelled,
    toBookio: { status: "CANCELLED" },
    conflicts: ["status:practice"]
  },
  "both, one of them cancelled at another time": {
    bookio: eleven,
    practice: cancelled,
    toBookio: { status: "CANCELLED" },
    conflicts: ["status:practice", "term:practice"]
  },
  neither: {},
  "gone on both sides": { base: ten },
  "a reservation that Bookio lost": { base: ten, practice: eleven, agreed: ten, conflicts: ["removed:open"] }
})

table("busy times of the practice", {
  "a new one": { policy: busy, practice: ten, toBookio: "create" },
  "a new one that is over": { policy: busy, practice: over },
  moved: { policy: busy, base: ten, bookio: ten, practice: eleven, toBookio: { term: eleven.term } },
  "its text is not sent again": { policy: busy, base: ten, bookio: ten, practice: scribbled },
  removed: { policy: busy, base: ten, bookio: ten, toBookio: "remove" },
  "shown as free": { policy: busy, base: ten, bookio: ten, practice: cancelled, toBookio: "remove" },
  "over: it stays when the event goes": { policy: busy, base: over, bookio: over },
  "over: it stays as it is when the event moves in the past": {
    policy: busy,
    base: over,
    bookio: over,
    practice: state("06:00-06:30")
  },
  "over: an event that is moved to come takes it along": {
    policy: busy,
    base: over,
    bookio: over,
    practice: ten,
    toBookio: { term: ten.term }
  },
  "moved in Bookio: put back": {
    policy: busy,
    base: ten,
    bookio: eleven,
    practice: ten,
    toBookio: { term: ten.term },
    conflicts: ["put-back:practice"]
  },
  "moved in Bookio as the practice did": { policy: busy, base: ten, bookio: eleven, practice: eleven },
  "moved in Bookio, removed by the practice": {
    policy: busy,
    base: ten,
    bookio: eleven,
    toBookio: "remove",
    conflicts: ["put-back:practice"]
  },
  "removed in Bookio: made again": {
    policy: busy,
    base: ten,
    practice: ten,
    toBookio: "create",
    conflicts: ["put-back:practice"]
  },
  "a hold cancelled in Bookio: made again": {
    policy: busy,
    base: ten,
    bookio: cancelled,
    practice: ten,
    toBookio: "create",
    conflicts: ["put-back:practice"]
  },
  "removed in Bookio when it was over": { policy: busy, base: over, practice: over },
  "gone on both sides": { policy: busy, base: ten },
  "both new, at different times: the practice's stands": {
    policy: busy,
    bookio: eleven,
    practice: ten,
    toBookio: { term: ten.term },
    conflicts: ["put-back:practice"]
  },
  "one in Bookio that was never agreed on is not removed": { policy: busy, bookio: ten, agreed: null }
})

table("blocked times of the staff in the practice calendar", {
  "a new one": { policy: mirror, bookio: ten, toPractice: "create" },
  "moved in Bookio": { policy: mirror, base: ten, bookio: eleven, practice: ten, toPractice: { term: eleven.term } },
  "removed in Bookio": { policy: mirror, base: ten, practice: ten, toPractice: "remove" },
  "edited by the practice, removed in Bookio": {
    policy: mirror,
    base: ten,
    practice: scribbled,
    toPractice: "remove",
    conflicts: ["put-back:bookio"]
  },
  "edited by the practice: put right": {
    policy: { ...mirror, prefer: "practice" },
    base: ten,
    bookio: ten,
    practice: state("11:00-11:30", "CANCELLED", "free"),
    toPractice: ten,
    conflicts: ["put-back:bookio"]
  },
  "moved equally on both sides": { policy: mirror, base: ten, bookio: eleven, practice: eleven },
  "removed by the practice: made again": {
    policy: mirror,
    base: ten,
    bookio: ten,
    toPractice: "create",
    conflicts: ["put-back:bookio"]
  },
  "removed by the practice when it was over": { policy: mirror, base: over, bookio: over },
  "an event that was never agreed on is not removed": { policy: mirror, practice: ten }
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
