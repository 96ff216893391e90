/**
 * Texts on their way into and out of iCalendar (RFC 5545, 3.3.11): escapes, and what a calendar cannot hold. An
 * appointment's text is SUMMARY and DESCRIPTION; both sides of a comparison pass through here, so that a text that was
 * written is equal to what is read back.
 */

/** The two properties of an appointment's text. */
export interface TitleAndDescription {
  readonly title: string
  readonly description: string
}

/** Cuts a text after its first line; control characters and halves of surrogate pairs, which a calendar cannot hold, go. */
export const splitText = (text: string): TitleAndDescription => {
  const clean = cleanText(text)
  const at = clean.indexOf("\n")
  return at < 0 ? { title: clean, description: "" } : { title: clean.slice(0, at), description: clean.slice(at + 1) }
}

/** Puts a title and a description together; a title of several lines becomes one. */
export const joinText = (title: string, description: string): string => {
  const first = cleanText(title).replaceAll("\n", " ")
  const rest = cleanText(description)
  return rest === "" ? first : `${first}\n${rest}`
}

/** The text as a calendar gives it back. */
export const canonicalText = (text: string): string => {
  const { title, description } = splitText(text)
  return joinText(title, description)
}

/** Escapes a TEXT value. */
export const escapeText = (text: string): string =>
  text.replace(/[\\;,\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`))

/** Reads a TEXT value's escapes; for values that the parser leaves as they are, those of X- properties. */
export const unescapeText = (text: string): string =>
  text.replace(/\\([\\;,nN])/g, (_, character: string) => (character.toLowerCase() === "n" ? "\n" : character))

const cleanText = (text: string): string =>
  text
    .replace(/\r\n?/g, "\n")
    .replace(/(?![\t\n])\p{Cc}/gu, "")
    .toWellFormed()
