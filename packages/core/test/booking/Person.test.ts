/** Tests of engine.md rule 6 (c): what is one person, and what is not. */

import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type Person, personKey, samePerson } from "../../src/booking/Person.ts"

const jana: Person = { name: "Jana", surname: "Nováková", email: "jana@example.com", phone: "+421 944 888 777" }
const key = (changes: Partial<Person>, country: string | undefined = "SVK") =>
  personKey({ ...jana, ...changes }, country)
const phone = (text: string, country: string | undefined = "SVK"): string => key({ phone: text }, country).phone

describe("personKey", () => {
  it("gives one key to the writings of one number", () => {
    const writings = ["+421 944 888 777", "00421944888777", "0944888777", "421944888777", " (+421) 944/888-777"]
    expect(writings.map((text) => phone(text))).toEqual(writings.map(() => "421944888777"))
  })

  it.each([
    ["0944888777", "CZE", "420944888777"],
    ["0944888777", "SK", "421944888777"],
    ["0944888777", " svk ", "421944888777"],
    ["0944888777", "XXX", "0944888777"],
    ["0944888777", "", "0944888777"],
    ["0944888777", "constructor", "0944888777"],
    ["+0944888777", "SVK", "0944888777"],
    ["944888777", "SVK", "944888777"],
    ["0043 1 234 567", "SVK", "431234567"],
    ["", "SVK", ""],
    ["-", "SVK", ""]
  ])("reads %j in %j as %j", (text, country, expected) => {
    expect(phone(text, country)).toBe(expected)
  })

  it("keeps the 0 where no country is known", () => {
    expect(personKey({ ...jana, phone: "0944 888 777" }, undefined).phone).toBe("0944888777")
  })

  it.each([
    ["JANA", " jana\t"],
    ["Zoe\u0308", "ZO\u00cb"],
    ["Strauß", "STRAUSS"],
    ["ΟΔΥΣΣΕΥΣ", "οδυσσευσ"],
    ["Οδυσσευς", "Οδυσσευσ"],
    ["\u0390", "\u03aa\u0301"],
    ["\u0141ukasz", "\u0142UKASZ"]
  ])("folds the names %j and %j into one", (a, b) => {
    expect(key({ name: a }).name).toBe(key({ name: b }).name)
    expect(key({ surname: a }).surname).toBe(key({ surname: b }).surname)
    expect(key({ email: a }).email).toBe(key({ email: b }).email)
  })

  it.each([
    ["Novák", "Novak"],
    ["Anna Mária", "Anna  Mária"],
    ["Anna Mária", "AnnaMária"]
  ])("keeps the names %j and %j apart", (a, b) => {
    expect(key({ name: a }).name).not.toBe(key({ name: b }).name)
  })

  it("does not depend on case, composition or outer white space, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const folded = key({ name: text }).name
        expect(key({ name: ` ${text.normalize("NFD")}\n` }).name).toBe(folded)
        expect(key({ name: text.toUpperCase() }).name).toBe(folded)
        expect(key({ name: folded }).name).toBe(folded)
      }),
      { numRuns: 2_000 }
    )
  })
})

describe("samePerson", () => {
  const same = (changes: Partial<Person>, of: Partial<Person> = {}): boolean => samePerson(key(of), key(changes))

  it("needs both names, and the email or the phone", () => {
    expect(same({})).toBe(true)
    expect(same({ email: "other@example.com" })).toBe(true)
    expect(same({ phone: "+421 900 000 000" })).toBe(true)
    expect(same({ email: "other@example.com", phone: "+421 900 000 000" })).toBe(false)
  })

  it("tells a parent's children apart", () => {
    expect(same({ name: "Adam" })).toBe(false)
    expect(same({ surname: "Kováčová" })).toBe(false)
  })

  it("finds nothing equal in what is missing", () => {
    expect(same({ email: "", phone: "" }, { email: "", phone: "" })).toBe(false)
    expect(same({ email: " ", phone: "00" }, { email: "", phone: "+" })).toBe(false)
    expect(same({ email: "" }, { email: "" })).toBe(true)
    expect(same({ phone: "" }, { phone: "" })).toBe(true)
  })
})
