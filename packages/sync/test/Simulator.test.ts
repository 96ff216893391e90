import { assert, describe, it } from "@effect/vitest"
import { run } from "../src/simulator/Simulation.ts"

// Under load a seed takes a tenth of a second; `pnpm sim` runs as many as one likes.
const seeds = 300
const share = 50

describe("the simulator", () => {
  for (let from = 1; from <= seeds; from += share) {
    it(`MUST lose nothing, do nothing twice, settle, be polite and remove nothing without proof: seeds ${from} to ${from + share - 1}`, () => {
      const failed: Array<string> = []
      for (let seed = from; seed < from + share; seed++) {
        for (const { detail, invariant } of run(seed).violations) failed.push(`seed ${seed}: ${invariant}: ${detail}`)
      }
      assert.deepStrictEqual(failed, [], "replay one with: pnpm sim --seed N --trace")
    }, 120_000)
  }

  it("MUST make no second event of one that was moved before it was read, and free no time that is still taken", () => {
    const failed: Array<string> = []
    for (const seed of [4783, 5118]) {
      for (const { detail, invariant } of run(seed).violations) failed.push(`seed ${seed}: ${invariant}: ${detail}`)
    }
    assert.deepStrictEqual(failed, [], "replay one with: pnpm sim --seed N --trace")
  })

  it("MUST lose nothing and remove nothing without proof when the journal is put back to an earlier state", () => {
    const failed: Array<string> = []
    for (let seed = 1; seed <= 60; seed++) {
      for (const { detail, invariant } of run(seed, { restores: true }).violations) {
        failed.push(`seed ${seed}: ${invariant}: ${detail}`)
      }
    }
    assert.deepStrictEqual(failed, [], "replay one with: pnpm sim --restores --seed N --trace")
  }, 120_000)

  it("MUST lose nothing when practice calendars leave changes out of what they tell, once all is compared", () => {
    const failed: Array<string> = []
    for (let seed = 1; seed <= 60; seed++) {
      for (const { detail, invariant } of run(seed, { skips: true }).violations) {
        failed.push(`seed ${seed}: ${invariant}: ${detail}`)
      }
    }
    assert.deepStrictEqual(failed, [], "replay one with: pnpm sim --skips --seed N --trace")
  }, 120_000)

  it("MUST do as well where items cannot be read and calendars cannot compare before they write", () => {
    const failed: Array<string> = []
    for (let seed = 1; seed <= 100; seed++) {
      for (const { detail, invariant } of run(seed, { harsh: true }).violations) {
        failed.push(`seed ${seed}: ${invariant}: ${detail}`)
      }
    }
    assert.deepStrictEqual(failed, [], "replay one with: pnpm sim --harsh --seed N --trace")
  }, 120_000)

  it("MUST confirm nothing that was changed again after it was acted on", () => {
    const hurried = { hurries: 0.6, batch: 2, edits: 60, intervalMs: 60_000, lengthMs: 1_800_000, malformed: 0 }
    for (const seed of [21, 38, 40, 53, 57]) {
      const { violations } = run(seed, { plant: { settings: (settings) => ({ ...settings, ...hurried }) } })
      assert.deepStrictEqual(violations, [], `seed ${seed}`)
    }
  })

  it("MUST replay a seed to the last byte, and tell another one from it", () => {
    const first = run(11, { keepTrace: true })
    const again = run(11, { keepTrace: true })
    assert.isAbove(first.trace.length, 100)
    assert.strictEqual(again.hash, first.hash)
    assert.deepStrictEqual(again.trace, first.trace)
    assert.notStrictEqual(run(12).hash, first.hash)
  })
})
