/**
 * Content lines (RFC 5545, 3.1): cut apart, so that an item can be changed line by line and all else stays byte for byte,
 * and put together again, folded at 75 octets and never inside a character.
 */
import { maxParameters, Problem } from "./Limits.ts"

/** A content line as it stands, folds included, and unfolded. */
export interface Line {
  readonly raw: string
  readonly text: string
  /** Of the property, in upper case. */
  readonly name: string
}

/** A property's parts: parameters as they are written, and the value with its escapes. */
export interface LineParts {
  readonly parameters: ReadonlyArray<string>
  readonly value: string
}

// CR alone ends lines in what old programs write, and only where nothing else does: inside a text it is one of its signs.
const lineEnd = (text: string): RegExp => (text.includes("\n") ? /\r*\n/ : /\r/)

/** Cuts a text into its content lines; CRLF, LF or CR end one, empty ones are left out. @throws `Problem` */
export const splitLines = (text: string): ReadonlyArray<Line> => {
  const lines: Array<Line> = []
  let raws: Array<string> = []
  const close = () => {
    const first = raws[0]
    if (first === undefined || raws.every((raw) => raw.trim() === "")) return
    const unfolded =
      first +
      raws
        .slice(1)
        .map((raw) => raw.slice(1))
        .join("")
    const { name } = parts(unfolded, lines.length + 1)
    // Blanks after a component's name would be part of it.
    const text = name === "BEGIN" || name === "END" ? unfolded.trim() : unfolded
    lines.push({ raw: raws.join("\r\n"), text, name })
  }
  for (const raw of text.replace(/^\uFEFF/, "").split(lineEnd(text))) {
    if (raws.length > 0 && /^[ \t]/.test(raw)) raws.push(raw)
    else {
      close()
      raws = [raw]
    }
  }
  close()
  return lines
}

/** Gives a content line's parameters and value. */
export const partsOf = (line: Line): LineParts => parts(line.text, 0)

/** Makes a content line, folded; the value is written as it is. */
export const makeLine = (name: string, value: string, parameters: ReadonlyArray<string> = []): Line => {
  const text = `${[name, ...parameters].join(";")}:${value}`
  return { raw: fold(text), text, name }
}

/** Writes lines as a text, each ended by CRLF. */
export const joinLines = (lines: ReadonlyArray<Line>): string => lines.map((line) => `${line.raw}\r\n`).join("")

/** Folds a line so that none has more than 75 octets of UTF-8, the blank that continues it included. */
const fold = (text: string): string => {
  let folded = ""
  let octets = 0
  for (const character of text) {
    const size = Buffer.byteLength(character)
    if (octets + size > 75) {
      folded += "\r\n "
      octets = 1
    }
    folded += character
    octets += size
  }
  return folded
}

const parts = (text: string, number: number): LineParts & { readonly name: string } => {
  const cuts: Array<number> = []
  let quoted = false
  let at = 0
  for (; at < text.length; at++) {
    const character = text[at]
    if (character === '"' && cuts.length > 0) quoted = !quoted
    else if (!quoted && character === ":") break
    else if (!quoted && character === ";") cuts.push(at)
  }
  if (at === text.length)
    throw new Problem(`Content line ${number} of the object is no property; each needs a name and a colon`)
  if (cuts.length > maxParameters)
    throw new Problem(`Content line ${number} of the object has over ${maxParameters} parameters`)
  const parameters = cuts.map((cut, i) => text.slice(cut + 1, cuts[i + 1] ?? at))
  return { name: text.slice(0, cuts[0] ?? at).toUpperCase(), parameters, value: text.slice(at + 1) }
}
