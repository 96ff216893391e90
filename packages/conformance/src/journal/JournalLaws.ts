/**
 * The laws that every journal of the sync keeps: what is committed is there and found by all its names, all or nothing, by
 * whoever holds the lease and by nobody else.
 */
import type { Conflict, JournalChange, Retained, TrailEntry } from "@bookio-kit/core/sync/Journal"
import type { Intention } from "@bookio-kit/core/sync/SyncItem"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { claim, claimEqual } from "../internal/Expect.ts"
import { type Bench, claimIds, item, type JournalLaw, law, put, refusal } from "./JournalLaw.ts"
import { leaseLaws } from "./LeaseLaws.ts"

const intention = (members: Partial<Intention> = {}): Intention => ({
  id: 1,
  side: "bookio",
  action: "create",
  storedMs: 5,
  state: "stored",
  attempts: 0,
  ...members
})

const conflict = (id: number, itemId: number, members: Partial<Conflict> = {}): Conflict => ({
  id,
  itemId,
  sinceMs: 10 - id,
  field: "term",
  state: "open",
  ...members
})

const before = (ms: number): Retained => ({ recordsMs: ms, conflictsMs: ms, passesMs: ms })

const ofConflict = (of: Conflict): JournalChange => ({ _tag: "Conflict", conflict: of })

const trail = (itemId: number, detail: string): JournalChange => ({
  _tag: "Trail",
  entry: { itemId, atMs: 1, step: "send", detail }
})

const details = (entries: ReadonlyArray<TrailEntry>) => entries.map(({ detail }) => detail)

const seen = (listing: number, itemIds: ReadonlyArray<number>): JournalChange => ({
  _tag: "Seen",
  side: "practice",
  listing,
  itemIds
})

const removal = (uid: string, atMs: number): JournalChange => ({
  _tag: "Removal",
  removal: { uid, atMs, cause: "practice" }
})

const passOf = (id: number, startedMs: number): JournalChange => ({
  _tag: "Pass",
  pass: { id, startedMs, endedMs: startedMs + 5, outcome: "done", counts: { requests: 3 } }
})

const unseen = ({ facility, journal }: Bench, listing: number, limit = 10, afterId?: number) =>
  journal.unseen(
    facility,
    { side: "practice", kinds: ["reservation", "busy"], calendar: "doctor", listing, endsFromMs: 1000 },
    limit,
    afterId
  )

