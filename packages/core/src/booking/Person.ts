/**
 * When two bookings are for the same person (engine.md rule 6 (c)). Keys are made once, stored, and compared as plain
 * text; what a key is made of must not change without writing the stored ones anew.
 */
import { dialCodes } from "./DialCodes.ts"

/** A person as a booking names it; an email or a phone that was not given is the empty text. */
export interface Person {
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
}

/** The comparable form of a person; an empty `email` or `phone` says that there is none to compare. */
export interface PersonKey {
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
}

/**
 * Returns the key of a person (engine.md rule 6 (c)): names and email trimmed and case-folded, the phone as the digits
 * of its international number, without a prefix.
 *
 * The country of the facility's address, ISO 3166-1 alpha-3 or alpha-2 in either case, completes a phone that starts
 * with a single 0; where it is unknown the 0 stays.
 */
export const personKey = (person: Person, countryCode: string | undefined): PersonKey => ({
  name: foldCase(person.name),
  surname: foldCase(person.surname),
  email: foldCase(person.email),
  phone: phoneKey(person.phone, countryCode)
})

/**
 * Tells whether two keys are of the same person (engine.md rule 6 (c)): equal name and surname, and equal email or
 * phone. One phone alone is not enough: a parent books two children with it.
 */
export const samePerson = (a: PersonKey, b: PersonKey): boolean =>
  a.name === b.name &&
  a.surname === b.surname &&
  ((a.email !== "" && a.email === b.email) || (a.phone !== "" && a.phone === b.phone))

// Lower case first takes ẞ to ß, upper case then makes that equal to SS and the two lower-case sigmas one; it can also take composed letters apart,
// which the second normalization puts together again.
const foldCase = (text: string): string =>
  text.trim().normalize("NFC").toLowerCase().toUpperCase().toLowerCase().normalize("NFC")

const phoneKey = (phone: string, countryCode: string | undefined): string => {
  const digits = phone.replace(/[^0-9]/g, "")
  if (/^[^0-9]*\+/.test(phone)) return digits
  if (digits.startsWith("00")) return digits.slice(2)
  if (!digits.startsWith("0")) return digits
  const dialCode = dialCodes.get(countryCode?.trim().toUpperCase() ?? "")
  return dialCode === undefined ? digits : dialCode + digits.slice(1)
}
