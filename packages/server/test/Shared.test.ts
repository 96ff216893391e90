import type { Page } from "@bookio-kit/core/page/Page"
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import { FacilityId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import type { LocalDateTime } from "@bookio-kit/core/time/LocalDateTime"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { makeServer } from "./Support.ts"

const row = (id: number, name = "Žofia Ďurišová"): Reservation => ({
  id: ReservationId.make(id),
  name,
  service: ServiceId.make(1),
  duration: 30,
  created: "2026-06-01T08:00:00" as LocalDateTime,
  dateFrom: "2026-06-02T08:00:00" as LocalDateTime,
  dateTo: "2026-06-02T08:30:00" as LocalDateTime,
  needsSync: true,
  facilityId: FacilityId.make(1),
  status: "CONFIRMED"
})

const page = (rows: ReadonlyArray<Reservation>): Page<Reservation> => ({
  pagination: { total: rows.length, offset: 0, limit: 100 },
  rows
})

/** The server over a backend that gives these pages, one a request. */
const serving = (pages: ReadonlyArray<Page<Reservation>>) => {
  let next = 0
  return makeServer({ reservations: { list: () => Effect.sync(() => pages[next++]!) } })
}

describe("a page", () => {
  it.effect.each([0, 1, 2, 100])("MUST be sent as its rows are, however many: %s", (count) =>
    Effect.gen(function* () {
      const given = page(Array.from({ length: count }, (_, n) => row(n + 1)))
      const { ask } = yield* serving([given, given])
      for (const time of ["first", "second"]) {
        const { headers, status, text } = yield* ask({ path: "/reservations" })
        const { pagination, rows } = given
        assert.strictEqual(
          text,
          JSON.stringify({ result: { success: true, data: { pagination, reservations: rows } } }),
          time
        )
        assert.strictEqual(status, 200)
        assert.strictEqual(headers.get("content-type"), "application/json")
        assert.strictEqual(headers.get("content-length"), String(Buffer.byteLength(text)))
      }
    })
  )

  it.effect("MUST put rows that were sent before into another page, beside new ones", () =>
    Effect.gen(function* () {
      const [one, two, three] = [row(1), row(2), row(3)]
      const { ask } = yield* serving([page([one, two]), page([two, three]), page([row(1, "Other")])])
      const names = Effect.map(
        ask({ path: "/reservations" }),
        ({ result }) => (result.data as { readonly reservations: ReadonlyArray<Reservation> }).reservations
      )
      assert.deepStrictEqual(yield* names, [one, two])
      assert.deepStrictEqual(yield* names, [two, three])
      assert.deepStrictEqual(yield* names, [row(1, "Other")])
    })
  )

  it.effect("MUST be errorCode 666 where a row does not fit the contract, each time", () =>
    Effect.gen(function* () {
      const wrong = page([{ ...row(1), duration: Number.NaN }])
      const { ask } = yield* serving([wrong, wrong])
      for (const _ of [1, 2]) {
        const { result, status } = yield* ask({ path: "/reservations" })
        assert.deepStrictEqual([status, result.errorCode], [500, 666])
      }
    })
  )
})

describe("a read that waits", () => {
  it.effect("MUST be answered when its backend is ready, as one that does not", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeServer({
        reservations: {
          list: () =>
            Effect.as(
              Effect.promise(() => new Promise(setImmediate)),
              page([row(1)])
            )
        }
      })
      const { result } = yield* ask({ path: "/reservations" })
      assert.isTrue(result.success)
    })
  )
})