const items: ReadonlyArray<JournalLaw> = [
  law("MUST give an item back as it was put, and only its last state", ({ commit, facility, journal }) =>
    Effect.gen(function* () {
      const whole = item(2 ** 52, {
        kind: "hold",
        bookioId: 1,
        externalId: 2 ** 53 - 1,
        uid: "ü \u0000 'q'",
        occurrence: "2026-11-22",
        part: "p",
        href: "/a",
        etag: '"1"',
        intention: intention({ uid: "x", externalId: 3, serverMs: 4 }),
        late: [{ side: "bookio", externalId: 8, untilMs: 9 }],
        parked: { reason: "R", problem: "P", sinceMs: 1, retryMs: 2 },
        dueMs: 3
      })
      yield* commit(put(item(whole.id)), put(whole))
      yield* claimEqual(yield* journal.byId(facility, [whole.id, whole.id, 5]), [whole], "the item")
      yield* commit(put(item(whole.id)))
      yield* claimEqual(yield* journal.items(facility, 10), [item(whole.id)], "the item after another put")
      yield* claimIds(journal.waiting(facility, 10), [], "what waits")
      yield* claimIds(journal.byExternalId(facility, [2 ** 53 - 1, 3, 8]), [], "what is found by old externalIds")
    })
  ),
  law("MUST find items by record and id, each once, ascending by id", ({ commit, facility, journal }) =>
    Effect.gen(function* () {
      yield* commit(
        put(item(4, { bookioId: 10 })),
        put(item(3, { bookioId: 10, kind: "hold" })),
        put(item(2, { bookioId: 10, kind: "busy" })),
        put(item(1, { bookioId: 11, kind: "mirror" }))
      )
      const by = (record: "reservation" | "blockedTime", of: ReadonlyArray<number>) =>
        journal.byBookioId(facility, record, of)
      yield* claimIds(by("reservation", [11, 10, 10, 12]), [3, 4], "items of reservations")
      yield* claimIds(by("blockedTime", [11, 10]), [1, 2], "items of blocked times")
      yield* claimIds(by("reservation", []), [], "items of no ids")
      const many = Array.from({ length: 700 }, (_, n) => item(1000 + n, { bookioId: 5000 + n }))
      yield* commit(...many.map(put))
      const wanted = many.map(({ bookioId = 0 }) => bookioId).reverse()
      yield* claimIds(
        by("reservation", wanted),
        many.map(({ id }) => id),
        "many items of reservations"
      )
    })
  ),
  law("MUST find an item by its externalId, its intention's and those of its late writes", (bench) =>
    Effect.gen(function* () {
      const { commit, facility, journal } = bench
      const late = (externalId: number) => ({ side: "bookio", externalId, untilMs: 1 }) as const
      yield* commit(
        put(item(1, { externalId: 21, intention: intention({ externalId: 21 }), late: [late(21), late(24)] })),
        put(item(2, { intention: intention({ externalId: 22 }) })),
        put(item(3, { late: [late(23), late(23)] }))
      )
      yield* claimIds(journal.byExternalId(facility, [24, 23, 22, 21]), [1, 2, 3], "items by externalId")
      yield* commit(put(item(3, { late: [late(25)] })), { _tag: "Drop", itemId: 1 })
      yield* claimIds(journal.byExternalId(facility, [21, 22, 23, 24, 25]), [2, 3], "items by externalId afterwards")
    })
  ),
  law("MUST find items by UID and by href within a calendar", ({ commit, facility, journal }) =>
    Effect.gen(function* () {
      yield* commit(
        put(item(1, { uid: "a", href: "/1" })),
        put(item(2, { uid: "a", href: "/1", occurrence: "2026-11-22" })),
        put(item(3, { uid: "a", href: "/1", calendar: "room" })),
        put(item(4, { uid: "A" }))
      )
      yield* claimIds(journal.byUid(facility, "doctor", ["a", "b"]), [1, 2], "items by UID")
      yield* claimIds(journal.byHref(facility, "doctor", ["/1", "/1"]), [1, 2], "items by href")
      yield* claimIds(journal.byUid(facility, "room", ["a"]), [3], "items of the other calendar")
    })
  ),
  law("MUST tell what is due by time and id, page by page", ({ commit, facility, journal }) =>
    Effect.gen(function* () {
      yield* commit(
        put(item(1, { dueMs: 30 })),
        put(item(2, { dueMs: 20 })),
        put(item(3, { dueMs: 10 })),
        put(item(4, { dueMs: 20 })),
        put(item(5))
      )
      yield* claimIds(journal.due(facility, 29, 10), [3, 2, 4], "what is due")
      yield* claimIds(journal.due(facility, 30, 2), [3, 2], "the first page")
      yield* claimIds(journal.due(facility, 30, 2, { dueMs: 20, id: 2 }), [4, 1], "the second page")
      yield* commit(put(item(3)))
      yield* claimIds(journal.due(facility, 20, 10), [2, 4], "what is due afterwards")
    })
  ),
  law("MUST tell what waits: what is parked, and whose outcome is unknown", ({ commit, facility, journal }) =>
    Effect.gen(function* () {
      yield* commit(
        put(item(1, { parked: { reason: "R", problem: "P", sinceMs: 1 } })),
        put(item(2, { intention: intention() })),
        put(item(3, { intention: intention({ state: "unknown" }) })),
        put(item(4))
      )
      yield* claimIds(journal.waiting(facility, 10), [1, 3], "what waits")
      yield* claimIds(journal.waiting(facility, 1, 1), [3], "what waits after the first")
      yield* claimIds(journal.items(facility, 2, 2), [3, 4], "a page of all items")
    })
  ),
  law("MUST tell what a listing did not see, whatever was put since", (bench) =>
    Effect.gen(function* () {
      const { commit } = bench
      const gone = { missing: 2, atMs: 1 }
      yield* commit(
        put(item(1)),
        put(item(2, { kind: "busy" })),
        put(item(3, { kind: "mirror" })),
        put(item(4, { calendar: "room" })),
        put(item(5, { endMs: 999 })),
        put(item(6, { practice: gone })),
        put(item(7))
      )
      yield* claimIds(unseen(bench, 1), [1, 2, 7], "what the first listing did not see")
      yield* commit(seen(1, [1, 2, 99]), put(item(1, { etag: "2" })))
      yield* claimIds(unseen(bench, 1), [7], "what the first listing did not see after a put")
      yield* claimIds(unseen(bench, 2), [1, 2, 7], "what the second listing did not see")
      yield* claimIds(unseen(bench, 2, 1, 1), [2], "a page of it")
      yield* commit({ _tag: "Seen", side: "bookio", listing: 2, itemIds: [1] }, seen(2, [2]), {
        _tag: "Drop",
        itemId: 1
      })
      yield* commit(put(item(1)))
      yield* claimIds(unseen(bench, 2), [1, 7], "what the second listing did not see afterwards")
      const all = { side: "bookio", kinds: ["mirror", "reservation"], listing: 3, endsFromMs: 0 } as const
      const { facility, journal } = bench
      yield* claimIds(journal.unseen(facility, all, 10), [1, 3, 4, 5, 6, 7], "what Bookio's listing did not see")
    })
  )
]

