import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as fc from "fast-check"
import * as LocalDateTime from "../../src/time/LocalDateTime.ts"

const is = Schema.is(LocalDateTime.LocalDateTime)
const read = (text: string) => LocalDateTime.toLocalMs(Schema.decodeUnknownSync(LocalDateTime.LocalDateTime)(text))

describe("LocalDateTime", () => {
  it.each(["1900-01-01T00:00:00", "2024-02-29T12:30:59", "9999-12-31T23:59:59"])("takes %s", (text) => {
    assert.isTrue(is(text))
    assert.strictEqual(read(text), Date.parse(`${text}Z`))
    assert.strictEqual(LocalDateTime.fromLocalMs(read(text)), text)
  })

  it.each([
    "1899-12-31T23:59:59",
    "2026-02-29T12:00:00",
    "2026-02-31T12:00:00",
    "2026-01-01T24:00:00",
    "2026-01-01T25:00:00",
    "2026-01-01T12:60:00",
    "2026-01-01T12:00:60",
    "2026-01-01t12:00:00",
    "2026-01-01 12:00:00",
    "2026-01-01T12:00",
    "2026-01-01",
    "2026-01-01T12:00:00Z",
    "2026-01-01T12:00:00.0",
    "2026-01-01T12-00:00",
    "2026-01-01T12:00-00",
    "2026-01-01T12:00:0",
    "2026-01-01T12:00:00 ",
    ""
  ])("refuses %j", (text) => assert.isFalse(is(text)))

  it("agrees with the platform on any second, cutting fractions", () =>
    fc.assert(
      fc.property(fc.integer({ min: -25_567 * 86_400_000, max: 2_932_897 * 86_400_000 - 1 }), (ms) => {
        const text = LocalDateTime.fromLocalMs(ms)
        assert.strictEqual(text, new Date(ms).toISOString().slice(0, 19))
        assert.strictEqual(LocalDateTime.toLocalMs(text), Math.floor(ms / 1000) * 1000)
      }),
      { numRuns: 1_000 }
    ))

  it("stays writable past the end of its years", () => {
    assert.strictEqual(LocalDateTime.fromLocalMs(read("9999-12-31T23:59:59") + 1_000), "9999-12-31T23:59:59")
    assert.strictEqual(LocalDateTime.fromLocalMs(read("1900-01-01T00:00:00") - 1), "1900-01-01T00:00:00")
  })
})
