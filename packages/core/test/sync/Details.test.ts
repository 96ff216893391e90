import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { initials, MAX_DESCRIPTION, MAX_TITLE, describe as write } from "../../src/sync/Details.ts"

const john = {
  name: "John Audrey",
  phone: "+421944888777",
  email: "alias@example.com",
  note: "left knee\r\nafter 10",
  number: "a2se8w"
}

describe("describe", () => {
  it("initials: no service, no contact", () =>
    assert.strictEqual(write("initials", john, { service: "Dental check", reserved: "Busy" }), "J. A."))
  it("none: one word, in the practice's language", () => {
    assert.strictEqual(write("none", john, { service: "Dental check" }), "Reserved")
    assert.strictEqual(write("none", john, { reserved: "Rezervované" }), "Rezervované")
  })
  it("full: name and service, then phone, email, note and number", () =>
    assert.strictEqual(
      write("full", john, { service: "Dental check" }),
      "John Audrey, Dental check\n+421944888777\nalias@example.com\nleft knee\nafter 10\na2se8w"
    ))
  it("full: what is not known leaves no empty line", () => {
    assert.strictEqual(write("full", { name: "John Audrey", note: " " }), "John Audrey")
    assert.strictEqual(write("full", { name: " ", phone: "1" }), "?\n1")
  })
  it("takes out control characters, what turns the direction, and halves of pairs", () =>
    assert.strictEqual(
      write("full", { name: "Jo\u0000hn\n\u202eAudrey\ud800", note: "a\u0007\tb\u2028c" }),
      "John Audrey\na b\nc"
    ))
  it("cuts by what a reader sees as a character", () => {
    const family = "👨‍👩‍👧‍👦"
    const [title, description] = write("full", { name: family.repeat(300), note: "x".repeat(5_000) }).split("\n")
    assert.isTrue(title!.endsWith("…"))
    assert.strictEqual(title!.replaceAll(family, ""), "…")
    assert.strictEqual(description, `${"x".repeat(MAX_DESCRIPTION - 1)}…`)
    const pairs = "👩‍👧".repeat(MAX_TITLE)
    assert.strictEqual(write("full", { name: pairs }), pairs)
    assert.strictEqual(write("full", { name: "ď".repeat(MAX_TITLE) }), "ď".repeat(MAX_TITLE))
  })
})

describe("initials", () => {
  it.each([
    ["Anna-Mária Ďurišová", "A. Ď."],
    ["Anna-Mária D\u030curišová", "A. Ď."],
    ["john audrey", "J. A."],
    ["  Ján  Peter Novák ", "J. N."],
    ["Cher", "C."],
    ["(Ján) – „Novák“", "J. N."],
    ["ßen Åse", "S. Å."],
    ["王 小明", "王. 小."],
    ["𝒥ohn Audrey", "𝒥. A."],
    ["", "?"],
    ["  ", "?"],
    ["👨‍👩‍👧‍👦 !", "?"]
  ])("%s is %s", (name, expected) => assert.strictEqual(initials(name), expected))

  it("is short and of one line, whatever the name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (name) => {
        const text = initials(name)
        assert.isAtMost(text.length, 20)
        assert.notMatch(text, /\p{Cc}/u)
        assert.isTrue(text.isWellFormed())
      }),
      { numRuns: 2_000 }
    )
  })
})
