/** Tests of the texts of the domain: what is accepted at each limit, and what a refusal says. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import * as fc from "fast-check"
import * as Words from "../../src/scalar/Words.ts"
import { problems } from "./Support.ts"

const a = (count: number) => "a".repeat(count)

const limits = [
  { name: "PersonName", schema: Words.PersonName, max: 100, mayBeBlank: false },
  { name: "Name", schema: Words.Name, max: 200, mayBeBlank: false },
  { name: "Note", schema: Words.Note, max: 2000, mayBeBlank: true },
  { name: "CancellationReason", schema: Words.CancellationReason, max: 500, mayBeBlank: true },
  { name: "SearchTerm", schema: Words.SearchTerm, max: 254, mayBeBlank: true }
]

describe.each(limits)("$name", ({ max, mayBeBlank, schema }) => {
  it("takes a text up to its limit, in UTF-16 units, and no longer one", () => {
    expect(problems(schema, a(max))).toEqual([])
    expect(problems(schema, "😀".repeat(max / 2))).toEqual([])
    expect(problems(schema, a(max + 1))).toEqual([`tooLong max=${max}`])
    expect(problems(schema, `${a(max - 1)}😀`)).toEqual([`tooLong max=${max}`])
  })

  it.each(["", " ", "\t\n", "\u00a0\u3000"])("judges %j by whether it may be empty", (text) => {
    expect(problems(schema, text)).toEqual(mayBeBlank ? [] : ["empty"])
  })

  it.each(["\u0000", "a\u0000b", "\ud800", "a\udc00", "\udc00\ud800"])("refuses %j", (text) => {
    expect(problems(schema, text)).toEqual(["badCharacters"])
  })

  it("tells every problem of one text", () => {
    expect(problems(schema, `${a(max)}\u0000`)).toEqual(["badCharacters", `tooLong max=${max}`])
  })

  it.each([null, 5, true, [], {}])("wants a text, not %j", (value) => {
    expect(problems(schema, value)).toEqual(["notText"])
  })

  it("keeps a text verbatim", () => {
    const decode = Schema.decodeUnknownSync(schema)
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 30 }), (middle) => {
        const text = ` x${middle.replaceAll("\u0000", "")}e\u0301 `
        expect(decode(text)).toBe(text)
      })
    )
  })
})

const label = a(63)

describe("Email", () => {
  it.each([
    "john@yahoo.com",
    "a@b.cz",
    "o'brien+news@sub.example.co.uk",
    `${a(64)}@example.com`,
    "ján@domov.sk",
    "info@žltýkôň.sk",
    "x@xn--80ak6aa92e.com"
  ])("takes %s", (email) => {
    expect(problems(Words.Email, email)).toEqual([])
  })

  it.each([
    "john",
    "@yahoo.com",
    "john@",
    "john@yahoo",
    "john@@yahoo.com",
    "john@yahoo..com",
    "john@.com",
    "john@yahoo.com.",
    "john@-yahoo.com",
    "john@yahoo-.com",
    "john doe@yahoo.com",
    " john@yahoo.com",
    "john@yahoo.com\n",
    "john@yahoo.com\r\nBcc: x@y.zz",
    "John <john@yahoo.com>",
    "a@b.cz,c@d.cz",
    `${a(65)}@example.com`,
    `x@${a(64)}.com`
  ])("refuses %j", (email) => {
    expect(problems(Words.Email, email)).toEqual(["notEmail"])
  })

  it("takes 254 characters and not 255", () => {
    const of = (length: number) => `${a(64)}@${label}.${label}.${a(length - 64 - 1 - 2 * 64 - 3)}.sk`
    expect(of(254)).toHaveLength(254)
    expect(problems(Words.Email, of(254))).toEqual([])
    expect(problems(Words.Email, of(255))).toEqual(["tooLong max=254"])
  })

  it.each(["", "  "])("says of %j only that it is empty", (email) => {
    expect(problems(Words.Email, email)).toEqual(["empty"])
  })

  it.each(["\u0000@a.cz", "a\ud800@a.cz"])("refuses the characters of %j", (email) => {
    expect(problems(Words.Email, email)).toContain("badCharacters")
  })

  it("wants a text", () => {
    expect(problems(Words.Email, 5)).toEqual(["notText"])
  })

  it("answers within a moment for a text made to make it backtrack", () => {
    const hosts = `a@${"a-".repeat(120)}`
    expect(problems(Words.Email, hosts)).toEqual(["notEmail"])
  })
})

describe("Phone", () => {
  it.each([
    "+421948762315",
    "0905123",
    "123456789012345",
    "+123456789012345",
    "+421 (0) 948/762-315",
    "(02) 123-4567",
    "00421948762315"
  ])("takes %s", (phone) => {
    expect(problems(Words.Phone, phone)).toEqual([])
  })

  it.each([
    "",
    "   ",
    "123456",
    "+123456",
    "1234567890123456",
    "+4219487 ext 5",
    "421+948762315",
    "++421948762315",
    " +421948762315",
    "+421.948.762.315",
    "+421948762315\n",
    "0948\t762315",
    "0948\u00a0762315",
    "٠٩٤٨٧٦٢٣١٥",
    "0948762315\u0000",
    `0948762${" ".repeat(58)}`
  ])("refuses %j", (phone) => {
    expect(problems(Words.Phone, phone)).toEqual(["notPhone"])
  })

  it("wants a text", () => {
    expect(problems(Words.Phone, 421948762315)).toEqual(["notText"])
  })
})

describe("Locale", () => {
  it.each(["sk", "en", "zz"])("takes %s", (locale) => {
    expect(problems(Words.Locale, locale)).toEqual([])
  })

  it.each(["", "s", "SK", "Sk", "sk-SK", "slk", "s1", " sk", "sk\n", "šk"])("refuses %j", (locale) => {
    expect(problems(Words.Locale, locale)).toEqual(["notLocale"])
  })

  it("wants a text", () => {
    expect(problems(Words.Locale, null)).toEqual(["notText"])
  })
})
