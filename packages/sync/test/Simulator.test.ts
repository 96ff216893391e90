import { assert, describe, it } from "@effect/vitest"
import { type RunOptions, run } from "../src/simulator/Simulation.ts"

// Under load a seed takes a tenth of a second; `pnpm sim` runs as many as one likes.
const seeds = 300
const share = 50

/** Runs seeds from the first up to and with the last, and tells what each broke. */
const judge = (first: number, last: number, options: RunOptions = {}) => {
  const failed: Array<string> = []
  for (let seed = first; seed <= last; seed++) {
    for (const { detail, invariant } of run(seed, options).violations)
      failed.push(`seed ${seed}: ${invariant}: ${detail}`)
  }
  const modes = Object.keys(options).map((mode) => ` --${mode}`)
  assert.deepStrictEqual(failed, [], `replay one with: pnpm sim${modes.join("")} --seed N --trace`)
}

describe("the simulator", () => {
  for (let from = 1; from <= seeds; from += share) {
    it(`MUST lose nothing, do nothing twice, settle, be polite and remove nothing without proof: seeds ${from} to ${from + share - 1}`, () => {
      judge(from, from + share - 1)
    }, 120_000)
  }

  it("MUST lose nothing and remove nothing without proof when the journal is put back to an earlier state", () => {
    judge(1, 60, { restores: true })
  }, 120_000)

  it("MUST take nobody's appointment for another's when the server is put back, and make what it lost anew", () => {
    judge(1, 60, { server: true })
  }, 120_000)

  it("MUST lose nothing when practice calendars leave changes out of what they tell, once all is compared", () => {
    judge(1, 60, { skips: true })
  }, 120_000)

  it("MUST do as well where items cannot be read and calendars cannot compare before they write", () => {
    judge(1, 100, { harsh: true })
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
