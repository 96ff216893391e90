import { PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { seen } from "../src/Links.ts"
import { dueItem, isResting, parkedItem, type Run, readable, settledItem, takeDown, withoutRow } from "../src/Run.ts"

const state = { term: { startMs: 1_000, endMs: 2_000 }, status: "CONFIRMED", text: "" } as const
const at = { href: "/a/1.ics", etag: '"1"', uid: "one" }
const item: SyncItem = {
  ...at,
  id: 1,
  kind: "reservation",
  calendar: "a",
  bookioId: 7,
  occurrence: "",
  part: "",
  generation: 0,
  bookio: { state, missing: 0, atMs: 0 },
  practice: { state, missing: 0, atMs: 0 },
  needsSync: false,
  isOwn: false,
  late: [],
  endMs: 2_000
}
const parked = (reason: string) => parkedItem(item, reason, "it is so", 5, false)

describe("an item of which one side cannot be read", () => {
  it("MUST stay listed until that side is read, whatever else is done about it", () => {
    for (const reason of ["Unreadable", "UnreadableRow"] as const) {
      const due = dueItem(parked(reason))
      assert.strictEqual(due.dueMs, 0)
      assert.strictEqual(due.parked?.reason, reason)
      assert.strictEqual(settledItem(due).parked?.reason, reason)
      assert.notProperty(settledItem(due), "dueMs")
      const other = reason === "Unreadable" ? "UnreadableRow" : "Unreadable"
      assert.strictEqual(readable(due, other), due)
      assert.notProperty(readable(due, reason), "parked")
    }
  })

  it("MUST be taken up when its event can be read again, also where it shows what it did", () => {
    const found = seen(parked("Unreadable"), state, at, 9)
    assert.notProperty(found, "parked")
    assert.strictEqual(found.dueMs, 0)
  })
})

describe("an item that waits for something else", () => {
  it("MUST NOT stay listed once it is taken up", () => {
    assert.notProperty(dueItem(parked("Refused")), "parked")
    assert.notProperty(settledItem(parked("Refused")), "parked")
  })

  it("MUST be taken up when the event that its calendar refused to change is another, and only then", () => {
    const refused = parked("Refused")
    assert.strictEqual(seen(refused, state, at, 9), refused)
    assert.strictEqual(seen(refused, state, { ...at, etag: '"2"' }, 9).dueMs, 0)
  })
})

describe("an item whose record a restored server has lost", () => {
  it("MUST keep of its writes only the creation, and no id that can be given out again", () => {
    const intention = { id: 1, side: "bookio", storedMs: 0, state: "unknown", attempts: 1 } as const
    const known: SyncItem = { ...item, externalId: 8, created: "2026-06-01T08:00:00" }
    const moved = withoutRow({ ...known, intention: { ...intention, action: "term" } })
    for (const name of ["bookioId", "externalId", "created", "intention"]) assert.notProperty(moved, name)
    assert.strictEqual(withoutRow({ ...known, intention: { ...intention, action: "create" } }).intention?.id, 1)
  })
})

describe("a calendar that asks to be left alone", () => {
  const asking = (seconds: number) =>
    new PracticeError({ reason: "RateLimited", problem: "too much", retryAfterMs: seconds * 1000 })

  it.effect(
    "MUST be left alone for the longest of what it asked for at once, and not longer for being asked about",
    () =>
      Effect.gen(function* () {
        const resting: Run["resting"] = new Map()
        const first = { down: new Map<string, PracticeError>(), resting }
        for (const seconds of [60, 90, 30]) yield* takeDown(first, "a", asking(seconds))
        assert.strictEqual(first.down.get("a")?.retryAfterMs, 90_000)
        assert.isTrue(yield* isResting(first, "a"))
        assert.isFalse(yield* isResting(first, "b"))
        yield* TestClock.adjust("89 seconds")
        const later = { down: new Map<string, PracticeError>(), resting }
        assert.isTrue(yield* isResting(later, "a"))
        const known = later.down.get("a")
        if (known === undefined) return assert.fail("it is down")
        yield* takeDown(later, "a", known)
        yield* TestClock.adjust("1 second")
        assert.isFalse(yield* isResting({ down: new Map(), resting }, "a"))
      })
  )
})
