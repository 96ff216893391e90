import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as LocalTime from "../../src/time/LocalTime.ts"

const is = Schema.is(LocalTime.LocalTime)

describe("LocalTime", () => {
  it.each(["24:01", "24:30", "25:00", "23:60", "9:00", "09:0", "09:00:00", "09.00", "-1:00", " 09:00", "09:00\n", ""])(
    "refuses %j",
    (text) => assert.isFalse(is(text))
  )

  it("writes and reads back each minute from 00:00 to 24:00", () => {
    for (let minutes = 0; minutes <= 1440; minutes++) {
      const text = LocalTime.fromMinutes(minutes)
      assert.isTrue(is(text), text)
      assert.strictEqual(LocalTime.toMinutes(text), minutes)
    }
    assert.strictEqual(LocalTime.fromMinutes(0), "00:00")
    assert.strictEqual(LocalTime.fromMinutes(545), "09:05")
    assert.strictEqual(LocalTime.fromMinutes(1439), "23:59")
    assert.strictEqual(LocalTime.fromMinutes(1440), "24:00")
  })
})
