/**
 * What a practice calendar shows of a reservation, by the setting `details` (sync.md, "What flows"). Assumes any text at
 * all in the reservation: control characters are taken out and lengths are bounded, by what a reader sees as a character.
 */
import type { Reservation } from "../reservation/Reservation.ts"

/** How much is shown: nothing of the person, the initials, or name, service and contact. */
export type Details = "none" | "initials" | "full"

/** The most characters (graphemes) of a title, and of what follows it. */
export const MAX_TITLE = 200
export const MAX_DESCRIPTION = 3_000

/**
 * Writes the text of a reservation: the title on the first line, and with `full` phone, email, note and number below it.
 *
 * @param words - `reserved`: what `none` shows, "Reserved" where left out; `service`: the name of the service.
 */
export const describe = (
  details: Details,
  reservation: Pick<Reservation, "name" | "email" | "phone" | "note" | "number">,
  words: { readonly reserved?: string; readonly service?: string } = {}
): string => {
  switch (details) {
    case "none":
      return cut(line(words.reserved ?? "Reserved"), MAX_TITLE)
    case "initials":
      return initials(reservation.name)
    case "full": {
      const { email, name, note, number, phone } = reservation
      const title = [name, words.service].map((part) => line(part ?? "")).filter((part) => part !== "")
      const lines = [line(phone ?? ""), line(email ?? ""), clean(note ?? ""), line(number ?? "")]
      const description = cut(lines.filter((part) => part !== "").join("\n"), MAX_DESCRIPTION)
      const head = title.length === 0 ? "?" : cut(title.join(", "), MAX_TITLE)
      return description === "" ? head : `${head}\n${description}`
    }
  }
}

/**
 * Writes the first letter (or digit) of the first and of the last word, "J. A."; "?" where there is none. Words between
 * are left out, and so are words without a letter.
 */
export const initials = (name: string): string => {
  const letters = line(name)
    .split(" ")
    .flatMap((word) => graphemes(word).find((grapheme) => /^[\p{L}\p{N}]/u.test(grapheme)) ?? [])
    .map((grapheme) => graphemes(grapheme.toUpperCase())[0]!.slice(0, MAX_LETTER))
  const [first] = letters
  if (first === undefined) return "?"
  return letters.length === 1 ? `${first}.` : `${first}. ${letters.at(-1)!}.`
}

// A letter takes any number of combining marks; no script needs more than a few.
const MAX_LETTER = 8

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" })

// Latin letters of one code point each, by which most names are written, need no segmenter.
const plain = /^[ -~\u00a0-\u024f]*$/u

const graphemes = (text: string): ReadonlyArray<string> =>
  plain.test(text) ? text.split("") : Array.from(segmenter.segment(text), ({ segment }) => segment)

/** Keeps line breaks; takes out control characters, what turns the direction of writing, and halves of surrogate pairs. */
const clean = (text: string): string =>
  text
    .normalize("NFC")
    .replace(/\r\n?|[\u0085\u2028\u2029]/gu, "\n")
    .replace(/\t/gu, " ")
    .replace(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu, "")
    .trim()

const line = (text: string): string => clean(text).replace(/\s+/gu, " ")

const cut = (text: string, max: number): string => {
  if (text.length <= max) return text
  // Bounded in code units as well, for the marks of a single character have no end; then the last one may be a piece.
  const seen = graphemes(text.slice(0, max * MAX_LETTER))
  const isWhole = text.length <= max * MAX_LETTER
  if (isWhole && seen.length <= max) return text
  return `${seen.slice(0, Math.min(max, isWhole ? max : seen.length) - 1).join("")}…`
}
