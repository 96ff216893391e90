/**
 * The texts of the domain (api.md, "Scalars"): what may be written in a name, an e-mail, a phone number, a note. Lengths
 * are in UTF-16 units. A text is kept verbatim: nothing is trimmed, escaped or normalised.
 */
import * as Schema from "effect/Schema"
import { check, saying } from "./Check.ts"

// U+0000 cannot be stored by every database, and half of a surrogate pair by none.
const isStorable = (text: string) => !text.includes("\u0000") && text.isWellFormed()

const Text = Schema.String.annotate(saying("notText"))

const upTo = (max: number) =>
  Text.check(check(isStorable, "badCharacters"), Schema.isMaxLength(max, saying("tooLong", { max })))

const isNotBlank = check((text: string) => text.trim().length > 0, "empty", { jsonSchema: { minLength: 1 } })

/** A person's name or surname: 1 to 100 characters, not only white space. */
export const PersonName = upTo(100)
  .check(isNotBlank)
  .annotate({ examples: ["John"] })

/** Any other name (a facility, calendar, service, interval): 1 to 200 characters, not only white space. */
export const Name = upTo(200)
  .check(isNotBlank)
  .annotate({ examples: ["Some service"] })

/** A note: up to 2,000 characters, may be empty. */
export const Note = upTo(2000).annotate({ examples: ["Some note"] })

/** The reason of a cancellation: up to 500 characters. */
export const CancellationReason = upTo(500).annotate({ examples: ["Cant make it."] })

// One @, something before it, and a dotted host name of letters, digits and hyphens behind it (RFC 5321 lengths). Stricter
// forms refuse addresses that work; a mail server has the last word.
const emailPattern =
  /^[^\s@"(),:;<>[\\\]]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])$/u

/** An e-mail address of at most 254 characters. */
export const Email = upTo(254)
  .check(
    isNotBlank,
    check((text: string) => text.trim() === "" || emailPattern.test(text), "notEmail", {
      jsonSchema: { format: "email" }
    })
  )
  .annotate({ examples: ["john@yahoo.com"] })

const phonePattern = /^\+?[\d ()/-]*$/

/** A phone number: an optional +, then 7 to 15 digits, with spaces, -, /, ( and ) allowed. */
export const Phone = Text.check(
  check(
    (text: string) => {
      const digits = text.replace(/\D/g, "").length
      return text.length <= 64 && phonePattern.test(text) && digits >= 7 && digits <= 15
    },
    "notPhone",
    { jsonSchema: { maxLength: 64, pattern: phonePattern.source } }
  )
).annotate({ examples: ["+421948762315"] })

/** A language as ISO 639-1 has it: two letters a-z. */
export const Locale = Text.check(
  check((text: string) => /^[a-z]{2}$/.test(text), "notLocale", { jsonSchema: { pattern: "^[a-z]{2}$" } })
).annotate({
  examples: ["sk"]
})

/** A text to search for: up to 254 characters. */
export const SearchTerm = upTo(254)
