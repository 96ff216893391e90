import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as UtcOffset from "../../src/time/UtcOffset.ts"

const is = Schema.is(UtcOffset.UtcOffset)
const read = (text: string) => UtcOffset.toMs(Schema.decodeUnknownSync(UtcOffset.UtcOffset)(text))

describe("UtcOffset", () => {
  it.each([
    ["+01:00", 3_600_000],
    ["+00:00", 0],
    ["-03:30", -12_600_000],
    ["+05:45", 20_700_000],
    ["+14:00", 50_400_000],
    ["+00:57:44", 3_464_000],
    ["-00:44:30", -2_670_000],
    ["-00:01:15", -75_000],
    ["+23:59:59", 86_399_000]
  ])("reads and writes %s", (text, ms) => {
    assert.strictEqual(read(text), ms)
    assert.strictEqual(UtcOffset.fromMs(ms), text)
  })

  it("reads what it would write otherwise", () => {
    assert.isTrue(Object.is(read("-00:00"), 0))
    assert.strictEqual(read("+01:00:00"), 3_600_000)
  })

  it.each(["Z", "01:00", "+1:00", "+0100", "+01", "+24:00", "+01:60", "+01:00:60", "+01:00 ", "−01:00", ""])(
    "refuses %j",
    (text) => assert.isFalse(is(text))
  )
})
