/** How many columns a text takes on a terminal, and texts cut to fit. Cells are made safe to show first. */

// Wide and full-width letters, and emoji; combining marks take no room.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u
const none = /\p{Mn}|\p{Me}|[\u200b-\u200d]/u

const widthOfLetter = (letter: string): number => (none.test(letter) ? 0 : wide.test(letter) ? 2 : 1)

// Of one column each, and nothing to hide: the letters of most of Europe, without which the tables of widths are not read.
const isPlain = (text: string) => /^[\x20-\x7e\xa1-\xac\xae-\u02ff]*$/.test(text)

/** The columns that a text without control characters takes. */
export const widthOf = (text: string): number => {
  if (isPlain(text)) return text.length
  let width = 0
  for (const letter of text) width += widthOfLetter(letter)
  return width
}

/** A text in one line, without what would steer the terminal: notes and names come from anyone. */
export const safe = (text: string): string =>
  isPlain(text)
    ? text
    : text.replace(/\s+/gu, " ").replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f]/gu, "\ufffd")

/** A text of at most so many columns, with an ellipsis where it is cut. */
export const cut = (text: string, columns: number): string => {
  if (widthOf(text) <= columns) return text
  let width = 0
  let kept = ""
  for (const letter of text) {
    width += widthOfLetter(letter)
    if (width > columns - 1) break
    kept += letter
  }
  return columns < 1 ? "" : `${kept}…`
}

/** A text filled up with spaces to so many columns. */
export const pad = (text: string, columns: number, align: "left" | "right" = "left"): string => {
  const fill = " ".repeat(Math.max(0, columns - widthOf(text)))
  return align === "left" ? text + fill : fill + text
}
