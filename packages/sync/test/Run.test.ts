import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import { assert, describe, it } from "@effect/vitest"
import { seen } from "../src/Links.ts"
import { dueItem, parkedItem, readable, settledItem } from "../src/Run.ts"

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
