/**
 * The laws are worth something only if they can fail: each mutant has one defect and must break the laws that it names, and
 * no law may be left that no mutant breaks. Where a backend lacks what it declares to lack, the opposite laws hold.
 */
import { concerns, type Law } from "@bookio-kit/conformance/Law"
import { laws } from "@bookio-kit/conformance/Laws"
import type { Report } from "@bookio-kit/conformance/Report"
import { run } from "@bookio-kit/conformance/Run"
import type { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { subject } from "../src/Backend.ts"
import { type Defect, declaring, sound, type Title, titleOf, together } from "../src/Defect.ts"
import { lacking } from "../src/Lacking.ts"
import { mutants } from "../src/Mutants.ts"

const capabilities = Object.keys(lacking) as ReadonlyArray<keyof Capabilities["Service"]>

const runOn = (defect: Defect, tried: ReadonlyArray<Law> = laws) => Effect.provide(run(tried), subject(defect))

const titled = (titles: ReadonlyArray<Title>) => laws.filter((law) => titles.includes(titleOf(law)))

const told = ({ laws }: Report, tag: Report["laws"][number]["outcome"]["_tag"]) =>
  laws.filter(({ outcome }) => outcome._tag === tag).map(({ name, operation }) => `${operation} ${name}`)

const wanting = (capability: keyof Capabilities["Service"], value: boolean) =>
  laws.filter(({ requires }) => requires[capability] === value)

it.effect("a sound backend keeps every law, and every law is tried", () =>
  Effect.gen(function* () {
    const report = yield* runOn(sound)
    assert.deepStrictEqual(told(report, "Fails"), [])
    assert.deepStrictEqual(told(report, "NotRun"), [])
    const all = { channelFlags: true, duplicateIds: true, lateRetries: true, offsets: true }
    const about = laws.filter((law) => concerns(law, { ...all, personDuplicates: true, slots: true, events: true }))
    assert.strictEqual(report.laws.length, about.length)
  })
)

describe("a mutant breaks its laws", () => {
  for (const { caught, defect, name } of mutants) {
    it.effect(name, () =>
      Effect.gen(function* () {
        assert.isNotEmpty(caught)
        const report = yield* runOn(defect, titled(caught))
        assert.sameMembers(told(report, "Fails"), [...caught])
      })
    )
  }
})

describe("capabilities choose between opposite laws", () => {
  for (const capability of capabilities) {
    it.effect(`a backend that lacks ${capability}, and says so, keeps every law`, () =>
      Effect.gen(function* () {
        const report = yield* runOn(together(lacking[capability], declaring({ [capability]: false })))
        assert.deepStrictEqual(told(report, "Fails"), [])
        assert.deepStrictEqual(told(report, "NotRun"), [])
      })
    )
    it.effect(`a backend that lacks ${capability}, and denies it, breaks each law that needs it`, () =>
      Effect.gen(function* () {
        const needing = wanting(capability, true)
        const report = yield* runOn(lacking[capability], needing)
        assert.isNotEmpty(needing)
        assert.sameMembers(told(report, "Fails"), needing.map(titleOf))
      })
    )
    it.effect(`a backend that has ${capability}, and denies it, breaks each law of its absence`, () =>
      Effect.gen(function* () {
        const opposite = wanting(capability, false)
        const report = yield* runOn(declaring({ [capability]: false }), opposite)
        assert.isNotEmpty(opposite)
        assert.sameMembers(told(report, "Fails"), opposite.map(titleOf))
      })
    )
  }
})

it("every law is broken by a mutant, or by a backend that denies what it has", () => {
  const broken = new Set<string>(mutants.flatMap(({ caught }) => caught))
  const opposite = capabilities.flatMap((capability) => [...wanting(capability, true), ...wanting(capability, false)])
  for (const law of opposite) broken.add(titleOf(law))
  assert.deepStrictEqual(
    laws.map(titleOf).filter((title) => !broken.has(title)),
    []
  )
})

it("law titles are unique, and so are the names of mutants", () => {
  assert.strictEqual(new Set(laws.map(titleOf)).size, laws.length)
  assert.strictEqual(new Set(mutants.map(({ name }) => name)).size, mutants.length)
})
