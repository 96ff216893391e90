/**
 * Bytes of a calendar object as text. Some programs fold lines by octets and split a character (RFC 5545, 3.1 allows it),
 * so that such folds must go before UTF-8 is read.
 */
import * as Result from "effect/Result"

/** Reads UTF-8, with or without a byte order mark. A text that is none is a problem: rewriting it would lose letters. */
export const decodeObject = (bytes: Uint8Array): Result.Result<string, { readonly problem: string }> => {
  const joined = new Uint8Array(bytes.length)
  let length = 0
  for (let i = 0; i < bytes.length; i++) {
    const fold = foldLength(bytes, i)
    // A continuation byte after a fold belongs to the character that the fold splits.
    if (fold > 0 && (bytes[i + fold]! & 0xc0) === 0x80) i += fold
    joined[length++] = bytes[i]!
  }
  try {
    return Result.succeed(new TextDecoder("utf-8", { fatal: true }).decode(joined.subarray(0, length)))
  } catch {
    return Result.fail({ problem: "The calendar object is not UTF-8 text; save it as UTF-8" })
  }
}

const foldLength = (bytes: Uint8Array, at: number): number => {
  const newline = bytes[at] === 0x0d && bytes[at + 1] === 0x0a ? 2 : bytes[at] === 0x0a ? 1 : 0
  const blank = bytes[at + newline]
  return newline > 0 && (blank === 0x20 || blank === 0x09) && at + newline + 1 < bytes.length ? newline + 1 : 0
}