const rest: ReadonlyArray<JournalLaw> = [
  law("MUST keep progress, the last of it", ({ commit, facility, journal }) =>
    Effect.gen(function* () {
      yield* claimEqual(yield* journal.progress(facility), {}, "progress at first")
      const progress = { cursor: 5, tokens: { doctor: "a", room: null }, list: [1, "2", true] }
      yield* commit({ _tag: "Progress", progress: { cursor: 1 } }, { _tag: "Progress", progress })
      yield* claimEqual(yield* journal.progress(facility), progress, "progress")
    })
  ),
  law("MUST show conflicts by state and by item, the oldest first", ({ commit, facility, journal }) =>
    Effect.gen(function* () {
      const [one, two, three] = [conflict(1, 1), conflict(2, 2, { state: "shown" }), conflict(3, 1)] as const
      // An item may be named before it is put in the same commit.
      yield* commit(ofConflict(one), ofConflict(two), ofConflict(three), put(item(1)), put(item(2)))
      yield* claimEqual(yield* journal.conflicts(facility), [three, two, one], "the conflicts")
      yield* claimEqual(yield* journal.conflicts(facility, "open"), [three, one], "the open conflicts")
      yield* claimEqual(yield* journal.conflictsOf(facility, 1), [three, one], "the conflicts of an item")
      const resolved = { ...one, state: "resolved", resolution: "practice" } as const
      yield* commit(ofConflict(resolved))
      yield* claimEqual(yield* journal.conflicts(facility, "resolved"), [resolved], "the resolved conflicts")
      yield* commit({ _tag: "Drop", itemId: 1 })
      yield* claimEqual(yield* journal.conflicts(facility), [two], "the conflicts after their item was dropped")
    })
  ),
  law("MUST refuse a commit with a conflict of no item, and store nothing of it", (bench) =>
    Effect.gen(function* () {
      const { commit, facility, journal } = bench
      const error = yield* refusal(commit(put(item(1)), ofConflict(conflict(1, 2)), removal("a", 1)), "the conflict")
      yield* claim(error._tag === "JournalError" && error.reason === "Internal", "the refusal is no JournalError")
      yield* claimIds(journal.items(facility, 10), [], "what is stored")
      yield* claimEqual(yield* journal.removedSince(facility, "practice", 0), 0, "how many removals are stored")
    })
  ),
  law("MUST keep the last 200 lines of an item's story, in their order", ({ commit, facility, journal }) =>
    Effect.gen(function* () {
      yield* commit(put(item(1)), trail(1, "a"), trail(2, "of none"), trail(1, "b"))
      yield* claimEqual(details(yield* journal.trail(facility, 1)), ["a", "b"], "the story")
      yield* claimEqual(details(yield* journal.trail(facility, 2)), [], "the story of no item")
      const lines = Array.from({ length: 205 }, (_, n) => `${n}`)
      yield* commit(put(item(2)), trail(2, "other"), ...lines.map((line) => trail(1, line)))
      yield* claimEqual(details(yield* journal.trail(facility, 1)), lines.slice(5), "the long story")
      yield* claimEqual(details(yield* journal.trail(facility, 2)), ["other"], "the story beside it")
    })
  ),
  law("MUST count UIDs of removals, each once, from an instant on", ({ commit, facility, journal }) =>
    Effect.gen(function* () {
      yield* commit(removal("a", 9), removal("b", 10), removal("b", 11), removal("c", 12))
      yield* commit({ _tag: "Removal", removal: { uid: "d", atMs: 12, cause: "bookio" } })
      yield* claimEqual(yield* journal.removedSince(facility, "practice", 10), 2, "the count")
      yield* claimEqual(yield* journal.removedSince(facility, "bookio", 10), 1, "the other side's count")
    })
  ),
  law("MUST tell the passes, the latest first", ({ commit, facility, journal }) =>
    Effect.gen(function* () {
      yield* commit(passOf(1, 100), passOf(2, 300), passOf(3, 200), passOf(1, 150))
      const told = (yield* journal.passes(facility, 2)).map(({ counts, id }) => `${id} of ${counts.requests}`)
      yield* claimEqual(told, ["2 of 3", "3 of 3"], "the passes")
      yield* claimEqual(
        (yield* journal.passes(facility, 9)).map(({ startedMs }) => startedMs),
        [300, 200, 150],
        "all"
      )
    })
  ),
  law(
    "MUST count links by UID, what is due now, what is parked and what is open",
    ({ commit, facility, journal, lease }) =>
      Effect.gen(function* () {
        const nowMs = lease.untilMs - 60_000
        const gone = { missing: 2, atMs: 1 }
        yield* claimEqual(
          yield* journal.counts(facility),
          { links: 0, due: 0, parked: {}, openConflicts: 0 },
          "the counts at first"
        )
        yield* commit(
          put(item(1, { uid: "a" })),
          put(item(2, { uid: "series", dueMs: nowMs })),
          put(item(5, { uid: "series", occurrence: "2026-11-22" })),
          put(item(3, { uid: "b", practice: gone, dueMs: nowMs + 3_600_000 })),
          put(item(4, { uid: "c", bookio: gone, parked: { reason: "R", problem: "P", sinceMs: 1 } })),
          ...[6, 7, 8].map((id) => put(item(id, { parked: { reason: "S", problem: "P", sinceMs: 1 } }))),
          put(item(8)),
          ofConflict(conflict(1, 1)),
          ofConflict(conflict(2, 1, { state: "shown" }))
        )
        yield* claimEqual(
          yield* journal.counts(facility),
          { links: 2, due: 1, parked: { R: 1, S: 2 }, openConflicts: 1 },
          "the counts"
        )
      })
  ),
  law("MUST forget what is settled and old with all that hangs on it, and nothing else", (bench) =>
    Effect.gen(function* () {
      const { commit, facility, journal, lease } = bench
      yield* commit(
        put(item(1)),
        put(item(2, { endMs: 1001 })),
        put(item(3, { dueMs: 1 })),
        put(item(4, { parked: { reason: "R", problem: "P", sinceMs: 1 } })),
        put(item(5, { intention: intention() })),
        put(item(6)),
        put(item(7)),
        ofConflict(conflict(6, 6)),
        ofConflict(conflict(7, 7, { state: "resolved" })),
        trail(1, "a"),
        trail(6, "b"),
        removal("a", 1000),
        removal("b", 1001),
        passOf(1, 1000),
        passOf(2, 1001)
      )
      yield* claimEqual(yield* journal.prune(lease, before(1001)), 2, "how many are forgotten")
      yield* claimIds(journal.items(facility, 10), [2, 3, 4, 5, 6], "what is left")
      yield* claimEqual(
        (yield* journal.conflicts(facility)).map(({ id }) => id),
        [6],
        "the conflicts that are left"
      )
      yield* commit(put(item(1)))
      yield* claimEqual(details(yield* journal.trail(facility, 1)), [], "the story of an item that was forgotten")
      yield* claimEqual(details(yield* journal.trail(facility, 6)), ["b"], "the story that is left")
      yield* claimEqual(yield* journal.removedSince(facility, "practice", 0), 1, "the removals that are left")
      yield* claimEqual(
        (yield* journal.passes(facility, 10)).map(({ id }) => id),
        [2],
        "the passes that are left"
      )
    })
  ),
  law("MUST forget each kind by its own age", (bench) =>
    Effect.gen(function* () {
      const { commit, facility, journal, lease } = bench
      yield* commit(
        put(item(1)),
        put(item(2, { endMs: 5000 })),
        ...(["open", "shown", "resolved"] as const).map((state, index) =>
          ofConflict(conflict(index + 1, 2, { state, sinceMs: 2999 }))
        ),
        ofConflict(conflict(4, 2, { state: "resolved", sinceMs: 3000 })),
        removal("a", 1999),
        removal("b", 2000),
        passOf(1, 1999),
        passOf(2, 2000)
      )
      yield* journal.prune(lease, { recordsMs: 1000, conflictsMs: 3000, passesMs: 2000 })
      yield* claimIds(journal.items(facility, 10), [1, 2], "the items that are left")
      yield* claimEqual(
        (yield* journal.conflicts(facility)).map(({ id }) => id),
        [1, 2, 4],
        "the conflicts that are left"
      )
      yield* claimEqual(yield* journal.removedSince(facility, "practice", 0), 1, "the removals that are left")
      yield* claimEqual(
        (yield* journal.passes(facility, 10)).map(({ id }) => id),
        [2],
        "the passes that are left"
      )
      yield* journal.prune(lease, { recordsMs: 1001, conflictsMs: 0, passesMs: 0 })
      yield* claimIds(journal.items(facility, 10), [2], "the items that are left")
    })
  ),
  law("MUST forget more than one step takes", ({ commit, facility, journal, lease }) =>
    Effect.gen(function* () {
      yield* commit(...Array.from({ length: 1203 }, (_, n) => put(item(n + 1))))
      yield* claimEqual(yield* journal.prune(lease, before(1001)), 1203, "how many are forgotten")
      yield* claimIds(journal.items(facility, 10), [], "what is left")
    })
  ),
  law("MUST have a secret of 32 bytes", ({ journal }) =>
    claimEqual(Redacted.value(journal.secret).length, 32, "its length")
  )
]

/** All laws of the journal. */
export const journalLaws: ReadonlyArray<JournalLaw> = [...leaseLaws, ...items, ...rest]
