/** The store of a gateway's change feed, and the one in memory, which keep to the same rules. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { EventId } from "@bookio-kit/core/event/Event"
import { FacilityId, ReservationId } from "@bookio-kit/core/scalar/Id"
import * as EventMemory from "@bookio-kit/gateway/EventMemory"
import { EventStore, type Source, type Stretch } from "@bookio-kit/gateway/EventStore"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as EventStorage from "../../src/gateway/EventStorage.ts"
import * as GatewayDatabase from "../../src/gateway/GatewayDatabase.ts"

const storage = (filename: string, url = "https://a.example.com") =>
  Layer.provide(EventStorage.layer, GatewayDatabase.layer(filename, url))

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bookio-events-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const [one, two] = [FacilityId.make(1), FacilityId.make(2)]
const [ofOne, ofBoth] = [new Set([one]), new Set([one, two])]

const loud = { nowMs: 1000, isQuiet: false }
const quiet = { nowMs: 1000, isQuiet: true }
const polled: Source = { _tag: "Polled", contentVersion: 1, wholeMs: 1, reservationsMs: 2, blockedTimesMs: 3 }

const stretch = (
  last: number,
  ids: ReadonlyArray<readonly [id: number, facilityId: FacilityId]>,
  hasGap = false
): Stretch => ({
  facilities: [one, two],
  last: EventId.make(last),
  hasGap,
  events: ids.map(([id, facilityId]) => ({
    id: EventId.make(id),
    facilityId,
    at: "2026-06-01T10:00:00.000Z",
    kind: "reservation.created",
    reservationId: ReservationId.make(id)
  }))
})

for (const [what, layer] of [
  ["in memory", EventMemory.layer],
  ["in a database", storage(":memory:")]
] as const) {
  describe(`the store ${what}`, () => {
    it.effect("makes an event of what is new or looks other than before, and of nothing else", () =>
      Effect.gen(function* () {
        const { find, newest, see } = yield* EventStore
        assert.strictEqual(yield* newest, 0)
        assert.deepStrictEqual(yield* find(ofBoth, 0, 10), { events: [], last: 0, hasGap: false })
        assert.deepStrictEqual(yield* see("reservation", one, [{ id: 1, content: "a" }], quiet), [])
        const rows = [
          { id: 1, content: "a" },
          { id: 2, content: "a" }
        ]
        assert.deepStrictEqual(yield* see("reservation", one, rows, loud), ["reservation.created"])
        assert.deepStrictEqual(yield* see("reservation", one, rows, loud), [])
        assert.deepStrictEqual(yield* see("reservation", one, [{ id: 1, content: "b" }], loud), ["reservation.changed"])
        assert.deepStrictEqual(yield* see("calendar", two, [{ id: 1, content: "b" }], loud), ["calendar.created"])
        const at = "1970-01-01T00:00:01.000Z"
        const [first, second, third] = [1, 2, 3].map((id) => ({ id, at }))
        assert.deepStrictEqual(yield* find(ofBoth, 0, 10), {
          events: [
            { ...first, facilityId: one, kind: "reservation.created", reservationId: 2 },
            { ...second, facilityId: one, kind: "reservation.changed", reservationId: 1 },
            { ...third, facilityId: two, kind: "calendar.created", calendarId: 1 }
          ] as never,
          last: 3,
          hasGap: false
        })
        assert.strictEqual(yield* newest, 3)
      }).pipe(Effect.provide(Layer.fresh(layer)))
    )

    it.effect("pages by id, and past what is other facilities'", () =>
      Effect.gen(function* () {
        const { find, see } = yield* EventStore
        for (let id = 1; id <= 6; id++) {
          yield* see("reservation", id % 2 === 0 ? two : one, [{ id, content: "" }], loud)
        }
        const page = Effect.fnUntraced(function* (after: number) {
          const { events, last } = yield* find(ofOne, after, 2)
          return [events.map(({ id }) => Number(id)), last] as const
        })
        assert.deepStrictEqual(yield* page(0), [[1, 3], 3])
        assert.deepStrictEqual(yield* page(3), [[5], 6])
        assert.deepStrictEqual(yield* page(6), [[], 6])
        assert.deepStrictEqual((yield* find(new Set(), 0, 2)).last, 6)
      }).pipe(Effect.provide(Layer.fresh(layer)))
    )

    it.effect("tells gaps where they are, to whom they concern", () =>
      Effect.gen(function* () {
        const { find, see, setSource, source } = yield* EventStore
        yield* see("reservation", one, [{ id: 1, content: "" }], loud)
        yield* setSource(one, polled, 5000)
        assert.deepStrictEqual(yield* source(one), polled)
        yield* setSource(one, { ...polled, wholeMs: 9 })
        yield* see("reservation", one, [{ id: 2, content: "" }], loud)
        const page = Effect.fnUntraced(function* (after: number, facilities = ofBoth) {
          const { events, hasGap, last } = yield* find(facilities, after, 10)
          return [events.map(({ id }) => Number(id)), hasGap, last] as const
        })
        // A page ends before a gap, so that it is told before what comes after it.
        assert.deepStrictEqual(yield* page(0), [[1], false, 1])
        assert.deepStrictEqual(yield* page(1), [[3], true, 3])
        assert.deepStrictEqual(yield* page(2), [[3], false, 3])
        assert.deepStrictEqual(yield* page(1, new Set([two])), [[], false, 3])
        // The feed of another database.
        assert.deepStrictEqual(yield* page(4), [[], true, 3])
      }).pipe(Effect.provide(Layer.fresh(layer)))
    )

    it.effect("forgets a blocked time with its event, once", () =>
      Effect.gen(function* () {
        const { blockedTimes, find, remove, see } = yield* EventStore
        const rows = [
          { id: 1, content: "a", until: "2026-06-01T10:00:00" },
          { id: 2, content: "a", until: "2026-06-02T10:00:00" }
        ]
        yield* see("blockedTime", one, rows, quiet)
        yield* see("blockedTime", two, [{ id: 3, content: "a", until: "2027-06-02T10:00:00" }], quiet)
        yield* see("reservation", one, [{ id: 2, content: "a" }], quiet)
        assert.deepStrictEqual(yield* blockedTimes(one), [1, 2])
        assert.deepStrictEqual(yield* blockedTimes(one, "2026-06-02T00:00:00"), [2])
        yield* remove(one, [2], 2000)
        yield* remove(one, [2], 2000)
        assert.deepStrictEqual(yield* blockedTimes(one), [1])
        const { events } = yield* find(ofBoth, 0, 10)
        assert.deepStrictEqual(
          events.map(({ kind }) => kind),
          ["blockedTime.removed"]
        )
        // The reservation of the same id is known still.
        assert.deepStrictEqual(yield* see("reservation", one, [{ id: 2, content: "a" }], loud), [])
      }).pipe(Effect.provide(Layer.fresh(layer)))
    )

    it.effect("takes each event of the upstream's feed once", () =>
      Effect.gen(function* () {
        const { find, setSource, source, take } = yield* EventStore
        yield* setSource(one, { _tag: "Followed", last: 10 })
        yield* setSource(two, { _tag: "Followed", last: 12 })
        const events = [
          [11, one],
          [12, two],
          [13, two]
        ] as const
        assert.lengthOf(yield* take(stretch(13, events), 5000), 2)
        assert.lengthOf(yield* take(stretch(13, events), 5000), 0)
        assert.deepStrictEqual(yield* source(one), { _tag: "Followed", last: 13 })
        const ids = Effect.map(find(ofBoth, 0, 10), ({ events, hasGap }) => [
          hasGap,
          ...events.map((event) => ("reservationId" in event ? Number(event.reservationId) : 0))
        ])
        assert.deepStrictEqual(yield* ids, [false, 11, 13])
        // The upstream began anew: its ids are small again.
        assert.lengthOf(yield* take(stretch(2, [[1, one]], true), 5000), 1)
        assert.deepStrictEqual(yield* source(two), { _tag: "Followed", last: 2 })
        assert.isTrue((yield* find(ofBoth, 2, 10)).hasGap)
        // What is read by its listings has no part in it.
        yield* setSource(one, polled)
        assert.lengthOf(
          yield* take(
            stretch(4, [
              [3, one],
              [4, two]
            ]),
            5000
          ),
          1
        )
        assert.deepStrictEqual(yield* source(one), polled)
      }).pipe(Effect.provide(Layer.fresh(layer)))
    )

    it.effect("forgets what is old, and tells who had not read it", () =>
      Effect.gen(function* () {
        const { find, newest, prune, see } = yield* EventStore
        for (let id = 1; id <= 5; id++) {
          yield* see("reservation", one, [{ id, content: "" }], { nowMs: id * 1000, isQuiet: false })
        }
        yield* prune(3000)
        assert.deepStrictEqual((yield* find(ofOne, 0, 10)).events.length, 3)
        assert.isTrue((yield* find(ofOne, 1, 10)).hasGap)
        assert.isFalse((yield* find(ofOne, 2, 10)).hasGap)
        yield* prune(1_000_000)
        assert.strictEqual(yield* newest, 5)
        assert.isTrue((yield* find(ofOne, 2, 10)).hasGap)
        assert.isFalse((yield* find(ofOne, 5, 10)).hasGap)
        yield* see("reservation", one, [{ id: 9, content: "" }], loud)
        assert.strictEqual(yield* newest, 6)
      }).pipe(Effect.provide(Layer.fresh(layer)))
    )
  })
}

it.effect(
  "the feed is there when the file is opened again, for its server only, and the file holds no text of a record",
  () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "gateway.db")
      const seen = [{ id: 1, content: "Planted Patient", until: "2026-06-01T10:00:00" }]
      yield* Effect.gen(function* () {
        const { see, setSource } = yield* EventStore
        yield* see("blockedTime", one, seen, loud)
        yield* setSource(one, polled)
      }).pipe(Effect.provide(storage(filename)))
      yield* Effect.gen(function* () {
        const { find, see, source } = yield* EventStore
        assert.deepStrictEqual(yield* see("blockedTime", one, seen, loud), [])
        assert.lengthOf((yield* find(ofOne, 0, 10)).events, 1)
        assert.deepStrictEqual(yield* source(one), polled)
      }).pipe(Effect.provide(storage(filename)))
      yield* Effect.gen(function* () {
        const { find, source } = yield* EventStore
        assert.lengthOf((yield* find(ofOne, 0, 10)).events, 0)
        assert.isUndefined(yield* source(one))
      }).pipe(Effect.provide(storage(filename, "https://b.example.com")))
      const database = new DatabaseSync(filename, { readOnly: true })
      const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
      const dump = tables.map(({ name }) => JSON.stringify(database.prepare(`SELECT * FROM "${String(name)}"`).all()))
      database.close()
      assert.notInclude(dump.join(), "Planted")
    }).pipe(Effect.scoped)
)
