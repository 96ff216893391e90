import * as Database from "@bookio-kit/adapter-sql/database/Database"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { applySeed, decodeSeed } from "@bookio-kit/adapter-sql/seed/ApplySeed"
import { Caller } from "@bookio-kit/core/access/Caller"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import { LocalDate } from "@bookio-kit/core/time/LocalDate"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { demoSeed } from "../../src/demo/DemoSeed.ts"

const engine = Layer.provideMerge(Engine.layer, Database.layer({ filename: ":memory:" }))

describe("the demonstration", () => {
  for (const today of ["2026-03-29", "2026-10-24", "2026-12-31", "2028-02-29", "2026-05-01", "2026-11-22"]) {
    it.effect(`MUST be accepted by the engine as a whole on ${today}, once and again`, () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(Date.parse(`${today}T07:00:00Z`))
        const json = demoSeed({ seed: 1, today: LocalDate.make(today) })
        const seed = yield* decodeSeed(json)
        yield* applySeed(seed)
        yield* applySeed(seed)
        const { pagination } = yield* Effect.flatMap(Reservations, (reservations) => reservations.list({})).pipe(
          Effect.provideService(Caller, { channelId: ChannelId.make(1), access: "write", language: "sk" })
        )
        const expected = seed.facilities.flatMap((facility) => facility.reservations ?? []).length
        assert.isAbove(expected, 0)
        assert.strictEqual(pagination.total, expected)
      }).pipe(Effect.provide(engine))
    )
  }
})
