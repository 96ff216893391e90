/** Tests of when a message is tried again: over a whole life of it, with every draw from the least to the greatest. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import * as Backoff from "../src/Backoff.ts"

const second = 1000
const hour = 3_600_000
const day = 24 * hour

const drawing = (drawn: number) =>
  Effect.provideService(Random.Random, { nextDoubleUnsafe: () => drawn, nextIntUnsafe: () => 0 })

/** The delays of a message that fails at once each time, until it is given up. */
const life = (drawn: number) =>
  Effect.gen(function* () {
    const next = Backoff.make()
    const delays: Array<number> = []
    let nowMs = 0
    for (let attempts = 1; ; attempts++) {
      const nextMs = yield* next({ attempts, firstMs: 0, nowMs })
      if (nextMs === undefined) return { delays, lastMs: nowMs }
      delays.push(nextMs - nowMs)
      nowMs = nextMs
    }
  }).pipe(drawing(drawn))

describe("the next attempt", () => {
  it.effect("comes after 5 seconds, then ever later up to an hour, for 3 days", () =>
    Effect.gen(function* () {
      const { delays, lastMs } = yield* life(0.5)
      expect(delays.slice(0, 11).map((ms) => ms / second)).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600])
      expect(new Set(delays.slice(10))).toEqual(new Set([hour]))
      expect(lastMs).toBeGreaterThan(3 * day - hour)
      expect(lastMs).toBeLessThanOrEqual(3 * day)
    })
  )

  it.effect("is drawn from half to one and a half of that", () =>
    Effect.gen(function* () {
      expect((yield* life(0)).delays[0]).toBe(2.5 * second)
      expect((yield* life(0.9999)).delays[0]).toBe(7.5 * second)
    })
  )

  it.effect.each([
    { asked: 60 * second, delay: 60 * second },
    { asked: 1, delay: 5 * second },
    { asked: 100 * day, delay: hour }
  ])("heeds a receiver that asks for $asked ms, within bounds", ({ asked, delay }) =>
    Effect.gen(function* () {
      const next = Backoff.make()
      expect(yield* next({ attempts: 1, firstMs: 0, nowMs: 0, retryAfterMs: asked })).toBe(delay)
    }).pipe(drawing(0.5))
  )
})
