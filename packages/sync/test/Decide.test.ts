import type { Conflict } from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { SyncState } from "@bookio-kit/core/sync/SyncState"
import { assert, describe, it } from "@effect/vitest"
import { decide, decideBy, difference, undone, withPassed } from "../src/Decide.ts"
import type { Run } from "../src/Run.ts"

const nowMs = 1_000_000
const at = (hour: number, over: Partial<SyncState> = {}): SyncState => ({
  term: { startMs: nowMs + hour * 3_600_000, endMs: nowMs + (hour + 1) * 3_600_000 },
  status: "CONFIRMED",
  text: "J. A.",
  ...over
})
const run = {
  plan: { bookio: { offsets: true }, prefer: "bookio", onDelete: "cancel" },
  directory: { timeZone: "Europe/Bratislava" }
} as unknown as Run
const seen = (state: SyncState | undefined, missing = 0) => ({
  missing,
  atMs: 0,
  ...(state === undefined ? {} : { state })
})
const item = (
  base: SyncState,
  bookio: SyncState,
  practice: SyncState | undefined,
  over: Partial<SyncItem> = {}
): SyncItem => ({
  id: 1,
  kind: "reservation",
  calendar: "a",
  occurrence: "",
  part: "",
  generation: 0,
  base,
  bookio: seen(bookio),
  practice: seen(practice, practice === undefined ? 2 : 0),
  needsSync: false,
  isOwn: false,
  late: [],
  endMs: 0,
  ...over
})
const late = (target: SyncState, untilMs = nowMs + 1) => ({ side: "practice", target, untilMs }) as const

describe("decide", () => {
  it("MUST carry an edit of the practice to Bookio", () => {
    assert.deepStrictEqual(decide(run, item(at(1), at(1), at(2)), nowMs).toBookio, { _tag: "Update", term: at(2).term })
  })

  it("MUST take a late write of ours for no edit, and send the agreed value again", () => {
    const { conflicts, toBookio, toPractice } = decide(run, item(at(1), at(1), at(2), { late: [late(at(2))] }), nowMs)
    assert.isUndefined(toBookio)
    assert.deepStrictEqual(toPractice, { _tag: "Update", term: at(1).term })
    assert.deepStrictEqual(conflicts, [])
  })

  it("MUST tell of a change that the practice took back while Bookio made something else of it", () => {
    const missed = at(1, { status: "DID_NOT_COME" })
    const off = at(1, { status: "CANCELLED" })
    const base = undone(at(1), at(1), missed, at(1))
    assert.strictEqual(base.status, "DID_NOT_COME")
    const { conflicts, toPractice } = decide(run, item(base, off, at(1)), nowMs)
    assert.deepStrictEqual(toPractice, { _tag: "Update", status: "CANCELLED" })
    assert.deepStrictEqual(conflicts, [{ field: "status", bookio: off, practice: at(1), winner: "bookio" }])
    assert.deepStrictEqual(undone(at(1), at(1), missed, off), at(1), "the practice made something else of it as well")
  })

  it("MUST forget a late write after its time", () => {
    const { toBookio } = decide(run, item(at(1), at(1), at(2), { late: [late(at(2), nowMs)] }), nowMs)
    assert.deepStrictEqual(toBookio, { _tag: "Update", term: at(2).term })
  })

  it("MUST not remove once more what a late removal of ours took away", () => {
    const mirror = item(at(1), at(1), undefined, {
      kind: "mirror",
      bookio: seen(undefined, 2),
      late: [{ side: "practice", untilMs: nowMs + 1 }]
    })
    assert.isUndefined(decide(run, mirror, nowMs).toPractice)
  })

  it("MUST cancel for an appointment that was removed after a write of ours had put it back on", () => {
    const off = at(1, { status: "CANCELLED" })
    const { toBookio } = decide(run, item(off, at(1), undefined, { late: [late(at(1))] }), nowMs)
    assert.deepStrictEqual(toBookio, { _tag: "Update", status: "CANCELLED" })
    assert.isUndefined(decide(run, item(off, at(1), undefined), nowMs).toBookio)
  })

  it("MUST leave the text of the practice's own event out of it", () => {
    const own = item(at(1), at(1, { text: "" }), at(1, { text: "mine" }), { isOwn: true })
    const { conflicts, toBookio, toPractice } = decide(run, own, nowMs)
    assert.deepStrictEqual([toBookio, toPractice, conflicts], [undefined, undefined, []])
  })
})

describe("decideBy", () => {
  const conflict: Conflict = {
    id: 1,
    itemId: 1,
    sinceMs: 0,
    field: "term",
    state: "open",
    bookio: at(1),
    practice: at(2)
  }

  it("MUST write the chosen value to the side that lacks it, and to no other", () => {
    const both = item(at(0), at(1), at(2))
    const practice = decideBy(both, conflict, "practice")
    assert.deepStrictEqual([practice.toBookio, practice.toPractice], [{ _tag: "Update", term: at(2).term }, undefined])
    const bookio = decideBy(both, conflict, "bookio")
    assert.deepStrictEqual([bookio.toBookio, bookio.toPractice], [undefined, { _tag: "Update", term: at(1).term }])
  })

  it("MUST cancel, and make no cancelled event, where the removal is to stand; and put it back where it is not", () => {
    const removed: Conflict = { id: 1, itemId: 1, sinceMs: 0, field: "removed", state: "open", bookio: at(1) }
    const gone = item(at(1), at(1), undefined)
    const stands = decideBy(gone, removed, "practice")
    assert.deepStrictEqual([stands.toBookio, stands.toPractice], [{ _tag: "Update", status: "CANCELLED" }, undefined])
    assert.deepStrictEqual(decideBy(gone, removed, "bookio").toPractice, { _tag: "Create", state: at(1) })
  })
})

describe("difference", () => {
  it("MUST change a text in practice calendars only", () => {
    const other = at(1, { text: "other" })
    assert.isUndefined(difference(at(1), other, "bookio"))
    assert.deepStrictEqual(difference(at(1), other, "practice"), { _tag: "Update", text: "other" })
  })
})

describe("a late write on the condition of an etag", () => {
  const cancelled = at(1, { status: "CANCELLED" })
  const write = { ...late(cancelled), from: at(1), etag: "a" }

  it("MUST be agreed on where it is seen, once the event has another etag, so that a later cancellation is an edit", () => {
    const found = withPassed(item(at(1), at(1), cancelled, { etag: "b", late: [write] }))
    assert.deepStrictEqual([found.base, found.late], [cancelled, []])
    assert.deepStrictEqual(decide(run, found, nowMs).toPractice, { _tag: "Update", status: "CONFIRMED" })
    const passed = withPassed(item(at(1), at(1), at(1), { etag: "b", late: [write] }))
    const edited = { ...passed, etag: "c", practice: { ...passed.practice, state: cancelled } }
    assert.deepStrictEqual(decide(run, withPassed(edited), nowMs).toBookio, { _tag: "Update", status: "CANCELLED" })
  })

  it("MUST be waited for while the event has the etag that it was sent with", () => {
    const waiting = item(at(1), at(1), at(1), { etag: "a", late: [write] })
    assert.strictEqual(withPassed(waiting), waiting)
  })
})
