/** Tests of the catalogues against the English one, and of how a text is rendered and its language chosen. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { en } from "../../src/text/En.ts"
import * as Text from "../../src/text/Text.ts"

const keys = Object.keys(en) as ReadonlyArray<Text.TextKey>
const translations = Text.Language.literals.filter((language) => language !== "en")

/** What a translator must not change: parameters, formats, limits and codes; sorted, as word order differs. */
const fixedParts = (sentence: string): ReadonlyArray<string> =>
  (sentence.match(/\{\w+\}|\d+|\b(?:YYYY|MM|DD|DDTHH|HH|mm|ss)\b|\b[A-Z]{3,}\b|\w+\/\w+|\S+@\S+/g) ?? []).toSorted()

describe.each(translations)("the catalogue %s", (language) => {
  const catalogue = Text.catalogue(language)

  it("has the keys of the English one, in its order", () => {
    expect(Object.keys(catalogue)).toEqual(keys)
  })

  it("leaves no sentence in English", () => {
    expect(keys.filter((key) => catalogue[key] === en[key])).toEqual([])
  })

  it("keeps the parameters, limits and codes of each sentence", () => {
    expect(keys.map((key) => [key, fixedParts(catalogue[key])])).toEqual(keys.map((key) => [key, fixedParts(en[key])]))
  })
})

describe.each(Text.Language.literals)("every sentence of %s", (language) => {
  const catalogue = Text.catalogue(language)

  it("has words, starts in lower case, and ends without a stop or space", () => {
    expect(keys.filter((key) => !/^\p{Ll}.*[^\s.]$/u.test(catalogue[key]))).toEqual([])
  })

  it("is said by one key only", () => {
    const sentences = Object.values(catalogue)
    expect(sentences.filter((sentence, i) => sentences.indexOf(sentence) !== i)).toEqual([])
  })
})

describe("languageOf", () => {
  it.each(Text.Language.literals)("is %s when that is asked for", (language) => {
    expect(Text.languageOf(language)).toBe(language)
  })

  it.each([undefined, "", "fr", "sk-SK", "SK", " sk", "constructor"])("is English for %o", (lang) => {
    expect(Text.languageOf(lang)).toBe("en")
  })
})

describe("render", () => {
  it("puts the field before the sentence", () => {
    expect(Text.render(Text.about("services[0].name", "required"), "en")).toBe("services[0].name: is required")
    expect(Text.render(Text.about("services[0].name", "required"), "sk")).toBe("services[0].name: je povinné")
  })

  it("begins with a capital where there is no field", () => {
    expect(Text.render(Text.say("noReservation"), "en")).toBe("There is no such reservation")
    expect(Text.render(Text.say("paymentError"), "de")).toMatch(/^Die Reservierung /)
  })

  it("fills in every parameter, wherever the language puts it", () => {
    expect(Text.render(Text.about("name", "tooLong", { max: 100 }), "en")).toBe(
      "name: must have at most 100 characters"
    )
    expect(Text.render(Text.about("status", "statusChange", { from: "CANCELED", to: "CONFIRMED" }), "hu")).toBe(
      "status: nem módosítható CANCELED értékről CONFIRMED értékre"
    )
  })

  it("takes the value of a parameter as it is, also where it looks like a parameter or a pattern", () => {
    expect(Text.render(Text.about("ids", "repeated", { value: "{max} $& $1" }), "en")).toBe(
      "ids: must not name {max} $& $1 twice"
    )
  })

  it("keeps the parameter 0", () => {
    expect(Text.render(Text.about("limit", "notWhole", { min: 0, max: 100 }), "en")).toBe(
      "limit: must be a whole number from 0 to 100"
    )
  })
})

describe("Text", () => {
  const decode = Schema.decodeUnknownExit(Text.Text)

  it("leaves out what a text does not have", () => {
    expect(Text.say("timeout")).toStrictEqual({ key: "timeout" })
    expect(Text.about("name", "required")).toStrictEqual({ key: "required", field: "name" })
  })

  it("decodes what say and about make, and refuses a key that no catalogue has", () => {
    expect(decode(Text.say("timeout"))._tag).toBe("Success")
    expect(decode(Text.about("name", "tooLong", { max: 100 }))._tag).toBe("Success")
    expect(decode({ key: "toString" })._tag).toBe("Failure")
    expect(decode({ key: "nonsense" })._tag).toBe("Failure")
  })
})
